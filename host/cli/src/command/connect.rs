//! `mpp connect`

mod change;
mod diff;
mod entry;
mod file;
mod list;
mod name;
mod places;

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use mpp_mcp::clients::{self, Edited, Entry, KnownClient};
use serde_json::json;

use self::change::Change;
use self::diff::Around;
use self::file::Configuration;
use self::name::ServerName;
use self::places::Place;
use crate::context::Context;
use crate::durable::Lock;
use crate::exit::{Blame, Failure, Outcome};
use crate::output::Streams;

/// Let an MCP client use the installed tools
#[derive(Debug, Args)]
#[command(after_help = "\
Puts `mpp serve` into the client's configuration: shows the change, asks, keeps a backup beside the
file, and leaves everything else in it as it is. --remove puts back what was there. Without CLIENT,
shows which clients are known and which are connected. Where there is no terminal, --yes must answer.

Examples:
  mpp connect claude-code
  mpp connect zed -- text-stats       # only this package
  mpp connect zed --remove")]
pub(crate) struct Connect {
    /// The client
    #[arg(value_parser = PossibleValuesParser::new(KnownClient::ALL.map(KnownClient::name))
        .try_map(|name| name.parse::<KnownClient>()))]
    client: Option<KnownClient>,
    /// Undo it: put back what was there
    #[arg(long, requires = "client")]
    remove: bool,
    /// Only print what belongs into the configuration
    #[arg(long, requires = "client", conflicts_with_all = ["remove", "yes", "json"])]
    print: bool,
    /// Answer the question with yes
    #[arg(long, requires = "client")]
    yes: bool,
    /// What the client calls it
    #[arg(long, value_name = "NAME", default_value = "mpp")]
    name: ServerName,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Further arguments of `mpp serve`; paths in them must be absolute
    #[arg(last = true, requires = "client", conflicts_with = "remove", value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

impl Connect {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let Some(client) = self.client else { return list::show(&self.name, self.json, context) };
        let entry = entry::of(client, &self.name, &self.arguments, context.environment)?;
        if self.print { print(client, &entry, context) } else { self.change(client, &entry, context) }
    }

    fn change(&self, client: KnownClient, entry: &Entry, context: &mut Context<'_, '_>) -> Outcome {
        let place = Place::of(client, context.environment)?;
        if !self.remove {
            place.demand_use()?;
        }
        let lock = || Lock::take(&context.environment.home()?.data().join("connect.lock"));
        // Nobody is kept waiting while a person reads.
        let unasked = self.yes.then(lock).transpose()?;
        let file = Configuration::read(place.file())?;
        let change = if self.remove { change::disconnect } else { change::connect }(client, &file, entry)?;
        if change == Change::Nothing {
            return self.report(client, &file, None, context.streams);
        }
        file.demand_own()?;
        show(&file, &change, context.streams);
        self.ask(context.streams)?;
        let _lock = unasked.map_or_else(lock, Ok)?;
        file.demand_unchanged()?;
        place.make_way()?;
        let backup = file.keep()?;
        match &change {
            Change::Text(text) => file.replace(text)?,
            Change::Gone => file.remove()?,
            Change::Nothing => {}
        }
        self.report(client, &file, Some(backup), context.streams)
    }

    fn ask(&self, streams: &mut Streams<'_>) -> Outcome {
        if self.yes {
            return Ok(());
        }
        let not = |why: &str| Failure::new(Blame::Grant, "nothing was changed").because(why);
        match streams.ask("Change it like this?") {
            Some(true) => Ok(()),
            Some(false) => Err(not("the answer was no")),
            None => Err(not("there is no terminal to ask on")
                .next("read the change above, and add --yes if it is right")),
        }
    }

    /// Says what was done: nothing, or something and what it left as a backup.
    fn report(
        &self,
        client: KnownClient,
        file: &Configuration,
        done: Option<Option<PathBuf>>,
        streams: &mut Streams<'_>,
    ) -> Outcome {
        let (name, path) = (&self.name, file.path().display());
        let changed = done.is_some();
        let backup = done.flatten().map(|path| path.display().to_string());
        match (changed, self.remove) {
            (true, false) => streams.note("connected", &format!("{client} has the server {name} in {path}")),
            (true, true) => streams.note("removed", &format!("{client} has no server {name} any more")),
            (false, false) => streams.note("unchanged", &format!("{client} is already connected by {path}")),
            (false, true) => streams.note("unchanged", &format!("{client} has no server {name} in {path}")),
        }
        if let Some(backup) = &backup {
            streams.note("backup", backup);
        }
        if changed {
            streams.note("next", &format!("if {client} is running, start it again"));
        }
        if !self.json {
            return Ok(());
        }
        streams.json(&json!({
            "client": client.name(), "name": name.as_str(), "file": path.to_string(),
            "connected": !self.remove, "changed": changed, "backup": backup,
        }))
    }
}

/// A configuration that has nothing but the entry.
fn print(client: KnownClient, entry: &Entry, context: &mut Context<'_, '_>) -> Outcome {
    if let Ok(Edited::Changed(text)) = clients::connect(client, "", entry) {
        context.streams.text(&text)?;
    }
    // Whoever edits a file elsewhere needs none here.
    if let Ok(place) = Place::of(client, context.environment) {
        context.streams.note("goes into", &place.file().display().to_string());
    }
    Ok(())
}

fn show(file: &Configuration, change: &Change, streams: &mut Streams<'_>) {
    let new = match change {
        Change::Text(text) => Some(text.as_str()),
        Change::Gone | Change::Nothing => None,
    };
    let around = if streams.terminal.err { Around::SOME } else { Around::NOTHING };
    diff::show(&file.path().display().to_string(), (file.found(), new), around, streams);
}
