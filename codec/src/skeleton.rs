//! The record with every encoded field cut out and a hole left in its place.
//!
//! A skeleton's bytes: a length (varint) and that many literal bytes; then, until the end, a field's index (varint)
//! for the hole, and again a length and a literal. The schema's *default skeleton* (all fields, in order, in its
//! style) has no bytes: it is stored as null.

use alloc::{collections::BTreeMap, vec, vec::Vec};

use crate::{
    column::Strings,
    encoding::{Value, embedded},
    error::{Error, Kind, Result, Stage},
    record::{Members, Step},
    schema::{Schema, Style},
    wire::Reader,
};

mod shape;
mod texts;

use shape::{Event, Literal, Next, Shape, Steps, default_steps, store};
use texts::Texts;

/// The default skeleton: the literals before each field's hole, and the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    literals: Vec<Vec<u8>>,
}

impl Template {
    /// The default skeleton of a schema.
    pub fn new(schema: &Schema) -> Self {
        Template::of(&default_steps(schema), schema.style())
    }

    /// The template that a shape's steps make.
    fn of(steps: &Steps, style: &Style) -> Self {
        let mut literals = Vec::new();
        let mut literal = Literal::new(style);
        for (text, next) in steps {
            literal.step(text, *next);
            if let Next::Field(_) = next {
                literals.push(core::mem::take(&mut literal.bytes));
            }
        }
        literals.push(literal.bytes);
        Template { literals }
    }

    /// The default skeleton's pieces.
    pub(crate) fn pieces(&self) -> Pieces<'_> {
        match self.literals.split_last() {
            Some((last, before)) => Pieces {
                before: before.iter().enumerate().map(|(field, l)| (l.as_slice(), field)).collect(),
                last,
            },
            None => Pieces::default(),
        }
    }

    /// Appends the record that the default skeleton makes of the values that `hole` renders.
    pub fn fill(
        &self,
        mut hole: impl FnMut(usize, &mut Vec<u8>) -> Option<()>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let Some((last, before)) = self.literals.split_last() else { return Ok(()) };
        for (field, literal) in before.iter().enumerate() {
            out.extend_from_slice(literal);
            hole(field, out).ok_or_else(|| no_such_value(field))?;
        }
        out.extend_from_slice(last);
        Ok(())
    }
}

pub(crate) fn no_such_value(field: usize) -> Error {
    Error::new(Kind::Malformed, Stage::Skeleton, field, "a value that the hole's field can render expected")
}

/// The literals of a stored skeleton, each with the field of the hole after it; the last one has none.
fn parts(skeleton: &[u8]) -> impl Iterator<Item = Result<(&[u8], Option<usize>)>> {
    let mut rest = Some(Reader::new(skeleton, 0, Stage::Skeleton));
    core::iter::from_fn(move || {
        // Nothing follows the last literal, nor an error.
        let mut reader = rest.take()?;
        let part = reader.bytes().and_then(|literal| {
            if reader.is_done() {
                return Ok((literal, None));
            }
            reader.count(usize::MAX, "a field's index expected").map(|field| (literal, Some(field)))
        });
        if matches!(part, Ok((_, Some(_)))) {
            rest = Some(reader);
        }
        Some(part)
    })
}

/// Appends the record that a stored skeleton makes of the values that `hole` renders.
pub fn fill(
    skeleton: &[u8],
    mut hole: impl FnMut(usize, &mut Vec<u8>) -> Option<()>,
    out: &mut Vec<u8>,
) -> Result<()> {
    for part in parts(skeleton) {
        let (literal, field) = part?;
        out.extend_from_slice(literal);
        if let Some(field) = field {
            hole(field, out).ok_or_else(|| no_such_value(field))?;
        }
    }
    Ok(())
}

/// A skeleton taken apart: the literal before each hole, the hole's field, and the last literal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pieces<'a> {
    pub(crate) before: Vec<(&'a [u8], usize)>,
    pub(crate) last: &'a [u8],
}

impl<'a> Pieces<'a> {
    /// The pieces of a stored skeleton.
    pub(crate) fn of(skeleton: &'a [u8]) -> Result<Self> {
        let mut pieces = Pieces::default();
        for part in parts(skeleton) {
            match part? {
                (literal, Some(field)) => pieces.before.push((literal, field)),
                (literal, None) => pieces.last = literal,
            }
        }
        Ok(pieces)
    }
}

