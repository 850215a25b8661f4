//! Outputs: a file appears whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

mod unfinished;

use unfinished::Unfinished;

/// Bytes collected before they are handed to the system.
const BUFFER: usize = 1 << 18;

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Standard output.
    Stdout,
    /// A file.
    File(PathBuf),
}

impl From<OsString> for Output {
    /// A path; `-` is standard output.
    fn from(path: OsString) -> Self {
        if path == "-" { Output::Stdout } else { Output::File(path.into()) }
    }
}

impl Output {
    /// The output's name, for messages.
    pub fn name(&self) -> String {
        match self {
            Output::Stdout => "standard output".into(),
            Output::File(path) => path.display().to_string(),
        }
    }

    /// Lets `write` write it. A file is written under a temporary name beside its own and renamed when complete.
    pub fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        let done = match self {
            Output::Stdout => to_stream(io::stdout().lock(), write),
            Output::File(path) => match fs::metadata(path) {
                Ok(found) if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
                // Devices and pipes are written as they are: a rename would replace them.
                Ok(found) if !found.is_file() => {
                    fs::OpenOptions::new().write(true).open(path).and_then(|file| to_stream(file, write))
                }
                Ok(found) => {
                    fs::canonicalize(path).and_then(|path| replace(&path, Some(found.permissions()), write))
                }
                Err(_) => replace(path, None, write),
            },
        };
        done.map_err(|source| Error::Write { name: self.name(), source })
    }
}

fn to_stream(stream: impl Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut buffered = BufWriter::with_capacity(BUFFER, stream);
    write(&mut buffered)?;
    buffered.flush()
}

fn replace(
    path: &Path,
    permissions: Option<fs::Permissions>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // The system takes the umask off; a private temporary file's rights would stay with the result.
    let rights = permissions.clone().unwrap_or_else(|| fs::Permissions::from_mode(0o666));
    let temporary = tempfile::Builder::new().prefix(".fidelog-").suffix(".tmp").make_in(directory, |path| {
        fs::OpenOptions::new().write(true).create_new(true).mode(rights.mode()).open(path)
    });
    // tempfile adds the temporary name to its errors, which would only puzzle.
    let mut temporary = temporary.map_err(|e| io::Error::from(e.kind()))?;
    let _unfinished = Unfinished::new(temporary.path());
    to_stream(temporary.as_file_mut(), write)?;
    let file: &File = temporary.as_file();
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()?;
    temporary.persist(path).map_err(|e| e.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_failed_write_leaves_what_was_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        let output = Output::File(path.clone());
        output.write(|w| w.write_all(b"first")).unwrap();
        let failed = output.write(|w| {
            w.write_all(b"second")?;
            w.flush()?;
            Err(ErrorKind::StorageFull.into())
        });
        assert!(failed.unwrap_err().to_string().contains("disk is full"));
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names(directory.path()), ["out"]);
    }

    #[test]
    fn rights_and_links_stay() {
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (directory.path().join("out"), directory.path().join("link"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        Output::File(link.clone()).write(|w| w.write_all(b"new")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
