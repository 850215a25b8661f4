//! The AWS host: events of an API Gateway HTTP API (payload format 2.0) become requests, responses go back.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    problem::{Code, Problem},
    request::Request,
    response::Response,
};

/// One HTTP request, as the gateway describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    #[serde(default)]
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    request_context: Context,
}

#[derive(Clone, Debug, Deserialize)]
struct Context {
    http: Http,
    #[serde(default)]
    stage: String,
    #[serde(default)]
    authorizer: Value,
}

#[derive(Clone, Debug, Deserialize)]
struct Http {
    method: String,
}

/// One HTTP response, as the gateway takes it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    status_code: u16,
    headers: BTreeMap<&'static str, String>,
    body: String,
    is_base64_encoded: bool,
}

impl TryFrom<Event> for Request {
    type Error = Problem;

    fn try_from(event: Event) -> Result<Self, Problem> {
        let caller = caller(&event.request_context.authorizer).ok_or_else(|| {
            Problem::new(Code::Unauthorized, "the gateway did not say who is calling")
                .hint("send the request with IAM or JWT credentials")
        })?;
        let body = event.body.unwrap_or_default();
        let body = if event.is_base64_encoded {
            STANDARD.decode(body).map_err(|_| Problem::new(Code::BadRequest, "the body is not base64"))?
        } else {
            body.into_bytes()
        };
        // A named stage stands before the path.
        let stage = format!("/{}", event.request_context.stage);
        let path = event
            .raw_path
            .strip_prefix(&stage)
            .filter(|path| path.starts_with('/'))
            .unwrap_or(&event.raw_path);
        Ok(Request {
            method: event.request_context.http.method,
            path: path.to_owned(),
            query: event.raw_query_string,
            headers: event.headers.into_iter().collect(),
            body,
            caller,
        })
    }
}

/// Who calls: an IAM user or role, or the subject of an issuer's token.
fn caller(authorizer: &Value) -> Option<String> {
    if let Some(arn) = authorizer["iam"]["userArn"].as_str() {
        return Some(format!("iam:{arn}"));
    }
    let claims = &authorizer["jwt"]["claims"];
    Some(format!("jwt:{}:{}", claims["iss"].as_str()?, claims["sub"].as_str()?))
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        // A text goes as it is, unless escaping it in JSON makes it larger than base64 does.
        let text = std::str::from_utf8(&response.body).ok().filter(|_| response.is_text());
        let (body, is_base64_encoded) = match text {
            Some(text) if escaped_len(text) < response.body.len().div_ceil(3) * 4 => (text.to_owned(), false),
            _ => (STANDARD.encode(&response.body), true),
        };
        let headers = response.headers.into_iter().collect();
        Answer { status_code: response.status, headers, body, is_base64_encoded }
    }
}

/// How long a text is inside a JSON string.
fn escaped_len(text: &str) -> usize {
    let len = |c: u8| match c {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    };
    text.bytes().map(len).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::response::{MAX_RESPONSE, NDJSON};

    #[test]
    fn events_become_requests() {
        let event = json!({
            "version": "2.0", "rawPath": "/prod/v1/queries", "rawQueryString": "limit=1&x=%20",
            "headers": {"accept": "*/*"}, "body": "eyJzcWwiOiAiIn0=", "isBase64Encoded": true,
            "requestContext": {"stage": "prod", "http": {"method": "POST"}, "authorizer": {"iam": {"userArn": "arn:a"}}},
        });
        let request = Request::try_from(serde_json::from_value::<Event>(event.clone()).unwrap()).unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/queries"));
        assert_eq!((request.query.as_str(), request.caller.as_str()), ("limit=1&x=%20", "iam:arn:a"));
        assert_eq!(request.body, br#"{"sql": ""}"#);
        let mut jwt = event.clone();
        jwt["requestContext"]["authorizer"] = json!({"jwt": {"claims": {"iss": "https://i", "sub": "s"}}});
        assert_eq!(
            Request::try_from(serde_json::from_value::<Event>(jwt).unwrap()).unwrap().caller,
            "jwt:https://i:s"
        );
        let mut nobody = event;
        nobody["requestContext"]["authorizer"] = json!({});
        let refused = Request::try_from(serde_json::from_value::<Event>(nobody).unwrap());
        assert_eq!(refused.unwrap_err().code, Code::Unauthorized);
    }

    #[test]
    fn the_largest_body_fits_whatever_it_holds() {
        let head = Response::new(200, NDJSON, Vec::new())
            .with("Fidelog-Next", "x".repeat(4_000))
            .with("ETag", "\"a\\b\"");
        let room = head.room();
        for byte in [b'x', b'"', 0, 0xff] {
            let answer = Answer::from(Response { body: vec![byte; room], ..head.clone() });
            let len = serde_json::to_vec(&answer).unwrap().len();
            assert!(len <= MAX_RESPONSE, "{byte}: {len}");
            // Not a byte is wasted: three more are four in base64.
            assert!(byte != 0xff || len + 4 > MAX_RESPONSE, "{byte}: {len}");
        }
        // Few control characters are enough to outgrow base64.
        let body = (0..room).map(|i| if i % 5 == 0 { 1 } else { b'x' }).collect();
        let answer = Answer::from(Response { body, ..head });
        assert!(answer.is_base64_encoded && serde_json::to_vec(&answer).unwrap().len() <= MAX_RESPONSE);
    }

    #[test]
    fn a_texts_length_in_json() {
        let text: String = (0..=0x80u8).map(char::from).chain("é🦀".chars()).collect();
        assert_eq!(escaped_len(&text) + 2, serde_json::to_string(&text).unwrap().len());
    }
}
