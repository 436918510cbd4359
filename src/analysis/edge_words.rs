//! Words on what lies along the edges of a scanned sheet: the lid of a scanner is bare, the
//! tab of an index or of a divider has its title. Not for what else is written (`marks`,
//! `faint`).

use super::blobs::{Blob, Edges, Found, blobs};
use super::dirt::{FAINT, Sheet, touches_an_edge};
use super::paper::median;
use super::rows::{letters_of, rows};
use crate::pdf::Gray;

/// Tabs are so large at least both ways, millimetres, and at most this share of the sheet.
const TAB: f32 = 5.0;
const LARGEST_TAB: f32 = 0.25;

/// Letters differ from their tab by this share of the paper's brightness, and by so many times
/// what half of it differ by at most.
const DIFFERENT: f32 = 0.14;
const ABOVE_NOISE: f32 = 8.0;

/// Letters are so large, millimetres: no less both ways, and no more either way.
const LEAST: f32 = 0.9;
const MOST: f32 = 14.0;

/// So many of them in a line are a word, at most so many millimetres apart.
const WORD: u32 = 3;
const GAP: f32 = 6.0;

/// What is so near to the edge of a tab is that, pixels.
const BORDER: usize = 3;

/// How many letters stand on tabs. `dark` is the darkness of the page at about 100 dots per
/// inch.
pub(super) fn letters_on_tabs(dark: &Gray, sheet: Sheet) -> u32 {
    let found = blobs(dark, (FAINT * 255.0) as u8, Edges::Left);
    let is_tab = |blob: &Blob| {
        let share = blob.pixels as f32 / (sheet.width * sheet.height);
        let least = sheet.across(blob).min(sheet.down(blob));
        blob.pixels > 0 && least >= TAB && share <= LARGEST_TAB && touches_an_edge(blob, sheet)
    };
    let tabs = (0..).zip(&found.blobs).filter(|(_, blob)| is_tab(blob));
    let letters = tabs.map(|(at, tab)| {
        let marks = marks_on(dark, &found, at, tab);
        let letters: Vec<&Blob> = marks.iter().filter(|mark| is_letter(mark, sheet)).collect();
        let turned: Vec<Blob> = letters.iter().map(|letter| turned(letter)).collect();
        longest_word(letters, sheet).max(longest_word(turned.iter().collect(), sheet))
    });
    letters.filter(|letters| *letters >= WORD).sum()
}

/// What on a tab is lighter or darker than most of it.
fn marks_on(dark: &Gray, found: &Found, at: u32, tab: &Blob) -> Vec<Blob> {
    let runs: Vec<_> = found.runs.iter().filter(|run| run.blob == at).collect();
    let levels = |run: &super::blobs::Run| {
        let row = dark.row(run.row as usize);
        &row[run.start as usize..run.end as usize]
    };
    let mut histogram = [0u32; 256];
    for level in runs.iter().flat_map(|run| levels(run)) {
        histogram[usize::from(*level)] += 1;
    }
    let middle = median(&histogram).unwrap_or(0);
    let mut apart = [0u32; 256];
    for level in runs.iter().flat_map(|run| levels(run)) {
        apart[usize::from(level.abs_diff(middle))] += 1;
    }
    let noise = f32::from(median(&apart).unwrap_or(0));
    let threshold = (DIFFERENT * 255.0).max(ABOVE_NOISE * noise).min(255.0) as u8;
    let (width, height) = (tab.width() as usize, tab.height() as usize);
    // From where to where it reaches in each row: light letters lie between its runs.
    let mut reach = vec![(usize::MAX, 0); height];
    for run in &runs {
        let (from, to) = &mut reach[(run.row - tab.top) as usize];
        *from = (*from).min(run.start as usize);
        *to = (*to).max(run.end as usize);
    }
    let mut differences = Gray {
        width,
        height,
        pixels: vec![0; width * height],
    };
    let inside = BORDER..height.saturating_sub(BORDER);
    for (y, (from, to)) in reach.into_iter().enumerate() {
        if !inside.contains(&y) {
            continue;
        }
        let (from, to) = (from.saturating_add(BORDER), to.saturating_sub(BORDER));
        let Some(levels) = dark.row(y + tab.top as usize).get(from..to) else {
            continue;
        };
        let left = y * width + from - tab.left as usize;
        for (difference, level) in differences.pixels[left..].iter_mut().zip(levels) {
            *difference = level.abs_diff(middle);
        }
    }
    let marks = blobs(&differences, threshold, Edges::Left).blobs;
    marks.into_iter().filter(|mark| mark.pixels > 0).collect()
}

fn is_letter(mark: &Blob, sheet: Sheet) -> bool {
    let (across, down) = (sheet.across(mark), sheet.down(mark));
    // An "I" is as thin as its stroke.
    across.max(down) >= 2.0 * LEAST && across.min(down) >= LEAST / 2.0 && across.max(down) <= MOST
}

fn turned(mark: &Blob) -> Blob {
    Blob {
        left: mark.top,
        top: mark.left,
        right: mark.bottom,
        bottom: mark.right,
        pixels: mark.pixels,
        ..Blob::default()
    }
}

/// The letters of the longest word; on coarse scans some touch.
fn longest_word(letters: Vec<&Blob>, sheet: Sheet) -> u32 {
    let words = rows(letters, |letter| letter, GAP * sheet.millimetre);
    let letters_of = |letter: &&Blob| match sheet.across(letter).min(sheet.down(letter)) >= LEAST {
        true => letters_of(letter),
        // A scratch.
        false => 1,
    };
    let lengths = words.iter().map(|word| word.iter().map(letters_of).sum());
    lengths.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLIMETRE: f32 = 100.0 / 25.4;

    /// A sheet with a bar along its right edge, and so many letters on it, from top to bottom.
    fn letters(tab: u8, letter: u8, count: usize) -> u32 {
        let (width, height) = (827usize, 1169usize);
        let mut dark = Gray {
            width,
            height,
            pixels: vec![0; width * height],
        };
        for y in 300..480 {
            for x in 787..width {
                dark.pixels[y * width + x] = tab + ((x * 7 + y * 13) % 5) as u8;
            }
        }
        for at in 0..count {
            for y in 320 + 16 * at..330 + 16 * at {
                dark.pixels[y * width + 800..][..12].fill(letter);
            }
        }
        let sheet = Sheet {
            width: width as f32,
            height: height as f32,
            millimetre: MILLIMETRE,
        };
        letters_on_tabs(&dark, sheet)
    }

    #[test]
    fn a_title_on_a_tab_is_found_and_a_bare_one_is_a_lid() {
        assert_eq!(letters(60, 150, 7), 7);
        // White on dark.
        assert_eq!(letters(180, 10, 5), 5);
        assert_eq!(letters(60, 150, 0), 0);
        // A scratch or two are no title.
        assert_eq!(letters(60, 150, 2), 0);
    }
}
