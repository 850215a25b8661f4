//! Athena's side: the life of a query.

use axum::{body::Body, response::Response};
use fidelog_lambda::engine::{Engine, Position, Start, State};
use serde_json::{Value, json};

use super::{Fake, Script, objects::Object, spelling};

/// The service's page.
const MAX_ROWS: usize = 1_000;

pub struct Query {
    /// Its id in the local engine; none if it was never to run.
    local: Option<String>,
    sql: String,
    workgroup: Value,
    script: Script,
    polls: u32,
    is_cancelled: bool,
    results: Option<Results>,
    began: f64,
}

#[derive(Clone)]
struct Results {
    columns: Vec<(String, &'static str)>,
    /// The header first.
    rows: Vec<spelling::Cells>,
}

impl Fake {
    pub(super) async fn operation(&self, operation: &str, body: &Value) -> Response {
        let id = body["QueryExecutionId"].as_str().unwrap_or_default().to_owned();
        let answer = match operation {
            "StartQueryExecution" => self.start(body).await,
            "GetQueryExecution" => self.execution(&id).await,
            "GetQueryResults" => self.results(&id, body).await,
            "GetTableMetadata" => Ok(json!({"TableMetadata": {
                "Name": body["TableName"], "TableType": "EXTERNAL_TABLE",
                "Parameters": {"metadata_location": "s3://bucket/table/metadata.json"},
            }})),
            "StopQueryExecution" => self.stop(&id).await,
            _ => Err(("UnknownOperationException", operation.to_owned())),
        };
        let (status, body) = match answer {
            Ok(body) => (200, body),
            Err((kind, message)) => (400, json!({"__type": kind, "Message": message})),
        };
        let response =
            Response::builder().status(status).header("Content-Type", "application/x-amz-json-1.1");
        response.body(Body::from(body.to_string())).unwrap()
    }

    async fn start(&self, body: &Value) -> Answer {
        let (sql, token) =
            (body["QueryString"].as_str().unwrap(), body["ClientRequestToken"].as_str().unwrap());
        if !(32..=128).contains(&token.len()) {
            return Err(invalid("the token has a wrong length"));
        }
        {
            let mut script = self.script.lock().unwrap();
            if script.throttled > 0 {
                script.throttled -= 1;
                return Err(("TooManyRequestsException", "Rate exceeded".into()));
            }
        }
        if let Some(id) = self.tokens.lock().unwrap().get(token) {
            let is_same = self.queries.lock().unwrap().get(id).is_some_and(|query| query.sql == sql);
            return if is_same {
                Ok(json!({"QueryExecutionId": id}))
            } else {
                Err(invalid("Idempotent parameters do not match"))
            };
        }
        let prepared = self.known.lock().unwrap().get(sql).cloned();
        let Some(prepared) = prepared else {
            return Err(invalid("mismatched input"));
        };
        let script = std::mem::take(&mut *self.script.lock().unwrap());
        let local = match script.end {
            Some(_) => None,
            None => Some(
                self.local
                    .start(Start { prepared, intention: None })
                    .await
                    .map_err(|e| invalid(&e.to_string()))?,
            ),
        };
        let id = format!("{:032x}", rand::random::<u128>());
        let query = Query {
            local,
            sql: sql.to_owned(),
            workgroup: body["WorkGroup"].clone(),
            polls: script.queued,
            script,
            is_cancelled: false,
            results: None,
            began: std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64(),
        };
        self.queries.lock().unwrap().insert(id.clone(), query);
        self.tokens.lock().unwrap().insert(token.to_owned(), id.clone());
        Ok(json!({"QueryExecutionId": id}))
    }

    async fn execution(&self, id: &str) -> Answer {
        let local = {
            let mut queries = self.queries.lock().unwrap();
            let query = queries.get_mut(id).ok_or_else(|| invalid("QueryExecution was not found"))?;
            if query.is_cancelled {
                return Ok(described(id, query, "CANCELLED", ""));
            }
            if query.polls > 0 {
                query.polls -= 1;
                return Ok(described(id, query, "QUEUED", ""));
            }
            match (query.script.end, &query.local) {
                (Some((state, reason)), _) => return Ok(described(id, query, state, reason)),
                (None, Some(local)) => local.clone(),
                (None, None) => unreachable!("it ends or runs"),
            }
        };
        let status = self.local.status(&local).await.map_err(|e| invalid(&e.to_string()))?;
        let (state, reason) = match status.state {
            State::Queued => ("QUEUED", String::new()),
            State::Running => ("RUNNING", String::new()),
            State::Succeeded => ("SUCCEEDED", String::new()),
            State::Cancelled => ("CANCELLED", String::new()),
            State::Failed => ("FAILED", format!("GENERIC_USER_ERROR: {}", status.error.unwrap())),
        };
        if state == "SUCCEEDED" {
            self.materialise(id, &local).await;
        }
        let queries = self.queries.lock().unwrap();
        Ok(described(id, &queries[id], state, &reason))
    }

