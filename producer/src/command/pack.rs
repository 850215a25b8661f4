//! `fidelog pack`: a file made small.

use std::ffi::OsString;

use clap::{Args, ValueEnum};
use fidelog_codec::Limits;

use crate::{
    error::{Error, Result},
    input::Input,
    output::Output,
};

/// Pack a file of records into a small .fdl file
#[derive(Args)]
#[command(after_help = "\
Any file can be packed and comes back byte for byte; files of JSON records (one array, or lines) become small. \
The result is unpacked once before it is written, to be sure. Files up to 2 GiB.

Examples:
  fidelog pack app.jsonl -o app.fdl
  gunzip -c old.json.gz | fidelog pack - -o old.fdl --level small")]
pub(super) struct Pack {
    /// The file to pack, or - for standard input
    #[arg(value_name = "FILE")]
    input: OsString,
    /// Where to write the packed file, or - for standard output
    #[arg(short, long, value_name = "F.fdl")]
    output: OsString,
    /// How hard to try
    #[arg(long, value_enum, default_value_t)]
    level: Level,
}

/// What to do with a packed file that is larger than any that is made here.
pub(super) const NOT_PACKED_HERE: &str = "check that it is a file made by `fidelog pack`";

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Level {
    /// Quick to write
    Fast,
    /// The balance for most people
    #[default]
    Default,
    /// As small as possible
    Small,
}

impl From<Level> for fidelog_codec::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Fast => fidelog_codec::Level::Fast,
            Level::Default => fidelog_codec::Level::Default,
            Level::Small => fidelog_codec::Level::Small,
        }
    }
}

impl Pack {
    pub(super) fn run(self) -> Result<()> {
        let input = Input::from(self.input);
        let file = input.read("split it, or `fidelog consume` it into a store")?;
        let packed = fidelog_codec::pack(&file, self.level.into());
        let back = fidelog_codec::unpack(&packed, &Limits::default());
        if back.map_err(|e| Error::packed(input.name(), e))? != file {
            return Err(Error::NotExact { name: input.name() });
        }
        Output::from(self.output).write(|out| out.write_all(&packed))
    }
}
