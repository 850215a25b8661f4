//! A skeleton made ready for many records.

use alloc::vec::Vec;

use super::sink::PADDING;
use crate::{error::Result, skeleton::Pieces};

/// Holes of shapes that are kept.
const MAX_HOLES: usize = 1 << 20;

/// The shapes of the default skeleton and of a dictionary's, made on first use.
#[derive(Debug)]
pub(super) struct Shapes {
    places: Vec<Option<Shape>>,
    holes: usize,
}

impl Shapes {
    pub(super) fn new(skeletons: usize) -> Self {
        let mut places = Vec::new();
        places.resize_with(skeletons + 1, || None);
        Shapes { places, holes: 0 }
    }

    /// The shape of the skeleton with this id; there is none for an id that is not in the dictionary.
    #[inline(always)]
    pub(super) fn get(&mut self, id: u32, make: impl FnOnce() -> Result<Shape>) -> Result<Option<&Shape>> {
        // The default skeleton has the greatest id, and the first place.
        let i = id.wrapping_add(1) as usize;
        if let Some(None) = self.places.get(i) {
            self.keep(i, make()?);
        }
        Ok(self.places.get(i).and_then(Option::as_ref))
    }

    #[cold]
    fn keep(&mut self, i: usize, shape: Shape) {
        self.holes += shape.holes.len();
        if self.holes > MAX_HOLES {
            self.places.fill_with(|| None);
            self.holes = shape.holes.len();
        }
        if let Some(place) = self.places.get_mut(i) {
            *place = Some(shape);
        }
    }
}

/// A skeleton's literals, without what the fields' spellings start with.
#[derive(Debug)]
pub(super) struct Shape {
    /// All literals, one after the other.
    pub(super) bytes: Vec<u8>,
    pub(super) holes: Vec<Hole>,
    /// Where the last literal starts in `bytes`, and its length.
    pub(super) last: (usize, usize),
}

/// A hole, and what of the literal before it is to be written.
#[derive(Debug)]
pub(super) struct Hole {
    pub(super) start: usize,
    pub(super) len: usize,
    pub(super) field: usize,
    /// Whether the field's value is to be written with its lead.
    pub(super) is_led: bool,
}

impl Shape {
    /// `lead` gets a field and the literal before its hole, and says with what the field's spellings start.
    pub(super) fn new<'l>(pieces: &Pieces<'l>, mut lead: impl FnMut(usize, &'l [u8]) -> &'l [u8]) -> Self {
        let mut bytes = Vec::new();
        let mut holes = Vec::with_capacity(pieces.before.len());
        for &(literal, field) in &pieces.before {
            let lead = lead(field, literal);
            let rest = literal.strip_suffix(lead);
            let (start, is_led) = (bytes.len(), rest.is_some() && !lead.is_empty());
            bytes.extend_from_slice(rest.unwrap_or(literal));
            holes.push(Hole { start, len: bytes.len() - start, field, is_led });
        }
        let last = (bytes.len(), pieces.last.len());
        bytes.extend_from_slice(pieces.last);
        bytes.extend_from_slice(&PADDING);
        Shape { bytes, holes, last }
    }
}
