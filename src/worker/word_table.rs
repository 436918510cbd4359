//! The words of a page and where they stand, as Tesseract prints them: a table with tabs
//! between the columns (TSV), a row for the page, each block, paragraph, line and word.
//! Places are pixels of the picture that it was given, which shows the page as viewers do,
//! and so are in the space of the page's own words once they are shares of that picture.
//! Not for running the command (`analyser`).

use crate::model::words::are_spaced;
use crate::model::{Area, Word};

/// Names of the columns, in the first row.
const HEADER: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\t\
                      left\ttop\twidth\theight\tconf\ttext";

/// Columns of a row.
const COLUMNS: usize = 12;

/// Levels of rows.
const PAGE: &str = "1";
const WORD: &str = "5";

/// Most words of a page: several times those of the densest newspaper.
const MOST_WORDS: usize = 50_000;

/// Longer words have no place, bytes: they are lines of a pattern, not words.
const LONGEST_WORD: usize = 400;

/// What was read on a page.
#[derive(Debug, Default, PartialEq)]
pub struct ReadWords {
    /// Lines of words, with an empty one between paragraphs.
    pub text: String,
    /// Its words, in the order in which they are read. Those that stand nowhere on the page
    /// are in the text alone.
    pub words: Vec<Word>,
    /// So many words were read and others left out; none: that is all.
    pub cut_after: Option<usize>,
}

/// Reads the first page of such a table; the error says what is wrong with it. `is_cut`: it
/// ends anywhere.
pub fn read(table: &str, is_cut: bool) -> Result<ReadWords, String> {
    let mut rows = table.lines().enumerate();
    if rows.next().map(|(_, row)| row) != Some(HEADER) {
        return Err("what it printed is no table of words (TSV)".to_owned());
    }
    let mut read = ReadWords::default();
    let mut page: Option<[i64; 4]> = None;
    let mut before: Option<Row<'_>> = None;
    let mut count = 0;
    // What comes after the last end of a line may be half a row.
    let whole = match is_cut {
        true => table.lines().count().saturating_sub(1),
        false => usize::MAX,
    };
    for (at, line) in rows.take_while(|(at, _)| *at < whole) {
        let wrong = || format!("row {} of what it printed is no row of words", at + 1);
        let row = Row::of(line).ok_or_else(wrong)?;
        match row.level {
            PAGE if page.is_some() => break,
            PAGE => page = Some(row.place),
            WORD => {}
            _ => continue,
        }
        // Without a page it cannot be told where on it a word stands.
        let page = page.ok_or_else(wrong)?;
        let text = row.text.trim();
        if row.level == PAGE || text.is_empty() {
            continue;
        }
        if count == MOST_WORDS {
            read.cut_after = Some(count);
            break;
        }
        count += 1;
        match &before {
            None => {}
            Some(before) if before.paragraph != row.paragraph => read.text.push_str("\n\n"),
            Some(before) if before.line != row.line => read.text.push('\n'),
            Some(before) if are_spaced(before.text.trim(), text) => read.text.push(' '),
            Some(_) => {}
        }
        read.text.push_str(text);
        if text.len() <= LONGEST_WORD
            && let Some(area) = share(row.place, page)
        {
            let text = text.to_owned();
            read.words.push(Word { text, area });
        }
        before = Some(row);
    }
    if is_cut {
        read.cut_after.get_or_insert(count);
    }
    Ok(read)
}

/// A row of the table.
struct Row<'a> {
    level: &'a str,
    /// Its block and paragraph.
    paragraph: [&'a str; 2],
    line: &'a str,
    /// Left, top, width and height.
    place: [i64; 4],
    text: &'a str,
}

impl<'a> Row<'a> {
    /// None where it has other columns.
    fn of(line: &'a str) -> Option<Self> {
        // Of the text, which is the last, a tab is a part.
        let columns: Vec<&str> = line.splitn(COLUMNS, '\t').collect();
        let &[
            level,
            _,
            block,
            paragraph,
            line,
            _,
            left,
            top,
            width,
            height,
            _,
            text,
        ] = &columns[..]
        else {
            return None;
        };
        let place = [left, top, width, height].map(|number| number.parse::<i64>().ok());
        let [Some(left), Some(top), Some(width), Some(height)] = place else {
            return None;
        };
        Some(Self {
            level,
            paragraph: [block, paragraph],
            line,
            place: [left, top, width, height],
            text,
        })
    }
}

