//! Records that are part of no call.

use mpp_audit::Record;

use super::call::package;
use super::record::LogRecord;
use crate::said::Said;

/// The log record of such a record.
pub(super) fn record(record: &Record) -> LogRecord<'_> {
    let Said { weight, topic: _, deed: _, action, subject, package: about, actor, code, detail } =
        Said::by(record);
    let kind = record.entry.kind();
    let body = if kind == action { kind.to_owned() } else { format!("{kind}: {action}") };
    let mut line = LogRecord::new(kind, weight, body, (record.seq, record.hash, record.ts));
    line.attributes
        .add("mpp.action", action)
        .maybe("mpp.subject", subject)
        .maybe("mpp.actor", actor)
        .maybe("error.type", code)
        .maybe("mpp.detail", detail);
    if let Some(about) = about {
        package(about, &mut line.attributes);
    }
    line
}
