//! The shelf: which thumbnail packs exist, how large they are, when each was used
//! and which copy of the program may write them; and making room among them. Not
//! for what is inside a pack.
//!
//! A library is a directory of packs with a lock. The copy that holds the lock
//! writes and counts its packs; packs of a library that nobody holds are counted
//! by everyone and may be evicted by anyone who takes the lock for the moment.
//!
//! Locks are taken in this order: a pack's state, the sweep's, the survey, the libraries, the
//! packs, the window, the ledger. A second pack's state is only ever tried.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use super::budget::{LeaseId, Shortage, ShortageCause};
use super::copies::{Hold, try_hold};
use super::journal::Why;
use super::pack::Record;
use super::policy::LibraryBatch;
use super::report::{Removed, SweepReport};
use super::shared_ledger::SharedLedger;
use super::{Place, Shared, lock, tree};
use crate::file_lock::FileLock;
use crate::model::{BatchId, DocumentId};
use crate::private;

pub(super) const DIRECTORY: &str = "thumbnails";
const LIBRARY_LOCK: &str = "library.lock";
const EXTENSION: &str = "pack";

/// Growth is asked for in steps of this many bytes, so that the ledger and the
/// disk are not asked for each thumbnail. All packs share one step: one for each
/// of 10,000 documents would reserve 10 GiB that nobody uses.
const STEP: u64 = 1024 * 1024;
/// Near a small budget a step is at most this part of it.
const STEP_SHARE: u64 = 64;
/// Collecting starts above this many percent of the budget …
const COLLECT_ABOVE: u64 = 85;
/// … and stops here, so that it does not run for each thumbnail.
const COLLECT_TO: u64 = 80;
/// Files are counted in blocks of this size: that of all common file systems.
const BLOCK: u64 = 4096;
const SECONDS_A_DAY: u64 = 24 * 60 * 60;
/// Packs that stay open: enough for what is on screen and what is being made, and
/// far below any limit on open files.
const OPEN_FILES: usize = 64;

/// Which pack.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct PackKey {
    pub library: Arc<str>,
    pub batch: BatchId,
    pub document: DocumentId,
}

/// What is known about the inside of a pack. Empty until it was opened.
#[derive(Debug, Default)]
pub(super) struct PackState {
    /// The open file, unless it was closed to spare handles.
    pub file: Option<File>,
    /// It is looked at as the library's writer: opened for writing, tail cut.
    pub writable: bool,
    pub index: HashMap<u32, Record>,
    /// Of pages whose thumbnail was made anew, the one before.
    pub earlier: HashMap<u32, Record>,
    /// Bytes up to the end of the last sound record.
    pub length: u64,
    /// Device, inode and length of the file when it was last looked at; none
    /// where there was no file.
    pub seen: Option<(u64, u64, u64)>,
}

/// One pack.
#[derive(Debug)]
pub(super) struct Pack {
    pub key: PackKey,
    /// Bytes that the ledger counts for it.
    pub bytes: AtomicU64,
    /// Position in the order of use; larger is later.
    pub used: AtomicU64,
    pub state: Mutex<PackState>,
}

#[derive(Debug)]
enum Claim {
    /// This copy writes it; the lock is held.
    Mine { _lock: FileLock },
    /// Nobody holds it; its packs are counted here.
    Idle,
    /// Another copy holds it and counts its packs.
    Others,
}

/// Bytes that were granted for thumbnails and not yet spent.
#[derive(Debug, Default)]
struct Window {
    lease: Option<LeaseId>,
    available: u64,
}

/// All packs of one scratch directory.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    libraries: Mutex<HashMap<Arc<str>, Claim>>,
    packs: Mutex<HashMap<PackKey, Arc<Pack>>>,
    window: Mutex<Window>,
    clock: AtomicU64,
    open: Mutex<Vec<Arc<Pack>>>,
    protected: Mutex<HashMap<Arc<str>, HashSet<DocumentId>>>,
}

/// Bytes a file of this length takes up, in whole blocks.
pub(super) fn in_blocks(length: u64) -> u64 {
    length.div_ceil(BLOCK) * BLOCK
}

/// The directory name of a library: its id where that is a plain name, else a
/// hash of it.
pub(super) fn directory_name(library_id: &str) -> String {
    let plain = !library_id.is_empty()
        && library_id.len() <= 64
        && library_id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if plain {
        library_id.to_owned()
    } else {
        format!("h_{}", blake3::hash(library_id.as_bytes()).to_hex())
    }
}

