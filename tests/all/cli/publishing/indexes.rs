//! Indexes: what a publisher stands by, and what no longer.

use mpp_host::package::{
    Digest, Index, IndexParts, Lapse, MAX_REASON_BYTES, Release, SigningKey, SigningRequest, Status,
    Timestamp, VerifyError, Version, Withdrawal,
};

use super::Machine;

/// What the index in `index.json` lists: name, version and status.
fn listed(machine: &Machine) -> Vec<String> {
    let index = machine.index("index.json");
    let releases = index.parts().releases.iter();
    releases.map(|it| format!("{} {} {}", it.name, it.version, it.status.word())).collect()
}

fn publish(machine: &Machine, rest: &[&str]) -> super::Ended {
    machine.run(&[&["trust", "publish", "root-1.json"][..], rest].concat())
}

#[test]
fn a_release_is_listed_yanked_and_revoked() {
    let machine = Machine::publisher();
    let made = publish(&machine, &["tool-1.0.0.mpp"]).done();
    assert_eq!(made.line(), "index.json");
    made.saying(&["listed: tool 1.0.0", "version 1 of com.example", "1 of 1 signature by the index keys"]);
    assert_eq!(machine.judged("root-1.json", Some("index.json"), "tool-1.0.0.mpp"), Ok(()));
    let parts = machine.index("index.json").parts().clone();
    assert_eq!(super::days(parts.issued_at, parts.expires), 30);

    machine.package("com.example", "tool", "1.1.0");
    let reason = ["--reason", "counts wrongly"];
    let yank = ["tool-1.1.0.mpp", "--yank", "tool@1.0.0"];
    publish(&machine, &[&yank[..], &reason].concat()).done().saying(&["yanked: com.example/tool@1.0.0"]);
    assert_eq!(listed(&machine), ["tool 1.0.0 yanked", "tool 1.1.0 active"]);
    let yanked = machine.judged("root-1.json", Some("index.json"), "tool-1.0.0.mpp");
    let Err(VerifyError::NotVouchedFor(Lapse::Yanked { reason: found, .. })) = yanked else {
        panic!("{yanked:?}")
    };
    assert_eq!(found, "counts wrongly");

    publish(&machine, &[&["--revoke", "tool@1.0.0"][..], &reason].concat()).done();
    assert_eq!(listed(&machine), ["tool 1.0.0 revoked", "tool 1.1.0 active"]);
    assert_eq!(machine.index("index.json").parts().version, 3);
    let revoked = machine.judged("root-1.json", Some("index.json"), "tool-1.0.0.mpp");
    assert!(matches!(revoked, Err(VerifyError::Revoked { .. })), "{revoked:?}");
    assert_eq!(machine.judged("root-1.json", Some("index.json"), "tool-1.1.0.mpp"), Ok(()));
}

#[test]
fn an_index_can_be_signed_by_openssl() {
    let machine = Machine::with_key("own");
    machine.make_key("i");
    let init =
        ["trust", "init", "com.example", "--root", "default", "--release", "default", "--index", "i.pub"];
    machine.run(&init).done();
    machine.package("com.example", "tool", "1.0.0");
    publish(&machine, &["tool-1.0.0.mpp"]).failed(2, &["has no say", "the index keys of root version 1"]);
    let made = publish(&machine, &["tool-1.0.0.mpp", "--export", "index.msg"]).done();
    assert_eq!(made.line(), "index.msg");
    made.saying(&["mpp trust sign index.msg --root root-1.json"]);
    machine.openssl_sign("i", "index.msg");
    let sign =
        ["trust", "sign", "index.msg", "--root", "root-1.json", "--signature", "i.sig", "--public-key"];
    let signed = machine.run(&[&sign[..], &["i.pub", "--out", "index.json"]].concat()).done();
    signed.saying(&[
        "1 releases",
        "active   com.example/tool 1.0.0 sha256:",
        "1 of 1 signature by the index keys",
    ]);
    assert_eq!(machine.judged("root-1.json", Some("index.json"), "tool-1.0.0.mpp"), Ok(()));

    // The next one, made on the other machine, takes its place.
    publish(&machine, &["--export", "next.msg"]).done();
    machine.openssl_sign("i", "next.msg");
    let sign =
        ["trust", "sign", "next.msg", "--signature", "i.sig", "--public-key", "i.pub", "--out", "index.json"];
    machine.run(&sign).done().saying(&["--root ROOT says whether others must sign"]);
    assert_eq!(machine.index("index.json").parts().version, 2);
    machine.run(&sign).failed(2, &["index.json exists already"]);
}

