//! Every function that both engines promise, under Athena's name with Athena's meaning.

use fidelog_lambda::sql::functions::{Support, names};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    caller::{json, text},
    local::{client, rows},
};

/// Expressions over one record, and what they give.
fn scalars() -> Vec<(&'static str, Value)> {
    vec![
        ("chr(233)", json!("é")),
        ("codepoint('é')", json!(233)),
        ("concat('a', 'b', 'c')", json!("abc")),
        ("concat('a', NULL)", json!(null)),
        ("'a' || 'b'", json!("ab")),
        ("to_hex(from_hex('0aFF'))", json!("0AFF")),
        ("from_hex('0a')", json!("0a")),
        ("length('é🦀')", json!(2)),
        ("lower('AÉ')", json!("aé")),
        ("upper('aé')", json!("AÉ")),
        ("lpad('7', 3, '0')", json!("007")),
        ("rpad('7', 3, '0')", json!("700")),
        ("ltrim('  a ')", json!("a ")),
        ("rtrim('  a ')", json!("  a")),
        ("trim('  a ')", json!("a")),
        ("regexp_extract('GET /a/b', '/(\\w)/(\\w)')", json!("/a/b")),
        ("regexp_extract('GET /a/b', '/(\\w)/(\\w)', 2)", json!("b")),
        ("regexp_extract('GET', '/')", json!(null)),
        ("regexp_like('GET /a', '/[a-z]')", json!(true)),
        ("regexp_like('GET /a', '^/')", json!(false)),
        ("regexp_replace('a1b22', '\\d+')", json!("ab")),
        ("regexp_replace('a1b22', '(\\d)', '<$1>x')", json!("a<1>xb<2>x<2>x")),
        ("regexp_replace('ab', '(a)(b)', '$2$1\\$')", json!("ba$")),
        ("replace('aXbX', 'X')", json!("ab")),
        ("replace('aXbX', 'X', 'yy')", json!("ayybyy")),
        ("reverse('abc')", json!("cba")),
        ("split('a,b,,c', ',')", json!(["a", "b", "", "c"])),
        ("split('a,b,c', ',', 2)", json!(["a", "b,c"])),
        ("split_part('a,b', ',', 2)", json!("b")),
        ("split_part('a,b', ',', 3)", json!(null)),
        ("starts_with('/data/x', '/data')", json!(true)),
        ("strpos('abcb', 'b')", json!(2)),
        ("strpos('abc', 'z')", json!(0)),
        ("substr('héllo', 2, 3)", json!("éll")),
        ("substr('hello', -3)", json!("llo")),
        ("substr('hello', 0)", json!("")),
        ("substr('hello', 4, 100)", json!("lo")),
        ("substr('hello', -9)", json!("")),
        // Times.
        ("date_add('month', 1, timestamp '2022-01-31 00:00:00')", json!("2022-02-28T00:00:00.000Z")),
        ("date_add('day', -7, date '2022-01-06')", json!("2021-12-30")),
        (
            "date_add('millisecond', 5, timestamp '2022-01-06 06:09:45.117')",
            json!("2022-01-06T06:09:45.122Z"),
        ),
        ("date_diff('day', timestamp '2022-01-01 12:00:00', timestamp '2022-01-03 11:00:00')", json!(1)),
        ("date_diff('month', timestamp '2022-01-31 00:00:00', timestamp '2022-03-30 00:00:00')", json!(1)),
        ("date_diff('second', timestamp '2022-01-06 06:10:00', timestamp '2022-01-06 06:09:00')", json!(-60)),
        ("date_diff('year', date '2020-02-29', date '2022-02-28')", json!(2)),
        (
            "date_format(timestamp '2022-01-06 06:09:45.117', '%Y-%m-%d %H:%i:%s.%f %a %b %c %e %j %l %p %y %%')",
            json!("2022-01-06 06:09:45.117000 Thu Jan 1 6 006 6 AM 22 %"),
        ),
        (
            "date_format(timestamp '2022-01-06 18:09:45', '%W %M %T %r')",
            json!("Thursday January 18:09:45 06:09:45 PM"),
        ),
        ("date_parse('2022-01-06 06:09', '%Y-%m-%d %H:%i')", json!("2022-01-06T06:09:00.000Z")),
        ("date_parse('06/Jan/2022:06:09:45.5', '%d/%b/%Y:%T.%f')", json!("2022-01-06T06:09:45.500Z")),
        ("date_parse('2022', '%Y')", json!("2022-01-01T00:00:00.000Z")),
        ("date_trunc('hour', timestamp '2022-01-06 06:09:45.117')", json!("2022-01-06T06:00:00.000Z")),
        ("date_trunc('week', timestamp '2022-01-06 06:09:45.117')", json!("2022-01-03T00:00:00.000Z")),
        ("date_trunc('month', timestamp '2022-01-06 06:09:45.117')", json!("2022-01-01T00:00:00.000Z")),
        ("year(timestamp '2022-01-06 06:09:45.117')", json!(2022)),
        ("quarter(date '2022-05-06')", json!(2)),
        ("month(timestamp '2022-01-06 06:09:45.117')", json!(1)),
        ("week(date '2022-01-01')", json!(52)),
        ("day(timestamp '2022-01-06 06:09:45.117')", json!(6)),
        ("day_of_month(date '2022-01-06')", json!(6)),
        ("day_of_week(date '2022-01-09')", json!(7)),
        ("dow(date '2022-01-10')", json!(1)),
        ("day_of_year(date '2022-02-01')", json!(32)),
        ("doy(date '2022-02-01')", json!(32)),
        ("hour(timestamp '2022-01-06 06:09:45.117')", json!(6)),
        ("minute(timestamp '2022-01-06 06:09:45.117')", json!(9)),
        ("second(timestamp '2022-01-06 06:09:45.117')", json!(45)),
        ("millisecond(timestamp '2022-01-06 06:09:45.117')", json!(117)),
        ("extract(hour FROM timestamp '2022-01-06 06:09:45.117')", json!(6)),
        ("from_iso8601_timestamp('2022-01-06T15:09:45.117+09:00')", json!("2022-01-06T06:09:45.117Z")),
        ("from_iso8601_timestamp('2022-01-06T06:09:45Z')", json!("2022-01-06T06:09:45.000Z")),
        ("from_iso8601_timestamp('2022-01-06')", json!("2022-01-06T00:00:00.000Z")),
        ("from_unixtime(1641449385.117)", json!("2022-01-06T06:09:45.117Z")),
        ("to_unixtime(timestamp '2022-01-06 06:09:45.117')", json!(1641449385.117)),
        ("to_iso8601(timestamp '2022-01-06 06:09:45.117')", json!("2022-01-06T06:09:45.117")),
        ("to_iso8601(date '2022-01-06')", json!("2022-01-06")),
        ("now() > timestamp '2022-01-06 06:09:45.117'", json!(true)),
        ("current_timestamp > inDate", json!(true)),
        ("current_date > date '2022-01-06'", json!(true)),
        ("CAST(timestamp '2022-01-06 06:09:45.117' AS varchar)", json!("2022-01-06 06:09:45.117")),
        ("CAST('2022-01-06 06:09:45.117' AS timestamp)", json!("2022-01-06T06:09:45.117Z")),
        ("inDate + interval '1' day", json!("2022-01-07T06:09:55.004Z")),
        // JSON and arrays.
        ("json_extract_scalar('{\"a\": {\"b\": [1, \"x\"]}}', '$.a.b[1]')", json!("x")),
        (
            "json_extract_scalar('{\"a b\": 12345678901234567890}', '$[\"a b\"]')",
            json!("12345678901234567890"),
        ),
        ("json_extract_scalar('{\"a\": null}', '$.a')", json!(null)),
        ("json_extract_scalar('{\"a\": {}}', '$.a')", json!(null)),
        ("json_extract_scalar('no json', '$.a')", json!(null)),
        ("json_extract('{\"a\": [1.0, {\"b\": 2}]}', '$.a')", json!([1.0, {"b": 2}])),
        ("json_extract_scalar(tableAndColumn, '$[0].tableName')", json!("users")),
        ("CAST(json_extract('{\"a\": \"5\"}', '$.a') AS bigint)", json!(5)),
        ("json_array_length('[1, [2], 3]')", json!(3)),
        ("json_array_length('{}')", json!(null)),
        ("json_format(json_parse('{\"a\" : 1}'))", json!("{\"a\":1}")),
        ("json_parse('[1, 2]')", json!([1, 2])),
        ("cardinality(split('a,b', ','))", json!(2)),
        ("contains(split('a,b', ','), 'b')", json!(true)),
        ("contains(split('a,b', ','), 'c')", json!(false)),
        ("element_at(split('a,b', ','), 2)", json!("b")),
        ("element_at(split('a,b', ','), -2)", json!("a")),
        ("element_at(split('a,b', ','), 3)", json!(null)),
        ("split('a,b', ',')[1]", json!("a")),
        ("ARRAY[1, 2, 3]", json!([1, 2, 3])),
        // Conditionals and arithmetic.
        ("if(game_id = 1, 'one', 'other')", json!("one")),
        ("if(game_id = 0, 1 / (game_id - 1), 7)", json!(7)),
        ("if(false, 1)", json!(null)),
        ("coalesce(NULL, 2)", json!(2)),
        ("nullif(1, 1)", json!(null)),
        ("greatest(1, 3, 2)", json!(3)),
        ("greatest(1, NULL)", json!(null)),
        ("least('b', 'a')", json!("a")),
        ("CASE WHEN game_id > 0 THEN 'x' END", json!("x")),
        ("abs(-5)", json!(5)),
        ("ceil(1.2)", json!(2.0)),
        ("ceiling(5)", json!(5)),
        ("floor(-1.2)", json!(-2.0)),
        ("round(2.5)", json!(3.0)),
        ("round(1.245, 1)", json!(1.2)),
        ("round(15, -1)", json!(20)),
        ("sign(-3)", json!(-1)),
        ("sign(0.5)", json!(1.0)),
        ("exp(0)", json!(1.0)),
        ("ln(1)", json!(0.0)),
        ("log10(100)", json!(2.0)),
        ("log2(8)", json!(3.0)),
        ("sqrt(16)", json!(4.0)),
        ("mod(7, 3)", json!(1)),
        ("mod(-7, 3)", json!(-1)),
        ("pow(2, 10)", json!(1024.0)),
        ("power(2, 0.5)", json!(std::f64::consts::SQRT_2)),
        ("7 / 2", json!(3)),
        ("7 % 4", json!(3)),
        ("CAST(2.7 AS bigint)", json!(3)),
        ("TRY_CAST('x' AS bigint)", json!(null)),
        ("TRY_CAST('12' AS bigint)", json!(12)),
        ("CAST(1 AS double)", json!(1.0)),
        ("CAST(true AS varchar)", json!("true")),
    ]
}

