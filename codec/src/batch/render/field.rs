//! How one field's values come to be spelled, each behind its *lead*: the end of the literal before the hole.
//!
//! A lead is kept with the spellings, so that both are copied at once; where a skeleton has another literal there, the
//! lead is skipped. Values are spelled, or found among those spelled before, for a group of rows at once.

use alloc::{vec, vec::Vec};
use core::ops::Range;

use super::{
    recent::Recent,
    sink::Sink,
    words::{NONE, Span, Words},
};
use crate::{
    batch::Batch,
    column::Column,
    encoding::{
        Encoding, Value, integer,
        timestamp::{self, ROOM},
    },
    error::Result,
    skeleton::no_such_value,
};

/// The longest lead.
const LEAD: usize = 28;

/// Rows in a group.
pub(super) const GROUP: usize = 64;

/// A field's lead and spellings.
#[derive(Debug)]
pub(super) struct Field<'b> {
    pub(super) lead: &'b [u8],
    /// The number of the group whose spans these are.
    pub(super) group: u64,
    spans: Vec<Span>,
    bytes: Vec<u8>,
    spelled: Spelled<'b>,
}

#[derive(Debug)]
enum Spelled<'b> {
    /// All distinct values.
    Strings {
        ids: &'b [u32],
        words: Words,
    },
    /// Both.
    Booleans {
        values: &'b [bool],
        valid: &'b [bool],
        words: Words,
    },
    Integers {
        values: &'b [i64],
        valid: &'b [bool],
        recent: Recent,
    },
    Numbers {
        values: &'b [f64],
        valid: &'b [bool],
        recent: Recent,
    },
    /// Instants, each spelled much like the one before.
    Instants {
        micros: &'b [i64],
        nanos: &'b [u16],
        valid: &'b [bool],
        last: timestamp::Last,
    },
    /// One by one, when it is written.
    Values,
}

impl<'b> Field<'b> {
    /// A field of which the first hole that was met has this literal before it. Its spelled words take at most `max`
    /// bytes, and as many are taken off.
    pub(super) fn new(batch: &'b Batch, field: usize, literal: &'b [u8], max: &mut usize) -> Self {
        let lead = literal.get(literal.len().saturating_sub(LEAD)..).unwrap_or_default();
        let mut bytes = Vec::new();
        match Spelled::new(batch, field, lead, &mut bytes, max) {
            Some(spelled) => Field { lead, group: 0, spans: vec![NONE; GROUP], bytes, spelled },
            None => {
                Field { lead: &[], group: 0, spans: Vec::new(), bytes: Vec::new(), spelled: Spelled::Values }
            }
        }
    }

    /// Finds the spellings of a group of rows.
    #[inline(never)]
    pub(super) fn begin(&mut self, batch: &Batch, field: usize, rows: Range<usize>, group: u64) {
        self.group = group;
        let (spans, bytes) = (self.spans.as_mut_slice(), &mut self.bytes);
        match &mut self.spelled {
            Spelled::Strings { ids, words } => words.spans(within(ids, &rows).iter().copied(), spans),
            Spelled::Booleans { values, valid, words } => {
                let values = within(values, &rows).iter().zip(within(valid, &rows));
                let ids = values.map(|(&value, &valid)| if valid { u32::from(value) } else { u32::MAX });
                words.spans(ids, spans);
            }
            Spelled::Integers { values, valid, recent } => {
                let values = within(values, &rows).iter().zip(within(valid, &rows));
                let values = values.map(|(&value, &valid)| valid.then_some(value as u64));
                recent.spans(values, spans, bytes, |bits, out| {
                    integer::render(bits as i64, out);
                    true
                });
            }
            Spelled::Numbers { values, valid, recent } => {
                let values = within(values, &rows).iter().zip(within(valid, &rows));
                let values = values.map(|(&value, &valid)| valid.then_some(value.to_bits()));
                recent.spans(values, spans, bytes, |bits, out| {
                    let value = Value::Number(f64::from_bits(bits));
                    spell(batch, field, value, out).is_some()
                });
            }
            Spelled::Instants { micros, nanos, valid, last } => {
                let values = within(micros, &rows).iter().zip(within(valid, &rows));
                let nanos = nanos.get(rows.clone()).unwrap_or_default();
                let rooms = bytes.as_chunks_mut::<ROOM>().0.iter_mut();
                for (i, ((span, (&micros, &valid)), room)) in
                    spans.iter_mut().zip(values).zip(rooms).enumerate()
                {
                    let len = if valid {
                        last.render(micros, nanos.get(i).copied().unwrap_or(0), room)
                    } else {
                        last.null(room)
                    };
                    *span = len.map_or(NONE, |len| ((i * ROOM) as u32, len as u32));
                }
            }
            Spelled::Values => {}
        }
    }