/// The field of each hole of a stored skeleton.
pub(crate) fn holes(skeleton: &[u8]) -> impl Iterator<Item = Result<usize>> {
    parts(skeleton).filter_map(|part| part.map(|(_, field)| field).transpose())
}

/// Stored skeletons that come from elsewhere must be whole, and have one hole at most for each of so many fields: a
/// record has one value there.
pub(crate) fn check(dictionary: &Strings, fields: usize) -> Result<()> {
    // The last skeleton with a hole for each field.
    let mut seen = vec![usize::MAX; fields];
    for (i, skeleton) in dictionary.iter().enumerate() {
        for field in holes(skeleton) {
            let is_first = seen.get_mut(field?).map(|last| core::mem::replace(last, i) != i);
            if is_first != Some(true) {
                return Err(Error::new(Kind::Malformed, Stage::Skeleton, i, "one hole for a field expected"));
            }
        }
    }
    Ok(())
}

/// Where a key leads: to a field, or into an object that has fields.
#[derive(Clone, Copy, Debug)]
enum Target {
    Field(usize),
    Object(usize),
}

/// Most shapes that are remembered, and the longest record that makes one: so much is tried before a record is scanned.
const MAX_SHAPES: usize = 64;
const MAX_SHAPE_RECORD: usize = 1 << 15;

/// What is left of a record without its encoded values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skeleton<'a> {
    /// The schema's default skeleton.
    Default,
    /// Another one; `shape` numbers those that recur: the same number, the same bytes.
    Stored {
        /// The number, counted from 0.
        shape: Option<usize>,
        /// The skeleton's bytes.
        bytes: &'a [u8],
    },
}

/// Splits records under one schema.
#[derive(Debug)]
pub struct Splitter<'s> {
    schema: &'s Schema,
    /// The default skeleton, and others met.
    shapes: Vec<Shape>,
    /// The shapes' numbers, the last used first.
    recent: Vec<usize>,
    /// For each object that has fields, what its keys lead to; the first is the record itself.
    objects: Vec<BTreeMap<&'s [u8], Target>>,
    /// What was found in the present record.
    events: Vec<Event>,
    seen: Vec<bool>,
    /// The objects that a walk is in.
    open: Vec<usize>,
    texts: Texts,
    /// The skeleton of the present record.
    skeleton: Vec<u8>,
}

impl<'s> Splitter<'s> {
    /// A splitter for a schema.
    pub fn new(schema: &'s Schema) -> Self {
        let mut objects = alloc::vec![BTreeMap::new()];
        for (i, field) in schema.fields().iter().enumerate() {
            let Some((key, parents)) = field.path.split_last() else { continue };
            let mut object = 0;
            for parent in parents {
                let next = objects.len();
                object = match *objects[object].entry(parent.as_bytes()).or_insert(Target::Object(next)) {
                    Target::Object(known) => known,
                    // The schema's rules exclude a field inside a field.
                    Target::Field(_) => break,
                };
                if object == next {
                    objects.push(BTreeMap::new());
                }
            }
            objects[object].insert(key.as_bytes(), Target::Field(i));
        }
        Splitter {
            schema,
            shapes: alloc::vec![Shape::default(default_steps(schema))],
            recent: alloc::vec![0],
            objects,
            events: Vec::new(),
            seen: alloc::vec![false; schema.fields().len()],
            open: Vec::new(),
            texts: Texts::default(),
            skeleton: Vec::new(),
        }
    }

    /// Splits one record: `sink` gets each encoded field's value, the result is the skeleton.
    pub fn split(
        &mut self,
        record: &[u8],
        scratch: &mut Vec<u8>,
        mut sink: impl FnMut(usize, Value<'_>),
    ) -> Skeleton<'_> {
        let shape = self.shape(record);
        let style = self.schema.style();
        let mut misfits = false;
        let mut source = record;
        let mut depth = 0;
        for event in &mut self.events {
            let (field, span) = match event {
                Event::Field { field, span } => (*field, span),
                Event::Enter { .. } => {
                    depth += 1;
                    source = self.texts.source(record, depth);
                    continue;
                }
                Event::Leave { .. } => {
                    depth -= 1;
                    source = self.texts.source(record, depth);
                    continue;
                }
            };
            let value = match (source.get(span.clone()), self.schema.fields().get(field)) {
                (Some(raw), Some(declared)) => declared.encoding.parse(raw, style.within(depth), scratch),
                _ => None,
            };
            match value {
                Some(value) => sink(field, value),
                None => {
                    // It stays in the skeleton.
                    *span = span.start..span.start;
                    misfits = true;
                }
            }
        }
        match shape {
            Some(0) if !misfits => return Skeleton::Default,
            Some(i) if !misfits => {
                let bytes = self.shapes.get(i).map(|s| s.skeleton.as_slice()).unwrap_or_default();
                return Skeleton::Stored { shape: Some(i - 1), bytes };
            }
            _ => {}
        }
        self.skeleton.clear();
        store(record, &self.texts, &self.events, style, &mut self.skeleton);
        Skeleton::Stored { shape: None, bytes: &self.skeleton }
    }

