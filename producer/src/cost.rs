//! What a month of logs costs on AWS: as gzipped JSON, as the Parquet that Data Firehose makes, and as Fidelog's table.
//!
//! A [`Workload`] says how much there is and what is asked; [`Facts`] says what was measured on runs of this code,
//! [`Prices`] what the provider asks; [`bill`] multiplies. Nothing here reaches the network.

mod facts;
mod model;
mod prices;
mod workload;

pub use facts::Facts;
pub use model::{Bill, Line, Reads, System, bill};
pub use prices::{Price, Prices};
pub use workload::Workload;
