//! A scalar function from a few plain parts.

use std::{
    any::Any,
    hash::{Hash, Hasher},
    sync::Arc,
};

use datafusion::{
    arrow::{
        array::ArrayRef,
        datatypes::{DataType, Field, FieldRef, TimeUnit},
    },
    common::{DataFusionError, Result, ScalarValue, exec_datafusion_err, plan_datafusion_err},
    logical_expr::{
        ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
    },
};

/// Marks a field whose text is JSON, not a string.
pub(in crate::engine::local) const JSON_MARK: (&str, &str) = ("fidelog", "json");

pub(super) const TIME: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// What an argument may be. Like Athena, and unlike DataFusion, nothing becomes text by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arg {
    Varchar,
    Varbinary,
    Bigint,
    Double,
    /// A timestamp; a date becomes one.
    Time,
    /// A timestamp or a date.
    Moment,
    /// A bigint or a double.
    Number,
    Array,
    Any,
}

impl Arg {
    fn coerce(self, given: &DataType) -> Option<DataType> {
        use DataType as D;
        let is_text = matches!(given, D::Utf8 | D::LargeUtf8 | D::Utf8View | D::Null);
        let is_text = is_text || matches!(given, D::Dictionary(_, value) if **value == D::Utf8);
        match self {
            Arg::Varchar if is_text => Some(D::Utf8),
            Arg::Varbinary => {
                matches!(given, D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_) | D::Null)
                    .then_some(D::Binary)
            }
            Arg::Bigint => (given.is_integer() || given.is_null()).then_some(D::Int64),
            Arg::Double => (given.is_numeric() || given.is_null()).then_some(D::Float64),
            Arg::Time => matches!(given, D::Timestamp(..) | D::Date32 | D::Date64 | D::Null).then_some(TIME),
            Arg::Moment => match given {
                D::Date32 | D::Date64 => Some(D::Date32),
                D::Timestamp(..) | D::Null => Some(TIME),
                _ => None,
            },
            Arg::Number => match given {
                given if given.is_integer() => Some(D::Int64),
                given if given.is_numeric() || given.is_null() => Some(D::Float64),
                _ => None,
            },
            Arg::Array => match given {
                D::List(item) | D::LargeList(item) | D::ListView(item) => Some(D::List(Arc::clone(item))),
                D::FixedSizeList(item, _) => Some(D::List(Arc::clone(item))),
                _ => None,
            },
            Arg::Any => Some(given.clone()),
            Arg::Varchar => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Arg::Varchar => "varchar",
            Arg::Varbinary => "varbinary",
            Arg::Bigint => "bigint",
            Arg::Double => "double",
            Arg::Time => "timestamp",
            Arg::Moment => "timestamp or date",
            Arg::Number => "number",
            Arg::Array => "array",
            Arg::Any => "any type",
        }
    }
}

/// What a function gives.
#[derive(Clone, Copy)]
pub(super) enum Returns {
    Always(DataTypeOf),
    /// The text of a JSON value.
    Json,
    /// The type of an argument.
    Arg(usize),
    /// The type of the first argument's elements.
    Item,
    /// Bigint if all arguments are, else double.
    Wider,
}

/// A type, made when it is needed: not all of them are constants.
pub(super) type DataTypeOf = fn() -> DataType;

/// A scalar function.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) args: &'static [Arg],
    /// How many arguments there must be; the others may be left out.
    pub(super) required: usize,
    /// Whether the last argument may be repeated.
    pub(super) variadic: bool,
    pub(super) returns: Returns,
    /// Gets arrays of one length.
    pub(super) body: fn(&[ArrayRef]) -> Result<ArrayRef>,
}

impl Function {
    /// A function with these arguments.
    pub(super) const fn new(
        name: &'static str,
        args: &'static [Arg],
        returns: Returns,
        body: fn(&[ArrayRef]) -> Result<ArrayRef>,
    ) -> Self {
        Function { name, args, required: args.len(), variadic: false, returns, body }
    }

    pub(super) const fn required(mut self, required: usize) -> Self {
        self.required = required;
        self
    }

    pub(super) const fn variadic(mut self) -> Self {
        self.variadic = true;
        self
    }

    pub(super) fn into_udf(self) -> ScalarUDF {
        ScalarUDF::new_from_impl(Adapter {
            function: self,
            signature: Signature::user_defined(Volatility::Immutable),
        })
    }
}

struct Adapter {
    function: Function,
    signature: Signature,
}

// Names are unique here; function pointers have no dependable identity.
impl PartialEq for Adapter {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for Adapter {}

impl Hash for Adapter {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

impl std::fmt::Debug for Adapter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.function.name)
    }
}

impl ScalarUDFImpl for Adapter {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let Function { name, args, required, variadic, .. } = self.function;
        if given.len() < required || (given.len() > args.len() && !variadic) {
            let wanted = if required == args.len() {
                required.to_string()
            } else {
                format!("{required} to {}", args.len())
            };
            return Err(plan_datafusion_err!("{name} takes {wanted} arguments, not {}", given.len()));
        }
        let wanted = args.iter().chain(std::iter::repeat(args.last().unwrap_or(&Arg::Any)));
        given
            .iter()
            .zip(wanted)
            .enumerate()
            .map(|(i, (given, arg))| {
                arg.coerce(given).ok_or_else(|| {
                    plan_datafusion_err!("argument {} of {name} must be {}, not {given}", i + 1, arg.name())
                })
            })
            .collect()
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        match self.function.returns {
            Returns::Always(data_type) => Ok(data_type()),
            Returns::Json => Ok(DataType::Utf8),
            Returns::Item => match given.first() {
                Some(DataType::List(item)) => Ok(item.data_type().clone()),
                _ => Err(plan_datafusion_err!("an array expected")),
            },
            Returns::Wider if given.iter().all(|given| *given == DataType::Int64) => Ok(DataType::Int64),
            Returns::Wider => Ok(DataType::Float64),
            Returns::Arg(i) => given.get(i).cloned().ok_or_else(|| plan_datafusion_err!("too few arguments")),
        }
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let field = Field::new(self.name(), self.return_type(&types)?, true);
        Ok(Arc::new(match self.function.returns {
            Returns::Json => field.with_metadata([(JSON_MARK.0.into(), JSON_MARK.1.into())].into()),
            _ => field,
        }))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { args.number_rows };
        let arrays = args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<Vec<_>>>()?;
        let result = (self.function.body)(&arrays)?;
        Ok(if is_scalar {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?)
        } else {
            ColumnarValue::Array(result)
        })
    }
}

/// Argument `i`.
pub(super) fn arg(args: &[ArrayRef], i: usize) -> Result<&ArrayRef> {
    args.get(i).ok_or_else(|| exec_datafusion_err!("argument {} is missing", i + 1))
}

pub(super) fn fail(message: impl Into<String>) -> DataFusionError {
    DataFusionError::Execution(message.into())
}

/// Remembers the last text that was compiled (a pattern, a path, a format): it is the same on most rows.
pub(super) struct Compiled<T> {
    last: Option<(String, T)>,
    compile: fn(&str) -> Result<T>,
}

impl<T> Compiled<T> {
    pub(super) const fn new(compile: fn(&str) -> Result<T>) -> Self {
        Compiled { last: None, compile }
    }

    pub(super) fn get(&mut self, text: &str) -> Result<&T> {
        let compiled = match self.last.take() {
            Some((last, compiled)) if last == text => compiled,
            _ => (self.compile)(text)?,
        };
        Ok(&self.last.insert((text.to_owned(), compiled)).1)
    }
}
