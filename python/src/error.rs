//! The codec's errors as Python exceptions with `kind`, `stage` and `offset`.

use pyo3::{
    create_exception,
    exceptions::{PyException, PyUserWarning},
    prelude::*,
};

create_exception!(fidelog, Error, PyException, "What any part of fidelog raises.");
create_exception!(
    fidelog,
    DecodeError,
    Error,
    "The payload is damaged, cut short, over a limit, or not one at all: `kind`, `stage` of the codec, `offset`."
);
create_exception!(
    fidelog,
    EncodeError,
    Error,
    "A schema document, or a level, that is none: `kind`, `stage` of the codec, `offset`."
);
create_exception!(
    fidelog,
    ReductionWarning,
    PyUserWarning,
    "What is encoded is not what was given: the schema leaves something out."
);

/// A codec error met while decoding.
pub fn decoding(py: Python<'_>, error: &fidelog_codec::Error) -> PyErr {
    located(py, DecodeError::new_err(error.to_string()), error)
}

/// A codec error met while encoding: a schema document or a level that is none.
pub fn encoding(py: Python<'_>, error: &fidelog_codec::Error) -> PyErr {
    located(py, EncodeError::new_err(error.to_string()), error)
}

fn located(py: Python<'_>, raised: PyErr, error: &fidelog_codec::Error) -> PyErr {
    let value = raised.value(py);
    let set = || {
        value.setattr("kind", error.kind.name())?;
        value.setattr("stage", error.stage.name())?;
        value.setattr("offset", error.offset)
    };
    set().err().unwrap_or(raised)
}
