//! Runs one tool of a signed package from Rust.
//!
//! ```text
//! embed PACKAGE PUBLIC-KEY TOOL INPUT
//! ```

use std::path::Path;
use std::sync::Arc;

use mpp_host::Host;
use mpp_host::audit::{Log, SystemClock};
use mpp_host::package::{Keyring, Package, PublicKey};
use mpp_host::policy::OperatorPolicy;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [package, key, tool, input] = arguments.as_slice() else {
        return Err("usage: embed PACKAGE PUBLIC-KEY TOOL INPUT".into());
    };
    let package = Package::parse(std::fs::read(package)?)?;
    let mut keyring = Keyring::empty();
    // A real application pins the publishers it trusts, and does not ask the
    // package who that is.
    keyring.pin(package.manifest().publisher(), PublicKey::from_pem(&std::fs::read_to_string(key)?)?)?;
    let policy = OperatorPolicy::approving(package.manifest().permissions().clone());
    let log = Arc::new(Log::open(Path::new("audit"), SystemClock)?);

    let host = Host::builder().keyring(keyring).audit(log).build()?;
    let tool_package = host.load(package, &policy)?;
    println!("{}", tool_package.invoke(tool, input.as_str()).await?.text());
    Ok(())
}
