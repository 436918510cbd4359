//! Making a plan: documents are found as a batch finds them, opened to learn their pages
//! and hashes, and dealt out so that each shard has about as many pages. Not for running
//! it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::ShardError;
use super::plan::{Input, Place, Plan, Root, Share};
use crate::model::{Address, DocumentId, EngineKind, Secret};
use crate::triage::intake::{self, Found, NotTaken};
use crate::worker::{Opened, Opening, Pool, WorkerError};

/// Bytes of a page where no document was opened that could tell: a page of text has some
/// ten thousand, one that was scanned a million.
const USUAL_PAGE: u64 = 100_000;

/// What opening and inspecting a document takes, in pages.
const OF_A_DOCUMENT: u64 = 1;

/// A plan, and what is not in it.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What was found and not taken in.
    pub not_taken: NotTaken,
}

/// Looks for documents in `paths` and deals them out to so many shards. With `open`, each
/// document is opened by a worker: its pages are counted and its bytes hashed, so that a
/// run refuses what has changed since. Without, sizes alone tell how much there is to do.
/// None where `stop` was set.
pub fn plan(
    paths: &[PathBuf],
    shards: u32,
    open: bool,
    passwords: &[Secret],
    engines: &[EngineKind],
    pool: &Pool,
    stop: &AtomicBool,
) -> Result<Option<Planned>, ShardError> {
    let paths = intake::each_once(paths);
    let mut found: Vec<Found> = Vec::new();
    let not_taken = intake::walk(&paths, None, pool, |more| {
        found.extend(more);
        !stop.load(Ordering::Relaxed)
    });
    // Sources that lie within each other lead to a document twice.
    let mut known = HashSet::new();
    found.retain(|found| known.insert(found.document.source.clone()));
    let opened: Vec<Option<Opened>> = found
        .par_iter()
        .enumerate()
        .map(|(number, found)| match open && found.refusal.is_none() {
            true if stop.load(Ordering::Relaxed) => Ok(None),
            true => open_one(number, found, passwords, engines, pool),
            false => Ok(None),
        })
        .collect::<Result<_, WorkerError>>()?;
    if stop.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let roots = roots(&paths);
    let mut inputs: Vec<Input> = found
        .into_iter()
        .zip(opened)
        .map(|(found, opened)| input(found, opened.as_ref(), &roots))
        .collect();
    let shares = deal_out(&mut inputs, shards);
    let plan = Plan {
        name: intake::batch_name(&paths),
        sources: paths.iter().map(|path| place(path, &roots)).collect(),
        roots,
        shards: shares,
        inputs,
    };
    Ok(Some(Planned { plan, not_taken }))
}

/// None where it cannot be opened: the run says why.
fn open_one(
    number: usize,
    found: &Found,
    passwords: &[Secret],
    engines: &[EngineKind],
    pool: &Pool,
) -> Result<Option<Opened>, WorkerError> {
    let opening = Opening {
        document: DocumentId(i64::try_from(number).unwrap_or(i64::MAX)),
        source: found.document.source.clone(),
        engines: engines.to_vec(),
        passwords: passwords.to_vec(),
        expected: None,
        largest: pool.limits().largest_document,
    };
    match pool
        .lease(None)
        .and_then(|mut worker| worker.open(&opening))
    {
        Ok(opened) => Ok(opened.ok()),
        Err(error @ (WorkerError::Start(_) | WorkerError::Stopped | WorkerError::NoRoom(_))) => {
            Err(error)
        }
        // It ended its worker: so it may in the run, which keeps a record of that.
        Err(_) => Ok(None),
    }
}

fn input(found: Found, opened: Option<&Opened>, roots: &[Root]) -> Input {
    let Found { document, refusal } = found;
    Input {
        shard: 0,
        name: document.name,
        place: place(document.source.file(), roots),
        bytes: opened.map_or(document.bytes, |opened| opened.bytes),
        hash: opened.map(|opened| opened.hash),
        pages: opened.and_then(|opened| u32::try_from(opened.shapes.len()).ok()),
        entry: document.source.entry().map(str::to_owned),
        refusal,
    }
}

/// The folders that were named, and those of the files that were: each with a name of its
/// own, that of the folder where it can be.
fn roots(paths: &[PathBuf]) -> Vec<Root> {
    let mut roots: Vec<Root> = Vec::new();
    for path in paths {
        // An object and what is below a name are told apart by the store alone: all of its
        // bucket is the root.
        let bucket = Address::of(path).map(|address| address.of_bucket().path());
        let folder = match path.parent() {
            _ if bucket.is_some() => bucket.as_deref().unwrap_or(path),
            Some(parent) if !path.is_dir() => parent,
            _ => path,
        };
        if roots.iter().any(|root| folder.starts_with(&root.folder)) {
            continue;
        }
        let own = folder.file_name().map(|name| name.to_string_lossy());
        // Options name a root before an equals sign.
        let own = own.map_or_else(|| "root".to_owned(), |name| name.replace('=', "-"));
        let taken = |name: &String| roots.iter().any(|root| root.name == *name);
        let numbered = (2..).map(|number| format!("{own}-{number}"));
        let mut names = std::iter::once(own.clone()).chain(numbered);
        let name = names.find(|name| !taken(name)).unwrap_or(own);
        let folder = folder.to_owned();
        roots.push(Root { name, folder });
    }
    roots
}

