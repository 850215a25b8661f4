//! Names of columns in SQL.

use alloc::{string::String, vec::Vec};

use super::{RESERVED_PREFIX, keys};
use crate::encoding::integer;

/// SQL column names for paths: lower-case, safe, unique. The schema keeps path and column, so the way back is a look-up.
pub fn column_names<'a>(paths: impl IntoIterator<Item = &'a [String]>) -> Vec<String> {
    let mut taken = Taken::default();
    let mut names = Vec::new();
    for path in paths {
        let wanted = plain(path);
        let name = match taken.add(&wanted) {
            Ok(()) => wanted,
            Err(first) => loop {
                let name = numbered(&wanted, taken.next_number(first));
                if taken.add(&name).is_ok() {
                    break name;
                }
            },
        };
        names.push(name);
    }
    names
}

/// Names in order, each with the number to try first where it is wanted again.
#[derive(Default)]
struct Taken(Vec<(String, i64)>);

impl Taken {
    /// Adds a name; the place of the same name, if it is there already.
    fn add(&mut self, name: &str) -> Result<(), usize> {
        match self.0.binary_search_by(|(other, _)| other.as_str().cmp(name)) {
            Ok(place) => Err(place),
            Err(place) => {
                self.0.insert(place, (name.into(), 2));
                Ok(())
            }
        }
    }

    fn next_number(&mut self, place: usize) -> i64 {
        self.0.get_mut(place).map_or(0, |(_, number)| {
            *number += 1;
            *number - 1
        })
    }
}

/// A path's name, if no other has it.
fn plain(path: &[String]) -> String {
    let joined = keys(path).collect::<Vec<_>>().join("_");
    let safe = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let mut name: String = joined.chars().map(safe).take(200).collect();
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || name.starts_with(RESERVED_PREFIX)
    {
        name.insert(0, '_');
    }
    name
}

fn numbered(name: &str, number: i64) -> String {
    let mut bytes = [name, "_"].concat().into_bytes();
    integer::render(number, &mut bytes);
    // Digits are UTF-8.
    String::from_utf8(bytes).unwrap_or_default()
}
