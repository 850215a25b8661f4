//! The write path of Fidelog: how records get into the table. The `fidelog` command is a thin shell around it.
//!
//! A record's path through this crate, in the order of its modules:
//!
//! 1. [`sample`] invents records, for those who have none at hand;
//! 2. [`input`] finds the records in a file, a pipe or an object on S3, in batches of bounded size;
//! 3. [`oddity`] notices what is most likely not what was meant; [`reduce`] leaves out what the schema says;
//! 4. [`produce`] sends them to a stream ([`kinesis`]), many in one [`payload`];
//! 5. [`consume`] puts an input's records into a store, [`follow`] a stream's, each exactly once; [`ingest`] what Lambda is
//!    handed of one;
//! 6. [`export`] gives a store's records back;
//! 7. [`output`] writes whole files or none.
//!
//! [`meter`] counts what a worker does, [`serve`] tells it. [`stop`] and [`backoff`] are about being told to stop, and about trying again.
//! [`cost`] reckons what a month of it costs. [`command`] holds the commands' arguments and what they print, [`error`] what can go wrong and what to do then.

pub mod backoff;
pub mod command;
pub mod consume;
pub mod cost;
pub mod error;
pub mod export;
pub mod follow;
pub mod ingest;
pub mod input;
pub mod kinesis;
pub mod meter;
pub mod oddity;
pub mod output;
pub mod payload;
pub mod produce;
pub mod reduce;
pub mod sample;
pub mod serve;
pub mod stop;

pub use error::{Error, Result};
