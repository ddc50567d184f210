//! `mpp witness` and `mpp audit witness`: processes on this machine, as their
//! owners run them.

mod served;

use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use mpp_audit::Hash;
use mpp_audit::tree::{ConsistencyProof, TreeHead};
use mpp_audit::witness::MAX_REQUEST_BYTES;

use super::{Ended, User, text};
use crate::support::server::{Answer, Authority, Server};
use served::{ORIGIN, Served, begun, checkpoint, head, of, request, signer};

fn none() -> ConsistencyProof {
    ConsistencyProof::from_hashes(vec![])
}

#[test]
fn l8_every_refusal_has_its_status() {
    let user = User::new();
    let served = Served::new(&user);
    let signer = signer(ORIGIN, 1);
    assert_eq!(served.post(&request(0, 5)).0, 200);
    assert_eq!(served.post(&request(4, 13)), (409, "5\n".to_owned()));
    assert_eq!(served.post(&of(5, none(), checkpoint(&signer, head(13)))).0, 422);
    let forked = TreeHead { size: 5, root: Hash::of_record(b"another") };
    assert_eq!(served.post(&of(5, none(), checkpoint(&signer, forked))).0, 422);
    let unknown = served::signer("example.com/other", 1);
    assert_eq!(served.post(&of(0, none(), checkpoint(&unknown, head(5)))).0, 404);
    let impostor = served::signer(ORIGIN, 2);
    assert_eq!(served.post(&of(5, none(), checkpoint(&impostor, head(13)))).0, 403);
    for garbage in ["", "old 5\n", "GET / HTTP/1.1\r\n\r\n"] {
        assert_eq!(served.post(garbage).0, 400, "{garbage:?}");
    }
    assert_eq!(served.post(&"a".repeat(MAX_REQUEST_BYTES + 1)).0, 413);
    // After all that, the log goes on.
    assert_eq!(served.post(&request(5, 13)).0, 200);
    let told = served.stop().done().err;
    for line in [
        "200: example.com/log, 5 records",
        "409: example.com/log, 13 records: the last that was cosigned has 5",
        "422: example.com/log, 5 records: the checkpoint is not shown to continue the last one",
        "warning: the log signed two histories; the proof is in",
        "404: example.com/other, 5 records: this witness does not follow the log example.com/other",
        "403: example.com/log, 13 records",
        "400: no checkpoint",
    ] {
        assert!(told.contains(line), "{line:?} is not in:\n{told}");
    }
}

/// In both orders of sending, in turn: what is known never goes back.
#[test]
fn l8_of_two_requests_at_once_one_is_cosigned_and_the_other_is_told() {
    let user = User::new();
    let served = Served::new(&user);
    let mut known = 0;
    for round in 0..10 {
        let sizes = if round % 2 == 0 { [known + 1, known + 3] } else { [known + 3, known + 1] };
        let start = Barrier::new(2);
        let answers = thread::scope(|scope| {
            let ask = |size| {
                let (served, start) = (&served, &start);
                scope.spawn(move || {
                    let body = request(known, size);
                    start.wait();
                    (size, served.post(&body))
                })
            };
            sizes.map(ask).map(|thread| thread.join().expect("it is answered"))
        });
        let (signed, told): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(_, answer)| answer.0 == 200);
        let ([(won, _)], [(_, told)]) = (&signed[..], &told[..]) else { panic!("{signed:?}, {told:?}") };
        assert_eq!(*told, (409, format!("{won}\n")));
        known = *won;
    }
    served.stop().done();
    assert_eq!(Served::again(&user).post(&request(0, 1)), (409, format!("{known}\n")));
}

/// The system call that would send the signature is where it ends: the state is
/// stored by then, and the log is told so when it asks again.
#[test]
fn l8_a_witness_that_is_killed_before_its_answer_remembers_what_it_signed() {
    let user = User::new();
    begun(&user);
    let served = Served::killed_when_it_answers(&user);
    assert_eq!(served.post_in_vain(&request(0, 5)), "");
    served.wait();
    let again = Served::again(&user);
    assert_eq!(again.post(&request(0, 13)), (409, "5\n".to_owned()));
    assert_eq!(again.post(&request(5, 13)).0, 200);
}

