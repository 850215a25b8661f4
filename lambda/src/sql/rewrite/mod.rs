//! Builds the engine's query from the user's.
//!
//! The result is made of new nodes only: whatever of the user's tree is not named here by its kind cannot get into it.
//! Every struct is taken apart without `..` and every enum's unknown kinds are refused, so that a new version of the
//! parser cannot open a door. Nor does any identifier of the user's get through: relations become `t0`, columns `c0`,
//! common tables `q0`, and every reference is written in full.

mod call;
mod compare;
mod encoded;
mod expr;
mod from;
mod group;
mod like;
mod literal;
mod order;
mod query;
mod select;

use std::{
    collections::{BTreeSet, HashMap},
    ops::ControlFlow,
};

use sqlparser::{
    ast::{Expr, Ident, Query, Visit, Visitor, WindowSpec},
    tokenizer::Location,
};

use super::{
    Param, Tables,
    error::{Result, SqlError},
    functions,
    scope::Scope,
    tree,
};

/// The engine that the text is for. They differ in two places: how a timestamp literal is written (DataFusion reads
/// Trino's as nanoseconds, which end in 2262) and in how UNNEST stands beside a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Athena,
    Local,
}

/// How deep queries, expressions and set operations may lie in each other.
const MAX_DEPTH: usize = 1_000;
/// How many SELECTs and relations a query may have: engines plan them by recursion.
const MAX_PARTS: usize = 200;
/// How many expressions a rewritten query may have: names and comparisons can stand for more than was written.
const MAX_NODES: usize = 20_000;

/// One column of a query's result.
#[derive(Clone, Debug)]
pub(super) struct Out {
    /// What it may be called; the first is its name. Empty for a nameless expression.
    pub names: Vec<String>,
    /// Whether it is a timestamp.
    pub time: bool,
    /// The schema's field, when it is a bare reference.
    pub field: Option<usize>,
}

/// One item of a SELECT list: its logical value, and what it is called.
#[derive(Clone, Debug)]
struct Item {
    expr: Expr,
    out: Out,
}

/// A rewritten query.
pub(super) struct Rewritten {
    pub query: Query,
    pub outs: Vec<Out>,
    pub exact: bool,
}

/// A common table expression in sight.
struct Common {
    name: String,
    relation: String,
    outs: Vec<Out>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Context<'s> {
    scope: &'s Scope<'s>,
    /// The SELECT list, where its aliases may be used.
    items: &'s [Item],
    /// Whether an alias hides a column of the same name (ORDER BY), or the other way round (GROUP BY, HAVING).
    items_first: bool,
    /// Whether columns are within reach in their stored form. Above a grouping only what was grouped by is.
    stored: bool,
    windows: &'s [(String, &'s WindowSpec)],
}

impl<'s> Context<'s> {
    const fn of(scope: &'s Scope<'s>) -> Self {
        Context { scope, items: &[], items_first: false, stored: true, windows: &[] }
    }
}

pub(super) struct Rewriter<'a> {
    tables: &'a Tables<'a>,
    params: &'a [Param],
    placeholders: &'a HashMap<Location, usize>,
    target: Target,
    commons: Vec<Common>,
    relations: usize,
    parts: usize,
    depth: usize,
    nodes: usize,
    /// The functions used.
    pub functions: BTreeSet<String>,
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(
        tables: &'a Tables<'a>,
        params: &'a [Param],
        placeholders: &'a HashMap<Location, usize>,
        target: Target,
    ) -> Self {
        Rewriter {
            tables,
            params,
            placeholders,
            target,
            commons: Vec::new(),
            relations: 0,
            parts: 0,
            depth: 0,
            nodes: 0,
            functions: BTreeSet::new(),
        }
    }

    fn relation_name(&mut self) -> Result<String> {
        self.part()?;
        self.relations += 1;
        Ok(format!("t{}", self.relations - 1))
    }

    /// Counts a SELECT or a relation.
    fn part(&mut self) -> Result<()> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            let detail = format!("the query has more than {MAX_PARTS} tables and SELECTs");
            return Err(SqlError::refused(detail, "send several queries"));
        }
        Ok(())
    }

    /// Counts expressions that go into the result.
    fn spend(&mut self, nodes: usize) -> Result<()> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            return Err(SqlError::refused(
                format!("the query stands for more than {MAX_NODES} expressions"),
                "name nested expressions in a sub-query, and use fewer of them",
            ));
        }
        Ok(())
    }

    /// Another copy of an expression.
    fn copy(&mut self, expr: &Expr) -> Result<Expr> {
        self.spend(size(expr))?;
        Ok(expr.clone())
    }

    /// Runs one level deeper.
    fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= MAX_DEPTH {
            return Err(SqlError::refused(
                format!("the query is more than {MAX_DEPTH} levels deep"),
                "use fewer sub-queries and set operations",
            ));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    /// Notes that a function is used.
    fn uses(&mut self, name: &str) {
        debug_assert!(functions::lookup(name).is_some(), "{name} is not in the list of functions");
        self.functions.insert(name.to_string());
    }
}

/// The number of expressions in one.
fn size(expr: &Expr) -> usize {
    struct Count(usize);
    impl Visitor for Count {
        type Break = ();
        fn pre_visit_expr(&mut self, _expr: &Expr) -> ControlFlow<()> {
            self.0 += 1;
            ControlFlow::Continue(())
        }
    }
    let mut count = Count(0);
    let _ = expr.visit(&mut count);
    count.0
}

/// The name that an alias gives.
fn declared(alias: &Ident) -> Result<String> {
    match alias.quote_style {
        None | Some('"') => Ok(tree::name(alias)),
        Some(_) => Err(instead("a name in single quotes", "write names in double quotes").at(alias.span)),
    }
}

/// The refusal of a construct.
fn unsupported(what: &str) -> SqlError {
    SqlError::refused(format!("{what} is not supported"), "leave it out or write the query another way")
}

/// The refusal of a construct for which there is another way.
fn instead(what: &str, way: &str) -> SqlError {
    SqlError::refused(format!("{what} is not supported"), way)
}
