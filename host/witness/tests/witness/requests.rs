//! Every row of the protocol, over HTTP.

use std::fs;
use std::io::{Read as _, Write as _};

use mpp_audit::Hash;
use mpp_audit::note::LogKey;
use mpp_audit::policy::Policy;
use mpp_audit::tree::{ConsistencyProof, TreeHead};
use mpp_audit::witness::{MAX_REQUEST_BYTES, parse_cosignatures};

use crate::support::{ORIGIN, Reply, Served, begun, checkpoint, head, of, request, signer};

fn none() -> ConsistencyProof {
    ConsistencyProof::from_hashes(vec![])
}

fn path() -> String {
    format!("/{}/checkpoint", Hash::of_payload(ORIGIN.as_bytes()))
}

#[test]
fn a_log_that_grows_is_cosigned_and_its_readers_believe_it() {
    let home = tempfile::tempdir().expect("a directory");
    let served = Served::new(home.path());
    for (old, new) in [(0, 5), (5, 5), (5, 13)] {
        let reply = served.post(request(old, new));
        assert_eq!((reply.status, reply.content_type.as_str()), (200, "text/plain; charset=utf-8"));
        let mut signed = checkpoint(&signer(ORIGIN, 1), head(new));
        let lines = parse_cosignatures(reply.body.as_bytes()).expect("signature lines");
        signed.add_cosignatures(lines, std::slice::from_ref(&served.key)).expect("the witness made it");
        let logs: Vec<LogKey> = vec![signer(ORIGIN, 1).key().clone()];
        let policy = Policy::witnessed(logs, vec![served.key.clone()], 1).expect("a policy");
        assert_eq!(policy.accept(&signed).expect("it was seen").cosignatures().len(), 1);
        // And whoever watches the log is shown the same.
        assert_eq!(served.get(&path()).body, signed.to_string());
    }
}

#[test]
fn l8_another_size_than_the_recorded_one_is_409_and_the_body_is_that_size() {
    let home = tempfile::tempdir().expect("a directory");
    let served = Served::new(home.path());
    let conflict = |size: &str| Reply {
        status: 409,
        content_type: "text/x.tlog.size".to_owned(),
        body: format!("{size}\n"),
    };
    assert_eq!(served.post(request(1, 5)), conflict("0"));
    assert_eq!(served.post(request(0, 5)).status, 200);
    for old in [0, 4, 6] {
        assert_eq!(served.post(request(old, 13)), conflict("5"));
    }
}

#[test]
fn l8_a_bad_proof_is_422_and_nothing_is_remembered_of_it() {
    let home = tempfile::tempdir().expect("a directory");
    let served = Served::new(home.path());
    assert_eq!(served.post(request(0, 5)).status, 200);
    let signer = signer(ORIGIN, 1);
    let short = of(5, none(), checkpoint(&signer, head(13)));
    assert_eq!(served.post(short).status, 422);
    let other = of(5, none(), checkpoint(&signer, TreeHead { size: 5, root: Hash::of_record(b"") }));
    assert_eq!(served.post(other).status, 422);
    let empty = of(0, none(), checkpoint(&signer, TreeHead { size: 0, root: Hash::of_record(b"") }));
    assert_eq!(served.post(empty).status, 422);
    assert_eq!(served.post(request(5, 13)).status, 200);
    // The owner is told of the one that accuses the log, and of no other.
    let forks: Vec<bool> = served.told().iter().map(|answer| answer.fork.is_some()).collect();
    assert_eq!(forks, [false, false, true, false, false]);
}

#[test]
fn l8_an_unknown_log_is_404_and_an_unknown_key_403() {
    let home = tempfile::tempdir().expect("a directory");
    let served = Served::new(home.path());
    let stranger = of(0, none(), checkpoint(&signer("example.com/other", 1), head(5)));
    assert_eq!(served.post(stranger).status, 404);
    let impostor = of(0, none(), checkpoint(&signer(ORIGIN, 2), head(5)));
    assert_eq!(served.post(impostor).status, 403);
    // A line that names the key and is not by it.
    let forged = request(0, 5).replace("\n5\n", "\n6\n");
    assert_eq!(served.post(forged).status, 403);
    assert_eq!(served.get(&path()).status, 404, "nothing was cosigned");
}

#[test]
fn l8_what_is_no_request_is_400() {
    let home = tempfile::tempdir().expect("a directory");
    let served = Served::new(home.path());
    let good = request(0, 5);
    let cut = &good[..good.len() - 1];
    let invalid = [b"old 0\n\n\xff".as_slice(), b"", b"\n\n", b"old 00\n\n", cut.as_bytes()];
    for body in invalid {
        assert_eq!(served.post(body).status, 400, "{body:?}");
    }
    assert_eq!(served.post(request(6, 5)).status, 400);
}

