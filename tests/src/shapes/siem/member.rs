//! The members that events are made of, and their values.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::super::values::{AGENTS, alnum, chance, hex, one_of, pick, skewed, tail, time, uuid};

/// What a member's value is made of.
#[derive(Clone, Copy)]
pub(super) enum Make {
    Time(u8),
    User,
    Host,
    InnerIp,
    OuterIp,
    Port,
    Count,
    Sequence,
    Id,
    Digest,
    Level,
    Action,
    Url,
    Agent,
    Flag,
    Process,
    Message,
    Raw,
    List,
    Score,
}

pub(super) const MEMBERS: [(&str, Make); 34] = [
    ("timestamp", Make::Time(0)),
    ("@timestamp", Make::Time(1)),
    ("TimeCreated", Make::Time(2)),
    ("ts", Make::Time(3)),
    ("user", Make::User),
    ("user_name", Make::User),
    ("host", Make::Host),
    ("Computer", Make::Host),
    ("src_ip", Make::InnerIp),
    ("dest_ip", Make::OuterIp),
    ("src_port", Make::Port),
    ("dest_port", Make::Port),
    ("bytes", Make::Count),
    ("bytes_out", Make::Count),
    ("flow_id", Make::Sequence),
    ("EventRecordID", Make::Sequence),
    ("event_id", Make::Id),
    ("sha256", Make::Digest),
    ("severity", Make::Level),
    ("level", Make::Level),
    ("action", Make::Action),
    ("outcome", Make::Action),
    ("url", Make::Url),
    ("agent", Make::Agent),
    ("blocked", Make::Flag),
    ("process", Make::Process),
    ("parent", Make::Process),
    ("message", Make::Message),
    ("raw", Make::Raw),
    ("tags", Make::List),
    ("score", Make::Score),
    ("session", Make::Id),
    ("pid", Make::Port),
    ("duration", Make::Score),
];

/// Who and what there is.
pub(super) struct World {
    pub(super) users: Vec<String>,
    pub(super) hosts: Vec<String>,
    pub(super) outer: Vec<String>,
    pub(super) digests: Vec<String>,
    pub(super) sequence: Vec<u64>,
}

pub(super) fn inner(rng: &mut ChaCha8Rng) -> String {
    format!("10.{}.{}.{}", rng.random_range(0..3), skewed(rng, 40), rng.random_range(1..255))
}

pub(super) fn value(
    rng: &mut ChaCha8Rng,
    make: Make,
    world: &World,
    now: i64,
    who: usize,
    shape: usize,
) -> String {
    match make {
        Make::Time(0) => format!("\"{}\"", time(now, 'T', 6, "+0000")),
        Make::Time(1) => format!("\"{}\"", time(now, 'T', 3, "Z")),
        Make::Time(2) => format!("\"{}{:03}0Z\"", time(now, 'T', 3, ""), rng.random_range(0..1000)),
        Make::Time(_) => format!("{}.{:06}", now / 1_000_000, now % 1_000_000),
        Make::User => format!("\"CORP\\\\{}\"", world.users[who]),
        // A user mostly works on one machine.
        Make::Host => format!(
            "\"{}\"",
            if chance(rng, 850) {
                &world.hosts[who * 7 % world.hosts.len()]
            } else {
                one_of(rng, &world.hosts)
            }
        ),
        Make::InnerIp if chance(rng, 800) => format!("\"10.1.{}.{}\"", who % 40, who * 13 % 250 + 1),
        Make::InnerIp => format!("\"{}\"", inner(rng)),
        Make::OuterIp => format!("\"{}\"", one_of(rng, &world.outer)),
        Make::Port => {
            if chance(rng, 500) {
                rng.random_range(1024..65535).to_string()
            } else {
                [443, 80, 53, 22, 3389, 445, 8443, 25][skewed(rng, 8)].to_string()
            }
        }
        Make::Count => tail(rng, 1_800.0).to_string(),
        Make::Sequence => world.sequence[shape].to_string(),
        Make::Id => format!("\"{}\"", uuid(rng)),
        Make::Digest => format!("\"{}\"", one_of(rng, &world.digests)),
        Make::Level => format!("\"{}\"", pick(rng, &["info", "low", "medium", "high", "critical"])),
        Make::Action => {
            format!("\"{}\"", pick(rng, &["allow", "deny", "success", "failure", "quarantine", "alert"]))
        }
        Make::Url => format!(
            "\"https:\\/\\/{}\\/{}\\/{}?id={}\"",
            pick(rng, &["cdn.example.net", "login.example.com", "files.example.org", "ads.example.io"]),
            pick(rng, &["a", "assets", "v1", "dl"]),
            alnum(rng, 6),
            rng.random_range(1..100_000)
        ),
        Make::Agent => format!("\"{}\"", pick(rng, &AGENTS)),
        Make::Flag => chance(rng, 200).to_string(),
        Make::Process => format!(
            "\"C:\\\\Windows\\\\{}\\\\{}.exe\"",
            pick(rng, &["System32", "SysWOW64", "Temp"]),
            pick(rng, &["svchost", "powershell", "lsass", "cmd", "explorer", "rundll32"])
        ),
        Make::Message => format!(
            "\"{}\"",
            match skewed(rng, 5) {
                0 => format!(
                    "An account was successfully logged on. Subject: {} Logon ID: 0x{}",
                    world.users[who],
                    hex(rng, 6)
                ),
                1 => format!(
                    "Connection from {} port {} closed after {} ms",
                    one_of(rng, &world.outer),
                    rng.random_range(1024..65535),
                    tail(rng, 500.0)
                ),
                2 => format!(
                    "Rule {} matched \\u003cscript\\u003e in parameter {}",
                    900_000 + skewed(rng, 400),
                    pick(rng, &["q", "id", "next"])
                ),
                3 => format!(
                    "Service {} entered the {} state.",
                    pick(rng, &["BITS", "WinRM", "Spooler"]),
                    pick(rng, &["running", "stopped"])
                ),
                _ => format!(
                    "VPN tunnel {} up, user {}, assigned 10.9.{}.{}",
                    rng.random_range(1..5000),
                    world.users[who],
                    rng.random_range(0..8),
                    rng.random_range(1..255)
                ),
            }
        ),
        Make::Raw => {
            let raw = format!(
                "{{\"id\":\"{}\",\"when\":\"{}\",\"who\":\"{}\",\"risk\":{}.{},\"path\":[\"{}\",\"{}\"]}}",
                hex(rng, 24),
                time(now, ' ', 0, ""),
                world.users[who],
                skewed(rng, 100),
                rng.random_range(0..10),
                pick(rng, &["auth", "net", "file"]),
                pick(rng, &["deny", "ok"])
            );
            format!("\"{}\"", raw.replace('"', "\\\""))
        }
        Make::List if chance(rng, 300) => "[ \"edge\", \"pci\" ]".to_owned(),
        Make::List => {
            let zone = pick(rng, &["edge", "core", "dmz"]);
            format!("[\"{zone}\",\"{}\"]", pick(rng, &["pci", "gdpr", "none"]))
        }
        Make::Score => [
            "0.0".to_owned(),
            "1E-3".to_owned(),
            format!("{:.1}", rng.random_range(0.0..10.0)),
            format!("{}", rng.random::<f32>()),
        ][skewed(rng, 4)]
        .clone(),
    }
}
