//! The write path of Fidelog: how records get into the table. The `fidelog` command is a thin shell around it.
//!
//! A record's path through this crate, in the order of its modules:
//!
//! 1. [`sample`] invents records, for those who have none at hand;
//! 2. [`input`] finds the records in a file or a pipe, in batches of bounded size;
//! 3. [`oddity`] notices what is most likely not what was meant;
//! 4. [`consume`] puts them into a store, each exactly once;
//! 5. [`output`] writes whole files or none.
//!
//! [`command`] holds the commands' arguments and what they print, [`error`] what can go wrong and what to do then.

pub mod command;
pub mod consume;
pub mod error;
pub mod input;
pub mod oddity;
pub mod output;
pub mod sample;

pub use error::{Error, Result};
