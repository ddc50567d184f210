//! `cargo demo`: what this project is, in ten commands.
//!
//! Runs the `mpp` command as a person would, in a home of its own below
//! `target/`, and stops if anything ends other than it should.

use std::error::Error;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use mpp_cli::home::Environment;
use mpp_cli::output::Streams;

/// Rows of the generated sales file.
const ROWS: usize = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).ok_or("the workspace has a root")?;
    std::env::set_current_dir(root)?;
    let place = root.join("target/demo");
    fresh(&place)?;
    let demo = Demo { environment: Environment::process().with("MPP_HOME", &place.join("home")) };

    println!(
        "Two sample tools are built for WebAssembly (a minute, the first time) and run on real input.\n"
    );
    demo.mpp(
        0,
        "A tool that may touch nothing, on this project's README",
        ["run", "sample-tools/text-stats", "--input", "@target/demo/text.json"],
    )?;
    demo.mpp(
        0,
        "A tool that may read /workspace and write /workspace/reports, on 20,000 sales",
        [
            "run",
            "sample-tools/csv-report",
            "--map",
            "/workspace=target/demo/workspace",
            "--input",
            r#"{"path": "/workspace/sales.csv", "group_by": ["region"], "values": ["price"]}"#,
        ],
    )?;
    demo.mpp(
        4,
        "The same tool, asked to write where it may only read: denied",
        [
            "run",
            "sample-tools/csv-report",
            "--map",
            "/workspace=target/demo/workspace",
            "--input",
            r#"{"path": "/workspace/sales.csv", "output_directory": "/workspace"}"#,
        ],
    )?;
    demo.mpp(0, "Its publisher's key", ["key", "new"])?;
    demo.mpp(
        0,
        "A signed package, to give to others",
        ["build", "sample-tools/csv-report", "--sign", "--out", "target/demo/csv-report.mpp"],
    )?;
    fs::write(place.join("publisher.pem"), demo.output_of(["key", "show"])?)?;
    demo.mpp(
        0,
        "Somebody who trusts that key",
        ["trust", "add", "dev.mpp.samples", "target/demo/publisher.pem", "--yes"],
    )?;
    demo.mpp(0, "Whoever trusts it can check the package", ["verify", "target/demo/csv-report.mpp"])?;
    change_one_byte(&place)?;
    demo.mpp(
        3,
        "The same package with one byte changed: refused",
        ["run", "target/demo/changed.mpp", "--grant"],
    )?;
    demo.mpp(0, "Every call is on record, the refused ones too", ["audit", "show"])?;
    demo.mpp(0, "And the record verifies", ["audit", "verify"])?;
    println!("The report it wrote: target/demo/workspace/reports/sales.md");
    Ok(())
}

struct Demo {
    environment: Environment,
}

impl Demo {
    /// Shows and runs one command line, and holds it to its exit status.
    fn mpp<const N: usize>(&self, expected: u8, title: &str, words: [&str; N]) -> Result<(), Box<dyn Error>> {
        println!("── {title}\n$ mpp {}\n", words.map(quoted).join(" "));
        let status =
            mpp_cli::run(arguments(words), &self.environment, &mut Streams::process(&self.environment));
        println!("\nexit status {status}\n");
        if status == expected { Ok(()) } else { Err(format!("expected exit status {expected}").into()) }
    }

    /// What a command prints.
    fn output_of<const N: usize>(&self, words: [&str; N]) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut printed = Vec::new();
        let mut streams = Streams { out: Box::new(&mut printed), ..Streams::process(&self.environment) };
        let status = mpp_cli::run(arguments(words), &self.environment, &mut streams);
        drop(streams);
        if status == 0 { Ok(printed) } else { Err(format!("exit status {status}").into()) }
    }
}

fn arguments<const N: usize>(words: [&str; N]) -> impl Iterator<Item = OsString> {
    ["mpp"].into_iter().chain(words).map(OsString::from)
}

/// A word as one would type it.
fn quoted(word: &str) -> String {
    if word.contains([' ', '"']) { format!("'{word}'") } else { word.to_owned() }
}

/// Empties the demo's place and makes its data.
fn fresh(place: &Path) -> Result<(), Box<dyn Error>> {
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    let data = place.join("workspace");
    fs::create_dir_all(data.join("reports"))?;
    let mut csv = String::from("region,product,price\n");
    for row in 0..ROWS {
        let region = ["north", "east", "south", "west"][row % 4];
        let product = ["tea", "coffee", "cake"][row % 3];
        writeln!(csv, "{region},{product},{}.{:02}", 1 + row % 9, row % 100)?;
    }
    fs::write(data.join("sales.csv"), csv)?;
    let text = serde_json::json!({ "text": fs::read_to_string("README.md")? });
    fs::write(place.join("text.json"), text.to_string())?;
    Ok(())
}

/// A copy of the signed package with one bit of its code turned over.
fn change_one_byte(place: &Path) -> std::io::Result<()> {
    let mut bytes = fs::read(place.join("csv-report.mpp"))?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(place.join("changed.mpp"), bytes)
}
