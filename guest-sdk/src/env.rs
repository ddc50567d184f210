//! Environment values. Needs `permissions.env` with the name.
//!
//! ```no_run
//! # fn main() -> mpp_guest::Result<()> {
//! let token = mpp_guest::env::var("GITHUB_TOKEN")?
//!     .ok_or("the operator gives no value to GITHUB_TOKEN")?;
//! # drop(token);
//! # Ok(())
//! # }
//! ```
//!
//! On `wasm32-wasip2` `std::env::var` works as well; it cannot tell a name that
//! was not granted from one without a value.

use crate::Denial;
use crate::bindings::mpp::tool::env as wit;
use crate::host_only::host_only;

/// The value that the operator gives to `name`, and `None` where it gives none.
///
/// # Errors
///
/// The denial, for a name that was not granted.
pub fn var(name: impl AsRef<str>) -> Result<Option<String>, Denial> {
    host_only("env");
    Ok(wit::get(name.as_ref())?)
}
