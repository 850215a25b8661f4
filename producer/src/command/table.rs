//! Tables of text, for people.

/// Lines of cells in columns; those named in `right` are aligned to the right.
pub(super) fn render(rows: &[Vec<String>], right: &[usize]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (i, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width - cell.chars().count());
            line += if i == 0 { "" } else { "  " };
            line += &if right.contains(&i) { format!("{pad}{cell}") } else { format!("{cell}{pad}") };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// `part` of `whole` in percent.
pub(super) fn percent(part: usize, whole: usize) -> String {
    if whole == 0 { "–".into() } else { format!("{:.1} %", part as f64 * 100.0 / whole as f64) }
}

/// A number with its thousands apart.
pub(super) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_aligned() {
        let rows = [vec!["é".to_string(), "10".into()], vec!["long".into(), "9".into()]];
        assert_eq!(render(&rows, &[1]), "é     10\nlong   9\n");
    }

    #[test]
    fn thousands_are_apart() {
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (2_554_794, "2,554,794")] {
            assert_eq!(thousands(n), text);
        }
    }
}
