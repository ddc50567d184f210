//! `mpp doctor`

mod trust;

use std::path::Path;

use clap::Args;
use mpp_audit::ReadError;
use mpp_host::Inspection;
use mpp_package::Digest;
use serde::Serialize;
use serde_json::json;

use crate::build::toolchain::Toolchain;
use crate::context::Context;
use crate::exit::{Blame, Failure, Outcome};
use crate::home::{Environment, Home};
use crate::installed::{Installed, Store};
use crate::log::AuditDirectory;
use crate::{host, packages};

/// Free space below which a person is told, in bytes. A log that cannot grow
/// stops every tool.
const LITTLE_SPACE: u64 = 256 * 1024 * 1024;

/// The targets that tools are built for.
const TARGETS: [&str; 2] = ["wasm32-wasip2", "wasm32-unknown-unknown"];

/// Check this machine: toolchain, directories, trust, installed packages, log
#[derive(Debug, Args)]
#[command(after_help = "\
Changes nothing. Exit status 0 if nothing is wrong, 7 if the audit log is, 1 for everything else.")]
pub(crate) struct Doctor {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    audit: AuditDirectory,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// As it should be.
    Good,
    /// Worth knowing, and no problem.
    Note,
    /// Something will not work.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    subject: &'static str,
    state: State,
    words: String,
    next: Option<String>,
    #[serde(skip)]
    blame: Blame,
}

impl Finding {
    fn good(subject: &'static str, words: impl Into<String>) -> Self {
        Self { subject, state: State::Good, words: words.into(), next: None, blame: Blame::Host }
    }

    fn note(subject: &'static str, words: impl Into<String>, next: impl Into<String>) -> Self {
        Self { state: State::Note, next: Some(next.into()), ..Self::good(subject, words) }
    }

    fn bad(subject: &'static str, words: impl Into<String>, next: impl Into<String>) -> Self {
        Self { state: State::Bad, next: Some(next.into()), ..Self::good(subject, words) }
    }

    fn failed(subject: &'static str, failure: &Failure) -> Self {
        let words = std::iter::once(failure.what()).chain(failure.why().iter().map(String::as_str));
        Self {
            state: State::Bad,
            next: failure.what_next().first().cloned(),
            blame: failure.blame(),
            ..Self::good(subject, words.collect::<Vec<_>>().join(": "))
        }
    }
}

impl Doctor {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let mut findings = toolchain(context);
        findings.push(engine(context.environment));
        match context.home() {
            Ok(home) => {
                findings.extend(directories(&home));
                findings.extend(trust::findings(&home));
                findings.extend(installed(&home));
                findings.push(audit_log(self.audit.of(&home).directory()));
            }
            Err(failure) => findings.push(Finding::failed("home", &failure)),
        }
        if self.json {
            let healthy = findings.iter().all(|finding| finding.state != State::Bad);
            context.streams.json(&json!({ "healthy": healthy, "findings": findings }))?;
        } else {
            show(&findings, context)?;
        }
        verdict(&findings)
    }
}

fn show(findings: &[Finding], context: &mut Context<'_, '_>) -> Outcome {
    for Finding { subject, state, words, next, blame: _ } in findings {
        let mark = match state {
            State::Good => "ok  ",
            State::Note => "note",
            State::Bad => "BAD ",
        };
        context.streams.line(&format!("{mark}  {subject}: {words}"))?;
        if let Some(next) = next {
            context.streams.line(&format!("      {next}"))?;
        }
    }
    Ok(())
}

fn verdict(findings: &[Finding]) -> Outcome {
    let bad: Vec<_> = findings.iter().filter(|finding| finding.state == State::Bad).collect();
    let Some(first) = bad.first() else { return Ok(()) };
    let only_the_log = bad.iter().all(|finding| finding.blame == Blame::Audit);
    let blame = if only_the_log { Blame::Audit } else { Blame::Host };
    let subjects: Vec<_> = bad.iter().map(|finding| finding.subject).collect();
    let failure = Failure::new(blame, format!("not in order: {}", subjects.join(", ")));
    Err(match &first.next {
        Some(next) => failure.next(next.clone()),
        None => failure,
    })
}

