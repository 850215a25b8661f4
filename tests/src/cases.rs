//! Records that must come back byte for byte, each odd in one way.

/// A record and what is odd about it.
#[derive(Clone, Debug)]
pub struct Case {
    /// A short name, unique.
    pub name: &'static str,
    /// What it is there for.
    pub why: &'static str,
    /// The record's bytes.
    pub record: Vec<u8>,
}

const ID: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// The members of an ordinary game-API record, as key and raw value.
fn members() -> Vec<(&'static str, String)> {
    vec![
        ("game_id", "4107".into()),
        ("gamer_id", format!("\"{ID}\"")),
        ("inDate", "\"2031-05-17T21:04:08.250Z\"".into()),
        ("url", "\"/v2/save\"".into()),
        ("method", "\"POST\"".into()),
        ("tableAndColumn", "null".into()),
    ]
}

fn join(members: &[(&str, String)]) -> Vec<u8> {
    let members: Vec<String> = members.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
    format!("{{{}}}", members.join(", ")).into_bytes()
}

/// An ordinary record.
#[must_use]
pub fn ordinary() -> Vec<u8> {
    join(&members())
}

/// An ordinary record with another raw value for one member.
fn with(key: &str, value: &str) -> Vec<u8> {
    let mut members = members();
    for member in &mut members {
        if member.0 == key {
            member.1 = value.into();
        }
    }
    join(&members)
}

/// An ordinary record with one text replaced by another, anywhere.
fn replaced(from: &str, to: &str) -> Vec<u8> {
    let record = String::from_utf8(ordinary()).unwrap_or_default();
    assert!(record.contains(from), "{from} is not in the record");
    record.replacen(from, to, 1).into_bytes()
}

fn url_bytes(url: &[u8]) -> Vec<u8> {
    let record = ordinary();
    let at = record.windows(8).position(|w| w == b"/v2/save").unwrap_or(0);
    [&record[..at], url, &record[at + 8..]].concat()
}

/// All cases.
#[must_use]
pub fn records() -> Vec<Case> {
    [numbers(), members_and_shapes(), white_space(), texts(), ids_and_times(), json_values(), not_objects()]
        .concat()
}

fn case(name: &'static str, why: &'static str, record: impl Into<Vec<u8>>) -> Case {
    Case { name, why, record: record.into() }
}

fn numbers() -> Vec<Case> {
    let value = |v: &str| with("game_id", v);
    vec![
        case("plain", "the default skeleton", ordinary()),
        case("integer-over-2-53", "no double holds it", value("9007199254740995")),
        case("integer-over-i64", "one more than i64 holds", value("9223372036854775808")),
        case("integer-30-digits", "far beyond i64", value("-314159265358979323846264338327")),
        case("integer-min", "the smallest i64", value("-9223372036854775808")),
        case("integer-5-digits-more", "longer than its neighbours", value("410700000")),
        case("fraction-zero", "4107.0 is not 4107", value("4107.0")),
        case("exponent-upper", "spelling of the exponent", value("2E7")),
        case("exponent-plus", "sign and zero in the exponent", value("2e+07")),
        case("exponent-overflow", "no double holds it", value("3e500")),
        case("minus-zero", "the sign of zero", value("-0")),
        case("minus-zero-fraction", "the sign of zero", value("-0.0")),
        case("leading-zero", "not JSON, still a record", value("0041")),
        case("integer-in-quotes", "a string where an integer is declared", value("\"4107\"")),
        case("null-for-integer", "null in a typed field", value("null")),
        case("boolean-for-integer", "another type", value("false")),
        case("nan", "not JSON, but Python writes it", value("NaN")),
        case("infinity", "not JSON, but Python writes it", value("-Infinity")),
    ]
}

fn members_and_shapes() -> Vec<Case> {
    let mut reversed = members();
    reversed.reverse();
    let mut short = members();
    short.pop();
    vec![
        case(
            "key-twice",
            "both are kept",
            replaced("\"method\": \"POST\"", "\"method\": \"POST\", \"method\": \"GET\""),
        ),
        case(
            "key-case",
            "keys that differ in case only",
            replaced("\"tableAndColumn\"", "\"Method\": \"GET\", \"tableAndColumn\""),
        ),
        case("key-order", "another order", join(&reversed)),
        case("key-absent", "absent is not null", join(&short)),
        case("key-unknown-last", "schema drift", replaced("null}", "null, \"shard\": \"eu-3\"}")),
        case("key-unknown-first", "schema drift", replaced("{\"game_id\"", "{\"build\": 77, \"game_id\"")),
        case("key-escaped", "an escape spells a declared key", replaced("\"method\"", "\"\\u006dethod\"")),
        case("key-empty", "an empty key", replaced("\"method\"", "\"\"")),
        case("object-empty", "nothing in it", "{}"),
        case(
            "private-number",
            "a name that a JSON library treats specially",
            "{\"$serde_json::private::Number\":\"2.50\"}",
        ),
        case("private-raw", "likewise", "{\"$serde_json::private::RawValue\":\"2.50\"}"),
    ]
}

