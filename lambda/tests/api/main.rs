//! The API from request to response: over an engine made up for the test, and over a store.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod caller;
mod engine;
mod failures;
mod functions;
mod local;
mod openapi;
mod pages;
mod server;
mod stored;
mod verdicts;
