//! Configurations in JSON, some with comments and trailing commas.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstNode, CstObject, CstObjectProp, CstRootNode};
use serde::de::IgnoredAny;

use super::{EditError, Edited, Entry};

/// What a client's JSON is like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// The key of the table of servers.
    pub(super) table: &'static str,
    /// Whether comments and trailing commas are part of it.
    pub(super) comments: bool,
    /// Whether an entry says that it is a program: `"type": "stdio"`.
    pub(super) typed: bool,
}

pub(super) fn connect(form: Form, text: &str, entry: &Entry) -> Result<Edited, EditError> {
    let root = parsed(form, text)?;
    let top = top(&root, form)?;
    let value = form.value(entry);
    match property(&top, form.table)? {
        None => {
            top.append(form.table, CstInputValue::Object(vec![(entry.name.clone(), value)]));
        }
        Some(table) => {
            let servers = object(&table, form.table)?;
            match ours(&servers, form, entry)? {
                None => {
                    servers.append(&entry.name, value);
                }
                Some(server) if says(&server, &value) => return Ok(Edited::Unchanged),
                Some(server) => server.set_value(value),
            }
        }
    }
    Ok(Edited::Changed(root.to_string()))
}

pub(super) fn disconnect(form: Form, text: &str, entry: &Entry) -> Result<Edited, EditError> {
    let root = parsed(form, text)?;
    if root.value().is_none() {
        return Ok(Edited::Unchanged);
    }
    let Some(table) = property(&top(&root, form)?, form.table)? else { return Ok(Edited::Unchanged) };
    let servers = object(&table, form.table)?;
    let Some(server) = ours(&servers, form, entry)? else { return Ok(Edited::Unchanged) };
    if servers.properties().len() == 1 {
        table.remove()
    } else {
        server.remove()
    }
    Ok(Edited::Changed(root.to_string()))
}

impl Form {
    fn options(self) -> ParseOptions {
        ParseOptions {
            allow_comments: self.comments,
            allow_trailing_commas: self.comments,
            allow_loose_object_property_names: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        }
    }

    fn value(self, entry: &Entry) -> CstInputValue {
        let text = |text: &str| CstInputValue::String(text.to_owned());
        let mut fields = Vec::new();
        if self.typed {
            fields.push(("type".to_owned(), text("stdio")));
        }
        fields.push(("command".to_owned(), text(&entry.command)));
        let arguments = entry.arguments.iter().map(|argument| text(argument)).collect();
        fields.push(("args".to_owned(), CstInputValue::Array(arguments)));
        if !entry.environment.is_empty() {
            let variables = entry.environment.iter().map(|(name, value)| (name.clone(), text(value)));
            fields.push(("env".to_owned(), CstInputValue::Object(variables.collect())));
        }
        CstInputValue::Object(fields)
    }
}

fn parsed(form: Form, text: &str) -> Result<CstRootNode, EditError> {
    if !form.comments && !text.trim().is_empty() {
        // As strict as the client is; the parser below overlooks some comments.
        let read: Result<IgnoredAny, _> = serde_json::from_str(text);
        read.map_err(|error| EditError::Form(error.to_string()))?;
    }
    let root =
        CstRootNode::parse(text, &form.options()).map_err(|error| EditError::Form(error.to_string()))?;
    if root.to_string() == text { Ok(root) } else { Err(EditError::NotPreserved) }
}

fn top(root: &CstRootNode, form: Form) -> Result<CstObject, EditError> {
    root.object_value_or_create().ok_or_else(|| EditError::NotATable(format!("what {} is in", form.table)))
}

/// The one property of a name.
fn property(object: &CstObject, name: &str) -> Result<Option<CstObjectProp>, EditError> {
    let named = |property: &CstObjectProp| property.decoded_name().as_deref() == Some(name);
    let mut found = object.properties().into_iter().filter(named);
    let first = found.next();
    match found.next() {
        None => Ok(first),
        Some(_) => Err(EditError::Repeated(name.to_owned())),
    }
}

fn object(property: &CstObjectProp, name: &str) -> Result<CstObject, EditError> {
    property.object_value().ok_or_else(|| EditError::NotATable(name.to_owned()))
}

/// The server's entry, if it has one.
fn ours(servers: &CstObject, form: Form, entry: &Entry) -> Result<Option<CstObjectProp>, EditError> {
    let Some(server) = property(servers, &entry.name)? else { return Ok(None) };
    let fields = object(&server, &format!("{}.{}", form.table, entry.name))?;
    let command = property(&fields, "command")?.and_then(|command| string(&command)).unwrap_or_default();
    if entry.is_ours(&command) { Ok(Some(server)) } else { Err(entry.taken(&command)) }
}

fn string(property: &CstObjectProp) -> Option<String> {
    property.value()?.as_string_lit()?.decoded_value().ok()
}

/// Whether a property has this value already, however it is written.
fn says(property: &CstObjectProp, value: &CstInputValue) -> bool {
    property.value().is_some_and(|node| equal(&node, value))
}

fn equal(node: &CstNode, value: &CstInputValue) -> bool {
    match value {
        CstInputValue::String(text) => {
            node.as_string_lit().and_then(|literal| literal.decoded_value().ok()).as_ref() == Some(text)
        }
        CstInputValue::Array(values) => node.as_array().is_some_and(|array| {
            let elements = array.elements();
            elements.len() == values.len()
                && elements.iter().zip(values).all(|(element, value)| equal(element, value))
        }),
        CstInputValue::Object(fields) => node.as_object().is_some_and(|object| {
            object.properties().len() == fields.len()
                && fields.iter().all(|(name, value)| {
                    property(&object, name).ok().flatten().is_some_and(|field| says(&field, value))
                })
        }),
        // No entry holds any of these.
        CstInputValue::Null | CstInputValue::Bool(_) | CstInputValue::Number(_) => false,
    }
}
