//! Aggregates of the Kinesis Producer Library: several records in one.
//!
//! Magic, a Protocol Buffers message, and the message's MD5. Of the message only the records' data matters.
//! <https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md>

use md5::{Digest, Md5};

pub(super) const MAGIC: [u8; 4] = [0xf3, 0x89, 0x9a, 0xc2];
const DIGEST: usize = 16;

/// The message's field of records, and a record's field of data.
const RECORDS: u64 = 3;
const DATA: u64 = 3;

/// The records' data; `None` unless it is an aggregate through and through.
pub(super) fn split(data: &[u8]) -> Option<Vec<&[u8]>> {
    let (message, digest) = data.strip_prefix(&MAGIC)?.split_last_chunk::<DIGEST>()?;
    if Md5::digest(message).as_slice() != digest {
        return None;
    }
    let mut all = Vec::new();
    for (number, record) in fields(message)? {
        if number == RECORDS {
            let data = fields(record?)?.into_iter().rev().find(|(number, _)| *number == DATA);
            // An absent field is an empty one.
            all.push(data.map_or(Some(&[][..]), |(_, bytes)| bytes)?);
        }
    }
    Some(all)
}

type Field<'a> = (u64, Option<&'a [u8]>);

/// A message's fields: their numbers, and their bytes if they have a length.
fn fields(mut message: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let (tag, rest) = take_varint(message)?;
        let (bytes, rest) = match tag & 7 {
            0 => (None, take_varint(rest)?.1),
            1 => (None, rest.get(8..)?),
            2 => {
                let (length, rest) = take_varint(rest)?;
                let (bytes, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                (Some(bytes), rest)
            }
            5 => (None, rest.get(4..)?),
            _ => return None,
        };
        fields.push((tag >> 3, bytes));
        message = rest;
    }
    Some(fields)
}

/// A number as the message spells it, and what follows it.
fn take_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (i, &byte) in bytes.iter().enumerate().take(10) {
        let bits = u64::from(byte & 0x7f);
        if i == 9 && bits > 1 {
            return None;
        }
        value |= bits << (7 * i);
        if byte < 0x80 {
            return Some((value, bytes.get(i + 1..)?));
        }
    }
    None
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn bytes(tag: u8, data: &[u8]) -> Vec<u8> {
        let mut out = vec![tag << 3 | 2];
        let mut length = data.len();
        while length >= 0x80 {
            out.push(length as u8 | 0x80);
            length >>= 7;
        }
        out.push(length as u8);
        [out.as_slice(), data].concat()
    }

    /// What the library would send.
    pub fn aggregate(records: &[&[u8]]) -> Vec<u8> {
        let mut message = bytes(1, b"key");
        for record in records {
            // Partition key 0, then the data.
            message.extend(bytes(3, &[vec![8, 0], bytes(3, record)].concat()));
        }
        let digest = Md5::digest(&message);
        [&MAGIC[..], &message, digest.as_slice()].concat()
    }

    #[test]
    fn only_a_whole_aggregate_is_one() {
        let long = vec![b'x'; 300];
        let whole = aggregate(&[b"a", b"", &long]);
        assert_eq!(split(&whole).unwrap(), [b"a".as_slice(), b"", &long]);
        for i in 0..whole.len() {
            assert_eq!(split(&whole[..i]), None, "cut at {i}");
            let mut flipped = whole.clone();
            flipped[i] ^= 1;
            assert_eq!(split(&flipped), None, "flipped at {i}");
        }
    }
}
