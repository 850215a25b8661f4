//! The functions a query may call.
//!
//! Athena's documented functions by name, less those that reach outside the query or take lambda expressions.

/// Where a function runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// On both engines, with one meaning.
    Guaranteed,
    /// On Athena only.
    AthenaOnly,
}

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Scalar,
    Aggregate,
    Window,
}

/// `CAST(… AS json)`, in [`Prepared::functions`](super::Prepared::functions) under this name.
pub(super) const CAST_AS_JSON: &str = "cast as json";
/// `UNNEST … WITH ORDINALITY`, likewise.
pub(super) const UNNEST_WITH_ORDINALITY: &str = "unnest with ordinality";
/// `EXCEPT ALL`, likewise.
pub(super) const EXCEPT_ALL: &str = "except all";
/// `INTERSECT ALL`, likewise.
pub(super) const INTERSECT_ALL: &str = "intersect all";

type Group = (Class, Support, &'static [&'static str]);

// Lists read better than one name a line.
#[rustfmt::skip]
const GROUPS: &[Group] = &[
    // Strings, regular expressions, bytes.
    (Class::Scalar, Support::Guaranteed, &[
        "chr", "codepoint", "concat", "from_hex", "length", "lower", "lpad", "ltrim", "regexp_extract",
        "regexp_like", "regexp_replace", "replace", "reverse", "rpad", "rtrim", "split", "split_part",
        "starts_with", "strpos", "substr", "to_hex", "trim", "upper",
    ]),
    // Dates.
    (Class::Scalar, Support::Guaranteed, &[
        "current_date", "current_timestamp", "date_add", "date_diff", "date_format", "date_parse", "date_trunc",
        "day", "day_of_month", "day_of_week", "day_of_year", "dow", "doy", "from_iso8601_timestamp",
        "from_unixtime", "hour", "millisecond", "minute", "month", "now", "quarter", "second", "to_iso8601",
        "to_unixtime", "week", "year",
    ]),
    // JSON and arrays.
    (Class::Scalar, Support::Guaranteed, &[
        "cardinality", "contains", "element_at", "json_array_length", "json_extract", "json_extract_scalar",
        "json_format", "json_parse",
    ]),
    // Conditionals and arithmetic.
    (Class::Scalar, Support::Guaranteed, &[
        "abs", "ceil", "ceiling", "coalesce", "exp", "floor", "greatest", "if", "least", "ln", "log10", "log2",
        "mod", "nullif", "pow", "power", "round", "sign", "sqrt",
    ]),
    (Class::Aggregate, Support::Guaranteed, &[
        "any_value", "approx_distinct", "approx_percentile", "arbitrary", "array_agg", "avg", "bool_and",
        "bool_or", "count", "count_if", "every", "max", "max_by", "min", "min_by", "stddev", "stddev_pop",
        "stddev_samp", "sum", "var_pop", "var_samp", "variance",
    ]),
    (Class::Window, Support::Guaranteed, &[
        "dense_rank", "first_value", "lag", "last_value", "lead", "ntile", "rank", "row_number",
    ]),
    // What only Athena has.
    (Class::Scalar, Support::AthenaOnly, &[
        CAST_AS_JSON, EXCEPT_ALL, INTERSECT_ALL, UNNEST_WITH_ORDINALITY, "at_timezone", "try",
        "acos", "asin", "atan", "atan2", "bit_count", "bitwise_and", "bitwise_left_shift", "bitwise_not",
        "bitwise_or", "bitwise_right_shift", "bitwise_xor", "cbrt", "cos", "cosh", "degrees", "e", "from_base",
        "infinity", "is_finite", "is_infinite", "is_nan", "log", "nan", "pi", "radians", "rand", "random", "sin",
        "sinh", "tan", "tanh", "to_base", "truncate", "width_bucket",
        "array_distinct", "array_except", "array_intersect", "array_join", "array_max", "array_min",
        "array_position", "array_remove", "array_sort", "array_union", "arrays_overlap", "combinations", "flatten",
        "ngrams", "repeat", "sequence", "shuffle", "slice", "zip",
        "map", "map_concat", "map_entries", "map_from_entries", "map_keys", "map_values",
        "multimap_from_entries", "split_to_map", "split_to_multimap",
        "concat_ws", "hamming_distance", "levenshtein_distance", "luhn_check", "normalize", "soundex", "translate",
        "word_stem", "format", "format_number", "human_readable_seconds", "regexp_count", "regexp_extract_all",
        "regexp_position", "regexp_split",
        "crc32", "from_base32", "from_base64", "from_base64url", "from_big_endian_32", "from_big_endian_64",
        "from_ieee754_32", "from_ieee754_64", "from_utf8", "hmac_md5", "hmac_sha1", "hmac_sha256", "hmac_sha512",
        "md5", "murmur3", "sha1", "sha256", "sha512", "spooky_hash_v2_32", "spooky_hash_v2_64", "to_base32",
        "to_base64", "to_base64url", "to_big_endian_32", "to_big_endian_64", "to_ieee754_32", "to_ieee754_64",
        "to_utf8", "xxhash64",
        "date", "from_iso8601_date", "from_unixtime_nanos", "last_day_of_month", "localtime", "localtimestamp",
        "current_time", "current_timezone", "parse_datetime", "format_datetime", "parse_duration", "timezone_hour",
        "timezone_minute", "to_milliseconds", "week_of_year", "with_timezone", "year_of_week", "yow",
        "is_json_scalar", "json_array_contains", "json_array_get", "json_size",
        "url_decode", "url_encode", "url_extract_fragment", "url_extract_host", "url_extract_parameter",
        "url_extract_path", "url_extract_port", "url_extract_protocol", "url_extract_query",
        "inverse_normal_cdf", "normal_cdf", "cosine_similarity", "typeof",
    ]),
    (Class::Aggregate, Support::AthenaOnly, &[
        "approx_most_frequent", "bitwise_and_agg", "bitwise_or_agg", "checksum", "corr", "covar_pop", "covar_samp",
        "entropy", "geometric_mean", "grouping", "histogram", "kurtosis", "map_agg", "map_union", "multimap_agg",
        "numeric_histogram", "regr_intercept", "regr_slope", "skewness",
    ]),
    (Class::Window, Support::AthenaOnly, &["cume_dist", "nth_value", "percent_rank"]),
];

