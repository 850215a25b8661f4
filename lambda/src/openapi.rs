//! The API's description of itself.

/// The OpenAPI 3.1 document that `/v1/openapi.json` serves.
pub const DOCUMENT: &str = include_str!("openapi.json");
