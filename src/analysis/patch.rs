//! Patch codes: four bars, two wide and two narrow, that scanner operators print
//! on separator sheets. Not for barcodes with a text of their own (`barcode`).

use crate::pdf::{Gray, Ink, set_bits};

/// What a sheet with four bars is called where they are read from the edge that they lie at,
/// what it is called where they are read towards that edge, and their widths, in narrow ones.
/// Bars are 0.2 and 0.08 inches wide, the three spaces between them are as narrow, and they
/// are read from the edge that is fed first (Kodak's A-61599): T and 3 are each other's
/// mirror, and so are 1 and 6. Patches 2, 3 and T separate documents; 1, 4 and 6 tell the
/// scanner something else.
type Bars = (&'static str, &'static str, [f32; 4]);
static PATCHES: [Bars; 6] = [
    ("PATCHT", "PATCH3", [1.0, WIDE, 1.0, WIDE]),
    ("PATCH3", "PATCHT", [WIDE, 1.0, WIDE, 1.0]),
    ("PATCH2", "PATCH2", [WIDE, 1.0, 1.0, WIDE]),
    ("PATCH4", "PATCH4", [1.0, WIDE, WIDE, 1.0]),
    ("PATCH1", "PATCH6", [WIDE, WIDE, 1.0, 1.0]),
    ("PATCH6", "PATCH1", [1.0, 1.0, WIDE, WIDE]),
];
const WIDE: f32 = 2.5;

/// All widths of a patch together, in narrow ones.
const WHOLE: f32 = 2.0 * WIDE + 2.0 + 3.0;

/// How far a width may be off, in narrow ones: print and scan blur edges.
const TOLERANCE: f32 = 0.4;

/// Narrow bars are at least so many pixels wide: what is finer is something
/// else. 1 mm at 100 dpi.
const NARROWEST: f32 = 4.0;

/// Bars are at least so long, in narrow ones: half of Kodak's 0.8 inches, for
/// they may be tilted and stained.
const SHORTEST: f32 = 5.0;

/// Bars begin at most so far from the edge that is fed first, in narrow ones (3.75 inches,
/// A-61599). Those in the middle of a sheet do not show from which side they are read.
const FARTHEST: f32 = 47.0;

/// What T and 3 are called where they cannot be told apart: both separate documents.
const EITHER: &str = "PATCHT";

/// Every so many pixels a line across the picture is looked at.
const STEP: usize = 3;

/// A pixel darker than this share of the paper is ink. Bars that were printed in gray are
/// looked for where there are no black ones: among these, shadows would be ink as well.
const INK: [f32; 2] = [0.5, 0.78];

/// Every so many pixels tell how bright the paper is: at least so many of a hundred are as
/// bright.
const PAPER_STEP: usize = 29;
const PAPER: usize = 40;

/// A patch code on a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patch {
    /// What a sheet with it is called.
    pub name: &'static str,
    /// Left, top, right and bottom of what was seen of it, in pixels.
    pub place: [f32; 4],
}

/// The patch code on a picture, if there is one, in any of the four directions.
/// The picture should have about 100 dots per inch.
pub fn patch(gray: &Gray) -> Option<Patch> {
    let mut levels: Vec<u8> = gray.pixels.iter().copied().step_by(PAPER_STEP).collect();
    let least = levels.len() * (100 - PAPER) / 100;
    if levels.is_empty() {
        return None;
    }
    let paper = f32::from(*levels.select_nth_unstable(least).1);
    let [black, pale] = INK.map(|ink| (ink * paper) as u8);
    let black = Ink::reaching(black, gray);
    let in_gray = || patch_in(&Ink::reaching(pale, gray)).filter(|patch| patch.is_bare(&black));
    patch_in(&black).or_else(in_gray)
}

impl Patch {
    /// None of it is darker than this paper.
    fn is_bare(&self, paper: &Ink) -> bool {
        let [left, top, right, bottom] = self.place.map(|side| side.max(0.0) as usize);
        let rows = top..bottom.min(paper.height());
        rows.step_by(STEP).all(|y| {
            let mut columns = (left..right.min(paper.width())).step_by(STEP);
            columns.all(|x| paper.cells(x as i32, y as i32, 1) == 1)
        })
    }
}

/// The patch code on a picture of whose `paper` no ink is left.
fn patch_in(paper: &Ink) -> Option<Patch> {
    if let Some(track) = find(rows(paper)) {
        let (left, right) = track.reach();
        return Some(Patch {
            name: track.name(paper.width()),
            place: [left, track.first as f32, right, track.last as f32],
        });
    }
    let track = find(columns(paper))?;
    let (top, bottom) = track.reach();
    Some(Patch {
        name: track.name(paper.height()),
        place: [track.first as f32, top, track.last as f32, bottom],
    })
}

