//! What verifying a package costs, beside what nobody can leave out: the hash of
//! the file and one signature. And what it costs to refuse a bad file.
//!
//! ```text
//! cargo bench -p mpp-package --bench verify
//! ```
//!
//! The package is 1 MiB with a manifest of the size that tools have. *Hash* is
//! SHA-256 of all of it, *signature* is one strict verification of the signed
//! message, and *verify* is everything from bytes to a verified package. A
//! verification of the same work twice over would show here.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use mpp_package::{
    Digest, Keyring, Manifest, ManifestParts, Package, Schema, Signature, ToolEntry, VerifiedPackage, pack,
    pre_authentication_encoding,
};

#[path = "../tests/bounds/inputs/mod.rs"]
mod inputs;
#[path = "../tests/all/support.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod support;

use inputs::{INPUTS, Input};
use support::{COMPONENT, key, keyring, now, parts, section, signed_by, tool};

/// Bytes of the measured package.
const PACKAGE_BYTES: usize = 1024 * 1024;

/// Times that each is measured in turns: enough for a steady median of each.
const ROUNDS: usize = 3_000;

/// Times that a bad file is refused.
const REFUSALS: usize = 11;

/// Most time that the refusal of a bad file may take.
const REFUSAL_LIMIT: Duration = Duration::from_millis(100);

/// A tool with a dozen described members in its input and its output: some 4 KiB.
fn described() -> ToolEntry {
    let member = |n| {
        format!(
            r#""member_{n}":{{"default":{n},"description":"What has to be known about member {n}, in as many words as tools spend on one.","minimum":0,"type":"integer"}}"#
        )
    };
    let members = (0..12).map(member).collect::<Vec<_>>().join(",");
    let schema = Schema::parse(&format!(r#"{{"properties":{{{members}}},"type":"object"}}"#));
    let schema = schema.expect("a schema");
    ToolEntry { input_schema: schema.clone(), output_schema: Some(schema), ..tool("measured") }
}

fn package_with(padding: usize) -> Vec<u8> {
    let manifest = Manifest::new(ManifestParts { tools: vec![described()], ..parts() }).expect("a manifest");
    let component = [COMPONENT, &section("padding", &vec![0x5a; padding])].concat();
    signed_by(&key(), &pack(&component, &manifest).expect("a package"))
}

fn package() -> Vec<u8> {
    let nearly = PACKAGE_BYTES - 16 * 1024;
    let missing = PACKAGE_BYTES - package_with(nearly).len();
    let package = package_with(nearly + missing);
    assert_eq!(package.len(), PACKAGE_BYTES);
    package
}

/// What the key of the package has signed.
fn message(package: &[u8]) -> (Vec<u8>, Signature) {
    let package = Package::parse(package).expect("a package");
    let envelope = package.envelope().expect("it is signed");
    let message = pre_authentication_encoding("application/vnd.mpp.package.v1+json", envelope.payload());
    (message, envelope.signatures()[0].signature)
}

fn verify(package: Vec<u8>, keyring: &Keyring) -> VerifiedPackage {
    let package = Package::parse(package).expect("a package");
    keyring.verify(package, now()).expect("it verifies")
}

fn good(criterion: &mut Criterion) {
    let (package, keyring, key) = (package(), keyring(), key().public_key());
    let (message, signature) = message(&package);
    let hash = || Digest::of(black_box(&package));
    let signature = || key.verify(black_box(&message), &signature).expect("it holds");
    let mut group = criterion.benchmark_group("verify");
    group.bench_function("hash", |bench| bench.iter(hash));
    group.bench_function("signature", |bench| bench.iter(signature));
    group.bench_function("verify", |bench| {
        bench.iter_batched(|| package.clone(), |package| verify(package, &keyring), BatchSize::LargeInput);
    });
    group.finish();
    // All three in turns, so that whatever else the machine does meets each.
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..rounds(ROUNDS) {
        let copy = package.clone();
        times[0].push(timed(hash));
        times[1].push(timed(signature));
        times[2].push(timed(|| verify(copy, &keyring)));
    }
    times.iter_mut().for_each(|times| times.sort_unstable());
    println!();
    ratio("medians", times.each_ref().map(|times| times[times.len() / 2]));
    ratio("fastest", times.each_ref().map(|times| times[0]));
    println!();
}

fn ratio(of: &str, [hash, signature, verify]: [Duration; 3]) {
    println!(
        "in turns, {of}: hash {hash:?}, signature {signature:?}, verify {verify:?}, ratio {:.2}",
        verify.as_secs_f64() / (hash + signature).as_secs_f64()
    );
}

fn bad(_: &mut Criterion) {
    let keyring = inputs::keyring();
    for Input { name, bytes, refuse, refusal } in INPUTS {
        let file = bytes();
        for refuse in *refuse {
            let times = (0..rounds(REFUSALS)).map(|_| {
                let copy = file.clone();
                timed(|| assert_eq!(refuse(copy, &keyring), *refusal, "{name}"))
            });
            // The fastest: what else the machine does can only add to it.
            let time = times.min().unwrap_or_default();
            println!("{:>9.3} ms to refuse {name}", time.as_secs_f64() * 1_000.0);
            assert!(time < REFUSAL_LIMIT || !measuring(), "{name}: {time:?}");
        }
    }
}

/// Whether times count, or only that everything runs: `cargo bench -- --test`.
fn measuring() -> bool {
    let asked_for = |flag| std::env::args().any(|argument| argument == flag);
    asked_for("--bench") && !asked_for("--test")
}

fn rounds(of_a_measurement: usize) -> usize {
    if measuring() { of_a_measurement } else { 1 }
}

/// How long `work` takes, without what it takes to drop the result.
fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let result = work();
    let time = start.elapsed();
    drop(result);
    time
}

criterion_group!(benches, good, bad);
criterion_main!(benches);
