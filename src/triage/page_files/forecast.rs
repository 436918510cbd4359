//! What is said of files of pages before they are written: how many, how large about, and
//! what of the pages deserves to be known. Not for writing them (`write`).

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use super::PagesExport;
use crate::format::counted;
use crate::model::Page;
use crate::triage::staging::free_at;
use crate::worker::page_file::size;

/// So many names are told of the files that would be written.
const NAMED: usize = 200;

/// Bytes that a glyph takes in a PNG for each dot of an inch: of letters mostly the edges cost
/// something, and those are lines. Measured on text that programs wrote, at 100 to 300 dpi.
const OF_GLYPH: f64 = 1.3;

/// Bytes that a pixel takes in a PNG: of paper, of a picture in gray and in colours, and of a
/// picture where it has no pixel of its own there.
const OF_PAPER: f64 = 0.004;
const OF_GRAY: f64 = 0.2;
const OF_COLOUR: f64 = 1.0;
const OF_ENLARGED: f64 = 0.04;

/// A page has so much of clear colours, at least, where its pictures are coloured.
const COLOURED: f32 = 0.01;

/// What of the wanted pages deserves to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Concern {
    /// Their document needs a password that nobody has typed since the program started.
    Locked,
    /// They could not be drawn before.
    Failed,
    /// They are too large to be drawn at the resolution, and get a lower one.
    Smaller,
    /// They were not read yet, and are left out.
    NotRead,
    /// They have no text, and are left out.
    NoText,
}

impl Concern {
    /// All of them, the worst first.
    const ALL: [Self; 5] = [
        Self::Locked,
        Self::Failed,
        Self::Smaller,
        Self::NotRead,
        Self::NoText,
    ];

    /// So many pages, in a sentence, with what to do.
    pub fn in_words(self, pages: u64) -> String {
        let (one, many) = match self {
            Self::Locked => (
                "page is locked: type the password of its document first.",
                "pages are locked: type the passwords of their documents first.",
            ),
            Self::Failed => (
                "page could not be drawn before and is tried again.",
                "pages could not be drawn before and are tried again.",
            ),
            Self::Smaller => (
                "page is too large for this resolution and gets a lower one.",
                "pages are too large for this resolution and get a lower one.",
            ),
            Self::NotRead => (
                "page was not read yet and is left out.",
                "pages were not read yet and are left out.",
            ),
            Self::NoText => (
                "page has no text and is left out: text recognition may read some.",
                "pages have no text and are left out: text recognition may read some.",
            ),
        };
        counted(pages, one, many)
    }
}

/// What would be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PagesForecast {
    /// Number of files.
    pub files: usize,
    /// The names of the first of them.
    pub names: Vec<String>,
    /// Bytes of all together, as nearly as that can be told.
    pub bytes: u64,
    /// Bytes that can be used at the destination; none where that cannot be told.
    pub free: Option<u64>,
    /// Files that have such names already, and keep them.
    pub there: usize,
    /// What deserves to be known, and of how many pages.
    pub concerns: Vec<(Concern, u64)>,
}

impl PagesForecast {
    /// What deserves to be known, a sentence each.
    pub fn sentences(&self) -> impl Iterator<Item = String> {
        let there = (self.there > 0).then(|| {
            let there = counted(self.there as u64, "name is", "names are");
            format!("{there} taken already: what is the same stays, other files get the next free number.")
        });
        let concerns = self.concerns.iter();
        let concerns = concerns.map(|(concern, pages)| concern.in_words(*pages));
        concerns.chain(there)
    }
}

impl PagesExport {
    /// What would be written. Looks into the folder, which may lie at the other end of a
    /// network.
    pub fn forecast(&self) -> PagesForecast {
        let written = self.pages.iter().filter_map(|page| self.concern(page));
        let left_out = self.left_out.iter().map(|(_, concern)| *concern);
        let found: Vec<Concern> = written.chain(left_out).collect();
        let concerns = Concern::ALL.into_iter().filter_map(|concern| {
            let pages = found.iter().filter(|found| **found == concern).count();
            (pages > 0).then_some((concern, pages as u64))
        });
        PagesForecast {
            files: self.files.len(),
            names: self.files().take(NAMED).collect(),
            bytes: self.sizes().sum(),
            free: free_at(&self.folder).ok(),
            there: self.there(),
            concerns: concerns.collect(),
        }
    }

    /// How many of the names are taken.
    fn there(&self) -> usize {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return 0;
        };
        let names = entries
            .flatten()
            .map(|entry| PathBuf::from(entry.file_name()));
        let there: HashSet<PathBuf> = names.collect();
        let taken = |name: &String| there.contains(&PathBuf::from(name));
        self.files().filter(taken).count()
    }
}

/// About how many bytes the picture of a page takes.
pub fn picture_bytes(page: &Page, dpi: u16) -> u64 {
    let (width, height) = size(page.shape, dpi);
    let pixels = f64::from(width) * f64::from(height);
    let signals = page.measurements.as_ref().map(|measured| &measured.signals);
    let contents = signals.and_then(|signals| signals.contents.as_ref());
    let Some(contents) = contents else {
        // Whatever it shows: as a scan in gray.
        return (pixels * OF_GRAY) as u64;
    };
    let tones = signals.and_then(|signals| signals.tones);
    let of_picture = match tones.is_some_and(|tones| tones.coloured > COLOURED) {
        true => OF_COLOUR,
        false => OF_GRAY,
    };
    let dpi = f64::from(dpi);
    let own = contents
        .largest_images
        .first()
        .map(|image| f64::from(image.mean_dpi()));
    let own = own.filter(|own| *own > 0.0).unwrap_or(dpi).min(dpi) / dpi;
    let own = own * own;
    let covered = pixels * f64::from(contents.image_cover).clamp(0.0, 1.0);
    let glyphs = f64::from(contents.glyphs) * dpi * OF_GLYPH;
    let picture = covered * (own * of_picture + (1.0 - own) * OF_ENLARGED);
    (pixels * OF_PAPER + glyphs + picture) as u64
}
