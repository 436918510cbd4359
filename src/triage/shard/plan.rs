//! The plan of shards: data, and the one readable file that holds it and its own hash.
//! Not for making it (`planning`).
//!
//! ```text
//! {
//! "pagesieve_plan": 1,
//! "hash": BLAKE3 of the text of "plan", as it stands,
//! "plan": { one root, source, shard or input a line }
//! }
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::ShardError;
use crate::library::NewDocument;
use crate::model::{Address, ContentHash, FailureKind, Source, lossless_path};
use crate::regular_file;
use crate::triage::intake::{Found, modified, whole};
use crate::triage::tables::write_whole;
use crate::worker::Refusal;

/// The form of the file. A program that does not know it refuses the plan.
const FORM: u32 = 1;

/// What is to be done, and in which shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The name of the batch.
    pub name: String,
    /// Folders below which all inputs lie.
    pub roots: Vec<Root>,
    /// What was named to be planned: the roots of the batch that is merged.
    pub sources: Vec<Place>,
    /// What each shard has to do; their places are their indexes.
    pub shards: Vec<Share>,
    /// The documents, in the order of the batch.
    pub inputs: Vec<Input>,
}

/// A folder that may be elsewhere on each machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// Its name in this plan.
    pub name: String,
    /// Where it was when the plan was made, and is unless another place is named.
    #[serde(with = "lossless_path")]
    pub folder: PathBuf,
}

/// A place below a root.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The root's name.
    pub root: String,
    /// The path below it; empty: the root itself.
    #[serde(with = "lossless_path")]
    pub path: PathBuf,
}

/// How much a shard has to do, for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Documents.
    pub documents: u64,
    /// Pages, counted or expected.
    pub pages: u64,
    /// Bytes of the documents.
    pub bytes: u64,
}

/// One document of the batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The shard that it belongs to.
    pub shard: u32,
    /// Its name in the batch.
    pub name: String,
    /// The file, or the archive that holds it.
    pub place: Place,
    /// Which entry of the archive, as [`Source::Within`] has it; none: the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Its size in bytes, unpacked.
    pub bytes: u64,
    /// BLAKE3 of its bytes; none where it was not read. A run refuses another content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<ContentHash>,
    /// How many pages it has; none where it was not, or could not be, opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// Why it cannot be taken in, where that is known already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
}

/// A plan and the hash that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFile {
    /// BLAKE3 of the plan's text.
    pub hash: ContentHash,
    /// The plan.
    pub plan: Plan,
}

/// The file around the plan.
#[derive(Deserialize)]
struct Envelope<'a> {
    pagesieve_plan: u32,
    hash: ContentHash,
    #[serde(borrow)]
    plan: &'a RawValue,
}

/// Where the roots of a plan are on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots(BTreeMap<String, PathBuf>);

impl PlanFile {
    /// Reads a plan and checks that it is what was written.
    pub fn read(path: &Path) -> Result<Self, ShardError> {
        let mut text = String::new();
        regular_file::open(path)
            .and_then(|mut file| file.read_to_string(&mut text))
            .map_err(ShardError::io("read the plan", path))?;
        let not_a_plan = |why: String| ShardError::NotAPlan {
            path: path.to_owned(),
            why,
        };
        let file: Envelope<'_> =
            serde_json::from_str(&text).map_err(|error| not_a_plan(error.to_string()))?;
        if file.pagesieve_plan != FORM {
            let form = file.pagesieve_plan;
            return Err(not_a_plan(format!(
                "this program does not know form {form}"
            )));
        }
        if hash_of(file.plan.get()) != file.hash {
            return Err(ShardError::PlanAltered {
                path: path.to_owned(),
            });
        }
        let plan: Plan =
            serde_json::from_str(file.plan.get()).map_err(|error| not_a_plan(error.to_string()))?;
        plan.check().map_err(not_a_plan)?;
        Ok(Self {
            hash: file.hash,
            plan,
        })
    }

    /// Writes a plan as a file that is there whole or not at all, and returns its hash.
    pub fn write(plan: &Plan, path: &Path, replace: bool) -> Result<ContentHash, ShardError> {
        let text = plan.text().map_err(|error| ShardError::NotAPlan {
            path: path.to_owned(),
            why: error.to_string(),
        })?;
        let hash = hash_of(&text);
        write_whole(path, replace, |out| {
            writeln!(
                out,
                "{{\n\"pagesieve_plan\": {FORM},\n\"hash\": \"{hash}\","
            )?;
            writeln!(out, "\"plan\": {text}\n}}")
        })?;
        Ok(hash)
    }

