//! Measures MPP beside its peers: the same work, in turns, in one run.
//!
//! ```text
//! host/benches/peers/run            # builds everything, measures, writes host/benches/README.md
//! host/benches/peers/run --quick    # a few calls of each, to see that all of it works
//! ```
//!
//! The work is the sample `text-stats` on one short text, which everybody has in their
//! own form: a package, a component that is a command, a plugin, a native command, a
//! server in JavaScript. Every answer is held against the one right one. What cannot be
//! measured here is a row that says why; a wrong answer ends the run.
//!
//! Whatever is measured runs in processes of its own, so that this one is small and
//! nobody is slowed down by what another one left. Libraries time their calls
//! themselves (see `turns`); commands and servers are timed from here.

mod cold;
mod command;
mod connection;
mod home;
mod invocation;
mod library;
mod machine;
mod markdown;
mod measure;
mod memory;
mod peer;
mod programs;
mod readme;
mod report;
mod rows;
mod scene;
mod server;
mod trouble;
mod work;

use std::process::ExitCode;

use crate::measure::Amount;
use crate::rows::Row;
use crate::scene::Scene;
use crate::trouble::Trouble;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [] => make_the_table(),
        ["--quick"] => try_everything(),
        _ => {
            eprintln!("usage: host/benches/peers/run [--quick]");
            return ExitCode::from(2);
        }
    };
    done.map_or_else(
        |trouble| {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn make_the_table() -> Result<(), Trouble> {
    let scene = Scene::new()?;
    let text = measured(&scene, Amount::TABLE)?;
    println!("{text}");
    readme::write(&scene.programs().root().join("host/benches/README.md"), &text)
}

fn try_everything() -> Result<(), Trouble> {
    let text = measured(&Scene::new()?, Amount::QUICK)?;
    println!("{text}\nThis was a handful of calls: nothing of it means anything.");
    Ok(())
}

fn measured(scene: &Scene, amount: Amount) -> Result<String, Trouble> {
    let calls = calls(scene, amount)?;
    let starts = starts(scene, amount)?;
    scene.verify_logs()?;
    let (machine, versions) = (machine::machine(), machine::versions(scene.programs())?);
    Ok(format!("{machine}\n{versions}\n\n{calls}\n{starts}"))
}

/// When this returns, servers have ended and nobody has a log open.
fn calls(scene: &Scene, amount: Amount) -> Result<String, Trouble> {
    let (mut isolating, mut others) = (rows::isolating(scene), rows::for_orientation(scene));
    let mut all: Vec<&mut Row> = isolating.iter_mut().chain(&mut others).collect();
    measure::in_turns(&mut all, amount)?;
    Ok(report::calls(&mut isolating, &mut others))
}

fn starts(scene: &Scene, amount: Amount) -> Result<String, Trouble> {
    let mut starts = cold::starts(scene);
    cold::in_turns(&mut starts, amount)?;
    Ok(report::starts(&starts))
}
