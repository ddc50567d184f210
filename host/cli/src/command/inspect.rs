//! `mpp inspect`

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;
use mpp_host::{Import, Inspection, Need};
use mpp_package::{Icon, IconTheme, Manifest, Package};
use mpp_policy::{LimitsRequest, Permission, Permissions};
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::installed::Store;
use crate::output::{Streams, plain, plain_line};
use crate::progress::Progress;
use crate::{blame, host, packages, trust};

/// Show what a package is, who signed it, and what it can touch
#[derive(Debug, Args)]
#[command(after_help = "\
Runs no code of the package. Exit status 0 if every import is covered by a declared permission, 3 if
one is not; whether the signature holds is shown, and is for `mpp verify` to fail on.")]
pub(crate) struct Inspect {
    /// A package file, or an installed name
    #[arg(value_name = "PKG")]
    package: String,
    /// The detached signature [default: FILE.sig, if the package carries none]
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Everything that is shown.
struct Facts {
    package: Package,
    signature: Signature,
    imports: Vec<Import>,
}

/// What is known of the signature.
struct Signature {
    /// One word for a program.
    status: &'static str,
    /// A line for a person.
    words: String,
}

impl Inspect {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let path = self.path(context)?;
        let package = packages::read(&path, self.signature.as_deref())?;
        let inspection = compiled(&package, context)?;
        let facts = Facts {
            signature: Signature::of(&package, context)?,
            imports: inspection.imports().to_vec(),
            package,
        };
        if self.json {
            context.streams.json(&facts.document(&path))?;
        } else {
            facts.show(&path, context.streams)?;
        }
        inspection.check(facts.manifest().permissions()).map_err(|error| {
            Failure::package("the package imports what it does not declare, so no host runs it")
                .because_of(&error)
        })
    }

    fn path(&self, context: &Context<'_, '_>) -> Outcome<PathBuf> {
        let path = PathBuf::from(&self.package);
        if path.is_file() {
            return Ok(path);
        }
        if path.is_dir() {
            return Err(Failure::usage(format!("{} is a directory", path.display()))
                .next("`mpp build` makes a package of a source directory, and prints its path"));
        }
        let home = context.home()?;
        let store = Store::of(&home);
        match store.find(&self.package)? {
            Some(installed) => Ok(store.bytes_of(&installed.digest)),
            None => Err(Failure::usage(format!("there is no package {}", self.package))
                .because("it is neither a file nor installed")
                .next("`mpp list` shows what is installed")),
        }
    }
}

/// The component, compiled in a process of its own: nobody has verified it.
fn compiled(package: &Package, context: &Context<'_, '_>) -> Outcome<Inspection> {
    let _shown = Progress::show(format!("compiling {}", package.manifest().name()), context.streams);
    Inspection::by(&host::compiler(context.environment), package.unsigned_bytes())
        .map_err(|error| blame::not_described(&error))
}

impl Signature {
    fn of(package: &Package, context: &Context<'_, '_>) -> Outcome<Self> {
        let keyring = trust::keyring(&context.home()?)?;
        Ok(match keyring.verify(package.clone(), SystemTime::now()) {
            Ok(verified) => {
                let keys: Vec<_> = verified.key_ids().iter().map(ToString::to_string).collect();
                Self { status: "holds", words: format!("holds, by the key you trust: {}", keys.join(", ")) }
            }
            Err(error) => Self { status: error.code(), words: error.to_string() },
        })
    }
}

impl Facts {
    fn manifest(&self) -> &Manifest {
        self.package.manifest()
    }

