//! Comparisons: where a stored form is compared as it is stored, and strings with timestamps.

use fidelog_codec::encoding::Encoding;
use sqlparser::ast::{BinaryOperator, Expr};

use super::{Context, Rewriter, encoded::stored_bytes, expr::Name, instead, literal::Literal, size};
use crate::sql::{
    error::{Result, SqlError},
    scope::{Column, Stored},
    time::{self, Instant},
    tree,
};

/// The longest IN list.
const MAX_LIST: usize = 2_000;
/// The longest IN list that becomes a chain of comparisons: as deep as any other chain may be.
const MAX_CHAIN: usize = 400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Distinct,
    NotDistinct,
}

use Comparison::{AtLeast, AtMost, Distinct, Equal, Greater, Less, NotDistinct, NotEqual};

impl Comparison {
    pub(super) fn of(op: &BinaryOperator) -> Option<Self> {
        Some(match op {
            BinaryOperator::Eq => Equal,
            BinaryOperator::NotEq => NotEqual,
            BinaryOperator::Lt => Less,
            BinaryOperator::LtEq => AtMost,
            BinaryOperator::Gt => Greater,
            BinaryOperator::GtEq => AtLeast,
            _ => return None,
        })
    }

    /// The comparison with its sides exchanged.
    const fn flipped(self) -> Self {
        match self {
            Less => Greater,
            AtMost => AtLeast,
            Greater => Less,
            AtLeast => AtMost,
            same => same,
        }
    }

    fn of_values(self, left: Expr, right: Expr) -> Expr {
        let op = match self {
            Equal => BinaryOperator::Eq,
            NotEqual => BinaryOperator::NotEq,
            Less => BinaryOperator::Lt,
            AtMost => BinaryOperator::LtEq,
            Greater => BinaryOperator::Gt,
            AtLeast => BinaryOperator::GtEq,
            Distinct | NotDistinct => {
                let (left, right) = (Box::new(tree::operand(left)), Box::new(tree::operand(right)));
                return tree::operand(match self {
                    Distinct => Expr::IsDistinctFrom(left, right),
                    _ => Expr::IsNotDistinctFrom(left, right),
                });
            }
        };
        tree::binary(left, op, right)
    }
}

/// One side of a comparison.
#[derive(Clone)]
pub(super) enum Side {
    /// A column that is stored in a form of its own.
    Column(Box<Column>),
    /// A value that is a timestamp or a date.
    Time(Expr),
    /// A field whose values are numbers.
    Numeric(Expr),
    /// A field whose values are text.
    Varchar(Expr),
    /// A literal text.
    Text(String),
    /// A literal number.
    Number(Expr),
    Other(Expr),
}

