//! Extraction: pages of one document or several as a new PDF. Copies the objects
//! that the pages can reach and only those, streams byte for byte, and makes anew
//! what speaks of the document as a whole. A part is laid out before it is
//! written, so its size is known to the byte. Runs in workers only, for parsing
//! can end its process on a hostile file. Not for drawing, and not for deciding
//! where to cut.

mod annotations;
mod file;
mod form;
mod layers;
mod lists;
mod mend;
mod navigation;
mod numbers;
mod original;
mod parse;
mod part;
mod resources;
mod serialise;

pub use file::Layout;
pub use navigation::OutlineEntry;
pub use original::Original;
pub use part::{Part, PartOptions, PartPage, assemble};

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
    /// The parser does not find what stands on the page, although it is in the file.
    #[error("what stands on page {0} is in the file and cannot be found")]
    LostContent(u32),
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
