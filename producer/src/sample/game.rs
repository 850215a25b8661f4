//! The invented games: how busy each is, what its clients ask for and what they save.

use super::{
    dice::{Dice, Weighted},
    vocabulary::{COMMON, ENDINGS, EVENTS, STEMS, TABLES},
};

/// How many games send logs.
const GAMES: usize = 62;

/// How a game's requests divide, in percent: saves that name their columns, plain saves, transactions, scores
/// sent to a ladder, signs of life; the rest is spread over everything else. The two busiest games come first.
const MIXES: [[u32; 5]; 8] = [
    [8, 61, 3, 10, 0],
    [39, 0, 36, 10, 0],
    [34, 0, 10, 1, 0],
    [2, 0, 6, 8, 17],
    [88, 0, 0, 5, 0],
    [0, 0, 2, 9, 24],
    [0, 68, 0, 21, 0],
    [14, 0, 6, 8, 5],
];

/// One kind of request of one game.
pub(super) struct Endpoint {
    pub(super) method: &'static str,
    /// The URL, or what comes before the instant in it.
    pub(super) url: Vec<u8>,
    /// What follows the instant, in an endpoint that has one.
    pub(super) after_instant: Option<Vec<u8>>,
    /// Whether the log names the columns written.
    pub(super) names_columns: bool,
    /// What a client usually asks for next.
    pub(super) next: usize,
}

/// One game.
pub(super) struct Game {
    pub(super) id: String,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) popularity: Weighted,
    /// Where the sequence of requests at login begins.
    pub(super) login: usize,
    /// Spelled-out lists of columns.
    pub(super) saves: Vec<Vec<u8>>,
    pub(super) saves_popularity: Weighted,
}

/// All games, and how busy each is.
pub(super) fn games(dice: &mut Dice) -> (Vec<Game>, Weighted) {
    let mut busy = vec![245_000, 242_000];
    let mut weight = 70_000;
    while busy.len() < GAMES {
        busy.push(weight);
        weight = weight * 7 / 8 + 60;
    }
    let mut id = 4100;
    let mut ids: Vec<u32> = (0..GAMES)
        .map(|_| {
            id += 1 + dice.below(90);
            id
        })
        .collect();
    let games = (0..GAMES)
        .map(|rank| {
            let id = ids.swap_remove(dice.below(ids.len() as u32) as usize);
            game(rank, id, dice)
        })
        .collect();
    (games, Weighted::new(busy))
}

fn game(rank: usize, id: u32, dice: &mut Dice) -> Game {
    let mix = MIXES.get(if rank < 7 { rank } else { 2 + dice.below(6) as usize }).unwrap_or(&MIXES[7]);
    let shared = |method, url: &str, names_columns| Endpoint {
        method,
        url: url.into(),
        after_instant: None,
        names_columns,
        next: 0,
    };
    let ladders: Vec<String> = (0..2 + dice.below(4)).map(|_| ladder(dice)).collect();
    let main = ladders.first().map(String::as_str).unwrap_or_default();
    let mut endpoints = vec![
        shared("PUT", "/api/store/v2.1/rows", true),
        shared("PUT", "/api/store/v2.4/rows", false),
        shared("POST", "/api/store/v2.1/rows/transaction", false),
        shared("POST", &format!("/api/ladder/v2.2/{main}/score"), false),
        shared("GET", "/api/session/alive", false),
        shared("POST", "/api/store/v2.1/rows", true),
    ];
    let mut weights: Vec<u32> = mix.iter().map(|percent| percent * 1000).collect();
    weights.push(mix[0] * 22);
    let rest = 100_000 - mix.iter().sum::<u32>() * 1000;
    let tables: Vec<&str> = (0..3 + dice.below(9)).filter_map(|_| dice.one_of(TABLES).copied()).collect();
    let kinds = 6 + dice.below(if rank < 20 { 150 } else { 22 });
    let login = endpoints.len();
    // Weights of the rest fall as 1/rank; their sum is about `rest`.
    let harmonic: u32 = (1..=kinds).map(|k| 10_000 / (k + 4)).sum();
    let mut places: Vec<u32> = (1..=kinds).collect();
    for _ in 0..kinds {
        let place = places.swap_remove(dice.below(places.len() as u32) as usize);
        let next = endpoints.len() + 1;
        let mut endpoint = other(dice, &tables, &ladders);
        endpoint.next = if dice.one_in(8) { 0 } else { next };
        endpoints.push(endpoint);
        weights.push(rest * (1000 / (place + 4)).max(1) / (harmonic / 10).max(1));
    }
    if let Some(last) = endpoints.last_mut() {
        last.next = 0;
    }
    let main = (0..5).max_by_key(|&i| mix.get(i)).unwrap_or(0);
    let often = endpoints.len();
    for (i, endpoint) in endpoints.iter_mut().enumerate() {
        if i < login || endpoint.next >= often || endpoint.next == 0 {
            endpoint.next = main;
        }
    }
    if let Some(transaction) = endpoints.get_mut(2) {
        transaction.next = 3;
    }
    let saves: Vec<Vec<u8>> = (0..2 + dice.below(22)).map(|k| save(dice, &tables, k > 3)).collect();
    let saves_popularity = Weighted::new((1..=saves.len() as u32).map(|k| 100_000 / (k + 1)));
    Game { id: id.to_string(), endpoints, popularity: Weighted::new(weights), login, saves, saves_popularity }
}