pub(super) fn library_dir(place: &Place, library: &str) -> PathBuf {
    place.base.join(DIRECTORY).join(library)
}

/// Whose a pack is, for the journal: "batch 3 of 5f…".
pub(super) fn whose(key: &PackKey) -> String {
    format!("batch {} of {}", key.batch.0, key.library)
}

pub(super) fn pack_path(place: &Place, key: &PackKey) -> PathBuf {
    library_dir(place, &key.library)
        .join(key.batch.0.to_string())
        .join(format!("{}.{EXTENSION}", key.document.0))
}

impl Shelf {
    /// The pack, made known if it was not. Counts as a use.
    pub(super) fn pack(&self, key: &PackKey) -> Arc<Pack> {
        let mut packs = lock(&self.packs);
        let pack = packs.entry(key.clone()).or_insert_with(|| {
            Arc::new(Pack {
                key: key.clone(),
                bytes: AtomicU64::new(0),
                used: AtomicU64::new(0),
                state: Mutex::default(),
            })
        });
        pack.used.store(self.tick(), Ordering::Relaxed);
        Arc::clone(pack)
    }

    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// All packs that pass the filter.
    pub(super) fn select(&self, filter: impl Fn(&Pack) -> bool) -> Vec<Arc<Pack>> {
        let packs = lock(&self.packs);
        packs
            .values()
            .filter(|pack| filter(pack))
            .cloned()
            .collect()
    }

    /// Bytes of the packs of one batch, and of all others that are counted here.
    pub(super) fn bytes(&self, library: &str, batch: Option<BatchId>) -> (u64, u64) {
        let by_batch = self.by_batch(library).into_iter();
        by_batch.fold((0, 0), |(this, other), (whose, bytes)| {
            if whose.is_some() && whose == batch {
                (this + bytes, other)
            } else {
                (this, other + bytes)
            }
        })
    }

    /// Bytes of the packs of each batch of a library, and under none those of other
    /// libraries; largest first.
    pub(super) fn by_batch(&self, library: &str) -> Vec<(Option<BatchId>, u64)> {
        let mut sums: HashMap<Option<BatchId>, u64> = HashMap::new();
        for pack in lock(&self.packs).values() {
            let batch = (&*pack.key.library == library).then_some(pack.key.batch);
            *sums.entry(batch).or_default() += pack.bytes.load(Ordering::Relaxed);
        }
        let mut sums: Vec<_> = sums.into_iter().filter(|(_, bytes)| *bytes > 0).collect();
        sums.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        sums
    }

    /// Notes that the pack's file is open now, and closes the least recently used
    /// ones where too many are.
    pub(super) fn note_open(&self, pack: &Arc<Pack>) {
        let mut open = lock(&self.open);
        if !open.iter().any(|other| Arc::ptr_eq(other, pack)) {
            open.push(Arc::clone(pack));
        }
        let mut excess = open.len().saturating_sub(OPEN_FILES);
        if excess == 0 {
            return;
        }
        // Cached: other threads move the keys while this sorts.
        open.sort_by_cached_key(|other| other.used.load(Ordering::Relaxed));
        open.retain(|other| {
            if excess == 0 || Arc::ptr_eq(other, pack) {
                return true;
            }
            // One that is in use right now stays; the next oldest goes instead.
            let Ok(mut state) = other.state.try_lock() else {
                return true;
            };
            state.file = None;
            excess -= 1;
            false
        });
    }

    /// Replaces the documents of a library that are not to be evicted.
    pub(super) fn protect(&self, library: &Arc<str>, documents: HashSet<DocumentId>) {
        lock(&self.protected).insert(Arc::clone(library), documents);
    }

    fn is_protected(&self, key: &PackKey) -> bool {
        lock(&self.protected)
            .get(&key.library)
            .is_some_and(|documents| documents.contains(&key.document))
    }

