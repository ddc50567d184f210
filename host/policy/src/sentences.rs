//! Permissions in plain words, for a person who is asked to approve them.

use crate::outbound::{HostPattern, Outbound};
use crate::outbound_form::names;
use crate::path::GuestPath;
use crate::permissions::{FilesystemPermissions, NetworkPermissions, Permissions};
use crate::text::Quoted;

impl Permissions {
    /// What these permissions allow, one sentence for each entry, to follow
    /// "This tool can". Empty where nothing is allowed.
    ///
    /// Words of the manifest appear quoted where they could pass for words of
    /// the sentence.
    pub fn sentences(&self) -> Vec<String> {
        let Self {
            filesystem: FilesystemPermissions { read, write },
            network: NetworkPermissions { outbound },
            env,
            clock,
            random,
        } = self;
        let mut sentences = Vec::new();
        sentences.extend(read.iter().map(|path| on_files("read", path)));
        sentences.extend(
            write
                .iter()
                .map(|path| on_files("create, change and delete", path)),
        );
        sentences.extend(outbound.iter().map(on_network));
        sentences.extend(
            env.iter()
                .map(|name| format!("read the environment variable {name}")),
        );
        if *clock {
            sentences.push("know the time".to_owned());
        }
        if *random {
            sentences.push("draw random numbers".to_owned());
        }
        sentences
    }
}

fn on_files(verb: &str, path: &GuestPath) -> String {
    if path.as_str() == "/" {
        return format!("{verb} every file (/)");
    }
    format!("{verb} files under {}", Quoted(path.as_str()))
}

fn on_network(entry: &Outbound) -> String {
    let methods = match entry.methods() {
        Some(methods) => format!("{} requests", names(methods).join(", ")),
        None => "requests".to_owned(),
    };
    let scheme = match entry.scheme() {
        Some(scheme) => format!("{scheme} "),
        None => String::new(),
    };
    let host = match entry.host() {
        HostPattern::Exact(_) | HostPattern::Ip(_) => entry.authority(),
        HostPattern::Subdomains(parent) => {
            format!("every host below {parent}, port {}", entry.port())
        }
    };
    let paths = match entry.path_prefix() {
        Some(prefix) => format!(", paths under {}", Quoted(prefix.as_str())),
        None => String::new(),
    };
    format!("send {scheme}{methods} to {host}{paths}")
}
