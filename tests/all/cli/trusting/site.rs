//! Where a publisher puts its documents: a server for HTTPS on this machine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use mpp_host::package::Location;

use crate::cli::{User, text};
use crate::support::server::{Answer, Authority, Received, Server};

type Files = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

pub struct Site {
    server: Server,
    files: Files,
    authority: Authority,
}

impl Site {
    pub fn new() -> Self {
        let (authority, files) = (Authority::new(), Files::default());
        let shown = Arc::clone(&files);
        let server = Server::https(&authority, &["localhost"], move |request: &Received| {
            let files = shown.lock().unwrap_or_else(PoisonError::into_inner);
            match files.get(&request.target) {
                Some(bytes) => Answer::page("application/json", bytes.clone()),
                None => Answer::Full { status: 404, headers: Vec::new(), body: Vec::new() },
            }
        });
        Self { server, files, authority }
    }

    /// What a root says of it.
    pub fn location(&self) -> Location {
        Location::parse(&self.url("/mpp/")).expect("a location")
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.server.address().port())
    }

    /// Shows a document.
    pub fn put(&self, path: &str, document: impl Into<Vec<u8>>) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(path.to_owned(), document.into());
    }

    /// The option that lets a user's command believe this server.
    pub fn ca_file(&self, user: &User) -> String {
        format!("--ca-file={}", text(&user.write("authority.pem", self.authority.pem())))
    }

    /// The paths that were asked for, in their order.
    pub fn asked(&self) -> Vec<String> {
        self.server.received().into_iter().map(|request| request.target).collect()
    }
}
