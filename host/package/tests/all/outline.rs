//! A package without its component: what is read of it, and what is refused.

use std::{
    fs::{self, File},
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
};

use mpp_package::{
    Digest, EnvelopeError, MAX_MANIFEST_BYTES, MAX_PACKAGE_BYTES, MAX_SECTIONS, Manifest, ManifestError,
    ManifestParts, Outline, Package, PackageError, ReadError, StatementField, StructureError,
    VerifiedManifest, VerifyError, sign_detached,
};
use proptest::prelude::*;

use crate::support::{
    COMPONENT, Refusal, accept, envelope_of, key, keyring, leb, manifest, now, options, parts, section,
    signed, signed_by, unsigned, with_envelope,
};

/// What is read of a file, or why it is no package.
fn outline(bytes: &[u8]) -> Result<Outline, PackageError> {
    Outline::read(Cursor::new(bytes)).map_err(|error| match error {
        ReadError::Package(error) => error,
        ReadError::Io(error) => panic!("{error}"),
    })
}

/// The way every listed package goes: read, then verify.
fn list(bytes: &[u8]) -> Result<VerifiedManifest, Refusal> {
    let outline = outline(bytes).map_err(Refusal::Malformed)?;
    keyring().verify_manifest(outline, now()).map_err(Refusal::Untrusted)
}

/// A file that counts how often it is read, and how much.
struct Counting<F> {
    file: F,
    reads: usize,
    bytes: usize,
}

impl<F: Read> Read for Counting<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.reads += 1;
        self.bytes += read;
        Ok(read)
    }
}

impl<F: Seek> Seek for Counting<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

fn count(bytes: &[u8]) -> (usize, usize) {
    let mut file = Counting { file: Cursor::new(bytes), reads: 0, bytes: 0 };
    let _ = Outline::read(&mut file);
    (file.reads, file.bytes)
}

/// A component as compilers make it: one large section, and small ones around it.
fn ordinary() -> Vec<u8> {
    let small = [&[7, 40][..], &[0; 40]].concat();
    let code = [&[1][..], &leb(1024 * 1024), &vec![0; 1024 * 1024]].concat();
    let component = [COMPONENT, &small.repeat(10), &code, &small.repeat(17)].concat();
    signed_by(&key(), &mpp_package::pack(&component, &manifest()).unwrap())
}

#[test]
fn a_manifest_signed_by_a_pinned_key_is_verified() {
    let listed = list(&signed()).unwrap();
    let verified = accept(&signed(), &keyring()).unwrap();
    assert_eq!(*listed.manifest(), manifest());
    assert_eq!(listed.publisher(), verified.publisher());
    assert_eq!(listed.digest(), verified.digest());
    assert_eq!(listed.key_ids(), verified.key_ids());
    assert_eq!(listed.statement(), verified.statement());
    assert_eq!(listed.standing(), verified.standing());
}

#[test]
fn an_outline_is_what_the_package_says_of_itself() {
    let (outline, package) = (outline(&signed()).unwrap(), Package::parse(signed()).unwrap());
    assert_eq!(outline.manifest(), package.manifest());
    assert_eq!(outline.manifest_digest(), Digest::of(&manifest().to_json().unwrap()));
    assert_eq!(outline.unsigned_size(), unsigned().len() as u64);
    assert_eq!(outline.envelope(), package.envelope());
    assert_eq!(outline.envelope().unwrap().to_json().unwrap(), envelope_of(&signed()));
}

/// What an outline cannot tell, and why it must not be enough to run a package.
#[test]
fn a_changed_component_is_seen_by_whoever_reads_it_and_by_nobody_else() {
    let mut changed = signed();
    changed[COMPONENT.len() - 1] ^= 1;
    assert_eq!(list(&changed).unwrap().digest(), Digest::of(&unsigned()));
    let error = VerifyError::StatementMismatch { field: StatementField::Digest };
    assert_eq!(accept(&changed, &keyring()).unwrap_err(), Refusal::Untrusted(error));
}

