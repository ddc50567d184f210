//! The same work without a sandbox.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use tokio::runtime::Handle;

use crate::tree::{Tree, sum};
use crate::web::Server;

/// Bytes that one read asks for.
const CHUNK: usize = 64 << 10;

/// The large file, by its name.
pub fn read(tree: &Tree) -> u64 {
    sum_of(File::open(tree.file()).expect("a file"))
}

/// The large file, beneath its directory.
pub fn read_beneath(tree: &Tree) -> u64 {
    sum_of(directory(tree).open("file").expect("a file"))
}

fn sum_of(mut file: impl Read) -> u64 {
    let (mut buffer, mut total) = (vec![0; CHUNK], 0_u64);
    loop {
        match file.read(&mut buffer).expect("a disk") {
            0 => return total,
            read => total = total.wrapping_add(sum(&buffer[..read])),
        }
    }
}

/// The small files, by their names.
pub fn read_each(tree: &Tree) -> u64 {
    let read = |name: String| std::fs::read(tree.path().join(name)).expect("a file");
    tree.names().map(read).fold(0, |total, contents| total.wrapping_add(sum(&contents)))
}

/// The small files, beneath their directory.
pub fn read_each_beneath(tree: &Tree) -> u64 {
    let directory = directory(tree);
    let read = |name: String| directory.read(name).expect("a file");
    tree.names().map(read).fold(0, |total, contents| total.wrapping_add(sum(&contents)))
}

fn directory(tree: &Tree) -> Dir {
    Dir::open_ambient_dir(tree.path(), ambient_authority()).expect("a directory")
}

/// The client that the host has, too, asked without a host.
pub struct Client(reqwest::Client);

impl Client {
    pub fn new() -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("there are safe ones")
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let client = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
        Self(client.pool_max_idle_per_host(0).build().expect("a client"))
    }

    /// The whole answer of the server.
    pub fn request(&self, server: &Server) -> u64 {
        let answer = async { self.0.get(server.url()).send().await?.bytes().await };
        sum(&Handle::current().block_on(answer).expect("an answer"))
    }
}
