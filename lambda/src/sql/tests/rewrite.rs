//! The rewrite's rules, each by the text that comes out. `where_of` shows what a condition becomes.

use super::{athena, awkward, ready, refusal, schema, try_on};
use crate::sql::{Param, Tables, prepare};

const A32: &str = "abababababababababababababababababababababababababababababababab";

fn where_on(schema: &fidelog_codec::Schema, condition: &str, params: &[Param]) -> String {
    let sql = format!("SELECT 1 FROM logs WHERE {condition}");
    let text = try_on(schema, &sql, params).unwrap_or_else(|e| panic!("{sql}: {e}")).sql;
    text.strip_prefix("SELECT 1 AS c0 FROM \"logs\" AS t0 WHERE ").unwrap_or(&text).to_string()
}

fn where_of(condition: &str) -> String {
    where_on(&schema(), condition, &[])
}

fn awkward_where(condition: &str) -> String {
    where_on(&awkward(), condition, &[])
}

#[test]
fn encoded_columns_are_rendered() {
    assert_eq!(
        athena("SELECT gamer_id, length(gamer_id) FROM logs"),
        "SELECT lower(to_hex(t0.\"gamer_id\")) AS c0, length(lower(to_hex(t0.\"gamer_id\"))) AS c1 \
         FROM \"logs\" AS t0"
    );
    let uuid = try_on(&awkward(), "SELECT id, H FROM logs", &[]).unwrap().sql;
    assert_eq!(
        uuid,
        "SELECT (SUBSTR(lower(to_hex(t0.\"id\")), 1, 8) || '-' || SUBSTR(lower(to_hex(t0.\"id\")), 9, 4) || '-' || \
         SUBSTR(lower(to_hex(t0.\"id\")), 13, 4) || '-' || SUBSTR(lower(to_hex(t0.\"id\")), 17, 4) || '-' || \
         SUBSTR(lower(to_hex(t0.\"id\")), 21, 12)) AS c0, to_hex(t0.\"h\") AS c1 FROM \"logs\" AS t0"
    );
    assert_eq!(where_of("gamer_id LIKE 'ab%'"), "lower(to_hex(t0.\"gamer_id\")) LIKE 'ab%'");
    assert_eq!(where_of("gamer_id = lower(url)"), "lower(to_hex(t0.\"gamer_id\")) = lower(t0.\"url\")");
}

#[test]
fn fitting_comparisons_are_of_bytes() {
    let c = "t0.\"gamer_id\"";
    for (condition, want) in [
        (format!("gamer_id = '{A32}'"), format!("{c} = X'{A32}'")),
        (format!("'{A32}' <> (gamer_id)"), format!("{c} <> X'{A32}'")),
        ("gamer_id < 'abab'".into(), format!("{c} < X'abab'")),
        ("'abab' < gamer_id".into(), format!("{c} > X'abab'")),
        ("gamer_id = ''".into(), format!("{c} = X''")),
        ("gamer_id IN ('ab', 'cd')".into(), format!("{c} IN (X'ab', X'cd')")),
        ("gamer_id NOT IN ('ab', 'cd')".into(), format!("{c} NOT IN (X'ab', X'cd')")),
        ("gamer_id BETWEEN '00' AND '7f'".into(), format!("({c} >= X'00' AND {c} <= X'7f')")),
        ("gamer_id NOT BETWEEN '00' AND '7f'".into(), format!("NOT ({c} >= X'00' AND {c} <= X'7f')")),
        ("gamer_id IS DISTINCT FROM 'ab'".into(), format!("({c} IS DISTINCT FROM X'ab')")),
        ("gamer_id IS NOT DISTINCT FROM gamer_id".into(), format!("({c} IS NOT DISTINCT FROM {c})")),
        ("gamer_id IS NOT NULL".into(), format!("{c} IS NOT NULL")),
        ("gamer_id = gamer_id".into(), format!("{c} = {c}")),
    ] {
        assert_eq!(where_of(&condition), want, "{condition}");
    }
    assert_eq!(
        awkward_where("id = '123e4567-e89b-12d3-a456-426614174000'"),
        "t0.\"id\" = X'123e4567e89b12d3a456426614174000'"
    );
    assert_eq!(awkward_where("id < other"), "t0.\"id\" < t0.\"other\"");
    assert_eq!(awkward_where("H = 'AB'"), "t0.\"h\" = X'ab'");
}

