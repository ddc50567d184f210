//! What a verification covers, and what it leaves open, in words and as JSON.

use mpp_audit::policy::Accepted;
use mpp_audit::{Grown, Receipt, Verified};
use serde_json::{Value, json};

use super::super::evidence;
use super::{Covered, Found};

/// One line for each thing that there is to know.
pub(super) fn lines(found: &Found) -> Vec<String> {
    let mut lines = vec![format!("log        {}", found.key.name())];
    match &found.covered {
        Covered::Whole(verified) => whole(verified, &mut lines),
        Covered::Since(grown) => since(grown, &mut lines),
    }
    lines.push(format!("key        {}", key(found)));
    lines.push(format!("witnessed  {}", witnessed(found)));
    lines.push(format!("head       {}", head(found)));
    lines
}

fn whole(verified: &Verified, lines: &mut Vec<String>) {
    let Verified { summary, checkpoints, epochs, .. } = verified;
    lines.push(format!("records    {}, {} bytes, all of them hold", summary.records, summary.bytes));
    lines.push(format!("from       {}", summary.first));
    lines.push(format!("to         {}", summary.last));
    let (checkpoints, epochs) = (count(*checkpoints, "checkpoint"), count(u64::from(*epochs), "epoch"));
    let signed = signed(verified.signed.size, summary.head);
    lines.push(format!("signed     {signed}, by {checkpoints} in {epochs}"));
    if summary.receipts_checked > 0 {
        lines.push(format!("receipts   {}, found in the log", summary.receipts_checked));
    }
    if summary.unfinished {
        lines.push("unfinished a record was being written, and was left out".to_owned());
    }
}

fn since(grown: &Grown, lines: &mut Vec<String>) {
    let Grown { old, new, head } = grown;
    lines.push(format!(
        "grown      from {} records to {}, and nothing before was changed",
        old.size, new.size
    ));
    lines.push(format!("read       what came since; the checkpoint vouches for the first {}", old.size));
    lines.push(format!("signed     {}", signed(new.size, *head)));
}

/// How many of the records a checkpoint covers.
fn signed(size: u64, head: Receipt) -> String {
    match beyond(size, head) {
        0 => format!("all {size} records"),
        1 => format!("the first {size} records, and not yet the last one, which is only chained"),
        more => format!("the first {size} records, and not yet the last {more}, which are only chained"),
    }
}

/// How many records came after those that a checkpoint covers.
fn beyond(signed: u64, head: Receipt) -> u64 {
    (head.seq + 1).saturating_sub(signed)
}

fn key(found: &Found) -> String {
    if found.key_expected {
        "the one that was expected".to_owned()
    } else {
        "named by the log alone; --key tells it from another log in its place".to_owned()
    }
}

fn witnessed(found: &Found) -> String {
    match (&found.witnessed, &found.covered) {
        (Some(accepted), _) => {
            let by: Vec<_> = cosignatures(accepted).map(|(name, time)| format!("{name} at {time}")).collect();
            format!("the first {} records, by {}", size(accepted), by.join(", "))
        }
        (None, Covered::Since(_)) => {
            "no: whoever controls this host can take back what came since the checkpoint".to_owned()
        }
        (None, Covered::Whole(_)) if found.key_expected => {
            "no: whoever controls this host can take back what was recorded in this epoch".to_owned()
        }
        (None, Covered::Whole(_)) => "no: whoever controls this host can replace the whole log".to_owned(),
    }
}

fn size(accepted: &Accepted) -> u64 {
    accepted.checkpoint().checkpoint().head().size
}

fn cosignatures(accepted: &Accepted) -> impl Iterator<Item = (String, String)> + '_ {
    accepted.cosignatures().iter().map(|by| (by.witness.to_string(), evidence::at(by.time)))
}

fn head(found: &Found) -> Receipt {
    match &found.covered {
        Covered::Whole(verified) => verified.summary.head,
        Covered::Since(grown) => grown.head,
    }
}

fn count(number: u64, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// The same as one JSON object.
pub(super) fn document(found: &Found) -> Value {
    let mut document = match &found.covered {
        Covered::Whole(verified) => {
            let summary = &verified.summary;
            json!({
                "verified": true,
                "records": summary.records,
                "bytes": summary.bytes,
                "first": summary.first,
                "last": summary.last,
                "signed": verified.signed.size,
                "unsigned": beyond(verified.signed.size, summary.head),
                "checkpoints": verified.checkpoints,
                "epochs": verified.epochs,
                "payloads_checked": summary.payloads.is_some(),
                "receipts_checked": summary.receipts_checked,
                "unfinished": summary.unfinished,
            })
        }
        Covered::Since(grown) => json!({
            "verified": true,
            "from": grown.old.size,
            "signed": grown.new.size,
            "unsigned": beyond(grown.new.size, grown.head),
        }),
    };
    let name = found.key.name().as_str();
    document["log"] = json!(name.rsplit('/').next().unwrap_or(name));
    document["head"] = json!(head(found).to_string());
    document["key"] = json!(found.key.to_string());
    document["key_expected"] = json!(found.key_expected);
    document["witnessed"] = found.witnessed.as_ref().map_or(Value::Null, |accepted| {
        let by = cosignatures(accepted).map(|(name, time)| json!({ "witness": name, "time": time }));
        json!({ "size": size(accepted), "by": by.collect::<Vec<_>>() })
    });
    document
}
