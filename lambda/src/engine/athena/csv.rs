//! The rows of a result's CSV file as Athena writes it: every value quoted, a null left empty, a line feed after a row.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder, Terminator};

use crate::engine::{EngineError, Result};

/// The longest row that is read.
pub(super) const MAX_ROW: usize = 64 << 20;

/// One row: its cells, null or text.
pub(super) type Cells<'a> = dyn Iterator<Item = Option<&'a [u8]>> + 'a;

/// Cuts a stream of bytes into rows.
pub(super) struct Rows {
    reader: Reader,
    columns: usize,
    /// The text of this row's cells so far.
    text: Vec<u8>,
    filled: usize,
    /// Where each finished cell of this row ends, and whether it is a value.
    ends: Vec<(usize, bool)>,
    /// Whether the cell under way began with a quotation mark; none between cells.
    is_quoted: Option<bool>,
    read: u64,
    row_begins: u64,
}

impl Rows {
    /// Rows of so many columns, read from the beginning of a row at byte `at`.
    pub(super) fn new(columns: usize, at: u64) -> Self {
        // Not CRLF: a carriage return outside of quotation marks is none of Athena's.
        let reader = ReaderBuilder::new().terminator(Terminator::Any(b'\n')).build();
        let (text, ends) = (vec![0; 4_096], Vec::with_capacity(columns));
        Rows { reader, columns, text, filled: 0, ends, is_quoted: None, read: at, row_begins: at }
    }

    /// Where the row begins that the next bytes belong to.
    pub(super) const fn row_begins(&self) -> u64 {
        self.row_begins
    }

