//! The syntax that queries are read in: Trino's, as far as sqlparser can be told.

use std::{any::TypeId, cell::Cell};

use sqlparser::{
    ast::Expr,
    dialect::{Dialect, GenericDialect},
    parser::{Parser, ParserError},
};

/// Most of what other dialects add is left off, so that it does not even parse.
#[derive(Debug)]
pub(super) struct Trino {
    /// How many more expressions may be begun.
    steps: Cell<usize>,
}

impl Trino {
    /// For a text of so many tokens. The parser tries some forms twice, and forms within forms four times: a text of a
    /// kilobyte could keep it busy for years.
    pub(super) const fn of_tokens(tokens: usize) -> Self {
        Trino { steps: Cell::new(1_000 + 2 * tokens) }
    }

    /// Whether the parser was stopped.
    pub(super) const fn is_spent(&self) -> bool {
        self.steps.get() == 0
    }
}

impl Dialect for Trino {
    // Trino's UNNEST is read for named dialects only.
    fn dialect(&self) -> TypeId {
        TypeId::of::<GenericDialect>()
    }

    fn parse_prefix(&self, _parser: &mut Parser<'_>) -> Option<Result<Expr, ParserError>> {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        (left == 0).then_some(Err(ParserError::RecursionLimitExceeded))
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"'
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_'
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_left_associative_joins_without_parens(&self) -> bool {
        true
    }

    fn supports_parens_around_table_factor(&self) -> bool {
        true
    }

    fn require_interval_qualifier(&self) -> bool {
        true
    }
}
