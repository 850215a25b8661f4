//! The format's page stays true: its example decodes to the records that it shows, and damage to it is refused.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use fidelog_codec::{Limits, container::VERSION, decode, inspect, unpack};

const PAGE: &str = include_str!("../FORMAT.md");

/// The lines of the fenced block of the example that comes after `from`, without its comments.
fn fenced<'p>(from: &str) -> Vec<&'p str> {
    let (_, example) = PAGE.split_once("Example\n").unwrap();
    let (_, rest) = example.split_once(from).unwrap();
    let (block, _) = rest.split_once("```\n").unwrap();
    block.lines().map(|line| line.split("  #").next().unwrap().trim_end()).collect()
}

fn records() -> Vec<u8> {
    fenced("```json\n").into_iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect()
}

fn container() -> Vec<u8> {
    let hex = fenced("outside:\n```\n").join(" ");
    hex.split_whitespace().map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

#[test]
fn the_example_is_its_records() {
    let lines = String::from_utf8(records()).unwrap();
    let block = decode(&container(), &Limits::default()).unwrap();
    let decoded: Vec<Vec<u8>> = block.records().map(Result::unwrap).collect();
    assert_eq!(decoded, lines.lines().map(|line| line.as_bytes().to_vec()).collect::<Vec<_>>());
    assert_eq!(decoded.len(), 3);
    assert_eq!(unpack(&container(), &Limits::default()).unwrap(), records());
    assert!(inspect(&container(), &Limits::default()).is_ok());
}

#[test]
fn the_page_is_about_the_version_written() {
    assert_eq!(container().get(3), Some(&VERSION));
    assert!(PAGE.starts_with(&format!("# The container format, version {VERSION}")));
}

#[test]
fn every_byte_of_the_example_counts() {
    for bit in 0..container().len() * 8 {
        let mut damaged = container();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(unpack(&damaged, &Limits::default()).is_err(), "bit {bit}");
    }
}
