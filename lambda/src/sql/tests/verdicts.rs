//! Ordinary queries get through, ordinary misuse does not.

use super::{ready, refusal};
use crate::sql::SqlErrorKind;

#[test]
fn ordinary_queries_are_accepted() {
    for sql in [
        "SELECT * FROM logs;",
        "/* a comment; DROP TABLE logs */ SELECT 1 -- ; DROP TABLE logs",
        "SELECT * FROM LOGS l WHERE l.game_id BETWEEN 1 AND 5 ORDER BY l.inDate DESC, 1 OFFSET 5 LIMIT 10",
        "SELECT current_timestamp, now(), current_date FROM logs WHERE inDate > now() - INTERVAL '1' DAY",
        "SELECT extract(hour FROM inDate) h, sum(game_id) FROM logs GROUP BY 1 HAVING sum(game_id) > 3",
        "SELECT part, count(*) FROM logs CROSS JOIN UNNEST(split(url, '/')) AS u(part) GROUP BY part",
        "SELECT if(game_id > 1, 'a', 'b'), coalesce(url, ''), CASE method WHEN 'GET' THEN 1 ELSE 2 END FROM logs",
        "SELECT lag(url, 1) IGNORE NULLS OVER w FROM logs WINDOW w AS (PARTITION BY gamer_id ORDER BY inDate)",
        "SELECT sum(game_id) OVER (ORDER BY inDate ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) FROM logs",
        "SELECT method, grouping(method) FROM logs GROUP BY ROLLUP (method)",
        "SELECT method, url FROM logs GROUP BY GROUPING SETS ((method, url), (method), ())",
        "SELECT trim(BOTH '/' FROM url), trim(url), substr(url, 1, 3), substring(url FROM 2 FOR 3), \
         position('a' IN url), ceil(1.5), floor(-1.5), round(2.5), - -1, 1 - -1 FROM logs",
        "SELECT split(url, '/')[1], element_at(split(url, '/'), 1), ARRAY['a', 'b'] FROM logs",
        "SELECT DISTINCT method FROM logs EXCEPT SELECT 'GET'",
        "(SELECT url FROM logs LIMIT 3) UNION (SELECT method FROM logs) ORDER BY url",
        "SELECT url FROM logs l WHERE EXISTS (SELECT 1 FROM logs m WHERE m.gamer_id = l.gamer_id AND m.url <> l.url)",
        "SELECT url FROM logs WHERE game_id = (SELECT max(game_id) FROM logs) AND NOT url IS NULL",
        "SELECT array_agg(url ORDER BY inDate) FROM logs",
        "SELECT count(DISTINCT gamer_id), approx_percentile(game_id, 0.99) FROM logs",
        "SELECT fidelog_arrived, fidelog_schema FROM logs",
        "SELECT url FROM logs WHERE (game_id > 5) IS TRUE AND (game_id < 9) IS NOT FALSE",
        "SELECT * FROM logs FETCH FIRST 5 ROWS ONLY",
        "WITH logs AS (SELECT * FROM logs WHERE game_id = 1) SELECT url FROM logs",
        "WITH a AS (SELECT 1 x), b AS (SELECT x + 1 y FROM a) SELECT y FROM b, a",
        "SELECT 'it''s', '''', 'a''''b', '\\', '\\''', '-- no comment', 'é😀\n' FROM logs",
        "SELECT CAST(inDate AS date), inDate + INTERVAL '1' HOUR, CAST(game_id AS decimal(10, 2)) FROM logs",
        "SELECT inDate AT TIME ZONE 'Asia/Seoul', CAST(split(url, '/') AS json) FROM logs",
    ] {
        ready(sql);
    }
}

#[test]
fn the_shared_verdicts_hold() {
    let queries: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../../../tests/vectors/sql.json")).unwrap();
    for query in &queries {
        let sql = query["sql"].as_str().unwrap();
        if query["verdict"] == "accept" {
            ready(sql);
            continue;
        }
        let error = refusal(sql);
        assert!(error.position.is_some() && !error.hint.is_empty(), "{sql}: {error}");
        let is_sql = !sql.is_empty() && !sql.starts_with("SELEC ");
        let expected = if is_sql { SqlErrorKind::Refused } else { SqlErrorKind::Syntax };
        assert_eq!(error.kind, expected, "{sql}: {error}");
    }
    assert!(queries.len() > 40);
}

#[test]
fn what_is_no_sql_is_a_syntax_error() {
    for (sql, line, column) in [
        ("", 1, 1),
        ("  \n ", 2, 2),
        ("SELEC * FROM logs", 1, 1),
        ("SELECT * FORM logs", 1, 10),
        ("SELECT url\nFROM logs\nWHERE )", 3, 7),
        ("SELECT (1", 1, 10),
        ("SELECT 'open", 1, 8),
        ("SELECT url FROM logs WHERE url = 'a' url", 1, 38),
        ("SELECT 1 FROM logs LIMIT", 1, 25),
        ("é", 1, 1),
        ("SELECT `url` FROM logs", 1, 8),
    ] {
        let error = refusal(sql);
        assert_eq!(error.kind, SqlErrorKind::Syntax, "{sql}: {error}");
        assert_eq!(error.position, Some((line, column)), "{sql}: {error}");
    }
}

#[test]
fn positions_are_the_users() {
    for (sql, line, column) in [
        ("SELECT url,\n  sleep(5)\nFROM logs", 2, 3),
        ("SELECT nope FROM logs", 1, 8),
        ("SELECT * FROM logs\nJOIN secrets s ON true", 2, 6),
        ("SELECT * FROM logs WHERE url ILIKE 'a%'", 1, 26),
        ("SELECT * FROM logs WHERE inDate > 'yesterday'", 1, 26),
        ("SELECT * FROM logs WHERE url = N'x'", 1, 32),
        ("SELECT 1;\nSELECT 2", 2, 1),
        ("SELECT url FROM logs ORDER BY 2", 1, 31),
        ("SELECT url FROM logs LIMIT 1 + 1", 1, 28),
    ] {
        let error = refusal(sql);
        assert_eq!(error.position, Some((line, column)), "{sql}: {error}");
    }
}
