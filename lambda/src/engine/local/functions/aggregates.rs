//! Aggregates that DataFusion lacks or gives another meaning.

use std::{any::Any, cmp::Ordering, sync::Arc};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef},
        datatypes::{DataType, Field, FieldRef},
    },
    common::{
        Result, ScalarValue,
        cast::{as_boolean_array, as_int64_array},
        plan_datafusion_err,
    },
    logical_expr::{
        Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
        function::{AccumulatorArgs, StateFieldsArgs},
    },
};

use super::udf::fail;

pub(super) fn functions() -> [AggregateUDF; 5] {
    let any_value = |name| aggregate(name, Which::First);
    [
        aggregate("count_if", Which::CountIf),
        aggregate("max_by", Which::By(Ordering::Greater)),
        aggregate("min_by", Which::By(Ordering::Less)),
        any_value("arbitrary"),
        any_value("any_value"),
    ]
}

fn aggregate(name: &'static str, which: Which) -> AggregateUDF {
    AggregateUDF::new_from_impl(Aggregate {
        name,
        which,
        signature: Signature::user_defined(Volatility::Immutable),
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Which {
    /// How many rows are true.
    CountIf,
    /// The first value where the key compares so with all keys before; null keys do not count.
    By(Ordering),
    /// The first value that is not null.
    First,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Aggregate {
    name: &'static str,
    which: Which,
    signature: Signature,
}

impl AggregateUDFImpl for Aggregate {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match (self.which, given) {
            (Which::CountIf, [DataType::Boolean | DataType::Null]) => Ok(vec![DataType::Boolean]),
            (Which::By(_), [_, _]) | (Which::First, [_]) => Ok(given.to_vec()),
            (Which::CountIf, _) => Err(plan_datafusion_err!("count_if takes a boolean")),
            (Which::By(_), _) => Err(plan_datafusion_err!("{} takes a value and a key", self.name)),
            (Which::First, _) => Err(plan_datafusion_err!("{} takes one argument", self.name)),
        }
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        match self.which {
            Which::CountIf => Ok(DataType::Int64),
            _ => given.first().cloned().ok_or_else(|| plan_datafusion_err!("{} takes a value", self.name)),
        }
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let types: Vec<&DataType> = args.expr_fields.iter().map(|field| field.data_type()).collect();
        Ok(match (self.which, types.as_slice()) {
            (Which::CountIf, _) => Box::new(CountIf(0)),
            (Which::By(ordering), [value, key]) => Box::new(By {
                ordering,
                value: ScalarValue::try_from(*value)?,
                key: ScalarValue::try_from(*key)?,
            }),
            (Which::First, [value]) => Box::new(First(ScalarValue::try_from(*value)?)),
            _ => return Err(fail(format!("{}: unexpected arguments", self.name))),
        })
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let types = match self.which {
            Which::CountIf => vec![DataType::Int64],
            _ => args.input_fields.iter().map(|field| field.data_type().clone()).collect(),
        };
        let field = |(i, data_type)| Arc::new(Field::new(format!("{}[{i}]", args.name), data_type, true));
        Ok(types.into_iter().enumerate().map(field).collect())
    }
}

#[derive(Debug)]
struct CountIf(i64);

impl Accumulator for CountIf {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for column in values {
            self.0 += as_boolean_array(column)?.true_count() as i64;
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for column in states {
            self.0 += as_int64_array(column)?.iter().flatten().sum::<i64>();
        }
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for column in values {
            self.0 -= as_boolean_array(column)?.true_count() as i64;
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::from(self.0))
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}

#[derive(Debug)]
struct By {
    ordering: Ordering,
    value: ScalarValue,
    key: ScalarValue,
}

impl Accumulator for By {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let [values, keys] = columns else {
            return Err(fail("a value and a key expected"));
        };
        for row in (0..keys.len()).filter(|row| keys.is_valid(*row)) {
            let key = ScalarValue::try_from_array(keys, row)?;
            if self.key.is_null() || key.partial_cmp(&self.key) == Some(self.ordering) {
                self.value = ScalarValue::try_from_array(values, row)?.compacted();
                self.key = key.compacted();
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.value.clone(), self.key.clone()])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(self.value.clone())
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.value.size() + self.key.size()
    }
}

#[derive(Debug)]
struct First(ScalarValue);

impl Accumulator for First {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        for column in columns {
            if self.0.is_null()
                && let Some(row) = (0..column.len()).find(|row| column.is_valid(*row))
            {
                self.0 = ScalarValue::try_from_array(column, row)?.compacted();
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.0.clone()])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(self.0.clone())
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.0.size()
    }
}
