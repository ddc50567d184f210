//! Messages on the wire: the length of the body (32 bits) and a number (64 bits), both
//! big-endian, and the body, a JSON value. An answer has the number of what it answers.
//!
//! Before the first one, both sides send eight bytes: `MPPLOG` and the version of all this.

use std::io::{self, ErrorKind, Read, Write};

use serde::Serialize;

use super::limits::MAX_MESSAGE_BYTES;

/// The version of the protocol. Another one is refused before anything else is read.
const VERSION: u16 = 2;

/// What both sides send first.
const PREAMBLE: [u8; 8] = {
    let [high, low] = VERSION.to_be_bytes();
    [b'M', b'P', b'P', b'L', b'O', b'G', high, low]
};

/// The number of a message that answers nothing, and is not answered.
pub(super) const NO_NUMBER: u64 = 0;

/// One message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) number: u64,
    pub(super) body: Vec<u8>,
}

/// Sends what comes before the first message.
pub(super) fn begin(to: &mut impl Write) -> io::Result<()> {
    to.write_all(&PREAMBLE)
}

/// Reads what comes before the first message.
pub(super) fn expect_begin(from: &mut impl Read) -> io::Result<()> {
    let mut preamble = [0; PREAMBLE.len()];
    from.read_exact(&mut preamble)?;
    if preamble == PREAMBLE {
        Ok(())
    } else if preamble.starts_with(&PREAMBLE[..6]) {
        Err(io::Error::new(ErrorKind::Unsupported, "it is of another version of this program"))
    } else {
        Err(io::Error::new(ErrorKind::InvalidData, "it does not speak this protocol"))
    }
}

/// Adds a message to what will be sent.
pub(super) fn put(bytes: &mut Vec<u8>, number: u64, body: &impl Serialize) -> io::Result<()> {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&number.to_be_bytes());
    let body_at = bytes.len();
    serde_json::to_writer(&mut *bytes, body)?;
    let length = bytes.len() - body_at;
    if length > MAX_MESSAGE_BYTES {
        bytes.truncate(start);
        return Err(too_long(length, MAX_MESSAGE_BYTES));
    }
    bytes[start..start + 4].copy_from_slice(&(length as u32).to_be_bytes());
    Ok(())
}

/// Reads one message. `None` where the other side has ended between two.
pub(super) fn read(from: &mut impl Read) -> io::Result<Option<Frame>> {
    read_at_most(from, MAX_MESSAGE_BYTES)
}

/// As [`read`], but refuses what announces more bytes.
pub(super) fn read_at_most(from: &mut impl Read, most: usize) -> io::Result<Option<Frame>> {
    let mut length = [0; 4];
    if read_some(from, &mut length[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut length[1..])?;
    let length = u32::from_be_bytes(length) as usize;
    if length > most {
        return Err(too_long(length, most));
    }
    let mut number = [0; 8];
    from.read_exact(&mut number)?;
    // Memory is taken for what came, not for what was announced.
    let mut body = Vec::new();
    from.take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(Frame { number: u64::from_be_bytes(number), body }))
}

/// Reads something. A signal is no reason to end a connection.
fn read_some(from: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(bytes) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

fn too_long(length: usize, most: usize) -> io::Error {
    let what = format!(
        "{length} bytes are more than one process hands to another one that has the audit log \
         ({most} bytes)"
    );
    io::Error::new(ErrorKind::InvalidInput, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(number: u64, body: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, number, &body).expect("it is short");
        bytes
    }

    #[test]
    fn a_message_is_read_as_it_was_written_and_the_next_one_after_it() {
        let bytes = [framed(7, "one"), framed(8, "")].concat();
        assert_eq!(bytes[..12], [0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 7]);
        let mut from = bytes.as_slice();
        let one = Frame { number: 7, body: b"\"one\"".to_vec() };
        assert_eq!(read(&mut from).expect("it is whole"), Some(one));
        assert_eq!(read(&mut from).expect("it is whole").map(|frame| frame.number), Some(8));
        assert_eq!(read(&mut from).expect("it ends between two"), None);
    }

    #[test]
    fn a_message_that_ends_in_the_middle_is_an_error_wherever_it_ends() {
        let bytes = framed(7, "one");
        for end in 1..bytes.len() {
            let error = read(&mut &bytes[..end]).expect_err("it is not whole");
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "after {end} bytes");
        }
    }

    #[test]
    fn a_message_that_announces_too_much_is_refused_before_it_is_read() {
        let error = read(&mut [255; 12].as_slice()).expect_err("it is too long");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let error = read_at_most(&mut framed(7, "one").as_slice(), 4).expect_err("it has five bytes");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let mut bytes = framed(7, "one");
        let before = bytes.clone();
        let long = "x".repeat(MAX_MESSAGE_BYTES);
        assert_eq!(put(&mut bytes, 8, &long).expect_err("it is too long").kind(), ErrorKind::InvalidInput);
        assert_eq!(bytes, before, "nothing of it is sent");
    }

    /// Is interrupted before each read that does something.
    struct Interrupted<'a>(&'a [u8], bool);

    impl Read for Interrupted<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 { Err(ErrorKind::Interrupted.into()) } else { self.0.read(bytes) }
        }
    }

    #[test]
    fn a_message_is_read_whatever_signals_come_meanwhile() {
        let mut from = Interrupted(&framed(7, "one"), false);
        let one = Frame { number: 7, body: b"\"one\"".to_vec() };
        assert_eq!(read(&mut from).expect("it is whole"), Some(one));
        assert_eq!(read(&mut from).expect("it ends between two"), None);
    }

    #[test]
    fn another_version_is_told_from_something_else() {
        let mut ours = Vec::new();
        begin(&mut ours).expect("there is room");
        expect_begin(&mut ours.as_slice()).expect("it is ours");
        let kind = |bytes: &[u8]| expect_begin(&mut &*bytes).expect_err("it is not ours").kind();
        assert_eq!(kind(b"MPPLOG\x00\x03"), ErrorKind::Unsupported);
        assert_eq!(kind(b"GET / HT"), ErrorKind::InvalidData);
        assert_eq!(kind(b"MPPLOG\x00"), ErrorKind::UnexpectedEof);
    }
}