/// Where a path is below the roots; each path that was named, or found, is below one.
fn place(path: &Path, roots: &[Root]) -> Place {
    let mut below = roots.iter().filter_map(|root| {
        let path = path.strip_prefix(&root.folder).ok()?;
        Some((root, path))
    });
    let (root, path) = match below.next() {
        Some((root, path)) => (root.name.clone(), path),
        None => (String::new(), path),
    };
    // A plan made on Windows is read elsewhere too.
    let path = match path.to_str() {
        Some(text) if cfg!(windows) => text.replace('\\', "/").into(),
        _ => path.to_owned(),
    };
    Place { root, path }
}

/// Gives each input its shard, the largest first and always to the shard that has least;
/// what each has then.
fn deal_out(inputs: &mut [Input], shards: u32) -> Vec<Share> {
    let counted = inputs
        .iter()
        .filter_map(|input| Some((input.pages?, input.bytes)));
    let (pages, bytes) = counted.fold((0, 0), |(pages, bytes), (of_one, size)| {
        (pages + u64::from(of_one), bytes + size)
    });
    let page = bytes.checked_div(pages).unwrap_or(USUAL_PAGE).max(1);
    let expected = |input: &Input| match (&input.refusal, input.pages) {
        (Some(_), _) => 0,
        (None, Some(pages)) => u64::from(pages),
        (None, None) => (input.bytes / page).max(1),
    };
    let mut by_size: Vec<usize> = (0..inputs.len()).collect();
    by_size.sort_by_key(|place| Reverse(expected(&inputs[*place])));
    let mut shares = vec![Share::default(); shards as usize];
    let mut least: BinaryHeap<Reverse<(u64, u32)>> =
        (0..shards).map(|shard| Reverse((0, shard))).collect();
    for place in by_size {
        let Some(Reverse((load, shard))) = least.pop() else {
            break;
        };
        let input = &mut inputs[place];
        let pages = expected(input);
        input.shard = shard;
        least.push(Reverse((load + pages + OF_A_DOCUMENT, shard)));
        if let Some(share) = shares.get_mut(shard as usize) {
            share.documents += 1;
            share.pages += pages;
            share.bytes += input.bytes;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sized(pages: &[Option<u32>]) -> Vec<Input> {
        let input = |pages: &Option<u32>| Input {
            shard: 0,
            name: String::new(),
            place: Place {
                root: String::new(),
                path: PathBuf::new(),
            },
            entry: None,
            bytes: 1_000 * u64::from(pages.unwrap_or(40)),
            hash: None,
            pages: *pages,
            refusal: None,
        };
        pages.iter().map(input).collect()
    }

    #[test]
    fn shards_have_about_as_many_pages() {
        let pages: Vec<Option<u32>> = (1..=100).map(Some).chain([Some(300), None]).collect();
        let mut inputs = sized(&pages);
        let shares = deal_out(&mut inputs, 4);
        // One that was not opened counts by its bytes, as those that were.
        let all: u64 = (1..=100).sum::<u64>() + 300 + 40;
        assert_eq!(shares.iter().map(|share| share.pages).sum::<u64>(), all);
        for (shard, share) in (0..).zip(&shares) {
            assert!(share.pages.abs_diff(all / 4) <= 5, "{shares:?}");
            let of_it = inputs.iter().filter(|input| input.shard == shard);
            assert_eq!(of_it.count() as u64, share.documents);
        }
        assert_eq!(deal_out(&mut sized(&pages), 4), shares, "always the same");
    }

    #[test]
    fn there_may_be_more_shards_than_documents() {
        let mut inputs = sized(&[Some(3)]);
        let shares = deal_out(&mut inputs, 3);
        assert_eq!(
            shares.iter().filter(|share| share.documents == 0).count(),
            2
        );
        assert_eq!(deal_out(&mut [], 2).len(), 2);
    }

    #[test]
    fn roots_are_folders_with_names_of_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one/in"), dir.path().join("two/in"));
        std::fs::create_dir_all(&one).unwrap();
        std::fs::create_dir_all(&two).unwrap();
        let file = two.join("a.pdf");
        let paths = [
            one.clone(),
            file.clone(),
            two.join("b.pdf"),
            one.join("below"),
        ];
        let roots = roots(&paths);
        let names: Vec<&str> = roots.iter().map(|root| &*root.name).collect();
        assert_eq!(names, ["in", "in-2"]);
        let below = place(&file, &roots);
        assert_eq!((&*below.root, below.path), ("in-2", PathBuf::from("a.pdf")));
        assert_eq!(place(&one, &roots).path, PathBuf::new());
    }
}
