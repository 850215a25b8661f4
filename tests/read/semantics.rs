//! What SQL means: generated queries, answered by the local engine and by plain Rust over the raw records.
//!
//! The Rust side knows nothing of schemas, skeletons or rewriting: it reads each record as JSON and takes a member's
//! value where it is spelled as the field's declaration says, else NULL.

use std::{cmp::Ordering, collections::BTreeMap};

use fidelog_codec::Schema;
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::{
    caller::{JSON, json, text},
    world::World,
};

const QUERIES: usize = 500;
const RECORDS: usize = 120;

/// A logical value; times compare by instant and print as they were sent.
#[derive(Clone, Debug)]
enum V {
    Null,
    Int(i64),
    Num(f64),
    Bool(bool),
    Text(String),
    Time(i64, String),
}

impl V {
    /// SQL's comparison: nothing if either is NULL.
    fn compare(&self, other: &V) -> Option<Ordering> {
        match (self, other) {
            (V::Int(a), V::Int(b)) => Some(a.cmp(b)),
            (V::Num(a), V::Num(b)) => a.partial_cmp(b),
            (V::Bool(a), V::Bool(b)) => Some(a.cmp(b)),
            (V::Text(a), V::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (V::Time(a, _), V::Time(b, _)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    fn json(&self) -> Value {
        match self {
            V::Null => Value::Null,
            V::Int(v) => json!(v),
            V::Num(v) => json!(v),
            V::Bool(v) => json!(v),
            V::Text(v) | V::Time(_, v) => json!(v),
        }
    }
}

const COLUMNS: [&str; 7] = ["n", "h", "t", "s", "m", "x", "b"];

fn schema() -> Schema {
    Schema::from_json(
        r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},"event_time":"t","fields":[
            {"path":["n"],"column":"n","encoding":"integer"},
            {"path":["h"],"column":"h","encoding":"hex","bytes":2},
            {"path":["t"],"column":"t","encoding":"timestamp","pattern":"YYYY-MM-DDThh:mm:ss.fffZ"},
            {"path":["s"],"column":"s","encoding":"text"},
            {"path":["m"],"column":"m","encoding":"text"},
            {"path":["x"],"column":"x","encoding":"number","pattern":"fraction"},
            {"path":["b"],"column":"b","encoding":"boolean"}]}"#,
    )
    .unwrap()
}

fn time(ms: i64) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("2022-01-06T{hours:02}:{minutes:02}:{seconds:02}.{:03}Z", ms % 1_000)
}

/// A member's value, few of each kind so that they meet.
fn member(column: &str, random: &mut ChaCha8Rng) -> Option<String> {
    let roll = random.random_range(0..10);
    let spelled = match (roll, column) {
        (0, _) => return None,
        (1, _) => "null".into(),
        // Misfits of each kind.
        (2, "n") => ["1.0", "\"1\"", "1e2", "true", "99999999999999999999", "-0"].choose(random)?.to_string(),
        (2, "h") => ["\"AB01\"", "\"ab\"", "\"ab01cd\"", "\"xyz1\"", "7", "\"\""].choose(random)?.to_string(),
        (2, "t") => {
            ["\"yesterday\"", "\"2022-01-06\"", "\"2022-01-06T00:00:00Z\"", "5"].choose(random)?.to_string()
        }
        (2, "s" | "m") => ["1", "{}", "[\"a\"]", "false"].choose(random)?.to_string(),
        (2, "x") => ["1", "1.50", "\"1.5\"", "1e5"].choose(random)?.to_string(),
        (2, _) => ["\"true\"", "0", "[]"].choose(random)?.to_string(),
        (_, "n") => random.random_range(-2..4).to_string(),
        (_, "h") => format!("\"{}\"", ["00ff", "ab01", "ab02", "ffff"].choose(random)?),
        (_, "t") => format!("\"{}\"", time(random.random_range(0..6) * 1_800_500)),
        (_, "s" | "m") => format!("\"{}\"", ["", "a", "ab", "b", "é", "a%"].choose(random)?),
        (_, "x") => format!("{:?}", f64::from(random.random_range(-4..5)) / 2.0).replace("-0.0", "0.0"),
        _ => random.random_bool(0.5).to_string(),
    };
    Some(spelled)
}

fn record(random: &mut ChaCha8Rng) -> String {
    let mut columns = COLUMNS.to_vec();
    if random.random_bool(0.2) {
        columns.reverse();
    }
    let members =
        columns.iter().filter_map(|column| Some(format!("\"{column}\":{}", member(column, random)?)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

type Row = BTreeMap<&'static str, V>;

/// The record's logical values. The spelling is cut out of the text: a JSON parser would lose it.
fn row(record: &str) -> Row {
    COLUMNS.iter().map(|&column| (column, value(column, record).unwrap_or(V::Null))).collect()
}

fn value(column: &str, record: &str) -> Option<V> {
    let key = format!("\"{column}\":");
    let rest = &record[record.find(&key)? + key.len()..];
    // Of these records only arrays and objects hold what could be taken for the value's end, and they fit nothing.
    let raw = &rest[..rest.find([',', '}']).unwrap_or(rest.len())];
    let content = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
    match column {
        "n" => {
            let is_plain = raw.parse::<i64>().is_ok_and(|n| n.to_string() == raw);
            is_plain.then(|| V::Int(raw.parse().unwrap()))
        }
        "h" => {
            let is_hex =
                |text: &str| text.len() == 4 && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
            content.filter(|text| is_hex(text)).map(|text| V::Text(text.into()))
        }
        "t" => {
            let text = content.filter(|text| text.len() == 24)?;
            let part = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
            let ms = ((part(11..13) * 60 + part(14..16)) * 60 + part(17..19)) * 1_000 + part(20..23);
            Some(V::Time(ms, text.into()))
        }
        "s" | "m" => content.map(|text| V::Text(text.into())),
        "x" => {
            let number = raw.parse::<f64>().ok().filter(|_| raw.contains('.'))?;
            (format!("{number:?}") == raw).then_some(V::Num(number))
        }
        _ => raw.parse().ok().map(V::Bool),
    }
}

/// A condition.
enum P {
    Compare(&'static str, &'static str, L),
    Columns(&'static str, &'static str, &'static str),
    In(&'static str, Vec<L>, bool),
    Between(&'static str, L, L, bool),
    IsNull(&'static str, bool),
    Starts(&'static str, &'static str),
    Is(&'static str),
    Not(Box<P>),
    Both(Box<P>, Box<P>),
    Either(Box<P>, Box<P>),
}

/// A literal: its SQL, and what it means.
#[derive(Clone)]
struct L(String, V);

const OPERATORS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];

fn literal(column: &str, random: &mut ChaCha8Rng) -> L {
    let text = |text: &str| L(format!("'{text}'"), V::Text(text.into()));
    match column {
        "n" => {
            let n = random.random_range(-3..5);
            L(n.to_string(), V::Int(n))
        }
        // Also what fits no hex field: shorter, longer, capitals, no hex at all.
        "h" => text(
            ["00ff", "ab01", "ab02", "ffff", "AB01", "ab", "ab01cd", "zz", "", "b"].choose(random).unwrap(),
        ),
        "t" => {
            let ms = random.random_range(0..6) * 1_800_500;
            let utc = time(ms);
            let sql = match random.random_range(0..4) {
                0 => format!("'{utc}'"),
                1 => format!("'{}'", time(ms + 7_200_000).replace('Z', "+02:00")),
                2 => format!("TIMESTAMP '{}'", utc.replace('T', " ").trim_end_matches('Z')),
                _ => format!("'{}'", utc.replace('Z', "000000Z")),
            };
            L(sql, V::Time(ms, utc))
        }
        "s" | "m" => text(["", "a", "ab", "b", "é", "zz", "a%"].choose(random).unwrap()),
        "x" => {
            let x = f64::from(random.random_range(-4..5)) / 2.0;
            L(format!("{:e}", x + 0.0).replace('e', "E"), V::Num(x))
        }
        _ => {
            let b = random.random_bool(0.5);
            L(b.to_string(), V::Bool(b))
        }
    }
}

fn condition(depth: u32, random: &mut ChaCha8Rng) -> P {
    let column = *COLUMNS.choose(random).unwrap();
    let nested = |random: &mut ChaCha8Rng| Box::new(condition(depth - 1, random));
    match random.random_range(if depth == 0 { 3..10 } else { 0..10 }) {
        0 => P::Not(nested(random)),
        1 => P::Both(nested(random), nested(random)),
        2 => P::Either(nested(random), nested(random)),
        3 => {
            let mut list: Vec<L> = (0..random.random_range(1..4)).map(|_| literal(column, random)).collect();
            if random.random_bool(0.3) {
                list.push(L("NULL".into(), V::Null));
            }
            P::In(column, list, random.random_bool(0.5))
        }
        4 if column != "b" => {
            P::Between(column, literal(column, random), literal(column, random), random.random_bool(0.3))
        }
        5 => P::IsNull(column, random.random_bool(0.5)),
        6 => P::Starts(["s", "m", "h"].choose(random).unwrap(), ["a", "ab", "", "é"].choose(random).unwrap()),
        7 => P::Is("b"),
        8 => P::Columns("s", OPERATORS.choose(random).unwrap(), ["m", "h"].choose(random).unwrap()),
        _ => {
            let operators = if column == "b" { &OPERATORS[..2] } else { &OPERATORS[..] };
            P::Compare(column, operators.choose(random).unwrap(), literal(column, random))
        }
    }
}

fn holds(operator: &str, order: Ordering) -> bool {
    match operator {
        "=" => order.is_eq(),
        "<>" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    }
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn not(a: Option<bool>) -> Option<bool> {
    a.map(|a| !a)
}

/// Whether a value is among others, as SQL counts.
fn among<'v>(value: &V, list: impl Iterator<Item = &'v V>) -> Option<bool> {
    let differs = list.map(|other| value.compare(other).map(Ordering::is_ne));
    not(differs.fold(Some(true), and))
}

impl P {
    fn sql(&self, of: &str) -> String {
        match self {
            P::Compare(column, operator, L(literal, _)) => format!("{of}{column} {operator} {literal}"),
            P::Columns(a, operator, b) => format!("{of}{a} {operator} {of}{b}"),
            P::In(column, list, negated) => {
                let list: Vec<&str> = list.iter().map(|L(sql, _)| sql.as_str()).collect();
                format!("{of}{column} {}IN ({})", if *negated { "NOT " } else { "" }, list.join(", "))
            }
            P::Between(column, L(a, _), L(b, _), negated) => {
                format!("{of}{column} {}BETWEEN {a} AND {b}", if *negated { "NOT " } else { "" })
            }
            P::IsNull(column, negated) => {
                format!("{of}{column} IS {}NULL", if *negated { "NOT " } else { "" })
            }
            P::Starts(column, prefix) => format!("{of}{column} LIKE '{prefix}%'"),
            P::Is(column) => format!("{of}{column}"),
            P::Not(p) => format!("NOT ({})", p.sql(of)),
            P::Both(a, b) => format!("({}) AND ({})", a.sql(of), b.sql(of)),
            P::Either(a, b) => format!("({}) OR ({})", a.sql(of), b.sql(of)),
        }
    }

    fn of(&self, row: &Row) -> Option<bool> {
        match self {
            P::Compare(column, operator, L(_, v)) => {
                row[column].compare(v).map(|order| holds(operator, order))
            }
            P::Columns(a, operator, b) => row[a].compare(&row[b]).map(|order| holds(operator, order)),
            P::In(column, list, negated) => {
                let found = among(&row[column], list.iter().map(|L(_, v)| v));
                if *negated { not(found) } else { found }
            }
            P::Between(column, L(_, a), L(_, b), negated) => {
                let value = &row[column];
                let found = and(value.compare(a).map(Ordering::is_ge), value.compare(b).map(Ordering::is_le));
                if *negated { not(found) } else { found }
            }
            P::IsNull(column, negated) => Some(matches!(row[column], V::Null) != *negated),
            P::Starts(column, prefix) => match &row[column] {
                V::Text(text) => Some(text.starts_with(prefix)),
                _ => None,
            },
            P::Is(column) => match row[column] {
                V::Bool(b) => Some(b),
                _ => None,
            },
            P::Not(p) => not(p.of(row)),
            P::Both(a, b) => and(a.of(row), b.of(row)),
            P::Either(a, b) => not(and(not(a.of(row)), not(b.of(row)))),
        }
    }

    fn is_true(&self, row: &Row) -> bool {
        self.of(row) == Some(true)
    }
}

/// A query and its answer's rows, in no order.
fn question(random: &mut ChaCha8Rng, rows: &[Row]) -> (String, Vec<Value>) {
    let (p, q) = (condition(2, random), condition(1, random));
    let column = *COLUMNS.choose(random).unwrap();
    let kept: Vec<&Row> = rows.iter().filter(|row| p.is_true(row)).collect();
    match random.random_range(0..7) {
        0 => (format!("SELECT count(*) FROM logs WHERE {}", p.sql("")), vec![json!([kept.len()])]),
        1 => {
            let answer = kept.iter().map(|row| COLUMNS.iter().map(|column| row[column].json()).collect());
            (format!("SELECT {} FROM logs l WHERE {}", COLUMNS.join(", "), p.sql("l.")), answer.collect())
        }
        2 => {
            let inner = format!("SELECT {} FROM logs WHERE {}", COLUMNS.join(", "), p.sql(""));
            let sql = format!(
                "WITH a AS ({inner}) SELECT count(*), count({column}) FROM a d WHERE {}",
                q.sql("d.")
            );
            let both: Vec<_> = kept.iter().filter(|row| q.is_true(row)).collect();
            let count = both.iter().filter(|row| !matches!(row[column], V::Null)).count();
            (sql, vec![json!([both.len(), count])])
        }
        3 => {
            let key = *["n", "h", "s", "t"].choose(random).unwrap();
            let sql = format!(
                "SELECT count(*), count(r.{column}) FROM logs l LEFT JOIN (SELECT * FROM logs WHERE {}) r ON l.{key} = r.{key} WHERE {}",
                p.sql(""),
                q.sql("l.")
            );
            let (mut all, mut counted) = (0, 0);
            for left in rows.iter().filter(|row| q.is_true(row)) {
                let meets =
                    kept.iter().filter(|right| left[key].compare(&right[key]).is_some_and(Ordering::is_eq));
                let meets: Vec<_> = meets.collect();
                all += meets.len().max(1);
                counted += meets.iter().filter(|right| !matches!(right[column], V::Null)).count();
            }
            (sql, vec![json!([all, counted])])
        }
        4 => {
            let negated = random.random_bool(0.5);
            let sql = format!(
                "SELECT count(*) FROM logs WHERE {column} {}IN (SELECT {column} FROM logs WHERE {})",
                if negated { "NOT " } else { "" },
                p.sql("")
            );
            let count = rows.iter().filter(|row| {
                let found = among(&row[column], kept.iter().map(|row| &row[column]));
                (if negated { not(found) } else { found }) == Some(true)
            });
            (sql, vec![json!([count.count()])])
        }
        5 => {
            let mut groups: BTreeMap<String, (Value, usize)> = BTreeMap::new();
            for row in &kept {
                let value = row[column].json();
                groups.entry(value.to_string()).or_insert((value, 0)).1 += 1;
            }
            let sql = format!("SELECT {column}, count(*) FROM logs WHERE {} GROUP BY {column}", p.sql(""));
            (sql, groups.into_values().map(|(value, count)| json!([value, count])).collect())
        }
        _ => {
            let sql = format!(
                "SELECT CASE WHEN {} THEN 'p' WHEN NOT ({}) THEN 'n' ELSE 'u' END FROM logs",
                p.sql(""),
                p.sql("")
            );
            let name = |row: &Row| match p.of(row) {
                Some(true) => "p",
                Some(false) => "n",
                None => "u",
            };
            (sql, rows.iter().map(|row| json!([name(row)])).collect())
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_and_plain_rust_agree() {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    let records: Vec<String> = (0..RECORDS).map(|_| record(&mut random)).collect();
    let rows: Vec<Row> = records.iter().map(|record| row(record)).collect();
    let world =
        World::new(&schema(), &records.iter().map(|record| record.clone().into_bytes()).collect::<Vec<_>>())
            .await;
    let sorted = |rows: Vec<Value>| {
        let mut rows: Vec<String> = rows.iter().map(Value::to_string).collect();
        rows.sort();
        rows
    };
    for i in 0..QUERIES {
        let (sql, want) = question(&mut random, &rows);
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("sql", &sql).finish();
        let response = world.local.get(&format!("/v1/query?{query}"), JSON).await;
        assert_eq!(response.status, 200, "{i}: {sql}: {}", text(&response));
        let got = json(&response)["rows"].as_array().unwrap().clone();
        assert_eq!(sorted(got), sorted(want), "{i}: {sql}");
    }
}
