//! How much a document or a page can hand over: what a worker keeps itself to, and
//! what the host holds it to, for a hostile file may have taken a worker over. Small
//! files can say very much: a font of 20 kB lets each of its letters stand for
//! megabytes. Not for how long something may take or how much memory (`WorkerLimits`).

use super::protocol::{Analysed, Opened, PackedLook, Refusal, Request, View};
use crate::analysis::{self, CloseLook};
use crate::model::{Barcode, DocumentDetails, FailureKind, PageShape, check_finite};
use crate::pdf::MOST_TEXT;

/// Pages that any document may have, and more of it for each byte: a page takes a few
/// bytes of a file that people made, however well it is packed.
const MOST_PAGES: u64 = 10_000;
const PAGES_PER_BYTE: f64 = 0.25;

/// Text that any document may have, in bytes, and more of it for each of its own:
/// text is packed to a tenth of its size, hardly ever to a sixtieth.
const DOCUMENT_TEXT: u64 = 16 << 20;
const TEXT_PER_BYTE: u64 = 64;

/// Text that a page may have whatever its document is, in bytes: three pages full of
/// fine print.
const LEAST_TEXT: usize = 32 << 10;

/// Barcodes of a page, and the bytes of what one says: the largest kind (QR, ISO/IEC
/// 18004) holds 7,089 digits.
const MOST_BARCODES: usize = 500;
const LONGEST_BARCODE: usize = 8 << 10;

/// Places of a page where text lies hidden, and the bytes of the words that are kept of one:
/// some more than `pdf::concealed` gathers.
const MOST_HIDDEN_TEXTS: usize = 32;
const LONGEST_HIDDEN_WORDS: usize = 2 << 10;

/// Bytes of a thumbnail: more than 256 × 256 pixels take without any packing.
const LARGEST_THUMBNAIL: usize = 300 << 10;

/// Bytes of what a page looks like, packed: each cell one bit at worst.
const LARGEST_LOOK: usize = 256 << 10;

/// A close look has so many times as many cells.
const CLOSER: usize = 4;

/// Bytes of the titles of a document's bookmarks, all together.
pub const BOOKMARK_TITLES: usize = 8 << 20;

/// A longer request is a broken stream, in bytes.
pub const LONGEST_REQUEST: usize = 256 << 20;

/// Bytes that an answer may have beside what is counted.
const MARGIN: usize = 1 << 20;

impl Request {
    /// The longest answer to it, in bytes of its frame; what is longer is no answer.
    pub fn longest_answer(&self) -> usize {
        match self {
            Self::Describe | Self::File(_) => MARGIN,
            // A shape takes 11 bytes.
            Self::Open(_) => 32 << 20,
            Self::Analyse { .. } => MOST_TEXT + LARGEST_THUMBNAIL + LARGEST_LOOK + 8 * MARGIN,
            // A word of one letter takes 18 bytes besides.
            Self::View { width, height, .. } => {
                usize::from(*width) * usize::from(*height) * 4 + 20 * MOST_TEXT + MARGIN
            }
            // How dark a cell is takes a byte, whether it has ink a bit.
            Self::CloseLook { .. } => (3 + 8) * LARGEST_LOOK * CLOSER + MARGIN,
            Self::Inspect | Self::Barcodes { .. } => 8 * MARGIN,
            Self::TopLines { .. } => MARGIN,
            Self::Splittable => 4 * BOOKMARK_TITLES,
            Self::Extract(_) => 16 * MARGIN,
            Self::List { .. } | Self::ListAttached { .. } => 64 << 20,
        }
    }
}

/// Most pages of a document of so many bytes.
pub fn most_pages(bytes: u64) -> u64 {
    MOST_PAGES + (bytes as f64 * PAGES_PER_BYTE) as u64
}

/// Most bytes of text of one page, of a document of so many bytes and pages: all
/// pages together have no more than a document of that size can honestly say.
pub fn page_text(bytes: u64, pages: u32) -> usize {
    let all = DOCUMENT_TEXT.saturating_add(bytes.saturating_mul(TEXT_PER_BYTE));
    let share = all / u64::from(pages.max(1));
    usize::try_from(share)
        .unwrap_or(usize::MAX)
        .clamp(LEAST_TEXT, MOST_TEXT)
}

/// Cuts a text to so many bytes, where a character ends. True where it was longer.
pub fn cut(text: &mut String, most: usize) -> bool {
    let is_longer = text.len() > most;
    text.truncate(text.floor_char_boundary(most));
    is_longer
}