    /// Refuses a shard that is not in the plan.
    pub fn check_index(&self, index: u32) -> Result<(), ShardError> {
        let shards = self.plan.shards.len();
        match (index as usize) < shards {
            true => Ok(()),
            false => Err(ShardError::NoSuchShard { index, shards }),
        }
    }
}

impl Plan {
    /// The plan as JSON with one thing a line.
    fn text(&self) -> serde_json::Result<String> {
        let mut text = format!("{{\n\"name\": {}", serde_json::to_string(&self.name)?);
        list(&mut text, "roots", &self.roots)?;
        list(&mut text, "sources", &self.sources)?;
        list(&mut text, "shards", &self.shards)?;
        list(&mut text, "inputs", &self.inputs)?;
        text.push_str("\n}");
        Ok(text)
    }

    /// What is wrong with it, in words, although its hash is right.
    fn check(&self) -> Result<(), String> {
        let has_root = |place: &Place| self.roots.iter().any(|root| root.name == place.root);
        let stays_below = |place: &Place| {
            let mut parts = place.path.components();
            parts.all(|part| matches!(part, Component::Normal(_)))
        };
        let places = self.inputs.iter().map(|input| &input.place);
        for place in places.chain(&self.sources) {
            if !has_root(place) || !stays_below(place) {
                return Err(format!("{} is below no root", place.path.display()));
            }
        }
        match self
            .inputs
            .iter()
            .any(|input| input.shard as usize >= self.shards.len())
        {
            true => Err("an input belongs to no shard".to_owned()),
            false => Ok(()),
        }
    }

    /// The documents of a shard, in order.
    pub fn of_shard(&self, index: u32) -> impl Iterator<Item = &Input> {
        self.inputs.iter().filter(move |input| input.shard == index)
    }
}

impl Input {
    /// Where its bytes are on this machine.
    pub fn source(&self, roots: &Roots) -> Source {
        Source::at(
            roots.path(&self.place),
            self.entry.as_deref().unwrap_or_default(),
        )
    }

    /// As intake would find it now. One whose size is another, and whose hash is not known,
    /// is refused: it is not what was planned.
    pub fn found(&self, roots: &Roots) -> Found {
        let source = self.source(roots);
        if Address::is(source.file()) {
            // A run does not ask for each what it is about to fetch, and its hash tells.
            return Found {
                document: NewDocument {
                    source,
                    name: self.name.clone(),
                    bytes: self.bytes,
                    modified: 0,
                },
                refusal: self.refusal.clone(),
            };
        }
        let metadata = std::fs::metadata(source.file()).ok();
        let is_file = self.entry.is_none();
        let bytes = metadata.as_ref().map_or(0, |now| match is_file {
            true => now.len(),
            false => self.bytes,
        });
        let is_another =
            is_file && self.hash.is_none() && metadata.is_some() && bytes != self.bytes;
        let changed = is_another.then(|| {
            let detail = format!("{} bytes were planned", self.bytes);
            Refusal::new(FailureKind::Changed, detail)
        });
        Found {
            document: NewDocument {
                source,
                name: self.name.clone(),
                bytes,
                modified: metadata.as_ref().map_or(0, modified),
            },
            refusal: self.refusal.clone().or(changed),
        }
    }
}

impl Roots {
    /// The roots of a plan, with other folders for some of them.
    pub fn new(plan: &Plan, given: &[(String, PathBuf)]) -> Result<Self, ShardError> {
        let planned = plan.roots.iter();
        let mut roots: BTreeMap<_, _> = planned
            .map(|root| (root.name.clone(), root.folder.clone()))
            .collect();
        for (name, folder) in given {
            let Some(place) = roots.get_mut(name) else {
                let known: Vec<&str> = roots.keys().map(String::as_str).collect();
                return Err(ShardError::NoSuchRoot {
                    name: name.clone(),
                    known: known.join(", "),
                });
            };
            *place = whole(folder).unwrap_or_else(|_| folder.clone());
        }
        Ok(Self(roots))
    }

