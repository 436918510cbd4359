//! A table: columns by name and rows of values, as CSV and JSON Lines. Not for what is in
//! it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::model::{DocumentId, FieldValue, Finding};

/// Columns that hold times, seconds since 1970 (UTC).
pub(super) const TIMES: [&str; 3] = ["at", "started", "finished"];

/// Columns by name, and rows of as many values. `Null` is unknown.
pub struct Table {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// As many values as there are columns, each.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// A table of these columns.
    pub fn new(columns: &[&str], rows: impl Iterator<Item = Vec<Value>>) -> Self {
        Self {
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            rows: rows.collect(),
        }
    }

    /// Adds columns for what external analysers found; `ids` has the document and
    /// page of each row.
    pub(super) fn with_findings(
        mut self,
        findings: &[Finding],
        ids: &[(DocumentId, Option<u32>)],
    ) -> Self {
        let mut by_row: HashMap<_, HashMap<(&str, &str), Value>> = HashMap::new();
        for finding in findings {
            let id = &finding.id;
            let row = by_row.entry((id.document, id.page)).or_default();
            let fields = found_fields(finding).into_iter();
            row.extend(fields.map(|(field, value)| ((id.analyser.as_str(), field), value)));
        }
        let found = ids.iter().filter_map(|id| by_row.get(id));
        let names: BTreeSet<(&str, &str)> = found.flat_map(HashMap::keys).copied().collect();
        for (row, id) in self.rows.iter_mut().zip(ids) {
            let mut found = by_row.remove(id).unwrap_or_default();
            let values = names.iter().map(|name| found.remove(name));
            row.extend(values.map(Option::unwrap_or_default));
        }
        let names = names
            .iter()
            .map(|(analyser, field)| format!("{analyser}.{field}"));
        self.columns.extend(names);
        self
    }

    /// These columns of it, in this order.
    pub fn only(self, columns: &[usize]) -> Self {
        if columns.iter().copied().eq(0..self.columns.len()) {
            return self;
        }
        let rows = self.rows.iter();
        let narrowed = rows.map(|row| columns.iter().map(|i| row[*i].clone()).collect());
        Self {
            columns: columns.iter().map(|i| self.columns[*i].clone()).collect(),
            rows: narrowed.collect(),
        }
    }

    /// Writes it as CSV (RFC 4180): names, then rows; unknown is empty. Names of files and
    /// codes on pages are the client's, and CSV is opened in spreadsheets: text that they
    /// would take for a formula gets an apostrophe before it, which keeps it text.
    pub fn write_csv(&self, out: impl Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(&self.columns)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|value| match (value, plain(value)) {
                (Value::String(_) | Value::Array(_), text) if text.starts_with(FORMULA) => {
                    format!("'{text}")
                }
                (_, text) => text,
            }))?;
        }
        writer.flush()
    }

    /// The same with a mark in front: spreadsheets take a file for UTF-8 only with it.
    pub fn write_spreadsheet(&self, mut out: impl Write) -> io::Result<()> {
        out.write_all("\u{feff}".as_bytes())?;
        self.write_csv(out)
    }

    /// Writes it as JSON Lines: an object a row; unknown is null.
    pub fn write_json_lines(&self, mut out: impl Write) -> io::Result<()> {
        for row in &self.rows {
            let names = self.columns.iter().cloned();
            let object: Map<String, Value> = names.zip(row.iter().cloned()).collect();
            writeln!(out, "{}", Value::Object(object))?;
        }
        out.flush()
    }
}

/// Text that begins so is a formula to spreadsheets (OWASP, CSV injection), to some also
/// with the full-width forms.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What of a finding stands in lists, by field.
fn found_fields(finding: &Finding) -> BTreeMap<&str, Value> {
    let mut fields = BTreeMap::new();
    if let Ok(found) = &finding.result {
        for (name, value) in &found.fields {
            let value = match value {
                FieldValue::Flag(yes) => yes_or_no(Some(*yes)),
                FieldValue::Number(number) => json!(number),
                FieldValue::Text(text) => json!(text),
            };
            fields.insert(name.as_str(), value);
        }
        if let Some(text) = &found.text {
            fields.insert("text", json!(text));
        }
    }
    if let Some(problem) = finding.problem() {
        fields.insert("problem", json!(problem));
    }
    if let Some(left) = finding.left {
        fields.insert("left_bytes", json!(left.bytes));
        fields.insert("left_files", json!(left.files));
    }
    fields
}

/// "yes", "no", or unknown.
pub fn yes_or_no(answer: Option<bool>) -> Value {
    json!(answer.map(|yes| if yes { "yes" } else { "no" }))
}

/// A value as text; unknown is empty. Texts of a list are separated by `;`, and stand in
/// quotation marks, doubled inside, where that would be ambiguous.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(texts) => {
            let texts: Vec<String> = texts.iter().map(|text| listed(&plain(text))).collect();
            texts.join(";")
        }
        other => other.to_string(),
    }
}

fn listed(text: &str) -> String {
    match text.contains([';', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let rows = [
            vec![json!("=HYPERLINK(\"x\")"), json!(-1.5)],
            vec![json!("Übersicht, alt.pdf"), Value::Null],
        ];
        Table::new(&["document", "skew_deg"], rows.into_iter())
    }

    fn written(write: impl Fn(&Table, &mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&table(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn programs_get_what_is_there_in_json() {
        assert_eq!(
            written(|table, out| table.write_json_lines(out)),
            "{\"document\":\"=HYPERLINK(\\\"x\\\")\",\"skew_deg\":-1.5}\n\
             {\"document\":\"Übersicht, alt.pdf\",\"skew_deg\":null}\n"
        );
    }

    #[test]
    fn a_name_is_no_formula_in_csv_and_a_number_stays_one() {
        let csv = "document,skew_deg\n\"'=HYPERLINK(\"\"x\"\")\",-1.5\n\
                   \"Übersicht, alt.pdf\",\n";
        assert_eq!(written(|table, out| table.write_csv(out)), csv);
        assert_eq!(
            written(|table, out| table.write_spreadsheet(out)),
            format!("\u{feff}{csv}")
        );
        for start in FORMULA {
            let rows = [vec![json!(format!("{start}1"))]];
            let mut out = Vec::new();
            let table = Table::new(&["a"], rows.into_iter());
            table.write_csv(&mut out).unwrap();
            let out = String::from_utf8(out).unwrap();
            assert!(out.contains(&format!("'{start}1")), "{out}");
        }
    }

    #[test]
    fn a_list_in_csv_can_be_taken_apart_again() {
        let list = json!(["A-1", "a;b", "say \"x\"", "two\nlines"]);
        assert_eq!(plain(&list), "A-1;\"a;b\";\"say \"\"x\"\"\";\"two\nlines\"");
        assert_eq!(plain(&json!([])), "");
        let rows = [vec![json!(["=1", "2"])]];
        let mut out = Vec::new();
        Table::new(&["barcodes"], rows.into_iter())
            .write_csv(&mut out)
            .unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "barcodes\n'=1;2\n");
    }

    #[test]
    fn columns_are_picked_in_order() {
        let table = table().only(&[1, 0]);
        assert_eq!(table.columns, ["skew_deg", "document"]);
        assert_eq!(table.rows[0], [json!(-1.5), json!("=HYPERLINK(\"x\")")]);
    }
}
