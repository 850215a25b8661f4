//! Queries: WITH, set operations, LIMIT and OFFSET.

use sqlparser::ast::{
    Cte, Fetch, Ident, LimitClause, Offset, OffsetRows, OrderBy, OrderByKind, Query, SetExpr, SetOperator,
    SetQuantifier, Spanned, With, helpers::attached_token::AttachedToken,
};

use super::{Common, Out, Rewriter, Rewritten, declared, instead, unsupported};
use crate::sql::{
    error::{Result, SqlError},
    functions,
    scope::{Scope, same_name},
    tree,
};

impl Rewriter<'_> {
    /// The outermost query.
    pub(in crate::sql) fn outermost(&mut self, query: &Query) -> Result<Rewritten> {
        let mut rewritten = self.query_here(query, None, true).map_err(|e| e.within(query))?;
        if let Some(most) = self.tables.max_rows {
            bound(&mut rewritten.query, most.saturating_add(1));
        }
        Ok(rewritten)
    }

    /// A query inside another.
    pub(super) fn query(&mut self, query: &Query, outer: Option<&Scope<'_>>) -> Result<Rewritten> {
        let rewritten =
            self.deeper(|this| this.query_here(query, outer, false)).map_err(|e| e.within(query))?;
        if let Some(LimitClause::LimitOffset { limit: Some(_), offset: Some(_), limit_by: _ }) =
            &rewritten.query.limit_clause
        {
            let way = "number the rows with row_number() OVER (ORDER BY …) and compare that";
            return Err(instead("LIMIT together with OFFSET in a sub-query", way).at(query.span()));
        }
        Ok(rewritten)
    }

    /// A query inside an expression.
    pub(super) fn subquery(
        &mut self,
        query: &Query,
        columns: Option<usize>,
        cx: &super::Context<'_>,
    ) -> Result<Query> {
        let rewritten = self.query(query, Some(cx.scope))?;
        if let Some(want) = columns.filter(|want| *want != rewritten.outs.len()) {
            let detail = format!("this sub-query yields {} columns instead of {want}", rewritten.outs.len());
            return Err(SqlError::refused(detail, "select one expression").at(query.span()));
        }
        Ok(rewritten.query)
    }

    fn query_here(&mut self, query: &Query, outer: Option<&Scope<'_>>, outermost: bool) -> Result<Rewritten> {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        if !locks.is_empty() || for_clause.is_some() {
            return Err(unsupported("FOR UPDATE and the like").at(query.span()));
        }
        if settings.is_some() || format_clause.is_some() || !pipe_operators.is_empty() {
            return Err(unsupported("this ending of a query").at(query.span()));
        }
        let seen = self.commons.len();
        let with = with.as_ref().map(|with| self.with(with, outer)).transpose()?;
        let mut rewritten = match &**body {
            SetExpr::Select(select) => self.select(select, order_by.as_ref(), outer, outermost)?,
            body => {
                let (body, outs) = self.set(body, outer)?;
                let order_by = order_by.as_ref().map(|order| self.order_by_outs(order, &outs)).transpose()?;
                let query = Query { order_by: order_by.flatten(), ..tree::query(Box::new(body)) };
                Rewritten { query, outs, exact: false }
            }
        };
        self.commons.truncate(seen);
        rewritten.query.with = with;
        rewritten.query.limit_clause = self.limit(limit_clause.as_ref(), fetch.as_ref())?;
        Ok(rewritten)
    }

    fn with(&mut self, with: &With, outer: Option<&Scope<'_>>) -> Result<With> {
        let With { with_token, recursive, cte_tables } = with;
        if *recursive {
            return Err(unsupported("WITH RECURSIVE").at(with_token.0.span));
        }
        let mut tables = Vec::new();
        let mut names: Vec<String> = Vec::new();
        for Cte { alias, query, from, materialized, closing_paren_token: _ } in cte_tables {
            if from.is_some() || materialized.is_some() {
                return Err(unsupported("this form of WITH").at(alias.name.span));
            }
            let name = declared(&alias.name)?;
            if names.iter().any(|n| same_name(n, &name)) {
                let detail = format!("WITH declares {name} twice");
                return Err(SqlError::refused(detail, "give them different names").at(alias.name.span));
            }
            let mut inner = self.query(query, outer)?;
            if !alias.columns.is_empty() {
                if alias.columns.len() != inner.outs.len()
                    || alias.columns.iter().any(|c| c.data_type.is_some())
                {
                    let detail =
                        format!("{} names are given to {} columns", alias.columns.len(), inner.outs.len());
                    return Err(SqlError::refused(detail, "name every column, or none").at(alias.name.span));
                }
                for (out, column) in inner.outs.iter_mut().zip(&alias.columns) {
                    out.names = vec![declared(&column.name)?];
                }
            }
            let relation = self.relation_name()?.replacen('t', "q", 1);
            tables.push(Cte {
                alias: sqlparser::ast::TableAlias {
                    explicit: false,
                    name: Ident::new(&relation),
                    columns: Vec::new(),
                },
                query: Box::new(inner.query),
                from: None,
                materialized: None,
                closing_paren_token: AttachedToken::empty(),
            });
            names.push(name.clone());
            self.commons.push(Common { name, relation, outs: inner.outs });
        }
        Ok(With { with_token: AttachedToken::empty(), recursive: false, cte_tables: tables })
    }

    fn set(&mut self, body: &SetExpr, outer: Option<&Scope<'_>>) -> Result<(SetExpr, Vec<Out>)> {
        self.deeper(|this| this.set_here(body, outer)).map_err(|e| e.within(body))
    }

    fn set_here(&mut self, body: &SetExpr, outer: Option<&Scope<'_>>) -> Result<(SetExpr, Vec<Out>)> {
        match body {
            SetExpr::Select(select) => {
                let rewritten = self.select(select, None, outer, false)?;
                Ok((*rewritten.query.body, rewritten.outs))
            }
            SetExpr::Query(query) => {
                let rewritten = self.query(query, outer)?;
                Ok((SetExpr::Query(Box::new(rewritten.query)), rewritten.outs))
            }
            SetExpr::SetOperation { op, set_quantifier, left, right } => {
                let op = match op {
                    SetOperator::Union => SetOperator::Union,
                    SetOperator::Except => SetOperator::Except,
                    SetOperator::Intersect => SetOperator::Intersect,
                    SetOperator::Minus => return Err(instead("MINUS", "write EXCEPT")),
                };
                let set_quantifier = match set_quantifier {
                    SetQuantifier::All => SetQuantifier::All,
                    SetQuantifier::Distinct | SetQuantifier::None => SetQuantifier::None,
                    _ => return Err(instead("BY NAME", "list the columns in the same order")),
                };
                match (op, set_quantifier) {
                    (SetOperator::Except, SetQuantifier::All) => self.uses(functions::EXCEPT_ALL),
                    (SetOperator::Intersect, SetQuantifier::All) => self.uses(functions::INTERSECT_ALL),
                    _ => {}
                }
                let (left, mut outs) = self.set(left, outer)?;
                let (right, others) = self.set(right, outer)?;
                if outs.len() != others.len() {
                    let detail = format!("{op} of {} and {} columns", outs.len(), others.len());
                    return Err(SqlError::refused(detail, "select the same number of columns on both sides"));
                }
                for (out, other) in outs.iter_mut().zip(&others) {
                    out.time &= other.time;
                    out.field = out.field.filter(|_| out.field == other.field);
                }
                Ok((
                    SetExpr::SetOperation {
                        op,
                        set_quantifier,
                        left: Box::new(left),
                        right: Box::new(right),
                    },
                    outs,
                ))
            }
            SetExpr::Values(_) => Err(instead("VALUES", "write SELECT … UNION ALL SELECT …")),
            SetExpr::Table(_) => Err(instead("TABLE", "write SELECT * FROM")),
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                Err(SqlError::refused(
                    "statements that change data are not allowed",
                    "send one SELECT or WITH query",
                ))
            }
        }
    }

    /// ORDER BY of a set operation: by the result's columns only.
    fn order_by_outs(&mut self, order: &OrderBy, outs: &[Out]) -> Result<Option<OrderBy>> {
        let OrderBy { kind, interpolate } = order;
        let (OrderByKind::Expressions(keys), None) = (kind, interpolate) else {
            return Err(unsupported("this form of ORDER BY"));
        };
        let keys = keys.iter().map(|key| self.sort_key_of_outs(key, outs)).collect::<Result<Vec<_>>>()?;
        Ok(Some(OrderBy { kind: OrderByKind::Expressions(keys), interpolate: None }))
    }

    fn limit(&mut self, clause: Option<&LimitClause>, fetch: Option<&Fetch>) -> Result<Option<LimitClause>> {
        let (mut limit, offset) = match clause {
            None => (None, None),
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
                if let Some(by) = limit_by.first() {
                    return Err(unsupported("LIMIT BY").at(by.span()));
                }
                let limit = limit
                    .as_ref()
                    .map(|e| self.count(e, "LIMIT").map_err(|err| err.within(e)))
                    .transpose()?;
                let offset = offset
                    .as_ref()
                    .map(|Offset { value, rows: _ }| {
                        self.count(value, "OFFSET").map_err(|err| err.within(value))
                    })
                    .transpose()?;
                (limit, offset)
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit: _ }) => {
                return Err(instead("LIMIT a, b", "write OFFSET a LIMIT b").at(offset.span()));
            }
        };
        if let Some(Fetch { with_ties, percent, quantity }) = fetch {
            let (false, false, Some(quantity), None) = (*with_ties, *percent, quantity, &limit) else {
                return Err(instead("this FETCH", "write LIMIT n"));
            };
            limit = Some(self.count(quantity, "FETCH FIRST")?);
        }
        if limit.is_none() && offset.is_none() {
            return Ok(None);
        }
        let offset = offset.map(|value| Offset { value, rows: OffsetRows::None });
        Ok(Some(LimitClause::LimitOffset { limit, offset, limit_by: Vec::new() }))
    }
}

/// Lets a query give at most so many rows. One that sorts without a LIMIT of its own stays: Trino sorts it on all its
/// nodes, but keeps the rows of a sorted LIMIT in the memory of one.
fn bound(query: &mut Query, most: u64) {
    let Query { order_by, limit_clause, .. } = query;
    let (limit, offset) = match limit_clause.take() {
        Some(LimitClause::LimitOffset { limit, offset, limit_by: _ }) => (limit, offset),
        _ => (None, None),
    };
    let limit = match limit {
        Some(own) if tree::as_count(&own).is_some_and(|own| own <= most) => Some(own),
        None if order_by.is_some() => None,
        _ => Some(tree::number(most)),
    };
    if limit.is_some() || offset.is_some() {
        *limit_clause = Some(LimitClause::LimitOffset { limit, offset, limit_by: Vec::new() });
    }
}
