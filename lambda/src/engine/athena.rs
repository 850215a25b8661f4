//! The Athena engine, thin: the service runs the queries and keeps their results.

mod cells;
mod csv;
mod mark;
mod objects;
mod reason;
mod schemas;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_sdk_athena::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::get_query_results::GetQueryResultsOutput,
    types::{
        ColumnInfo, QueryExecution, QueryExecutionContext, QueryExecutionState,
        ResultReuseByAgeConfiguration, ResultReuseConfiguration, ResultSet,
    },
};
use fidelog_codec::Schema;
use tokio::sync::Mutex;

use self::{
    cells::Cells,
    mark::{File, Mark},
    objects::{Objects, Unread},
};
use crate::engine::{Engine, EngineError, Kind, Page, Position, Result, Start, State, Status};

/// The service's page size for results.
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html>
const MAX_ROWS: i32 = 1_000;

/// The catalogue that is Glue's.
const CATALOG: &str = "AwsDataCatalog";

/// Where and how queries run.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The workgroup, which has the scan limit and the place of the results.
    pub workgroup: String,
    /// The Glue database of the table.
    pub database: String,
    /// The table.
    pub table: String,
    /// How long a query may run.
    pub time: Duration,
    /// How many minutes old the result of the same text may be that is given instead of a new one; 0 for never.
    pub reuse_minutes: u16,
}

/// The Athena engine.
#[derive(Debug)]
pub struct AthenaEngine {
    client: Client,
    objects: Objects,
    configuration: Configuration,
    schemas: Mutex<schemas::Cache>,
}

impl AthenaEngine {
    /// An engine over clients of the two services.
    pub fn new(client: Client, s3: aws_sdk_s3::Client, configuration: Configuration) -> Self {
        AthenaEngine { client, objects: Objects::new(s3), configuration, schemas: Mutex::default() }
    }

    /// Where the table's metadata is now.
    async fn metadata(&self) -> Result<String> {
        let Configuration { database, table, .. } = &self.configuration;
        let call =
            self.client.get_table_metadata().catalog_name(CATALOG).database_name(database).table_name(table);
        let output = call.send().await.map_err(|error| failure(error, EngineError::NotFound))?;
        let parameters = output.table_metadata().and_then(|table| table.parameters());
        let place = parameters.and_then(|parameters| parameters.get("metadata_location")).cloned();
        place.ok_or_else(|| EngineError::Internal(format!("{database}.{table} is no Iceberg table")))
    }

    async fn execution(&self, id: &str) -> Result<QueryExecution> {
        let call = self.client.get_query_execution().query_execution_id(id).send();
        let output = call.await.map_err(|error| failure(error, EngineError::NotFound))?;
        let execution = output.query_execution.ok_or(EngineError::NotFound)?;
        let is_ours = execution.work_group() == Some(self.configuration.workgroup.as_str());
        if is_ours { Ok(execution) } else { Err(EngineError::NotFound) }
    }

    async fn stop(&self, id: &str) -> Result<()> {
        let call = self.client.stop_query_execution().query_execution_id(id).send();
        call.await.map(drop).map_err(|error| failure(error, EngineError::NotFound))
    }

    async fn results(&self, id: &str, token: &str, rows: i32) -> Result<GetQueryResultsOutput> {
        let call = self.client.get_query_results().query_execution_id(id).max_results(rows);
        let call = if token.is_empty() { call } else { call.next_token(token) };
        call.send().await.map_err(|error| failure(error, EngineError::BadPosition))
    }

    /// Where the results of a query begin, once it has succeeded.
    async fn begin(&self, id: &str) -> Result<Mark> {
        let (execution, status) = self.watch(id).await?;
        match (status.state, status.error) {
            (State::Succeeded, _) => {}
            (State::Queued | State::Running, _) => return Err(EngineError::NotFinished),
            (_, error) => return Err(error.unwrap_or(EngineError::Cancelled)),
        }
        let place = execution.result_configuration().and_then(|place| place.output_location());
        let Some(location) = place.filter(|place| place.ends_with(".csv")) else {
            return Ok(Mark::Token(String::new()));
        };
        // The file has the columns' names only.
        let kinds = kinds(columns(result_set(&self.results(id, "", 1).await?)?))?;
        Ok(Mark::File(File { location: location.to_owned(), etag: String::new(), kinds }))
    }

