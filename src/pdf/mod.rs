//! Everything that knows PDF: render engines behind one trait. Not for
//! measuring what was drawn (`analysis`) and not for processes (`worker`):
//! engines run inside worker processes only, because files are hostile.

mod concealed;
mod contents;
mod engines;
pub mod extract;
mod free_corner;
mod glyph_letters;
mod gray;
mod hayro;
mod inspect;
mod layers_off;
mod leftwards;
mod letters;
mod lost_contents;
mod notes;
mod outlined;
mod page_order;
mod painting;
pub mod pdfium;
mod picture;
pub mod proof;
mod reading_order;
mod scan;
mod sheet;
mod substitute_fonts;
mod text;
mod text_string;
mod undrawn;

use std::sync::Arc;

use thiserror::Error;

use crate::model::{EngineKind, PageShape, Undrawn, Word};

pub use concealed::ScanLetter;
pub use contents::PageContents;
pub use engines::{Drawn, Engines, OpenFile};
pub use free_corner::free_corner;
pub use gray::Gray;
pub use hayro::HayroEngine;
pub use inspect::inspect;
pub use leftwards::mirrored;
pub use letters::{Ink, LookSize, look_size, set_bits};
pub use pdfium::{PdfiumEngine, PdfiumLibrary};
pub use picture::{Picture, are_gray};
pub use sheet::{Sheet, SheetSize};

/// Most text of a page that is read, in bytes: a page of fine print has 10 kB, a
/// spreadsheet on one page some 100 kB.
pub const MOST_TEXT: usize = 1 << 20;

/// Why a document could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OpenError {
    /// Encrypted, and the password (or no password) does not open it.
    #[error("the document needs a password")]
    NeedsPassword,
    /// Encrypted in a way that the engine does not support.
    #[error("the document's encryption is not supported: {0}")]
    UnsupportedEncryption(String),
    /// The structure cannot be parsed.
    #[error("the document's structure cannot be read")]
    Damaged,
    /// None of the engines that were asked for is there.
    #[error("the engine is not installed")]
    NoEngine,
}

/// Why a page could not be drawn or read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PageError {
    /// The document has no such page.
    #[error("the document has no page {0}")]
    NoSuchPage(u32),
    /// The engine could not load or draw it.
    #[error("page {0}: {1}")]
    Failed(u32, String),
}

/// Opens documents. One engine serves one worker process on one thread.
pub trait Engine {
    /// Opens `bytes`.
    fn open(
        &self,
        bytes: Arc<Vec<u8>>,
        password: Option<&str>,
    ) -> Result<Box<dyn OpenDocument>, OpenError>;
}

/// A document that an engine has opened. Pages count from 1.
pub trait OpenDocument {
    /// The engine that opened it.
    fn engine(&self) -> EngineKind;

    /// Number of pages, as this engine sees it.
    fn page_count(&self) -> u32;

    /// Size and rotation of a page.
    fn shape(&self, number: u32) -> Result<PageShape, PageError>;

    /// Draws a page, annotations included, to exactly `width` × `height`
    /// pixels.
    fn draw(&self, number: u32, width: u16, height: u16) -> Result<Picture, PageError>;

    /// A page that is just one picture, annotations included, to exactly this size, as
    /// measures take it. None for other pages, and where that is no
    /// quicker than drawing it.
    fn sheet(&self, _number: u32, _size: SheetSize) -> Option<Sheet> {
        None
    }

    /// The text of a page: words separated by spaces, lines by `\n`, in the
    /// order in which the page paints them. Characters that the fonts do not
    /// explain are U+FFFD. Reading stops soon after [`MOST_TEXT`] bytes.
    fn text(&self, number: u32) -> Result<String, PageError>;

    /// What the annotations of a page say beside what they paint: comments, and values of
    /// form fields.
    fn notes(&self, _number: u32) -> Vec<String> {
        Vec::new()
    }

    /// The words of a page and where they stand, where the engine can tell.
    fn words(&self, _number: u32) -> Option<Vec<Word>> {
        None
    }

    /// What the page paints, where the engine can tell.
    fn contents(&self, number: u32) -> Option<PageContents>;

    /// Whether pictures could not be decoded of the page that was drawn last, where the
    /// engine can tell.
    fn lacks_pictures(&self) -> bool {
        false
    }

    /// What the page paints and the engine cannot draw: looked for anew, with each of its
    /// pictures decoded.
    fn undrawn(&self, _number: u32) -> Vec<Undrawn> {
        Vec::new()
    }

    /// A hash of all that the page paints and of its text, whichever way up the page
    /// lies: what has the same looks the same at any size. None where the engine cannot
    /// tell without drawing, and for a page that paints nothing.
    fn painting(&self, _number: u32) -> Option<[u8; 32]> {
        None
    }

    /// Whether the page has content or annotations that may paint something,
    /// if only white. Tells a page that is empty from one that an engine failed
    /// to draw.
    fn paints(&self, number: u32) -> Result<bool, PageError>;
}

/// Pixel size of a picture of `shape` whose longest side has `longest` pixels.
/// The aspect is kept; no side is shorter than 1 pixel.
pub fn fit(shape: PageShape, longest: u16) -> (u16, u16) {
    let longest_side = f64::from(shape.width.max(shape.height));
    if !longest_side.is_finite() || longest_side <= 0.0 {
        return (longest.max(1), longest.max(1));
    }
    let scale = f64::from(longest) / longest_side;
    let side = |points: f32| {
        (f64::from(points) * scale)
            .round()
            .clamp(1.0, f64::from(longest.max(1))) as u16
    };
    (side(shape.width), side(shape.height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape(width: f32, height: f32) -> PageShape {
        PageShape {
            width,
            height,
            rotation: 0,
        }
    }

    #[test]
    fn a4_fits_with_its_aspect() {
        assert_eq!(fit(shape(595.0, 842.0), 256), (181, 256));
        assert_eq!(fit(shape(842.0, 595.0), 256), (256, 181));
    }

    #[test]
    fn extreme_pages_keep_at_least_one_pixel() {
        assert_eq!(fit(shape(1.0, 14_400.0), 256), (1, 256));
        assert_eq!(fit(shape(14_400.0, 20.0), 256), (256, 1));
    }

    proptest! {
        #[test]
        fn longest_side_is_as_asked(width in 1f32..20_000.0, height in 1f32..20_000.0, longest in 1u16..4_000) {
            let (w, h) = fit(shape(width, height), longest);
            prop_assert_eq!(w.max(h), longest);
            prop_assert!(w >= 1 && h >= 1);
        }
    }
}
