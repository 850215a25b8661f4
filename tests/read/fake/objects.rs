//! S3's side: whole and ranged reads, and what is put.

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Method, StatusCode},
    response::Response,
};

use super::{Fake, Fault};

pub struct Object {
    pub bytes: Vec<u8>,
    pub fault: Fault,
    pub reads: u32,
}

impl Object {
    pub fn of(bytes: Vec<u8>) -> Self {
        Object { bytes, fault: Fault::None, reads: 0 }
    }
}

impl Fake {
    pub(super) fn object(&self, method: &Method, path: &str, headers: &HeaderMap, body: Bytes) -> Response {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let range = header("range").unwrap_or_default();
        self.note(format!("{method} {range}").trim_end().to_owned());
        let mut objects = self.objects.lock().unwrap();
        if method == Method::PUT {
            objects.insert(path.to_owned(), Object::of(body.to_vec()));
            return Response::new(Body::empty());
        }
        let Some(object) = objects.get_mut(path).filter(|object| object.fault != Fault::Missing) else {
            return error(StatusCode::NOT_FOUND, "NoSuchKey");
        };
        object.reads += 1;
        let etag = match object.fault {
            Fault::Denied => return error(StatusCode::FORBIDDEN, "AccessDenied"),
            Fault::Replaced if object.reads > 1 => "\"2\"",
            _ => "\"1\"",
        };
        if header("if-match").is_some_and(|wanted| wanted != etag) {
            return error(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
        }
        let size = match object.fault {
            Fault::Truncated(missing) => object.bytes.len() - missing,
            _ => object.bytes.len(),
        };
        let (status, first, last) = match range.strip_prefix("bytes=").and_then(|range| range.split_once('-'))
        {
            None => (StatusCode::OK, 0, size),
            Some((first, last)) => {
                let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
                if first >= size {
                    return error(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange");
                }
                (StatusCode::PARTIAL_CONTENT, first, size.min(last + 1))
            }
        };
        let bytes = &object.bytes[first..last];
        let mut response =
            Response::builder().status(status).header("ETag", etag).header("Accept-Ranges", "bytes");
        if status == StatusCode::PARTIAL_CONTENT {
            response = response.header("Content-Range", format!("bytes {first}-{}/{size}", last - 1));
        }
        let body = match object.fault {
            Fault::Cut(after) => {
                response = response.header("Content-Length", bytes.len());
                bytes[..after.min(bytes.len() - 1)].to_vec()
            }
            _ => bytes.to_vec(),
        };
        let is_cut = matches!(object.fault, Fault::Cut(_));
        response.body(if is_cut { broken(body) } else { Body::from(body) }).unwrap()
    }
}

/// Some bytes, then a broken connection.
fn broken(bytes: Vec<u8>) -> Body {
    let pieces = [Ok(Bytes::from(bytes)), Err(std::io::Error::other("cut"))];
    Body::from_stream(futures::stream::iter(pieces))
}

fn error(status: StatusCode, code: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>no</Message></Error>"
    );
    Response::builder()
        .status(status)
        .header("Content-Type", "application/xml")
        .body(Body::from(body))
        .unwrap()
}
