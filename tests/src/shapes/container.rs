//! Container logs: an envelope of the runtime around lines that programs print by a few dozen format strings.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{
    Next,
    values::{Clock, NAMES, alnum, any, chance, hex, ip, many, one_of, pick, skewed, tail, time, uuid},
};

struct Pod {
    name: String,
    node: String,
    container: String,
    program: usize,
    counter: u64,
}

pub(super) fn lines(rng: &mut ChaCha8Rng) -> Next {
    let mut clock = Clock::new(rng, 60_000.0);
    let mut pods: Vec<Pod> = (0..70)
        .map(|i| Pod {
            name: format!(
                "{}-{}-{}",
                ["checkout", "gateway", "billing", "search", "mailer"][i % 5],
                hex(rng, 10),
                alnum(rng, 5)
            ),
            node: format!("node-{}", i % 14),
            container: hex(rng, 64),
            program: i % 5,
            counter: rng.random_range(0..50_000),
        })
        .collect();
    let requests = many(rng, 64, |rng, _| uuid(rng));
    let mut recent = requests;
    let peers = many(rng, 50, |rng, _| ip(rng));
    Box::new(move |rng, out| {
        let now = clock.tick(rng);
        let i = skewed(rng, pods.len());
        let pod = &mut pods[i];
        pod.counter += 1 + skewed(rng, 3) as u64;
        if chance(rng, 200) {
            let slot = rng.random_range(0..recent.len());
            recent[slot] = uuid(rng);
        }
        let at = now - rng.random_range(50..4_000);
        let message = message(rng, pod, at, &recent, &peers);
        let nanos = rng.random_range(0..1000);
        *out = format!(
            "{{\"log\":\"{}\\n\",\"stream\":\"{}\",\"time\":\"{}{nanos:03}Z\",\"kubernetes\":{{\"pod_name\":\"{}\",\"namespace_name\":\"{}\",\"host\":\"{}\",\"container_hash\":\"{}\",\"labels\":{{\"app\":\"{}\",\"tier\":\"{}\"}}}}}}",
            message.replace('\\', "\\\\").replace('"', "\\\"").replace('\t', "\\t"),
            if message.contains("ERROR") || chance(rng, 20) { "stderr" } else { "stdout" },
            time(now, 'T', 6, ""),
            pod.name,
            ["shop", "edge", "finance", "shop", "ops"][pod.program],
            pod.node,
            pod.container,
            ["checkout", "gateway", "billing", "search", "mailer"][pod.program],
            ["backend", "frontend", "backend", "backend", "batch"][pod.program],
        );
    })
}

