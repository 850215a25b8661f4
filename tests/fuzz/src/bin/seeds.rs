//! Writes what libFuzzer starts from: `seeds TARGET FOLDER` the target's inputs, `seeds dictionary FILE` its tokens.

use std::{fmt::Write as _, fs, path::Path, process::ExitCode};

use fidelog_fuzz::{Target, mutate::TOKENS, seeds};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let written = match arguments.as_slice() {
        [what, file] if what == "dictionary" => fs::write(file, dictionary()),
        [target, folder] if Target::named(target).is_some() => {
            let inputs = Target::named(target).map(seeds::of).unwrap_or_default();
            let write = |(i, input): (usize, &Vec<u8>)| {
                fs::write(Path::new(folder).join(format!("seed-{i:03}")), input)
            };
            inputs.iter().enumerate().try_for_each(write)
        }
        _ => {
            eprintln!("usage: seeds TARGET FOLDER | seeds dictionary FILE");
            return ExitCode::from(2);
        }
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The tokens in libFuzzer's spelling, one a line.
fn dictionary() -> String {
    TOKENS.iter().fold(String::new(), |mut text, token| {
        text.push('"');
        for byte in *token {
            let _ = write!(text, "\\x{byte:02x}");
        }
        text + "\"\n"
    })
}
