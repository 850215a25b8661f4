//! Names of responses that never change, so that a caller's own cache need not fetch them again.

use sha2::{Digest, Sha256};

use crate::{request::Request, response::Response};

/// Bytes of a tag, before hex.
const BYTES: usize = 16;

/// A tag, without the quotation marks.
pub(crate) struct ETag(String);

impl ETag {
    /// The tag of what these parts name.
    pub(crate) fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        ETag(hash.finalize().iter().take(BYTES).map(|b| format!("{b:02x}")).collect())
    }

    /// Whether the caller has that response, packed or not.
    pub(crate) fn is_known_to(&self, request: &Request) -> bool {
        let known = request.header("if-none-match").unwrap_or_default().split(',');
        known.map(str::trim).any(|tag| {
            let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
            tag.strip_suffix(GZIP).unwrap_or(tag) == self.0
        })
    }

    /// Marks a response with it.
    pub(crate) fn on(&self, mut response: Response) -> Response {
        response.headers.retain(|(name, _)| *name != "Cache-Control");
        // Only the caller's own cache, and only after asking here: another caller has no right to it.
        response
            .with("ETag", format!("\"{}\"", self.0))
            .with("Cache-Control", "private, no-cache")
            .with("Vary", "Accept, Accept-Encoding, Authorization")
    }
}

/// What the tag of a packed body ends with: other bytes, another name.
pub(crate) const GZIP: &str = "-gzip";
