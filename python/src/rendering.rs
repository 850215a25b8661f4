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

/// Records of a block in chunks.
pub struct Rendering {
    source: Source,
    ahead: Option<Ahead>,
}

/// How much is rendered at a time: most records, and about most bytes. Two such chunks are there at once.
#[derive(Clone, Copy)]
pub struct Size {
    pub records: usize,
    pub bytes: usize,
}

/// Rendered records, each followed by a newline.
#[derive(Default)]
pub struct Chunk {
    pub bytes: Vec<u8>,
    /// Where each record ends and its newline stands.
    pub ends: Vec<usize>,
    after: Place,
}

/// Where the next record is.
#[derive(Clone, Copy, Default, PartialEq)]
struct Place {
    batch: usize,
    row: usize,
    /// What the records before it weigh.
    passed: usize,
}

/// Records that are still to be rendered.
#[derive(Clone)]
struct Source {
    block: Arc<fidelog_codec::Block>,
    size: Size,
    max_bytes: usize,
    place: Place,
}

/// A thread that renders ahead.
struct Ahead {
    /// Locked by no one: a Python class has to be `Sync`. There until it is dropped.
    chunks: Option<Mutex<Receiver<Result<Chunk>>>>,
    /// The process that it lives in: a fork has no threads.
    process: u32,
}

impl Rendering {
    pub fn new(block: &Arc<fidelog_codec::Block>, max_bytes: usize, size: Size) -> Self {
        let source = Source { block: Arc::clone(block), size, max_bytes, place: Place::default() };
        Rendering { source, ahead: None }
    }

    /// The next chunk; `None` if no record is left, or after an error.
    pub fn next(&mut self) -> Result<Option<Chunk>> {
        let chunk = self.rendered();
        match &chunk {
            Ok(chunk) => self.source.place = chunk.after,
            Err(_) => self.source.place.batch = usize::MAX,
        }
        chunk.map(|chunk| Some(chunk).filter(|chunk| !chunk.ends.is_empty()))
    }

    fn rendered(&mut self) -> Result<Chunk> {
        if self.source.place == Place::default() {
            return self.source.chunk(Size { records: FIRST, ..self.source.size });
        }
        if self.source.is_done() {
            return Ok(self.source.empty());
        }
        if self.ahead.as_ref().is_none_or(Ahead::is_elsewhere) {
            self.ahead = Ahead::begin(self.source.clone());
        }
        let chunks = self.ahead.as_mut().and_then(|ahead| ahead.chunks.as_mut()?.get_mut().ok());
        let chunk = chunks.and_then(|chunks| chunks.recv().ok());
        chunk.unwrap_or_else(|| self.source.chunk(self.source.size))
    }
}

impl Source {
    fn is_done(&self) -> bool {
        self.place.batch >= self.block.batches().len()
    }

    fn empty(&self) -> Chunk {
        Chunk { after: self.place, ..Chunk::default() }
    }

    /// Renders the records, so many at a time, until `deliver` wants no more. After an error there are none.
    fn render(mut self, mut deliver: impl FnMut(Result<Chunk>) -> bool) {
        let block = Arc::clone(&self.block);
        let mut chunk = self.empty();
        while let Some(batch) = block.batches().get(self.place.batch) {
            let mut renderer = batch.renderer();
            while self.place.row < batch.rows() {
                let (row, start) = (self.place.row, chunk.bytes.len());
                let most = start.saturating_add(self.max_bytes.saturating_sub(self.place.passed));
                if let Err(error) = renderer.join_into(row..row + 1, &[], most, &mut chunk.bytes) {
                    chunk.bytes.truncate(start);
                    if chunk.ends.is_empty() || deliver(Ok(chunk)) {
                        deliver(Err(over(error, self.place.passed)));
                    }
                    return;
                }
                self.place.row += 1;
                self.place.passed += chunk.bytes.len() - start;
                chunk.ends.push(chunk.bytes.len());
                chunk.bytes.push(b'\n');
                chunk.after = self.place;
                if chunk.ends.len() >= self.size.records || chunk.bytes.len() >= self.size.bytes {
                    if !deliver(Ok(mem::take(&mut chunk))) {
                        return;
                    }
                    chunk = self.empty();
                }
            }
            self.place = Place { batch: self.place.batch + 1, row: 0, ..self.place };
        }
        chunk.after = self.place;
        deliver(Ok(chunk));
    }

    /// The next chunk, rendered here and now.
    fn chunk(&self, size: Size) -> Result<Chunk> {
        let mut first = Ok(self.empty());
        Source { size, ..self.clone() }.render(|chunk| {
            first = chunk;
            false
        });
        first
    }
}

impl Ahead {
    /// `None` if the system has no thread to give.
    fn begin(source: Source) -> Option<Self> {
        let (sender, chunks) = sync_channel(0);
        let render = move || source.render(|chunk| sender.send(chunk).is_ok());
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
fn over(error: Error, passed: usize) -> Error {
    if error.kind != Kind::Limit {
        return error;
    }
    too_many(passed)
}

/// The error for records that weigh more than they may; this much was within the limits.
pub fn too_many(bytes: usize) -> Error {
    Error::new(Kind::Limit, Stage::Container, bytes, "records within the limits expected")
}
