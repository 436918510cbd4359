//! The result of a shard: a folder that is there whole or not at all. Not for what is in
//! its library.
//!
//! ```text
//! DIR/results.sqlite   the library of the shard, as one file
//!     thumbnails.zip   where asked for
//!     manifest.json    which plan, which shard, counts, failures, a hash of each file
//!     _SUCCESS         the hash of the manifest, written last
//! ```

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::ShardError;
use super::workplace::Workplace;
use crate::library::{Library, Reader};
use crate::model::{BatchSummary, ContentHash, FailureKind, Stage};
use crate::private;
use crate::regular_file;

/// The name of the library within a result: not that of a library in use, so that nobody
/// opens it to work in it, which would change it.
pub const RESULTS: &str = "results.sqlite";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SUCCESS: &str = "_SUCCESS";

/// The form of the manifest.
const FORM: u32 = 1;

/// What a result says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of this manifest.
    pub pagesieve_shard: u32,
    /// The plan.
    pub plan: ContentHash,
    /// Which shard, from 0.
    pub index: u32,
    /// How many there are.
    pub shards: u32,
    /// The version of the program.
    pub version: String,
    /// Documents that were found.
    pub documents: u64,
    /// Those of them that cannot be opened.
    pub documents_failed: u64,
    /// Pages of the others.
    pub pages: u64,
    /// Pages that could not be analysed.
    pub pages_failed: u64,
    /// What failed.
    pub failures: Vec<FailedInput>,
    /// The other files of the result, but for the mark of success.
    pub files: Vec<FileEntry>,
}

/// A document or page that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailedInput {
    /// The document's name in the batch.
    pub document: String,
    /// The page; none: the document as a whole.
    pub page: Option<u32>,
    /// Where it failed.
    pub stage: Stage,
    /// How.
    pub kind: FailureKind,
}

/// A file of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its path within the result, with `/` between folders.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// BLAKE3 of its bytes.
    pub blake3: ContentHash,
}

impl Manifest {
    /// Some inputs failed.
    pub fn has_failures(&self) -> bool {
        !self.failures.is_empty()
    }
}

/// The result in a folder, where it is that of this shard and finished; none where there is
/// nothing yet. A folder with anything else in it is an error.
pub fn finished(dir: &Path, plan: ContentHash, index: u32) -> Result<Option<Manifest>, ShardError> {
    let is_empty = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == ErrorKind::NotFound => true,
        Err(error) => return Err(ShardError::io("look into", dir)(error)),
    };
    if is_empty {
        return Ok(None);
    }
    let manifest = match read(dir) {
        Err(error @ ShardError::Io { .. }) => return Err(error),
        manifest => manifest.ok(),
    };
    match manifest.filter(|manifest| manifest.plan == plan && manifest.index == index) {
        Some(manifest) => Ok(Some(manifest)),
        None => Err(ShardError::Occupied {
            dir: dir.to_owned(),
            index,
        }),
    }
}

/// Whether a folder looks like a result, finished or not.
pub(super) fn is_result(dir: &Path) -> bool {
    [SUCCESS, MANIFEST, RESULTS]
        .iter()
        .any(|name| dir.join(name).exists())
}

/// Reads the manifest of a finished result. Its files are there, and of the size that it
/// says; their hashes are not looked at.
pub(super) fn read(dir: &Path) -> Result<Manifest, ShardError> {
    let not_a_result = not_a_result(dir);
    let content = |name: &str| -> Result<Vec<u8>, ShardError> {
        let path = dir.join(name);
        let mut bytes = Vec::new();
        match regular_file::open(&path).and_then(|mut file| file.read_to_end(&mut bytes)) {
            Ok(_) => Ok(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(not_a_result(format!("{name} is missing")))
            }
            Err(error) => Err(ShardError::io("read", &path)(error)),
        }
    };
    let success = content(SUCCESS)?;
    let manifest = parse(dir, &success, &content(MANIFEST)?)?;
    for entry in &manifest.files {
        let file = dir.join(&entry.name);
        match fs::metadata(&file) {
            Ok(found) if found.len() == entry.bytes => {}
            Ok(_) => return Err(ShardError::ResultAltered { file }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(not_a_result(format!("{} is missing", entry.name)));
            }
            Err(error) => return Err(ShardError::io("look at", &file)(error)),
        }
    }
    Ok(manifest)
}

fn not_a_result(dir: &Path) -> impl Fn(String) -> ShardError {
    let dir = dir.to_owned();
    move |why| ShardError::NotAResult {
        dir: dir.clone(),
        why,
    }
}

