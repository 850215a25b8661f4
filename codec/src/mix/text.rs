//! Dictionary text, byte by byte: the next byte under its last ones, under words and segments, under what the
//! value's row says, and as what followed the longest match.

use alloc::{vec, vec::Vec};

use super::coder::Coder;
use super::hash::{join, spread};
use super::mixer::{Mixer, Settings};
use super::slot::{self, FRESH};
use super::tables::Tables;

/// Contexts with a hashed table each; the match is one input more.
const CONTEXTS: usize = 11;
const INPUTS: usize = CONTEXTS + 1;
/// Lengths of a match that are told apart.
const MATCH_MAX: usize = 20;
/// The byte that ends a value; a flag after it tells the end from the byte itself.
const END: u8 = b'\n';

/// A nibble's 15 decisions under one context. Slot 0 holds a check, so that a context seldom meets another's slots.
type Line = [u32; 16];

/// The text model of a block: one for all its columns, which learn from each other.
///
/// Memory: 88 to 176 bytes × the text's length, at most 12 MiB, and the text itself twice at most.
pub(crate) struct Text {
    log2: u32,
    lines: Vec<Line>,
    matches: Vec<[u32; MATCH_MAX + 1]>,
    mixer: Mixer,
    end: u32,
    history: Vec<u8>,
    latest: Vec<u32>,
}

/// Where a value's coding stands: hashes of the word, the segment and those before it.
#[derive(Default)]
struct Place {
    word: u32,
    segment: u32,
    before: u32,
    before_that: u32,
    count: u32,
}

impl Place {
    /// Passes a byte: letters make words, letters, digits and control codes (which stand for cut-out parts) segments.
    fn pass(&mut self, byte: u8) {
        let code = u32::from(byte);
        self.word =
            if byte.is_ascii_alphabetic() || byte >= 128 { join(self.word.wrapping_add(1), code) } else { 0 };
        if byte.is_ascii_alphanumeric() || byte == b'_' || !(8..128).contains(&byte) {
            self.segment = join(self.segment.wrapping_add(1), code);
        } else {
            self.before_that = self.before;
            self.before = join(self.segment, code);
            self.segment = 0;
            self.count = self.count.wrapping_add(1);
        }
    }
}

impl Text {
    /// Lines of one context's table: 1 MiB.
    const MAX_LOG2: u32 = 14;

    /// A model for about `total` bytes of text.
    pub(crate) fn new(total: usize) -> Self {
        let wanted = usize::BITS - (total.max(512) / 8).leading_zeros();
        let log2 = wanted.clamp(9, Self::MAX_LOG2);
        Self {
            log2,
            lines: vec![[FRESH; 16]; CONTEXTS << log2],
            matches: vec![[FRESH; MATCH_MAX + 1]; 2],
            mixer: Mixer::new(INPUTS, [6, 256], Settings { weight: 18, rate: 4, limit: 40 }),
            end: FRESH,
            history: vec![END; 8],
            latest: vec![0; 1 << 16],
        }
    }

    /// Codes one value of `column`, whose row has the context `row`, and appends it to `out`; whether it ended
    /// within `limit` bytes and those there are to read.
    #[must_use]
    pub(crate) fn value<I: Coder>(
        &mut self,
        io: &mut I,
        column: u32,
        row: u32,
        source: &[u8],
        out: &mut Vec<u8>,
        limit: usize,
    ) -> bool {
        let mut place = Place::default();
        let mut matched = Match::default();
        let mut source = source.iter();
        for coded in 0..=limit {
            if io.is_starved() {
                return false;
            }
            let given = source.next();
            matched.find(&self.history, &mut self.latest);
            let contexts = self.contexts(&place, &matched, column, row);
            let byte = self.byte(io, &contexts, &matched, given.copied().unwrap_or(END));
            matched.advance(&self.history, byte);
            self.history.push(byte);
            if byte == END && self.ends(io, given.is_none()) {
                return true;
            }
            if coded < limit {
                out.push(byte);
            }
            place.pass(byte);
        }
        false
    }

    /// After an END byte: whether the value ends here.
    fn ends<I: Coder>(&mut self, io: &mut I, end: bool) -> bool {
        let end = io.bit((slot::p12(self.end) << 4).clamp(16, 65520), end);
        slot::update(Tables::get(), &mut self.end, end, 1023);
        end
    }

