//! A table as Apache Parquet, for programs that compute with columns: numbers and times are
//! such, everything else is text, unknown is null. Not for what is in a table.

use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Kept};
use ::parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::Type;
use serde_json::Value;

use super::table::{TIMES, Table, plain};

/// Rows that are compressed together: readers skip and share work by groups of them, and
/// one is in memory at a time.
const GROUP: usize = 100_000;

/// What all values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Seconds since 1970 (UTC), kept as milliseconds.
    Time,
    Whole,
    Fraction,
    /// Also of several kinds, and lists, as [`plain`] writes them.
    Text,
}

impl Kind {
    /// That of a column; text where nothing in it is known.
    fn of<'a>(name: &str, values: impl Iterator<Item = &'a Value>) -> Self {
        let known = values
            .filter(|value| !value.is_null())
            .map(|value| match value {
                Value::Number(number) if !number.is_i64() => Self::Fraction,
                Value::Number(_) if TIMES.contains(&name) => Self::Time,
                Value::Number(_) => Self::Whole,
                _ => Self::Text,
            });
        known.reduce(Self::with).unwrap_or(Self::Text)
    }

    /// What values of two kinds are together.
    fn with(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Text, _) | (_, Self::Text) => Self::Text,
            _ => Self::Fraction,
        }
    }

    /// How a column of it is declared.
    fn column(self, name: &str) -> Result<Type, ParquetError> {
        let (kept, meant) = match self {
            Self::Time => {
                let utc = LogicalType::timestamp(true, TimeUnit::MILLIS);
                (Kept::INT64, Some(utc))
            }
            Self::Whole => (Kept::INT64, None),
            Self::Fraction => (Kept::DOUBLE, None),
            Self::Text => (Kept::BYTE_ARRAY, Some(LogicalType::String)),
        };
        Type::primitive_type_builder(name, kept)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(meant)
            .build()
    }
}

impl Table {
    /// Writes it as Parquet: a column for each of its columns, under the same name, in the
    /// same order.
    ///
    /// # Errors
    ///
    /// Where `out` fails.
    pub fn write_parquet(&self, out: impl Write + Send) -> io::Result<()> {
        self.parquet(out).map_err(io::Error::other)
    }

    fn parquet(&self, out: impl Write + Send) -> Result<(), ParquetError> {
        let names = self.columns.iter().enumerate();
        let kinds: Vec<Kind> = names
            .map(|(column, name)| Kind::of(name, self.rows.iter().map(|row| &row[column])))
            .collect();
        let columns = self.columns.iter().zip(&kinds);
        let columns = columns.map(|(name, kind)| kind.column(name).map(Arc::new));
        let schema = Type::group_type_builder("table")
            .with_fields(columns.collect::<Result<_, _>>()?)
            .build()?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
        let mut file =
            SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties.build()))?;
        for rows in self.rows.chunks(GROUP) {
            let mut group = file.next_row_group()?;
            for (column, kind) in kinds.iter().enumerate() {
                let values = rows.iter().map(|row| &row[column]);
                match kind {
                    Kind::Time => write::<Int64Type, _>(&mut group, values, |value| {
                        value.as_i64().map(|seconds| seconds.saturating_mul(1000))
                    })?,
                    Kind::Whole => write::<Int64Type, _>(&mut group, values, Value::as_i64)?,
                    Kind::Fraction => write::<DoubleType, _>(&mut group, values, Value::as_f64)?,
                    Kind::Text => write::<ByteArrayType, _>(&mut group, values, |value| {
                        let text = (!value.is_null()).then(|| plain(value));
                        text.map(|text| ByteArray::from(text.into_bytes()))
                    })?,
                }
            }
            group.close()?;
        }
        file.close()?;
        Ok(())
    }
}

/// Writes the next column of a group; `take` makes a value of each that is known.
fn write<'a, T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: impl Iterator<Item = &'a Value>,
    take: impl Fn(&'a Value) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let taken: Vec<Option<T::T>> = values.map(take).collect();
    // 1 for each value that is there.
    let levels: Vec<i16> = taken.iter().map(|value| value.is_some().into()).collect();
    let known: Vec<T::T> = taken.into_iter().flatten().collect();
    let Some(mut column) = group.next_column()? else {
        return Ok(());
    };
    column
        .typed::<T>()
        .write_batch(&known, Some(&levels), None)?;
    column.close()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::Field;
    use serde_json::json;
    use std::fs::File;

    fn written(table: &Table) -> SerializedFileReader<File> {
        let mut out = tempfile::tempfile().unwrap();
        table.write_parquet(&mut out).unwrap();
        SerializedFileReader::new(out).unwrap()
    }

    #[test]
    fn values_come_back_as_what_they_are() {
        let columns = [
            "document", "pages", "ink", "at", "barcodes", "turned", "note",
        ];
        let one = [
            json!("=1+1.pdf"),
            json!(3),
            json!(0.5),
            json!(60),
            json!(["a;b", "c"]),
            json!(90),
            Value::Null,
        ];
        let mut other = vec![Value::Null; columns.len()];
        (other[2], other[5]) = (json!(2), json!("?"));
        let read = written(&Table::new(&columns, [one.to_vec(), other].into_iter()));
        let rows: Vec<Vec<Field>> = read
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().into_columns())
            .map(|columns| columns.into_iter().map(|(_, value)| value).collect())
            .collect();
        let text = |text: &str| Field::Str(text.to_owned());
        let one = vec![
            text("=1+1.pdf"),
            Field::Long(3),
            Field::Double(0.5),
            Field::TimestampMillis(60_000),
            text("\"a;b\";c"),
            text("90"),
            Field::Null,
        ];
        let mut other = vec![Field::Null; columns.len()];
        (other[2], other[5]) = (Field::Double(2.0), text("?"));
        assert_eq!(rows, [one, other]);
    }

    #[test]
    fn many_rows_are_written_in_groups() {
        let rows = (0..GROUP + 1).map(|row| vec![json!(row)]);
        let read = written(&Table::new(&["row"], rows));
        assert_eq!(read.num_row_groups(), 2);
        assert_eq!(read.metadata().file_metadata().num_rows(), GROUP as i64 + 1);
    }
}
