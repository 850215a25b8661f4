//! Round trips of any bytes and of log-like text, and totality on damaged streams.

use alloc::{collections::BTreeSet, string::String, vec, vec::Vec};

use proptest::prelude::*;

use super::{
    build::{FAR, NEAR, cut_flat, cut_templated},
    *,
};
use crate::{column::Strings, error::Kind};

const BUDGET: usize = 64 << 20;

fn strings<'a>(of: impl IntoIterator<Item = &'a [u8]>) -> Strings {
    let mut strings = Strings::default();
    of.into_iter().for_each(|s| strings.push(s));
    strings
}

/// Cut in every layout.
fn every_cut(strings: &Strings) -> [Vec<Stream>; 4] {
    [cut(strings), cut_flat(strings), cut_templated(strings, NEAR), cut_templated(strings, FAR)]
}

fn joined(streams: &[Stream]) -> Strings {
    let bytes: Vec<&[u8]> = streams.iter().map(|s| &s.bytes[..]).collect();
    join(&bytes, &mut BUDGET.clone()).unwrap()
}

fn check(strings: &Strings) {
    for streams in every_cut(strings) {
        assert_eq!(&joined(&streams), strings);
    }
}

/// Parts of log lines, and things that nearly are.
const PART: &str = "(GET |user=|\\[|\\]|: |, |/|-|\\.|\\\\n|\\\\u003c|\\\\|%2F|%|\\x00|\\x01|\\n|\\x1f|\u{e9}|connected to \
    |[0-9]{1,21}|0x[0-9a-f]{1,6}|[a-z]{1,4}[0-9]{1,3}|[0-9]{1,3}ms|([a-z0-9]{2}){3,6}|[0-9a-f]{15,40}|[0-9A-F]{16,18}\
    |[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[0-9A-F]{4}-[0-9A-F]{12}\
    |20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,10})?(Z|\\+09:00|-0600|-00:00)?\
    |2024-01-02T03:04:05.678Z|[12]{1,2}\\.[0-9]\\.[0-9]{3}\\.7)";

fn line() -> impl Strategy<Value = String> {
    prop::collection::vec(PART, 0..9).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_bytes_come_back(of in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)) {
        check(&strings(of.iter().map(|s| &s[..])));
    }

    #[test]
    fn log_lines_come_back(lines in prop::collection::vec(line(), 0..40)) {
        check(&strings(lines.iter().map(|s| s.as_bytes())));
    }

    #[test]
    fn messages_of_few_templates_come_back(parts in prop::collection::vec((0usize..4, any::<u32>(), any::<[u8; 16]>()), 0..300)) {
        let lines: BTreeSet<String> = parts.iter().map(|(which, n, id)| {
            let id = id.iter().fold(String::new(), |mut s, b| { let _ = core::fmt::Write::write_fmt(&mut s, format_args!("{b:02x}")); s });
            match which {
                0 => std::format!("2024-05-06 07:{:02}:{:02},{:03} request {id} took {n} ms", n / 60 % 60, n % 60, n % 1000),
                1 => std::format!("worker-{} pod x{}y{}z gone", n % 7, n % 9, n % 11),
                2 => std::format!("2024-05-06T07:{:02}:{:02}.{:06}Z 10.{}.0.1", n / 60 % 60, n % 60, n % 1_000_000, n % 256),
                _ => std::format!("{id} {}", &id[..16]),
            }
        }).collect();
        check(&strings(lines.iter().map(|s| s.as_bytes())));
    }

    #[test]
    fn damaged_streams_are_refused_or_read(
        lines in prop::collection::vec(line(), 1..12),
        copies in 1usize..12,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..4),
    ) {
        let lines: Vec<String> = (0..copies).flat_map(|i| lines.iter().map(move |l| std::format!("{l}{i}"))).collect();
        for mut streams in every_cut(&strings(lines.iter().map(|s| s.as_bytes()))) {
            for (stream, at, byte, how) in &damage {
                let n = streams.len();
                let bytes = &mut streams[stream.index(n)].bytes;
                match how {
                    0 if !bytes.is_empty() => { let at = at.index(bytes.len()); bytes[at] ^= byte | 1 }
                    1 => bytes.truncate(at.index(bytes.len() + 1)),
                    _ => bytes.insert(at.index(bytes.len() + 1), *byte),
                }
            }
            let bytes: Vec<&[u8]> = streams.iter().map(|s| &s.bytes[..]).collect();
            let mut budget = 1 << 20;
            if let Ok(strings) = join(&bytes, &mut budget) {
                prop_assert!(strings.bytes.len() <= 1 << 20);
            }
        }
    }

    #[test]
    fn any_streams_are_refused_or_read(streams in prop::collection::vec(prop::collection::vec(0u8..40, 0..30), 0..9)) {
        let bytes: Vec<&[u8]> = streams.iter().map(|s| &s[..]).collect();
        let _ = join(&bytes, &mut 4096);
    }
}

