//! A page of a document, its shape and what was measured on it.

use serde::{Deserialize, Serialize};

use super::{ContentHash, Disagreement, DocumentId, EngineKind, Signals};

/// A page is a reference: a document and a number counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PageId {
    /// The document that holds the page.
    pub document: DocumentId,
    /// Position in the document, counted from 1.
    pub number: u32,
}

/// Size and rotation as a viewer shows the page.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageShape {
    /// Width in points (1/72 inch) after rotation and UserUnit.
    pub width: f32,
    /// Height in points (1/72 inch) after rotation and UserUnit.
    pub height: f32,
    /// The page's `/Rotate`, inherited or its own: 0, 90, 180 or 270.
    pub rotation: u16,
}

impl PageShape {
    /// The longest side, points: the largest page that Acrobat shows, 14,400 units of
    /// at most 75,000 points (ISO 32000-1, annex C.2; PDF Reference 1.6, appendix H).
    pub const LONGEST: f32 = 14_400.0 * Self::LARGEST_UNIT;
    /// The shortest side, points. Acrobat shows none below 3.
    pub const SHORTEST: f32 = 0.01;
    /// The largest and the smallest `/UserUnit` that is believed, points.
    pub const LARGEST_UNIT: f32 = 75_000.0;
    /// See [`Self::LARGEST_UNIT`].
    pub const SMALLEST_UNIT: f32 = 0.01;

    /// A shape within what readers show. A side that is no number becomes the
    /// shortest; one that is too long, the longest.
    pub fn bounded(width: f32, height: f32, rotation: u16) -> Self {
        let side = |side: f32| match side.is_nan() {
            true => Self::SHORTEST,
            false => side.clamp(Self::SHORTEST, Self::LONGEST),
        };
        Self {
            width: side(width),
            height: side(height),
            rotation,
        }
    }

    /// Both sides are within what readers show.
    pub fn is_bounded(&self) -> bool {
        let sides = Self::SHORTEST..=Self::LONGEST;
        sides.contains(&self.width) && sides.contains(&self.height)
    }

    /// Millimetres per point.
    const MM: f32 = 25.4 / 72.0;

    /// Sizes that differ by less than this, in points, are the same: scanners cut off a
    /// little.
    const SAME_SIZE: f32 = 15.0;

    /// Width and height in millimetres.
    pub fn millimetres(&self) -> (f32, f32) {
        (self.width * Self::MM, self.height * Self::MM)
    }

    /// Whether the sheets have the same size, whichever way they lie.
    pub fn is_same_size(&self, other: &Self) -> bool {
        let sides = |shape: &Self| {
            let (width, height) = (shape.width, shape.height);
            (width.min(height), width.max(height))
        };
        let (a, b) = (sides(self), sides(other));
        (a.0 - b.0).abs() < Self::SAME_SIZE && (a.1 - b.1).abs() < Self::SAME_SIZE
    }

    /// It is wider than high.
    pub fn is_wide(&self) -> bool {
        self.width > self.height
    }
}

/// How far a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageState {
    /// Not analysed yet.
    Waiting,
    /// Analysed; its measurements are in the library.
    Done,
    /// Could not be analysed; its failure record says why.
    Failed,
    /// Analysed, and waits to be analysed again. Its measurements stay until newer
    /// ones are in the library.
    Again,
}

impl PageState {
    /// The word used in the library.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Again => "again",
        }
    }

    /// The word used in tables for other programs: a page that has results is done.
    pub fn in_tables(self) -> &'static str {
        match self {
            Self::Again => Self::Done.as_str(),
            state => state.as_str(),
        }
    }

    /// It is still to be analysed.
    pub fn waits(self) -> bool {
        matches!(self, Self::Waiting | Self::Again)
    }

    /// The reverse of [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Waiting, Self::Done, Self::Failed, Self::Again]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// Numbers and facts found on one page. Verdicts are thresholds over these and
/// are not stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurements {
    /// Share of pixels that are ink, 0 to 1, relative to the paper's own
    /// brightness; none where there was no picture to measure.
    pub ink: Option<f32>,
    /// Visible characters of the text layer, white space left out.
    pub characters: u32,
    /// Words of the text layer, by Unicode's word boundaries.
    pub words: u32,
    /// The engine that drew the page.
    pub engine: EngineKind,
    /// How another engine saw the page differently, where one was asked.
    pub disagreement: Option<Disagreement>,
    /// Time the page took in the worker, microseconds.
    pub micros: u32,
    /// What else was found.
    pub signals: Signals,
}

/// What tells a page from others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageFingerprint {
    /// Hash of what it paints and of its text; none where that is not known, and
    /// for a page with nothing on it: such pages are all the same.
    pub content: Option<ContentHash>,
    /// What it looks like; none for a page with next to nothing on it.
    pub look: Option<Look>,
}

/// What a page looks like, small enough to keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// A hash that is similar where looks are.
    pub hash: [u64; 4],
    /// It is that of text that a program wrote, not of a picture.
    pub drawn: bool,
    /// The look itself, packed.
    pub ink: Vec<u8>,
}

/// One page as the library holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Which page.
    pub id: PageId,
    /// Size and rotation.
    pub shape: PageShape,
    /// How far it is.
    pub state: PageState,
    /// Present once the page is done; those of an earlier run while it is analysed
    /// again, and where that fails.
    pub measurements: Option<Measurements>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_within_what_readers_show() {
        let odd = [
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::MAX,
            f32::MIN_POSITIVE,
            -1.0,
            0.0,
        ];
        for width in odd {
            for height in odd {
                assert!(PageShape::bounded(width, height, 0).is_bounded());
            }
        }
        let letter = PageShape::bounded(612.0, 792.0, 90);
        assert_eq!((letter.width, letter.height), (612.0, 792.0));
    }
}
