//! A way in which records were spelled: the literals around the values of some fields.

use alloc::vec::Vec;
use core::ops::Range;

use super::texts::Texts;
use crate::{
    encoding::embedded::{self, MOST},
    record::value_end,
    schema::{Schema, Style},
    wire::{put_bytes, put_varint},
};

/// What was found in a record, in order. Spans are in the source of their depth ([`Texts::source`]).
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A field's value; empty for a misfit.
    Field { field: usize, span: Range<usize> },
    /// Where a string starts, and where its content does, one level deeper.
    Enter { string: usize, text: usize },
    /// Where that content ends, and the string.
    Leave { text: usize, string: usize },
}

/// What follows a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A field's value.
    Field(usize),
    /// A string whose content goes on.
    Enter,
    /// The end of that string.
    Leave,
    /// The end of the record.
    End,
}

/// Literals and what follows each; those inside strings are as they are in the content.
pub(super) type Steps = Vec<(Vec<u8>, Next)>;

/// Calls `put` with the literals around what was found in a record, and what follows each.
fn steps<'a>(record: &'a [u8], texts: &'a Texts, events: &[Event], mut put: impl FnMut(&'a [u8], Next)) {
    // Up to where each level's source was dealt with.
    let mut done = [0; MOST + 1];
    let mut depth = 0;
    for event in events {
        let (until, next) = match event {
            Event::Field { span, .. } if span.is_empty() => continue,
            Event::Field { field, span } => (span.start, Next::Field(*field)),
            Event::Enter { string, .. } => (*string, Next::Enter),
            Event::Leave { text, .. } => (*text, Next::Leave),
        };
        let from = done.get(depth).copied().unwrap_or(until);
        put(texts.source(record, depth).get(from..until).unwrap_or_default(), next);
        let go_on = match event {
            Event::Field { span, .. } => span.end,
            Event::Enter { text, .. } => {
                depth += 1;
                *text
            }
            Event::Leave { string, .. } => {
                depth -= 1;
                *string
            }
        };
        if let Some(done) = done.get_mut(depth) {
            *done = go_on;
        }
    }
    put(record.get(done[0]..).unwrap_or_default(), Next::End);
}

/// A literal under construction, as it stands in the record.
#[derive(Debug)]
pub(super) struct Literal<'s> {
    pub(super) bytes: Vec<u8>,
    depth: usize,
    style: &'s Style,
}

impl<'s> Literal<'s> {
    pub(super) const fn new(style: &'s Style) -> Self {
        Literal { bytes: Vec::new(), depth: 0, style }
    }

    fn put(&mut self, text: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text);
        // Contents are UTF-8, and values begin and end between characters: it can be escaped.
        embedded::escape_from(start, self.depth, self.style, &mut self.bytes);
    }

    /// Goes on with a text, and into or out of the string that follows.
    pub(super) fn step(&mut self, text: &[u8], next: Next) {
        self.put(text);
        match next {
            Next::Enter => {
                self.put(b"\"");
                self.depth += 1;
            }
            Next::Leave => {
                self.depth -= 1;
                self.put(b"\"");
            }
            Next::Field(_) | Next::End => {}
        }
    }
}

/// Appends the skeleton of a record in which these values were found.
pub(super) fn store(record: &[u8], texts: &Texts, events: &[Event], style: &Style, out: &mut Vec<u8>) {
    let mut literal = Literal::new(style);
    steps(record, texts, events, |text, next| {
        literal.step(text, next);
        if let Next::Field(_) | Next::End = next {
            put_bytes(out, &literal.bytes);
            literal.bytes.clear();
        }
        if let Next::Field(field) = next {
            put_varint(out, field as u64);
        }
    });
}