    /// Tries to become the library's writer; false where another copy is.
    pub(super) fn claim(
        &self,
        place: &Place,
        ledger: &SharedLedger,
        library: &Arc<str>,
    ) -> io::Result<bool> {
        let mut libraries = lock(&self.libraries);
        if let Some(Claim::Mine { .. }) = libraries.get(library) {
            return Ok(true);
        }
        match take_library(place, library)? {
            Some(lock) => {
                let counted = matches!(libraries.get(library), Some(Claim::Idle));
                libraries.insert(Arc::clone(library), Claim::Mine { _lock: lock });
                if !counted {
                    self.count_packs(place, ledger, library);
                }
                Ok(true)
            }
            None => {
                self.forget_counts(ledger, library);
                libraries.insert(Arc::clone(library), Claim::Others);
                Ok(false)
            }
        }
    }

    /// This copy is the library's writer.
    pub(super) fn is_mine(&self, library: &str) -> bool {
        matches!(lock(&self.libraries).get(library), Some(Claim::Mine { .. }))
    }

    /// Looks again at who holds which library; returns the bytes of those that
    /// other copies hold.
    pub(super) fn survey(&self, place: &Place, ledger: &SharedLedger) -> u64 {
        let mut libraries = lock(&self.libraries);
        let mut others = 0;
        for library in list_libraries(place) {
            if let Some(Claim::Mine { .. }) = libraries.get(&library) {
                continue;
            }
            let dir = library_dir(place, &library);
            if let Hold::Busy = try_hold(&dir.join(LIBRARY_LOCK)) {
                self.forget_counts(ledger, &library);
                libraries.insert(library, Claim::Others);
                others += tree::measure(&dir, place.device).bytes;
            } else {
                if !matches!(libraries.get(&library), Some(Claim::Idle)) {
                    self.count_packs(place, ledger, &library);
                }
                libraries.insert(library, Claim::Idle);
            }
        }
        others
    }

    /// Counts the packs of a library as they are on disk.
    fn count_packs(&self, place: &Place, ledger: &SharedLedger, library: &Arc<str>) {
        let mut found = list_packs(place, library);
        // The time on disk only orders packs of earlier runs among themselves.
        found.sort_by_key(|(_, _, modified)| *modified);
        let mut packs = lock(&self.packs);
        for (key, length, _) in found {
            let tick = self.tick();
            let pack = packs.entry(key.clone()).or_insert_with(|| {
                Arc::new(Pack {
                    key,
                    bytes: AtomicU64::new(0),
                    used: AtomicU64::new(tick),
                    state: Mutex::default(),
                })
            });
            recount(ledger, pack, in_blocks(length));
        }
    }

    fn forget_counts(&self, ledger: &SharedLedger, library: &str) {
        for pack in self.select(|pack| &*pack.key.library == library) {
            recount(ledger, &pack, 0);
        }
    }
}

/// Sets what the ledger counts for a pack.
pub(super) fn recount(ledger: &SharedLedger, pack: &Pack, bytes: u64) {
    let before = pack.bytes.swap(bytes, Ordering::Relaxed);
    if before != bytes {
        ledger.lock().recount_retained(before, bytes);
    }
}

