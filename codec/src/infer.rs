//! Proposes a schema from sample records, and says how sure it is and why.

use alloc::{
    boxed::Box,
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    vec::Vec,
};

use serde::Serialize;

use crate::{
    encoding::{Encoding, TimestampPattern, embedded, text},
    record::{Members, Step, may_hold_object},
    schema::{Field, Schema, Style, column_names},
};

mod dynamic;
mod epoch;
mod style;
mod votes;

use dynamic::Keys;
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

/// Most keys of one object that are watched: an object with more has no fields, but ids for keys.
const MAX_KEYS: usize = 512;

/// What the samples say about one path.
#[derive(Debug, Default)]
struct Path {
    keys: Vec<String>,
    /// The path of the object that it is in.
    parent: usize,
    votes: Votes,
    /// How often the value was an object with members.
    objects: usize,
    /// How many members these had, by distinct keys.
    children: usize,
    /// Why its members are no fields, if they are none.
    dynamic: Option<String>,
    is_declared: bool,
}

impl Path {
    /// How often it was there.
    const fn seen(&self) -> usize {
        self.votes.seen() + self.votes.texts() + self.objects
    }

    /// Whether it has values of its own rather than members.
    const fn is_leaf(&self) -> bool {
        self.dynamic.is_some()
            || (self.votes.seen() > 0 && self.votes.seen() >= self.objects && !self.votes.are_texts())
    }

    /// The encoding to propose, how many values it takes, and why.
    fn winner(&self) -> (Encoding, usize, String) {
        match &self.dynamic {
            // Of a text that holds such an object, the votes know that it is a string.
            Some(why) if self.objects > self.votes.texts() => (Encoding::Json, self.seen(), why.clone()),
            dynamic => {
                let key = self.keys.last().map(String::as_str).unwrap_or_default();
                let (encoding, fits, mut why) = self.votes.winner(self.objects, key);
                if let Some(dynamic) = dynamic {
                    why = format!("{why}; inside, {dynamic}");
                }
                if let Some(step) = self.keys.iter().rposition(|key| key == embedded::STEP) {
                    let text: Vec<&str> = self.keys.iter().take(step).map(String::as_str).collect();
                    let text = text.join(".").replace(".\".", ".");
                    why = format!("{why}; in the JSON text of {text}");
                }
                (encoding, fits, why)
            }
        }
    }
}

#[derive(Debug)]
struct Samples<'s> {
    /// Most paths that are watched, so that hostile samples take bounded memory.
    most_paths: usize,
    paths: Vec<Path>,
    /// From the parent's index (or none) and a key to the path.
    index: BTreeMap<usize, BTreeMap<Vec<u8>, usize>>,
    /// Paths that are fields already: what their values are need not be asked.
    declared: BTreeSet<&'s [String]>,
    /// Of the records, and of objects in strings; none where it is known.
    styles: Option<[StyleVotes; 2]>,
    /// The style in which strings must be spelled to be looked into; none is without.
    spelled: Option<Style>,
    /// Whether there are strings that may hold objects.
    has_texts: bool,
    /// Whether one of them does.
    looked_into: bool,
    count: usize,
    bytes: usize,
    objects: usize,
}

/// The parent of the top-level members.
const ROOT: usize = usize::MAX;

impl<'s> Samples<'s> {
    /// What these records say; strings that are spelled in the style are looked into. `schema` is what is known.
    fn of(records: &[&[u8]], spelled: Option<Style>, most_paths: usize, schema: Option<&'s Schema>) -> Self {
        let declared = schema.map(Schema::fields).unwrap_or_default();
        let mut samples = Samples {
            most_paths,
            paths: Vec::new(),
            index: BTreeMap::new(),
            declared: declared.iter().map(|f| f.path.as_slice()).collect(),
            styles: schema.is_none().then(Default::default),
            spelled,
            has_texts: false,
            looked_into: false,
            count: records.len(),
            bytes: records.iter().map(|r| r.len()).sum(),
            objects: 0,
        };
        for record in records {
            // A record that is not one JSON object counts for nothing.
            samples.objects += usize::from(samples.add(record, ROOT, 0));
        }
        samples.find_dynamic();
        samples
    }

