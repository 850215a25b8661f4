//! Conditionals.

use std::{any::Any, hash::Hash, sync::Arc};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, BooleanArray},
        compute::{is_null, nullif, or},
        datatypes::DataType,
    },
    common::{Result, internal_err, plan_datafusion_err},
    functions::core::{greatest, least},
    logical_expr::{
        ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
        simplify::{ExprSimplifyResult, SimplifyContext},
        type_coercion::binary::comparison_coercion,
        when,
    },
    prelude::Expr,
};

/// `if`, and `greatest` and `least` with Athena's nulls.
pub(super) fn functions() -> [ScalarUDF; 3] {
    [
        ScalarUDF::new_from_impl(If { signature: Signature::user_defined(Volatility::Immutable) }),
        ScalarUDF::new_from_impl(NullIfAny { inner: greatest() }),
        ScalarUDF::new_from_impl(NullIfAny { inner: least() }),
    ]
}

/// `if(condition, value[, other])`: a CASE, so that only what is chosen is computed.
#[derive(Debug, PartialEq, Eq, Hash)]
struct If {
    signature: Signature,
}

impl ScalarUDFImpl for If {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn name(&self) -> &str {
        "if"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [DataType::Boolean | DataType::Null, value] => Ok(vec![DataType::Boolean, value.clone()]),
            [DataType::Boolean | DataType::Null, value, other] => {
                let common =
                    if value == other { Some(value.clone()) } else { comparison_coercion(value, other) };
                let common = common
                    .ok_or_else(|| plan_datafusion_err!("if: {value} and {other} have no common type"))?;
                Ok(vec![DataType::Boolean, common.clone(), common])
            }
            _ => Err(plan_datafusion_err!("if takes a condition, a value and perhaps another value")),
        }
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        given.get(1).cloned().ok_or_else(|| plan_datafusion_err!("if takes a condition and a value"))
    }

    fn short_circuits(&self) -> bool {
        true
    }

    fn simplify(&self, args: Vec<Expr>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let mut args = args.into_iter();
        let (Some(condition), Some(value)) = (args.next(), args.next()) else {
            return internal_err!("if without arguments");
        };
        let mut case = when(condition, value);
        let case = match args.next() {
            Some(other) => case.otherwise(other),
            None => case.end(),
        };
        Ok(ExprSimplifyResult::Simplified(case?))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("if is planned as CASE")
    }
}

/// A function of DataFusion's that skips nulls, made to give null where any argument is.
#[derive(Debug, PartialEq, Eq, Hash)]
struct NullIfAny {
    inner: Arc<ScalarUDF>,
}

impl ScalarUDFImpl for NullIfAny {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(given)
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        self.inner.return_type(given)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let nulls =
            args.args.iter().map(|arg| Ok(is_null(&arg.to_array(rows)?)?)).collect::<Result<Vec<_>>>()?;
        let none = BooleanArray::from(vec![false; rows]);
        let any = nulls.iter().try_fold(none, |any, nulls| or(&any, nulls))?;
        let value: ArrayRef = self.inner.invoke_with_args(args)?.into_array(rows)?;
        debug_assert_eq!(value.len(), any.len());
        Ok(ColumnarValue::Array(nullif(&value, &any)?))
    }
}
