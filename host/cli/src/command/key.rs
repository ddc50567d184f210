//! `mpp key`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use mpp_package::PublicKey;
use serde_json::json;

use crate::context::Context;
use crate::exit::{Failure, Outcome, file_trouble};
use crate::keys;

/// Make and show signing keys
#[derive(Debug, Args)]
#[command(after_help = "\
A signing key is an Ed25519 key in a PKCS#8 PEM file that only you can read. Keep it: who holds
it can publish in your name, and without it you cannot publish updates.")]
pub(crate) struct Key {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    New(New),
    Show(Show),
    List(List),
}

/// Make a signing key
#[derive(Debug, Args)]
struct New {
    /// Name of the key: <config>/keys/NAME.pem
    #[arg(default_value = "default", value_parser = key_name)]
    name: String,
    /// Write it to this file instead
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    out: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Print the public half of a key, to hand to those who shall trust it
#[derive(Debug, Args)]
#[command(after_help = "\
--record prints one line, in the form that MCP registries use. Publish it as a DNS TXT record of
your domain (that of com.example is example.com), or as the document
https://example.com/.well-known/mcp-registry-auth. It says that the owner of the domain vouches for
the key, and so for a root that the key signed; `mpp trust add --domain-record` compares it.")]
struct Show {
    /// Name or file of the key
    #[arg(value_name = "NAME|FILE")]
    key: Option<String>,
    /// Print the record by which the owner of a domain vouches for the key
    #[arg(long, conflicts_with = "json")]
    record: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// List your signing keys
#[derive(Debug, Args)]
struct List {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Key {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        match self.command {
            KeyCommand::New(command) => command.run(context),
            KeyCommand::Show(command) => command.run(context),
            KeyCommand::List(command) => command.run(context),
        }
    }
}

impl New {
    fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let path = match self.out {
            Some(path) => path,
            None => keys::path_of(&context.home()?, Some(&self.name)),
        };
        let public = keys::make(&path)?.public_key();
        if self.json {
            return context.streams.json(&document(&path, &public));
        }
        context.streams.line(&path.display().to_string())?;
        context.streams.note("fingerprint", &public.id().to_string());
        context
            .streams
            .note("next", "`mpp key show` prints the public half, for `mpp trust add PUBLISHER FILE`");
        Ok(())
    }
}

impl Show {
    fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let path = keys::file(self.key.as_deref(), context)?;
        let public = keys::read(&path, context.streams)?.public_key();
        if self.json {
            return context.streams.json(&document(&path, &public));
        }
        if self.record {
            return show_record(&public, context);
        }
        let pem = public
            .to_pem()
            .map_err(|error| Failure::host("cannot write the public key").because_of(&error))?;
        context.streams.text(&pem)?;
        context.streams.note("fingerprint", &public.id().to_string());
        Ok(())
    }
}

fn show_record(public: &PublicKey, context: &mut Context<'_, '_>) -> Outcome {
    context.streams.line(&public.to_domain_record())?;
    context.streams.note(
        "next",
        "publish it as a DNS TXT record of your domain, or as its /.well-known/mcp-registry-auth",
    );
    Ok(())
}

impl List {
    fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let directory = context.home()?.keys();
        let mut found = Vec::new();
        for path in pem_files(&directory)? {
            // One unreadable file must not hide the others.
            match keys::read(&path, context.streams) {
                Ok(key) => found.push((path, key.public_key())),
                Err(failure) => context.streams.warn(failure.what()),
            }
        }
        if self.json {
            let keys: Vec<_> = found.iter().map(|(path, key)| document(path, key)).collect();
            return context.streams.json(&json!({ "keys": keys }));
        }
        if found.is_empty() {
            let none = format!("no key is in {}; `mpp key new` makes one", directory.display());
            context.streams.note("nothing", &none);
            return Ok(());
        }
        let rows = found
            .iter()
            .map(|(path, key)| vec![name_of(path), key.id().to_string(), path.display().to_string()]);
        context.streams.table(&["name", "fingerprint", "file"], rows.collect())
    }
}

fn document(path: &Path, public: &PublicKey) -> serde_json::Value {
    json!({
        "name": name_of(path),
        "file": path.display().to_string(),
        "fingerprint": public.id(),
        "public_key": public,
    })
}

fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn key_name(text: &str) -> Result<String, String> {
    if keys::is_name(text) {
        return Ok(text.to_owned());
    }
    Err("a name is letters, digits, `-` and `_`; `--out FILE` writes the key anywhere else".to_owned())
}

/// The key files of a directory, sorted; none where there is no directory.
fn pem_files(directory: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = match directory.read_dir() {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(file_trouble("list", directory, &error)),
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pem"))
        .collect();
    files.sort();
    Ok(files)
}