impl Rewriter<'_> {
    pub(super) fn side(&mut self, expr: &Expr, cx: &Context<'_>) -> Result<Side> {
        let mut inner = expr;
        while let Expr::Nested(e) = inner {
            inner = e;
        }
        Ok(match inner {
            Expr::Value(value) => match self.literal(value)? {
                Literal::Text(content) => Side::Text(content),
                Literal::Number(expr) => Side::Number(expr),
                Literal::Other(expr) => Side::Other(expr),
            },
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => match self.name(inner, cx)? {
                Name::Column(column) if column.stored != Stored::Plain => {
                    Side::Column(Box::new(column.clone()))
                }
                Name::Column(column) => self.of_field(column.field, column.expr.clone()),
                Name::Item(item) if item.out.time => Side::Time(self.copy(&item.expr)?),
                Name::Item(item) => {
                    let expr = self.copy(&item.expr)?;
                    self.of_field(item.out.field, expr)
                }
            },
            _ => {
                let value = self.value(expr, cx)?;
                if self.is_time(inner, cx) { Side::Time(value) } else { Side::Other(value) }
            }
        })
    }

    fn of_field(&self, field: Option<usize>, expr: Expr) -> Side {
        match field.and_then(|i| self.tables.schema.fields().get(i)).map(|field| &field.encoding) {
            Some(Encoding::Integer | Encoding::Number { .. }) => Side::Numeric(expr),
            Some(Encoding::Text | Encoding::Json | Encoding::Hex { .. } | Encoding::Uuid { .. }) => {
                Side::Varchar(expr)
            }
            _ => Side::Other(expr),
        }
    }

    /// Another copy of a side.
    pub(super) fn copy_side(&mut self, side: &Side) -> Result<Side> {
        match side {
            Side::Time(e) | Side::Numeric(e) | Side::Varchar(e) | Side::Number(e) | Side::Other(e) => {
                self.spend(size(e))?;
            }
            Side::Column(_) | Side::Text(_) => self.spend(1)?,
        }
        Ok(side.clone())
    }

    pub(super) fn side_value(&mut self, side: Side) -> Expr {
        match side {
            Side::Column(column) => self.logical(&column),
            Side::Text(content) => tree::text(&content),
            Side::Time(expr)
            | Side::Numeric(expr)
            | Side::Varchar(expr)
            | Side::Number(expr)
            | Side::Other(expr) => expr,
        }
    }

    pub(super) fn compare(
        &mut self,
        left: Side,
        op: Comparison,
        right: Side,
        cx: &Context<'_>,
    ) -> Result<Expr> {
        let is_time = |side: &Side| {
            matches!(side, Side::Time(_)) || matches!(side, Side::Column(c) if c.stored == Stored::Time)
        };
        alike(&left, &right)?;
        Ok(match (left, right) {
            (left @ (Side::Text(_) | Side::Number(_)), right @ (Side::Column(_) | Side::Time(_))) => {
                return self.compare(right, op.flipped(), left, cx);
            }
            (Side::Column(c), Side::Text(text)) if c.stored == Stored::Time => {
                self.compare_time(c.expr, c.nanos.filter(|_| cx.stored), op, &text)?
            }
            (Side::Time(e), Side::Text(text)) => self.compare_time(e, None, op, &text)?,
            (left, Side::Number(_)) if is_time(&left) => {
                return Err(instead(
                    "comparing a timestamp with a number",
                    "write the time as '2022-01-06T06:09:30Z'",
                ));
            }
            (Side::Column(c), Side::Text(text)) if cx.stored && c.stored.is_bytes() => {
                match stored_bytes(c.stored, &text) {
                    Some(bytes) => op.of_values(c.expr, tree::bytes(&bytes)),
                    None => op.of_values(self.logical(&c), tree::text(&text)),
                }
            }
            (Side::Column(a), Side::Column(b)) if cx.stored && a.stored == b.stored => {
                op.of_values(a.expr, b.expr)
            }
            (left, right) => {
                let (left, right) = (self.side_value(left), self.side_value(right));
                op.of_values(left, right)
            }
        })
    }

    /// A timestamp against a time written as text, right for every digit of it.
    fn compare_time(&mut self, value: Expr, nanos: Option<Expr>, op: Comparison, text: &str) -> Result<Expr> {
        let instant = time::parse(text)?;
        let literal = self.timestamp(instant)?;
        Ok(match nanos {
            Some(nanos) => compare_pair(value, literal, nanos, instant.nanos, op),
            None if instant.nanos == 0 => op.of_values(value, literal),
            // The value is whole microseconds, the text lies between two: never equal, and null if the value is.
            None => match op {
                Equal => NotEqual.of_values(self.copy(&value)?, value),
                NotEqual => Equal.of_values(self.copy(&value)?, value),
                Less | AtMost => AtMost.of_values(value, literal),
                Greater | AtLeast => Greater.of_values(value, literal),
                Distinct => tree::boolean(true),
                NotDistinct => tree::boolean(false),
            },
        })
    }

    /// `expr [NOT] IN (…)`.
    pub(super) fn in_list(
        &mut self,
        expr: &Expr,
        list: &[Expr],
        negated: bool,
        cx: &Context<'_>,
    ) -> Result<Expr> {
        if list.len() > MAX_LIST {
            return Err(too_long(MAX_LIST));
        }
        let left = self.side(expr, cx)?;
        let mut sides = Vec::with_capacity(list.len());
        for e in list {
            let side = self.side(e, cx).map_err(|err| err.within(e))?;
            alike(&left, &side).map_err(|err| err.within(e))?;
            sides.push(side);
        }
        let between_micros = |text: &str| time::parse(text).map(|Instant { nanos, .. }| nanos != 0);
        let nanos = matches!(&left, Side::Column(c) if c.nanos.is_some() && cx.stored);
        let time =
            matches!(&left, Side::Time(_)) || matches!(&left, Side::Column(c) if c.stored == Stored::Time);
        let mut odd = nanos || matches!(left, Side::Text(_));
        for (side, e) in sides.iter().zip(list) {
            if let (true, Side::Text(text)) = (time, side) {
                odd |= between_micros(text).map_err(|err| err.within(e))?;
            }
        }
        if odd {
            if sides.len() > MAX_CHAIN {
                return Err(too_long(MAX_CHAIN));
            }
            // One equality an element says the same.
            let mut any: Option<Expr> = None;
            for side in sides {
                let left = self.copy_side(&left)?;
                let one = self.compare(left, Equal, side, cx)?;
                any = Some(match any {
                    Some(all) => tree::binary(all, BinaryOperator::Or, one),
                    None => one,
                });
            }
            let any = tree::operand(any.ok_or_else(|| super::unsupported("an empty IN list"))?);
            return Ok(if negated { not(any) } else { any });
        }
        let bytes: Option<Vec<Vec<u8>>> = match &left {
            Side::Column(c) if cx.stored && c.stored.is_bytes() => sides
                .iter()
                .map(|side| match side {
                    Side::Text(text) => stored_bytes(c.stored, text),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        let (value, list) = match (left, bytes) {
            (Side::Column(c), Some(bytes)) => (c.expr, bytes.iter().map(|b| tree::bytes(b)).collect()),
            (left, _) => {
                let list = sides.into_iter().map(|side| match side {
                    Side::Text(text) if time => self.timestamp(time::parse(&text)?),
                    Side::Number(_) if time => Err(instead(
                        "comparing a timestamp with a number",
                        "write the time as '2022-01-06T06:09:30Z'",
                    )),
                    side => Ok(self.side_value(side)),
                });
                let list = list.collect::<Result<Vec<_>>>()?;
                (self.side_value(left), list)
            }
        };
        let list = list.into_iter().map(tree::operand).collect();
        Ok(Expr::InList { expr: Box::new(tree::operand(value)), list, negated })
    }

    /// `expr [NOT] BETWEEN low AND high`.
    pub(super) fn between(
        &mut self,
        (expr, low, high): (&Expr, &Expr, &Expr),
        negated: bool,
        cx: &Context<'_>,
    ) -> Result<Expr> {
        let value = self.side(expr, cx)?;
        let low_side = self.side(low, cx).map_err(|e| e.within(low))?;
        let high_side = self.side(high, cx).map_err(|e| e.within(high))?;
        alike(&value, &low_side).map_err(|e| e.within(low))?;
        alike(&value, &high_side).map_err(|e| e.within(high))?;
        let is_whole = |side: &Side| match side {
            Side::Text(text) => time::parse(text).is_ok_and(|instant| instant.nanos == 0),
            Side::Number(_) => false,
            _ => true,
        };
        if matches!(value, Side::Time(_)) && is_whole(&low_side) && is_whole(&high_side) {
            let mut bound = |side: Side| match side {
                Side::Text(text) => self.timestamp(time::parse(&text)?),
                side => Ok(self.side_value(side)),
            };
            let (low, high) = (bound(low_side)?, bound(high_side)?);
            let [expr, low, high] = [self.side_value(value), low, high].map(|e| Box::new(tree::operand(e)));
            return Ok(Expr::Between { expr, negated, low, high });
        }
        // Two comparisons say the same.
        if matches!(value, Side::Column(_) | Side::Text(_) | Side::Time(_)) {
            let copy = self.copy_side(&value)?;
            let from = self.compare(copy, AtLeast, low_side, cx).map_err(|e| e.within(low))?;
            let to = self.compare(value, AtMost, high_side, cx).map_err(|e| e.within(high))?;
            let both = tree::operand(tree::binary(from, BinaryOperator::And, to));
            return Ok(if negated { not(both) } else { both });
        }
        let place = |e: Expr| Box::new(tree::operand(e));
        Ok(Expr::Between {
            expr: place(self.side_value(value)),
            negated,
            low: place(self.side_value(low_side)),
            high: place(self.side_value(high_side)),
        })
    }
}

/// Engines differ in what they make of a number beside a text, and none compares them as the user means it.
pub(super) fn alike(left: &Side, right: &Side) -> Result<()> {
    let is_text = |side: &Side| match side {
        Side::Varchar(_) => true,
        Side::Column(column) => column.stored.is_bytes(),
        _ => false,
    };
    match (left, right) {
        (Side::Numeric(_), Side::Text(text)) | (Side::Text(text), Side::Numeric(_)) => {
            let text: String = text.chars().take(40).collect();
            Err(SqlError::refused(
                format!("a column of numbers is compared with the text '{text}'"),
                "drop the quotes, or compare CAST(column AS varchar)",
            ))
        }
        (side, Side::Number(number)) | (Side::Number(number), side) if is_text(side) => {
            Err(SqlError::refused(
                format!("a column of text is compared with the number {number}"),
                "put the number in single quotes, or compare TRY_CAST(column AS double)",
            ))
        }
        _ => Ok(()),
    }
}

fn too_long(max: usize) -> SqlError {
    SqlError::refused(
        format!("this IN list has more than {max} values"),
        "send several queries, or ask for a range",
    )
}

pub(super) fn not(expr: Expr) -> Expr {
    Expr::UnaryOp { op: sqlparser::ast::UnaryOperator::Not, expr: Box::new(tree::operand(expr)) }
}

/// Compares a timestamp kept as microseconds and the nanoseconds below with an instant. The bound on the
/// microseconds stands by itself where it can, because engines skip data by it.
fn compare_pair(micros: Expr, literal: Expr, nanos: Expr, below: u16, op: Comparison) -> Expr {
    let below = tree::number(below);
    let of = |op: Comparison, nanos_op: Comparison| {
        (op.of_values(micros.clone(), literal.clone()), nanos_op.of_values(nanos.clone(), below.clone()))
    };
    let join = |(a, b): (Expr, Expr), op: BinaryOperator| tree::operand(tree::binary(a, op, b));
    let ordered = |bound: Comparison, strict: Comparison, nanos_op: Comparison| {
        let either = join(of(strict, nanos_op), BinaryOperator::Or);
        join((bound.of_values(micros.clone(), literal.clone()), either), BinaryOperator::And)
    };
    match op {
        Equal => join(of(Equal, Equal), BinaryOperator::And),
        NotEqual => join(of(NotEqual, NotEqual), BinaryOperator::Or),
        Less => ordered(AtMost, Less, Less),
        AtMost => ordered(AtMost, Less, AtMost),
        Greater => ordered(AtLeast, Greater, Greater),
        AtLeast => ordered(AtLeast, Greater, AtLeast),
        Distinct => join(of(Distinct, Distinct), BinaryOperator::Or),
        NotDistinct => join(of(NotDistinct, NotDistinct), BinaryOperator::And),
    }
}
