//! Finds the tokens of a string, in one pass over its bytes.
//!
//! A run of letters and digits is looked at as a whole: it may begin a time or a UUID, be hex digits, or hold a number
//! before or after its letters. Escapes (`\n`, `\u003c`, `%2F`) are literal text, never part of a run.

use alloc::vec::Vec;

use super::kind::{
    END, ESCAPE, Kind, MAX_DIGITS, MAX_KINDS, UUID_GROUPS, index_of, marker, number_of, parse_hex, parse_time,
};
use crate::encoding::{Case, TimestampPattern};
use crate::intern::Interner;

/// A token: the number of its kind, and its value (for an indexed kind, the index into the kind's dictionary).
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: u8,
    pub(super) value: u64,
}

/// What pays as a token; it does not change how tokens are read back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Whether there are tokens at all.
    pub(super) tokens: bool,
    /// Digits of the shortest run that is a number.
    pub(super) min_digits: usize,
    /// Characters of the shortest run that is a word.
    pub(super) min_word: usize,
}

// Classes of bytes; those below `CONTROL` may stand in a run.
const DIGIT: u8 = 1;
const LOWER: u8 = 2;
const UPPER: u8 = 4;
const LETTER: u8 = 8;
const RUN: u8 = DIGIT | LOWER | UPPER | LETTER;
const CONTROL: u8 = 16;
const SIGN: u8 = 32;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut c = 0;
    while c < 256 {
        classes[c] = match c as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' => LOWER,
            b'A'..=b'F' => UPPER,
            b'g'..=b'z' | b'G'..=b'Z' => LETTER,
            ESCAPE | END => CONTROL,
            b'\\' | b'%' => SIGN,
            c if index_of(c).is_some() => CONTROL,
            _ => 0,
        };
        c += 1;
    }
    classes
};

fn class(c: u8) -> u8 {
    CLASSES[usize::from(c)]
}

/// A run of letters and digits: where it ends, the classes in it, and how often letters and digits change places.
struct Run {
    end: usize,
    classes: u8,
    changes: usize,
}

fn run_at(string: &[u8], start: usize) -> Run {
    let mut run = Run { end: start, classes: 0, changes: 0 };
    let mut last = 0;
    for &c in string.get(start..).unwrap_or_default() {
        let class = class(c);
        if class & RUN == 0 {
            break;
        }
        run.changes += usize::from((class ^ last) & DIGIT != 0 && run.end > start);
        run.classes |= class;
        last = class;
        run.end += 1;
    }
    run
}

const fn case_of(classes: u8) -> Option<Case> {
    match classes & !DIGIT {
        0 | LOWER => Some(Case::Lower),
        UPPER => Some(Case::Upper),
        _ => None,
    }
}

/// The kinds met so far, with the dictionaries of the indexed ones.
#[derive(Debug)]
pub(super) struct Scanner {
    rules: Rules,
    pub(super) kinds: Vec<Kind>,
    pub(super) dictionaries: Vec<Interner>,
    scratch: Vec<u8>,
}

/// Where the scan of one string writes to.
struct Sink<'a> {
    string: &'a [u8],
    /// Bytes before this one are written.
    done: usize,
    text: &'a mut Vec<u8>,
    tokens: &'a mut Vec<Token>,
}

impl Sink<'_> {
    fn literal(&mut self, end: usize) {
        self.text.extend_from_slice(self.string.get(self.done..end).unwrap_or_default());
        self.done = end;
    }

    fn token(&mut self, start: usize, end: usize, kind: u8, value: u64) -> usize {
        self.literal(start);
        self.text.push(marker(usize::from(kind)));
        self.tokens.push(Token { kind, value });
        self.done = end;
        end
    }
}

impl Scanner {
    pub(super) fn new(rules: Rules) -> Self {
        Scanner { rules, kinds: Vec::new(), dictionaries: Vec::new(), scratch: Vec::new() }
    }

    /// Appends the string's text, with markers for its tokens and no end, and its tokens.
    pub(super) fn scan(&mut self, string: &[u8], text: &mut Vec<u8>, tokens: &mut Vec<Token>) {
        let mut sink = Sink { string, done: 0, text, tokens };
        let mut at = 0;
        while let Some(&c) = string.get(at) {
            at = match class(c) {
                0 => at + 1,
                CONTROL => {
                    sink.literal(at);
                    sink.text.push(ESCAPE);
                    at + 1
                }
                SIGN => after_sign(string, at),
                _ if self.rules.tokens => self.run(at, &mut sink),
                _ => run_at(string, at).end,
            };
        }
        sink.literal(string.len());
    }

    /// Handles the run at `start`; where to go on.
    fn run(&mut self, start: usize, sink: &mut Sink<'_>) -> usize {
        let run = run_at(sink.string, start);
        let len = run.end - start;
        let hyphenated = match (sink.string.get(run.end), len) {
            (Some(b'-'), 4) if run.classes == DIGIT => self.time(start, sink),
            (Some(b'-'), 8) => self.uuid(start, sink),
            _ => None,
        };
        if let Some(end) = hyphenated {
            return end;
        }
        if run.classes & DIGIT == 0 {
            return run.end;
        }
        match case_of(run.classes) {
            Some(case) if run.classes != DIGIT && len >= 16 && len.is_multiple_of(2) && len < 512 => {
                self.hex(start, run.end, case, sink)
            }
            _ if run.changes < 2 => self.number(start, &run, sink),
            _ if len >= self.rules.min_word => self.word(start, run.end, sink),
            _ => run.end,
        }
    }

