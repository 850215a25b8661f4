//! What a schema may not say.

use alloc::{string::String, vec::Vec};

use super::{Field, MAX_FIELDS, MAX_KEYS, RESERVED_PREFIX, Result, Schema, invalid, keys};
use crate::encoding::{Encoding, embedded};

// Every block's header is checked, in the browser too: parts of messages are put together without the machinery of formats.
fn fail(parts: &[&str]) -> Result<()> {
    Err(invalid(parts.concat()))
}

impl Schema {
    pub(super) fn check(&self) -> Result<()> {
        if self.version == 0 {
            return fail(&["versions count from 1"]);
        }
        if self.fields.len() > MAX_FIELDS {
            return fail(&["at most 4096 fields are allowed"]);
        }
        let inner = self.style.embedded.as_deref();
        for style in core::iter::once(&self.style).chain(inner) {
            if !matches!(style.item.as_str(), ", " | ",") || !matches!(style.key.as_str(), ": " | ":") {
                return fail(&["style.item must be \", \" or \",\" and style.key \": \" or \":\""]);
            }
        }
        if inner.is_some_and(|style| style.embedded.is_some()) {
            return fail(&["style.embedded has no style.embedded of its own"]);
        }
        self.fields.iter().try_for_each(|field| self.check_field(field))?;
        let columns = sorted(self.fields.iter().map(|field| core::slice::from_ref(&field.column)));
        if let Some((column, _)) = neighbours(&columns).find(|(before, column)| before == column) {
            return fail(&["column ", &column.concat(), " is declared twice"]);
        }
        // In order, a path stands just before those that it begins.
        let paths = sorted(self.fields.iter().map(|field| field.path.as_slice()));
        if let Some((before, path)) = neighbours(&paths).find(|(before, path)| path.starts_with(before)) {
            let what = if before == path { " is declared twice" } else { " lies inside another field" };
            return fail(&["field ", &keys(path).collect::<Vec<_>>().join("."), what]);
        }
        match (self.event_time.as_deref(), self.event_time()) {
            (None, _) => Ok(()),
            (Some(_), Some(i)) if matches!(self.fields[i].encoding, Encoding::Timestamp { .. }) => Ok(()),
            (Some(name), _) => fail(&["event_time ", name, " is not a column with encoding timestamp"]),
        }
    }

    fn check_field(&self, field: &Field) -> Result<()> {
        let fail = |why: &str| fail(&["field ", &field.name(), ": ", why]);
        if !(1..=MAX_KEYS).contains(&field.path.len()) {
            return fail("1 to 64 keys are allowed in a path");
        }
        if !is_column_name(&field.column) {
            return fail(&[
                "column \"", &field.column,
                "\" must be a letter or _, then letters, digits or _, lower-case, at most 255 bytes, and not start with ",
                RESERVED_PREFIX,
            ].concat());
        }
        embedded::check(&field.path).or_else(fail)?;
        field.encoding.check().or_else(fail)?;
        match &self.reduction {
            Some(reduction) if !reduction.keeps(&field.path) => {
                fail("it is not kept: leave it out, or name it in keep")
            }
            Some(reduction) if reduction.strip(&field.path).is_some() && field.encoding != Encoding::Text => {
                fail(&["it is stripped: a URL is text, not ", field.encoding.name()].concat())
            }
            _ => Ok(()),
        }
    }
}

fn sorted<'a>(all: impl Iterator<Item = &'a [String]>) -> Vec<&'a [String]> {
    let mut all: Vec<&[String]> = all.collect();
    all.sort_unstable();
    all
}

fn neighbours<'s, 'a>(
    all: &'s [&'a [String]],
) -> impl Iterator<Item = (&'a [String], &'a [String])> + use<'s, 'a> {
    all.iter().copied().zip(all.iter().copied().skip(1))
}

fn is_column_name(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|c| c.is_ascii_lowercase() || c == b'_');
    first
        && name.len() <= 255
        && !name.starts_with(RESERVED_PREFIX)
        && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
}
