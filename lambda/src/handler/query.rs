//! A query's life: start, state, cancel, and the short way that waits.

use std::{sync::Arc, time::Duration};

use fidelog_codec::Schema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Handler;
use crate::{
    engine::{EngineError, Start, State, Status},
    problem::{Code, Problem},
    request::Request,
    response::Response,
    sql::{self, Param, Prepared, Tables},
    ticket::Ticket,
    token::intention,
};

/// Athena's limit for a query's text.
/// <https://docs.aws.amazon.com/athena/latest/ug/service-limits.html>
const MAX_SQL: usize = 262_144;

/// The longest Idempotency-Key.
const MAX_KEY: usize = 255;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    sql: String,
    #[serde(default)]
    params: Vec<Value>,
}

impl Handler {
    pub(super) async fn start(&self, request: &Request) -> Result<Response, Problem> {
        let body: Body = serde_json::from_slice(&request.body).map_err(|e| {
            Problem::new(Code::BadRequest, format!("the body is not as expected: {e}"))
                .hint(r#"send {"sql": "SELECT …", "params": […]}"#)
        })?;
        let params = body.params.iter().map(param).collect::<Result<Vec<_>, _>>()?;
        let (id, ticket) = self.launch(request, &body.sql, &params).await?;
        let status = self.engine.status(&ticket.engine).await?;
        Ok(accepted(&id, status.state))
    }

    pub(super) async fn query(&self, request: &Request) -> Result<Response, Problem> {
        let sql = match (request.parameter("sql")?, request.parameter("query")?) {
            (Some(sql), None) | (None, Some(sql)) => sql,
            (None, None) => {
                return Err(Problem::new(Code::BadRequest, "parameter sql is missing")
                    .hint("GET /v1/query?sql=SELECT%20…, or POST a long query to /v1/queries"));
            }
            (Some(_), Some(_)) => return Err(Problem::new(Code::BadRequest, "give sql or query, not both")),
        };
        // A request that cannot be answered must not cost a query.
        let wanted = self.wanted(request)?;
        let (id, ticket) = self.launch(request, &sql, &[]).await?;
        let status = self.engine.wait(&ticket.engine, self.options.wait).await?;
        if !status.state.is_final() {
            return Ok(accepted(&id, status.state));
        }
        self.page(request, &id, &ticket, &wanted).await
    }

    pub(super) async fn status(&self, request: &Request, id: &str) -> Result<Response, Problem> {
        let ticket = Ticket::open(&self.signer, &request.caller, id)?;
        let status = self.engine.status(&ticket.engine).await?;
        Ok(described(id, status))
    }

    pub(super) async fn cancel(&self, request: &Request, id: &str) -> Result<Response, Problem> {
        let ticket = Ticket::open(&self.signer, &request.caller, id)?;
        self.engine.cancel(&ticket.engine).await?;
        let status = self.engine.wait(&ticket.engine, Duration::from_secs(1)).await?;
        Ok(described(id, status))
    }

    /// Gate, rewrite, start.
    async fn launch(
        &self,
        request: &Request,
        sql: &str,
        params: &[Param],
    ) -> Result<(String, Ticket), Problem> {
        if sql.len() > MAX_SQL {
            return Err(Problem::new(Code::TooLarge, format!("the SQL has more than {MAX_SQL} bytes")));
        }
        let key = request.header("idempotency-key");
        if key.is_some_and(|key| key.is_empty() || key.len() > MAX_KEY) {
            return Err(Problem::new(
                Code::BadRequest,
                format!("an Idempotency-Key has 1 to {MAX_KEY} bytes"),
            ));
        }
        let schemas = self.engine.schemas().await?;
        let schema = schemas.last().ok_or_else(|| EngineError::Internal("the table has no schema".into()))?;
        let prepared = self.prepare(sql, params, Arc::clone(schema)).await?;
        // The prepared text has the parameters in it.
        let intention = key.map(|key| intention(key, &request.caller, prepared.sql.as_bytes()));
        let (exact, columns) = (prepared.exact, prepared.columns.clone());
        self.turns.ask(self.engine.as_ref(), &request.caller).await?;
        let engine = self.engine.start(Start { prepared, intention }).await?;
        self.turns.note(&request.caller, &engine);
        let ticket = Ticket::new(engine, schema.version(), exact, columns);
        let id = ticket.seal(&self.signer, &request.caller)?;
        Ok((id, ticket))
    }

    /// The gate computes: not on the threads that answer requests.
    async fn prepare(&self, sql: &str, params: &[Param], schema: Arc<Schema>) -> Result<Prepared, Problem> {
        let (sql, params, table) = (sql.to_owned(), params.to_vec(), self.options.table.clone());
        let max_rows = Some(self.options.max_rows);
        let work = move || sql::prepare(&sql, &params, &Tables { name: &table, schema: &schema, max_rows });
        let prepared = tokio::task::spawn_blocking(work).await;
        Ok(prepared.map_err(|e| EngineError::Internal(e.to_string()))??)
    }
}

fn accepted(id: &str, state: State) -> Response {
    Response::json(202, &json!({"id": id, "state": state}))
        .with("Location", format!("/v1/queries/{id}"))
        .with("Fidelog-Query-Id", id)
}

fn described(id: &str, status: Status) -> Response {
    let mut stats =
        json!({"engine_ms": status.engine_ms, "bytes_scanned": status.bytes_scanned.unwrap_or(0)});
    if let Some(rows) = status.rows {
        stats["rows"] = json!(rows);
    }
    let mut body = json!({"id": id, "state": status.state, "stats": stats});
    if let Some(error) = status.error {
        body["error"] = Problem::from(error).to_json();
    }
    Response::json(200, &body).with("Fidelog-Query-Id", id)
}

fn param(value: &Value) -> Result<Param, Problem> {
    Ok(match value {
        Value::Null => Param::Null,
        Value::Bool(v) => Param::Boolean(*v),
        Value::String(v) => Param::Text(v.clone()),
        Value::Number(v) => match (v.as_i64(), v.as_f64()) {
            (Some(v), _) => Param::Integer(v),
            (None, Some(number)) if !v.is_u64() => Param::Number(number),
            _ => {
                return Err(Problem::new(
                    Code::BadRequest,
                    format!("parameter {v} does not fit 64 bits with a sign"),
                ));
            }
        },
        Value::Array(_) | Value::Object(_) => {
            return Err(Problem::new(
                Code::BadRequest,
                "a parameter is null, a boolean, a number or a string",
            ));
        }
    })
}
