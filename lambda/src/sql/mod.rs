//! From a user's SQL to the SQL that an engine gets: a gate and a rewrite, both on the syntax tree.
//!
//! 1. `parse` reads one SELECT or WITH query and nothing else;
//! 2. `rewrite` builds a new tree of allowlisted nodes, [`functions`] and tables; it resolves every name through its
//!    `scope`, binds the `?` parameters as literals, and turns stored forms of columns into their logical values,
//!    `time` literals among them;
//! 3. `parse` prints that tree, reads the print again and compares: only text that reads back as the same tree leaves.

mod dialect;
mod error;
pub mod functions;
mod parse;
mod rewrite;
mod scope;
#[cfg(test)]
mod tests;
mod time;
mod tree;

use std::collections::BTreeSet;

use fidelog_codec::Schema;

pub use error::{SqlError, SqlErrorKind};
use rewrite::{Rewriter, Target};

/// Syntax trees are walked by recursion, to a bounded depth that needs more than a small thread's stack.
const STACK_BYTES: usize = 64 << 20;

/// The table that queries may read.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// Its unqualified name, such as `logs`.
    pub name: &'a str,
    /// Its schema.
    pub schema: &'a Schema,
    /// How many rows a query may give, if there is a bound. It is asked for one more: whether there are more shows then.
    pub max_rows: Option<u64>,
}

/// The value of one `?`.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// NULL.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A bigint.
    Integer(i64),
    /// A double; must be finite.
    Number(f64),
    /// A varchar.
    Text(String),
}

/// A query that may be sent to an engine. Its text names the result's columns `c0`, `c1` …: show `columns` instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The text for Athena.
    pub sql: String,
    /// The text for DataFusion, which writes timestamps and UNNEST otherwise. Read it with
    /// `sql_parser.recursion_limit` = 400 and the `generic` dialect.
    pub local_sql: String,
    /// Whether every row is a whole record: the result is then every field's stored column (bytes as bytes) in schema
    /// order, the `fidelog_ns_*` columns in field order, `fidelog_schema` and `fidelog_skeleton`.
    pub exact: bool,
    /// The result's columns as the user sees them; of an exact query only the fields.
    pub columns: Vec<Output>,
    /// The functions used, lower-case, for [`functions::lookup`].
    pub functions: BTreeSet<String>,
}

/// One column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its name; not necessarily unique.
    pub name: String,
    /// The schema's field whose values it has, when it is a bare reference to one, also through sub-queries. In a
    /// result that is not exact, hex and uuid fields arrive as text.
    pub field: Option<usize>,
}

/// Checks, binds and rewrites one query.
pub fn prepare(sql: &str, params: &[Param], tables: &Tables<'_>) -> Result<Prepared, SqlError> {
    let busy = || SqlError::refused("the query cannot be read now", "try again");
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("sql".into()).stack_size(STACK_BYTES);
        let running = thread.spawn_scoped(scope, || prepare_here(sql, params, tables)).map_err(|_| busy())?;
        running.join().map_err(|_| busy())?
    })
}

fn prepare_here(sql: &str, params: &[Param], tables: &Tables<'_>) -> Result<Prepared, SqlError> {
    let parsed = parse::parse(sql)?;
    if parsed.placeholders.len() != params.len() {
        let (marks, given) = (parsed.placeholders.len(), params.len());
        return Err(SqlError::refused(
            format!("as many parameters as ? in the query expected: {given} for {marks}"),
            "send one parameter for each ?",
        ));
    }
    let rewrite = |target| {
        let mut rewriter = Rewriter::new(tables, params, &parsed.placeholders, target);
        let rewritten = rewriter.outermost(&parsed.query)?;
        let text = parse::print(&rewritten.query)?;
        Ok((text, rewritten, rewriter.functions))
    };
    let (sql, rewritten, functions) = rewrite(Target::Athena)?;
    let (local_sql, ..) = rewrite(Target::Local)?;
    let named = |(i, out): (usize, rewrite::Out)| Output {
        name: out.names.into_iter().next().unwrap_or_else(|| format!("_col{i}")),
        field: out.field,
    };
    let columns = rewritten.outs.into_iter().enumerate().map(named).collect();
    Ok(Prepared { sql, local_sql, exact: rewritten.exact, columns, functions })
}
