//! The read path: SQL in, the records as they were sent out.
//!
//! What happens to a request, in the order of the modules:
//!
//! 1. a host makes a [`request`] of what came in: [`server`] (a laptop; `connections` come and go there) or `gateway` (AWS Lambda);
//! 2. the [`handler`] finds its route; [`sql`] checks and rewrites the query;
//! 3. an [`engine`] runs it and gives pages of typed columns;
//! 4. the columns become records again (`exact`) or `rows`, these become lines, JSON or a `block`;
//! 5. the [`response`] goes back; what goes wrong on the way is a [`problem`].
//!
//! `ticket` and [`token`] make query ids and cursors, which carry all that the server must know again.

mod accept;
mod block;
#[cfg(feature = "local")]
mod connections;
#[cfg(feature = "local")]
pub mod console;
pub mod engine;
mod etag;
mod exact;
#[cfg(feature = "athena")]
pub mod gateway;
mod gzip;
pub mod handler;
pub mod openapi;
pub mod problem;
pub mod request;
pub mod response;
mod rows;
#[cfg(feature = "local")]
pub mod server;
pub mod sql;
mod ticket;
pub mod token;

pub use handler::Handler;
pub use request::Request;
pub use response::Response;
