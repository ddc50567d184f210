//! What is opened and read on the spot is what would be opened and read anyway.

use std::fs;
use std::io::ErrorKind;
use std::io::Write as _;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::thread::yield_now;

use rustix::fs::{Advice, AtFlags, CWD, FileType, fadvise, mknodat, statat};
use tempfile::TempDir;

use super::*;

const EVERY: [Storage; 3] = [Storage::Memory, Storage::Disk, Storage::Unknown];

/// A directory with a file in it, open.
fn directory() -> (TempDir, File) {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("file"), "contents").expect("a file");
    let handle = File::open(directory.path()).expect("a directory");
    (directory, handle)
}

/// What comes of it once the name is in the kernel's cache and nobody renames or
/// mounts anything meanwhile, for which the kernel gives up, too.
fn open_in_the_end(directory: &File, below: &str) -> Option<io::Result<File>> {
    (0..1000).find_map(|_| {
        let _ = statat(directory, below, AtFlags::SYMLINK_NOFOLLOW);
        yield_now();
        open(Storage::Disk, directory, below, TO_READ)
    })
}

#[test]
fn what_is_there_is_opened_and_what_is_absent_is_absent() {
    let (_held, directory) = directory();
    let file = open_in_the_end(&directory, "file").expect("it is cached").expect("it is there");
    assert_eq!(file.metadata().expect("it is open").len(), 8);
    let absent = open_in_the_end(&directory, "absent").expect("it is cached");
    assert_eq!(absent.expect_err("it is absent").kind(), ErrorKind::NotFound);
}

#[test]
fn what_leads_outside_is_not_opened() {
    let (held, directory) = directory();
    symlink("/etc/passwd", held.path().join("absolute")).expect("a link");
    symlink("../../etc/passwd", held.path().join("relative")).expect("a link");
    for below in ["/etc/passwd", "..", "../..", "absolute", "relative", "file/../../x", "", "a\0b"] {
        let opened = open_in_the_end(&directory, below);
        assert!(!matches!(opened, Some(Ok(_))), "{below:?} was opened");
    }
}

#[test]
fn nothing_is_opened_where_it_may_ask_somebody_else() {
    let (_held, directory) = directory();
    assert!(open(Storage::Unknown, &directory, "file", TO_READ).is_none());
}

#[test]
fn another_file_system_is_not_entered() {
    let root = File::open("/").expect("a directory");
    assert!(open_in_the_end(&root, "proc/self/status").is_none());
}

#[test]
fn a_pipe_does_not_wait_for_its_other_end() {
    let (held, directory) = directory();
    mknodat(CWD, held.path().join("pipe"), FileType::Fifo, Mode::RWXU, 0).expect("a pipe");
    let opened = open_in_the_end(&directory, "pipe").expect("it is cached").expect("it is there");
    assert!(opened.metadata().expect("it is open").file_type().is_fifo());
}

/// What was not opened cannot be read from; a pipe that was would say that it has no places.
#[test]
fn a_pipe_is_looked_at_and_not_opened() {
    let (held, directory) = directory();
    mknodat(CWD, held.path().join("pipe"), FileType::Fifo, Mode::RWXU, 0).expect("a pipe");
    open_in_the_end(&directory, "pipe").expect("it is cached").expect("it is there");
    let opened = (0..1000).find_map(|_| {
        yield_now();
        open_to_read(Storage::Disk, &directory, "pipe", OFlags::empty())
    });
    let (pipe, found) = opened.expect("it is cached").expect("it is there");
    assert!(found.file_type().is_fifo());
    let refused = pread(&pipe, &mut [0_u8; 1][..], 0).expect_err("it was opened");
    assert_eq!(refused, Errno::BADF);
}

/// Whoever may wait says what is wrong with it.
#[test]
fn a_link_that_is_not_to_be_followed_is_left_to_others() {
    let (held, directory) = directory();
    symlink("file", held.path().join("link")).expect("a link");
    let looked = (0..1000).find_map(|_| {
        yield_now();
        look(Storage::Disk, &directory, "link", OFlags::NOFOLLOW)
    });
    let (_, found) = looked.expect("it is cached").expect("it is there");
    assert!(found.is_symlink());
    assert!(open_to_read(Storage::Disk, &directory, "link", OFlags::NOFOLLOW).is_none());
}

#[tokio::test]
async fn a_file_is_read_at_any_place() {
    let (held, _) = directory();
    for storage in EVERY {
        let file = File::open(held.path().join("file")).expect("a file");
        let source = Source::new(Arc::new(file), storage);
        assert_eq!(source.read(0, 100).await.expect("it is read"), b"contents");
        assert_eq!(source.read(3, 2).await.expect("it is read"), b"te");
        assert_eq!(source.read(8, 100).await.expect("it is read"), b"");
        assert_eq!(source.read(1 << 40, 100).await.expect("it is read"), b"");
        assert_eq!(source.read(0, 0).await.expect("it is read"), b"");
    }
}

/// To the kernel it is the place where the file was read last.
#[tokio::test]
async fn the_largest_place_is_no_place() {
    let (held, _) = directory();
    for storage in EVERY {
        let file = File::open(held.path().join("file")).expect("a file");
        let refused = Source::new(Arc::new(file), storage).read(u64::MAX, 1).await;
        assert_eq!(refused.expect_err("it was read").kind(), ErrorKind::InvalidInput);
    }
}

#[tokio::test]
async fn what_is_not_in_memory_is_fetched() {
    let (held, _) = directory();
    let path = held.path().join("large");
    let contents = vec![7; 1 << 20];
    let mut file = File::create_new(&path).expect("a file");
    file.write_all(&contents).and_then(|()| file.sync_all()).expect("a disk");
    for storage in EVERY {
        let file = File::open(&path).expect("a file");
        fadvise(&file, 0, None, Advice::DontNeed).expect("advice is taken");
        let source = Source::new(Arc::new(file), storage);
        let mut read = Vec::new();
        while read.len() < contents.len() {
            let next = source.read(read.len() as u64, 64 << 10).await.expect("it is read");
            assert!(!next.is_empty(), "it ended at {}", read.len());
            read.extend(next);
        }
        assert!(read == contents);
    }
}

#[tokio::test]
async fn what_is_written_while_it_is_read_is_read() {
    let (held, _) = directory();
    let path = held.path().join("file");
    let source = Source::new(Arc::new(File::open(&path).expect("a file")), Storage::Disk);
    assert_eq!(source.read(8, 100).await.expect("it is read"), b"");
    let mut file = File::options().append(true).open(&path).expect("a file");
    file.write_all(b" and more").expect("room");
    assert_eq!(source.read(8, 100).await.expect("it is read"), b" and more");
}

#[tokio::test]
async fn a_thread_that_panics_is_an_error() {
    let panicked = apart(|| -> io::Result<()> { panic!("on purpose") }).await;
    assert!(panicked.expect_err("it panicked").to_string().contains("panicked"));
}
