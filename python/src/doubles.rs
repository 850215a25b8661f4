//! Doubles that JSON has no numbers for: a query's rows spell them as text, which no number column takes.

use std::collections::{BTreeMap, HashMap};

use fidelog_codec::{
    Block, Limits,
    batch::Batch,
    column::{Column, NULL},
    encoding::Encoding,
    error::Result,
    record::{Members, Step},
};

/// `NaN` and the infinities in a payload's number columns, by batch and field: their rows, ascending, and values.
#[derive(Default)]
pub struct Doubles(BTreeMap<(usize, usize), Vec<(usize, f64)>>);

impl Doubles {
    /// Those of a query's rows. In records the same text is a misfit, as any other.
    pub fn of(block: &Block) -> Result<Self> {
        let mut doubles = Doubles::default();
        for (i, batch) in block.batches().iter().enumerate() {
            doubles.add(i, batch)?;
        }
        Ok(doubles)
    }

    fn add(&mut self, i: usize, batch: &Batch) -> Result<()> {
        let columns: HashMap<&[u8], (usize, &[bool])> = numbers(batch).collect();
        if columns.is_empty() {
            return Ok(());
        }
        let (mut renderer, mut record) = (batch.renderer(), Vec::new());
        for (row, &skeleton) in batch.skeletons().ids.iter().enumerate() {
            // A value that is not in its column is in the skeleton, which is then no default one.
            let is_missing = |valid: &[bool]| valid.get(row) == Some(&false);
            if skeleton == NULL || !columns.values().any(|(_, valid)| is_missing(valid)) {
                continue;
            }
            record.clear();
            renderer.join_into(row..row + 1, &[], Limits::default().max_bytes, &mut record)?;
            for (key, value) in members(&record) {
                let column = columns.get(key).filter(|(_, valid)| is_missing(valid));
                if let (Some(&(field, _)), Some(value)) = (column, spelled(value)) {
                    self.0.entry((i, field)).or_default().push((row, value));
                }
            }
        }
        Ok(())
    }

    /// Whether a column has any.
    pub fn has(&self, batch: usize, field: usize) -> bool {
        self.0.contains_key(&(batch, field))
    }

    /// The one in a row.
    pub fn get(&self, batch: usize, field: usize, row: usize) -> Option<f64> {
        let rows = self.0.get(&(batch, field))?;
        let at = rows.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        rows.get(at).map(|(_, value)| *value)
    }
}

/// The number columns that lack values, by their keys.
fn numbers(batch: &Batch) -> impl Iterator<Item = (&[u8], (usize, &[bool]))> {
    let fields = batch.schema().fields().iter().take(batch.declared()).zip(batch.columns()).enumerate();
    fields.filter_map(|(i, (field, column))| match (&field.encoding, field.path.as_slice(), column) {
        (Encoding::Number { .. }, [key], Column::Numbers { valid, .. }) if valid.contains(&false) => {
            Some((key.as_bytes(), (i, valid.as_slice())))
        }
        _ => None,
    })
}

/// A record's members: keys as they are spelled, and values.
fn members(record: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut members = Members::new(record);
    std::iter::from_fn(move || {
        let members = members.as_mut()?;
        let Step::Key(key) = members.step() else { return None };
        Some((record.get(key)?, record.get(members.value()?)?))
    })
}

fn spelled(value: &[u8]) -> Option<f64> {
    match value {
        b"\"NaN\"" => Some(f64::NAN),
        b"\"Infinity\"" => Some(f64::INFINITY),
        b"\"-Infinity\"" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// As SQL spells it.
pub const fn text(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}
