//! The `mpp` command.

fn main() -> std::process::ExitCode {
    mpp_cli::main()
}
