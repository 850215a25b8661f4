//! The `fidelog` command, a stream and a bucket of its own for each test.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use fidelog_table::{Place, Store};
use serde_json::{Value, json};

/// The address of the local AWS.
pub fn endpoint() -> String {
    env::var("AWS_ENDPOINT_URL").expect("scripts/local-aws.sh runs these tests")
}

/// The folder that holds the command: `FIDELOG_BINARIES`, or this build's own, built first.
fn binaries() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        if let Some(folder) = env::var_os("FIDELOG_BINARIES") {
            return folder.into();
        }
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let build = ["build", "--quiet", "-p", "fidelog-producer", "--bins"];
        let built = Command::new(cargo).args(build).current_dir(env!("CARGO_MANIFEST_DIR")).status();
        assert!(built.expect("cargo runs").success(), "the command builds");
        // target/PROFILE/deps/this-test
        let here = env::current_exe().expect("this test has a path");
        here.ancestors().nth(2).expect("a target folder").to_path_buf()
    })
}

/// A command of this build.
pub fn binary(name: &str) -> PathBuf {
    binaries().join(name)
}

/// A test's own names and folder.
pub struct Ground {
    folder: tempfile::TempDir,
    name: String,
    /// Where the stream is.
    kinesis: String,
    /// The endpoint that commands are given.
    pub endpoint: String,
    /// The one for S3.
    pub s3_endpoint: String,
}

impl Ground {
    /// A stream with so many shards, and a bucket.
    pub fn new(shards: u32) -> Self {
        let ground = Ground::at(endpoint(), shards);
        agent().put(format!("{}/{}", ground.kinesis, ground.name)).send_empty().expect("a bucket");
        ground
    }