    /// Writes the value of a row, the `i`th of the group, its lead before it if the hole `is_led`.
    #[inline(always)]
    pub(super) fn put(&self, i: usize, is_led: bool, sink: &mut Sink<'_>) -> Option<Result<()>> {
        let skip = if is_led { 0 } else { self.lead.len() };
        match self.spans.get(i) {
            None | Some(&NONE) => None,
            Some(&(start, len)) => {
                Some(sink.put(&self.bytes, start as usize + skip, (len as usize).saturating_sub(skip)))
            }
        }
    }

    /// Writes the value of a row whose spelling was not found beforehand.
    #[cold]
    pub(super) fn put_alone(
        &mut self,
        batch: &Batch,
        field: usize,
        row: usize,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let done = match self.spelled {
            Spelled::Values => {
                self.bytes.clear();
                batch.value(field, row).and_then(|value| spell(batch, field, value, &mut self.bytes))
            }
            _ => None,
        };
        done.ok_or_else(|| no_such_value(field))?;
        sink.put(&self.bytes, 0, self.bytes.len())
    }
}

fn within<'a, T>(values: &'a [T], rows: &Range<usize>) -> &'a [T] {
    values.get(rows.clone()).unwrap_or_default()
}

fn spell(batch: &Batch, field: usize, value: Value<'_>, out: &mut Vec<u8>) -> Option<()> {
    batch.schema.fields().get(field)?.render(value, batch.schema.style(), out).then_some(())
}

impl<'b> Spelled<'b> {
    fn new(
        batch: &'b Batch,
        field: usize,
        lead: &[u8],
        bytes: &mut Vec<u8>,
        max: &mut usize,
    ) -> Option<Self> {
        let declared = batch.schema.fields().get(field)?;
        let encoding = &declared.encoding;
        Some(match batch.columns.get(field)? {
            Column::Strings { dictionary, ids } => {
                let words = Words::new(bytes, lead, dictionary.len(), *max, |i, out| {
                    spell(batch, field, Value::Bytes(dictionary.get(i)?), out)
                })?;
                *max = max.saturating_sub(bytes.len());
                Spelled::Strings { ids, words }
            }
            Column::Booleans { values, valid } => {
                let words = Words::new(bytes, lead, 2, usize::MAX, |i, out| {
                    spell(batch, field, Value::Boolean(i == 1), out)
                })?;
                Spelled::Booleans { values, valid, words }
            }
            Column::Integers { values, valid } if *encoding == Encoding::Integer => {
                Spelled::Integers { values, valid, recent: Recent::new(lead, values.len()) }
            }
            Column::Numbers { values, valid } => {
                Spelled::Numbers { values, valid, recent: Recent::new(lead, values.len()) }
            }
            Column::Timestamps { micros, nanos, valid } => match encoding {
                // Inside a string, escapes may be longer than any instant.
                Encoding::Timestamp { pattern } if declared.depth() == 0 => {
                    let last = timestamp::Last::new(*pattern, lead)?;
                    // What is behind the last spelling may be copied with it.
                    *bytes = vec![0; (GROUP + 2) * ROOM];
                    Spelled::Instants { micros, nanos, valid, last }
                }
                _ => return None,
            },
            Column::Integers { .. } => return None,
        })
    }
}