/// A place as shares of a page, both in pixels; none where nothing of it is on the page.
fn share([left, top, width, height]: [i64; 4], page: [i64; 4]) -> Option<Area> {
    let span = |from: i64, long: i64, page_from: i64, page_long: i64| {
        let from = from.saturating_sub(page_from);
        let to = from.saturating_add(long).min(page_long);
        let from = from.max(0);
        let share = |pixels: i64| (pixels as f64 / page_long as f64) as f32;
        (from < to).then(|| (share(from), share(to)))
    };
    let [page_left, page_top, page_width, page_height] = page;
    let (left, right) = span(left, width, page_left, page_width)?;
    let (top, bottom) = span(top, height, page_top, page_height)?;
    Some(Area {
        left,
        top,
        right,
        bottom,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of a page of 1,000 by 500 pixels; of each word the block, the paragraph, the
    /// line, the place and the text.
    fn table(words: &[([u32; 3], [i64; 4], &str)]) -> String {
        let mut table = format!("{HEADER}\n1\t1\t0\t0\t0\t0\t0\t0\t1000\t500\t-1\t\n");
        for ([block, paragraph, line], [left, top, width, height], text) in words {
            table.push_str(&format!(
                "4\t1\t{block}\t{paragraph}\t{line}\t0\t0\t0\t1\t1\t-1\t\n\
                 5\t1\t{block}\t{paragraph}\t{line}\t1\t\
                 {left}\t{top}\t{width}\t{height}\t91.5\t{text}\n"
            ));
        }
        table
    }

    #[test]
    fn words_are_lines_and_paragraphs_and_have_places() {
        let at = [100, 50, 200, 25];
        let read = read(
            &table(&[
                ([1, 1, 1], at, "Dear"),
                ([1, 1, 1], at, "Sir,"),
                ([1, 1, 2], at, "請求"),
                ([1, 1, 2], at, "書"),
                ([1, 2, 1], at, "a \"b\""),
                ([2, 1, 1], at, " "),
                ([2, 1, 1], at, "end"),
            ]),
            false,
        )
        .unwrap();
        assert_eq!(read.text, "Dear Sir,\n請求書\n\na \"b\"\n\nend");
        assert_eq!((read.words.len(), read.cut_after), (6, None));
        let expected = Area {
            left: 0.1,
            top: 0.1,
            right: 0.3,
            bottom: 0.15,
        };
        assert_eq!(read.words[0].area, expected);
    }

    #[test]
    fn places_are_cut_to_the_page_and_words_off_it_are_text_only() {
        let read = read(
            &table(&[
                ([1, 1, 1], [-100, 490, 200, 25], "half"),
                ([1, 1, 1], [1000, 0, 50, 20], "beside"),
                ([1, 1, 1], [0, 0, 0, 0], "nowhere"),
                ([1, 1, 1], [i64::MAX, i64::MIN, i64::MAX, i64::MAX], "far"),
                ([1, 1, 1], [0, 0, 9, 9], &"x".repeat(LONGEST_WORD + 1)),
            ]),
            false,
        )
        .unwrap();
        assert!(read.text.starts_with("half beside nowhere far xx"));
        let [half] = &read.words[..] else {
            panic!("{:?}", read.words);
        };
        assert_eq!((half.area.left, half.area.right), (0.0, 0.1));
        assert_eq!((half.area.top, half.area.bottom), (0.98, 1.0));
    }

    #[test]
    fn what_is_no_such_table_is_refused_with_the_row() {
        for other in ["", "Dear Sir,\n", "{\"text\": \"a\"}"] {
            assert!(read(other, false).is_err(), "{other}");
        }
        let row = |more: &str| read(&format!("{}{more}", table(&[])), false);
        assert!(row("5\t1\t1\t1\t1\t1\t0\t0\t1e9\t1\t9\ta\n").is_err());
        assert!(row("5\t1\t1\n").unwrap_err().starts_with("row 3"));
        // Nobody knows on what page.
        assert!(
            read(
                &format!("{HEADER}\n5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t9\ta\n"),
                false
            )
            .is_err()
        );
        // Of a page without an area no place is a share.
        let flat = table(&[([1, 1, 1], [0, 0, 9, 9], "a")]).replace("1000\t500", "0\t-5");
        assert_eq!(read(&flat, false).unwrap().words, []);
    }

    #[test]
    fn the_second_page_is_another_and_what_is_cut_says_so() {
        let words = [
            ([1, 1, 1], [0, 0, 9, 9], "a"),
            ([1, 1, 1], [0, 0, 9, 9], "b"),
        ];
        let two = format!(
            "{0}{1}",
            table(&words),
            table(&words).replacen(HEADER, "", 1).trim_start()
        );
        assert_eq!(read(&two, false).unwrap().text, "a b");
        let cut = table(&words);
        let cut = read(&cut[..cut.len() - 4], true).unwrap();
        assert_eq!((cut.text.as_str(), cut.cut_after), ("a", Some(1)));
        let many = vec![words[0]; MOST_WORDS + 1];
        let many = read(&table(&many), false).unwrap();
        assert_eq!(many.cut_after, Some(MOST_WORDS));
        assert_eq!(many.words.len(), MOST_WORDS);
    }
}
