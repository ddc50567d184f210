//! Each side believes what is whole, and nothing else.

use super::*;

fn request() -> (Vec<u8>, Request) {
    let component = b"component".to_vec();
    let mut bytes = Request::head(Execution::Deterministic, &[7; 32], 42, component.len());
    bytes.extend(&component);
    (bytes, Request { execution: Execution::Deterministic, engine: [7; 32], host: 42, component })
}

fn written(answer: &Answer) -> Vec<u8> {
    let mut bytes = Vec::new();
    answer.write(&mut bytes).expect("there is room");
    bytes
}

fn answers() -> [Answer; 4] {
    let words = "function 1 is no function".to_owned();
    [Answer::Code(b"code".to_vec()), Answer::Refused(words), Answer::OtherEngine, Answer::OutOfMemory]
}

fn kind<T>(read: io::Result<T>) -> Option<io::ErrorKind> {
    read.err().map(|error| error.kind())
}

#[test]
fn what_is_said_is_what_is_heard() {
    let (bytes, request) = request();
    assert_eq!(Request::read(&mut &bytes[..]).expect("it is whole"), request);
    for answer in answers() {
        assert_eq!(Answer::read(&mut &written(&answer)[..]).expect("it is whole"), answer);
    }
}

#[test]
fn what_breaks_off_is_nothing() {
    let (bytes, _) = request();
    for end in 0..bytes.len() {
        assert_eq!(kind(Request::read(&mut &bytes[..end])), Some(io::ErrorKind::UnexpectedEof), "{end}");
    }
    for bytes in answers().map(|answer| written(&answer)) {
        for end in 0..bytes.len() {
            assert_eq!(kind(Answer::read(&mut &bytes[..end])), Some(io::ErrorKind::UnexpectedEof), "{end}");
        }
    }
}

#[test]
fn what_begins_otherwise_is_of_another_version() {
    let (request, _) = request();
    for at in 0..REQUEST.len() {
        let mut other = request.clone();
        other[at] ^= 1;
        assert_eq!(kind(Request::read(&mut &other[..])), Some(io::ErrorKind::InvalidData), "{at}");
    }
    for at in 0..=ANSWER.len() {
        let mut other = written(&Answer::OutOfMemory);
        other[at] ^= 4;
        assert_eq!(kind(Answer::read(&mut &other[..])), Some(io::ErrorKind::InvalidData), "{at}");
    }
}

#[test]
fn more_than_there_can_be_is_not_waited_for() {
    let request = Request::head(Execution::Timed, &[0; 32], 1, MAX_PACKAGE_BYTES + 1);
    assert_eq!(kind(Request::read(&mut &request[..])), Some(io::ErrorKind::InvalidData));

    let most = CompiledCache::MAX_CODE_BYTES;
    let announced = |length: u64| [ANSWER, &[0][..], &length.to_le_bytes()].concat();
    assert_eq!(kind(Answer::read(&mut &announced(most)[..])), Some(io::ErrorKind::UnexpectedEof));
    let read = Answer::read(&mut &announced(most + 1)[..]).expect("nobody waits for the rest");
    assert_eq!(read, Answer::TooMuchCode);
}

#[test]
fn of_words_without_end_the_beginning_is_read() {
    let words = Answer::Refused("\u{e9}".repeat(usize::try_from(MAX_WORDS_BYTES).expect("few")));
    let Answer::Refused(read) = Answer::read(&mut &written(&words)[..]).expect("it is whole") else {
        panic!("it was refused")
    };
    assert_eq!(read.len() as u64, MAX_WORDS_BYTES);
}

/// An answer of one kind with the payload of another.
#[test]
fn a_verdict_that_is_its_own_word_has_no_payload() {
    for verdict in 2..=u8::MAX {
        let bytes = [ANSWER, &[verdict][..], &1_u64.to_le_bytes(), b"x"].concat();
        assert_eq!(kind(Answer::read(&mut &bytes[..])), Some(io::ErrorKind::InvalidData), "{verdict}");
    }
}