fn message(rng: &mut ChaCha8Rng, pod: &Pod, at: i64, recent: &[String], peers: &[String]) -> String {
    let id = any(rng, &recent.iter().collect::<Vec<_>>()).clone();
    let ms = tail(rng, 40.0);
    let user = pick(rng, &NAMES);
    match (pod.program, skewed(rng, 6)) {
        (0, 0) => format!(
            "{} INFO  [exec-{}] c.s.CheckoutService - order {} placed by {user}, total {}.{:02} EUR",
            time(at, ' ', 3, "").replace('.', ","),
            rng.random_range(1..33),
            7_000_000 + pod.counter,
            tail(rng, 60.0),
            rng.random_range(0..100)
        ),
        (0, 1) => format!(
            "{} DEBUG [exec-{}] c.s.Cart - cart {} has {} items",
            time(at, ' ', 3, "").replace('.', ","),
            rng.random_range(1..33),
            alnum(rng, 12),
            skewed(rng, 20)
        ),
        (0, 2) => format!(
            "{} WARN  [pool-{}] c.s.Payment - retry {} of 5 for request {id} after {ms} ms",
            time(at, ' ', 3, "").replace('.', ","),
            rng.random_range(1..9),
            1 + skewed(rng, 5)
        ),
        (0, _) => format!(
            "{} ERROR [exec-{}] c.s.Payment - request {id} failed: java.net.SocketTimeoutException: Read timed out\tat c.s.Http.call(Http.java:{})",
            time(at, ' ', 3, "").replace('.', ","),
            rng.random_range(1..33),
            100 + skewed(rng, 12) * 7
        ),
        (1, 0 | 1) => format!(
            "[{}] \"{} /v1/{}/{} HTTP/1.1\" {} - via_upstream {} {} {ms} \"{}\" \"{id}\"",
            time(at, 'T', 3, "Z"),
            pick(rng, &["GET", "POST", "PUT"]),
            pick(rng, &["orders", "users", "items"]),
            rng.random_range(1..200_000),
            [200, 201, 404, 503][skewed(rng, 4)],
            tail(rng, 300.0),
            tail(rng, 900.0),
            one_of(rng, peers)
        ),
        (1, 2) => format!(
            "[warning] upstream reset: reset reason: connection failure, transport failure reason: delayed connect error: {}",
            [111, 110, 104][skewed(rng, 3)]
        ),
        (1, _) => format!(
            "[info] cds: add/update cluster outbound|{}||{}.shop.svc, {} hosts",
            [80, 443, 8080, 9090][skewed(rng, 4)],
            pick(rng, &["checkout", "billing", "search"]),
            skewed(rng, 12)
        ),
        (2, 0 | 1) => format!(
            "level=info ts={} caller=invoice.go:{} msg=\"invoice created\" invoice={} customer={user} amount={}.{:02} trace={}",
            time(at, 'T', 6, "Z"),
            [42, 88, 131][skewed(rng, 3)],
            100_000 + pod.counter,
            tail(rng, 200.0),
            rng.random_range(0..100),
            hex(rng, 32)
        ),
        (2, 2) => format!(
            "level=debug ts={} caller=db.go:211 msg=\"query done\" rows={} took={ms}.{:03}ms sql=\"SELECT * FROM invoices WHERE customer_id = {} AND due < '{}'\"",
            time(at, 'T', 6, "Z"),
            skewed(rng, 300),
            rng.random_range(0..1000),
            rng.random_range(1..9_000),
            &time(at + 864_000_000_000, 'T', 0, "")[..10]
        ),
        (2, _) => format!(
            "level=error ts={} caller=retry.go:17 msg=\"giving up\" attempt={} err=\"dial tcp {}:5432: connect: connection refused\"",
            time(at, 'T', 6, "Z"),
            1 + skewed(rng, 6),
            one_of(rng, peers)
        ),
        (3, 0 | 1) => format!(
            "{{\"q\":\"{} {}\",\"hits\":{},\"took_us\":{},\"shard\":{},\"rid\":\"{id}\"}}",
            pick(rng, &NAMES),
            pick(rng, &["lamp", "desk", "chair"]),
            tail(rng, 120.0),
            tail(rng, 4_000.0),
            skewed(rng, 12)
        ),
        (3, 2) => format!(
            "[{}][INFO ][o.e.m.j.JvmGcMonitorService] [{}] [gc][{}] overhead, spent [{ms}ms] collecting in the last [1s]",
            time(at, 'T', 3, "").replace('.', ","),
            pod.node,
            pod.counter
        ),
        (3, _) => format!(
            "segment _{} merged: {} docs, {} deleted, {:.1}mb",
            alnum(rng, 3),
            tail(rng, 20_000.0),
            tail(rng, 300.0),
            tail(rng, 90.0) as f64 / 7.0
        ),
        (_, 0 | 1) => format!(
            "{} mailer[{}]: <{}@mx{}> to=<{user}@example.{}>, relay={}[{}]:25, delay={}.{}, status=sent (250 2.0.0 OK {})",
            time(at, 'T', 0, "+00:00"),
            200 + pod.counter % 60,
            hex(rng, 11),
            skewed(rng, 3),
            pick(rng, &["com", "org", "net"]),
            pick(rng, &["mx.mail.example", "in.post.example"]),
            one_of(rng, peers),
            ms / 100,
            ms % 10,
            at / 1_000_000
        ),
        (_, 2) => format!(
            "{} mailer[{}]: queue {} active, {} deferred",
            time(at, 'T', 0, "+00:00"),
            200 + pod.counter % 60,
            skewed(rng, 90),
            skewed(rng, 400)
        ),
        _ => format!(
            "{} mailer[{}]: connect from unknown[{}]",
            time(at, 'T', 0, "+00:00"),
            200 + pod.counter % 60,
            ip(rng)
        ),
    }
}
