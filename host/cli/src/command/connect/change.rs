//! What becomes of a configuration.
//!
//! Removing an entry leaves everything else as it is, and that is not always what
//! was there before: a table of servers that was empty, or no file at all. So if a
//! backup differs from the configuration in nothing but the entry, the backup is
//! what was there, byte for byte.

use mpp_mcp::clients::{self, EditError, Edited, Entry, KnownClient};

use super::file::Configuration;
use crate::exit::{Failure, Outcome};

/// What becomes of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It says already what it should.
    Nothing,
    /// It gets this text.
    Text(String),
    /// The file goes: it was made for the entry, and holds nothing else.
    Gone,
}

/// Puts the entry in.
pub(super) fn connect(client: KnownClient, file: &Configuration, entry: &Entry) -> Outcome<Change> {
    match clients::connect(client, file.text(), entry) {
        Ok(Edited::Unchanged) => Ok(Change::Nothing),
        Ok(Edited::Changed(text)) => Ok(Change::Text(text)),
        Err(error) => Err(refused(client, file, &error)
            .next(format!("to see what would be written: mpp connect {client} --print"))),
    }
}

/// Takes the entry out.
pub(super) fn disconnect(client: KnownClient, file: &Configuration, entry: &Entry) -> Outcome<Change> {
    match clients::disconnect(client, file.text(), entry) {
        Ok(Edited::Unchanged) => Ok(Change::Nothing),
        Ok(Edited::Changed(without)) => Ok(before(client, &file.kept()?, entry, without)),
        Err(error) => Err(refused(client, file, &error)),
    }
}

/// What was there before, of which `without` is left where the entry is taken out.
fn before(client: KnownClient, kept: &[Option<String>], entry: &Entry, without: String) -> Change {
    let is_unconnected =
        |text: &Option<String>| text.as_ref().is_none_or(|text| is_unconnected(client, text, entry));
    let was_there: Vec<&Option<String>> = kept.iter().filter(|text| is_unconnected(text)).collect();
    if was_there.is_empty() && leaves(client, "", entry, &without) {
        return Change::Gone;
    }
    let same = was_there.into_iter().flatten().find(|text| leaves(client, text, entry, &without));
    Change::Text(same.cloned().unwrap_or(without))
}

fn is_unconnected(client: KnownClient, text: &str, entry: &Entry) -> bool {
    clients::disconnect(client, text, entry) == Ok(Edited::Unchanged)
}

/// Whether of a text into which an entry is put and out of which it is taken again
/// `without` is left. The arguments of the entry do not matter for that.
fn leaves(client: KnownClient, text: &str, entry: &Entry, without: &str) -> bool {
    let Ok(Edited::Changed(with)) = clients::connect(client, text, entry) else { return false };
    clients::disconnect(client, &with, entry) == Ok(Edited::Changed(without.to_owned()))
}

fn refused(client: KnownClient, file: &Configuration, error: &EditError) -> Failure {
    let path = file.path().display();
    match error {
        EditError::Taken { name, .. } => {
            Failure::usage(format!("{path} has a server named {name} that is not this program"))
                .because(error)
                .next(format!("choose another name: mpp connect {client} --name NAME"))
        }
        EditError::Form(_) => Failure::usage(format!("{path} is not a configuration that {client} can read"))
            .because(error)
            .next("put it right, or move it away, then run the same command again"),
        EditError::NotATable(_) | EditError::Repeated(_) | EditError::NotPreserved => {
            Failure::usage(format!("{path} cannot be changed safely")).because(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: KnownClient = KnownClient::Cursor;

    fn entry(arguments: &[&str]) -> Entry {
        Entry {
            name: "mpp".into(),
            command: "/usr/bin/mpp".into(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            environment: Vec::new(),
        }
    }

    fn edited(edited: Result<Edited, EditError>) -> String {
        match edited {
            Ok(Edited::Changed(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    /// What undoing gives, where these texts were kept and this is connected.
    fn undone(kept: &[&str], connected: &str) -> Change {
        let kept: Vec<_> = kept.iter().map(|&text| Some(text.to_owned())).collect();
        let without = edited(clients::disconnect(CLIENT, connected, &entry(&[])));
        before(CLIENT, &kept, &entry(&[]), without)
    }

    fn connected(text: &str) -> String {
        edited(clients::connect(CLIENT, text, &entry(&["serve", "--further"])))
    }

    #[test]
    fn what_was_there_is_there_again_byte_for_byte() {
        for text in ["", "\n", "{}", "{ }\n", "{\"mcpServers\": {}}", "{\n  \"mcpServers\": {\n  }\n}\n"] {
            assert_eq!(undone(&[text], &connected(text)), Change::Text(text.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn what_the_user_changed_since_stays() {
        let kept = "{\n  \"mcpServers\": {}\n}\n";
        let since = connected("{\n  \"mcpServers\": {},\n  \"theme\": 1\n}\n");
        let undone = undone(&[kept], &since);
        assert_eq!(undone, Change::Text("{\n  \"theme\": 1\n}\n".to_owned()));
    }

    #[test]
    fn a_file_that_was_made_for_the_entry_goes_with_it() {
        let made = connected("");
        assert_eq!(undone(&[], &made), Change::Gone);
        assert_eq!(undone(&[&made], &made), Change::Gone);
    }

    #[test]
    fn a_file_that_was_there_does_not_go() {
        let kept = "{\"theme\": 1}";
        let made = connected("");
        assert!(matches!(undone(&[kept], &made), Change::Text(_)));
        let without = edited(clients::disconnect(CLIENT, &made, &entry(&[])));
        let unknown = before(CLIENT, &[None], &entry(&[]), without.clone());
        assert_eq!(unknown, Change::Text(without));
    }
}
