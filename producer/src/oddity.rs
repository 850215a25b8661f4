//! Oddities: inputs that are stored as they are, but are most likely not what was meant.

use fidelog_codec::{container::MAGIC, framing::Format, infer::Inference};
use serde::{Serialize, de::IgnoredAny};

use crate::input::{Reader, Records};

/// What is odd about an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Oddity {
    /// It is a file made by `fidelog pack`.
    Packed,
    /// Its text is UTF-16.
    Utf16,
    /// It begins like a JSON array, but is none, so its lines were taken as records.
    BrokenArray,
    /// The schema was to be inferred from records of which hardly any is a JSON object.
    FewObjects {
        /// How many are.
        objects: usize,
        /// How many were looked at.
        records: usize,
    },
    /// Its last line has no line feed at its end: perhaps somebody is still writing it.
    OpenEnd {
        /// That line's position.
        record: u64,
    },
}

impl Oddity {
    /// What is odd about an input by its first records, of which the schema was inferred if it was.
    pub fn of(
        reader: &Reader,
        format: Format,
        first: &Records,
        inferred: Option<&Inference>,
    ) -> Option<Oddity> {
        let head = first.iter().next()?;
        if head.strip_prefix(&MAGIC).and_then(<[u8]>::first).is_some_and(u8::is_ascii_control) {
            // A version follows, which no text would have there.
            Some(Oddity::Packed)
        } else if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
            Some(Oddity::Utf16)
        } else if format == Format::Auto && reader.is_lines() && is_part_of_an_array(head) {
            Some(Oddity::BrokenArray)
        } else {
            let Inference { objects, records, .. } = *inferred?;
            (objects < records.div_ceil(100)).then_some(Oddity::FewObjects { objects, records })
        }
    }

    /// A message about the input of this name: what is odd, and what to do.
    pub fn warning(self, input: &str) -> String {
        match self {
            Oddity::Packed => format!(
                "{input} is a packed file and was stored as it is, which SQL cannot see into; to store what is in it: \
                 fidelog unpack FILE -o - | fidelog consume --from - --to ANOTHER_STORE"
            ),
            Oddity::Utf16 => format!(
                "{input} is UTF-16 text and was stored as it is, which SQL cannot see into; to store it as UTF-8: \
                 iconv -f UTF-16 -t UTF-8 FILE | fidelog consume --from - --to ANOTHER_STORE"
            ),
            Oddity::BrokenArray => format!(
                "{input} begins like a JSON array but is none as a whole, so each of its lines was stored as a record; \
                 if it is an array, --format array says where it breaks; if not, --format lines says so"
            ),
            Oddity::FewObjects { objects, records } => format!(
                "{objects} of the first {records} records of {input} are JSON objects: they are stored exactly, but SQL \
                 sees hardly any field; if they are something else within, convert them to JSON lines first"
            ),
            Oddity::OpenEnd { record } => format!(
                "the last line of {input} has no line feed at its end and was stored as record {record}, which is not \
                 read again under this --source; if the file is still being written, run this only when it is complete"
            ),
        }
    }
}

/// Whether a line opens an array and does not close it; a log line may also be an array of its own.
fn is_part_of_an_array(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"[") && serde_json::from_slice::<IgnoredAny>(line).is_err()
}
