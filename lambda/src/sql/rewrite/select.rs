//! One SELECT: its list, and the clauses around it.

use sqlparser::ast::{
    CastKind, DataType, Distinct, Expr, NamedWindowDefinition, NamedWindowExpr, ObjectNamePart, OrderBy,
    OrderByKind, Query, Select, SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, Spanned,
    TableFactor, WildcardAdditionalOptions, WindowSpec,
};

use super::{
    Context, Item, Out, Rewriter, Rewritten, Target, call::function_name, declared, expr::Name,
    group::is_grouped, instead, unsupported,
};
use crate::sql::{
    error::{Result, SqlError},
    functions,
    scope::{Column, Relation, Scope, same_name},
    tree,
};

impl Rewriter<'_> {
    pub(super) fn select(
        &mut self,
        select: &Select,
        order_by: Option<&OrderBy>,
        outer: Option<&Scope<'_>>,
        outermost: bool,
    ) -> Result<Rewritten> {
        let Select {
            select_token,
            optimizer_hint,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        self.part()?;
        let here = select_token.0.span;
        if into.is_some() {
            return Err(
                SqlError::refused("SELECT INTO is not allowed", "send a query that only reads").at(here)
            );
        }
        if qualify.is_some() {
            return Err(instead("QUALIFY", "filter in an outer query: SELECT … FROM (…) WHERE …").at(here));
        }
        let odd = optimizer_hint.is_some()
            || select_modifiers.is_some()
            || top.is_some()
            || exclude.is_some()
            || !lateral_views.is_empty()
            || prewhere.is_some()
            || !connect_by.is_empty()
            || !cluster_by.is_empty()
            || !distribute_by.is_empty()
            || !sort_by.is_empty()
            || value_table_mode.is_some()
            || *flavor != SelectFlavor::Standard
            || projection.is_empty();
        if odd {
            return Err(unsupported("this form of SELECT").at(here));
        }
        let distinct = match distinct {
            None | Some(Distinct::All) => None,
            Some(Distinct::Distinct) => Some(Distinct::Distinct),
            Some(Distinct::On(_)) => {
                return Err(instead("DISTINCT ON", "use max_by(x, time) with GROUP BY").at(here));
            }
        };

        let (tables, relations) = self.from(from, outer)?;
        let scope = Scope { relations: &relations, outer };
        let grouped = is_grouped(select, order_by);
        let windows = windows(named_window)?;
        let cx = Context { stored: !grouped, windows: &windows, ..Context::of(&scope) };
        let exact = outermost && distinct.is_none() && !grouped && self.is_whole_records(projection, from);

        let mut items = Vec::new();
        for item in projection {
            self.item(item, &cx, &mut items)?;
        }
        let selection = selection.as_ref().map(|e| self.value(e, &Context::of(&scope))).transpose()?;
        let group_by = self.group_by(group_by, &items, &cx).map_err(|e| e.at(here))?;
        let having = having.as_ref().map(|e| self.value(e, &Context { items: &items, ..cx })).transpose()?;
        let order_by = order_by.map(|order| self.order_by(order, &items, &cx)).transpose()?;

        let list = match (exact, relations.first()) {
            (true, Some(relation)) => stored_list(relation),
            _ if outermost && distinct.is_none() && self.target == Target::Athena => {
                let order = order_by.as_ref();
                items.iter().enumerate().map(|(i, item)| readable(&item.expr, i + 1, order)).collect()
            }
            _ => items.iter().map(|item| item.expr.clone()).collect(),
        };
        let body = Select { distinct, selection, group_by, having, ..tree::select(list, tables) };
        let query = Query { order_by, ..tree::query(Box::new(SetExpr::Select(Box::new(body)))) };
        Ok(Rewritten { query, outs: items.into_iter().map(|item| item.out).collect(), exact })
    }

    /// Whether a SELECT list asks for whole records: `*` or `alias.*`, from the log table alone.
    fn is_whole_records(&self, projection: &[SelectItem], from: &[sqlparser::ast::TableWithJoins]) -> bool {
        let [one] = from else { return false };
        let TableFactor::Table { name, .. } = &one.relation else { return false };
        let [ObjectNamePart::Identifier(name)] = name.0.as_slice() else { return false };
        let name = tree::name(name);
        one.joins.is_empty()
            && matches!(projection, [SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)])
            && same_name(self.tables.name, &name)
            && !self.commons.iter().any(|c| same_name(&c.name, &name))
    }

    fn item(&mut self, item: &SelectItem, cx: &Context<'_>, items: &mut Vec<Item>) -> Result<()> {
        match item {
            SelectItem::UnnamedExpr(expr) => {
                let named = self.column_named(expr, cx);
                let out = match &named {
                    Some(column) => out_of(column),
                    None => Out { names: Vec::new(), time: self.is_time(expr, cx), field: None },
                };
                let expr = self.value(expr, cx)?;
                items.push(Item { expr, out });
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                let field = self.column_named(expr, cx).and_then(|c| c.field);
                let out = Out { names: vec![declared(alias)?], time: self.is_time(expr, cx), field };
                let expr = self.value(expr, cx)?;
                items.push(Item { expr, out });
            }
            SelectItem::Wildcard(options) => {
                plain(options)?;
                if cx.scope.relations.is_empty() {
                    return Err(SqlError::refused("SELECT * needs a FROM", "add FROM")
                        .at(options.wildcard_token.0.span));
                }
                for relation in cx.scope.relations {
                    self.all_of(relation, items)?;
                }
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                plain(options)?;
                let [ObjectNamePart::Identifier(ident)] = name.0.as_slice() else {
                    return Err(instead(&format!("{name}.*"), "write the table's alias alone before .*")
                        .at(name.span()));
                };
                let wanted = tree::name(ident);
                let relation = cx.scope.relation_here(&wanted).ok_or_else(|| {
                    SqlError::refused(format!("there is no table {wanted} here"), "use an alias from FROM")
                        .at(ident.span)
                })?;
                self.all_of(relation, items)?;
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(expr), _) => {
                return Err(unsupported("* of an expression").at(expr.span()));
            }
        }
        Ok(())
    }

    fn all_of(&mut self, relation: &Relation, items: &mut Vec<Item>) -> Result<()> {
        for column in relation.columns.iter().filter(|c| !c.hidden) {
            items.push(Item { expr: self.logical(column), out: out_of(column) });
        }
        self.spend(0)
    }

    /// The column that an expression is a bare reference to.
    fn column_named(&self, expr: &Expr, cx: &Context<'_>) -> Option<Column> {
        let mut inner = expr;
        while let Expr::Nested(e) = inner {
            inner = e;
        }
        match inner {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => match self.name(inner, cx) {
                Ok(Name::Column(column)) => Some(column.clone()),
                _ => None,
            },
            _ => None,
        }
    }
}

