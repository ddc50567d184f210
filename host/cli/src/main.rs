//! The `mpp` binary.

fn main() -> std::process::ExitCode {
    mpp_cli::main()
}