#[test]
fn a_component_of_another_size_is_refused_without_being_read() {
    let longer = [unsigned(), section("payload", b"evil"), section("mpp:signature", &envelope_of(&signed()))];
    let error = VerifyError::StatementMismatch { field: StatementField::Size };
    assert_eq!(list(&longer.concat()).unwrap_err(), Refusal::Untrusted(error));
}

#[test]
fn a_manifest_changed_without_a_change_of_size_is_refused() {
    let at = signed().windows(4).position(|bytes| bytes == b"Says").unwrap();
    let mut changed = signed();
    changed[at..at + 4].copy_from_slice(b"Ends");
    assert_ne!(*outline(&changed).unwrap().manifest(), manifest());
    let error = VerifyError::StatementMismatch { field: StatementField::ManifestDigest };
    assert_eq!(list(&changed).unwrap_err(), Refusal::Untrusted(error));
}

#[test]
fn an_outline_takes_a_detached_signature() {
    let envelope = sign_detached(&unsigned(), &key(), &options()).unwrap();
    let detached = outline(&unsigned()).unwrap().with_detached(&envelope).unwrap();
    let listed = keyring().verify_manifest(detached, now()).unwrap();
    assert_eq!(listed.digest(), Digest::of(&unsigned()));
    let error = outline(&signed()).unwrap().with_detached(&envelope).unwrap_err();
    assert_eq!(error, PackageError::SignedTwice);
    let error = outline(&unsigned()).unwrap().with_detached(&vec![b'['; 64 * 1024 + 1]).unwrap_err();
    assert_eq!(error, EnvelopeError::TooLarge { found: 64 * 1024 + 1, limit: 64 * 1024 }.into());
}

#[test]
fn a_file_is_read_from_its_beginning_wherever_it_stands() {
    let mut file = Cursor::new(signed());
    file.set_position(9);
    assert_eq!(*Outline::read(&mut file).unwrap().manifest(), manifest());
    assert_eq!(*Outline::read(&mut file).unwrap().manifest(), manifest());
}

#[test]
fn an_ordinary_package_costs_two_reads() {
    let package = ordinary();
    assert!(list(&package).is_ok());
    let (reads, bytes) = count(&package);
    assert_eq!(reads, 2);
    assert!(bytes <= 32 * 1024, "{bytes}");
}

/// Neither many sections nor long names cost more than the file's length allows.
#[test]
fn no_file_costs_more_than_two_reads_for_every_16_kib() {
    let most = |bytes: &[u8]| 2 * bytes.len().div_ceil(16 * 1024);
    let empty = [COMPONENT, &[1, 0].repeat(MAX_SECTIONS)].concat();
    let apart = [&[1][..], &leb(600), &[0; 600]].concat();
    let apart = [COMPONENT, &apart.repeat(MAX_SECTIONS - 1)].concat();
    let named = |length: usize| [COMPONENT, &section(&"x".repeat(length), b"").repeat(300)].concat();
    for file in [empty, apart, named(16_370), named(16_390), named(20_000), named(40_000)] {
        let (reads, bytes) = count(&file);
        assert!(reads <= most(&file), "{reads} reads of {} bytes", file.len());
        assert!(bytes <= 2 * file.len(), "{bytes} bytes were read of {}", file.len());
    }
}

#[test]
fn a_manifest_or_an_envelope_over_its_limit_is_not_read() {
    let long = MAX_MANIFEST_BYTES + 1;
    let file = [COMPONENT, &section("mpp:manifest", &vec![b'['; long])].concat();
    assert_eq!(outline(&file).unwrap_err(), ManifestError::TooLarge { found: long }.into());
    assert!(count(&file).1 < 64 * 1024);
    let file = with_envelope(&vec![b'['; 10_000_000]);
    let error = EnvelopeError::TooLarge { found: 10_000_000, limit: 64 * 1024 };
    assert_eq!(outline(&file).unwrap_err(), error.into());
    assert!(count(&file).1 < 64 * 1024);
}

/// A file with nothing in it, as long as it says.
fn sparse(length: u64) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(COMPONENT).unwrap();
    file.set_len(length).unwrap();
    file
}