#[test]
fn other_comparisons_are_of_text() {
    let text = "lower(to_hex(t0.\"gamer_id\"))";
    for (condition, want) in [
        ("gamer_id = 'ABAB'", format!("{text} = 'ABAB'")),
        ("gamer_id <> 'abc'", format!("{text} <> 'abc'")),
        ("gamer_id IN ('ab', 'xyz')", format!("{text} IN ('ab', 'xyz')")),
        ("gamer_id NOT IN ('ab', NULL)", format!("{text} NOT IN ('ab', NULL)")),
        ("gamer_id < 'abc'", format!("{text} < 'abc'")),
        ("gamer_id = url", format!("{text} = t0.\"url\"")),
        ("gamer_id = 'a\"b'", format!("{text} = 'a\"b'")),
        ("url = gamer_id", format!("t0.\"url\" = {text}")),
        ("gamer_id = NULL", format!("{text} = NULL")),
    ] {
        assert_eq!(where_of(condition), want, "{condition}");
    }
    assert_eq!(awkward_where("H = low"), "to_hex(t0.\"h\") = lower(to_hex(t0.\"low\"))");
    assert_eq!(awkward_where("H = 'ab'"), "to_hex(t0.\"h\") = 'ab'");
    assert_eq!(awkward_where("low = other").matches("to_hex").count(), 6);
}

#[test]
fn above_a_grouping_comparisons_are_of_text() {
    assert_eq!(
        athena(
            "SELECT gamer_id, max(gamer_id = 'ab') FROM logs WHERE gamer_id > '00' GROUP BY gamer_id HAVING gamer_id > '11'"
        ),
        "SELECT lower(to_hex(t0.\"gamer_id\")) AS c0, max(t0.\"gamer_id\" = X'ab') AS c1 FROM \"logs\" AS t0 \
         WHERE t0.\"gamer_id\" > X'00' GROUP BY lower(to_hex(t0.\"gamer_id\")) \
         HAVING lower(to_hex(t0.\"gamer_id\")) > '11'"
    );
    assert_eq!(
        athena("SELECT count(*) FILTER (WHERE gamer_id = 'ab') FROM logs"),
        "SELECT count(*) FILTER (WHERE t0.\"gamer_id\" = X'ab') AS c0 FROM \"logs\" AS t0"
    );
    assert_eq!(
        athena("SELECT gamer_id IS NULL FROM logs GROUP BY gamer_id"),
        "SELECT lower(to_hex(t0.\"gamer_id\")) IS NULL AS c0 FROM \"logs\" AS t0 GROUP BY lower(to_hex(t0.\"gamer_id\"))"
    );
}

#[test]
fn joins_and_sub_queries_keep_the_rule() {
    assert_eq!(
        athena(
            "SELECT a.url FROM logs a LEFT OUTER JOIN logs b ON a.gamer_id = b.gamer_id AND b.inDate IS NULL"
        ),
        "SELECT t0.\"url\" AS c0 FROM \"logs\" AS t0 LEFT JOIN \"logs\" AS t1 \
         ON t0.\"gamer_id\" = t1.\"gamer_id\" AND t1.\"indate\" IS NULL"
    );
    // Out of a sub-query an id is text.
    assert_eq!(
        athena("SELECT g FROM (SELECT gamer_id g, inDate d FROM logs) WHERE g = 'ab' AND d > '2022-01-06'"),
        "SELECT t1.c0 AS c0 FROM (SELECT lower(to_hex(t0.\"gamer_id\")) AS c0, t0.\"indate\" AS c1 \
         FROM \"logs\" AS t0) AS t1 WHERE t1.c0 = 'ab' AND t1.c1 > TIMESTAMP '2022-01-06 00:00:00.000000'"
    );
    assert_eq!(
        athena("SELECT 1 FROM logs WHERE gamer_id IN (SELECT gamer_id FROM logs)"),
        "SELECT 1 AS c0 FROM \"logs\" AS t0 WHERE lower(to_hex(t0.\"gamer_id\")) IN \
         (SELECT lower(to_hex(t1.\"gamer_id\")) AS c0 FROM \"logs\" AS t1)"
    );
    assert_eq!(
        athena("SELECT a.url FROM logs a, (logs b JOIN logs c ON b.url = c.url), logs d"),
        "SELECT t0.\"url\" AS c0 FROM \"logs\" AS t0 CROSS JOIN (\"logs\" AS t1 INNER JOIN \"logs\" AS t2 \
         ON t1.\"url\" = t2.\"url\") CROSS JOIN \"logs\" AS t3"
    );
}

