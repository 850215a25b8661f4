//! Who is meant by a name, and what results' columns are called.

use super::{athena, awkward, names, ready, refusal, schema, try_on};

fn awkwardly(sql: &str) -> Result<String, String> {
    try_on(&awkward(), sql, &[]).map(|p| p.sql).map_err(|e| e.to_string())
}

#[test]
fn exact_case_wins() {
    for (name, column) in [
        ("Time", "time"),
        ("\"Time\"", "time"),
        ("time", "time_2"),
        ("\"time\"", "time_2"),
        ("TIME_2", "time_2"),
        ("userIdentity.arn", "useridentity_arn"),
        ("\"userIdentity.arn\"", "useridentity_arn"),
        ("USERIDENTITY.ARN", "useridentity_arn"),
        ("useridentity_arn", "useridentity_arn"),
        ("logs.userIdentity.arn", "useridentity_arn"),
        ("LOGS.\"UserIdentity_ARN\"", "useridentity_arn"),
    ] {
        let want = format!("SELECT t0.\"{column}\" AS c0 FROM \"logs\" AS t0");
        assert_eq!(awkwardly(&format!("SELECT {name} FROM logs")), Ok(want), "{name}");
    }
}

#[test]
fn ambiguity_names_the_candidates() {
    let error = awkwardly("SELECT TIME FROM logs").unwrap_err();
    assert!(error.contains("\"Time\", \"time\""), "{error}");
    let error = refusal("SELECT url FROM logs a, logs b");
    assert!(error.detail.contains("a.\"url\", b.\"url\""), "{error}");
    assert_eq!(error.position, Some((1, 8)));
    refusal("SELECT x FROM (SELECT 1 AS x, 2 AS X) WHERE \"x\" + X > 0 AND XX = 1");
    refusal("SELECT 1 AS n, 2 AS n ORDER BY n");
}

#[test]
fn a_hidden_column_is_named_but_not_starred() {
    let prepared = ready("SELECT *, fidelog_arrived FROM logs");
    assert_eq!(
        names(&prepared),
        ["game_id", "gamer_id", "inDate", "url", "method", "tableAndColumn", "fidelog_arrived"]
    );
    assert_eq!(
        prepared.columns.iter().map(|c| c.field).collect::<Vec<_>>(),
        [Some(0), Some(1), Some(2), Some(3), Some(4), Some(5), None]
    );
    assert!(!prepared.exact);
}

#[test]
fn results_are_named_as_in_athena() {
    for (sql, want) in [
        (
            "SELECT indate, INDATE, url AS \"My Url\", count(*), 1 + 1 AS two, url || 'x' FROM logs",
            vec!["inDate", "inDate", "My Url", "_col3", "two", "_col5"],
        ),
        (
            "SELECT a.*, b.url FROM logs a, logs b",
            vec!["game_id", "gamer_id", "inDate", "url", "method", "tableAndColumn", "url"],
        ),
        (
            "WITH g(a, b) AS (SELECT url, count(*) FROM logs GROUP BY 1) SELECT *, B FROM g",
            vec!["a", "b", "b"],
        ),
        ("SELECT * FROM (SELECT 1, inDate FROM logs)", vec!["_col0", "inDate"]),
        ("SELECT url x FROM logs UNION SELECT method FROM logs", vec!["x"]),
        ("SELECT (url) FROM logs", vec!["url"]),
    ] {
        assert_eq!(names(&ready(sql)), want, "{sql}");
    }
    let nested = try_on(&awkward(), "SELECT useridentity_arn FROM logs", &[]).unwrap();
    assert_eq!(names(&nested), ["userIdentity.arn"]);
}

#[test]
fn fields_are_known_through_sub_queries() {
    let prepared = ready("SELECT d, url FROM (SELECT inDate AS d, lower(url) AS url FROM logs)");
    assert_eq!(prepared.columns.iter().map(|c| c.field).collect::<Vec<_>>(), [Some(2), None]);
    let prepared = ready("SELECT url, inDate FROM logs UNION ALL SELECT method, inDate FROM logs");
    assert_eq!(prepared.columns.iter().map(|c| c.field).collect::<Vec<_>>(), [None, Some(2)]);
}

