//! Tells early that an input is not one JSON array, so that it need not be read whole to find out.

/// What the bytes so far allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may be one JSON array.
    Perhaps,
    /// Whatever follows, it is not one.
    NoArray,
}

/// The brackets and strings seen so far.
#[derive(Default)]
pub(super) struct Shape {
    depth: u64,
    started: bool,
    in_string: bool,
    escaped: bool,
}

impl Shape {
    /// Takes the next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Verdict {
        for &byte in bytes {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'[' if !self.started => {
                    self.started = true;
                    self.depth = 1;
                }
                // Text before the opening or after the closing bracket.
                _ if self.depth == 0 => return Verdict::NoArray,
                b'"' => self.in_string = true,
                b'[' | b'{' => self.depth += 1,
                b']' | b'}' => self.depth -= 1,
                _ => {}
            }
        }
        Verdict::Perhaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_an_ordinary_log_is_enough() {
        for (text, verdict) in [
            (" [{\"a\": \"]\\\"]\"}, [1", Verdict::Perhaps),
            ("[1]\r\n ", Verdict::Perhaps),
            ("\n", Verdict::Perhaps),
            ("{\"a\":1}", Verdict::NoArray),
            ("[2024-03-14 12:00:00] started", Verdict::NoArray),
            ("[1]\n[2]", Verdict::NoArray),
        ] {
            assert_eq!(Shape::default().feed(text.as_bytes()), verdict, "{text}");
        }
    }
}
