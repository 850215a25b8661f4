//! GROUP BY, and whether a SELECT groups at all.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Function, GroupByExpr, OrderBy, Query, Select, SelectItem, Visit, Visitor};

use super::{Context, Item, Rewriter, call::function_name, instead, order::ordinal, unsupported};
use crate::sql::{
    error::Result,
    functions::{self, Class},
    tree,
};

/// Looks for a call that folds rows, but not inside sub-queries: those fold their own.
#[derive(Default)]
struct Aggregates {
    queries: usize,
}

impl Visitor for Aggregates {
    type Break = ();

    fn pre_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
        self.queries += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
        self.queries -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        let Expr::Function(Function { name, over: None, .. }) = expr else {
            return ControlFlow::Continue(());
        };
        match function_name(name).and_then(|name| functions::class(&name)) {
            Some(Class::Aggregate) if self.queries == 0 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}

/// Whether a SELECT's result is made of groups.
pub(super) fn is_grouped(select: &Select, order: Option<&OrderBy>) -> bool {
    let by = match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(keys, modifiers) => !keys.is_empty() || !modifiers.is_empty(),
    };
    let folds = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, alias: _ } => {
            expr.visit(&mut Aggregates::default()).is_break()
        }
        _ => false,
    };
    by || select.having.is_some()
        || select.projection.iter().any(folds)
        || order.is_some_and(|order| order.visit(&mut Aggregates::default()).is_break())
}

impl Rewriter<'_> {
    /// Columns come before aliases here, as everywhere but in ORDER BY.
    pub(super) fn group_by(
        &mut self,
        group_by: &GroupByExpr,
        items: &[Item],
        cx: &Context<'_>,
    ) -> Result<GroupByExpr> {
        let GroupByExpr::Expressions(keys, modifiers) = group_by else {
            return Err(instead("GROUP BY ALL", "list the columns, or their numbers"));
        };
        if !modifiers.is_empty() {
            return Err(instead("WITH ROLLUP and the like", "write ROLLUP (a, b)"));
        }
        let cx = Context { items, ..*cx };
        let mut out = Vec::new();
        for key in keys {
            out.push(match key {
                Expr::GroupingSets(sets) => Expr::GroupingSets(self.sets(sets, &cx)?),
                Expr::Cube(sets) => Expr::Cube(self.sets(sets, &cx)?),
                Expr::Rollup(sets) => Expr::Rollup(self.sets(sets, &cx)?),
                Expr::Tuple(_) => return Err(unsupported("a row in GROUP BY")),
                key => match ordinal(key, items.len())? {
                    Some(n) => tree::number(n),
                    None => match self.item_position(key, items, &cx)? {
                        Some(n) => tree::number(n),
                        None => self.value(key, &cx)?,
                    },
                },
            });
        }
        Ok(GroupByExpr::Expressions(out, Vec::new()))
    }

    fn sets(&mut self, sets: &[Vec<Expr>], cx: &Context<'_>) -> Result<Vec<Vec<Expr>>> {
        sets.iter().map(|set| self.values(set, cx)).collect()
    }
}