    /// A stream elsewhere.
    pub fn at(kinesis: String, shards: u32) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let ground = Ground {
            folder: tempfile::tempdir().unwrap(),
            name,
            endpoint: kinesis.clone(),
            s3_endpoint: endpoint(),
            kinesis,
        };
        ground.call("CreateStream", &json!({"StreamName": ground.name, "ShardCount": shards}));
        ground
    }

    /// The stream's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A path in the test's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The stream as an argument.
    pub fn stream(&self) -> String {
        format!("kinesis:{}", self.name)
    }

    /// A prefix in the bucket as an argument.
    pub fn s3(&self, prefix: &str) -> String {
        format!("s3://{}/{prefix}", self.name)
    }

    /// The Glue database, for this test alone.
    pub fn database(&self) -> String {
        self.name.replace('-', "_")
    }

    /// A call of Kinesis; unsigned, which is enough here.
    pub fn call(&self, action: &str, body: &Value) -> Value {
        let request = agent()
            .post(&self.kinesis)
            .header("x-amz-target", format!("Kinesis_20131202.{action}"))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-date", "20260101T000000Z")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0",
            );
        let mut answer = request.send(body.to_string()).expect("an answer");
        let text = answer.body_mut().read_to_string().expect("a body");
        assert_eq!(answer.status(), 200, "{action}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Puts a record as another sender would.
    pub fn put(&self, data: &[u8]) -> (String, String) {
        let body = json!({"StreamName": self.name, "PartitionKey": "k", "Data": STANDARD.encode(data)});
        let answer = self.call("PutRecord", &body);
        let text = |key: &str| answer[key].as_str().expect("a string").to_owned();
        (text("ShardId"), text("SequenceNumber"))
    }

    /// A file of the bucket.
    pub fn object(&self, key: &str) -> Vec<u8> {
        let mut answer =
            agent().get(format!("{}/{}/{key}", endpoint(), self.name)).call().expect("an answer");
        assert_eq!(answer.status(), 200, "{key}");
        answer.body_mut().read_to_vec().expect("a body")
    }

    /// The keys of the bucket's files that begin so.
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        let url = format!("{}/{}?list-type=2&prefix={prefix}", endpoint(), self.name);
        let text = agent().get(url).call().expect("an answer").body_mut().read_to_string().expect("a body");
        let keys = text.split("<Key>").skip(1);
        keys.filter_map(|rest| rest.split("</Key>").next()).map(Into::into).collect()
    }

    /// Makes a file of the bucket.
    pub fn put_object(&self, key: &str, content: &[u8]) {
        let answer =
            agent().put(format!("{}/{}/{key}", endpoint(), self.name)).send(content).expect("an answer");
        assert_eq!(answer.status(), 200, "{key}");
    }

    /// A `fidelog` command that talks to the ground's endpoints.
    pub fn fidelog(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary("fidelog"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("AWS_ENDPOINT_URL", &self.endpoint).env("AWS_ENDPOINT_URL_S3", &self.s3_endpoint);
        command
    }

    /// Runs a command that must succeed; its standard output as JSON.
    pub fn run(&self, arguments: &[&str]) -> Value {
        done(self.fidelog(arguments).arg("--json"))
    }

    /// A `fidelog` command about a store, which option `at` names.
    pub fn on(&self, command: &str, at: &str, store: &str, more: &[&str]) -> Command {
        let database = self.database();
        self.fidelog(&[&[command, at, store, "--database", &database], more].concat())
    }

    /// A consumer of the stream; its messages are piped.
    pub fn consumer(&self, to: &str, more: &[&str]) -> Command {
        let stream = self.stream();
        let mut command = self.on("consume", "--to", to, &[&["--from", &stream], more].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Consumes the stream to its end.
    pub fn consume(&self, to: &str, more: &[&str]) -> Value {
        done(&mut self.consumer(to, &[&["--once", "--json"], more].concat()))
    }

    /// A sample as a file of lines; its records.
    pub fn sample(&self, file: &str, count: usize, seed: u64) -> Vec<Vec<u8>> {
        let (count, seed) = (count.to_string(), seed.to_string());
        let arguments = ["sample", "-n", &count, "--seed", &seed, "--format", "lines", "-o", file];
        assert!(self.fidelog(&arguments).status().unwrap().success());
        let text = std::fs::read(self.path(file)).unwrap();
        text.split(|&c| c == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
    }

    /// How many of each record a store has, after it was verified.
    pub fn stored(&self, to: &str) -> BTreeMap<Vec<u8>, usize> {
        let place = match Place::s3(to) {
            Ok(Place::Glue { root, table, .. }) => Place::Glue { root, database: self.database(), table },
            _ => Place::from(self.path(to)),
        };
        let verify = self.on("verify", "--store", to, &[]).output().unwrap();
        assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stderr));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        census(runtime.block_on(async { Store::open(place).await.unwrap().records().await.unwrap() }))
    }
}

/// Runs a command that must succeed and print JSON.
pub fn done(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Sends a signal to a command, `-TERM`, say.
pub fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// How many of each record.
pub fn census(records: impl IntoIterator<Item = Vec<u8>>) -> BTreeMap<Vec<u8>, usize> {
    let mut counts = BTreeMap::new();
    records.into_iter().for_each(|record| *counts.entry(record).or_default() += 1);
    counts
}

/// Fails unless two censuses are equal; says how they differ, not all that they hold.
#[track_caller]
pub fn same(found: &BTreeMap<Vec<u8>, usize>, expected: &BTreeMap<Vec<u8>, usize>) {
    let count = |census: &BTreeMap<Vec<u8>, usize>| census.values().sum::<usize>();
    let lost = expected.iter().filter(|(r, n)| found.get(*r).copied().unwrap_or(0) < **n).count();
    let extra = found.iter().filter(|(r, n)| expected.get(*r).copied().unwrap_or(0) < **n).count();
    assert!(
        found == expected,
        "{} records found, {} expected: of {lost} some are missing, of {extra} there are too many",
        count(found),
        count(expected)
    );
}

/// Numbers that look random and are the same every time.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    pub fn millis(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.below(most))
    }
}

pub fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    config.timeout_global(Some(Duration::from_secs(60))).build().into()
}
