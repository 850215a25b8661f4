//! How a block's columns are coded: in which order, each plain or ranked, under which contexts.

use alloc::{vec, vec::Vec};

use super::context::{Atom, Context};
use crate::encoding::Encoding;

/// How one column is coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ColumnPlan {
    /// Value by value, without a dictionary; the mixing coder looks at up to two earlier columns.
    Plain { contexts: Vec<Atom> },
    /// Distinct values and ids. The mixing coder codes a value's text under `text_context`'s value in its first row.
    Ranked { contexts: Vec<Context>, text_context: Option<u16> },
}

impl ColumnPlan {
    /// Ranked, without contexts.
    pub(crate) const fn bare() -> Self {
        ColumnPlan::Ranked { contexts: Vec::new(), text_context: None }
    }
}

/// How all columns of a block are coded; made once, used for many blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The skeletons' contexts.
    pub(crate) skeletons: Vec<Context>,
    /// All fields in the order in which they are coded.
    pub(crate) order: Vec<usize>,
    /// Each field's plan.
    pub(crate) columns: Vec<ColumnPlan>,
}

impl Plan {
    /// A plan without contexts, for batches too small to learn from.
    pub(crate) fn bare<'a>(encodings: impl Iterator<Item = &'a Encoding>) -> Self {
        let columns: Vec<ColumnPlan> = encodings.map(|_| ColumnPlan::bare()).collect();
        Plan {
            skeletons: Vec::new(),
            order: (0..columns.len()).collect(),
            columns: vec![ColumnPlan::bare(); columns.len()],
        }
    }
}
