//! Two releases of a tool, and what can be wrong with a third.

use std::sync::LazyLock;
use std::time::SystemTime;

use mpp_host::package::{
    Keyring, Manifest, ManifestParts, Package, SignOptions, SigningKey, Timestamp, VerifiedPackage,
    VerifyError, Version, pack, sign,
};

use crate::support::{Draft, publisher, signing_key};
use crate::wat_tool::{DATA, WatTool, answer_structured};

/// Release 1 of a tool, signed; it answers with its number.
pub static ONE: LazyLock<Vec<u8>> = LazyLock::new(|| signed(1));

/// Release 2 of the same tool.
pub static TWO: LazyLock<Vec<u8>> = LazyLock::new(|| signed(2));

/// Verifies a package under the key of the tests' publisher.
pub fn verify(package: Package) -> Result<VerifiedPackage, VerifyError> {
    let mut keyring = Keyring::empty();
    keyring.pin(&publisher(), signing_key().public_key()).expect("there is room for a key");
    keyring.verify(package, SystemTime::now())
}

/// A release before it is signed.
pub fn unsigned(release: u64) -> Vec<u8> {
    let answer = format!(r#"{{"release":{release}}}"#);
    let length = u32::try_from(answer.len()).expect("the answer is short");
    let items = format!("(data (i32.const {DATA}) {answer:?})");
    let invoke = answer_structured(DATA, length);
    let component = WatTool { items: &items, invoke: &invoke, ..WatTool::IDLE }.component();
    let parts = Draft::of_component(component.clone()).manifest().into_parts();
    let manifest = Manifest::new(ManifestParts { version: Version::new(release, 0, 0), ..parts });
    pack(&component, &manifest.expect("the manifest is well formed")).expect("it can be packed")
}

fn signed(release: u64) -> Vec<u8> {
    signed_by(&signing_key(), &unsigned(release), release)
}

/// The key of somebody else.
pub fn stranger() -> SigningKey {
    SigningKey::from_seed(&[8; 32])
}

/// A release with a signature.
pub fn signed_by(key: &SigningKey, package: &[u8], release: u64) -> Vec<u8> {
    let issued_at = Timestamp::at(SystemTime::now()).expect("the clock is set");
    let options = SignOptions { sequence: release, issued_at, not_after: None };
    sign(package, key, &options).expect("the package can be signed")
}

/// A release that answers with another number than the one that was signed.
pub fn changed(signed: &[u8]) -> Vec<u8> {
    let mut bytes = signed.to_vec();
    let number = br#""release":"#;
    let at = bytes.windows(number.len()).position(|window| window == number).expect("it has a number");
    bytes[at + number.len()] ^= 8;
    bytes
}
