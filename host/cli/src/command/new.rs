//! `mpp new`

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use mpp_package::{PackageName, PublisherName};

use crate::context::Context;
use crate::durable::{self, Readers};
use crate::exit::{Failure, Outcome, file_trouble};

/// The files of a new tool, by their path in it.
const TEMPLATE: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("../../../../guest-sdk/template/Cargo.toml")),
    ("mpp.yaml", include_str!("../../../../guest-sdk/template/mpp.yaml")),
    ("src/lib.rs", include_str!("../../../../guest-sdk/template/src/lib.rs")),
    ("README.md", include_str!("../../../../guest-sdk/template/README.md")),
    (".gitignore", include_str!("../../../../guest-sdk/template/.gitignore")),
];

/// The publisher that the template names, as it stands there.
const TEMPLATE_PUBLISHER: &str = "publisher: com.example\n";

/// Where the SDK is if this command was built from a checkout that is still
/// there.
const SDK_OF_THIS_CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../guest-sdk");

/// Names that cargo or the compiler keeps for itself, and package names allow.
const RESERVED: [&str; 41] = [
    "abstract", "alloc", "as", "async", "await", "become", "box", "break", "const", "continue", "core",
    "crate", "do", "dyn", "else", "enum", "extern", "final", "fn", "for", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "pub", "ref", "return", "static", "std", "struct", "test",
    "trait", "type", "use", "where",
];

/// Make a new tool that builds and runs at once
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  mpp new hello
  mpp run hello --input '{\"name\": \"Ada\"}'")]
pub(crate) struct New {
    /// Name of the tool's package, and of the directory that is made
    name: PackageName,
    /// Make the directory in this one [default: here]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Who publishes it, in reverse DNS form [default: com.example]
    #[arg(long, value_name = "NAME")]
    publisher: Option<PublisherName>,
    /// Use the guest SDK of this checkout
    #[arg(long, value_name = "PATH")]
    sdk: Option<PathBuf>,
}

impl New {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let name = self.name.as_str();
        if RESERVED.contains(&name) {
            return Err(Failure::usage(format!("{name} cannot be the name of a Rust package"))
                .because("Rust keeps that word for itself")
                .next(format!("for example {name}-tool")));
        }
        let directory = self.dir.as_deref().unwrap_or(Path::new("")).join(name);
        if directory.exists() {
            return Err(Failure::usage(format!("{} exists already", directory.display()))
                .next("choose another name, or another place with --dir"));
        }
        let sdk = self.sdk_dependency(context.environment.working_directory()?)?;
        let publisher = match &self.publisher {
            Some(publisher) => format!("publisher: {publisher}\n"),
            None => TEMPLATE_PUBLISHER.to_owned(),
        };
        for (path, text) in TEMPLATE {
            let text = text
                .replace("{{name}}", name)
                .replace("{{sdk}}", &sdk)
                .replace(TEMPLATE_PUBLISHER, &publisher);
            write(&directory.join(path), &text)?;
        }
        context.streams.line(&directory.display().to_string())?;
        context
            .streams
            .note("next", &format!("mpp run {} --input '{{\"name\": \"Ada\"}}'", directory.display()));
        Ok(())
    }

    /// The SDK as a dependency: the checkout that was named, the one this
    /// command was built from, or the release of the same version.
    fn sdk_dependency(&self, here: &Path) -> Outcome<String> {
        let directory = match &self.sdk {
            Some(named) => sdk_in(&here.join(named)).ok_or_else(|| {
                Failure::usage(format!("there is no guest SDK in {}", named.display()))
                    .next("name a checkout of this project, or its directory guest-sdk")
            })?,
            None => match sdk_in(Path::new(SDK_OF_THIS_CHECKOUT)) {
                Some(directory) => directory,
                None => return Ok(format!("\"{}\"", env!("CARGO_PKG_VERSION"))),
            },
        };
        // A JSON string is a TOML string: the same escapes.
        Ok(format!("{{ path = {} }}", serde_json::Value::from(directory.to_string_lossy())))
    }
}

/// The directory of the SDK: this one, or `guest-sdk` below it.
fn sdk_in(directory: &Path) -> Option<PathBuf> {
    [directory.join("guest-sdk"), directory.to_owned()]
        .into_iter()
        .find(|candidate| candidate.join("Cargo.toml").is_file() && candidate.join("template").is_dir())
        .and_then(|candidate| candidate.canonicalize().ok())
}

fn write(path: &Path, text: &str) -> Outcome {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| file_trouble("make the directory", parent, &error))?;
    }
    durable::create(path, text.as_bytes(), Readers::Anyone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_of_the_template_has_a_value() {
        for (path, text) in TEMPLATE {
            let filled = text.replace("{{name}}", "hello").replace("{{sdk}}", "\"0.1.0\"");
            assert!(!filled.contains("{{"), "{path}");
        }
        assert!(TEMPLATE.iter().any(|(_, text)| text.contains(TEMPLATE_PUBLISHER)));
    }

    #[test]
    fn the_manifest_of_a_new_tool_is_one() {
        let (_, yaml) = TEMPLATE.iter().find(|(path, _)| *path == "mpp.yaml").unwrap();
        mpp_package::AuthorManifest::parse(&yaml.replace("{{name}}", "hello")).unwrap();
    }
}