/// The manifest of the result at `dir`, from its text and that of the mark of success.
pub(super) fn parse(dir: &Path, success: &[u8], manifest: &[u8]) -> Result<Manifest, ShardError> {
    let hash = blake3::hash(manifest).to_hex();
    if success.trim_ascii() != hash.as_bytes() {
        return Err(ShardError::ResultAltered {
            file: dir.join(MANIFEST),
        });
    }
    let not_a_result = not_a_result(dir);
    let manifest: Manifest =
        serde_json::from_slice(manifest).map_err(|error| not_a_result(error.to_string()))?;
    match manifest.pagesieve_shard {
        FORM => Ok(manifest),
        form => Err(not_a_result(format!(
            "this program does not know form {form}"
        ))),
    }
}

/// Compares the files of a result with the hashes that its manifest has.
pub(super) fn check_files(dir: &Path, manifest: &Manifest) -> Result<(), ShardError> {
    for entry in &manifest.files {
        let file = dir.join(&entry.name);
        if hash(&file)? != entry.blake3 {
            return Err(ShardError::ResultAltered { file });
        }
    }
    Ok(())
}

/// Makes the result of a finished shard out of its library, and gives it its name: it is
/// complete, and on the disk, or it is not there. `files` are what else belongs to it, by
/// their names; they lie in the staging folder already.
pub fn publish(
    place: &Workplace,
    (plan, index, shards): (ContentHash, u32, u32),
    summary: &BatchSummary,
    files: &[String],
) -> Result<Manifest, ShardError> {
    let failures = failures(&place.library(), summary)?;
    let staging = place.staging();
    let results = staging.join(RESULTS);
    let sealed = Library::open(&place.library())?.seal()?;
    fs::rename(&sealed, &results).map_err(ShardError::io("rename", &sealed))?;

    let names = std::iter::once(RESULTS.to_owned()).chain(files.iter().cloned());
    let entry = |name: String| {
        let file = staging.join(&name);
        on_disk(&file)?;
        let metadata = fs::metadata(&file).map_err(ShardError::io("look at", &file))?;
        Ok(FileEntry {
            blake3: hash(&file)?,
            bytes: metadata.len(),
            name,
        })
    };
    let manifest = Manifest {
        pagesieve_shard: FORM,
        plan,
        index,
        shards,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        documents: summary.documents,
        documents_failed: summary.documents_failed,
        pages: summary.pages,
        pages_failed: summary.pages_failed,
        failures,
        files: names.map(entry).collect::<Result<_, ShardError>>()?,
    };
    let text = serde_json::to_string_pretty(&manifest)
        .map_err(|error| ShardError::io("write", &staging)(error.into()))?
        + "\n";
    write(&staging.join(MANIFEST), &text)?;
    let success = format!("{}\n", blake3::hash(text.as_bytes()));
    write(&staging.join(SUCCESS), &success)?;
    on_disk(&staging)?;
    appear(&staging, place.result())?;
    Ok(manifest)
}

/// Gives a complete folder its name; one that is there and empty gives way.
fn appear(staging: &Path, result: &Path) -> Result<(), ShardError> {
    match fs::remove_dir(result) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(ShardError::io("replace", result)(error));
        }
        _ => {}
    }
    fs::rename(staging, result).map_err(ShardError::io("give its name to", result))?;
    match result.parent() {
        Some(parent) => on_disk(parent),
        None => Ok(()),
    }
}

fn failures(library: &Path, summary: &BatchSummary) -> Result<Vec<FailedInput>, ShardError> {
    let Some(reader) = Reader::open(library)? else {
        return Ok(Vec::new());
    };
    let batch = summary.batch.id;
    let documents = reader.documents(batch)?.into_iter();
    let names: HashMap<_, _> = documents
        .map(|document| (document.id, document.name))
        .collect();
    let failures = reader.failures(batch)?.into_iter();
    Ok(failures
        .map(|failure| FailedInput {
            document: names.get(&failure.document).cloned().unwrap_or_default(),
            page: failure.page,
            stage: failure.stage,
            kind: failure.kind,
        })
        .collect())
}

fn write(path: &Path, text: &str) -> Result<(), ShardError> {
    private::write(path, text.as_bytes()).map_err(ShardError::io("write", path))?;
    on_disk(path)
}

/// Waits until a file, or the names in a folder, are on the disk.
fn on_disk(path: &Path) -> Result<(), ShardError> {
    let flushed = match File::open(path) {
        // Folders cannot be flushed on every system, and need not be.
        Ok(file) if cfg!(unix) => file.sync_all(),
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    };
    flushed.map_err(ShardError::io("flush", path))
}

fn hash(file: &Path) -> Result<ContentHash, ShardError> {
    let hash = || -> io::Result<ContentHash> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(regular_file::open(file)?)?;
        Ok(ContentHash(*hasher.finalize().as_bytes()))
    };
    hash().map_err(ShardError::io("read", file))
}
