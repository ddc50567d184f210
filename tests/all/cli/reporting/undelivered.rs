//! Projections that find no room: none is left behind by half.

use std::fs::{self, OpenOptions};
use std::process::Command;

use super::super::{Ended, User, text};
use super::FORMATS;

/// How each projection is asked for, up to the name of its file.
fn projections() -> Vec<Vec<&'static str>> {
    let export = |format| vec!["audit", "export", "--format", format, "--out"];
    FORMATS.into_iter().map(export).chain([vec!["audit", "report", "--html"]]).collect()
}

#[test]
fn a_full_disk_behind_standard_output_is_status_1() {
    let user = User::with_three_calls();
    for mut arguments in projections() {
        arguments.retain(|argument| *argument != "--out");
        let full = OpenOptions::new().write(true).open("/dev/full").expect("there is a /dev/full");
        let ended = Ended::of(user.mpp([]).args(arguments).stdout(full).output().expect("it can be started"));
        ended.failed(1, &["error: cannot write standard output", "No space left"]);
    }
}

/// A file may grow to a kibibyte here, which stands for a disk that is full then.
#[test]
fn a_file_that_finds_no_room_is_not_there() {
    let user = User::with_three_calls();
    let desk = user.path("desk");
    fs::create_dir(&desk).expect("a directory can be made");
    let file = text(&desk.join("projection"));
    for arguments in projections() {
        let mut command = Command::new("bash");
        command.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""]);
        command.arg(env!("CARGO_BIN_EXE_mpp-under-test")).args(arguments).arg(&file);
        command.env("MPP_HOME", user.home.path());
        let ended = Ended::of(command.output().expect("a shell can be started"));
        ended.failed(1, &["error: cannot write", &file]);
        assert_eq!(fs::read_dir(&desk).expect("it can be listed").count(), 0, "nothing is left behind");
    }
}

#[test]
fn a_file_where_none_can_be_is_status_1_and_one_that_is_there_stays() {
    let user = User::with_three_calls();
    let there = text(&user.write("there", "kept"));
    for arguments in projections() {
        // Not even the superuser writes below a file.
        for (file, status, words) in
            [(format!("{there}/file"), 1, "cannot write"), (there.clone(), 2, "exists")]
        {
            let ended = user.mpp([]).args(&arguments).arg(&file).output().expect("it can be started");
            Ended::of(ended).failed(status, &[words, &there]);
        }
    }
    assert_eq!(fs::read_to_string(there).expect("it is there"), "kept");
}
