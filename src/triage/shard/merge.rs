//! Merging results: which are those of a plan, whether none lacks and none was changed.
//! Not for the rows (`library`).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::ShardError;
use super::plan::{Plan, PlanFile, Roots};
use super::result::{self, Manifest, RESULTS};
use super::thumbnails::{self, THUMBNAILS};
use crate::library::{Library, Merge, Piece, PieceDocument, Reader};
use crate::model::{BatchId, BatchSummary};
use crate::scratch::{Scratch, ScratchSettings};
use crate::triage::thread::now_seconds;

/// What merging has come to.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The batch.
    pub batch: BatchSummary,
    /// It was there already, and nothing was done.
    pub was_there: bool,
}

/// Makes one batch of all results of a plan, in the library of a directory. `dirs` are
/// results, or folders of results. Thumbnails that came with them go to scratch.
pub fn merge(
    file: &PlanFile,
    dirs: &[PathBuf],
    roots: &Roots,
    library: &Path,
    scratch: ScratchSettings,
) -> Result<Merged, ShardError> {
    let results = results(file, dirs)?;
    let mut library = Library::open(library)?;
    let key = file.hash.to_string();
    if let Some(batch) = library.reader().merged(&key)? {
        return summary(&library, batch, true);
    }
    results
        .par_iter()
        .try_for_each(|(dir, manifest)| result::check_files(dir, manifest))?;
    let files: Vec<PathBuf> = results.iter().map(|(dir, _)| dir.join(RESULTS)).collect();
    let pieces = pieces(&file.plan, roots, &files);
    for ((dir, _), piece) in results.iter().zip(&pieces) {
        check_documents(dir, piece)?;
    }
    let sources: Vec<PathBuf> = file.plan.sources.iter().map(|at| roots.path(at)).collect();
    let merge = Merge {
        key: &key,
        name: &file.plan.name,
        roots: &sources,
        created: now_seconds(),
        pieces: &pieces,
    };
    let batch = library.merge(&merge)?;
    if let Err(error) = bring_thumbnails(&results, &library, batch, scratch) {
        tracing::warn!(%error, "thumbnails were not brought along");
    }
    summary(&library, batch, false)
}

fn bring_thumbnails(
    results: &[(PathBuf, Manifest)],
    library: &Library,
    batch: BatchId,
    scratch: ScratchSettings,
) -> io::Result<()> {
    let has_them = |manifest: &Manifest| {
        let mut files = manifest.files.iter();
        files.any(|file| file.name == THUMBNAILS)
    };
    let mut files = results
        .iter()
        .filter(|(_, manifest)| has_them(manifest))
        .peekable();
    if files.peek().is_none() {
        return Ok(());
    }
    let (scratch, _) = Scratch::open(scratch).map_err(io::Error::other)?;
    let packs = scratch.packs(library.id());
    let documents = thumbnails::documents(library.reader(), batch).map_err(io::Error::other)?;
    for (dir, _) in files {
        thumbnails::bring(&dir.join(THUMBNAILS), &documents, batch, &packs)?;
    }
    Ok(())
}

fn summary(library: &Library, batch: BatchId, was_there: bool) -> Result<Merged, ShardError> {
    let missing = || crate::library::LibraryError::Missing {
        what: "batch",
        id: batch.0,
    };
    let batch = library.reader().batch(batch)?.ok_or_else(missing)?;
    Ok(Merged { batch, was_there })
}

/// The results in order, with their manifests; an error where one lacks, is there twice, or
/// is of another plan.
fn results(file: &PlanFile, dirs: &[PathBuf]) -> Result<Vec<(PathBuf, Manifest)>, ShardError> {
    let mut by_index: BTreeMap<u32, (PathBuf, Manifest)> = BTreeMap::new();
    for dir in expanded(dirs)? {
        let manifest = result::read(&dir)?;
        if manifest.plan != file.hash {
            return Err(ShardError::OtherPlan {
                dir,
                theirs: manifest.plan,
                ours: file.hash,
            });
        }
        file.check_index(manifest.index)?;
        let index = manifest.index;
        if let Some((first, _)) = by_index.insert(index, (dir.clone(), manifest)) {
            return Err(ShardError::Twice {
                index,
                first,
                second: dir,
            });
        }
    }
    let all = 0..u32::try_from(file.plan.shards.len()).unwrap_or(u32::MAX);
    let lacking: Vec<u32> = all.filter(|index| !by_index.contains_key(index)).collect();
    match lacking.is_empty() {
        true => Ok(by_index.into_values().collect()),
        false => Err(ShardError::Lacking(lacking)),
    }
}

/// The folders that are results, and the results in those that are none. Hidden folders are
/// those of runs that go on or were killed.
fn expanded(dirs: &[PathBuf]) -> Result<Vec<PathBuf>, ShardError> {
    let mut results = Vec::new();
    for dir in dirs {
        if result::is_result(dir) {
            results.push(dir.clone());
            continue;
        }
        let mut below = Vec::new();
        for entry in fs::read_dir(dir).map_err(ShardError::io("look into", dir))? {
            let entry = entry.map_err(ShardError::io("look into", dir))?;
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            if !is_hidden && result::is_result(&entry.path()) {
                below.push(entry.path());
            }
        }
        below.sort();
        results.extend(below);
    }
    Ok(results)
}

/// What each result is to become: its documents are the inputs of its shard, in their order.
fn pieces<'a>(plan: &'a Plan, roots: &Roots, files: &'a [PathBuf]) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = files
        .iter()
        .map(|file| Piece {
            file,
            documents: Vec::new(),
        })
        .collect();
    for (place, input) in (0..).zip(&plan.inputs) {
        if let Some(piece) = pieces.get_mut(input.shard as usize) {
            piece.documents.push(PieceDocument {
                place,
                name: &input.name,
                source: input.source(roots),
            });
        }
    }
    pieces
}

/// Refuses a result that holds other documents than the plan says, or not all is done in.
fn check_documents(dir: &Path, piece: &Piece<'_>) -> Result<(), ShardError> {
    let reader = Reader::open_sealed(piece.file)?;
    let batches = reader.batches()?;
    let names = match &batches[..] {
        [one] if one.is_finished() => reader.names_of_heads(one.batch.id)?,
        _ => Vec::new(),
    };
    let planned = piece.documents.iter().map(|document| document.name);
    match planned.eq(names.iter().map(String::as_str)) {
        true => Ok(()),
        false => Err(ShardError::OtherDocuments {
            dir: dir.to_owned(),
        }),
    }
}
