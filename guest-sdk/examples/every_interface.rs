//! A tool that touches everything there is. Needs every permission.

use mpp_guest::{Response, Result, clock, env, fs, fs_write, http, log, progress, random};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Input {
    /// The page to keep a copy of.
    url: String,
    /// The directory for the copy.
    directory: String,
}

/// Keeps a copy of a page under a new name.
#[mpp_guest::tool]
fn keep(input: Input) -> Result<Response> {
    let Input { url, directory } = input;
    let started = clock::monotonic();
    let mut request = http::Request::get(&url);
    if let Some(token) = env::var("API_TOKEN")? {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    progress::step(0, 2, "asking for the page");
    let page = request.send()?;
    progress::step(1, 2, "keeping it");
    let path = format!("{directory}/{:016x}", random::u64());
    fs_write::write(&path, page.body())?;
    let size = fs::metadata(&path)?.size;
    log::info!("took {:?}", clock::monotonic() - started);
    Ok(Response::new().text(format!("{size} bytes in {path}")))
}

mpp_guest::export!(keep);
