//! Many callers at once, who ask all kinds of things and change their minds.

use std::{
    env, thread,
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::programs::{Server, fidelog};

/// What a server may take, whatever it is asked.
const MEMORY: u64 = 1 << 30;

const QUERIES: [&str; 8] = [
    "SELECT method, count(*) FROM logs GROUP BY method",
    "SELECT * FROM logs ORDER BY inDate DESC LIMIT 50",
    "SELECT * FROM logs LIMIT 20000",
    "SELECT gamer_id, count(*) n, max(inDate) FROM logs GROUP BY gamer_id ORDER BY n DESC LIMIT 100",
    "SELECT approx_distinct(url), min(inDate) FROM logs WHERE url LIKE '%rows%'",
    "SELECT url, inDate FROM logs WHERE method = 'DELETE' OR game_id = 7 LIMIT 30000",
    "SELECT date_trunc('second', inDate) s, count(*) FROM logs GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
    "SELECT url, row_number() OVER (PARTITION BY game_id ORDER BY inDate) r FROM logs ORDER BY r DESC LIMIT 10",
];

/// Hours, if nobody stops it.
const ENDLESS: &str =
    "SELECT count(*) FROM logs a CROSS JOIN logs b CROSS JOIN logs c WHERE a.url < b.url AND b.url < c.url";

const ACCEPT: [&str; 4] = [
    "application/x-ndjson",
    "application/json",
    "application/vnd.fidelog.block",
    "application/json; block=base64",
];

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

/// What a caller did.
#[derive(Default)]
struct Done {
    pages: usize,
    cancelled: usize,
    refused: usize,
}

struct Caller<'s> {
    server: &'s Server,
    agent: ureq::Agent,
    dice: StdRng,
    done: Done,
}

impl Caller<'_> {
    /// Status, the next page's cursor, the body.
    fn answer(
        result: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> (u16, Option<String>, Vec<u8>) {
        let mut answer = result.expect("the server answers");
        let next = answer.headers().get("fidelog-next").map(|next| next.to_str().unwrap().to_owned());
        let body = answer.body_mut().with_config().limit(64 << 20).read_to_vec().expect("a whole body");
        (answer.status().as_u16(), next, body)
    }

    fn get(&self, path: &str, query: &[(&str, &str)], accept: &str) -> (u16, Option<String>, Vec<u8>) {
        let mut call = self.agent.get(format!("{}{path}", self.server.url)).header("accept", accept);
        for (name, value) in query {
            call = call.query(name, value);
        }
        Caller::answer(call.call())
    }

    fn start(&self, sql: &str) -> String {
        let call = self.agent.post(format!("{}/v1/queries", self.server.url));
        let (status, _, body) = Caller::answer(call.send(json!({"sql": sql}).to_string()));
        assert_eq!(status, 202, "{sql}: {}", String::from_utf8_lossy(&body));
        format!("/v1/queries/{}", field(&body, "id"))
    }

    /// How a query ended.
    fn end(&self, path: &str) -> Value {
        loop {
            let (status, _, body) = self.get(path, &[], "*/*");
            assert_eq!(status, 200, "{path}");
            let query: Value = serde_json::from_slice(&body).unwrap();
            if !["QUEUED", "RUNNING"].contains(&query["state"].as_str().unwrap()) {
                return query;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The first pages of a query.
    fn ask(&mut self) {
        let sql = QUERIES[self.dice.random_range(0..QUERIES.len())];
        let accept = ACCEPT[self.dice.random_range(0..ACCEPT.len())];
        let path = self.start(sql);
        let end = self.end(&path);
        assert_eq!(end["state"], "SUCCEEDED", "{sql}: {end}");
        let limit = self.dice.random_range(1..20_000).to_string();
        let mut cursor: Option<String> = None;
        for _ in 0..3 {
            let mut query = vec![("limit", limit.as_str())];
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let (status, next, body) = self.get(&format!("{path}/results"), &query, accept);
            assert_eq!(status, 200, "{sql}: {}", String::from_utf8_lossy(&body));
            self.done.pages += 1;
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
    }

    fn cancel(&mut self) {
        let path = self.start(ENDLESS);
        thread::sleep(Duration::from_millis(self.dice.random_range(0..200)));
        let (status, _, body) =
            Caller::answer(self.agent.delete(format!("{}{path}", self.server.url)).call());
        assert_eq!((status, field(&body, "state").as_str()), (200, "CANCELLED"));
        let (status, ..) = self.get(&format!("{path}/results"), &[], "*/*");
        assert_eq!(status, 422);
        self.done.cancelled += 1;
    }

    fn err(&mut self) {
        for sql in ["DROP TABLE logs", "SELECT nothing FROM logs"] {
            assert_eq!(self.get("/v1/query", &[("sql", sql)], "*/*").0, 400, "{sql}");
        }
        let end = self.end(&self.start("SELECT CAST(url AS bigint) FROM logs"));
        assert_eq!(end["error"]["code"], "query_failed", "{end}");
        self.done.refused += 1;
    }
}

fn field(body: &[u8], name: &str) -> String {
    let body: Value = serde_json::from_slice(body).unwrap();
    body[name].as_str().unwrap_or_default().to_owned()
}

#[test]
fn many_callers_at_once_get_what_they_ask_for() {
    let (clients, seconds) = (setting("LOAD_CLIENTS", 4), setting("LOAD_SECONDS", 5));
    let records = setting("LOAD_RECORDS", 50_000);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fidelog(&["sample", "-n", &records.to_string(), "--format", "lines", "-o", &path("sample")]);
    fidelog(&["consume", "--from", &path("sample"), "--to", &path("store")]);
    let server = Server::start(&["--store", &path("store")]);
    let until = Instant::now() + Duration::from_secs(seconds);
    let done = thread::scope(|scope| {
        let callers: Vec<_> = (0..clients)
            .map(|seed| {
                let config = ureq::Agent::config_builder().http_status_as_error(false);
                let agent = config.timeout_global(Some(Duration::from_secs(300))).build().into();
                let dice = StdRng::seed_from_u64(seed);
                let mut caller = Caller { server: &server, agent, dice, done: Done::default() };
                scope.spawn(move || {
                    while Instant::now() < until {
                        match caller.dice.random_range(0..8) {
                            0 => caller.cancel(),
                            1 => caller.err(),
                            _ => caller.ask(),
                        }
                    }
                    caller.done
                })
            })
            .collect();
        let done: Vec<Done> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
        done
    });
    let sum = |count: fn(&Done) -> usize| done.iter().map(count).sum::<usize>();
    let (pages, cancelled, refused) = (sum(|d| d.pages), sum(|d| d.cancelled), sum(|d| d.refused));
    let memory = server.peak_memory();
    println!(
        "{clients} callers in {seconds} s over {records} records: {pages} pages, {cancelled} queries cancelled, {refused} \
         times refused; at most {} MiB of memory",
        memory.map_or("unknown".into(), |bytes| (bytes >> 20).to_string())
    );
    assert!(pages > 0);
    assert!(memory.is_none_or(|bytes| bytes <= MEMORY), "{memory:?}");
}