fn toolchain(context: &Context<'_, '_>) -> Vec<Finding> {
    let toolchain = Toolchain::of(context.environment);
    let here = Path::new(".");
    let Some(rustc) = toolchain.rustc_version(here) else {
        let rust = "is not installed; only needed to build tools";
        return vec![Finding::note("rust", rust, "https://rustup.rs installs it")];
    };
    let mut findings = vec![Finding::good("rust", rustc)];
    findings.push(match toolchain.cargo_version(here) {
        Some(version) => Finding::good("cargo", version),
        None => Finding::bad("cargo", "does not run", "https://rustup.rs installs it"),
    });
    for target in TARGETS {
        findings.push(if toolchain.has_target(here, target) {
            Finding::good("target", target)
        } else {
            Finding::bad(
                "target",
                format!("{target} is not installed"),
                format!("rustup target add {target}"),
            )
        });
    }
    findings.push(match toolchain.cargo_component_version(here) {
        Some(version) => Finding::good("cargo component", version),
        None => Finding::good("cargo component", "is not installed; plain cargo builds the same components"),
    });
    findings
}

/// Whether this machine can hold the engine's address space and threads, and start
/// the process that compiles.
fn engine(environment: &Environment) -> Finding {
    const EMPTY_COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
    match Inspection::by(&host::compiler(environment), EMPTY_COMPONENT) {
        Ok(_) => Finding::good("engine", "compiles and can reserve its memory"),
        Err(error) => {
            Finding::bad("engine", error.to_string(), "check `ulimit -v` and the memory of this machine")
        }
    }
}

fn directories(home: &Home) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        [("configuration", home.config()), ("data", home.data()), ("cache", home.cache())]
            .into_iter()
            .map(|(subject, directory)| writable(subject, directory))
            .collect();
    findings.extend(space(home.data()));
    findings
}

/// Tries to write where this user's files go. A directory that is not there yet
/// is tried at the first thing above it that is.
fn writable(subject: &'static str, directory: &Path) -> Finding {
    let there = directory.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(directory);
    match tempfile::tempfile_in(there) {
        Ok(_) => Finding::good(subject, directory.display().to_string()),
        Err(error) => Finding::bad(
            subject,
            format!("cannot write to {}: {error}", there.display()),
            "make it a directory that is writable, or set MPP_HOME to one",
        ),
    }
}

fn space(directory: &Path) -> Option<Finding> {
    let there = directory.ancestors().find(|ancestor| ancestor.is_dir())?;
    let status = rustix::fs::statvfs(there).ok()?;
    let free = status.f_bavail.saturating_mul(status.f_frsize);
    let words = format!("{} MiB free", free / (1024 * 1024));
    Some(if free < LITTLE_SPACE {
        Finding::bad("disk", words, "make room: a log that cannot grow stops every tool")
    } else {
        Finding::good("disk", words)
    })
}

/// Whether each installed package still is the one that was installed.
fn installed(home: &Home) -> Vec<Finding> {
    let store = Store::of(home);
    let packages = match store.list() {
        Ok(packages) => packages,
        Err(failure) => return vec![Finding::failed("installed", &failure)],
    };
    let damaged: Vec<Finding> = packages.iter().filter_map(|package| damage(&store, package)).collect();
    if damaged.is_empty() {
        return vec![Finding::good("installed", format!("{} packages", packages.len()))];
    }
    damaged
}

fn damage(store: &Store, package: &Installed) -> Option<Finding> {
    let found: Outcome<Digest> =
        packages::read(&store.bytes_of(&package.digest), None).map(|found| found.digest());
    let damaged = |words| Some(Finding::bad("installed", words, "install it again"));
    match found {
        Ok(digest) if digest == package.digest => None,
        Ok(_) => damaged(format!("the file of {} holds another package", package.full_name())),
        Err(failure) => damaged(format!("{}: {}", package.full_name(), failure.what())),
    }
}

fn audit_log(directory: &Path) -> Finding {
    match mpp_audit::verify_dir(directory, &[]) {
        Ok(summary) => Finding::good("audit log", format!("{} records, all of them hold", summary.records)),
        Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            Finding::good("audit log", "none yet; the first call begins one")
        }
        Err(error) => Finding {
            blame: Blame::Audit,
            ..Finding::bad("audit log", error.to_string(), "mpp audit verify")
        },
    }
}
