//! The programs under demonstration, which cargo builds beside this one.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

use crate::Result;

/// A program of the workspace.
pub fn program(name: &str) -> Result<Command> {
    let path = env::current_exe()?.with_file_name(name);
    if !path.exists() {
        return Err(format!("{} is not there; `make demo` builds it", path.display()).into());
    }
    Ok(Command::new(path))
}

/// Runs `fidelog` to its end; what it says is shown if it fails.
pub fn fidelog(words: &[&str], more: &[&Path]) -> Result<()> {
    println!(
        "  $ fidelog {} {}",
        words.join(" "),
        more.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>().join(" ")
    );
    let output = program("fidelog")?.args(words).args(more).stdin(Stdio::null()).output()?;
    if !output.status.success() {
        return Err(
            format!("fidelog {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr)).into()
        );
    }
    Ok(())
}