/// The literals of a schema's default skeleton.
pub(super) fn default_steps(schema: &Schema) -> Steps {
    let style = schema.style();
    let mut steps = Vec::new();
    let mut literal = Vec::from(*b"{");
    let mut open: Vec<Parent<'_>> = Vec::new();
    for (i, field) in schema.fields().iter().enumerate() {
        let (key, parents) = match field.path.split_last() {
            Some((key, parents)) => (key.as_str(), parents),
            None => ("", &[][..]),
        };
        let parents = parents_of(parents);
        let common = open.iter().zip(&parents).take_while(|(a, b)| a == b).count();
        close(open.get(common..).unwrap_or_default(), &mut literal, &mut steps);
        let mut depth = parents.iter().take(common).filter(|(_, is_text)| *is_text).count();
        if i > 0 {
            literal.extend_from_slice(style.within(depth).item.as_bytes());
        }
        for (key, is_text) in parents.iter().skip(common) {
            put_key(&mut literal, key, &style.within(depth).key);
            if *is_text {
                steps.push((core::mem::take(&mut literal), Next::Enter));
                depth += 1;
            }
            literal.push(b'{');
        }
        put_key(&mut literal, key, &style.within(depth).key);
        steps.push((core::mem::take(&mut literal), Next::Field(i)));
        open = parents;
    }
    close(&open, &mut literal, &mut steps);
    literal.push(b'}');
    steps.push((literal, Next::End));
    steps
}

/// An object that members stand in: its key, and whether it is in a string.
type Parent<'p> = (&'p str, bool);

fn parents_of(path: &[alloc::string::String]) -> Vec<Parent<'_>> {
    let mut parents: Vec<Parent<'_>> = Vec::new();
    for key in path {
        match parents.last_mut() {
            Some(last) if key == embedded::STEP => last.1 = true,
            _ => parents.push((key, false)),
        }
    }
    parents
}

fn close(open: &[Parent<'_>], literal: &mut Vec<u8>, steps: &mut Steps) {
    for (_, is_text) in open.iter().rev() {
        literal.push(b'}');
        if *is_text {
            steps.push((core::mem::take(literal), Next::Leave));
        }
    }
}

fn put_key(out: &mut Vec<u8>, key: &str, colon: &str) {
    out.push(b'"');
    out.extend_from_slice(key.as_bytes());
    out.push(b'"');
    out.extend_from_slice(colon.as_bytes());
}

/// A way in which records were spelled.
#[derive(Debug)]
pub(super) struct Shape {
    steps: Steps,
    /// The skeleton of a record of this shape whose values all fit; empty for the default one.
    pub(super) skeleton: Vec<u8>,
}

impl Shape {
    /// The shape of the default skeleton.
    pub(super) const fn default(steps: Steps) -> Self {
        Shape { steps, skeleton: Vec::new() }
    }

    /// The shape of a record in which these values were found.
    pub(super) fn of(record: &[u8], texts: &Texts, events: &[Event], style: &Style) -> Self {
        let mut shape = Shape::default(Vec::new());
        steps(record, texts, events, |text, next| shape.steps.push((text.to_vec(), next)));
        store(record, texts, events, style, &mut shape.skeleton);
        shape
    }

    /// Finds the fields' values if the record has this shape.
    pub(super) fn find(
        &self,
        record: &[u8],
        texts: &mut Texts,
        style: &Style,
        events: &mut Vec<Event>,
    ) -> bool {
        self.walk(record, texts, style, events).is_some()
    }

    fn walk(&self, record: &[u8], texts: &mut Texts, style: &Style, events: &mut Vec<Event>) -> Option<()> {
        events.clear();
        let (mut at, mut end) = (0, record.len());
        // Where to go on after the strings that are open.
        let mut outer = [(0, 0); MOST];
        let mut depth = 0;
        for (literal, next) in &self.steps {
            let source = texts.source(record, depth).get(..end)?;
            if !source.get(at..)?.starts_with(literal) {
                return None;
            }
            at += literal.len();
            match next {
                Next::Field(field) => {
                    let span = at..value_end(source, at)?;
                    at = span.end;
                    events.push(Event::Field { field: *field, span });
                }
                Next::Enter => {
                    let (string_end, content) = texts.enter(record, depth, at, style)?;
                    events.push(Event::Enter { string: at, text: content.start });
                    *outer.get_mut(depth)? = (string_end, end);
                    depth += 1;
                    (at, end) = (content.start, content.end);
                }
                Next::Leave if at == end => {
                    depth -= 1;
                    let text = end;
                    (at, end) = *outer.get(depth)?;
                    events.push(Event::Leave { text, string: at });
                }
                Next::Leave => return None,
                Next::End => {}
            }
        }
        (at == end).then_some(())
    }
}
