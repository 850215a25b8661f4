//! FROM: the relations of a query, under names of our own.

use fidelog_codec::encoding::Encoding;
use sqlparser::ast::{
    Expr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, Query, SetExpr, Spanned,
    TableAlias, TableFactor, TableWithJoins,
};

use super::{Context, Out, Rewriter, Target, declared, instead, unsupported};
use crate::sql::{
    error::{Result, SqlError},
    functions::UNNEST_WITH_ORDINALITY,
    scope::{Column, Relation, Scope, Stored, same_name},
    tree,
};

/// The column of the record's rest, which no query may read by itself.
const SKELETON: &str = "fidelog_skeleton";

/// One element of FROM, rewritten.
struct Element {
    tables: TableWithJoins,
    relations: Vec<Relation>,
}

impl Rewriter<'_> {
    /// Rewrites a whole FROM into at most one element (its commas become cross joins) and the relations in it.
    pub(super) fn from(
        &mut self,
        from: &[TableWithJoins],
        outer: Option<&Scope<'_>>,
    ) -> Result<(Vec<TableWithJoins>, Vec<Relation>)> {
        let mut all: Option<Element> = None;
        for tables in from {
            all = Some(match all {
                None => self.element(tables, &[], outer)?,
                Some(left)
                    if matches!(tables.relation, TableFactor::UNNEST { .. }) && tables.joins.is_empty() =>
                {
                    self.unnest_beside(left, &tables.relation, &[], outer)?
                }
                Some(mut left) => {
                    let right = self.element(tables, &left.relations, outer)?;
                    let relation = match right.tables.joins.is_empty() {
                        true => right.tables.relation,
                        false => {
                            TableFactor::NestedJoin { table_with_joins: Box::new(right.tables), alias: None }
                        }
                    };
                    left.tables.joins.push(cross(relation));
                    left.relations.extend(right.relations);
                    left
                }
            });
        }
        let Some(Element { tables, relations }) = all else { return Ok((Vec::new(), Vec::new())) };
        for (i, relation) in relations.iter().enumerate() {
            let name = relation.name.as_deref();
            if let Some(name) = name
                && relations.iter().take(i).any(|r| r.name.as_deref().is_some_and(|n| same_name(n, name)))
            {
                return Err(SqlError::refused(
                    format!("two tables are called {name}"),
                    "give them different aliases",
                ));
            }
        }
        Ok((vec![tables], relations))
    }

    fn element(
        &mut self,
        tables: &TableWithJoins,
        before: &[Relation],
        outer: Option<&Scope<'_>>,
    ) -> Result<Element> {
        self.deeper(|this| this.element_here(tables, before, outer))
    }

    fn element_here(
        &mut self,
        tables: &TableWithJoins,
        before: &[Relation],
        outer: Option<&Scope<'_>>,
    ) -> Result<Element> {
        let TableWithJoins { relation, joins } = tables;
        let mut all = self.factor(relation, before, outer)?;
        for Join { relation, global, join_operator } in joins {
            if *global {
                return Err(unsupported("GLOBAL JOIN"));
            }
            if let TableFactor::UNNEST { .. } = relation {
                all = match join_operator {
                    JoinOperator::CrossJoin(JoinConstraint::None) => {
                        self.unnest_beside(all, relation, before, outer)?
                    }
                    _ => return Err(instead("this join with UNNEST", "write CROSS JOIN UNNEST(…) AS u(x)")),
                };
                continue;
            }
            let right = self.factor(relation, before, outer)?;
            let right_factor = match right.tables.joins.is_empty() {
                true => right.tables.relation,
                false => TableFactor::NestedJoin { table_with_joins: Box::new(right.tables), alias: None },
            };
            all.relations.extend(right.relations);
            let scope = Scope { relations: &all.relations, outer };
            let mut on =
                |constraint: &JoinConstraint| self.on(constraint, &scope).map_err(|e| e.within(relation));
            let join_operator = match join_operator {
                JoinOperator::Join(c) | JoinOperator::Inner(c) => JoinOperator::Inner(on(c)?),
                JoinOperator::Left(c) | JoinOperator::LeftOuter(c) => JoinOperator::Left(on(c)?),
                JoinOperator::Right(c) | JoinOperator::RightOuter(c) => JoinOperator::Right(on(c)?),
                JoinOperator::FullOuter(c) => JoinOperator::FullOuter(on(c)?),
                JoinOperator::CrossJoin(JoinConstraint::None) => {
                    JoinOperator::CrossJoin(JoinConstraint::None)
                }
                _ => {
                    let way = "use INNER, LEFT, RIGHT, FULL or CROSS JOIN";
                    return Err(instead("this kind of join", way).at(relation.span()));
                }
            };
            all.tables.joins.push(Join { relation: right_factor, global: false, join_operator });
        }
        Ok(all)
    }

    fn on(&mut self, constraint: &JoinConstraint, scope: &Scope<'_>) -> Result<JoinConstraint> {
        match constraint {
            JoinConstraint::On(expr) => Ok(JoinConstraint::On(self.value(expr, &Context::of(scope))?)),
            JoinConstraint::Using(_) => Err(instead("JOIN … USING", "write ON a.x = b.x")),
            JoinConstraint::Natural => Err(instead("NATURAL JOIN", "write ON a.x = b.x")),
            JoinConstraint::None => Err(instead("a join without ON", "write ON a.x = b.x, or CROSS JOIN")),
        }
    }

    fn factor(
        &mut self,
        factor: &TableFactor,
        before: &[Relation],
        outer: Option<&Scope<'_>>,
    ) -> Result<Element> {
        self.factor_here(factor, before, outer).map_err(|e| e.within(factor))
    }

    fn factor_here(
        &mut self,
        factor: &TableFactor,
        before: &[Relation],
        outer: Option<&Scope<'_>>,
    ) -> Result<Element> {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_hints,
            } => {
                if args.is_some() {
                    return Err(instead(
                        "a table function",
                        "only the log table and sub-queries can be read",
                    ));
                }
                if !with_hints.is_empty() || !index_hints.is_empty() || !partitions.is_empty() {
                    return Err(unsupported("a hint on a table"));
                }
                if version.is_some() || *with_ordinality || json_path.is_some() || sample.is_some() {
                    return Err(unsupported("this form of reading a table"));
                }
                self.table(name, alias.as_ref())
            }
            TableFactor::Derived { lateral, subquery, alias, sample } => {
                if *lateral || sample.is_some() {
                    return Err(instead(
                        if *lateral { "LATERAL" } else { "TABLESAMPLE" },
                        "join with ON instead",
                    ));
                }
                let rewritten = self.query(subquery, outer)?;
                let name = self.relation_name()?;
                let columns = columns_of(&rewritten.outs, &name);
                let factor = derived(rewritten.query, &name);
                let relation = renamed(Relation { name: None, columns }, alias.as_ref())?;
                Ok(single(factor, relation))
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                let inner = self.element(table_with_joins, before, outer)?;
                if inner.tables.joins.is_empty() {
                    return Ok(inner);
                }
                let factor =
                    TableFactor::NestedJoin { table_with_joins: Box::new(inner.tables), alias: None };
                Ok(Element {
                    tables: TableWithJoins { relation: factor, joins: Vec::new() },
                    relations: inner.relations,
                })
            }
            TableFactor::UNNEST { .. } => {
                let (exprs, ordinality, relation_name, columns) = self.unnest(factor, before, outer)?;
                let table = self.relation_name()?;
                Ok(unnest_element(exprs, ordinality, relation_name, columns, &table))
            }
            TableFactor::TableFunction { .. } | TableFactor::Function { .. } => {
                Err(instead("a table function", "only the log table and sub-queries can be read"))
            }
            // PIVOT, MATCH_RECOGNIZE, JSON_TABLE and what else there is or will be.
            _ => Err(unsupported("this kind of table")),
        }
    }

    /// The log table or a common table expression.
    fn table(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> Result<Element> {
        let [ObjectNamePart::Identifier(ident)] = name.0.as_slice() else {
            let hint = format!("only the table {} can be read, by its name alone", self.tables.name);
            return Err(SqlError::refused(format!("the table {name} is out of reach"), hint));
        };
        let user = declared(ident)?;
        let table = self.relation_name()?;
        // Wide common tables may be named again and again.
        let width = self.commons.iter().rev().find(|c| same_name(&c.name, &user)).map_or(1, |c| c.outs.len());
        self.spend(width)?;
        let common = self.commons.iter().rev().find(|c| same_name(&c.name, &user));
        let (relation, from) = if let Some(common) = common {
            (
                Relation { name: Some(user), columns: columns_of(&common.outs, &table) },
                Ident::new(&common.relation),
            )
        } else if same_name(self.tables.name, &user) {
            let columns = self.base_columns(&table);
            (Relation { name: Some(user), columns }, tree::quoted(self.tables.name))
        } else {
            let hint = format!("the only table is {}", self.tables.name);
            return Err(SqlError::refused(format!("there is no table {user}"), hint).at(ident.span));
        };
        let factor = TableFactor::Table {
            name: ObjectName::from(from),
            alias: Some(tree::alias(&table, &[])),
            args: None,
            with_hints: Vec::new(),
            version: None,
            with_ordinality: false,
            partitions: Vec::new(),
            json_path: None,
            sample: None,
            index_hints: Vec::new(),
        };
        Ok(single(factor, renamed(relation, alias)?))
    }

    fn base_columns(&self, table: &str) -> Vec<Column> {
        let plain = |name: &str, stored| Column {
            names: vec![name.to_string()],
            expr: tree::base_reference(table, name),
            stored,
            nanos: None,
            field: None,
            hidden: true,
        };
        let fields = self.tables.schema.fields().iter().enumerate().map(|(i, field)| {
            let (stored, nanos) = match &field.encoding {
                Encoding::Hex { case, .. } => (Stored::Hex(*case), false),
                Encoding::Uuid { case } => (Stored::Uuid(*case), false),
                Encoding::Timestamp { pattern } => (Stored::Time, pattern.has_nanos()),
                _ => (Stored::Plain, false),
            };
            let nanos = nanos.then(|| tree::base_reference(table, &format!("fidelog_ns_{}", field.column)));
            let names = vec![field.name(), field.column.clone()];
            Column { names, nanos, field: Some(i), hidden: false, ..plain(&field.column, stored) }
        });
        let own = [plain("fidelog_arrived", Stored::Time), plain("fidelog_schema", Stored::Plain)];
        fields.chain(own).collect()
    }

    /// The parts of an UNNEST: its arrays, whether with ordinality, its name and its columns' names.
    fn unnest(
        &mut self,
        factor: &TableFactor,
        beside: &[Relation],
        outer: Option<&Scope<'_>>,
    ) -> Result<(Vec<Expr>, bool, String, Vec<String>)> {
        let TableFactor::UNNEST {
            alias,
            array_exprs,
            with_offset: false,
            with_offset_alias: None,
            with_ordinality,
        } = factor
        else {
            return Err(instead("UNNEST WITH OFFSET", "write WITH ORDINALITY"));
        };
        let hint = "name what comes out: UNNEST(split(url, '/')) AS u(part)";
        let Some(TableAlias { explicit: _, name, columns }) = alias else {
            return Err(instead("UNNEST without an alias", hint));
        };
        if columns.len() != array_exprs.len() + usize::from(*with_ordinality) {
            return Err(instead("UNNEST with this number of columns", hint).at(name.span));
        }
        if *with_ordinality {
            self.uses(UNNEST_WITH_ORDINALITY);
        }
        let scope = Scope { relations: beside, outer };
        let exprs = self.values(array_exprs, &Context::of(&scope))?;
        let columns = columns.iter().map(|c| declared(&c.name)).collect::<Result<_>>()?;
        Ok((exprs, *with_ordinality, declared(name)?, columns))
    }

    /// `left CROSS JOIN UNNEST(…)`, whose arrays may be made from the left's columns.
    fn unnest_beside(
        &mut self,
        left: Element,
        factor: &TableFactor,
        before: &[Relation],
        outer: Option<&Scope<'_>>,
    ) -> Result<Element> {
        let beside: Vec<Relation> = before.iter().chain(&left.relations).cloned().collect();
        let parts = self.unnest(factor, &beside, outer).map_err(|e| e.within(factor))?;
        let (exprs, ordinality, relation_name, names) = parts;
        if self.target == Target::Athena || exprs.is_empty() {
            let table = self.relation_name()?;
            let right = unnest_element(exprs, ordinality, relation_name, names, &table);
            let mut all = left;
            all.tables.joins.push(cross(right.tables.relation));
            all.relations.extend(right.relations);
            return Ok(all);
        }
        // DataFusion unnests in a SELECT list: one sub-query yields the left's columns, still as they are stored,
        // beside the elements.
        let table = self.relation_name()?;
        let mut relations = left.relations;
        let mut list = Vec::new();
        let mut forward = |expr: &mut Expr| {
            let new = tree::reference(&table, &tree::column_name(list.len()));
            list.push(std::mem::replace(expr, new));
        };
        for column in relations.iter_mut().flat_map(|r| &mut r.columns) {
            forward(&mut column.expr);
            if let Some(nanos) = &mut column.nanos {
                forward(nanos);
            }
        }
        let first = list.len();
        list.extend(exprs.into_iter().map(|array| tree::call("unnest", [array])));
        let columns =
            names.into_iter().enumerate().map(|(i, name)| element_column(name, &table, first + i)).collect();
        relations.push(Relation { name: Some(relation_name), columns });
        let body = SetExpr::Select(Box::new(tree::select(list, vec![left.tables])));
        let factor = derived(tree::query(Box::new(body)), &table);
        Ok(Element { tables: TableWithJoins { relation: factor, joins: Vec::new() }, relations })
    }

    /// Says why the record's rest cannot be named, if a name is its.
    pub(super) fn refuse_skeleton(&self, name: &str) -> Result<()> {
        if same_name(name, SKELETON) || name.to_lowercase().ends_with(".fidelog_skeleton") {
            return Err(instead(
                "reading the column fidelog_skeleton",
                "SELECT * FROM the table gives whole records",
            ));
        }
        Ok(())
    }
}

