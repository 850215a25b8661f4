//! The integers and byte strings that every element of the format is made of, read and written side by side.

use alloc::vec::Vec;

use crate::error::{Error, Kind, Result, Stage};

/// Appends an unsigned LEB128 integer (at most 10 bytes).
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a length and the bytes.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Maps small magnitudes of either sign to small unsigned integers.
pub(crate) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The inverse of [`zigzag`].
pub(crate) const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// A cursor over bytes that names its stage in every error.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    base: usize,
    stage: Stage,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`; errors count offsets from `base`.
    pub(crate) const fn new(bytes: &'a [u8], base: usize, stage: Stage) -> Self {
        Reader { bytes, at: 0, base, stage }
    }

    /// The offset that errors at the present position would carry.
    pub(crate) const fn offset(&self) -> usize {
        self.base + self.at
    }

    /// Bytes not yet read.
    pub(crate) const fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(crate) const fn is_done(&self) -> bool {
        self.left() == 0
    }

    pub(crate) fn fail(&self, kind: Kind, detail: &'static str) -> Error {
        Error::new(kind, self.stage, self.offset(), detail)
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        let byte =
            *self.bytes.get(self.at).ok_or_else(|| self.fail(Kind::Truncated, "one more byte expected"))?;
        self.at += 1;
        Ok(byte)
    }

    pub(crate) fn varint(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                return Err(self.fail(Kind::Malformed, "an integer of at most 64 bits expected"));
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.fail(Kind::Malformed, "an integer of at most 10 bytes expected"))
    }

    /// A varint that must fit `usize` and be at most `cap`.
    pub(crate) fn count(&mut self, cap: usize, detail: &'static str) -> Result<usize> {
        let value = self.varint()?;
        match usize::try_from(value) {
            Ok(n) if n <= cap => Ok(n),
            _ => Err(self.fail(Kind::Limit, detail)),
        }
    }

    /// A cursor over what is not yet read, for another stage.
    pub(crate) fn rest(&self, stage: Stage) -> Reader<'a> {
        Reader { stage, ..self.clone() }
    }

    /// The bytes between this cursor and a later one over the same bytes.
    pub(crate) fn until(&self, later: &Reader<'a>) -> &'a [u8] {
        self.bytes.get(self.at..later.at).unwrap_or_default()
    }

    pub(crate) fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(n).filter(|&e| e <= self.bytes.len());
        let end = end.ok_or_else(|| self.fail(Kind::Truncated, "more bytes expected"))?;
        let slice = &self.bytes[self.at..end];
        self.at = end;
        Ok(slice)
    }

    /// A length and that many bytes.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8]> {
        let n = self.varint()?;
        self.take(usize::try_from(n).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn varints_and_zigzag_come_back(v: u64, s: i64) {
            let mut out = Vec::new();
            put_varint(&mut out, v);
            prop_assert_eq!(Reader::new(&out, 0, Stage::Block).varint().unwrap(), v);
            prop_assert_eq!(unzigzag(zigzag(s)), s);
        }
    }

    #[test]
    fn overlong_varints_are_refused() {
        let eleven = [0xff; 11];
        assert_eq!(Reader::new(&eleven, 0, Stage::Block).varint().unwrap_err().kind, Kind::Malformed);
        let two_to_64 = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02];
        assert_eq!(Reader::new(&two_to_64, 0, Stage::Block).varint().unwrap_err().kind, Kind::Malformed);
    }
}
