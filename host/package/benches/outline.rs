//! What it costs to list a package without reading its component, and which part
//! of that costs how much.
//!
//! ```text
//! cargo bench -p mpp-package --bench outline
//! ```
//!
//! Each package is a file of its own, as it would be installed: 256 KiB, 30
//! sections, a manifest of 3 KB. *List* is everything from a path to a verified
//! manifest, by a pinned key, and by a root with an index as large as it may be.
//! The rows above it are its parts: *open*, without reading; *outline*, which
//! reads the file and parses manifest and envelope; *verify*, which judges the
//! outline. Below each stands what most of it is.

use std::{
    fs::File,
    hint::black_box,
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use mpp_package::{
    Digest, Envelope, Keyring, MAX_RELEASES, Manifest, ManifestParts, Outline, PackageName, Release, Schema,
    Signature, Status, ToolEntry, pack, pre_authentication_encoding,
};

#[path = "../tests/all/publisher.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod publisher;
#[path = "../tests/all/support.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod support;

use publisher::{indexed, release};
use support::{COMPONENT, key, keyring, leb, now, parts, section, signed_by, tool};

/// Packages that are listed, each from a file of its own.
const PACKAGES: usize = 1_000;

/// Bytes of the section that nobody reads: holes on the disk.
const CODE_BYTES: usize = 256 * 1024;

/// Times that all of them are listed.
const ROUNDS: usize = 21;

/// A tool with nine described members: a manifest of some 3 KB.
fn described() -> ToolEntry {
    let member = |n| {
        format!(
            r#""member_{n}":{{"default":{n},"description":"What has to be known about member {n}, in as many words as tools spend on one.","minimum":0,"type":"integer"}}"#
        )
    };
    let members = (0..9).map(member).collect::<Vec<_>>().join(",");
    let schema = Schema::parse(&format!(r#"{{"properties":{{{members}}},"type":"object"}}"#));
    let schema = schema.expect("a schema");
    ToolEntry { input_schema: schema.clone(), output_schema: Some(schema), ..tool("measured") }
}

fn package(number: usize) -> Vec<u8> {
    let name = PackageName::parse(&format!("measured-{number}")).expect("a name");
    let manifest = Manifest::new(ManifestParts { name, tools: vec![described()], ..parts() });
    let code = [&[1][..], &leb(CODE_BYTES), &vec![0; CODE_BYTES]].concat();
    let small = section("small", &[0; 40]).repeat(13);
    let component = [COMPONENT, &small, &code, &small].concat();
    signed_by(&key(), &pack(&component, &manifest.expect("a manifest")).expect("a package"))
}

/// Writes a package, with a hole where its code is.
fn write(path: &Path, package: &[u8]) {
    let mut file = File::create(path).expect("a file");
    for piece in package.chunks(4096) {
        if piece.iter().all(|&byte| byte == 0) {
            file.seek_relative(piece.len() as i64).expect("a place");
        } else {
            file.write_all(piece).expect("space");
        }
    }
}

/// As many releases as an index may have, these among them.
fn releases(packages: &[Vec<u8>]) -> Vec<Release> {
    let listed = packages.iter().map(|package| release(package, Status::Active));
    let mut releases: Vec<_> = listed.collect();
    let first = releases[0].clone();
    releases.extend((packages.len()..MAX_RELEASES).map(|number| Release {
        name: PackageName::parse(&format!("other-{number}")).expect("a name"),
        digest: Digest::of(&number.to_be_bytes()),
        ..first.clone()
    }));
    releases.sort_by(|a, b| a.name.cmp(&b.name));
    releases
}

/// What is measured: a word for it, and the work for one package.
type Row<'a> = (&'a str, Box<dyn Fn(usize) + 'a>);

/// Everything that the rows work on.
struct Scene {
    paths: Vec<PathBuf>,
    outlines: Vec<Outline>,
    manifests: Vec<Vec<u8>>,
    messages: Vec<(Vec<u8>, Signature)>,
    pinned: Keyring,
    rooted: Keyring,
}

impl Scene {
    fn new(directory: &Path) -> Self {
        let packages: Vec<_> = (0..PACKAGES).map(package).collect();
        let paths: Vec<_> = (0..PACKAGES).map(|number| directory.join(format!("{number}.mpp"))).collect();
        packages.iter().zip(&paths).for_each(|(package, path)| write(path, package));
        let outlines: Vec<_> = paths.iter().map(|path| read(path)).collect();
        let manifest = |outline: &Outline| outline.manifest().to_json().expect("JSON");
        let signed = |outline: &Outline| message(outline.envelope().expect("it is signed"));
        Self {
            manifests: outlines.iter().map(manifest).collect(),
            messages: outlines.iter().map(signed).collect(),
            paths,
            outlines,
            pinned: keyring(),
            rooted: indexed(releases(&packages)),
        }
    }

    fn rows(&self) -> Vec<Row<'_>> {
        let key = key().public_key();
        let verify = |keyring: &Keyring, outline| {
            drop(black_box(keyring.verify_manifest(outline, now()).expect("it verifies")));
        };
        vec![
            ("open", Box::new(|n| drop(black_box(File::open(&self.paths[n]).expect("a file"))))),
            ("outline, and open", Box::new(|n| drop(black_box(read(&self.paths[n]))))),
            ("  its reads, and open", Box::new(|n| drop(black_box(two_reads(&self.paths[n]))))),
            ("  its manifest", Box::new(|n| drop(black_box(Manifest::parse(&self.manifests[n]))))),
            ("verify", Box::new(move |n| verify(&self.pinned, self.outlines[n].clone()))),
            (
                "  its signature",
                Box::new(move |n| {
                    let (message, signature) = &self.messages[n];
                    key.verify(black_box(message), signature).expect("it holds");
                }),
            ),
            ("verify, by root and index", Box::new(move |n| verify(&self.rooted, self.outlines[n].clone()))),
            ("list", Box::new(move |n| verify(&self.pinned, read(&self.paths[n])))),
            ("list, by root and index", Box::new(move |n| verify(&self.rooted, read(&self.paths[n])))),
        ]
    }
}

fn read(path: &Path) -> Outline {
    Outline::read(File::open(path).expect("a file")).expect("an outline")
}

/// The system calls of [`read`].
fn two_reads(path: &Path) -> Vec<u8> {
    let mut file = File::open(path).expect("a file");
    let end = file.seek(SeekFrom::End(0)).expect("a length");
    let mut buffer = vec![0; 16 * 1024];
    for start in [0, end - 6 * 1024] {
        file.seek(SeekFrom::Start(start)).expect("a place");
        let length = buffer.len().min((end - start) as usize);
        file.read_exact(&mut buffer[..length]).expect("bytes");
    }
    buffer
}

/// What the key of a package has signed.
fn message(envelope: &Envelope) -> (Vec<u8>, Signature) {
    let message = pre_authentication_encoding("application/vnd.mpp.package.v1+json", envelope.payload());
    (message, envelope.signatures()[0].signature)
}

/// Microseconds for one package: the median of all rounds, and the fastest.
fn measure(rounds: usize, rows: &[Row<'_>]) -> Vec<(f64, f64)> {
    let mut times = vec![vec![]; rows.len()];
    // In turns, so that whatever else the machine does meets each.
    for _ in 0..rounds {
        for ((_, work), times) in rows.iter().zip(&mut times) {
            times.push(timed(|| (0..PACKAGES).for_each(work)));
        }
    }
    let summary = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        let per_package = |time: Duration| time.as_secs_f64() * 1e6 / PACKAGES as f64;
        (per_package(times[times.len() / 2]), per_package(times[0]))
    };
    times.iter_mut().map(summary).collect()
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn main() {
    // `cargo bench -- --test`, and `cargo test --benches`: only that everything runs.
    let measuring = std::env::args().any(|argument| argument == "--bench");
    let directory = tempfile::tempdir().expect("a directory");
    let scene = Scene::new(directory.path());
    println!("manifests of {} bytes", scene.manifests[0].len());
    let rows = scene.rows();
    let found = measure(if measuring { ROUNDS } else { 1 }, &rows);
    println!("{:<28}{:>12}{:>12}", "µs per package", "median", "fastest");
    for ((name, _), (median, fastest)) in rows.iter().zip(found) {
        println!("{name:<28}{median:>12.1}{fastest:>12.1}");
    }
}
