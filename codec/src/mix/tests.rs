//! Laws of all models: what is written is read, what is counted is written, and any bytes can be read.

use std::{format, string::String, vec, vec::Vec};

use proptest::prelude::*;

use super::rank::Candidates;
use super::{Bits, Coder, Meter, Numbers, Ranks, Reader, Text, Writer, join};

/// Codes `items` in both directions; gives the bytes, what was read back, and the cost in 1/256 bit.
fn both<T: Clone, M>(
    items: &[T],
    empty: &T,
    new: impl Fn() -> M,
    code: impl Fn(&mut M, &mut dyn Direction, &T) -> T,
) -> (Vec<u8>, Vec<T>, u64) {
    let (mut writer, mut meter) = (Writer::new(), Meter::new());
    let (mut a, mut b, mut c) = (new(), new(), new());
    for item in items {
        code(&mut a, &mut writer, item);
        code(&mut b, &mut meter, item);
    }
    let bytes = writer.finish();
    let mut reader = Reader::new(&bytes);
    let read = items.iter().map(|_| code(&mut c, &mut reader, empty)).collect();
    assert_eq!((reader.overrun(), reader.remaining()), (0, 0));
    (bytes, read, meter.cost())
}

/// A [`Coder`] behind a pointer, so that [`both`] takes one closure for all three.
trait Direction {
    fn number(&mut self, model: &mut Numbers, contexts: &[u32], value: u64) -> u64;
    fn signed(&mut self, model: &mut Numbers, contexts: &[u32], value: i64) -> i64;
    fn decision(&mut self, model: &mut Bits, contexts: &[u32], bit: bool) -> bool;
    fn text(&mut self, model: &mut Text, column: u32, row: u32, value: &[u8], limit: usize) -> Vec<u8>;
    fn index(&mut self, column: &mut Column, index: u32) -> u32;
    fn plain(&mut self, value: u64) -> u64;
}

impl<I: Coder> Direction for I {
    fn number(&mut self, model: &mut Numbers, contexts: &[u32], value: u64) -> u64 {
        model.code(self, contexts, value, 64)
    }
    fn signed(&mut self, model: &mut Numbers, contexts: &[u32], value: i64) -> i64 {
        model.code_signed(self, contexts, value, 63)
    }
    fn decision(&mut self, model: &mut Bits, contexts: &[u32], bit: bool) -> bool {
        model.code(self, contexts, bit)
    }
    fn text(&mut self, model: &mut Text, column: u32, row: u32, value: &[u8], limit: usize) -> Vec<u8> {
        let mut out = Vec::new();
        assert!(model.value(self, column, row, value, &mut out, limit));
        out
    }
    fn index(&mut self, column: &mut Column, index: u32) -> u32 {
        let index = column.ranks.code(self, &mut column.model, index);
        column.model.used(index);
        index
    }
    fn plain(&mut self, value: u64) -> u64 {
        self.raw(value, 64)
    }
}

/// The plainest candidate model: what followed the last value, most recent first, then what was used last.
#[derive(Default)]
struct Recent {
    order: Vec<u32>,
    context: [u32; 1],
}

impl Recent {
    fn used(&mut self, index: u32) {
        self.order.retain(|&x| x != index);
        self.order.insert(0, index);
        self.context = [join(index, 7)];
    }
}

impl Candidates for Recent {
    fn contexts(&self) -> &[u32] {
        &self.context
    }
    fn listed(&self) -> bool {
        true
    }
    fn walk(&mut self, cap: u32, mut visit: impl FnMut(u32, u32) -> bool) {
        for (position, &index) in (0..cap).zip(&self.order) {
            if visit(position, index) {
                return;
            }
        }
    }
    fn rank(&self, index: u32) -> u32 {
        self.order.iter().position(|&x| x == index).unwrap() as u32
    }
    fn select(&self, rank: u32) -> Option<u32> {
        self.order.get(rank as usize).copied()
    }
    fn known(&self) -> u32 {
        self.order.len() as u32
    }
}

struct Column {
    ranks: Ranks,
    model: Recent,
}

impl Column {
    fn new() -> Self {
        Self { ranks: Ranks::new(1, 100), model: Recent::default() }
    }
}

/// Renumbers in order of first use.
fn by_first_use(values: &[u8]) -> Vec<u32> {
    let mut seen = Vec::new();
    let index = |v: &u8| {
        seen.iter().position(|s| s == v).unwrap_or_else(|| {
            seen.push(*v);
            seen.len() - 1
        }) as u32
    };
    values.iter().map(index).collect()
}

fn near(cost: u64, bytes: usize) -> bool {
    let counted = cost as f64 / 2048.0;
    (bytes as f64 - counted).abs() <= 4.0 + counted * 0.02
}

