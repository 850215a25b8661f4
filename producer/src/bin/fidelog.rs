//! The `fidelog` command.

fn main() -> std::process::ExitCode {
    fidelog_producer::command::run(std::env::args_os())
}
