//! Leaves out of records what their schema declares to be left out, before anything is made of them.

use std::{borrow::Cow, sync::Arc};

use fidelog_codec::{Schema, batch::Batch};

use crate::input::Records;

/// What is left of records under a schema; each keeps its position.
pub fn reduced<'a>(schema: &Schema, records: &'a Records) -> Cow<'a, Records> {
    let Some(reduction) = schema.reduction() else { return Cow::Borrowed(records) };
    let mut left = Records::starting_at(records.first);
    let mut scratch = Vec::new();
    for record in records.iter() {
        scratch.clear();
        reduction.apply(record, &mut scratch);
        left.push(&scratch);
    }
    Cow::Owned(left)
}

/// The columns of what is left of records.
pub fn batch(schema: &Arc<Schema>, records: &Records) -> Batch {
    Batch::split(schema, reduced(schema, records).iter())
}

/// What is left out under a schema, for people; nothing if nothing is.
pub fn sentence(schema: &Schema) -> Option<String> {
    let reduction = schema.reduction()?;
    Some(format!("lossy by request of the schema: {reduction}; all else comes back as it was sent"))
}