    /// Writes the results as Athena would.
    async fn materialise(&self, id: &str, local: &str) {
        if self.queries.lock().unwrap()[id].results.is_some() {
            return;
        }
        let (mut columns, mut rows, mut at) = (Vec::new(), Vec::new(), Some(Position::default()));
        while let Some(place) = at {
            let page = self.local.page(local, &place, 100_000).await.unwrap();
            if columns.is_empty() {
                let column = |(i, typed): (usize, &fidelog_lambda::engine::Typed)| {
                    (format!("c{i}"), typed.kind.name())
                };
                columns = page.columns.iter().enumerate().map(column).collect();
                rows.push(columns.iter().map(|(name, _)| Some(name.clone())).collect());
            }
            rows.extend(
                (0..page.rows).map(|row| {
                    page.columns.iter().map(|typed| spelling::cell(typed, row)).collect::<Vec<_>>()
                }),
            );
            at = page.next;
        }
        let mut queries = self.queries.lock().unwrap();
        let query = queries.get_mut(id).unwrap();
        let object = Object { bytes: spelling::csv(&rows), fault: query.script.file, reads: 0 };
        self.objects.lock().unwrap().insert(format!("/bucket/results/{id}.csv"), object);
        query.results = Some(Results { columns, rows });
    }

    async fn results(&self, id: &str, body: &Value) -> Answer {
        let queries = self.queries.lock().unwrap();
        let query = queries.get(id).ok_or_else(|| invalid("QueryExecution was not found"))?;
        let results = query.results.as_ref().ok_or_else(|| invalid("Query has not yet finished"))?;
        let max = body["MaxResults"].as_u64().map_or(MAX_ROWS, |n| n as usize);
        if !(1..=MAX_ROWS).contains(&max) {
            return Err(invalid("MaxResults is more than maximum allowed length 1000"));
        }
        let first: usize = match body["NextToken"].as_str() {
            None => 0,
            Some(token) => token
                .strip_prefix("token-")
                .and_then(|n| n.parse().ok())
                .ok_or_else(|| invalid("Invalid token"))?,
        };
        let here = results.rows.iter().skip(first).take(max);
        let datum =
            |cell: &Option<String>| cell.as_ref().map_or(json!({}), |text| json!({"VarCharValue": text}));
        let rows: Vec<Value> =
            here.map(|row| json!({"Data": row.iter().map(datum).collect::<Vec<_>>()})).collect();
        let info: Vec<Value> =
            results.columns.iter().map(|(name, kind)| json!({"Name": name, "Type": kind})).collect();
        let after = first + rows.len();
        let mut answer = json!({"ResultSet": {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": info}}});
        if after < results.rows.len() {
            answer["NextToken"] = json!(format!("token-{after}"));
        }
        Ok(answer)
    }

    async fn stop(&self, id: &str) -> Answer {
        let local = {
            let mut queries = self.queries.lock().unwrap();
            let query = queries.get_mut(id).ok_or_else(|| invalid("QueryExecution was not found"))?;
            query.is_cancelled = query.results.is_none();
            query.local.clone()
        };
        if let Some(local) = local {
            self.local.cancel(&local).await.unwrap();
        }
        Ok(json!({}))
    }
}

type Answer = Result<Value, (&'static str, String)>;

fn invalid(message: &str) -> (&'static str, String) {
    ("InvalidRequestException", message.to_owned())
}

fn described(id: &str, query: &Query, state: &str, reason: &str) -> Value {
    let mut execution = json!({
        "QueryExecutionId": id, "WorkGroup": query.workgroup, "StatementType": "DML",
        "Status": {"State": state, "SubmissionDateTime": query.began},
        "Statistics": {"EngineExecutionTimeInMillis": 5, "DataScannedInBytes": 6},
    });
    if !reason.is_empty() {
        execution["Status"]["StateChangeReason"] = json!(reason);
    }
    if !query.script.is_managed {
        execution["ResultConfiguration"] = json!({"OutputLocation": format!("s3://bucket/results/{id}.csv")});
    }
    json!({"QueryExecution": execution})
}
