//! Projections of a log: what they say, what they must not say, and to whom they
//! point back.

mod canary;
mod contrast;
mod exports;
mod hostile;
mod ocsf_schema;
mod page;
mod scene;

use mpp_audit::view::Item;
use mpp_report::{Exporter, Format, Payloads};

/// Every format, with the name of its golden file.
pub const FORMATS: [(Format, &str); 3] =
    [(Format::Otel, "otel.jsonl"), (Format::Ocsf, "ocsf.jsonl"), (Format::Csv, "log.csv")];

/// What an export of some items writes.
pub fn export(format: Format, payloads: Payloads, items: &[Item]) -> String {
    let mut exporter = Exporter::new(format, scene::source(), payloads, Vec::new()).unwrap();
    for item in items {
        exporter.write(item).unwrap();
    }
    String::from_utf8(exporter.finish().unwrap()).unwrap()
}
