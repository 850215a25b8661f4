//! Samples: an endless log of invented game-API requests, from a seed.
//!
//! Real logs are private, so this is what people try the product on. Its statistics (how skewed games and users are, how
//! requests follow each other, how much of a URL is new) are those of a real log, so that sizes measured on a sample
//! mean something. All names, ids and paths are invented.

mod dice;
mod game;
mod player;
mod time;
mod vocabulary;

use self::{
    dice::Dice,
    game::Game,
    player::{Player, Players},
    time::Clock,
};

/// The seed of a sample that names none.
pub const DEFAULT_SEED: u64 = 1;

/// Records before the first one that is given out: by then players come and go at a steady rate.
const WARM_UP: usize = 40_000;

/// Makes records, one JSON object each, in constant memory; it never ends.
///
/// The same seed gives the same bytes on every platform.
///
/// ```
/// use fidelog_producer::sample::{DEFAULT_SEED, Sampler};
///
/// let record = Sampler::new(DEFAULT_SEED).next().unwrap_or_default();
/// assert!(record.starts_with(br#"{"game_id": "#));
/// ```
pub struct Sampler {
    dice: Dice,
    games: Vec<Game>,
    players: Players,
    clock: Clock,
}

impl Sampler {
    /// The log that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed, 0);
        let (games, busy) = game::games(&mut dice);
        let mut players = Players::new(seed, busy);
        for _ in 0..WARM_UP {
            if let Some(player) = players.next(&mut dice)
                && let Some(game) = games.get(player.game)
            {
                player.act(game, &mut dice);
            }
        }
        Sampler { dice, games, players, clock: Clock::new() }
    }

    /// Appends the next record.
    pub fn record_into(&mut self, out: &mut Vec<u8>) {
        let Sampler { dice, games, players, clock } = self;
        let Some(player) = players.next(dice) else { return };
        let Some(game) = games.get(player.game) else { return };
        player.act(game, dice);
        let Some(endpoint) = player.previous.and_then(|e| game.endpoints.get(e)) else { return };
        out.extend_from_slice(b"{\"game_id\": ");
        out.extend_from_slice(game.id.as_bytes());
        out.extend_from_slice(b", \"gamer_id\": \"");
        out.extend_from_slice(&player.id);
        out.extend_from_slice(b"\", \"inDate\": \"");
        time::spell(clock.next(dice), out);
        out.extend_from_slice(b"\", \"url\": \"");
        out.extend_from_slice(&endpoint.url);
        if let Some(after) = &endpoint.after_instant {
            time::spell(time::earlier(dice), out);
            out.extend_from_slice(after);
        }
        out.extend_from_slice(b"\", \"method\": \"");
        out.extend_from_slice(endpoint.method.as_bytes());
        out.extend_from_slice(b"\", \"tableAndColumn\": ");
        match game.saves.get(player.save) {
            Some(save) if endpoint.names_columns => out.extend_from_slice(save),
            _ => out.extend_from_slice(b"null"),
        }
        out.push(b'}');
    }
}

impl Iterator for Sampler {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut record = Vec::with_capacity(320);
        self.record_into(&mut record);
        Some(record)
    }
}

impl Player {
    /// Chooses what to ask for, and what to save with it.
    fn act(&mut self, game: &Game, dice: &mut Dice) {
        let endpoint = match self.previous {
            None if dice.one_in(5) => game.login,
            None => game.popularity.pick(dice),
            Some(previous) => match dice.below(100) {
                0..36 => game.endpoints.get(previous).map_or(0, |e| e.next),
                36..52 => previous,
                _ => game.popularity.pick(dice),
            },
        };
        self.previous = Some(endpoint);
        if game.endpoints.get(endpoint).is_some_and(|e| e.names_columns)
            && (self.save == usize::MAX || dice.below(100) < 42)
        {
            self.save = game.saves_popularity.pick(dice);
        }
    }
}
