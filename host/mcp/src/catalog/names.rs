//! The names tools are served by.
//!
//! A tool goes by its own name. Where two would have the same, **both** get
//! longer ones; so while both are there, neither answers to a name that was
//! the other's, and the names depend on what is installed, not on when:
//!
//! ```text
//! search                                     the only one of that name
//! notes__search                              package__tool, if two packages have it
//! com.example__notes__search                 publisher__package__tool, if the packages are namesakes
//! search-1f0c…                               and 32 digits of a digest, if that is too long or taken
//! ```

use std::collections::HashMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::listing::{MAX_TOOL_NAME_BYTES, is_tool_name};

/// Digits of the digest in the last form, 4 bits each: nobody finds a second tool
/// with the same ones.
const DIGEST_DIGITS: usize = 32;

/// One tool of one package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Installed<'a> {
    /// Who signed the package.
    pub publisher: &'a str,
    /// The package.
    pub package: &'a str,
    /// The tool, by the name in its manifest.
    pub tool: &'a str,
}

/// The forms of a name, from short to long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Tool,
    Package,
    Publisher,
    Digest,
}

/// The name each tool is served by, in the order of `tools`. All are different,
/// as long as the tools are, and each is one that clients accept.
#[must_use]
pub fn names(tools: &[Installed<'_>]) -> Vec<String> {
    let mut forms: Vec<Form> = tools.iter().map(|tool| tool.fitting(Form::Tool)).collect();
    loop {
        let names: Vec<String> = tools.iter().zip(&forms).map(|(tool, form)| tool.name(*form)).collect();
        let mut bearers: HashMap<&str, usize> = HashMap::new();
        for name in &names {
            *bearers.entry(name).or_default() += 1;
        }
        let mut settled = true;
        for ((tool, form), name) in tools.iter().zip(&mut forms).zip(&names) {
            if bearers.get(name.as_str()).is_some_and(|count| *count > 1) && *form != Form::Digest {
                *form = tool.fitting(form.longer());
                settled = false;
            }
        }
        // Each round makes a form longer, so there is a last one.
        if settled {
            return names;
        }
    }
}

impl Form {
    fn longer(self) -> Self {
        match self {
            Self::Tool => Self::Package,
            Self::Package => Self::Publisher,
            Self::Publisher | Self::Digest => Self::Digest,
        }
    }
}

impl Installed<'_> {
    /// The form, or the next one in which the name is one that clients accept.
    fn fitting(&self, form: Form) -> Form {
        if form == Form::Digest || is_tool_name(&self.name(form)) {
            return form;
        }
        self.fitting(form.longer())
    }

    fn name(&self, form: Form) -> String {
        let Self { publisher, package, tool } = self;
        match form {
            Form::Tool => (*tool).to_owned(),
            Form::Package => format!("{package}__{tool}"),
            Form::Publisher => format!("{publisher}__{package}__{tool}"),
            Form::Digest => self.digest_name(),
        }
    }

    fn digest_name(&self) -> String {
        let Self { publisher, package, tool } = self;
        let mut digest = Sha256::new();
        for part in [publisher, package, tool] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let mut name: String = tool
            .chars()
            .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
            .take(MAX_TOOL_NAME_BYTES - DIGEST_DIGITS - 1)
            .collect();
        name.push('-');
        for byte in digest.finalize().iter().take(DIGEST_DIGITS / 2) {
            // Writing to a text does not fail.
            let _ = write!(name, "{byte:02x}");
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn tool<'a>(publisher: &'a str, package: &'a str, tool: &'a str) -> Installed<'a> {
        Installed { publisher, package, tool }
    }

    #[test]
    fn a_tool_goes_by_its_own_name_while_no_other_has_it() {
        let tools = [tool("com.example", "notes", "search"), tool("com.example", "files", "find")];
        assert_eq!(names(&tools), ["search", "find"]);
    }

    #[test]
    fn two_tools_of_one_name_are_both_called_by_their_packages() {
        let tools = [
            tool("com.example", "notes", "search"),
            tool("org.other", "files", "search"),
            tool("org.other", "files", "find"),
        ];
        assert_eq!(names(&tools), ["notes__search", "files__search", "find"]);
    }

    #[test]
    fn packages_of_one_name_are_told_apart_by_their_publishers() {
        let tools = [tool("com.example", "notes", "search"), tool("org.other", "notes", "search")];
        assert_eq!(names(&tools), ["com.example__notes__search", "org.other__notes__search"]);
    }

    #[test]
    fn a_tool_that_is_named_like_anothers_long_name_takes_it_from_nobody() {
        let tools = [
            tool("com.example", "notes", "search"),
            tool("org.other", "files", "search"),
            tool("net.third", "trap", "notes__search"),
        ];
        assert_eq!(names(&tools), ["com.example__notes__search", "files__search", "trap__notes__search"]);
    }

    #[test]
    fn a_name_that_would_be_too_long_ends_in_a_digest() {
        let long = "x".repeat(MAX_TOOL_NAME_BYTES);
        let tools = [tool("com.example", "notes", &long), tool("org.other", "files", &long)];
        let names = names(&tools);
        for name in &names {
            assert!(is_tool_name(name), "{name}");
            assert!(name.starts_with(&"x".repeat(95)), "{name}");
        }
        assert_ne!(names[0], names[1]);
    }

    #[test]
    fn the_order_of_installation_decides_nothing() {
        let mut tools = vec![
            tool("com.example", "notes", "search"),
            tool("org.other", "notes", "search"),
            tool("org.other", "files", "search"),
            tool("net.third", "trap", "files__search"),
        ];
        let before: HashMap<_, _> = tools.iter().copied().zip(names(&tools)).collect();
        tools.reverse();
        let after: HashMap<_, _> = tools.iter().copied().zip(names(&tools)).collect();
        assert_eq!(before, after);
    }

    /// Few texts, so that they collide; some that clients refuse, and some that look
    /// like the longer names of others.
    fn part() -> impl Strategy<Value = String> {
        prop_oneof!["[ab]{0,2}", "[ab]__[ab]", "[ab]__[ab]__[ab]", "[ab] ", "a{120,140}"]
    }

    proptest! {
        #[test]
        fn whatever_is_installed_the_names_differ_and_clients_accept_them(
            parts in proptest::collection::hash_set((part(), part(), part()), 0..40)
        ) {
            let tools: Vec<_> = parts.iter().map(|(who, what, which)| tool(who, what, which)).collect();
            let names = names(&tools);
            prop_assert!(names.iter().all(|name| is_tool_name(name)), "{names:?}");
            let different: HashSet<_> = names.iter().collect();
            prop_assert_eq!(different.len(), tools.len());
        }
    }
}
