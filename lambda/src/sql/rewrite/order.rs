//! Sort keys. Trino puts nulls last whatever the direction, DataFusion first when descending: it is always said.

use sqlparser::ast::{
    Expr, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Spanned, Value, ValueWithSpan,
};

use super::{Context, Item, Out, Rewriter, expr::Name, instead, unsupported};
use crate::sql::{
    error::{Result, SqlError},
    scope::pick,
    tree,
};

/// The position that a literal number in ORDER BY or GROUP BY names, from 1.
pub(super) fn ordinal(expr: &Expr, columns: usize) -> Result<Option<usize>> {
    let Expr::Value(ValueWithSpan { value: Value::Number(digits, false), span }) = expr else {
        return Ok(None);
    };
    match digits.parse::<usize>() {
        Ok(n) if (1..=columns).contains(&n) => Ok(Some(n)),
        _ => {
            let detail = format!("there is no column number {digits} in the result");
            Err(SqlError::refused(detail, format!("use 1 to {columns}, or a name")).at(*span))
        }
    }
}

fn sorted(expr: Expr, options: &OrderByOptions) -> OrderByExpr {
    let OrderByOptions { asc, nulls_first } = options;
    let asc = (*asc == Some(false)).then_some(false);
    OrderByExpr {
        expr,
        options: OrderByOptions { asc, nulls_first: Some(nulls_first.unwrap_or(false)) },
        with_fill: None,
    }
}

impl Rewriter<'_> {
    /// A key that is an expression.
    pub(super) fn sort_key(&mut self, key: &OrderByExpr, cx: &Context<'_>) -> Result<OrderByExpr> {
        let OrderByExpr { expr, options, with_fill: None } = key else {
            return Err(unsupported("WITH FILL"));
        };
        Ok(sorted(self.value(expr, cx)?, options))
    }

    /// The ORDER BY of a SELECT: by position and alias where it names one of the result's columns.
    pub(super) fn order_by(&mut self, order: &OrderBy, items: &[Item], cx: &Context<'_>) -> Result<OrderBy> {
        let OrderBy { kind, interpolate } = order;
        let (OrderByKind::Expressions(keys), None) = (kind, interpolate) else {
            return Err(unsupported("this form of ORDER BY").at(order.span()));
        };
        let cx = Context { items, items_first: true, ..*cx };
        let mut out = Vec::new();
        for key in keys {
            let OrderByExpr { expr, options, with_fill: None } = key else {
                return Err(unsupported("WITH FILL"));
            };
            out.push(match ordinal(expr, items.len())? {
                Some(n) => sorted(tree::number(n), options),
                None => match self.item_position(expr, items, &cx).map_err(|e| e.within(expr))? {
                    Some(n) => sorted(tree::number(n), options),
                    None => self.sort_key(key, &cx)?,
                },
            });
        }
        Ok(OrderBy { kind: OrderByKind::Expressions(out), interpolate: None })
    }

    /// The position (from 1) of the item that a bare name means.
    pub(super) fn item_position(
        &self,
        expr: &Expr,
        items: &[Item],
        cx: &Context<'_>,
    ) -> Result<Option<usize>> {
        if !matches!(expr, Expr::Identifier(_)) {
            return Ok(None);
        }
        let Name::Item(found) = self.name(expr, cx)? else { return Ok(None) };
        Ok(items.iter().position(|item| std::ptr::eq(item, found)).map(|i| i + 1))
    }

    /// A key of a set operation's result.
    pub(super) fn sort_key_of_outs(&self, key: &OrderByExpr, outs: &[Out]) -> Result<OrderByExpr> {
        let OrderByExpr { expr, options, with_fill: None } = key else {
            return Err(unsupported("WITH FILL"));
        };
        if let Some(n) = ordinal(expr, outs.len())? {
            return Ok(sorted(tree::number(n), options));
        }
        let way = "order by a column of the result or its number, or put the query into FROM (…)";
        let Expr::Identifier(ident) = expr else {
            return Err(instead("this ORDER BY of a UNION", way).at(expr.span()));
        };
        let numbered: Vec<(usize, &Out)> = outs.iter().enumerate().collect();
        match pick(&numbered, |(_, out)| &out.names, &tree::name(ident)).as_slice() {
            [(i, _)] => Ok(sorted(tree::number(i + 1), options)),
            _ => Err(instead(&format!("ordering by {}", tree::name(ident)), way).at(ident.span)),
        }
    }
}
