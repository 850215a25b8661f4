//! The table's schemas, from its own metadata: nothing to deploy when a schema is widened.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use fidelog_codec::Schema;
use serde::Deserialize;

use crate::engine::{EngineError, Result};

/// How long they are taken for the newest: a query misses a field for so long after it was added.
const FRESH: Duration = Duration::from_secs(30);

/// The last ones read.
#[derive(Debug, Default)]
pub(super) struct Cache(Option<(Instant, Vec<Arc<Schema>>)>);

impl Cache {
    pub(super) fn get(&self) -> Option<Vec<Arc<Schema>>> {
        self.0.as_ref().filter(|(read, _)| read.elapsed() < FRESH).map(|(_, schemas)| schemas.clone())
    }

    pub(super) fn put(&mut self, schemas: &[Arc<Schema>]) {
        self.0 = Some((Instant::now(), schemas.to_vec()));
    }
}

/// The part of an Iceberg table's metadata that concerns us.
#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    properties: HashMap<String, String>,
}

/// All versions, in order, from the bytes of a table's metadata file.
pub(super) fn of_metadata(bytes: &[u8]) -> Result<Vec<Arc<Schema>>> {
    let bad = |what: String| EngineError::Internal(format!("the table's metadata: {what}"));
    let metadata: Metadata = serde_json::from_slice(bytes).map_err(|e| bad(e.to_string()))?;
    let mut schemas = Vec::new();
    while let Some(document) = metadata.properties.get(&format!("fidelog.schema.{}", schemas.len() + 1)) {
        let schema =
            Schema::from_json(document).map_err(|e| bad(format!("schema {}: {e}", schemas.len() + 1)))?;
        schemas.push(Arc::new(schema));
    }
    if schemas.is_empty() { Err(bad("it is not a table of logs".into())) } else { Ok(schemas) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_versions_in_order() {
        let document = |version| {
            format!(
                r#"{{"fidelog_schema":1,"version":{version},"style":{{"item":",","key":":"}},"fields":[]}}"#
            )
        };
        let metadata = json!({"format-version": 2, "properties": {"fidelog.schema.2": document(2), "fidelog.schema.1": document(1), "x": "y"}});
        let versions: Vec<u32> =
            of_metadata(metadata.to_string().as_bytes()).unwrap().iter().map(|s| s.version()).collect();
        assert_eq!(versions, [1, 2]);
        for bytes in ["", "{}", r#"{"properties":{"fidelog.schema.1":"{"}}"#] {
            assert!(matches!(of_metadata(bytes.as_bytes()), Err(EngineError::Internal(_))), "{bytes}");
        }
    }
}
