//! Manifests as they are read again: by later runs, and by those who check what was handed
//! over. A manifest is a file like any other, so nothing in it is believed. Not for
//! writing them (`manifest`).

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::manifest::{BEGINNING, ENDING, MadeBy};
use crate::model::ContentHash;
use crate::regular_file;

/// Larger manifests are not read, in bytes: one of 100,000 parts has less.
const LARGEST: u64 = 128 << 20;

/// A manifest, as far as it is needed again.
#[derive(Deserialize)]
pub struct Recorded {
    /// What wrote it; those of earlier versions were all written by splitting.
    #[serde(default)]
    pub made_by: MadeBy,
    pub sources: Vec<Source>,
    pub parts: Vec<Part>,
    #[serde(default)]
    pub excluded: Vec<Page>,
    pub excluded_file: Option<Written>,
}

/// A document that parts were made of.
#[derive(Deserialize)]
pub struct Source {
    #[serde(default)]
    pub name: String,
    /// None where it could not be opened, and in manifests of early versions.
    pub pages: Option<u32>,
    pub blake3: Option<ContentHash>,
    /// Why somebody left it out, as it could not be opened.
    pub left_out: Option<String>,
}

/// A file that was written.
#[derive(Clone, Deserialize)]
pub struct Written {
    /// None where it was not.
    pub file: Option<String>,
    /// Size in bytes.
    pub bytes: Option<u64>,
    pub blake3: Option<ContentHash>,
    /// Why it is not there.
    pub failure: Option<String>,
}

/// A part and where its pages come from.
#[derive(Deserialize)]
pub struct Part {
    /// The file that it was written to.
    pub file: Option<String>,
    /// Size in bytes.
    pub bytes: Option<u64>,
    pub blake3: Option<ContentHash>,
    /// Why it is not there.
    pub failure: Option<String>,
    pub pages: Vec<Page>,
}

/// A page of a source.
#[derive(Deserialize)]
pub struct Page {
    /// Place among the sources, from 0.
    pub source: usize,
    /// Its number, from 1; 0 where the manifest says none.
    #[serde(default)]
    pub page: u32,
}

impl Part {
    /// The file that it was written to.
    pub fn written(&self) -> Written {
        Written {
            file: self.file.clone(),
            bytes: self.bytes,
            blake3: self.blake3,
            failure: self.failure.clone(),
        }
    }
}

/// The manifests in a folder.
pub fn manifests(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with(BEGINNING)
            && name.ends_with(ENDING)
            && entry.file_type().is_ok_and(|kind| kind.is_file())
    });
    ours.map(|entry| entry.path()).collect()
}

/// Reads a manifest.
pub fn try_read(path: &Path) -> io::Result<Recorded> {
    let file: File = regular_file::open(path)?;
    if file.metadata()?.len() > LARGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(serde_json::from_reader(BufReader::new(file.take(LARGEST)))?)
}

/// Reads a manifest; none where it is not one.
pub fn read(path: &Path) -> Option<Recorded> {
    try_read(path).ok()
}

/// Whether a name that a manifest gives leads below its folder: what it names elsewhere is
/// not its own.
pub fn is_below(file: &str) -> bool {
    let mut parts = Path::new(file).components().peekable();
    parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// Whether it is a regular file, and no link to one.
pub fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|file| file.is_file())
}
