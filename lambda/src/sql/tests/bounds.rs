//! Sizes and kinds: queries that stand for too much, and comparisons that no engine means as they look.

use fidelog_codec::Schema;

use super::{athena, ready, refusal, schema, try_on};
use crate::sql::Param;

#[test]
fn nested_times_are_written_once() {
    let mut expr = "inDate".to_owned();
    for _ in 0..13 {
        expr = format!("if({expr} BETWEEN '2022-01-01' AND '2022-01-02', inDate)");
    }
    let text = athena(&format!("SELECT {expr} FROM logs"));
    assert!(text.matches("BETWEEN").count() <= 13 && text.len() < 10_000, "{}", text.len());
}

#[test]
fn what_cannot_be_written_once_is_bounded() {
    let mut between = "inDate".to_owned();
    let mut case = "inDate".to_owned();
    for _ in 0..13 {
        between = format!(
            "if({between} BETWEEN '2022-01-01T00:00:00.000000001Z' AND '2022-01-02T00:00:00.000000001Z', inDate)"
        );
        case = format!("CASE {case} WHEN '2022-01-01' THEN inDate WHEN '2022-01-02' THEN inDate END");
    }
    let named =
        format!("SELECT url || '{}' AS u FROM logs GROUP BY 1 HAVING u = u{}", "x", " AND u = u".repeat(200));
    ready(&named);
    let long = "url || ".repeat(300);
    let copies =
        format!("SELECT {long} url AS u FROM logs GROUP BY url HAVING u = '' {}", "AND u = ''".repeat(100));
    for sql in [format!("SELECT {between} FROM logs"), format!("SELECT {case} FROM logs"), copies] {
        assert!(refusal(&sql).detail.contains("expressions"), "{}", refusal(&sql));
    }
    let wide = format!(
        "WITH q AS (SELECT {} FROM logs) SELECT 1 FROM {}",
        vec!["1"; 1_000].join(", "),
        vec!["q"; 100].join(", ")
    );
    assert!(refusal(&wide).detail.contains("expressions"));
    let stars = format!("SELECT {} FROM logs l", vec!["l.*"; 5_000].join(", "));
    assert!(refusal(&stars).detail.contains("expressions"));
}

#[test]
fn long_lists_are_refused() {
    let list = |n: usize| format!("SELECT url FROM logs WHERE game_id IN ({})", vec!["1"; n].join(", "));
    ready(&list(2_000));
    assert!(refusal(&list(2_001)).detail.contains("IN list"));
}

#[test]
fn numbers_that_engines_add_up_are_bounded() {
    for sql in [
        "SELECT url FROM logs ORDER BY url OFFSET 9223372036854775807 LIMIT 9223372036854775807",
        "SELECT url FROM logs LIMIT 9223372036854775807",
        "SELECT lag(url, 9223372036854775807) OVER (ORDER BY url) FROM logs",
        "SELECT lag(url, -9223372036854775807) OVER (ORDER BY url) FROM logs",
        "SELECT lead(url, (-1)) OVER (ORDER BY url) FROM logs",
    ] {
        refusal(sql);
    }
    ready("SELECT lag(url, 3, '') OVER (ORDER BY url) FROM logs ORDER BY 1 OFFSET 5 LIMIT 1000000000");
}

#[test]
fn numbers_and_texts_are_not_compared() {
    for condition in [
        "game_id > '10'",
        "'10' = game_id",
        "game_id IN (1, '2')",
        "game_id BETWEEN 1 AND '2'",
        "game_id IS DISTINCT FROM '1'",
        "CASE game_id WHEN '1' THEN true END",
        "url = 1",
        "gamer_id <> 1",
        "tableAndColumn = 1",
        "url IN ('a', 1)",
        "EXISTS (SELECT 1 FROM (SELECT game_id AS g FROM logs) x WHERE x.g = '1')",
    ] {
        let refused = refusal(&format!("SELECT url FROM logs WHERE {condition}"));
        assert!(refused.detail.contains("is compared with"), "{condition}: {refused}");
        assert!(refused.hint.contains("quotes"), "{condition}: {refused}");
    }
    for condition in ["game_id > 10", "url = '1'", "tableAndColumn = '1'", "CAST(game_id AS varchar) = '1'"] {
        ready(&format!("SELECT url FROM logs WHERE {condition}"));
    }
    let sql = "SELECT url FROM logs WHERE game_id = ?";
    assert!(try_on(&schema(), sql, &[Param::Text("1".into())]).is_err());
    assert!(try_on(&schema(), sql, &[Param::Integer(1)]).is_ok());
}

#[test]
fn the_names_in_a_hint_work() {
    let schema = Schema::from_json(
        r#"{"fidelog_schema": 1, "version": 1, "style": {"item": ",", "key": ":"},
            "fields": [
                {"path": ["a.b"], "column": "a_b", "encoding": "text"},
                {"path": ["a", "b"], "column": "a_b_2", "encoding": "text"}]}"#,
    )
    .unwrap();
    let refused = try_on(&schema, r#"SELECT "a.b" FROM logs"#, &[]).unwrap_err();
    assert!(refused.detail.contains(r#""a_b", "a_b_2""#), "{refused}");
    try_on(&schema, r#"SELECT "a_b", "a_b_2" FROM logs"#, &[]).unwrap();
}
