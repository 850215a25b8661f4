//! Function calls: allowlisted names only, each in a form that both engines read.

use sqlparser::ast::{
    CaseWhen, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, Ident, NullTreatment, ObjectName, ObjectNamePart, Spanned,
    UnaryOperator, Value, ValueWithSpan, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec,
    WindowType,
};

use super::{Context, Rewriter, expr::case, instead, literal::MAX_COUNT, unsupported};
use crate::sql::{
    error::{Result, SqlError},
    functions::{self, Class},
    scope::same_name,
    tree,
};

/// What is written without parentheses.
const BARE: &[&str] = &["current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"];

/// The function's lower-case name, if it is a plain one.
pub(super) fn function_name(name: &ObjectName) -> Option<String> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(Ident { value, quote_style: None, span: _ })] => {
            Some(value.to_lowercase())
        }
        _ => None,
    }
}

/// How many rows `lag` and `lead` look away.
fn check_offset(offset: &Expr, name: &str) -> Result<()> {
    let mut inner = offset;
    while let Expr::Nested(e) = inner {
        inner = e;
    }
    match inner {
        Expr::UnaryOp { op: UnaryOperator::Minus, .. } => {
            Err(instead(&format!("a negative offset of {name}"), "lag looks back, lead looks ahead"))
        }
        Expr::Value(ValueWithSpan { value: Value::Number(digits, _), .. })
            if !digits.parse().is_ok_and(|n: u64| n <= MAX_COUNT) =>
        {
            Err(instead(&format!("{digits} as an offset of {name}"), "write a smaller whole number"))
        }
        _ => Ok(()),
    }
}

