//! Events of a batch-processing engine: jobs, stages and tasks with counters, and configurations of hundreds of rare paths.

use std::fmt::Write;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{
    Next,
    values::{Clock, chance, hex, pick, skewed, tail},
};

const METRICS: [&str; 22] = [
    "internal.metrics.executorDeserializeTime",
    "internal.metrics.executorDeserializeCpuTime",
    "internal.metrics.executorRunTime",
    "internal.metrics.executorCpuTime",
    "internal.metrics.resultSize",
    "internal.metrics.jvmGCTime",
    "internal.metrics.resultSerializationTime",
    "internal.metrics.peakExecutionMemory",
    "internal.metrics.shuffle.read.remoteBlocksFetched",
    "internal.metrics.shuffle.read.localBlocksFetched",
    "internal.metrics.shuffle.read.remoteBytesRead",
    "internal.metrics.shuffle.read.fetchWaitTime",
    "internal.metrics.shuffle.read.recordsRead",
    "internal.metrics.shuffle.write.bytesWritten",
    "internal.metrics.shuffle.write.recordsWritten",
    "internal.metrics.shuffle.write.writeTime",
    "internal.metrics.input.bytesRead",
    "internal.metrics.input.recordsRead",
    "number of output rows",
    "duration",
    "sort time",
    "peak memory",
];

struct State {
    job: u64,
    stage: u64,
    task: u64,
    accumulator: u64,
    total: Vec<u64>,
    left: u32,
}

pub(super) fn events(rng: &mut ChaCha8Rng) -> Next {
    let mut clock = Clock::new(rng, 30_000.0);
    let mut state =
        State { job: 0, stage: 0, task: 0, accumulator: 40, total: vec![0; METRICS.len()], left: 0 };
    let application = format!("application_1718000000_{:04}", rng.random_range(1..9999));
    let hosts: Vec<String> = (0..12).map(|i| format!("ip-10-2-{}-{}.internal", i % 3, 17 + i * 11)).collect();
    let mut begun = false;
    Box::new(move |rng, out| {
        let now = clock.tick(rng) / 1000;
        if !begun || chance(rng, 1) {
            begun = true;
            environment(rng, &application, out);
        } else if state.left == 0 {
            state.left = rng.random_range(20..200);
            state.stage += 1;
            state.total.fill(0);
            state.accumulator += METRICS.len() as u64 + rng.random_range(0..30);
            if chance(rng, 400) {
                state.job += 1;
                let stages: Vec<String> =
                    (0..rng.random_range(1..5)).map(|i| (state.stage + i).to_string()).collect();
                *out = format!(
                    "{{\"Event\":\"SparkListenerJobStart\",\"Job ID\":{},\"Submission Time\":{now},\"Stage IDs\":[{}],\"Properties\":{{\"spark.sql.execution.id\":\"{}\",\"spark.job.description\":\"{}\"}}}}",
                    state.job,
                    stages.join(","),
                    state.job / 2,
                    pick(
                        rng,
                        &["count at <console>:24", "save at Pipeline.scala:118", "collect at Join.scala:57"]
                    )
                );
            } else {
                *out = format!(
                    "{{\"Event\":\"SparkListenerStageSubmitted\",\"Stage Info\":{{\"Stage ID\":{},\"Stage Attempt ID\":0,\"Stage Name\":\"{}\",\"Number of Tasks\":{},\"Submission Time\":{now},\"Accumulables\":[]}}}}",
                    state.stage,
                    pick(
                        rng,
                        &[
                            "map at Reader.scala:31",
                            "exchange at Exec.scala:9",
                            "aggregate at Report.scala:77"
                        ]
                    ),
                    state.left
                );
            }
        } else {
            state.left -= 1;
            state.task += 1;
            let executor = skewed(rng, hosts.len());
            let info = format!(
                "\"Task ID\":{},\"Index\":{},\"Attempt\":0,\"Launch Time\":{},\"Executor ID\":\"{}\",\"Host\":\"{}\",\"Locality\":\"{}\",\"Speculative\":false,\"Getting Result Time\":0",
                state.task,
                state.left,
                now,
                executor + 1,
                hosts[executor],
                pick(rng, &["PROCESS_LOCAL", "NODE_LOCAL", "ANY"])
            );
            if chance(rng, 450) {
                *out = format!(
                    "{{\"Event\":\"SparkListenerTaskStart\",\"Stage ID\":{},\"Stage Attempt ID\":0,\"Task Info\":{{{info},\"Finish Time\":0,\"Failed\":false,\"Killed\":false,\"Accumulables\":[]}}}}",
                    state.stage
                );
            } else {
                task_end(rng, now, &mut state, &info, out);
            }
        }
    })
}

