//! Proposes a schema from sample records, and says how sure it is and why.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    vec::Vec,
};

use serde::Serialize;

use crate::{
    encoding::{Encoding, TimestampPattern},
    record::{Members, Step},
    schema::{Field, Schema, column_names},
};

mod style;
mod votes;

use style::StyleVotes;
use votes::Votes;

/// Deepest nesting that fields are looked for in; objects below are one `json` field.
const MAX_DEPTH: usize = 8;

/// Most fields that are proposed; members seen less often stay in the skeleton.
const MAX_COLUMNS: usize = 256;

/// Most paths that are watched while sampling: keys that are ids must not use them up before ordinary ones are seen.
const MAX_PATHS: usize = 1 << 16;

/// One field of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldReport {
    /// The field's name.
    pub name: String,
    /// Its column.
    pub column: String,
    /// The proposed encoding's name.
    pub encoding: &'static str,
    /// Sample records that have the member.
    pub seen: usize,
    /// Members that the encoding takes (null included); the others stay in the skeleton.
    pub fits: usize,
    /// What speaks for the encoding.
    pub why: String,
}

/// A proposed schema and the evidence for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inference {
    /// The proposal.
    pub schema: Schema,
    /// How many records were looked at.
    pub records: usize,
    /// How many of them were JSON objects.
    pub objects: usize,
    /// The evidence, field by field.
    pub fields: Vec<FieldReport>,
}

/// What the samples say about one path.
#[derive(Debug, Default)]
struct Path {
    keys: Vec<String>,
    votes: Votes,
    /// How often the value was an object with members.
    objects: usize,
}

#[derive(Debug)]
struct Samples {
    /// Most paths that are watched, so that hostile samples take bounded memory.
    most_paths: usize,
    paths: Vec<Path>,
    /// From the parent's index (or none) and a key to the path.
    index: BTreeMap<(usize, Vec<u8>), usize>,
    style: StyleVotes,
    objects: usize,
}

impl Default for Samples {
    fn default() -> Self {
        Samples {
            most_paths: MAX_PATHS,
            paths: Vec::new(),
            index: BTreeMap::new(),
            style: StyleVotes::default(),
            objects: 0,
        }
    }
}

/// The parent of the top-level members.
const ROOT: usize = usize::MAX;

impl Samples {
    /// The path of a key under a parent; `None` when the key cannot be one or there are too many.
    fn path(&mut self, parent: usize, key: &[u8]) -> Option<usize> {
        if let Some(&at) = self.index.get(&(parent, key.to_vec())) {
            return Some(at);
        }
        let name = core::str::from_utf8(key).ok()?;
        if self.paths.len() >= self.most_paths {
            return None;
        }
        let mut keys = self.paths.get(parent).map(|p| p.keys.clone()).unwrap_or_default();
        keys.push(name.to_string());
        self.paths.push(Path { keys, ..Path::default() });
        self.index.insert((parent, key.to_vec()), self.paths.len() - 1);
        Some(self.paths.len() - 1)
    }

    /// Looks at one record; a record that is not one JSON object counts for nothing.
    fn add(&mut self, record: &[u8]) {
        let mut found = Vec::new();
        if self.walk(record, &mut found).is_none() {
            return;
        }
        self.objects += 1;
        self.style.add_gaps(record, &found);
        for (path, _, value) in found {
            let Some(raw) = value.and_then(|span| record.get(span)) else { continue };
            self.style.add_value(raw);
            if let Some(path) = self.paths.get_mut(path) {
                path.votes.add(raw);
            }
        }
    }

    fn walk(&mut self, record: &[u8], found: &mut Vec<style::Found>) -> Option<()> {
        let mut members = Members::new(record)?;
        let mut open = alloc::vec![ROOT];
        loop {
            match members.step() {
                Step::Key(key) => {
                    let path = self.path(*open.last()?, record.get(key.clone())?);
                    match path {
                        Some(path) if members.at_object() && open.len() < MAX_DEPTH => {
                            self.paths.get_mut(path)?.objects += 1;
                            found.push((path, key, None));
                            members.enter();
                            open.push(path);
                        }
                        Some(path) => found.push((path, key, Some(members.value()?))),
                        None => {
                            members.value()?;
                        }
                    }
                }
                Step::Leave => {
                    open.pop();
                }
                Step::End => return Some(()),
                Step::Broken => return None,
            }
        }
    }

    /// Indices of the paths to propose as fields: those with values of their own, not inside another one.
    fn chosen(&self, most: usize) -> Vec<usize> {
        let is_leaf = |p: &Path| p.votes.seen() > 0 && p.votes.seen() >= p.objects;
        let leaves: Vec<&[String]> =
            self.paths.iter().filter(|p| is_leaf(p)).map(|p| p.keys.as_slice()).collect();
        let inside =
            |keys: &[String]| leaves.iter().any(|leaf| leaf.len() < keys.len() && keys.starts_with(leaf));
        let mut chosen: Vec<usize> = (0..self.paths.len())
            .filter(|&i| self.paths.get(i).is_some_and(|p| is_leaf(p) && !inside(&p.keys)))
            .collect();
        let seen = |i: usize| self.paths.get(i).map_or(0, |p| p.votes.seen());
        if chosen.len() > most {
            chosen.sort_by_key(|&i| core::cmp::Reverse(seen(i)));
            chosen.truncate(most);
            chosen.sort_unstable();
        }
        // Fields of one object stand together, in the order in which their objects were first seen.
        chosen.sort_by_key(|&i| self.order(i));
        chosen
    }