fn aggregates() -> Vec<(&'static str, Value)> {
    vec![
        ("any_value(method)", json!("GET")),
        ("arbitrary(method)", json!("GET")),
        ("approx_distinct(gamer_id)", json!(5)),
        ("approx_percentile(score, 0.5)", json!(19.5)),
        ("cardinality(array_agg(url))", json!(20)),
        ("avg(game_id)", json!(1.0)),
        ("bool_and(ok)", json!(true)),
        ("bool_or(NOT ok)", json!(false)),
        ("every(score < 100)", json!(true)),
        ("count(*)", json!(20)),
        ("count(DISTINCT game_id)", json!(3)),
        ("count_if(game_id = 1)", json!(6)),
        ("count(*) FILTER (WHERE game_id = 1)", json!(6)),
        ("max(inDate)", json!("2022-01-06T06:09:59.000Z")),
        ("min(url)", json!("/data/0/x,y")),
        ("max_by(score, inDate)", json!(0.5)),
        ("min_by(score, inDate)", json!(38.5)),
        ("stddev(game_id)", json!(0.8583950752789521)),
        ("stddev_samp(game_id)", json!(0.8583950752789521)),
        ("stddev_pop(game_id)", json!(0.8366600265340756)),
        ("sum(game_id)", json!(20)),
        ("variance(game_id)", json!(0.7368421052631579)),
        ("var_samp(game_id)", json!(0.7368421052631579)),
        ("var_pop(game_id)", json!(0.7)),
        ("max(gamer_id)", json!("00000004")),
    ]
}

