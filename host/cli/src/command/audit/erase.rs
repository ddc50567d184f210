//! `mpp audit erase`

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, SystemTime};

use clap::Args;
use mpp_audit::{Entry, Field, HoldAction, Retention, Timestamp};

use super::evidence;
use super::held::not_erased;
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::home::Home;
use crate::log::{self, AuditDirectory, Site};
use crate::settings;
use crate::trust::ends::SECONDS_PER_DAY;

/// Destroy what was said in a call, or everything that has expired
#[derive(Debug, Args)]
#[command(after_help = "\
What callers and tools said is not in the records: they bind it, each by a commitment with a random
salt of its own. Erasing overwrites it and the salt, in place. The records stay, so the log verifies
as before and every proof holds; and without the salt nobody finds out by guessing what it was. That
it is erased, by whom and on what basis goes on record first.

It cannot be undone. Copies of the directory, backups and snapshots of the disk are yours to find.")]
pub(crate) struct Erase {
    /// The call, by its id
    #[arg(value_name = "ID", required_unless_present = "expired", requires = "field", requires = "basis")]
    id: Option<String>,
    /// What of it: input, output, log, calls, reason, denial, declared, granted, limits; can be repeated
    #[arg(long, value_name = "FIELD")]
    field: Vec<Field>,
    /// On which ground, for the record
    #[arg(long, value_name = "TEXT")]
    basis: Option<String>,
    /// Everything that is older than the operator keeps it: `mpp audit settings --retention-days`
    #[arg(long, conflicts_with_all = ["id", "field"])]
    expired: bool,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Erase {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let site = self.audit.of(&home);
        match (self.id, self.basis) {
            (Some(id), Some(basis)) => said(&site, &id, &self.field, &basis, context),
            (_, basis) => expired(&site, &home, basis, context),
        }
    }
}

/// Destroys what was said in one call.
fn said(site: &Site, id: &str, fields: &[Field], basis: &str, context: &mut Context<'_, '_>) -> Outcome {
    // All of it is looked at before anything is destroyed.
    let said = fields_of(site.directory(), id)?;
    if let Some(field) = fields.iter().find(|field| !said.contains(field)) {
        let there = said.iter().map(|field| field.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Failure::usage(format!("the call {id} has no {field}; nothing was erased"))
            .next(format!("it has {there}")));
    }
    let log = log::open_alone(site, context.streams)?;
    for field in fields {
        let (id, basis) = (id.to_owned(), basis.to_owned());
        let erase = mpp_audit::Erase { id, field: *field, basis, actor: context.environment.user() };
        let receipt = log.erase(&erase).map_err(|error| not_erased(site.directory(), &error))?;
        context.streams.note("erased", &format!("{field}; record {} says so", receipt.seq));
    }
    Ok(())
}

/// What the records of a call bind.
fn fields_of(directory: &Path, id: &str) -> Outcome<BTreeSet<Field>> {
    let mut found = None;
    evidence::each(directory, |record| {
        if evidence::call_of(&record.entry) == Some(id) {
            let fields = record.entry.payloads().into_iter().map(|(field, _)| field);
            found.get_or_insert_with(BTreeSet::new).extend(fields);
        }
    })?;
    found.ok_or_else(|| evidence::no_call(id))
}

/// Destroys what is older than the operator keeps it.
fn expired(site: &Site, home: &Home, basis: Option<String>, context: &mut Context<'_, '_>) -> Outcome {
    let Some(days) = settings::read(home)?.retention_days else {
        return Err(Failure::usage("nothing ever expires")
            .because("what was said is kept for as long as there is the log")
            .next("choose for how long: mpp audit settings --retention-days DAYS"));
    };
    let Some(before) = first_to_stay(site.directory(), days)? else {
        context.streams.note("nothing", &format!("nothing is left that is older than {days} days"));
        return Ok(());
    };
    let basis = basis.unwrap_or_else(|| format!("kept for {days} days, as the operator chose"));
    let log = log::open_alone(site, context.streams)?;
    let retention = Retention { before, basis, actor: context.environment.user() };
    let receipt = log.retain(&retention).map_err(|error| not_erased(site.directory(), &error))?;
    let words = format!("what the records before {before} bind; record {} says so", receipt.seq);
    context.streams.note("erased", &words);
    Ok(())
}

/// The number of the first record that is not older than so many days, unless
/// what was before it is gone already.
fn first_to_stay(directory: &Path, days: u64) -> Outcome<Option<u64>> {
    let age = Duration::from_secs(days.saturating_mul(SECONDS_PER_DAY));
    let Some(end) = SystemTime::now().checked_sub(age).map(Timestamp::from) else { return Ok(None) };
    let (mut first, mut records, mut gone) = (None, 0, 0);
    evidence::each(directory, |record| {
        records = record.seq + 1;
        if first.is_none() && record.ts >= end {
            first = Some(record.seq);
        }
        match &record.entry {
            Entry::Retention(retention) => gone = retention.before,
            // What was held then may not be gone.
            Entry::Hold(hold) if hold.action == HoldAction::Lift => gone = 0,
            _ => {}
        }
    })?;
    Ok(Some(first.unwrap_or(records)).filter(|before| *before > gone))
}
