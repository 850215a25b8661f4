//! Columns whose logical value is text though bytes are stored: rendering, and literals that fit.

use fidelog_codec::{
    encoding::{Case, Encoding, Value},
    schema::Style,
};
use sqlparser::ast::{BinaryOperator, Expr};

use super::Rewriter;
use crate::sql::{
    scope::{Column, Stored},
    tree,
};

/// Where a UUID's hyphen-separated groups start in its hex digits (from 1), and their lengths.
const UUID_GROUPS: [(u8, u8); 5] = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)];

/// The bytes stored for a text, if the encoding takes it.
pub(super) fn stored_bytes(stored: Stored, text: &str) -> Option<Vec<u8>> {
    let encoding = match stored {
        // Also of another length than the field's: hex digits order as their bytes do.
        Stored::Hex(case) => Encoding::Hex { case, bytes: None },
        Stored::Uuid(case) => Encoding::Uuid { case },
        Stored::Plain | Stored::Time => return None,
    };
    let mut scratch = Vec::new();
    match encoding.parse(format!("\"{text}\"").as_bytes(), &Style::default(), &mut scratch)? {
        Value::Bytes(bytes) => Some(bytes.to_vec()),
        _ => None,
    }
}

impl Rewriter<'_> {
    /// A column's logical value.
    pub(super) fn logical(&mut self, column: &Column) -> Expr {
        // A UUID's text has this many expressions in it, the others' fewer.
        self.nodes = self.nodes.saturating_add(if column.stored.is_bytes() { 40 } else { 1 });
        match column.stored {
            Stored::Plain | Stored::Time => column.expr.clone(),
            Stored::Hex(case) => self.hex(case, column.expr.clone()),
            Stored::Uuid(case) => {
                self.uses("substr");
                let digits = self.hex(case, column.expr.clone());
                let mut groups = UUID_GROUPS.map(|(from, length)| {
                    tree::substr(digits.clone(), tree::number(from), Some(tree::number(length)))
                });
                let [first, rest @ ..] = &mut groups;
                // Not concat(): DataFusion's takes a null for an empty string.
                let joined = rest.iter().fold(first.clone(), |all, group| {
                    let all = tree::binary(all, BinaryOperator::StringConcat, tree::text("-"));
                    tree::binary(all, BinaryOperator::StringConcat, group.clone())
                });
                tree::operand(joined)
            }
        }
    }

    fn hex(&mut self, case: Case, bytes: Expr) -> Expr {
        self.uses("to_hex");
        let digits = tree::call("to_hex", [bytes]);
        match case {
            Case::Upper => digits,
            Case::Lower => {
                self.uses("lower");
                tree::call("lower", [digits])
            }
        }
    }
}
