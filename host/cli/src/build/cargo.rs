//! Drives cargo: from a directory with a `Cargo.toml` to a `.wasm` file.

use std::ffi::{OsStr, OsString};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use cargo_metadata::{Artifact, Message};

use super::toolchain::Toolchain;
use crate::exit::{Failure, Outcome};
use crate::home::Environment;
use crate::output::Streams;

/// The room for an allocator that a tool's memory begins with, in bytes: what the
/// first allocation takes, so that a small call never grows its memory. Growing costs
/// the host two changes of what is mapped in each call.
const INITIAL_HEAP_BYTES: u64 = 64 * 1024;

/// What to build.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CargoBuild<'a> {
    /// Where `Cargo.toml` is.
    pub(crate) directory: &'a Path,
    /// For which target.
    pub(crate) triple: &'static str,
    /// How much stack the tool is linked with, in bytes.
    pub(crate) stack_bytes: u64,
}

/// What was built.
#[derive(Debug)]
pub(crate) struct Built {
    /// The component, or the core module for a target without components.
    pub(crate) wasm: PathBuf,
    /// Cargo's target directory, where the package goes too.
    pub(crate) target_directory: PathBuf,
}

impl CargoBuild<'_> {
    /// Builds with `cargo component` where it is installed and the target makes
    /// components, with plain cargo otherwise. Both give the same component.
    pub(crate) fn run(self, environment: &Environment, streams: &mut Streams<'_>) -> Outcome<Built> {
        let manifest = self.directory.join("Cargo.toml");
        if !manifest.is_file() {
            return Err(Failure::usage(format!("there is no {}", manifest.display()))
                .because("a tool is a Rust package beside its mpp.yaml")
                .next("`mpp new NAME` makes one that builds and runs at once"));
        }
        let toolchain = Toolchain::of(environment);
        toolchain.require_target(self.directory, self.triple)?;
        let mut command = self.command(&toolchain, environment);
        if !streams.terminal.err {
            command.arg("--quiet");
        }
        let artifacts = build(&mut command, streams)?;
        self.find(&manifest, &artifacts)
    }

    fn command(self, toolchain: &Toolchain, environment: &Environment) -> Command {
        let mut command = toolchain.cargo(self.directory);
        if self.has_cargo_component(toolchain) {
            command.arg("component");
        }
        command
            .args(["build", "--release", "--message-format=json-render-diagnostics"])
            // Cargo runs in the directory, whose own name may be relative.
            .args(["--target", self.triple, "--manifest-path", "Cargo.toml"])
            // Small code starts fast: every call is a fresh instance.
            .env("CARGO_PROFILE_RELEASE_LTO", "true")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")
            .env("CARGO_PROFILE_RELEASE_STRIP", "true");
        let (variable, flags) = self.link_flags(environment);
        command.env(variable, flags);
        command
    }

    /// Whether `cargo component` can build this. It builds for `wasm32-wasip1`
    /// beside whatever it is asked for, and fails where that target is not
    /// installed and cannot be fetched.
    fn has_cargo_component(self, toolchain: &Toolchain) -> bool {
        self.triple == "wasm32-wasip2"
            && toolchain.has_target(self.directory, "wasm32-wasip1")
            && toolchain.cargo_component_version(self.directory).is_some()
    }

    /// The variable that carries compiler flags, and its new value. Cargo
    /// listens to the first of the three that is set, so the flags are appended
    /// there.
    fn link_flags(self, environment: &Environment) -> (String, OsString) {
        let stack = format!("link-arg=-zstack-size={}", self.stack_bytes);
        let heap = format!("link-arg=--initial-heap={INITIAL_HEAP_BYTES}");
        let link = ["-C", &stack, "-C", &heap];
        let for_target =
            format!("CARGO_TARGET_{}_RUSTFLAGS", self.triple.to_ascii_uppercase().replace('-', "_"));
        let encoded = "CARGO_ENCODED_RUSTFLAGS";
        if let Some(flags) = environment.variable(encoded) {
            return (encoded.to_owned(), joined(flags, "\u{1f}", link));
        }
        let variable = match environment.variable("RUSTFLAGS") {
            Some(_) => "RUSTFLAGS".to_owned(),
            None => for_target,
        };
        let flags = environment.variable(&variable).unwrap_or_default();
        let flags = joined(flags, " ", link);
        (variable, flags)
    }

    /// Finds the one `.wasm` that the package at `manifest` makes for this
    /// target.
    fn find(self, manifest: &Path, artifacts: &[Artifact]) -> Outcome<Built> {
        let mut files: Vec<PathBuf> = artifacts
            .iter()
            .filter(|artifact| same_file(artifact.manifest_path.as_std_path(), manifest))
            .flat_map(|artifact| &artifact.filenames)
            .filter(|file| file.extension() == Some("wasm"))
            .map(|file| file.clone().into_std_path_buf())
            .filter(|file| self.target_directory(file).is_some())
            .collect();
        files.sort();
        files.dedup();
        match files.as_slice() {
            [wasm] => Ok(Built {
                target_directory: self
                    .target_directory(wasm)
                    .unwrap_or_else(|| self.directory.join("target")),
                wasm: wasm.clone(),
            }),
            [] => Err(Failure::package(format!("{} builds no component", manifest.display()))
                .because("cargo made no .wasm file from this package")
                .next("set `crate-type = [\"cdylib\"]` under `[lib]` in its Cargo.toml")),
            several => Err(Failure::package(format!("{} builds several components", manifest.display()))
                .because(several.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", "))
                .next("keep one library or binary in the package; several tools can share one component")),
        }
    }

    /// The target directory above `TARGET/<triple>/release/NAME.wasm`; none for
    /// a file of another target.
    fn target_directory(self, wasm: &Path) -> Option<PathBuf> {
        let of_triple = wasm.ancestors().nth(2)?;
        let is_ours = of_triple.file_name()? == self.triple;
        is_ours.then(|| of_triple.parent().map(Path::to_owned))?
    }
}