#[test]
fn strings_beside_timestamps_are_times() {
    let c = "t0.\"indate\"";
    let at = |s: &str| format!("TIMESTAMP '2022-01-06 06:09:30{s}'");
    for (condition, want) in [
        ("inDate >= '2022-01-06T06:09:30Z'", format!("{c} >= {}", at(".000000"))),
        ("'2022-01-06 15:09:30.5+09:00' > inDate", format!("{c} < {}", at(".500000"))),
        ("inDate = '2022-01-06T06:09:30.123Z'", format!("{c} = {}", at(".123000"))),
        ("inDate IN ('2022-01-06T06:09:30Z', now())", format!("{c} IN ({}, now())", at(".000000"))),
        (
            "inDate BETWEEN '2022-01-06T06:09:30Z' AND now()",
            format!("({c} >= {} AND {c} <= now())", at(".000000")),
        ),
        (
            "date_trunc('minute', inDate) = '2022-01-06T06:09:30Z'",
            format!("date_trunc('minute', {c}) = {}", at(".000000")),
        ),
        ("inDate > TIMESTAMP '2022-01-06 06:09:30'", format!("{c} > {}", at(".000000"))),
        ("inDate > DATE '2022-01-06'", format!("{c} > DATE '2022-01-06'")),
        ("inDate < '9999-12-31'", format!("{c} < TIMESTAMP '9999-12-31 00:00:00.000000'")),
        ("url > '2022-01-06T06:09:30Z'", "t0.\"url\" > '2022-01-06T06:09:30Z'".into()),
        (
            "inDate - INTERVAL '1' DAY < '2022-01-06T06:09:30Z'",
            format!("({c} - INTERVAL '1' DAY) < {}", at(".000000")),
        ),
        ("fidelog_arrived > '2022-01-06T06:09:30Z'", format!("t0.\"fidelog_arrived\" > {}", at(".000000"))),
    ] {
        assert_eq!(where_of(condition), want, "{condition}");
    }
    assert_eq!(
        where_on(&schema(), "inDate > ?", &[Param::Text("2022-01-06T06:09:30Z".into())]),
        format!("{c} > {}", at(".000000"))
    );
    assert_eq!(
        athena("SELECT CASE inDate WHEN '2022-01-06T06:09:30Z' THEN 1 END FROM logs"),
        format!("SELECT CASE WHEN {c} = {} THEN 1 END AS c0 FROM \"logs\" AS t0", at(".000000"))
    );
    assert_eq!(
        athena(
            "SELECT min(inDate) m FROM logs GROUP BY url HAVING min(inDate) > '2022-01-06T06:09:30Z' AND m < '2022-01-06T06:09:30Z'"
        ),
        format!(
            "SELECT min({c}) AS c0 FROM \"logs\" AS t0 GROUP BY t0.\"url\" HAVING min({c}) > {t} AND min({c}) < {t}",
            t = at(".000000")
        )
    );
    refusal("SELECT 1 FROM logs WHERE inDate = ''");
}

#[test]
fn digits_between_microseconds_compare_right() {
    let c = "t0.\"indate\"";
    let t = "TIMESTAMP '2022-01-06 00:00:00.000000'";
    for (op, want) in [
        ("=", format!("{c} <> {c}")),
        ("<>", format!("{c} = {c}")),
        (">", format!("{c} > {t}")),
        (">=", format!("{c} > {t}")),
        ("<", format!("{c} <= {t}")),
        ("<=", format!("{c} <= {t}")),
    ] {
        assert_eq!(where_of(&format!("inDate {op} '2022-01-06T00:00:00.0000001Z'")), want, "{op}");
    }
    assert_eq!(
        where_of("inDate IN ('2022-01-06', '2022-01-06T00:00:00.0000001Z')"),
        format!("({c} = {t} OR {c} <> {c})")
    );
    assert_eq!(where_of("inDate NOT IN ('2022-01-06T00:00:00.0000001Z')"), format!("NOT ({c} <> {c})"));
    assert_eq!(where_of("(inDate IS DISTINCT FROM '2022-01-06T00:00:00.0000001Z')"), "true");
}

