//! `mpp audit settings`

use std::str::FromStr;

use clap::{Args, ValueEnum};
use mpp_audit::limits::MAX_POINTERS;
use mpp_audit::{Durability, JsonPointer, Keep, Keeping};

use crate::context::Context;
use crate::exit::Outcome;
use crate::log::{self, AuditDirectory};
use crate::settings::{self, LogSettings, MAX_RETENTION_DAYS};

/// Show, or choose, how the log is kept from now on
#[derive(Debug, Args)]
#[command(after_help = "\
KEEP is `whole`, `commitment` or `redacted:POINTERS`. With `commitment` nothing of it is kept, and
who has it can still be shown to have it. With `redacted:/user/email,/token` what these JSON
pointers (RFC 6901) name is blacked out before anything is written; what is no JSON is then kept as
a commitment only. Records bind what is kept, and are never changed by a later choice.

With `relaxed` a call does not wait for the disk: who pulls the plug can make the last second
undone. Each call is on record with what it waited for, and each choice is on record, too.")]
pub(crate) struct Settings {
    /// What a call waits for before an effect, and before its output
    #[arg(long, value_name = "WORD")]
    durability: Option<DurabilityWord>,
    /// What to keep of the arguments of calls
    #[arg(long, value_name = "KEEP")]
    input: Option<KeepWord>,
    /// What to keep of what tools answered
    #[arg(long, value_name = "KEEP")]
    output: Option<KeepWord>,
    /// What to keep of what tools said to their operator
    #[arg(long, value_name = "KEEP")]
    log: Option<KeepWord>,
    /// What to keep of the host calls that were allowed: paths, URLs, names of variables
    #[arg(long, value_name = "KEEP")]
    calls: Option<KeepWord>,
    /// What to keep of why calls ended as they did
    #[arg(long, value_name = "KEEP")]
    reason: Option<KeepWord>,
    /// What to keep of what calls were denied: paths, URLs, names of variables
    #[arg(long, value_name = "KEEP")]
    denial: Option<KeepWord>,
    /// After how many days `mpp audit erase --expired` destroys all of that, or none for never
    #[arg(long, value_name = "DAYS|none")]
    retention_days: Option<Days>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    audit: AuditDirectory,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DurabilityWord {
    /// For its record to be on the disk
    Strict,
    /// For nothing; its record is on the disk about a second later
    Relaxed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct KeepWord(Keep);

impl FromStr for KeepWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let keep = match text.split_once(':') {
            None if text == "whole" => Keep::Whole,
            None if text == "commitment" => Keep::Commitment,
            Some(("redacted", pointers)) if !pointers.is_empty() => Keep::Redacted(parse(pointers)?),
            _ => return Err("write whole, commitment, or redacted:/POINTER,/POINTER".to_owned()),
        };
        Ok(Self(keep))
    }
}

fn parse(pointers: &str) -> Result<Vec<JsonPointer>, String> {
    let pointers: Result<Vec<JsonPointer>, _> = pointers.split(',').map(str::parse).collect();
    let pointers = pointers.map_err(|error| error.to_string())?;
    if pointers.len() > MAX_POINTERS {
        return Err(format!("at most {MAX_POINTERS} pointers can be put on record"));
    }
    Ok(pointers)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Days(Option<u64>);

impl FromStr for Days {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(days @ 1..=MAX_RETENTION_DAYS) => Ok(Self(Some(days))),
            _ if text == "none" => Ok(Self(None)),
            _ => Err(format!("write a number of days from 1 to {MAX_RETENTION_DAYS}, or none")),
        }
    }
}

impl Settings {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let settings = if self.chooses() {
            // Held until the file is written: whoever is asked to let go of the log reads
            // it when they come back.
            let log = log::open_alone(&self.audit.of(&home), context.streams)?;
            let actor = context.environment.user();
            let record = |chosen: &LogSettings| {
                log.append(&chosen.event(actor)).map(drop).map_err(|error| log::unavailable(&error))
            };
            let chosen = settings::change(&home, |settings| self.apply(settings), record)?;
            drop(log);
            chosen
        } else {
            settings::read(&home)?
        };
        if self.json {
            return context.streams.json(&settings);
        }
        lines(&settings).iter().try_for_each(|line| context.streams.line(line))
    }

    fn chooses(&self) -> bool {
        let keeps = [&self.input, &self.output, &self.log, &self.calls, &self.reason, &self.denial];
        self.durability.is_some() || self.retention_days.is_some() || keeps.iter().any(|keep| keep.is_some())
    }

    fn apply(&self, settings: &mut LogSettings) {
        match self.durability {
            Some(DurabilityWord::Strict) => settings.durability = Durability::Strict,
            Some(DurabilityWord::Relaxed) => settings.durability = Durability::Relaxed,
            None => {}
        }
        if let Some(Days(days)) = self.retention_days {
            settings.retention_days = days;
        }
        let Keeping { input, output, log, calls, reason, denial } = &mut settings.keeping;
        for (chosen, kept) in [
            (&self.input, input),
            (&self.output, output),
            (&self.log, log),
            (&self.calls, calls),
            (&self.reason, reason),
            (&self.denial, denial),
        ] {
            if let Some(KeepWord(keep)) = chosen {
                kept.clone_from(keep);
            }
        }
    }
}

fn lines(settings: &LogSettings) -> Vec<String> {
    let LogSettings { durability, keeping, retention_days } = settings;
    let durability = match durability {
        Durability::Strict => "strict: a call waits for its records to be on the disk",
        Durability::Relaxed => "relaxed: the last second can be lost when the power goes",
    };
    let mut lines = vec![format!("durability  {durability}")];
    lines.extend(Keeping::FIELDS.map(|field| format!("{:<11} {}", field.as_str(), words(keeping.of(field)))));
    lines.push(match retention_days {
        None => "retention   for as long as there is the log".to_owned(),
        Some(days) => format!("retention   {days} days; `mpp audit erase --expired` destroys what is older"),
    });
    lines
}

/// As the command line spells it.
fn words(keep: &Keep) -> String {
    match keep {
        Keep::Whole => "whole".to_owned(),
        Keep::Commitment => "commitment".to_owned(),
        Keep::Redacted(pointers) => {
            let pointers: Vec<_> = pointers.iter().map(ToString::to_string).collect();
            format!("redacted:{}", pointers.join(","))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_spelled_as_it_was_typed() {
        for text in ["whole", "commitment", "redacted:/user/email", "redacted:/a,/b/0,/c~1d"] {
            let KeepWord(keep) = text.parse().unwrap();
            assert_eq!(words(&keep), text);
        }
    }

    #[test]
    fn what_is_no_choice_is_refused_with_the_words_there_are() {
        for text in
            ["", "none", "Whole", "redacted", "redacted:", "redacted:email", "redacted:/a,b", "whole:/a"]
        {
            assert!(text.parse::<KeepWord>().is_err(), "{text}");
        }
        let many = vec!["/a"; MAX_POINTERS + 1].join(",");
        assert!(format!("redacted:{many}").parse::<KeepWord>().is_err());
        for text in ["", "0", "-1", "36501", "1d"] {
            assert!(text.parse::<Days>().is_err(), "{text}");
        }
        assert_eq!(("none".parse(), "30".parse()), (Ok(Days(None)), Ok(Days(Some(30)))));
    }
}
