//! Who sends the next request: players come, send bursts, pause, and leave.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::dice::{Dice, Weighted};

/// Players per unit of a game's busyness; some come back after they left.
const POPULATION: u32 = 1 << 18;

/// Chances (in any unit) that a player's next request comes 2^k to 2^(k+1) - 1 records later.
const PAUSES: [u32; 15] = [80, 150, 210, 280, 490, 1590, 1700, 790, 540, 540, 600, 700, 800, 900, 700];

/// A player while present.
pub(super) struct Player {
    pub(super) game: usize,
    /// 64 hex digits.
    pub(super) id: [u8; 64],
    /// The endpoint of the previous request.
    pub(super) previous: Option<usize>,
    /// The list of columns saved last.
    pub(super) save: usize,
    /// Sends much, and stays.
    busy: bool,
}

/// All players present, by the record at which each sends next.
pub(super) struct Players {
    ids: Dice,
    games: Weighted,
    pauses: Weighted,
    due: BinaryHeap<Reverse<(u64, u32)>>,
    present: Vec<Player>,
    free: Vec<u32>,
    row: u64,
}

impl Players {
    /// Nobody is there yet.
    pub(super) fn new(seed: u64, busy: Weighted) -> Self {
        Players {
            ids: Dice::new(seed, 1),
            games: busy,
            pauses: Weighted::new(PAUSES),
            due: BinaryHeap::new(),
            present: Vec::new(),
            free: Vec::new(),
            row: 0,
        }
    }

    /// Lets the next player send.
    pub(super) fn next(&mut self, dice: &mut Dice) -> Option<&mut Player> {
        self.row += 1;
        let place = match self.due.peek() {
            Some(&Reverse((due, place))) if due <= self.row => {
                self.due.pop();
                place
            }
            _ => self.enter(dice),
        };
        let player = self.present.get_mut(place as usize)?;
        if dice.one_in(if player.busy { 80 } else { 7 }) {
            self.free.push(place);
        } else {
            let mut pause = self.pauses.pick(dice);
            if player.busy {
                pause = pause.min(self.pauses.pick(dice)).min(self.pauses.pick(dice));
            }
            let pause = 1u32 << pause;
            self.due.push(Reverse((self.row + u64::from(pause + dice.below(pause)), place)));
        }
        Some(player)
    }

    fn enter(&mut self, dice: &mut Dice) -> u32 {
        let game = self.games.pick(dice);
        let number = dice.below(POPULATION >> (game / 4).min(12));
        let player = Player {
            game,
            id: hex(self.ids.tape(game as u64 * u64::from(POPULATION) + u64::from(number))),
            previous: None,
            save: usize::MAX,
            busy: dice.one_in(20),
        };
        match self.free.pop() {
            Some(place) => {
                if let Some(slot) = self.present.get_mut(place as usize) {
                    *slot = player;
                }
                place
            }
            None => {
                self.present.push(player);
                (self.present.len() - 1) as u32
            }
        }
    }
}

fn hex(bytes: [u8; 32]) -> [u8; 64] {
    let mut digits = [0; 64];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        for (digit, half) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
            *digit = if half < 10 { b'0' + half } else { b'a' + half - 10 };
        }
    }
    digits
}
