//! Statements that would reach outside, hide something, or make two readers disagree.

use super::{athena, refusal, schema, try_on};
use crate::sql::{Param, SqlErrorKind};

const REFUSED: &[&str] = &[
    // Statements.
    "ALTER TABLE logs ADD COLUMNS (x int)",
    "ALTER TABLE logs SET LOCATION 's3://x/'",
    "ANALYZE logs",
    "CALL system.runtime.kill_query('x')",
    "COMMIT",
    "COPY logs TO '/tmp/x'",
    "CREATE EXTERNAL TABLE x (a int) LOCATION 's3://x/'",
    "CREATE OR REPLACE VIEW v AS SELECT * FROM logs",
    "DEALLOCATE PREPARE q",
    "DELETE FROM logs",
    "DESCRIBE logs",
    "DROP DATABASE x CASCADE",
    "EXPLAIN SELECT * FROM logs",
    "EXPLAIN (TYPE IO) SELECT * FROM logs",
    "GRANT SELECT ON logs TO x",
    "INSERT INTO logs VALUES (1)",
    "KILL 1",
    "MERGE INTO logs USING logs b ON true WHEN MATCHED THEN DELETE",
    "OPTIMIZE logs REWRITE DATA USING BIN_PACK",
    "REFRESH MATERIALIZED VIEW x",
    "REPLACE INTO logs VALUES (1)",
    "RESET SESSION x",
    "SET SESSION query_max_run_time = '1d'",
    "SET x = 1",
    "SHOW CREATE TABLE logs",
    "SHOW PARTITIONS logs",
    "START TRANSACTION",
    "TABLE logs",
    "TRUNCATE TABLE logs",
    "UPDATE logs SET url = ''",
    "USE other",
    "VALUES (1)",
    "LOAD DATA INPATH 'x' INTO TABLE logs",
    "INSTALL httpfs",
    "ATTACH 'x' AS y",
    "PRAGMA x",
    "DECLARE c CURSOR FOR SELECT 1",
    "BEGIN; SELECT 1",
    "SELECT 1; SELECT 2",
    "SELECT 1;;",
    "SELECT 1; -- x\n DELETE FROM logs",
    "; SELECT 1",
    "WITH x AS (DELETE FROM logs RETURNING *) SELECT * FROM x",
    "WITH x AS (INSERT INTO logs VALUES (1) RETURNING *) SELECT * FROM x",
    "WITH x AS (SELECT 1) DELETE FROM logs",
    "WITH x AS (SELECT 1) UPDATE logs SET url = ''",
    "WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r",
    "WITH r AS (SELECT * FROM r) SELECT * FROM r",
    "WITH a AS (SELECT 1), a AS (SELECT 2) SELECT * FROM a",
    "WITH a AS MATERIALIZED (SELECT 1) SELECT * FROM a",
    "WITH FUNCTION f(x integer) RETURNS integer RETURN x SELECT f(1)",
    "SELECT * INTO x FROM logs",
    "SELECT * FROM logs INTO OUTFILE '/tmp/x'",
    // Tables.
    "SELECT * FROM awsdatacatalog.db.logs",
    "SELECT * FROM db.logs",
    "SELECT * FROM \"db\".\"logs\"",
    "SELECT * FROM \"db.logs\"",
    "SELECT * FROM \"logs$files\"",
    "SELECT * FROM logs$partitions",
    "SELECT * FROM \"logs\"\"\"",
    "SELECT * FROM 'logs'",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM system.query",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM TABLE(x)",
    "SELECT * FROM TABLE(sequence(1, 10))",
    "SELECT * FROM TABLE(exclude_columns(TABLE(logs), DESCRIPTOR(url)))",
    "SELECT * FROM generate_series(1, 1000000000)",
    "SELECT * FROM read_parquet('x')",
    "SELECT * FROM logs('x')",
    "SELECT * FROM LATERAL read_text('x')",
    "SELECT * FROM logs, LATERAL (SELECT 1) x",
    "SELECT * FROM logs TABLESAMPLE BERNOULLI (10)",
    "SELECT * FROM logs FOR TIMESTAMP AS OF TIMESTAMP '2022-01-01 00:00:00'",
    "SELECT * FROM logs FOR VERSION AS OF 1",
    "SELECT * FROM logs FOR SYSTEM_TIME AS OF '2022-01-01'",
    "SELECT * FROM logs WITH (NOLOCK)",
    "SELECT * FROM logs PARTITION (p0)",
    "SELECT * FROM logs FOR UPDATE",
    "SELECT * FROM logs FOR SHARE",
    "SELECT * FROM logs PIVOT (count(*) FOR method IN ('GET'))",
    "SELECT * FROM logs MATCH_RECOGNIZE (PATTERN (a) DEFINE a AS true)",
    "SELECT * FROM JSON_TABLE('[]', '$' COLUMNS (a int PATH '$'))",
    "SELECT * FROM (VALUES (1)) v(x)",
    "SELECT * FROM (TABLE logs)",
    "FROM logs SELECT *",
    "FROM logs",
    "SELECT * FROM logs |> SELECT url",
    "SELECT * FROM logs LATERAL VIEW explode(split(url, '/')) e AS x",
    "SELECT * FROM logs a NATURAL JOIN logs b",
    "SELECT * FROM logs a JOIN logs b USING (url)",
    "SELECT * FROM logs a ASOF JOIN logs b MATCH_CONDITION (a.inDate > b.inDate)",
    "SELECT * FROM logs a CROSS APPLY logs b",
    "SELECT * FROM logs a LEFT SEMI JOIN logs b ON a.url = b.url",
    "SELECT * FROM logs a, logs a",
    "SELECT * FROM logs a JOIN logs b",
    "SELECT url FROM logs WHERE EXISTS (SELECT * FROM secrets)",
    "SELECT url FROM logs WHERE url IN (SELECT x FROM other.secrets)",
    "SELECT (SELECT password FROM users LIMIT 1) FROM logs",
    "SELECT url FROM logs UNION SELECT x FROM secrets",
    "SELECT url FROM logs ORDER BY (SELECT x FROM secrets)",
    "SELECT count(*) FILTER (WHERE (SELECT true FROM secrets)) FROM logs",
    "WITH a AS (SELECT * FROM (SELECT * FROM (SELECT * FROM secrets))) SELECT 1",
    "SELECT sum(1) OVER (ORDER BY (SELECT x FROM secrets)) FROM logs",
    // Clauses.
    "SELECT TOP 5 * FROM logs",
    "SELECT DISTINCT ON (url) url FROM logs",
    "SELECT * EXCLUDE (url) FROM logs",
    "SELECT * EXCEPT (url) FROM logs",
    "SELECT * REPLACE (1 AS url) FROM logs",
    "SELECT * ILIKE '%a%' FROM logs",
    "SELECT url FROM logs QUALIFY row_number() OVER (ORDER BY url) = 1",
    "SELECT url FROM logs LIMIT 5, 10",
    "SELECT url FROM logs LIMIT 5 BY url",
    "SELECT url FROM logs LIMIT (SELECT 1)",
    "SELECT url FROM logs LIMIT -1",
    "SELECT url FROM logs LIMIT 1.5",
    "SELECT url FROM logs FETCH FIRST 5 PERCENT ROWS ONLY",
    "SELECT url FROM logs FETCH FIRST 5 ROWS WITH TIES",
    "SELECT url FROM logs GROUP BY ALL",
    "SELECT url FROM logs ORDER BY ALL",
    "SELECT url FROM logs ORDER BY url WITH FILL",
    "SELECT url FROM logs GROUP BY url WITH ROLLUP",
    "SELECT url FROM logs CONNECT BY PRIOR url = method",
    "SELECT url FROM logs CLUSTER BY url",
    "SELECT url FROM logs SETTINGS max_threads = 1",
    "SELECT url FROM logs FORMAT JSON",
    "SELECT url FROM logs PREWHERE true",
    "SELECT FROM logs",
    "SELECT *",
    "SELECT x.* FROM logs",
    "SELECT url FROM (SELECT url FROM logs ORDER BY url LIMIT 5 OFFSET 5)",
    // Expressions and functions.
    "SELECT sleep(1)",
    "SELECT invoke_lambda(url) FROM logs",
    "SELECT pg_read_file('x')",
    "SELECT system.f(url) FROM logs",
    "SELECT \"lower\"(url) FROM logs",
    "SELECT fail('x')",
    "SELECT current_user",
    "SELECT session_user",
    "SELECT user",
    "SELECT current_catalog",
    "SELECT version()",
    "SELECT arrow_cast(url, 'Binary') FROM logs",
    "SELECT unnest(split(url, '/')) FROM logs",
    "SELECT \"cast as json\"(url) FROM logs",
    "SELECT transform(split(url, '/'), x -> upper(x)) FROM logs",
    "SELECT filter(ARRAY[1], x -> x > 0)",
    "SELECT count(url, *) FROM logs",
    "SELECT sum(*) FROM logs",
    "SELECT count(l.*) FROM logs l",
    "SELECT lower(DISTINCT url) FROM logs",
    "SELECT lower(url) OVER () FROM logs",
    "SELECT lower(url) FILTER (WHERE true) FROM logs",
    "SELECT row_number() FROM logs",
    "SELECT round(x => 1)",
    "SELECT listagg(url, ',') WITHIN GROUP (ORDER BY url) FROM logs",
    "SELECT {fn lower(url)} FROM logs",
    "SELECT {d '2022-01-01'}",
    "SELECT url COLLATE x FROM logs",
    "SELECT CONVERT(url, char) FROM logs",
    "SELECT CAST(url AS array(varchar)) FROM logs",
    "SELECT CAST(url AS varchar(5)) FROM logs",
    "SELECT CAST(url AS secret_type) FROM logs",
    "SELECT CAST(ROW(1) AS ROW(a bigint))",
    "SELECT SAFE_CAST(url AS bigint) FROM logs",
    "SELECT url::regclass FROM logs",
    "SELECT url ~ 'x' FROM logs",
    "SELECT url -> 'x' FROM logs",
    "SELECT url RLIKE 'x' FROM logs",
    "SELECT url SIMILAR TO 'x' FROM logs",
    "SELECT url LIKE ANY ('x', 'y') FROM logs",
    "SELECT game_id = ANY (SELECT 1) FROM logs",
    "SELECT game_id > ALL (SELECT 1) FROM logs",
    "SELECT (url, method) FROM logs",
    "SELECT * FROM logs WHERE (url, method) IN (('a', 'b'))",
    "SELECT url FROM logs WHERE url IN ()",
    "SELECT url FROM logs WHERE url IN (SELECT url, method FROM logs)",
    "SELECT game_id & 1 FROM logs",
    "SELECT game_id ^ 1 FROM logs",
    "SELECT game_id << 1 FROM logs",
    "SELECT ~game_id FROM logs",
    "SELECT !true",
    "SELECT game_id DIV 2 FROM logs",
    "SELECT url IS JSON FROM logs",
    "SELECT url IS NORMALIZED FROM logs",
    "SELECT (url).x FROM logs",
    "SELECT split(url, '/')[1:2] FROM logs",
    "SELECT STRUCT(1)",
    "SELECT MAP {1: 2}",
    "SELECT {'a': 1}",
    "SELECT [1, 2]",
    "SELECT OVERLAY('a' PLACING 'b' FROM 1)",
    "SELECT MATCH (url) AGAINST ('x') FROM logs",
    "SELECT ceil(inDate TO DAY) FROM logs",
    "SELECT EXTRACT(EPOCH FROM inDate) FROM logs",
    "SELECT EXTRACT(TIMEZONE_REGION FROM inDate) FROM logs",
    "SELECT PRIOR url FROM logs",
    "SELECT fidelog_skeleton FROM logs",
    "SELECT l.fidelog_skeleton FROM logs l",
    "SELECT \"FIDELOG_SKELETON\" FROM logs",
    "SELECT lower(to_hex(fidelog_skeleton)) FROM logs",
    "SELECT fidelog_ns_ts FROM logs",
    "SELECT c0 FROM logs",
    "SELECT t0.url FROM logs",
    // Literals that printers and readers disagree about.
    "SELECT N'it''s'",
    "SELECT E'a\\nb'",
    "SELECT U&'\\0041'",
    "SELECT B'01'",
    "SELECT X'ab'",
    "SELECT 0x10",
    "SELECT R'a'",
    "SELECT q'[a]'",
    "SELECT $$a$$",
    "SELECT $1",
    "SELECT :x",
    "SELECT @x",
    "SELECT @@version",
    "SELECT #x FROM logs",
    "SELECT 10L",
    "SELECT 1_000 + x",
    "SELECT 99999999999999999999",
    "SELECT INTERVAL '1 day'",
    "SELECT INTERVAL '1' DAY TO SECOND",
    "SELECT INTERVAL '1; DROP TABLE logs' DAY",
    "SELECT TIME '12:00:00'",
    "SELECT TIMESTAMP 'x'",
    "SELECT TIMESTAMP '2022-01-01 00:00:00.0000001'",
    "SELECT DATE '2022-02-30'",
    "SELECT JSON '[]'",
    "SELECT url FROM logs WHERE inDate > 1641449370000",
    "SELECT url FROM logs WHERE inDate IN ('2022-01-06', 'x')",
    "SELECT url FROM logs WHERE url LIKE 'a' ESCAPE 'xy'",
    "SELECT url FROM logs WHERE url LIKE 'a!b' ESCAPE '!'",
    "SELECT 1 WHERE 1 IS DISTINCT FROM 2 AND true",
    "SELECT 'a' 'b'",
];

#[test]
fn attacks_are_refused() {
    for sql in REFUSED {
        let error = refusal(sql);
        assert!(!error.detail.is_empty() && !error.hint.is_empty(), "{sql}: {error:?}");
    }
    assert!(REFUSED.len() >= 160);
}

#[test]
fn all_but_a_few_refusals_have_a_position() {
    let without: Vec<&&str> = REFUSED.iter().filter(|sql| refusal(sql).position.is_none()).collect();
    assert!(without.is_empty(), "{without:#?}");
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
        assert!(error.detail.contains(&format!("{n} parameters")), "{error}");
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
