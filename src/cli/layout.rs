//! Tables for people: columns side by side within a width, long names shortened in the
//! middle, sentences below their rows. What does not fit side by side is drawn as records.
//! Pure; not for what is in a table or which of its columns matter (`print`).

use console::{Style, pad_str};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Spaces between columns.
const GAP: usize = 2;

/// Names are not made shorter than this: nothing could be told from them.
const SHORTEST_NAME: usize = 10;

/// How far a sentence below its row is moved in.
const INDENT: usize = 2;

/// How the values of a column are drawn where room is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole, at the right.
    Number,
    /// Whole.
    Word,
    /// Shortened in the middle: beginnings and endings tell names apart.
    Name,
    /// Broken into lines below the row.
    Sentence,
}

/// A column to be drawn.
#[derive(Clone, Debug)]
pub struct Column {
    /// Stands above it; may be broken at its spaces.
    pub title: String,
    /// How its values are drawn.
    pub kind: Kind,
}

/// A value and how it looks on a terminal.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Has no control characters.
    pub text: String,
    /// Colour; plain where none are wanted.
    pub style: Style,
}

/// Draws rows of as many cells as there are columns, in lines of so many places.
pub fn draw(columns: &[Column], rows: &[Vec<Cell>], width: usize, title: &Style) -> String {
    match widths(columns, rows, width) {
        Some(widths) => table(columns, rows, &widths, width, title),
        None => records(columns, rows, width, title),
    }
}

/// Places for each column; 0 for sentences. None where they do not fit side by side.
fn widths(columns: &[Column], rows: &[Vec<Cell>], width: usize) -> Option<Vec<usize>> {
    let natural = |(index, column): (usize, &Column)| {
        let title = column.title.split(' ').map(UnicodeWidthStr::width).max();
        let cells = rows.iter().map(|row| row[index].text.width()).max();
        match column.kind {
            Kind::Sentence => 0,
            _ => title.max(cells).unwrap_or(0),
        }
    };
    let mut widths: Vec<usize> = columns.iter().enumerate().map(natural).collect();
    let beside = columns
        .iter()
        .filter(|column| column.kind != Kind::Sentence)
        .count();
    if beside == 0 {
        return None;
    }
    let room = width.checked_sub(GAP * (beside - 1))?;
    loop {
        let excess = widths.iter().sum::<usize>().saturating_sub(room);
        if excess == 0 {
            return Some(widths);
        }
        // The widest name gives way until it is as wide as the next one.
        let names = columns.iter().zip(&mut widths);
        let mut names: Vec<&mut usize> = names
            .filter(|(column, width)| column.kind == Kind::Name && **width > SHORTEST_NAME)
            .map(|(_, width)| width)
            .collect();
        names.sort_unstable_by(|a, b| b.cmp(a));
        let next = names.get(1).map_or(SHORTEST_NAME, |next| **next);
        let widest = names.first_mut()?;
        let by = (**widest - next).max(1).min(excess);
        **widest -= by;
    }
}

fn table(
    columns: &[Column],
    rows: &[Vec<Cell>],
    widths: &[usize],
    width: usize,
    title: &Style,
) -> String {
    let beside: Vec<usize> = (0..columns.len())
        .filter(|index| columns[*index].kind != Kind::Sentence)
        .collect();
    let line = |cell: &dyn Fn(usize) -> Cell| {
        let mut line = String::new();
        let mut spaces = 0;
        for &index in &beside {
            let Cell { text, style } = cell(index);
            let padding = widths[index].saturating_sub(text.width());
            let (before, after) = match columns[index].kind {
                Kind::Number => (padding, 0),
                _ => (0, padding),
            };
            // Spaces at the end of a line are left out.
            if !text.is_empty() {
                line.extend(std::iter::repeat_n(' ', spaces + before));
                line.push_str(&style.apply_to(text).to_string());
                spaces = 0;
            } else {
                spaces += before;
            }
            spaces += after + GAP;
        }
        line.push('\n');
        line
    };
    let titles: Vec<Vec<String>> = columns
        .iter()
        .zip(widths)
        .map(|(column, width)| wrapped(&column.title, *width))
        .collect();
    let height = beside.iter().map(|index| titles[*index].len()).max();
    let mut drawn = String::new();
    for level in (0..height.unwrap_or(0)).rev() {
        // Short titles stand at the bottom, next to their column.
        drawn += &line(&|index| {
            let title_lines = &titles[index];
            let text = title_lines.len().checked_sub(level + 1);
            Cell {
                text: text.map_or_else(String::new, |at| title_lines[at].clone()),
                style: title.clone(),
            }
        });
    }
    for row in rows {
        drawn += &line(&|index| Cell {
            text: match columns[index].kind {
                Kind::Name => shortened(&row[index].text, widths[index]),
                _ => row[index].text.clone(),
            },
            style: row[index].style.clone(),
        });
        let sentences = columns.iter().zip(row);
        for (_, cell) in sentences.filter(|(column, _)| column.kind == Kind::Sentence) {
            for part in wrapped(&cell.text, width.saturating_sub(INDENT)) {
                let part = cell.style.apply_to(part);
                drawn += &format!("{:INDENT$}{part}\n", "");
            }
        }
    }
    drawn
}

