//! Samples through the stream into both kinds of store, and back.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use crate::harness::{Ground, agent, census, done, same, signal};

const RECORDS: usize = 20_000;

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn a_sample_comes_back_from_a_directory_and_from_s3() {
    let ground = Ground::new(4);
    let sent = census(ground.sample("sample", RECORDS, 5));
    let stream = ground.stream();
    let args = ["produce", "sample", "--to", &stream, "--source", "s", "--block-bytes", "10000"];
    let totals = ground.run(&args);
    assert_eq!((totals["records"].as_u64(), totals["dead"].as_u64()), (Some(20_000), Some(0)));
    assert!(totals["put_units"].as_u64().unwrap() < 60, "{totals}");
    for store in ["store".to_owned(), ground.s3("a/b")] {
        let counts = ground.consume(&store, &["--flush-records", "6000"]);
        assert_eq!((counts["received"].as_u64(), counts["stored"].as_u64()), (Some(20_000), Some(20_000)));
        same(&ground.stored(&store), &sent);
        assert_eq!(ground.consume(&store, &[])["received"], 0, "it goes on where it was");
    }
    // The same source again, cut otherwise, and some more of it, on top of both.
    ground.run(&["produce", "sample", "--to", &stream, "--source", "s", "--block-bytes", "40000"]);
    let more = ground.sample("more", 100, 6);
    ground.run(&["produce", "sample", "more", "--to", &stream, "--source", "s"]);
    let mut all = sent;
    more.into_iter().for_each(|record| *all.entry(record).or_default() += 1);
    for store in ["store".to_owned(), ground.s3("a/b")] {
        let counts = ground.consume(&store, &[]);
        assert_eq!((counts["stored"].as_u64(), counts["known"].as_u64()), (Some(100), Some(40_000)));
        same(&ground.stored(&store), &all);
    }
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn plain_records_travel_as_they_are() {
    let ground = Ground::new(2);
    let odd = "{\"a\":1}\n\n[1,2]\nnot json\r\n{\"a\":1}\n";
    std::fs::write(ground.path("odd"), odd).unwrap();
    let totals = ground.run(&["produce", "odd", "--to", &ground.stream(), "--plain", "--format", "lines"]);
    assert_eq!((totals["records"].as_u64(), totals["entries"].as_u64()), (Some(5), Some(5)));
    let sent = census(odd.strip_suffix('\n').unwrap().split('\n').map(|r| r.as_bytes().to_vec()));
    ground.consume("store", &[]);
    same(&ground.stored("store"), &sent);
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn what_is_too_large_is_kept_and_the_rest_goes() {
    let ground = Ground::new(1);
    // Hex of random bytes stays large.
    let mut dice = crate::harness::Dice(1);
    let large: String = (0..2_400_000).map(|_| char::from(b'a' + dice.below(26) as u8)).collect();
    std::fs::write(ground.path("in"), format!("{{\"n\":1}}\n{large}\n{{\"n\":2}}\n")).unwrap();
    let stream = ground.stream();
    for _ in 0..2 {
        let args = ["produce", "in", "--to", &stream, "--source", "s", "--dead-letter", "dead"];
        let output = ground.fidelog(&args).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{output:?}");
    }
    let dead = std::fs::read_to_string(ground.path("dead")).unwrap();
    assert_eq!(dead.lines().filter(|line| line.contains(r#""source":"s","index":1,"#)).count(), 1);
    ground.consume("store", &[]);
    same(&ground.stored("store"), &census([b"{\"n\":1}".to_vec(), b"{\"n\":2}".to_vec()]));
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn a_signal_brings_what_was_read_to_the_table_and_all_is_told() {
    let ground = Ground::new(2);
    let stream = ground.stream();
    let store = ground.s3("x");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let more = ["--flush-age", "3600", "--metrics", &free, "--emf", "--log-format", "json"];
    let child = ground.consumer(&store, &more).spawn().unwrap();
    let sent = census(ground.sample("sample", 500, 9));
    ground.run(&["produce", "sample", "--to", &stream]);
    let get = |path: &str| {
        let mut answer = agent().get(format!("http://{free}{path}")).call().expect("an answer");
        (answer.status().as_u16(), answer.body_mut().read_to_string().expect("a body"))
    };
    // It polls every second.
    let began = Instant::now();
    while get("/metrics").1.lines().any(|line| line == "fidelog_waiting_bytes 0") {
        assert!(began.elapsed() < Duration::from_secs(30), "nothing was read");
        sleep(Duration::from_millis(200));
    }
    assert!(get("/metrics").1.lines().any(|line| line == "fidelog_shards 2"));
    assert_eq!(get("/healthz").0, 200);
    let began = Instant::now();
    signal(&child, "-TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(began.elapsed() < Duration::from_secs(20));
    same(&ground.stored(&store), &sent);
    let json = |text: &[u8]| -> Vec<serde_json::Value> {
        let lines = text.split(|&c| c == b'\n').filter(|line| line.starts_with(b"{"));
        lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
    };
    let told = json(&output.stderr);
    assert!(told.iter().any(|line| line["message"] == "flushed" && line["stored"] == 500), "{told:?}");
    assert!(json(&output.stdout).iter().any(|line| line["RecordsStored"] == 500), "{output:?}");
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn setup_widens_and_refuses_and_maintain_cleans_up() {
    let ground = Ground::new(1);
    let (store, database) = (ground.s3("p"), ground.database());
    let setup =
        |to: &str, schema: &str| ground.on("setup", "--to", to, &["--schema", schema]).output().unwrap();
    let schema = |field: &str| {
        format!(
            r#"{{"fidelog_schema":1,"version":1,"style":{{"item":",","key":":"}},"fields":[{{"path":["{field}"],"column":"{field}","encoding":"integer"}}]}}"#
        )
    };
    std::fs::write(ground.path("a"), schema("a")).unwrap();
    std::fs::write(ground.path("b"), schema("b")).unwrap();
    for _ in 0..2 {
        assert!(setup(&store, "a").status.success());
    }
    for (to, schema, words) in
        [(store.as_str(), "b", "lacks the field a"), (&ground.s3("elsewhere"), "a", "lies at")]
    {
        let output = setup(to, schema);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains(words), "{stderr}");
    }
    ground.put(b"{\"a\":7}");
    ground.consume(&store, &[]);
    same(&ground.stored(&store), &census([b"{\"a\":7}".to_vec()]));
    // Wider, and then kept small.
    let both = schema("a").replace("}]", r#"},{"path":["b"],"column":"b","encoding":"text"}]"#);
    std::fs::write(ground.path("ab"), both).unwrap();
    let output = setup(&store, "ab");
    assert!(String::from_utf8_lossy(&output.stdout).contains("new columns b"), "{output:?}");
    for record in [&br#"{"a":8,"b":"x"}"#[..], br#"{"b":"y"}"#, b"?"] {
        ground.put(record);
        ground.consume(&store, &[]);
    }
    let ages = ["--snapshot-age", "0", "--file-age", "0"];
    let mut keep = ground.on("maintain", "--store", &store, &ages);
    assert_eq!(keep.status().unwrap().code(), Some(2), "workers may be there");
    ground.put_object(&format!("p/warehouse/{database}/logs/data/orphan.parquet"), b"?");
    sleep(Duration::from_secs(1));
    let kept = done(keep.args(["--alone", "--json"]));
    assert_eq!(kept["files"], 1, "{kept}");
    ground.put(b"{}");
    ground.consume(&store, &[]);
    let all: [&[u8]; 5] = [b"{\"a\":7}", br#"{"a":8,"b":"x"}"#, br#"{"b":"y"}"#, b"?", b"{}"];
    same(&ground.stored(&store), &census(all.map(<[u8]>::to_vec)));
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn objects_are_inputs() {
    let ground = Ground::new(1);
    let sent = ground.sample("sample", 2_000, 11);
    ground.put_object("in/sample.jsonl", &std::fs::read(ground.path("sample")).unwrap());
    let store = ground.s3("o");
    let object = ground.s3("in/sample.jsonl");
    let mut consume = ground.on("consume", "--to", &store, &["--from", &object, "--source", "s", "--json"]);
    for stored in [2_000, 0] {
        assert_eq!(done(&mut consume)["stored"], stored);
    }
    same(&ground.stored(&store), &census(sent.clone()));
    assert!(ground.on("export", "--store", &store, &["-o", "back"]).status().unwrap().success());
    let back = std::fs::read(ground.path("back")).unwrap();
    let back = back.strip_suffix(b"\n").unwrap().split(|&c| c == b'\n').map(<[u8]>::to_vec);
    same(&census(back), &census(sent));
    let missing = ground.s3("in/none");
    let output = ground.on("consume", "--to", &store, &["--from", &missing]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("NotFound"), "{output:?}");
}
