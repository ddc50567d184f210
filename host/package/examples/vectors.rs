//! Writes the vectors of `tests/vectors/package` that are not there yet:
//!
//! ```text
//! cargo run -p mpp-package --example vectors
//! ```
//!
//! A file that is there is never changed: it is evidence of what the format was
//! when it was written. Where the generator would make another one, it says so
//! and fails. Whoever means to replace a vector removes it first.

use std::{fs, io, path::Path, process::ExitCode};

#[path = "../tests/all/vectors/header.rs"]
mod header;
#[path = "../tests/all/vectors/make/mod.rs"]
mod make;

fn main() -> io::Result<ExitCode> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/package");
    let mut differ = 0;
    for (name, bytes) in make::files() {
        let path = directory.join(&name);
        match fs::read(&path) {
            Ok(found) if found == bytes => {}
            Ok(_) => {
                println!("{name} is there already, with other bytes");
                differ += 1;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(path.parent().unwrap_or(&directory))?;
                fs::write(&path, bytes)?;
                println!("{name} is new");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(if differ == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
