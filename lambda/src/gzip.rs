//! Lines and JSON go packed to callers that accept it so.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use crate::{
    etag::GZIP,
    request::Request,
    response::{BLOCK, Response},
};

/// Below this a packet is a packet.
const WORTH_IT: usize = 1_024;

/// Whether this response should go packed to this caller.
pub(crate) fn applies(request: &Request, response: &Response) -> bool {
    response.body.len() >= WORTH_IT
        && response.header("content-type") != Some(BLOCK)
        && accepts(request.header("accept-encoding"))
}

/// Packs a body, unless that makes it larger.
pub(crate) fn pack(mut response: Response) -> Response {
    let mut packer = GzEncoder::new(Vec::with_capacity(response.body.len() / 4), Compression::new(4));
    match packer.write_all(&response.body).and_then(|()| packer.finish()) {
        Ok(packed) if packed.len() < response.body.len() => response.body = packed,
        _ => return response,
    }
    marked(response)
}

/// A response with the headers of a packed one.
pub(crate) fn marked(mut response: Response) -> Response {
    for (name, value) in &mut response.headers {
        if *name == "ETag" {
            *value = format!("\"{}{GZIP}\"", value.trim_matches('"'));
        }
    }
    if response.header("vary").is_none() {
        response = response.with("Vary", "Accept-Encoding");
    }
    response.with("Content-Encoding", "gzip")
}

/// Whether an `Accept-Encoding` header takes gzip.
fn accepts(header: Option<&str>) -> bool {
    let weight = |name: &str| {
        header.unwrap_or_default().split(',').find_map(|coding| {
            let (coding, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
            let weight = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
            coding.trim().eq_ignore_ascii_case(name).then(|| weight.unwrap_or(0.0))
        })
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_gzip() {
        for (header, want) in [
            (None, false),
            (Some(""), false),
            (Some("gzip"), true),
            (Some("br, GZIP;q=0.5"), true),
            (Some("gzip;q=0, *"), false),
            (Some("*"), true),
            (Some("br, *;q=0"), false),
            (Some("identity"), false),
            (Some("gzip;q=x"), false),
        ] {
            assert_eq!(accepts(header), want, "{header:?}");
        }
    }
}
