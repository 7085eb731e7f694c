//! The `seatrial` binary: arguments in, exit code out.

fn main() -> std::process::ExitCode {
    seatrial::main()
}
