//! Columns: text in cells, measured as a terminal shows it, made to fit.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::style::{Look, Tone};

/// Where the text of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// At the left.
    Left,
    /// At the right.
    Right,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    align: Align,
    /// The width it may be shrunk to; `None` where it must stay whole.
    least: Option<usize>,
    /// The width below which optional columns go rather than it shrinks further.
    comfortable: usize,
    /// Whether it is dropped when there is no room.
    optional: bool,
    /// Whether one space separates it from the next.
    tight: bool,
}

impl Column {
    /// A column that stays whole.
    pub(super) fn new(align: Align) -> Self {
        Self {
            align,
            least: None,
            comfortable: 0,
            optional: false,
            tight: false,
        }
    }

    /// The same column, which may be shrunk to `least`, and to less than
    /// `comfortable` only when no optional column is left.
    pub(super) fn shrinks(mut self, least: usize, comfortable: usize) -> Self {
        self.least = Some(least);
        self.comfortable = comfortable.max(least);
        self
    }

    /// The same column, close to the next one: for signs.
    pub(super) fn tight(mut self) -> Self {
        self.tight = true;
        self
    }

    /// The same column, which may be left out.
    pub(super) fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

/// A cell: pieces of harmless text of one line, and their meaning.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    parts: Vec<(Tone, String)>,
}

impl Cell {
    /// A cell.
    pub(super) fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self::parts(vec![(tone, text.into())])
    }

    /// A cell of several pieces.
    pub(super) fn parts(parts: Vec<(Tone, String)>) -> Self {
        Self { parts }
    }

    fn width(&self) -> usize {
        self.parts.iter().map(|(_, text)| text.width()).sum()
    }

    /// The cell as at most `width` columns, and how many it has.
    fn paint(&self, width: usize, look: Look) -> (String, usize) {
        let mut painted = String::new();
        let mut used = 0;
        for (tone, text) in &self.parts {
            let text = truncate(text, width - used, look);
            used += text.width();
            painted.push_str(&look.paint(*tone, &text));
        }
        (painted, used)
    }

    /// A cell without particular meaning.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::new(Tone::Plain, text)
    }
}

/// Rows of cells.
#[derive(Debug, Clone)]
pub(super) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    gap: usize,
}

impl Table {
    /// A table without rows; `gap` spaces between its columns.
    pub(super) fn new(columns: Vec<Column>, gap: usize) -> Self {
        Self {
            columns,
            rows: Vec::new(),
            gap,
        }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The rows as lines of at most `width` columns.
    pub(super) fn render(&self, width: usize, look: Look) -> Vec<String> {
        let widths = self.fit(width);
        self.rows
            .iter()
            .map(|row| self.line(row, &widths, look))
            .collect()
    }

    /// Spaces after a column.
    fn gap(&self, column: Column) -> usize {
        if column.tight { 1 } else { self.gap }
    }

    fn line(&self, row: &[Cell], widths: &[usize], look: Look) -> String {
        let mut line = String::new();
        // Spaces are written only before text, so that no line ends with them.
        let mut owed = 0;
        for ((cell, column), &width) in row.iter().zip(&self.columns).zip(widths) {
            if width == 0 {
                continue;
            }
            let (text, used) = cell.paint(width, look);
            let space = width.saturating_sub(used);
            if column.align == Align::Right {
                owed += space;
            }
            if used > 0 {
                line.push_str(&" ".repeat(owed));
                line.push_str(&text);
                owed = 0;
            }
            if column.align == Align::Left {
                owed += space;
            }
            owed += self.gap(*column);
        }
        line
    }

    /// Widths of the columns: as wide as their text, then optional ones are
    /// dropped from the right, then those that may shrink do, the widest first.
    fn fit(&self, width: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..self.columns.len())
            .map(|at| {
                self.rows
                    .iter()
                    .filter_map(|row| row.get(at))
                    .map(Cell::width)
                    .max()
                    .unwrap_or_default()
            })
            .collect();
        let total = |widths: &[usize]| {
            let shown = || {
                widths
                    .iter()
                    .zip(&self.columns)
                    .filter(|(width, _)| **width > 0)
            };
            let gaps: usize = shown().map(|(_, column)| self.gap(*column)).sum();
            let last = shown()
                .next_back()
                .map_or(0, |(_, column)| self.gap(*column));
            widths.iter().sum::<usize>() + gaps - last
        };
        // What shrinking could save decides whether a column must go.
        let slack = |widths: &[usize]| -> usize {
            widths
                .iter()
                .zip(&self.columns)
                .filter(|(_, column)| column.least.is_some())
                .map(|(width, column)| width.saturating_sub(column.comfortable))
                .sum()
        };
        for at in (0..self.columns.len()).rev() {
            let optional = self.columns.get(at).is_some_and(|column| column.optional);
            if optional
                && total(&widths) > width + slack(&widths)
                && let Some(this) = widths.get_mut(at)
            {
                *this = 0;
            }
        }
        while total(&widths) > width {
            let widest = widths
                .iter_mut()
                .zip(&self.columns)
                .filter(|(width, column)| column.least.is_some_and(|least| **width > least))
                .map(|(width, _)| width)
                .max();
            match widest {
                Some(widest) => *widest -= 1,
                None => break,
            }
        }
        widths
    }
}

