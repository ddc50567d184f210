//! A log in memory, a log on disk, a witness that is served, and HTTP by hand.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, Once};
use std::thread::JoinHandle;

use mpp_audit::Hash;
use mpp_audit::checkpoint::{Checkpoint, SignedCheckpoint};
use mpp_audit::note::{LogSigner, WitnessKey};
use mpp_audit::tree::{CompactTree, ConsistencyProof, Node, TreeHead, prove_consistency};
use mpp_audit::witness::AddCheckpoint;
use mpp_witness::{Answer, Directory, server};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub const ORIGIN: &str = "example.com/log";

/// The signer of a log of this name.
pub fn signer(origin: &str, seed: u8) -> LogSigner {
    LogSigner::from_seed(origin.parse().expect("a name"), &[seed; 32])
}

/// The tree whose records are their own numbers.
pub fn head(size: u64) -> TreeHead {
    let mut tree = CompactTree::new();
    (0..size).for_each(|leaf| tree.append(Hash::of_record(leaf.to_string().as_bytes())));
    tree.head()
}

fn proof(old: u64, new: u64) -> ConsistencyProof {
    if old == 0 || old > new {
        return ConsistencyProof::from_hashes(vec![]);
    }
    let (mut tree, mut stored) = (CompactTree::new(), HashMap::new());
    for leaf in 0..new {
        tree.append_with(Hash::of_record(leaf.to_string().as_bytes()), |node, hash| {
            stored.insert(node, hash);
        });
    }
    let reader = |nodes: &[Node]| nodes.iter().map(|node| stored.get(node).copied().ok_or(())).collect();
    prove_consistency(old, new, &reader).expect("both trees are there")
}

pub fn checkpoint(signer: &LogSigner, head: TreeHead) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(signer.key().name().clone(), head).expect("a size");
    checkpoint.sign(signer).expect("its own key signs")
}

/// A request for the log, from one size to another.
pub fn request(old: u64, new: u64) -> String {
    of(old, proof(old, new), checkpoint(&signer(ORIGIN, 1), head(new)))
}

pub fn of(old: u64, proof: ConsistencyProof, checkpoint: SignedCheckpoint) -> String {
    AddCheckpoint::new(old, proof, checkpoint).expect("a request").to_string()
}

/// A witness that follows the log, not yet open.
pub fn begun(dir: &Path) -> Directory {
    let directory = Directory::take(dir).expect("nobody has it");
    directory.make_key("witness.example/w".parse().expect("a name")).expect("there is none yet");
    directory.add_log(signer(ORIGIN, 1).key()).expect("it is not followed yet");
    directory
}

/// A witness that answers until it is dropped.
pub struct Served {
    pub address: SocketAddr,
    pub key: WitnessKey,
    told: Arc<Mutex<Vec<Answer>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// A new witness that follows the log.
    pub fn new(dir: &Path) -> Self {
        Self::start(begun(dir))
    }

    /// The witness in a directory.
    pub fn again(dir: &Path) -> Self {
        Self::start(Directory::take(dir).expect("nobody has it"))
    }

    pub fn start(directory: Directory) -> Self {
        let witness = directory.open().expect("it is whole");
        let (key, told) = (witness.key().clone(), Arc::new(Mutex::new(Vec::new())));
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Runtime::new().expect("threads");
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).expect("a port");
        let address = listener.local_addr().expect("it has one");
        let tell = Arc::clone(&told);
        let tell = Arc::new(move |answer: &Answer| tell.lock().expect("unpoisoned").push(answer.clone()));
        let stopped = async move { drop(stopped.await) };
        let thread = std::thread::spawn(move || {
            runtime.block_on(server::serve(witness, listener, stopped, tell));
        });
        Self { address, key, told, stop: Some(stop), thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn post(&self, body: impl AsRef<[u8]>) -> Reply {
        let body = body.as_ref();
        let head = format!("POST /add-checkpoint HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
        self.send(&head, body)
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send(&format!("GET {path} HTTP/1.1\r\n"), b"")
    }

    pub fn send(&self, head: &str, body: &[u8]) -> Reply {
        let mut stream = self.connect();
        write!(stream, "{head}Host: w\r\nConnection: close\r\n\r\n").expect("it is read");
        // Whoever answers before the end of the body may hang up on it.
        let _ = stream.write_all(body);
        Reply::read(stream)
    }

    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).expect("it listens")
    }

    /// What its owner was told.
    pub fn told(&self) -> Vec<Answer> {
        self.told.lock().expect("unpoisoned").clone()
    }

    /// Has it stop, without waiting for it.
    pub fn begin_to_stop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.begin_to_stop();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it does not panic");
        }
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

impl Reply {
    pub fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        // A connection may end by a reset if something was not read; what came before counts.
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8(bytes).expect("UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let content_type = head.lines().find_map(|line| line.strip_prefix("content-type: "));
        Self { status, content_type: content_type.unwrap_or_default().to_owned(), body: body.to_owned() }
    }
}

/// How the clients here speak HTTP. In the workspace reqwest has a TLS without a
/// provider of cryptography, and does not begin without one.
pub fn builder() -> reqwest::ClientBuilder {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        rustls::crypto::ring::default_provider().install_default().expect("it is the first");
    });
    reqwest::Client::builder().no_proxy()
}
