//! `mpp build`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::sign::{self, SigningArguments};
use crate::build::Source;
use crate::context::Context;
use crate::durable::{self, Readers};
use crate::exit::{Failure, Outcome};

/// Build a tool into a package
#[derive(Debug, Args)]
#[command(after_help = "\
Reads DIR/mpp.yaml and DIR/Cargo.toml, builds with `cargo component` where it is installed and with
plain cargo otherwise, asks the component what tools it has, and checks that mpp.yaml declares
every permission its imports need. Prints the path of the package.")]
pub(crate) struct Build {
    /// Directory of the tool
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Pack this component, or core module, instead of building one
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
    /// Write the package to this file [default: target/mpp/NAME-VERSION.mpp]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Sign it, too
    #[arg(long)]
    sign: bool,
    #[command(flatten)]
    signing: SigningArguments,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Build {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        if self.signing.any() && !self.sign {
            return Err(Failure::usage("--key, --sequence and --expires say how to sign")
                .next("add --sign, or leave them out"));
        }
        // A key that is not there should not cost a build.
        let key = if self.sign { Some(self.signing.key(context)?) } else { None };
        let mut built = Source::open(&self.dir)?.build(self.component.as_deref(), context)?;
        if let Some(key) = &key {
            built.bytes = sign::sign(&built.bytes, key, &self.signing.options()?)?;
        }
        let path = self.out.unwrap_or(built.path);
        durable::write(&path, &built.bytes, Readers::Anyone)?;
        let (manifest, tools) = (&built.manifest, built.manifest.tools());
        if self.json {
            return context.streams.json(&json!({
                "file": path.display().to_string(),
                "publisher": manifest.publisher(),
                "name": manifest.name(),
                "version": manifest.version(),
                "bytes": built.bytes.len(),
                "signed": key.is_some(),
                "tools": tools.iter().map(|tool| &tool.name).collect::<Vec<_>>(),
                "permissions": manifest.permissions(),
                "imports": built.imports.iter().map(|import| &import.name).collect::<Vec<_>>(),
            }));
        }
        context.streams.line(&path.display().to_string())?;
        let names: Vec<_> = tools.iter().map(|tool| tool.name.to_string()).collect();
        context
            .streams
            .note("built", &format!("{} {} with {}", manifest.name(), manifest.version(), names.join(", ")));
        if key.is_none() {
            context.streams.note("next", &format!("sign it: mpp sign {}", path.display()));
        }
        Ok(())
    }
}