/// A request beyond the main five.
fn other(dice: &mut Dice, tables: &[&str], ladders: &[String]) -> Endpoint {
    let table = dice.one_of(tables).copied().unwrap_or("Profile");
    let ladder = dice.one_of(ladders).map(String::as_str).unwrap_or_default();
    let minor = dice.below(4);
    let mut after = None;
    let (method, url) = match dice.below(100) {
        0..20 => match dice.one_of(COMMON) {
            Some(&(method, url)) => (method, url.to_string()),
            None => ("GET", "/api/time/v1".to_string()),
        },
        20..42 => ("GET", format!("/api/store/v2.{minor}/rows/{table}/mine?where=%7B%7D&limit=1")),
        42..49 => {
            after = Some("%22%7D%7D&limit=1&order=DESC");
            let filter = "where=%7B%22owner_since%22:%7B%22op%22:%22EQ%22,%22value%22:%22";
            ("GET", format!("/api/store/v2.{minor}/rows/{table}?{filter}"))
        }
        49..57 => ("GET", format!("/api/ladder/v2.{minor}/{ladder}/me?range=0")),
        57..61 => ("GET", format!("/api/ladder/v2/{ladder}?limit={}&offset=0", 10 + 30 * dice.below(4))),
        61..63 => ("GET", format!("/api/ladder/v2/rewards/{ladder}")),
        63..71 => ("GET", format!("/api/odds/v2.{minor}/{}/{}", 1 + dice.below(12), 1000 + dice.below(3000))),
        71..79 => ("GET", format!("/api/sheet/v3.1/{}", 1000 + dice.below(40_000))),
        79..86 => {
            ("POST", format!("/api/event/v1.{minor}/{}", dice.one_of(EVENTS).copied().unwrap_or("Claim")))
        }
        86..89 => ("POST", format!("/api/event/v1.3/{}", escaped_name(dice))),
        89..91 => ("GET", format!("/api/chat/v3/channel/{}", escaped_name(dice))),
        91..92 => ("GET", format!("/api/player/v4/nickname?nickname={}", escaped_name(dice))),
        92..93 => {
            after = Some("?limit=25");
            ("GET", format!("/api/chat/v2.1/recent/{minor}/"))
        }
        93..94 => {
            after = Some("/members?limit=25");
            ("GET", "/api/clan/v5.1/".to_string())
        }
        94..95 => {
            after = Some("");
            ("PUT", "/api/clan/v5.1/assets/".to_string())
        }
        _ => ("GET", "/api/mail/v4?admin=10&player=10".to_string()),
    };
    Endpoint {
        method,
        url: url.into_bytes(),
        after_instant: after.map(Into::into),
        names_columns: false,
        next: 0,
    }
}

/// A ladder's id: a uuid made from a clock and one of few machines.
fn ladder(dice: &mut Dice) -> String {
    let day = 0x11eb + dice.below(3);
    let machine = [0x3c5a_91d2_u32, 0x7e08_44b1, 0x19f3_c6aa];
    let machine = dice.one_of(&machine).copied().unwrap_or_default();
    let clock = 0x8000 + dice.below(0x3fff);
    format!(
        "{:08x}-{:04x}-{day:04x}-{clock:04x}-{machine:08x}{:04x}",
        dice.bits(),
        dice.below(0x10000),
        machine >> 16
    )
}

/// Two to five katakana, percent-escaped as in a URL.
fn escaped_name(dice: &mut Dice) -> String {
    let mut name = String::new();
    for _ in 0..2 + dice.below(4) {
        let kana = char::from_u32(0x30a2 + dice.below(72)).unwrap_or('ア');
        let mut utf8 = [0; 4];
        for byte in kana.encode_utf8(&mut utf8).bytes() {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name
}

/// A list of the columns that one save writes, as the log spells it. What is saved often is short.
fn save(dice: &mut Dice, tables: &[&str], may_be_long: bool) -> Vec<u8> {
    let count = match dice.below(if may_be_long { 100 } else { 88 }) {
        0..45 => 1,
        45..66 => 2 + dice.below(4),
        66..88 => 5 + dice.below(10),
        88..98 => 16 + dice.below(48),
        _ => 100 + dice.below(60),
    };
    let mut columns: Vec<String> = (0..count)
        .map(|_| {
            let stem = dice.one_of(STEMS).copied().unwrap_or("coin");
            match dice.below(3) {
                0 => format!("{stem}{}", dice.below(30)),
                1 => format!("{stem}_{}", dice.below(12)),
                _ => format!("{stem}{}", dice.one_of(ENDINGS).copied().unwrap_or("Count")),
            }
        })
        .collect();
    columns.sort_unstable();
    columns.dedup();
    let table = dice.one_of(tables).copied().unwrap_or("Profile");
    format!("[{{\"columns\": [\"{}\"], \"tableName\": \"{table}\"}}]", columns.join("\", \"")).into_bytes()
}
