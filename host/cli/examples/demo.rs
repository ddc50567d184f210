//! `cargo demo`: what this project is, in six commands.
//!
//! Runs the `mpp` command as a person would, in a home of its own below
//! `target/`, and stops if anything ends other than it should.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use mpp_cli::home::Environment;
use mpp_cli::output::Streams;

/// Rows of the generated sales file.
const ROWS: usize = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).ok_or("the workspace has a root")?;
    let place = root.join("target/demo");
    let data = fresh(&place)?;
    let demo = Demo {
        root: root.to_owned(),
        environment: Environment::process().with("MPP_HOME", &place.join("home")),
    };
    let text = serde_json::json!({ "text": fs::read_to_string(root.join("README.md"))?, "top": 5 });
    let input = place.join("text.json");
    fs::write(&input, text.to_string())?;

    println!(
        "Two sample tools are built for WebAssembly (the first time takes a minute), packed, signed, and run.\n"
    );
    demo.mpp(
        0,
        "A tool that may touch nothing, on this project's README",
        ["run", "sample-tools/text-stats", "--input", &format!("@{}", input.display())],
    )?;
    let map = format!("/workspace={}", data.display());
    demo.mpp(
        0,
        &format!("A tool that may read /workspace and write /workspace/reports, on {ROWS} sales"),
        [
            "run",
            "sample-tools/csv-report",
            "--map",
            &map,
            "--input",
            r#"{"path": "/workspace/sales.csv", "group_by": ["region"]}"#,
        ],
    )?;
    demo.mpp(
        4,
        "The same tool, asked to write outside its boundary: denied",
        [
            "run",
            "sample-tools/csv-report",
            "--map",
            &map,
            "--input",
            r#"{"path": "/workspace/sales.csv", "output_directory": "/workspace"}"#,
        ],
    )?;
    let package = change_one_byte(root, &place)?;
    demo.mpp(3, "Its package with one byte changed: refused", ["run", &package, "--grant"])?;
    demo.mpp(0, "Every call is on record, the refused ones too", ["audit", "show"])?;
    demo.mpp(0, "And the record verifies", ["audit", "verify"])?;
    println!("The report it wrote: {}", data.join("reports/sales.md").display());
    Ok(())
}

struct Demo {
    root: PathBuf,
    environment: Environment,
}

impl Demo {
    /// Runs one command line and holds it to its exit status.
    fn mpp<const N: usize>(&self, expected: u8, title: &str, words: [&str; N]) -> Result<(), Box<dyn Error>> {
        println!("── {title}\n$ mpp {}\n", shown(&words, &self.root));
        let arguments =
            [OsStr::new("mpp")].into_iter().chain(words.iter().map(OsStr::new)).map(OsString::from);
        let status = mpp_cli::run(arguments, &self.environment, &mut Streams::process(&self.environment));
        println!("\nexit status {status}\n");
        if status == expected { Ok(()) } else { Err(format!("expected exit status {expected}").into()) }
    }
}

/// A command line as one would type it at the root of this checkout.
fn shown(words: &[&str], root: &Path) -> String {
    let prefix = format!("{}/", root.display());
    let quoted = words.iter().map(|word| {
        let word = word.replace(&prefix, "");
        if word.contains([' ', '"']) { format!("'{word}'") } else { word }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// Empties the demo's place and makes its data.
fn fresh(place: &Path) -> std::io::Result<PathBuf> {
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    let data = place.join("workspace");
    fs::create_dir_all(data.join("reports"))?;
    let mut csv = String::from("region,product,price\n");
    for row in 0..ROWS {
        let region = ["north", "east", "south", "west"][row % 4];
        let product = ["tea", "coffee", "cake"][row % 3];
        let _ = writeln!(csv, "{region},{product},{}.{:02}", 1 + row % 9, row % 100);
    }
    fs::write(data.join("sales.csv"), csv)?;
    Ok(data)
}

/// A copy of the built package with one bit of its code turned over.
fn change_one_byte(root: &Path, place: &Path) -> Result<String, Box<dyn Error>> {
    let mut bytes = fs::read(root.join("target/mpp/csv-report-1.0.0.mpp"))?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let changed = place.join("changed.mpp");
    fs::write(&changed, bytes)?;
    Ok(changed.display().to_string())
}