    /// Finds the fields' values; the number of the record's shape, if it has one that is remembered.
    fn shape(&mut self, record: &[u8]) -> Option<usize> {
        let style = self.schema.style();
        self.texts.clear();
        for position in 0..self.recent.len() {
            let i = *self.recent.get(position)?;
            self.texts.bound(record);
            if self.shapes.get(i)?.find(record, &mut self.texts, style, &mut self.events) {
                if let Some(recent) = self.recent.get_mut(..=position) {
                    recent.rotate_right(1);
                }
                return Some(i);
            }
        }
        self.texts.bound(record);
        self.find(record);
        if self.events.is_empty() || record.len() > MAX_SHAPE_RECORD || self.shapes.len() >= MAX_SHAPES {
            return None;
        }
        self.shapes.push(Shape::of(record, &self.texts, &self.events, style));
        self.recent.push(self.shapes.len() - 1);
        Some(self.shapes.len() - 1)
    }

    /// Finds the first occurrence of each field in the record; none if the record is not one JSON object.
    fn find(&mut self, record: &[u8]) {
        self.seen.fill(false);
        self.events.clear();
        self.open.clear();
        let complete = Members::new(record).and_then(|members| self.walk(members, record, 0, 0)).is_some();
        if !complete {
            self.events.clear();
        }
    }

    /// Walks the members of an object inside so many strings, at most [`embedded::MOST`].
    fn walk(&mut self, mut members: Members<'_>, source: &[u8], depth: usize, object: usize) -> Option<()> {
        let base = self.open.len();
        self.open.push(object);
        loop {
            match members.step() {
                Step::Key(key) => match self.objects.get(*self.open.last()?)?.get(source.get(key)?) {
                    Some(Target::Object(object)) if members.at_object() => {
                        members.enter();
                        self.open.push(*object);
                    }
                    Some(&Target::Object(object)) => {
                        let string = members.value()?;
                        self.look_into(source, depth, string.start, object);
                    }
                    Some(&Target::Field(field)) => {
                        let span = members.value()?;
                        if !core::mem::replace(self.seen.get_mut(field)?, true) {
                            self.events.push(Event::Field { field, span });
                        }
                    }
                    None => {
                        members.value()?;
                    }
                },
                Step::Leave => {
                    self.open.pop();
                }
                Step::End => {
                    self.open.truncate(base);
                    return Some(());
                }
                Step::Broken => return None,
            }
        }
    }

    /// Finds the fields in the string at `at`, if the object in its place has fields in a string.
    fn look_into(&mut self, source: &[u8], depth: usize, at: usize, object: usize) -> Option<()> {
        let Some(&Target::Object(inner)) = self.objects.get(object)?.get(embedded::STEP.as_bytes()) else {
            return None;
        };
        let (end, content) = self.texts.enter_from(source, depth, at, self.schema.style())?;
        let (mark, base) = (self.events.len(), self.open.len());
        self.events.push(Event::Enter { string: at, text: content.start });
        let own = self.texts.lend(depth);
        let members = own.get(..content.end).and_then(|text| Members::from(text, content.start));
        let complete = members.and_then(|members| self.walk(members, &own, depth + 1, inner)).is_some();
        self.texts.give_back(depth, own);
        if complete && self.events.len() > mark + 1 {
            self.events.push(Event::Leave { text: content.end, string: end });
            return Some(());
        }
        // It is no object, or has none of the fields.
        self.open.truncate(base);
        for event in self.events.drain(mark..) {
            if let Event::Field { field, .. } = event
                && let Some(seen) = self.seen.get_mut(field)
            {
                *seen = false;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
