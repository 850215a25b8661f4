//! Access logs of a web server: sessions of visitors who walk through pages, bots, probes, and the odd raw line.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{
    Next,
    values::{AGENTS, Clock, alnum, chance, civil, hex, ip, many, one_of, pick, skewed, tail},
};

struct Visitor {
    ip: String,
    agent: &'static str,
    path: String,
    session: String,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub(super) fn requests(rng: &mut ChaCha8Rng) -> Next {
    let mut clock = Clock::new(rng, 40_000.0);
    let products = many(rng, 800, |rng, i| {
        format!(
            "{}-{}-{}",
            pick(rng, &["red", "blue", "steel", "wooden", "classic", "smart"]),
            ["chair", "lamp", "kettle", "desk", "clock", "mug", "shelf"][i % 7],
            1000 + i * 3
        )
    });
    let words = many(rng, 120, |rng, _| alnum(rng, 5));
    let hosts = ["www.shop.example", "shop.example", "api.shop.example", "img.shop.example"];
    let mut visitors: Vec<Visitor> = (0..300).map(|_| visitor(rng)).collect();
    Box::new(move |rng, out| {
        let now = clock.tick(rng);
        let i = skewed(rng, visitors.len());
        if chance(rng, 25) {
            visitors[i] = visitor(rng);
        }
        let who = &mut visitors[i];
        let referrer = if chance(rng, 650) {
            format!("https://www.shop.example{}", who.path)
        } else {
            pick(rng, &["-", "https://www.google.com/", "https://duckduckgo.com/"]).to_owned()
        };
        let product = one_of(rng, &products);
        let (method, path, host) = match skewed(rng, 9) {
            0 => ("GET", format!("/p/{product}"), 0),
            1 => (
                "GET",
                format!(
                    "/static/js/chunk-{}.{}.js",
                    skewed(rng, 30),
                    ["8f2e1c07", "1b9d44aa", "c03e77f1"][skewed(rng, 3)]
                ),
                3,
            ),
            2 => (
                "GET",
                format!(
                    "/img/{product}/{}x{}.webp?v={}",
                    [200, 400, 800][skewed(rng, 3)],
                    [200, 400, 800][skewed(rng, 3)],
                    skewed(rng, 9)
                ),
                3,
            ),
            3 => (
                "GET",
                format!(
                    "/search?q={}%20{}&page={}",
                    one_of(rng, &words),
                    one_of(rng, &words),
                    1 + skewed(rng, 9)
                ),
                0,
            ),
            4 => ("GET", format!("/api/v2/stock?sku={}&ts={}", 1000 + skewed(rng, 800) * 3, now / 1000), 2),
            5 => ("POST", format!("/api/v2/carts/{}/items", who.session), 2),
            6 => ("GET", "/".to_owned(), 0),
            7 => ("GET", format!("/account/orders/{}", 500_000 + rng.random_range(0..90_000)), 0),
            _ => (
                "GET",
                pick(rng, &["/.env", "/wp-login.php", "/robots.txt", "/favicon.ico", "/.git/config"])
                    .to_owned(),
                1,
            ),
        };
        if host == 0 {
            who.path.clone_from(&path);
        }
        if chance(rng, 1) {
            *out = format!("{} - - [malformed] \"\\x16\\x03\\x01\\x02{}\" 400 157", who.ip, alnum(rng, 12));
            return;
        }
        let status = match (host, skewed(rng, 40)) {
            (1, _) => 404,
            (_, 0..=28) => 200,
            (_, n) => [304, 301, 302, 404, 499, 500, 502, 503, 403, 429, 206][n - 29],
        };
        let size = if status == 304 { 0 } else { tail(rng, [9_000.0, 3_000.0, 400.0, 24_000.0][host]) };
        let taken = tail(rng, [80.0, 5.0, 30.0, 3.0][host]);
        let [y, mo, d, h, mi, s] = civil(now);
        let upstream = if host == 3 { "-".to_owned() } else { format!("10.0.{}.{}:8080", i % 3, 10 + i % 8) };
        *out = format!(
            "{{\"time_local\":\"{d:02}/{}/{y}:{h:02}:{mi:02}:{s:02} +0000\",\"msec\":{}.{:03},\"remote_addr\":\"{}\",\"host\":\"{}\",\"request\":\"{method} {} HTTP/{}\",\
             \"status\":{status},\"body_bytes_sent\":{size},\"request_time\":{}.{:03},\"upstream_addr\":\"{upstream}\",\"upstream_response_time\":\"{}\",\"http_referer\":\"{}\",\"http_user_agent\":\"{}\",\"request_id\":\"{}\"}}",
            MONTHS[mo as usize - 1],
            now / 1_000_000,
            now / 1_000 % 1_000,
            who.ip,
            hosts[host],
            path,
            if chance(rng, 700) { "2.0" } else { "1.1" },
            taken / 1000,
            taken % 1000,
            if host == 3 { "-".to_owned() } else { format!("{}.{:03}", taken / 1000, taken % 1000) },
            referrer,
            who.agent,
            hex(rng, 32),
        );
    })
}

fn visitor(rng: &mut ChaCha8Rng) -> Visitor {
    Visitor { ip: ip(rng), agent: pick(rng, &AGENTS), path: "/".to_owned(), session: alnum(rng, 20) }
}
