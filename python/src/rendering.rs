//! A block's records rendered some at a time, and ahead of who asks for them.

use std::{
    mem, process,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, sync_channel},
    },
    thread,
};

use fidelog_codec::{
    Error,
    error::{Kind, Result, Stage},
};

/// Records that are rendered before a thread is begun for the others: the first is there at once, and few need none.
const FIRST: usize = 256;

/// Most records, and about most bytes, that are rendered at a time. Up to three such chunks are there at once.
const MOST_RECORDS: usize = 1 << 15;
const MOST_BYTES: usize = 2 << 20;

/// Records of a block in chunks.
pub struct Rendering {
    source: Source,
    ahead: Option<Ahead>,
}

/// Rendered records, each followed by a newline.
#[derive(Default)]
pub struct Chunk {
    pub bytes: Vec<u8>,
    /// Where each record ends and its newline stands.
    pub ends: Vec<usize>,
}

/// Records that are still to be rendered.
#[derive(Clone)]
struct Source {
    block: Arc<fidelog_codec::Block>,
    /// The first of them.
    next: usize,
    /// What they may weigh without newlines.
    left: usize,
}

/// A thread that renders ahead.
struct Ahead {
    /// Locked by no one: a Python class has to be `Sync`. There until it is dropped.
    chunks: Option<Mutex<Receiver<Result<Chunk>>>>,
    /// The process that it lives in: a fork has no threads.
    process: u32,
}

impl Rendering {
    pub fn new(block: &Arc<fidelog_codec::Block>, max_bytes: usize) -> Self {
        Rendering { source: Source { block: Arc::clone(block), next: 0, left: max_bytes }, ahead: None }
    }

    /// The next chunk; `None` if no record is left, or after an error.
    pub fn next(&mut self) -> Result<Option<Chunk>> {
        if self.source.is_done() {
            return Ok(None);
        }
        let chunk = self.rendered();
        match &chunk {
            Ok(chunk) => self.source.pass(chunk),
            Err(_) => self.source.next = usize::MAX,
        }
        chunk.map(Some)
    }

    fn rendered(&mut self) -> Result<Chunk> {
        if self.source.next == 0 {
            return self.source.chunk(FIRST);
        }
        if self.ahead.as_ref().is_none_or(Ahead::is_elsewhere) {
            self.ahead = Ahead::begin(self.source.clone());
        }
        let chunks = self.ahead.as_mut().and_then(|ahead| ahead.chunks.as_mut()?.get_mut().ok());
        let chunk = chunks.and_then(|chunks| chunks.recv().ok());
        chunk.unwrap_or_else(|| self.source.chunk(MOST_RECORDS))
    }
}

impl Chunk {
    /// What the records weigh without newlines.
    fn records_bytes(&self) -> usize {
        self.bytes.len() - self.ends.len()
    }
}

impl Source {
    fn is_done(&self) -> bool {
        self.next >= self.block.rows()
    }

    /// Leaves out what a chunk holds.
    fn pass(&mut self, chunk: &Chunk) {
        self.next += chunk.ends.len();
        self.left = self.left.saturating_sub(chunk.records_bytes());
    }

    /// Renders the records, at most so many at a time, until `deliver` wants no more. After an error there are none.
    fn render(mut self, most: usize, mut deliver: impl FnMut(Result<Chunk>) -> bool) {
        let block = Arc::clone(&self.block);
        let mut first = 0;
        for batch in block.batches() {
            let end = first + batch.rows();
            let mut renderer = (self.next < end).then(|| batch.renderer());
            while let Some(renderer) = renderer.as_mut().filter(|_| self.next < end) {
                let mut chunk = Chunk::default();
                let mut failed = None;
                for row in self.next - first..(end.min(self.next.saturating_add(most))) - first {
                    let left = self.left.saturating_add(chunk.ends.len());
                    if let Err(error) = renderer.join_into(row..row + 1, &[], left, &mut chunk.bytes) {
                        failed = Some(over(error));
                        break;
                    }
                    chunk.ends.push(chunk.bytes.len());
                    chunk.bytes.push(b'\n');
                    if chunk.bytes.len() >= MOST_BYTES {
                        break;
                    }
                }
                self.pass(&chunk);
                if !chunk.ends.is_empty() && !deliver(Ok(chunk)) {
                    return;
                }
                if let Some(error) = failed {
                    deliver(Err(error));
                    return;
                }
            }
            first = end;
        }
    }

    /// The next chunk, rendered here and now.
    fn chunk(&self, most: usize) -> Result<Chunk> {
        let mut first = Ok(Chunk::default());
        self.clone().render(most, |chunk| {
            first = chunk;
            false
        });
        first
    }
}

impl Ahead {
    /// `None` if the system has no thread to give.
    fn begin(source: Source) -> Option<Self> {
        let (sender, chunks) = sync_channel(1);
        let render = move || source.render(MOST_RECORDS, |chunk| sender.send(chunk).is_ok());
        thread::Builder::new().name("fidelog-records".to_owned()).spawn(render).ok()?;
        Some(Ahead { chunks: Some(Mutex::new(chunks)), process: process::id() })
    }

    fn is_elsewhere(&self) -> bool {
        self.process != process::id()
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        if self.is_elsewhere() {
            // The thread may have held the channel's lock when the process forked.
            mem::forget(self.chunks.take());
        }
    }
}

/// The renderer's own limit error counts from the last call; only its kind says something here.
fn over(error: Error) -> Error {
    if error.kind != Kind::Limit {
        return error;
    }
    too_many(error.offset)
}

/// The error for records that weigh more than they may.
pub fn too_many(bytes: usize) -> Error {
    Error::new(Kind::Limit, Stage::Container, bytes, "records within the limits expected")
}
