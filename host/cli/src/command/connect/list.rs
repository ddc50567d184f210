//! Which clients are known, and which are connected.

use mpp_mcp::clients::{self, EditError, Edited, Entry, KnownClient};
use serde::Serialize;
use serde_json::json;

use super::entry;
use super::file::Configuration;
use super::name::ServerName;
use super::places::Place;
use crate::context::Context;
use crate::exit::Outcome;

/// How a client stands to this program. The words are a promise to scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// Its configuration has the entry.
    Connected,
    /// It has not.
    NotConnected,
    /// Nothing here is the client's.
    NotInstalled,
    /// Another server has the name.
    Taken,
    /// The configuration cannot be read.
    Unreadable,
}

/// One client.
#[derive(Debug, Serialize)]
struct Row {
    client: &'static str,
    state: State,
    file: String,
    /// Why, where the state is the user's to put right.
    problem: Option<String>,
}

/// Shows all clients.
pub(super) fn show(name: &ServerName, as_json: bool, context: &mut Context<'_, '_>) -> Outcome {
    let rows =
        KnownClient::ALL.into_iter().map(|client| row(client, name, context)).collect::<Outcome<Vec<_>>>()?;
    if as_json {
        return context.streams.json(&json!({ "clients": rows }));
    }
    let cells =
        rows.iter().map(|row| vec![row.client.to_owned(), row.state.words().to_owned(), row.file.clone()]);
    context.streams.table(&["client", "state", "file"], cells.collect())?;
    for Row { client, problem, .. } in &rows {
        if let Some(problem) = problem {
            context.streams.warn(&format!("{client}: {problem}"));
        }
    }
    Ok(())
}

fn row(client: KnownClient, name: &ServerName, context: &Context<'_, '_>) -> Outcome<Row> {
    let place = Place::of(client, context.environment)?;
    let entry = entry::of(client, name, &[], context.environment)?;
    let (state, problem) =
        if place.is_used() { state(client, &place, &entry) } else { (State::NotInstalled, None) };
    Ok(Row { client: client.name(), state, file: place.file().display().to_string(), problem })
}

fn state(client: KnownClient, place: &Place, entry: &Entry) -> (State, Option<String>) {
    let file = match Configuration::read(place.file()) {
        Ok(file) => file,
        Err(failure) => return (State::Unreadable, Some(failure.what().to_owned())),
    };
    match clients::disconnect(client, file.text(), entry) {
        Ok(Edited::Changed(_)) => (State::Connected, None),
        Ok(Edited::Unchanged) => (State::NotConnected, None),
        Err(error @ EditError::Taken { .. }) => (State::Taken, Some(error.to_string())),
        Err(error) => (State::Unreadable, Some(error.to_string())),
    }
}

impl State {
    fn words(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::NotConnected => "not connected",
            Self::NotInstalled => "not installed",
            Self::Taken => "taken by another server",
            Self::Unreadable => "unreadable",
        }
    }
}
