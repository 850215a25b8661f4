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
}

/// Most candidates in a list.
pub(crate) const MAX_SIZE: u8 = 63;

/// Most contexts of a column, those without lists included.
pub(crate) const MAX_CONTEXTS: usize = 8;

/// Stands for the second atom where there is none.
const NO_SECOND: u32 = 0x5bd1;

/// Mixes two values to 32 even bits.
#[inline]
pub(crate) const fn mix(a: u32, b: u32) -> u32 {
    let mut x = a.wrapping_mul(0x85eb_ca6b).wrapping_add(b.wrapping_mul(0xc2b2_ae35));
    x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

impl Context {
    /// Binary logarithm of the number of lists in a block of so many rows.
    pub(crate) const fn table_bits(self, rows: usize) -> u32 {
        let rows = if rows < 16 { 16 } else { rows };
        let wanted = usize::BITS - (rows - 1).leading_zeros();
        let most = match self.size {
            0..=7 => 15,
            8..=15 => 14,
            _ => 10,
        };
        if wanted < most { wanted } else { most }
    }

    /// The key of a row, given its atoms' values.
    #[inline]
    pub(crate) const fn key(first: u32, second: Option<u32>) -> u32 {
        mix(
            first,
            match second {
                Some(second) => second,
                None => NO_SECOND,
            },
        )
    }
}
