//! Parts of earlier runs that lie among the sources, known by the manifests beside
//! them. Where the documents that they were made of are there too, their pages would
//! be split twice. Not for writing manifests (`manifest`).

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::manifest::{BEGINNING, ENDING};
use crate::model::ContentHash;

/// Larger manifests are not read, in bytes: one of a million parts has less.
const LARGEST: u64 = 512 << 20;

/// Parts of earlier runs, each with the documents that it was made of.
#[derive(Debug, Default)]
pub struct EarlierParts(HashMap<ContentHash, Vec<HashSet<ContentHash>>>);

#[derive(Deserialize)]
struct Manifest {
    sources: Vec<Written>,
    parts: Vec<Part>,
    #[serde(default)]
    excluded: Vec<Page>,
    excluded_file: Option<Written>,
}

#[derive(Deserialize)]
struct Written {
    blake3: Option<ContentHash>,
}

#[derive(Deserialize)]
struct Part {
    blake3: Option<ContentHash>,
    pages: Vec<Page>,
}

#[derive(Deserialize)]
struct Page {
    source: usize,
}

impl EarlierParts {
    /// Reads the manifests in these folders. What cannot be read is no manifest.
    pub fn of(folders: &BTreeSet<PathBuf>) -> Self {
        let mut found = Self::default();
        for path in folders.iter().flat_map(|folder| manifests(folder)) {
            match read(&path) {
                Some(manifest) => found.add(&manifest),
                None => tracing::debug!("a manifest of an earlier run cannot be read"),
            }
        }
        found
    }

    fn add(&mut self, manifest: &Manifest) {
        let parts = manifest.parts.iter().map(|part| (part.blake3, &part.pages));
        let left_out = manifest.excluded_file.iter();
        let left_out = left_out.map(|file| (file.blake3, &manifest.excluded));
        for (hash, pages) in parts.chain(left_out) {
            let sources = pages
                .iter()
                .map(|page| manifest.sources.get(page.source)?.blake3);
            let sources: Option<HashSet<ContentHash>> = sources.collect();
            if let (Some(hash), Some(sources)) = (hash, sources) {
                self.0.entry(hash).or_default().push(sources);
            }
        }
    }

    /// Whether a document is such a part, and all that it was made of is among
    /// `documents`.
    pub fn include(&self, document: ContentHash, documents: &HashSet<ContentHash>) -> bool {
        let made_of = self.0.get(&document).into_iter().flatten();
        made_of
            .into_iter()
            .any(|sources| sources.is_subset(documents))
    }
}

fn manifests(folder: &Path) -> Vec<PathBuf> {
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

fn read(path: &Path) -> Option<Manifest> {
    let file = File::open(path).ok()?.take(LARGEST);
    serde_json::from_reader(BufReader::new(file)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(byte: u8) -> ContentHash {
        ContentHash([byte; 32])
    }

    #[test]
    fn a_part_counts_where_all_that_it_was_made_of_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = format!(
            r#"{{"sources": [{{"blake3": "{a}"}}, {{"blake3": "{b}"}}, {{"failure": "locked"}}],
                "parts": [
                    {{"blake3": "{one}", "pages": [{{"source": 0, "page": 1}}]}},
                    {{"blake3": "{both}", "pages": [{{"source": 0}}, {{"source": 1}}]}},
                    {{"blake3": "{odd}", "pages": [{{"source": 7}}]}},
                    {{"failure": "not done", "pages": [{{"source": 0}}]}}]}}"#,
            a = hash(1),
            b = hash(2),
            one = hash(3),
            both = hash(4),
            odd = hash(5),
        );
        let name = format!("{BEGINNING}1{ENDING}");
        fs::write(folder.path().join(name), manifest).unwrap();
        let broken = format!("{BEGINNING}2{ENDING}");
        fs::write(folder.path().join(broken), "{").unwrap();
        let parts = EarlierParts::of(&BTreeSet::from([folder.path().to_owned()]));
        let first = HashSet::from([hash(1)]);
        let all = HashSet::from([hash(1), hash(2)]);
        assert!(parts.include(hash(3), &first) && !parts.include(hash(3), &HashSet::new()));
        assert!(parts.include(hash(4), &all) && !parts.include(hash(4), &first));
        assert!(!parts.include(hash(5), &all) && !parts.include(hash(1), &all));
    }
}