fn find(name: &str) -> Option<(Class, Support)> {
    let (class, support, _) = GROUPS.iter().find(|(_, _, names)| names.contains(&name))?;
    Some((*class, *support))
}

/// The support of a function by its lower-case name; `None` if no query may call it.
pub fn lookup(name: &str) -> Option<Support> {
    find(name).map(|(_, support)| support)
}

/// The names of all functions of one support, for documentation and an engine's self-test.
pub fn names(support: Support) -> impl Iterator<Item = &'static str> {
    GROUPS.iter().filter(move |group| group.1 == support).flat_map(|group| group.2.iter().copied())
}

pub(super) fn class(name: &str) -> Option<Class> {
    find(name).map(|(class, _)| class)
}

/// Those that give arrays, maps or rows whatever they are given.
#[rustfmt::skip]
const NESTED: &[&str] = &[
    "approx_most_frequent", "array_agg", "array_distinct", "array_except", "array_intersect", "array_remove",
    "array_sort", "array_union", "combinations", "flatten", "histogram", "map", "map_agg", "map_concat",
    "map_entries", "map_from_entries", "map_keys", "map_union", "map_values", "multimap_agg",
    "multimap_from_entries", "ngrams", "numeric_histogram", "regexp_extract_all", "regexp_split", "repeat",
    "sequence", "shuffle", "slice", "split", "split_to_map", "split_to_multimap", "zip",
];

/// Whether a function gives an array, a map or a row.
pub(super) fn is_nested(name: &str) -> bool {
    NESTED.contains(&name)
}

#[cfg(test)]
#[test]
fn nested_ones_are_functions() {
    assert!(NESTED.iter().all(|name| lookup(name).is_some()));
}
