//! One container of many payloads' blocks.

use alloc::vec::Vec;

use super::{END, MAGIC, put_section, start};

/// The end section and its checksum.
const END_BYTES: usize = 6;

/// Makes one container of payloads as an [`crate::Encoder`] makes them: what its methods give, one after the other.
#[derive(Debug, Default)]
pub struct Joiner {
    begun: bool,
}

impl Joiner {
    /// The bytes that the next payload adds.
    pub fn add<'p>(&mut self, payload: &'p [u8]) -> &'p [u8] {
        let from = if self.begun { MAGIC.len() + 1 } else { 0 };
        self.begun = true;
        payload.get(from..payload.len().saturating_sub(END_BYTES)).unwrap_or_default()
    }

    /// The bytes that end the container.
    pub fn end(self) -> Vec<u8> {
        let mut out = if self.begun { Vec::new() } else { start() };
        put_section(&mut out, END, &[]);
        out
    }
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;

    use super::*;
    use crate::{Level, Limits, Schema, decode, encode};

    #[test]
    fn joined_payloads_are_their_records() {
        let records: [&[u8]; 3] = [b"{\"a\":1}", b"{\"a\":2}", b"odd"];
        let schema = Arc::new(Schema::infer(records).schema);
        for n in 0..=records.len() {
            let mut joiner = Joiner::default();
            let mut all = Vec::new();
            for record in &records[..n] {
                all.extend_from_slice(joiner.add(&encode(&schema, [*record], Level::Default)));
            }
            all.extend(joiner.end());
            let block = decode(&all, &Limits::default()).unwrap();
            assert_eq!(block.batches().len(), n);
            assert_eq!(block.records().collect::<Result<Vec<_>, _>>().unwrap(), records[..n]);
        }
    }
}
