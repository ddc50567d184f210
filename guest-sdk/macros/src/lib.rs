//! The macros of `mpp-guest`: [`macro@tool`] and [`export!`].
//!
//! Use them through `mpp_guest`, where they are documented with examples. What
//! they expand to calls `mpp_guest::rt` and is no promise.

mod export;
mod tool;

use proc_macro::TokenStream;

/// Makes a function a tool. See `mpp_guest::tool`.
#[proc_macro_attribute]
pub fn tool(options: TokenStream, function: TokenStream) -> TokenStream {
    tool::expand(options.into(), function.into()).into()
}

/// Makes functions under [`macro@tool`] the tools of this package. See
/// `mpp_guest::export`.
#[proc_macro]
pub fn export(tools: TokenStream) -> TokenStream {
    export::expand(tools.into()).into()
}
