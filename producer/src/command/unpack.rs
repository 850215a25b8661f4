//! `fidelog unpack`: the packed file's own bytes again.

use std::ffi::OsString;

use clap::Args;
use fidelog_codec::Limits;

use super::pack;
use crate::{
    error::{Error, Result},
    input::Input,
    output::Output,
};

/// Give a packed file back, byte for byte
#[derive(Args)]
#[command(after_help = "\
Examples:
  fidelog unpack app.fdl -o app.jsonl
  fidelog unpack app.fdl -o - | grep ERROR")]
pub(super) struct Unpack {
    /// The packed file, or - for standard input
    #[arg(value_name = "F.fdl")]
    input: OsString,
    /// Where to write the original, or - for standard output
    #[arg(short, long, value_name = "FILE")]
    output: OsString,
}

impl Unpack {
    pub(super) fn run(self) -> Result<()> {
        let input = Input::from(self.input);
        let packed = input.read(pack::NOT_PACKED_HERE)?;
        let file =
            fidelog_codec::unpack(&packed, &Limits::default()).map_err(|e| Error::packed(input.name(), e))?;
        Output::from(self.output).write(|out| out.write_all(&file))
    }
}
