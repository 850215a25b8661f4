//! Records that are too large for the stream: lines of a file, each once.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, ErrorKind, Write},
    path::PathBuf,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The file, made when it is needed.
pub(super) struct DeadLetters {
    path: PathBuf,
    file: Option<File>,
    known: HashSet<(String, u64)>,
}

#[derive(Serialize)]
struct Letter<'a> {
    reason: &'a str,
    source: Option<&'a str>,
    index: u64,
    data: String,
}

/// By what a letter is known.
#[derive(Deserialize)]
struct Identity {
    source: Option<String>,
    index: u64,
}

impl DeadLetters {
    /// Reads which letters the file has from earlier runs.
    pub(super) fn at(path: PathBuf) -> Result<Self> {
        let mut letters = DeadLetters { path, file: None, known: HashSet::new() };
        match File::open(&letters.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            file => {
                let lines = file.map(|file| BufReader::new(file).lines());
                for line in lines.map_err(|e| letters.failed(e))? {
                    let line = line.map_err(|e| letters.failed(e))?;
                    // A line that a crash cut short is no letter.
                    if let Ok(Identity { source: Some(source), index }) = serde_json::from_str(&line) {
                        letters.known.insert((source, index));
                    }
                }
            }
        }
        Ok(letters)
    }

    /// Adds a record, unless an earlier run did.
    pub(super) fn keep(&mut self, source: Option<String>, index: u64, record: &[u8]) -> Result<()> {
        if let Some(source) = &source
            && !self.known.insert((source.clone(), index))
        {
            return Ok(());
        }
        let letter = Letter {
            reason: "larger than the stream takes, even as a block of its own",
            source: source.as_deref(),
            index,
            data: STANDARD.encode(record),
        };
        self.write(&letter).map_err(|e| self.failed(e))
    }

    fn write(&mut self, letter: &Letter<'_>) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let mut file = OpenOptions::new().append(true).create(true).open(&self.path)?;
                if file.metadata()?.len() > 0 {
                    file.write_all(b"\n")?;
                }
                none.insert(file)
            }
        };
        // In one piece; a line that a crash cut short stays apart.
        let line = serde_json::to_string(letter).map_err(io::Error::other)?;
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_data()
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Write { name: self.path.display().to_string(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numbered_record_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dead.jsonl");
        for _ in 0..2 {
            let mut letters = DeadLetters::at(path.clone()).unwrap();
            letters.keep(Some("a".into()), 7, b"\xff").unwrap();
            letters.keep(Some("b".into()), 7, b"x").unwrap();
            letters.keep(None, 7, b"y").unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().filter(|line| !line.is_empty()).count(), 4, "{text}");
        assert!(text.contains(r#""source":"a","index":7,"data":"/w==""#), "{text}");
    }
}
