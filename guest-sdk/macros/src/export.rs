//! `export!(one, two)`

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Error, Path, Token};

use crate::tool::tool_type;

pub fn expand(input: TokenStream) -> TokenStream {
    match types(input) {
        Ok(tools) => implement(&tools),
        Err(error) => error.into_compile_error(),
    }
}

/// The types that `#[tool]` put beside the named functions.
fn types(input: TokenStream) -> syn::Result<Vec<Path>> {
    let functions = Punctuated::<Path, Token![,]>::parse_terminated.parse2(input)?;
    if functions.is_empty() {
        return Err(Error::new(
            proc_macro2::Span::call_site(),
            "name the tools of this package: `mpp_guest::export!(one, another)`",
        ));
    }
    let mut seen = Vec::new();
    let mut types = Vec::new();
    for function in functions {
        let text = function.to_token_stream().to_string();
        if seen.contains(&text) {
            return Err(Error::new_spanned(function, "this tool is in the list already"));
        }
        seen.push(text);
        types.push(type_of(function)?);
    }
    Ok(types)
}

fn type_of(mut function: Path) -> syn::Result<Path> {
    if function.segments.iter().any(|part| !part.arguments.is_none()) {
        return Err(Error::new_spanned(
            function,
            "expected the name of a function under `#[mpp_guest::tool]`",
        ));
    }
    if let Some(name) = function.segments.last_mut() {
        name.ident = tool_type(&name.ident);
    }
    Ok(function)
}

fn implement(tools: &[Path]) -> TokenStream {
    quote! {
        const _: () = {
            const TOOLS: &[::mpp_guest::rt::Entry] =
                &[#(::mpp_guest::rt::Entry::of::<#tools>()),*];

            ::mpp_guest::rt::assert_unique_names(TOOLS);

            #[cfg_attr(not(target_family = "wasm"), allow(dead_code))]
            struct Package;

            impl ::mpp_guest::bindings::exports::mpp::tool::handler::Guest for Package {
                fn describe() -> ::std::vec::Vec<::mpp_guest::rt::ToolDescription> {
                    ::mpp_guest::rt::describe(TOOLS)
                }

                fn invoke(
                    request: ::mpp_guest::rt::Request,
                ) -> ::mpp_guest::Result<::mpp_guest::rt::WitResponse, ::mpp_guest::rt::ToolError> {
                    ::mpp_guest::rt::invoke(TOOLS, request)
                }
            }

            // The exports have names that a linker for the author's own machine
            // does not take.
            #[cfg(target_family = "wasm")]
            ::mpp_guest::bindings::export_handler!(Package with_types_in ::mpp_guest::bindings);
        };
    }
}
