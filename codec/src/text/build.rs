//! Cuts strings into streams.

use alloc::{vec, vec::Vec};

use hashbrown::HashMap;

use super::{
    Role, Stream,
    kind::{END, Kind},
    planes,
    scan::{Rules, Scanner, Token},
    slots::{self, Key},
    values::{self, FEW, Mode},
};
use crate::{column::Strings, intern::Interner, wire::put_varint};

/// In templates a token costs nothing but its value.
const TEMPLATED: Rules = Rules { tokens: true, min_digits: 1, min_word: 3 };
/// In flat text it costs a marker, too, and the text around it its context.
const FLAT: Rules = Rules { tokens: true, min_digits: 6, min_word: 12 };
/// A few strings are not worth more streams.
const PLAIN: Rules = Rules { tokens: false, ..FLAT };
const FEW_BYTES: usize = 256;

/// Columns of this many bytes have a stream of their own.
const BUSY: usize = 512;

/// Bytes before a token that tell its slot: a word or two of a message.
pub(super) const NEAR: u8 = 12;
/// The same in strings of so many tokens as lists of objects have, where the word that tells lies a few members back.
pub(super) const FAR: u8 = 48;
const MANY_TOKENS: usize = 24;

/// Strings looked at to choose a layout, and the text after which to stop.
const SAMPLE: usize = 256;
const SAMPLE_BYTES: usize = 1 << 16;

/// Cuts distinct strings: templated if a sample, spread over them, shows tokens.
pub(crate) fn cut(strings: &Strings) -> Vec<Stream> {
    let step = strings.len().div_ceil(SAMPLE).max(1);
    let (mut scanner, mut text, mut tokens) = (Scanner::new(TEMPLATED), Vec::new(), Vec::new());
    let mut sampled = 0;
    for string in (0..strings.len()).step_by(step).filter_map(|i| strings.get(i)) {
        scanner.scan(string, &mut text, &mut tokens);
        sampled += 1;
        if text.len() > SAMPLE_BYTES {
            break;
        }
    }
    if tokens.is_empty() || strings.bytes.len() < FEW_BYTES {
        return cut_flat(strings);
    }
    cut_templated(strings, if tokens.len() >= sampled * MANY_TOKENS { FAR } else { NEAR })
}

/// The text is the strings: few tokens, if any.
pub(super) fn cut_flat(strings: &Strings) -> Vec<Stream> {
    let mut scanner = Scanner::new(if strings.bytes.len() < FEW_BYTES { PLAIN } else { FLAT });
    let (mut text, mut tokens) = (Vec::new(), Vec::new());
    let mut columns: Vec<Vec<u64>> = Vec::new();
    for string in strings.iter() {
        scanner.scan(string, &mut text, &mut tokens);
        text.push(END);
        columns.resize_with(scanner.kinds.len(), Vec::new);
        for Token { kind, value } in tokens.drain(..) {
            columns.get_mut(usize::from(kind)).into_iter().for_each(|values| values.push(value));
        }
    }
    let columns = columns.into_iter().enumerate().collect();
    streams(0, strings, text, Vec::new(), &scanner, columns)
}

