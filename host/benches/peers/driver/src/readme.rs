//! The place of the table in `host/benches/README.md`.

use std::path::Path;

use crate::trouble::{Trouble, Trying as _};

const BEGIN: &str = "<!-- made by host/benches/peers/run: begin -->";
const END: &str = "<!-- made by host/benches/peers/run: end -->";

/// Puts `text` between the two marks, in place of what is there.
pub fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    let name = || path.display().to_string();
    let before = std::fs::read_to_string(path).trying(name())?;
    let no_place = |marker| Trouble::NoPlace { path: path.to_owned(), marker };
    let (head, rest) = before.split_once(BEGIN).ok_or_else(|| no_place(BEGIN))?;
    let (_, tail) = rest.split_once(END).ok_or_else(|| no_place(END))?;
    std::fs::write(path, format!("{head}{BEGIN}\n\n{text}\n{END}{tail}")).trying(name())
}
