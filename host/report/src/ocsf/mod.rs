//! # OCSF
//!
//! JSON lines, one event of class *API Activity* (6003) for each call, each denial
//! and each other record, by version 1.8.0 of the Open Cybersecurity Schema
//! Framework; all of them with the profile `security_control`, calls and denials
//! also with `ai_operation`, and with `trace` where the caller named one.
//!
//! | attribute | holds |
//! |---|---|
//! | `activity_id` | 99, *Execute Tool*, for a call or a denial; otherwise 1 create, 3 update or 4 delete where something kept was changed, and 99 with the record's word |
//! | `time` | when a call ended (began, where no end is known); otherwise when the record was put in the log's order |
//! | `metadata.uid`, `metadata.sequence` | log and number of the record; the number alone |
//! | `status_id`, `status_code` | 1 for `ok`, 2 for any other end, 0 where none is known; the log's word |
//! | `action_id` | 1 where the call could begin, 2 where something was denied |
//! | `disposition_id` | 2, *Blocked*, also where a limit or a check of the output stopped it |
//! | `severity_id` | 1 as it should be, 2 worth knowing, 3 a boundary was tested or something is missing, 4 the host failed |
//! | `actor`, `src_endpoint` | agent, client and session, as the caller says |
//! | `api.operation`, `api.request.uid` | the tool, and the id of the call |
//! | `resources` | the package |
//! | `unmapped.audit_leaf` | the leaf hash of the record; beside it what has no attribute |
//!
//! Version 1.8.0 has no attribute for an agent; it is `actor.user` of type *Other*,
//! *AI Agent*. Required attributes are always there; what is only recommended is
//! there where the log knows it.

mod call;
mod event;
mod other;
mod words;

use std::io::{self, Write};

use crate::export::Source;
use crate::payload::Payloads;
use mpp_audit::view::Item;

/// The version of the schema.
const VERSION: &str = "1.8.0";

/// Writes one item, each event on a line of its own.
pub(crate) fn write(source: &Source, payloads: Payloads, item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let events = match item {
        Item::Call(call) => call::events(source, call, payloads),
        Item::Other(record) => vec![other::event(source, record)],
    };
    for event in events {
        serde_json::to_writer(&mut *out, &event)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
