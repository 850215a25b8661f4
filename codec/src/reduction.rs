//! What a schema declares to be left out: the one lossy thing, and only by request.
//!
//! A schema document may say that only some members are kept, and that a URL's parameters are cut:
//!
//! ```json
//! {"fidelog_schema": 1, "version": 1, "style": {"item": ",", "key": ":"},
//!  "keep": [["at"], ["url"], ["user", "id"]],
//!  "fields": [{"path": ["url"], "column": "url", "encoding": "text", "strip": "query"}]}
//! ```
//!
//! The reduction of a record is what is left of its bytes; all that is left keeps its spelling and its order:
//!
//! - A member stays whole if its path is in `keep`. On the way to such a path an object stays if a member stays in it; what
//!   is no object there goes. Without `keep` every member stays. A key that occurs twice is treated alike both times, and
//!   keys are compared by what they mean: `"\u0075rl"` is `url`. Arrays and strings are kept or dropped whole.
//! - A member that goes takes the comma and the white space before it along (the first one those after it), as someone
//!   would who deletes it by hand. An object that loses all members is `{}`.
//! - `"strip": "query"` cuts a string from its first `?` to the `#` after it, or to its end; the fragment is no part of the
//!   query and stays, and a `?` in it begins none (WHATWG URL, section 4.4). `"strip": "params"` cuts the parameters' values
//!   and leaves their names: `/a?b=1&c=2#d` becomes `/a?b=&c=#d`. A character counts also when it is escaped (`\u003f`).
//!   Values that are no strings stay.
//! - A record that is no JSON object has no members: it stays as it is.
//!
//! To reduce a record twice is to reduce it once. Nothing in this crate reduces by itself: whoever takes records in under
//! a schema calls [`Reduction::apply`] on each before it is encoded.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, ops::Range};

use serde::{Deserialize, Serialize};

use crate::{
    encoding::embedded,
    record::{Members, Step},
    schema::{MAX_FIELDS, MAX_KEYS},
};

mod spelling;
mod url;

/// Which part of a URL is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strip {
    /// The values of its parameters.
    Params,
    /// All of its query.
    Query,
}

/// A path, as a schema's fields have it.
pub type Path = Vec<String>;

/// What is left out of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// The paths of what stays; everything if there are none.
    keep: Option<Vec<Path>>,
    strip: Vec<(Path, Strip)>,
    tree: Node,
}

/// What to do with a member, by the keys on the way to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Node {
    kept: bool,
    strip: Option<Strip>,
    /// By key, in order. (A few; and every schema, in the browser too, knows how to drop them.)
    inner: Vec<(Vec<u8>, Node)>,
}

impl Node {
    /// The node of a path; made if need be.
    fn at(&mut self, path: &[String]) -> &mut Node {
        let mut node = self;
        for key in path {
            let key = spelling::meaning(key.as_bytes());
            let place = node.find(&key).unwrap_or_else(|place| {
                node.inner.insert(place, (key.into_owned(), Node::default()));
                place
            });
            node = &mut node.inner[place].1;
        }
        node
    }

    fn member(&self, key: &[u8]) -> Option<&Node> {
        let place = self.find(&spelling::meaning(key)).ok()?;
        self.inner.get(place).map(|(_, node)| node)
    }

    /// Where a key is, or belongs.
    fn find(&self, key: &[u8]) -> Result<usize, usize> {
        self.inner.binary_search_by(|(other, _)| other.as_slice().cmp(key))
    }
}

impl Reduction {
    /// `None` if nothing is to be left out; the error says what is wrong with the paths.
    pub(crate) fn new(keep: Option<Vec<Path>>, strip: Vec<(Path, Strip)>) -> Result<Option<Self>, String> {
        if keep.is_none() && strip.is_empty() {
            return Ok(None);
        }
        let paths = || keep.iter().flatten();
        if keep.as_ref().is_some_and(Vec::is_empty) {
            return Err("keep names nothing; name at least one member".to_string());
        }
        if paths().count().max(strip.len()) > MAX_FIELDS {
            return Err(format!("at most {MAX_FIELDS} members can be named"));
        }
        for path in paths().chain(strip.iter().map(|(path, _)| path)) {
            if !(1..=MAX_KEYS).contains(&path.len()) {
                return Err(format!("{}: 1 to {MAX_KEYS} keys are allowed in a path", name(path)));
            }
            if embedded::depth(path) > 0 || path.iter().any(|key| key == embedded::STEP) {
                return Err(format!(
                    "{}: JSON text in a string is kept or dropped whole, and not stripped",
                    name(path)
                ));
            }
        }
        let mut sorted: Vec<&Path> = paths().collect();
        sorted.sort_unstable();
        if let Some((outer, inner)) = sorted.iter().zip(sorted.iter().skip(1)).find(|(a, b)| b.starts_with(a))
        {
            return Err(format!("keep names {}, which {} keeps already", name(inner), name(outer)));
        }
        let mut tree = Node { kept: keep.is_none(), ..Node::default() };
        paths().for_each(|path| tree.at(path).kept = true);
        for (path, part) in &strip {
            let node = tree.at(path);
            node.strip = node.strip.max(Some(*part));
        }
        Ok(Some(Reduction { keep, strip, tree }))
    }

    /// The paths of what stays; everything if there are none.
    pub fn keep(&self) -> Option<&[Path]> {
        self.keep.as_deref()
    }

    /// What is cut of the URL at a path.
    pub fn strip(&self, path: &[String]) -> Option<Strip> {
        self.strip.iter().find(|(stripped, _)| stripped == path).map(|(_, part)| *part)
    }

