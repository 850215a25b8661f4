//! What engine and store say, in words for callers: no paths, no plans.

use datafusion::error::DataFusionError;

use crate::engine::EngineError;

/// A store's error: its details are for the log.
pub(super) fn of_store(error: fidelog_table::Error) -> EngineError {
    EngineError::Internal(error.to_string())
}

/// A query's error.
pub(super) fn of_query(error: DataFusionError) -> EngineError {
    let root = error.find_root();
    match root {
        DataFusionError::ResourcesExhausted(_) => {
            tracing::warn!(%error, "a query ran out of memory");
            EngineError::Failed(
                "the query needs more memory than the server has for it; narrow it, or group by less".into(),
            )
        }
        DataFusionError::NotImplemented(what) => {
            EngineError::Unsupported(format!("the local engine lacks this: {what}"))
        }
        DataFusionError::External(_)
        | DataFusionError::IoError(_)
        | DataFusionError::ObjectStore(_)
        | DataFusionError::ParquetError(_)
        | DataFusionError::Internal(_)
        | DataFusionError::ExecutionJoin(_) => {
            tracing::error!(%error, "a query failed inside the engine");
            EngineError::Unreadable
        }
        DataFusionError::Plan(text) | DataFusionError::Execution(text) => EngineError::Failed(text.clone()),
        DataFusionError::ArrowError(error, _) => EngineError::Failed(error.to_string()),
        DataFusionError::SchemaError(error, _) => EngineError::Failed(error.to_string()),
        other => {
            let text = other.strip_backtrace();
            EngineError::Failed(text.lines().next().unwrap_or_default().to_owned())
        }
    }
}
