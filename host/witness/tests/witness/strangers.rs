//! Servers that are no witnesses, or bad ones: each is an error by name.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::support::builder;
use mpp_audit::checkpoint::CheckpointError;
use mpp_audit::note::{Cosigner, MAX_NOTE_BYTES, NoteError, WitnessKey};
use mpp_audit::tree::TreeHead;
use mpp_audit::witness::{AddCheckpoint, MAX_RESPONSE_BYTES, ResponseError, WitnessedLog};
use mpp_audit::{Log, Published, SystemClock};
use mpp_witness::client::{AskError, Asked, Client, Target};
use tempfile::TempDir;

/// Sends each answer over a connection of its own; hands out what was asked.
struct Stranger {
    url: String,
    thread: JoinHandle<Vec<Vec<u8>>>,
}

impl Stranger {
    fn answering(answers: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let answers: Vec<Vec<u8>> = answers.into_iter().collect();
        Self::start(move |listener| {
            let answer = |answer: &Vec<u8>| {
                let (mut stream, asked) = accept(&listener);
                // Whoever has read enough may hang up.
                let _ = stream.write_all(answer);
                asked
            };
            answers.iter().map(answer).collect()
        })
    }

    fn start(serve: impl FnOnce(TcpListener) -> Vec<Vec<u8>> + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let url = format!("http://{}/prefix/", listener.local_addr().expect("it has one"));
        Self { url, thread: std::thread::spawn(move || serve(listener)) }
    }

    fn asked(self) -> Vec<Vec<u8>> {
        self.thread.join().expect("it does not panic")
    }
}

/// The next connection, and the body of its request.
fn accept(listener: &TcpListener) -> (TcpStream, Vec<u8>) {
    let stream = listener.accept().expect("somebody asks").0;
    let mut reader = BufReader::new(stream.try_clone().expect("a descriptor"));
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("it is read");
        if let Some(bytes) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = bytes.trim().parse().expect("a number");
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("it is read");
    (stream, body)
}

fn http(status: &str, head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head =
        format!("HTTP/1.1 {status}\r\n{head}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn size(body: &str) -> Vec<u8> {
    http("409 Conflict", "Content-Type: text/x.tlog.size\r\n", body)
}

fn cosigner(seed: u8) -> Cosigner {
    Cosigner::from_seed("witness.example/w".parse().expect("a name"), &[seed; 32])
}

fn key() -> WitnessKey {
    cosigner(9).key().clone()
}

/// A log with one signed record.
fn log() -> (TempDir, Published) {
    let home = tempfile::tempdir().expect("a directory");
    drop(Log::open(home.path(), SystemClock).expect("the log opens"));
    let log = open(home.path());
    (home, log)
}

fn open(dir: &Path) -> Published {
    Published::open(dir, None).expect("it holds")
}

fn ask_within(log: &Published, url: &str, time: Duration) -> Asked {
    let target = Target { key: key(), url: url.parse().expect("a URL") };
    let client = Client::new(builder()).expect("a client").within(time);
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(client.ask(log, &target))
}

/// Far longer than anything here takes: no test waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

fn failed(answers: impl IntoIterator<Item = Vec<u8>>) -> AskError {
    let (_home, log) = log();
    let stranger = Stranger::answering(answers);
    let asked = ask_within(&log, &stranger.url, PATIENCE);
    assert_eq!(asked.cosigned, []);
    stranger.asked();
    asked.failed.expect("it fails")
}

/// What a witness with this key would sign for a request, without any memory.
fn cosigned(log: &Published, request: &[u8], seed: u8) -> String {
    let request = AddCheckpoint::parse(request).expect("a request");
    let log = WitnessedLog::new(vec![log.key().clone()], TreeHead::EMPTY).expect("one log");
    let step = WitnessedLog::decide(Some(&log), &request).expect("it grew");
    let stored = step.store(|_| Ok::<_, ()>(())).expect("it is stored");
    format!("{}\n", stored.cosign(&cosigner(seed), 1_700_000_000).expect("a time"))
}

/// Signs with a key of this seed what it is asked, after a change to the signature.
fn signing(log: &Published, seed: u8, change: impl Fn(String) -> String + Send + 'static) -> Stranger {
    let log = log.clone();
    Stranger::start(move |listener| {
        let (mut stream, asked) = accept(&listener);
        let body = change(cosigned(&log, &asked, seed));
        stream.write_all(&http("200 OK", "", body)).expect("it is read");
        vec![asked]
    })
}

#[test]
fn the_request_is_the_checkpoint_and_the_answer_is_taken_over() {
    let (_home, log) = log();
    let stranger = signing(&log, 9, |line| line);
    let asked = ask_within(&log, &stranger.url, PATIENCE);
    assert!(asked.failed.is_none(), "{:?}", asked.failed);
    assert_eq!(asked.time, Some(1_700_000_000));
    let [cosigned] = &asked.cosigned[..] else { panic!("{asked:?}") };
    assert_eq!(cosigned.signed().note().signatures().len(), 2);
    let newest = log.newest().expect("it holds");
    assert_eq!(stranger.asked(), [format!("old 0\n\n{}", newest.signed()).into_bytes()]);
}

#[test]
fn a_signature_by_another_key_is_none() {
    let (_home, log) = log();
    let stranger = signing(&log, 8, |line| line);
    let asked = ask_within(&log, &stranger.url, PATIENCE);
    assert!(matches!(asked.failed, Some(AskError::Unsigned)), "{:?}", asked.failed);
    assert_eq!(asked.cosigned, []);
}

#[test]
fn lines_of_others_beside_the_right_one_are_left_out() {
    let (_home, log) = log();
    let stranger = signing(&log, 9, |line| format!("\u{2014} stranger.example AAAAAAE=\n{line}"));
    let asked = ask_within(&log, &stranger.url, PATIENCE);
    assert!(asked.failed.is_none(), "{:?}", asked.failed);
    assert_eq!(asked.cosigned[0].signed().note().signatures().len(), 2);
}

#[test]
fn a_signature_over_something_else_is_an_error_by_name() {
    // The time is signed, too: another time is another text.
    let forged = |line: String| {
        let mut bytes = line.into_bytes();
        let last = bytes.iter().rposition(|byte| *byte == b' ').expect("a space");
        // In the first bytes after the id: the time.
        bytes[last + 8] = if bytes[last + 8] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).expect("UTF-8")
    };
    let (_home, log) = log();
    let stranger = signing(&log, 9, forged);
    let asked = ask_within(&log, &stranger.url, PATIENCE);
    let expected = NoteError::Invalid { name: key().name().clone(), id: key().as_key().id() };
    match asked.failed {
        Some(AskError::Forged(CheckpointError::Note(found))) => assert_eq!(found, expected),
        other => panic!("{other:?}"),
    }
    assert_eq!(asked.cosigned, []);
}

