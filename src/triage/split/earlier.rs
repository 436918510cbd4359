//! Parts of earlier runs, known by the manifests beside them: among the sources, where the
//! documents that they were made of are there too and their pages would be split twice;
//! and beside new parts, where nobody could tell them apart. Not for writing manifests
//! (`manifest`).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::manifest::MadeBy;
use super::recorded::{Page, Recorded, is_below, is_file, manifests, read};
use crate::model::ContentHash;
use crate::triage::sources::Sources;
use crate::triage::staging::hash_of;

/// Parts of earlier runs, each with the documents that it was made of.
#[derive(Debug, Default)]
pub struct EarlierParts(HashMap<ContentHash, Vec<HashSet<ContentHash>>>);

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

    fn add(&mut self, manifest: &Recorded) {
        let parts = manifest.parts.iter();
        let parts = parts.map(|part| (part.blake3, &part.pages));
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

/// Files in a folder that an earlier run made of the same documents, by their names, and
/// that a new run does not write.
#[derive(Clone, Debug, Default)]
pub struct LeftBehind(BTreeMap<String, Vec<ContentHash>>);

impl LeftBehind {
    /// Looks at the manifests of a folder: what was made of some of `documents` and of
    /// nothing else, but for files of the `new` names.
    pub fn beside(folder: &Path, documents: &HashSet<ContentHash>, new: &HashSet<String>) -> Self {
        let manifests = manifests(folder).into_iter();
        let manifests = manifests.filter_map(|manifest| read(&manifest));
        // Nobody puts documents together to have it replaced by their parts.
        let manifests = manifests.filter(|manifest| manifest.made_by == MadeBy::Split);
        let mut found = Self::default();
        for manifest in manifests {
            let sources: Vec<_> = manifest
                .sources
                .iter()
                .map(|source| source.blake3)
                .collect();
            let is_replaced = |pages: &[Page]| {
                let mut sources = pages.iter().map(|page| sources.get(page.source)?.as_ref());
                let is_one =
                    |hash: Option<&ContentHash>| hash.is_some_and(|h| documents.contains(h));
                !pages.is_empty() && sources.all(is_one)
            };
            let parts = manifest.parts.into_iter();
            let parts = parts.map(|part| (part.written(), part.pages));
            let excluded = manifest.excluded_file.map(|file| (file, manifest.excluded));
            for (written, pages) in parts.chain(excluded) {
                let (Some(file), Some(hash)) = (written.file, written.blake3) else {
                    continue;
                };
                let is_other = !new.contains(&file) && is_replaced(&pages);
                if is_other && is_below(&file) && is_file(&folder.join(&file)) {
                    found.0.entry(file).or_default().push(hash);
                }
            }
        }
        found
    }

    /// Their names.
    pub fn files(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Removes those that are still as they were written, lie in the folder and are none
    /// of `kept`: sources, and new files by another spelling. The names of those that stay.
    pub fn remove(&self, folder: &Path, kept: &Sources) -> Vec<String> {
        let whole = fs::canonicalize(folder).ok();
        let lies_in_it = |path: &Path| {
            let path = fs::canonicalize(path).ok();
            path.zip(whole.as_ref())
                .is_some_and(|(path, whole)| path.starts_with(whole))
        };
        let stays = |(file, hashes): &(&String, &Vec<ContentHash>)| {
            let path = folder.join(file);
            let is_ours = || hash_of(&path).is_some_and(|hash| hashes.contains(&hash));
            let may_go = lies_in_it(&path) && !kept.include(&path) && is_ours();
            !may_go || fs::remove_file(&path).is_err()
        };
        let staying = self.0.iter().filter(stays);
        staying.map(|(file, _)| file.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::manifest::{BEGINNING, ENDING};
    use super::*;

    fn hash(byte: u8) -> ContentHash {
        ContentHash([byte; 32])
    }

    #[test]
    fn files_of_earlier_runs_go_if_nobody_has_touched_them() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("pile")).unwrap();
        for name in [
            "new.pdf",
            "old.pdf",
            "edited.pdf",
            "pile/old.pdf",
            "source.pdf",
            "other.pdf",
        ] {
            fs::write(at(name), name).unwrap();
        }
        let part = |file: &str, content: &str| {
            let hash = ContentHash(*blake3::hash(content.as_bytes()).as_bytes());
            let pages = r#"[{"source": 0, "page": 1}]"#;
            format!(r#"{{"file": "{file}", "blake3": "{hash}", "pages": {pages}}}"#)
        };
        let of_another = part("other.pdf", "other.pdf").replace("\"source\": 0", "\"source\": 1");
        let outside = format!(
            "../{}/old.pdf",
            folder.path().file_name().unwrap().display()
        );
        let parts = [
            part("new.pdf", "new.pdf"),
            part("old.pdf", "old.pdf"),
            part("edited.pdf", "as it was written"),
            part("pile/old.pdf", "pile/old.pdf"),
            part("source.pdf", "source.pdf"),
            part("gone.pdf", ""),
            part(&outside, "old.pdf"),
            of_another,
        ];
        let (client, another) = (hash(1), hash(2));
        let manifest = format!(
            r#"{{"sources": [{{"blake3": "{client}"}}, {{"blake3": "{another}"}}],
                "parts": [{}]}}"#,
            parts.join(",")
        );
        fs::write(at(&format!("{BEGINNING}1{ENDING}")), manifest).unwrap();
        // What was put together is no part, although it has a manifest as well.
        fs::write(at("together.pdf"), "together.pdf").unwrap();
        let together = format!(
            r#"{{"made_by": "merge", "sources": [{{"blake3": "{client}"}}], "parts": [{}]}}"#,
            part("together.pdf", "together.pdf")
        );
        fs::write(at(&format!("{BEGINNING}2{ENDING}")), together).unwrap();
        let new = HashSet::from(["new.pdf".to_owned()]);
        let left = LeftBehind::beside(folder.path(), &HashSet::from([client]), &new);
        assert_eq!(
            left.files(),
            ["edited.pdf", "old.pdf", "pile/old.pdf", "source.pdf"]
        );
        let source = at("source.pdf");
        let stay = left.remove(folder.path(), &Sources::new([source.as_path()]));
        assert_eq!(stay, ["edited.pdf", "source.pdf"]);
        assert!(at("new.pdf").exists() && !at("old.pdf").exists());
        assert!(!at("pile/old.pdf").exists() && at("other.pdf").exists());
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
