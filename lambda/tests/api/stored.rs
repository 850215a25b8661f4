//! Records in columns as the table stores them, and as `SELECT *` gets them.

use fidelog_codec::{
    Schema,
    batch::Batch,
    column::{Column, NULL},
    encoding::Encoding,
};
use fidelog_lambda::engine::{Kind, Typed};

/// The columns of a batch that is written under a version of the table's schema, of which this is the newest.
pub fn columns(batch: &Batch, newest: &Schema, version: u32) -> Vec<Typed> {
    let rows = batch.rows();
    let stored = newest.fields().iter().enumerate().map(|(i, field)| {
        let kind = match field.encoding {
            Encoding::Integer => Kind::Bigint,
            Encoding::Number { .. } => Kind::Double,
            Encoding::Boolean => Kind::Boolean,
            Encoding::Timestamp { .. } => Kind::Timestamp,
            Encoding::Hex { .. } | Encoding::Uuid { .. } => Kind::Varbinary,
            Encoding::Text | Encoding::Json => Kind::Varchar,
        };
        Typed { kind, values: batch.columns().get(i).cloned().unwrap_or_else(|| nulls(kind, rows)) }
    });
    let mut columns: Vec<Typed> = stored.collect();
    let versions = Column::Integers { values: vec![version.into(); rows], valid: vec![true; rows] };
    let skeletons = batch.skeletons();
    let skeletons = Column::Strings { dictionary: skeletons.dictionary.clone(), ids: skeletons.ids.clone() };
    columns.push(Typed { kind: Kind::Bigint, values: versions });
    columns.push(Typed { kind: Kind::Varbinary, values: skeletons });
    columns
}

fn nulls(kind: Kind, rows: usize) -> Column {
    let valid = vec![false; rows];
    match kind {
        Kind::Bigint => Column::Integers { values: vec![0; rows], valid },
        Kind::Timestamp => Column::Timestamps { micros: vec![0; rows], nanos: vec![], valid },
        Kind::Double => Column::Numbers { values: vec![0.0; rows], valid },
        Kind::Boolean => Column::Booleans { values: vec![false; rows], valid },
        _ => Column::Strings { dictionary: Default::default(), ids: vec![NULL; rows] },
    }
}