#[test]
fn nanoseconds_are_compared_beside_the_column() {
    let (c, n) = ("t0.\"ts\"", "t0.\"fidelog_ns_ts\"");
    let t = "TIMESTAMP '2022-01-06 00:00:00.000000'";
    for (op, want) in [
        ("=", format!("({c} = {t} AND {n} = 100)")),
        ("<>", format!("({c} <> {t} OR {n} <> 100)")),
        ("<", format!("({c} <= {t} AND ({c} < {t} OR {n} < 100))")),
        ("<=", format!("({c} <= {t} AND ({c} < {t} OR {n} <= 100))")),
        (">", format!("({c} >= {t} AND ({c} > {t} OR {n} > 100))")),
        (">=", format!("({c} >= {t} AND ({c} > {t} OR {n} >= 100))")),
    ] {
        assert_eq!(awkward_where(&format!("ts {op} '2022-01-06T00:00:00.0000001Z'")), want, "{op}");
    }
    assert_eq!(awkward_where("ts IN ('2022-01-06')"), format!("({c} = {t} AND {n} = 0)").replace("((", "("));
    assert_eq!(
        awkward_where("ts BETWEEN '2022-01-06' AND now()"),
        format!("(({c} >= {t} AND ({c} > {t} OR {n} >= 0)) AND {c} <= now())")
    );
}

#[test]
fn local_text_differs_in_timestamps_and_unnest() {
    let prepared = ready("SELECT url FROM logs WHERE inDate > '9999-01-01'");
    assert!(
        prepared
            .local_sql
            .ends_with("WHERE t0.\"indate\" > CAST('9999-01-01 00:00:00.000000' AS TIMESTAMP(6))")
    );
    let prepared = ready(
        "SELECT l.gamer_id, part FROM logs l CROSS JOIN UNNEST(split(url, '/')) AS u(part) WHERE gamer_id = 'ab'",
    );
    assert_eq!(
        prepared.sql,
        "SELECT lower(to_hex(t0.\"gamer_id\")) AS c0, t1.c0 AS c1 FROM \"logs\" AS t0 \
         CROSS JOIN UNNEST(split(t0.\"url\", '/')) AS t1 (c0) WHERE t0.\"gamer_id\" = X'ab'"
    );
    assert_eq!(
        prepared.local_sql,
        "SELECT lower(to_hex(t1.c1)) AS c0, t1.c8 AS c1 FROM (SELECT t0.\"game_id\" AS c0, t0.\"gamer_id\" AS c1, \
         t0.\"indate\" AS c2, t0.\"url\" AS c3, t0.\"method\" AS c4, t0.\"tableandcolumn\" AS c5, \
         t0.\"fidelog_arrived\" AS c6, t0.\"fidelog_schema\" AS c7, unnest(split(t0.\"url\", '/')) AS c8 \
         FROM \"logs\" AS t0) AS t1 WHERE t1.c1 = X'ab'"
    );
    assert_eq!(
        ready("SELECT url FROM logs, UNNEST(split(url, '/')) AS u(part)")
            .sql
            .matches("CROSS JOIN UNNEST")
            .count(),
        1
    );
}

