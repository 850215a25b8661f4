//! The API from request to response: over an engine made up for the test, and over a store.

mod client;
mod engine;
mod failures;
mod functions;
mod local;
mod openapi;
mod pages;
mod server;
mod verdicts;
