//! `fidelog-ingest` as Lambda runs it: invoked through its runtime API, with what a mapping would hand over.

use std::{
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread::sleep,
    time::Duration,
};

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::harness::{Dice, Ground, binary, census, endpoint, same};

/// Longest time for one invocation.
const TIMEOUT: Duration = Duration::from_secs(60);

type Answer = (String, Value);

/// Lambda's side of the runtime API; <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.
struct Api {
    events: Mutex<Receiver<Value>>,
    answers: Sender<Answer>,
}

async fn next(State(api): State<Arc<Api>>) -> impl IntoResponse {
    // The process that asks may be gone by then: its event is lost, as it is in Lambda, and handed over again.
    let event = tokio::task::spawn_blocking(move || {
        let events = api.events.lock().unwrap();
        events.recv().unwrap_or(Value::Null)
    });
    let mut headers = HeaderMap::new();
    headers.insert("lambda-runtime-aws-request-id", "1".parse().unwrap());
    headers.insert("lambda-runtime-deadline-ms", "4102444800000".parse().unwrap());
    headers.insert(
        "lambda-runtime-invoked-function-arn",
        "arn:aws:lambda:us-east-1:000000000000:function:i".parse().unwrap(),
    );
    (headers, event.await.unwrap().to_string())
}

async fn done(
    State(api): State<Arc<Api>>,
    Path((_, how)): Path<(String, String)>,
    body: String,
) -> StatusCode {
    let _ = api.answers.send((how, serde_json::from_str(&body).unwrap_or(Value::Null)));
    StatusCode::ACCEPTED
}

/// A running function, and what invokes it.
struct Function {
    process: Child,
    events: Sender<Value>,
    answers: Receiver<Answer>,
    _runtime: tokio::runtime::Runtime,
}

impl Function {
    fn start(ground: &Ground, store: &str) -> Self {
        let (events, to_hand) = channel();
        let (answer, answers) = channel();
        let api = Arc::new(Api { events: Mutex::new(to_hand), answers: answer });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{how}", post(done))
            .with_state(api);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        runtime.spawn(async { axum::serve(listener, routes).await });
        let process = Command::new(binary("fidelog-ingest"))
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "i")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_ENDPOINT_URL", endpoint())
            .env("FIDELOG_STORE", store)
            .env("FIDELOG_DATABASE", ground.database())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the function starts");
        Function { process, events, answers, _runtime: runtime }
    }

    fn send(&self, event: &Value) {
        self.events.send(event.clone()).unwrap();
    }

    /// Invokes it: `response` or `error`, and what it says.
    fn invoke(&self, event: &Value) -> Answer {
        self.send(event);
        self.answers.recv_timeout(TIMEOUT).expect("an answer in time")
    }

    #[track_caller]
    fn stores(&self, event: &Value) {
        let answer = self.invoke(event);
        assert_eq!(answer, ("response".into(), json!({"batchItemFailures": []})));
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have been killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
        // Lets go of whoever waits for an event.
        self.events.send(Value::Null).unwrap_or_default();
    }
}

