//! Some columns alone are the same as among all, and cost less.

use std::sync::Arc;

use fidelog_codec::{Decoder, Encoder, Level, Limits, Schema, error::Kind, pack};

const LEVELS: [Level; 3] = [Level::Fast, Level::Default, Level::Small];

/// Records whose columns look at each other, some of them odd.
fn records(n: usize) -> Vec<Vec<u8>> {
    let record = |i: usize| {
        let x = (i * 2_654_435_761) >> 9;
        let (user, path) = (x % 23, x % 7);
        match x % 11 {
            0 => format!("{{\"user\":{user},\"new\":[{i}],\"path\":\"/a/{path}\"}}"),
            1 => format!("no json {x}"),
            _ => format!(
                "{{\"user\":{user},\"id\":\"{:08x}\",\"t\":\"2022-01-06T06:{:02}:{:02}.117Z\",\"n\":{}.25,\"b\":{},\"path\":\"/a/{path}/{}\",\"m\":\"took {} ms in step {}\",\"size\":{}}}",
                user * 0x0123_4567,
                i / 60 % 60,
                i % 60,
                x % 1000,
                x.is_multiple_of(2),
                user % 3,
                x % 500,
                (x >> 3) % 90,
                (x >> 5) % 100_000,
            ),
        }
    };
    (0..n).map(|i| record(i).into_bytes()).collect()
}

#[test]
fn any_columns_alone_are_those_among_all() {
    let records = records(700);
    let schema = Arc::new(Schema::infer(records.iter().map(Vec::as_slice)).schema);
    for level in LEVELS {
        let payload = Encoder::new(&schema, level).encode(records.iter().map(Vec::as_slice));
        let decoder = Decoder::default();
        let block = decoder.decode(&payload).unwrap();
        let batch = &block.batches()[0];
        let names: Vec<String> = batch.schema().fields().iter().map(|f| f.name()).collect();
        assert!(names.len() > 7, "{names:?}");
        for (i, first) in names.iter().enumerate() {
            for second in &names[i..] {
                let some = decoder.columns(&payload, &[first, second]).unwrap();
                assert_eq!(some.len(), 1);
                assert_eq!(some[0].rows, records.len());
                assert_eq!(some[0].columns.len(), if first == second { 1 } else { 2 });
                for column in &some[0].columns {
                    let at = names.iter().position(|name| *name == column.name).unwrap();
                    assert_eq!(column.values, batch.columns()[at], "{level:?} {}", column.name);
                    assert_eq!(column.encoding, batch.schema().fields()[at].encoding);
                }
            }
        }
    }
}

#[test]
fn other_columns_are_left_packed() {
    let noise = |i: usize| {
        (0..120)
            .map(move |k| char::from(b'!' + ((i * 7919 + k * k * 31 + i * k) % 90) as u8))
            .filter(|c| !"\"\\".contains(*c))
    };
    let records: Vec<String> = (0..40_000)
        .map(|i| format!("{{\"n\":{},\"noise\":\"{}\"}}", i % 10, noise(i).collect::<String>()))
        .collect();
    let schema = Arc::new(Schema::infer(records.iter().map(|r| r.as_bytes())).schema);
    for level in [Level::Fast, Level::Default] {
        let payload = Encoder::new(&schema, level).encode(records.iter().map(|r| r.as_bytes()));
        let limits = Limits { max_bytes: 2_500_000, ..Limits::default() };
        let decoder = Decoder::new(limits);
        assert_eq!(decoder.columns(&payload, &["n"]).unwrap()[0].columns.len(), 1, "{level:?}");
        assert_eq!(decoder.decode(&payload).unwrap_err().kind, Kind::Limit);
        assert_eq!(decoder.columns(&payload, &["noise"]).unwrap_err().kind, Kind::Limit);
    }
}

#[test]
fn names_are_those_of_any_block() {
    let decoder = Decoder::default();
    let payload = pack(b"{\"a\":1}\n{\"a\":2}\n", Level::Default);
    assert_eq!(decoder.columns(&payload, &[]).unwrap()[0].columns, []);
    let error = decoder.columns(&payload, &["a", "b"]).unwrap_err();
    assert_eq!((error.kind, error.offset), (Kind::Unsupported, 1));
    assert_eq!(decoder.columns(&pack(b"", Level::Default), &["b"]).unwrap(), []);
}

#[test]
fn sections_stand_in_order() {
    let payload = pack(b"[{\"a\":1},{\"a\":2}]", Level::Default);
    // A kind, a length below 128, the body, its checksum: each section is whole wherever it stands.
    let mut sections = Vec::new();
    let mut rest = &payload[4..];
    while !rest.is_empty() {
        let (section, next) = rest.split_at(2 + usize::from(rest[1]) + 4);
        sections.push(section);
        rest = next;
    }
    let [block, framing, end] = sections[..] else { panic!("{} sections", sections.len()) };
    let columns = |sections: &[&[u8]]| {
        Decoder::default().columns(&[&payload[..4], &sections.concat()].concat(), &["a"])
    };
    assert_eq!(columns(&[block, block, framing, end]).unwrap().len(), 2);
    for disorder in [&[framing, block, end][..], &[block, framing, framing, end]] {
        assert_eq!(columns(disorder).unwrap_err().kind, Kind::Malformed);
    }
}

#[test]
fn damage_is_an_error() {
    let payload = pack(&records(60).join(&b'\n'), Level::Small);
    for end in 0..payload.len() {
        assert!(Decoder::default().columns(&payload[..end], &["user"]).is_err(), "{end}");
    }
}