    /// Reads bytes, and gives each row that ends in them with the byte where it begins, until `row` wants no more.
    pub(super) fn feed(
        &mut self,
        mut input: &[u8],
        mut row: impl FnMut(u64, &mut Cells<'_>) -> Result<bool>,
    ) -> Result<bool> {
        while let Some(&first) = input.first() {
            let mut ends_row = false;
            // The reader takes an empty line for nothing, but it is the null of a result of one column.
            if self.ends.is_empty() && self.is_quoted.is_none() && first == b'\n' {
                self.ends.push((0, false));
                self.read += 1;
                input = input.get(1..).unwrap_or_default();
                ends_row = true;
            } else {
                let is_quoted = *self.is_quoted.get_or_insert(first == b'"');
                let room = self.text.get_mut(self.filled..).unwrap_or_default();
                let (result, taken, put) = self.reader.read_field(input, room);
                input = input.get(taken..).unwrap_or_default();
                self.read += taken as u64;
                self.filled += put;
                match result {
                    ReadFieldResult::OutputFull if self.text.len() >= MAX_ROW => {
                        return Err(EngineError::TooLarge);
                    }
                    ReadFieldResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                    ReadFieldResult::Field { record_end } => {
                        self.ends.push((self.filled, is_quoted || self.filled > self.last_end()));
                        self.is_quoted = None;
                        ends_row = record_end;
                    }
                    ReadFieldResult::InputEmpty | ReadFieldResult::End => {}
                }
            }
            if ends_row && !self.end_row(&mut row)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn last_end(&self) -> usize {
        self.ends.last().map_or(0, |&(end, _)| end)
    }

    fn end_row(&mut self, row: &mut impl FnMut(u64, &mut Cells<'_>) -> Result<bool>) -> Result<bool> {
        if self.ends.len() != self.columns {
            let (found, at) = (self.ends.len(), self.row_begins);
            return Err(damaged(&format!("{found} cells instead of {} at byte {at}", self.columns)));
        }
        let (text, mut start) = (&self.text, 0);
        let mut cells = self.ends.iter().map(|&(end, is_value)| {
            let cell = text.get(start..end).unwrap_or_default();
            start = end;
            is_value.then_some(cell)
        });
        let goes_on = row(self.row_begins, &mut cells)?;
        self.ends.clear();
        self.filled = 0;
        self.row_begins = self.read;
        Ok(goes_on)
    }

    /// The end of the file: an error inside a row.
    pub(super) fn finish(&self) -> Result<()> {
        if self.read == self.row_begins { Ok(()) } else { Err(damaged("its end is inside a row")) }
    }
}

fn damaged(what: &str) -> EngineError {
    EngineError::Internal(format!("the result's file is damaged: {what}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Row = Vec<Option<Vec<u8>>>;

    /// All rows with their places, read in pieces of `step` bytes.
    fn read(columns: usize, csv: &[u8], step: usize) -> Result<Vec<(u64, Row)>> {
        let (mut rows, mut all) = (Rows::new(columns, 0), Vec::new());
        for piece in csv.chunks(step) {
            rows.feed(piece, |at, cells| {
                all.push((at, cells.map(|cell| cell.map(<[u8]>::to_vec)).collect()));
                Ok(true)
            })?;
        }
        rows.finish().map(|()| all)
    }

    fn write(rows: &[Row]) -> Vec<u8> {
        let mut out = Vec::new();
        for row in rows {
            for (i, cell) in row.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                if let Some(cell) = cell {
                    out.push(b'"');
                    cell.iter().for_each(|&c| {
                        out.extend(if c == b'"' { &b"\"\""[..] } else { std::slice::from_ref(&c) })
                    });
                    out.push(b'"');
                }
            }
            out.push(b'\n');
        }
        out
    }

    #[test]
    fn null_and_empty_are_told_apart() {
        let csv = b"\"a\",\"b\"\n,\"\"\n\"\",\n\"x\r\n\"\"y\"\"\",\",\"\n";
        let some = |text: &str| Some(text.as_bytes().to_vec());
        let want = vec![
            (0, vec![some("a"), some("b")]),
            (8, vec![None, some("")]),
            (12, vec![some(""), None]),
            (16, vec![some("x\r\n\"y\""), some(",")]),
        ];
        for step in 1..csv.len() {
            assert_eq!(read(2, csv, step).unwrap(), want, "{step}");
        }
        assert_eq!(
            read(1, b"\"a\"\n\n\"\"\n", 3).unwrap(),
            [(0, vec![some("a")]), (4, vec![None]), (5, vec![some("")])]
        );
    }

    #[test]
    fn damage_is_an_error() {
        for csv in [
            "\"a\",\"b\"\n\"c",
            "\"a\",\"b\"\n\"c\"",
            "\"a\",\"b\"\n\"c\",",
            "\"a\"\n",
            "\n",
            "\"a\",\"b\",\n",
        ] {
            assert!(read(2, csv.as_bytes(), 2).is_err(), "{csv:?}");
        }
        let mut rows = Rows::new(1, 0);
        rows.feed(b"\"", |_, _| Ok(true)).unwrap();
        let chunk = vec![b'x'; 1 << 20];
        let result = (0..=MAX_ROW >> 20).try_for_each(|_| rows.feed(&chunk, |_, _| Ok(true)).map(drop));
        assert_eq!(result, Err(EngineError::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            rows in (1..4usize).prop_flat_map(|columns| {
                let cell = proptest::option::of(proptest::collection::vec(prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), any::<u8>()], 0..5));
                proptest::collection::vec(proptest::collection::vec(cell, columns), 1..6)
            }),
            step in 1..40usize,
        ) {
            let csv = write(&rows);
            let read = read(rows[0].len(), &csv, step).unwrap();
            prop_assert_eq!(read.iter().map(|(_, row)| row.clone()).collect::<Vec<_>>(), rows.clone());
            // Any row's place is a place to begin at.
            for (i, (at, _)) in read.iter().enumerate() {
                let again = self::read(rows[0].len(), &csv[*at as usize..], step).unwrap();
                prop_assert_eq!(again.into_iter().map(|(_, row)| row).collect::<Vec<_>>(), rows[i..].to_vec());
            }
        }
    }
}