fn task_end(rng: &mut ChaCha8Rng, now: i64, state: &mut State, info: &str, out: &mut String) {
    let run = tail(rng, 900.0);
    let mut accumulables = String::new();
    let mut updates = vec![0u64; METRICS.len()];
    for (i, name) in METRICS.iter().enumerate() {
        if i > 5 && chance(rng, 350) {
            continue;
        }
        updates[i] = match i {
            1 | 3 => run * 1_000_000 + rng.random_range(0..1_000_000),
            2 => run,
            _ => tail(rng, [30.0, 5_000.0, 200_000.0][i % 3]),
        };
        state.total[i] += updates[i];
        let comma = if accumulables.is_empty() { "" } else { "," };
        let _ = write!(
            accumulables,
            "{comma}{{\"ID\":{},\"Name\":\"{name}\",\"Update\":{},\"Value\":{},\"Internal\":true,\"Count Failed Values\":true}}",
            state.accumulator + i as u64,
            updates[i],
            state.total[i]
        );
    }
    let reason = if chance(rng, 12) {
        format!(
            "{{\"Reason\":\"FetchFailed\",\"Message\":\"lost executor {} after {} ms\"}}",
            rng.random_range(1..13),
            run
        )
    } else {
        "{\"Reason\":\"Success\"}".to_owned()
    };
    let _ = write!(
        out,
        "{{\"Event\":\"SparkListenerTaskEnd\",\"Stage ID\":{},\"Stage Attempt ID\":0,\"Task Type\":\"{}\",\"Task End Reason\":{reason},\"Task Info\":{{{info},\"Finish Time\":{},\"Failed\":false,\"Killed\":false,\"Accumulables\":[{accumulables}]}},\
         \"Task Metrics\":{{\"Executor Deserialize Time\":{},\"Executor Deserialize CPU Time\":{},\"Executor Run Time\":{run},\"Executor CPU Time\":{},\"Peak Execution Memory\":{},\"Result Size\":{},\"JVM GC Time\":{},\
         \"Shuffle Read Metrics\":{{\"Remote Blocks Fetched\":{},\"Local Blocks Fetched\":{},\"Fetch Wait Time\":{},\"Remote Bytes Read\":{},\"Total Records Read\":{}}},\"Updated Blocks\":[]}}}}",
        state.stage,
        pick(rng, &["ShuffleMapTask", "ResultTask"]),
        now + run as i64,
        updates[0],
        updates[1],
        updates[3],
        updates[7],
        updates[4],
        updates[5],
        updates[8],
        updates[9],
        updates[11],
        updates[10],
        updates[12],
    );
}

/// A configuration dump: most of its hundreds of paths occur in few records.
fn environment(rng: &mut ChaCha8Rng, application: &str, out: &mut String) {
    let _ = write!(
        out,
        "{{\"Event\":\"SparkListenerEnvironmentUpdate\",\"JVM Information\":{{\"Java Home\":\"/usr/lib/jvm/java-17\",\"Java Version\":\"17.0.11 (Debian)\"}},\"Spark Properties\":{{\"spark.app.id\":\"{application}\""
    );
    for i in 0..rng.random_range(60..160) {
        let area = pick(
            rng,
            &["sql", "shuffle", "executor", "driver", "hadoop.fs.s3a", "yarn", "kubernetes", "memory"],
        );
        let _ = write!(
            out,
            ",\"spark.{area}.{}.{}\":\"{}\"",
            pick(rng, &["timeout", "retry", "buffer", "committer", "threads", "window"]),
            if chance(rng, 500) { format!("o{i}") } else { hex(rng, 4) },
            match rng.random_range(0..4) {
                0 => "true".to_owned(),
                1 => format!("{}s", rng.random_range(1..600)),
                2 => format!("/opt/spark/{}/{}.jar", pick(rng, &["jars", "conf", "work"]), hex(rng, 6)),
                _ => rng.random_range(1..100_000).to_string(),
            }
        );
    }
    out.push_str(
        "},\"Classpath Entries\":[\n    \"/opt/spark/conf/\",\n    \"/opt/spark/jars/core.jar\"\n]}",
    );
    *out = out.replace('\n', " ");
}