/// All records of each shard, as a mapping hands them over.
fn records(ground: &Ground) -> Vec<Vec<Value>> {
    let name = ground.name();
    let shards = ground.call("ListShards", &json!({"StreamName": name}));
    let shards = shards["Shards"].as_array().unwrap().iter();
    let shards = shards.map(|shard| shard["ShardId"].as_str().unwrap().to_owned());
    let all = shards.map(|shard| {
        let from = json!({"StreamName": name, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
        let mut iterator = ground.call("GetShardIterator", &from)["ShardIterator"].clone();
        let mut records = Vec::new();
        loop {
            let page = ground.call("GetRecords", &json!({"ShardIterator": iterator}));
            let got = page["Records"].as_array().unwrap();
            records.extend(got.iter().map(|record| as_event(name, &shard, record)));
            if got.is_empty() {
                return records;
            }
            iterator = page["NextShardIterator"].clone();
        }
    });
    all.collect()
}

fn as_event(stream: &str, shard: &str, record: &Value) -> Value {
    let sequence = record["SequenceNumber"].as_str().unwrap();
    json!({
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": sequence,
            "data": record["Data"],
            "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"],
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": format!("{shard}:{sequence}"),
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::000000000000:role/r",
        "awsRegion": "us-east-1",
        "eventSourceARN": format!("arn:aws:kinesis:us-east-1:000000000000:stream/{stream}"),
    })
}

fn event(records: &[Value]) -> Value {
    json!({"Records": records})
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn batches_are_stored_once_however_often_and_in_whatever_order_they_come() {
    let ground = Ground::new(1);
    let mut sent = ground.sample("sample", 3_000, 21);
    let stream = ground.stream();
    ground.run(&["produce", "sample", "--to", &stream, "--source", "s", "--block-bytes", "700"]);
    ground.put(b"{\"plain\":1}\n{\"plain\":1}");
    sent.extend([b"{\"plain\":1}".to_vec(), b"{\"plain\":1}".to_vec()]);
    let store = ground.s3("i");
    let records = &records(&ground)[0];
    assert!(records.len() > 12, "{}", records.len());

    let function = Function::start(&ground, &store);
    function.stores(&event(&records[..3]));
    function.stores(&event(&records[..3]));
    // Bisected: a half, the same with more, the other half.
    function.stores(&event(&records[3..5]));
    function.stores(&event(&records[3..7]));
    function.stores(&event(&records[5..7]));
    // Two batches later; what lies between is not forgotten, nor stored again when it comes.
    function.stores(&event(&records[9..10]));
    function.stores(&event(&records[7..9]));
    // Another worker stores some meanwhile.
    ground.consume(&store, &[]);
    function.stores(&event(&records[10..]));
    function.stores(&json!({"stream": ground.name()}));
    same(&ground.stored(&store), &census(sent));
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn what_is_no_record_is_kept_and_the_rest_goes_on() {
    let ground = Ground::new(1);
    ground.put(b"{\"a\":1}");
    // It says that it is a block, and is none.
    let (_, poison) = ground.put(b"FDL\x01 broken");
    ground.put(b"{\"a\":2}");
    let store = ground.s3("p");
    // The first two come from the shard.
    Function::start(&ground, &store).stores(&event(&records(&ground)[0][2..]));
    let keys = ground.keys("p/dead-letter/");
    assert!(matches!(&keys[..], [key] if key.ends_with(&format!("/{poison}.json"))), "{keys:?}");
    let after = ground.consume(&store, &[]);
    assert_eq!(after["received"], 0, "{after}");
    same(&ground.stored(&store), &census([b"{\"a\":1}".to_vec(), b"{\"a\":2}".to_vec()]));
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn a_batch_that_cannot_be_stored_is_handed_over_again() {
    let ground = Ground::new(1);
    ground.put(b"{\"a\":1}");
    let records = &records(&ground)[0];
    let function = Function::start(&ground, "s3://no-such-bucket-anywhere/x");
    let (how, answer) = function.invoke(&event(records));
    assert_eq!(how, "error", "{answer}");
    assert!(answer["errorMessage"].as_str().is_some_and(|why| why.contains("no-such-bucket")), "{answer}");
    let mut foreign = records.clone();
    foreign[0]["eventSourceARN"] = json!("arn:aws:dynamodb:us-east-1:0:table/t");
    let function = Function::start(&ground, &ground.s3("x"));
    let (how, answer) = function.invoke(&event(&foreign));
    assert_eq!(how, "error", "{answer}");
    assert!(answer["errorMessage"].as_str().is_some_and(|why| why.contains("Kinesis stream")), "{answer}");
    function.stores(&event(records));
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn a_killed_function_loses_nothing_and_repeats_nothing() {
    let ground = Ground::new(2);
    let sent = ground.sample("sample", 4_000, 22);
    let stream = ground.stream();
    ground.run(&["produce", "sample", "--to", &stream, "--source", "s", "--block-bytes", "700"]);
    let store = ground.s3("k");
    let shards = records(&ground);
    let mut dice = Dice(3);
    let mut killed = 0;
    // Two functions at once, as a mapping has one for each shard.
    let mut functions = [Function::start(&ground, &store), Function::start(&ground, &store)];
    let batches = |shard: &[Value]| shard.chunks(8).map(event).collect::<Vec<_>>();
    let both = [batches(&shards[0]), batches(&shards[1])];
    for i in 0..both[0].len().max(both[1].len()) {
        for (function, batches) in functions.iter_mut().zip(&both) {
            let Some(batch) = batches.get(i) else { continue };
            while dice.below(2) == 0 {
                function.send(batch);
                sleep(dice.millis(120));
                // An answer that comes just now is lost with it.
                killed += 1;
                *function = Function::start(&ground, &store);
            }
            function.stores(batch);
        }
    }
    println!("{killed} functions were killed");
    assert!(killed > 0);
    same(&ground.stored(&store), &census(sent));
}
