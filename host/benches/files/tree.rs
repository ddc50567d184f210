//! What is read: one large file, and many small ones.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Bytes of each of the many.
const SMALL: usize = 1 << 10;

/// Bytes that the large file repeats.
const PIECE: usize = 64 << 10;

/// A directory with both.
pub struct Tree {
    directory: TempDir,
    many: usize,
    file_sum: u64,
    many_sum: u64,
}

impl Tree {
    /// Makes a file of so many bytes, and so many directories with as many files.
    pub fn new(file: usize, many: usize) -> Self {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        let file_sum = make_file(&directory.path().join("file"), file);
        let many_sum = make_many(&directory.path().join("many"), many);
        Self { directory, many, file_sum, many_sum }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn file(&self) -> PathBuf {
        self.path().join("file")
    }

    pub fn file_sum(&self) -> u64 {
        self.file_sum
    }

    pub fn many_sum(&self) -> u64 {
        self.many_sum
    }

    /// The names of the many, below the directory.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let in_one = move |directory| (0..self.many).map(move |file| format!("many/{directory}/{file}"));
        (0..self.many).flat_map(in_one)
    }
}

fn make_file(path: &Path, bytes: usize) -> u64 {
    let piece = numbered(0, PIECE);
    let mut file = File::create(path).expect("a file");
    for _ in 0..bytes / PIECE {
        file.write_all(&piece).expect("room");
    }
    // Nothing is left to be written while the rows are measured.
    file.sync_all().expect("a disk");
    sum(&piece).wrapping_mul((bytes / PIECE) as u64)
}

fn make_many(path: &Path, many: usize) -> u64 {
    let mut total = 0_u64;
    for directory in 0..many {
        let below = path.join(directory.to_string());
        std::fs::create_dir_all(&below).expect("a directory");
        for file in 0..many {
            let contents = numbered((directory * many + file) as u64, SMALL);
            std::fs::write(below.join(file.to_string()), &contents).expect("a file");
            total = total.wrapping_add(sum(&contents));
        }
    }
    total
}

/// Bytes that differ from one number to the next, and from one place to the next.
pub fn numbered(number: u64, bytes: usize) -> Vec<u8> {
    let words = (0..bytes as u64 / 8).map(|at| (number << 32 | at).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    words.flat_map(u64::to_le_bytes).collect()
}

/// The sum of the first 64-bit word of every 64 bytes, filled up with zeros at the
/// end: as the tool adds them.
pub fn sum(bytes: &[u8]) -> u64 {
    let mut sum = 0_u64;
    for line in bytes.chunks(64) {
        let mut word = [0; 8];
        match line.first_chunk() {
            Some(first) => word = *first,
            None => word[..line.len()].copy_from_slice(line),
        }
        sum = sum.wrapping_add(u64::from_le_bytes(word));
    }
    sum
}