/// Keeps of the barcodes of a page what can be handed over.
pub fn limit_barcodes(codes: &mut Vec<Barcode>) {
    codes.truncate(MOST_BARCODES);
    for code in codes {
        cut(&mut code.text, LONGEST_BARCODE);
    }
}

/// A document that claims more pages than a file of so many bytes can hold.
pub fn check_pages(pages: u64, bytes: u64) -> Result<(), Refusal> {
    let most = most_pages(bytes);
    match pages <= most {
        true => Ok(()),
        false => Err(Refusal::new(
            FailureKind::TooLarge,
            format!("it claims {pages} pages; {bytes} bytes can hold {most}"),
        )),
    }
}

/// A document that says what no file of its size can hold.
pub fn check_opened(opened: &Opened) -> Result<(), Refusal> {
    check_pages(opened.shapes.len() as u64, opened.bytes)?;
    match opened.shapes.iter().all(PageShape::is_bounded) {
        true => Ok(()),
        false => Err(unsound("a page has no size")),
    }
}

/// A page that says more, or other numbers, than a page can.
pub fn check_analysed(page: &Analysed) -> Result<(), Refusal> {
    if let Err(error) = check_finite(page) {
        return Err(unsound(error));
    }
    let codes = page.measurements.signals.barcodes.as_deref();
    let codes = codes.unwrap_or_default();
    let contents = page.measurements.signals.contents.as_ref();
    let hidden = contents.map_or(&[][..], |contents| &contents.hidden_text);
    let look = page.fingerprint.look.as_ref();
    let too_much = page.text.len() > MOST_TEXT
        || page.thumbnail.len() > LARGEST_THUMBNAIL
        || look.is_some_and(|look| look.ink.len() > LARGEST_LOOK)
        || codes.len() > MOST_BARCODES
        || codes.iter().any(|code| code.text.len() > LONGEST_BARCODE)
        || hidden.len() > MOST_HIDDEN_TEXTS
        || hidden
            .iter()
            .any(|hidden| hidden.words.len() > LONGEST_HIDDEN_WORDS);
    match too_much {
        true => Err(unsound("it says more than a page can")),
        false => Ok(()),
    }
}

/// A picture that has other pixels than its size says, or words that are nowhere.
pub fn check_view(view: &View) -> Result<(), Refusal> {
    let pixels = u64::from(view.width) * u64::from(view.height);
    if view.rgba.len() as u64 != pixels * 4 {
        return Err(unsound("the picture is not of its size"));
    }
    check_finite(&view.words).map_err(unsound)
}

/// A close look, unless its bytes are none of a page.
pub fn checked_look(packed: PackedLook) -> Result<CloseLook, Refusal> {
    let look = || {
        let ink = analysis::unpack(&packed.ink)?;
        packed.strokes.fit(&ink).then_some(())?;
        Some(CloseLook {
            ink,
            traces: analysis::unpack(&packed.traces)?,
            dirt: analysis::unpack(&packed.dirt)?,
            strokes: packed.strokes,
        })
    };
    look().ok_or_else(|| unsound("the look is none of a page"))
}

/// What inspecting found, with numbers that are none.
pub fn check_details(details: &DocumentDetails) -> Result<(), Refusal> {
    check_finite(details).map_err(unsound)
}

/// Barcodes that are more than a page can hold, or lie nowhere.
pub fn check_barcodes(codes: &[Barcode]) -> Result<(), Refusal> {
    let longest = codes.iter().map(|code| code.text.len()).max().unwrap_or(0);
    match codes.len() <= MOST_BARCODES && longest <= LONGEST_BARCODE {
        true => check_finite(codes).map_err(unsound),
        false => Err(unsound("it says more than a page can")),
    }
}

fn unsound(detail: impl ToString) -> Refusal {
    Refusal::new(FailureKind::EngineFailed, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn honest_documents_keep_all_their_text_and_pages() {
        // A manual of 2,415 pages and 6.5 MB has 3 kB of text on each.
        assert!(page_text(6_500_000, 2_415) > 100_000);
        assert_eq!(page_text(40_000, 1), MOST_TEXT);
        assert!(most_pages(6_500_000) > 1_000_000);
    }

    #[test]
    fn small_files_say_little_however_many_pages_they_claim() {
        for pages in [1, 20, 500] {
            let all = page_text(22_000, pages) as u64 * u64::from(pages);
            assert!(all <= 20 << 20, "{all} bytes on {pages} pages");
        }
        assert!(most_pages(1_000) < 11_000);
    }

    #[test]
    fn a_text_is_cut_where_a_character_ends() {
        let mut text = "aéé".to_owned();
        assert!(!cut(&mut text, 5));
        assert!(cut(&mut text, 4));
        assert_eq!(text, "aé");
    }
}
