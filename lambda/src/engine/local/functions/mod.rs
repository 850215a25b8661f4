//! Athena's functions, as Athena means them, where DataFusion has none of the name or means another thing.

mod aggregates;
mod arrays;
mod binary;
mod choose;
mod dates;
mod format;
mod json;
mod numbers;
mod regex;
mod strings;
mod udf;

use std::sync::Arc;

use datafusion::{
    common::{Result, internal_datafusion_err},
    functions_aggregate::{approx_percentile_cont, bool_and_or, variance},
    logical_expr::expr::ScalarFunction,
    prelude::{Expr, SessionContext},
};

pub(super) use self::{dates::TIMESTAMP_TEXT, json::JSON_SCALAR, strings::SUBSTR, udf::JSON_MARK};

fn families() -> impl Iterator<Item = &'static fn() -> udf::Function> {
    let families = [
        arrays::FUNCTIONS,
        binary::FUNCTIONS,
        dates::FUNCTIONS,
        json::FUNCTIONS,
        numbers::FUNCTIONS,
        regex::FUNCTIONS,
        strings::FUNCTIONS,
    ];
    families.into_iter().flatten()
}

/// A call of one of them, for syntax that names none.
pub(super) fn call(name: &str, args: Vec<Expr>) -> Result<Expr> {
    let function = families().map(|function| function()).find(|function| function.name == name);
    let function = function.ok_or_else(|| internal_datafusion_err!("there is no function {name}"))?;
    Ok(Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(function.into_udf()), args)))
}

/// Registers all of them in a session.
pub(super) fn register(session: &SessionContext) -> Result<()> {
    for function in families() {
        session.register_udf(function().into_udf());
    }
    for function in choose::functions() {
        session.register_udf(function);
    }
    for function in aggregates::functions() {
        session.register_udaf(function);
    }
    let percentile = approx_percentile_cont::approx_percentile_cont_udaf();
    session.register_udaf((*percentile).clone().with_aliases(["approx_percentile"]));
    session.register_udaf((*bool_and_or::bool_and_udaf()).clone().with_aliases(["every"]));
    session.register_udaf((*variance::var_samp_udaf()).clone().with_aliases(["variance"]));
    Ok(())
}
