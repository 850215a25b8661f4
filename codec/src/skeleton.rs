//! The record with every encoded field cut out and a hole left in its place.
//!
//! A skeleton's bytes: a length (varint) and that many literal bytes; then, until the end, a field's index (varint)
//! for the hole, and again a length and a literal. The schema's *default skeleton* (all fields, in order, in its
//! style) has no bytes: it is stored as null.

use alloc::{collections::BTreeMap, vec, vec::Vec};
use core::ops::Range;

use crate::{
    column::Strings,
    encoding::Value,
    error::{Error, Kind, Result, Stage},
    record::{Members, Step, value_end},
    schema::Schema,
    wire::{Reader, put_bytes, put_varint},
};

/// The default skeleton: the literals before each field's hole, and the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    literals: Vec<Vec<u8>>,
}

impl Template {
    /// The default skeleton of a schema.
    pub fn new(schema: &Schema) -> Self {
        let style = schema.style();
        let mut literals = Vec::new();
        let mut literal = Vec::from(*b"{");
        let mut open: &[_] = &[];
        for (i, field) in schema.fields().iter().enumerate() {
            let (key, parents) = match field.path.split_last() {
                Some((key, parents)) => (key.as_str(), parents),
                None => ("", &[][..]),
            };
            let common = open.iter().zip(parents).take_while(|(a, b)| a == b).count();
            literal.resize(literal.len() + open.len() - common, b'}');
            if i > 0 {
                literal.extend_from_slice(style.item.as_bytes());
            }
            for parent in &parents[common..] {
                put_key(&mut literal, parent, &style.key);
                literal.push(b'{');
            }
            put_key(&mut literal, key, &style.key);
            literals.push(core::mem::take(&mut literal));
            open = parents;
        }
        literal.resize(literal.len() + open.len() + 1, b'}');
        literals.push(literal);
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
            hole(field, out).ok_or(no_such_value(field))?;
        }
        out.extend_from_slice(last);
        Ok(())
    }
}

fn put_key(out: &mut Vec<u8>, key: &str, colon: &str) {
    out.push(b'"');
    out.extend_from_slice(key.as_bytes());
    out.push(b'"');
    out.extend_from_slice(colon.as_bytes());
}

const fn no_such_value(field: usize) -> crate::error::Error {
    crate::error::Error::new(
        Kind::Malformed,
        Stage::Skeleton,
        field,
        "a value that the hole's field can render expected",
    )
}

/// Appends the record that a stored skeleton makes of the values that `hole` renders.
pub fn fill(
    skeleton: &[u8],
    mut hole: impl FnMut(usize, &mut Vec<u8>) -> Option<()>,
    out: &mut Vec<u8>,
) -> Result<()> {
    let mut reader = Reader::new(skeleton, 0, Stage::Skeleton);
    loop {
        out.extend_from_slice(reader.bytes()?);
        if reader.is_done() {
            return Ok(());
        }
        let field = reader.count(usize::MAX, "a field's index expected")?;
        hole(field, out).ok_or(no_such_value(field))?;
    }
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
        let mut reader = Reader::new(skeleton, 0, Stage::Skeleton);
        let mut before = Vec::new();
        loop {
            let literal = reader.bytes()?;
            if reader.is_done() {
                return Ok(Pieces { before, last: literal });
            }
            before.push((literal, reader.count(usize::MAX, "a field's index expected")?));
        }
    }
}