impl Rewriter<'_> {
    pub(super) fn call(&mut self, function: &Function, cx: &Context<'_>) -> Result<Expr> {
        let Function { name, uses_odbc_syntax, parameters, args, filter, null_treatment, over, within_group } =
            function;
        if *uses_odbc_syntax || !matches!(parameters, FunctionArguments::None) || !within_group.is_empty() {
            return Err(unsupported("this form of call"));
        }
        let lower = function_name(name).ok_or_else(|| {
            instead(&format!("the function {name}"), "write a function's plain name, unquoted")
        })?;
        let class = functions::class(&lower).filter(|_| !lower.contains(' ')).ok_or_else(|| {
            let hint =
                "use one of Athena's documented functions (those with lambda expressions are not supported)";
            SqlError::refused(format!("there is no function {lower}"), hint).at(name.span())
        })?;
        self.uses(&lower);
        let windowed = over.is_some();
        if windowed && class == Class::Scalar {
            return Err(unsupported(&format!("OVER with {lower}")));
        }
        if !windowed && class == Class::Window {
            return Err(instead(
                &format!("{lower} without OVER"),
                &format!("write {lower}(…) OVER (ORDER BY …)"),
            ));
        }
        // What an aggregate folds lies below the grouping.
        let inner =
            Context { stored: cx.stored || (class == Class::Aggregate && !windowed), items: &[], ..*cx };
        let args = match args {
            FunctionArguments::None if BARE.contains(&lower.as_str()) => FunctionArguments::None,
            FunctionArguments::List(list) if !BARE.contains(&lower.as_str()) => {
                if let ("if", Some(expr)) = (lower.as_str(), self.conditional(list, cx)?) {
                    return Ok(expr);
                }
                FunctionArguments::List(self.arguments(
                    list,
                    &lower,
                    class,
                    if class == Class::Scalar { cx } else { &inner },
                )?)
            }
            _ => return Err(unsupported("this form of call")),
        };
        if let ("lag" | "lead", FunctionArguments::List(list)) = (lower.as_str(), &args)
            && let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(offset))) = list.args.get(1)
        {
            check_offset(offset, &lower)?;
        }
        let filter = match filter {
            Some(filter) if class == Class::Aggregate => Some(Box::new(self.value(filter, &inner)?)),
            Some(_) => return Err(unsupported(&format!("FILTER with {lower}"))),
            None => None,
        };
        let null_treatment = match null_treatment {
            Some(NullTreatment::IgnoreNulls) if windowed => Some(NullTreatment::IgnoreNulls),
            Some(NullTreatment::RespectNulls) | None => None,
            Some(_) => return Err(unsupported("IGNORE NULLS without OVER")),
        };
        let over = over.as_ref().map(|over| self.window(over, cx)).transpose()?;
        Ok(Expr::Function(Function {
            args,
            filter,
            null_treatment,
            over,
            ..tree::function(&lower, Vec::new())
        }))
    }

    /// `if(condition, a, b)` as CASE, which every engine has.
    fn conditional(&mut self, list: &FunctionArgumentList, cx: &Context<'_>) -> Result<Option<Expr>> {
        let args: Vec<&Expr> = list
            .args
            .iter()
            .filter_map(|arg| match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) => Some(e),
                _ => None,
            })
            .collect();
        let (condition, result, other) = match args.as_slice() {
            [condition, result] => (condition, result, None),
            [condition, result, other] => (condition, result, Some(other)),
            _ => return Ok(None),
        };
        if !list.clauses.is_empty() || list.duplicate_treatment.is_some() || args.len() != list.args.len() {
            return Ok(None);
        }
        let when = CaseWhen { condition: self.value(condition, cx)?, result: self.value(result, cx)? };
        let other = other.map(|e| self.value(e, cx)).transpose()?.map(Box::new);
        Ok(Some(case(None, vec![when], other)))
    }

    fn arguments(
        &mut self,
        list: &FunctionArgumentList,
        name: &str,
        class: Class,
        cx: &Context<'_>,
    ) -> Result<FunctionArgumentList> {
        let FunctionArgumentList { duplicate_treatment, args, clauses } = list;
        let duplicate_treatment = match duplicate_treatment {
            Some(DuplicateTreatment::Distinct) if class == Class::Aggregate => {
                Some(DuplicateTreatment::Distinct)
            }
            Some(DuplicateTreatment::All) if class == Class::Aggregate => None,
            None => None,
            Some(_) => return Err(unsupported(&format!("DISTINCT in {name}"))),
        };
        let mut out = Vec::new();
        for arg in args {
            out.push(FunctionArg::Unnamed(match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) => FunctionArgExpr::Expr(self.value(e, cx)?),
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard)
                    if name == "count" && args.len() == 1 && duplicate_treatment.is_none() =>
                {
                    FunctionArgExpr::Wildcard
                }
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard | FunctionArgExpr::QualifiedWildcard(_)) => {
                    return Err(instead(&format!("* in {name}"), "name a column, or write count(*)"));
                }
                _ => return Err(unsupported("a named argument")),
            }));
        }
        let mut out_clauses = Vec::new();
        for clause in clauses {
            match clause {
                FunctionArgumentClause::OrderBy(keys) if class == Class::Aggregate => {
                    let keys = keys.iter().map(|key| self.sort_key(key, cx)).collect::<Result<_>>()?;
                    out_clauses.push(FunctionArgumentClause::OrderBy(keys));
                }
                _ => return Err(unsupported(&format!("this clause in {name}"))),
            }
        }
        Ok(FunctionArgumentList { duplicate_treatment, args: out, clauses: out_clauses })
    }

    /// A window, always spelled out.
    fn window(&mut self, over: &WindowType, cx: &Context<'_>) -> Result<WindowType> {
        let spec = match over {
            WindowType::WindowSpec(spec) => spec,
            WindowType::NamedWindow(ident) => {
                let name = tree::name(ident);
                let found = cx.windows.iter().find(|(n, _)| same_name(n, &name));
                let hint = "declare it: WINDOW name AS (PARTITION BY … ORDER BY …)";
                found
                    .ok_or_else(|| {
                        SqlError::refused(format!("there is no window {name}"), hint).at(ident.span)
                    })?
                    .1
            }
        };
        let WindowSpec { window_name, partition_by, order_by, window_frame } = spec;
        if window_name.is_some() {
            return Err(instead("a window made from another one", "write it out"));
        }
        Ok(WindowType::WindowSpec(WindowSpec {
            window_name: None,
            partition_by: self.values(partition_by, cx)?,
            order_by: order_by.iter().map(|key| self.sort_key(key, cx)).collect::<Result<_>>()?,
            window_frame: window_frame.as_ref().map(|frame| self.frame(frame)).transpose()?,
        }))
    }

    fn frame(&self, frame: &WindowFrame) -> Result<WindowFrame> {
        let WindowFrame { units, start_bound, end_bound } = frame;
        let units = match units {
            WindowFrameUnits::Rows => WindowFrameUnits::Rows,
            WindowFrameUnits::Range => WindowFrameUnits::Range,
            WindowFrameUnits::Groups => WindowFrameUnits::Groups,
        };
        let end_bound = end_bound.as_ref().map(|bound| self.bound(bound)).transpose()?;
        Ok(WindowFrame { units, start_bound: self.bound(start_bound)?, end_bound })
    }

    fn bound(&self, bound: &WindowFrameBound) -> Result<WindowFrameBound> {
        let distance = |expr: &Option<Box<Expr>>| {
            let Some(expr) = expr else { return Ok(None) };
            Ok(Some(Box::new(match &**expr {
                Expr::Interval(interval) => self.interval(interval)?,
                other => self.count(other, "a frame's bound").map_err(|e| e.within(other))?,
            })))
        };
        Ok(match bound {
            WindowFrameBound::CurrentRow => WindowFrameBound::CurrentRow,
            WindowFrameBound::Preceding(expr) => WindowFrameBound::Preceding(distance(expr)?),
            WindowFrameBound::Following(expr) => WindowFrameBound::Following(distance(expr)?),
        })
    }

    pub(super) fn is_time_call(&self, function: &Function, cx: &Context<'_>) -> bool {
        let Some(name) = function_name(&function.name) else { return false };
        let argument = |n: usize| match &function.args {
            FunctionArguments::List(list) => match list.args.get(n) {
                Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(e))) => self.is_time(e, cx),
                _ => false,
            },
            _ => false,
        };
        match name.as_str() {
            "now"
            | "current_timestamp"
            | "current_date"
            | "localtimestamp"
            | "from_unixtime"
            | "from_unixtime_nanos"
            | "from_iso8601_timestamp"
            | "from_iso8601_date"
            | "date_parse"
            | "parse_datetime"
            | "date"
            | "at_timezone"
            | "with_timezone"
            | "last_day_of_month" => true,
            "min" | "max" | "min_by" | "max_by" | "arbitrary" | "any_value" | "lag" | "lead"
            | "first_value" | "last_value" | "nth_value" | "coalesce" | "nullif" | "greatest" | "least"
            | "try" => argument(0),
            "date_trunc" | "if" => argument(1),
            "date_add" => argument(2),
            _ => false,
        }
    }
}
