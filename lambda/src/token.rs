//! Query ids and cursors: what the server needs to know again, authenticated and bound to the caller.
//!
//! A token is base64url of a payload and its HMAC-SHA-256 over kind, caller, context and payload, each behind its
//! length. The server keeps no table of them, and nobody can make one, change one or use another caller's.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

const TAG: usize = 16;

/// What a token is for: one kind never passes for another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Query,
    Cursor,
}

/// Signs and reads tokens.
#[derive(Clone)]
pub struct Signer {
    mac: Hmac<Sha256>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// With a key from configuration; tokens outlive the process, and every process with the key reads them.
    pub fn new(key: &[u8]) -> Self {
        // Hashing first takes keys of any length; `new` wants exactly one block.
        let mut block = [0; 64];
        for (slot, byte) in block.iter_mut().zip(Sha256::digest(key)) {
            *slot = byte;
        }
        Signer { mac: <Hmac<Sha256> as hmac::digest::KeyInit>::new(&block.into()) }
    }

    /// With a key that only this process knows.
    pub fn random() -> Self {
        Signer::new(&rand::random::<[u8; 32]>())
    }

    fn mac(&self, kind: Kind, caller: &str, context: &[u8], payload: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(&[kind as u8]);
        for part in [caller.as_bytes(), context, payload] {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac
    }

    pub(crate) fn sign(&self, kind: Kind, caller: &str, context: &[u8], payload: &[u8]) -> String {
        let tag = self.mac(kind, caller, context, payload).finalize().into_bytes();
        let mut token = payload.to_vec();
        token.extend(tag.iter().take(TAG));
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The payload of an authentic token.
    pub(crate) fn read(&self, kind: Kind, caller: &str, context: &[u8], token: &str) -> Option<Vec<u8>> {
        let mut payload = URL_SAFE_NO_PAD.decode(token).ok()?;
        let tag = payload.split_off(payload.len().checked_sub(TAG)?);
        self.mac(kind, caller, context, &payload).verify_truncated_left(&tag).ok()?;
        Some(payload)
    }

    /// Whether two secrets are the same, in a time that does not depend on where they differ.
    #[cfg(any(feature = "local", test))]
    pub(crate) fn is_same(&self, one: &str, other: &str) -> bool {
        let tag = self.mac(Kind::Query, "", b"", one.as_bytes()).finalize().into_bytes();
        self.mac(Kind::Query, "", b"", other.as_bytes()).verify_slice(&tag).is_ok()
    }
}

/// A name for one intention of one caller: the same key, caller and query give the same name.
pub(crate) fn intention(key: &str, caller: &str, query: &[u8]) -> String {
    let mut hash = Sha256::new();
    for part in [key.as_bytes(), caller.as_bytes(), query] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_caller_reads_an_unchanged_token() {
        let signer = Signer::new(b"key");
        let token = signer.sign(Kind::Query, "ann", b"", b"payload");
        assert_eq!(signer.read(Kind::Query, "ann", b"", &token).as_deref(), Some(&b"payload"[..]));
        assert_eq!(signer.read(Kind::Query, "bob", b"", &token), None);
        assert_eq!(signer.read(Kind::Cursor, "ann", b"", &token), None);
        assert_eq!(signer.read(Kind::Query, "ann", b"x", &token), None);
        assert_eq!(Signer::new(b"other").read(Kind::Query, "ann", b"", &token), None);
        for i in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[i] = if changed[i] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                signer.read(Kind::Query, "ann", b"", &String::from_utf8(changed).unwrap()),
                None,
                "{i}"
            );
        }
        for short in ["", "AAAA", "!"] {
            assert_eq!(signer.read(Kind::Query, "ann", b"", short), None);
        }
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(intention("a", "bc", b"d"), intention("ab", "c", b"d"));
        assert_eq!(intention("a", "b", b"c").len(), 64);
        assert!(Signer::random().is_same("x", "x"));
        assert!(!Signer::random().is_same("x", "xx"));
    }
}
