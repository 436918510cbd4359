//! A table as a workbook of spreadsheets (XLSX): numbers and times are such, texts stay
//! texts whatever they begin with, the names of columns stay in sight and filter. Not for
//! what is in a table.

use std::io::{self, Seek, Write};

use rust_xlsxwriter::{Color, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use serde_json::Value;

use super::table::{TIMES, Table, plain};

/// Rows of a sheet (Excel specifications and limits), the names of columns among them.
const MOST_ROWS: usize = 1_048_576;

/// Cells that are made in memory, at some 80 bytes each; more would take the program down.
const MOST_CELLS: usize = 8_000_000;

/// Characters of a cell; of a longer text the beginning is kept.
const LONGEST: usize = 32_767;

/// Columns are as wide as what so many rows hold, within these bounds, in characters.
const ROWS_LOOKED_AT: usize = 200;
const WIDTHS: std::ops::RangeInclusive<usize> = 6..=60;

impl Table {
    /// Writes it as a workbook with one sheet.
    pub fn write_workbook(&self, out: impl Write + Seek + Send) -> io::Result<()> {
        if self.rows.len() >= MOST_ROWS {
            return Err(io::Error::other(format!(
                "a sheet holds {} rows, and these are {}: save it as CSV",
                MOST_ROWS - 1,
                self.rows.len()
            )));
        }
        if self.rows.len() * self.columns.len() > MOST_CELLS {
            return Err(io::Error::other(format!(
                "a workbook of {} rows with {} columns is too large: choose fewer of them, or \
                 save it as CSV",
                self.rows.len(),
                self.columns.len()
            )));
        }
        let write = || -> Result<(), XlsxError> {
            let mut workbook = Workbook::new();
            self.fill(workbook.add_worksheet())?;
            workbook.save_to_writer(out)
        };
        write().map_err(io::Error::other)
    }

    fn fill(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let heading = Format::new()
            .set_bold()
            .set_background_color(Color::RGB(0xE8_EA_ED));
        let time = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        for (column, name) in (0..).zip(&self.columns) {
            sheet.write_string_with_format(0, column, name, &heading)?;
            sheet.set_column_width(column, self.width(column.into()) as f64)?;
        }
        for (row, values) in (1..).zip(&self.rows) {
            for ((column, name), value) in (0..).zip(&self.columns).zip(values) {
                match value {
                    Value::Null => {}
                    Value::Number(number) => {
                        let seconds = number.as_i64().filter(|_| TIMES.contains(&name.as_str()));
                        let at = seconds.map(ExcelDateTime::from_timestamp);
                        // Beyond the years that a workbook knows it is a number.
                        if let Some(Ok(at)) = at {
                            sheet.write_datetime_with_format(row, column, at, &time)?;
                        } else {
                            sheet.write_number(row, column, number.as_f64().unwrap_or(0.0))?;
                        }
                    }
                    text => {
                        sheet.write_string(row, column, bounded(plain(text)))?;
                    }
                }
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        let last_column = u16::try_from(self.columns.len()).unwrap_or(u16::MAX);
        if let (Some(column), Ok(row)) = (last_column.checked_sub(1), self.rows.len().try_into()) {
            sheet.autofilter(0, 0, row, column)?;
        }
        Ok(())
    }

    /// Characters that a column is wide, with room for the filter's button.
    fn width(&self, column: usize) -> usize {
        let name = self.columns[column].chars().count() + 4;
        let is_time = TIMES.contains(&self.columns[column].as_str());
        let values = self
            .rows
            .iter()
            .take(ROWS_LOOKED_AT)
            .map(|row| match is_time {
                true => 20,
                false => plain(&row[column]).chars().count() + 1,
            });
        let widest = values.chain([name]).max().unwrap_or(0);
        widest.clamp(*WIDTHS.start(), *WIDTHS.end())
    }
}

/// What of a text a cell can hold.
fn bounded(text: String) -> String {
    // Excel counts in UTF-16.
    if text.len() <= LONGEST || text.encode_utf16().count() <= LONGEST {
        return text;
    }
    let mut room = LONGEST - 1;
    let kept = text.chars().take_while(|letter| {
        let fits = room >= letter.len_utf16();
        room = room.saturating_sub(letter.len_utf16());
        fits
    });
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use serde_json::json;

    use super::*;

    /// The parts of a workbook that hold cells and texts.
    fn parts(table: &Table) -> (String, String) {
        let mut out = Cursor::new(Vec::new());
        table.write_workbook(&mut out).unwrap();
        let mut archive = zip::ZipArchive::new(out).unwrap();
        let mut read = |name: &str| {
            let mut text = String::new();
            let mut part = archive.by_name(name).unwrap();
            part.read_to_string(&mut text).unwrap();
            text
        };
        (
            read("xl/worksheets/sheet1.xml"),
            read("xl/sharedStrings.xml"),
        )
    }

    #[test]
    fn numbers_and_times_are_such_and_texts_are_no_formulas() {
        let rows = [
            vec![
                json!("=1+1 <b>.pdf"),
                json!(0.25),
                json!(0),
                json!(["A", "b;c"]),
            ],
            vec![
                json!("\u{1}\u{202e}odd"),
                Value::Null,
                Value::Null,
                json!([]),
            ],
        ];
        let table = Table::new(&["document", "ink", "at", "barcodes"], rows.into_iter());
        let (cells, texts) = parts(&table);
        assert!(cells.contains("<v>0.25</v>"), "{cells}");
        assert!(cells.contains("<v>25569</v>"), "1970-01-01: {cells}");
        assert!(cells.contains("<autoFilter ref=\"A1:D3\"/>"), "{cells}");
        assert!(cells.contains("topLeftCell=\"A2\""), "{cells}");
        assert!(!cells.contains("<f>"), "{cells}");
        assert!(texts.contains("=1+1 &lt;b&gt;.pdf"), "{texts}");
        assert!(
            texts.contains("A;&quot;b;c&quot;") || texts.contains("A;\"b;c\""),
            "{texts}"
        );
    }

    #[test]
    fn what_is_too_long_for_a_cell_is_cut_and_nothing_makes_a_sheet_of_names() {
        let long = "𝄞".repeat(20_000);
        let table = Table::new(&["text"], [vec![json!(long)]].into_iter());
        let (_, texts) = parts(&table);
        let kept = texts.matches('𝄞').count();
        assert_eq!(kept, (LONGEST - 1) / 2);
        assert!(texts.contains('…'));
        let (cells, texts) = parts(&Table::new(&["text"], std::iter::empty()));
        assert!(cells.contains("A1") && texts.contains("text"));
    }
}
