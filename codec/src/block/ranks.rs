//! A ranked column's ids as bytes: 0 a new id, then the position among the candidates, then an escape to what is far.

use alloc::{vec, vec::Vec};

use super::{
    context::{ABSENT, Context},
    model::{Far, Ids, Model},
    recency::Recency,
};
use crate::{
    error::{Kind, Result},
    mix::Candidates,
    wire::{Reader, put_varint},
};

/// Candidates that a byte can name.
const MOST: u32 = 250;
/// The code of a value that the escapes tell.
const ESCAPE: u8 = 255;
/// First recency rank that is an escape where there are no lists.
const FAR: u32 = 254;

/// Streams of codes: one for each first list that is the row's key's, the last for all further ones.
pub(super) const MOST_STREAMS: usize = 3;

/// How many streams of codes a column with these contexts has.
pub(super) fn streams(contexts: &[Context]) -> usize {
    contexts.len().clamp(1, MOST_STREAMS)
}

/// The codes' streams, and last the escapes.
pub(super) fn encode(contexts: &[Context], columns: &[Ids], ids: &[u32]) -> Vec<Vec<u8>> {
    if contexts.is_empty() {
        return recency_ranks(ids);
    }
    let mut model = Model::new(contexts, columns, Far::Distance);
    let n = streams(contexts);
    let mut codes = vec![Vec::new(); n];
    if let [one] = codes.as_mut_slice() {
        one.reserve(ids.len());
    }
    let mut escapes = Vec::new();
    let mut new = 0;
    for (row, &id) in ids.iter().enumerate().filter(|(_, id)| **id != ABSENT) {
        model.begin(row);
        let code = if id == new {
            new += 1;
            0
        } else if let Some(position) = model.position(id, MOST) {
            position as u8 + 1
        } else {
            put_varint(&mut escapes, u64::from(model.far(id)));
            ESCAPE
        };
        if let Some(codes) = codes.get_mut(model.first().min(n - 1)) {
            codes.push(code);
        }
        model.update(id);
    }
    codes.push(escapes);
    codes
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
    let mut ids = Vec::with_capacity(rows);
    let mut new = 0u32;
    let mut next = |id: Option<u32>, reader: &Reader<'_>| {
        let id = id.ok_or_else(|| reader.fail(Kind::Malformed, "a value used before expected"))?;
        if id as usize >= distinct {
            return Err(reader.fail(Kind::Malformed, "no more new values than declared expected"));
        }
        new += u32::from(id == new);
        Ok(id)
    };
    if let ([], [codes]) = (contexts, &mut *codes) {
        let mut recency = Recency::new(coded);
        let mut uses = Vec::with_capacity(coded);
        for row in 0..rows {
            if !is_coded(row) {
                ids.push(ABSENT);
                continue;
            }
            let rank = match codes.byte()? {
                0 => None,
                ESCAPE => Some(u32::try_from(escapes.varint()?).unwrap_or(u32::MAX).saturating_add(FAR)),
                code => Some(u32::from(code) - 1),
            };
            let id = match rank {
                None => Some(recency.known()),
                Some(rank) => recency.select(rank).and_then(|place| uses.get(place as usize).copied()),
            };
            let id = next(id, codes)?;
            recency.touch(id);
            uses.push(id);
            ids.push(id);
        }
    } else {
        // Without escapes nobody asks for a distance.
        let far = if escapes.is_done() { Far::Unasked } else { Far::Distance };
        let mut model = Model::new(contexts, columns, far);
        let last = codes.len().saturating_sub(1);
        for row in 0..rows {
            if !is_coded(row) {
                ids.push(ABSENT);
                continue;
            }
            model.begin(row);
            let Some(reader) = codes.get_mut(model.first().min(last)) else {
                return Err(escapes.fail(Kind::Malformed, "codes expected"));
            };
            let id = match reader.byte()? {
                0 => Some(model.known()),
                ESCAPE => model.at(u32::try_from(escapes.varint()?).unwrap_or(u32::MAX)),
                code => model.candidate(u32::from(code) - 1),
            };
            let id = next(id, reader)?;
            model.update(id);
            ids.push(id);
        }
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
