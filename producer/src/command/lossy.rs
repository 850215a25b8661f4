//! Says what a schema leaves out of records, before it does.

use fidelog_codec::Schema;
use fidelog_table::{Place, Store};

use super::{is_json_log, note};
use crate::reduce::sentence;

/// Says it.
pub(super) fn announce(schema: &Schema) {
    let Some(sentence) = sentence(schema) else { return };
    if is_json_log() {
        let left_out = schema.reduction().map(ToString::to_string);
        tracing::warn!(left_out, version = schema.version(), "{sentence}");
    } else {
        note(&sentence);
    }
}

/// The same for records that come to a store, under a schema that was given or its own.
pub(super) async fn announce_at(to: &Place, given: Option<&Schema>) {
    match given {
        Some(schema) => announce(schema),
        // A store that is not there yet gets a schema that leaves nothing out; of one that cannot be opened, whoever
        // opens it next says what is wrong.
        None => {
            if let Ok(store) = Store::open(to.clone()).await
                && let Ok(schema) = store.schema().await
            {
                announce(&schema);
            }
        }
    }
}
