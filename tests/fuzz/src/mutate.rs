//! Random inputs, and inputs damaged at random.

use rand::{Rng, seq::IndexedRandom};

/// Tokens that formats and parsers trip over.
pub const TOKENS: [&[u8]; 24] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b":",
    b",",
    b"null",
    b"-0",
    b"1e999",
    b"\\ud800",
    b"\\u0000",
    b"\n",
    b"\r\n",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xf0\x9f\x98\x80",
    b"9223372036854775808",
    b"0.1",
    b"2022-02-29T23:59:60Z",
    b"00000000-0000-0000-0000-000000000000",
    b"\"a\":",
    b"FDL",
];

/// Integers at the edges, as varints.
const EDGES: [&[u8]; 8] = [
    b"\x00",
    b"\x7f",
    b"\x80\x01",
    b"\xff\x7f",
    b"\xff\xff\x03",
    b"\xff\xff\xff\xff\x0f",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02",
];

/// Bytes of any kind.
pub fn bytes(random: &mut impl Rng, most: usize) -> Vec<u8> {
    let mut bytes = vec![0; random.random_range(0..=most)];
    random.fill_bytes(&mut bytes);
    bytes
}

/// Damages an input in one to four places; `other` is spliced in.
pub fn damaged(random: &mut impl Rng, input: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..random.random_range(1..=4) {
        damage(random, &mut bytes, other);
    }
    bytes
}

fn damage(random: &mut impl Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    let at = random.random_range(0..=bytes.len());
    let range = at..(at + random.random_range(0..=24)).min(bytes.len());
    match random.random_range(0..9) {
        0 | 1 => {
            let bit = 1u8 << random.random_range(0..8);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= bit;
            }
        }
        2 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.random();
            }
        }
        3 => bytes.truncate(at),
        4 => drop(bytes.drain(range)),
        5 => {
            let copy: Vec<u8> = bytes.get(range).unwrap_or_default().to_vec();
            drop(bytes.splice(at..at, copy));
        }
        6 => {
            let from = random.random_range(0..=other.len());
            let piece = other.get(from..(from + range.len()).min(other.len())).unwrap_or_default().to_vec();
            drop(bytes.splice(range, piece));
        }
        7 => {
            let edge = EDGES.choose(random).copied().unwrap_or_default();
            let one = at..(at + 1).min(bytes.len());
            drop(bytes.splice(one, edge.iter().copied()));
        }
        _ => {
            let token = TOKENS.choose(random).copied().unwrap_or_default();
            drop(bytes.splice(at..at, token.iter().copied()));
        }
    }
}

/// Lines that are nearly JSON objects, with few keys and values that an encoding may take, or just not.
pub fn json_like(random: &mut impl Rng, most: usize) -> Vec<u8> {
    let mut file = Vec::new();
    let gap = [": ", ":", " : "].choose(random).copied().unwrap_or_default();
    for i in 0..random.random_range(0..=most) {
        let members: Vec<String> = (0..random.random_range(0..7))
            .map(|_| {
                let key =
                    ["i", "n", "t", "s", "o", "O", "", "o.x", "0", "é", "fidelog_x", "a\\\"b"].choose(random);
                format!("\"{}\"{gap}{}", key.copied().unwrap_or_default(), value(random, i, 2))
            })
            .collect();
        file.extend_from_slice(format!("{{{}}}", members.join(&gap.replace(':', ","))).as_bytes());
        if random.random_ratio(1, 12) {
            file.extend(bytes(random, 9));
        }
        file.push(b'\n');
    }
    file
}

fn value(random: &mut impl Rng, i: usize, depth: usize) -> String {
    let n: u32 = random.random_range(0..100_000);
    match random.random_range(0..16) {
        0 => "null".into(),
        1 => n.is_multiple_of(2).to_string(),
        2 => (i64::from(n) - 50_000).to_string(),
        3 => random.random::<i64>().to_string(),
        4 => format!("{}.{:02}", n % 1000, n % 100),
        5 => random.random::<f64>().to_string(),
        6 => format!("\"{n:08x}\""),
        7 => format!("\"{:08X}-E89B-12D3-A456-4266141{:05}\"", random.random::<u32>(), n),
        8 => format!("\"2022-01-06T06:{:02}:{:02}.{:03}Z\"", i / 60 % 60, i % 60, n % 1000),
        9 => format!("\"2022-01-06 06:{:02}:{:02}+0{}:30\"", i / 60 % 62, i % 62, n % 10),
        10 => (1_641_449_000_000u64 + u64::from(n)).to_string(),
        11 => format!("\"user {} saw /p/{}?q={n}\"", n % 7, n % 31),
        12 => format!("\"\\u{:04x}\\/é\\n\"", n % 0xffff),
        13 => format!("\"{{\\\"a\\\":{n},\\\"b\\\":[\\\"\\\"]}}\""),
        14 if depth > 0 => format!("[{}, {}]", value(random, i, depth - 1), value(random, i, depth - 1)),
        15 if depth > 0 => format!("{{\"x\": {}, \"y\":{}}}", value(random, i, depth - 1), n % 3),
        _ => n.to_string(),
    }
}
