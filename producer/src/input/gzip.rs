//! Gzip: recognised by its first bytes, read with all its members.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::read::MultiGzDecoder;

use super::CHUNK;

/// What gzip begins with; the last byte says DEFLATE, and there is nothing else.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// The bytes, or those that they are compressed from.
pub(super) fn text(mut from: Box<dyn Read>) -> io::Result<Box<dyn BufRead>> {
    let mut head = Vec::new();
    from.by_ref().take(MAGIC.len() as u64).read_to_end(&mut head)?;
    let is_gzip = head == MAGIC;
    let all = Cursor::new(head).chain(from);
    if is_gzip {
        let all = BufReader::with_capacity(CHUNK, all);
        return Ok(Box::new(BufReader::with_capacity(CHUNK, Gunzip(MultiGzDecoder::new(all)))));
    }
    Ok(Box::new(BufReader::with_capacity(CHUNK, all)))
}

struct Gunzip<R>(MultiGzDecoder<R>);

impl<R: Read> Read for Gunzip<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out).map_err(|error| {
            let detail =
                format!("it begins like gzip, but cannot be decompressed ({error}); get a whole copy");
            io::Error::new(error.kind(), detail)
        })
    }
}
