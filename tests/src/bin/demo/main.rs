//! `make demo`: logs into a table, three questions over HTTP, and every record compared with what went in.
//!
//! It runs the commands that a user runs and speaks HTTP as a client does; the codec is linked in only to decode the
//! answers and to know what they must be.

mod commands;
mod compare;
mod questions;
mod report;
mod server;

use std::{env, error::Error, fs, path::PathBuf, process::ExitCode, sync::Arc, time::Instant};

use fidelog_codec::{
    Schema,
    batch::Batch,
    framing::{self, Format},
};

use crate::{commands::fidelog, report::thousands, server::Server};

/// Any failure; its text is for the user.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Records of the sample that is made when no input is given.
const SAMPLE: usize = 10_000;

fn main() -> ExitCode {
    match run(env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: Vec<String>) -> Result<()> {
    let started = Instant::now();
    let keep = arguments.iter().position(|a| a == "--keep").map(|i| arguments.remove(i)).is_some();
    let folder = tempfile::Builder::new().prefix("fidelog-demo-").tempdir()?;
    let path = |name: &str| folder.path().join(name);

    let input = match arguments.pop() {
        Some(file) => PathBuf::from(file),
        None => {
            fidelog(&["sample", "-n", &SAMPLE.to_string(), "-o"], &[&path("sample.json")])?;
            path("sample.json")
        }
    };
    let file = fs::read(&input).map_err(|e| format!("cannot read {}: {e}", input.display()))?;
    let (records, _) = framing::records(&file, Format::Auto)?;
    println!("\n{}: {} records, {} bytes", input.display(), thousands(records.len()), thousands(file.len()));

    report::title("A schema is inferred");
    fidelog(&["infer"], &[&input, "-o".as_ref(), &path("schema.json")])?;
    let schema = Arc::new(Schema::from_json(&fs::read_to_string(path("schema.json"))?)?);
    report::schema(&schema);

    report::title("The file is packed and unpacked");
    fidelog(&["pack"], &[&input, "-o".as_ref(), &path("packed.fdl")])?;
    fidelog(&["unpack"], &[&path("packed.fdl"), "-o".as_ref(), &path("unpacked")])?;
    if fs::read(path("unpacked"))? != file {
        return Err("the unpacked file differs from the input".into());
    }
    println!("  the unpacked file is the input, byte for byte");

    report::title("The records are consumed into a table, and the table is served");
    let store = path("store");
    fidelog(
        &["consume"],
        &["--from".as_ref(), &input, "--to".as_ref(), &store, "--schema".as_ref(), &path("schema.json")],
    )?;
    let server = Server::start(&store, &path("server.log"))?;
    println!("  {}", server.url());

    let batch = Batch::split(&schema, records.iter().copied());
    questions::group(&server, &batch)?;
    questions::one_id(&server, &batch, &records)?;
    let answer = questions::everything(&server)?;

    report::sizes(&input, &path("packed.fdl"), &store, answer.payloads)?;
    compare::same_multiset(&records, &answer.records)?;
    println!(
        "\n{} records in, {} back, byte-identical ({:.1} s)",
        thousands(records.len()),
        thousands(answer.records.len()),
        started.elapsed().as_secs_f64()
    );

    if keep {
        let folder = folder.keep();
        let (url, process) = server.keep();
        println!(
            "\nThe server stays up: curl -G {url}/v1/query --data-urlencode 'sql=SELECT * FROM logs LIMIT 3'"
        );
        println!("Stop it with: kill {process}; rm -r {}", folder.display());
    }
    Ok(())
}