/// The text is the distinct templates.
pub(super) fn cut_templated(strings: &Strings, reach: u8) -> Vec<Stream> {
    let mut scanner = Scanner::new(TEMPLATED);
    let (mut template, mut tokens) = (Vec::new(), Vec::new());
    let (mut templates, mut names) = (Interner::default(), Vec::new());
    // Each template's slots stand together, from its `first` on.
    let (mut own, mut first, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    let (mut slots, mut kinds): (HashMap<Key, u32, foldhash::fast::FixedState>, _) =
        (HashMap::default(), Vec::new());
    let mut columns: Vec<Vec<u64>> = Vec::new();
    for string in strings.iter() {
        template.clear();
        scanner.scan(string, &mut template, &mut tokens);
        let known = first.len();
        let id = templates.id(&template) as usize;
        put_varint(&mut names, if id == known { 0 } else { id as u64 + 1 });
        if id == known {
            first.push(own.len());
            // The scan escapes what is no marker, so the text has no broken piece.
            let _ = slots::keys(&template, reach, &mut keys);
            for key in keys.drain(..) {
                own.push(*slots.entry(key).or_insert_with(|| {
                    kinds.push(key.0);
                    kinds.len() as u32 - 1
                }));
            }
            columns.resize_with(kinds.len(), Vec::new);
        }
        let slots = first.get(id).and_then(|&first| own.get(first..)).unwrap_or_default();
        for (token, &slot) in tokens.drain(..).zip(slots) {
            columns.get_mut(slot as usize).into_iter().for_each(|values| values.push(token.value));
        }
    }
    let mut text = Vec::with_capacity(templates.strings.bytes.len() + templates.strings.len());
    for template in templates.strings.iter() {
        text.extend_from_slice(template);
        text.push(END);
    }
    let columns = kinds.into_iter().zip(columns).collect();
    streams(reach, strings, text, names, &scanner, columns)
}

fn streams(
    reach: u8,
    strings: &Strings,
    text: Vec<u8>,
    names: Vec<u8>,
    scanner: &Scanner,
    columns: Vec<(usize, Vec<u64>)>,
) -> Vec<Stream> {
    let mut head = vec![reach];
    put_varint(&mut head, strings.len() as u64);
    put_varint(&mut head, strings.bytes.len() as u64);
    let (mut numbers, mut random, mut other, mut words, mut busy) = (vec![], vec![], vec![], vec![], vec![]);
    head.push(scanner.kinds.len() as u8);
    scanner.kinds.iter().for_each(|kind| kind.put(&mut head));
    let mut orders = Vec::new();
    orders.resize_with(scanner.kinds.len(), Order::default);
    let mut last = vec![0u64; scanner.kinds.len()];
    for (k, mut column) in columns {
        let (Some(shape), Some(order), Some(last)) =
            (scanner.kinds.get(k), orders.get_mut(k), last.get_mut(k))
        else {
            continue;
        };
        if shape.is_indexed() {
            column.iter_mut().for_each(|id| *id = order.distance(*id as u32));
        }
        if column.len() < FEW {
            values::put(&column, shape.preferred(), *last, &mut numbers);
        } else {
            let mut bytes = Vec::new();
            let mode = values::choose(&column, *last, &mut bytes);
            let own = bytes.len() >= BUSY;
            head.push(mode as u8 | u8::from(own) << 2);
            if own {
                busy.push(Stream { role: Role::Numbers, bytes });
            } else {
                numbers.extend_from_slice(&bytes);
            }
        }
        *last = column.last().copied().unwrap_or(*last);
    }
    for ((kind, dictionary), order) in scanner.kinds.iter().zip(&scanner.dictionaries).zip(&orders) {
        let mut ordered = Strings::default();
        for string in order.ids.iter().filter_map(|&id| dictionary.strings.get(id as usize)) {
            ordered.push(string);
        }
        match kind.width() {
            Some(width) => planes::put(&ordered, width, &mut head, &mut random, &mut other),
            None => ordered.iter().for_each(|word| {
                words.extend_from_slice(word);
                words.push(END);
            }),
        }
    }
    let mut all: Vec<Stream> = Role::FIRST
        .into_iter()
        .zip([head, text, names, numbers, random, other, words])
        .map(|(role, bytes)| Stream { role, bytes })
        .collect();
    all.append(&mut busy);
    while all.len() > 1 && all.last().is_some_and(|stream| stream.bytes.is_empty()) {
        all.pop();
    }
    all
}

/// Numbers a kind's dictionary anew, in the order in which the columns use it.
#[derive(Default)]
struct Order {
    /// The new number of each string, plus one; 0 before its first use.
    new: Vec<u32>,
    ids: Vec<u32>,
}

impl Order {
    /// 0 for the next new string, else how far back in the order the string stands.
    fn distance(&mut self, id: u32) -> u64 {
        let i = id as usize;
        if self.new.len() <= i {
            self.new.resize(i + 1, 0);
        }
        match self.new.get_mut(i) {
            Some(new @ 0) => {
                self.ids.push(id);
                *new = self.ids.len() as u32;
                0
            }
            Some(new) => self.ids.len() as u64 - u64::from(*new) + 1,
            None => 0,
        }
    }
}

impl Kind {
    /// The mode of columns of few values.
    pub(super) const fn preferred(self) -> Mode {
        match self {
            Kind::Time(_) => Mode::Differences,
            _ => Mode::Plain,
        }
    }
}
