//! The Lambda program over a stub of the Lambda runtime and of Athena: one process speaks to both.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::{Arc, Mutex, mpsc},
};

use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_fidelog-query");

const SCHEMA: &str = r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},"fields":[
    {"path":["n"],"column":"n","encoding":"integer"},{"path":["id"],"column":"id","encoding":"hex"}]}"#;

/// Calls to Athena (name and body) and the answers that are still to give.
#[derive(Default)]
struct Athena {
    calls: Vec<(String, Value)>,
    answers: VecDeque<(u16, Value)>,
}

struct Stub {
    events: mpsc::Receiver<Value>,
    athena: Arc<Mutex<Athena>>,
    results: mpsc::Sender<Value>,
}

impl Stub {
    fn serve(self, listener: TcpListener) {
        let events = Arc::new(Mutex::new(self.events));
        for stream in listener.incoming() {
            let (events, athena, results) =
                (Arc::clone(&events), Arc::clone(&self.athena), self.results.clone());
            std::thread::spawn(
                move || while connection(stream.as_ref().unwrap(), &events, &athena, &results) {},
            );
        }
    }
}

/// Answers one request; `false` at the end of the connection.
fn connection(
    stream: &TcpStream,
    events: &Mutex<mpsc::Receiver<Value>>,
    athena: &Mutex<Athena>,
    results: &mpsc::Sender<Value>,
) -> bool {
    let mut reader = BufReader::new(stream);
    let (mut first, mut target, mut length) = (String::new(), None, 0);
    if reader.read_line(&mut first).unwrap_or(0) == 0 {
        return false;
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "x-amz-target" => target = Some(value.trim_start_matches("AmazonAthena.").to_owned()),
            "transfer-encoding" => panic!("{value}"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let (status, headers, answer) = if target.as_deref() == Some("GetTableMetadata") {
        let table =
            json!({"TableMetadata": {"Name": "logs", "Parameters": {"metadata_location": "s3://b/m.json"}}});
        (200, "Content-Type: application/x-amz-json-1.1\r\n".to_owned(), table)
    } else if first.starts_with("GET /b/m.json") {
        (200, String::new(), json!({"properties": {"fidelog.schema.1": SCHEMA}}))
    } else if let Some(target) = target {
        let mut athena = athena.lock().unwrap();
        athena.calls.push((target, body));
        let (status, answer) = athena.answers.pop_front().expect("an answer for each call");
        (status, "Content-Type: application/x-amz-json-1.1\r\n".to_owned(), answer)
    } else if first.contains("/invocation/next") {
        let Ok(event) = events.lock().unwrap().recv() else { return false };
        let headers = "Lambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: 99999999999999\r\n\
                       Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:1:function:f\r\n";
        (200, headers.to_owned(), event)
    } else {
        results.send(body).unwrap();
        (202, String::new(), json!({"status": "OK"}))
    };
    let answer = answer.to_string();
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n{answer}", answer.len()).is_ok()
}

struct Function {
    child: std::process::Child,
    events: mpsc::Sender<Value>,
    results: mpsc::Receiver<Value>,
    athena: Arc<Mutex<Athena>>,
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Function {
    fn start() -> Self {
        Function::with(&[])
    }

    fn with(settings: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let ((events, receiver), (sender, results)) = (mpsc::channel(), mpsc::channel());
        let athena = Arc::new(Mutex::new(Athena::default()));
        let stub = Stub { events: receiver, athena: Arc::clone(&athena), results: sender };
        std::thread::spawn(move || stub.serve(listener));
        let child = Command::new(PROGRAM)
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
                ("AWS_LAMBDA_FUNCTION_NAME", "f"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
                ("AWS_LAMBDA_LOG_STREAM_NAME", "s"),
                ("AWS_LAMBDA_LOG_GROUP_NAME", "g"),
                ("AWS_ENDPOINT_URL", &format!("http://{address}")),
                ("AWS_REGION", "eu-west-1"),
                ("AWS_ACCESS_KEY_ID", "test"),
                ("AWS_SECRET_ACCESS_KEY", "test"),
                ("FIDELOG_WORKGROUP", "w"),
                ("FIDELOG_DATABASE", "d"),
                ("FIDELOG_KEY", "0123456789abcdef0123456789abcdef"),
            ])
            .envs(settings.iter().copied())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        Function { child, events, results, athena }
    }

    /// One invocation, with Athena's answers to the calls that it makes.
    fn ask(
        &self,
        method: &str,
        target: &str,
        accept: &str,
        body: Value,
        answers: Vec<(u16, Value)>,
    ) -> Value {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        self.athena.lock().unwrap().answers = answers.into();
        let event = json!({
            "version": "2.0", "rawPath": path, "rawQueryString": query, "headers": {"accept": accept},
            "body": body.to_string(), "isBase64Encoded": false,
            "requestContext": {"stage": "$default", "http": {"method": method}, "authorizer": {"iam": {"userArn": "arn:a"}}},
        });
        self.events.send(event).unwrap();
        let answer = self.results.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
        assert!(self.athena.lock().unwrap().answers.is_empty(), "calls that were expected: {answer}");
        answer
    }

    fn calls(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.athena.lock().unwrap().calls)
    }
}

fn execution(state: &str, reason: &str) -> (u16, Value) {
    let body = json!({"QueryExecution": {
        "QueryExecutionId": "q", "WorkGroup": "w", "Status": {"State": state, "StateChangeReason": reason},
        "Statistics": {"EngineExecutionTimeInMillis": 5, "DataScannedInBytes": 6},
    }});
    (200, body)
}

fn results(columns: &[(&str, &str)], rows: &[&[Option<&str>]], next: Option<&str>) -> (u16, Value) {
    let info: Vec<Value> = columns.iter().map(|(name, kind)| json!({"Name": name, "Type": kind})).collect();
    let cell = |cell: &Option<&str>| cell.map_or(json!({}), |text| json!({"VarCharValue": text}));
    let rows: Vec<Value> =
        rows.iter().map(|row| json!({"Data": row.iter().map(cell).collect::<Vec<_>>()})).collect();
    let mut body = json!({"ResultSet": {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": info}}});
    if let Some(next) = next {
        body["NextToken"] = json!(next);
    }
    (200, body)
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

#[test]
fn a_query_through_the_gateway_and_athena() {
    let function = Function::start();
    let started = (200, json!({"QueryExecutionId": "q"}));
    let answers = vec![started.clone(), execution("QUEUED", "")];
    let answer =
        function.ask("POST", "/v1/queries", "*/*", json!({"sql": "SELECT n, id FROM logs"}), answers);
    assert_eq!(answer["statusCode"], 202, "{answer}");
    let id = body(&answer)["id"].as_str().unwrap().to_owned();
    let calls = function.calls();
    assert_eq!(calls[0].0, "StartQueryExecution");
    assert_eq!(
        (&calls[0].1["WorkGroup"], &calls[0].1["QueryExecutionContext"]["Database"]),
        (&json!("w"), &json!("d"))
    );
    assert!(calls[0].1["ClientRequestToken"].as_str().unwrap().len() >= 32);

    let answer =
        function.ask("GET", &format!("/v1/queries/{id}"), "*/*", json!(null), vec![execution("RUNNING", "")]);
    assert_eq!(body(&answer)["state"], "RUNNING");
    assert_eq!(body(&answer)["stats"], json!({"engine_ms": 5, "bytes_scanned": 6}));

    // A row like the header is data on every page but the first.
    let columns = [("c0", "bigint"), ("c1", "varchar")];
    let first = results(
        &columns,
        &[&[Some("c0"), Some("c1")], &[Some("1"), Some("")], &[Some("2"), None]],
        Some("t"),
    );
    let second = results(&columns, &[&[Some("3"), Some("c1")], &[None, Some("x")]], None);
    let target = format!("/v1/queries/{id}/results");
    let answers = vec![execution("SUCCEEDED", ""), first.clone(), second.clone()];
    let answer = function.ask("GET", &target, "application/json", json!(null), answers);
    assert_eq!(body(&answer)["rows"], json!([[1, ""], [2, null], [3, "c1"], [null, "x"]]));

    let answers = vec![execution("SUCCEEDED", ""), first, second.clone()];
    let answer = function.ask("GET", &format!("{target}?limit=3"), "application/json", json!(null), answers);
    assert_eq!(body(&answer)["rows"], json!([[1, ""], [2, null], [3, "c1"]]));
    let next = body(&answer)["next"].as_str().unwrap().to_owned();
    function.calls();
    let target = format!("{target}?limit=3&cursor={next}");
    let answer = function.ask("GET", &target, "application/json", json!(null), vec![second]);
    assert_eq!((&body(&answer)["rows"], &body(&answer)["next"]), (&json!([[null, "x"]]), &json!(null)));
    assert_eq!(function.calls()[0].1["NextToken"], "t");
}

#[test]
fn exact_records_and_failures() {
    let function = Function::start();
    let columns = [
        ("n", "bigint"),
        ("id", "varbinary"),
        ("fidelog_schema", "integer"),
        ("fidelog_skeleton", "varbinary"),
    ];
    let header: Vec<Option<&str>> = columns.iter().map(|(name, _)| Some(*name)).collect();
    let rows: [&[Option<&str>]; 3] =
        [&header, &[Some("1"), Some("0a ff"), Some("1"), None], &[Some("2"), Some(""), Some("1"), None]];
    let answers = vec![
        (200, json!({"QueryExecutionId": "q"})),
        execution("SUCCEEDED", ""),
        execution("SUCCEEDED", ""),
        results(&columns, &rows, None),
    ];
    let answer = function.ask("GET", "/v1/query?sql=SELECT+*+FROM+logs", "*/*", json!(null), answers);
    assert_eq!(answer["headers"]["Fidelog-Exact"], "true", "{answer}");
    use base64::Engine as _;
    let text = answer["body"].as_str().unwrap();
    let text = match answer["isBase64Encoded"].as_bool() {
        Some(true) => {
            String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).unwrap()).unwrap()
        }
        _ => text.to_owned(),
    };
    assert_eq!(text, "{\"n\":1,\"id\":\"0aff\"}\n{\"n\":2,\"id\":\"\"}\n");

    let error = |kind: &str| (400, json!({"__type": kind, "Message": "no"}));
    let started = || (200, json!({"QueryExecutionId": "q"}));
    for (answers, status, code) in [
        (vec![error("InvalidRequestException")], 422, "query_failed"),
        (
            vec![
                started(),
                execution("FAILED", "GENERIC_USER_ERROR: no"),
                execution("FAILED", "GENERIC_USER_ERROR: no"),
            ],
            422,
            "query_failed",
        ),
        (vec![started(), execution("CANCELLED", ""), execution("CANCELLED", "")], 422, "cancelled"),
        (
            vec![
                started(),
                execution("CANCELLED", "Bytes scanned limit was exceeded"),
                execution("CANCELLED", "Bytes scanned limit was exceeded"),
            ],
            422,
            "scan_limit",
        ),
    ] {
        let answer = function.ask("GET", "/v1/query?sql=SELECT+n+FROM+logs", "*/*", json!(null), answers);
        assert_eq!(
            (&answer["statusCode"], &body(&answer)["code"]),
            (&json!(status), &json!(code)),
            "{answer}"
        );
    }
}

#[test]
fn an_older_result_is_asked_for_only_where_that_is_set() {
    for (settings, want) in [
        (&[][..], json!(null)),
        (
            &[("FIDELOG_REUSE_MINUTES", "5")],
            json!({"ResultReuseByAgeConfiguration": {"Enabled": true, "MaxAgeInMinutes": 5}}),
        ),
    ] {
        let function = Function::with(settings);
        let answers = vec![(200, json!({"QueryExecutionId": "q"})), execution("QUEUED", "")];
        function.ask("POST", "/v1/queries", "*/*", json!({"sql": "SELECT n FROM logs"}), answers);
        assert_eq!(function.calls()[0].1["ResultReuseConfiguration"], want);
    }
}

#[test]
fn what_is_missing_is_said() {
    let output = Command::new(PROGRAM).env_remove("FIDELOG_WORKGROUP").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("FIDELOG_WORKGROUP is not set"));
}
