//! Objects whose keys are values: ids, hosts, dates. Their members are no fields.

use alloc::{format, string::String};

/// Fewer distinct keys than this may all be fields.
const FEW: usize = 16;

/// So many distinct keys are values whatever they look like, if each is rare.
const MANY: usize = 128;

/// A key is rare that at most this many of a hundred of the objects have.
const RARE: usize = 5;

/// The keys that were seen in one object's place.
#[derive(Debug, Default)]
pub(super) struct Keys {
    distinct: usize,
    like_values: usize,
    /// How often the commonest was seen.
    commonest: usize,
}

impl Keys {
    pub(super) fn add(&mut self, key: &str, seen: usize) {
        self.distinct += 1;
        self.like_values += usize::from(is_like_value(key));
        self.commonest = self.commonest.max(seen);
    }

    /// Why these are no fields' names, if they are none.
    pub(super) fn why_dynamic(&self, objects: usize) -> Option<String> {
        let n = self.distinct;
        if n >= FEW && self.like_values * 10 >= n * 9 && self.commonest * 2 <= objects {
            return Some(format!(
                "{n} distinct keys that look like ids or numbers: its members are no fields"
            ));
        }
        (n >= MANY && self.commonest * 100 <= objects * RARE)
            .then(|| format!("{n} distinct keys, each rare: its members are no fields"))
    }
}

/// Whether a key looks like an id, a number, a date or an address rather than a name.
fn is_like_value(key: &str) -> bool {
    let digits = key.bytes().filter(u8::is_ascii_digit).count();
    let is_code = |c: u8| c.is_ascii_hexdigit() || matches!(c, b'-' | b':' | b'.' | b'/');
    // Digits alone, hex, UUIDs, dates, IP addresses; or a word of which half, or a long one of which much is digits.
    digits > 0 && (digits == key.len() || key.len() >= 6 && key.bytes().all(is_code))
        || key.len() >= 6 && digits * 2 >= key.len()
        || key.len() >= 12 && digits * 5 >= key.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_names() {
        for key in [
            "7",
            "2024-05-01",
            "a81f03",
            "10.0.0.7",
            "84efa4d7-d0b7-4e84-ae3c-94f84e1f7cc2",
            "dev-815b77541a10",
        ] {
            assert!(is_like_value(key), "{key}");
        }
        assert!(is_like_value("host-00017"));
        for key in ["", "name", "deadbeef", "p99", "x509", "latency_p95_ms", "userIdentity", "s3"] {
            assert!(!is_like_value(key), "{key}");
        }
    }

    #[test]
    fn few_or_common_keys_are_fields() {
        let keys = |n: usize, seen: usize, like: &str| {
            let mut keys = Keys::default();
            (0..n).for_each(|_| keys.add(like, seen));
            keys
        };
        assert!(keys(15, 1, "10.0.0.7").why_dynamic(100).is_none());
        assert!(keys(16, 50, "10.0.0.7").why_dynamic(100).is_some());
        assert!(keys(16, 51, "10.0.0.7").why_dynamic(100).is_none());
        assert!(keys(127, 1, "name").why_dynamic(100).is_none());
        assert!(keys(128, 5, "name").why_dynamic(100).is_some());
        assert!(keys(128, 6, "name").why_dynamic(100).is_none());
    }
}