/// A line for each value, with an empty line between records.
fn records(columns: &[Column], rows: &[Vec<Cell>], width: usize, title: &Style) -> String {
    let named = columns.iter().map(|column| column.title.width()).max();
    let named = named.unwrap_or(0);
    let room = width.saturating_sub(named + GAP).max(SHORTEST_NAME);
    let mut drawn = String::new();
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            drawn.push('\n');
        }
        for (column, cell) in columns.iter().zip(row) {
            let mut lines = match column.kind {
                Kind::Name => vec![shortened(&cell.text, room)],
                _ => wrapped(&cell.text, room),
            };
            if lines.is_empty() {
                lines.push(String::new());
            }
            for (number, line) in lines.iter().enumerate() {
                let name = if number == 0 {
                    column.title.as_str()
                } else {
                    ""
                };
                let name = pad_str(name, named, console::Alignment::Left, None);
                let (name, line) = (title.apply_to(name), cell.style.apply_to(line));
                match cell.text.is_empty() {
                    true => drawn += &format!("{}\n", title.apply_to(&column.title)),
                    false => drawn += &format!("{name}{:GAP$}{line}\n", ""),
                }
            }
        }
    }
    drawn
}

/// A name in at most so many places, cut in the middle.
fn shortened(name: &str, most: usize) -> String {
    if name.width() <= most {
        return name.to_owned();
    }
    let room = most.saturating_sub(1);
    let tail_room = room / 2;
    let fitting = |letters: &mut dyn Iterator<Item = &str>, room: usize| {
        let mut used = 0;
        let taken = letters.take_while(|letter| {
            used += letter.width();
            used <= room
        });
        taken.map(str::len).sum::<usize>()
    };
    let tail = fitting(&mut name.graphemes(true).rev(), tail_room);
    let head = fitting(&mut name.graphemes(true), room - tail_room);
    format!("{}…{}", &name[..head], &name[name.len() - tail..])
}

/// A text in lines of at most so many places, broken at spaces where that is possible.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for letter in word.graphemes(true) {
            if !line.is_empty() && line.width() + letter.width() > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(letter);
        }
    }
    if !line.is_empty() || lines.is_empty() && !text.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(title: &str, kind: Kind) -> Column {
        Column {
            title: title.into(),
            kind,
        }
    }

    fn drawn(columns: &[Column], rows: &[&[&str]], width: usize) -> String {
        let cell = |text: &&str| Cell {
            text: (*text).to_owned(),
            style: Style::new(),
        };
        let rows: Vec<Vec<Cell>> = rows
            .iter()
            .map(|row| row.iter().map(cell).collect())
            .collect();
        draw(columns, &rows, width, &Style::new())
    }

    #[test]
    fn a_table_fits_and_names_keep_both_ends() {
        let columns = [
            column("document", Kind::Name),
            column("needs ocr pages", Kind::Number),
            column("status", Kind::Word),
        ];
        let rows: &[&[&str]] = &[
            &["2025/a very long name of a scan 0001.pdf", "12", "ok"],
            &["b.pdf", "1", "broken"],
        ];
        assert_eq!(
            drawn(&columns, rows, 30),
            [
                "                 needs",
                "                   ocr",
                "document         pages  status",
                "2025/a …001.pdf     12  ok",
                "b.pdf                1  broken",
                "",
            ]
            .join("\n")
        );
        // Room enough: nothing is cut.
        assert!(drawn(&columns, rows, 80).contains("a very long name of a scan 0001.pdf"));
    }

    #[test]
    fn letters_that_take_two_places_count_as_two() {
        let columns = [column("document", Kind::Name)];
        let names: &[&[&str]] = &[&["合同第一份合同第二份.pdf"]];
        for line in drawn(&columns, names, 12).lines() {
            assert!(line.width() <= 12, "{line}");
        }
    }

    #[test]
    fn sentences_stand_below_their_rows() {
        let columns = [
            column("page", Kind::Number),
            column("reason", Kind::Sentence),
        ];
        let rows: &[&[&str]] = &[&["1", "It cannot be read at all"], &["2", ""]];
        assert_eq!(
            drawn(&columns, rows, 16),
            "page\n   1\n  It cannot be\n  read at all\n   2\n"
        );
    }

    #[test]
    fn what_does_not_fit_side_by_side_is_drawn_as_records() {
        let columns = [column("one", Kind::Word), column("two", Kind::Word)];
        let rows: &[&[&str]] = &[&["aaaaaaaaaa", "bbbbbbbbbb"], &["c", ""]];
        assert_eq!(
            drawn(&columns, rows, 16),
            "one  aaaaaaaaaa\ntwo  bbbbbbbbbb\n\none  c\ntwo\n"
        );
    }
}
