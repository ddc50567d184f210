//! Asking a person for what only a person may give.

use mpp_package::VerifiedPackage;
use mpp_policy::Permissions;

use crate::exit::{Blame, Failure, Outcome};
use crate::output::{Streams, plain_line};

/// Who said yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// A person, on a terminal.
    Person,
    /// The command line, by `--grant`.
    CommandLine,
}

/// What a package is asked for, and what it had before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// The package, verified: only then is its publisher worth showing.
    pub(crate) package: &'a VerifiedPackage,
    /// What an installed version of it was granted; none for a new package.
    pub(crate) before: Option<&'a Permissions>,
    /// What is asked: `Install it?`
    pub(crate) question: &'a str,
    /// Whether the command line has answered already.
    pub(crate) granted: bool,
}

impl Request<'_> {
    /// Shows what the package is and wants, and returns who said yes.
    pub(crate) fn ask(self, streams: &mut Streams<'_>) -> Outcome<Consent> {
        self.show(streams);
        if self.granted {
            return Ok(Consent::CommandLine);
        }
        match streams.ask(self.question) {
            Some(true) => Ok(Consent::Person),
            Some(false) => Err(Failure::new(Blame::Grant, "not granted")
                .because("the answer was no")
                .next("nothing was changed")),
            None => Err(Failure::new(Blame::Grant, "not granted")
                .because("there is no terminal to ask on")
                .next("read the permissions above, and add --grant if they are right")),
        }
    }

    fn show(self, streams: &mut Streams<'_>) {
        let manifest = self.package.manifest();
        streams.say(&format!(
            "{} {} by {}",
            manifest.name(),
            plain_line(&manifest.version().to_string()),
            manifest.publisher()
        ));
        streams.say(&format!("  {}", plain_line(manifest.description())));
        streams.say(&format!("  digest     {}", self.package.digest()));
        let keys: Vec<_> = self.package.key_ids().iter().map(ToString::to_string).collect();
        streams.say(&format!("  signature  holds, by the key you trust: {}", keys.join(", ")));
        for line in permissions(manifest.permissions(), self.before) {
            streams.say(&line);
        }
    }
}

/// The permissions in plain words, and what is new about them.
fn permissions(wanted: &Permissions, before: Option<&Permissions>) -> Vec<String> {
    let mut lines = match before {
        None => listed("It can", "It can touch nothing outside itself.", wanted),
        Some(before) => {
            let (more, less) = (wanted.beyond(before), before.beyond(wanted));
            let mut lines = listed("It asks for more than before. New:", "It asks for nothing new.", &more);
            if !less.is_empty() {
                lines.extend(listed("No longer:", "", &less));
            }
            let kept = wanted.intersect(before);
            if !kept.is_empty() {
                lines.extend(listed("As before, it can", "", &kept));
            }
            lines
        }
    };
    if !wanted.is_empty() {
        lines.push("  and nothing else.".to_owned());
    }
    lines
}

fn listed(heading: &str, nothing: &str, permissions: &Permissions) -> Vec<String> {
    let sentences = permissions.sentences();
    if sentences.is_empty() {
        return vec![format!("  {nothing}")];
    }
    let mut lines = vec![format!("  {heading}")];
    lines.extend(sentences.iter().map(|sentence| format!("    - {}", plain_line(sentence))));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(clock: bool, random: bool) -> Permissions {
        Permissions { clock, random, ..Permissions::none() }
    }

    #[test]
    fn a_package_without_permissions_is_said_to_touch_nothing() {
        assert_eq!(permissions(&Permissions::none(), None), ["  It can touch nothing outside itself."]);
    }

    #[test]
    fn an_update_shows_what_is_new_what_is_gone_and_what_stays() {
        assert_eq!(
            permissions(&clock(true, true), Some(&clock(true, false))),
            [
                "  It asks for more than before. New:",
                "    - draw random numbers",
                "  As before, it can",
                "    - know the time",
                "  and nothing else.",
            ]
        );
        assert_eq!(
            permissions(&clock(false, true), Some(&clock(true, true))),
            [
                "  It asks for nothing new.",
                "  No longer:",
                "    - know the time",
                "  As before, it can",
                "    - draw random numbers",
                "  and nothing else.",
            ]
        );
    }
}
