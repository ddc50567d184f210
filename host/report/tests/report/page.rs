//! The page: what it says, and that it stays small and by itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mpp_audit::view::{Item, Seen};
use mpp_audit::{Allowed, OutcomeKind};
use mpp_report::Payloads;
use mpp_report::html::{Evidence, MAX_CALLS, Report, Verification, Witnesses};
use sha2::{Digest as _, Sha256};

use crate::exports::assert_golden;
use crate::scene;

fn page(items: &[Item], verification: &Verification) -> String {
    let mut report = Report::new(scene::source(), Payloads::Withheld);
    for item in items {
        report.add(item);
    }
    let mut page = Vec::new();
    report.write(verification, scene::at(3_600), &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

fn evidence() -> Evidence {
    let mut tree = mpp_audit::tree::CompactTree::new();
    tree.append(scene::leaf(0));
    Evidence {
        records: 53,
        key: "mpp-audit/00112233445566778899aabbccddeeff+1def1f77+/21w".to_owned(),
        key_expected: true,
        signed: tree.head(),
        checkpoints: 7,
        epochs: 2,
        unfinished: true,
        witnesses: Witnesses::Nobody,
    }
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    text.split_once(begin).and_then(|(_, rest)| rest.split_once(end)).map(|(between, _)| between).unwrap()
}

#[test]
fn the_page_says_what_its_golden_file_says() {
    let page = page(&scene::items(), &Verification::Holds(evidence()));
    assert_golden("main.html", between(&page, "<body>", "<script>"), |expected, found| expected == found);
}

#[test]
fn only_the_style_and_the_script_that_are_in_it_are_allowed() {
    let page = page(&scene::items(), &Verification::Unverified);
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let style = hash(between(&page, "<style>", "</style>"));
    let script = hash(between(&page, "<script>", "</script>"));
    let policy =
        between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"").replace("&#39;", "'");
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"
        )
    );
}

#[test]
fn nothing_on_the_page_is_fetched_and_no_element_has_a_style_of_its_own() {
    let page = page(&scene::items(), &Verification::Holds(evidence()));
    for asking in [
        "src=",
        "href=\"http",
        "url(",
        "@import",
        "<link",
        "<iframe",
        "<object",
        "<form",
        " style=\"",
        " onclick",
    ] {
        assert!(!page.contains(asking), "{asking}");
    }
}

#[test]
fn the_newest_calls_are_shown_and_the_rest_is_counted() {
    let older = 7;
    let count = MAX_CALLS + older;
    let items: Vec<Item> =
        (0..count as u64).map(|number| Item::Call(Box::new(scene::call(number * 2 % 7_200)))).collect();
    let page = page(&items, &Verification::Unverified);
    assert_eq!(page.matches("<tr data-ending=").count(), MAX_CALLS);
    assert!(page.contains("The newest 5,000 are shown; 7 older ones are left out."), "the page says so");
    assert!(page.contains(r##"<span class="big">5,007</span> <span class="name">calls</span>"##));
}

#[test]
fn each_badge_says_what_was_verified() {
    let headline = |verification: &Verification| {
        let page = page(&[], verification);
        between(&page, "<h2 id=\"verification\">", "</h2>").to_owned()
    };
    let with =
        |key_expected, witnesses| Verification::Holds(Evidence { key_expected, witnesses, ..evidence() });
    let enough = Witnesses::Seen { size: 1, by: vec!["witness.example".to_owned()] };
    assert_eq!(headline(&with(true, enough.clone())), "Verified and witnessed");
    assert_eq!(headline(&with(true, Witnesses::Nobody)), "Verified, not witnessed");
    assert_eq!(headline(&with(false, enough)), "Verified with the key that the log names");
    assert_eq!(headline(&Verification::Broken { seq: 4, reason: "torn".to_owned() }), "Does not verify");
    assert_eq!(headline(&Verification::Unverified), "Not verified");
}

/// The line of one kind of permission, as text.
fn permission(page: &str, kind: &str) -> String {
    let begin = format!("<th scope=\"row\"><bdi class=\"mono\">{kind}</bdi></th>");
    let mut text = String::new();
    for part in between(page, &begin, "</tr>").split('<') {
        text.push(' ');
        text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_declared_granted_and_used_stands_side_by_side() {
    let mut denied = scene::call(10);
    denied.denials.push(scene::denial(11));
    let items = [scene::call(1), scene::call(4), denied].map(|call| Item::Call(Box::new(call)));
    let page = page(&items, &Verification::Unverified);
    assert_eq!(permission(&page, "filesystem.read"), "/data /data used 9 allowed");
    assert_eq!(permission(&page, "filesystem.write"), "/data/out /data/out never used");
    assert_eq!(permission(&page, "env"), "TZ nothing not granted");
    assert_eq!(permission(&page, "network.outbound"), "nothing nothing not declared 1 denied");
    assert!(!page.contains("<bdi class=\"mono\">random</bdi>"), "neither declared nor tried");
}

#[test]
fn counts_that_cannot_be_are_no_reason_to_stop() {
    let mut call = scene::call(1);
    let mut outcome = scene::outcome(OutcomeKind::Ok, 2);
    let most = |resource: &str| Allowed {
        permission: "clock".to_owned(),
        resource: resource.to_owned(),
        count: u64::MAX,
    };
    outcome.calls = Seen::Text(vec![most("now"), most("now"), most("then")]);
    call.end = scene::ended(2, outcome);
    let page = page(&[Item::Call(Box::new(call))], &Verification::Unverified);
    assert_eq!(permission(&page, "clock"), "yes yes used 18,446,744,073,709,551,615 allowed");
}

#[test]
fn what_is_not_known_to_be_used_is_not_said_to_be_unused() {
    let mut call = scene::call(1);
    let mut outcome = scene::outcome(OutcomeKind::Ok, 2);
    outcome.calls = Seen::Erased;
    call.end = scene::ended(2, outcome);
    let erased = page(&[Item::Call(Box::new(call.clone()))], &Verification::Unverified);
    assert_eq!(permission(&erased, "filesystem.write"), "/data/out /data/out not known");
    assert!(erased.contains("Of 1 call it is not known"));

    let mut outcome = scene::outcome(OutcomeKind::Ok, 2);
    let resource = "/data/in.csv".to_owned();
    outcome.calls =
        Seen::Text(vec![Allowed { permission: "filesystem.read".to_owned(), resource, count: 1 }]);
    outcome.unlisted = 3;
    call.end = scene::ended(2, outcome);
    let unlisted = page(&[Item::Call(Box::new(call))], &Verification::Unverified);
    assert_eq!(permission(&unlisted, "filesystem.read"), "/data /data used 1 allowed");
    assert_eq!(permission(&unlisted, "filesystem.write"), "/data/out /data/out not known");
}