    /// Whether all of a member stays, but for what is stripped.
    pub(crate) fn keeps(&self, path: &[String]) -> bool {
        self.keep.as_ref().is_none_or(|keep| keep.iter().any(|kept| path.starts_with(kept)))
    }

    /// Appends the reduction of a record.
    pub fn apply(&self, record: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        if self.walk(record, out).is_none() {
            out.truncate(start);
            out.extend_from_slice(record);
        }
    }

    /// `None` if the record is no object.
    fn walk(&self, record: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let mut members = Members::new(record)?;
        out.extend_from_slice(record.get(..members.position())?);
        let mut object = Open::new(&self.tree, self.tree.kept, 0, members.position());
        // Those around it: at most as many as a path has keys.
        let mut around = Vec::new();
        loop {
            match members.step() {
                Step::Key(key) => {
                    let node = object.node.member(record.get(key.clone())?);
                    let kept = object.kept || node.is_some_and(|node| node.kept);
                    let begin = out.len();
                    let quote = key.start - 1;
                    let lead = object.lead(quote);
                    let enter = |node: &&Node| !node.inner.is_empty() && members.at_object();
                    if let Some(node) = node.filter(enter) {
                        members.enter();
                        out.extend_from_slice(record.get(lead)?);
                        out.extend_from_slice(record.get(quote..members.position())?);
                        let inner = Open::new(node, kept, begin, members.position());
                        around.push(core::mem::replace(&mut object, inner));
                        continue;
                    }
                    let value = members.value()?;
                    object.end = value.end;
                    if kept {
                        object.left += 1;
                        out.extend_from_slice(record.get(lead)?);
                        out.extend_from_slice(record.get(quote..value.start)?);
                        let strip = node.and_then(|node| node.strip);
                        spell(record.get(value)?, strip, out);
                    }
                }
                Step::Leave => {
                    let end = members.position();
                    let inner = core::mem::replace(&mut object, around.pop()?);
                    object.end = end;
                    if inner.left == 0 {
                        out.truncate(inner.begin);
                    } else {
                        object.left += 1;
                        out.extend_from_slice(record.get(inner.end..end)?);
                    }
                }
                Step::End => {
                    // With no member left the white space between them goes, too.
                    let rest = if object.left == 0 && object.first.is_some() {
                        members.position() - 1
                    } else {
                        object.end
                    };
                    out.extend_from_slice(record.get(rest..)?);
                    return Some(());
                }
                Step::Broken => return None,
            }
        }
    }
}

/// Appends a value, without what is to be stripped of it.
fn spell(value: &[u8], strip: Option<Strip>, out: &mut Vec<u8>) {
    match (strip, value) {
        (Some(part), [b'"', content @ .., b'"']) => {
            out.push(b'"');
            url::strip(content, part, out);
            out.push(b'"');
        }
        _ => out.extend_from_slice(value),
    }
}

/// An object whose members are being looked at.
struct Open<'a> {
    node: &'a Node,
    /// Whether what nobody named stays.
    kept: bool,
    /// How long the output was before the member that it is.
    begin: usize,
    /// Where its content begins.
    start: usize,
    /// Where its first member begins.
    first: Option<usize>,
    /// Where its last member ended.
    end: usize,
    /// How many members are left.
    left: usize,
}

impl<'a> Open<'a> {
    fn new(node: &'a Node, kept: bool, begin: usize, start: usize) -> Self {
        Open { node, kept, begin, start, first: None, end: start, left: 0 }
    }

    /// What goes before the member that begins at `quote`, if it stays.
    fn lead(&mut self, quote: usize) -> Range<usize> {
        let first = *self.first.get_or_insert(quote);
        if self.left == 0 { self.start..first } else { self.end..quote }
    }
}

/// A path as people name it.
fn name(path: &[String]) -> String {
    path.join(".")
}

impl fmt::Display for Reduction {
    /// `only at and url are kept; the query of url is cut`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |paths: &mut dyn Iterator<Item = &Path>| {
            paths.map(|path| name(path)).collect::<Vec<_>>().join(", ")
        };
        let mut parts = Vec::new();
        if let Some(keep) = &self.keep {
            let is = if keep.len() == 1 { "is" } else { "are" };
            parts.push(format!("only {} {is} kept", list(&mut keep.iter())));
        }
        for (part, what) in [(Strip::Query, "the query"), (Strip::Params, "the parameters' values")] {
            let of = list(&mut self.strip.iter().filter(|(_, p)| *p == part).map(|(path, _)| path));
            if !of.is_empty() {
                let is = if part == Strip::Query { "is" } else { "are" };
                parts.push(format!("{what} of {of} {is} cut"));
            }
        }
        f.write_str(&parts.join("; "))
    }
}

/// What `before` leaves of records and `after` does not, if there is anything.
///
/// Where there is nothing, what `before` leaves of a record is what it leaves of the record's reduction under `after`.
pub fn narrowing(before: Option<&Reduction>, after: Option<&Reduction>) -> Option<String> {
    let after = after?;
    let kept = |path: &[String]| before.is_none_or(|before| before.keeps(path));
    match (before.and_then(Reduction::keep), after.keep()) {
        (None, Some(_)) => return Some("it keeps only some fields, the store's keeps all".to_string()),
        (Some(before), Some(_)) => {
            if let Some(path) = before.iter().find(|path| !after.keeps(path)) {
                return Some(format!("it does not keep {}, the store's does", name(path)));
            }
        }
        (_, None) => {}
    }
    let tightened = after.strip.iter().find(|(path, part)| {
        let stripped = before.and_then(|before| before.strip(path));
        kept(path) && stripped.is_none_or(|stripped| stripped < *part)
    });
    tightened.map(|(path, _)| format!("it cuts more of {} than the store's", name(path)))
}

#[cfg(test)]
mod tests;
