//! The pictures that `mpp.yaml` names.

use std::path::Path;

use mpp_package::{Icon, IconFile, MAX_ICON_BYTES, MAX_ICON_SIDE};

use crate::durable;
use crate::exit::{Blame, Failure, Outcome};

/// Largest file that is read, in bytes: far more than an icon may have, so that a
/// picture that is too large is told how large it is.
const MAX_PICTURE_BYTES: u64 = 16 * 1024 * 1024;

/// Reads the pictures, from paths relative to the directory of `mpp.yaml`.
pub(super) fn read(directory: &Path, files: &[IconFile]) -> Outcome<Vec<Icon>> {
    files.iter().map(|file| read_one(directory, file)).collect()
}

fn read_one(directory: &Path, file: &IconFile) -> Outcome<Icon> {
    let path = directory.join(&file.path);
    let refused = |why: &str| {
        Failure::package(format!("the icon {} cannot be used", path.display())).because(why).next(format!(
            "name a PNG, JPEG or WebP picture of at most {MAX_ICON_SIDE}x{MAX_ICON_SIDE} pixels and {MAX_ICON_BYTES} bytes under `icons` in mpp.yaml"
        ))
    };
    let picture = durable::read_named(&path, MAX_PICTURE_BYTES).map_err(|failure| match failure.blame() {
        // It is the source that names the file, not the command line.
        Blame::Usage => refused(failure.what()),
        _ => failure,
    })?;
    Icon::new(&picture, file.theme).map_err(|error| refused(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use mpp_package::IconTheme;

    use super::*;

    /// A PNG as far as it is looked at.
    fn png(side: u8) -> Vec<u8> {
        [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0"[..], &[side], b"\0\0\0", &[side]].concat()
    }

    fn named(path: &str) -> IconFile {
        IconFile { path: path.into(), theme: Some(IconTheme::Dark) }
    }

    #[test]
    fn a_picture_is_read_from_beside_the_manifest_or_below() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("icons")).unwrap();
        fs::write(directory.path().join("icons/a.png"), png(48)).unwrap();
        let icons = read(directory.path(), &[named("icons/a.png")]).unwrap();
        assert_eq!(icons, [Icon::new(&png(48), Some(IconTheme::Dark)).unwrap()]);
    }

    #[test]
    fn a_picture_that_cannot_be_used_is_named_with_why() {
        let directory = tempfile::tempdir().unwrap();
        let cases: [(&str, Vec<u8>, &str); 3] = [
            ("drawing.svg", b"<svg/>".to_vec(), "neither a PNG nor a JPEG nor a WebP"),
            ("long.png", [png(48), vec![0; MAX_ICON_BYTES]].concat(), "bytes long, and at most 8192"),
            ("empty.png", png(0), "0x0 pixels"),
        ];
        for (name, bytes, why) in cases {
            fs::write(directory.path().join(name), bytes).unwrap();
            let failure = read(directory.path(), &[named(name)]).unwrap_err();
            assert_eq!(failure.blame(), Blame::Package);
            assert!(failure.what().contains(name), "{}", failure.what());
            assert!(failure.why()[0].contains(why), "{:?}", failure.why());
        }
        for name in ["missing.png", "."] {
            let failure = read(directory.path(), &[named(name)]).unwrap_err();
            assert_eq!(failure.blame(), Blame::Package, "{name}");
        }
    }
}
