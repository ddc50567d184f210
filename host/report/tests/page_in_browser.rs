//! The page in a real browser, which has no network.
//!
//! Needs Chromium, so these tests are left out unless they are asked for:
//! `cargo test --test page_in_browser -- --ignored`.

#[path = "report/scene.rs"]
#[allow(dead_code)]
mod scene;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mpp_audit::OutcomeKind;
use mpp_audit::tree::TreeHead;
use mpp_audit::view::{EndSeen, How, Invocation, Item};
use mpp_report::Payloads;
use mpp_report::html::{Evidence, Report, Verification, Witnesses};

/// Names of the browser, as distributions call it.
const NAMES: [&str; 4] = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/// What a browser made of a page.
struct Loaded {
    /// The document after the script ran.
    dom: String,
    /// What it wrote to its console.
    console: Vec<String>,
}

fn browser() -> &'static str {
    let works =
        |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|out| out.status.success());
    NAMES.into_iter().find(works).expect("one of these is installed: chromium-headless-shell, chromium")
}

fn run(file: &Path, fragment: &str, extra: &[&str]) -> (String, String) {
    let profile = tempfile::tempdir().unwrap();
    let out = Command::new(browser())
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr"])
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=10000"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(extra)
        .arg(format!("file://{}{fragment}", file.display()))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(out.stdout), text(out.stderr))
}

fn load(file: &Path, fragment: &str) -> Loaded {
    let (dom, log) = run(file, fragment, &["--dump-dom"]);
    let console = log.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned).collect();
    Loaded { dom, console }
}

