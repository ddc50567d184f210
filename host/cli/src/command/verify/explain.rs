//! `mpp verify --explain`: the checks in their order, a line each.

use std::path::Path;
use std::time::SystemTime;

use mpp_package::{Check, Keyring, Package, Passed, VerifyError};
use serde::Serialize;
use serde_json::json;

use crate::blame;
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::output::plain_line;
use crate::trust;

/// What comes before every other check, in words and as one.
const PARSED: &str = "it is a package";
const PARSED_WORD: &str = "package";

/// How one check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Passed,
    Failed,
    /// Not reached, or there was nothing to check.
    NotMade,
}

/// One line.
#[derive(Debug, Serialize)]
struct Line {
    check: &'static str,
    state: State,
    #[serde(skip)]
    words: String,
    found: Option<String>,
}

/// Verifies the package, and says how each check went.
pub(super) fn run(
    file: &Path,
    package: Package,
    keyring: &Keyring,
    json: bool,
    context: &mut Context<'_, '_>,
) -> Outcome {
    let digest = package.digest().to_string();
    let (passed, verdict) = keyring.explain(package, SystemTime::now());
    let failed = verdict.as_ref().err().map(|error| (error.check(), error.to_string()));
    let mut lines = vec![parsed(State::Passed, Some(digest))];
    lines.extend(Check::ALL.into_iter().map(|check| line(check, &passed, failed.as_ref())));
    let code = verdict.as_ref().err().map(VerifyError::code);
    print(&lines, code, json, context)?;
    match verdict {
        Ok(package) => {
            trust::warn_of_lapse(&package, context.streams);
            Ok(())
        }
        Err(error) => Err(blame::unverified(&file.display().to_string(), &error)),
    }
}

/// Says that there is no package to check, and hands on why.
pub(super) fn no_package(failure: Failure, json: bool, context: &mut Context<'_, '_>) -> Outcome<Failure> {
    let mut lines = vec![parsed(State::Failed, Some(failure.why().join("; ")))];
    lines.extend(Check::ALL.into_iter().map(|check| line(check, &[], None)));
    print(&lines, Some("malformed"), json, context)?;
    Ok(failure)
}

fn parsed(state: State, found: Option<String>) -> Line {
    Line { check: PARSED_WORD, state, words: PARSED.to_owned(), found }
}

fn line(check: Check, passed: &[Passed], failed: Option<&(Check, String)>) -> Line {
    let found = passed.iter().find(|passed| passed.check == check).map(|passed| passed.found.clone());
    let (state, found) = match (found, failed) {
        (Some(found), _) => (State::Passed, Some(found)),
        (None, Some((at, why))) if *at == check => (State::Failed, Some(why.clone())),
        (None, _) => (State::NotMade, None),
    };
    Line { check: check.word(), state, words: check.to_string(), found }
}

/// `code` is that of the check that failed.
fn print(lines: &[Line], code: Option<&str>, json: bool, context: &mut Context<'_, '_>) -> Outcome {
    if json {
        let verified = code.is_none();
        return context.streams.json(&json!({ "verified": verified, "code": code, "checks": lines }));
    }
    for Line { state, words, found, .. } in lines {
        let sign = match state {
            State::Passed => "ok    ",
            State::Failed => "FAILED",
            State::NotMade => "-     ",
        };
        let found = found.as_ref().map_or(String::new(), |found| format!(": {}", plain_line(found)));
        context.streams.line(&format!("{sign} {words}{found}"))?;
    }
    Ok(())
}
