//! What came of asking witnesses, for a person and for a script.

use mpp_audit::Published;
use mpp_witness::client::{Asked, Target};
use serde_json::{Value, json};

use super::super::evidence::at;
use super::Round;
use crate::exit::Outcome;
use crate::output::Streams;

/// A row for each witness.
pub(super) fn table(targets: &[Target], round: &Round, streams: &mut Streams<'_>) -> Outcome {
    let rows = targets.iter().zip(&round.asked).map(|(target, asked)| {
        let size = covered(asked).map_or("-".to_owned(), |size| size.to_string());
        let time = asked.time.map_or("-".to_owned(), at);
        let result = asked.failed.as_ref().map_or("cosigned".to_owned(), ToString::to_string);
        vec![target.key.name().to_string(), size, time, result]
    });
    streams.table(&["witness", "records", "time (utc)", "result"], rows.collect())?;
    if let Some(accepted) = &round.witnessed {
        let size = accepted.checkpoint().checkpoint().head().size;
        streams.note("witnessed", &format!("the first {size} records, by as many as the policy asks for"));
    }
    Ok(())
}

pub(super) fn document(log: &Published, targets: &[Target], round: &Round) -> Value {
    let witnesses: Vec<Value> = targets
        .iter()
        .zip(&round.asked)
        .map(|(target, asked)| {
            json!({
                "witness": target.key.name().to_string(),
                "url": target.url.to_string(),
                "records": covered(asked),
                "time": asked.time.map(at),
                "failed": asked.failed.as_ref().map(ToString::to_string),
            })
        })
        .collect();
    let witnessed = round.witnessed.as_ref().map(|accepted| accepted.checkpoint().checkpoint().head().size);
    json!({
        "log": log.key().to_string(),
        "records": round.size,
        "witnesses": witnesses,
        "witnessed": witnessed,
        "quorum": round.reached,
    })
}

/// Records of the largest checkpoint that it cosigned now.
fn covered(asked: &Asked) -> Option<u64> {
    asked.cosigned.last().map(|checkpoint| checkpoint.checkpoint().head().size)
}
