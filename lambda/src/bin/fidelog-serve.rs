//! Serves the SQL API from this machine.

use std::{ffi::OsString, io::IsTerminal, net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use clap::Parser;
use fidelog_lambda::{
    Handler,
    console::Console,
    engine::{
        Engine,
        local::{Limits, LocalEngine},
    },
    handler::{MAX_ROWS, MAX_ROWS_SETTING, Options},
    server::Server,
    token::Signer,
};
use fidelog_table::{NAMESPACE, Place, Store, TABLE};
use tokio::signal::unix::{SignalKind, signal};

/// Serves the SQL API over a store, from this machine.
///
/// The first line on the standard output is `listening on http://ADDRESS`. Requests are logged on the standard error
/// (RUST_LOG=off for none). It stops on SIGINT or SIGTERM, after the requests that are under way.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example:\n  fidelog consume --from app.jsonl --to logs\n  fidelog-serve --store logs\n  \
                  curl 'http://127.0.0.1:8080/v1/query?sql=SELECT+count(*)+FROM+logs'\n  \
                  fidelog-serve --store s3://my-logs/app --database logs --table app"
)]
struct Arguments {
    /// The store that `fidelog consume` wrote: a directory, or s3://BUCKET/PREFIX with a table in Glue.
    #[arg(long, value_name = "STORE")]
    store: OsString,
    /// The Glue database of a store on S3.
    #[arg(long, value_name = "NAME", default_value = NAMESPACE)]
    database: String,
    /// The Glue table of a store on S3, and its name in SQL. In a directory it is `logs`.
    #[arg(long, value_name = "NAME", default_value = TABLE)]
    table: String,
    /// Rows that a query may give at most.
    #[arg(long, value_name = "N", default_value_t = MAX_ROWS, value_parser = clap::value_parser!(u64).range(1..=MAX_ROWS_SETTING))]
    max_rows: u64,
    /// Where to listen; port 0 takes any free port.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// What callers must send as `Authorization: Bearer TOKEN`; needed unless ADDRESS is loopback.
    #[arg(long, value_name = "TOKEN", env = "FIDELOG_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Serves the query console at `/`: the directory that `make console` built.
    #[arg(long, value_name = "DIR", env = "FIDELOG_CONSOLE")]
    console: Option<PathBuf>,
    /// Lets web pages of this origin (such as `https://logs.example.org`) use the server; can be given several times.
    /// Pages on this machine may always, when ADDRESS is loopback.
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    origins: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,fidelog_lambda=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match serve(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fidelog-serve: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let place = Place::named(&arguments.store, &arguments.database, &arguments.table)?;
    let store = Store::open(place).await?;
    let table = store.ident().name().to_owned();
    // A damaged store is noticed now, not by the first query.
    store.schemas().await?;
    let engine = LocalEngine::new(store, Limits::default())?;
    let console = arguments.console.as_deref().map(Console::read).transpose()?.unwrap_or_default();
    let token = arguments.token.filter(|token| !token.is_empty());
    let server = Server::listen(arguments.listen, token, arguments.origins).await?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let server = server.with_console(console);
    println!("listening on http://{}", server.address()?);
    let engine: Arc<dyn Engine> = Arc::new(engine);
    let options = Options { table, max_rows: arguments.max_rows, ..Options::default() };
    server.run(Handler::new(engine, Signer::random(), options), stop).await?;
    Ok(())
}