#[test]
fn an_index_of_two_keys_is_signed_on_two_machines() {
    let (one, other) = (Machine::with_key("one"), Machine::with_key("other"));
    other.carry("other.pub", &one);
    let init =
        ["trust", "init", "com.example", "--root", "default", "--release", "default", "--index", "default"];
    one.run(&[&init[..], &["--index", "other.pub", "--threshold", "index=2"]].concat()).done();
    publish(&one, &[]).done().saying(&["1 of 2 signatures", "mpp trust sign index.json --root root-1.json"]);
    publish(&one, &[]).failed(2, &["not taken as the index before this one", "1 of 2 signatures"]);
    for file in ["root-1.json", "index.json"] {
        one.carry(file, &other);
    }
    let sign = ["trust", "sign", "index.json", "--root", "root-1.json"];
    other.run(&sign).done().saying(&["2 of 2 signatures by the index keys"]);
    other.carry("index.json", &one);
    publish(&one, &[]).done().saying(&["version 2 of com.example"]);
}

#[test]
fn a_revocation_is_never_taken_back() {
    let machine = Machine::publisher();
    // Never listed before: its file says which bytes are meant.
    let revoke = ["tool-1.0.0.mpp", "--revoke", "tool@1.0.0", "--reason", "leaks"];
    publish(&machine, &revoke).done();
    let before = machine.read("index.json");
    publish(&machine, &["tool-1.0.0.mpp"]).failed(2, &["com.example/tool@1.0.0", "a revocation is for ever"]);
    let yank = ["--yank", "tool@1.0.0", "--reason", "milder"];
    publish(&machine, &yank).failed(2, &["revoked already", "a revocation is for ever"]);
    assert_eq!(machine.read("index.json"), before);
    publish(&machine, &[]).done();
    assert_eq!(listed(&machine), ["tool 1.0.0 revoked"]);
}

#[test]
fn a_yanked_release_can_be_listed_again() {
    let machine = Machine::publisher();
    publish(&machine, &["tool-1.0.0.mpp", "--yank", "tool@1.0.0", "--reason", "a mistake"]).done();
    let yank = ["--yank", "tool@1.0.0", "--reason", "again"];
    publish(&machine, &yank).failed(2, &["it is yanked already"]);
    publish(&machine, &["tool-1.0.0.mpp"]).done().saying(&["listed again: tool 1.0.0"]);
    assert_eq!(listed(&machine), ["tool 1.0.0 active"]);
}

#[test]
fn a_version_is_the_same_package_for_ever() {
    let machine = Machine::publisher();
    publish(&machine, &["tool-1.0.0.mpp"]).done();
    machine.0.write(
        "source/mpp.yaml",
        "publisher: com.example\nname: tool\nversion: 1.0.0\ndescription: Another.\n",
    );
    let component = super::component(super::guests::TEXT_STATS);
    machine.run(&["build", "source", "--component", &component, "--sign", "--out", "other.mpp"]).done();
    publish(&machine, &["other.mpp"])
        .failed(2, &["com.example/tool@1.0.0 cannot be listed", "another version"]);
    assert_eq!(listed(&machine), ["tool 1.0.0 active"]);
}

#[test]
fn a_package_that_the_root_does_not_stand_for_is_not_listed() {
    let machine = Machine::publisher();
    machine.package("org.other", "theirs", "1.0.0");
    publish(&machine, &["theirs-1.0.0.mpp"]).failed(3, &["a package of org.other"]);
    machine.unsigned("com.example", "unsigned", "1.0.0");
    publish(&machine, &["unsigned-1.0.0.mpp"]).failed(3, &["not signed", "mpp sign unsigned-1.0.0.mpp"]);
    machine.unsigned("com.example", "strange", "1.0.0");
    machine.make_key("stranger");
    machine.run(&["sign", "strange-1.0.0.mpp", "--key", "./stranger.pem"]).done();
    publish(&machine, &["strange-1.0.0.mpp"]).failed(3, &["not signed as the root asks"]);
    let mut changed = machine.read("tool-1.0.0.mpp");
    let middle = changed.len() / 4;
    changed[middle] ^= 1;
    machine.0.write("changed.mpp", changed);
    publish(&machine, &["changed.mpp"]).failed(3, &["the signature is not for this package"]);
    assert!(!machine.exists("index.json"));
}