    /// Rows of the result's file, by one ranged read unless a row is larger than that.
    async fn page_of_file(&self, mut file: File, at: u64, limit: usize) -> std::result::Result<Page, Unread> {
        let mut rows = csv::Rows::new(file.kinds.len(), at);
        let mut cells = Cells::new(&file.kinds);
        let mut starts = Vec::new();
        let (mut read, mut begins) = (at, at);
        loop {
            let mut part = self.objects.read(&file.location, read, &file.etag).await?;
            file.etag = part.etag.clone();
            let mut is_full = false;
            while !is_full && let Some(bytes) = part.next().await.map_err(Unread::Failed)? {
                let bytes = bytes.as_ref();
                read += bytes.len() as u64;
                let more = rows.feed(bytes, |start, row| {
                    // Only SELECTs get here: the first row of the file has the columns' names.
                    if start > 0 {
                        starts.push(start);
                        cells.push(row)?;
                    }
                    Ok(starts.len() < limit)
                });
                is_full = !more.map_err(Unread::Failed)?;
                begins = rows.row_begins();
            }
            let is_end = !is_full && read >= part.size;
            if is_end {
                rows.finish().map_err(Unread::Failed)?;
            }
            if is_full || is_end || !starts.is_empty() {
                let has_more = begins < part.size;
                let mark: Arc<str> = Mark::File(file).write().into();
                let place = |offset| Position { mark: Arc::clone(&mark), offset };
                let next = has_more.then(|| place(begins));
                let starts: Vec<Position> = starts.into_iter().map(place).collect();
                return Ok(Page { columns: cells.finish(), rows: starts.len(), starts, next });
            }
        }
    }

    /// Rows by GetQueryResults, for results whose file this program may not read.
    async fn page_of_calls(&self, id: &str, mut token: String, mut skip: u64, limit: usize) -> Result<Page> {
        let mut cells: Option<Cells> = None;
        let mut starts = Vec::new();
        loop {
            let output = self.results(id, &token, MAX_ROWS).await?;
            let set = result_set(&output)?;
            let cells = match &mut cells {
                Some(cells) => cells,
                None => cells.insert(Cells::new(&kinds(columns(set))?)),
            };
            // Only SELECTs get here: their first page begins with the columns' names.
            let header = usize::from(token.is_empty());
            let first = usize::try_from(skip).map_err(|_| EngineError::BadPosition)?;
            let here = set.rows().get(header..).unwrap_or_default();
            let here = here.get(first..).ok_or(EngineError::BadPosition)?;
            let mark: Arc<str> = Mark::Token(token).write().into();
            for row in here.iter().take(limit - starts.len()) {
                cells.push(row.data().iter().map(|datum| datum.var_char_value().map(str::as_bytes)))?;
                starts.push(Position { mark: Arc::clone(&mark), offset: skip });
                skip += 1;
            }
            let is_whole = skip as usize >= first + here.len();
            let next = if is_whole {
                let next = output.next_token().map(|next| Mark::Token(next.to_owned()).write());
                next.map(|mark| Position { mark: mark.into(), offset: 0 })
            } else {
                Some(Position { mark, offset: skip })
            };
            match output.next_token() {
                Some(following) if is_whole && starts.len() < limit => {
                    (token, skip) = (following.to_owned(), 0);
                }
                _ => {
                    let columns = std::mem::take(cells).finish();
                    return Ok(Page { columns, rows: starts.len(), starts, next });
                }
            }
        }
    }

    /// A query and how it is doing; one that has run for too long is stopped.
    async fn watch(&self, id: &str) -> Result<(QueryExecution, Status)> {
        let execution = self.execution(id).await?;
        let mut status = status_of(&execution, self.configuration.time);
        let submitted = execution.status().and_then(|status| status.submission_date_time());
        let age = submitted.and_then(|time| std::time::SystemTime::try_from(*time).ok()?.elapsed().ok());
        if !status.state.is_final() && age.is_some_and(|age| age > self.configuration.time) {
            self.stop(id).await?;
            status.state = State::Failed;
            status.error = Some(EngineError::Timeout(self.configuration.time));
        }
        Ok((execution, status))
    }
}

#[async_trait]
impl Engine for AthenaEngine {
    async fn schemas(&self) -> Result<Vec<Arc<Schema>>> {
        let mut cache = self.schemas.lock().await;
        if let Some(schemas) = cache.get() {
            return Ok(schemas);
        }
        let schemas = schemas::of_metadata(&self.objects.whole(&self.metadata().await?).await?)?;
        cache.put(&schemas);
        Ok(schemas)
    }

    async fn start(&self, start: Start) -> Result<String> {
        let context = QueryExecutionContext::builder().database(&self.configuration.database).build();
        // Without a token of ours a retry of the call might start a second query.
        let token = start.intention.unwrap_or_else(|| format!("{:032x}", rand::random::<u128>()));
        let call = self
            .client
            .start_query_execution()
            .set_result_reuse_configuration(reuse(self.configuration.reuse_minutes))
            .query_string(start.prepared.sql)
            .work_group(&self.configuration.workgroup)
            .query_execution_context(context)
            .client_request_token(token)
            .send();
        let output = call.await.map_err(|error| {
            let refused =
                EngineError::Failed(error.message().unwrap_or("Athena refused the query").to_owned());
            failure(error, refused)
        })?;
        output.query_execution_id.ok_or_else(|| EngineError::Internal("Athena gave no query id".into()))
    }

