//! How a client starts this program: by its whole path, as the agent that the
//! log names, and with what leads to this user's packages. Clients start a server
//! with few of the variables that a shell has.

use std::path::{Path, PathBuf};

use clap::Parser;
use mpp_mcp::clients::{Entry, KnownClient};

use super::super::CommandLine;
use super::name::ServerName;
use crate::exit::{Failure, Outcome};
use crate::home::Environment;

/// The name of this program where it is installed.
const PROGRAM: &str = "mpp";

/// What a client that starts the server speaks to it over.
const STDIO: &str = "--stdio";

/// The entry for a client. `further` are arguments of `mpp serve`.
pub(super) fn of(
    client: KnownClient,
    name: &ServerName,
    further: &[String],
    environment: &Environment,
) -> Outcome<Entry> {
    let ours = ["serve", "--agent", client.name()].map(str::to_owned);
    demand_arguments(&ours, further)?;
    let variables =
        environment.bearings()?.into_iter().map(|(name, path)| Ok((name.to_owned(), text(&path)?)));
    Ok(Entry {
        name: name.as_str().to_owned(),
        command: text(&program(environment)?)?,
        arguments: ours.into_iter().chain(further.iter().cloned()).collect(),
        environment: variables.collect::<Outcome<_>>()?,
    })
}

/// Whoever starts the client would not see why the server did not.
fn demand_arguments(ours: &[String], further: &[String]) -> Outcome {
    let stdio = (!further.iter().any(|argument| argument == STDIO)).then_some(STDIO);
    let line = [PROGRAM].into_iter().chain(ours.iter().chain(further).map(String::as_str)).chain(stdio);
    CommandLine::try_parse_from(line).map(|_| ()).map_err(|error| {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        Failure::usage("a client cannot start `mpp serve` like this")
            .because(first.strip_prefix("error: ").unwrap_or(first))
            .next("mpp serve --help")
    })
}

/// The file of this program, by the name on `PATH` that leads to it if there is
/// one: package managers move that to the next version, and take this one away.
fn program(environment: &Environment) -> Outcome<PathBuf> {
    let executable = environment.executable()?;
    let this = executable.canonicalize().ok();
    let path = environment.variable("PATH").unwrap_or_default();
    let found = std::env::split_paths(path)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(PROGRAM))
        .find(|candidate| candidate.is_file());
    let lasting = found.filter(|found| this.is_some() && found.canonicalize().ok() == this);
    Ok(lasting.unwrap_or_else(|| executable.to_owned()))
}

fn text(path: &Path) -> Outcome<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::usage(format!("{} cannot be named in a configuration", path.display()))
            .because("it is not UTF-8")
    })
}
