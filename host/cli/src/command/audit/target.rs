//! Where a projection is written to: standard output, or a file that is there
//! only once it is whole.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::exit::{Failure, Outcome, file_trouble, writing_output};
use crate::output::Streams;

/// Where to write.
pub(super) enum Target<'t, 's> {
    /// Standard output.
    Out(&'t mut Streams<'s>),
    /// A file in the making, and its name.
    File(BufWriter<NamedTempFile>, PathBuf),
}

impl<'t, 's> Target<'t, 's> {
    /// Opens the file that was named, which must not be there yet, or standard output.
    pub(super) fn open(file: Option<PathBuf>, streams: &'t mut Streams<'s>) -> Outcome<Self> {
        let Some(path) = file else { return Ok(Self::Out(streams)) };
        if path.exists() {
            return Err(exists(&path));
        }
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let made = NamedTempFile::new_in(directory.unwrap_or(Path::new(".")));
        let file = made.map_err(|error| file_trouble("write", &path, &error))?;
        Ok(Self::File(BufWriter::new(file), path))
    }

    /// What a failed write means.
    pub(super) fn trouble(file: Option<&Path>, error: &io::Error) -> Failure {
        match file {
            Some(path) => file_trouble("write", path, error),
            None => writing_output(error),
        }
    }

    /// Makes the file appear under its name, with all that was written on disk.
    pub(super) fn finish(self) -> Outcome {
        let (file, path) = match self {
            Self::Out(streams) => return streams.flush(),
            Self::File(file, path) => (file, path),
        };
        let trouble = |error: &io::Error| file_trouble("write", &path, error);
        let file = file.into_inner().map_err(|error| trouble(error.error()))?;
        file.as_file().sync_all().map_err(|error| trouble(&error))?;
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&path)),
            Err(error) => Err(trouble(&error.error)),
        }
    }
}

impl Write for Target<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Out(streams) => streams.out.write(bytes),
            Self::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Out(streams) => streams.out.flush(),
            Self::File(file, _) => file.flush(),
        }
    }
}

fn exists(path: &Path) -> Failure {
    Failure::usage(format!("{} exists already", path.display()))
        .next("name another file, or move that one away first")
}