    /// The number of a kind, unless there are too many.
    fn kind(&mut self, kind: Kind) -> Option<u8> {
        if let Some(known) = self.kinds.iter().position(|&k| k == kind) {
            return Some(known as u8);
        }
        if self.kinds.len() == MAX_KINDS {
            return None;
        }
        self.kinds.push(kind);
        self.dictionaries.push(Interner::default());
        Some(self.kinds.len() as u8 - 1)
    }

    fn number(&mut self, start: usize, run: &Run, sink: &mut Sink<'_>) -> usize {
        let digits = sink.string.get(start..run.end).unwrap_or_default();
        let is_digit = |c: &u8| c.is_ascii_digit();
        let before = digits.iter().position(is_digit).unwrap_or(0);
        let n = digits.iter().skip(before).take_while(|c| is_digit(c)).count();
        let from = start + before;
        if n < self.rules.min_digits || n > MAX_DIGITS {
            return run.end;
        }
        if let (Some(kind), Some(digits)) = (self.kind(Kind::Number), sink.string.get(from..from + n)) {
            sink.token(from, from + n, kind, number_of(digits));
        }
        run.end
    }

    fn hex(&mut self, start: usize, end: usize, case: Case, sink: &mut Sink<'_>) -> usize {
        self.scratch.clear();
        parse_hex(sink.string.get(start..end).unwrap_or_default(), &mut self.scratch);
        let bytes = self.scratch.len() as u8;
        self.intern_scratch(Kind::Hex(case, bytes), start, end, sink)
    }

    fn uuid(&mut self, start: usize, sink: &mut Sink<'_>) -> Option<usize> {
        let spelled = sink.string.get(start..start + 36)?;
        let mut classes = 0;
        self.scratch.clear();
        for (i, group) in UUID_GROUPS.into_iter().enumerate() {
            let digits = spelled.get(2 * group.start + i..2 * group.end + i)?;
            if i > 0 && spelled.get(2 * group.start + i - 1) != Some(&b'-') {
                return None;
            }
            classes =
                digits.iter().fold(classes, |all, &c| all | if class(c) == 0 { CONTROL } else { class(c) });
            parse_hex(digits, &mut self.scratch);
        }
        if sink.string.get(start + 36).is_some_and(|&c| class(c) & RUN != 0) {
            return None;
        }
        let case = case_of(classes)?;
        Some(self.intern_scratch(Kind::Uuid(case), start, start + 36, sink))
    }

    fn intern_scratch(&mut self, kind: Kind, start: usize, end: usize, sink: &mut Sink<'_>) -> usize {
        let Some(kind) = self.kind(kind) else { return end };
        let id = self.dictionaries.get_mut(usize::from(kind)).map_or(0, |d| d.id(&self.scratch));
        sink.token(start, end, kind, u64::from(id))
    }

    fn word(&mut self, start: usize, end: usize, sink: &mut Sink<'_>) -> usize {
        self.scratch.clear();
        self.scratch.extend_from_slice(sink.string.get(start..end).unwrap_or_default());
        self.intern_scratch(Kind::Word, start, end, sink)
    }

    fn time(&mut self, start: usize, sink: &mut Sink<'_>) -> Option<usize> {
        let rest = sink.string.get(start..)?;
        if rest.get(13) != Some(&b':') || rest.get(16) != Some(&b':') {
            return None;
        }
        let len = time_length(rest);
        self.scratch.clear();
        self.scratch.push(b'"');
        self.scratch.extend_from_slice(rest.get(..len)?);
        self.scratch.push(b'"');
        // Most often the pattern is one already met.
        let known = self.kinds.iter().enumerate().find_map(|(i, kind)| match kind {
            Kind::Time(pattern) => Some((i, parse_time(&self.scratch, pattern)?)),
            _ => None,
        });
        let (kind, ticks) = match known {
            Some((i, ticks)) => (i as u8, ticks),
            None => {
                let pattern = TimestampPattern::of(&self.scratch)?;
                let ticks = parse_time(&self.scratch, &pattern)?;
                (self.kind(Kind::Time(pattern))?, ticks)
            }
        };
        Some(sink.token(start, start + len, kind, ticks))
    }
}

/// Where to go on after a backslash or a per cent sign: escapes are literal text.
fn after_sign(string: &[u8], at: usize) -> usize {
    let len = match (string.get(at), string.get(at + 1)) {
        (Some(b'\\'), Some(b'u')) => 6,
        (Some(b'%'), Some(c)) if c.is_ascii_hexdigit() => 3,
        // A control byte may follow; it needs its own escape.
        (Some(b'\\'), Some(c)) if class(*c) & RUN != 0 => 2,
        _ => 1,
    };
    let escape = string.get(at + 1..).unwrap_or_default();
    at + 1 + escape.iter().take(len - 1).take_while(|&&c| class(c) & RUN != 0).count()
}

/// The length of a time at the start: date and time of day, a fraction, a zone.
fn time_length(text: &[u8]) -> usize {
    let digits = |from: usize| text.iter().skip(from).take_while(|c| c.is_ascii_digit()).count();
    let mut len = 19;
    if text.get(len) == Some(&b'.') && digits(len + 1) > 0 {
        len += 1 + digits(len + 1);
    }
    match text.get(len) {
        Some(b'Z') => len + 1,
        Some(b'+' | b'-') => match (digits(len + 1), text.get(len + 3), digits(len + 4)) {
            (4, ..) => len + 5,
            (2, Some(b':'), 2) => len + 6,
            _ => len,
        },
        _ => len,
    }
}
