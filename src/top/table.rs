//! A table: rows of words and numbers, sorted by a column, filtered by a text, laid out in columns.

use std::cmp::Ordering;

/// What stands in a row's column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// Stands to the left and is sorted as text.
    Word(String),
    /// Stands to the right and is sorted by the number.
    Number(f64, String),
}

impl Cell {
    pub(super) fn word(text: impl Into<String>) -> Cell {
        Cell::Word(text.into())
    }

    /// A whole number, with groups of three digits set apart.
    pub(super) fn count(number: f64) -> Cell {
        let digits = format!("{:.0}", number.max(0.0));
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(' ');
            }
            text.push(digit);
        }
        Cell::Number(number, text)
    }

    /// A number as it is.
    pub(super) fn number(number: f64) -> Cell {
        Cell::Number(number, number.to_string())
    }

    /// A number that there may not be.
    pub(super) fn maybe(number: Option<f64>) -> Cell {
        number.map_or(Cell::Number(-1.0, "-".into()), Cell::number)
    }

    /// A time, in the unit that suits it; `-` for none.
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    pub(super) fn time(nanos: Option<u64>) -> Cell {
        let Some(nanos) = nanos else { return Cell::Number(-1.0, "-".into()) };
        let of = nanos as f64;
        let text = match nanos {
            0..1_000 => format!("{nanos} ns"),
            1_000..1_000_000 => format!("{:.1} µs", of / 1e3),
            1_000_000..1_000_000_000 => format!("{:.1} ms", of / 1e6),
            _ => format!("{:.1} s", of / 1e9),
        };
        Cell::Number(of, text)
    }

    /// A share of 1, in percent.
    pub(super) fn share(share: f64) -> Cell {
        Cell::Number(share, format!("{:.1} %", share * 100.0))
    }

    fn text(&self) -> &str {
        match self {
            Cell::Word(text) | Cell::Number(_, text) => text,
        }
    }

    fn compare(&self, other: &Cell) -> Ordering {
        match (self, other) {
            (Cell::Number(a, _), Cell::Number(b, _)) => a.total_cmp(b),
            _ => self.text().cmp(other.text()),
        }
    }
}

/// Rows under a head.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(super) fn new(head: &[&'static str]) -> Table {
        Table { head: head.to_vec(), rows: Vec::new() }
    }

    /// Sorts by `column`, the greatest first if `down`; what is equal stays as it is.
    pub(super) fn sort(&mut self, column: usize, down: bool) {
        self.rows.sort_by(|a, b| {
            let order = match (a.get(column), b.get(column)) {
                (Some(a), Some(b)) => a.compare(b),
                _ => Ordering::Equal,
            };
            if down { order.reverse() } else { order }
        });
    }

    /// Keeps the rows that have `text` in a column, upper or lower case.
    pub(super) fn filter(&mut self, text: &str) {
        let text = text.to_lowercase();
        self.rows.retain(|row| row.iter().any(|cell| cell.text().to_lowercase().contains(&text)));
    }

    /// The head, then a line for each row.
    pub(super) fn lines(&self) -> Vec<String> {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| Some(row.get(column)?.text().chars().count()));
            cells.chain([self.head[column].chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..self.head.len()).map(width).collect();
        // A head stands as its column's cells do.
        let is_word = |column: usize| {
            self.rows.first().is_none_or(|row| matches!(row.get(column), Some(Cell::Word(_))))
        };
        let line = |texts: Vec<&str>| {
            let cells = texts.iter().zip(&widths).enumerate().map(|(column, (text, &width))| {
                if is_word(column) { format!("{text:<width$}") } else { format!("{text:>width$}") }
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let rows = self.rows.iter().map(|row| line(row.iter().map(Cell::text).collect()));
        std::iter::once(line(self.head.clone())).chain(rows).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["name", "count"]);
        for (name, count) in [("MM1", 9.0), ("mm2", 12_345.0), ("DROP1", 100.0)] {
            table.rows.push(vec![Cell::word(name), Cell::count(count)]);
        }
        table
    }

    #[test]
    fn words_stand_to_the_left_and_numbers_to_the_right() {
        assert_eq!(table().lines(), ["name    count", "MM1         9", "mm2    12 345", "DROP1     100"]);
        assert_eq!(Table::new(&["a", "b"]).lines(), ["a  b"]);
    }

    #[test]
    fn numbers_are_sorted_by_what_they_are_and_words_as_text() {
        let names = |table: &Table| table.rows.iter().map(|row| row[0].text().to_owned()).collect::<Vec<_>>();
        let mut table = table();
        table.sort(1, true);
        assert_eq!(names(&table), ["mm2", "DROP1", "MM1"]);
        table.sort(0, false);
        assert_eq!(names(&table), ["DROP1", "MM1", "mm2"]);
        table.filter("MM");
        assert_eq!(names(&table), ["MM1", "mm2"]);
    }

    #[test]
    fn times_are_told_in_the_unit_that_suits_them() {
        for (nanos, text) in
            [(999, "999 ns"), (1_500, "1.5 µs"), (2_500_000, "2.5 ms"), (3_000_000_000, "3.0 s")]
        {
            assert_eq!(Cell::time(Some(nanos)).text(), text);
        }
        assert_eq!(Cell::time(None).text(), "-");
    }
}