#[test]
fn a_witness_that_is_stopped_and_started_is_the_same_witness() {
    let user = User::new();
    let served = Served::new(&user);
    assert_eq!(served.post(&request(0, 5)).0, 200);
    // Meanwhile nobody else has its directory.
    let second = user.run(["witness", "serve", "--listen", "127.0.0.1:0"]);
    second.failed(1, &["another process uses the witness", "stop `mpp witness serve` first"]);
    served.stop().done();
    assert_eq!(Served::again(&user).post(&request(5, 13)).0, 200);
}

#[test]
fn a_key_is_made_once_and_a_log_is_added_once() {
    let user = User::new();
    let serve = || user.run(["witness", "serve", "--listen", "127.0.0.1:0"]);
    serve().failed(2, &["it has no key", "mpp witness keygen NAME"]);
    let keygen = || user.run(["witness", "keygen", "witness.example/w"]);
    let key = keygen().done().line().to_owned();
    assert!(key.starts_with("witness.example/w+"), "{key}");
    keygen().failed(2, &["has a key already"]);
    let log = signer(ORIGIN, 1).key().to_string();
    let add_log = || user.run(["witness", "add-log", &log]);
    add_log().done();
    add_log().failed(2, &["the log example.com/log is followed with this key already"]);
    // The key of a witness is none of a log.
    user.run(["witness", "add-log", &key]).failed(2, &["the key is for the algorithm 0x04"]);
    user.run(["witness", "keygen", "two words"]).failed(2, &["white space"]);
}

#[test]
fn a_witness_that_lost_its_memory_is_not_served() {
    let user = User::new();
    Served::new(&user).stop().done();
    let origin = Hash::of_payload(ORIGIN.as_bytes()).to_string();
    let state = user.path("data/witness/logs").join(origin).join("state");
    fs::remove_file(&state).expect("it is there");
    let ended = user.run(["witness", "serve", "--listen", "127.0.0.1:0"]);
    ended.failed(1, &["state is missing", "begin a new witness, with a new key and name"]);
}

/// Somebody with a log, and the witness of somebody else, which follows it.
fn host_and_witness() -> (User, User, Served) {
    let (host, owner) = (User::who_trusts(), User::new());
    let served = follow(&host, &owner, "witness.example/w");
    (host, owner, served)
}

fn follow(host: &User, owner: &User, name: &str) -> Served {
    let log = host.run(["audit", "key"]).done().line().to_owned();
    let key = owner.run(["witness", "keygen", name]).done().line().to_owned();
    owner.run(["witness", "add-log", &log]).done();
    Served::of_key(owner, key)
}

fn policy(host: &User, witnesses: &[(&str, &str)], threshold: usize) -> String {
    let log = host.run(["audit", "key"]).done().line().to_owned();
    let named = witnesses.iter().enumerate();
    let lines: String =
        named.clone().map(|(number, (key, url))| format!("witness w{number} {key} {url}\n")).collect();
    let names: String = named.map(|(number, _)| format!(" w{number}")).collect();
    let policy = format!("log {log}\n{lines}group g {threshold}{names}\nquorum g\n");
    text(&host.write("policy", policy))
}

fn ask(host: &User, served: &Served) -> Ended {
    host.run(["audit", "witness", "--url", &served.url, "--key", &served.key])
}

#[test]
fn a_log_is_cosigned_and_its_proofs_and_its_verification_say_so() {
    let (host, _owner, served) = host_and_witness();
    let policy = policy(&host, &[(&served.key, &served.url)], 1);
    let proof = text(&host.path("before.tlog-proof"));
    host.run(["audit", "prove", "1", "--out", &proof]).done();
    host.run(["audit", "check-proof", &proof, "--policy", &policy]).with_status(7);

    let asked = ask(&host, &served).done();
    assert!(asked.out.starts_with("WITNESS"), "{}", asked.out);
    assert!(asked.out.contains("witness.example/w") && asked.out.contains("cosigned"), "{}", asked.out);
    let document = host.run(["audit", "witness", "--policy", &policy, "--json"]).done().json();
    assert_eq!((&document["quorum"], &document["witnessed"]), (&true.into(), &document["records"]));
    assert_eq!(document["witnesses"][0]["failed"], serde_json::Value::Null);

    let proof = text(&host.path("after.tlog-proof"));
    host.run(["audit", "prove", "1", "--out", &proof]).done();
    host.run(["audit", "check-proof", &proof, "--policy", &policy]).done();
    host.run(["audit", "verify", "--policy", &policy]).done();
}

