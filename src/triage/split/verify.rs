//! Checking what was handed over against its manifest: each file that it names is hashed
//! again, and each page of its sources is accounted for. Offline and without a library.
//! Not for comparing what pages show, which was done before a file got its name
//! (`export`).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::manifest::{BEGINNING, ENDING, MadeBy};
use super::naming::{counted, page_ranges};
use super::recorded::{
    Page, Part, Recorded, Source, Written, is_below, is_file, manifests, read, try_read,
};
use crate::model::ContentHash;
use crate::triage::staging::hash_of;

/// What was found. Names are as the manifest gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Files that are as they were written.
    pub same: usize,
    /// Bytes of those.
    pub bytes: u64,
    /// Files that are there and are not what was written.
    pub changed: Vec<String>,
    /// Files that are not there.
    pub missing: Vec<String>,
    /// Parts that were never written, as the manifest itself says, sources that could not
    /// be read, and names that a manifest does not give to its own files.
    pub never_written: Vec<String>,
    /// Sources that could not be read and that somebody left out, with the reason.
    pub left_out: Vec<String>,
    /// What the manifest says that cannot be: two parts of one name, pages of no source.
    pub contradictions: Vec<String>,
    /// Files that were written into other folders, which are not looked into.
    pub elsewhere: Vec<String>,
    /// PDFs beside the parts that no manifest there names.
    pub unknown: Vec<String>,
    /// Pages of sources that are neither in a part nor left out, by source.
    pub pages_missing: Vec<String>,
    /// Sources that were looked for and not found.
    pub sources_missing: Vec<String>,
    /// Sources that were found by their content.
    pub sources_found: usize,
}

impl Verified {
    /// Nothing is wrong.
    pub fn is_right(&self) -> bool {
        self.problems().next().is_none()
    }

    /// What is wrong, each kind with what it is about.
    fn problems(&self) -> impl Iterator<Item = (&'static str, &Vec<String>)> {
        let kinds = [
            ("changed since", &self.changed),
            ("missing", &self.missing),
            ("never written", &self.never_written),
            ("contradicts itself", &self.contradictions),
            ("not in any manifest", &self.unknown),
            ("in no part and not left out", &self.pages_missing),
            ("sources not found", &self.sources_missing),
        ];
        kinds.into_iter().filter(|(_, names)| !names.is_empty())
    }

    /// What is wrong, in sentences that name at most `names` each.
    pub fn sentences(&self, names: usize) -> Vec<String> {
        let sentence = |(what, about): (&str, &Vec<String>)| {
            let mut named = about[..about.len().min(names)].join(", ");
            if about.len() > names {
                named += &format!(" and {} more", about.len() - names);
            }
            format!("{what}: {named}")
        };
        self.problems().map(sentence).collect()
    }

    /// How many files are right, for people.
    pub fn summary(&self) -> String {
        let files = counted(self.same, "file is", "files are");
        let sources = match (self.sources_found, self.sources_missing.len()) {
            (0, 0) => String::new(),
            (found, missing) => format!(
                "; {found} of {} found",
                counted(found + missing, "source", "sources")
            ),
        };
        let elsewhere = match self.elsewhere.is_empty() {
            true => String::new(),
            false => format!(
                "; not looked at, for it lies elsewhere: {}",
                self.elsewhere.join(", ")
            ),
        };
        let left_out = match self.left_out.is_empty() {
            true => String::new(),
            false => format!("; left out on purpose: {}", self.left_out.join(", ")),
        };
        format!("{files} as written{sources}{elsewhere}{left_out}")
    }
}