/// Writes a page where it stays after the test, to be looked at.
fn page(name: &str, items: &[Item], verification: &Verification) -> PathBuf {
    let mut report = Report::new(scene::source(), Payloads::Included);
    for item in items {
        report.add(item);
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    report.write(verification, scene::at(40_000), &mut fs::File::create(&file).unwrap()).unwrap();
    file
}

fn evidence(witnesses: Witnesses) -> Verification {
    let key = "mpp-audit/00112233445566778899aabbccddeeff+1def1f77+/21wcC1hdWRpdC9lcG9jaHMvdjEKAAAABCn9+rdR7qPBxd8cP0Jbpf5R7uHPHNKtnM+x19/NcuSP";
    Verification::Holds(Evidence {
        records: 2_467,
        key: key.to_owned(),
        key_expected: true,
        signed: TreeHead { size: 2_465, root: scene::leaf(0) },
        checkpoints: 391,
        epochs: 1,
        unfinished: false,
        witnesses,
    })
}

/// A morning of several packages, in which most went well.
fn morning() -> Vec<Item> {
    let mut items = scene::records(0, "ada");
    let packages = ["csv-report", "http-fetch", "json-query", "text-stats"];
    for number in 0..800_u64 {
        // Any spread will do, as long as it is the same each time.
        let mixed = number.wrapping_mul(2_654_435_761) >> 7;
        let seq = 20 + number * 3;
        let mut call = scene::call(seq);
        call.package = scene::package(packages[mixed as usize % packages.len()]);
        call.tool = call.package.name.replace('-', "_");
        call.ts = scene::at(number * 30 + mixed % 700);
        let kind = match mixed % 41 {
            0 | 1 => OutcomeKind::Denied,
            2 => OutcomeKind::Timeout,
            3 => OutcomeKind::ToolError,
            4 if number % 3 == 0 => OutcomeKind::Trap,
            _ => OutcomeKind::Ok,
        };
        let mut outcome = scene::outcome(kind, seq % 30_000);
        outcome.usage.wall_us = mixed % 90_000;
        outcome.usage.peak_memory_bytes = 3 << 20;
        if kind == OutcomeKind::Denied {
            outcome.denied = 1;
            outcome.code = Some("not-declared".to_owned());
            let mut denial = scene::denial(seq + 1);
            denial.ts = call.ts;
            call.denials.push(denial);
        }
        call.end = Some(EndSeen {
            seq: seq + 2,
            leaf: scene::leaf(seq + 2),
            ts: call.ts,
            how: How::Outcome(Box::new(outcome)),
        });
        items.push(Item::Call(Box::new(call)));
    }
    let last = scene::call(2_500);
    let end =
        Some(EndSeen { seq: 2_501, leaf: scene::leaf(2_501), ts: scene::at(25_000), how: How::Recovered });
    items.push(Item::Call(Box::new(Invocation { ts: scene::at(25_000), end, ..last })));
    items
}

#[test]
#[ignore = "needs Chromium"]
fn the_page_works_without_a_complaint() {
    let file = page("morning.html", &morning(), &evidence(Witnesses::Nobody));
    let Loaded { dom, console } = load(&file, "");
    assert_eq!(console, [""; 0]);
    assert!(dom.contains("801 of 801 shown"), "the script ran");
    assert!(!dom.contains("id=\"filter\" role=\"search\" hidden"), "the filter is there");
}

#[test]
#[ignore = "needs Chromium"]
fn a_search_hides_what_does_not_fit() {
    let file = page("search.html", &morning(), &evidence(Witnesses::Nobody));
    let Loaded { dom, console } = load(&file, "#find=http-fetch%20timeout");
    assert_eq!(console, [""; 0]);
    let (_, calls) = dom.split_once("id=\"all-calls\"").unwrap();
    let rows: Vec<&str> = calls.split("<tr ").skip(1).collect();
    let shown: Vec<&&str> =
        rows.iter().filter(|row| !row.split('>').next().unwrap().contains("hidden")).collect();
    assert!(!shown.is_empty() && shown.len() < rows.len());
    assert!(shown.iter().all(|row| row.contains("http-fetch") && row.contains("timeout")));
    assert!(dom.contains(&format!("{} of 801 shown", shown.len())));
}

#[test]
#[ignore = "needs Chromium"]
fn text_of_a_stranger_does_nothing() {
    let texts = [
        "<script>document.title='owned'</script>",
        "\"><img src=x onerror=\"document.title='owned'\">",
        "</style><script>document.title='owned'</script>",
        "</title><svg onload=document.title='owned'>",
        "<a href=javascript:document.title='owned'>",
        "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
        "\u{202e}txt.exe",
    ];
    let items: Vec<Item> = texts.iter().flat_map(|text| scene::filled(1, text, text)).collect();
    let file = page("hostile.html", &items, &Verification::Broken { seq: 3, reason: texts[0].to_owned() });
    let Loaded { dom, console } = load(&file, "");
    assert_eq!(console, [""; 0]);
    assert!(dom.contains("<title>Audit report of log"), "the title is as it was");
    assert_eq!(dom.matches("<script>").count(), 1);
    assert_eq!(dom.matches("<img").count(), 0);
}

/// Without this, a console that stays empty could be one that nobody reads.
#[test]
#[ignore = "needs Chromium"]
fn the_browser_complains_of_what_the_policy_forbids() {
    let file = page("tampered.html", &morning(), &evidence(Witnesses::Nobody));
    let text = fs::read_to_string(&file).unwrap();
    for added in [
        "<script>document.title='owned'</script>",
        "<p style=\"color:red\">",
        "<img src=\"http://evil.example/\">",
        "<style>body{display:none}</style>",
    ] {
        fs::write(&file, text.replace("<footer>", &format!("{added}<footer>"))).unwrap();
        let Loaded { dom, console } = load(&file, "");
        assert_eq!(console.len(), 1, "{added}: {console:?}");
        assert!(console[0].contains("Content Security Policy"), "{added}: {console:?}");
        assert!(dom.contains("<title>Audit report of log"));
    }
}

#[test]
#[ignore = "needs Chromium"]
fn the_page_has_its_picture_taken() {
    let verification = evidence(Witnesses::Seen {
        size: 2_465,
        by: vec!["witness.example/w1 at 2026-11-22T14:56:41Z".to_owned()],
    });
    let file = page("picture.html", &morning(), &verification);
    for (name, extra) in [
        ("light", &["--window-size=1280,2600"] as &[&str]),
        ("dark", &["--window-size=1280,2600", "--blink-settings=preferredColorScheme=0"]),
        ("narrow", &["--window-size=500,3200"]),
    ] {
        let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        let screenshot = format!("--screenshot={}", picture.display());
        let args: Vec<&str> = extra.iter().copied().chain([screenshot.as_str()]).collect();
        run(&file, "", &args);
        assert!(fs::read(&picture).unwrap().len() > 20_000, "{name} shows something");
    }
}
