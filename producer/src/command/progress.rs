//! Progress bars: on a terminal only, and gone when done.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over bytes; a spinner if nobody knows how many.
pub(super) fn bytes(total: Option<u64>) -> ProgressBar {
    match total {
        Some(total) => styled(
            ProgressBar::new(total),
            "{bar:30} {bytes}/{total_bytes} {binary_bytes_per_sec}, {eta} left {msg}",
        ),
        None => styled(ProgressBar::new_spinner(), "{spinner} {bytes} {binary_bytes_per_sec} {msg}"),
    }
}

/// A bar over records.
pub(super) fn records(total: u64) -> ProgressBar {
    styled(ProgressBar::new(total), "{bar:30} {human_pos}/{human_len} records, {eta} left")
}

/// A bar over records that are sent; a spinner if nobody knows how many.
pub(super) fn sending(total: Option<u64>) -> ProgressBar {
    match total {
        Some(total) => styled(
            ProgressBar::new(total),
            "{bar:30} {human_pos}/{human_len} records, {per_sec}, {eta} left, {msg}",
        ),
        None => styled(ProgressBar::new_spinner(), "{spinner} {human_pos} records, {per_sec}, {msg}"),
    }
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
