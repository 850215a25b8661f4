//! Inputs: finds the records of a file, a pipe or an object on S3, batch by batch; of what is in it, if it is gzip.
//!
//! Lines are split on `\n` bytes only; a final `\n` ends the last record; an empty line is an empty record. Lines are
//! streamed; a JSON array is read whole, up to [`MAX_WHOLE`] bytes.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, BufRead, Cursor, Read, Seek, Write},
    ops::Range,
    path::PathBuf,
    thread,
};

use fidelog_codec::framing::{self, Format};
use fidelog_table::{Objects, S3_SCHEME};
use futures::TryStreamExt;

use crate::error::{Error, Result};

mod array;
mod gzip;

use array::{Shape, Verdict};

/// Most bytes of an input that is read whole: a JSON array, or a file to pack.
pub const MAX_WHOLE: u64 = 2 << 30;

/// Most bytes of one record.
pub const MAX_RECORD: u64 = 1 << 30;

/// Bytes asked of the system at once.
const CHUNK: usize = 1 << 18;

/// Where records come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
    /// An object on S3, `s3://BUCKET/KEY`.
    Object(String),
}

impl From<OsString> for Input {
    /// A path or an object's address; `-` is standard input.
    fn from(path: OsString) -> Self {
        match path.to_str() {
            Some("-") => Input::Stdin,
            Some(url) if url.starts_with(S3_SCHEME) => Input::Object(url.to_owned()),
            _ => Input::File(path.into()),
        }
    }
}

impl Input {
    /// The input's name, for messages.
    pub fn name(&self) -> String {
        match self {
            Input::Stdin => "standard input".into(),
            Input::File(path) => path.display().to_string(),
            Input::Object(url) => url.clone(),
        }
    }

    /// Its size in bytes, where that is known before it is read.
    pub fn size(&self) -> Option<u64> {
        match self {
            Input::Stdin | Input::Object(_) => None,
            Input::File(path) => std::fs::metadata(path).ok().filter(|m| m.is_file()).map(|m| m.len()),
        }
    }

    fn open(&self) -> Result<Box<dyn Read>> {
        match self {
            Input::Stdin => Ok(Box::new(io::stdin().lock())),
            Input::File(path) => Ok(Box::new(File::open(path).map_err(|e| self.failed(e))?)),
            Input::Object(url) => Ok(Box::new(self.fetch(url)?)),
        }
    }

    /// A copy of an object in a file without a name: one that is read slowly would be cut off by S3.
    fn fetch(&self, url: &str) -> Result<File> {
        let fetch = async || {
            let (bucket, key) = url.trim_start_matches(S3_SCHEME).split_once('/').unwrap_or_default();
            if key.is_empty() {
                let detail = format!("{url} names no object; s3://BUCKET/KEY expected");
                return Err(Error::Arguments { detail });
            }
            let mut file = tempfile::tempfile().map_err(|e| self.failed(e))?;
            let objects = Objects::open(&format!("{S3_SCHEME}{bucket}")).await?;
            let mut pieces = objects.pieces(key).await?;
            while let Some(piece) = pieces.try_next().await? {
                file.write_all(&piece).map_err(|e| self.failed(e))?;
            }
            file.rewind().map_err(|e| self.failed(e))?;
            Ok(file)
        };
        // Whoever reads does not want to know whether it is called from within a runtime.
        let fetched = thread::scope(|scope| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            scope.spawn(move || runtime.map_err(Error::Start)?.block_on(fetch())).join()
        });
        fetched.unwrap_or_else(|_| Err(self.failed(io::Error::other("the thread that fetches it ended"))))
    }

    /// Opens what is in it.
    fn open_text(&self) -> Result<Box<dyn BufRead>> {
        gzip::text(self.open()?).map_err(|e| self.failed(e))
    }

    /// Reads it whole; `remedy` is what to do if it is larger than [`MAX_WHOLE`].
    pub fn read(&self, remedy: &'static str) -> Result<Vec<u8>> {
        let bytes = Vec::with_capacity(self.size().map_or(0, |n| n.min(MAX_WHOLE) as usize + 1));
        self.whole(self.open()?, bytes, remedy)
    }

    fn whole(&self, from: impl Read, mut bytes: Vec<u8>, remedy: &'static str) -> Result<Vec<u8>> {
        from.take(MAX_WHOLE + 1).read_to_end(&mut bytes).map_err(|e| self.failed(e))?;
        if bytes.len() as u64 > MAX_WHOLE {
            return Err(Error::TooLarge { name: self.name(), limit: MAX_WHOLE, remedy });
        }
        Ok(bytes)
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Read { name: self.name(), source }
    }
}