    /// The positions of a path's objects and itself in order of first use.
    fn order(&self, i: usize) -> Vec<usize> {
        let Some(path) = self.paths.get(i) else { return Vec::new() };
        let mut order = Vec::new();
        let mut parent = ROOT;
        for key in &path.keys {
            parent = self.index.get(&(parent, key.as_bytes().to_vec())).copied().unwrap_or(ROOT);
            order.push(parent);
        }
        order
    }
}

impl Schema {
    /// Proposes a schema from sample records: types, style, and which field is the event time.
    pub fn infer<'a>(records: impl IntoIterator<Item = &'a [u8]>) -> Inference {
        let mut samples = Samples::default();
        let (mut count, mut bytes) = (0, 0);
        for record in records {
            samples.add(record);
            count += 1;
            bytes += record.len();
        }
        let most = most_columns(bytes, count, MAX_COLUMNS);
        let chosen: Vec<&Path> =
            samples.chosen(most).into_iter().filter_map(|i| samples.paths.get(i)).collect();
        let columns = column_names(chosen.iter().map(|p| p.keys.as_slice()));
        let style = samples.style.winner();
        let mut fields = Vec::new();
        let mut reports = Vec::new();
        for (path, column) in chosen.iter().zip(columns) {
            let (encoding, fits, why) = path.votes.winner(path.objects);
            let field = Field { path: path.keys.clone(), column, encoding };
            reports.push(FieldReport {
                name: field.name(),
                column: field.column.clone(),
                encoding: field.encoding.name(),
                seen: path.votes.seen() + path.objects,
                fits,
                why,
            });
            fields.push(field);
        }
        let event_time = event_time(&fields, &reports, samples.objects);
        if let Some(report) = event_time.and_then(|i| reports.get_mut(i)) {
            report.why += "; the event time: the first timestamp that (nearly) every record has";
        }
        let event_time = event_time.and_then(|i| fields.get(i)).map(|f| f.column.clone());
        let schema = Schema::new(style.clone(), event_time, fields);
        // What was chosen above keeps the document's rules; an empty schema stores everything too.
        let schema = schema.unwrap_or_else(|_| Schema::empty(style));
        Inference { schema, records: count, objects: samples.objects, fields: reports }
    }
}

/// Learned fields are in at least this many sampled records, and one in a hundred.
const LEARN_LEAST: usize = 8;

/// Most fields that a block learns.
const LEARN_MOST: usize = 1_000;

/// Most columns for records of this size. A column takes memory for every row, also where there is no value: a quarter
/// of the records' bytes may be values.
fn most_columns(bytes: usize, records: usize, ceiling: usize) -> usize {
    (bytes / records.max(1) / 4).clamp(16, ceiling)
}

/// A schema with the undeclared members that recur in the samples appended as fields, for one block's use.
pub(crate) fn learn<'a>(schema: &Schema, records: impl IntoIterator<Item = &'a [u8]>) -> Schema {
    let mut samples = Samples { most_paths: 4 * LEARN_MOST, ..Samples::default() };
    let (mut count, mut bytes) = (0, 0);
    for record in records {
        samples.add(record);
        count += 1;
        bytes += record.len();
    }
    let declared: BTreeSet<&[String]> = schema.fields().iter().map(|f| f.path.as_slice()).collect();
    // Neither a declared field, nor inside one, nor around one.
    let is_free = |keys: &[String]| {
        (1..=keys.len()).all(|n| keys.get(..n).is_none_or(|parent| !declared.contains(parent)))
            && declared.range(keys..).next().is_none_or(|next| !next.starts_with(keys))
    };
    let most = most_columns(bytes, count, LEARN_MOST).saturating_sub(schema.fields().len() / 4);
    let least = LEARN_LEAST.max(count / 100);
    let recurs = |p: &&Path| p.votes.seen() >= least && is_free(&p.keys);
    let chosen: Vec<&Path> =
        samples.chosen(most).iter().filter_map(|&i| samples.paths.get(i)).filter(recurs).collect();
    let paths =
        schema.fields().iter().map(|f| f.path.as_slice()).chain(chosen.iter().map(|p| p.keys.as_slice()));
    let names = column_names(paths).into_iter().skip(schema.fields().len());
    let mut taken: BTreeSet<String> = schema.fields().iter().map(|f| f.column.clone()).collect();
    let mut fields = Vec::new();
    for (path, name) in chosen.iter().zip(names) {
        let mut column = name.clone();
        for n in 2.. {
            if taken.insert(column.clone()) {
                break;
            }
            column = format!("{name}_{n}");
        }
        fields.push(Field { path: path.keys.clone(), column, encoding: path.votes.winner(path.objects).0 });
    }
    // What was chosen above keeps the document's rules; the declared fields alone store everything too.
    schema.learned(fields).unwrap_or_else(|_| schema.clone())
}

/// The first timestamp field that at least nine of ten records have; a calendar pattern before a mere number.
fn event_time(fields: &[Field], reports: &[FieldReport], objects: usize) -> Option<usize> {
    let often = |i: &usize| reports.get(*i).is_some_and(|r| r.fits * 10 >= objects * 9);
    let is = |calendar: bool| {
        move |f: &Field| match &f.encoding {
            Encoding::Timestamp { pattern } => {
                calendar == matches!(pattern, TimestampPattern::Calendar { .. })
            }
            _ => false,
        }
    };
    let first = |calendar| (0..fields.len()).filter(often).find(|&i| fields.get(i).is_some_and(is(calendar)));
    first(true).or_else(|| first(false))
}

impl Inference {
    /// One line that says how well the proposal fits the samples.
    pub fn summary(&self) -> String {
        let (seen, fits) = self.fields.iter().fold((0, 0), |(s, f), r| (s + r.seen, f + r.fits));
        format!(
            "{} records, {} of them JSON objects; {} fields take {fits} of {seen} values",
            self.records,
            self.objects,
            self.fields.len()
        )
    }
}
