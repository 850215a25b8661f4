//! One context's candidate lists: a table of lines, each a mark and the ids last seen under its key.

use alloc::{vec, vec::Vec};

/// Lines of a mark and up to `size` ids plus 1, the most recent first.
#[derive(Debug)]
pub(super) struct Lists {
    width: usize,
    shift: u32,
    lines: Vec<u32>,
    /// The present row's line and mark.
    at: usize,
    mark: u32,
    /// Whether the line is the present key's.
    is_known: bool,
}

impl Lists {
    /// 2^`bits` lists of `size`; none if it is 0.
    pub(super) fn new(size: u8, bits: u8) -> Self {
        let width = usize::from(size) + 1;
        let lines = if size == 0 { Vec::new() } else { vec![0; width << bits] };
        Lists { width, shift: 32 - u32::from(bits.max(1)), lines, at: 0, mark: 0, is_known: false }
    }

    /// Bytes that [`Lists::new`] takes.
    pub(super) const fn memory(size: u8, bits: u8) -> usize {
        if size == 0 { 0 } else { (size as usize + 1) << bits << 2 }
    }

    /// Whether there are any.
    pub(super) const fn exist(&self) -> bool {
        self.width > 1
    }

    /// Finds a key's line; whether it is that key's.
    #[inline]
    pub(super) fn find(&mut self, key: u32) -> bool {
        self.at = (key >> self.shift) as usize * self.width;
        self.mark = key | 1;
        self.is_known = self.lines.get(self.at) == Some(&self.mark);
        self.is_known
    }

    /// The candidates for the present row, if there is a list; 0 stands for none.
    #[inline]
    pub(super) fn candidates(&self) -> &[u32] {
        if !self.is_known {
            return &[];
        }
        self.lines.get(self.at + 1..self.at + self.width).unwrap_or_default()
    }

    /// Reads the lines of some keys, so that they are near when their rows come.
    pub(super) fn touch(&self, keys: &[u32]) {
        let mark =
            |key: &u32| self.lines.get((key >> self.shift) as usize * self.width).copied().unwrap_or(0);
        core::hint::black_box(keys.iter().map(mark).fold(0, u32::wrapping_add));
    }

    /// Moves a value to the front of the present row's list.
    #[inline]
    pub(super) fn update(&mut self, value: u32) {
        let Some([mark, list @ ..]) = self.lines.get_mut(self.at..self.at + self.width) else { return };
        if !self.is_known {
            // Another key's list gives way.
            list.fill(0);
            *mark = self.mark;
            if let Some(first) = list.first_mut() {
                *first = value;
            }
            return;
        }
        if list.first() == Some(&value) {
            return;
        }
        if let Ok(list) = <&mut [u32; 7]>::try_from(&mut *list) {
            // The usual size, without a branch that depends on where the value stands.
            let mut carried = value;
            let mut is_placed = false;
            for slot in list {
                let before = *slot;
                *slot = if is_placed { before } else { carried };
                is_placed |= before == value;
                carried = before;
            }
            return;
        }
        let place = place(list, value);
        list.copy_within(0..place, 1);
        if let Some(first) = list.first_mut() {
            *first = value;
        }
    }
}

/// Where a value stands; the last place if nowhere.
fn place(list: &[u32], value: u32) -> usize {
    // Eight at once, without a branch between them.
    const STEP: usize = 8;
    let is_in = |part: &[u32]| part.iter().fold(false, |found, &v| found | (v == value));
    let step = list.chunks(STEP).position(is_in).unwrap_or(list.len() / STEP) * STEP;
    let last = list.len().saturating_sub(1);
    list.get(step..).and_then(|rest| rest.iter().position(|&v| v == value)).map_or(last, |at| step + at)
}
