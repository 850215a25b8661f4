//! What engine and store say, in words for callers: no paths, no plans.

use datafusion::error::DataFusionError;

use crate::engine::EngineError;

/// A store's error: its details are for the log.
pub(super) fn of_store(error: fidelog_table::Error) -> EngineError {
    EngineError::Internal(error.to_string())
}

/// A fault of the engine's own, which says nothing about the table.
pub(super) fn fault() -> EngineError {
    EngineError::Failed("the local engine failed at this query; write it in another way".into())
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
            EngineError::Unsupported(format!("the local engine lacks this: {}", plain(what)))
        }
        DataFusionError::External(_)
        | DataFusionError::IoError(_)
        | DataFusionError::ObjectStore(_)
        | DataFusionError::ParquetError(_) => {
            tracing::error!(%error, "the table could not be read");
            EngineError::Unreadable
        }
        DataFusionError::Internal(_) | DataFusionError::ExecutionJoin(_) => {
            tracing::error!(%error, "a query failed inside the engine");
            fault()
        }
        DataFusionError::Plan(text) | DataFusionError::Execution(text) => EngineError::Failed(plain(text)),
        DataFusionError::ArrowError(error, _) => EngineError::Failed(error.to_string()),
        DataFusionError::SchemaError(error, _) => EngineError::Failed(error.to_string()),
        other => EngineError::Failed(plain(&other.strip_backtrace())),
    }
}

/// The first sentence, without the engine's own structures.
fn plain(text: &str) -> String {
    const STRUCTURES: [&str; 5] =
        [" {", "TypeSignature", "Signature::", "failed to match any signature", "relation:"];
    let line = text.lines().next().unwrap_or_default();
    let line = line.split(". ").next().unwrap_or_default().trim_end_matches(':');
    if !STRUCTURES.iter().any(|structure| line.contains(structure)) {
        return line.to_owned();
    }
    let function =
        line.split_once("unction '").and_then(|(_, rest)| rest.split_once('\'')).map(|(name, _)| name);
    match function {
        Some(name) => format!("{name} does not take arguments of these types"),
        None => "the local engine cannot run this; write it in another way".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn the_engines_structures_stay_inside() {
        for (text, want) in [
            ("to_hex: a number expected", "to_hex: a number expected"),
            (
                "Function 'sum' failed to match any signature, errors: Error during planning",
                "sum does not take arguments of these types",
            ),
            (
                "Function 'lower' requires TypeSignatureClass::Native(..), but received Float64",
                "lower does not take arguments of these types",
            ),
            (
                "no field Column { relation: None }. Candidates: c0",
                "the local engine cannot run this; write it in another way",
            ),
            ("regex parse error:\n  (", "regex parse error"),
        ] {
            assert_eq!(plain(text), want);
        }
    }
}
