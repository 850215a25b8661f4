//! Literals, and the `?` that stand for them.

use sqlparser::ast::{
    DataType, DateTimeField, Expr, Interval, TimezoneInfo, TypedString, UnaryOperator, Value, ValueWithSpan,
};

use super::{Rewriter, Target, instead, unsupported};
use crate::sql::{
    Param,
    error::{Result, SqlError},
    time::{self, Instant},
    tree,
};

/// Engines add such numbers up in 64 bits.
pub(super) const MAX_COUNT: u64 = 1_000_000_000_000_000;

/// What a literal says, before it is known what it is compared with.
pub(super) enum Literal {
    Text(String),
    Number(Expr),
    Other(Expr),
}

impl From<Literal> for Expr {
    fn from(literal: Literal) -> Expr {
        match literal {
            Literal::Text(content) => tree::text(&content),
            Literal::Number(expr) | Literal::Other(expr) => expr,
        }
    }
}

impl Rewriter<'_> {
    pub(super) fn literal(&self, value: &ValueWithSpan) -> Result<Literal> {
        let ValueWithSpan { value, span } = value;
        Ok(match value {
            Value::SingleQuotedString(raw) => Literal::Text(raw.replace("''", "'")),
            Value::Number(digits, false) => Literal::Number(number(digits).map_err(|e| e.at(*span))?),
            Value::Boolean(b) => Literal::Other(tree::boolean(*b)),
            Value::Null => Literal::Other(tree::literal(Value::Null)),
            Value::Placeholder(mark) if mark == "?" => {
                let param = self.placeholders.get(&span.start).and_then(|i| self.params.get(*i));
                bound(param.ok_or_else(|| unsupported("a ? here").at(*span))?)?
            }
            Value::Placeholder(mark) => {
                return Err(
                    instead(&format!("the placeholder {mark}"), "write ? for each parameter").at(*span)
                );
            }
            Value::HexStringLiteral(_) => {
                let way = "ids are text to SQL: write their digits as '…', or use from_hex('…')";
                return Err(instead("a hex literal", way).at(*span));
            }
            _ => {
                return Err(
                    instead("this kind of literal", "write text as '…' and numbers as digits").at(*span)
                );
            }
        })
    }

    /// An instant's microseconds as a literal.
    pub(super) fn timestamp(&self, instant: Instant) -> Result<Expr> {
        let text =
            time::format(instant).ok_or_else(|| unsupported("a time outside of the years 1 to 9999"))?;
        Ok(match self.target {
            Target::Athena => tree::typed(tree::timestamp_type(None), &text),
            Target::Local => {
                tree::cast(sqlparser::ast::CastKind::Cast, tree::text(&text), tree::timestamp_type(Some(6)))
            }
        })
    }

    /// `TIMESTAMP '…'` and `DATE '…'`.
    pub(super) fn typed_literal(&self, literal: &TypedString) -> Result<Expr> {
        let TypedString { data_type, value, uses_odbc_syntax } = literal;
        let Literal::Text(content) = self.literal(value)? else { return Err(unsupported("this literal")) };
        let instant = time::parse(&content).map_err(|e| e.at(value.span))?;
        match data_type {
            _ if *uses_odbc_syntax => Err(unsupported("a literal in braces")),
            DataType::Timestamp(None, TimezoneInfo::None) if instant.nanos == 0 => self.timestamp(instant),
            DataType::Timestamp(None, TimezoneInfo::None) => {
                let way = "compare the column with a string: more digits are understood there";
                Err(instead("a TIMESTAMP literal with more than 6 fraction digits", way))
            }
            DataType::Date if content.len() == 10 => Ok(tree::typed(DataType::Date, &content)),
            other => Err(instead(&format!("the literal {other} '…'"), "use TIMESTAMP '…' or DATE '…'")),
        }
    }

    /// `INTERVAL '1' DAY`.
    pub(super) fn interval(&self, interval: &Interval) -> Result<Expr> {
        let Interval { value, leading_field, leading_precision, last_field, fractional_seconds_precision } =
            interval;
        let way = "write it as INTERVAL '5' MINUTE (SECOND, MINUTE, HOUR, DAY, MONTH or YEAR)";
        let plain =
            leading_precision.is_none() && last_field.is_none() && fractional_seconds_precision.is_none();
        let field = match leading_field {
            Some(
                field @ (DateTimeField::Second
                | DateTimeField::Minute
                | DateTimeField::Hour
                | DateTimeField::Day
                | DateTimeField::Month
                | DateTimeField::Year),
            ) if plain => field,
            _ => return Err(instead("this interval", way)),
        };
        let content = match &**value {
            Expr::Value(value) => match self.literal(value)? {
                Literal::Text(content) => content,
                _ => return Err(instead("this interval", way)),
            },
            _ => return Err(instead("this interval", way)),
        };
        let digits = content.strip_prefix('-').unwrap_or(&content);
        if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(instead("this interval", way));
        }
        Ok(Expr::Interval(Interval {
            value: Box::new(tree::text(&content)),
            leading_field: Some(field.clone()),
            leading_precision: None,
            last_field: None,
            fractional_seconds_precision: None,
        }))
    }

    /// The number of a LIMIT, OFFSET or window frame.
    pub(super) fn count(&self, expr: &Expr, what: &str) -> Result<Expr> {
        let refuse = || {
            instead(&format!("anything but a whole number as {what}"), "write digits, or ? with an integer")
        };
        let Expr::Value(value) = expr else { return Err(refuse()) };
        match self.literal(value)? {
            Literal::Number(Expr::Value(ValueWithSpan { value: Value::Number(digits, false), .. }))
                if digits.bytes().all(|b| b.is_ascii_digit()) =>
            {
                match digits.parse() {
                    Ok(0..=MAX_COUNT) => Ok(tree::number(digits)),
                    _ => Err(instead(&format!("a number beyond {MAX_COUNT} as {what}"), "leave it out")
                        .at(value.span)),
                }
            }
            _ => Err(refuse().at(value.span)),
        }
    }
}

