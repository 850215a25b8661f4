//! Expressions to their logical values.

use sqlparser::ast::{
    AccessExpr, Array, BinaryOperator, CaseWhen, CastKind, CeilFloorKind, DataType, DateTimeField,
    ExactNumberInfo, Expr, Ident, Subscript, TimezoneInfo, TrimWhereField, UnaryOperator,
    helpers::attached_token::AttachedToken,
};

use super::{
    Context, Item, Rewriter,
    compare::{Comparison, Side, alike, not},
    instead, unsupported,
};
use crate::sql::{
    error::{Result, SqlError},
    functions::CAST_AS_JSON,
    scope::{Column, Stored, pick},
    tree,
};

const MAX_SUBSCRIPTS: usize = 8;

/// What a name means.
pub(super) enum Name<'s> {
    Column(&'s Column),
    Item(&'s Item),
}

impl Rewriter<'_> {
    /// The logical value of an expression.
    pub(super) fn value(&mut self, expr: &Expr, cx: &Context<'_>) -> Result<Expr> {
        let here = |this: &mut Self| {
            this.spend(1)?;
            this.value_here(expr, cx)
        };
        self.deeper(here).map_err(|e| e.within(expr))
    }

    pub(super) fn values(&mut self, exprs: &[Expr], cx: &Context<'_>) -> Result<Vec<Expr>> {
        exprs.iter().map(|e| self.value(e, cx)).collect()
    }

    fn boxed(&mut self, expr: &Expr, cx: &Context<'_>) -> Result<Box<Expr>> {
        Ok(Box::new(tree::operand(self.value(expr, cx)?)))
    }

    /// The logical value as an argument: commas hold it together.
    fn argument(&mut self, expr: &Expr, cx: &Context<'_>) -> Result<Box<Expr>> {
        Ok(Box::new(self.value(expr, cx)?))
    }

    fn value_here(&mut self, expr: &Expr, cx: &Context<'_>) -> Result<Expr> {
        Ok(match expr {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => match self.name(expr, cx)? {
                Name::Column(column) => self.logical(&column.clone()),
                Name::Item(item) => tree::operand(self.copy(&item.expr)?),
            },
            Expr::Value(value) => self.literal(value)?.into(),
            Expr::TypedString(literal) => self.typed_literal(literal)?,
            Expr::Interval(interval) => self.interval(interval)?,
            Expr::Nested(inner) => tree::operand(self.value(inner, cx)?),

            Expr::BinaryOp { left, op, right } => self.binary(left, op, right, cx)?,
            Expr::UnaryOp { op: op @ (UnaryOperator::Plus | UnaryOperator::Minus), expr } => {
                Expr::UnaryOp { op: *op, expr: self.boxed(expr, cx)? }
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => not(self.value(expr, cx)?),

            Expr::IsNull(e) | Expr::IsUnknown(e) => Expr::IsNull(Box::new(self.stored_or_value(e, cx)?)),
            Expr::IsNotNull(e) | Expr::IsNotUnknown(e) => {
                Expr::IsNotNull(Box::new(self.stored_or_value(e, cx)?))
            }
            // Trino has no IS TRUE.
            Expr::IsTrue(e) => self.is(e, true, false, cx)?,
            Expr::IsNotTrue(e) => self.is(e, true, true, cx)?,
            Expr::IsFalse(e) => self.is(e, false, false, cx)?,
            Expr::IsNotFalse(e) => self.is(e, false, true, cx)?,
            Expr::IsDistinctFrom(left, right) => self.distinct(left, right, Comparison::Distinct, cx)?,
            Expr::IsNotDistinctFrom(left, right) => {
                self.distinct(left, right, Comparison::NotDistinct, cx)?
            }
            Expr::InList { expr, list, negated } => self.in_list(expr, list, *negated, cx)?,
            Expr::Between { expr, negated, low, high } => self.between((expr, low, high), *negated, cx)?,
            Expr::Like { negated, any, expr, pattern, escape_char } => {
                if *any {
                    return Err(instead("LIKE ANY", "join several LIKEs with OR"));
                }
                let value = self.boxed(expr, cx)?;
                self.like(value, pattern, escape_char.as_ref(), *negated, cx)?
            }
            Expr::ILike { .. } => return Err(instead("ILIKE", "write lower(x) LIKE '…'")),

            Expr::InSubquery { expr, subquery, negated } => Expr::InSubquery {
                expr: self.boxed(expr, cx)?,
                subquery: Box::new(self.subquery(subquery, Some(1), cx)?),
                negated: *negated,
            },
            Expr::Exists { subquery, negated } => {
                Expr::Exists { subquery: Box::new(self.subquery(subquery, None, cx)?), negated: *negated }
            }
            Expr::Subquery(query) => Expr::Subquery(Box::new(self.subquery(query, Some(1), cx)?)),

            Expr::Cast { kind, expr, data_type, array, format } => {
                if *array || format.is_some() {
                    return Err(unsupported("this form of CAST"));
                }
                let data_type = self.cast_type(data_type)?;
                match kind {
                    CastKind::Cast | CastKind::DoubleColon => {
                        tree::cast(CastKind::Cast, self.value(expr, cx)?, data_type)
                    }
                    CastKind::TryCast => tree::cast(CastKind::TryCast, self.value(expr, cx)?, data_type),
                    CastKind::SafeCast => return Err(instead("SAFE_CAST", "write TRY_CAST")),
                }
            }
            Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), cx)?
            }
            Expr::Extract { field, syntax: _, expr } => {
                let name = extract_function(field)?;
                self.uses(name);
                tree::call(name, [self.value(expr, cx)?])
            }
            Expr::Position { expr, r#in } => {
                self.uses("strpos");
                let (needle, hay) = (self.value(expr, cx)?, self.value(r#in, cx)?);
                tree::call("strpos", [hay, needle])
            }
            Expr::Substring { expr, substring_from, substring_for, special: _, shorthand: _ } => {
                self.uses("substr");
                let from = substring_from
                    .as_deref()
                    .ok_or_else(|| instead("substring without FROM", "write substr(x, 1, n)"))?;
                let (value, from) = (self.value(expr, cx)?, self.value(from, cx)?);
                let length = substring_for.as_deref().map(|e| self.value(e, cx)).transpose()?;
                tree::substr(value, from, length)
            }
            Expr::Trim { expr, trim_where, trim_what, trim_characters: None } => {
                self.uses("trim");
                self.trim(expr, *trim_where, trim_what.as_deref(), cx)?
            }
            Expr::Ceil { expr, field } => {
                self.uses("ceil");
                Expr::Ceil { expr: self.argument(expr, cx)?, field: plain_rounding(field, "ceil")? }
            }
            Expr::Floor { expr, field } => {
                self.uses("floor");
                Expr::Floor { expr: self.argument(expr, cx)?, field: plain_rounding(field, "floor")? }
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                self.uses("at_timezone");
                let (value, zone) = (self.value(timestamp, cx)?, self.value(time_zone, cx)?);
                tree::call("at_timezone", [value, zone])
            }
            Expr::Function(function) => self.call(function, cx)?,
            Expr::Array(Array { elem, named: true }) => {
                Expr::Array(Array { elem: self.values(elem, cx)?, named: true })
            }
            Expr::CompoundFieldAccess { root, access_chain } => self.subscripts(root, access_chain, cx)?,

            Expr::AnyOp { .. } | Expr::AllOp { .. } => {
                return Err(instead(
                    "ANY, SOME and ALL",
                    "write IN (SELECT …), or compare with (SELECT max(…) …)",
                ));
            }
            Expr::Tuple(_) => {
                return Err(instead(
                    "a row of several values",
                    "compare each value by itself, joined with AND",
                ));
            }
            Expr::RLike { .. } | Expr::SimilarTo { .. } => {
                return Err(instead("this pattern operator", "write regexp_like(x, '…')"));
            }
            Expr::GroupingSets(_) | Expr::Cube(_) | Expr::Rollup(_) => {
                return Err(unsupported("a grouping set outside of GROUP BY"));
            }
            Expr::Lambda(_) => return Err(unsupported("a lambda expression")),
            // Everything else, also what a later version of the parser may know.
            _ => return Err(unsupported("this expression")),
        })
    }

    /// What a name means here.
    pub(super) fn name<'s>(&self, expr: &Expr, cx: &Context<'s>) -> Result<Name<'s>> {
        let idents: &[Ident] = match expr {
            Expr::Identifier(ident) => std::slice::from_ref(ident),
            Expr::CompoundIdentifier(idents) => idents,
            _ => &[],
        };
        let parts: Vec<String> = idents.iter().map(tree::name).collect();
        let item = || -> Result<Option<&'s Item>> {
            let [name] = parts.as_slice() else { return Ok(None) };
            match pick(cx.items, |i| &i.out.names, name).as_slice() {
                [] => Ok(None),
                [first, rest @ ..] if rest.iter().all(|i| i.expr == first.expr) => Ok(Some(*first)),
                _ => Err(SqlError::refused(
                    format!("{name} names several columns of the result"),
                    "give them different aliases",
                )),
            }
        };
        if cx.items_first
            && let Some(found) = item()?
        {
            return Ok(Name::Item(found));
        }
        if let Some(column) = cx.scope.resolve(&parts)? {
            return Ok(Name::Column(column));
        }
        if let Some(found) = item()? {
            return Ok(Name::Item(found));
        }
        let whole = parts.join(".");
        self.refuse_skeleton(&whole)?;
        Err(SqlError::refused(
            format!("there is no column {whole}"),
            match cx.scope.known() {
                known if known.is_empty() => "add a FROM".to_string(),
                known => format!("the columns here are {known}; text is written in single quotes"),
            },
        ))
    }

    /// For what asks only whether a value is null: no need to render it.
    fn stored_or_value(&mut self, expr: &Expr, cx: &Context<'_>) -> Result<Expr> {
        Ok(tree::operand(match self.side(expr, cx)? {
            Side::Column(column) if cx.stored => column.expr,
            side => self.side_value(side),
        }))
    }

    fn is(&mut self, expr: &Expr, truth: bool, negated: bool, cx: &Context<'_>) -> Result<Expr> {
        let (value, truth) = (self.boxed(expr, cx)?, Box::new(tree::boolean(truth)));
        Ok(tree::operand(match negated {
            true => Expr::IsDistinctFrom(value, truth),
            false => Expr::IsNotDistinctFrom(value, truth),
        }))
    }

    fn distinct(&mut self, left: &Expr, right: &Expr, op: Comparison, cx: &Context<'_>) -> Result<Expr> {
        // sqlparser takes everything to the right for the operand, Trino only a value.
        if matches!(
            right,
            Expr::BinaryOp {
                op: BinaryOperator::And
                    | BinaryOperator::Or
                    | BinaryOperator::Eq
                    | BinaryOperator::NotEq
                    | BinaryOperator::Lt
                    | BinaryOperator::LtEq
                    | BinaryOperator::Gt
                    | BinaryOperator::GtEq,
                ..
            } | Expr::UnaryOp { op: UnaryOperator::Not, .. }
                | Expr::IsNull(_)
                | Expr::IsNotNull(_)
                | Expr::IsTrue(_)
                | Expr::IsFalse(_)
                | Expr::IsNotTrue(_)
                | Expr::IsNotFalse(_)
                | Expr::IsUnknown(_)
                | Expr::IsNotUnknown(_)
                | Expr::IsDistinctFrom(..)
                | Expr::IsNotDistinctFrom(..)
                | Expr::InList { .. }
                | Expr::InSubquery { .. }
                | Expr::Between { .. }
                | Expr::Like { .. }
                | Expr::Exists { .. }
        ) {
            let way = "write parentheses around the comparison: (a IS DISTINCT FROM b) AND …";
            return Err(instead("IS DISTINCT FROM followed by another operator", way));
        }
        let left = self.side(left, cx)?;
        let right = self.side(right, cx)?;
        self.compare(left, op, right, cx)
    }

    fn binary(&mut self, left: &Expr, op: &BinaryOperator, right: &Expr, cx: &Context<'_>) -> Result<Expr> {
        if let Some(comparison) = Comparison::of(op) {
            let left = self.side(left, cx)?;
            let right = self.side(right, cx)?;
            return self.compare(left, comparison, right, cx);
        }
        match op {
            BinaryOperator::And
            | BinaryOperator::Or
            | BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo
            | BinaryOperator::StringConcat => {
                let (left, right) = (self.value(left, cx)?, self.value(right, cx)?);
                Ok(tree::binary(left, op.clone(), right))
            }
            other => Err(unsupported(&format!("the operator {other}"))),
        }
    }

    fn case(
        &mut self,
        operand: Option<&Expr>,
        conditions: &[CaseWhen],
        else_result: Option<&Expr>,
        cx: &Context<'_>,
    ) -> Result<Expr> {
        let subject = operand.map(|e| self.side(e, cx)).transpose()?;
        // A subject with a form of its own is compared case by case.
        let by_case = matches!(subject, Some(Side::Column(_) | Side::Time(_)));
        let mut whens = Vec::new();
        for CaseWhen { condition, result } in conditions {
            let condition = match &subject {
                Some(subject) if by_case => {
                    let side = self.side(condition, cx)?;
                    let subject = self.copy_side(subject).map_err(|e| e.within(condition))?;
                    self.compare(subject, Comparison::Equal, side, cx).map_err(|e| e.within(condition))?
                }
                Some(subject) => {
                    let side = self.side(condition, cx)?;
                    alike(subject, &side).map_err(|e| e.within(condition))?;
                    self.side_value(side)
                }
                _ => self.value(condition, cx)?,
            };
            whens.push(CaseWhen { condition, result: self.value(result, cx)? });
        }
        let else_result = else_result.map(|e| self.argument(e, cx)).transpose()?;
        let operand = subject.filter(|_| !by_case).map(|s| Box::new(tree::operand(self.side_value(s))));
        Ok(case(operand, whens, else_result))
    }

    fn trim(
        &mut self,
        expr: &Expr,
        place: Option<TrimWhereField>,
        what: Option<&Expr>,
        cx: &Context<'_>,
    ) -> Result<Expr> {
        Ok(Expr::Trim {
            expr: self.argument(expr, cx)?,
            trim_where: place,
            trim_what: what.map(|e| self.boxed(e, cx)).transpose()?,
            trim_characters: None,
        })
    }

    fn subscripts(&mut self, root: &Expr, chain: &[AccessExpr], cx: &Context<'_>) -> Result<Expr> {
        // Engines nest what is flat here.
        if chain.len() > MAX_SUBSCRIPTS {
            return Err(unsupported(&format!("a chain of more than {MAX_SUBSCRIPTS} subscripts")));
        }
        let mut access_chain = Vec::new();
        for access in chain {
            let AccessExpr::Subscript(Subscript::Index { index }) = access else {
                return Err(instead(
                    "access to a part of a value",
                    "use [n] on arrays, or json_extract_scalar",
                ));
            };
            access_chain.push(AccessExpr::Subscript(Subscript::Index { index: self.value(index, cx)? }));
        }
        Ok(Expr::CompoundFieldAccess { root: self.boxed(root, cx)?, access_chain })
    }

    fn cast_type(&mut self, data_type: &DataType) -> Result<DataType> {
        Ok(match data_type {
            DataType::Varchar(None) | DataType::Text | DataType::String(None) => DataType::Varchar(None),
            DataType::BigInt(None) => DataType::BigInt(None),
            DataType::Integer(None) | DataType::Int(None) => DataType::Integer(None),
            DataType::SmallInt(None) => DataType::SmallInt(None),
            DataType::TinyInt(None) => DataType::TinyInt(None),
            DataType::Double(ExactNumberInfo::None) | DataType::DoublePrecision => tree::double_type(),
            DataType::Real => DataType::Real,
            DataType::Boolean => DataType::Boolean,
            DataType::Date => DataType::Date,
            DataType::Varbinary(None) => DataType::Varbinary(None),
            DataType::Timestamp(
                p @ (None | Some(0 | 3 | 6 | 9)),
                TimezoneInfo::None | TimezoneInfo::WithoutTimeZone,
            ) => tree::timestamp_type(*p),
            DataType::Timestamp(p @ (None | Some(0 | 3 | 6 | 9)), TimezoneInfo::WithTimeZone) => {
                DataType::Timestamp(*p, TimezoneInfo::WithTimeZone)
            }
            DataType::Decimal(ExactNumberInfo::PrecisionAndScale(p @ 1..=38, s)) if (0..=38).contains(s) => {
                DataType::Decimal(ExactNumberInfo::PrecisionAndScale(*p, *s))
            }
            DataType::JSON => {
                self.uses(CAST_AS_JSON);
                DataType::JSON
            }
            other => {
                let way = "use varchar, bigint, integer, double, real, boolean, date, timestamp, decimal(p, s) or json";
                return Err(instead(&format!("a cast to {other}"), way));
            }
        })
    }

    /// Whether an expression is a timestamp or a date, as far as its form tells.
    pub(super) fn is_time(&self, expr: &Expr, cx: &Context<'_>) -> bool {
        match expr {
            Expr::Nested(inner) => self.is_time(inner, cx),
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => match self.name(expr, cx) {
                Ok(Name::Column(column)) => column.stored == Stored::Time,
                Ok(Name::Item(item)) => item.out.time,
                Err(_) => false,
            },
            Expr::TypedString(_) | Expr::AtTimeZone { .. } => true,
            Expr::Cast { data_type, .. } => matches!(data_type, DataType::Timestamp(..) | DataType::Date),
            Expr::BinaryOp { left, op: BinaryOperator::Plus | BinaryOperator::Minus, right } => {
                matches!(**right, Expr::Interval(_)) && self.is_time(left, cx)
                    || matches!(**left, Expr::Interval(_)) && self.is_time(right, cx)
            }
            Expr::Case { conditions, .. } => {
                conditions.first().is_some_and(|when| self.is_time(&when.result, cx))
            }
            Expr::Function(function) => self.is_time_call(function, cx),
            _ => false,
        }
    }
}

