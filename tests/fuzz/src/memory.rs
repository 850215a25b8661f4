//! How much memory a call takes.

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The result of a call, and the most bytes that it held at any time. Right only while no other thread allocates.
pub fn peak<T>(call: impl FnOnce() -> T) -> (T, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = call();
    (result, MEMORY.peak_usage().saturating_sub(before))
}