/// A number as both engines read it.
fn number(digits: &str) -> Result<Expr> {
    let upper = digits.to_ascii_uppercase();
    let (mantissa, exponent) = upper.split_once('E').map_or((upper.as_str(), None), |(m, e)| (m, Some(e)));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let valid = !(whole.is_empty() && fraction.is_none_or(str::is_empty))
        && all_digits(whole)
        && fraction.is_none_or(all_digits)
        && exponent.is_none_or(|e| {
            let e = e.strip_prefix(['+', '-']).unwrap_or(e);
            !e.is_empty() && all_digits(e)
        });
    if !valid {
        return Err(unsupported(&format!("the number {digits}")));
    }
    if fraction.is_none() && exponent.is_none() && whole.parse::<i64>().is_err() {
        return Err(instead(
            &format!("the integer {digits}"),
            "bigint ends at 9223372036854775807; write a double: 1E20",
        ));
    }
    // A point needs digits on both sides in Trino.
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = match fraction {
        Some("") => ".0".to_string(),
        Some(f) => format!(".{f}"),
        None => String::new(),
    };
    Ok(tree::number(format!("{whole}{fraction}{}", exponent.map_or(String::new(), |e| format!("E{e}")))))
}

fn negative(digits: String) -> Expr {
    tree::operand(Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(tree::number(digits)) })
}

fn bound(param: &Param) -> Result<Literal> {
    Ok(match param {
        Param::Null => Literal::Other(tree::literal(Value::Null)),
        Param::Boolean(b) => Literal::Other(tree::boolean(*b)),
        Param::Text(content) => Literal::Text(content.clone()),
        Param::Integer(i64::MIN) => {
            // Its digits without the sign are no bigint.
            let edge = tree::binary(
                negative(i64::MAX.to_string()),
                sqlparser::ast::BinaryOperator::Minus,
                tree::number(1),
            );
            Literal::Number(tree::operand(edge))
        }
        Param::Integer(i) if *i < 0 => Literal::Number(negative(i.unsigned_abs().to_string())),
        Param::Integer(i) => Literal::Number(tree::number(i)),
        Param::Number(x) if !x.is_finite() => {
            return Err(SqlError::refused(
                "a parameter is not a finite number",
                "use nan() or infinity(), or leave the condition out",
            ));
        }
        Param::Number(x) if x.is_sign_negative() => Literal::Number(negative(format!("{:E}", -x))),
        Param::Number(x) => Literal::Number(tree::number(format!("{x:E}"))),
    })
}