/// Runs cargo, shows what it has to say, and returns what it made.
fn build(command: &mut Command, streams: &mut Streams<'_>) -> Outcome<Vec<Artifact>> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    // On a terminal cargo shows its own progress. Elsewhere its words go where
    // ours go.
    command.stderr(if streams.terminal.err { Stdio::inherit() } else { Stdio::piped() });
    let cannot = |error: &std::io::Error| Failure::host("cannot run cargo").because(error);
    let mut child =
        command.spawn().map_err(|error| cannot(&error).next("install Rust from https://rustup.rs"))?;
    let words = collect_words(&mut child);
    let artifacts = child.stdout.take().map(artifacts_of).unwrap_or_default();
    let status = child.wait().map_err(|error| cannot(&error))?;
    if let Some(words) = words.and_then(|thread| thread.join().ok()) {
        let words = String::from_utf8_lossy(&words);
        if !words.trim().is_empty() {
            streams.say(words.trim_end());
        }
    }
    if status.success() {
        return Ok(artifacts);
    }
    Err(Failure::package("the tool does not build").because("cargo says so above"))
}

/// Standard error of the child, read to its end beside standard output so that
/// neither pipe can fill and block cargo.
fn collect_words(child: &mut Child) -> Option<std::thread::JoinHandle<Vec<u8>>> {
    let mut stderr = child.stderr.take()?;
    Some(std::thread::spawn(move || {
        let mut words = Vec::new();
        // What cannot be read is not shown; the exit status still counts.
        let _ = stderr.read_to_end(&mut words);
        words
    }))
}

fn artifacts_of(stdout: impl Read) -> Vec<Artifact> {
    Message::parse_stream(BufReader::new(stdout))
        .filter_map(Result::ok)
        .filter_map(|message| match message {
            Message::CompilerArtifact(artifact) => Some(artifact),
            _ => None,
        })
        .collect()
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

fn joined(flags: &OsStr, separator: &str, more: [&str; 4]) -> OsString {
    let mut all = flags.to_owned();
    for flag in more {
        if !all.is_empty() {
            all.push(separator);
        }
        all.push(flag);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build() -> CargoBuild<'static> {
        CargoBuild { directory: Path::new("/tool"), triple: "wasm32-wasip2", stack_bytes: 65_536 }
    }

    fn flags<const N: usize>(variables: [(&str, &str); N]) -> (String, OsString) {
        let variables = variables.map(|(name, value)| (name, OsStr::new(value)));
        build().link_flags(&Environment::of(variables))
    }

    #[test]
    fn how_a_tool_is_linked_goes_to_the_flags_of_the_target() {
        assert_eq!(
            flags([]),
            (
                "CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS".to_owned(),
                "-C link-arg=-zstack-size=65536 -C link-arg=--initial-heap=65536".into()
            )
        );
    }

    #[test]
    fn flags_of_the_author_are_kept() {
        assert_eq!(
            flags([("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", "-C target-feature=+simd128")]).1,
            "-C target-feature=+simd128 -C link-arg=-zstack-size=65536 -C link-arg=--initial-heap=65536"
        );
    }

    #[test]
    fn where_rustflags_is_set_it_is_appended_to_because_cargo_hears_nothing_else() {
        assert_eq!(
            flags([("RUSTFLAGS", "-D warnings")]),
            (
                "RUSTFLAGS".to_owned(),
                "-D warnings -C link-arg=-zstack-size=65536 -C link-arg=--initial-heap=65536".into()
            )
        );
        assert_eq!(
            flags([("RUSTFLAGS", "-D warnings"), ("CARGO_ENCODED_RUSTFLAGS", "-D\u{1f}warnings")]),
            (
                "CARGO_ENCODED_RUSTFLAGS".to_owned(),
                "-D\u{1f}warnings\u{1f}-C\u{1f}link-arg=-zstack-size=65536\u{1f}-C\u{1f}link-arg=--initial-heap=65536"
                    .into()
            )
        );
    }

    #[test]
    fn the_target_directory_lies_above_the_triple() {
        let ours = Path::new("/elsewhere/wasm32-wasip2/release/tool.wasm");
        assert_eq!(build().target_directory(ours), Some(PathBuf::from("/elsewhere")));
    }

    #[test]
    fn what_was_built_for_another_target_is_not_taken() {
        let other = Path::new("/elsewhere/wasm32-wasip1/release/tool.wasm");
        assert_eq!(build().target_directory(other), None);
        assert_eq!(build().target_directory(Path::new("/tool.wasm")), None);
    }
}
