//! Packages that are swapped while a command uses them: attack P16.
//!
//! A command reads a package once, into one buffer, and what it verifies,
//! installs, shows and compiles is that buffer. So it does not matter what the
//! path names a moment later: the outcome is that of one of the files, as if
//! there had never been another.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicBool, Ordering};

use mpp_cli::home::Environment;
use mpp_cli::output::{Streams, Terminal};
use mpp_host::audit::{Entry, Event, Filter, show};
use mpp_host::package::Package;

use super::home::Home;
use super::releases::{ONE, TWO, changed};
use super::store::Store;

/// How often a command is run that changes nothing.
const MANY: usize = 2000;

/// How often one is run that does.
const SOME: usize = 100;

/// The exit status, and what was printed on standard output.
type Outcome = (u8, String);

/// Runs a command in this process.
fn mpp(home: &Home, arguments: &[&str]) -> Outcome {
    let environment = Environment::of([("MPP_HOME", home.path().as_os_str())]);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams {
        input: Box::new(std::io::empty()),
        out: Box::new(&mut out),
        err: Box::new(&mut err),
        terminal: Terminal::NONE,
        colour: false,
    };
    let line = ["mpp"].iter().chain(arguments).map(OsString::from);
    let status = mpp_cli::run(line, &environment, &mut streams);
    drop(streams);
    (status, String::from_utf8(out).expect("what is printed is UTF-8"))
}

/// Runs `again` and again, at least so many times and until it has seen each
/// of the outcomes, while `meanwhile` does the same.
#[track_caller]
fn until_all_are_seen(
    times: usize,
    possible: &[Outcome],
    meanwhile: impl Fn(usize) + Sync,
    again: impl Fn() -> Outcome,
) {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| (0..).take_while(|_| !over.load(Ordering::Relaxed)).for_each(&meanwhile));
        // Also where a test fails: the other thread is waited for.
        let _over = OnDrop(|| over.store(true, Ordering::Relaxed));
        let mut seen = vec![0; possible.len()];
        for tried in 0.. {
            if tried >= times && !seen.contains(&0) {
                break;
            }
            let outcome = again();
            let Some(which) = possible.iter().position(|possible| *possible == outcome) else {
                panic!("neither one nor the other: {outcome:?} is none of {possible:?}")
            };
            seen[which] += 1;
        }
    });
}

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// What the path names in turn: release 1, release 2, and release 1 changed.
const FILES: &[&str] = &["one.mpp", "two.mpp", "changed.mpp"];

fn home() -> Home {
    let home = Home::with_one().after(&["remove", "guest"]);
    home.write("changed.mpp", &changed(&ONE));
    home.write("swapped.mpp", &ONE);
    home
}

/// Gives the path to the next file, in one step.
fn swap(home: &Home, files: &[&str], turn: usize) {
    let (next, swapped) = (home.path().join("next"), home.path().join("swapped.mpp"));
    fs::hard_link(home.path().join(files[turn % files.len()]), &next)
        .and_then(|()| fs::rename(&next, &swapped))
        .expect("files can be renamed");
}

fn path(home: &Home, file: &str) -> String {
    home.path().join(file).to_str().expect("the paths of these tests are UTF-8").to_owned()
}

#[test]
fn a_package_that_is_swapped_while_it_is_verified_is_one_or_the_other() {
    let home = home();
    let verify = |file: &str| mpp(&home, &["verify", &path(&home, file), "--json"]);
    let possible: Vec<Outcome> = FILES.iter().map(|file| verify(file)).collect();
    assert_eq!(possible.iter().map(|(status, _)| *status).collect::<Vec<_>>(), [0, 0, 3]);
    until_all_are_seen(MANY, &possible, |turn| swap(&home, FILES, turn), || verify("swapped.mpp"));
}

/// A file that is written over in place can be read half old and half new. Then
/// it is refused.
#[test]
fn a_package_that_is_written_over_while_it_is_read_is_one_or_the_other_or_refused() {
    assert_eq!(ONE.len(), TWO.len(), "a shorter one would leave the end of the longer one");
    let home = home();
    let verify = |file: &str| mpp(&home, &["verify", &path(&home, file), "--json"]);
    let refused = (3, String::new());
    let possible = [verify("one.mpp"), verify("two.mpp"), refused.clone()];
    let file = File::options().write(true).open(home.path().join("swapped.mpp")).expect("it is there");
    let write = |turn: usize| {
        file.write_all_at([&*TWO, &*ONE][turn % 2], 0).expect("it can be written");
    };
    until_all_are_seen(MANY, &possible, write, || match verify("swapped.mpp") {
        // For whichever reason.
        (3, _) => refused.clone(),
        outcome => outcome,
    });
}

/// What is installed is what was verified, under the digest that was verified.
#[test]
fn a_package_that_is_swapped_while_it_is_installed_is_one_or_the_other() {
    let (home, before) = (home(), home());
    let files = &["one.mpp", "changed.mpp"];
    let install = |file: &str| {
        let fresh = before.copy();
        let (status, _) = mpp(&fresh, &["install", &path(&home, file), "--grant"]);
        // With every package that is there, and whether it is the one it should be.
        (status, format!("{:?}", Store::of(&fresh)))
    };
    let possible = files.map(install);
    assert_eq!((possible[0].0, possible[1].0), (0, 3));
    until_all_are_seen(SOME, &possible, |turn| swap(&home, files, turn), || install("swapped.mpp"));
}

/// What runs is what was verified, and that is what goes on record.
#[test]
fn a_package_that_is_swapped_while_it_is_run_is_one_or_the_other() {
    let (home, before) = (home(), home());
    let run = |file: &str| {
        let fresh = before.copy();
        let outcome = mpp(&fresh, &["run", &path(&home, file), "--grant", "--input", "{}"]);
        (outcome.0, format!("{} {}", outcome.1, last_package(&fresh)))
    };
    let possible: Vec<Outcome> = FILES.iter().map(|file| run(file)).collect();
    for (bytes, (_, outcome)) in [&*ONE, &*TWO, &changed(&ONE)].into_iter().zip(&possible) {
        let digest = Package::parse(bytes.as_slice()).expect("it is a package").digest();
        assert!(outcome.ends_with(&digest.to_string()), "{outcome}");
    }
    until_all_are_seen(SOME, &possible, |turn| swap(&home, FILES, turn), || run("swapped.mpp"));
}

/// The digest of the package that the last call or refusal is about.
fn last_package(home: &Home) -> String {
    let shown = show(&home.path().join("data/audit"), &Filter::default()).expect("the log can be read");
    let about = shown.records.iter().rev().find_map(|record| match &record.entry {
        Entry::Intent(intent) => Some(intent.package.digest.clone()),
        Entry::Event(Event::Refusal(refusal)) => Some(refusal.presented.clone()),
        _ => None,
    });
    about.expect("a call or a refusal")
}
