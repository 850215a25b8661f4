//! The gate's verdicts, seen from outside.

use tempfile::TempDir;

use crate::{
    client::{problem, text},
    local::client,
};

const ACCEPTED: &[&str] = &[
    "SELECT * FROM logs",
    "select count(*) from logs",
    "SELECT method, count(*) AS n FROM logs GROUP BY method ORDER BY n DESC",
    "SELECT * FROM logs WHERE gamer_id = 'abababababababababababababababababababababababababababababababab'",
    "SELECT inDate, url FROM logs WHERE inDate >= '2022-01-06T06:09:30Z' AND inDate < '2022-01-06T06:09:40.000Z'",
    "SELECT date_trunc('second', inDate) AS s, count(*) FROM logs GROUP BY 1 ORDER BY 1",
    "WITH g AS (SELECT game_id, count(*) c FROM logs GROUP BY game_id) SELECT * FROM g WHERE c > 100",
    "SELECT a.url FROM logs a JOIN logs b ON a.gamer_id = b.gamer_id AND a.inDate < b.inDate LIMIT 5",
    "SELECT url FROM logs WHERE url LIKE '/data/%' AND method IN ('GET', 'PUT')",
    "SELECT 'DROP TABLE logs' AS s FROM logs LIMIT 1",
    "SELECT \"inDate\" FROM logs -- trailing comment",
    "SELECT json_extract_scalar(tableAndColumn, '$[0].tableName') t, count(*) FROM logs \
     WHERE tableAndColumn IS NOT NULL GROUP BY 1",
    "SELECT approx_distinct(gamer_id) FROM logs",
    "SELECT game_id, count(*) FILTER (WHERE method = 'GET') FROM logs GROUP BY game_id HAVING count(*) > 10",
    "SELECT * FROM (SELECT game_id, row_number() OVER (PARTITION BY gamer_id ORDER BY inDate DESC) r FROM logs) \
     WHERE r = 1",
    "SELECT TRY_CAST(url AS bigint) FROM logs",
    "SELECT url FROM logs UNION ALL SELECT method FROM logs",
    "SELECT * FROM logs ORDER BY inDate DESC OFFSET 2 LIMIT 3",
    "SELECT url FROM logs WHERE game_id NOT IN (SELECT game_id FROM logs WHERE game_id > 1)",
    "SELECT url FROM logs a WHERE EXISTS (SELECT 1 FROM logs b WHERE b.gamer_id = a.gamer_id AND b.score > a.score)",
    "SELECT DISTINCT gamer_id, inDate FROM logs",
    "SELECT max(score) FROM logs GROUP BY GROUPING SETS ((game_id), ())",
];

const REFUSED: &[&str] = &[
    "UNLOAD (SELECT * FROM logs) TO 's3://elsewhere/' WITH (format='PARQUET')",
    "CREATE TABLE x AS SELECT * FROM logs",
    "INSERT INTO logs SELECT * FROM logs",
    "SELECT 1; DROP TABLE logs",
    "WITH x AS (SELECT 1) INSERT INTO logs SELECT * FROM x",
    "SELECT * FROM other_db.secrets",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM \"logs$partitions\"",
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT version() FROM logs",
    "",
    "SELEC * FROM logs",
];

#[tokio::test(flavor = "multi_thread")]
async fn accepted_queries_run_and_refused_ones_do_not() {
    let dir = TempDir::new().unwrap();
    let client = client(dir.path()).await;
    for sql in ACCEPTED {
        for accept in ["*/*", "application/json", "application/vnd.fidelog.block"] {
            let response = client.query(sql, accept).await;
            assert_eq!(response.status, 200, "{sql}: {}", text(&response));
        }
    }
    for sql in REFUSED {
        let (status, code) = problem(&client.query(sql, "*/*").await);
        assert!(status == 400 && (code == "sql_refused" || code == "sql_syntax"), "{sql}: {status} {code}");
    }
}