/// What stands on every so many rows.
fn rows(paper: &Ink) -> impl Iterator<Item = Vec<usize>> {
    (0..paper.height()).step_by(STEP).map(|y| {
        let mut runs = Runs::default();
        let mut before = true;
        for x in (0..paper.width()).step_by(64) {
            let count = (paper.width() - x).min(64) as u32;
            let cells = paper.cells(x as i32, y as i32, count);
            let changes = cells ^ (cells << 1 | u64::from(before));
            before = cells >> (count - 1) == 1;
            for at in set_bits(changes & (u64::MAX >> (64 - count))) {
                runs.change(x + at);
            }
        }
        runs.finish(paper.width())
    })
}

/// What stands on every so many columns, from the top.
fn columns(paper: &Ink) -> impl Iterator<Item = Vec<usize>> {
    let mut columns = vec![Runs::default(); paper.width().div_ceil(STEP)];
    let chosen = |first: usize| {
        let first = first.next_multiple_of(STEP) - first;
        (first..64)
            .step_by(STEP)
            .fold(0, |bits, at| bits | 1u64 << at)
    };
    for y in 0..paper.height() {
        for x in (0..paper.width()).step_by(64) {
            let count = (paper.width() - x).min(64) as u32;
            let above = match y {
                0 => u64::MAX,
                y => paper.cells(x as i32, y as i32 - 1, count),
            };
            let changes = (paper.cells(x as i32, y as i32, count) ^ above) & chosen(x);
            for at in set_bits(changes & (u64::MAX >> (64 - count))) {
                columns[(x + at) / STEP].change(y);
            }
        }
    }
    let height = paper.height();
    columns.into_iter().map(move |runs| runs.finish(height))
}

/// A place where the last lines showed the same patch.
struct Track {
    bars: &'static Bars,
    start: f32,
    narrow: f32,
    first: usize,
    last: usize,
}

impl Track {
    /// What a sheet with them is called, on lines of this length.
    fn name(&self, length: usize) -> &'static str {
        let (name, backwards, _) = *self.bars;
        let (before, end) = self.reach();
        let after = length as f32 - end;
        let far = before.min(after) > FARTHEST * self.narrow;
        match far {
            true if backwards == EITHER => EITHER,
            false if after < before => backwards,
            _ => name,
        }
    }

    /// Where the bars begin and end on the line that was seen last.
    fn reach(&self) -> (f32, f32) {
        (self.start, self.start + WHOLE * self.narrow)
    }
}

/// Looks along every so many lines, which have these runs, for bars that lie across them.
fn find(lines: impl Iterator<Item = Vec<usize>>) -> Option<Track> {
    let mut tracks: Vec<Track> = Vec::new();
    for (at, runs) in lines.enumerate() {
        let line = at * STEP;
        for (bars, start, narrow) in matches(&runs) {
            let same = tracks.iter().position(|track| {
                track.bars == bars
                    && track.last + 2 * STEP >= line
                    && (track.start - start).abs() <= narrow
            });
            match same {
                Some(at) => {
                    let track = &mut tracks[at];
                    (track.start, track.last) = (start, line);
                    let long = (track.last - track.first) as f32;
                    if long >= SHORTEST * track.narrow {
                        return Some(tracks.swap_remove(at));
                    }
                }
                None => tracks.push(Track {
                    bars,
                    start,
                    narrow,
                    first: line,
                    last: line,
                }),
            }
        }
        tracks.retain(|track| track.last + 2 * STEP >= line);
    }
    None
}

/// Lengths of stretches of paper and ink in turn, paper first. One pixel alone
/// is a speck and belongs to what is around it.
#[derive(Clone, Default)]
struct Runs {
    before: Vec<usize>,
    /// That which goes on.
    last: usize,
    end: usize,
}

impl Runs {
    /// Another begins at this pixel.
    fn change(&mut self, at: usize) {
        self.last += at - self.end;
        self.end = at;
        if self.last == 1
            && let Some(before) = self.before.pop()
        {
            // What was before the speck goes on.
            self.last += before;
        } else {
            self.before.push(std::mem::take(&mut self.last));
        }
    }

    fn finish(mut self, length: usize) -> Vec<usize> {
        self.before.push(self.last + length - self.end);
        self.before
    }
}

