//! Files.

use std::fmt::Write as _;
use std::fs;

use mpp_host::policy::Permission;
use serde_json::{Value, json};

use super::{repository, sample, texts};
use crate::support::{Loaded, guests};

async fn searching() -> Loaded {
    sample(guests::FILE_SEARCH).await.maps("/workspace", repository()).load()
}

/// Paths and lines of the matches.
fn places(found: &Value) -> Vec<(String, u64)> {
    let matches = found["matches"].as_array().expect("matches");
    let place = |found: &Value| {
        let path = found["path"].as_str().expect("a path").to_owned();
        (path, found["line"].as_u64().expect("a line"))
    };
    matches.iter().map(place).collect()
}

#[tokio::test]
async fn file_search_finds_what_is_in_this_repository() {
    let wanted = "pub fn host_path(&self, path: &GuestPath) -> PathBuf";
    let mut expected = Vec::new();
    for (path, text) in texts() {
        let path = path.strip_prefix(repository()).expect("it is in the repository");
        for (number, line) in (1..).zip(text.lines()) {
            if line.contains(wanted) {
                expected.push((format!("/workspace/{}", path.display()), number));
            }
        }
    }
    // In the file itself, and here.
    assert_eq!(expected.len(), 2, "{expected:?}");
    let tool = searching().await;
    let ended = tool.call("file-search", json!({"pattern": wanted, "literal": true})).await;
    let mut found = places(ended.structured());
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(ended.record.usage.written_bytes, 0);
}

#[tokio::test]
async fn file_search_shows_the_lines_around_a_match() {
    let tool = searching().await;
    let input = json!({
        "pattern": r"^interface\s+(fs|http)\b", "path": "/workspace/wit", "include": ["*.wit"], "context_lines": 1,
    });
    let ended = tool.call("file-search", input).await;
    let found = ended.structured();
    let paths: Vec<String> = places(found).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths.len(), 3, "fs, fs-write and http: {paths:?}");
    assert!(paths.iter().all(|path| path.starts_with("/workspace/wit/")));
    assert_eq!(found["matches"][0]["before"], json!(["@since(version = 0.1.0)"]));
}

#[tokio::test]
async fn file_search_passes_over_what_is_ignored() {
    let tree = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(tree.path().join("built")).expect("a directory");
    fs::write(tree.path().join(".ignore"), "built/\n*.log\n").expect("a file");
    for name in ["kept.txt", "built/out.txt", "noise.log", ".hidden"] {
        fs::write(tree.path().join(name), "needle\n").expect("a file");
    }
    let tool = sample(guests::FILE_SEARCH).await.maps("/workspace", tree.path()).load();
    let ended = tool.call("file-search", json!({"pattern": "needle"})).await;
    assert_eq!(places(ended.structured()), [("/workspace/kept.txt".to_owned(), 1)]);
    let ended = tool.call("file-search", json!({"pattern": "needle", "ignored": true, "hidden": true})).await;
    assert_eq!(places(ended.structured()).len(), 4);
}

#[tokio::test]
async fn file_search_does_not_search_elsewhere() {
    let tool = searching().await;
    for path in ["/etc", "/", "/workspace/../etc"] {
        let ended = tool.call("file-search", json!({"pattern": "root", "path": path})).await;
        assert!(
            matches!(ended.report.outcome, mpp_host::Outcome::ToolError(_)),
            "{:?}",
            ended.report.outcome
        );
        assert_eq!(ended.record.output, None);
    }
}

/// Sales, some ten megabytes of them, and their sums: units, and cents.
struct Sales {
    csv: String,
    rows: u64,
    units: [u64; 3],
    cents: [u64; 3],
}

const REGIONS: [&str; 3] = ["Nord, Süd", "\"West\"", "Ost"];