fn element_column(name: String, table: &str, i: usize) -> Column {
    let expr = tree::reference(table, &tree::column_name(i));
    Column { names: vec![name], expr, stored: Stored::Plain, nanos: None, field: None, hidden: false }
}

fn unnest_element(
    exprs: Vec<Expr>,
    ordinality: bool,
    name: String,
    names: Vec<String>,
    table: &str,
) -> Element {
    let made: Vec<String> = (0..names.len()).map(tree::column_name).collect();
    let factor = TableFactor::UNNEST {
        alias: Some(tree::alias(table, &made)),
        array_exprs: exprs,
        with_offset: false,
        with_offset_alias: None,
        with_ordinality: ordinality,
    };
    let columns = names.into_iter().enumerate().map(|(i, name)| element_column(name, table, i)).collect();
    single(factor, Relation { name: Some(name), columns })
}

fn single(factor: TableFactor, relation: Relation) -> Element {
    Element { tables: TableWithJoins { relation: factor, joins: Vec::new() }, relations: vec![relation] }
}

fn cross(relation: TableFactor) -> Join {
    Join { relation, global: false, join_operator: JoinOperator::CrossJoin(JoinConstraint::None) }
}

fn derived(query: Query, name: &str) -> TableFactor {
    let alias = Some(tree::alias(name, &[]));
    TableFactor::Derived { lateral: false, subquery: Box::new(query), alias, sample: None }
}

