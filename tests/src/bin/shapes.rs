//! Writes generated logs as lines: `shapes SHAPE RECORDS SEED`.

use std::{
    io::{BufWriter, Write},
    process::ExitCode,
};

use fidelog_tests::shapes::{NAMES, records};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted = match &arguments[..] {
        [name, n, seed] => {
            n.parse().ok().zip(seed.parse().ok()).and_then(|(n, seed)| Some(records(name, seed)?.take(n)))
        }
        _ => None,
    };
    let Some(records) = wanted else {
        eprintln!("usage: shapes {} RECORDS SEED", NAMES.join("|"));
        return ExitCode::from(2);
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    for record in records {
        // A reader that has seen enough closes the pipe; that is no failure.
        if out.write_all(&record).and_then(|()| out.write_all(b"\n")).is_err() {
            return ExitCode::SUCCESS;
        }
    }
    ExitCode::SUCCESS
}