/// An item of the outermost list as Athena prints it in one way only. It prints arrays, maps and rows without quotation
/// marks, so these become JSON, as the local engine makes them; what the query sorts by stays, as JSON has no order.
fn readable(expr: &Expr, position: usize, order: Option<&OrderBy>) -> Expr {
    let keys = match order.map(|order| &order.kind) {
        Some(OrderByKind::Expressions(keys)) => keys.as_slice(),
        _ => &[],
    };
    let is_key = keys.iter().any(|key| tree::as_count(&key.expr) == Some(position as u64));
    if is_nested(expr) && !is_key {
        return tree::cast(CastKind::Cast, expr.clone(), DataType::JSON);
    }
    expr.clone()
}

/// Whether an expression gives an array, a map or a row, as far as its outermost call shows.
fn is_nested(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_nested(inner),
        Expr::Array(_) => true,
        Expr::Function(function) => {
            function_name(&function.name).is_some_and(|name| functions::is_nested(&name))
        }
        _ => false,
    }
}

fn out_of(column: &Column) -> Out {
    let time = column.stored == crate::sql::scope::Stored::Time;
    Out { names: column.names.clone(), time, field: column.field }
}

/// What an exact query reads: every field as it is stored, and what it takes to put the record together.
fn stored_list(relation: &Relation) -> Vec<Expr> {
    let fields = relation.columns.iter().filter(|c| !c.hidden);
    let mut list: Vec<Expr> = fields.clone().map(|c| c.expr.clone()).collect();
    list.extend(fields.clone().filter_map(|c| c.nanos.clone()));
    let table = fields.clone().chain(&relation.columns).find_map(|c| match &c.expr {
        Expr::CompoundIdentifier(parts) => parts.first().map(|table| table.value.clone()),
        _ => None,
    });
    let table = table.unwrap_or_default();
    list.extend(["fidelog_schema", "fidelog_skeleton"].map(|name| tree::base_reference(&table, name)));
    list
}

fn windows(definitions: &[NamedWindowDefinition]) -> Result<Vec<(String, &WindowSpec)>> {
    let mut out: Vec<(String, &WindowSpec)> = Vec::new();
    for NamedWindowDefinition(ident, definition) in definitions {
        let name = tree::name(ident);
        match definition {
            NamedWindowExpr::WindowSpec(spec) if !out.iter().any(|(n, _)| same_name(n, &name)) => {
                out.push((name, spec))
            }
            _ => return Err(instead("this WINDOW", "write it out, under a name of its own").at(ident.span)),
        }
    }
    Ok(out)
}

fn plain(options: &WildcardAdditionalOptions) -> Result<()> {
    let WildcardAdditionalOptions {
        wildcard_token,
        opt_ilike,
        opt_exclude,
        opt_except,
        opt_replace,
        opt_rename,
    } = options;
    let more = opt_ilike.is_some()
        || opt_exclude.is_some()
        || opt_except.is_some()
        || opt_replace.is_some()
        || opt_rename.is_some();
    match more {
        true => Err(instead("* with exceptions", "list the columns").at(wildcard_token.0.span)),
        false => Ok(()),
    }
}