#[test]
fn tokens_leave_the_text() {
    let lines: Vec<String> = (0..100)
        .map(|i| {
            std::format!(
                "2024-05-06T07:08:{:02}.{i:03}Z job 6f1b{i:04}-aaaa-4bbb-8ccc-0123456789ab: {i}/100 done",
                i / 2
            )
        })
        .collect();
    let all = strings(lines.iter().map(|s| s.as_bytes()));
    let streams = cut(&all);
    assert_eq!(streams, cut_templated(&all, NEAR));
    assert_eq!(streams[1].bytes, b"\x01 job \x02: \x03/\x03 done\n");
    assert!(streams[2].bytes.iter().filter(|&&b| b == 0).count() == 1);
    assert!(streams.iter().map(|s| s.bytes.len()).sum::<usize>() < 2_500);
}

#[test]
fn prose_stays_flat() {
    let all = strings([&b"alpha"[..], b"beta gamma", b"", b"delta-7"]);
    let streams = cut(&all);
    assert_eq!(streams, cut_flat(&all));
    assert_eq!(streams.len(), 2);
    assert_eq!(streams[1].bytes, b"alpha\nbeta gamma\n\ndelta-7\n");
}

#[test]
fn a_budget_too_small_is_an_error() {
    let all = strings(vec![&b"0123456789"[..]; 50]);
    let streams = cut(&all);
    let bytes: Vec<&[u8]> = streams.iter().map(|s| &s.bytes[..]).collect();
    for budget in [0usize, 10, 499, 600] {
        assert_eq!(join(&bytes, &mut budget.clone()).unwrap_err().kind, Kind::Limit, "{budget}");
    }
    assert_eq!(join(&bytes, &mut 10_000).unwrap(), all);
}

#[test]
fn more_kinds_than_markers_stay_text() {
    let lines: Vec<String> = (8..60).map(|n| std::format!("id {}", "a1".repeat(n))).collect();
    check(&strings(lines.iter().map(|s| s.as_bytes())));
}

#[test]
fn slots_are_shared_between_templates() {
    let lines: Vec<String> = (0..900)
        .map(|i| std::format!("{} was slow and took {} ms", ["alpha", "beta", "gamma"][i % 3], 1000 + i))
        .collect();
    let streams = cut(&strings(lines.iter().map(|s| s.as_bytes())));
    // One column of numbers that rise by one.
    assert_eq!(streams.len(), 8);
    assert!(streams[3].bytes.is_empty());
    assert_eq!(streams[7].bytes.len(), 901);
    assert!(streams[7].bytes[2..].iter().all(|&b| b == 2));
}

#[test]
fn lists_of_objects_have_slots_for_their_names() {
    let list = |i: usize| -> String {
        let one = |n: usize| {
            let name = ["read", "write", "sort", "spill", "fetch", "wait", "send", "scan", "join"][n];
            std::format!("{{\"id\":{},\"name\":\"{name}\",\"update\":{},\"value\":{}}}", 40 + n, n * n, i * n)
        };
        std::format!("[{}]", (0..9).map(one).collect::<Vec<_>>().join(","))
    };
    let lines: Vec<String> = (0..60).map(list).collect();
    let all = strings(lines.iter().map(|s| s.as_bytes()));
    check(&all);
    // Every metric rises by its own step, so each has its own column, of one repeated difference.
    let streams = cut(&all);
    assert!(streams[1].bytes.len() < 500);
    let numbers: usize = streams.iter().filter(|s| s.role == Role::Numbers).map(|s| s.bytes.len()).sum();
    assert!(numbers < 9 * 60 + 9 * 12, "{numbers}");
}
