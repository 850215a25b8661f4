//! `/v1/schema` and `/v1/health`.

use serde_json::{Value, json};

use super::Handler;
use crate::{
    engine::{EngineError, Kind},
    problem::Problem,
    response::Response,
};
use fidelog_codec::{encoding::Encoding, schema::Field};

impl Handler {
    /// The newest schema, and its columns as SQL sees them.
    pub(super) async fn schema(&self) -> Result<Response, Problem> {
        let schemas = self.engine.schemas().await?;
        let schema = schemas.last().ok_or_else(|| EngineError::Internal("the table has no schema".into()))?;
        let document: Value = serde_json::from_str(&schema.to_compact_json()).unwrap_or_default();
        let columns: Value = schema.fields().iter().map(column).collect();
        Ok(Response::json(
            200,
            &json!({"table": self.options.table, "version": schema.version(), "columns": columns, "schema": document}),
        ))
    }
}

fn column(field: &Field) -> Value {
    let kind = match field.encoding {
        Encoding::Integer => Kind::Bigint,
        Encoding::Number { .. } => Kind::Double,
        Encoding::Boolean => Kind::Boolean,
        Encoding::Timestamp { .. } => Kind::Timestamp,
        Encoding::Hex { .. } | Encoding::Uuid { .. } | Encoding::Text | Encoding::Json => Kind::Varchar,
    };
    json!({"name": field.name(), "column": field.column, "type": kind.name(), "encoding": field.encoding.name()})
}

pub(super) fn health() -> Response {
    Response::json(200, &json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}
