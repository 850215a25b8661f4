//! Serves the SQL API on AWS Lambda, behind an API Gateway HTTP API.

use std::{env, process::ExitCode, sync::Arc, time::Duration};

use aws_config::BehaviorVersion;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use fidelog_lambda::{
    Handler, Request, Response,
    engine::athena::{AthenaEngine, Configuration},
    gateway::{Answer, Event},
    handler::{MAX_ROWS, MAX_ROWS_SETTING, Options},
    token::Signer,
};
use lambda_runtime::{Error, LambdaEvent, service_fn};

/// The shortest key: 128 bits in hex.
const MIN_KEY: usize = 32;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,fidelog_lambda=info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fidelog-query: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Error> {
    let handler = configure().await?;
    let answer = |event: LambdaEvent<Event>| {
        let handler = handler.clone();
        async move {
            let response = match Request::try_from(event.payload) {
                Ok(request) => handler.handle(&request).await,
                Err(problem) => Response::from(problem),
            };
            Ok::<Answer, Error>(response.into())
        }
    };
    lambda_runtime::run(service_fn(answer)).await
}

/// Reads the environment.
async fn configure() -> Result<Handler, Error> {
    let configuration = Configuration {
        workgroup: variable("FIDELOG_WORKGROUP", "the Athena workgroup that runs the queries")?,
        database: variable("FIDELOG_DATABASE", "the Glue database of the table")?,
        table: env::var("FIDELOG_TABLE").unwrap_or_else(|_| "logs".into()),
        time: Duration::from_secs(number("FIDELOG_TIME_LIMIT", "seconds", 300)?),
        reuse_minutes: u16::try_from(number("FIDELOG_REUSE_MINUTES", "minutes", 0)?)?,
    };
    let table = configuration.table.clone();
    let key = variable("FIDELOG_KEY", "the secret that query ids are signed with")?;
    if key.len() < MIN_KEY {
        return Err(format!(
            "FIDELOG_KEY has {} bytes, at least {MIN_KEY} are needed: use 64 random hex digits",
            key.len()
        )
        .into());
    }
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let aws = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
    // Emulators have no host name for each bucket.
    let is_elsewhere =
        env::var_os("AWS_ENDPOINT_URL").is_some() || env::var_os("AWS_ENDPOINT_URL_S3").is_some();
    let s3 = aws_sdk_s3::config::Builder::from(&aws).force_path_style(is_elsewhere).build();
    let s3 = aws_sdk_s3::Client::from_conf(s3);
    let engine = AthenaEngine::new(aws_sdk_athena::Client::new(&aws), s3, configuration);
    let queries_per_caller = usize::try_from(number("FIDELOG_QUERIES_PER_CALLER", "queries", 10)?)?;
    let max_rows = number("FIDELOG_MAX_ROWS", "rows", MAX_ROWS)?.clamp(1, MAX_ROWS_SETTING);
    let options = Options { table, queries_per_caller, max_rows, ..Options::default() };
    Ok(Handler::new(Arc::new(engine), Signer::new(key.as_bytes()), options))
}

fn variable(name: &str, meaning: &str) -> Result<String, Error> {
    match env::var(name) {
        Ok(value) if !value.is_empty() => Ok(value),
        _ => Err(format!("{name} is not set: it is {meaning}").into()),
    }
}

fn number(name: &str, of: &str, default: u64) -> Result<u64, Error> {
    match env::var(name) {
        Err(_) => Ok(default),
        Ok(text) => {
            text.parse().map_err(|_| format!("{name} is {text:?}, a number of {of} is expected").into())
        }
    }
}
