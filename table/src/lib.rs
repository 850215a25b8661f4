//! The Iceberg table of logs: its layout, its catalogue, and the commit that stores every record once.
//!
//! What happens to a batch of records, in the order of the modules:
//!
//! 1. `store` makes or opens the table `fidelog.logs` at a `place` (a directory: `catalogue`, SQLite beside the data;
//!    S3: `glue`);
//! 2. `layout` says which columns the table has, `schemas` which schema versions its rows were written under;
//! 3. `ledger` remembers, in table properties, which index `ranges` of which source are stored, and the `checkpoint` of
//!    each shard of a stream;
//! 4. `append` trims what is already stored, writes data files (`write`, compressed as `parquet` decides) and commits
//!    them together with the ledger behind a `fence`;
//! 5. `scan` reads record batches back, [`Schemas::batches`] turns them into exact records; `verify` checks that all
//!    counts agree.
//!
//! `widen` appends fields to the schema, `maintain` removes old snapshots and files (`objects`) that nothing refers to.
//!
//! ```no_run
//! # async fn example(schema: fidelog_codec::Schema, lines: Vec<&[u8]>) -> fidelog_table::Result<()> {
//! use fidelog_table::{Options, Part, SourceRange, Store};
//!
//! let store = Store::open_or_create("logs", &schema, Options::default()).await?;
//! let schema = store.schema().await?;
//! let batch = fidelog_codec::batch::Batch::split(&schema, lines);
//! let source = SourceRange { source: "app.jsonl".into(), first: 0 };
//! let appended = store.append(&[Part { batch, source: Some(source) }]).await?;
//! println!("{} stored, {} already there", appended.stored, appended.known);
//! # Ok(()) }
//! ```

mod append;
mod catalogue;
mod checkpoint;
mod error;
mod fence;
mod glue;
mod layout;
mod ledger;
mod maintain;
mod objects;
mod parquet;
mod place;
mod ranges;
mod scan;
mod schemas;
mod store;
mod verify;
mod widen;
mod write;

pub use append::{Appended, Delivered, Part, SourceRange};
pub use checkpoint::{Checkpoint, Counts, Delivery, Sequence, Shard, Span, Start};
pub use error::{Error, Result};
pub use glue::Optimizers;
pub use layout::{ARRIVED, Options, PARTITION, Partition, SCHEMA_VERSION, SKELETON};
pub use ledger::{MAX_RANGES, MAX_SOURCE_NAME, MAX_SOURCES};
pub use maintain::{Ages, LEAST_AGE, Maintained};
pub use objects::{Content, Object, Objects, Only, S3_SCHEME};
pub use place::Place;
pub use scan::FileInfo;
pub use schemas::Schemas;
pub use store::{NAMESPACE, Store, TABLE};
pub use verify::Verified;
