//! Permissions in plain words, for a person who is asked to approve them.

use crate::host_pattern::HostPattern;
use crate::http::Scheme;
use crate::outbound::Outbound;
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
        sentences.extend(write.iter().map(|path| on_files("create, change and delete", path)));
        sentences.extend(outbound.iter().map(on_network));
        sentences.extend(env.iter().map(|name| format!("read the environment variable {name}")));
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
    let requests = match entry.scheme() {
        None => "HTTP requests",
        Some(Scheme::Https) => "HTTPS requests",
        Some(Scheme::Http) => "unencrypted HTTP requests",
    };
    let methods = match entry.methods() {
        Some(methods) => format!(" (only {})", names(methods).join(", ")),
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
    format!("send {requests}{methods} to {host}{paths}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::EnvName;
    use crate::http::Method;
    use crate::path_prefix::PathPrefix;

    #[test]
    fn nothing_has_no_sentences() {
        assert_eq!(Permissions::none().sentences(), Vec::<String>::new());
    }

    #[test]
    fn each_entry_has_its_sentence() {
        let entry = |text| Outbound::parse(text).unwrap();
        let permissions = Permissions {
            filesystem: FilesystemPermissions {
                read: vec![GuestPath::parse("/data").unwrap()],
                write: vec![GuestPath::parse("/").unwrap()],
            },
            network: NetworkPermissions {
                outbound: vec![
                    entry("api.example.com:443"),
                    entry("*.example.org:80").with_scheme(Scheme::Http),
                    entry("[2001:db8::1]:443")
                        .with_scheme(Scheme::Https)
                        .with_methods([Method::Head, Method::Get])
                        .unwrap()
                        .with_path_prefix(PathPrefix::parse("/v1").unwrap()),
                ],
            },
            env: vec![EnvName::parse("TOKEN").unwrap()],
            clock: true,
            random: true,
        };
        assert_eq!(
            permissions.sentences(),
            [
                "read files under /data",
                "create, change and delete every file (/)",
                "send HTTP requests to api.example.com:443",
                "send unencrypted HTTP requests to every host below example.org, port 80",
                "send HTTPS requests (only GET, HEAD) to [2001:db8::1]:443, paths under /v1",
                "read the environment variable TOKEN",
                "know the time",
                "draw random numbers",
            ],
        );
    }

    #[test]
    fn a_path_cannot_pass_for_words_of_the_sentence() {
        let mut permissions = Permissions::none();
        permissions.filesystem.read = vec![
            GuestPath::parse("/data and nothing else").unwrap(),
            GuestPath::parse("/\u{202e}atad").unwrap(),
        ];
        assert_eq!(
            permissions.sentences(),
            [r#"read files under "/data and nothing else""#, r#"read files under "/\u{202e}atad""#,],
        );
    }
}
