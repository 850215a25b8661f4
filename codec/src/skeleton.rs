//! The record with every encoded field cut out and a hole left in its place.
//!
//! A skeleton's bytes: a length (varint) and that many literal bytes; then, until the end, a field's index (varint)
//! for the hole, and again a length and a literal. The schema's *default skeleton* (all fields, in order, in its
//! style) has no bytes: it is stored as null.

use alloc::{collections::BTreeMap, vec::Vec};
use core::ops::Range;

use crate::{
    encoding::Value,
    error::{Kind, Result, Stage},
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

    /// The spans of all fields' values if the record is spelled in the default skeleton.
    fn spans(&self, record: &[u8], spans: &mut Vec<(usize, Range<usize>)>) -> bool {
        let Some((last, before)) = self.literals.split_last() else { return false };
        let mut at = 0;
        for (field, literal) in before.iter().enumerate() {
            if !record.get(at..).is_some_and(|rest| rest.starts_with(literal)) {
                return false;
            }
            at += literal.len();
            let Some(end) = value_end(record, at) else { return false };
            spans.push((field, at..end));
            at = end;
        }
        record.get(at..) == Some(last.as_slice())
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

/// Where a key leads: to a field, or into an object that has fields.
#[derive(Clone, Copy, Debug)]
enum Target {
    Field(usize),
    Object(usize),
}

/// Splits records under one schema.
#[derive(Debug)]
pub struct Splitter<'s> {
    schema: &'s Schema,
    template: Template,
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
        let template = Template::new(schema);
        Splitter { schema, template, objects, spans: Vec::new(), seen, skeleton: Vec::new() }
    }

    /// Splits one record: `sink` gets each encoded field's value, the result is the skeleton (`None`: the default).
    pub fn split(
        &mut self,
        record: &[u8],
        scratch: &mut Vec<u8>,
        mut sink: impl FnMut(usize, Value<'_>),
    ) -> Option<&[u8]> {
        self.spans.clear();
        let mut is_default = self.template.spans(record, &mut self.spans);
        if !is_default {
            self.spans.clear();
            self.find(record);
        }
        self.skeleton.clear();
        let mut literal = 0;
        for (field, span) in &self.spans {
            let (Some(raw), Some(declared)) = (record.get(span.clone()), self.schema.fields().get(*field))
            else {
                continue;
            };
            match declared.encoding.parse(raw, self.schema.style(), scratch) {
                Some(value) => {
                    sink(*field, value);
                    put_bytes(&mut self.skeleton, &record[literal..span.start]);
                    put_varint(&mut self.skeleton, *field as u64);
                    literal = span.end;
                }
                None => is_default = false,
            }
        }
        put_bytes(&mut self.skeleton, &record[literal..]);
        if is_default { None } else { Some(&self.skeleton) }
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
