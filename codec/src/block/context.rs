//! What a ranked column's candidate lists are keyed by.

/// The id of a row that a column does not code: its skeleton has no hole for the field.
pub(crate) const ABSENT: u32 = u32::MAX;

/// Something known of a row before a column's value is: 0 where there is nothing, else an id plus 1.
///
/// Columns are numbered as in the block: 0 is the skeletons, `n + 1` is field `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Atom {
    /// The same for every row.
    Always,
    /// This column's last value.
    Last,
    /// An earlier column's value in this row.
    Value(u16),
    /// This column's value on the last row where an earlier column had the same value as in this row.
    Previous(u16),
}

impl Atom {
    /// The earlier column that it looks at.
    pub(crate) const fn column(self) -> Option<u16> {
        match self {
            Atom::Value(column) | Atom::Previous(column) => Some(column),
            Atom::Always | Atom::Last => None,
        }
    }
}

/// One or two atoms, and the list that belongs to each of their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) first: Atom,
    pub(crate) second: Option<Atom>,
    /// How many candidates a list keeps; 0: no lists, the mixing coder alone uses the context.
    pub(crate) size: u8,
    /// Binary logarithm of the number of lists: 1 to [`MAX_BITS`].
    pub(crate) bits: u8,
}

/// Most candidates in a list.
pub(crate) const MAX_SIZE: u8 = 63;

/// Most contexts of a column, those without lists included.
pub(crate) const MAX_CONTEXTS: usize = 8;

/// Most lists of a context: 2^16.
pub(crate) const MAX_BITS: u8 = 16;

/// Stands for the second atom's value where there is none.
pub(crate) const NO_SECOND: u32 = 0x5bd1;

// A key is finish(first · FIRST + second · SECOND).
pub(crate) const FIRST: u32 = 0x85eb_ca6b;
pub(crate) const SECOND: u32 = 0xc2b2_ae35;

/// Spreads a sum to 32 even bits.
#[inline]
pub(crate) const fn finish(sum: u32) -> u32 {
    let x = (sum ^ (sum >> 16)).wrapping_mul(0x7feb_352d);
    let x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

impl Context {
    /// A context with lists; how many, is seen when they are used.
    pub(crate) const fn listed(first: Atom, second: Option<Atom>, size: u8) -> Self {
        Context { first, second, size, bits: MAX_BITS }
    }

    /// With no more lists than so many rows need.
    pub(crate) fn fitted(self, rows: usize) -> Self {
        let wanted = (usize::BITS - (rows.max(16) - 1).leading_zeros()) as u8;
        let most = match self.size {
            0..=7 => 15,
            8..=15 => 14,
            _ => 10,
        };
        Context { bits: self.bits.min(wanted).min(most), ..self }
    }
}
