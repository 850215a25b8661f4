//! A ranked column's ids as bytes: 0 a new id, then the position in the candidates, then an escape to the recency rank.

use alloc::{vec, vec::Vec};

use super::{
    context::{ABSENT, Context},
    model::{Ids, Model},
    recency::Recency,
};
use crate::{
    error::{Kind, Result},
    wire::{Reader, put_varint},
};

/// Candidates that a byte can name.
const MOST: u32 = 250;
/// The code of a recency rank that stands in the escapes.
const ESCAPE: u8 = 255;
/// First rank that is an escape where there are no lists.
const FAR: u32 = 254;

/// Streams of codes: one for each first list that is not empty, the last for all further ones.
pub(super) const MOST_STREAMS: usize = 3;

/// How many streams of codes a column with these contexts has.
pub(super) fn streams(contexts: &[Context]) -> usize {
    contexts.iter().filter(|c| c.size > 0).count().clamp(1, MOST_STREAMS)
}

/// The codes' streams, and last the escapes.
pub(super) fn encode(contexts: &[Context], columns: &[Ids], ids: &[u32]) -> Vec<Vec<u8>> {
    let coded = ids.iter().filter(|&&id| id != ABSENT).count();
    let mut model = Model::new(contexts, columns, coded, false);
    if !model.has_lists() {
        return recency_ranks(ids);
    }
    let n = streams(contexts);
    let mut codes = vec![Vec::new(); n];
    if let [one] = codes.as_mut_slice() {
        one.reserve(ids.len());
    }
    let mut escaped = Vec::new();
    let mut new = 0;
    for (row, &id) in ids.iter().enumerate().filter(|(_, id)| **id != ABSENT) {
        model.begin(row);
        let stream = if n > 1 { model.first().min(n - 1) } else { 0 };
        let code = if id == new {
            new += 1;
            0
        } else if model.front() == Some(id) {
            1
        } else {
            let mut at = 0;
            let found = model.visit(MOST, |position, candidate| {
                at = position;
                candidate == id
            });
            if found.is_none() {
                escaped.push(row);
            }
            found.map_or(ESCAPE, |_| at as u8 + 1)
        };
        if let Some(codes) = codes.get_mut(stream) {
            codes.push(code);
        }
        model.update(id);
    }
    codes.push(escapes(ids, &escaped));
    codes
}

/// The recency ranks of some rows.
fn escapes(ids: &[u32], rows: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    let Some(&last) = rows.last() else { return out };
    let mut rows = rows.iter().peekable();
    let mut recency = Recency::new(ids.len());
    for (row, &id) in ids.iter().enumerate().take(last + 1).filter(|(_, id)| **id != ABSENT) {
        if rows.next_if_eq(&&row).is_some() {
            put_varint(&mut out, u64::from(recency.rank(id)));
        }
        recency.touch(id);
    }
    out
}

/// The codes and escapes of a column without lists.
fn recency_ranks(ids: &[u32]) -> Vec<Vec<u8>> {
    let (mut codes, mut escapes) = (Vec::with_capacity(ids.len()), Vec::new());
    let mut recency = Recency::new(ids.len());
    let mut new = 0;
    for &id in ids.iter().filter(|&&id| id != ABSENT) {
        codes.push(if id == new {
            new += 1;
            0
        } else {
            match recency.rank(id) {
                rank @ ..FAR => rank as u8 + 1,
                rank => {
                    put_varint(&mut escapes, u64::from(rank - FAR));
                    ESCAPE
                }
            }
        });
        recency.touch(id);
    }
    vec![codes, escapes]
}

/// The inverse of [`encode`]: `distinct` ids, each used at least once, in `coded` of `rows` rows, those of `is_coded`.
pub(super) fn decode(
    contexts: &[Context],
    columns: &[Ids],
    codes: &mut [Reader<'_>],
    escapes: &mut Reader<'_>,
    distinct: usize,
    (rows, coded): (usize, usize),
    is_coded: impl Fn(usize) -> bool,
) -> Result<Vec<u32>> {
    // Without escapes nobody asks for a recency rank.
    let has_lists = contexts.iter().any(|c| c.size > 0);
    let mut model = Model::new(contexts, columns, coded, !has_lists || !escapes.is_done());
    let n = codes.len();
    let mut ids = Vec::with_capacity(rows);
    let mut new = 0u32;
    for row in 0..rows {
        if !is_coded(row) {
            ids.push(ABSENT);
            continue;
        }
        model.begin(row);
        let stream = if n > 1 { model.first().min(n - 1) } else { 0 };
        let Some(reader) = codes.get_mut(stream) else {
            return Err(escapes.fail(Kind::Malformed, "codes expected"));
        };
        let id = match reader.byte()? {
            0 => {
                new += 1;
                Some(new - 1)
            }
            ESCAPE => {
                let far = escapes.varint()?.saturating_add(if has_lists { 0 } else { u64::from(FAR) });
                model.id_of(u32::try_from(far).unwrap_or(u32::MAX))
            }
            1 if has_lists => model.front(),
            code if has_lists => {
                let wanted = u32::from(code) - 1;
                model.visit(MOST, |position, _| position == wanted)
            }
            code => model.id_of(u32::from(code) - 1),
        };
        let id =
            id.ok_or_else(|| reader.fail(Kind::Malformed, "the rank of a value used before expected"))?;
        if id as usize >= distinct {
            return Err(reader.fail(Kind::Malformed, "no more new values than declared expected"));
        }
        model.update(id);
        ids.push(id);
    }
    if new as usize != distinct {
        return Err(escapes.fail(Kind::Malformed, "as many new values as declared expected"));
    }
    for reader in codes.iter().chain([&*escapes]) {
        if !reader.is_done() {
            return Err(reader.fail(Kind::Malformed, "one code a row expected"));
        }
    }
    Ok(ids)
}