    /// The path of a key under a parent; `None` when the key cannot be one or there are too many.
    fn path(&mut self, parent: usize, key: &[u8]) -> Option<usize> {
        if let Some(&at) = self.index.get(&parent).and_then(|children| children.get(key)) {
            return Some(at);
        }
        let name = core::str::from_utf8(key).ok()?;
        if self.paths.len() >= self.most_paths {
            return None;
        }
        let mut keys = Vec::new();
        if let Some(parent) = self.paths.get_mut(parent) {
            if parent.children >= MAX_KEYS {
                return None;
            }
            parent.children += 1;
            keys.clone_from(&parent.keys);
        }
        keys.push(name.to_string());
        let is_declared = self.declared.contains(keys.as_slice());
        self.paths.push(Path { keys, parent, is_declared, ..Path::default() });
        self.index.entry(parent).or_default().insert(key.to_vec(), self.paths.len() - 1);
        Some(self.paths.len() - 1)
    }

    /// Looks at one object inside so many strings; whether it was one.
    fn add(&mut self, object: &[u8], parent: usize, depth: usize) -> bool {
        let mut found = Vec::new();
        if self.walk(object, parent, &mut found).is_none() {
            return false;
        }
        if let Some([outer, inner]) = &mut self.styles {
            let style = if depth == 0 { outer } else { inner };
            style.add_gaps(object, &found);
            for raw in found.iter().filter_map(|(_, _, value)| object.get(value.clone()?)) {
                style.add_value(raw);
            }
        }
        for (path, _, value) in found {
            let Some(raw) = value.and_then(|span| object.get(span)) else { continue };
            let is_text = may_hold_object(raw) && self.add_text(raw, path, depth).is_some();
            if let Some(path) = self.paths.get_mut(path) {
                if is_text {
                    path.votes.add_text();
                } else if path.is_declared {
                    path.votes.add_known();
                } else {
                    path.votes.add(raw);
                }
            }
        }
        true
    }

    /// Looks into a string that may hold an object; `None` if it does not, or cannot be a path's step.
    fn add_text(&mut self, raw: &[u8], path: usize, depth: usize) -> Option<()> {
        self.has_texts = true;
        let style = self.spelled.as_ref()?;
        let mut content = Vec::new();
        text::unescape(raw.get(1..raw.len() - 1)?, style.within(depth), &mut content)?;
        if depth >= embedded::MOST {
            return None;
        }
        let inner = self.path(path, embedded::STEP.as_bytes())?;
        if !self.add(&content, inner, depth + 1) {
            return None;
        }
        self.paths.get_mut(inner)?.objects += 1;
        self.looked_into = true;
        Some(())
    }

    fn walk(&mut self, record: &[u8], parent: usize, found: &mut Vec<style::Found>) -> Option<()> {
        let mut members = Members::new(record)?;
        let mut open = alloc::vec![parent];
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

    /// The style that most of the records are written in.
    fn style(&self) -> Style {
        let Some([outer, inner]) = &self.styles else { return Style::default() };
        let outer = outer.winner(&Style::default());
        let inner = inner.winner(&outer);
        let embedded = (self.looked_into && inner != outer).then(|| Box::new(inner));
        Style { embedded, ..outer }
    }

    /// Marks the objects whose keys are values.
    fn find_dynamic(&mut self) {
        let mut keys: BTreeMap<usize, Keys> = BTreeMap::new();
        for path in &self.paths {
            if let Some(key) = path.keys.last() {
                keys.entry(path.parent).or_default().add(key, path.seen());
            }
        }
        for (parent, keys) in keys {
            let Some(path) = self.paths.get_mut(parent) else { continue };
            let Some(why) = keys.why_dynamic(path.objects) else { continue };
            // The content of a string is no field: the string is.
            let field =
                if path.keys.last().is_some_and(|key| key == embedded::STEP) { path.parent } else { parent };
            if let Some(path) = self.paths.get_mut(field) {
                path.dynamic = Some(why);
            }
        }
    }

    /// Indices of the paths to propose as fields: those with values of their own, not inside another one.
    fn chosen(&self, most: usize) -> Vec<usize> {
        let leaves: BTreeSet<&[String]> =
            self.paths.iter().filter(|p| p.is_leaf()).map(|p| p.keys.as_slice()).collect();
        let inside = |keys: &[String]| {
            (1..keys.len()).any(|n| keys.get(..n).is_some_and(|parent| leaves.contains(parent)))
        };
        let mut chosen: Vec<usize> = (0..self.paths.len())
            .filter(|&i| self.paths.get(i).is_some_and(|p| p.is_leaf() && !inside(&p.keys)))
            .collect();
        let seen = |i: usize| self.paths.get(i).map_or(0, Path::seen);
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
            let children = self.index.get(&parent);
            parent = children.and_then(|c| c.get(key.as_bytes())).copied().unwrap_or(ROOT);
            order.push(parent);
        }
        order
    }
}

