//! The file of a witness's secret.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use mpp_audit::note::{Algorithm, Cosigner, KeyError, KeyName};
use zeroize::Zeroizing;

use crate::error::KeyFileError;

/// Longest file, in bytes: the longest name, and a key, with room.
pub(crate) const MAX_KEY_BYTES: usize = 1024;

const PREFIX: &str = "PRIVATE+KEY";

/// A new key under a name, and the file it is kept in.
pub(crate) fn generate(name: KeyName) -> Result<(Cosigner, Zeroizing<String>), KeyFileError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut()).map_err(|_| KeyError::NoRandomness)?;
    let cosigner = Cosigner::from_seed(name, &seed);
    let material = Zeroizing::new([&[Algorithm::CosignatureV1.byte()], seed.as_slice()].concat());
    let material = Zeroizing::new(STANDARD.encode(&material));
    let key = cosigner.key().as_key();
    let file = format!("{PREFIX}+{}+{}+{}\n", key.name(), key.id(), material.as_str());
    Ok((cosigner, Zeroizing::new(file)))
}

/// Reads the file of a key.
pub(crate) fn parse(bytes: &[u8]) -> Result<Cosigner, KeyFileError> {
    let text = std::str::from_utf8(bytes).map_err(|_| KeyFileError::Form)?;
    let parts = text.strip_suffix('\n').and_then(|line| line.strip_prefix(PREFIX)?.strip_prefix('+'));
    // Base64 has plus signs of its own.
    let mut parts = parts.ok_or(KeyFileError::Form)?.splitn(3, '+');
    let mut part = || parts.next().ok_or(KeyFileError::Form);
    let (name, id, material) = (part()?, part()?, part()?);
    let material = Zeroizing::new(STANDARD.decode(material).map_err(|_| KeyFileError::Form)?);
    let Some((&algorithm, seed)) = material.split_first() else { return Err(KeyFileError::Form) };
    let expected = Algorithm::CosignatureV1.byte();
    if algorithm != expected {
        return Err(KeyError::Purpose { found: algorithm, expected }.into());
    }
    let seed: &[u8; 32] = seed.try_into().map_err(|_| KeyError::Length { found: seed.len() })?;
    let cosigner = Cosigner::from_seed(name.parse().map_err(KeyError::Name)?, seed);
    if cosigner.key().as_key().id().to_string() == id { Ok(cosigner) } else { Err(KeyFileError::Id) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> KeyName {
        "witness.example/w".parse().unwrap()
    }

    #[test]
    fn a_key_that_was_written_is_read_again() {
        let (made, file) = generate(name()).unwrap();
        assert_eq!(parse(file.as_bytes()).unwrap().key(), made.key());
        assert!(!format!("{made:?}").contains("PRIVATE"));
    }

    #[test]
    fn a_file_that_is_no_key_is_refused_by_name() {
        let seed = STANDARD.encode([&[4], [7; 32].as_slice()].concat());
        let id = Cosigner::from_seed(name(), &[7; 32]).key().as_key().id();
        let of = |text: String| parse(text.as_bytes()).unwrap_err();
        assert!(parse(format!("PRIVATE+KEY+witness.example/w+{id}+{seed}\n").as_bytes()).is_ok());
        assert_eq!(of(format!("PRIVATE+KEY+witness.example/w+{id}+{seed}")), KeyFileError::Form);
        assert_eq!(of(format!("witness.example/w+{id}+{seed}\n")), KeyFileError::Form);
        assert_eq!(of(format!("PRIVATE+KEY+witness.example/v+{id}+{seed}\n")), KeyFileError::Id);
        let plain = STANDARD.encode([&[1], [7; 32].as_slice()].concat());
        let purpose = KeyFileError::Key(KeyError::Purpose { found: 1, expected: 4 });
        assert_eq!(of(format!("PRIVATE+KEY+witness.example/w+{id}+{plain}\n")), purpose);
        let short = STANDARD.encode([4, 7]);
        let length = KeyFileError::Key(KeyError::Length { found: 1 });
        assert_eq!(of(format!("PRIVATE+KEY+witness.example/w+{id}+{short}\n")), length);
    }
}
