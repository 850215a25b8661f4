//! LIKE. Trino has no escape character unless one is named; DataFusion has the backslash and no other. A pattern whose
//! escapes are all backslashes, and named, means the same to both.

use sqlparser::ast::{Expr, Value};

use super::{Context, Rewriter, instead, literal::Literal};
use crate::sql::{
    error::{Result, SqlError},
    tree,
};

impl Rewriter<'_> {
    pub(super) fn like(
        &mut self,
        value: Box<Expr>,
        pattern: &Expr,
        escape: Option<&Value>,
        negated: bool,
        cx: &Context<'_>,
    ) -> Result<Expr> {
        let escape = match escape {
            None => None,
            Some(Value::SingleQuotedString(raw)) => {
                let content = raw.replace("''", "'");
                let mut chars = content.chars();
                match (chars.next(), chars.next()) {
                    (Some(one), None) => Some(one),
                    _ => return Err(instead("this ESCAPE", "name one character: ESCAPE '\\'")),
                }
            }
            Some(_) => return Err(instead("this ESCAPE", "name one character: ESCAPE '\\'")),
        };
        let content = match pattern {
            Expr::Value(value) => match self.literal(value)? {
                Literal::Text(content) => Some(content),
                Literal::Number(_) | Literal::Other(_) => None,
            },
            _ => None,
        };
        let backslash = || Some(Value::SingleQuotedString("\\".into()));
        let (pattern, escape_char) = match (content, escape) {
            (Some(content), escape) => {
                let portable = with_backslashes(&content, escape)?;
                let escape_char = portable.contains('\\').then(backslash).flatten();
                (tree::text(&portable), escape_char)
            }
            // Of a computed pattern, the backslashes would be escapes to one engine only.
            (None, None) => {
                self.uses("replace");
                let doubled =
                    tree::call("replace", [self.value(pattern, cx)?, tree::text("\\"), tree::text("\\\\")]);
                (doubled, backslash())
            }
            (None, Some('\\')) => (tree::operand(self.value(pattern, cx)?), backslash()),
            (None, Some(_)) => {
                return Err(instead("a computed LIKE pattern with this ESCAPE", "use ESCAPE '\\'"));
            }
        };
        Ok(Expr::Like { negated, any: false, expr: value, pattern: Box::new(pattern), escape_char })
    }
}

fn with_backslashes(pattern: &str, escape: Option<char>) -> Result<String> {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if Some(c) == escape {
            match chars.next() {
                Some(next) if next == '%' || next == '_' || Some(next) == escape => {
                    if matches!(next, '%' | '_' | '\\') {
                        out.push('\\');
                    }
                    out.push(next);
                }
                _ => {
                    return Err(SqlError::refused(
                        format!("the escape character {c} stands before neither %, _ nor itself"),
                        "write it twice to mean the character",
                    ));
                }
            }
        } else {
            if c == '\\' {
                out.push('\\');
            }
            out.push(c);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_backslashes() {
        for (pattern, escape, want) in [
            ("/data/%", None, "/data/%"),
            (r"a\_b", None, r"a\\_b"),
            ("50!%!_!!", Some('!'), r"50\%\_!"),
            (r"50\%\\", Some('\\'), r"50\%\\"),
            (r"\!%", Some('!'), r"\\\%"),
            ("a%%", Some('%'), r"a\%"),
        ] {
            assert_eq!(with_backslashes(pattern, escape).as_deref(), Ok(want), "{pattern}");
        }
        for (pattern, escape) in [("50!x", '!'), ("50!", '!')] {
            assert!(with_backslashes(pattern, Some(escape)).is_err(), "{pattern}");
        }
    }
}