/// Some records, laid end to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The position of the first one in the input.
    pub first: u64,
}

impl Records {
    /// None yet; the first one will have this position.
    pub fn starting_at(first: u64) -> Self {
        Records { first, ..Records::default() }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Their bytes.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Adds one.
    pub fn push(&mut self, record: &[u8]) {
        self.bytes.extend_from_slice(record);
        self.ends.push(self.bytes.len());
    }

    /// The records in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, &end)| self.bytes.get(start..end))
    }
}

/// How much is read at a time: until one of the bounds is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Records.
    pub records: usize,
    /// Bytes of records.
    pub bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { records: 1_000_000, bytes: 256 << 20 }
    }
}

/// Reads an input's records.
pub struct Reader {
    input: Input,
    records: Source,
    index: u64,
    read: u64,
    open_end: Option<u64>,
}

enum Source {
    Lines(Box<dyn BufRead>),
    Whole { file: Vec<u8>, spans: std::vec::IntoIter<Range<usize>>, lines: bool },
}

impl Reader {
    /// Opens an input whose records are held as `format` says.
    pub fn open(input: Input, format: Format) -> Result<Self> {
        let remedy = "turn the array into lines, for example with `jq -c '.[]'`";
        let records = match format {
            Format::Lines => Source::Lines(input.open_text()?),
            Format::Array => {
                let file = input.whole(input.open_text()?, Vec::new(), remedy)?;
                Source::whole(&input, file, format)?
            }
            Format::Auto => {
                let mut rest = input.open_text()?;
                let mut shape = Shape::default();
                let mut head = Vec::new();
                loop {
                    let seen = head.len();
                    let read = rest.by_ref().take(CHUNK as u64).read_to_end(&mut head);
                    if read.map_err(|e| input.failed(e))? == 0 {
                        break Source::whole(&input, head, format)?;
                    }
                    if shape.feed(head.get(seen..).unwrap_or_default()) == Verdict::NoArray {
                        break Source::Lines(Box::new(Cursor::new(head).chain(rest)));
                    }
                    if head.len() as u64 > MAX_WHOLE {
                        return Err(Error::TooLarge { name: input.name(), limit: MAX_WHOLE, remedy });
                    }
                }
            }
        };
        Ok(Reader { input, records, index: 0, read: 0, open_end: None })
    }

    /// Reads the next records into `records`, in place of what was there; none at the end.
    pub fn fill(&mut self, records: &mut Records, bounds: Bounds) -> Result<()> {
        records.bytes.clear();
        records.ends.clear();
        records.first = self.index;
        while records.len() < bounds.records && records.bytes.len() < bounds.bytes {
            match &mut self.records {
                Source::Whole { file, spans, lines } => {
                    let Some(span) = spans.next() else { break };
                    if *lines && span.end == file.len() && file.last() != Some(&b'\n') {
                        self.open_end = Some(self.index);
                    }
                    self.read = span.end as u64;
                    records.bytes.extend_from_slice(file.get(span).unwrap_or_default());
                }
                Source::Lines(lines) => {
                    // One byte more than a record for the line feed, one to see that it is too much.
                    let line = lines.by_ref().take(MAX_RECORD + 2).read_until(b'\n', &mut records.bytes);
                    let line = line.map_err(|e| self.input.failed(e))? as u64;
                    if line == 0 {
                        break;
                    }
                    self.read += line;
                    if records.bytes.last() == Some(&b'\n') {
                        records.bytes.pop();
                    } else if line > MAX_RECORD {
                        let name = format!("record {} of {}", self.index, self.input.name());
                        let remedy = "check that its lines end in line feeds";
                        return Err(Error::TooLarge { name, limit: MAX_RECORD, remedy });
                    } else {
                        self.open_end = Some(self.index);
                    }
                }
            }
            records.ends.push(records.bytes.len());
            self.index += 1;
        }
        Ok(())
    }

    /// How many bytes of the input, or of what is in it, have been dealt with.
    pub fn position(&self) -> u64 {
        self.read
    }

    /// Whether the records are lines.
    pub fn is_lines(&self) -> bool {
        matches!(self.records, Source::Lines(_) | Source::Whole { lines: true, .. })
    }

    /// The position of a last line that no line feed ends, once it was read.
    pub fn open_end(&self) -> Option<u64> {
        self.open_end
    }
}