/// The columns of a sub-query, seen from outside: logical values all.
fn columns_of(outs: &[Out], table: &str) -> Vec<Column> {
    let column = |(i, out): (usize, &Out)| Column {
        names: out.names.clone(),
        expr: tree::reference(table, &tree::column_name(i)),
        stored: if out.time { Stored::Time } else { Stored::Plain },
        nanos: None,
        field: out.field,
        hidden: false,
    };
    outs.iter().enumerate().map(column).collect()
}

/// Gives a relation the user's alias and, where listed, columns' names.
fn renamed(mut relation: Relation, alias: Option<&TableAlias>) -> Result<Relation> {
    let Some(TableAlias { explicit: _, name, columns }) = alias else { return Ok(relation) };
    relation.name = Some(declared(name)?);
    if !columns.is_empty() {
        let visible = relation.columns.iter().filter(|c| !c.hidden).count();
        if columns.len() != visible || columns.iter().any(|c| c.data_type.is_some()) {
            let detail = format!("{} names are given to {visible} columns", columns.len());
            return Err(SqlError::refused(detail, "name every column, or none").at(name.span));
        }
        for (column, new) in relation.columns.iter_mut().filter(|c| !c.hidden).zip(columns) {
            column.names = vec![declared(&new.name)?];
        }
    }
    Ok(relation)
}
