//! Object storage, in the host alone: what is below an address, objects fetched into scratch
//! for workers, results put there. No connection is opened, and no thread for one is started,
//! before an address is asked about. Workers know nothing of it: they get open files.
//!
//! What opens a store is taken from the environment, or from where the machine has it (the
//! metadata of an instance, files of the store's own tools); it is kept in memory alone, and
//! no error and no log repeats it. Nothing here relies on conditional writes, which not every
//! store has.

#[cfg(feature = "object-storage")]
mod client;
#[cfg(not(feature = "object-storage"))]
#[path = "no_client.rs"]
mod client;
mod error;

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use error::ObjectError;

use crate::model::Address;
use crate::scratch::{Fetched, FetchedError, Scratch};

/// So long an object that was fetched is taken to be what it was.
const FRESH_FOR: Duration = Duration::from_secs(30);

/// So often an object is begun anew that is replaced while it is read.
const BEGUN_ANEW: u32 = 2;

/// So often reading is taken up again where it broke off and no byte came in between.
const TAKEN_UP: u32 = 6;

/// What tells an object from what had its name before.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// Its size.
    pub bytes: u64,
    /// When it was stored, nanoseconds since 1970 (UTC). Stores tell seconds: the digits below
    /// tell apart what was stored within the same one, by what the store calls it.
    pub modified: i64,
    /// What the store calls this content, where it says so.
    pub tag: Option<String>,
}

/// An object that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Where.
    pub address: Address,
    /// What it is now.
    pub version: Version,
}

/// The objects that somebody works with, and what was fetched of them. Clones are the same.
#[derive(Clone, Debug)]
pub struct Objects {
    fetched: Fetched,
    known: Arc<Mutex<HashMap<Address, Slot>>>,
}

/// One object: who fetches it has this, and others wait for that.
type Slot = Arc<Mutex<Option<Known>>>;

/// What was fetched of an object.
#[derive(Clone, Debug)]
struct Known {
    version: Version,
    looked: Instant,
}

impl Objects {
    /// Fetches into this scratch directory, once there is something to fetch.
    pub fn new(scratch: &Scratch) -> Self {
        Self {
            fetched: scratch.fetched(),
            known: Arc::default(),
        }
    }

    /// The object of this name, as it is now.
    pub fn look_at(&self, address: &Address, stopped: &AtomicBool) -> Result<Object, ObjectError> {
        let version = client::look_at(address, stopped)?;
        self.forget_other(address, &version);
        let address = address.clone();
        Ok(Object { address, version })
    }

    /// All objects below a name, in no order.
    pub fn below(
        &self,
        address: &Address,
        stopped: &AtomicBool,
    ) -> Result<Vec<Object>, ObjectError> {
        let objects = client::below(address, stopped)?;
        for object in &objects {
            self.forget_other(&object.address, &object.version);
        }
        Ok(objects)
    }

    /// The first bytes of an object, at most so many.
    pub fn start_of(
        &self,
        object: &Object,
        most: u64,
        stopped: &AtomicBool,
    ) -> Result<Vec<u8>, ObjectError> {
        match object.version.bytes.min(most) {
            0 => Ok(Vec::new()),
            bytes => client::start_of(&object.address, bytes, stopped),
        }
    }

    /// Opens an object as a file for reading, which is fetched where it is not there already.
    /// The caller waits for as long as bytes come in.
    pub fn open(&self, address: &Address, stopped: &AtomicBool) -> Result<File, ObjectError> {
        let slot = Arc::clone(lock(&self.known).entry(address.clone()).or_default());
        let mut known = lock(&slot);
        if let Some(known) = known.as_mut()
            && let Some(file) = self.fetched.open(&key(address, &known.version))
        {
            if known.looked.elapsed() < FRESH_FOR {
                return Ok(file);
            }
            if client::look_at(address, stopped)? == known.version {
                known.looked = Instant::now();
                return Ok(file);
            }
        }
        let mut begun_anew = 0;
        let (version, file) = loop {
            let version = client::look_at(address, stopped)?;
            match self.fetch(address, &version, stopped) {
                Err(ObjectError::Replaced) if begun_anew < BEGUN_ANEW => begun_anew += 1,
                fetched => break (version, fetched?),
            }
        };
        *known = Some(Known {
            version,
            looked: Instant::now(),
        });
        Ok(file)
    }

