//! Small containers that stand for much meet the limits. A binary and a thread of its own, as it measures memory.

use std::time::Instant;

use fidelog_codec::Limits;
use fidelog_fuzz::{bombs, decode_any};

#[test]
fn bombs_meet_the_limits() {
    let mut failed = Vec::new();
    for (what, bomb) in bombs::all() {
        let started = Instant::now();
        let limits = Limits { max_rows: 1 << 14, max_bytes: 1 << 20 };
        let result = std::panic::catch_unwind(|| decode_any::check(&bomb, &limits));
        let seconds = started.elapsed().as_secs_f64();
        eprintln!(
            "{what}: {} bytes, {seconds:.2} s, {}",
            bomb.len(),
            if result.is_ok() { "right" } else { "WRONG" }
        );
        // Milliseconds, really; other tests may be running.
        if result.is_err() || seconds > 5.0 {
            failed.push(what);
        }
    }
    assert_eq!(failed, Vec::<&str>::new());
}
