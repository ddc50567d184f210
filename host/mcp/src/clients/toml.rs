//! Configurations in TOML.
//!
//! The parser knows one line end, so a text with the other one is edited with the
//! one and written with the other.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, value};

use super::{EditError, Edited, Entry};

/// The key of the table of servers.
const TABLE: &str = "mcp_servers";

/// The line end of Windows.
const CRLF: &str = "\r\n";

pub(super) fn connect(text: &str, entry: &Entry) -> Result<Edited, EditError> {
    let mut document = parsed(text)?;
    let mut implicit = Table::new();
    // `[mcp_servers.name]` says it all.
    implicit.set_implicit(true);
    let servers = document.entry(TABLE).or_insert(Item::Table(implicit));
    let inline = servers.is_inline_table();
    let servers = table(servers, TABLE)?;
    match ours(servers, entry)? {
        Some(server) if says(server, entry) => return Ok(Edited::Unchanged),
        Some(server) => write(server, entry),
        None => {
            servers.insert(&entry.name, made(entry, inline));
        }
    }
    Ok(Edited::Changed(written(&document, text)))
}

pub(super) fn disconnect(text: &str, entry: &Entry) -> Result<Edited, EditError> {
    let mut document = parsed(text)?;
    let Some(servers) = document.get_mut(TABLE) else { return Ok(Edited::Unchanged) };
    let servers = table(servers, TABLE)?;
    if ours(servers, entry)?.is_none() {
        return Ok(Edited::Unchanged);
    }
    servers.remove(&entry.name);
    if servers.is_empty() {
        document.remove(TABLE);
    }
    Ok(Edited::Changed(written(&document, text)))
}

fn parsed(text: &str) -> Result<DocumentMut, EditError> {
    let document: DocumentMut = text
        .replace(CRLF, "\n")
        .parse()
        .map_err(|error: toml_edit::TomlError| EditError::Form(error.to_string()))?;
    if written(&document, text) == text { Ok(document) } else { Err(EditError::NotPreserved) }
}

/// The document with the line ends of `text`.
fn written(document: &DocumentMut, text: &str) -> String {
    let written = document.to_string();
    if text.contains(CRLF) { written.replace('\n', CRLF) } else { written }
}

fn table<'a>(item: &'a mut Item, name: &str) -> Result<&'a mut dyn TableLike, EditError> {
    item.as_table_like_mut().ok_or_else(|| EditError::NotATable(name.to_owned()))
}

/// The server's entry, if it has one.
fn ours<'a>(
    servers: &'a mut dyn TableLike,
    entry: &Entry,
) -> Result<Option<&'a mut dyn TableLike>, EditError> {
    let Some(server) = servers.get_mut(&entry.name) else { return Ok(None) };
    let server = table(server, &format!("{TABLE}.{}", entry.name))?;
    let command = server.get("command").and_then(Item::as_str).unwrap_or_default();
    if entry.is_ours(command) { Ok(Some(server)) } else { Err(entry.taken(command)) }
}

fn made(entry: &Entry, inline: bool) -> Item {
    let mut fields = Table::new();
    write(&mut fields, entry);
    if inline { value(fields.into_inline_table()) } else { Item::Table(fields) }
}

/// Writes the entry's own keys; others, such as a time limit that the user set, stay.
fn write(server: &mut dyn TableLike, entry: &Entry) {
    server.insert("command", value(&entry.command));
    server.insert("args", value(arguments(entry)));
    if entry.environment.is_empty() {
        server.remove("env");
    } else {
        server.insert("env", value(environment(entry)));
    }
}

fn arguments(entry: &Entry) -> Array {
    entry.arguments.iter().collect()
}

fn environment(entry: &Entry) -> InlineTable {
    entry.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Whether an entry says all this already, however it is written.
fn says(server: &dyn TableLike, entry: &Entry) -> bool {
    let command = server.get("command").and_then(Item::as_str);
    let arguments: Option<Vec<&str>> = match server.get("args") {
        None => Some(Vec::new()),
        Some(list) => list.as_array().and_then(|list| list.iter().map(toml_edit::Value::as_str).collect()),
    };
    command == Some(&entry.command)
        && arguments.is_some_and(|arguments| arguments == entry.arguments)
        && has_environment(server, entry)
}

fn has_environment(server: &dyn TableLike, entry: &Entry) -> bool {
    let Some(variables) = server.get("env") else { return entry.environment.is_empty() };
    variables.as_table_like().is_some_and(|variables| {
        variables.len() == entry.environment.len()
            && entry
                .environment
                .iter()
                .all(|(name, value)| variables.get(name).and_then(Item::as_str) == Some(value))
    })
}