    /// Fetches an object that is opened soon, where there is room for it that nothing has to
    /// give way for. What stands in the way shows when it is opened.
    pub fn fetch_ahead(&self, address: &Address, stopped: &AtomicBool) {
        let slot = Arc::clone(lock(&self.known).entry(address.clone()).or_default());
        // Somebody fetches it now.
        let Ok(mut known) = slot.try_lock() else {
            return;
        };
        let is_there = known.as_ref().is_some_and(|known| {
            let key = key(address, &known.version);
            self.fetched.open(&key).is_some()
        });
        if is_there {
            return;
        }
        if let Ok(version) = client::look_at(address, stopped)
            && self.fetched.has_room(version.bytes)
            && self.fetch(address, &version, stopped).is_ok()
        {
            *known = Some(Known {
                version,
                looked: Instant::now(),
            });
        }
    }

    /// Fetches an object in this version, whole.
    fn fetch(
        &self,
        address: &Address,
        version: &Version,
        stopped: &AtomicBool,
    ) -> Result<File, ObjectError> {
        let mut fetching = self
            .fetched
            .begin(version.bytes)
            .map_err(|error| match error {
                FetchedError::Shortage(shortage) => ObjectError::NoRoom(shortage),
                FetchedError::Io(error) => ObjectError::Scratch(error),
            })?;
        let object = Object {
            address: address.clone(),
            version: version.clone(),
        };
        let mut into = |bytes: &[u8]| fetching.write(bytes).map_err(ObjectError::Scratch);
        self.read(&object, stopped, &mut into)?;
        let file = fetching.keep(key(address, version));
        file.map_err(ObjectError::Scratch)
    }

    /// Reads an object whole, in this version and no other, and gives it piece by piece to
    /// `into`. Where a connection breaks it is taken up again.
    pub fn read(
        &self,
        object: &Object,
        stopped: &AtomicBool,
        into: &mut dyn FnMut(&[u8]) -> Result<(), ObjectError>,
    ) -> Result<(), ObjectError> {
        let Object { address, version } = object;
        let mut at: u64 = 0;
        let mut in_vain = 0;
        while at < version.bytes {
            let before = at;
            let read = client::read(address, version, before, stopped, &mut |bytes| {
                at += bytes.len() as u64;
                into(bytes)
            });
            match read {
                // It ended too soon.
                Ok(()) | Err(ObjectError::Unreachable(_)) if at > before => in_vain = 0,
                Ok(()) if in_vain >= TAKEN_UP => {
                    return Err(ObjectError::Unreachable("it sends nothing".to_owned()));
                }
                Ok(()) => in_vain += 1,
                Err(ObjectError::Unreachable(_)) if in_vain < TAKEN_UP => in_vain += 1,
                Err(error) => return Err(error),
            }
            client::pause(in_vain, stopped)?;
        }
        match at == version.bytes {
            true => Ok(()),
            false => Err(ObjectError::Replaced),
        }
    }

    /// Stores a file under a name, in place of what may have it.
    pub fn put(
        &self,
        file: &Path,
        address: &Address,
        stopped: &AtomicBool,
    ) -> Result<(), ObjectError> {
        self.forget(address);
        client::put(file, address, stopped)
    }

    /// Drops what was fetched of an object that is another by now.
    fn forget_other(&self, address: &Address, now: &Version) {
        let slot = lock(&self.known).get(address).cloned();
        // Who fetches it now finds out as well.
        let is_other = slot.and_then(|slot| {
            let known = slot.try_lock().ok()?;
            Some(known.as_ref()?.version != *now)
        });
        if is_other == Some(true) {
            self.forget(address);
        }
    }

    fn forget(&self, address: &Address) {
        let slot = lock(&self.known).remove(address);
        let known = slot.and_then(|slot| lock(&slot).take());
        if let Some(known) = known {
            self.fetched.forget(&key(address, &known.version));
        }
    }
}

/// What the file of this content is kept under.
fn key(address: &Address, version: &Version) -> String {
    let Version {
        bytes,
        modified,
        tag,
    } = version;
    let tag = tag.as_deref().unwrap_or_default();
    format!("{address}\n{bytes} {modified} {tag}")
}

/// Locks a mutex; no value behind one here is left half-changed by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