    fn determinism(&self) -> &'static str {
        let Permissions { filesystem, network: _, env, clock: _, random: _ } = self.manifest().permissions();
        let reads = !(filesystem.read.is_empty() && filesystem.write.is_empty() && env.is_empty());
        match (deterministic(&self.imports), reads) {
            (true, false) => "It is deterministic: equal calls have equal answers.",
            (true, true) => {
                "It is deterministic: equal calls have equal answers while what it may read stays the same."
            }
            (false, _) => "It is not deterministic: its answers may depend on time, chance or the network.",
        }
    }

    fn show(&self, path: &Path, streams: &mut Streams<'_>) -> Outcome {
        let manifest = self.manifest();
        streams.line(&format!("{} {} by {}", manifest.name(), manifest.version(), manifest.publisher()))?;
        streams.line(&format!("  {}", plain_line(manifest.description())))?;
        streams.line(&format!("file       {}, {} bytes", path.display(), self.package.bytes().len()))?;
        streams.line(&format!("digest     {}", self.package.digest()))?;
        streams.line(&format!("signature  {}", self.signature.words))?;
        show_icons(manifest.icons(), streams)?;
        show_permissions(manifest.permissions(), streams)?;
        show_limits(manifest.limits(), streams)?;
        streams.line(self.determinism())?;
        streams.line("")?;
        self.show_tools(streams)?;
        streams.line("")?;
        self.show_imports(streams)
    }

    fn show_tools(&self, streams: &mut Streams<'_>) -> Outcome {
        let rows = self.manifest().tools().iter().map(|tool| {
            // The first paragraph; a model reads all of them.
            let paragraph = tool.description.split("\n\n").next().unwrap_or_default();
            vec![tool.name.to_string(), paragraph.replace('\n', " ")]
        });
        streams.table(&["tool", "what it does"], rows.collect())
    }

    fn show_imports(&self, streams: &mut Streams<'_>) -> Outcome {
        let declared = self.manifest().permissions();
        let rows = self.imports.iter().map(|import| {
            let covered = covering(import, declared);
            vec![
                import.name.clone(),
                match (import.need, covered) {
                    (Need::Nothing, _) => "needs no permission".to_owned(),
                    (Need::AnyOf(_), Some(permission)) => format!("declared: {permission}"),
                    (Need::AnyOf(permissions), None) => {
                        let needed: Vec<_> = permissions.iter().map(ToString::to_string).collect();
                        format!("NOT DECLARED: {}", needed.join(" or "))
                    }
                    (Need::Never, _) => "NEVER LINKED".to_owned(),
                },
            ]
        });
        streams.table(&["import", "covered by"], rows.collect())
    }

    fn document(&self, path: &Path) -> Value {
        let manifest = self.manifest();
        let declared = manifest.permissions();
        let imports: Vec<Value> = self
            .imports
            .iter()
            .map(|import| {
                json!({
                    "name": import.name,
                    "covered": import.covered_by(|permission| declared.has(permission)),
                    "permission": covering(import, declared),
                })
            })
            .collect();
        json!({
            "file": path.display().to_string(),
            "bytes": self.package.bytes().len(),
            "publisher": manifest.publisher(),
            "name": manifest.name(),
            "version": manifest.version(),
            "description": manifest.description(),
            "digest": self.package.digest(),
            "signature": { "status": self.signature.status, "reason": self.signature.words },
            "permissions": declared,
            "sentences": declared.sentences(),
            "limits": manifest.limits(),
            "deterministic": deterministic(&self.imports),
            "imports": imports,
            "tools": manifest.tools(),
            "icons": manifest.icons().iter().map(icon).collect::<Vec<_>>(),
        })
    }
}

/// Whether equal calls have equal results, because nothing that is imported could
/// make them differ.
pub(super) fn deterministic(imports: &[Import]) -> bool {
    imports.iter().all(|import| match import.need {
        Need::Nothing => true,
        Need::AnyOf(permissions) => permissions.iter().all(|permission| match permission {
            Permission::FilesystemRead | Permission::FilesystemWrite | Permission::Env => true,
            Permission::NetworkOutbound | Permission::Clock | Permission::Random => false,
        }),
        Need::Never => false,
    })
}

/// What is known of an icon: what clients are given, in the words of MCP.
fn icon(icon: &Icon) -> Value {
    json!({
        "src": icon.src(),
        "mimeType": icon.format().media_type(),
        "sizes": [icon.size().to_string()],
        "theme": icon.theme().map(IconTheme::as_str),
    })
}

/// How many pictures there are, and what each is.
fn show_icons(icons: &[Icon], streams: &mut Streams<'_>) -> Outcome {
    if icons.is_empty() {
        return Ok(());
    }
    let each = icons.iter().map(|icon| match icon.theme() {
        Some(theme) => format!("{} {} for a {theme} background", icon.format(), icon.size()),
        None => format!("{} {}", icon.format(), icon.size()),
    });
    let each: Vec<_> = each.collect();
    streams.line(&format!("icons      {}: {}", icons.len(), each.join(", ")))
}

/// The declared permission that covers an import which needs one.
fn covering(import: &Import, declared: &Permissions) -> Option<Permission> {
    match import.need {
        Need::AnyOf(permissions) => permissions.iter().copied().find(|permission| declared.has(*permission)),
        Need::Nothing | Need::Never => None,
    }
}

fn show_permissions(permissions: &Permissions, streams: &mut Streams<'_>) -> Outcome {
    let sentences = permissions.sentences();
    if sentences.is_empty() {
        return streams.line("It can touch nothing outside itself.");
    }
    streams.line("It can")?;
    for sentence in sentences {
        streams.line(&format!("  - {}", plain(&sentence)))?;
    }
    streams.line("and nothing else.")
}

/// The limits that the package asks to have lowered.
fn show_limits(limits: &LimitsRequest, streams: &mut Streams<'_>) -> Outcome {
    if limits.is_none() {
        return Ok(());
    }
    let value = serde_json::to_value(limits)
        .map_err(|error| Failure::host("the limits cannot be shown").because(error))?;
    let words: Vec<String> = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{} {value}", name.replace('_', " ")))
        .collect();
    streams.line(&format!("It is content with lower limits: {}.", words.join(", ")))
}
