//! Write tools for AI agents as ordinary Rust functions.
//!
//! # A first tool in two minutes
//!
//! `mpp new word-count` makes a directory with everything that follows. By hand,
//! it is a `Cargo.toml` with
//!
//! ```toml
//! [lib]
//! crate-type = ["cdylib"]
//!
//! [dependencies]
//! mpp-guest = { path = "../guest-sdk" } # wherever this crate is
//! schemars = "1.2"
//! serde = { version = "1.0", features = ["derive"] }
//! ```
//!
//! a `src/lib.rs`:
//!
//! ```
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Input {
//!     /// The text whose words are counted.
//!     text: String,
//! }
//!
//! #[derive(Serialize, JsonSchema)]
//! struct Output {
//!     /// How many words the text has.
//!     words: usize,
//! }
//!
//! /// Counts the words of a text.
//! #[mpp_guest::tool]
//! fn word_count(input: Input) -> Output {
//!     Output { words: input.text.split_whitespace().count() }
//! }
//!
//! mpp_guest::export!(word_count);
//! # fn main() {}
//! ```
//!
//! and this `mpp.yaml` beside `Cargo.toml`, which says who publishes the tool
//! and what it may touch (here: nothing):
//!
//! ```yaml
//! publisher: com.example
//! name: word-count
//! version: 0.1.0
//! description: Count words.
//! ```
//!
//! ```console
//! $ mpp run . --input '{"text": "one small step"}'
//! {"words":3}
//! ```
//!
//! The doc comment of the function is what a model reads to choose the tool, and
//! the doc comments of the fields are what it reads to fill them in. Both are
//! frozen into the signed manifest, with JSON Schemas made from the types; the
//! host checks arguments and results against them.
//!
//! # What a tool function looks like
//!
//! See [`tool`] for what it may take and return and [`export!`] for several
//! tools in one package. It can fail with any error: `?` works on everything,
//! [`Error::invalid_input`] tells the model that it asked for nonsense, and a
//! denial by the host stays a denial. It keeps nothing from call to call,
//! because every call runs in a fresh instance.
//!
//! # What a tool may touch
//!
//! | module | needs in `mpp.yaml`, under `permissions` |
//! |---|---|
//! | [`fs`] | `filesystem: { read: ["/data"] }` |
//! | [`fs_write`] | `filesystem: { write: ["/data/out"] }` |
//! | [`http`] | `network: { outbound: ["api.example.com:443"] }` |
//! | [`env`](mod@env) | `env: [API_TOKEN]` |
//! | [`clock`] | `clock: true` |
//! | [`random`] | `random: true` |
//! | [`log`] | nothing |
//! | [`progress`] | nothing |
//!
//! A package imports what its code calls and nothing else, and `mpp build`
//! refuses one that calls what its manifest does not declare.
//!
//! # Two targets
//!
//! - `wasm32-wasip2` (what `mpp new` chooses): all of `std` that the permissions
//!   cover, also `println!` (into the log) and `std::fs`.
//! - `wasm32-unknown-unknown`: smaller and faster to start, and it cannot even
//!   import WASI. `std` still has collections, strings and formatting; its
//!   files, clocks and `println!` do nothing there, so use the modules of this
//!   crate. It sets the global allocator; a tool that brings one of its own takes
//!   this crate with `default-features = false`.
//!
//! On both a panic ends the call as a trap, and its message goes to the host's
//! log.
//!
//! # Tests
//!
//! A tool function stays a function: call it in `#[test]`s with plain
//! `cargo test`, on your machine. The modules in the table above need a host and
//! panic without one, all but [`log`], which writes to standard error there, and
//! [`progress`], which does nothing.

#[cfg(all(target_family = "wasm", target_os = "unknown", feature = "allocator"))]
mod allocator;
#[doc(hidden)]
pub mod bindings;
pub mod clock;
mod context;
mod denial;
pub mod env;
mod error;
pub mod fs;
mod fs_error;
pub mod fs_write;
mod host_only;
pub mod http;
mod http_error;
mod input;
pub mod log;
mod output;
pub mod progress;
pub mod random;
mod response;
#[doc(hidden)]
pub mod rt;
mod schema;

// The macros write `::mpp_guest`, in the unit tests of this crate too.
extern crate self as mpp_guest;

pub use context::Context;
pub use denial::{Denial, Permission};
pub use error::{Error, Result};
pub use input::ToolInput;
pub use output::{Structured, ToolOutput};
pub use response::{Content, EmbeddedResource, Media, ResourceLink, Response};

/// Makes an ordinary function a tool.
///
/// - The doc comment becomes the description, which a model reads to choose the
///   tool. It may not be missing.
/// - The name is that of the function with `-` for `_`; `name = "..."` gives
///   another: 1 to 128 of `A-Z a-z 0-9 _ . -`. `title = "..."` gives a name for
///   people.
/// - The function takes nothing, or one argument by value ([`ToolInput`]), and
///   after it, if it wants to, `&`[`Context`].
/// - It returns what [`ToolOutput`] lists, plainly or in a `Result` with any
///   error that converts into [`Error`].
///
/// The function stays what it was, to be called by tests and other functions.
///
/// ```
/// use mpp_guest::{Context, Error, Result};
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, JsonSchema)]
/// #[serde(deny_unknown_fields)]
/// struct Division {
///     /// What is divided.
///     dividend: f64,
///     /// What it is divided by. Not zero.
///     divisor: f64,
/// }
///
/// #[derive(Serialize, JsonSchema)]
/// struct Quotient {
///     quotient: f64,
/// }
///
/// /// Divides one number by another.
/// #[mpp_guest::tool(name = "divide", title = "Division")]
/// fn divide_numbers(input: Division, context: &Context) -> Result<Quotient> {
///     mpp_guest::log::debug!("asked by {:?}", context.agent());
///     if input.divisor == 0.0 {
///         return Err(Error::invalid_input("`divisor` is zero"));
///     }
///     Ok(Quotient { quotient: input.dividend / input.divisor })
/// }
///
/// mpp_guest::export!(divide_numbers);
/// # fn main() {}
/// ```
pub use mpp_guest_macros::tool;

/// Makes functions under [`tool`] the tools of this package. Once per package,
/// anywhere in it; functions in other modules are named by their path.
///
/// ```
/// mod numbers {
///     /// Adds.
///     #[mpp_guest::tool]
///     pub fn add() {}
/// }
///
/// /// Greets.
/// #[mpp_guest::tool]
/// fn greet() -> &'static str {
///     "hello"
/// }
///
/// mpp_guest::export!(greet, numbers::add);
/// # fn main() {}
/// ```
///
/// Two tools of one name do not compile:
///
/// ```compile_fail,E0080
/// /// Greets.
/// #[mpp_guest::tool]
/// fn greet() {}
///
/// /// Greets as well.
/// #[mpp_guest::tool(name = "greet")]
/// fn salute() {}
///
/// mpp_guest::export!(greet, salute);
/// # fn main() {}
/// ```
///
/// Beside the two functions of the contract, this installs a panic hook that
/// writes the message of a panic to the host's log.
pub use mpp_guest_macros::export;

#[doc(no_inline)]
pub use {schemars, serde, serde_json};