/// Cuts text to a width in columns; a cut is marked.
pub(super) fn truncate(text: &str, width: usize, look: Look) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or_default();
        if used + wide + 1 > width {
            break;
        }
        used += wide;
        cut.push(c);
    }
    if width > 0 {
        cut.push_str(look.ellipsis());
    }
    cut
}

/// Text made exactly so wide with spaces at its end, or cut.
pub(super) fn pad(text: &str, width: usize, look: Look) -> String {
    let text = truncate(text, width, look);
    let space = width.saturating_sub(text.width());
    text + &" ".repeat(space)
}

/// Breaks text at spaces into lines of at most `width` columns. Words that are
/// wider stay whole: a path that can be copied is worth more than the margin.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// Puts items one behind the other, `separator` between them, into lines of at
/// most `width` columns. Lines break between items; only an item that is wider
/// breaks at its spaces.
pub(super) fn flow(items: &[String], separator: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        // What separates from the next item stays with this one.
        let item = if at + 1 < items.len() {
            format!("{item}{}", separator.trim_end())
        } else {
            item.clone()
        };
        match lines.last_mut() {
            Some(line) if line.width() + 1 + item.width() <= width => {
                line.push(' ');
                line.push_str(&item);
            }
            _ => lines.extend(wrap(&item, width)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Align, Cell, Column, Table, flow, pad, truncate, wrap};
    use crate::report::style::Look;
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    const LOOK: Look = Look {
        colour: false,
        ascii: false,
    };

    fn table() -> Table {
        let mut table = Table::new(
            vec![
                Column::new(Align::Left).shrinks(4, 6),
                Column::new(Align::Right),
                Column::new(Align::Left).optional(),
            ],
            2,
        );
        for (name, number, bar) in [("unit", "1", "####"), ("integration", "12", "")] {
            table.row(vec![
                Cell::plain(name),
                Cell::plain(number),
                Cell::plain(bar),
            ]);
        }
        table
    }

    #[test]
    fn columns_line_up() {
        assert_eq!(
            table().render(80, LOOK),
            ["unit          1  ####", "integration  12"]
        );
    }

    #[test]
    fn wide_columns_shrink_and_optional_ones_go() {
        assert_eq!(
            table().render(18, LOOK),
            ["unit       1  ####", "integra…  12"]
        );
        assert_eq!(table().render(8, LOOK), ["unit   1", "int…  12"]);
    }

    #[test]
    fn cuts_are_marked_and_wide_letters_counted() {
        assert_eq!(truncate("日本語", 6, LOOK), "日本語");
        assert_eq!(truncate("日本語", 5, LOOK), "日本…");
        assert_eq!(truncate("日本語", 4, LOOK), "日…");
        assert_eq!(truncate("abc", 0, LOOK), "");
        assert_eq!(pad("日", 4, LOOK), "日  ");
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("unbreakable x", 4), ["unbreakable", "x"]);
    }

    #[test]
    fn lines_break_between_items() {
        let items = ["one two", "three", "four five six"].map(str::to_owned);
        assert_eq!(
            flow(&items, ", ", 14),
            ["one two,", "three,", "four five six"]
        );
        assert_eq!(flow(&items, " ", 13), ["one two three", "four five six"]);
        assert_eq!(flow(&items[2..], ", ", 9), ["four five", "six"]);
        assert!(flow(&[], ", ", 9).is_empty());
    }

    proptest! {
        #[test]
        fn never_wider_than_asked(text in "[ -~é日🙂]{0,30}", width in 0_usize..20) {
            prop_assert!(truncate(&text, width, LOOK).width() <= width);
            prop_assert_eq!(pad(&text, width, LOOK).width(), width);
        }
    }
}
