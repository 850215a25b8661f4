//! Text to tree, and tree back to text that was proved to mean the same tree.
//!
//! Literals and quoted names keep their doubled quotes on the tree (`with_unescape(false)`): sqlparser's printer
//! then gives them back as they were, which it does not for `'a''''b'` otherwise.

use std::{collections::HashMap, ops::ControlFlow};

use sqlparser::{
    ast::{Expr, LimitClause, Query, Spanned, Visit, Visitor},
    dialect::{Dialect, GenericDialect},
    keywords::Keyword,
    parser::{Parser, ParserError, ParserOptions},
    tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer},
};

use super::{
    dialect::Trino,
    error::{Result, SqlError},
};

/// The longest query, in bytes.
const MAX_BYTES: usize = 100_000;
/// How deep a user's query may nest, in steps of the parser's own recursion.
const MAX_NESTING: usize = 50;
/// How deep an expression may be, chains of operators included: they nest without the parser's recursion.
const MAX_DEPTH: usize = 400;
/// The rewrite adds parentheses, so its own text nests deeper.
const MAX_NESTING_REWRITTEN: usize = 400;

/// A query as the user wrote it.
pub(super) struct Parsed {
    pub query: Query,
    /// Where the `?` stand, to their number.
    pub placeholders: HashMap<Location, usize>,
}

fn tokenize(dialect: &dyn Dialect, sql: &str) -> Result<Vec<TokenWithSpan>> {
    Tokenizer::new(dialect, sql)
        .with_unescape(false)
        .tokenize_with_location()
        .map_err(|e| SqlError::syntax(e.location, e.message))
}

fn parser<'a>(dialect: &'a dyn Dialect, tokens: Vec<TokenWithSpan>, nesting: usize) -> Parser<'a> {
    Parser::new(dialect)
        .with_options(ParserOptions::new().with_unescape(false))
        .with_recursion_limit(nesting)
        .with_tokens_with_locations(tokens)
}

/// Reads exactly one query.
pub(super) fn parse(sql: &str) -> Result<Parsed> {
    if sql.len() > MAX_BYTES {
        return Err(SqlError::refused(
            format!("the query has {} bytes, at most {MAX_BYTES} are read", sql.len()),
            "shorten it, for example by splitting long IN lists",
        ));
    }
    let tokens = tokenize(&Trino::of_tokens(0), sql)?;
    let dialect = Trino::of_tokens(tokens.len());
    let end = end_of(sql);
    let mut words = tokens.iter().filter(|t| !matches!(t.token, Token::Whitespace(_)));
    match words.next() {
        None => return Err(SqlError::syntax(end, "the query is empty")),
        Some(first) => check_start(first)?,
    }
    let placeholders = tokens
        .iter()
        .filter(|t| t.token == Token::Placeholder("?".into()))
        .enumerate()
        .map(|(i, t)| (t.span.start, i))
        .collect();
    let mut parser = parser(&dialect, tokens, MAX_NESTING);
    let query = parser.parse_query().map_err(|e| match dialect.is_spent() {
        true => syntax(ParserError::RecursionLimitExceeded, end),
        false => syntax(e, end),
    })?;
    let ended = parser.consume_token(&Token::SemiColon);
    let rest = parser.peek_token();
    match rest.token {
        Token::EOF => {
            check_depth(&query)?;
            Ok(Parsed { query: *query, placeholders })
        }
        _ if ended => {
            Err(SqlError::refused("more than one statement", "send one query a request").at(rest.span))
        }
        other => {
            Err(SqlError::syntax(rest.span.start, format!("expected the end of the query, found {other}")))
        }
    }
}

