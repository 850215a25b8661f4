//! Statements that would reach outside, hide something, or make two readers disagree.

use super::{athena, refusal, schema, try_on};
use crate::{
    problem::Problem,
    sql::{Param, SqlErrorKind},
};

/// Each with the code that it is refused with.
const REFUSED: &str = include_str!("../../../../tests/vectors/attacks.json");

#[derive(serde::Deserialize)]
struct Attack {
    sql: String,
    code: String,
}

#[test]
fn attacks_are_refused() {
    let attacks: Vec<Attack> = serde_json::from_str(REFUSED).unwrap();
    assert!(attacks.len() >= 200);
    for Attack { sql, code } in attacks {
        let error = refusal(&sql);
        assert!(!error.detail.is_empty() && !error.hint.is_empty(), "{sql}: {error:?}");
        assert!(error.position.is_some(), "{sql}: {error:?}");
        assert_eq!(Problem::from(error).code.name(), code, "{sql}");
    }
}

#[test]
fn hostile_shapes_are_refused_in_time() {
    let started = std::time::Instant::now();
    let nested = |open: &str, inner: &str, close: &str, n: usize| {
        format!("SELECT {}{inner}{}", open.repeat(n), close.repeat(n))
    };
    for sql in [
        nested("(", "1", ")", 40_000),
        nested("lower(", "'a'", ")", 10_000),
        nested("-", "1", "", 90_000),
        nested("- ", "1", "", 40_000),
        nested("NOT ", "true", "", 20_000),
        nested("CASE WHEN true THEN ", "1", " END", 3_000),
        nested("(SELECT ", "1", ")", 9_000),
        nested("CAST(", "1", " AS bigint)", 5_000),
        nested("", "1", " + 1", 20_000),
        nested("", "true", " AND true", 10_000),
        nested("", "'a'", " || 'a'", 10_000),
        nested("", "1", " IS NULL", 10_000),
        nested("", "ARRAY[1]", "[1]", 30_000),
        nested("", "1", "::bigint", 10_000),
        format!("SELECT * FROM {}logs{}", "(".repeat(40_000), ")".repeat(40_000)),
        format!("SELECT * FROM {}logs{}", "(SELECT * FROM ".repeat(6_000), ")".repeat(6_000)),
        format!("SELECT 1 {}", "UNION SELECT 1 ".repeat(6_000)),
        format!("{}SELECT 1{}", "(".repeat(40_000), ")".repeat(40_000)),
        format!("SELECT 1 FROM logs {}", "CROSS JOIN logs ".repeat(6_000)),
        format!("WITH {} SELECT 1", "a AS (WITH ".repeat(8_000)),
        format!("SELECT {}", "a.".repeat(49_000)),
        "SELECT '".to_string() + &"x".repeat(200_000) + "'",
        "/*".repeat(40_000),
    ] {
        let error = refusal(&sql);
        assert!(error.detail.len() < 1_000, "{}", error.detail);
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn nesting_within_bounds_is_quick() {
    let started = std::time::Instant::now();
    for sql in [
        format!("SELECT {}1{}", "(".repeat(20), ")".repeat(20)),
        format!("SELECT {}'a'{}", "lower(".repeat(20), ")".repeat(20)),
        format!("SELECT * FROM {}logs{}", "(".repeat(15), ")".repeat(15)),
        format!("SELECT * FROM {}logs{}", "(SELECT * FROM ".repeat(10), ")".repeat(10)),
        format!("SELECT 1 FROM logs WHERE {}", vec!["game_id = 1"; 390].join(" OR ")),
        format!("SELECT 1 FROM logs WHERE game_id IN ({})", vec!["1"; 2_000].join(", ")),
    ] {
        athena(&sql);
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn parameters_cannot_break_out() {
    for text in [
        "'",
        "''",
        "\\'",
        "' OR ''='",
        "'; DROP TABLE logs; --",
        "\\",
        "?",
        "\0",
        "\u{2019}",
        "*/",
        "\"",
        "a''''b",
    ] {
        let prepared =
            try_on(&schema(), "SELECT url FROM logs WHERE url = ?", &[Param::Text(text.into())]).unwrap();
        assert_eq!(
            prepared.sql,
            format!(
                "SELECT t0.\"url\" AS c0 FROM \"logs\" AS t0 WHERE t0.\"url\" = '{}'",
                text.replace('\'', "''")
            )
        );
    }
}

#[test]
fn parameters_are_counted() {
    for (sql, n) in [("SELECT 1", 1), ("SELECT ?", 0), ("SELECT ?, '?', \"?\" -- ?", 2)] {
        let error = try_on(&schema(), sql, &vec![Param::Null; n]).unwrap_err();
        assert_eq!(error.kind, SqlErrorKind::Refused);
        assert!(error.detail.contains(&format!("expected: {n} for ")), "{error}");
    }
}

#[test]
fn a_misplaced_parameter_is_refused() {
    for sql in [
        "SELECT * FROM ?",
        "SELECT lower?('a')",
        "SELECT INTERVAL ? DAY",
        "SELECT 1 AS ?",
        "SELECT TIMESTAMP ?",
    ] {
        assert!(try_on(&schema(), sql, &[Param::Integer(1)]).is_err(), "{sql}");
    }
    for param in [Param::Number(f64::NAN), Param::Number(f64::INFINITY)] {
        assert!(try_on(&schema(), "SELECT ?", &[param]).is_err());
    }
    for param in [Param::Integer(-1), Param::Text("1".into()), Param::Null, Param::Number(1.0)] {
        assert!(try_on(&schema(), "SELECT 1 FROM logs LIMIT ?", &[param]).is_err());
    }
}
