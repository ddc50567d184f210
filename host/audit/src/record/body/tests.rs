//! What is written, and how long it can get.

use super::*;
use crate::limits::MAX_NAME_BYTES;

fn denial(id: String) -> DenialRecord {
    let bound = crate::Bound {
        bytes: u64::MAX,
        alg: crate::Algorithm::HmacSha256,
        commit: Hash::ZERO,
        kept: crate::Kept::Commitment,
    };
    let name = || "\u{1}\"\\\u{7f}\u{2028}𝄞".to_owned();
    DenialRecord {
        intent: u64::MAX,
        id,
        permission: name(),
        code: name(),
        denial: bound,
        cut_bytes: u64::MAX,
    }
}

#[test]
fn no_place_takes_more_room_than_the_widest() {
    let body = Body::of_readable(&denial("x".repeat(MAX_NAME_BYTES))).expect("it can be written");
    let frame = body.at(&Place::widest()).len() - body.json.len() - body.kind.len();
    assert_eq!(frame, MAX_FRAME_BYTES);
    let latest = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1 << 40);
    for ts in [std::time::SystemTime::UNIX_EPOCH, latest].map(Timestamp::from) {
        let narrow = Place { seq: 0, epoch: 0, prev: Hash::of_payload(b"x"), ts };
        assert!(body.at(&narrow).len() < body.at(&Place::widest()).len());
    }
}

#[test]
fn what_is_not_read_back_is_as_long_as_a_record_may_be_and_no_longer() {
    let room = MAX_RECORD_BYTES
        - Body::of_readable(&denial(String::new())).map_or(0, |body| body.at(&Place::widest()).len());
    let longest = Body::of_readable(&denial("x".repeat(room))).expect("it has room");
    assert_eq!(longest.at(&Place::widest()).len(), MAX_RECORD_BYTES);
    assert_eq!(Body::of_readable(&denial("x".repeat(room + 1))).err(), Some(FaultKind::TooLong));
}

#[test]
fn what_is_not_read_back_is_written_as_what_is() {
    let denial = denial("x".to_owned());
    let unread = Body::of_readable(&denial).expect("it can be written");
    let entry = Entry::Denial(Box::new(denial));
    assert_eq!(unread, Body::of(&entry).expect("it reads"));
    assert_eq!(unread.read_back(), Ok(entry));
}

#[test]
fn a_line_is_written_behind_what_is_there() {
    let body = Body::of_readable(&denial("x".to_owned())).expect("it can be written");
    let mut lines = "before\n".to_owned();
    body.write_at(&Place::widest(), &mut lines);
    assert_eq!(lines, format!("before\n{}", body.at(&Place::widest())));
}