#[test]
fn a_file_over_the_limit_is_refused_by_its_length() {
    for length in [MAX_PACKAGE_BYTES as u64 + 1, 4 << 30, 1 << 40] {
        let mut file = Counting { file: sparse(length), reads: 0, bytes: 0 };
        let Err(ReadError::Package(error)) = Outline::read(&mut file) else { panic!("{length}") };
        assert_eq!(error, StructureError::TooLarge { found: length as usize }.into());
        assert_eq!(file.reads, 0);
    }
}

#[test]
fn the_longest_section_in_a_small_file_is_refused() {
    let file = [COMPONENT, &[1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]].concat();
    let offset = COMPONENT.len();
    assert_eq!(outline(&file).unwrap_err(), StructureError::Truncated { offset }.into());
    let file = [COMPONENT, &[0, 10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0, 0]].concat();
    assert_eq!(outline(&file).unwrap_err(), StructureError::Truncated { offset }.into());
}

#[test]
fn a_file_with_one_section_too_many_is_refused() {
    // The component has one.
    let full = [COMPONENT, &[1, 0].repeat(MAX_SECTIONS - 1)].concat();
    assert_eq!(outline(&full).unwrap_err(), PackageError::NoManifest);
    let error = StructureError::TooManySections.into();
    assert_eq!(outline(&[full, vec![1, 0]].concat()).unwrap_err(), error);
}

#[test]
fn a_package_cut_off_anywhere_is_refused_for_the_same_reason() {
    let signed = signed();
    for length in 0..signed.len() {
        let cut = &signed[..length];
        match accept(cut, &keyring()) {
            Err(whole) => assert_eq!(list(cut).unwrap_err(), whole, "{length}"),
            Ok(_) => panic!("{length}"),
        }
    }
}

/// A file as long as it says, of which nothing is left beyond `end`.
struct Shortened {
    file: Cursor<Vec<u8>>,
    end: u64,
}

impl Read for Shortened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_sub(self.file.position());
        (&mut self.file).take(left).read(buffer)
    }
}

impl Seek for Shortened {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[test]
fn a_file_that_becomes_shorter_while_it_is_read_is_not_the_publishers_fault() {
    let package = ordinary();
    for end in [0, 7, 8, 1000, package.len() as u64 - 1] {
        let file = Shortened { file: Cursor::new(package.clone()), end };
        let Err(ReadError::Io(error)) = Outline::read(file) else { panic!("{end}") };
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(error.to_string(), "the file became shorter while it was read");
    }
}

/// A file that gives one byte at a time, and is interrupted before each.
struct Slow {
    file: Cursor<Vec<u8>>,
    interrupted: bool,
}

impl Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        match buffer.first_chunk_mut::<1>() {
            Some(_) if self.interrupted => Err(io::ErrorKind::Interrupted.into()),
            Some(byte) => self.file.read(byte),
            None => Ok(0),
        }
    }
}

impl Seek for Slow {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[test]
fn a_file_that_gives_one_byte_at_a_time_is_read_to_its_end() {
    let file = Slow { file: Cursor::new(signed()), interrupted: false };
    assert_eq!(*Outline::read(file).unwrap().manifest(), manifest());
}

/// A file that fails wherever it is told to.
struct Broken {
    seek: bool,
    file: Cursor<Vec<u8>>,
}

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

impl Seek for Broken {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if self.seek { self.file.seek(to) } else { Err(io::ErrorKind::NotSeekable.into()) }
    }
}

#[test]
fn what_cannot_be_sought_in_or_read_is_not_the_publishers_fault() {
    for (seek, expected) in [(false, io::ErrorKind::NotSeekable), (true, io::ErrorKind::PermissionDenied)] {
        let Err(ReadError::Io(error)) = Outline::read(Broken { seek, file: Cursor::new(signed()) }) else {
            panic!("{expected}")
        };
        assert_eq!(error.kind(), expected);
    }
}