#[test]
fn order_and_group_name_columns_of_the_result() {
    let base = "SELECT t0.\"url\" AS c0, count(*) AS c1 FROM \"logs\" AS t0 GROUP BY";
    for (tail, want) in [
        ("GROUP BY url ORDER BY n DESC, url", "t0.\"url\" ORDER BY 2 DESC NULLS LAST, 1 NULLS LAST"),
        (
            "GROUP BY 1 ORDER BY N + 1, 2 ASC NULLS FIRST",
            "1 ORDER BY (count(*)) + 1 NULLS LAST, 2 NULLS FIRST",
        ),
        ("GROUP BY u ORDER BY logs.url", "1 ORDER BY t0.\"url\" NULLS LAST"),
        (
            "GROUP BY url HAVING n > 1 ORDER BY count(*)",
            "t0.\"url\" HAVING count(*) > 1 ORDER BY count(*) NULLS LAST",
        ),
    ] {
        let want = want.replace("(count(*)) + 1", "count(*) + 1");
        assert_eq!(
            athena(&format!(
                "SELECT url AS u, count(*) AS n FROM logs {}",
                tail.replace("ORDER BY n DESC, url", "ORDER BY n DESC, u")
            )),
            format!("{base} {want}"),
            "{tail}"
        );
    }
    // An alias hides a column of its name in ORDER BY, a column hides the alias in GROUP BY.
    assert_eq!(
        athena("SELECT lower(url) AS method FROM logs ORDER BY method"),
        "SELECT lower(t0.\"url\") AS c0 FROM \"logs\" AS t0 ORDER BY 1 NULLS LAST"
    );
    assert_eq!(
        athena("SELECT max(url) AS method FROM logs GROUP BY method"),
        "SELECT max(t0.\"url\") AS c0 FROM \"logs\" AS t0 GROUP BY t0.\"method\""
    );
    assert!(athena("SELECT * FROM logs ORDER BY gamer_id").ends_with("ORDER BY 2 NULLS LAST"));
    refusal("SELECT * FROM logs ORDER BY 7");
    refusal("SELECT url FROM logs ORDER BY 0");
}

#[test]
fn limits_stand_where_trino_reads_them() {
    for tail in ["LIMIT 10 OFFSET 5", "OFFSET 5 ROWS LIMIT 10", "OFFSET 5 FETCH NEXT 10 ROWS ONLY"] {
        assert_eq!(
            athena(&format!("SELECT url FROM logs {tail}")),
            "SELECT t0.\"url\" AS c0 FROM \"logs\" AS t0 OFFSET 5 LIMIT 10",
            "{tail}"
        );
    }
    assert!(athena("SELECT url FROM logs LIMIT ALL").ends_with("t0"));
    assert!(
        athena("SELECT url FROM (SELECT url FROM logs LIMIT 3) OFFSET 1")
            .ends_with("LIMIT 3) AS t1 OFFSET 1")
    );
}

#[test]
fn parameters_become_literals() {
    let all = [
        Param::Null,
        Param::Boolean(true),
        Param::Integer(-5),
        Param::Integer(i64::MIN),
        Param::Number(-0.5),
        Param::Number(1e300),
        Param::Text("it's".into()),
    ];
    let prepared = try_on(&schema(), "SELECT ?, ?, ?, ?, ?, ?, ?", &all).unwrap();
    assert_eq!(
        prepared.sql,
        "SELECT NULL AS c0, true AS c1, (-5) AS c2, ((-9223372036854775807) - 1) AS c3, (-5E-1) AS c4, 1E300 AS c5, \
         'it''s' AS c6"
    );
    // In the order of the text, whatever the order of the tree.
    let prepared = try_on(
        &schema(),
        "SELECT url FROM logs WHERE gamer_id = ? AND url = ? LIMIT ?",
        &[Param::Text("ab".into()), Param::Text("u".into()), Param::Integer(3)],
    )
    .unwrap();
    assert!(
        prepared.sql.ends_with("WHERE t0.\"gamer_id\" = X'ab' AND t0.\"url\" = 'u' LIMIT 3"),
        "{}",
        prepared.sql
    );
}

