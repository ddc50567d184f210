//! Pages of a long list.
//!
//! A cursor says after which name to go on, so a page is right whatever was
//! installed or removed since the page before: nothing that stayed is left out or
//! comes twice. To a client it is opaque. One that this server did not write is
//! an error, not an empty page: it would look like the end of the list.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use crate::listing::is_tool_name;

/// Most tools on a page: of usual ones some hundred kilobytes, which a client reads
/// at once. Ten thousand tools are some eighty pages.
pub const MAX_PAGE_TOOLS: usize = 128;

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
