//! Builds the tools that the tests run: the guests of `guests/examples` and the
//! samples, for WebAssembly, and tells the tests where they are.
//!
//! It runs a cargo of its own, with a target directory of its own below the
//! outer one: the outer cargo holds the lock of its directory while this runs.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const WASIP2: &str = "wasm32-wasip2";
const UNKNOWN: &str = "wasm32-unknown-unknown";

/// The stack that tools are linked with, as `mpp build` does it, in bytes.
const STACK: u64 = 64 << 10;

/// The memory for an allocator that tools begin with, as `mpp build` does it, in bytes.
const HEAP: u64 = 64 << 10;

/// The samples, with what their `mpp.yaml` says of how to build them. A test
/// holds the two together.
const SAMPLES: &[(&str, &str, u64)] = &[
    ("csv-report", WASIP2, STACK),
    ("file-search", WASIP2, 256 << 10),
    ("github-issues", WASIP2, STACK),
    ("http-fetch", UNKNOWN, 1 << 20),
    ("json-query", UNKNOWN, 1 << 20),
    ("text-stats", UNKNOWN, STACK),
];

/// What is measured with the arguments of `mpp build` and without.
const MEASURED: &str = "text-stats";

/// What the conformance suite of MCP is answered with.
const CONFORMANCE: &str = "mpp-conformance-tools";

/// What is built for both targets, to be compared.
const ALSO_WASIP2: &str = "text-stats";
const ALSO_UNKNOWN: &str = "panics";

/// Variables by which the outer cargo, or who called it, would decide how tools
/// are compiled.
const NOT_INHERITED: &[&str] = &[
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
];

fn main() {
    let workspace = workspace();
    watch(&workspace);
    require_targets();
    let build = Build { target_directory: target_directory(), workspace };
    let plain = Build { target_directory: target_directory().join("plain"), ..build.clone() };
    let guests = guests(&build.workspace);

    let mut constants = Constants::default();
    plain.sample(MEASURED, UNKNOWN, "");
    build.everything_with_the_common_stack();
    for (sample, target, stack) in SAMPLES {
        if *stack != STACK {
            build.sample(sample, target, &link_flags(*stack));
        }
        constants.add(sample, "", &build.library(target, sample));
    }
    constants.add(ALSO_WASIP2, "_WASIP2", &build.library(WASIP2, ALSO_WASIP2));
    constants.add(MEASURED, "_PLAIN", &plain.library(UNKNOWN, MEASURED));
    constants.add(CONFORMANCE, "", &build.library(WASIP2, CONFORMANCE));
    for guest in &guests {
        constants.add(guest, "", &build.example(WASIP2, guest));
    }
    constants.add(ALSO_UNKNOWN, "_UNKNOWN", &build.example(UNKNOWN, ALSO_UNKNOWN));
    constants.write(SAMPLES);
}

fn workspace() -> PathBuf {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    here.parent().map(Path::to_owned).unwrap_or(here)
}

fn watch(workspace: &Path) {
    let watched = [
        "tests/build.rs",
        "tests/conformance",
        "tests/guests",
        "sample-tools",
        "guest-sdk/src",
        "wit",
        "guest-sdk/Cargo.toml",
        "guest-sdk/macros/src",
        "guest-sdk/macros/Cargo.toml",
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
    ];
    for path in watched {
        println!("cargo::rerun-if-changed={}", workspace.join(path).display());
    }
}

/// `target/guests`, where `OUT_DIR` is `target/debug/build/mpp-tests-…/out`.
fn target_directory() -> PathBuf {
    let out = PathBuf::from(variable("OUT_DIR"));
    let target = out.ancestors().nth(4);
    target.unwrap_or_else(|| panic!("{} lies in no target directory", out.display())).join("guests")
}

/// The names of the guests: one source file each.
fn guests(workspace: &Path) -> Vec<String> {
    let directory = workspace.join("tests/guests/examples");
    let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap_or_else(|error| panic!("{}: {error}", directory.display())).path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort_unstable();
    names
}

fn require_targets() {
    for target in [WASIP2, UNKNOWN] {
        let found =
            Command::new(variable("RUSTC")).args(["--print", "target-libdir", "--target", target]).output();
        let there =
            found.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir());
        assert!(
            there,
            "the compiler has no library for {target}; run\n\n    rustup target add {WASIP2} {UNKNOWN}\n"
        );
    }
}

#[derive(Clone)]
struct Build {
    workspace: PathBuf,
    target_directory: PathBuf,
}

impl Build {
    fn everything_with_the_common_stack(&self) {
        for target in [WASIP2, UNKNOWN] {
            let mut command = self.cargo("build", target, &link_flags(STACK));
            command.args(["--package", "mpp-test-guests", "--lib"]);
            match target {
                WASIP2 => command.args(["--examples", "--package", ALSO_WASIP2, "--package", CONFORMANCE]),
                _ => command.args(["--example", ALSO_UNKNOWN]),
            };
            for (sample, wanted, stack) in SAMPLES {
                if *wanted == target && *stack == STACK {
                    command.args(["--package", sample]);
                }
            }
            run(&mut command);
        }
    }

    /// Builds one sample with flags of its own, and all that it depends on: Cargo puts
    /// what `cargo rustc` is told before the flags that hold for all, and of two sizes
    /// of a stack the linker takes the last.
    fn sample(&self, sample: &str, target: &str, flags: &str) {
        let mut command = self.cargo("build", target, flags);
        command.args(["--package", sample, "--lib"]);
        run(&mut command);
    }

    fn cargo(&self, verb: &str, target: &str, flags: &str) -> Command {
        let mut command = Command::new(variable("CARGO"));
        command.current_dir(&self.workspace).args([verb, "--release", "--locked", "--target", target]);
        for name in NOT_INHERITED {
            command.env_remove(name);
        }
        command
            .env("CARGO_TARGET_DIR", &self.target_directory)
            .env("CARGO_PROFILE_RELEASE_LTO", "true")
            .env("CARGO_PROFILE_RELEASE_STRIP", "true")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")
            .env("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", flags)
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
        command
    }

    fn library(&self, target: &str, package: &str) -> PathBuf {
        self.built(target, &format!("{}.wasm", package.replace('-', "_")))
    }

    fn example(&self, target: &str, name: &str) -> PathBuf {
        self.built(target, &format!("examples/{name}.wasm"))
    }

    fn built(&self, target: &str, file: &str) -> PathBuf {
        let path = self.target_directory.join(target).join("release").join(file);
        assert!(
            path.is_file(),
            "cargo made no {}; is it of type `cdylib` in its Cargo.toml?",
            path.display()
        );
        path
    }
}

fn link_flags(stack: u64) -> String {
    format!("-C link-arg=-zstack-size={stack} -C link-arg=--initial-heap={HEAP}")
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
}

/// The Rust code that tells the tests what there is.
#[derive(Default)]
struct Constants(String);

impl Constants {
    fn add(&mut self, name: &str, suffix: &str, path: &Path) {
        let constant = name.replace('-', "_").to_uppercase();
        let _ = writeln!(
            self.0,
            "pub const {constant}{suffix}: Guest = Guest {{ name: {name:?}, path: {path:?} }};"
        );
    }

    fn write(mut self, samples: &[(&str, &str, u64)]) {
        let _ = writeln!(self.0, "/// Name, target and stack in bytes of each sample.");
        let _ = writeln!(self.0, "pub const SAMPLES: &[(&str, &str, u64)] = &{samples:?};");
        let path = Path::new(&variable("OUT_DIR")).join("artifacts.rs");
        fs::write(&path, self.0).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name} for build scripts"))
}