    /// Refuses to go on where a root that these inputs need is not a folder here.
    pub fn check<'a>(&self, inputs: impl Iterator<Item = &'a Input>) -> Result<(), ShardError> {
        let mut names: Vec<&str> = inputs.map(|input| input.place.root.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let folder = self.0.get(name).cloned().unwrap_or_default();
            if !Address::is(&folder) && !folder.is_dir() {
                let name = name.to_owned();
                return Err(ShardError::RootMissing { name, folder });
            }
        }
        Ok(())
    }

    /// A place on this machine.
    pub fn path(&self, place: &Place) -> PathBuf {
        // The plan was checked: each place has a root.
        let root = self.0.get(&place.root).cloned().unwrap_or_default();
        match place.path.as_os_str().is_empty() {
            // Joining nothing would add a slash.
            true => root,
            false => root.join(&place.path),
        }
    }

    /// Names and folders, to tell whether a later run has the same.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Path)> {
        let roots = self.0.iter();
        roots.map(|(name, folder)| (name.as_str(), folder.as_path()))
    }
}

fn list<T: Serialize>(text: &mut String, name: &str, items: &[T]) -> serde_json::Result<()> {
    // Writing to memory cannot fail.
    let _ = write!(text, ",\n\"{name}\": [");
    for (place, item) in items.iter().enumerate() {
        text.push_str(if place == 0 { "\n" } else { ",\n" });
        text.push_str(&serde_json::to_string(item)?);
    }
    text.push_str(if items.is_empty() { "]" } else { "\n]" });
    Ok(())
}

fn hash_of(text: &str) -> ContentHash {
    ContentHash(*blake3::hash(text.as_bytes()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(root: &str, path: &str) -> Place {
        Place {
            root: root.into(),
            path: path.into(),
        }
    }

    fn input(path: &str) -> Input {
        Input {
            shard: 0,
            name: path.into(),
            place: place("in", path),
            entry: None,
            bytes: 5,
            hash: None,
            pages: Some(2),
            refusal: None,
        }
    }

    fn plan(inputs: Vec<Input>) -> Plan {
        Plan {
            name: "a \"batch\"".into(),
            roots: vec![Root {
                name: "in".into(),
                folder: "/data/in".into(),
            }],
            sources: vec![place("in", "")],
            shards: vec![Share::default()],
            inputs,
        }
    }

    #[test]
    fn a_plan_is_read_as_it_was_written_and_any_change_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.json");
        #[allow(unused_mut)]
        let mut inputs = vec![input("a.pdf"), input("b/ü.pdf")];
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStringExt;
            let name = std::ffi::OsString::from_vec(b"caf\xe9.pdf".to_vec());
            inputs[1].place.path = name.into();
        }
        let plan = plan(inputs);
        let hash = PlanFile::write(&plan, &path, false).unwrap();
        let read = PlanFile::read(&path).unwrap();
        assert_eq!((read.hash, read.plan), (hash, plan));

        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.lines().count() > 10, "{text}");
        std::fs::write(&path, text.replace("\"pages\":2", "\"pages\":3")).unwrap();
        let error = PlanFile::read(&path).unwrap_err();
        assert!(matches!(error, ShardError::PlanAltered { .. }), "{error}");
    }

    #[test]
    fn a_plan_that_leads_elsewhere_is_refused() {
        for path in ["../b.pdf", "/etc/passwd", "a/../../b"] {
            assert!(plan(vec![input(path)]).check().is_err(), "{path}");
        }
        let mut other = input("a.pdf");
        other.place.root = "out".into();
        assert!(plan(vec![other]).check().is_err());
        let mut beyond = input("a.pdf");
        beyond.shard = 1;
        assert!(plan(vec![beyond]).check().is_err());
        plan(vec![input("a.pdf")]).check().unwrap();
    }

    #[test]
    fn roots_can_be_elsewhere() {
        let plan = plan(vec![input("a.pdf")]);
        let usual = Roots::new(&plan, &[]).unwrap();
        assert_eq!(usual.path(&place("in", "")), Path::new("/data/in"));
        let elsewhere = [("in".to_owned(), PathBuf::from("/mnt/x"))];
        let given = Roots::new(&plan, &elsewhere).unwrap();
        let source = plan.inputs[0].source(&given);
        assert_eq!(source, Source::File("/mnt/x/a.pdf".into()));
        let wrong = [("inn".to_owned(), PathBuf::from("/mnt/x"))];
        let error = Roots::new(&plan, &wrong).unwrap_err();
        assert!(error.to_string().contains("it has in"), "{error}");
    }
}
