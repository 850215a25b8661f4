//! What went in against what came back. SQL promises no order, so both are multisets.

use crate::{Result, report::thousands};

/// Fails, with an example, unless both hold the same records equally often.
pub fn same_multiset<A: AsRef<[u8]>, B: AsRef<[u8]>>(expected: &[A], got: &[B]) -> Result<()> {
    let mut expected: Vec<&[u8]> = expected.iter().map(AsRef::as_ref).collect();
    let mut got: Vec<&[u8]> = got.iter().map(AsRef::as_ref).collect();
    expected.sort_unstable();
    got.sort_unstable();
    if expected == got {
        return Ok(());
    }
    let at = expected.iter().zip(&got).take_while(|(a, b)| a == b).count();
    let shown =
        |record: Option<&&[u8]>| record.map_or("nothing".into(), |r| String::from_utf8_lossy(r).into_owned());
    Err(format!(
        "{} records expected, {} came back; the first difference in sorted order:\n  expected {}\n  got      {}",
        thousands(expected.len()),
        thousands(got.len()),
        shown(expected.get(at)),
        shown(got.get(at))
    )
    .into())
}
