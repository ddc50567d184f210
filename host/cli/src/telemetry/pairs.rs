//! Lists in variables: `name=value,…`, as
//! [W3C Baggage](https://www.w3.org/TR/baggage/) writes them, without properties.

/// `name=value,…` with values percent-encoded; `None` for what is no such pair.
pub(super) fn pairs(list: &str) -> impl Iterator<Item = Option<(&str, String)>> {
    list.split(',').map(str::trim).filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=')?;
        Some((name.trim(), decoded(value.trim())?)).filter(|(name, _)| !name.is_empty())
    })
}

fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' { hex(rest.next()?)? << 4 | hex(rest.next()?)? } else { byte });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_with_its_values_decoded() {
        let read: Option<Vec<_>> = pairs(" a = b%2Cc ,,d=e=f+g,h=").collect();
        let expected =
            [("a", "b,c"), ("d", "e=f+g"), ("h", "")].map(|(name, value)| (name, value.to_owned()));
        assert_eq!(read.unwrap(), expected);
        assert_eq!(pairs("").count(), 0);
    }

    #[test]
    fn what_is_no_pair_is_none() {
        for list in ["a", "=b", "a=%2", "a=%zz", "a=%ff"] {
            assert_eq!(pairs(list).collect::<Vec<_>>(), [None], "{list}");
        }
    }
}