/// A file that is another one after some reads.
struct Swapped {
    files: [Cursor<Vec<u8>>; 2],
    reads_left: usize,
}

impl Read for Swapped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let file = &mut self.files[usize::from(self.reads_left == 0)];
        self.reads_left = self.reads_left.saturating_sub(1);
        file.read(buffer)
    }
}

impl Seek for Swapped {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.files[0].seek(to)?;
        self.files[1].seek(to)
    }
}

/// A signed package with its manifest at the one end and its signature at the other.
fn spread(description: &str) -> (Manifest, Vec<u8>) {
    let manifest = Manifest::new(ManifestParts { description: description.to_owned(), ..parts() }).unwrap();
    let front = section("mpp:manifest", &manifest.to_json().unwrap());
    let code = section("code", &[0; 40_000]);
    (manifest, signed_by(&key(), &[COMPONENT, &front, &code].concat()))
}

/// P16: of a file that changes while it is read, what is verified is what was
/// signed, or nothing.
#[test]
fn a_manifest_and_a_signature_of_two_files_are_refused() {
    let [(before, first), (after, then)] = ["Says hello.", "Does worse."].map(spread);
    assert_eq!(first.len(), then.len());
    let read = |reads_left| {
        let files = [&first, &then].map(|bytes| Cursor::new(bytes.clone()));
        let outline = Outline::read(Swapped { files, reads_left }).unwrap();
        keyring().verify_manifest(outline, now()).map(|verified| verified.manifest().clone())
    };
    // Two reads for the headers, one for the manifest, one for the signature.
    let mixed = VerifyError::StatementMismatch { field: StatementField::ManifestDigest };
    let found = [0, 1, 2, 3, 4].map(read);
    assert_eq!(found, [Ok(after.clone()), Ok(after.clone()), Ok(after), Err(mixed), Ok(before)]);
}

#[test]
fn a_real_file_is_read_like_any_other() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hello.mpp");
    fs::write(&path, ordinary()).unwrap();
    let outline = Outline::read(File::open(&path).unwrap()).unwrap();
    assert_eq!(*keyring().verify_manifest(outline, now()).unwrap().manifest(), manifest());
}

/// Both readers in one: the error, or everything that both can tell.
fn same(bytes: &[u8]) {
    match (outline(bytes), Package::parse(bytes)) {
        (Err(outline), Err(whole)) => assert_eq!(outline, whole),
        (Ok(outline), Ok(whole)) => {
            assert_eq!(outline.manifest(), whole.manifest());
            assert_eq!(outline.manifest_digest(), whole.manifest_digest());
            assert_eq!(outline.envelope(), whole.envelope());
            assert_eq!(outline.unsigned_size(), whole.unsigned_bytes().len() as u64);
        }
        (outline, whole) => panic!("{outline:?} and {:?}", whole.map(|_| "a package")),
    }
}

/// Sections of every kind, so that many of their rows are nearly packages.
fn sections() -> impl Strategy<Value = Vec<u8>> {
    let known = vec![
        section("mpp:manifest", &manifest().to_json().unwrap()),
        section("mpp:signature", &envelope_of(&signed())),
        section("mpp:other", b"x"),
        section("note", b"x"),
        vec![1, 0],
        vec![1, 0x80, 0],
    ];
    let large = (0_usize..40_000).prop_map(|length| [&[1][..], &leb(length), &vec![0; length]].concat());
    let named = (0_usize..20_000).prop_map(|length| section(&"é".repeat(length), b"x"));
    let one = prop_oneof![6 => prop::sample::select(known), 2 => large, 1 => named];
    prop::collection::vec(one, 0..6).prop_map(|sections| sections.concat())
}

proptest! {
    #[test]
    fn both_readers_agree_on_rows_of_sections(body in sections(), cut in 0_usize..100) {
        let bytes = [COMPONENT, &body].concat();
        same(&bytes);
        same(&bytes[..bytes.len().saturating_sub(cut)]);
    }

    #[test]
    fn both_readers_agree_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        same(&bytes);
        same(&[COMPONENT, &bytes].concat());
    }
}
