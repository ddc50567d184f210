//! `mpp audit check-proof`

use std::path::{Path, PathBuf};

use clap::Args;
use mpp_audit::checkpoint::CheckpointError;
use mpp_audit::policy::{Accepted, RefusedCheckpoint};
use mpp_audit::proof::{MAX_PROOF_BYTES, Unproven};
use mpp_audit::{Entry, ProofRefused, Proven, check_proof};
use serde_json::json;
use serde_json::value::RawValue;

use super::believed::Believed;
use super::evidence;
use super::row::{self, Row};
use crate::context::Context;
use crate::exit::{Blame, Failure, Outcome};
use crate::output::{Streams, plain_line};

/// Check a proof that one record is in a log
#[derive(Debug, Args)]
#[command(after_help = "\
Needs the proof, and the key of the log or a policy: neither the log, nor a network, nor a home
directory. Get the key from whoever keeps the log, on another way than the proof. Exit status 7 if
the proof does not hold. --json prints the whole record.")]
pub(crate) struct CheckProof {
    /// The proof; - for standard input
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    #[command(flatten)]
    believed: Believed,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl CheckProof {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let Some(policy) = self.believed.read(context.streams)? else {
            return Err(Failure::usage("it is not said which log to believe")
                .because("a proof is worth what the key is worth that it is checked with")
                .next("--key KEY|FILE, with what `mpp audit key` printed on the host of the log"));
        };
        let bytes = evidence::read_named(&self.file, MAX_PROOF_BYTES as u64, context.streams)?;
        match check_proof(&bytes, &policy) {
            Ok(proven) if self.json => document(&proven, context.streams),
            Ok(proven) => lines(&proven).iter().try_for_each(|line| context.streams.line(line)),
            Err(refused) => {
                if self.json {
                    context.streams.json(&json!({ "proven": false, "reason": refused.to_string() }))?;
                }
                Err(not_proven(&self.file, &refused))
            }
        }
    }
}

/// What was proven, for a person.
fn lines(proven: &Proven) -> Vec<String> {
    let Proven { record, accepted, .. } = proven;
    let checkpoint = accepted.checkpoint().checkpoint();
    let Row { subject, what, result } = Row::of(&record.entry);
    let mut lines = vec![
        format!("record     {} of {}", record.seq, checkpoint.origin()),
        format!("time       {}", record.ts),
        format!("what       {}", plain_line(&what)),
    ];
    let mut say = |label: &str, text: Option<&str>| {
        lines.extend(text.filter(|text| !text.is_empty()).map(|text| format!("{label}{}", plain_line(text))));
    };
    say("about      ", Some(&subject));
    say("call       ", row::call(&record.entry));
    if let Entry::Intent(intent) = &record.entry {
        say("agent      ", intent.caller.agent.as_deref());
    }
    say("result     ", Some(&result));
    lines.push(format!("hash       {}", record.hash));
    lines.push(format!("signed     by the log, in its checkpoint of {} records", checkpoint.head().size));
    lines.push(format!("witnessed  {}", witnessed(accepted)));
    lines
}

fn witnessed(accepted: &Accepted) -> String {
    let seen = accepted.cosignatures().iter();
    let seen: Vec<_> = seen.map(|by| format!("{} at {}", by.witness, evidence::at(by.time))).collect();
    if accepted.is_witnessed() {
        format!("by {}", seen.join(", "))
    } else {
        "no: whoever holds the log's key could show others another record in its place".to_owned()
    }
}

/// The same, and the record as it stands in the log, byte for byte.
fn document(proven: &Proven, streams: &mut Streams<'_>) -> Outcome {
    #[derive(serde::Serialize)]
    struct Document {
        proven: bool,
        log: String,
        hash: String,
        signed: u64,
        witnessed: bool,
        witnesses: Vec<serde_json::Value>,
        record: Box<RawValue>,
    }
    let Proven { record, accepted, .. } = proven;
    let checkpoint = accepted.checkpoint().checkpoint();
    let witnesses = accepted.cosignatures().iter();
    let witnesses =
        witnesses.map(|by| json!({ "witness": by.witness.as_str(), "time": evidence::at(by.time) }));
    streams.json(&Document {
        proven: true,
        log: checkpoint.origin().to_string(),
        hash: record.hash.to_string(),
        signed: checkpoint.head().size,
        witnessed: accepted.is_witnessed(),
        witnesses: witnesses.collect(),
        record: evidence::verbatim(record)?,
    })
}

fn not_proven(file: &Path, refused: &ProofRefused) -> Failure {
    let failure =
        Failure::new(Blame::Audit, format!("{} proves nothing", file.display())).because_of(refused);
    match refused {
        ProofRefused::Unproven(Unproven::Checkpoint(RefusedCheckpoint::Checkpoint(
            CheckpointError::UnknownLog { .. },
        ))) => failure.next("check it with the key of that log, if that is the log you mean"),
        ProofRefused::Unproven(Unproven::Checkpoint(RefusedCheckpoint::NoQuorum { .. })) => {
            failure.next("ask for a proof with the signatures of your witnesses")
        }
        _ => failure.next("ask whoever keeps the log for another one: mpp audit prove"),
    }
}
