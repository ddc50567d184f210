//! What a command line may name, and what is made of it.

mod answers;
mod connections;
mod server;

use std::io::{self, Cursor};

use super::*;
use crate::exit::Failure;
use crate::home::Environment;
use crate::output::{Streams, Terminal};

/// A limit that the documents of these tests are far below.
const LIMIT: u64 = 1 << 20;

fn in_context<T>(environment: &Environment, input: &[u8], act: impl FnOnce(&mut Context<'_, '_>) -> T) -> T {
    let streams = &mut Streams {
        input: Box::new(Cursor::new(input)),
        out: Box::new(io::sink()),
        err: Box::new(io::sink()),
        terminal: Terminal::NONE,
        colour: false,
    };
    act(&mut Context { environment, streams })
}

fn read(source: &str, limit: u64) -> Outcome<Vec<u8>> {
    let source: Source = source.parse().unwrap();
    in_context(&Environment::of([]), b"", |context| source.read(limit, &[], context))
}

fn read_in(environment: &Environment, source: &str) -> Outcome<Vec<u8>> {
    let source: Source = source.parse().unwrap();
    in_context(environment, b"", |context| source.read(LIMIT, &[], context))
}

fn read_if_there(source: &str) -> Outcome<Option<Vec<u8>>> {
    let source: Source = source.parse().unwrap();
    in_context(&Environment::of([]), b"", |context| source.read_if_there(LIMIT, &[], context))
}

/// What the network is blamed for.
#[track_caller]
fn why(failed: Outcome<Vec<u8>>) -> Vec<String> {
    let failure = failed.unwrap_err();
    assert_eq!(failure.blame().status(), 8, "{failure:?}");
    failure.why().to_vec()
}

#[test]
fn a_source_is_a_file_or_standard_input_or_a_url() {
    for (text, source) in [
        ("-", Source::Input),
        ("root.json", Source::File("root.json".into())),
        ("./-", Source::File("./-".into())),
        ("a:b", Source::File("a:b".into())),
        ("./https://example.com", Source::File("./https://example.com".into())),
        ("HTTPS://Example.com/a", Source::Url(Url::parse("https://example.com/a").unwrap())),
    ] {
        assert_eq!(text.parse(), Ok(source), "{text}");
    }
    assert_eq!("-".parse::<Source>().unwrap().to_string(), "standard input");
    assert_eq!("a/b".parse::<Source>().unwrap().to_string(), "a/b");
    assert_eq!("https://example.com".parse::<Source>().unwrap().to_string(), "https://example.com/");
}

#[test]
fn plain_http_is_for_this_machine_only() {
    for host in ["127.0.0.1", "127.255.0.9:80", "127.1", "[::1]:8080", "localhost", "LOCALHOST:1"] {
        assert!(format!("http://{host}/").parse::<Source>().is_ok(), "{host}");
    }
    for host in ["example.com", "localhost.example.com", "10.0.0.1", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]"]
    {
        let refused = format!("http://{host}/").parse::<Source>();
        assert_eq!(refused, Err("http:// is for a server on this machine only: use https://".to_owned()));
    }
}

#[test]
fn other_schemes_and_passwords_and_nonsense_are_refused() {
    for (text, words) in [
        ("file:///etc/passwd", "file:// is not supported"),
        ("ftp://example.com/", "ftp:// is not supported"),
        ("https://somebody@example.com/", "a URL with a name or a password"),
        ("https://:secret@example.com/", "a URL with a name or a password"),
        ("https://", "this is no URL: empty host"),
        ("https://example.com:99999/", "this is no URL: invalid port number"),
    ] {
        let refused = text.parse::<Source>().unwrap_err();
        assert!(refused.starts_with(words), "{text}: {refused}");
    }
}

#[test]
fn a_url_that_was_made_in_another_way_is_held_against_the_rules_too() {
    let source = Source::Url(Url::parse("http://example.com/").unwrap());
    let refused = in_context(&Environment::of([]), b"", |context| source.read(LIMIT, &[], context));
    let expected = Failure::usage("cannot fetch http://example.com/")
        .because("http:// is for a server on this machine only: use https://");
    assert_eq!(refused, Err(expected));
}

#[test]
fn a_file_is_read_within_the_limit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("root.json");
    std::fs::write(&path, "12345").unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(read(path, 5).unwrap(), b"12345");
    assert_eq!(read(path, 4), Err(Failure::usage(format!("{path} is larger than 4 bytes"))));
    assert_eq!(read_if_there(path).unwrap().unwrap(), b"12345");
}

#[test]
fn a_file_that_is_not_there_is_none_or_a_mistake_of_usage() {
    assert_eq!(read("/nonexistent/file", 5), Err(Failure::usage("there is no file /nonexistent/file")));
    assert_eq!(read_if_there("/nonexistent/file"), Ok(None));
    // Something is there, and it cannot be read.
    assert_eq!(read_if_there("."), Err(Failure::usage(". is a directory, not a file")));
}

#[test]
fn standard_input_is_read_within_the_limit() {
    let read =
        |limit| in_context(&Environment::of([]), b"12345", |context| Source::Input.read(limit, &[], context));
    assert_eq!(read(5).unwrap(), b"12345");
    assert_eq!(read(4), Err(Failure::usage("standard input is larger than 4 bytes")));
}
