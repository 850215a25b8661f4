//! Reads records ahead in a thread of its own, which may wait for its input as long as it likes.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::Origin;
use crate::{
    error::Result,
    input::{Bounds, Reader, Records},
    sample::Sampler,
};

/// Records that come.
pub struct Feed(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Since when so many records a second may come.
    pace: Option<(Instant, u32)>,
}

struct State {
    waiting: Records,
    read: u64,
    bounds: Bounds,
    ended: Option<Result<()>>,
    stopped: bool,
}

impl State {
    fn is_full(&self) -> bool {
        self.waiting.len() >= self.bounds.records || self.waiting.bytes() >= self.bounds.bytes
    }
}

impl Feed {
    /// Begins to read, not more than `rate` records a second.
    pub fn start(from: Origin, rate: Option<u32>) -> Self {
        let bounds = Bounds { records: 1, bytes: 1 };
        let state = State { waiting: Records::default(), read: 0, bounds, ended: None, stopped: false };
        let pace = rate.map(|rate| (Instant::now(), rate));
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new(), pace });
        let feed = Feed(Arc::clone(&shared));
        // Never joined: it may wait for a terminal or a pipe for ever.
        thread::spawn(move || {
            let ended = read(from, &shared);
            let mut state = shared.lock();
            state.ended.get_or_insert(ended);
            shared.changed.notify_all();
        });
        feed
    }

    /// The next records: as many as the bounds say, or what came within `linger` after the first one; `None` at the end.
    pub fn take(&self, bounds: Bounds, linger: Duration) -> Result<Option<Records>> {
        let Shared { changed, .. } = &*self.0;
        let mut state = self.0.lock();
        state.bounds = bounds;
        changed.notify_all();
        let mut until = None;
        while !state.is_full() && state.ended.is_none() && !state.stopped {
            if state.waiting.is_empty() {
                state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let until = *until.get_or_insert_with(|| Instant::now() + linger);
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.waiting.is_empty() {
            return state.ended.take().unwrap_or(Ok(())).map(|()| None);
        }
        let next = state.waiting.first + state.waiting.len() as u64;
        let taken = std::mem::take(&mut state.waiting);
        state.waiting.first = next;
        changed.notify_all();
        Ok(Some(taken))
    }

    /// Reads no more; what was read can still be taken.
    pub fn stop(&self) {
        self.0.lock().stopped = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a record, once there is room; `false` if nobody wants it.
    fn push(&self, record: &[u8]) -> bool {
        let mut state = self.lock();
        if let Some((since, rate)) = self.pace {
            let due = since + Duration::from_secs_f64(state.read as f64 / f64::from(rate.max(1)));
            while !state.stopped && due > Instant::now() {
                let left = due.saturating_duration_since(Instant::now());
                state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
        state.read += 1;
        while state.is_full() && !state.stopped {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped {
            return false;
        }
        state.waiting.push(record);
        if state.waiting.len() == 1 || state.is_full() {
            self.changed.notify_all();
        }
        true
    }
}

fn read(from: Origin, shared: &Shared) -> Result<()> {
    match from {
        Origin::Sample(count, seed) => {
            let mut sampler = Sampler::new(seed);
            let mut record = Vec::new();
            for _ in 0..count {
                record.clear();
                sampler.record_into(&mut record);
                if !shared.push(&record) {
                    break;
                }
            }
        }
        Origin::Files(inputs, format) => {
            let one = Bounds { records: 1, bytes: usize::MAX };
            let mut records = Records::default();
            for input in inputs {
                let mut reader = Reader::open(input, format)?;
                loop {
                    reader.fill(&mut records, one)?;
                    let Some(record) = records.iter().next() else { break };
                    if !shared.push(record) {
                        return Ok(());
                    }
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use fidelog_codec::framing::Format;

    use super::*;
    use crate::input::Input;

    fn bounds(records: usize, bytes: usize) -> Bounds {
        Bounds { records, bytes }
    }

    #[test]
    fn files_follow_each_other_with_one_count() {
        let mut files = Vec::new();
        for text in ["a\nbb\n", "ccc\n"] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            files.push(file);
        }
        let inputs = files.iter().map(|file| Input::File(file.path().into())).collect();
        let feed = Feed::start(Origin::Files(inputs, Format::Lines), None);
        let mut all = Vec::new();
        while let Some(records) = feed.take(bounds(2, 100), Duration::from_secs(60)).unwrap() {
            assert!(records.len() <= 2);
            assert_eq!(records.first, all.len() as u64);
            all.extend(records.iter().map(<[u8]>::to_vec));
        }
        assert_eq!(all, [b"a".as_slice(), b"bb", b"ccc"]);
        let missing =
            Feed::start(Origin::Files(vec![Input::File("no such file".into())], Format::Lines), None);
        assert!(missing.take(bounds(2, 100), Duration::ZERO).is_err());
    }

    #[test]
    fn a_slow_input_is_not_waited_for_longer_than_said() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let fifo = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
        let feed = Feed::start(Origin::Files(vec![Input::File(fifo.into())], Format::Lines), None);
        writer.write_all(b"a\nb\n").unwrap();
        let records = feed.take(bounds(100, 1000), Duration::from_millis(300)).unwrap().unwrap();
        assert_eq!(records.len(), 2);
        writer.write_all(b"c\n").unwrap();
        std::thread::sleep(Duration::from_millis(100));
        feed.stop();
        let rest = feed.take(bounds(100, 1000), Duration::from_secs(60)).unwrap().unwrap();
        assert_eq!((rest.first, rest.len()), (2, 1));
        assert!(feed.take(bounds(1, 1), Duration::ZERO).unwrap().is_none());
    }

    #[test]
    fn no_more_than_the_rate() {
        let began = Instant::now();
        let feed = Feed::start(Origin::Sample(101, 3), Some(200));
        while feed.take(bounds(7, 1000), Duration::from_secs(60)).unwrap().is_some() {}
        assert!(began.elapsed() >= Duration::from_millis(500));
    }

    #[test]
    fn a_sample_is_the_same_however_it_is_taken() {
        let feed = Feed::start(Origin::Sample(100, 3), None);
        let mut all = Vec::new();
        while let Some(records) = feed.take(bounds(7, 1000), Duration::from_secs(60)).unwrap() {
            all.extend(records.iter().map(<[u8]>::to_vec));
        }
        assert_eq!(all, Sampler::new(3).take(100).collect::<Vec<_>>());
    }
}
