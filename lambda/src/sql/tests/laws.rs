//! What holds for every text: no panic, and what gets through reads back as itself.

use proptest::{prelude::*, strategy::ValueTree, test_runner::Config};
use sqlparser::{dialect::GenericDialect, parser::Parser};

use super::{awkward, schema, try_on};
use crate::sql::{Param, functions};

/// Pieces that queries are made of, and some that should not be.
const PIECES: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "WITH",
    "AS",
    "logs",
    "*",
    ",",
    "(",
    ")",
    "(",
    ")",
    "url",
    "gamer_id",
    "inDate",
    "l",
    "l.*",
    "'ab'",
    "'2022-01-06T06:09:30Z'",
    "''",
    "'it''s'",
    "1",
    "2",
    "1.5",
    "=",
    "<>",
    "<",
    "IN",
    "NOT",
    "AND",
    "OR",
    "BETWEEN",
    "LIKE",
    "IS",
    "NULL",
    "DISTINCT",
    "UNION ALL",
    "JOIN",
    "ON",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "lower",
    "count",
    "(*)",
    "OVER",
    "UNNEST",
    "CAST",
    "bigint",
    "-",
    "--",
    "/*",
    "*/",
    ";",
    "?",
    "\"",
    "'",
    "\\",
    "||",
    "EXISTS",
    "INTERVAL '1' DAY",
    "TIMESTAMP",
    "DROP TABLE",
    "INTO",
    "x",
    ".",
    "::",
    "[1]",
    "é",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.join(" "))
}

/// Expressions of every allowed kind.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(
        &[
            "url",
            "gamer_id",
            "inDate",
            "game_id",
            "l.method",
            "\"INDATE\"",
            "NULL",
            "true",
            "5",
            "1.5",
            "'ab'",
            "'abc'",
            "''''",
            "'2022-01-06T06:09:30.1234567Z'",
            "current_date",
            "(SELECT max(url) FROM logs)",
        ][..],
    )
    .prop_map(str::to_string);
    leaf.prop_recursive(4, 40, 4, |inner| {
        let ops = prop::sample::select(
            &["=", "<>", "<", ">=", "+", "-", "*", "/", "%", "||", "AND", "OR", "IS DISTINCT FROM", "LIKE"][..],
        );
        prop_oneof![
            (inner.clone(), ops, inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) IN ({b}, 'ab')")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a}) NOT BETWEEN ({b}) AND ({c})")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("NOT {a}")),
            inner.clone().prop_map(|a| format!("- {a}")),
            inner.clone().prop_map(|a| format!("lower({a})")),
            inner.clone().prop_map(|a| format!("max({a}) OVER (PARTITION BY {a} ORDER BY {a})")),
            inner.clone().prop_map(|a| format!("CAST({a} AS varchar)")),
            inner.clone().prop_map(|a| format!("({a}) IS NOT NULL")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("CASE {a} WHEN {b} THEN {a} ELSE {b} END")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("substr({a}, {b})")),
        ]
    })
}

fn check(sql: &str, params: &[Param]) -> Result<bool, TestCaseError> {
    for schema in [schema(), awkward()] {
        let Ok(prepared) = try_on(&schema, sql, params) else { continue };
        prop_assert_eq!(try_on(&schema, sql, params), Ok(prepared.clone()), "preparing is a function");
        for text in [&prepared.sql, &prepared.local_sql] {
            let again = Parser::parse_sql(&GenericDialect {}, text);
            prop_assert!(
                matches!(again.as_deref(), Ok([sqlparser::ast::Statement::Query(_)])),
                "{} {:?}",
                text,
                again
            );
            prop_assert!(!text.contains("--") && !text.contains("/*") || sql.contains('\''), "{}", text);
        }
        prop_assert!(prepared.functions.iter().all(|f| functions::lookup(f).is_some()));
        if schema == self::schema() {
            return Ok(true);
        }
    }
    Ok(false)
}

proptest! {
    #![proptest_config(Config { cases: 400, ..Config::default() })]

    #[test]
    fn any_text(sql in "\\PC{0,80}") {
        check(&sql, &[])?;
    }

    #[test]
    fn any_soup(sql in soup(), n in 0usize..3) {
        check(&sql, &vec![Param::Text("a'b".into()); n])?;
    }

    #[test]
    fn any_expression(a in expression(), b in expression()) {
        check(&format!("SELECT {a} AS a, l.* FROM logs l WHERE {b} ORDER BY a"), &[])?;
        check(&format!("SELECT * FROM logs l WHERE {b}"), &[])?;
        check(&format!("SELECT {a} FROM logs l GROUP BY {a} HAVING {b} ORDER BY {a}"), &[])?;
    }

    #[test]
    fn any_literal(text in ".{0,12}") {
        let quoted = text.replace('\'', "''");
        let literal = try_on(&schema(), &format!("SELECT '{quoted}'"), &[]).unwrap();
        prop_assert_eq!(&literal.sql, &format!("SELECT '{quoted}' AS c0"));
        let bound = try_on(&schema(), "SELECT ?", &[Param::Text(text)]).unwrap();
        prop_assert_eq!(literal.sql, bound.sql);
    }
}

/// A generator that makes only refused queries would prove nothing.
#[test]
fn expressions_mostly_get_through() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let accepted = (0..200)
        .filter(|_| {
            let sql = expression().new_tree(&mut runner).unwrap().current();
            try_on(&schema(), &format!("SELECT {sql} FROM logs l"), &[]).is_ok()
        })
        .count();
    assert!(accepted > 80, "{accepted} of 200");
}