fn white_space() -> Vec<Case> {
    let compact = String::from_utf8(ordinary()).unwrap_or_default().replace(": ", ":").replace(", ", ",");
    vec![
        case("compact", "no white space", compact),
        case(
            "spaces-odd",
            "white space in odd places",
            replaced("\"method\": \"POST\",", "\"method\" :\t \"POST\" ,"),
        ),
        case("pretty", "new lines inside one record", "{\n    \"game_id\": 12,\n    \"url\": \"/v2\"\n}"),
        case("carriage-return", "from a CRLF file", [&ordinary()[..], b"\r"].concat()),
        case("byte-order-mark", "U+FEFF in front", [&b"\xef\xbb\xbf"[..], &ordinary()].concat()),
        case("space-after", "white space behind", [&ordinary()[..], b" \t "].concat()),
        case("space-before", "white space in front", [&b"  "[..], &ordinary()].concat()),
    ]
}

fn texts() -> Vec<Case> {
    let url = |v: &str| url_bytes(v.as_bytes());
    vec![
        case("escape-solidus", "an optional escape", url("\\/v2\\/save")),
        case("escape-case", "hex digits of escapes in both cases", url("/\\uBE44\\ube44")),
        case("escape-html", "as Go writes it", url("/v2?a=1\\u0026b=2")),
        case("hangul-raw", "beyond ASCII, raw", url("/저장")),
        case("hangul-escaped", "beyond ASCII, escaped", url("/\\uc800\\uc7a5")),
        case("hangul-mixed", "both in one string", url("/저\\uc7a5")),
        case("surrogate-alone", "legal JSON, no text", url("x\\udfffy")),
        case("nul-escaped", "an escaped NUL", url("x\\u0000y")),
        case("nul-raw", "a raw NUL", url_bytes(b"x\0y")),
        case("utf8-invalid", "not UTF-8", url_bytes(b"x\xc0\x80\xfey")),
        case("line-separators", "U+2028, U+2029 and U+0085 end no line", url("p\u{2028}q\u{2029}r\u{85}s")),
        case("emoji-raw", "beyond the basic plane", url("🏆")),
        case("emoji-escaped", "a surrogate pair", url("\\ud83c\\udfc6")),
        case("string-300-kb", "one long value", url(&"y".repeat(300_000))),
        case("method-new", "a value nobody listed", with("method", "\"PROPFIND\"")),
    ]
}

fn ids_and_times() -> Vec<Case> {
    let id = |v: &str| with("gamer_id", &format!("\"{v}\""));
    let time = |v: &str| with("inDate", &format!("\"{v}\""));
    vec![
        case("hex-upper", "upper case", id(&ID.to_uppercase())),
        case("hex-mixed", "mixed case", id(&ID.replacen("0f1e", "0F1e", 1))),
        case("hex-short", "another length", id(&ID[2..])),
        case("hex-odd", "an odd number of digits", id(&ID[1..])),
        case("hex-empty", "the empty string is not null", id("")),
        case("time-micros", "more digits", time("2031-05-17T21:04:08.250125Z")),
        case("time-no-fraction", "no digits", time("2031-05-17T21:04:08Z")),
        case("time-offset", "another zone", time("2031-05-17T21:04:08.250-03:30")),
        case("time-space", "a space for the T", time("2031-05-17 21:04:08.250Z")),
        case("time-leap-second", "a leap second", time("2016-12-31T23:59:60.000Z")),
        case("time-no-such-day", "no such day", time("2031-04-31T21:04:08.250Z")),
        case("time-before-epoch", "before 1970", time("1931-05-17T21:04:08.250Z")),
        case("time-year-9999", "the far end", time("9999-12-31T23:59:59.999Z")),
        case("time-year-0", "no year 0", time("0000-05-17T21:04:08.250Z")),
    ]
}

fn json_values() -> Vec<Case> {
    let json = |v: &str| with("tableAndColumn", v);
    vec![
        case(
            "json-spacing",
            "white space inside a json field",
            json("[ { \"columns\":[ \"p\" ,\"q\"],\"tableName\" :\"Bag\" }]"),
        ),
        case("json-array-empty", "an empty list is not null", json("[]")),
        case("json-object-empty", "an empty object", json("{}")),
        case(
            "json-deep-200",
            "deeper than many parsers go",
            json(&["[".repeat(200), "]".repeat(200)].concat()),
        ),
        case("comma-trailing", "not JSON", replaced("null}", "null,}")),
        case("comment", "not JSON", replaced("null}", "null /* none */}")),
    ]
}

fn not_objects() -> Vec<Case> {
    vec![
        case("deep-100000", "no stack overflow", ["[".repeat(100_000), "]".repeat(100_000)].concat()),
        case("empty", "no bytes", ""),
        case("number", "a scalar", "7"),
        case("string", "a scalar", "\"seven\""),
        case("array", "an array as a record", "[7, 8]"),
        case("text", "no JSON at all", "connection reset by peer"),
        case("cut-short", "the end is missing", ordinary().get(..70).unwrap_or_default()),
        case("two-objects", "text after the end", "{\"a\":7}{\"a\":8}"),
        case("every-byte", "all 256 bytes", (0..=255u8).collect::<Vec<u8>>()),
        case(
            "hole-bytes",
            "bytes that a marker for holes might use",
            [0u8, 1, 2, 3, 255, 0, 0, 128, 1].repeat(6),
        ),
        case("quotes-single", "a Python repr", "{'game_id': 12}"),
    ]
}