/// Only queries are read at all: no other statement's grammar is reached.
fn check_start(first: &TokenWithSpan) -> Result<()> {
    match &first.token {
        Token::LParen => Ok(()),
        Token::Word(word) if matches!(word.keyword, Keyword::SELECT | Keyword::WITH) => Ok(()),
        Token::Word(word) if word.keyword != Keyword::NoKeyword => {
            let detail = format!("{} statements are not allowed", word.value.to_uppercase());
            Err(SqlError::refused(detail, "send one SELECT or WITH query").at(first.span))
        }
        other => {
            let detail = format!("expected SELECT or WITH, found {other}");
            Err(SqlError::syntax(first.span.start, detail))
        }
    }
}

/// Visiting is the one kind of walk that makes room on the stack as it goes, so it comes before all others.
fn check_depth(query: &Query) -> Result<()> {
    struct Depth(usize);
    impl Visitor for Depth {
        type Break = Location;
        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Location> {
            self.0 += 1;
            if self.0 > MAX_DEPTH {
                ControlFlow::Break(leaf(expr).span().start)
            } else {
                ControlFlow::Continue(())
            }
        }
        fn post_visit_expr(&mut self, _expr: &Expr) -> ControlFlow<Location> {
            self.0 -= 1;
            ControlFlow::Continue(())
        }
    }
    match query.visit(&mut Depth(0)) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(start) => Err(SqlError::refused(
            format!("an expression is more than {MAX_DEPTH} levels deep"),
            "break up long chains of operators, for example with IN (…)",
        )
        .at(Span { start, end: start })),
    }
}

/// The first operand of a chain of operators.
fn leaf(mut expr: &Expr) -> &Expr {
    while let Expr::BinaryOp { left, op: _, right: _ } = expr {
        expr = left;
    }
    expr
}

/// The position behind the text's last character.
fn end_of(sql: &str) -> Location {
    let line = sql.split('\n').count() as u64;
    let column = sql.rsplit('\n').next().map_or(0, |last| last.chars().count()) as u64 + 1;
    Location { line, column }
}

fn syntax(error: ParserError, end: Location) -> SqlError {
    match error {
        ParserError::RecursionLimitExceeded => SqlError::refused(
            "the query nests too deep",
            format!("use fewer nested parentheses and sub-queries (about {MAX_NESTING} levels are read)"),
        ),
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => {
            // The parser keeps the position only in its message.
            let (detail, location) = match text.rsplit_once(" at Line: ") {
                Some((detail, place)) => (detail.to_string(), place.split_once(", Column: ")),
                None => (text, None),
            };
            let number = |s: &str| s.trim().parse::<u64>().ok();
            let location =
                location.and_then(|(l, c)| Some(Location { line: number(l)?, column: number(c)? }));
            SqlError::syntax(location.unwrap_or(end), detail)
        }
    }
}

/// Prints a query, reads the text again in both engines' eyes and compares.
pub(super) fn print(query: &Query) -> Result<String> {
    let text = text(query);
    for dialect in [&Trino::of_tokens(text.len()) as &dyn Dialect, &GenericDialect {}] {
        let mut parser =
            parser(dialect, tokenize(dialect, &text).map_err(unprintable)?, MAX_NESTING_REWRITTEN);
        let again = parser.parse_query().map_err(|_| unprintable(()))?;
        if parser.peek_token().token != Token::EOF || *again != *query {
            return Err(unprintable(()));
        }
    }
    Ok(text)
}

/// sqlparser prints OFFSET behind LIMIT, Trino reads it only before. (The rewrite lets both stand together only
/// on the outermost query.)
fn text(query: &Query) -> String {
    if let Some(LimitClause::LimitOffset { limit: Some(limit), offset: Some(offset), limit_by: _ }) =
        &query.limit_clause
    {
        let head = Query { limit_clause: None, ..query.clone() };
        return format!("{head} {offset} LIMIT {limit}");
    }
    query.to_string()
}

fn unprintable<E>(_: E) -> SqlError {
    SqlError::refused(
        "this query cannot be passed on without changing its meaning",
        "write it in a simpler way, with parentheses around nested expressions",
    )
}
