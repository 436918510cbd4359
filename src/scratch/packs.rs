//! Thumbnails of one library: append, read, remove. Not for the file format (see
//! `pack`) and not for choosing what to evict (see `shelf`).

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use super::budget::{Shortage, ShortageCause};
use super::journal::Why;
use super::pack::{self, Record};
use super::report::SweepReport;
use super::shelf::{self, Pack, PackKey, PackState, in_blocks, pack_path};
use super::{Shared, lock, marker, tree};
use crate::model::{BatchId, DocumentId, PageId};
use crate::private;

/// Why a thumbnail could not be kept or read. None of these fails a page: its
/// thumbnail can be made again.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// There is no room for it now.
    #[error(transparent)]
    Shortage(#[from] Shortage),
    /// Another running copy of the program writes the thumbnails of this library.
    #[error("another running copy of Pagesieve writes the thumbnails of this library")]
    OtherCopy,
    /// The picture is too large to be a thumbnail, or the page number is 0.
    #[error("not a thumbnail: page {page}, {bytes} bytes")]
    NotAThumbnail {
        /// The page number.
        page: u32,
        /// Bytes of the picture.
        bytes: usize,
    },
    /// The file could not be read or written.
    #[error("thumbnails in {}: {source}", path.display())]
    Io {
        /// The pack.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// How often a new [`Packs`] tries to become the library's writer …
const CLAIM_ATTEMPTS: u32 = 5;
/// … and how long it waits in between.
const CLAIM_PAUSE: Duration = Duration::from_millis(10);

/// The thumbnails of one library. Cheap to clone; usable from many threads.
#[derive(Clone, Debug)]
pub struct Packs {
    shared: Arc<Shared>,
    library: Arc<str>,
}

impl Packs {
    pub(super) fn new(shared: Arc<Shared>, library_id: &str) -> Self {
        let library = Arc::from(shelf::directory_name(library_id));
        let packs = Self { shared, library };
        // A survey of another copy tries the lock for a moment; a failure shows,
        // with its reason, when a thumbnail is kept.
        for _ in 0..CLAIM_ATTEMPTS {
            match packs.claim() {
                Ok(false) => std::thread::sleep(CLAIM_PAUSE),
                Ok(true) | Err(_) => break,
            }
        }
        packs
    }

    /// Keeps the thumbnail of a page. A later one replaces an earlier one.
    ///
    /// Where there is no room, least recently used thumbnails of documents that
    /// are not protected give way first.
    pub fn append(&self, batch: BatchId, page: PageId, jpeg: &[u8]) -> Result<(), PackError> {
        let pack = self.shared.shelf.pack(&self.key(batch, page.document));
        let path = pack_path(&self.shared.place, &pack.key);
        let failed = |error| self.failed(&path, jpeg.len() as u64, error);
        if !self.claim().map_err(failed)? {
            return Err(PackError::OtherCopy);
        }
        let mut state = lock(&pack.state);
        match self.append_to(&pack, &mut state, &path, page, jpeg) {
            // Nothing else could give way: one large document under a small
            // budget. Its earlier thumbnails go, or its last page never ends.
            Err(PackError::Shortage(shortage))
                if shortage.cause == ShortageCause::Budget
                    && self.shared.clear_for_itself(&pack, &mut state) =>
            {
                self.append_to(&pack, &mut state, &path, page, jpeg)
            }
            answer => answer,
        }
    }

    fn append_to(
        &self,
        pack: &Arc<Pack>,
        state: &mut PackState,
        path: &Path,
        page: PageId,
        jpeg: &[u8],
    ) -> Result<(), PackError> {
        let failed = |error| self.failed(path, jpeg.len() as u64, error);
        self.refresh(pack, state, path).map_err(failed)?;

        let mut bytes = Vec::with_capacity(jpeg.len() + 64);
        let old_length = state.length;
        if old_length == 0 {
            bytes.extend_from_slice(&pack::header());
        }
        let offset = old_length.max(pack::HEADER);
        let record = pack::encode(page.number, jpeg, offset, &mut bytes).ok_or(
            PackError::NotAThumbnail {
                page: page.number,
                bytes: jpeg.len(),
            },
        )?;
        let new_length = offset + pack::record_length(jpeg.len());
        let cost = in_blocks(new_length) - in_blocks(old_length);
        self.shared.reserve(cost, &pack.key)?;
        match self.write(pack, state, path, &bytes) {
            Ok(()) => {
                self.shared.spend(cost, pack);
                state.length = new_length;
                state.seen = state
                    .seen
                    .map(|(device, inode, _)| (device, inode, new_length));
                if let Some(earlier) = state.index.insert(page.number, record) {
                    state.earlier.insert(page.number, earlier);
                }
                Ok(())
            }
            Err(error) => {
                self.shared.give_back(cost);
                undo(state, path, old_length);
                Err(failed(error))
            }
        }
    }

    /// The thumbnail of a page; none where there is none or its bytes are damaged.
    pub fn read(&self, batch: BatchId, page: PageId) -> Result<Option<Vec<u8>>, PackError> {
        self.read_of(batch, page, |state| &mut state.index)
    }

    /// The thumbnail that a page had before; none where its thumbnail was made once since
    /// those of its document were deleted last.
    pub fn read_earlier(&self, batch: BatchId, page: PageId) -> Result<Option<Vec<u8>>, PackError> {
        self.read_of(batch, page, |state| &mut state.earlier)
    }

    fn read_of(
        &self,
        batch: BatchId,
        page: PageId,
        records: impl Fn(&mut PackState) -> &mut HashMap<u32, Record>,
    ) -> Result<Option<Vec<u8>>, PackError> {
        let pack = self.shared.shelf.pack(&self.key(batch, page.document));
        let path = pack_path(&self.shared.place, &pack.key);
        let mut state = lock(&pack.state);
        let mut read = || {
            self.refresh(&pack, &mut state, &path)?;
            let Some(record) = records(&mut state).get(&page.number).copied() else {
                return Ok(None);
            };
            if state.file.is_none() {
                self.open(&pack, &mut state, &path)?;
            }
            let Some(file) = state.file.as_mut() else {
                return Ok(None);
            };
            let picture = pack::read(file, page.number, record)?;
            if picture.is_none() {
                // Damaged: forgotten, so that it is made again.
                records(&mut state).remove(&page.number);
            }
            Ok(picture)
        };
        read().map_err(|source| PackError::Io {
            path: path.clone(),
            source,
        })
    }

    /// There is a thumbnail of this page (its bytes are not checked).
    pub fn contains(&self, batch: BatchId, page: PageId) -> bool {
        let pack = self.shared.shelf.pack(&self.key(batch, page.document));
        let path = pack_path(&self.shared.place, &pack.key);
        let mut state = lock(&pack.state);
        self.refresh(&pack, &mut state, &path).is_ok() && state.index.contains_key(&page.number)
    }

    /// The documents with thumbnails.
    pub fn documents(&self) -> Vec<(BatchId, DocumentId)> {
        let packs = self.shared.shelf.select(|pack| {
            pack.key.library == self.library && pack.bytes.load(Ordering::Relaxed) > 0
        });
        packs
            .iter()
            .map(|pack| (pack.key.batch, pack.key.document))
            .collect()
    }

    /// The pages of a document that have thumbnails, in order.
    pub fn pages(&self, batch: BatchId, document: DocumentId) -> Vec<PageId> {
        let pack = self.shared.shelf.pack(&self.key(batch, document));
        let path = pack_path(&self.shared.place, &pack.key);
        let mut state = lock(&pack.state);
        if self.refresh(&pack, &mut state, &path).is_err() {
            return Vec::new();
        }
        let mut numbers: Vec<u32> = state.index.keys().copied().collect();
        numbers.sort_unstable();
        let page = |number| PageId { document, number };
        numbers.into_iter().map(page).collect()
    }

    /// Deletes the thumbnails of one document.
    pub fn remove_document(&self, batch: BatchId, document: DocumentId) -> SweepReport {
        let key = self.key(batch, document);
        self.shared.delete_packs(Why::Asked, |pack| pack.key == key)
    }

    /// Deletes the thumbnails of one batch.
    pub fn remove_batch(&self, batch: BatchId) -> SweepReport {
        self.shared.delete_packs(Why::Asked, |pack| {
            pack.key.library == self.library && pack.key.batch == batch
        })
    }

    /// Deletes all thumbnails of the library, and their folder: it will not come back.
    pub fn remove_library(self) -> SweepReport {
        let of_it = |pack: &Pack| pack.key.library == self.library;
        let report = self.shared.delete_packs(Why::Asked, of_it);
        if self.shared.shelf.is_mine(&self.library) {
            shelf::remove_library(&self.shared.place, &self.library);
        }
        report
    }

    /// Deletes the thumbnails of documents of a batch.
    pub fn remove_documents(&self, batch: BatchId, documents: &HashSet<DocumentId>) -> SweepReport {
        self.shared.delete_packs(Why::Asked, |pack| {
            let key = &pack.key;
            let is_of_it = key.library == self.library && key.batch == batch;
            is_of_it && documents.contains(&key.document)
        })
    }

    /// Says which documents are on screen: their thumbnails are not evicted.
    /// Replaces what was said before for this library.
    pub fn protect(&self, documents: impl IntoIterator<Item = DocumentId>) {
        let documents: HashSet<DocumentId> = documents.into_iter().collect();
        self.shared.shelf.protect(&self.library, documents);
    }

    fn claim(&self) -> io::Result<bool> {
        let shared = &*self.shared;
        Ok(shared.shelf.is_mine(&self.library)
            || shared
                .shelf
                .claim(&shared.place, &shared.ledger, &self.library)?)
    }

    /// A full disk is a shortage, whatever the ledger thought.
    fn failed(&self, path: &Path, wanted: u64, source: io::Error) -> PackError {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                let files = self.shared.place.space().ok().and_then(|space| space.files);
                let cause = match files {
                    Some(files) if files.are_scarce() => ShortageCause::Files,
                    _ => ShortageCause::DiskFull,
                };
                self.shared
                    .ledger
                    .lock()
                    .shortage(wanted, wanted, cause)
                    .into()
            }
            _ => PackError::Io {
                path: path.to_owned(),
                source,
            },
        }
    }

    fn key(&self, batch: BatchId, document: DocumentId) -> PackKey {
        PackKey {
            library: Arc::clone(&self.library),
            batch,
            document,
        }
    }

    /// Makes the state agree with the file: it may have been evicted, removed by
    /// hand, cut short, or written by another copy.
    fn refresh(&self, pack: &Arc<Pack>, state: &mut PackState, path: &Path) -> io::Result<()> {
        let mine = self.shared.shelf.is_mine(&self.library);
        if mine && !state.writable {
            // First look as the writer: the tail may be torn and has to be cut.
            *state = PackState {
                writable: true,
                ..PackState::default()
            };
        }
        let seen = match &state.file {
            Some(file) => Some(file.metadata()?).filter(|metadata| still_there(metadata, path)),
            None => match fs::symlink_metadata(path) {
                Ok(metadata) => Some(metadata),
                Err(error) if is_gone(&error) => None,
                Err(error) => return Err(error),
            },
        };
        let Some(metadata) = seen else {
            if state.seen.is_some() || state.file.is_some() {
                *state = PackState::default();
            }
            shelf::recount(&self.shared.ledger, pack, 0);
            return Ok(());
        };
        if !metadata.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        let (device, inode, _) = tree::identity(&metadata);
        if state.seen == Some((device, inode, metadata.len())) {
            return Ok(());
        }
        self.open(pack, state, path)?;
        let Some(file) = state.file.as_mut() else {
            return Ok(());
        };
        let found = pack::scan(file)?;
        let mut length = file.metadata()?.len();
        if mine {
            if found.length < length {
                file.set_len(found.length)?;
                length = found.length;
            }
            // Only the writer counts; others are measured from outside.
            shelf::recount(&self.shared.ledger, pack, in_blocks(length));
        }
        state.index = found.index;
        state.earlier = found.earlier;
        state.length = found.length;
        state.seen = Some((device, inode, length));
        Ok(())
    }

    /// Opens the pack's file, if there is one.
    fn open(&self, pack: &Arc<Pack>, state: &mut PackState, path: &Path) -> io::Result<()> {
        let mine = state.writable;
        match OpenOptions::new().read(true).write(mine).open(path) {
            Ok(file) => {
                if mine {
                    // The order of use outlives the run; where the time cannot be
                    // set, eviction only chooses less well.
                    let _ = file.set_modified(SystemTime::now());
                }
                state.file = Some(file);
                self.shared.shelf.note_open(pack);
                Ok(())
            }
            Err(error) if is_gone(&error) => {
                *state = PackState::default();
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn write(
        &self,
        pack: &Arc<Pack>,
        state: &mut PackState,
        path: &Path,
        bytes: &[u8],
    ) -> io::Result<()> {
        if state.file.is_none() {
            let file = if state.length == 0 {
                self.create(path)?
            } else {
                OpenOptions::new().read(true).write(true).open(path)?
            };
            let (device, inode, _) = tree::identity(&file.metadata()?);
            state.seen = Some((device, inode, state.length));
            state.file = Some(file);
            state.writable = true;
            self.shared.shelf.note_open(pack);
        }
        let Some(file) = state.file.as_mut() else {
            return Err(io::ErrorKind::NotFound.into());
        };
        file.seek(SeekFrom::Start(state.length))?;
        file.write_all(bytes)
    }

    /// Makes a new pack, and the directories above it where somebody removed them.
    fn create(&self, path: &Path) -> io::Result<File> {
        // Removing a batch's last pack removes its directory, perhaps right
        // between the two steps here.
        const ATTEMPTS: u32 = 3;
        let mut attempt = 1;
        loop {
            if !self.shared.place.base.is_dir() {
                marker::claim(&self.shared.place.base).map_err(io::Error::other)?;
            }
            if let Some(parent) = path.parent() {
                private::create_dir_all(parent)?;
            }
            let mut options = private::options();
            options.read(true).write(true).create(true).truncate(true);
            match options.open(path) {
                Err(error) if is_gone(&error) && attempt < ATTEMPTS => attempt += 1,
                answer => return answer,
            }
        }
    }
}

/// Takes back a write that failed half-way. Where that fails too, the length no
/// longer agrees and the next use cuts the tail off.
fn undo(state: &mut PackState, path: &Path, old_length: u64) {
    let Some(file) = &state.file else {
        return;
    };
    if old_length == 0 {
        *state = PackState::default();
        // An empty file is harmless where it cannot be removed.
        let _ = fs::remove_file(path);
    } else if file.set_len(old_length).is_err() {
        state.seen = None;
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// An open file still has a name.
fn still_there(metadata: &fs::Metadata, path: &Path) -> bool {
    let (_, inode, links) = tree::identity(metadata);
    links > 0 && (inode != 0 || path.exists())
}
