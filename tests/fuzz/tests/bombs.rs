//! Small containers that stand for much meet the limits. A binary of its own, as it measures memory.

use std::{panic, sync::Mutex, time::Instant};

use fidelog_codec::Limits;
use fidelog_fuzz::{
    bombs::{self, Bomb},
    decode_any,
};

/// One at a time: memory is counted for the whole process.
static ALONE: Mutex<()> = Mutex::new(());

fn meet_the_limits(bombs: Vec<Bomb>) {
    let _alone = ALONE.lock();
    let mut failed = Vec::new();
    for (what, bomb) in bombs {
        let started = Instant::now();
        let limits = Limits { max_rows: 1 << 14, max_bytes: 1 << 20 };
        let result = panic::catch_unwind(|| decode_any::check(&bomb, &limits));
        let seconds = started.elapsed().as_secs_f64();
        eprintln!("{what}: {} bytes, {seconds:.2} s", bomb.len());
        // Milliseconds, really; other tests may be running.
        if result.is_err() || seconds > 5.0 {
            failed.push(what);
        }
    }
    assert_eq!(failed, Vec::<&str>::new());
}

#[test]
fn rows_meet_the_limits() {
    meet_the_limits(bombs::rows());
}

#[test]
fn headers_meet_the_limits() {
    meet_the_limits(bombs::headers());
}