/// Each patch on a line: its bars, where it starts, and how wide a narrow bar is.
fn matches(runs: &[usize]) -> impl Iterator<Item = (&'static Bars, f32, f32)> + '_ {
    let mut start = 0;
    runs.iter().enumerate().filter_map(move |(index, run)| {
        let begins = start as f32;
        start += run;
        // Ink has odd places.
        let widths = runs.get(index..index + 7).filter(|_| index % 2 == 1)?;
        let narrow = widths.iter().sum::<usize>() as f32 / WHOLE;
        if narrow < NARROWEST {
            return None;
        }
        let near = |width: usize, wanted: f32| (width as f32 / narrow - wanted).abs() <= TOLERANCE;
        let margin = |place: Option<&usize>| place.is_none_or(|run| *run as f32 >= narrow);
        let quiet = (index == 1 || margin(runs.get(index - 1))) && margin(runs.get(index + 7));
        let spaces = [widths[1], widths[3], widths[5]];
        if !quiet || !spaces.iter().all(|space| near(*space, 1.0)) {
            return None;
        }
        let bars = [widths[0], widths[2], widths[4], widths[6]];
        let found = PATCHES
            .iter()
            .find(|(.., wanted)| bars.iter().zip(wanted).all(|(bar, w)| near(*bar, *w)))?;
        Some((found, begins, narrow))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A sheet with bars of these widths, tilted by so many pixels a line.
    fn sheet(bars: [f32; 4], narrow: f32, tilt: f32, across: bool) -> Gray {
        let side = 400;
        let mut pixels = vec![235; side * side];
        for line in 60..320 {
            let mut x = 90.0 + tilt * line as f32;
            for bar in bars {
                for dark in x.round() as usize..(x + bar * narrow).round() as usize {
                    let place = if across {
                        dark * side + line
                    } else {
                        line * side + dark
                    };
                    pixels[place] = 30;
                }
                x += (bar + 1.0) * narrow;
            }
        }
        Gray {
            width: side,
            height: side,
            pixels,
        }
    }

    fn patch(gray: &Gray) -> Option<&'static str> {
        super::patch(gray).map(|patch| patch.name)
    }

    #[test]
    fn the_place_of_a_patch_is_known() {
        let gray = sheet(PATCHES[0].2, 8.0, 0.0, false);
        let [left, top, right, bottom] = super::patch(&gray).unwrap().place;
        assert!((left - 90.0).abs() < 8.0 && (right - 170.0).abs() < 8.0);
        assert!(top >= 60.0 && bottom <= 320.0 && top < bottom);
    }

    #[test]
    fn bars_in_gray_and_on_dark_paper_are_seen() {
        for (paper, ink) in [(250, 128), (250, 170), (150, 30), (150, 95)] {
            let mut gray = sheet(PATCHES[0].2, 8.0, 0.0, false);
            for pixel in &mut gray.pixels {
                *pixel = if *pixel > 128 { paper } else { ink };
            }
            assert_eq!(patch(&gray), Some("PATCHT"), "{ink} on {paper}");
        }
    }

    #[test]
    fn patches_are_told_apart_in_any_direction() {
        for across in [false, true] {
            for (name, _, bars) in PATCHES {
                assert_eq!(patch(&sheet(bars, 8.0, 0.0, across)), Some(name));
            }
            for other in [[1.0; 4], [WIDE; 4], [WIDE, 1.0, 1.0, 1.0]] {
                assert_eq!(patch(&sheet(other, 8.0, 0.0, across)), None);
            }
        }
    }

    #[test]
    fn a_patch_is_read_from_the_edge_that_it_lies_at() {
        for across in [false, true] {
            for (name, _, bars) in PATCHES {
                let mut upside_down = sheet(bars, 8.0, 0.0, across);
                upside_down.pixels.reverse();
                assert_eq!(patch(&upside_down), Some(name));
            }
        }
    }

    #[test]
    fn in_the_middle_of_a_large_sheet_a_separator_is_one_however_it_lies() {
        for bars in [PATCHES[0].2, PATCHES[1].2] {
            let small = sheet(bars, 4.5, 0.0, false);
            let side = 400 + 2 * 150;
            let mut pixels = vec![235; side * side];
            for (y, row) in small.pixels.chunks_exact(400).enumerate() {
                pixels[(y + 150) * side + 190..][..400].copy_from_slice(row);
            }
            let large = Gray {
                width: side,
                height: side,
                pixels,
            };
            assert_eq!(patch(&large), Some(EITHER));
        }
    }

    #[test]
    fn short_bars_and_bars_in_a_row_of_others_are_none() {
        let mut short = sheet(PATCHES[0].2, 8.0, 0.0, false);
        short.pixels[400 * 95..].fill(235);
        assert_eq!(patch(&short), None);
        let mut row = sheet(PATCHES[0].2, 8.0, 0.0, false);
        for line in row.pixels.chunks_mut(400) {
            line[86..88].fill(0);
        }
        assert_eq!(patch(&row), None);
    }

    proptest! {
        #[test]
        fn patches_of_any_size_are_found_tilted_and_with_specks(
            narrow in 5.0f32..9.0,
            tilt in -0.08f32..0.08,
            specks in prop::collection::vec(0usize..160_000, 0..300),
        ) {
            let mut gray = sheet(PATCHES[0].2, narrow, tilt, false);
            for speck in specks {
                gray.pixels[speck] = 255 - gray.pixels[speck];
            }
            prop_assert_eq!(patch(&gray), Some("PATCHT"));
        }

        #[test]
        fn noise_is_none(pixels in prop::collection::vec(any::<u8>(), 2500)) {
            prop_assert_eq!(patch(&Gray { width: 50, height: 50, pixels }), None);
        }
    }
}
