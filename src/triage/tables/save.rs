//! Saving a table as a file that is there whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{Report, Table};
use crate::library::{LibraryError, Reader};
use crate::model::BatchId;
use crate::scratch::Packs;

use super::super::sources::Sources;

/// How a table is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// A workbook of spreadsheets; see [`Table::write_workbook`].
    Workbook,
    /// CSV that spreadsheets open; see [`Table::write_spreadsheet`].
    Spreadsheet,
    /// JSON Lines.
    JsonLines,
    /// Apache Parquet; see [`Table::write_parquet`].
    #[cfg(feature = "parquet")]
    Parquet,
    /// A report for people; of pages alone.
    Report,
}

impl TableFormat {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Workbook,
        Self::Report,
        Self::Spreadsheet,
        Self::JsonLines,
        #[cfg(feature = "parquet")]
        Self::Parquet,
    ];

    /// The format of files with a name like this, where its ending tells.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?;
        let mut all = Self::ALL.iter().copied();
        all.find(|format| ending.eq_ignore_ascii_case(format.ending()))
    }

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Workbook => "xlsx",
            Self::Spreadsheet => "csv",
            Self::JsonLines => "jsonl",
            #[cfg(feature = "parquet")]
            Self::Parquet => "parquet",
            Self::Report => "html",
        }
    }
}

/// Why a table cannot be saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// What is in it cannot be read.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// There is such a file, and it was not to be replaced.
    #[error("{} is there already", .0.display())]
    AlreadyThere(PathBuf),
    /// It is a source of a batch, and those are never written.
    #[error("{} is one of the client's files, and those are never replaced", .0.display())]
    IsSource(PathBuf),
    /// The system does not let it be written.
    #[error("{} cannot be written: {error}", path.display())]
    CannotWrite {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
}

/// Saves a table. A file that is there is replaced only where that is asked for, and a
/// source of any batch of the library never.
pub fn save(
    table: &Table,
    reader: &Reader,
    path: &Path,
    format: TableFormat,
    replace: bool,
) -> Result<(), SaveError> {
    spare_sources(reader, path, replace)?;
    write_whole(path, replace, |out| match format {
        TableFormat::Workbook => table.write_workbook(out),
        TableFormat::JsonLines => table.write_json_lines(out),
        #[cfg(feature = "parquet")]
        TableFormat::Parquet => table.write_parquet(out),
        TableFormat::Spreadsheet => table.write_spreadsheet(out),
        TableFormat::Report => Err(io::Error::other("a report is one of pages")),
    })
}

/// Saves a report, under the same conditions.
pub fn save_report(
    report: &Report,
    reader: &Reader,
    batch: BatchId,
    packs: &Packs,
    path: &Path,
    replace: bool,
) -> Result<(), SaveError> {
    spare_sources(reader, path, replace)?;
    write_whole(path, replace, |out| report.write(batch, packs, out))
}

/// Refuses to replace a client's file.
fn spare_sources(reader: &Reader, path: &Path, replace: bool) -> Result<(), SaveError> {
    match replace && Sources::of_all(reader)?.include(path) {
        true => Err(SaveError::IsSource(path.to_owned())),
        false => Ok(()),
    }
}

/// Writes a file under another name in the same folder, flushes it, then renames it.
pub fn write_whole(
    path: &Path,
    replace: bool,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> Result<(), SaveError> {
    let cannot = |error| SaveError::CannotWrite {
        path: path.to_owned(),
        error,
    };
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".pagesieve-").suffix(".partial");
    // Tables are for others too: as readable as any new file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(cannot)?;
    let mut out = BufWriter::new(file.as_file_mut());
    write(&mut out).and_then(|()| out.flush()).map_err(cannot)?;
    drop(out);
    file.as_file().sync_all().map_err(cannot)?;
    let saved = match replace {
        true => file.persist(path),
        false => file.persist_noclobber(path),
    };
    match saved {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(SaveError::AlreadyThere(path.to_owned()))
        }
        Err(error) => Err(cannot(error.error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn table(name: &str) -> Table {
        Table::new(&["document"], [vec![json!(name)]].into_iter())
    }

    #[test]
    fn a_file_that_is_there_is_replaced_only_when_asked() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("pages.csv");
        let save = |name: &str, replace| {
            write_whole(&path, replace, |out| table(name).write_spreadsheet(out))
        };
        let content = || std::fs::read_to_string(&path).unwrap();
        save("one.pdf", false).unwrap();
        assert!(content().ends_with("one.pdf\n"));
        assert!(matches!(
            save("two.pdf", false),
            Err(SaveError::AlreadyThere(_))
        ));
        assert!(content().ends_with("one.pdf\n"));
        save("two.pdf", true).unwrap();
        assert!(content().ends_with("two.pdf\n"));
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_said() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("nowhere").join("pages.csv");
        let error = write_whole(&path, false, |out| table("a").write_json_lines(out)).unwrap_err();
        assert!(error.to_string().contains("cannot be written"), "{error}");
    }
}