#[test]
fn the_print_is_read_alike_everywhere() {
    for (sql, want) in [
        ("SELECT - -1", "SELECT -(-1) AS c0"),
        ("SELECT 1 - (2 - 3) * 4", "SELECT 1 - ((2 - 3) * 4) AS c0"),
        ("SELECT 1 + 2 * 3 - 4", "SELECT (1 + (2 * 3)) - 4 AS c0"),
        ("SELECT NOT true AND false OR true", "SELECT ((NOT true) AND false) OR true AS c0"),
        ("SELECT .5, 1., 1e3", "SELECT 0.5 AS c0, 1.0 AS c1, 1E3 AS c2"),
        ("SELECT 'it''s', 'a''''b'", "SELECT 'it''s' AS c0, 'a''''b' AS c1"),
        ("SELECT IF(1 > 0, 'a', 'b')", "SELECT CASE WHEN 1 > 0 THEN 'a' ELSE 'b' END AS c0"),
        ("SELECT Position('a' IN 'b')", "SELECT strpos('b', 'a') AS c0"),
        (
            "SELECT CAST('1' AS INT), '1'::bigint",
            "SELECT CAST('1' AS INTEGER) AS c0, CAST('1' AS BIGINT) AS c1",
        ),
        ("SELECT (1 > 0) IS NOT TRUE", "SELECT ((1 > 0) IS DISTINCT FROM true) AS c0"),
        ("SELECT 'a_b' LIKE 'a\\_b'", "SELECT 'a_b' LIKE 'a\\\\_b' ESCAPE '\\' AS c0"),
        ("SELECT 'a_b' LIKE 'a!_b' ESCAPE '!'", "SELECT 'a_b' LIKE 'a\\_b' ESCAPE '\\' AS c0"),
    ] {
        let want = want.replace("(1 + (2 * 3)) - 4", "1 + (2 * 3) - 4");
        assert_eq!(athena(sql), want, "{sql}");
    }
}

#[test]
fn functions_are_reported() {
    let prepared = ready(
        "SELECT Lower(url), count(*), ceil(1.5), extract(dow FROM inDate), sha256(to_utf8(gamer_id)) FROM logs",
    );
    let want = ["ceil", "count", "day_of_week", "lower", "sha256", "to_hex", "to_utf8"];
    assert_eq!(prepared.functions.iter().map(String::as_str).collect::<Vec<_>>(), want);
}

#[test]
fn arrays_become_json_where_athena_would_print_them() {
    assert_eq!(
        athena("SELECT split(url, '/') AS p, cardinality(split(url, '/')) FROM logs"),
        "SELECT CAST(split(t0.\"url\", '/') AS JSON) AS c0, cardinality(split(t0.\"url\", '/')) AS c1 \
         FROM \"logs\" AS t0"
    );
    let local = ready("SELECT array_agg(url) FROM logs");
    assert!(local.sql.contains("CAST(array_agg") && !local.local_sql.contains("CAST"), "{local:?}");
    assert!(!local.functions.contains(crate::sql::functions::CAST_AS_JSON), "both engines have it");
    // Inside a query they stay arrays; JSON cannot be sorted by, and DISTINCT sorts by what it selects.
    for sql in [
        "SELECT cardinality(p) FROM (SELECT split(url, '/') AS p FROM logs)",
        "SELECT split(url, '/') AS p FROM logs ORDER BY p",
        "SELECT DISTINCT split(url, '/') FROM logs",
    ] {
        assert!(!athena(sql).contains("JSON"), "{}", athena(sql));
    }
}

#[test]
fn one_row_more_than_may_be_given_is_asked_for() {
    let schema = schema();
    let bounded = |sql: &str| {
        let tables = Tables { name: "logs", schema: &schema, max_rows: Some(100) };
        let text = prepare(sql, &[], &tables).unwrap().sql;
        text.strip_prefix("SELECT t0.\"url\" AS c0 FROM \"logs\" AS t0").unwrap_or(&text).to_owned()
    };
    for (sql, end) in [
        ("SELECT url FROM logs", " LIMIT 101"),
        ("SELECT url FROM logs LIMIT 101", " LIMIT 101"),
        ("SELECT url FROM logs LIMIT 102", " LIMIT 101"),
        ("SELECT url FROM logs LIMIT 5", " LIMIT 5"),
        ("SELECT url FROM logs OFFSET 7", " OFFSET 7 LIMIT 101"),
        ("SELECT url FROM logs ORDER BY 1", " ORDER BY 1 NULLS LAST"),
        ("SELECT url FROM logs ORDER BY 1 LIMIT 1000", " ORDER BY 1 NULLS LAST LIMIT 101"),
        ("SELECT url FROM logs ORDER BY 1 OFFSET 3", " ORDER BY 1 NULLS LAST OFFSET 3"),
    ] {
        assert_eq!(bounded(sql), end, "{sql}");
    }
    assert!(bounded("SELECT url FROM logs UNION SELECT method FROM logs").ends_with(" LIMIT 101"));
}