    async fn status(&self, id: &str) -> Result<Status> {
        Ok(self.watch(id).await?.1)
    }

    async fn page(&self, id: &str, at: &Position, limit: usize) -> Result<Page> {
        let (mark, offset) = match Mark::read(&at.mark)? {
            Mark::Start => (self.begin(id).await?, 0),
            mark => (mark, at.offset),
        };
        let is_first = offset == 0;
        match mark {
            Mark::File(file) => match self.page_of_file(file, offset, limit).await {
                Ok(page) => Ok(page),
                Err(Unread::Denied) if is_first => {
                    tracing::warn!(
                        "the result's file may not be read: GetQueryResults instead, which is slow"
                    );
                    self.page_of_calls(id, String::new(), 0, limit).await
                }
                Err(Unread::Denied) => Err(EngineError::Internal("the result's file may not be read".into())),
                Err(Unread::Failed(error)) => Err(error),
            },
            Mark::Token(token) => self.page_of_calls(id, token, offset, limit).await,
            Mark::Start => Err(EngineError::BadPosition),
        }
    }

    async fn link(&self, at: &Position, bytes: Vec<u8>) -> Result<Option<String>> {
        match Mark::read(&at.mark)? {
            Mark::File(file) => {
                let name = format!("{}.record", at.offset);
                self.objects.link(&file.location, &name, bytes).await.map(Some)
            }
            Mark::Token(_) | Mark::Start => Ok(None),
        }
    }

    async fn cancel(&self, id: &str) -> Result<()> {
        if self.status(id).await?.state.is_final() { Ok(()) } else { self.stop(id).await }
    }
}

/// Whether an older result of the same text will do.
fn reuse(minutes: u16) -> Option<ResultReuseConfiguration> {
    (minutes > 0).then(|| {
        let by_age =
            ResultReuseByAgeConfiguration::builder().enabled(true).max_age_in_minutes(minutes.into()).build();
        ResultReuseConfiguration::builder().result_reuse_by_age_configuration(by_age).build()
    })
}

fn result_set(output: &GetQueryResultsOutput) -> Result<&ResultSet> {
    output.result_set().ok_or_else(|| EngineError::Internal("Athena gave no result set".into()))
}

fn columns(set: &ResultSet) -> &[ColumnInfo] {
    set.result_set_metadata().map(|metadata| metadata.column_info()).unwrap_or_default()
}

fn kinds(columns: &[ColumnInfo]) -> Result<Vec<Kind>> {
    let kind = |(i, column): (usize, &ColumnInfo)| {
        cells::kind(column.r#type()).ok_or_else(|| {
            let (n, kind) = (i + 1, column.r#type());
            EngineError::Failed(format!(
                "column {n} of the result is of type {kind}, which Athena prints ambiguously: select json_format(CAST(… AS JSON))"
            ))
        })
    };
    columns.iter().enumerate().map(kind).collect()
}

fn status_of(execution: &QueryExecution, time: Duration) -> Status {
    let statistics = execution.statistics();
    let count = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
    let status = execution.status();
    let reason = status.and_then(|status| status.state_change_reason()).unwrap_or_default();
    let (state, error) = match status.and_then(|status| status.state()) {
        Some(QueryExecutionState::Succeeded) => (State::Succeeded, None),
        Some(QueryExecutionState::Running) => (State::Running, None),
        Some(QueryExecutionState::Failed) => (State::Failed, Some(reason::error(false, reason, time))),
        Some(QueryExecutionState::Cancelled) => match reason::error(true, reason, time) {
            EngineError::Cancelled => (State::Cancelled, Some(EngineError::Cancelled)),
            error => (State::Failed, Some(error)),
        },
        _ => (State::Queued, None),
    };
    Status {
        state,
        error,
        engine_ms: count(statistics.and_then(|s| s.engine_execution_time_in_millis())).unwrap_or(0),
        bytes_scanned: count(statistics.and_then(|s| s.data_scanned_in_bytes())),
        rows: None,
    }
}

/// A failed call; `refused` is what an InvalidRequestException means there.
fn failure<E>(error: SdkError<E>, refused: EngineError) -> EngineError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error.code() {
        Some("TooManyRequestsException" | "ThrottlingException") => EngineError::Throttled,
        Some("InvalidRequestException") => refused,
        _ => EngineError::Internal(DisplayErrorContext(error).to_string()),
    }
}
