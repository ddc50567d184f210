//! `mpp audit hold` and `mpp audit release`

use std::path::Path;

use clap::Args;
use mpp_audit::{Entry, EraseError, HoldAction};

use super::evidence;
use crate::context::Context;
use crate::exit::{Blame, Failure, Outcome};
use crate::log::{self, AuditDirectory};

/// Forbid to erase what was said in a call
#[derive(Debug, Args)]
#[command(after_help = "\
A hold is on record with its basis. Until it is released, `mpp audit erase` refuses, also what has
expired. It binds whoever erases by this command, not whoever removes files.")]
pub(crate) struct Hold {
    #[command(flatten)]
    what: What,
}

/// Allow again to erase what was said in a call
#[derive(Debug, Args)]
pub(crate) struct Release {
    #[command(flatten)]
    what: What,
}

/// Which calls, and why.
#[derive(Debug, Args)]
struct What {
    /// The call, by its id
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    id: Option<String>,
    /// Every call, those to come as well
    #[arg(long)]
    all: bool,
    /// On which ground, for the record
    #[arg(long, value_name = "TEXT")]
    basis: String,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Hold {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        self.what.record(HoldAction::Place, context)
    }
}

impl Release {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        self.what.record(HoldAction::Lift, context)
    }
}

impl What {
    fn record(self, action: HoldAction, context: &mut Context<'_, '_>) -> Outcome {
        let site = self.audit.of(&context.home()?);
        self.check(action, &Holds::read(site.directory(), self.id.as_deref())?)?;
        let log = log::open_alone(&site, context.streams)?;
        let Self { id, basis, .. } = self;
        let about = id.clone().map_or("everything".to_owned(), |id| format!("the call {id}"));
        let hold = mpp_audit::Hold { action, id, basis, actor: context.environment.user() };
        let receipt = log.hold(&hold).map_err(|error| not_erased(site.directory(), &error))?;
        let word = match action {
            HoldAction::Place => "held",
            HoldAction::Lift => "released",
        };
        context.streams.note(word, &format!("{about}; record {} says so", receipt.seq));
        Ok(())
    }

    /// A mistyped id holds nothing, and nobody would notice until it is erased.
    fn check(&self, action: HoldAction, holds: &Holds) -> Outcome {
        match (&self.id, action) {
            (Some(id), _) if !holds.is_call => Err(evidence::no_call(id)),
            (Some(id), HoldAction::Lift) if !holds.call && holds.all => {
                Err(Failure::usage(format!("the call {id} is not held by itself: everything is"))
                    .next("mpp audit release --all --basis TEXT"))
            }
            (Some(id), HoldAction::Lift) if !holds.call => {
                Err(Failure::usage(format!("the call {id} is not held")))
            }
            (None, HoldAction::Lift) if !holds.all => {
                Err(Failure::usage("there is no hold on everything")
                    .next("name the call: mpp audit release ID"))
            }
            _ => Ok(()),
        }
    }
}

/// What is held.
#[derive(Default)]
struct Holds {
    /// Everything is.
    all: bool,
    /// The call that was asked about is, by itself.
    call: bool,
    /// There is such a call.
    is_call: bool,
}

impl Holds {
    fn read(directory: &Path, id: Option<&str>) -> Outcome<Self> {
        let mut holds = Self::default();
        evidence::each(directory, |record| match &record.entry {
            Entry::Hold(hold) if hold.id.is_none() => holds.all = hold.action == HoldAction::Place,
            Entry::Hold(hold) if hold.id.as_deref() == id => holds.call = hold.action == HoldAction::Place,
            Entry::Intent(call) if Some(call.id.as_str()) == id => holds.is_call = true,
            _ => {}
        })?;
        Ok(holds)
    }
}

/// Why something was not destroyed, or not put under a hold.
pub(super) fn not_erased(directory: &Path, error: &EraseError) -> Failure {
    match error {
        EraseError::Held { id } => Failure::new(Blame::Grant, "it is held, and was not erased")
            .because_of(error)
            .next(format!("mpp audit release {} --basis TEXT", id.as_deref().unwrap_or("--all"))),
        EraseError::NotFound { .. } => Failure::usage("there is nothing to erase").because_of(error),
        EraseError::Read(error) => evidence::unread(directory, error),
        EraseError::Log(error) => log::unavailable(error),
    }
}
