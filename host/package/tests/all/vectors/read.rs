//! Reading a vector: every line that must be there, in its order, and no other.

use super::header::{Header, Kind};

/// Takes a file apart into its lines and its bytes.
pub fn read(file: &[u8]) -> Result<(Header, &[u8]), String> {
    let end = file.windows(2).position(|pair| pair == b"\n\n").ok_or("no empty line ends the header")?;
    let text = str::from_utf8(&file[..end]).map_err(|error| error.to_string())?;
    let mut lines = Lines(text.lines().collect());
    let header = Header {
        expect: lines.take("expect")?,
        detail: lines.take("detail").ok(),
        attack: lines.take("attack")?,
        comment: lines.take("comment")?,
        kind: kind(&lines.take("kind")?)?,
        package: lines.take("package").ok(),
        trust: lines.take("trust")?,
        now: lines.take("now")?,
    };
    match lines.0.as_slice() {
        [] => Ok((header, &file[end + 2..])),
        [line, ..] => Err(format!("an unknown line: {line}")),
    }
}

const KINDS: [Kind; 5] = [Kind::Package, Kind::Detached, Kind::Root, Kind::NextRoot, Kind::Index];

fn kind(word: &str) -> Result<Kind, String> {
    KINDS.into_iter().find(|kind| kind.word() == word).ok_or(format!("an unknown kind: {word}"))
}

/// The lines that were not read yet.
struct Lines<'a>(Vec<&'a str>);

impl Lines<'_> {
    /// The value of the next line, which must have this key.
    fn take(&mut self, key: &str) -> Result<String, String> {
        let next = self.0.first().copied().unwrap_or("nothing");
        let value = next.strip_prefix(key).and_then(|rest| rest.strip_prefix(": "));
        let value = value.filter(|value| !value.is_empty()).ok_or(format!("{key} expected, not {next}"))?;
        self.0.remove(0);
        Ok(value.to_owned())
    }
}

#[test]
fn a_header_is_read_strictly() {
    let good = "expect: accepted\nattack: none\ncomment: x.\nkind: package\ntrust: pinned\nnow: T\n\n";
    let (header, bytes) = read(&[good.as_bytes(), b"\0\n\n"].concat()).map(|(h, b)| (h, b.to_vec())).unwrap();
    assert_eq!((header.to_string().as_str(), bytes.as_slice()), (good, &b"\0\n\n"[..]));
    for (from, to) in [
        ("attack: none\n", ""),
        ("attack: none", "attack:none"),
        ("attack: none", "attack: "),
        ("attack: none", "Attack: none"),
        ("kind: package", "kind: parcel"),
        ("now: T", "now: T\nnow: T"),
        ("now: T", "now: T\nseverity: high"),
        ("expect: accepted\nattack: none", "attack: none\nexpect: accepted"),
        ("T\n\n", "T\n"),
    ] {
        assert!(good.contains(from), "{from}");
        assert!(read(good.replace(from, to).as_bytes()).is_err(), "{to}");
    }
}