impl Source {
    fn whole(input: &Input, file: Vec<u8>, format: Format) -> Result<Self> {
        let split = framing::records(&file, format);
        let (records, framing) = split.map_err(|source| Error::NotAnArray { name: input.name(), source })?;
        // Before an array's first record stands its bracket, before the first line nothing.
        let lines = framing.prefix.is_empty();
        let base = file.as_ptr().addr();
        let span = |r: &[u8]| r.as_ptr().addr() - base..r.as_ptr().addr() - base + r.len();
        let spans: Vec<Range<usize>> = records.into_iter().map(span).collect();
        Ok(Source::Whole { file, spans: spans.into_iter(), lines })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn read(content: &[u8], format: Format, bounds: Bounds) -> Result<Vec<Vec<u8>>> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        let mut reader = Reader::open(Input::File(file.path().into()), format)?;
        let mut records = Records::default();
        let mut all: Vec<Vec<u8>> = Vec::new();
        loop {
            reader.fill(&mut records, bounds)?;
            assert_eq!(records.first, all.len() as u64);
            if records.is_empty() {
                return Ok(all);
            }
            all.extend(records.iter().map(<[u8]>::to_vec));
        }
    }

    proptest! {
        #[test]
        fn streaming_finds_the_records_that_the_codec_finds(
            file in "[\\[\\]{}\",:1a\\\\\n \t]{0,40}", bytes: Vec<u8>, n in 1usize..4,
        ) {
            for file in [file.as_bytes(), &bytes] {
                for format in [Format::Auto, Format::Array, Format::Lines] {
                    let expected = framing::records(file, format).ok().map(|(r, _)| r);
                    let found = read(file, format, Bounds { records: n, bytes: 8 });
                    match expected {
                        Some(expected) => prop_assert_eq!(found.unwrap(), expected),
                        None => {
                            let refused = matches!(found, Err(Error::NotAnArray { .. }));
                            prop_assert!(refused);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_large_array_and_large_lines_are_read_in_bounds() {
        let record = format!("{{\"a\": \"{}\"}}", "x".repeat(1000));
        let many = vec![record.as_str(); 1000];
        let bounds = Bounds { records: 300, bytes: 100_000 };
        for file in
            [format!("[{}]", many.join(", ")), many.join("\n"), format!("[1] first\n{}\n", many.join("\n"))]
        {
            let found = read(file.as_bytes(), Format::Auto, bounds).unwrap();
            assert_eq!(found.iter().filter(|r| **r == record.as_bytes()).count(), 1000);
        }
    }

    #[test]
    fn gzip_is_what_is_in_it() {
        let gzip = |text: &[u8]| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        };
        let members = [gzip(b"a\nb"), gzip(b"c\n")].concat();
        for (file, format, expected) in [
            (members.clone(), Format::Lines, &[&b"a"[..], b"bc"][..]),
            (members.clone(), Format::Auto, &[b"a", b"bc"]),
            (gzip(b"[1, 2]"), Format::Array, &[b"1", b"2"]),
            (gzip(b"[1, 2]"), Format::Auto, &[b"1", b"2"]),
            (gzip(b""), Format::Auto, &[]),
        ] {
            assert_eq!(read(&file, format, Bounds::default()).unwrap(), expected);
        }
        let cut = members.get(..members.len() - 4).unwrap();
        let error = read(cut, Format::Lines, Bounds::default()).unwrap_err().to_string();
        assert!(error.contains("gzip"), "{error}");
    }

    #[test]
    fn an_open_end_is_one_of_lines() {
        for (content, format, expected) in [
            ("a\nb\n", Format::Lines, None),
            ("a\nb", Format::Lines, Some(1)),
            ("a\n\n", Format::Auto, None),
            ("[1,\n2", Format::Auto, Some(1)),
            ("[1,\n2\n", Format::Auto, None),
            ("[1,\n2]", Format::Auto, None),
            ("", Format::Auto, None),
        ] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(content.as_bytes()).unwrap();
            let mut reader = Reader::open(Input::File(file.path().into()), format).unwrap();
            reader.fill(&mut Records::default(), Bounds::default()).unwrap();
            assert_eq!(reader.open_end(), expected, "{content:?}");
        }
    }

    #[test]
    fn a_batch_ends_at_its_bounds() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"aaaa\nbbbb\ncccc\ndddd\n").unwrap();
        let mut reader = Reader::open(Input::File(file.path().into()), Format::Auto).unwrap();
        let mut records = Records::default();
        for (bounds, expected) in [((1, 100), 1), ((9, 5), 2), ((9, 100), 1)] {
            reader.fill(&mut records, Bounds { records: bounds.0, bytes: bounds.1 }).unwrap();
            assert_eq!(records.len(), expected);
        }
        assert_eq!(reader.position(), 20);
    }
}
