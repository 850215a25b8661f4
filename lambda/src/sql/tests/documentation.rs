//! What `docs/sql.md` promises is what the program does.

use std::collections::BTreeSet;

use crate::sql::functions::{Support, names};

#[test]
fn the_functions_on_both_engines_are_listed() {
    let page = include_str!("../../../../docs/sql.md");
    let list = page.split_once("<!-- functions:").and_then(|(_, rest)| rest.split_once("-->")).unwrap().1;
    let listed: BTreeSet<&str> = list.split_once("<!-- end -->").unwrap().0.split_whitespace().collect();
    assert_eq!(listed, names(Support::Guaranteed).collect());
}
