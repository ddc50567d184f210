//! What an operator has taken before a vector is judged.

use ed25519_dalek::pkcs8::{EncodePublicKey as _, spki::der::pem::LineEnding};
use serde_json::json;

use super::{
    documents::{
        HELLO, HELLO_1_1, INDEX_KEY, NEXT_INDEX_KEY, RELEASE_KEY, Release, index, next_root, role, root,
        signed_index, signed_root,
    },
    format::{INDEX_TYPE, canonical, encoding, key, keyid, raw_envelope, sign},
};

/// The last number there is: 2^53 - 1.
pub const LAST: u64 = 9_007_199_254_740_991;

/// The file under `trust/` of each word of the line `trust`, and the packages
/// that detached signatures are for.
pub fn documents() -> Vec<(&'static str, Vec<u8>)> {
    let pem = key(RELEASE_KEY).verifying_key().to_public_key_pem(LineEnding::LF);
    let mut documents = vec![
        ("pinned.pem", pem.expect("a key can be written").into_bytes()),
        ("hello-1.0.0.mpp", HELLO.unsigned()),
        ("hello-1.1.0.mpp", HELLO_1_1.unsigned()),
        ("accepted-1.0.0.mpp", HELLO.signed()),
        ("accepted-1.1.0.mpp", HELLO_1_1.signed()),
        ("accepted-last.mpp", Release { sequence: LAST, ..HELLO }.signed()),
    ];
    documents.extend(roots());
    documents.extend(indexes());
    documents
}

fn roots() -> [(&'static str, Vec<u8>); 10] {
    let mut plain = root(1);
    plain["roles"]["index"] = json!(null);
    let mut two = plain.clone();
    two["roles"]["release"] = role(&[RELEASE_KEY, 3], 2);
    let mut either = plain.clone();
    either["roles"]["release"] = role(&[RELEASE_KEY, 3], 1);
    let mut index = root(2);
    index["roles"]["index"] = role(&[NEXT_INDEX_KEY], 1);
    let mut both = root(2);
    both["roles"]["index"] = role(&[INDEX_KEY, NEXT_INDEX_KEY], 1);
    let mut theirs = plain.clone();
    theirs["publisher"] = json!("com.example.theirs");
    theirs["namespaces"] = json!(["com.example.theirs"]);
    let mut short = root(2);
    short["expires"] = json!("2026-12-01T08:00:00Z");
    let mut late = root(2);
    late["issuedAt"] = json!("2026-12-25T08:00:00Z");
    [
        ("root-1.json", signed_root(&root(1), &[11, 12])),
        ("root-1-plain.json", signed_root(&plain, &[11, 12])),
        ("root-1-two.json", signed_root(&two, &[11, 12])),
        ("root-1-either.json", signed_root(&either, &[11, 12])),
        ("root-2.json", signed_root(&next_root(), &[12, 13])),
        ("root-2-both.json", signed_root(&both, &[11, 12])),
        ("root-2-index.json", signed_root(&index, &[11, 12])),
        ("root-2-short.json", signed_root(&short, &[11, 12])),
        ("root-2-late.json", signed_root(&late, &[11, 12])),
        ("root-theirs.json", signed_root(&theirs, &[11, 12])),
    ]
}

fn indexes() -> [(&'static str, Vec<u8>); 6] {
    let mut other = HELLO.listed("active");
    other["digest"] = json!(HELLO_1_1.digest());
    let second = [HELLO.listed("revoked"), HELLO_1_1.listed("yanked")];
    [
        ("index-1.json", signed_index(&index(1, &[HELLO.listed("active")]), &[INDEX_KEY])),
        ("index-1-other-bytes.json", signed_index(&index(1, &[other]), &[INDEX_KEY])),
        ("index-2.json", signed_index(&index(2, &second), &[INDEX_KEY])),
        ("index-2-spoiled.json", spoiled(&canonical(&index(2, &second)))),
        ("index-last.json", signed_index(&index(LAST, &[]), &[INDEX_KEY])),
        ("index-1-next-key.json", signed_index(&index(1, &[HELLO_1_1.listed("active")]), &[NEXT_INDEX_KEY])),
    ]
}

/// The name of a key that does not count yet, on a signature that is not its own.
fn spoiled(index: &str) -> Vec<u8> {
    let signature = sign(INDEX_KEY, &encoding(INDEX_TYPE, index.as_bytes()));
    let names = [(keyid(INDEX_KEY), &signature[..]), (keyid(NEXT_INDEX_KEY), &signature[..])];
    raw_envelope(INDEX_TYPE, index.as_bytes(), &names).into_bytes()
}