/// Checks the files that a manifest names, which lie in its folder and below. `sources`
/// are files and folders where its sources are looked for by their content; none: they are
/// not looked for. Those that were read from archives are not found in them.
pub fn verify(manifest: &Path, sources: &[PathBuf]) -> io::Result<Verified> {
    let recorded = try_read(manifest)?;
    let folder = match manifest.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut found = Verified::default();
    let parts = recorded.parts.iter().map(Part::written);
    // What was left out may have been asked for in another folder.
    let is_elsewhere = |file: &&Written| {
        let name = file.file.as_deref();
        name.is_some_and(|name| Path::new(name).is_absolute())
    };
    let elsewhere = recorded.excluded_file.iter().filter(is_elsewhere);
    found.elsewhere = elsewhere.filter_map(|file| file.file.clone()).collect();
    let excluded = recorded.excluded_file.iter();
    let excluded = excluded.filter(|file| !is_elsewhere(file)).cloned();
    let files: Vec<Written> = parts.chain(excluded).collect();
    let states: Vec<State> = files
        .par_iter()
        .map(|file| state_of(folder, file))
        .collect();
    for (file, state) in files.iter().zip(states) {
        let name = file.file.clone().unwrap_or_default();
        match state {
            State::Same(bytes) => {
                found.same += 1;
                found.bytes += bytes;
            }
            State::Changed => found.changed.push(name),
            State::Missing => found.missing.push(name),
            State::NeverWritten => found.never_written.push(name),
        }
    }
    let unread = recorded.sources.iter().filter(|s| s.blake3.is_none());
    let (left_out, unread): (Vec<_>, Vec<_>) = unread.partition(|s| s.left_out.is_some());
    found
        .never_written
        .extend(unread.iter().map(|s| s.name.clone()));
    let why = |source: &&Source| {
        let reason = source.left_out.as_deref().unwrap_or_default();
        format!("{} ({reason})", source.name)
    };
    found.left_out = left_out.iter().map(why).collect();
    found.contradictions = contradictions(&recorded);
    found.unknown = unknown(folder, &recorded);
    found.pages_missing = pages_missing(&recorded);
    if !sources.is_empty() {
        look_for_sources(&recorded, sources, &mut found);
    }
    Ok(found)
}

/// What became of a file.
enum State {
    /// With its size in bytes.
    Same(u64),
    Changed,
    Missing,
    NeverWritten,
}

fn state_of(folder: &Path, written: &Written) -> State {
    let (Some(file), Some(hash)) = (&written.file, written.blake3) else {
        return State::NeverWritten;
    };
    if !is_below(file) || written.failure.is_some() {
        return State::NeverWritten;
    }
    let path = folder.join(file);
    if !is_file(&path) || !lies_in(folder, &path) {
        return State::Missing;
    }
    let size = fs::metadata(&path).map(|found| found.len()).ok();
    let is_size = size.is_some() && written.bytes.is_none_or(|bytes| size == Some(bytes));
    match size {
        Some(size) if is_size && hash_of(&path) == Some(hash) => State::Same(size),
        _ => State::Changed,
    }
}

/// It is not reached over a link to another folder.
fn lies_in(folder: &Path, path: &Path) -> bool {
    let (folder, path) = (fs::canonicalize(folder), fs::canonicalize(path));
    folder.is_ok_and(|folder| path.is_ok_and(|path| path.starts_with(folder)))
}

/// What a manifest says that cannot be.
fn contradictions(recorded: &Recorded) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut names = HashSet::new();
    for part in &recorded.parts {
        let name = part.file.as_deref().unwrap_or_default();
        if !name.is_empty() && !names.insert(name) {
            found.insert(format!("{name} is two parts"));
        }
        let is_nowhere = |page: &Page| {
            let source = recorded.sources.get(page.source);
            source.is_none_or(|source| source.pages.is_some_and(|pages| page.page > pages))
        };
        if part.pages.iter().any(is_nowhere) {
            found.insert(format!("{name} has pages that no source has"));
        }
    }
    if recorded.sources.is_empty() {
        found.insert("it names no sources".to_owned());
    }
    found.into_iter().collect()
}

