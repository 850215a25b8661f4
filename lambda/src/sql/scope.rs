//! What names mean: columns, the relations they belong to, and scopes inside scopes.
//!
//! A column may be called by its original spelling or by its SQL name, in any case, quoted or not. The first of
//! these rules that finds something decides: the exact original, the exact SQL name, either in another case.

use fidelog_codec::encoding::Case;
use sqlparser::ast::Expr;

use super::error::{Result, SqlError};

/// How a column's logical value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// As itself.
    Plain,
    /// As a timestamp, which a string may be compared with.
    Time,
    /// Text of hex digits as bytes.
    Hex(Case),
    /// A UUID's text as 16 bytes.
    Uuid(Case),
}

impl Stored {
    pub(super) const fn is_bytes(self) -> bool {
        matches!(self, Stored::Hex(_) | Stored::Uuid(_))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Column {
    /// What it may be called; the first is its name in a result. Empty for a nameless expression.
    pub names: Vec<String>,
    /// The reference to it, in its stored form.
    pub expr: Expr,
    pub stored: Stored,
    /// Where the digits below its microseconds are.
    pub nanos: Option<Expr>,
    /// The schema's field whose values it has.
    pub field: Option<usize>,
    /// Whether `*` leaves it out.
    pub hidden: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Relation {
    /// What it may be called.
    pub name: Option<String>,
    pub columns: Vec<Column>,
}

/// The relations of one FROM, and of the queries around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub relations: &'a [Relation],
    pub outer: Option<&'a Scope<'a>>,
}

pub(super) fn same_name(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

/// Picks by name from things that have several names: exact first name, exact other name, any in another case.
pub(super) fn pick<'a, T>(things: &'a [T], names: impl Fn(&T) -> &[String], name: &str) -> Vec<&'a T> {
    type Rule = fn(&[String], &str) -> bool;
    let rules: [Rule; 3] = [
        |names, name| names.first().is_some_and(|n| n == name),
        |names, name| names.iter().any(|n| n == name),
        |names, name| names.iter().any(|n| same_name(n, name)),
    ];
    let by = |rule: Rule| things.iter().filter(|t| rule(names(t), name)).collect::<Vec<_>>();
    rules.into_iter().map(by).find(|found| !found.is_empty()).unwrap_or_default()
}

impl<'a> Scope<'a> {
    /// The column that one or more dotted parts name; `None` if there is none.
    pub(super) fn resolve(&self, parts: &[String]) -> Result<Option<&'a Column>> {
        let whole = parts.join(".");
        let plain = self.unqualified(&whole)?;
        let (relation, rest) = match parts {
            [relation, rest @ ..] if !rest.is_empty() => (relation, rest.join(".")),
            _ => return Ok(plain),
        };
        match (plain, self.qualified(relation, &rest)?) {
            (Some(a), Some(b)) if a.expr != b.expr => Err(SqlError::refused(
                format!("{whole} may be column {:?} or a column of {relation}", name_of(a)),
                "rename the table's alias",
            )),
            (a, b) => Ok(b.or(a)),
        }
    }

    fn unqualified(&self, name: &str) -> Result<Option<&'a Column>> {
        let all: Vec<&Column> = self.relations.iter().flat_map(|r| &r.columns).collect();
        match pick(&all, |c| &c.names, name).as_slice() {
            [] => self.outer.map_or(Ok(None), |outer| outer.unqualified(name)),
            [one] => Ok(Some(**one)),
            many => Err(self.ambiguous(name, &many.iter().map(|c| **c).collect::<Vec<_>>())),
        }
    }

    fn qualified(&self, relation: &str, name: &str) -> Result<Option<&'a Column>> {
        match self.relation_here(relation) {
            Some(found) => match pick(&found.columns, |c| &c.names, name).as_slice() {
                [] => Ok(None),
                [one] => Ok(Some(*one)),
                many => Err(self.ambiguous(name, many)),
            },
            None => self.outer.map_or(Ok(None), |outer| outer.qualified(relation, name)),
        }
    }

    /// The relation of this FROM that goes by a name.
    pub(super) fn relation_here(&self, name: &str) -> Option<&'a Relation> {
        self.relations.iter().find(|r| r.name.as_deref().is_some_and(|n| same_name(n, name)))
    }

    fn ambiguous(&self, name: &str, found: &[&Column]) -> SqlError {
        let candidates: Vec<String> = found
            .iter()
            .map(|c| {
                let relation = self.relations.iter().find(|r| r.columns.iter().any(|o| o.expr == c.expr));
                match relation.filter(|_| self.relations.len() > 1) {
                    Some(Relation { name: Some(name), columns }) => {
                        format!("{name}.{}", unmistakable(c, columns))
                    }
                    Some(Relation { name: None, columns }) => unmistakable(c, columns),
                    None => unmistakable(c, self.relations.first().map_or(&[], |r| &r.columns)),
                }
            })
            .collect();
        SqlError::refused(
            format!("{name} is ambiguous: {}", candidates.join(", ")),
            "write one of these, in exactly this spelling",
        )
    }

    /// Some names for a hint.
    pub(super) fn known(&self) -> String {
        let names: Vec<&str> = self
            .relations
            .iter()
            .flat_map(|r| &r.columns)
            .filter(|c| !c.hidden)
            .map(name_of)
            .take(30)
            .collect();
        names.join(", ")
    }
}

/// A name, in quotes, that means this one of the columns alone, if it has any.
fn unmistakable(column: &Column, all: &[Column]) -> String {
    let is_its_own = |name: &&String| matches!(pick(all, |c| &c.names, name).as_slice(), [only] if only.expr == column.expr);
    let name = column.names.iter().find(is_its_own).map_or(name_of(column), String::as_str);
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn name_of(column: &Column) -> &str {
    column.names.first().map_or("(unnamed)", String::as_str)
}
