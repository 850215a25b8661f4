//! Values as logs have them: skewed choices, ids, times that creep and burst, durations with long tails.

use std::fmt::Write;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// One of `n` things, the first ones far more often.
pub(super) fn skewed(rng: &mut ChaCha8Rng, n: usize) -> usize {
    let u: f64 = rng.random();
    (libm::pow(n as f64 + 1.0, u) - 1.0) as usize % n
}

pub(super) fn pick<'a, T: ?Sized>(rng: &mut ChaCha8Rng, from: &[&'a T]) -> &'a T {
    from[skewed(rng, from.len())]
}

pub(super) fn any<'a, T: ?Sized>(rng: &mut ChaCha8Rng, from: &[&'a T]) -> &'a T {
    from[rng.random_range(0..from.len())]
}

pub(super) fn chance(rng: &mut ChaCha8Rng, per_mille: u32) -> bool {
    rng.random_range(0..1000) < per_mille
}

/// A duration-like number: mostly near `median`, with a long tail.
pub(super) fn tail(rng: &mut ChaCha8Rng, median: f64) -> u64 {
    let normal: f64 = (0..4).map(|_| rng.random::<f64>()).sum::<f64>() - 2.0;
    (median * libm::exp(normal * 1.7)) as u64
}

pub(super) fn hex(rng: &mut ChaCha8Rng, digits: usize) -> String {
    from_alphabet(rng, digits, b"0123456789abcdef")
}

pub(super) fn alnum(rng: &mut ChaCha8Rng, n: usize) -> String {
    from_alphabet(rng, n, b"bcdfghjklmnpqrstvwxz2456789")
}

pub(super) fn upper(rng: &mut ChaCha8Rng, n: usize) -> String {
    from_alphabet(rng, n, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
}

pub(super) fn base64(rng: &mut ChaCha8Rng, n: usize) -> String {
    from_alphabet(rng, n, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}

fn from_alphabet(rng: &mut ChaCha8Rng, n: usize, alphabet: &[u8]) -> String {
    (0..n).map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())])).collect()
}

pub(super) fn uuid(rng: &mut ChaCha8Rng) -> String {
    let mut h = hex(rng, 32);
    h.replace_range(12..13, "4");
    h.replace_range(16..17, any(rng, &["8", "9", "a", "b"]));
    format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
}

pub(super) fn ip(rng: &mut ChaCha8Rng) -> String {
    format!(
        "{}.{}.{}.{}",
        rng.random_range(1..224),
        rng.random_range(0..256),
        rng.random_range(0..256),
        rng.random_range(1..255)
    )
}

/// So many strings.
pub(super) fn many(
    rng: &mut ChaCha8Rng,
    n: usize,
    mut one: impl FnMut(&mut ChaCha8Rng, usize) -> String,
) -> Vec<String> {
    (0..n).map(|i| one(rng, i)).collect()
}

pub(super) fn one_of<'a>(rng: &mut ChaCha8Rng, from: &'a [String]) -> &'a str {
    &from[skewed(rng, from.len())]
}

pub(super) const NAMES: [&str; 40] = [
    "alice", "bob", "chen", "dana", "emeka", "fatima", "goran", "hana", "ines", "jonas", "kaori", "liam",
    "minh", "nadia", "omar", "priya", "quentin", "rosa", "sven", "tomoko", "ulrich", "vera", "wei", "xenia",
    "yusuf", "zoe", "amir", "bianca", "carlos", "dmitri", "elena", "farid", "greta", "hugo", "isla", "jamal",
    "katya", "lars", "maya", "noor",
];

pub(super) const AGENTS: [&str; 14] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.6422.165 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:126.0) Gecko/20100101 Firefox/126.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "curl/8.5.0",
    "python-requests/2.32.3",
    "Go-http-client/2.0",
    "okhttp/4.12.0",
    "kube-probe/1.29",
    "Apache-HttpClient/4.5.14 (Java/17.0.11)",
];

/// A clock that creeps on, in bursts, and spells its instants.
pub(super) struct Clock {
    micros: i64,
    mean: f64,
    burst: u32,
}

impl Clock {
    pub(super) fn new(rng: &mut ChaCha8Rng, mean_micros: f64) -> Self {
        Clock {
            micros: 1_718_000_000_000_000 + rng.random_range(0..86_400_000_000),
            mean: mean_micros,
            burst: 0,
        }
    }

    pub(super) fn tick(&mut self, rng: &mut ChaCha8Rng) -> i64 {
        if self.burst == 0 && chance(rng, 20) {
            self.burst = rng.random_range(5..60);
        }
        let mean = if self.burst > 0 { self.mean / 40.0 } else { self.mean };
        self.burst = self.burst.saturating_sub(1);
        self.micros += (-libm::log(rng.random::<f64>().max(1e-9)) * mean) as i64;
        self.micros
    }
}

/// Year, month, day, hour, minute, second.
pub(super) fn civil(micros: i64) -> [i64; 6] {
    let seconds = micros.div_euclid(1_000_000);
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let doe = days - era * 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let time = seconds.rem_euclid(86_400);
    [
        yoe + era * 400 + i64::from(month <= 2),
        month,
        doy - (153 * mp + 2) / 5 + 1,
        time / 3600,
        time / 60 % 60,
        time % 60,
    ]
}

/// `2024-06-10T08:09:10`, then a fraction of so many digits, then the end.
pub(super) fn time(micros: i64, separator: char, digits: u32, end: &str) -> String {
    let [y, mo, d, h, mi, s] = civil(micros);
    let mut out = format!("{y:04}-{mo:02}-{d:02}{separator}{h:02}:{mi:02}:{s:02}");
    if digits > 0 {
        let fraction = micros.rem_euclid(1_000_000) * 1000 / 10i64.pow(9 - digits);
        let _ = write!(out, ".{fraction:0width$}", width = digits as usize);
    }
    out.push_str(end);
    out
}
