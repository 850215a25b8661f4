//! Stores a Kinesis stream's records from AWS Lambda, behind an event-source mapping.

use std::{env, ffi::OsStr, fmt::Display, process::ExitCode};

use fidelog_producer::{
    ingest::{
        Failed, Ingest, Job,
        event::{Event, Response, batches},
    },
    meter::Meter,
};
use fidelog_table::{NAMESPACE, Place, Start, TABLE};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use tokio::sync::Mutex;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,fidelog_producer=info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let served = match job() {
        Ok(job) => serve(Ingest::new(job)).await,
        Err(error) => Err(error),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fidelog-ingest: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the environment.
fn job() -> Result<Job, String> {
    let store = env::var("FIDELOG_STORE").map_err(|_| "set FIDELOG_STORE: the store, s3://BUCKET/PREFIX")?;
    let named = |name: &str, other: &str| env::var(name).unwrap_or_else(|_| other.to_owned());
    let (database, table) = (named("FIDELOG_DATABASE", NAMESPACE), named("FIDELOG_TABLE", TABLE));
    let to = Place::named(OsStr::new(&store), &database, &table)?;
    let start = match &*named("FIDELOG_START", "trim-horizon") {
        "trim-horizon" => Some(Start::TrimHorizon),
        "first-batch" => None,
        other => return Err(format!("FIDELOG_START is {other:?}; trim-horizon or first-batch expected")),
    };
    let accept_gap = match &*named("FIDELOG_ACCEPT_GAP", "false") {
        "true" => true,
        "false" => false,
        other => return Err(format!("FIDELOG_ACCEPT_GAP is {other:?}; true or false expected")),
    };
    Ok(Job { to, start, accept_gap })
}

async fn serve(ingest: Ingest) -> Result<(), String> {
    // Lambda has a process do one thing at a time.
    let ingest = Mutex::new(ingest);
    let answer = async |event: LambdaEvent<Event>| answer(&mut *ingest.lock().await, event.payload).await;
    lambda_runtime::run(service_fn(answer)).await.map_err(|error| error.to_string())
}

/// Stores a batch. Nothing of it stored is an error, so that Lambda counts it; a part is answered as such.
async fn answer(ingest: &mut Ingest, event: Event) -> Result<Response, Diagnostic> {
    let mut response = Response::default();
    let event = match event {
        Event::Records(event) => event,
        Event::Look { stream } => {
            Box::pin(ingest.look(&stream)).await.map_err(failure)?;
            return Ok(response);
        }
    };
    let meter = Meter::default();
    for batch in batches(event).map_err(failure)? {
        let shard = batch.shard.clone();
        let stored = ingest.take(batch, |stream, flush| {
            println!("{}", meter.embedded(stream.name(), flush));
        });
        if let Err(Failed { at, in_part, error }) = Box::pin(stored).await {
            tracing::error!(shard, at = at.as_str(), %error, "a batch is not stored");
            if !in_part && response.is_success() {
                return Err(failure(error));
            }
            response.failed_at(at);
        }
    }
    Ok(response)
}

fn failure(error: impl Display) -> Diagnostic {
    Diagnostic { error_type: "NotStored".into(), error_message: error.to_string() }
}