#[test]
fn an_answer_that_is_none_is_an_error_by_name() {
    for body in ["", "ok\n", "\u{2014} w AAAA\n", "\u{2014} witness.example/w AAAAAAE="] {
        let error = failed([http("200 OK", "", body)]);
        assert!(matches!(error, AskError::Answer(ResponseError::Lines(_))), "{body:?}: {error:?}");
    }
    let named = [(403, "Forbidden"), (404, "Not Found")].map(|(status, words)| format!("{status} {words}"));
    assert!(matches!(failed([http(&named[0], "", "no")]), AskError::UnknownKey));
    assert!(matches!(failed([http(&named[1], "", "no")]), AskError::UnknownLog));
    match failed([http("500 Oops", "", "\u{1b}[2Jout of order\nsecond line")]) {
        AskError::Status { status: 500, words } => assert_eq!(words, "[2Jout of order"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_redirect_is_not_followed() {
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let error = failed([http(status, "Location: http://127.0.0.1:1/\r\n", "")]);
        assert!(matches!(error, AskError::Redirect), "{status}: {error:?}");
    }
}

#[test]
fn an_answer_that_is_too_long_is_not_read_to_its_end() {
    let long = vec![b'a'; MAX_RESPONSE_BYTES + 1];
    let endless = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &long].concat();
    for answer in [http("200 OK", "", &long), endless] {
        assert!(matches!(failed([answer]), AskError::TooLong(MAX_RESPONSE_BYTES)));
    }
    let compressed = http("200 OK", "Content-Encoding: gzip\r\n", "");
    assert!(matches!(failed([compressed]), AskError::Encoded));
}

#[test]
fn an_answer_that_does_not_come_is_not_waited_for() {
    let (_home, log) = log();
    // Connections are taken by the system, and never by anybody.
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("it has one"));
    let time = Duration::from_millis(50);
    let error = ask_within(&log, &url, time).failed.expect("it fails");
    assert!(matches!(error, AskError::Late(late) if late == time), "{error:?}");
    drop(silent);
    let error = ask_within(&log, &url, PATIENCE).failed.expect("it fails");
    assert!(matches!(&error, AskError::Connection(why) if why.starts_with("no connection")), "{error:?}");
}

#[test]
fn an_answer_that_breaks_off_is_none() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n\xe2\x80\x94 w".to_vec();
    assert!(matches!(failed([cut]), AskError::Connection(_)));
}

#[test]
fn a_size_counts_only_with_its_type_and_only_once() {
    assert!(matches!(
        failed([http("409 Conflict", "Content-Type: text/plain\r\n", "1\n")]),
        AskError::NotASize
    ));
    assert!(matches!(failed([size("01\n")]), AskError::Answer(ResponseError::Size)));
    assert!(matches!(failed([size("1")]), AskError::Answer(ResponseError::Size)));
    // The size it was asked from is no conflict.
    assert!(matches!(failed([size("0\n")]), AskError::Unsteady { size: 0 }));
    assert!(matches!(failed([size("1\n"), size("0\n")]), AskError::Unsteady { size: 0 }));
}

#[test]
fn the_word_of_a_witness_alone_convicts_no_log() {
    let refusal = || http("422 Unprocessable Entity", "", "not consistent\n");
    let nothing = || http("404 Not Found", "", "nothing\n");
    assert!(matches!(failed([refusal(), nothing()]), AskError::Accused));
    assert!(matches!(failed([size("9\n"), nothing()]), AskError::Accused));
    // Nor what the log has not signed, nor what is no checkpoint.
    let (_home, other) = log();
    let signed = other.newest().expect("it holds").signed().to_string();
    assert!(matches!(failed([refusal(), http("200 OK", "", &signed)]), AskError::Accused));
    assert!(matches!(failed([refusal(), http("200 OK", "", "words\n")]), AskError::Accused));
    let long = http("200 OK", "", vec![b'a'; MAX_NOTE_BYTES + 1]);
    assert!(matches!(failed([refusal(), long]), AskError::TooLong(MAX_NOTE_BYTES)));
}

#[test]
fn a_checkpoint_that_the_log_continues_convicts_no_log() {
    let (_home, log) = log();
    let signed = log.newest().expect("it holds").signed().to_string();
    let stranger = Stranger::answering([
        http("422 Unprocessable Entity", "", "not consistent\n"),
        http("200 OK", "", signed),
    ]);
    let asked = ask_within(&log, &stranger.url, PATIENCE);
    assert!(matches!(asked.failed, Some(AskError::Accused)), "{:?}", asked.failed);
    stranger.asked();
}