fn windows() -> Vec<(&'static str, Value)> {
    vec![
        ("row_number() OVER (ORDER BY score)", json!([1, 2, 3])),
        ("rank() OVER (ORDER BY ok)", json!([2, 1, 2])),
        ("dense_rank() OVER (ORDER BY ok DESC)", json!([1, 2, 1])),
        ("ntile(2) OVER (ORDER BY score)", json!([1, 1, 2])),
        ("lag(score) OVER (ORDER BY score)", json!([null, 0.5, 1.5])),
        ("lead(score, 1) OVER (ORDER BY score)", json!([1.5, 2.5, null])),
        ("first_value(method) OVER (ORDER BY score)", json!(["GET", "GET", "GET"])),
        ("last_value(score) OVER (ORDER BY score)", json!([0.5, 1.5, 2.5])),
        ("sum(game_id) OVER (ORDER BY score)", json!([0, 1, 3])),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn guaranteed_functions_mean_what_athena_means() {
    let dir = TempDir::new().unwrap();
    let client = client(dir.path()).await;
    let mut wrong = Vec::new();
    let mut check = |expression: &str, got: &Value, want: &Value| {
        let same = match (got.as_f64(), want.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * b.abs() && got.is_f64() == want.is_f64(),
            _ => got == want,
        };
        if !same {
            wrong.push(format!("{expression}: {got}, not {want}"));
        }
    };
    // Record 4: game 1, GET, score 4.5.
    for (expression, want) in scalars() {
        let response = client
            .query(&format!("SELECT {expression} FROM logs WHERE score = 4.5"), "application/json")
            .await;
        let got = if response.status == 200 {
            json(&response)["rows"][0][0].clone()
        } else {
            json!(text(&response))
        };
        check(expression, &got, &want);
    }
    for (expression, want) in aggregates() {
        let sql = format!("SELECT {expression} FROM logs WHERE method = 'GET'");
        let response = client.query(&sql, "application/json").await;
        let got = if response.status == 200 {
            json(&response)["rows"][0][0].clone()
        } else {
            json!(text(&response))
        };
        check(expression, &got, &want);
    }
    for (expression, want) in windows() {
        let sql = format!("SELECT {expression} FROM logs WHERE score < 3 AND score > 0 ORDER BY score");
        let response = client.query(&sql, "application/json").await;
        let got = match json(&response)["rows"].as_array() {
            Some(rows) => rows.iter().map(|row| row[0].clone()).collect(),
            None => json!(text(&response)),
        };
        check(expression, &got, &want);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let all: String = [scalars(), aggregates(), windows()]
        .into_iter()
        .flatten()
        .map(|(e, _)| e)
        .collect::<Vec<_>>()
        .join("\n");
    let untested: Vec<_> = names(Support::Guaranteed).filter(|name| !all.contains(name)).collect();
    assert!(untested.is_empty(), "{untested:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unnest_beside_the_table() {
    let dir = TempDir::new().unwrap();
    let client = client(dir.path()).await;
    let sql = "SELECT part, count(*) FROM logs CROSS JOIN UNNEST(split(url, ',')) AS u(part) \
               WHERE part = 'y' OR part = '/data/3/x' GROUP BY part ORDER BY part";
    assert_eq!(rows(&client, sql).await, json!([["/data/3/x", 6], ["y", 40]]));
}