#[test]
fn scopes_nest() {
    assert_eq!(
        athena(
            "SELECT url FROM logs a WHERE EXISTS (SELECT 1 FROM logs b WHERE a.url = b.method AND game_id = 1)"
        ),
        "SELECT t0.\"url\" AS c0 FROM \"logs\" AS t0 WHERE EXISTS (SELECT 1 AS c0 FROM \"logs\" AS t1 \
         WHERE t0.\"url\" = t1.\"method\" AND t1.\"game_id\" = 1)"
    );
    refusal("SELECT a.url FROM logs b WHERE EXISTS (SELECT 1 FROM logs a)");
    refusal("SELECT url FROM (SELECT method FROM logs)");
    refusal("SELECT n FROM logs WHERE n > 1 AND 1 = (SELECT 1 AS n)");
    refusal("SELECT url AS n FROM logs WHERE n = 'a'");
    refusal("SELECT 1 FROM (WITH a AS (SELECT 1 x) SELECT x FROM a), a");
    refusal("SELECT logs.url FROM logs l");
}

#[test]
fn a_common_table_shadows() {
    assert_eq!(
        athena("WITH logs AS (SELECT url FROM logs), x AS (SELECT url u FROM Logs) SELECT * FROM x"),
        "WITH q0 AS (SELECT t0.\"url\" AS c0 FROM \"logs\" AS t0)".replace("q0", "q1").to_string()
            + ", q3 AS (SELECT t2.c0 AS c0 FROM q1 AS t2) SELECT t4.c0 AS c0 FROM q3 AS t4"
    );
    assert!(!ready("WITH logs AS (SELECT * FROM logs) SELECT * FROM logs").exact);
}

#[test]
fn whole_records_are_recognised() {
    for sql in [
        "SELECT * FROM logs",
        "SELECT l.* FROM logs AS l WHERE l.url = 'a' ORDER BY inDate DESC LIMIT 5",
        "SELECT logs.* FROM Logs",
        "SELECT * FROM logs WHERE game_id IN (SELECT game_id FROM logs GROUP BY 1) OFFSET 3",
        "WITH x AS (SELECT 1 a) SELECT * FROM logs WHERE game_id = (SELECT a FROM x)",
        "SELECT ALL * FROM logs",
        "SELECT * FROM logs l ORDER BY (SELECT max(m.url) FROM logs m WHERE m.gamer_id = l.gamer_id)",
    ] {
        let prepared = ready(sql);
        assert!(prepared.exact, "{sql}");
        assert_eq!(names(&prepared).len(), 6);
        assert!(
            prepared.sql.contains(
                "t0.\"game_id\" AS c0, t0.\"gamer_id\" AS c1, t0.\"indate\" AS c2, t0.\"url\" AS c3, \
                 t0.\"method\" AS c4, t0.\"tableandcolumn\" AS c5, t0.\"fidelog_schema\" AS c6, \
                 t0.\"fidelog_skeleton\" AS c7 FROM"
            ) || sql.contains("WITH"),
            "{}",
            prepared.sql
        );
    }
    for sql in [
        "SELECT DISTINCT * FROM logs",
        "SELECT *, url FROM logs",
        "SELECT * FROM logs a, logs b",
        "SELECT a.* FROM logs a JOIN logs b ON a.url = b.url",
        "SELECT * FROM (SELECT * FROM logs)",
        "SELECT * FROM logs UNION ALL SELECT * FROM logs",
        "(SELECT * FROM logs)",
        "SELECT game_id, gamer_id, inDate, url, method, tableAndColumn FROM logs",
    ] {
        assert!(!ready(sql).exact, "{sql}");
        assert!(!ready(sql).sql.contains("fidelog_skeleton"), "{sql}");
    }
    let wide = try_on(&awkward(), "SELECT * FROM logs", &[]).unwrap();
    assert!(
        wide.sql.contains("t0.\"ts\" AS c7, t0.\"fidelog_ns_ts\" AS c8, t0.\"fidelog_schema\" AS c9"),
        "{}",
        wide.sql
    );
    assert_eq!(wide.columns.len(), 8);
}

#[test]
fn an_empty_schema_still_gives_records() {
    let none = fidelog_codec::Schema::new(fidelog_codec::schema::Style::default(), None, Vec::new()).unwrap();
    let prepared = try_on(&none, "SELECT * FROM logs", &[]).unwrap();
    assert_eq!(
        prepared.sql,
        "SELECT t0.\"fidelog_schema\" AS c0, t0.\"fidelog_skeleton\" AS c1 FROM \"logs\" AS t0"
    );
    assert!(prepared.exact && prepared.columns.is_empty());
    assert!(try_on(&schema(), "SELECT 1 FROM \"logs\" \"l\"\"x\" WHERE \"l\"\"x\".url = 'a'", &[]).is_ok());
}