proptest! {
    #[test]
    fn numbers_come_back(values in prop::collection::vec(prop_oneof![0..20u64, any::<u64>(), Just(u64::MAX)], 0..200)) {
        let (bytes, read, cost) =
            both(&values, &0, || Numbers::new(1, 8), |m, io, &v| io.number(m, &[3], v));
        prop_assert_eq!(read, values);
        prop_assert!(near(cost, bytes.len()));
    }

    #[test]
    fn signed_numbers_come_back(
        values in prop::collection::vec(prop_oneof![-9..9i64, any::<i64>(), Just(i64::MIN), Just(i64::MAX)], 0..200),
    ) {
        let (_, read, _) = both(&values, &0, || Numbers::new(2, 8), |m, io, &v| io.signed(m, &[1, 2], v));
        prop_assert_eq!(read, values);
    }

    #[test]
    fn decisions_come_back(bits in prop::collection::vec(any::<bool>(), 0..500)) {
        let (bytes, read, cost) = both(&bits, &false, || Bits::new(2, 6), |m, io, &b| io.decision(m, &[0, 9], b));
        prop_assert_eq!(read, bits);
        prop_assert!(near(cost, bytes.len()));
    }

    #[test]
    fn texts_come_back(
        values in prop::collection::vec(
            prop_oneof!["[a-c/\n]{0,9}".prop_map(String::into_bytes), prop::collection::vec(any::<u8>(), 0..40)], 0..40),
    ) {
        let (bytes, read, cost) =
            both(&values, &vec![], || Text::new(1000), |m, io, v| io.text(m, 1, 5, v, 40));
        prop_assert_eq!(read, values);
        prop_assert!(near(cost, bytes.len()));
    }

    #[test]
    fn indices_come_back(values in prop::collection::vec(prop_oneof![0..4u8, any::<u8>()], 0..300)) {
        let indices = by_first_use(&values);
        let (bytes, read, cost) = both(&indices, &u32::MAX, Column::new, |m, io, &i| io.index(m, i));
        prop_assert_eq!(read, indices);
        prop_assert!(near(cost, bytes.len()));
    }

    #[test]
    fn plain_bits_come_back(values in prop::collection::vec(any::<u64>(), 0..50)) {
        let (bytes, read, cost) = both(&values, &0, || (), |_, io, &v| io.plain(v));
        prop_assert_eq!(read, values);
        prop_assert!(near(cost, bytes.len()));
    }

    #[test]
    fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut reader = Reader::new(&bytes);
        let (mut numbers, mut text, mut column) = (Numbers::new(1, 8), Text::new(100), Column::new());
        for _ in 0..200 {
            prop_assert!(numbers.code(&mut reader, &[5], 0, 20) < 1 << 20);
            prop_assert!((-16..16).contains(&numbers.code_signed(&mut reader, &[5], 0, 4)));
            let mut out = vec![b'x'];
            let ended = text.value(&mut reader, 1, 2, &[], &mut out, 30);
            prop_assert!(out.len() == 31 || (ended && out.len() < 31));
            let known = column.model.known();
            let index = column.ranks.code(&mut reader, &mut column.model, 0);
            prop_assert!(index <= known || index == u32::MAX);
            if index <= known {
                column.model.used(index);
            }
        }
    }
}

#[test]
fn a_short_stream_is_noticed() {
    let mut writer = Writer::new();
    let mut model = Numbers::new(0, 8);
    for i in 0..1000u64 {
        model.code(&mut writer, &[], i.wrapping_mul(0x9E37_79B9_7F4A_7C15), 64);
    }
    let bytes = writer.finish();
    let mut reader = Reader::new(&bytes[..bytes.len() - 10]);
    let mut model = Numbers::new(0, 8);
    for _ in 0..1000 {
        model.code(&mut reader, &[], 0, 64);
    }
    assert!(reader.overrun() > 0);
}

#[test]
fn a_value_at_its_limit_comes_back() {
    for value in [&b""[..], b"\n", b"\n\n\n", b"abc", b"ab\n"] {
        let values = vec![value.to_vec(); 3];
        let (_, read, _) =
            both(&values, &vec![], || Text::new(10), |m, io, v| io.text(m, 0, 0, v, value.len()));
        assert_eq!(read, values);
    }
}

#[test]
fn what_repeats_costs_little() {
    let urls: Vec<Vec<u8>> =
        (0..400).map(|i| format!("/api/v{}/users/{}/items", i % 3, i * 7919 % 10).into_bytes()).collect();
    let (bytes, _, _) = both(&urls, &vec![], || Text::new(8000), |m, io, v| io.text(m, 0, 0, v, 100));
    assert!(bytes.len() < 400, "{} bytes", bytes.len());

    let indices: Vec<u32> = (0..1000).map(|i| i % 5).collect();
    let (bytes, _, _) = both(&indices, &0, Column::new, |m, io, &i| io.index(m, i));
    assert!(bytes.len() < 40, "{} bytes", bytes.len());
}

/// The format is these bits: whoever changes a table, a rate or a context changes the version too.
#[test]
fn the_bytes_are_fixed() {
    let mut writer = Writer::new();
    let (mut numbers, mut text, mut column) = (Numbers::new(1, 8), Text::new(600), Column::new());
    let mut state = 1u32;
    for i in 0..60u32 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let value = u64::from(state >> 16) >> (state % 16);
        numbers.code(&mut writer, &[i % 3], value, 64);
        numbers.code_signed(&mut writer, &[i % 3], 3 - value as i64 % 7, 63);
        let known = column.model.known();
        writer.index(&mut column, known.min(state >> 28));
        let line = format!("GET /items/{}?page={} HTTP/1.1", value % 20, i);
        assert!(text.value(&mut writer, 2, i % 4, line.as_bytes(), &mut Vec::new(), 100));
    }
    let hex: String = writer.finish().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(hex, include_str!("tests.golden").trim());
}
