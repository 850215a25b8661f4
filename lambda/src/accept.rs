//! Which form of results the caller wants.

use crate::{
    problem::{Code, Problem},
    response::{BLOCK, JSON, NDJSON},
};

/// A form of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A payload of the codec.
    Block,
    /// One record, or one row's object, a line.
    Ndjson,
    /// Columns and rows in one document.
    Json,
    /// A payload in base64, in a document.
    JsonBlock,
}

/// Reads an `Accept` header: the form with the highest weight, the first of equals.
pub(crate) fn form(accept: Option<&str>) -> Result<Form, Problem> {
    let mut best: Option<(u32, Form)> = None;
    for range in accept.unwrap_or("*/*").split(',') {
        let mut parts = range.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
        let (mut weight, mut block) = (1000, false);
        for part in parts {
            match part.split_once('=').map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim())) {
                Some((name, value)) if name == "q" => weight = quality(value)?,
                Some((name, value))
                    if name == "block" && value.trim_matches('"').eq_ignore_ascii_case("base64") =>
                {
                    block = true
                }
                _ => {}
            }
        }
        let form = match media_type.as_str() {
            BLOCK => Form::Block,
            NDJSON | "application/ndjson" | "application/*" | "*/*" => Form::Ndjson,
            JSON if block => Form::JsonBlock,
            JSON => Form::Json,
            _ => continue,
        };
        if weight > 0 && best.is_none_or(|(w, _)| weight > w) {
            best = Some((weight, form));
        }
    }
    best.map(|(_, form)| form).ok_or_else(|| {
        Problem::new(Code::NotAcceptable, "results come in no media type of the Accept header")
            .hint(format!("accept {BLOCK}, {NDJSON}, {JSON} or {JSON}; block=base64"))
    })
}

/// A weight in thousandths.
fn quality(value: &str) -> Result<u32, Problem> {
    match value.parse::<f32>() {
        Ok(q) if (0.0..=1.0).contains(&q) => Ok((q * 1000.0) as u32),
        _ => Err(Problem::new(Code::BadRequest, "a weight (q) of the Accept header is not between 0 and 1")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (accept, want) in [
            (None, Form::Ndjson),
            (Some("*/*"), Form::Ndjson),
            (Some("application/json"), Form::Json),
            (Some("application/json; block=base64"), Form::JsonBlock),
            (Some("APPLICATION/JSON;Block=\"Base64\""), Form::JsonBlock),
            (Some("text/html, application/vnd.fidelog.block;q=0.5, application/json;q=0.4"), Form::Block),
            (Some("application/json;q=0.4,*/*;q=0.1"), Form::Json),
            (Some("application/json;q=0,*/*"), Form::Ndjson),
        ] {
            assert_eq!(form(accept).unwrap(), want, "{accept:?}");
        }
        for (accept, status) in
            [("text/html", 406), ("", 406), ("application/json;q=0", 406), ("application/json;q=x", 400)]
        {
            assert_eq!(form(Some(accept)).unwrap_err().code.status(), status, "{accept}");
        }
    }
}
