//! L22: what callers and tools said does not leave the log unasked.

use mpp_report::html::{Report, Verification};
use mpp_report::{Format, Payloads};

use crate::{FORMATS, export, scene};

/// Stands in every payload, and nowhere else.
const CANARY: &str = "sk_live_canary_9d41";

fn page(payloads: Payloads) -> String {
    let mut report = Report::new(scene::source(), payloads);
    for item in scene::filled(1, "name", CANARY) {
        report.add(&item);
    }
    let mut page = Vec::new();
    report.write(&Verification::Unverified, scene::at(0), &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

#[test]
fn l22_no_payload_is_in_a_projection_that_was_not_asked_for_it() {
    let items = scene::filled(1, "name", CANARY);
    for (format, name) in FORMATS {
        assert!(!export(format, Payloads::Withheld, &items).contains(CANARY), "{name}");
    }
    assert!(!page(Payloads::Withheld).contains(CANARY));
}

#[test]
fn with_payloads_they_are_there() {
    let items = scene::filled(1, "name", CANARY);
    let count = |format| export(format, Payloads::Included, &items).matches(CANARY).count();
    // In both calls input, output, reason, a log line, a host call; once a denial
    // of two. OCSF has the reason of a call twice, CSV no log line and no host call.
    assert_eq!(count(Format::Otel), 2 * 5 + 2);
    assert_eq!(count(Format::Ocsf), 2 * 6 + 2);
    assert_eq!(count(Format::Csv), 2 * 3 + 2);
    // Both calls are in two tables, with input, output and reason; then the denial,
    // and once the resource that the package used.
    assert_eq!(page(Payloads::Included).matches(CANARY).count(), 2 * 2 * 3 + 2 + 1);
}