impl Schema {
    /// Proposes a schema from sample records: types, style, and which field is the event time.
    pub fn infer<'a>(records: impl IntoIterator<Item = &'a [u8]>) -> Inference {
        let records: Vec<&[u8]> = records.into_iter().collect();
        let mut samples = Samples::of(&records, None, MAX_PATHS, None);
        // Only then it is known in which style strings must be spelled, and those inside them.
        for _ in 0..embedded::MOST {
            let style = samples.style();
            if !samples.has_texts || samples.spelled.as_ref() == Some(&style) {
                break;
            }
            samples = Samples::of(&records, Some(style), MAX_PATHS, None);
        }
        let most = most_columns(&samples, MAX_COLUMNS);
        let chosen: Vec<&Path> =
            samples.chosen(most).into_iter().filter_map(|i| samples.paths.get(i)).collect();
        let columns = column_names(chosen.iter().map(|p| p.keys.as_slice()));
        let style = samples.style();
        let mut fields = Vec::new();
        let mut reports = Vec::new();
        for (path, column) in chosen.iter().zip(columns) {
            let (encoding, fits, why) = path.winner();
            let field = Field { path: path.keys.clone(), column, encoding };
            reports.push(FieldReport {
                name: field.name(),
                column: field.column.clone(),
                encoding: field.encoding.name(),
                seen: path.seen(),
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
        Inference { schema, records: records.len(), objects: samples.objects, fields: reports }
    }
}

/// Learned fields are in at least this many sampled records, and one in a hundred.
const LEARN_LEAST: usize = 8;

/// Most fields that a block learns.
const LEARN_MOST: usize = 1_000;

/// Most columns for records of this size. A column takes memory for every row, also where there is no value: a quarter
/// of the records' bytes may be values.
fn most_columns(samples: &Samples<'_>, ceiling: usize) -> usize {
    (samples.bytes / samples.count.max(1) / 4).clamp(16, ceiling)
}

/// A schema with the undeclared members that recur in the samples appended as fields, for one block's use.
pub(crate) fn learn(schema: &Schema, records: &[&[u8]]) -> Schema {
    let samples = Samples::of(records, Some(schema.style().clone()), 8 * LEARN_MOST, Some(schema));
    let declared = &samples.declared;
    // Neither a declared field, nor inside one, nor around one.
    let is_free = |keys: &[String]| {
        (1..=keys.len()).all(|n| keys.get(..n).is_none_or(|parent| !declared.contains(parent)))
            && declared.range(keys..).next().is_none_or(|next| !next.starts_with(keys))
    };
    let most = most_columns(&samples, LEARN_MOST).saturating_sub(schema.fields().len() / 4);
    let least = LEARN_LEAST.max(samples.count / 100);
    let recurs = |p: &&Path| p.seen() >= least && is_free(&p.keys);
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
        fields.push(Field { path: path.keys.clone(), column, encoding: path.winner().0 });
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

#[cfg(test)]
mod tests;
