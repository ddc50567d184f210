//! On changes as connecting makes them.

use super::*;

fn diff(old: &str, new: &str, around: Around) -> String {
    let all = lines("f", (Some(old), Some(new)), around);
    all.into_iter().map(|(_, line)| line).skip(2).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_inserted_is_shown_with_three_lines_around_it() {
    assert_eq!(
        diff("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nnew\n5\n6\n7\n8\n", Around::SOME),
        "@@ -2,6 +2,7 @@\n 2\n 3\n 4\n+new\n 5\n 6\n 7"
    );
    assert_eq!(diff("1\n2\n", "1\nnew\n2\n", Around::NOTHING), "@@ -1,0 +2,1 @@\n+new");
}

#[test]
fn what_is_replaced_is_shown_as_removed_and_added() {
    assert_eq!(
        diff("a\nold\nz\n", "a\nnew\nnewer\nz\n", Around::SOME),
        "@@ -1,3 +1,4 @@\n a\n-old\n+new\n+newer\n z"
    );
    assert_eq!(diff("a\nold\nz\n", "a\nz\n", Around::NOTHING), "@@ -2,1 +1,0 @@\n-old");
}

#[test]
fn lines_that_repeat_are_counted_once() {
    assert_eq!(diff("a\na\n", "a\na\na\n", Around::SOME), "@@ -1,2 +1,3 @@\n a\n a\n+a");
    assert_eq!(diff("a\na\na\n", "a\n", Around::NOTHING), "@@ -2,2 +1,0 @@\n-a\n-a");
}

#[test]
fn a_file_that_is_made_or_removed_is_compared_with_none() {
    let made = lines("f", (None, Some("a\nb\n")), Around::SOME);
    let texts: Vec<_> = made.iter().map(|(_, line)| line.as_str()).collect();
    assert_eq!(texts, ["--- /dev/null", "+++ f", "@@ -0,0 +1,2 @@", "+a", "+b"]);
    let gone = lines("f", (Some("a\n"), None), Around::SOME);
    let texts: Vec<_> = gone.iter().map(|(_, line)| line.as_str()).collect();
    assert_eq!(texts, ["--- f", "+++ /dev/null", "@@ -1,1 +0,0 @@", "-a"]);
}

#[test]
fn an_end_without_a_line_end_is_said() {
    assert_eq!(diff("a", "a\n", Around::NOTHING), "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a");
}

#[test]
fn line_ends_of_windows_are_line_ends() {
    assert_eq!(diff("a\r\n", "a\r\nb\r\n", Around::NOTHING), "@@ -1,0 +2,1 @@\n+b");
}

#[test]
fn of_a_line_that_is_too_long_only_the_change_is_shown() {
    let old = format!("{{{}}}\n", "x".repeat(1000));
    let new = format!("{{{}, new{}}}\n", "x".repeat(500), "x".repeat(500));
    assert_eq!(diff(&old, &new, Around::NOTHING), "@@ -1,1 +1,1 @@\n-……\n+…, new…");
    let near = "x".repeat(40);
    assert_eq!(
        diff(&old, &new, Around::SOME),
        format!("@@ -1,1 +1,1 @@\n-…{near}{near}…\n+…{near}, new{near}…")
    );
}

#[test]
fn a_long_line_around_the_change_is_cut() {
    let long = "ä".repeat(1000);
    let shown = diff(&format!("{long}\nz\n"), &format!("{long}\nnew\nz\n"), Around::SOME);
    assert_eq!(shown, format!("@@ -1,2 +1,3 @@\n {}…\n+new\n z", "ä".repeat(160)));
}

#[test]
fn with_everything_around_it_the_diff_is_both_texts() {
    const ALL: Around = Around { lines: usize::MAX, characters: usize::MAX };
    let texts = ["", "a\n", "a\nb\n", "b\na\nb\n", "a\na\nb\n", "b\nb", "a\n\nb\n", "\n"];
    for (old, new) in texts.iter().flat_map(|old| texts.map(|new| (*old, new))) {
        let shown = lines("f", (Some(old), Some(new)), ALL);
        let of = |kinds: [Kind; 2]| {
            let lines = shown.iter().filter(|(kind, line)| kinds.contains(kind) && !line.starts_with('\\'));
            lines.map(|(_, line)| line[1..].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(of([Kind::Same, Kind::Removed]), old.lines().collect::<Vec<_>>(), "{old:?} {new:?}");
        assert_eq!(of([Kind::Same, Kind::Added]), new.lines().collect::<Vec<_>>(), "{old:?} {new:?}");
    }
}