fn sales() -> Sales {
    let mut sales = Sales {
        csv: "date,region,product,units,price\n".to_owned(),
        rows: 250_000,
        units: [0; 3],
        cents: [0; 3],
    };
    for row in 0..sales.rows {
        let region = usize::try_from(row % 3).unwrap_or_default();
        let (units, cents) = (row * 13 % 97, row * 31 % 10_007);
        sales.units[region] += units;
        sales.cents[region] += cents;
        let quoted = REGIONS[region].replace('"', "\"\"");
        let _ = writeln!(
            sales.csv,
            "2024-{:02}-{:02},\"{quoted}\",product {},{units},{}.{:02}",
            row % 12 + 1,
            row % 28 + 1,
            row % 50,
            cents / 100,
            cents % 100,
        );
    }
    sales
}

#[tokio::test]
async fn csv_report_sums_ten_megabytes_exactly() {
    let tree = tempfile::tempdir().expect("a directory");
    fs::create_dir(tree.path().join("reports")).expect("a directory");
    let sales = sales();
    assert!((9_000_000..13_000_000).contains(&sales.csv.len()), "{} bytes", sales.csv.len());
    fs::write(tree.path().join("sales.csv"), &sales.csv).expect("a file");
    let tool = sample(guests::CSV_REPORT).await.maps("/workspace", tree.path()).load();
    let input = json!({"path": "/workspace/sales.csv", "group_by": ["region"], "values": ["units", "price"]});
    let ended = tool.call("csv-report", input).await;
    let report = ended.structured();
    assert_eq!((&report["rows"], &report["group_count"]), (&json!(sales.rows), &json!(3)));
    assert_eq!(report["warnings"], json!([]));
    for (region, (units, cents)) in REGIONS.iter().zip(sales.units.iter().zip(sales.cents)) {
        let groups = report["groups"].as_array().expect("groups");
        let group =
            groups.iter().find(|group| group["group"] == json!([region])).expect("a group for each region");
        assert_eq!(group["columns"][0]["sum"].as_f64(), Some(*units as f64), "{region}");
        assert_eq!(group["columns"][1]["sum"].as_f64(), Some(cents as f64 / 100.0), "{region}");
    }
    for (file, start) in [("reports/sales.md", "#"), ("reports/sales.html", "<!")] {
        let text = fs::read_to_string(tree.path().join(file)).expect("the report is there");
        assert!(text.trim_start().starts_with(start), "{file}: {}", &text[..40]);
        assert!(text.contains("Ost"), "{file}");
    }
    // It never held the file as a whole, nor asked for more than it declares.
    assert_eq!(ended.record.usage.read_bytes, sales.csv.len() as u64);
    assert!(ended.record.usage.peak_memory_bytes < 9_000_000, "{}", ended.record.usage.peak_memory_bytes);
    assert!(
        ended.checks().iter().all(|check| check.starts_with("allowed filesystem.")),
        "{:?}",
        ended.checks()
    );
}

#[tokio::test]
async fn csv_report_writes_its_reports_and_nothing_else() {
    let tree = tempfile::tempdir().expect("a directory");
    fs::create_dir(tree.path().join("reports")).expect("a directory");
    fs::write(tree.path().join("data.csv"), "a,b\n1,2\n").expect("a file");
    let tool = sample(guests::CSV_REPORT).await.maps("/workspace", tree.path()).load();
    for directory in ["/workspace", "/workspace/reports/..", "/tmp"] {
        let input = json!({"path": "/workspace/data.csv", "output_directory": directory});
        let ended = tool.call("csv-report", input).await;
        ended.denied_check(Permission::FilesystemWrite);
        assert_eq!(ended.record.output, None);
    }
    let input = json!({"path": "/workspace/data.csv", "name": "../data"});
    assert_eq!(tool.call("csv-report", input).await.report.outcome.code(), Some("invalid-input"));
    assert_eq!(fs::read_dir(tree.path()).expect("a directory").count(), 2);
    assert_eq!(fs::read_to_string(tree.path().join("data.csv")).expect("a file"), "a,b\n1,2\n");
}
