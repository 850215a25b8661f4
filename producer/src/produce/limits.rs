//! What one call takes, and what it costs.

/// Most entries in one call.
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html>
pub const MAX_ENTRIES: usize = 500;

/// Most bytes in one call, keys counted. (AWS has raised its limit since to 10 MiB; this much is safe everywhere.)
pub const MAX_CALL: usize = 5 << 20;

/// A billed unit of a provisioned stream, in bytes.
/// <https://aws.amazon.com/kinesis/data-streams/pricing/>
pub const PUT_UNIT: usize = 25_000;

/// What an entry of so many bytes is billed as.
pub const fn put_units(bytes: usize) -> u64 {
    let units = bytes.div_ceil(PUT_UNIT);
    if units == 0 { 1 } else { units as u64 }
}

/// How many of the entries, by their sizes, one call takes; at least one if there is any.
pub fn cut(sizes: impl IntoIterator<Item = usize>) -> usize {
    let mut bytes = 0usize;
    let fits = |(i, size): &(usize, usize)| {
        bytes = bytes.saturating_add(*size);
        *i == 0 || (*i < MAX_ENTRIES && bytes <= MAX_CALL)
    };
    sizes.into_iter().enumerate().take_while(fits).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cut_is_as_long_as_the_limits_allow(sizes in prop::collection::vec(0usize..40_000, 0..1_200)) {
            let n = cut(sizes.iter().copied());
            let bytes = |n: usize| sizes[..n].iter().sum::<usize>();
            prop_assert!(n <= MAX_ENTRIES && bytes(n) <= MAX_CALL);
            prop_assert!(n == sizes.len() || n == MAX_ENTRIES || bytes(n + 1) > MAX_CALL);
        }
    }

    #[test]
    fn one_entry_always_goes() {
        assert_eq!(cut([MAX_CALL + 1, 1]), 1);
        assert_eq!(cut([MAX_CALL, 0, 1]), 2);
        assert_eq!(cut([]), 0);
    }

    #[test]
    fn units_are_started_ones() {
        assert_eq!([0, 1, 25_000, 25_001].map(put_units), [1, 1, 1, 2]);
    }
}