/// PDFs in its folder and below that this manifest does not name, nor another one beside
/// it, and that are none of its sources: whoever gets the folder would take them for parts.
fn unknown(folder: &Path, recorded: &Recorded) -> Vec<String> {
    let of = |recorded: &Recorded| -> HashSet<String> {
        let parts = recorded.parts.iter().filter_map(|part| part.file.clone());
        let excluded = recorded.excluded_file.iter();
        let excluded = excluded.filter_map(|file| file.file.clone());
        parts.chain(excluded).collect()
    };
    let mut named = of(recorded);
    for other in manifests(folder).iter().filter_map(|other| read(other)) {
        named.extend(of(&other));
    }
    // A document of its own lies wherever somebody wants it.
    if recorded.made_by == MadeBy::Merge {
        return Vec::new();
    }
    let sources: HashSet<(&OsStr, ContentHash)> = recorded
        .sources
        .iter()
        .filter_map(|source| Some((Path::new(&source.name).file_name()?, source.blake3?)))
        .collect();
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    let unknown = entries.filter_map(|entry| {
        let path = entry.path();
        let is_pdf = path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
        let name = path.strip_prefix(folder).ok()?;
        let name = name.to_string_lossy().into_owned();
        let is_unknown = is_pdf && !entry.file_type().is_dir() && !named.contains(&name);
        // Parts may have been written beside their sources; a copy of one by another name
        // is one too many.
        let is_source = || {
            let name = path.file_name().unwrap_or_default();
            let is_named = sources.iter().any(|(source, _)| *source == name);
            is_named && hash_of(path).is_some_and(|hash| sources.contains(&(name, hash)))
        };
        (is_unknown && !is_source()).then_some(name)
    });
    unknown.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Pages that a manifest says nothing of.
fn pages_missing(recorded: &Recorded) -> Vec<String> {
    let mut told: BTreeMap<usize, HashSet<u32>> = BTreeMap::new();
    let parts = recorded.parts.iter().flat_map(|part| &part.pages);
    for page in parts.chain(&recorded.excluded) {
        told.entry(page.source).or_default().insert(page.page);
    }
    let sources = recorded.sources.iter().enumerate();
    // What a manifest only claims is no reason to count to billions.
    let mut left = MOST_PAGES;
    let missing = sources.filter_map(|(place, source)| {
        let none = HashSet::new();
        let told = told.get(&place).unwrap_or(&none);
        let pages = source.pages?;
        if pages > left {
            return Some(format!(
                "{} ({pages} pages are more than there can be)",
                source.name
            ));
        }
        left -= pages;
        let missing: Vec<u32> = (1..=pages).filter(|page| !told.contains(page)).collect();
        (!missing.is_empty())
            .then(|| format!("{} ({})", source.name, page_ranges(missing.into_iter())))
    });
    missing.collect()
}

/// More pages than the sources of one run have.
const MOST_PAGES: u32 = 10_000_000;

/// Hashes what lies in `places`, and compares it with the sources.
fn look_for_sources(recorded: &Recorded, places: &[PathBuf], found: &mut Verified) {
    let files: Vec<PathBuf> = places
        .iter()
        // A link to a file is looked at as the file.
        .map(|place| fs::canonicalize(place).unwrap_or_else(|_| place.clone()))
        .flat_map(|place| walkdir::WalkDir::new(place).into_iter().flatten())
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|file| !is_manifest_name(file))
        .collect();
    let there: HashSet<ContentHash> = files.par_iter().filter_map(|file| hash_of(file)).collect();
    for source in &recorded.sources {
        match source.blake3 {
            Some(hash) if there.contains(&hash) => found.sources_found += 1,
            _ => found.sources_missing.push(source.name.clone()),
        }
    }
}