/// The field of each hole of a stored skeleton.
pub(crate) fn holes(skeleton: &[u8]) -> impl Iterator<Item = Result<usize>> {
    let mut reader = Reader::new(skeleton, 0, Stage::Skeleton);
    core::iter::from_fn(move || match reader.bytes() {
        Ok(_) if reader.is_done() => None,
        Ok(_) => Some(reader.count(usize::MAX, "a field's index expected")),
        Err(error) => Some(Err(error)),
    })
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

/// A way in which records were spelled: the literals around the values of some fields.
#[derive(Debug)]
struct Shape {
    /// The literal before each field's value, and the field.
    before: Vec<(Vec<u8>, usize)>,
    last: Vec<u8>,
    /// The skeleton of a record of this shape whose values all fit; empty for the default one.
    skeleton: Vec<u8>,
}

impl Shape {
    /// The spans of the fields' values if the record has this shape.
    fn spans(&self, record: &[u8], spans: &mut Vec<(usize, Range<usize>)>) -> bool {
        spans.clear();
        let mut at = 0;
        for (literal, field) in &self.before {
            if !record.get(at..).is_some_and(|rest| rest.starts_with(literal)) {
                return false;
            }
            at += literal.len();
            let Some(end) = value_end(record, at) else { return false };
            spans.push((*field, at..end));
            at = end;
        }
        record.get(at..) == Some(self.last.as_slice())
    }

    /// The shape of a record in which these spans were found.
    fn of(record: &[u8], spans: &[(usize, Range<usize>)]) -> Self {
        let mut shape = Shape { before: Vec::new(), last: Vec::new(), skeleton: Vec::new() };
        let mut done = 0;
        for (field, span) in spans {
            let literal = record.get(done..span.start).unwrap_or_default();
            put_bytes(&mut shape.skeleton, literal);
            put_varint(&mut shape.skeleton, *field as u64);
            shape.before.push((literal.to_vec(), *field));
            done = span.end;
        }
        shape.last = record.get(done..).unwrap_or_default().to_vec();
        put_bytes(&mut shape.skeleton, &shape.last);
        shape
    }
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
    /// Each field's value in the present record.
    spans: Vec<(usize, Range<usize>)>,
    seen: Vec<bool>,
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
        let seen = alloc::vec![false; schema.fields().len()];
        let Template { mut literals } = Template::new(schema);
        let last = literals.pop().unwrap_or_default();
        let before = literals.into_iter().enumerate().map(|(field, literal)| (literal, field)).collect();
        let shapes = alloc::vec![Shape { before, last, skeleton: Vec::new() }];
        let recent = alloc::vec![0];
        Splitter { schema, shapes, recent, objects, spans: Vec::new(), seen, skeleton: Vec::new() }
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
        for (field, span) in &mut self.spans {
            let value = match (record.get(span.clone()), self.schema.fields().get(*field)) {
                (Some(raw), Some(declared)) => declared.encoding.parse(raw, style, scratch),
                _ => None,
            };
            match value {
                Some(value) => sink(*field, value),
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
        let mut done = 0;
        for (field, span) in self.spans.iter().filter(|(_, span)| !span.is_empty()) {
            put_bytes(&mut self.skeleton, record.get(done..span.start).unwrap_or_default());
            put_varint(&mut self.skeleton, *field as u64);
            done = span.end;
        }
        put_bytes(&mut self.skeleton, record.get(done..).unwrap_or_default());
        Skeleton::Stored { shape: None, bytes: &self.skeleton }
    }

    /// Finds the fields' spans; the number of the record's shape, if it has one that is remembered.
    fn shape(&mut self, record: &[u8]) -> Option<usize> {
        for position in 0..self.recent.len() {
            let i = *self.recent.get(position)?;
            if self.shapes.get(i)?.spans(record, &mut self.spans) {
                if let Some(recent) = self.recent.get_mut(..=position) {
                    recent.rotate_right(1);
                }
                return Some(i);
            }
        }
        self.spans.clear();
        self.find(record);
        if self.spans.is_empty() || record.len() > MAX_SHAPE_RECORD || self.shapes.len() >= MAX_SHAPES {
            return None;
        }
        self.shapes.push(Shape::of(record, &self.spans));
        self.recent.push(self.shapes.len() - 1);
        Some(self.shapes.len() - 1)
    }

    /// Finds the first occurrence of each field in the record; none if the record is not one JSON object.
    fn find(&mut self, record: &[u8]) {
        self.seen.fill(false);
        let complete = self.walk(record).is_some();
        if !complete {
            self.spans.clear();
        }
    }

    fn walk(&mut self, record: &[u8]) -> Option<()> {
        let mut members = Members::new(record)?;
        let mut open = alloc::vec![0usize];
        loop {
            match members.step() {
                Step::Key(key) => match self.objects.get(*open.last()?)?.get(record.get(key)?) {
                    Some(Target::Object(object)) if members.at_object() => {
                        members.enter();
                        open.push(*object);
                    }
                    Some(&Target::Field(field)) => {
                        let span = members.value()?;
                        if !core::mem::replace(self.seen.get_mut(field)?, true) {
                            self.spans.push((field, span));
                        }
                    }
                    _ => {
                        members.value()?;
                    }
                },
                Step::Leave => {
                    open.pop();
                }
                Step::End => return Some(()),
                Step::Broken => return None,
            }
        }
    }
}
