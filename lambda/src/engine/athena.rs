//! The Athena engine, thin: the service runs the queries and keeps their results.

mod cells;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_sdk_athena::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::get_query_results::GetQueryResultsOutput,
    types::{QueryExecution, QueryExecutionContext, QueryExecutionState},
};
use fidelog_codec::Schema;

use self::cells::Cells;
use crate::engine::{Engine, EngineError, Page, Position, Result, Start, State, Status};

/// The service's page size for results.
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html>
const MAX_ROWS: i32 = 1_000;

/// Where and how queries run.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The workgroup, which has the scan limit and the place of the results.
    pub workgroup: String,
    /// The Glue database of the table.
    pub database: String,
    /// The table's schema, all versions.
    pub schemas: Vec<Arc<Schema>>,
    /// How long a query may run.
    pub time: Duration,
}

/// The Athena engine.
#[derive(Debug)]
pub struct AthenaEngine {
    client: Client,
    configuration: Configuration,
}

impl AthenaEngine {
    /// An engine over a client.
    pub const fn new(client: Client, configuration: Configuration) -> Self {
        AthenaEngine { client, configuration }
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

    async fn results(&self, id: &str, mark: &str) -> Result<GetQueryResultsOutput> {
        let call = self.client.get_query_results().query_execution_id(id).max_results(MAX_ROWS);
        let call = if mark.is_empty() { call } else { call.next_token(mark) };
        call.send().await.map_err(|error| failure(error, EngineError::BadPosition))
    }
}

#[async_trait]
impl Engine for AthenaEngine {
    async fn schemas(&self) -> Result<Vec<Arc<Schema>>> {
        Ok(self.configuration.schemas.clone())
    }

    async fn start(&self, start: Start) -> Result<String> {
        let context = QueryExecutionContext::builder().database(&self.configuration.database).build();
        // Without a token of ours a retry of the call might start a second query.
        let token = start.intention.unwrap_or_else(|| format!("{:032x}", rand::random::<u128>()));
        let call = self
            .client
            .start_query_execution()
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
        let execution = self.execution(id).await?;
        let mut status = status_of(&execution);
        let submitted = execution.status().and_then(|status| status.submission_date_time());
        let age = submitted.and_then(|time| std::time::SystemTime::try_from(*time).ok()?.elapsed().ok());
        if !status.state.is_final() && age.is_some_and(|age| age > self.configuration.time) {
            self.stop(id).await?;
            status.state = State::Failed;
            status.error = Some(EngineError::Timeout(self.configuration.time));
        }
        Ok(status)
    }

    async fn page(&self, id: &str, at: &Position, limit: usize) -> Result<Page> {
        if at.mark.is_empty() {
            let status = self.status(id).await?;
            match (status.state, status.error) {
                (State::Succeeded, _) => {}
                (State::Queued | State::Running, _) => return Err(EngineError::NotFinished),
                (_, error) => return Err(error.unwrap_or(EngineError::Cancelled)),
            }
        }
        let mut at = at.clone();
        let mut cells: Option<Cells> = None;
        let mut rows = 0;
        loop {
            let output = self.results(id, &at.mark).await?;
            let set = output.result_set().ok_or_else(|| EngineError::Internal("no result set".into()))?;
            let columns =
                set.result_set_metadata().map(|metadata| metadata.column_info()).unwrap_or_default();
            let cells = cells.get_or_insert_with(|| Cells::new(columns));
            // Only SELECTs get here: their first page begins with the columns' names.
            let header = usize::from(at.mark.is_empty());
            let skip = usize::try_from(at.skip).map_err(|_| EngineError::BadPosition)?;
            let here =
                set.rows().get(header..).unwrap_or_default().get(skip..).ok_or(EngineError::BadPosition)?;
            let taken = here.len().min(limit - rows);
            for row in here.iter().take(taken) {
                cells.push(row.data())?;
            }
            rows += taken;
            let next = if taken < here.len() {
                Some(Position { mark: at.mark.clone(), skip: at.skip + taken as u64 })
            } else {
                output.next_token().map(|mark| Position { mark: mark.to_owned(), skip: 0 })
            };
            match next {
                Some(next) if rows < limit => at = next,
                next => return Ok(Page { columns: std::mem::take(cells).finish(), rows, next }),
            }
        }
    }

    async fn cancel(&self, id: &str) -> Result<()> {
        if self.status(id).await?.state.is_final() { Ok(()) } else { self.stop(id).await }
    }
}

fn status_of(execution: &QueryExecution) -> Status {
    let statistics = execution.statistics();
    let count = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
    let status = execution.status();
    let reason = status.and_then(|status| status.state_change_reason()).unwrap_or_default();
    // The workgroup's limit shows as a cancelled query with this reason.
    let error = if reason.contains("Bytes scanned limit") {
        Some(EngineError::ScanLimit(reason.to_owned()))
    } else {
        None
    };
    let (state, error) = match (status.and_then(|status| status.state()), error) {
        (Some(QueryExecutionState::Succeeded), _) => (State::Succeeded, None),
        (Some(QueryExecutionState::Failed | QueryExecutionState::Cancelled), Some(error)) => {
            (State::Failed, Some(error))
        }
        (Some(QueryExecutionState::Failed), None) => {
            (State::Failed, Some(EngineError::Failed(reason.to_owned())))
        }
        (Some(QueryExecutionState::Cancelled), None) => (State::Cancelled, Some(EngineError::Cancelled)),
        (Some(QueryExecutionState::Running), _) => (State::Running, None),
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
