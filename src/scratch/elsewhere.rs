//! Moving scratch to another directory, such as one on a larger disk. The usual
//! directory stays and says where scratch is now, so that every copy of the program
//! and the command line go there at their next start. Not for workers and jobs:
//! those end where they began.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{PackError, Packs, ScratchError, marker};
use crate::model::lossless_path;
use crate::{private, regular_file};

/// Name of the signpost in the usual directory.
pub(super) const NAME: &str = "elsewhere.json";

/// The directory that is made in a folder with other things in it.
const FOLDER: &str = "pagesieve-scratch";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Signpost {
    scratch: Option<Target>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Target(#[serde(with = "lossless_path")] PathBuf);

/// Puts up a signpost that leads nowhere, while there is room. It is written over in
/// place: when scratch has to move, its disk may be full to the last byte.
pub(super) fn put_up(usual: &Path) {
    let path = usual.join(NAME);
    let put = || -> io::Result<()> {
        let mut file = private::create_new(&path)?;
        file.write_all(b"{}")
    };
    match put() {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            tracing::warn!(%error, "no signpost for moving scratch");
            let _ = fs::remove_file(&path);
        }
        _ => {}
    }
}

/// Where scratch is now, if it was moved away from its usual directory.
pub(super) fn read(usual: &Path) -> Option<PathBuf> {
    let text = regular_file::read(&usual.join(NAME)).ok()?;
    match serde_json::from_slice::<Signpost>(&text) {
        Ok(signpost) => signpost.scratch.map(|target| target.0),
        Err(error) => {
            tracing::warn!(%error, "the signpost in the usual scratch directory is ignored");
            None
        }
    }
}

/// Notes where scratch is from now on; none: in its usual directory.
pub(super) fn write(usual: &Path, now: Option<&Path>) -> io::Result<()> {
    let signpost = Signpost {
        scratch: now.map(|now| Target(now.to_owned())),
    };
    let text = serde_json::to_vec(&signpost)?;
    regular_file::allow_writing(&usual.join(NAME))?;
    let mut file = private::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(usual.join(NAME))?;
    file.write_all(&text)?;
    file.set_len(text.len() as u64)?;
    file.sync_all()
}

/// The directory for scratch in a folder that a person chose: the folder itself
/// where it is empty, missing or ours, else one in it.
pub(super) fn claim_in(folder: &Path) -> Result<PathBuf, ScratchError> {
    match marker::claim(folder) {
        Ok(()) => Ok(folder.to_owned()),
        Err(ScratchError::NotOurs { .. }) => {
            let dir = folder.join(FOLDER);
            marker::claim(&dir)?;
            Ok(dir)
        }
        Err(error) => Err(error),
    }
}

/// Brings the thumbnails of a library along, and deletes them where they were.
/// What finds no room, or cannot be read, is made again when it is looked at.
/// Returns their bytes.
pub fn bring_thumbnails(from: &Packs, to: &Packs) -> u64 {
    let mut bytes = 0;
    for (batch, document) in from.documents() {
        let mut fits = true;
        for page in from.pages(batch, document) {
            let there = to.contains(batch, page);
            if let (false, Ok(Some(jpeg))) = (there, from.read(batch, page)) {
                match to.append(batch, page, &jpeg) {
                    Ok(()) => bytes += jpeg.len() as u64,
                    Err(PackError::Shortage(_)) => {
                        fits = false;
                        break;
                    }
                    Err(error) => tracing::warn!(%error, "a thumbnail was not brought along"),
                }
            }
        }
        if !fits {
            break;
        }
        from.remove_document(batch, document);
    }
    for (batch, document) in from.documents() {
        from.remove_document(batch, document);
    }
    bytes
}
