//! What is no message, and who breaks the rules: on both sides of the socket.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

use mpp_audit::share::limits::{MAX_CALLS, MAX_MESSAGE_BYTES};
use mpp_audit::{Log, LogError, SystemClock, Writer};

use crate::child::{ended, event, new_call, share};
use crate::process::Home;
use crate::records::{call, verified};

pub const PREAMBLE: &[u8] = b"MPPLOG\x00\x02";
const KEEPING: &str =
    r#"{"input":"whole","output":"whole","log":"whole","calls":"whole","reason":"whole","denial":"whole"}"#;

fn frame(number: u64, body: &str) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes()[..], &number.to_be_bytes(), body.as_bytes()].concat()
}

pub fn hello() -> Vec<u8> {
    let record = format!(r#"{{"record":{{"durability":"strict","keeping":{KEEPING}}}}}"#);
    [PREAMBLE, &frame(0, &record)].concat()
}

pub fn socket(dir: &Path) -> UnixStream {
    UnixStream::connect(dir.join("socket")).expect("somebody listens")
}

/// Says all of it, and hears what is answered until the connection ends.
fn says(dir: &Path, bytes: &[u8]) -> String {
    let mut stream = socket(dir);
    // It may be sent away before it has said all of it.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Opens the log of another process as its client.
pub fn client(dir: &Path) -> Writer {
    let writer = share(dir, Duration::from_secs(10)).expect("it is served");
    assert!(writer.waits());
    writer
}

#[test]
fn whoever_breaks_the_rules_is_sent_away_and_harms_nobody() {
    let home = Home::new();
    let mut owner = home.sharing();
    let mut other = home.sharing();
    assert!(other.does("begin theirs").contains(':'));
    let after_hello = |body: &[u8]| [hello(), body.to_vec()].concat();
    let broken: [Vec<u8>; 12] = [
        Vec::new(),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        b"MPPLOG\x00\x03".to_vec(),
        PREAMBLE.to_vec(),
        [PREAMBLE, &[255; 64]].concat(),
        [PREAMBLE, &frame(0, "{}")].concat(),
        [PREAMBLE, &frame(0, r#"{"record":{"durability":"strict"}}"#)].concat(),
        after_hello(b"\x00\x00"),
        after_hello(&frame(1, "no JSON")),
        after_hello(&frame(1, r#""rewrite""#)),
        after_hello(&frame(1, r#"{"durable":{"intent":1,"intent":1}}"#)),
        after_hello(&frame(1, "\"head\"")[..14]),
    ];
    for bytes in &broken {
        let answer = says(&home.log(), bytes);
        let bodies = answer.matches('"').count();
        assert!(bodies <= 2, "a greeting at most: {answer:?}");
    }
    assert!(other.does("end theirs").contains(':'));
    assert_eq!(owner.does("close"), "ok");
    verified(&home.log());
}

#[test]
fn nobody_ends_the_call_of_another() {
    let home = Home::new();
    let _owner = home.sharing();
    let mut other = home.sharing();
    assert!(other.does("begin theirs").starts_with("1:"));
    assert_eq!(other.does("durable theirs"), "ok");
    let ended = serde_json::to_string(&ended()).expect("it has a JSON form");
    for ask in [
        format!(r#"{{"end":{{"intent":1,"ended":{ended}}}}}"#),
        r#"{"durable":{"intent":1}}"#.to_owned(),
        r#"{"denied":{"intent":1,"denied":{"permission":"","code":"","resource":"","reason":""}}}"#
            .to_owned(),
    ] {
        let answer = says(&home.log(), &[hello(), frame(7, &ask)].concat());
        assert!(answer.contains(r#"{"failed":{"other":{"why":"no such call"#), "{answer}");
    }
    assert_eq!(
        says(&home.log(), &[hello(), frame(7, r#"{"forget":{"intent":1}}"#)].concat()).matches('"').count(),
        2
    );
    assert_eq!(call(&home.log(), "theirs"), "open");
    assert!(other.does("end theirs").contains(':'));
}

#[test]
fn one_process_can_have_so_many_calls_open_and_no_more() {
    let home = Home::new();
    let mut owner = home.sharing();
    let writer = client(&home.log());
    let mut open: Vec<_> =
        (0..MAX_CALLS).map(|n| writer.begin(new_call(&n.to_string())).expect("there is room")).collect();
    let error = writer.begin(new_call("one more")).expect_err("there is none");
    assert!(matches!(error, LogError::TooManyOpen), "{error:?}");
    assert!(owner.does("begin ours").contains(':'), "others have room");
    open.pop().expect("one of them").end(ended()).expect("it ends");
    writer.begin(new_call("one more")).expect("there is room again");
}

#[test]
fn what_is_too_long_for_a_message_is_not_sent_and_ends_nothing_else() {
    let home = Home::new();
    let _owner = home.sharing();
    let writer = client(&home.log());
    let call = writer.begin(new_call("long")).expect("it begins");
    let mut long = new_call("too long");
    long.input = "x".repeat(MAX_MESSAGE_BYTES);
    let error = writer.begin(long).expect_err("it is too long");
    assert!(matches!(&error, LogError::Refused { why } if why.contains("bytes")), "{error:?}");
    call.end(ended()).expect("it ends");
}

/// A process that has the log, and answers by the book until it does not.
struct Fake {
    _log: Log,
    listener: UnixListener,
}

impl Fake {
    fn new(dir: &Path) -> Self {
        let log = Log::open(dir, SystemClock).expect("it is free");
        Self { _log: log, listener: UnixListener::bind(dir.join("socket")).expect("it is free") }
    }

    /// Greets the next one that comes, and reads its first request.
    fn asked(&self) -> (UnixStream, String) {
        let (mut stream, _) = self.listener.accept().expect("somebody comes");
        stream.write_all(&[PREAMBLE, &frame(0, "\"welcome\"")].concat()).expect("it listens");
        stream.read_exact(&mut [0; 8]).expect("it says what it speaks");
        read(&mut stream);
        let asked = read(&mut stream);
        (stream, asked)
    }
}

pub fn read(stream: &mut UnixStream) -> String {
    let mut head = [0; 12];
    stream.read_exact(&mut head).expect("a message");
    let mut body = vec![0; u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize];
    stream.read_exact(&mut body).expect("all of it");
    String::from_utf8(body).expect("text")
}

/// Has a process of this test put something on record through a fake owner.
fn through<T: Send>(
    home: &Home,
    deed: impl FnOnce(Writer) -> T + Send,
    owner: impl FnOnce(&Fake) + Send,
) -> T {
    let fake = Fake::new(&home.log());
    std::thread::scope(|scope| {
        let owner = scope.spawn(move || owner(&fake));
        let done = deed(share(&home.log(), Duration::from_secs(10)).expect("it is greeted"));
        owner.join().expect("it does not panic");
        done
    })
}

fn done(number: u64) -> Vec<u8> {
    frame(number, &format!(r#"{{"done":{{"seq":9,"hash":"{}"}}}}"#, "0".repeat(64)))
}

#[test]
fn an_event_of_which_nobody_can_tell_whether_it_is_on_record_is_not_asked_for_twice() {
    let home = Home::new();
    let appended = through(
        &home,
        |writer| writer.append(&event("com.example")),
        |fake| {
            let (stream, asked) = fake.asked();
            assert!(asked.starts_with(r#"{"append":{"trust-change""#), "{asked}");
            drop(stream);
        },
    );
    let error = appended.expect_err("nobody can tell");
    assert!(matches!(error, LogError::OwnerGone { .. }), "{error:?}");
}

#[test]
fn an_event_that_was_not_done_before_a_farewell_is_asked_for_again() {
    let home = Home::new();
    let appended = through(
        &home,
        |writer| writer.append(&event("com.example")),
        |fake| {
            let (mut stream, _) = fake.asked();
            stream.write_all(&frame(0, "\"bye\"")).expect("it listens");
            let (mut stream, asked) = fake.asked();
            assert!(asked.starts_with(r#"{"append""#), "{asked}");
            stream.write_all(&done(1)).expect("it listens");
        },
    );
    assert_eq!(appended.expect("it is on record in the end").seq, 9);
}

#[test]
fn a_beginning_that_may_be_on_record_is_asked_for_again_and_its_end_is_not() {
    let home = Home::new();
    let ended = through(
        &home,
        |writer| writer.begin(new_call("twice")).expect("it begins in the end").end(ended()),
        |fake| {
            drop(fake.asked());
            let (mut stream, asked) = fake.asked();
            assert!(asked.starts_with(r#"{"begin""#), "{asked}");
            stream.write_all(&done(1)).expect("it listens");
            assert!(read(&mut stream).starts_with(r#"{"end":{"intent":9,"#));
        },
    );
    let error = ended.expect_err("nobody can tell");
    assert!(matches!(error, LogError::OwnerGone { .. }), "{error:?}");
}

#[test]
fn a_denial_that_is_not_on_record_keeps_its_call_from_ending() {
    let home = Home::new();
    let ended = through(
        &home,
        |writer| {
            let call = writer.begin(new_call("denied")).expect("it begins");
            call.denied(crate::child::denied()).expect("it is not waited for");
            call.end(ended())
        },
        |fake| {
            let (mut stream, _) = fake.asked();
            stream.write_all(&done(1)).expect("it listens");
            assert!(read(&mut stream).starts_with(r#"{"denied":{"intent":9,"#));
            stream.write_all(&frame(0, r#"{"failed":{"other":{"why":"no"}}}"#)).expect("it listens");
            // Whether the end was sent before or not: it is not answered.
            let _ = stream.read_to_end(&mut Vec::new());
        },
    );
    let error = ended.expect_err("a denial is missing");
    assert!(matches!(error, LogError::OwnerGone { .. }), "{error:?}");
}

#[test]
fn an_owner_of_another_version_or_kind_is_an_error_that_says_so() {
    let home = Home::new();
    let fake = Fake::new(&home.log());
    for (says, expected) in [
        (b"MPPLOG\x00\x03".as_slice(), "another version"),
        (b"SSH-2.0-", "does not speak"),
        (b"MPPLOG\x00\x02\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00{}", "no message"),
    ] {
        let error = std::thread::scope(|scope| {
            let owner = scope.spawn(|| {
                let (mut stream, _) = fake.listener.accept().expect("somebody comes");
                stream.write_all(says).expect("it listens");
                let _ = stream.read_to_end(&mut Vec::new());
            });
            let error = share(&home.log(), Duration::from_secs(10)).expect_err("it is not served");
            owner.join().expect("it does not panic");
            error
        });
        assert!(matches!(error, LogError::Io { .. }) && error.to_string().contains(expected), "{error}");
    }
}
