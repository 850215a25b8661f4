//! What each target starts from: the format's vectors, and small samples at every level.

use std::{fs, path::PathBuf, sync::Arc};

use fidelog_codec::{Encoder, Level, Schema, container::VERSION, pack};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::{Target, container, decode_any::Mode, mutate::json_like, round_trip::LEVELS, samples};

/// A container of three short records, without framing.
#[must_use]
pub fn three_records() -> Vec<u8> {
    payload(&samples::rich_schema(), samples::records().get(..3).unwrap_or_default(), Level::Fast)
}

/// The containers of the vector directory's present version.
///
/// # Panics
/// If they cannot be read.
#[must_use]
pub fn vectors() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../vectors/v{VERSION}"));
    let files = match fs::read_dir(&folder) {
        Ok(files) => files,
        Err(error) => panic!("{}: {error}", folder.display()),
    };
    let mut paths: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "fdl"));
    paths.sort();
    paths.iter().filter_map(|path| fs::read(path).ok()).collect()
}

/// Containers: the vectors, and packed and encoded samples at every level.
#[must_use]
pub fn containers() -> Vec<Vec<u8>> {
    let mut containers = vectors();
    let records = samples::records();
    for level in LEVELS {
        for records in [&records[..], records.get(..4).unwrap_or_default()] {
            containers.push(pack(&records.join(&b'\n'), level));
            containers.push(payload(&samples::rich_schema(), records, level));
        }
        for schema in [samples::rich_schema(), samples::wide_schema()] {
            containers.push(payload(&schema, &samples::fitting(&schema), level));
        }
    }
    containers
}

fn payload(schema: &Arc<Schema>, records: &[Vec<u8>], level: Level) -> Vec<u8> {
    Encoder::new(schema, level).encode(records.iter().map(Vec::as_slice))
}

/// The inputs that a target starts from.
#[must_use]
pub fn of(target: Target) -> Vec<Vec<u8>> {
    match target {
        Target::DecodeAny => containers().iter().flat_map(|container| decode_inputs(container)).collect(),
        Target::RoundTrip => {
            let files = files();
            (0..=255u8)
                .step_by(7)
                .zip(files.iter().cycle())
                .map(|(first, file)| [&[first], &file[..]].concat())
                .collect()
        }
        Target::SchemaAny => {
            let inferred = files()
                .into_iter()
                .map(|file| Schema::infer(file.split(|&c| c == b'\n')).schema.to_compact_json().into_bytes());
            samples::documents().iter().map(|text| text.as_bytes().to_vec()).chain(inferred).collect()
        }
        Target::InferAny => files(),
    }
}

/// A container in every mode; both caps.
fn decode_inputs(container: &[u8]) -> Vec<Vec<u8>> {
    let mut inputs = vec![Mode::Raw.input(container), Mode::Repaired.input(container)];
    for (kind, body) in container::split(container) {
        match kind {
            container::BLOCK => {
                inputs.push(Mode::Body.input(body));
                let open = container::with_open_header(body);
                if let Some(body) = open.as_deref().and_then(container::opened_header) {
                    inputs.push(Mode::OpenHeader.input(&body));
                }
            }
            container::FRAMING => inputs.push(Mode::Framing.input(body)),
            _ => {}
        }
    }
    // The same mode in the upper half of the first byte's values has the greater cap.
    let wide = |input: &Vec<u8>| input.split_first().map(|(mode, data)| [&[mode + 130], data].concat());
    let more: Vec<Vec<u8>> = inputs.iter().filter_map(wide).collect();
    inputs.extend(more);
    inputs
}

/// Files of records.
fn files() -> Vec<Vec<u8>> {
    let records = samples::records();
    let mut files = vec![Vec::new(), b"\n".to_vec(), records.join(&b'\n'), records.join(&b",\n"[..])];
    for schema in [samples::rich_schema(), samples::wide_schema()] {
        files.push([samples::fitting(&schema), samples::fitting(&schema)].concat().join(&b'\n'));
    }
    files.extend((0..12).map(|seed| json_like(&mut ChaCha8Rng::seed_from_u64(seed), 60)));
    files
}