#[test]
fn a_package_with_too_few_signatures_is_not_listed() {
    let machine = Machine::with_key("own");
    machine.make_key("second");
    let init =
        ["trust", "init", "com.example", "--root", "default", "--release", "default", "--index", "default"];
    machine.run(&[&init[..], &["--release", "second.pub", "--threshold", "release=2"]].concat()).done();
    machine.package("com.example", "tool", "1.0.0");
    publish(&machine, &["tool-1.0.0.mpp"]).failed(3, &["1 of the trusted keys", "2 must", "mpp sign"]);
    machine.run(&["sign", "tool-1.0.0.mpp", "--key", "./second.pem"]).done();
    publish(&machine, &["tool-1.0.0.mpp"]).done();
    assert_eq!(machine.judged("root-1.json", Some("index.json"), "tool-1.0.0.mpp"), Ok(()));
}

#[test]
fn a_withdrawal_that_makes_no_sense_is_refused() {
    let machine = Machine::publisher();
    publish(&machine, &["--yank", "tool@1.0.0"]).failed(2, &["--reason"]);
    publish(&machine, &["--reason", "none"]).failed(2, &["--reason is for --yank and --revoke"]);
    let revoke = ["--revoke", "tool@1.0.0", "--reason", "leaks"];
    publish(&machine, &revoke).failed(2, &["does not list it", "name its file as well"]);
    publish(&machine, &["--yank", "tool", "--reason", "none"]).failed(2, &["NAME@VERSION"]);
    machine.run(&["trust", "rotate", "root-1.json", "--add-namespace", "com.example.labs"]).done();
    let several = [&["trust", "publish", "root-2.json"][..], &revoke].concat();
    machine.run(&several).failed(2, &["com.example.labs/tool@1.0.0"]);
    assert!(!machine.exists("index.json"));
}

#[test]
fn an_index_that_other_keys_signed_is_gone_on_from_only_if_it_is_named() {
    let machine = Machine::publisher();
    publish(&machine, &["tool-1.0.0.mpp"]).done();
    machine.make_key("new");
    let rotate = ["trust", "rotate", "root-1.json", "--add", "index=new.pub", "--remove", "index=default"];
    machine.run(&rotate).done().saying(&["mpp trust publish root-2.json"]);
    let publish = ["trust", "publish", "root-2.json", "--key", "./new.pem"];
    machine.run(&publish).failed(2, &["0 of 1 signature", "--previous index.json"]);
    machine.run(&[&publish[..], &["--previous", "index.json"]].concat()).done();
    assert_eq!(machine.index("index.json").parts().version, 2);
    assert_eq!(machine.judged("root-2.json", Some("index.json"), "tool-1.0.0.mpp"), Ok(()));
    machine
        .run(&[&publish[..], &["--previous", "no.json"]].concat())
        .failed(2, &["there is no file no.json"]);
}

/// As many withdrawn releases as fit into an index with reasons of full length,
/// in an envelope.
fn full_index() -> Vec<u8> {
    let since: Timestamp = "2026-11-21T08:00:00Z".parse().expect("a time");
    let release = |number: usize| Release {
        publisher: "com.example".parse().expect("a publisher"),
        name: "full".parse().expect("a name"),
        version: Version::new(1, 0, number as u64),
        digest: Digest::of(&number.to_le_bytes()),
        status: Status::Yanked(Withdrawal { reason: "x".repeat(MAX_REASON_BYTES), since }),
    };
    let index = |releases: usize| {
        let parts = IndexParts {
            publisher: "com.example".parse().expect("a publisher"),
            version: 1,
            issued_at: since,
            expires: "2027-11-21T08:00:00Z".parse().expect("a time"),
            releases: (1000..1000 + releases).map(release).collect(),
        };
        let request = SigningRequest::index(Index::new(parts).expect("an index")).expect("it can be signed");
        request.sign(&SigningKey::from_seed(&[1; 32])).expect("it can be signed").to_json()
    };
    let fits = |releases: usize| index(releases).is_ok();
    // Halving finds the last that fits.
    let (mut fitting, mut over) = (0, 8000);
    while over - fitting > 1 {
        let middle = usize::midpoint(fitting, over);
        if fits(middle) { fitting = middle } else { over = middle }
    }
    index(fitting).expect("it fits")
}

#[test]
fn an_index_that_nobody_would_read_is_not_written() {
    let machine = Machine::publisher();
    machine.0.write("full.json", full_index());
    let reason = "x".repeat(MAX_REASON_BYTES);
    let yank = ["tool-1.0.0.mpp", "--previous", "full.json", "--yank", "tool@1.0.0", "--reason", &reason];
    publish(&machine, &yank).failed(2, &["the document is too large", "give a shorter reason"]);
    assert!(!machine.exists("index.json"));
}
