//! Thumbnail packs of all documents: leases for what they grow by, eviction of
//! those used least recently, and accounts of what each batch holds. Thumbnails
//! can be made again, so losing one costs time and nothing else.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use thiserror::Error;

use super::budget::{Owner, Purpose, Shortage, ShortageCause};
use super::journal::{self, Entry, Why};
use super::pack::Pack;
use super::{Lease, Scratch, SweepReport, tree};
use crate::model::{BatchId, DocumentId, PageId};

const THUMBNAILS: &str = "thumbnails";

/// Packs that are open at a time: a batch may have 10,000 documents.
const OPEN_PACKS: usize = 64;

/// Growth is leased in steps, the largest that is granted.
const STEPS: [u64; 3] = [1 << 20, 1 << 17, 1 << 14];

/// Disk space is given out in blocks of this size nearly everywhere.
const BLOCK: u64 = 4096;

/// Thumbnails are evicted when scratch holds more than 85 % of its budget, until
/// it holds 80 %: in shares of 100.
const COLLECT_ABOVE: u64 = 85;
const COLLECT_TO: u64 = 80;

/// Why a thumbnail was not kept or not read.
#[derive(Debug, Error)]
pub enum PackError {
    /// There is no room, and nothing left that may be evicted.
    #[error(transparent)]
    Shortage(#[from] Shortage),
    /// The disk refused.
    #[error("a thumbnail pack cannot be used: {0}")]
    Io(#[from] io::Error),
}

/// Which pack.
type Key = (BatchId, DocumentId);

/// What is known of all packs in scratch, whoever's they are.
#[derive(Default)]
pub(super) struct Shelf {
    packs: HashMap<PathBuf, Shelved>,
}

#[derive(Clone, Copy)]
struct Shelved {
    bytes: u64,
    used: SystemTime,
}

impl Shelf {
    /// Looks through the directory.
    pub fn find(dir: &Path, device: u64) -> Self {
        let mut shelf = Self::default();
        shelf.look_below(&dir.join(THUMBNAILS), device, 0);
        shelf
    }

    fn look_below(&mut self, path: &Path, device: u64, depth: usize) {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(metadata) = fs::symlink_metadata(&path) else {
                continue;
            };
            if tree::identity(&metadata).0 != device {
                continue;
            }
            if metadata.is_dir() && depth < 2 {
                self.look_below(&path, device, depth + 1);
            } else if metadata.is_file() {
                let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                let bytes = tree::disk_bytes(&metadata);
                self.packs.insert(path, Shelved { bytes, used });
            }
        }
    }

    /// Bytes of all packs.
    pub fn bytes(&self) -> u64 {
        self.packs.values().map(|pack| pack.bytes).sum()
    }

    /// Bytes of the packs below a directory.
    pub fn bytes_below(&self, dir: &Path) -> u64 {
        let below = self.packs.iter().filter(|(path, _)| path.starts_with(dir));
        below.map(|(_, pack)| pack.bytes).sum()
    }
}

/// Directory of a batch's packs.
pub(super) fn batch_dir(scratch: &Path, library: &str, batch: BatchId) -> PathBuf {
    scratch
        .join(THUMBNAILS)
        .join(library)
        .join(batch.0.to_string())
}

/// The thumbnails of one library.
pub struct Packs {
    scratch: Scratch,
    library: String,
    open: Mutex<Open>,
    /// Growth that was granted and is not used up.
    lease: Mutex<Option<Lease>>,
    /// Documents on screen: their packs are evicted last.
    protected: Mutex<HashSet<DocumentId>>,
}

#[derive(Default)]
struct Open {
    packs: HashMap<Key, (Arc<Mutex<Pack>>, u64)>,
    uses: u64,
}

impl Packs {
    pub(super) fn new(scratch: Scratch, library: &str) -> Self {
        Self {
            scratch,
            library: library.to_owned(),
            open: Mutex::default(),
            lease: Mutex::default(),
            protected: Mutex::default(),
        }
    }

    fn path(&self, (batch, document): Key) -> PathBuf {
        batch_dir(&self.scratch.0.dir, &self.library, batch).join(format!("{}.pack", document.0))
    }

