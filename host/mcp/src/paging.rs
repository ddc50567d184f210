//! Pages of a long list.
//!
//! A page ends with the last tool that fits, by number and by bytes, and has one at
//! least.
//!
//! A cursor says after which name to go on, so a page is right whatever was
//! installed or removed since the page before: nothing that stayed is left out or
//! comes twice. To a client it is opaque. One that this server did not write is
//! an error, not an empty page: it would look like the end of the list.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use crate::listing::is_tool_name;

/// Most tools on a page. Usual ones are some hundred kilobytes, which a client
/// reads at once. Ten thousand of them are some eighty pages.
pub const MAX_PAGE_TOOLS: usize = 128;

/// Most bytes of a page: of its tools as JSON, without the message around them. It
/// is for tools with pictures and long schemas: 128 of those can be a hundred
/// megabytes, which the server would hold and a client read at once. A tool that is
/// larger by itself is a page of its own.
pub const MAX_PAGE_BYTES: usize = 1024 * 1024;

/// What a page has room for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) tools: usize,
    /// Of their JSON.
    pub(crate) bytes: usize,
}

impl Room {
    /// That of every page.
    pub(crate) const PAGE: Self = Self { tools: MAX_PAGE_TOOLS, bytes: MAX_PAGE_BYTES };

    /// How many tools fit, of those that have these sizes: one at least, or a list
    /// would end at a large one.
    pub(crate) fn fits(self, sizes: impl Iterator<Item = usize>) -> usize {
        let ends = sizes.scan(0_usize, |end, size| {
            // The comma behind it, or the bracket.
            *end = end.saturating_add(size).saturating_add(1);
            Some(*end)
        });
        ends.take(self.tools).take_while(|end| *end < self.bytes).count().max(1)
    }
}

/// Before the name in a cursor: which form the cursor has.
const FORM: &str = "after:";

/// A cursor that this server did not write. The client's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that this server gave out")]
pub struct InvalidCursor;

/// The cursor for what follows `name`.
pub(crate) fn cursor(name: &str) -> String {
    BASE64.encode(format!("{FORM}{name}"))
}

/// The name after which a page begins.
pub(crate) fn after(cursor: &str) -> Result<String, InvalidCursor> {
    let bytes = BASE64.decode(cursor).map_err(|_| InvalidCursor)?;
    let text = String::from_utf8(bytes).map_err(|_| InvalidCursor)?;
    match text.strip_prefix(FORM) {
        Some(name) if is_tool_name(name) => Ok(name.to_owned()),
        _ => Err(InvalidCursor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_room_for_so_many_tools_and_so_many_bytes_and_for_one() {
        let fits = |sizes: &[usize]| Room { tools: 3, bytes: 10 }.fits(sizes.iter().copied());
        assert_eq!(fits(&[1, 1, 1, 1]), 3);
        // With two brackets and a comma it is ten bytes, and then eleven.
        assert_eq!(fits(&[4, 3]), 2);
        assert_eq!(fits(&[4, 4]), 1);
        assert_eq!(fits(&[3, 3, 3]), 2);
        assert_eq!(fits(&[usize::MAX, 1]), 1);
        assert_eq!(fits(&[1, usize::MAX, 1]), 1);
    }

    #[test]
    fn a_cursor_says_after_which_name_to_go_on() {
        assert_eq!(after(&cursor("text-stats")), Ok("text-stats".to_owned()));
    }

    #[test]
    fn what_this_server_did_not_write_is_no_cursor() {
        for text in ["", "2", "invalid-cursor", &BASE64.encode("text-stats"), &BASE64.encode("after:no name")]
        {
            assert_eq!(after(text), Err(InvalidCursor), "{text:?}");
        }
    }
}
