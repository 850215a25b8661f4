//! Syntax that means another thing in Athena than in DataFusion: SUBSTRING and some casts.

use datafusion::{
    arrow::datatypes::{DataType, TimeUnit},
    common::{DFSchema, Result, config::ConfigOptions, tree_node::Transformed},
    functions::math,
    logical_expr::{
        Cast, ExprSchemable, TryCast,
        expr::ScalarFunction,
        expr_rewriter::FunctionRewrite,
        planner::{ExprPlanner, PlannerResult},
    },
    prelude::Expr,
};

use super::functions;

const TIME: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// Plans SUBSTRING with the function of that meaning.
#[derive(Debug)]
pub(super) struct Planner;

impl ExprPlanner for Planner {
    fn plan_substring(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Planned(functions::call(functions::SUBSTR, args)?))
    }
}

/// Casts as Athena means them:
/// a time becomes text as `2022-01-06 06:09:45.117`; a double becomes an integer by rounding; what is cast from JSON is
/// the content of a JSON string; times have microseconds, so that the year 9999 fits.
#[derive(Debug)]
pub(super) struct Casts;

impl FunctionRewrite for Casts {
    fn name(&self) -> &str {
        "fidelog_casts"
    }

    fn rewrite(&self, expr: Expr, schema: &DFSchema, _: &ConfigOptions) -> Result<Transformed<Expr>> {
        match expr {
            Expr::Cast(Cast { expr, data_type }) => {
                let (inner, data_type) = cast(*expr, data_type, schema)?;
                Ok(Transformed::yes(Expr::Cast(Cast::new(Box::new(inner), data_type))))
            }
            Expr::TryCast(TryCast { expr, data_type }) => {
                let (inner, data_type) = cast(*expr, data_type, schema)?;
                Ok(Transformed::yes(Expr::TryCast(TryCast::new(Box::new(inner), data_type))))
            }
            Expr::ScalarFunction(function) if function.name() == "now" => {
                let now = Box::new(Expr::ScalarFunction(function));
                Ok(Transformed::yes(Expr::Cast(Cast::new(now, TIME))))
            }
            other => Ok(Transformed::no(other)),
        }
    }
}

fn cast(inner: Expr, to: DataType, schema: &DFSchema) -> Result<(Expr, DataType)> {
    let to = if matches!(to, DataType::Timestamp(..)) { TIME } else { to };
    let from = inner.get_type(schema)?;
    let inner = match inner {
        Expr::ScalarFunction(ScalarFunction { func, args })
            if matches!(func.name(), "json_extract" | "json_parse") =>
        {
            functions::call(
                functions::JSON_SCALAR,
                vec![Expr::ScalarFunction(ScalarFunction { func, args })],
            )?
        }
        inner if matches!(from, DataType::Timestamp(..)) && to.is_string() => {
            functions::call(functions::TIMESTAMP_TEXT, vec![inner])?
        }
        inner if from.is_floating() && to.is_integer() => {
            Expr::ScalarFunction(ScalarFunction::new_udf(math::round(), vec![inner]))
        }
        inner => inner,
    };
    Ok((inner, to))
}
