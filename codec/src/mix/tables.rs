//! The mixing coder's tables, made when the first model is: stored, they would be a tenth of a browser's module, and no
//! compressor makes them smaller.

use alloc::boxed::Box;

use once_cell::race::OnceBox;

use super::{
    logistic::{SQUASH_MAX, squash_table, stretch_table},
    slot::{TRUSTS, rate_table, trust_table},
};

/// All tables: 26 KiB, the same for all models.
pub(super) struct Tables {
    squash: [u16; 2 * SQUASH_MAX as usize + 2],
    stretch: [i16; 4096],
    rate: [u32; 1024],
    trust: [u8; 1024],
}

static TABLES: OnceBox<Tables> = OnceBox::new();

impl Tables {
    pub(super) fn get() -> &'static Self {
        TABLES.get_or_init(|| {
            Box::new(Tables {
                squash: squash_table(),
                stretch: stretch_table(),
                rate: rate_table(),
                trust: trust_table(),
            })
        })
    }

    /// The probability (16 bits, never 0 or 1) of a logistic value.
    #[inline(always)]
    pub(super) fn squash(&self, x: i32) -> u32 {
        let i = (x.clamp(-SQUASH_MAX, SQUASH_MAX) + SQUASH_MAX) as usize;
        u32::from(self.squash.get(i).copied().unwrap_or(1 << 15))
    }

    /// The logistic value of a probability of 12 bits.
    #[inline(always)]
    pub(super) fn stretch(&self, p12: u32) -> i32 {
        i32::from(self.stretch[(p12 & 4095) as usize])
    }

    /// How far a slot moves, in 1/65536, by its count.
    #[inline(always)]
    pub(super) fn rate(&self, count: u32) -> u32 {
        self.rate[(count & 1023) as usize]
    }

    /// How far to trust a slot, by its count: 0 (never seen) to 8.
    #[inline(always)]
    pub(super) fn trust(&self, slot: u32) -> usize {
        usize::from(self.trust[(slot & 1023) as usize]) & (TRUSTS - 1)
    }
}