#[test]
fn a_body_that_is_longer_than_any_is_413_however_it_is_announced() {
    let home = tempfile::tempdir().expect("a directory");
    let served = Served::new(home.path());
    let long = vec![b'a'; MAX_REQUEST_BYTES + 1];
    assert_eq!(served.post(&long[1..]).status, 400, "one byte less is read, and no request");
    assert_eq!(served.post(&long).status, 413);
    let chunk = [format!("{:x}\r\n", long.len()).as_bytes(), &long, b"\r\n0\r\n\r\n"].concat();
    let head = "POST /add-checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked\r\n";
    assert_eq!(served.send(head, &chunk).status, 413);
    // What is only announced is not waited for.
    let announced = format!("POST /add-checkpoint HTTP/1.1\r\nContent-Length: {}\r\n", 1_u64 << 40);
    assert_eq!(served.send(&announced, b"").status, 413);
}

#[test]
fn a_head_that_is_longer_than_any_is_refused() {
    let home = tempfile::tempdir().expect("a directory");
    let served = Served::new(home.path());
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n", "a".repeat(16 * 1024));
    assert_eq!(served.send(&long, b"").status, 431);
    let many = format!("GET / HTTP/1.1\r\n{}", "X: a\r\n".repeat(100));
    assert_eq!(served.send(&many, b"").status, 431);
}

#[test]
fn what_is_not_in_the_protocol_is_not_there() {
    let home = tempfile::tempdir().expect("a directory");
    let served = Served::new(home.path());
    assert_eq!(served.get("/add-checkpoint").status, 405);
    assert_eq!(served.get("/sign-subtree").status, 404);
    assert_eq!(served.get("/../key/checkpoint").status, 404);
    assert_eq!(served.get("/").body, format!("{}\n", served.key));
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    let home = tempfile::tempdir().expect("a directory");
    let served = Served::new(home.path());
    let mut stream = served.connect();
    let expected = format!("{}\n", served.key);
    for _ in 0..3 {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: w\r\n\r\n").expect("it is read");
        let mut seen = String::new();
        while !seen.ends_with(&expected) {
            let mut bytes = [0; 512];
            let read = stream.read(&mut bytes).expect("it is answered");
            assert_ne!(read, 0, "the connection ended after {seen:?}");
            seen.push_str(std::str::from_utf8(&bytes[..read]).expect("UTF-8"));
        }
    }
}

#[test]
fn a_request_that_is_under_way_when_the_witness_stops_is_answered() {
    let home = tempfile::tempdir().expect("a directory");
    let mut served = Served::new(home.path());
    let body = request(0, 5);
    let mut stream = served.connect();
    let head = "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nExpect: 100-continue\r\n";
    write!(stream, "{head}Content-Length: {}\r\n\r\n", body.len()).expect("it is read");
    // Now it waits for the body.
    let mut seen = [0; 25];
    stream.read_exact(&mut seen).expect("it is asked for");
    assert_eq!(&seen, b"HTTP/1.1 100 Continue\r\n\r\n");
    served.begin_to_stop();
    stream.write_all(body.as_bytes()).expect("it is read");
    assert_eq!(Reply::read(stream).status, 200);
    drop(served);
    assert_eq!(Served::again(home.path()).post(request(5, 6)).status, 200);
}

#[test]
fn a_witness_that_is_started_again_remembers_every_log() {
    let home = tempfile::tempdir().expect("a directory");
    let other = signer("example.com/other", 3);
    let directory = begun(home.path());
    directory.add_log(other.key()).expect("it is not followed yet");
    let served = Served::start(directory);
    assert_eq!(served.post(request(0, 5)).status, 200);
    let page = served.get("/").body;
    drop(served);
    let served = Served::again(home.path());
    assert_eq!(served.get("/").body, page);
    assert_eq!(served.post(request(0, 13)).body, "5\n");
    assert_eq!(served.get(&path()).status, 200);
    assert_eq!(served.post(of(0, none(), checkpoint(&other, head(2)))).status, 200);
}

#[test]
fn a_log_may_sign_with_any_of_its_keys() {
    let home = tempfile::tempdir().expect("a directory");
    let directory = begun(home.path());
    directory.add_log(signer(ORIGIN, 2).key()).expect("another key");
    let served = Served::start(directory);
    assert_eq!(served.post(request(0, 5)).status, 200);
    let by_the_other = of(5, none(), checkpoint(&signer(ORIGIN, 2), head(5)));
    assert_eq!(served.post(by_the_other).status, 200);
}

#[test]
fn a_state_that_cannot_be_replaced_signs_nothing_and_says_so_to_the_owner() {
    let home = tempfile::tempdir().expect("a directory");
    let served = Served::new(home.path());
    let log = home.path().join("logs").join(Hash::of_payload(ORIGIN.as_bytes()).to_string());
    fs::create_dir(log.join("state.new")).expect("a directory in the way");
    assert_eq!(served.post(request(0, 5)).status, 503);
    fs::remove_dir(log.join("state.new")).expect("it is there");
    assert_eq!(served.post(request(0, 5)).status, 503);
    assert!(served.told().iter().all(|answer| answer.trouble.is_some()));
    drop(served);
    assert_eq!(Served::again(home.path()).post(request(0, 5)).status, 200);
}
