//! Compressors that take any bytes: what logs are kept in today.

use std::io::{Read, Write};

use liblzma::stream::{Check, Stream};

use crate::{
    Result,
    data::Data,
    measure::{Format, Pieces},
};

/// A compressor and its setting; the whole file is one piece.
#[derive(Clone, Copy)]
pub enum General {
    /// The C library at level 6, which is what `gzip` does.
    Zlib6,
    Zstd(i32),
    Brotli(i32),
    /// `xz -9e`.
    Xz9e,
}

impl General {
    /// Compresses some bytes.
    pub fn compress(self, bytes: &[u8]) -> Result<Vec<u8>> {
        Ok(match self {
            General::Zlib6 => {
                let mut encoder = flate2::write::ZlibEncoder::new(
                    Vec::with_capacity(bytes.len() / 4),
                    flate2::Compression::new(6),
                );
                encoder.write_all(bytes)?;
                encoder.finish()?
            }
            General::Zstd(level) => zstd::bulk::compress(bytes, level)?,
            General::Brotli(quality) => {
                let params = brotli::enc::BrotliEncoderParams { quality, ..Default::default() };
                let mut out = Vec::new();
                brotli::BrotliCompress(&mut &*bytes, &mut out, &params)?;
                out
            }
            General::Xz9e => {
                const EXTREME: u32 = 1 << 31;
                let stream = Stream::new_easy_encoder(9 | EXTREME, Check::Crc64)?;
                let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
                encoder.write_all(bytes)?;
                encoder.finish()?
            }
        })
    }

    fn decompress(self, bytes: &[u8], len: usize) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(len);
        match self {
            General::Zlib6 => {
                flate2::bufread::ZlibDecoder::new(bytes).read_to_end(&mut out)?;
            }
            General::Zstd(_) => out = zstd::bulk::decompress(bytes, len)?,
            General::Brotli(_) => brotli::BrotliDecompress(&mut &*bytes, &mut out)?,
            General::Xz9e => {
                liblzma::bufread::XzDecoder::new(bytes).read_to_end(&mut out)?;
            }
        }
        Ok(out)
    }
}

impl Format for General {
    fn name(&self) -> String {
        match self {
            General::Zlib6 => "zlib 6 (gzip)".into(),
            General::Zstd(level) => format!("zstd {level}"),
            General::Brotli(quality) => format!("brotli {quality}"),
            General::Xz9e => "xz 9e".into(),
        }
    }

    fn is_slow(&self) -> bool {
        matches!(self, General::Zstd(19) | General::Brotli(11) | General::Xz9e)
    }

    fn encode(&self, data: &Data) -> Result<Pieces> {
        Ok(vec![self.compress(&data.bytes)?])
    }

    fn decode(&self, pieces: &Pieces, data: &Data) -> Result<Option<Vec<u8>>> {
        let piece = pieces.first().ok_or("one piece expected")?;
        Ok(Some(self.decompress(piece, data.bytes.len())?))
    }

    fn columns(&self, _: &Pieces) -> Result<Option<usize>> {
        Ok(None)
    }
}