pub(super) fn case(
    operand: Option<Box<Expr>>,
    conditions: Vec<CaseWhen>,
    else_result: Option<Box<Expr>>,
) -> Expr {
    let (case_token, end_token) = (AttachedToken::empty(), AttachedToken::empty());
    Expr::Case { case_token, end_token, operand, conditions, else_result }
}

fn plain_rounding(field: &CeilFloorKind, name: &str) -> Result<CeilFloorKind> {
    match field {
        CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => {
            Ok(CeilFloorKind::DateTimeField(DateTimeField::NoDateTime))
        }
        _ => Err(instead(&format!("{name} with a second argument"), "use round(x, digits) or date_trunc")),
    }
}

/// EXTRACT by its function: the engines disagree about the numbers of EXTRACT, not about the functions'.
fn extract_function(field: &DateTimeField) -> Result<&'static str> {
    Ok(match field {
        DateTimeField::Year => "year",
        DateTimeField::Quarter => "quarter",
        DateTimeField::Month => "month",
        DateTimeField::Week(None) => "week",
        DateTimeField::Day => "day",
        DateTimeField::DayOfWeek | DateTimeField::Dow => "day_of_week",
        DateTimeField::DayOfYear | DateTimeField::Doy => "day_of_year",
        DateTimeField::Hour => "hour",
        DateTimeField::Minute => "minute",
        DateTimeField::Second => "second",
        other => {
            let way = "use YEAR, QUARTER, MONTH, WEEK, DAY, DOW, DOY, HOUR, MINUTE or SECOND";
            return Err(instead(&format!("extracting {other}"), way));
        }
    })
}
