//! What a tool may return.

use std::any::{Any, TypeId};
use std::mem;

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::schema;
use crate::{Content, Response, Result};

/// What a tool may return, alone or as the `Ok` of a `Result`.
///
/// | the function returns | the caller gets |
/// |---|---|
/// | a type with `serde::Serialize` and `schemars::JsonSchema` | it as structured JSON under an output schema, and the same JSON as text |
/// | [`Structured<T>`] | the same, with content of your choice instead of the JSON text |
/// | `String` or `&'static str` | one text |
/// | [`Response`] | its parts |
/// | nothing | an empty response |
///
/// Structured JSON is always an object. A value that is none (a number, a list,
/// an absent option) travels as `{"result": value}`, and the output schema says
/// so.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a tool",
    label = "a tool returns a type that derives `serde::Serialize` and `schemars::JsonSchema`, or `String`, or `mpp_guest::Response`, or a `Result` of one of them",
    note = "write `#[derive(serde::Serialize, schemars::JsonSchema)]` on `{Self}`"
)]
pub trait ToolOutput {
    /// JSON Schema of the structured part; none if the tool has content only.
    #[doc(hidden)]
    fn schema() -> Option<Schema>;

    /// Makes the response.
    #[doc(hidden)]
    fn into_response(self) -> Result<Response>;
}

impl<T> ToolOutput for T
where
    T: Serialize + JsonSchema + 'static,
{
    fn schema() -> Option<Schema> {
        (!is::<T, String>() && !is::<T, &'static str>() && !is::<T, ()>()).then(schema::of_output::<T>)
    }

    fn into_response(mut self) -> Result<Response> {
        // These three are serialisable as well, so they cannot have
        // implementations of their own.
        let value: &mut dyn Any = &mut self;
        if let Some(text) = value.downcast_mut::<String>() {
            return Ok(Response::new().text(mem::take(text)));
        }
        if let Some(text) = value.downcast_ref::<&'static str>() {
            return Ok(Response::new().text(*text));
        }
        if value.is::<()>() {
            return Ok(Response::new());
        }
        let json = to_object(&self)?;
        Ok(Response { content: vec![Content::Text(json.clone())], structured: Some(json) })
    }
}

impl ToolOutput for Response {
    fn schema() -> Option<Schema> {
        None
    }

    fn into_response(self) -> Result<Response> {
        Ok(self)
    }
}

/// Typed data for a program, and content of your choice for a person or a
/// model: the result of a tool whose data reads badly as JSON.
///
/// ```
/// # use serde::Serialize;
/// # use schemars::JsonSchema;
/// use mpp_guest::{Response, Structured};
///
/// #[derive(Serialize, JsonSchema)]
/// struct Totals { rows: u64, sum: f64 }
///
/// /// Adds up what is known.
/// #[mpp_guest::tool]
/// fn totals() -> Structured<Totals> {
///     let totals = Totals { rows: 2, sum: 5.5 };
///     let text = format!("{} rows, {} in all", totals.rows, totals.sum);
///     Structured::new(totals, Response::new().text(text))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Structured<T> {
    value: T,
    response: Response,
}

impl<T> Structured<T> {
    /// Joins the data with the parts of `response`.
    pub fn new(value: T, response: Response) -> Self {
        Self { value, response }
    }

    /// The data.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The parts.
    pub fn content(&self) -> &[Content] {
        self.response.content()
    }
}

impl<T> ToolOutput for Structured<T>
where
    T: Serialize + JsonSchema,
{
    fn schema() -> Option<Schema> {
        Some(schema::of_output::<T>())
    }

    fn into_response(self) -> Result<Response> {
        let Self { value, response } = self;
        Ok(Response { content: response.content, structured: Some(to_object(&value)?) })
    }
}

/// The value as a JSON object; the counterpart of [`schema::of_output`].
fn to_object<T: Serialize>(value: &T) -> Result<String> {
    let json = serde_json::to_string(value)?;
    Ok(if json.starts_with('{') { json } else { format!("{{\"{}\":{json}}}", schema::RESULT) })
}

fn is<T: 'static, U: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<U>()
}
