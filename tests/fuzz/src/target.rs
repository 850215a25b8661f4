//! The fuzz targets by name.

use std::path::PathBuf;

use crate::{decode_any, infer_any, round_trip, schema_any};

/// A law about any bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Decoding never panics and takes bounded memory.
    DecodeAny,
    /// What is encoded or packed comes back.
    RoundTrip,
    /// Any schema document is refused, or works.
    SchemaAny,
    /// A schema inferred from any records works.
    InferAny,
}

impl Target {
    /// All targets.
    pub const ALL: [Target; 4] = [Target::DecodeAny, Target::RoundTrip, Target::SchemaAny, Target::InferAny];

    /// The target's name on command lines and in `crashes/`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Target::DecodeAny => "decode_any",
            Target::RoundTrip => "round_trip",
            Target::SchemaAny => "schema_any",
            Target::InferAny => "infer_any",
        }
    }

    /// The target of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Target> {
        Target::ALL.into_iter().find(|target| target.name() == name)
    }

    /// Tries one input.
    ///
    /// # Panics
    /// If the law is broken.
    pub fn run(self, data: &[u8]) {
        match self {
            Target::DecodeAny => decode_any::run(data),
            Target::RoundTrip => round_trip::run(data),
            Target::SchemaAny => schema_any::run(data),
            Target::InferAny => infer_any::run(data),
        }
    }

    /// Where the inputs lie that once broke the law.
    #[must_use]
    pub fn crashes(self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("crashes").join(self.name())
    }
}