fn is_manifest_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(BEGINNING) && name.ends_with(ENDING)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(content: &str) -> ContentHash {
        ContentHash(*blake3::hash(content.as_bytes()).as_bytes())
    }

    fn part(file: &str, content: &str, pages: &str) -> String {
        format!(
            r#"{{"file": "{file}", "bytes": {}, "blake3": "{}", "pages": [{pages}]}}"#,
            content.len(),
            hash(content)
        )
    }

    #[test]
    fn each_file_that_is_not_as_it_was_handed_over_is_named() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        fs::create_dir(at("tax")).unwrap();
        for (name, content) in [
            ("same.pdf", "same"),
            ("changed.pdf", "altered"),
            ("longer.pdf", "longer than it was"),
            ("tax/same.pdf", "tax"),
            ("tax/stranger.pdf", "x"),
            ("of-another-run.pdf", "y"),
            ("notes.txt", "z"),
        ] {
            fs::write(at(name), content).unwrap();
        }
        std::os::unix::fs::symlink(at("same.pdf"), at("link.pdf")).unwrap();
        let page = |number: u32| format!(r#"{{"source": 0, "page": {number}}}"#);
        let parts = [
            part("same.pdf", "same", &page(1)),
            part("changed.pdf", "original", &page(2)),
            part("longer.pdf", "longer", &page(3)),
            part("gone.pdf", "gone", &page(4)),
            part("tax/same.pdf", "tax", &page(5)),
            part("link.pdf", "same", ""),
            part("../same.pdf", "same", ""),
            r#"{"file": "failed.pdf", "failure": "it broke", "pages": []}"#.to_owned(),
        ];
        let source = hash("source");
        let manifest = format!(
            r#"{{"sources": [{{"name": "stack", "pages": 9, "blake3": "{source}"}},
                             {{"name": "locked", "failure": "it is locked"}}],
                "parts": [{}], "excluded": [{}]}}"#,
            parts.join(","),
            page(9),
        );
        let manifest_at = at("pagesieve-1.json");
        fs::write(&manifest_at, manifest).unwrap();
        let other = part("of-another-run.pdf", "y", "");
        let other = format!(r#"{{"sources": [], "parts": [{other}]}}"#);
        fs::write(at("pagesieve-2.json"), other).unwrap();

        let found = verify(&manifest_at, &[]).unwrap();
        assert_eq!((found.same, found.bytes), (2, 7));
        assert_eq!(found.changed, ["changed.pdf", "longer.pdf"]);
        // A link is not what was written.
        assert_eq!(found.missing, ["gone.pdf", "link.pdf"]);
        assert_eq!(found.never_written, ["../same.pdf", "failed.pdf", "locked"]);
        assert_eq!(found.unknown, ["tax/stranger.pdf"]);
        assert_eq!(found.pages_missing, ["stack (6-8)"]);
        assert!(!found.is_right());
        assert_eq!(found.sentences(1).len(), 5);
        assert_eq!(
            found.sentences(1)[0],
            "changed since: changed.pdf and 1 more"
        );
    }

    #[test]
    fn sources_are_found_by_their_content_wherever_they_are() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        fs::create_dir_all(at("moved/deep")).unwrap();
        fs::write(at("moved/deep/renamed.pdf"), "one").unwrap();
        fs::create_dir(at("out")).unwrap();
        let manifest = format!(
            r#"{{"sources": [{{"name": "a", "pages": 0, "blake3": "{}"}},
                             {{"name": "b", "pages": 0, "blake3": "{}"}}], "parts": []}}"#,
            hash("one"),
            hash("two"),
        );
        fs::write(at("out/pagesieve-1.json"), manifest).unwrap();
        let found = verify(&at("out/pagesieve-1.json"), &[at("moved")]).unwrap();
        assert_eq!(found.sources_found, 1);
        assert_eq!(found.sources_missing, ["b"]);
        fs::write(at("moved/b.pdf"), "two").unwrap();
        let found = verify(&at("out/pagesieve-1.json"), &[at("moved")]).unwrap();
        assert!(found.is_right());
        assert_eq!(
            found.summary(),
            "0 files are as written; 2 of 2 sources found"
        );
    }

    #[test]
    fn what_is_too_many_or_cannot_be_is_named() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        fs::create_dir_all(at("out/tax/deep")).unwrap();
        fs::create_dir(at("outside")).unwrap();
        for (name, content) in [
            ("out/tax/a.pdf", "a"),
            ("out/surplus.pdf", "x"),
            ("out/tax/deep/surplus.pdf", "y"),
            ("out/source.pdf", "source"),
            ("out/tax/copy.pdf", "source"),
            ("outside/b.pdf", "b"),
        ] {
            fs::write(at(name), content).unwrap();
        }
        std::os::unix::fs::symlink(at("outside"), at("out/linked")).unwrap();
        let page = |number: u32| format!(r#"{{"source": 0, "page": {number}}}"#);
        let parts = [
            part("tax/a.pdf", "a", &page(1)),
            part("tax/a.pdf", "a", &page(7)),
            part("linked/b.pdf", "b", ""),
            part("tax/failed.pdf", "f", "").replacen('{', r#"{"failure": "it broke","#, 1),
        ];
        let manifest = |sources: &str| {
            let left = at("outside/left.pdf");
            format!(
                r#"{{"sources": [{sources}], "parts": [{}],
                    "excluded_file": {{"file": "{}", "blake3": "{}"}}}}"#,
                parts.join(","),
                left.display(),
                hash("left")
            )
        };
        let source = format!(
            r#"{{"name": "source.pdf", "pages": 1, "blake3": "{}"}}"#,
            hash("source")
        );
        let manifest_at = at("out/pagesieve-1.json");
        fs::write(&manifest_at, manifest(&source)).unwrap();
        let found = verify(&manifest_at, &[]).unwrap();
        // The source lies beside its parts, and is none too many.
        assert_eq!(
            found.unknown,
            ["surplus.pdf", "tax/copy.pdf", "tax/deep/surplus.pdf"]
        );
        assert_eq!(found.missing, ["linked/b.pdf"]);
        assert_eq!(found.never_written, ["tax/failed.pdf"]);
        assert_eq!(
            found.contradictions,
            [
                "tax/a.pdf has pages that no source has",
                "tax/a.pdf is two parts"
            ]
        );
        assert_eq!(found.elsewhere.len(), 1);

        // Billions of pages are not counted.
        let claim = r#"{"name": "s", "pages": 4294967295}"#;
        let claims = vec![claim; 2_000].join(",");
        fs::write(&manifest_at, manifest(&claims)).unwrap();
        let found = verify(&manifest_at, &[]).unwrap();
        assert_eq!(found.pages_missing.len(), 2_000);
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let at = place.path().join("pagesieve-1.json");
        assert!(verify(&at, &[]).is_err());
        fs::write(&at, "{}").unwrap();
        assert!(verify(&at, &[]).is_err());
        assert!(verify(place.path(), &[]).is_err());
    }
}
