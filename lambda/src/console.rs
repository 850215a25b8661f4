//! The query console's files, served beside the API.
//!
//! They are read once, at the start: a request picks one by its whole path, so that no path leads elsewhere. They hold
//! no logs, so they need no token; the page sends one with its calls.

use std::{collections::BTreeMap, fs, io, path::Path};

use crate::response::Response;

/// What a page may do: run its own scripts and the decoder, use its own styles, and call this server. Nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types fidelog";

/// Why the console is not served.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The directory or a file in it cannot be read.
    #[error("cannot read the console in {0}: {1}; `make console` builds it")]
    Read(String, io::Error),
    /// The directory is another one.
    #[error("{0} has no index.html; `make console` builds the console in wasm/console/dist")]
    NoIndex(String),
}

/// The console's files by the path that asks for them.
#[derive(Debug, Default)]
pub struct Console {
    files: BTreeMap<String, (&'static str, Vec<u8>)>,
}

impl Console {
    /// Reads the files of a directory; directories in it are left alone, and so are files of a kind a page has no use for.
    pub fn read(directory: &Path) -> Result<Self, ConsoleError> {
        let name = directory.display().to_string();
        let fail = |error| ConsoleError::Read(name.clone(), error);
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(directory).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            let Some((file, kind)) = path.file_name().and_then(|file| file.to_str()).and_then(typed) else {
                continue;
            };
            if path.is_file() {
                files.insert(format!("/{file}"), (kind, fs::read(&path).map_err(fail)?));
            }
        }
        let index = files.remove("/index.html").ok_or(ConsoleError::NoIndex(name))?;
        files.insert("/".into(), index);
        Ok(Console { files })
    }

    /// The answer to a request, if it is for one of the files.
    pub(crate) fn answer(&self, method: &str, path: &str) -> Option<Response> {
        let (kind, bytes) = self.files.get(path).filter(|_| matches!(method, "GET" | "HEAD"))?;
        let headers = vec![
            ("Content-Type", (*kind).to_owned()),
            // A new build has the same names.
            ("Cache-Control", "no-cache".to_owned()),
            ("Content-Security-Policy", POLICY.to_owned()),
            ("Cross-Origin-Opener-Policy", "same-origin".to_owned()),
            ("Cross-Origin-Resource-Policy", "same-origin".to_owned()),
            ("Referrer-Policy", "no-referrer".to_owned()),
        ];
        Some(Response { status: 200, headers, body: bytes.clone() })
    }
}

/// A file's name with its media type.
fn typed(name: &str) -> Option<(&str, &'static str)> {
    let kind = match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        _ => return None,
    };
    Some((name, kind))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn console() -> Console {
        let directory = tempfile::tempdir().unwrap();
        for file in ["index.html", "console.js", "fidelog_bg.wasm", "notes.txt", ".hidden"] {
            fs::write(directory.path().join(file), file).unwrap();
        }
        fs::create_dir(directory.path().join("folder.js")).unwrap();
        Console::read(directory.path()).unwrap()
    }

    #[test]
    fn files_have_their_types_and_the_policy() {
        let console = console();
        for (path, kind) in [
            ("/", "text/html; charset=utf-8"),
            ("/console.js", "text/javascript; charset=utf-8"),
            ("/fidelog_bg.wasm", "application/wasm"),
        ] {
            let response = console.answer("GET", path).unwrap();
            assert_eq!(response.header("content-type"), Some(kind), "{path}");
            let policy = response.header("content-security-policy").unwrap();
            assert!(
                policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"),
                "{policy}"
            );
        }
    }

    #[test]
    fn no_path_leads_elsewhere() {
        let console = console();
        for path in [
            "",
            "/index.html",
            "/notes.txt",
            "/.hidden",
            "/folder.js",
            "//console.js",
            "/./console.js",
            "/x/../console.js",
            "/..%2fconsole.js",
            "/../../etc/passwd",
            "/v1/health",
        ] {
            assert_eq!(console.answer("GET", path), None, "{path}");
        }
        assert_eq!(console.answer("POST", "/"), None);
    }

    #[test]
    fn a_directory_without_the_page_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        assert!(matches!(Console::read(directory.path()), Err(ConsoleError::NoIndex(_))));
        assert!(matches!(Console::read(&directory.path().join("none")), Err(ConsoleError::Read(..))));
    }
}