#[test]
fn too_few_witnesses_are_status_8_and_what_is_signed_is_kept() {
    let (host, _owner, served) = host_and_witness();
    let other = User::new();
    let second = follow(&host, &other, "witness.example/v");
    let (key, url) = (second.key.clone(), second.url.clone());
    let both = [(served.key.as_str(), served.url.as_str()), (&key, &url)];
    second.stop().done();
    let all = policy(&host, &both, 2);
    let ended = host.run(["audit", "witness", "--policy", &all]).with_status(8);
    assert!(ended.out.contains("cosigned") && ended.out.contains("no connection"), "{}", ended.out);
    ended.saying(&["enough witnesses have seen 0", "what is signed is kept"]);
    let any = policy(&host, &both, 1);
    host.run(["audit", "witness", "--policy", &any]).done();
    // The one that was down comes back: now there are both.
    let _again = Served::at(&other, key.clone(), &url);
    let all = policy(&host, &both, 2);
    host.run(["audit", "witness", "--policy", &all]).done();
}

#[test]
fn a_log_that_was_set_back_is_status_7_and_the_proof_is_kept() {
    let (host, _owner, served) = host_and_witness();
    let before = host.path("before");
    copy(&host.path("data/audit"), &before);
    host.run(["trust", "remove", "com.example"]).done();
    ask(&host, &served).done();
    let directory = text(&before);
    let ended = host
        .run(["audit", "witness", "--url", &served.url, "--key", &served.key, "--audit-dir", &directory])
        .with_status(7)
        .saying(&["the log has signed two histories", "a witness has seen what is not in it"]);
    assert!(ended.out.contains("the log has signed two histories"), "{}", ended.out);
    let forks = before.join("witnessed/forks");
    let kept: Vec<_> = fs::read_dir(forks).expect("it is kept").flatten().collect();
    assert_eq!(kept.len(), 1);
    let kept = fs::read_to_string(kept[0].path()).expect("it can be read");
    assert!(kept.contains(&fs::read_to_string(before.join("checkpoint")).expect("there is one")), "{kept}");
}

/// The proxy that does TLS for a witness is somebody's own: its authority is named.
#[test]
fn a_witness_behind_https_is_asked_if_its_authority_is_believed() {
    let (host, authority) = (User::who_trusts(), Authority::new());
    let nobody = Server::https(&authority, &["localhost"], |_| Answer::Full {
        status: 404,
        headers: vec![],
        body: vec![],
    });
    let url = format!("https://localhost:{}", nobody.address().port());
    let key = begun(&User::new());
    let ask = |options: &[&str]| {
        let mut command = host.mpp(["audit", "witness", "--url", &url, "--key", &key]);
        ["HTTPS_PROXY", "https_proxy"]
            .iter()
            .fold(command.args(options), |command, name| command.env_remove(name));
        Ended::of(command.output().expect("the command can be started")).with_status(8).out
    };
    assert!(ask(&[]).contains("no connection"));
    let ca_file = text(&host.write("authority.pem", authority.pem()));
    assert!(ask(&["--ca-file", &ca_file]).contains("the witness does not follow this log"));
    let asked: Vec<String> = nobody.received().into_iter().map(|request| request.target).collect();
    assert_eq!(asked, ["/add-checkpoint"]);
}

#[test]
fn a_command_line_or_a_policy_that_names_no_witness_is_status_2() {
    let (host, _owner, served) = host_and_witness();
    host.run(["audit", "witness"]).failed(2, &["--policy"]);
    host.run(["audit", "witness", "--url", &served.url]).failed(2, &["--key"]);
    let far = "http://witness.example";
    host.run(["audit", "witness", "--url", far, "--key", &served.key]).failed(2, &["https://"]);
    let log = host.run(["audit", "key"]).done().line().to_owned();
    host.run(["audit", "witness", "--url", &served.url, "--key", &log]).failed(2, &["0x04 is needed here"]);
    let elsewhere = policy(&User::who_trusts(), &[(&served.key, &served.url)], 1);
    host.run(["audit", "witness", "--policy", &elsewhere]).failed(2, &["there is no file"]);
    let other = User::who_trusts();
    let elsewhere = policy(&other, &[(&served.key, &served.url)], 1);
    host.run(["audit", "witness", "--policy", &elsewhere]).failed(2, &["it does not name the log"]);
    let nowhere = policy(&host, &[(&served.key, "")], 1);
    host.run(["audit", "witness", "--policy", &nowhere]).failed(2, &["it does not say where"]);
    assert_eq!(served.stop().done().err.matches("200:").count(), 0, "nobody was asked");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("it is there").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("it can be copied");
        }
    }
}
