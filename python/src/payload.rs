//! What Python hands over as a payload: anything that holds bytes, or base64 text.

use std::borrow::Cow;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use fidelog_codec::{
    Error,
    error::{Kind, Result, Stage},
};
use pyo3::{prelude::*, pybacked::PyBackedBytes};

use crate::schema::not;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A payload that stays valid while the GIL is released.
pub enum Payload {
    Bytes(PyBackedBytes),
    Base64(String),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Payload {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(text) = object.extract::<String>() {
            return Ok(Payload::Base64(text));
        }
        if let Ok(bytes) = object.extract() {
            return Ok(Payload::Bytes(bytes));
        }
        // The stable ABI of Python 3.9 has no buffers, but `memoryview` copies any of them.
        let memoryview = object.py().import("builtins")?.getattr("memoryview")?;
        let view = memoryview
            .call1((object,))
            .map_err(|_| not("a payload is bytes, a bytearray, a memoryview or base64 text", &object))?;
        Ok(Payload::Bytes(view.call_method0("tobytes")?.extract()?))
    }
}

impl Payload {
    /// The payload's bytes.
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>> {
        match self {
            Payload::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
            Payload::Base64(text) => {
                // Line ends come with base64 from a terminal or a mail.
                let text: Vec<u8> = text.bytes().filter(|c| !c.is_ascii_whitespace()).collect();
                let bytes = BASE64.decode(text);
                bytes.map(Cow::Owned).map_err(|e| {
                    Error::with(Kind::Malformed, Stage::Container, 0, format!("base64 text expected: {e}"))
                })
            }
        }
    }
}