    /// Keeps a page's thumbnail. Room is made by evicting other packs.
    pub fn append(&self, batch: BatchId, page: PageId, picture: &[u8]) -> Result<(), PackError> {
        let key = (batch, page.document);
        let path = self.path(key);
        let pack = self.pack(key)?;
        let mut pack = pack.lock().unwrap_or_else(PoisonError::into_inner);
        let before = blocks(pack.length());
        let after = blocks(pack.length() + Pack::cost(picture));
        // A new file's first block is not on the shelf yet.
        let known = self
            .scratch
            .0
            .shelf()
            .packs
            .get(&path)
            .map_or(0, |pack| pack.bytes);
        let more = after.saturating_sub(before.min(known));
        self.make_room(more, &path)?;
        match pack.append(page.number, picture) {
            Ok(()) => {
                self.account(&path, after, more);
                Ok(())
            }
            Err(error) if is_full(&error) => {
                let ledger = self.scratch.0.ledger();
                Err(ledger.shortage(more, more, ShortageCause::DiskFull).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Moves what was written from the lease to what is retained.
    fn account(&self, path: &Path, bytes: u64, more: u64) {
        if let Some(lease) = self
            .lease
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
        {
            lease.retain(more);
        }
        let used = SystemTime::now();
        let mut shelf = self.scratch.0.shelf();
        shelf.packs.insert(path.to_owned(), Shelved { bytes, used });
    }

    /// A page's thumbnail; none where there is none, or none any more.
    pub fn read(&self, batch: BatchId, page: PageId) -> Result<Option<Vec<u8>>, PackError> {
        let key = (batch, page.document);
        if !tree::is_plain_file(&self.path(key)) {
            return Ok(None);
        }
        let pack = self.pack(key)?;
        let picture = pack
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .read(page.number)?;
        if let Some(shelved) = self.scratch.0.shelf().packs.get_mut(&self.path(key)) {
            shelved.used = SystemTime::now();
        }
        Ok(picture)
    }

    /// These documents are on screen.
    pub fn protect(&self, documents: HashSet<DocumentId>) {
        *self
            .protected
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = documents;
    }

    /// Removes a document's pack: its content has changed.
    pub fn remove_document(&self, batch: BatchId, document: DocumentId) {
        self.close(|key| *key == (batch, document));
        remove_packs(&self.scratch, &[self.path((batch, document))], Why::Asked);
    }

    /// Removes a batch's packs: it was forgotten.
    pub fn remove_batch(&self, batch: BatchId) {
        self.close(|key| key.0 == batch);
        let dir = batch_dir(&self.scratch.0.dir, &self.library, batch);
        let packs: Vec<PathBuf> = {
            let shelf = self.scratch.0.shelf();
            shelf
                .packs
                .keys()
                .filter(|path| path.starts_with(&dir))
                .cloned()
                .collect()
        };
        remove_packs(&self.scratch, &packs, Why::Asked);
        // Only if it is empty.
        let _ = fs::remove_dir(dir);
    }

    fn close(&self, which: impl Fn(&Key) -> bool) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.packs.retain(|key, _| !which(key));
    }

    /// An open pack. No lock of a pack is waited for while the list of open
    /// packs is locked: whoever writes to a pack may evict others, and for that
    /// needs the list.
    fn pack(&self, key: Key) -> io::Result<Arc<Mutex<Pack>>> {
        let known = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.uses += 1;
            let uses = open.uses;
            open.packs.get_mut(&key).map(|(pack, used)| {
                *used = uses;
                Arc::clone(pack)
            })
        };
        if let Some(pack) = known {
            let gone = pack
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_gone();
            if !gone {
                return Ok(pack);
            }
            // Another copy evicted it, or a person deleted it.
            self.close(|open| *open == key);
            let shelved = self.scratch.0.shelf().packs.remove(&self.path(key));
            if let Some(shelved) = shelved {
                self.scratch.0.ledger().recount_retained(shelved.bytes, 0);
            }
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((pack, _)) = open.packs.get(&key) {
            return Ok(Arc::clone(pack));
        }
        let uses = open.uses;
        let pack = Arc::new(Mutex::new(Pack::open(&self.path(key))?));
        open.packs.insert(key, (Arc::clone(&pack), uses));
        if open.packs.len() > OPEN_PACKS
            && let Some(oldest) = open.packs.iter().min_by_key(|(_, (_, used))| *used)
        {
            let oldest = *oldest.0;
            open.packs.remove(&oldest);
        }
        Ok(pack)
    }

    /// Leases `more` bytes, and evicts packs other than `writing` if needed.
    fn make_room(&self, more: u64, writing: &Path) -> Result<(), Shortage> {
        let mut lease = self.lease.lock().unwrap_or_else(PoisonError::into_inner);
        if lease.as_ref().is_some_and(|lease| lease.left() >= more) {
            return Ok(());
        }
        let (held, budget) = {
            let ledger = self.scratch.0.ledger();
            (ledger.held(), ledger.budget())
        };
        if held > budget / 100 * COLLECT_ABOVE {
            self.evict(held.saturating_sub(budget / 100 * COLLECT_TO), writing);
        }
        let mut shortage = match self.lease_steps(&mut lease, more) {
            Ok(()) => return Ok(()),
            Err(shortage) => shortage,
        };
        while self.evict(shortage.missing.max(more), writing) > 0 {
            match self.lease_steps(&mut lease, more) {
                Ok(()) => return Ok(()),
                Err(next) => shortage = next,
            }
        }
        Err(shortage)
    }

    fn lease_steps(&self, lease: &mut Option<Lease>, more: u64) -> Result<(), Shortage> {
        let mut result = Ok(());
        for step in STEPS.into_iter().filter(|step| *step > more).chain([more]) {
            result = match lease {
                Some(lease) => lease.grow(step),
                None => self
                    .scratch
                    .lease(Owner::Thumbnails, Purpose::Thumbnails, step)
                    .map(|granted| *lease = Some(granted)),
            };
            if result.is_ok() {
                return Ok(());
            }
        }
        result
    }

    /// Evicts packs, least recently used first and those on screen last, until
    /// `bytes` are free. Returns how many are.
    fn evict(&self, bytes: u64, writing: &Path) -> u64 {
        let protected = self
            .protected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let on_screen: HashSet<String> = protected
            .iter()
            .map(|document| format!("{}.pack", document.0))
            .collect();
        let mut candidates: Vec<(bool, SystemTime, u64, PathBuf)> = {
            let shelf = self.scratch.0.shelf();
            let packs = shelf
                .packs
                .iter()
                .filter(|(path, _)| path.as_path() != writing);
            packs
                .map(|(path, pack)| {
                    let name = path
                        .file_name()
                        .and_then(|name| name.to_str())
                        .unwrap_or("");
                    (
                        on_screen.contains(name),
                        pack.used,
                        pack.bytes,
                        path.clone(),
                    )
                })
                .collect()
        };
        candidates.sort();
        let mut chosen = Vec::new();
        let mut freed = 0;
        for (_, _, size, path) in candidates {
            if freed >= bytes {
                break;
            }
            freed += size;
            chosen.push(path);
        }
        let paths: HashSet<&PathBuf> = chosen.iter().collect();
        self.close(|key| paths.contains(&self.path(*key)));
        remove_packs(&self.scratch, &chosen, Why::Eviction)
    }
}

/// Deletes packs and takes them off the accounts. Returns the bytes freed.
fn remove_packs(scratch: &Scratch, paths: &[PathBuf], why: Why) -> u64 {
    let shared = &scratch.0;
    let mut entries = Vec::new();
    let mut freed = 0;
    for path in paths {
        let Some(shelved) = shared.shelf().packs.remove(path) else {
            continue;
        };
        shared.ledger().recount_retained(shelved.bytes, 0);
        let removal = tree::remove(path, shared.device);
        freed += shelved.bytes;
        entries.push(Entry {
            when: journal::now(),
            what: shared.below(path),
            whose: "thumbnails".into(),
            why,
            bytes: removal.freed.bytes,
            files: removal.freed.files,
        });
    }
    shared.journal.record(&entries);
    freed
}

/// Removes all packs but those of `keep`.
pub(super) fn clean(
    scratch: &Scratch,
    dry_run: bool,
    keep: Option<(&str, BatchId)>,
    report: &mut SweepReport,
) {
    let shared = &scratch.0;
    let kept = keep.map(|(library, batch)| batch_dir(&shared.dir, library, batch));
    let packs: Vec<(PathBuf, u64)> = {
        let mut shelf = shared.shelf();
        *shelf = Shelf::find(&shared.dir, shared.device);
        let others = shelf
            .packs
            .iter()
            .filter(|(path, _)| kept.as_ref().is_none_or(|kept| !path.starts_with(kept)));
        others
            .map(|(path, pack)| (path.clone(), pack.bytes))
            .collect()
    };
    for (path, bytes) in &packs {
        report.add(Entry {
            when: journal::now(),
            what: shared.below(path),
            whose: "thumbnails".into(),
            why: Why::Asked,
            bytes: *bytes,
            files: 1,
        });
    }
    if !dry_run {
        let paths: Vec<PathBuf> = packs.into_iter().map(|(path, _)| path).collect();
        remove_packs(scratch, &paths, Why::Asked);
    }
}

fn blocks(length: u64) -> u64 {
    length.div_ceil(BLOCK) * BLOCK
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
