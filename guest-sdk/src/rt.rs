//! What `#[tool]` and `export!` expand to. Not part of the API: call these
//! macros instead.

use crate::bindings::mpp::tool::types;
use crate::{Context, Error, Response, Result, ToolInput, ToolOutput};

pub use crate::bindings;
pub use crate::input::NoInput;
pub use types::{Request, Response as WitResponse, ToolDescription, ToolError};

/// A function under `#[tool]`.
pub trait Tool {
    /// What does not depend on its types.
    const ABOUT: About;

    /// The one door to it, so that a type which does not fit is reported once.
    fn answer(ask: Ask<'_>) -> Answer;
}

/// What a tool says of itself in words.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name in the manifest.
    pub name: &'static str,
    /// A name for people.
    pub title: Option<&'static str>,
    /// Its doc comment.
    pub description: &'static str,
}

/// What the host wants of a tool.
#[derive(Clone, Copy, Debug)]
pub enum Ask<'a> {
    /// Its description.
    Describe,
    /// One call.
    Invoke {
        /// The arguments, one JSON object.
        arguments: &'a str,
        /// The call.
        context: &'a Context,
    },
}

/// The answer to an [`Ask`].
#[derive(Clone, Debug)]
pub enum Answer {
    /// To [`Ask::Describe`].
    Described {
        /// JSON Schema of the arguments.
        input_schema: String,
        /// JSON Schema of the result.
        output_schema: Option<String>,
    },
    /// To [`Ask::Invoke`].
    Invoked(Result<Response>),
}

/// Answers for a function of these types.
pub fn answer<I: ToolInput, O: ToolOutput>(
    ask: Ask<'_>,
    function: impl FnOnce(I, &Context) -> Result<O>,
) -> Answer {
    match ask {
        Ask::Describe => Answer::Described {
            input_schema: I::schema().as_value().to_string(),
            output_schema: O::schema().map(|schema| schema.as_value().to_string()),
        },
        Ask::Invoke { arguments, context } => Answer::Invoked(
            I::from_arguments(arguments)
                .and_then(|input| function(input, context))
                .and_then(O::into_response),
        ),
    }
}

/// A `Result`, whatever alias it goes by.
pub trait Fallible {
    /// What it holds in success.
    type Output;
    /// What it holds in failure.
    type Error;
}

impl<T, E> Fallible for Result<T, E> {
    type Output = T;
    type Error = E;
}

/// An error that a tool function may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a tool",
    label = "a tool fails with `mpp_guest::Error`, `String`, or any type with `std::error::Error`",
    note = "return `mpp_guest::Result` and convert with `.map_err(mpp_guest::Error::failed)?`"
)]
pub trait ToolFailure {
    /// The same as the error of this crate.
    fn into_error(self) -> Error;
}

impl<E: Into<Error>> ToolFailure for E {
    fn into_error(self) -> Error {
        self.into()
    }
}

/// What a fallible tool function returned, with the error of this crate.
pub fn result<T, E: ToolFailure>(result: Result<T, E>) -> Result<T> {
    result.map_err(ToolFailure::into_error)
}

/// A tool of a package.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    about: About,
    answer: fn(Ask<'_>) -> Answer,
}

impl Entry {
    /// The entry of a tool.
    pub const fn of<T: Tool>() -> Self {
        Self { about: T::ABOUT, answer: T::answer }
    }
}

/// Refuses, while the package compiles, two tools of one name.
pub const fn assert_unique_names(tools: &[Entry]) {
    let mut first = 0;
    while first < tools.len() {
        let mut second = first + 1;
        while second < tools.len() {
            assert!(
                !equal(tools[first].about.name.as_bytes(), tools[second].about.name.as_bytes()),
                "two tools of this package have the same name"
            );
            second += 1;
        }
        first += 1;
    }
}

const fn equal(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// `handler.describe`
pub fn describe(tools: &[Entry]) -> Vec<ToolDescription> {
    report_panics();
    tools.iter().map(describe_one).collect()
}

fn describe_one(tool: &Entry) -> ToolDescription {
    let About { name, title, description } = tool.about;
    match (tool.answer)(Ask::Describe) {
        Answer::Described { input_schema, output_schema } => ToolDescription {
            name: name.to_owned(),
            title: title.map(str::to_owned),
            description: description.to_owned(),
            input_schema,
            output_schema,
        },
        Answer::Invoked(_) => unreachable!("`answer` answers what it was asked"),
    }
}

/// `handler.invoke`
pub fn invoke(tools: &[Entry], request: Request) -> Result<WitResponse, ToolError> {
    report_panics();
    let Request { tool: name, arguments, context } = request;
    let Some(tool) = tools.iter().find(|tool| tool.about.name == name) else {
        return Err(ToolError::UnknownTool(name));
    };
    let context = Context::from(context);
    let ask = Ask::Invoke { arguments: &arguments, context: &context };
    match (tool.answer)(ask) {
        Answer::Invoked(result) => result.map(Into::into).map_err(Into::into),
        Answer::Described { .. } => unreachable!("`answer` answers what it was asked"),
    }
}

/// Sends the message of a panic to the host's log. A panic is a trap, which
/// carries no text, and `wasm32-unknown-unknown` has no standard error.
fn report_panics() {
    #[cfg(target_family = "wasm")]
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message");
        match panic.location() {
            Some(at) => crate::log::error!("panicked at {at}: {message}"),
            None => crate::log::error!("panicked: {message}"),
        }
    }));
}
