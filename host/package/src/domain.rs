//! What the owner of a domain says about a publisher's keys.
//!
//! A publisher's name is a domain in reverse. Whoever controls the domain can
//! publish an Ed25519 key for it, in the form that MCP registries use for
//! logging in (`modelcontextprotocol.io/registry/authentication`): as a DNS TXT
//! record of the domain, or as the document at
//! `https://DOMAIN/.well-known/mcp-registry-auth`:
//!
//! ```text
//! v=MCPv1; k=ed25519; p=BASE64 OF 32 BYTES
//! ```
//!
//! Such a record proves that the domain's owner vouched for a key, and so for a
//! root which that key has signed. It does not say that the owner is honest, nor
//! that the packages are.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    key::{KeyId, PublicKey},
    name::PublisherName,
    root::SignedRoot,
};

/// Largest document of records in bytes: far more than a domain has.
pub const MAX_DOMAIN_RECORD_BYTES: usize = 64 * 1024;

/// Most records that are looked at.
const MAX_RECORDS: usize = 64;

/// The keys that a domain names, in the order of its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainKeys {
    domain: String,
    keys: Vec<PublicKey>,
}

/// Why a text holds no key of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DomainKeysError {
    /// Over [`MAX_DOMAIN_RECORD_BYTES`].
    #[error("it is {found} bytes long, and at most {MAX_DOMAIN_RECORD_BYTES} are read")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
    /// No record with a key that can be used.
    #[error("it holds no record `v=MCPv1; k=ed25519; p=...` with an Ed25519 key")]
    NoKey,
}

impl DomainKeys {
    /// Reads the records of the domain that belongs to `publisher`: a line each,
    /// bare or as DNS tools print them, in quotes. Other records, of which a
    /// domain has many, are passed over, and so are keys that cannot be used.
    pub fn parse(publisher: &PublisherName, text: &[u8]) -> Result<Self, DomainKeysError> {
        if text.len() > MAX_DOMAIN_RECORD_BYTES {
            return Err(DomainKeysError::TooLarge { found: text.len() });
        }
        let mut keys = Vec::new();
        for key in String::from_utf8_lossy(text).lines().take(MAX_RECORDS).filter_map(key_of) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        if keys.is_empty() {
            Err(DomainKeysError::NoKey)
        } else {
            Ok(Self { domain: publisher.domain(), keys })
        }
    }

    /// The domain.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The keys that it names.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// Where the document of `publisher` lies.
    pub fn location(publisher: &PublisherName) -> String {
        format!("https://{}/.well-known/mcp-registry-auth", publisher.domain())
    }

    /// The root keys of this root that the domain names and that have signed it:
    /// the owner of the domain vouches for this root if there is one.
    pub fn vouches_for(&self, root: &SignedRoot) -> Vec<KeyId> {
        let claimed = root.claimed_keys();
        let keys = root.root().parts().root.keys().iter().filter(|key| self.keys.contains(key));
        // The signatures of a `SignedRoot` that name a root key hold.
        keys.map(PublicKey::id).filter(|keyid| claimed.contains(keyid)).collect()
    }
}

impl PublicKey {
    /// The record by which a domain names this key.
    pub fn to_domain_record(&self) -> String {
        format!("v=MCPv1; k=ed25519; p={}", STANDARD.encode(self.as_bytes()))
    }
}

/// The key of one record: `v`, `k` and `p`, in this order, and nothing else.
fn key_of(line: &str) -> Option<PublicKey> {
    let line = line.trim();
    let line = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(line);
    let mut fields = line.trim().trim_end_matches(';').split(';').map(str::trim);
    let mut field = || fields.next();
    if (field()?, field()?) != ("v=MCPv1", "k=ed25519") {
        return None;
    }
    let bytes = STANDARD.decode(field()?.strip_prefix("p=")?).ok()?;
    let key = PublicKey::from_bytes(bytes.as_slice().try_into().ok()?).ok()?;
    fields.next().is_none().then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing_key::SigningKey;

    fn publisher() -> PublisherName {
        PublisherName::parse("com.example.labs").unwrap()
    }

    fn key(seed: u8) -> PublicKey {
        SigningKey::from_seed(&[seed; 32]).public_key()
    }

    fn keys(text: &str) -> Result<Vec<PublicKey>, DomainKeysError> {
        DomainKeys::parse(&publisher(), text.as_bytes()).map(|found| found.keys().to_vec())
    }

    #[test]
    fn a_record_reads_back() {
        assert_eq!(keys(&key(1).to_domain_record()), Ok(vec![key(1)]));
        assert_eq!(
            DomainKeys::location(&publisher()),
            "https://labs.example.com/.well-known/mcp-registry-auth"
        );
    }

    #[test]
    fn every_record_counts_and_other_ones_are_passed_over() {
        let text = format!(
            "\"v=spf1 -all\"\n\"{}\"\n{};\nv=MCPv1; k=ecdsap384; p=AAAA\n{}\n",
            key(1).to_domain_record(),
            key(2).to_domain_record(),
            key(1).to_domain_record(),
        );
        assert_eq!(keys(&text), Ok(vec![key(1), key(2)]));
    }

    #[test]
    fn a_text_without_a_key_is_refused() {
        let identity = "v=MCPv1; k=ed25519; p=AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let more = format!("{}; x=1", key(1).to_domain_record());
        for text in ["", "<html>", "v=MCPv1; k=ed25519; p=AAAA", "v=MCPv1; p=; k=ed25519", identity, &more] {
            assert_eq!(keys(text), Err(DomainKeysError::NoKey), "{text}");
        }
        let long = " ".repeat(MAX_DOMAIN_RECORD_BYTES + 1);
        assert_eq!(keys(&long), Err(DomainKeysError::TooLarge { found: long.len() }));
    }
}
