//! Programs that do not do what a compiler should: a fault of the host, but where
//! the component can have crashed it.

use std::time::Duration;

use mpp_host::{CompileCap, CompileCaps, Compiler, LoadError};

use super::{refused, tool};

/// A program of a few commands of the shell.
fn shell(script: &str) -> Compiler {
    Compiler::program("/bin/sh", ["-c", script])
}

/// The words of a refusal for which the host is to blame.
#[track_caller]
fn fault(compiler: Compiler) -> String {
    let (error, code) = refused(tool(), compiler);
    assert!(matches!(error, LoadError::Host(_)), "{error}");
    assert_eq!(code, "host-fault");
    error.to_string()
}

/// Begins an answer: so many bytes of code are to follow.
fn answer(length: &str) -> String {
    format!(r"cat > /dev/null; printf 'mpp-compiled 1\n\000{length}'")
}

#[test]
fn a_program_that_is_not_there_is_a_fault_of_the_host() {
    assert_eq!(
        fault(Compiler::program("/nonexistent", [""; 0])),
        "the host failed: the compiler cannot be started: No such file or directory (os error 2)"
    );
}

#[test]
fn a_program_that_says_nothing_is_a_fault_of_the_host() {
    let ended = "the host failed: the compiler ended without an answer";
    assert_eq!(fault(shell("exit 0")), format!("{ended} (exit status: 0)"));
    assert_eq!(fault(shell("echo no licence >&2; exit 3")), format!("{ended} (exit status: 3: no licence)"));
    // Nobody knows who did that.
    assert_eq!(fault(shell("kill -KILL $$")), format!("{ended} (signal: 9 (SIGKILL))"));
}

#[test]
fn a_program_that_says_anything_else_is_a_fault_of_the_host() {
    let other = "the host failed: the compiler answered no answer of this version";
    assert_eq!(fault(shell("cat > /dev/null; echo hello, I am not a compiler")), other);
    assert_eq!(fault(shell("cat /dev/zero")), other);
    let verdict = r"cat > /dev/null; printf 'mpp-compiled 1\n\011\000\000\000\000\000\000\000\000'";
    assert_eq!(fault(shell(verdict)), "the host failed: the compiler answered no verdict");
}

/// What breaks off is not loaded, whatever it begins with.
#[test]
fn code_that_breaks_off_is_a_fault_of_the_host() {
    let script = answer(r"\010\000\000\000\000\000\000\000") + "; printf code";
    assert_eq!(
        fault(shell(&script)),
        "the host failed: the compiler ended without an answer (exit status: 0)"
    );
}

#[test]
fn code_beyond_any_size_is_not_read() {
    let (error, code) =
        refused(tool(), shell(&(answer(r"\377\377\377\377\377\000\000\000") + "; cat /dev/zero")));
    assert!(matches!(error, LoadError::CompileCap(CompileCap::Code(_))), "{error}");
    assert_eq!(code, "compile-cap");
    assert_eq!(
        error.to_string(),
        "the component takes more than 511 MiB of machine code to compile, and no package is given more"
    );
}

/// Whatever it holds open, and whoever else holds it.
#[test]
fn a_program_that_does_not_end_is_ended() {
    let time = Duration::from_millis(200);
    for script in ["exec sleep 1000", "exec > /dev/null < /dev/null; exec sleep 1000", "sleep 1000 & exit 0"]
    {
        let (error, _) = refused(tool(), shell(script).within(CompileCaps { time, ..CompileCaps::DEFAULT }));
        assert!(matches!(error, LoadError::CompileCap(CompileCap::Time(_))), "{script}: {error}");
    }
}

#[test]
fn a_crash_is_told_as_what_it_is() {
    for (script, how) in [
        ("kill -SEGV $$", "signal: 11 (SIGSEGV)"),
        ("echo what a mess >&2; kill -ABRT $$", "signal: 6 (SIGABRT): what a mess"),
        ("echo it panicked >&2; exit 101", "exit status: 101: it panicked"),
    ] {
        let (error, code) = refused(tool(), shell(script));
        assert!(matches!(error, LoadError::CompilerCrash(_)), "{error}");
        assert_eq!(code, "compiler-crash");
        assert_eq!(error.to_string(), format!("the compiler crashed on the component ({how})"));
    }
}

/// Neither does it wait for somebody to read them.
#[test]
fn last_words_without_end_are_cut() {
    let (error, _) = refused(tool(), shell("head -c 10000000 /dev/zero | tr '\\0' x >&2; kill -SEGV $$"));
    let LoadError::CompilerCrash(how) = error else { panic!("{error}") };
    assert_eq!(how, format!("signal: 11 (SIGSEGV): {}", "x".repeat(1024)));
}

/// No variable, nothing that the host has open, such as its log, and no way to write
/// a file.
#[test]
fn a_program_is_given_nothing_but_its_work() {
    let variables = "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= -e ^PATH=";
    let script = format!(
        "PATH=/usr/bin:/bin; {{ pwd; {variables}; ls -l /proc/self/fd | grep -c audit; ulimit -f; ulimit -c; }} >&2; exit 3"
    );
    let said = fault(shell(&script));
    let ended = "the host failed: the compiler ended without an answer";
    assert_eq!(said, format!("{ended} (exit status: 3: /\n0\n0\n0)"));
}