    fn contexts(&self, place: &Place, matched: &Match, column: u32, row: u32) -> [u32; CONTEXTS] {
        let last = self.history.last_chunk().map_or(0, |last| u32::from_be_bytes(*last));
        let expected = matched.expected.map_or(0, |byte| u32::from(byte) + 1);
        let (one, two, three) = (last & 0xff, last & 0xffff, last & 0xff_ffff);
        [
            join(column, 99),
            join(one, 1 + column.wrapping_mul(16)),
            join(two, 2),
            join(three, 3),
            join(last, 4),
            join(place.word, if place.word == 0 { one } else { 5 }),
            join(row, place.segment.wrapping_add(6)),
            join(row, three.wrapping_add(7 << 24)),
            join(place.segment, place.count.wrapping_add(0x90_0000)),
            join(join(place.before_that, place.before), place.segment ^ 9),
            join(join(expected, matched.length.min(MATCH_MAX) as u32), one + 11),
        ]
    }

    /// Codes a byte in two halves; in each, every context has one line of slots.
    fn byte<I: Coder>(&mut self, io: &mut I, contexts: &[u32; CONTEXTS], matched: &Match, byte: u8) -> u8 {
        let mut seen = 1usize;
        let expected = matched.expected.map(|byte| 256 | usize::from(byte));
        let length = matched.length.min(MATCH_MAX);
        for half in [4, 0] {
            let hash =
                |&context: &u32| spread(if half == 4 { context } else { join(context, seen as u32 + 512) });
            let mut hashes = [0u32; CONTEXTS];
            let mut at = [0usize; CONTEXTS];
            let mut found = [0u32; CONTEXTS];
            // All first slots are read before any is looked at, so that the cache misses overlap.
            for (i, context) in contexts.iter().enumerate() {
                hashes[i] = hash(context);
                at[i] = (i << self.log2) | (hashes[i] >> (32 - self.log2)) as usize;
                found[i] = self.lines.get(at[i]).map_or(0, |line| line[0]);
            }
            let mut lines = [[FRESH; 16]; CONTEXTS];
            for (i, line) in lines.iter_mut().enumerate() {
                let check = hashes[i] & 0xffff | 1;
                if let Some(known) = self.lines.get(at[i]).filter(|_| found[i] == check) {
                    *line = *known;
                }
                line[0] = check;
            }
            let mut node = 1usize;
            for position in (half..half + 4).rev() {
                let guess = expected.filter(|e| e >> (position + 1) == seen).map(|e| e >> position & 1);
                let (kind, length) = guess.map_or((0, 0), |bit| (bit, length + usize::from(length == 0)));
                let mut slots = [FRESH; INPUTS];
                for (slot, line) in slots.iter_mut().zip(&lines) {
                    *slot = line[node & 15];
                }
                slots[CONTEXTS] = self.matches[kind][length];
                let selector = if guess.is_none() { 0 } else { 1 + length.min(12) / 3 };
                let bit = byte >> position & 1 == 1;
                let bit = self.mixer.code(io, &mut slots, [selector, seen], bit);
                for (slot, line) in slots.iter().zip(&mut lines) {
                    line[node & 15] = *slot;
                }
                self.matches[kind][length] = slots[CONTEXTS];
                node = node << 1 | usize::from(bit);
                seen = seen << 1 | usize::from(bit);
            }
            for (line, &at) in lines.iter().zip(&at) {
                if let Some(stored) = self.lines.get_mut(at) {
                    *stored = *line;
                }
            }
        }
        seen as u8
    }
}

/// What followed the last place that looked like this one.
#[derive(Default)]
struct Match {
    at: usize,
    length: usize,
    expected: Option<u8>,
}

impl Match {
    /// Looks for a match when there is none, and remembers this place for later ones.
    fn find(&mut self, history: &[u8], latest: &mut [u32]) {
        let recent = history.last_chunk().map_or(0, |last| spread(u32::from_be_bytes(*last)) >> 16);
        let Some(latest) = latest.get_mut(recent as usize) else { return };
        if self.length == 0 {
            self.at = *latest as usize;
            let past = history.get(..self.at).unwrap_or_default();
            let same = past.iter().rev().zip(history.iter().rev()).take(MATCH_MAX);
            self.length = same.take_while(|(a, b)| a == b).count();
        }
        *latest = history.len() as u32;
        self.expected = if self.length == 0 { None } else { history.get(self.at).copied() };
    }

    fn advance(&mut self, history: &[u8], byte: u8) {
        if history.get(self.at) == Some(&byte) {
            self.length += 1;
            self.at += 1;
        } else {
            self.length = 0;
        }
    }
}
