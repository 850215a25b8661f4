//! Athena says why a query ended in a sentence; callers hear of it what concerns them.

use std::time::Duration;

use crate::engine::EngineError;

/// What a caller's own query causes, by the names of Trino's error codes. Other reasons are about the service and the
/// account (places, roles, stack traces): they go to the log.
/// <https://docs.aws.amazon.com/athena/latest/ug/error-reference.html>
const OWN: [&str; 14] = [
    "AMBIGUOUS_NAME",
    "COLUMN_NOT_FOUND",
    "DIVISION_BY_ZERO",
    "EXCEEDED_",
    "EXPRESSION_NOT_",
    "FUNCTION_NOT_FOUND",
    "GENERIC_USER_ERROR",
    "INVALID_",
    "MISMATCHED_",
    "MISSING_",
    "NOT_SUPPORTED",
    "NUMERIC_VALUE_OUT_OF_RANGE",
    "SUBQUERY_MULTIPLE_ROWS",
    "TYPE_",
];

/// Why a query ended without results.
pub(super) fn error(is_cancelled: bool, reason: &str, time: Duration) -> EngineError {
    // The workgroup's limit shows as a cancelled query with this reason.
    if reason.contains("Bytes scanned limit") {
        return EngineError::ScanLimit("the query would read more than one query may".into());
    }
    if is_cancelled {
        return EngineError::Cancelled;
    }
    if reason.starts_with("Query timeout") {
        return EngineError::Timeout(time);
    }
    if reason.contains("TOO_MANY_REQUESTS") {
        return EngineError::Throttled;
    }
    if reason.starts_with("Query exhausted resources") {
        return EngineError::Failed("the query needs more memory than there is: ask for less at once".into());
    }
    let names_a_place = ["s3://", "arn:"].iter().any(|inside| reason.contains(inside));
    if OWN.iter().any(|name| reason.starts_with(name)) && !names_a_place {
        return EngineError::Failed(without_position(reason));
    }
    EngineError::Internal(format!("Athena: {reason}"))
}

/// A position in our own text says nothing to the caller.
fn without_position(reason: &str) -> String {
    let Some((name, rest)) = reason.split_once(": line ") else { return reason.to_owned() };
    match rest.split_once(": ") {
        Some((place, what)) if place.bytes().all(|c| c == b':' || c.is_ascii_digit()) => {
            format!("{name}: {what}")
        }
        _ => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_hear_what_is_theirs() {
        let error = |reason| error(false, reason, Duration::from_secs(1));
        let own = |text: &str| EngineError::Failed(text.into());
        assert_eq!(error("COLUMN_NOT_FOUND: line 1:8: Column 'x'"), own("COLUMN_NOT_FOUND: Column 'x'"));
        assert_eq!(error("DIVISION_BY_ZERO: line of y: x"), own("DIVISION_BY_ZERO: line of y: x"));
        for reason in ["", "HIVE_X: a", "COLUMN_NOT_FOUND: s3://b", "GENERIC_INTERNAL_ERROR: x"] {
            assert!(matches!(error(reason), EngineError::Internal(_)), "{reason}");
        }
    }
}
