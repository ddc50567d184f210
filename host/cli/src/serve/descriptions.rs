//! Where a server keeps what its tools are described as: in a file without a name
//! among what can be made again. No other process finds it, and it is gone with this one.

use mpp_mcp::Descriptions;

use crate::durable::{Readers, make_directory};
use crate::home::Home;

/// A new place, in memory where no file can be made.
pub(super) fn new(home: &Home) -> Descriptions {
    let cache = home.cache();
    let file = make_directory(cache, Readers::Owner).ok().and_then(|()| tempfile::tempfile_in(cache).ok());
    file.map_or(Descriptions::in_memory(), Descriptions::in_file)
}
