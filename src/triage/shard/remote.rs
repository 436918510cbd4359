//! Results in object storage: put there, known to be there, and brought here to be merged.
//! Not for what is in them (`result`).
//!
//! A store renames no folder: the files of a result are put one by one, the manifest after
//! them and the mark of success last. What lacks the mark is no result, and what a run that
//! was killed has put is put anew. Two runs of one shard at a time may mix their files; the
//! hashes of the manifest tell, and merging refuses that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::result::{self, MANIFEST, Manifest, RESULTS, SUCCESS};
use super::{ShardError, THUMBNAILS};
use crate::model::{Address, ContentHash};
use crate::objects::{Object, ObjectError, Objects};
use crate::private;
use crate::scratch::{Lease, Owner, Purpose, Scratch, WorkerSlot};

/// A manifest is not larger, bytes: it names what failed.
const LARGEST_MANIFEST: u64 = 256 << 20;

/// Names that belong to a result.
const NAMES: [&str; 4] = [RESULTS, THUMBNAILS, MANIFEST, SUCCESS];

fn failed(address: &Address) -> impl Fn(ObjectError) -> ShardError {
    let address = address.clone();
    move |source| ShardError::Store {
        address: address.clone(),
        source,
    }
}

/// The result at an address, where it is that of this shard and finished; none where there is
/// nothing yet, or what a killed run has left. Anything else there is an error.
pub fn finished_at(
    objects: &Objects,
    address: &Address,
    (plan, index): (ContentHash, u32),
    stopped: &AtomicBool,
) -> Result<Option<Manifest>, ShardError> {
    let found = objects.below(address, stopped).map_err(failed(address))?;
    let occupied = || ShardError::Occupied {
        dir: address.path(),
        index,
    };
    let sizes: BTreeMap<&str, &Object> = found
        .iter()
        .filter_map(|object| Some((address.below(&object.address)?, object)))
        .collect();
    if sizes.keys().any(|name| !NAMES.contains(name)) {
        return Err(occupied());
    }
    let (Some(success), Some(manifest)) = (sizes.get(SUCCESS), sizes.get(MANIFEST)) else {
        return Ok(None);
    };
    let read = |object: &Object| {
        let read = objects.start_of(object, LARGEST_MANIFEST, stopped);
        read.map_err(failed(&object.address))
    };
    let manifest = result::parse(&address.path(), &read(success)?, &read(manifest)?);
    let is_whole = |manifest: &Manifest| {
        let mut files = manifest.files.iter();
        files.all(|file| {
            let there = sizes.get(file.name.as_str());
            there.is_some_and(|object| object.version.bytes == file.bytes)
        })
    };
    match manifest {
        Ok(manifest) if (manifest.plan, manifest.index) != (plan, index) => Err(occupied()),
        // The files of two runs are mixed: they are put anew.
        Ok(manifest) if !is_whole(&manifest) => Ok(None),
        Ok(manifest) => Ok(Some(manifest)),
        Err(ShardError::ResultAltered { .. }) => Ok(None),
        Err(_) => Err(occupied()),
    }
}

/// Puts a finished result, which is a folder here, to an address.
pub fn put(
    objects: &Objects,
    dir: &Path,
    manifest: &Manifest,
    address: &Address,
    stopped: &AtomicBool,
) -> Result<(), ShardError> {
    let files = manifest.files.iter().map(|file| file.name.as_str());
    for name in files.chain([MANIFEST, SUCCESS]) {
        let to = address.join(name);
        objects
            .put(&dir.join(name), &to, stopped)
            .map_err(failed(&to))?;
    }
    Ok(())
}

/// Results that were brought here; gone with this value.
#[derive(Debug)]
pub struct Brought {
    /// Their folders.
    pub dirs: Vec<PathBuf>,
    /// After the folders their room goes.
    _slot: WorkerSlot,
    _lease: Lease,
}

/// Brings the results at or below an address into a folder of scratch.
pub fn bring(
    scratch: &Scratch,
    number: usize,
    address: &Address,
    stopped: &AtomicBool,
) -> Result<Brought, ShardError> {
    let objects = Objects::new(scratch);
    let found = objects.below(address, stopped).map_err(failed(address))?;
    let named = found.iter().filter_map(|object| {
        let below = address.below(&object.address)?;
        let (folder, name) = below.rsplit_once('/').unwrap_or(("", below));
        // A result, or a folder of results: as with folders, no deeper.
        let is_result = NAMES.contains(&name) && !folder.contains('/') && !folder.starts_with('.');
        is_result.then_some((folder, name, object))
    });
    let named: Vec<(&str, &str, &Object)> = named.collect();
    let bytes = named.iter().map(|(_, _, object)| object.version.bytes);
    let bytes = bytes.fold(0, u64::saturating_add);
    let no_room = |shortage| failed(address)(ObjectError::NoRoom(shortage));
    let lease = scratch
        .lease(Owner::Fetched, Purpose::Fetched, bytes)
        .map_err(no_room)?;
    let slot = scratch
        .slot(number)
        .map_err(|error| ShardError::io("use", scratch.dir())(std::io::Error::other(error)))?;
    let mut folders = BTreeSet::new();
    for (folder, name, object) in named {
        let dir = slot.work_dir().join(folder);
        private::create_dir_all(&dir).map_err(ShardError::io("make", &dir))?;
        let path = dir.join(name);
        let mut file = private::create_new(&path).map_err(ShardError::io("make", &path))?;
        write(&objects, object, &mut file, stopped)?;
        folders.insert(dir);
    }
    Ok(Brought {
        dirs: folders.into_iter().collect(),
        _slot: slot,
        _lease: lease,
    })
}

fn write(
    objects: &Objects,
    object: &Object,
    file: &mut File,
    stopped: &AtomicBool,
) -> Result<(), ShardError> {
    let mut into = |bytes: &[u8]| file.write_all(bytes).map_err(ObjectError::Scratch);
    objects
        .read(object, stopped, &mut into)
        .map_err(failed(&object.address))
}

/// Removes a result that was put to a store.
pub fn remove_local(dir: &Path) {
    if let Err(error) = fs::remove_dir_all(dir) {
        tracing::warn!(%error, "a result that was put to a store stays here too");
    }
}
