//! `mpp witness serve` as a process, what logs ask of it, and HTTP by hand.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use mpp_audit::Hash;
use mpp_audit::checkpoint::{Checkpoint, SignedCheckpoint};
use mpp_audit::note::LogSigner;
use mpp_audit::tree::{CompactTree, ConsistencyProof, Node, TreeHead, prove_consistency};
use mpp_audit::witness::AddCheckpoint;

use super::super::{Ended, User};

pub(super) const ORIGIN: &str = "example.com/log";

/// The calls that send something to a socket.
const SENDING: &str = "sendto,sendmsg,writev";

/// A witness that answers until it is stopped or dropped.
pub(super) struct Served {
    pub(super) url: String,
    pub(super) key: String,
    child: Option<Child>,
    /// Kept open: what it prints goes somewhere.
    out: Option<BufReader<ChildStdout>>,
}

/// Makes the witness of a user, which follows the log of this file.
pub(super) fn begun(user: &User) -> String {
    let key = user.run(["witness", "keygen", "witness.example/w"]).done().line().to_owned();
    user.run(["witness", "add-log", &signer(ORIGIN, 1).key().to_string()]).done();
    key
}

impl Served {
    /// A new witness that follows the log of this file.
    pub(super) fn new(user: &User) -> Self {
        let key = begun(user);
        Self::of_key(user, key)
    }

    /// The witness that a user has.
    pub(super) fn again(user: &User) -> Self {
        Self::of_key(user, String::new())
    }

    pub(super) fn of_key(user: &User, key: String) -> Self {
        Self::start(user.mpp(["witness", "serve", "--listen", "127.0.0.1:0"]), key)
    }

    /// Where it was served before.
    pub(super) fn at(user: &User, key: String, url: &str) -> Self {
        let address = url.strip_prefix("http://").expect("an address");
        Self::start(user.mpp(["witness", "serve", "--listen", address]), key)
    }

    /// Ends by SIGKILL on entering the first call that would send anything.
    pub(super) fn killed_when_it_answers(user: &User) -> Self {
        let served = user.mpp(["witness", "serve", "--listen", "127.0.0.1:0"]);
        let mut traced = Command::new("strace");
        traced.args(["-f", "-o", "/dev/null", "-e", &format!("trace={SENDING}")]);
        traced.args(["-e", &format!("inject={SENDING}:signal=SIGKILL:when=1")]);
        traced.arg(served.get_program()).args(served.get_args()).stdin(Stdio::null());
        traced.envs(served.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Self::start(traced, String::new())
    }

    fn start(mut command: Command, key: String) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command can be started");
        let mut out = BufReader::new(child.stdout.take().expect("it was asked for"));
        let mut url = String::new();
        out.read_line(&mut url).expect("it prints its address");
        let url = url.trim_end().to_owned();
        if url.is_empty() {
            panic!("it is not served: {}", Ended::of(child.wait_with_output().expect("it ends")).err);
        }
        Self { url, key, child: Some(child), out: Some(out) }
    }

    /// The status and the body of what is answered to an `add-checkpoint`.
    pub(super) fn post(&self, body: &str) -> (u16, String) {
        let answer = self.post_in_vain(body);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("a status"), body.to_owned())
    }

    /// All that comes back until the connection ends.
    pub(super) fn post_in_vain(&self, body: &str) -> String {
        let address = self.url.strip_prefix("http://").expect("an address");
        let mut stream = TcpStream::connect(address).expect("it listens");
        let head = "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nConnection: close\r\n";
        write!(stream, "{head}Content-Length: {}\r\n\r\n", body.len()).expect("it is read");
        // Whoever answers before the end of the body may hang up on it.
        let _ = stream.write_all(body.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).expect("UTF-8")
    }

    /// Has it stop as a service manager would, and waits for that.
    pub(super) fn stop(mut self) -> Ended {
        let child = self.child.take().expect("it is stopped once");
        terminate(&child);
        self.end(child)
    }

    /// Waits for the end that it comes to.
    pub(super) fn wait(mut self) {
        let child = self.child.take().expect("it is waited for once");
        self.end(child);
    }

    fn end(&mut self, child: Child) -> Ended {
        let output = child.wait_with_output().expect("it ends");
        let mut out = self.out.take().expect("it was read");
        let mut rest = String::new();
        out.read_to_string(&mut rest).expect("UTF-8");
        assert_eq!(rest, "", "its address is all that it prints");
        Ended::of(output)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn terminate(child: &Child) {
    let sent = Command::new("kill").arg(child.id().to_string()).status().expect("there is kill(1)");
    assert!(sent.success());
}

/// The signer of a log of this name.
pub(super) fn signer(origin: &str, seed: u8) -> LogSigner {
    LogSigner::from_seed(origin.parse().expect("a name"), &[seed; 32])
}

/// The head of the tree whose records are their own numbers.
pub(super) fn head(size: u64) -> TreeHead {
    tree(size).0.head()
}

fn tree(size: u64) -> (CompactTree, HashMap<Node, Hash>) {
    let (mut tree, mut stored) = (CompactTree::new(), HashMap::new());
    for leaf in 0..size {
        tree.append_with(Hash::of_record(leaf.to_string().as_bytes()), |node, hash| {
            stored.insert(node, hash);
        });
    }
    (tree, stored)
}

pub(super) fn checkpoint(signer: &LogSigner, head: TreeHead) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(signer.key().name().clone(), head).expect("a size");
    checkpoint.sign(signer).expect("its own key signs")
}

/// A request for the log, from one size to another.
pub(super) fn request(old: u64, new: u64) -> String {
    let proof = match old {
        0 => ConsistencyProof::from_hashes(vec![]),
        _ => {
            let stored = tree(new).1;
            let reader =
                |nodes: &[Node]| nodes.iter().map(|node| stored.get(node).copied().ok_or(())).collect();
            prove_consistency(old, new, &reader).expect("both trees are there")
        }
    };
    of(old, proof, checkpoint(&signer(ORIGIN, 1), head(new)))
}

pub(super) fn of(old: u64, proof: ConsistencyProof, checkpoint: SignedCheckpoint) -> String {
    AddCheckpoint::new(old, proof, checkpoint).expect("a request").to_string()
}
