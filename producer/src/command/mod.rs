//! The `fidelog` command: its arguments, what it prints, how it exits.
//!
//! Results go to standard output, messages and progress to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage,
//! 3 done but for dead letters.

use std::{
    ffi::OsString,
    io::IsTerminal,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
};

use clap::{Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;

use crate::{error::Result, output::Output};

mod consume;
mod cost;
mod export;
mod format;
mod infer;
mod inspect;
mod lossy;
mod maintain;
mod pack;
mod place;
mod produce;
mod progress;
mod sample;
mod setup;
mod stream;
mod table;
mod unpack;
mod verify;

/// Stores logs small, and gives them back byte for byte
#[derive(Parser)]
#[command(name = "fidelog", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// How messages are written: for people, or a JSON document a line
    #[arg(long, global = true, value_enum, default_value_t, env = "FIDELOG_LOG_FORMAT")]
    log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Whether messages are JSON.
static JSON_LOG: AtomicBool = AtomicBool::new(false);

fn is_json_log() -> bool {
    JSON_LOG.load(Ordering::Relaxed)
}

const EXAMPLES: &str = "\
Examples:
  fidelog sample -n 10000 -o sample.json          make a log to try things on
  fidelog consume --from sample.json --to store   put its records into a store, for SQL
  fidelog pack sample.json -o sample.fdl          or pack the file itself
  fidelog unpack sample.fdl -o same.json          and get it back, byte for byte

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but for dead letters. FIDELOG_LOG=debug shows what libraries say.";

#[derive(Subcommand)]
enum Command {
    Infer(infer::Infer),
    Sample(sample::Sample),
    Pack(pack::Pack),
    Unpack(unpack::Unpack),
    Inspect(inspect::Inspect),
    Produce(produce::Produce),
    Consume(consume::Consume),
    Export(export::Export),
    Setup(setup::Setup),
    Maintain(maintain::Maintain),
    Verify(verify::Verify),
    Cost(cost::Cost),
}

/// Runs the command that the arguments name (the first argument is the program).
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(usage) => {
            // Nobody is left to tell if even this cannot be printed.
            let _ = usage.print();
            return ExitCode::from(usage.exit_code() as u8);
        }
    };
    let as_json = cli.log_format == LogFormat::Json;
    JSON_LOG.store(as_json, Ordering::Relaxed);
    // What people are told is not said through the log; what machines read is.
    let usual = if as_json { "warn,fidelog_producer=info" } else { "off" };
    let filter = EnvFilter::try_from_env("FIDELOG_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match as_json {
        true => log.json().flatten_event(true).try_init(),
        false => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    std::panic::set_hook(Box::new(|bug| note(&format!("this is a bug, please report it: {bug}"))));
    let done = match cli.command {
        Command::Infer(c) => c.run(),
        Command::Sample(c) => c.run(),
        Command::Pack(c) => c.run(),
        Command::Unpack(c) => c.run(),
        Command::Inspect(c) => c.run(),
        Command::Produce(c) => c.run(),
        Command::Consume(c) => c.run(),
        Command::Export(c) => c.run(),
        Command::Setup(c) => c.run(),
        Command::Maintain(c) => c.run(),
        Command::Verify(c) => c.run(),
        Command::Cost(c) => c.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            note(&error.to_string());
            ExitCode::from(error.exit_code())
        }
    }
}

/// Prints a message to standard error.
fn note(message: &str) {
    use std::io::Write;
    if is_json_log() {
        tracing::warn!("{message}");
        return;
    }
    // A closed standard error is not a reason to fail.
    let _ = writeln!(std::io::stderr(), "fidelog: {message}");
}

/// Prints a result to standard output.
fn print(text: &str) -> Result<()> {
    Output::Stdout.write(|w| writeln!(w, "{}", text.trim_end()))
}

/// A result as JSON, for scripts.
fn json(value: &impl serde::Serialize) -> String {
    // Numbers, strings and lists: nothing in them can fail.
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn arguments_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
