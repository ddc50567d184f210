//! The `mpp` command, for the tests beside it.

fn main() -> std::process::ExitCode {
    mpp_cli::main()
}
