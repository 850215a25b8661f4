//! One query through DataFusion: from the newest commit's table to rows in memory.

use std::{num::NonZeroUsize, sync::Arc};

use datafusion::{
    arrow::{array::RecordBatch, datatypes::SchemaRef},
    common::{TableReference, internal_datafusion_err},
    error::{DataFusionError, Result as DataFusionResult},
    execution::{
        FunctionRegistry, SessionStateBuilder, SessionStateDefaults,
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::{FairSpillPool, MemoryConsumer, MemoryReservation, TrackConsumersPool},
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    physical_plan::{ExecutionPlan, execute_stream},
    prelude::{SQLOptions, SessionConfig, SessionContext},
};
use fidelog_table::Store;
use futures::StreamExt;

use super::{
    convert, failure, functions, meaning,
    queries::{Queries, Query},
    source::Source,
    yielding::YieldingJoins,
};
use crate::engine::{EngineError, Page, Position, Result};

/// How deep the gate lets queries nest.
const DEPTH: usize = 400;

/// Enough for a query that nests so deep, in a build without optimisation too. Only what is used is ever taken.
const PLAN_STACK: usize = 256 << 20;

/// Queries share memory, and disk for what does not fit.
pub(super) fn runtime(memory: usize) -> DataFusionResult<Arc<RuntimeEnv>> {
    let pool = TrackConsumersPool::new(FairSpillPool::new(memory), NonZeroUsize::MIN);
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::OsTmpDirectory);
    RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool)).with_disk_manager_builder(disk).build_arc()
}

fn session(runtime: Arc<RuntimeEnv>) -> DataFusionResult<SessionContext> {
    let mut config = SessionConfig::new().with_information_schema(false);
    config.options_mut().sql_parser.recursion_limit = DEPTH;
    let mut planners = SessionStateDefaults::default_expr_planners();
    planners.insert(0, Arc::new(meaning::Planner));
    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_expr_planners(planners)
        .with_physical_optimizer_rule(Arc::new(YieldingJoins))
        .build();
    let mut session = SessionContext::new_with_state(state);
    functions::register(&session)?;
    session.register_function_rewrite(Arc::new(meaning::Casts))?;
    Ok(session)
}

/// A result's rows.
#[derive(Debug)]
pub(super) struct Rows {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
    /// What they take of the memory that all queries share, while they are kept.
    memory: MemoryReservation,
}

impl Rows {
    pub(super) const fn len(&self) -> usize {
        self.rows
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Some rows as typed columns.
    pub(super) fn page(&self, first: usize, limit: usize) -> Result<Page> {
        if first > self.rows {
            return Err(EngineError::BadPosition);
        }
        let (mut skip, mut wanted) = (first, limit.min(self.rows - first));
        let rows = wanted;
        let mut slices = Vec::new();
        for batch in &self.batches {
            let here = batch.num_rows().saturating_sub(skip).min(wanted);
            if here > 0 {
                slices.push(batch.slice(skip, here));
                wanted -= here;
            }
            skip = skip.saturating_sub(batch.num_rows());
        }
        let columns = self.schema.fields().iter().enumerate().map(|(i, field)| {
            let arrays: Vec<_> = slices.iter().filter_map(|slice| slice.columns().get(i)).collect();
            convert::column(field, &arrays).map_err(failure::of_query)
        });
        let after = first + rows;
        let place = |row: usize| Position { mark: Arc::default(), offset: row as u64 };
        let next = (after < self.rows).then(|| place(after));
        let starts = (first..after).map(place).collect();
        Ok(Page { columns: columns.collect::<Result<Vec<_>>>()?, rows, starts, next })
    }
}

/// Runs SQL over the table as it is now.
pub(super) async fn run(
    store: &Store,
    runtime: Arc<RuntimeEnv>,
    sql: String,
    max_bytes: usize,
    query: &Query,
    queries: &Queries,
) -> Result<Arc<Rows>> {
    let table = store.table().await.map_err(failure::of_store)?;
    let source = Source::new(table, query.meter().clone()).await.map_err(failure::of_query)?;
    let name = TableReference::bare(store.ident().name());
    let rows = execute(source, name, runtime, sql, max_bytes, queries).await;
    rows.map_err(|error| match error {
        Stopped::Engine(error) => failure::of_query(error),
        Stopped::TooLarge => EngineError::Failed(format!(
            "the result is larger than the {} MiB that the server keeps; ask for fewer rows or columns",
            max_bytes >> 20
        )),
    })
}

enum Stopped {
    Engine(DataFusionError),
    TooLarge,
}

impl From<DataFusionError> for Stopped {
    fn from(error: DataFusionError) -> Self {
        Stopped::Engine(error)
    }
}

async fn execute(
    source: Source,
    name: TableReference,
    runtime: Arc<RuntimeEnv>,
    sql: String,
    max_bytes: usize,
    queries: &Queries,
) -> std::result::Result<Arc<Rows>, Stopped> {
    let memory = MemoryConsumer::new("rows").register(&runtime.memory_pool);
    let session = session(runtime)?;
    session.register_table(name, Arc::new(source))?;
    let plan = plan(session.clone(), sql).await?;
    let mut stream = execute_stream(plan, session.task_ctx())?;
    let mut rows = Rows { schema: stream.schema(), batches: Vec::new(), rows: 0, bytes: 0, memory };
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        rows.rows += batch.num_rows();
        rows.bytes += batch.get_array_memory_size();
        if rows.bytes > max_bytes {
            return Err(Stopped::TooLarge);
        }
        while let Err(error) = rows.memory.try_grow(batch.get_array_memory_size()) {
            if !queries.forget_oldest() {
                return Err(error.into());
            }
        }
        rows.batches.push(batch);
    }
    Ok(Arc::new(rows))
}

/// Plans on a thread of its own: planning recurses as deep as the query nests.
async fn plan(session: SessionContext, sql: String) -> DataFusionResult<Arc<dyn ExecutionPlan>> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Handle::current();
    let work = move || {
        // The gate lets nothing but queries through; this is the second lock on that door.
        let options =
            SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        let plan = runtime
            .block_on(async { session.sql_with_options(&sql, options).await?.create_physical_plan().await });
        // Nobody waits for it if the query was cancelled.
        let _ = sender.send(plan);
    };
    std::thread::Builder::new().name("plan".into()).stack_size(PLAN_STACK).spawn(work)?;
    receiver.await.map_err(|_| internal_datafusion_err!("planning panicked"))?
}
