//! What the SQL gate lets through and what it refuses, over HTTP.

use fidelog_tests::cases;

use crate::harness::{Server, fidelog, run_with};

const ACCEPTED: &[&str] = &[
    "SELECT * FROM logs",
    "select Count(*) from LOGS",
    "SELECT url, count(*) AS calls FROM logs GROUP BY url ORDER BY calls DESC",
    "SELECT * FROM logs WHERE gamer_id = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0'",
    "SELECT inDate, method FROM logs WHERE inDate >= '2031-05-17T21:00:00Z' AND inDate < '2031-05-17T21:30:00.000Z'",
    "SELECT date_trunc('hour', inDate) AS h, count(*) FROM logs GROUP BY 1 ORDER BY 1",
    "WITH per AS (SELECT game_id, count(*) n FROM logs GROUP BY game_id) SELECT * FROM per WHERE n > 5",
    "SELECT x.url FROM logs x JOIN logs y ON x.gamer_id = y.gamer_id AND x.inDate < y.inDate LIMIT 3",
    "SELECT url FROM logs WHERE url LIKE '/v2/%' AND method IN ('POST', 'GET')",
    "SELECT 'INSERT INTO logs' AS words FROM logs LIMIT 1",
    "SELECT \"inDate\" FROM logs -- and a comment",
    "SELECT json_extract_scalar(tableAndColumn, '$[0].tableName') t, count(*) FROM logs WHERE tableAndColumn IS NOT NULL GROUP BY 1",
    "SELECT approx_distinct(gamer_id) FROM logs",
    "SELECT game_id, count(*) FILTER (WHERE method = 'POST') FROM logs GROUP BY game_id HAVING count(*) > 1",
    "SELECT * FROM (SELECT game_id, row_number() OVER (PARTITION BY gamer_id ORDER BY inDate DESC) r FROM logs) WHERE r = 1",
    "SELECT TRY_CAST(url AS bigint) FROM logs",
    "SELECT url FROM logs UNION ALL SELECT method FROM logs",
];

const REFUSED: &[&str] = &[
    "UNLOAD (SELECT * FROM logs) TO 's3://somewhere/' WITH (format = 'PARQUET')",
    "CREATE TABLE copy AS SELECT * FROM logs",
    "INSERT INTO logs SELECT * FROM logs",
    "DROP TABLE logs",
    "SELECT 1; DROP TABLE logs",
    "WITH x AS (SELECT 1) INSERT INTO logs SELECT * FROM x",
    "SELECT * FROM another_db.passwords",
    "SELECT * FROM information_schema.columns",
    "/**/DROP/**/TABLE logs",
    "USING EXTERNAL FUNCTION f(x VARCHAR) RETURNS VARCHAR LAMBDA 'leak' SELECT f(url) FROM logs",
    "EXECUTE q USING 1",
    "PREPARE q FROM SELECT 1",
    "MSCK REPAIR TABLE logs",
    "SELECT * FROM \"logs$snapshots\"",
    "SELECT * FROM logs WHERE game_id = (SELECT max(id) FROM passwords)",
    "",
    "SELEC * FROM logs",
    "SELECT * FROM logs, passwords",
    "EXPLAIN ANALYZE DELETE FROM logs",
    "SHOW TABLES",
    "VACUUM logs",
    "SELECT * FROM read_text('/etc/hostname')",
];

#[test]
fn verdicts() {
    let folder = tempfile::tempdir().unwrap();
    let schema = fidelog_tests::vectors::directory().join("game.schema.json");
    let mut command = fidelog();
    command.args(["consume", "--from", "-", "--schema"]).arg(schema).arg("--to").arg(folder.path());
    assert!(run_with(&mut command, &cases::ordinary()).status.success());
    let server = Server::start(folder.path());
    for sql in ACCEPTED {
        let answer = server.get("/v1/query", &[("sql", sql)], &[]);
        assert_eq!(answer.status, 200, "{sql}: {}", String::from_utf8_lossy(&answer.body));
    }
    for sql in REFUSED {
        let answer = server.get("/v1/query", &[("sql", sql)], &[]);
        assert_eq!(answer.status, 400, "{sql}: {}", String::from_utf8_lossy(&answer.body));
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
        assert!(matches!(code.as_str(), "sql_refused" | "sql_syntax"), "{sql}: {code}");
    }
}
