//! The lines above the bytes of a vector.

use std::fmt;

/// What a vector is judged under, and what has to come of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Header {
    /// The code of the refusal, or `accepted`.
    pub expect: String,
    /// Which refusal of that code, where it has several.
    pub detail: Option<String>,
    /// The row of the table of attacks: `P4`; `none` for a file without a defect.
    pub attack: String,
    /// The defect in one sentence.
    pub comment: String,
    /// What the bytes are.
    pub kind: Kind,
    /// The file under `trust/` with the package that a detached signature is for.
    pub package: Option<String>,
    /// What the operator has taken before, in this order.
    pub trust: String,
    /// When the file is judged.
    pub now: String,
}

/// What the bytes of a vector are, and so which door they knock at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A package file, to be verified.
    Package,
    /// The signature of a package in a file of its own, to be verified with it.
    Detached,
    /// A root, to be pinned.
    Root,
    /// A root, to follow the one that is pinned.
    NextRoot,
    /// An index, to be taken.
    Index,
}

impl Kind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Detached => "detached",
            Self::Root => "root",
            Self::NextRoot => "next-root",
            Self::Index => "index",
        }
    }
}

/// The lines and the empty one behind them.
impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expect, detail, attack, comment, kind, package, trust, now } = self;
        writeln!(f, "expect: {expect}")?;
        if let Some(detail) = detail {
            writeln!(f, "detail: {detail}")?;
        }
        writeln!(f, "attack: {attack}\ncomment: {comment}\nkind: {}", kind.word())?;
        if let Some(package) = package {
            writeln!(f, "package: {package}")?;
        }
        writeln!(f, "trust: {trust}\nnow: {now}\n")
    }
}
