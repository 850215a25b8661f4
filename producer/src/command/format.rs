//! The `--format` argument.

use clap::ValueEnum;
use fidelog_codec::framing;

/// How a file holds its records.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Format {
    /// An array if the whole input is one JSON array, else lines
    #[default]
    Auto,
    /// The elements of one JSON array
    Array,
    /// Lines, split on line feeds only
    Lines,
}

impl From<Format> for framing::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Auto => framing::Format::Auto,
            Format::Array => framing::Format::Array,
            Format::Lines => framing::Format::Lines,
        }
    }
}
