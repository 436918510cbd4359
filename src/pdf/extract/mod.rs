//! Extraction: pages of one document or several as a new PDF. Copies the objects
//! that the pages can reach and only those, streams byte for byte, and makes anew
//! what speaks of the document as a whole. A part is laid out before it is
//! written, so its size is known to the byte. Runs in workers only, for parsing
//! can end its process on a hostile file. Not for drawing, and not for deciding
//! where to cut.

mod annotations;
mod attached;
mod attachments;
mod cipher;
mod claims;
mod decrypted;
mod document;
mod field_names;
mod file;
mod form;
mod form_defaults;
mod layers;
mod lists;
mod lost;
mod navigation;
mod nesting;
mod numbers;
mod original;
mod over;
mod pages;
mod part;
mod resources;
mod rights;
mod same;
mod search;
mod serialise;
mod stamp;
mod syntax;
mod table;
mod tags;
mod text_layer;
mod walk;
mod whole;

pub use attached::{AttachedFile, AttachedFiles};
pub use decrypted::decrypted;
pub use file::Layout;
pub use navigation::OutlineEntry;
pub use original::Original;
pub use part::{Part, PartOptions, PartPage, assemble};
pub use stamp::{Corner, Stamp};

/// Largest object stream that is unpacked, in bytes.
const LARGEST_STREAM: usize = 256 << 20;

/// Why pages cannot be extracted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// The document cannot be parsed.
    #[error("its objects cannot be read: {0}")]
    Unreadable(String),
    /// The password does not open it.
    #[error("its password does not open it for splitting")]
    Locked,
    /// The engine that shows its pages sees other ones.
    #[error("its pages cannot be told apart: {found} are found where {expected} are shown")]
    OtherPages {
        /// Pages that the engine shows.
        expected: u32,
        /// Pages among its objects.
        found: u32,
    },
    /// Something that a page needs is in the file and cannot be read.
    #[error("page {page} needs {what}: it is in the file, as object {object}, and cannot be read")]
    Lost {
        /// The page, from 1.
        page: u32,
        /// Number of the object.
        object: u32,
        /// What the page needs it for, in words.
        what: &'static str,
    },
    /// A part without pages.
    #[error("a part needs pages")]
    NoPages,
    /// It has no such page.
    #[error("it has no page {0} that can be taken out")]
    NoSuchPage(u32),
    /// Its signature would be lost, and nobody said that this is fine.
    #[error("it is signed, and a part of it cannot be")]
    Signed,
}
