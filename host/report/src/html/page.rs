//! The template, and what it is filled with.
//!
//! Askama, because its templates are the page as one reads it, it escapes every
//! value in a file that ends in `.html`, and whatever is not to be escaped says so
//! (`|safe`): here the style sheet and the script, and nothing else.

use std::io::{self, Write};
use std::sync::LazyLock;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mpp_audit::Timestamp;
use sha2::{Digest as _, Sha256};

use super::number::{counted, grouped, percent};
use super::packages::Card;
use super::timeline::Chart;
use super::verification::{Badge, Verification};
use super::{Report, Span};
use crate::payload::Payloads;
use crate::text::Visible;
use crate::time::readable;
use crate::weight::Ending;

/// What templates do with a number.
mod filters {
    use askama::{Result, Values};

    /// Groups of three digits.
    #[askama::filter_fn]
    pub(super) fn number(number: u64, _: &dyn Values) -> Result<String> {
        Ok(super::grouped(number))
    }
}

/// The one style sheet.
const STYLE: &str = include_str!("../../assets/style.css");
/// The one script.
const SCRIPT: &str = include_str!("../../assets/script.js");

/// Nothing is allowed but these two, as they are. What a page cannot forbid about
/// itself (`frame-ancestors`) is left out: browsers complain of it.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
});

/// The hash of an inline element, as a Content-Security-Policy names it.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    policy: &'a str,
    style: &'a str,
    script: &'a str,
    report: &'a Report,
    badge: Badge,
    log: Visible,
    made: String,
    period: Option<(String, String)>,
    records: Option<(String, String)>,
    tiles: Vec<Tile>,
    chart: Option<Chart>,
    cards: Vec<Card>,
    with_payloads: bool,
    version: &'a str,
}

/// One number of the summary.
struct Tile {
    number: String,
    name: &'static str,
    note: String,
    look: &'static str,
    link: &'static str,
}

/// Writes the page of a report.
pub(super) fn write(
    report: &Report,
    verification: &Verification,
    made: Timestamp,
    out: &mut dyn Write,
) -> io::Result<()> {
    let page = Page {
        policy: &POLICY,
        style: STYLE,
        script: SCRIPT,
        report,
        badge: Badge::of(verification),
        log: report.source.log.as_str().into(),
        made: readable(made),
        period: span(report.time, readable),
        records: span(report.records, |seq| seq.to_string()),
        tiles: tiles(report),
        chart: report.timeline.chart(),
        cards: report.packages.cards(),
        with_payloads: report.payloads == Payloads::Included,
        version: env!("CARGO_PKG_VERSION"),
    };
    page.write_into(out)
}

fn span<T>(span: Span<T>, show: impl Fn(T) -> String) -> Option<(String, String)> {
    span.0.map(|(least, greatest)| (show(least), show(greatest)))
}

fn tiles(report: &Report) -> Vec<Tile> {
    let [ok, denied, failed, unknown] = report.endings;
    let calls = report.calls.seen();
    let share = |part: u64| format!("{} of calls", percent(part, calls));
    let releases = format!("of {}", counted(report.packages.len(), "release"));
    vec![
        tile(calls, "calls", releases, "plain", "calls"),
        tile(ok, "ended ok", share(ok), Ending::Ok.as_str(), "calls"),
        tile(denied, "ended denied", share(denied), Ending::Denied.as_str(), "denials"),
        tile(failed, "failed", share(failed), Ending::Failed.as_str(), "failures"),
        tile(
            unknown,
            "without an end",
            "open, or interrupted".to_owned(),
            Ending::Unknown.as_str(),
            "failures",
        ),
        tile(report.denials.seen(), "denials", "on record".to_owned(), Ending::Denied.as_str(), "denials"),
        tile(
            report.refused.seen(),
            "turned away",
            "packages and code".to_owned(),
            Ending::Failed.as_str(),
            "refused",
        ),
        tile(report.changes.seen(), "changes", "of trust and policy".to_owned(), "plain", "changes"),
    ]
}

/// A number that is zero has no colour.
fn tile(number: u64, name: &'static str, note: String, look: &'static str, link: &'static str) -> Tile {
    Tile { number: grouped(number), name, note, look: if number == 0 { "plain" } else { look }, link }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_crate_wrote_is_not_escaped() {
        let templates = concat!(
            include_str!("../../templates/page.html"),
            include_str!("../../templates/parts.html"),
            include_str!("../../templates/verification.html"),
            include_str!("../../templates/timeline.html"),
            include_str!("../../templates/packages.html"),
            include_str!("../../templates/calls.html"),
        );
        let unescaped: Vec<&str> = templates
            .split("{{")
            .skip(1)
            .filter_map(|rest| rest.split("}}").next())
            .filter(|expression| expression.contains("safe"))
            .map(str::trim)
            .collect();
        assert_eq!(unescaped, ["style|safe", "script|safe"]);
        assert!(!templates.contains("escape"), "escaping is never switched off");
    }

    #[test]
    fn nothing_in_the_style_or_the_script_ends_its_element() {
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</"), "an end tag would end the element");
            assert!(!text.contains("<!--"), "a comment would hide what follows");
        }
        assert!(!STYLE.contains("url("), "nothing is fetched");
    }
}