/// The library's lock; none where another copy has it.
fn take_library(place: &Place, library: &str) -> io::Result<Option<FileLock>> {
    let dir = library_dir(place, library);
    private::create_dir_all(&dir)?;
    let file = private::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(dir.join(LIBRARY_LOCK))?;
    match FileLock::try_take(file) {
        Ok(lock) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Removes the folder of a library that this copy holds and that has no thumbnails left.
pub(super) fn remove_library(place: &Place, library: &str) {
    let dir = library_dir(place, library);
    // What is left, as on a system that keeps open files, is small and found again.
    let _ = fs::remove_file(dir.join(LIBRARY_LOCK));
    let _ = fs::remove_dir(dir);
}

/// No directory between the scratch directory and the pack is a link to another
/// place.
fn is_reached_directly(place: &Place, path: &Path) -> bool {
    path.ancestors()
        .skip(1)
        .take_while(|directory| *directory != place.base)
        .all(|directory| match fs::symlink_metadata(directory) {
            Ok(metadata) => metadata.is_dir() && tree::identity(&metadata).0 == place.device,
            // What is missing leads nowhere.
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        })
}

fn list_libraries(place: &Place) -> Vec<Arc<str>> {
    let shelf = place.base.join(DIRECTORY);
    if !tree::is_plain_directory(&shelf) {
        return Vec::new();
    }
    fs::read_dir(shelf)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| tree::is_plain_directory(&entry.path()))
        .filter_map(|entry| entry.file_name().to_str().map(Arc::from))
        .collect()
}

/// Key, length and time of change of each pack file of a library. Names that this
/// program does not give are passed over.
fn list_packs(place: &Place, library: &Arc<str>) -> Vec<(PackKey, u64, Option<SystemTime>)> {
    let number = |path: &Path| path.file_stem()?.to_str()?.parse::<i64>().ok();
    let mut found = Vec::new();
    let entries = |path: PathBuf| fs::read_dir(path).into_iter().flatten().flatten();
    for batch_dir in entries(library_dir(place, library)) {
        let path = batch_dir.path();
        let Some(batch) = number(&path).filter(|_| tree::is_plain_directory(&path)) else {
            continue;
        };
        for entry in entries(path) {
            let path = entry.path();
            let Ok(metadata) = fs::symlink_metadata(&path) else {
                continue;
            };
            if let Some(document) = number(&path)
                && metadata.is_file()
                && path
                    .extension()
                    .is_some_and(|extension| extension == EXTENSION)
            {
                let key = PackKey {
                    library: Arc::clone(library),
                    batch: BatchId(batch),
                    document: DocumentId(document),
                };
                found.push((key, metadata.len(), metadata.modified().ok()));
            }
        }
    }
    found
}

impl Shared {
    /// Reserves `bytes` for a thumbnail of the pack `key`, making room where
    /// needed. To be settled with [`Self::spend`] or [`Self::give_back`].
    pub(super) fn reserve(&self, bytes: u64, key: &PackKey) -> Result<(), Shortage> {
        /// Each round frees at least one pack; other threads may take what it
        /// freed, but hardly this often.
        const ROUNDS: u32 = 4;
        if bytes == 0 {
            return Ok(());
        }
        let mut round = 1;
        loop {
            match self.take_from_window(bytes) {
                Ok(grown) => {
                    if grown {
                        self.collect(key);
                    }
                    self.trim_to_most(Some(key));
                    return Ok(());
                }
                Err(shortage) if round >= ROUNDS => return Err(shortage),
                Err(shortage) => {
                    if self.relieve(&shortage, Some(key)) == 0 {
                        return Err(shortage);
                    }
                }
            }
            round += 1;
        }
    }

    /// True where the window had to grow.
    fn take_from_window(&self, bytes: u64) -> Result<bool, Shortage> {
        {
            let mut window = lock(&self.shelf.window);
            if window.available >= bytes {
                window.available -= bytes;
                return Ok(false);
            }
        }
        self.one_copy_at_a_time(|| self.grow_window(bytes))
            .map(|()| true)
    }

    /// Takes from the window, which grows where it is too small.
    fn grow_window(&self, bytes: u64) -> Result<(), Shortage> {
        let mut window = lock(&self.shelf.window);
        if let Some(need) = bytes.checked_sub(window.available).filter(|need| *need > 0) {
            let got = self.ask_ledger(need, |ledger, free| {
                let lease = match window.lease {
                    Some(lease) => lease,
                    None => ledger.request(
                        super::Owner::Thumbnails,
                        super::Purpose::Thumbnails,
                        0,
                        free,
                    )?,
                };
                window.lease = Some(lease);
                let step = STEP.min(ledger.budget() / STEP_SHARE).max(need);
                match ledger.grow(lease, step, free) {
                    Ok(()) => Ok(step),
                    Err(_) => ledger.grow(lease, need, free).map(|()| need),
                }
            })?;
            window.available += got;
        }
        window.available -= bytes;
        Ok(())
    }

    /// The reserved bytes are on disk now, as part of `pack`.
    pub(super) fn spend(&self, bytes: u64, pack: &Pack) {
        if bytes == 0 {
            return;
        }
        let window = lock(&self.shelf.window);
        if let Some(lease) = window.lease {
            self.ledger.lock().retain(lease, bytes);
            pack.bytes.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// The reserved bytes were not used.
    pub(super) fn give_back(&self, bytes: u64) {
        lock(&self.shelf.window).available += bytes;
    }

    /// Keeps the share of the budget that is in use below the mark at which
    /// everything would soon have to wait.
    fn collect(&self, keep: &PackKey) {
        let (held, budget) = {
            let ledger = self.ledger.lock();
            (ledger.held(), ledger.budget())
        };
        let percent = |share: u64| u64::try_from(u128::from(budget) * u128::from(share) / 100);
        let (Ok(above), Ok(to)) = (percent(COLLECT_ABOVE), percent(COLLECT_TO)) else {
            return;
        };
        if held > above {
            self.evict(held - to, Some(keep));
        }
    }

    /// Makes room after a shortage: residue first, then what was fetched, then the least
    /// recently used thumbnails. Returns the bytes freed.
    ///
    /// Where the disk, not the budget, is short and others filled it, thumbnails
    /// stay: deleting them would not help for long, and whoever fills the disk
    /// would empty scratch.
    pub(super) fn relieve(&self, shortage: &Shortage, keep: Option<&PackKey>) -> u64 {
        let mut freed = 0;
        if self.policy().residue && self.survey().reclaimable {
            freed += self.sweep_residue(false).bytes();
        }
        if freed >= shortage.missing {
            return freed;
        }
        let ours = match shortage.cause {
            ShortageCause::Budget => true,
            ShortageCause::Floor | ShortageCause::Files => self.fills_the_disk(),
            ShortageCause::TooLarge | ShortageCause::DiskFull | ShortageCause::Unreadable => false,
        };
        // Room that waits for what is fetched next is made of what was fetched before, or
        // nothing would go on.
        if let ShortageCause::Budget | ShortageCause::Floor | ShortageCause::Files = shortage.cause
        {
            freed += self.give_up_fetched(shortage.missing - freed);
        }
        if ours && freed < shortage.missing {
            freed += self.evict(shortage.missing - freed, keep);
        }
        freed
    }

    /// Scratch holds most of what is used on its file system.
    fn fills_the_disk(&self) -> bool {
        let Ok(space) = self.place.space() else {
            return false;
        };
        let used = space.total.saturating_sub(space.free);
        self.ledger.lock().held() >= used / 2
    }

    /// Deletes least recently used packs until `missing` bytes are freed; never
    /// `keep`, nor what is protected or in use. Returns the bytes freed.
    fn evict(&self, missing: u64, keep: Option<&PackKey>) -> u64 {
        let mut candidates = self.shelf.select(|pack| {
            pack.bytes.load(Ordering::Relaxed) > 0
                && Some(&pack.key) != keep
                && !self.shelf.is_protected(&pack.key)
                && !self.is_kept(&pack.key)
        });
        // Cached: other threads move the keys while this sorts.
        candidates.sort_by_cached_key(|pack| pack.used.load(Ordering::Relaxed));
        let mut report = SweepReport::default();
        let mut freed = 0;
        for pack in candidates {
            if freed >= missing {
                break;
            }
            if let Ok(mut state) = pack.state.try_lock() {
                freed += self.delete_pack(&pack, &mut state, Why::Eviction, &mut report);
            }
        }
        self.place.journal.record(&report.entries());
        freed
    }

    /// Deletes a pack to make room for what comes next in it, unless it is on
    /// screen, kept or empty. True where that freed anything.
    pub(super) fn clear_for_itself(&self, pack: &Pack, state: &mut PackState) -> bool {
        if self.shelf.is_protected(&pack.key) || self.is_kept(&pack.key) {
            return false;
        }
        let mut report = SweepReport::default();
        let freed = self.delete_pack(pack, state, Why::Eviction, &mut report);
        self.place.journal.record(&report.entries());
        freed > 0
    }

    /// Deletes one pack's file. Returns the bytes freed, and notes them in the
    /// report.
    pub(super) fn delete_pack(
        &self,
        pack: &Pack,
        state: &mut PackState,
        why: Why,
        report: &mut SweepReport,
    ) -> u64 {
        let path = pack_path(&self.place, &pack.key);
        if !is_reached_directly(&self.place, &path) {
            let reason = "a link or a mount leads to another place";
            report.leave(self.place.relative(&path), reason);
            return 0;
        }
        // A library that is not ours is held for the moment, so that no copy
        // begins to write it meanwhile.
        let _held = if self.shelf.is_mine(&pack.key.library) {
            None
        } else {
            let lock_path = library_dir(&self.place, &pack.key.library).join(LIBRARY_LOCK);
            match try_hold(&lock_path) {
                Hold::Taken(file) => Some(file),
                Hold::Missing => None,
                Hold::Busy | Hold::Failed(_) => {
                    let what = self.place.relative(&path);
                    report.leave(what, "another copy of the program uses it");
                    return 0;
                }
            }
        };
        let bytes = pack.bytes.load(Ordering::Relaxed);
        // Closed first: some systems keep the bytes of open files.
        *state = PackState::default();
        let freed = match fs::remove_file(&path) {
            Ok(()) => {
                report.removed.push(Removed {
                    path: self.place.relative(&path),
                    whose: whose(&pack.key),
                    why,
                    bytes,
                    files: 1,
                });
                bytes
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => {
                report.leave(self.place.relative(&path), error.to_string());
                return 0;
            }
        };
        recount(&self.ledger, pack, 0);
        if let Some(parent) = path.parent() {
            // Succeeds with the batch's last pack only, as it should.
            let _ = fs::remove_dir(parent);
        }
        freed
    }

    /// The batch is one whose thumbnails are only deleted with it.
    pub(super) fn is_kept(&self, key: &PackKey) -> bool {
        is_among(&lock(&self.policy).keep, key)
    }

    /// Deletes thumbnails that the policy says are too old or too many. What is
    /// kept, on screen, or was used since this copy started stays.
    pub(super) fn trim(&self) -> SweepReport {
        let policy = self.policy();
        let mut report = SweepReport::default();
        if let Some(days) = policy.thumbnails_days {
            let longest = Duration::from_secs(u64::from(days) * SECONDS_A_DAY);
            let unused = |pack: &Pack| {
                // A clock that was set back makes nothing old.
                let unused = |modified: SystemTime| {
                    SystemTime::now()
                        .duration_since(modified)
                        .unwrap_or_default()
                };
                pack.bytes.load(Ordering::Relaxed) > 0
                    && !self.is_kept(&pack.key)
                    && !self.shelf.is_protected(&pack.key)
                    && fs::symlink_metadata(pack_path(&self.place, &pack.key))
                        .and_then(|metadata| metadata.modified())
                        .is_ok_and(|modified| unused(modified) > longest)
            };
            report.merge(self.delete_packs(Why::Age, unused));
        }
        self.trim_to_most(None);
        report
    }

    /// Keeps thumbnails below what the policy allows them, and a little further,
    /// so that it does not run for each one.
    fn trim_to_most(&self, keep: Option<&PackKey>) {
        let Some(most) = lock(&self.policy).thumbnails_most else {
            return;
        };
        let held = self.ledger.lock().retained();
        if held > most {
            self.evict(held - most + most / 20, keep);
        }
    }

    /// What the policy says is deleted when this copy ends, of thumbnails.
    pub(super) fn clean_at_exit(&self) {
        self.trim();
        let policy = self.policy();
        if policy.thumbnails_at_exit || !policy.discard.is_empty() {
            self.delete_packs(Why::Exit, |pack| {
                let goes = policy.thumbnails_at_exit || is_among(&policy.discard, &pack.key);
                goes && self.shelf.is_mine(&pack.key.library)
                    && !is_among(&policy.keep, &pack.key)
                    && pack.bytes.load(Ordering::Relaxed) > 0
            });
        }
    }

    /// Deletes all packs that pass the filter, and journals it.
    pub(super) fn delete_packs(&self, why: Why, filter: impl Fn(&Pack) -> bool) -> SweepReport {
        let mut report = SweepReport::default();
        for pack in self.shelf.select(filter) {
            let mut state = lock(&pack.state);
            self.delete_pack(&pack, &mut state, why, &mut report);
        }
        self.place.journal.record(&report.entries());
        report
    }
}

/// A pack is of one of these batches.
fn is_among(batches: &BTreeSet<LibraryBatch>, key: &PackKey) -> bool {
    batches
        .iter()
        .any(|one| one.batch == key.batch && directory_name(&one.library) == *key.library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn library_ids_become_safe_directory_names() {
        assert_eq!(directory_name("main-1"), "main-1");
        for hostile in ["", "..", "a/b", "Main", "x y", "a\\b", &"x".repeat(65)] {
            let name = directory_name(hostile);
            assert!(name.starts_with("h_") && name.len() == 66, "{name}");
        }
        assert_ne!(directory_name("A"), directory_name("B"));
    }

    #[test]
    fn lengths_are_counted_in_blocks() {
        assert_eq!(in_blocks(0), 0);
        assert_eq!(in_blocks(1), 4096);
        assert_eq!(in_blocks(4096), 4096);
        assert_eq!(in_blocks(4097), 8192);
    }
}
