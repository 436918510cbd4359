//! The paper of a scanned page: how bright it is at each place, how much darker each
//! pixel is than it, and sheets that are of one dark or strong colour throughout. Not
//! for what stands on it (`marks`).

use super::blobs::{Edges, blobs};
use super::dirt::{Sheet, dirt};
use crate::pdf::{Gray, Picture};
use crate::wide::wide;

/// Tiles in which the paper's brightness is taken, in pixels.
const TILE: usize = 32;

/// Of all tiles so many, as one part of so many, show what the sheet is: it may be a
/// receipt on the dark lid of a scanner.
const SHEET_SHARE: usize = 20;

/// Paper is never darker than this share of the sheet's brightness: what is, is ink or
/// the scanner's lid.
pub(super) const DARKEST_PAPER: f32 = 0.75;

/// How bright the paper is in each tile of a page.
pub(super) struct Tiles {
    pub columns: usize,
    pub rows: usize,
    /// Row by row.
    pub levels: Vec<u8>,
}

impl Tiles {
    /// The brightest tenth of each tile; of a tile full of ink, as in a photograph, no paper.
    pub fn of(gray: &Gray) -> Self {
        let columns = gray.width.div_ceil(TILE).max(1);
        let rows = gray.height.div_ceil(TILE).max(1);
        let mut levels = vec![0u8; columns * rows];
        for row in 0..rows {
            for column in 0..columns {
                let across = column * TILE..((column + 1) * TILE).min(gray.width);
                let down = row * TILE..((row + 1) * TILE).min(gray.height);
                // Levels that are the same wait for each other to be counted: in two places,
                // less.
                let mut histograms = [[0u32; 256]; 2];
                for y in down.step_by(2) {
                    for few in gray.row(y)[across.clone()].chunks(4) {
                        histograms[0][usize::from(few[0])] += 1;
                        if let Some(level) = few.get(2) {
                            histograms[1][usize::from(*level)] += 1;
                        }
                    }
                }
                levels[row * columns + column] = brightest_tenth(&histograms);
            }
        }
        Self {
            columns,
            rows,
            levels,
        }
    }

    /// How bright the sheet is.
    pub fn sheet(&self) -> u8 {
        let mut sorted = self.levels.clone();
        let at = sorted.len().saturating_sub(1 + sorted.len() / SHEET_SHARE);
        *sorted.select_nth_unstable(at).1
    }
}

/// The darkness of each pixel relative to its paper, 0 to 255.
///
/// The paper's brightness is that of the brightest tenth of each tile, smoothed
/// over the tiles around, so shadows and tints are paper. A tile full of ink, as
/// in a photograph, takes over what is around it.
pub fn darkness(gray: &Gray) -> Gray {
    let tiles = Tiles::of(gray);
    let sheet = tiles.sheet();
    let Tiles {
        columns,
        rows,
        levels: paper,
    } = tiles;
    let floor = (f32::from(sheet) * DARKEST_PAPER) as u8;
    let smooth: Vec<u8> = (0..rows * columns)
        .map(|at| {
            let (row, column) = (at / columns, at % columns);
            let mut best = 0;
            for y in row.saturating_sub(1)..=(row + 1).min(rows - 1) {
                for x in column.saturating_sub(1)..=(column + 1).min(columns - 1) {
                    best = best.max(paper[y * columns + x]);
                }
            }
            best.min(sheet.saturating_add(24)).max(floor).max(1)
        })
        .collect();
    let mut pixels = vec![0; gray.pixels.len()];
    for (y, (from, to)) in gray
        .pixels
        .chunks_exact(gray.width.max(1))
        .zip(pixels.chunks_exact_mut(gray.width.max(1)))
        .enumerate()
    {
        let tiles = &smooth[(y / TILE) * columns..][..columns];
        for ((from, to), paper) in from.chunks(TILE).zip(to.chunks_mut(TILE)).zip(tiles) {
            let scale = to_white(*paper);
            wide!({
                for (from, to) in from.iter().zip(to) {
                    *to = 255 - whitened(*from, scale);
                }
            });
        }
    }
    Gray {
        width: gray.width,
        height: gray.height,
        pixels,
    }
}

/// What takes paper of this brightness to white, in 256ths.
pub(super) fn to_white(paper: u8) -> u16 {
    65_280 / u16::from(paper.max(1))
}

/// A level on paper that is taken to white.
#[inline(always)]
pub(super) fn whitened(level: u8, scale: u16) -> u8 {
    // The upper half of a product of 16 bits each: processors have it for many at a time.
    let product = u32::from(u16::from(level) << 8) * u32::from(scale);
    ((product >> 16) as u16).min(255) as u8
}

/// How much darker each pixel is in one of red, green and blue than in another, relative to
/// its paper, 0 to 255: yellow is as bright as paper to the eye.
pub(super) fn colourfulness(picture: &Picture) -> Gray {
    let [mut colours, green, blue] = [0, 1, 2].map(|channel| {
        let pixels = picture.rgba.chunks_exact(4).map(|pixel| pixel[channel]);
        darkness(&Gray {
            width: picture.width as usize,
            height: picture.height as usize,
            pixels: pixels.collect(),
        })
    });
    let others = green.pixels.iter().zip(&blue.pixels);
    for (red, (green, blue)) in colours.pixels.iter_mut().zip(others) {
        let channels = [*red, *green, *blue];
        let most = channels.into_iter().fold(0, u8::max);
        *red = most - channels.into_iter().fold(most, u8::min);
    }
    colours
}

fn brightest_tenth([one, other]: &[[u32; 256]; 2]) -> u8 {
    let count = one.iter().chain(other).sum::<u32>().max(1);
    let mut reached = 0;
    let brightest = (0..=255u8).rev().find(|level| {
        let at = usize::from(*level);
        reached += one[at] + other[at];
        reached * 10 >= count
    });
    brightest.unwrap_or(0)
}

/// Outer share of each side that is not looked at: the scanner's lid shows there.
const MARGIN: f32 = 0.04;

/// Sheets darker than this, of 255, are no paper that anybody writes on.
const DARK: u8 = 110;

/// Sheets whose weakest channel is weaker than the strongest by this share of it are of a
/// strong colour: blue and orange have 0.8, pale yellow paper 0.25.
const STRONG: f32 = 0.42;

/// Something may be written on brighter sheets in what is paler than [`DIFFERENT`].
const BRIGHT: u8 = 215;

/// What differs from the sheet by more than this stands on it. What has sharp edges does by
/// less, but by so many times what neighbours differ by, and by more than rounding leaves:
/// ink on dark paper is not much darker. Specks of dust are smaller than so many millimetres.
const DIFFERENT: u8 = 50;
const ABOVE_NOISE: u8 = 7;
const LEAST_DIFFERENT: u8 = 16;
const DUST: f32 = 1.6;

/// Where more stands out it is more than holes: spirals have up to 46.
const MOST_HOLES: usize = 60;

/// Whether a sheet is of one dark or strong colour and nothing stands on it but the holes
/// of a binder: such sheets are put between documents. `millimetre` is its size in pixels;
/// `pale` tells of marks that are paler than ink.
pub(super) fn is_solid(picture: &Picture, millimetre: f32, pale: bool) -> bool {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let inset = |side: usize| (side as f32 * MARGIN) as usize;
    let (left, top) = (inset(width), inset(height));
    let rows = || {
        let rows = picture.rgba.chunks_exact((width * 4).max(1));
        let rows = rows.take(height - top).skip(top);
        rows.map(|row| &row[left * 4..(width - left) * 4])
    };
    let mut histograms = [[0u32; 256]; 3];
    for pixel in rows()
        .step_by(3)
        .flat_map(|row| row.chunks_exact(4).step_by(3))
    {
        for (histogram, level) in histograms.iter_mut().zip(pixel) {
            histogram[usize::from(*level)] += 1;
        }
    }
    let sheet = histograms.map(|histogram| median(&histogram).unwrap_or(u8::MAX));
    let (least, most) = (
        sheet.into_iter().fold(u8::MAX, u8::min),
        sheet.into_iter().fold(0, u8::max),
    );
    let is_strong = f32::from(most - least) >= STRONG * f32::from(most);
    if most > DARK && !is_strong || most > BRIGHT && pale {
        return false;
    }
    let differences = rows().flat_map(|row| row.chunks_exact(4)).map(|pixel| {
        let channels = pixel.iter().zip(sheet);
        let apart = channels.map(|(level, sheet)| level.abs_diff(sheet));
        apart.fold(0, u8::max)
    });
    let differences = Gray {
        width: width - 2 * left,
        height: height - 2 * top,
        pixels: differences.collect(),
    };
    let noise = ABOVE_NOISE.saturating_mul(roughness(&differences));
    let least = noise.clamp(LEAST_DIFFERENT, DIFFERENT);
    let mut found = blobs(&differences, least, Edges::Measured);
    let mut count = 0;
    for blob in found.blobs.iter_mut().filter(|blob| blob.pixels > 0) {
        let is_large = blob.width().max(blob.height()) as f32 >= DUST * millimetre;
        let is_there = blob.contrast > DIFFERENT || blob.edge >= least;
        match is_large && is_there {
            true => count += 1,
            false => blob.pixels = 0,
        }
    }
    if count > MOST_HOLES {
        return false;
    }
    found.shift(left as u32, top as u32);
    let sheet = Sheet {
        width: width as f32,
        height: height as f32,
        millimetre,
    };
    dirt(&found, sheet).into_iter().all(|dirt| dirt)
}

/// By how much pixels mostly differ from the next in their row: half of them by no more.
fn roughness(gray: &Gray) -> u8 {
    let mut histogram = [0u32; 256];
    for row in gray.pixels.chunks_exact(gray.width.max(1)).step_by(5) {
        for pair in row.windows(2).step_by(3) {
            histogram[usize::from(pair[0].abs_diff(pair[1]))] += 1;
        }
    }
    median(&histogram).unwrap_or(0)
}

/// Whether a gray sheet is dark enough for [`is_solid`]; quicker to tell.
pub(super) fn may_be_solid(gray: &Gray) -> bool {
    let mut histogram = [0u32; 256];
    for level in gray.pixels.iter().step_by(7) {
        histogram[usize::from(*level)] += 1;
    }
    // Its edges, which are not looked at there, are less than a quarter of it.
    let count: u32 = histogram.iter().sum();
    let dark: u32 = histogram[..=usize::from(DARK)].iter().sum();
    dark * 4 >= count
}

/// The level that half of all reach; none where there are none.
pub(super) fn median(histogram: &[u32; 256]) -> Option<u8> {
    let count: u32 = histogram.iter().sum();
    let mut reached = 0;
    (0..=255u8).find(|level| {
        reached += histogram[usize::from(*level)];
        count > 0 && reached * 2 >= count
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(colour: [u8; 3], mark: Option<[u8; 3]>) -> Picture {
        let (width, height) = (300u32, 400u32);
        let rgba = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let rgba = rgba.flat_map(|(x, y)| {
            let is_mark = (100..140).contains(&x) && (200..204).contains(&y);
            let noise = ((x * 7 + y * 13) % 9) as u8;
            let [r, g, b] = mark.filter(|_| is_mark).unwrap_or(colour);
            [
                r.saturating_add(noise),
                g.saturating_add(noise),
                b.saturating_add(noise),
                255,
            ]
        });
        Picture {
            width,
            height,
            rgba: rgba.collect(),
        }
    }

    #[test]
    fn sheets_of_one_strong_colour_are_solid_unless_something_stands_on_them() {
        for colour in [[12, 12, 14], [200, 30, 40], [30, 60, 190], [245, 220, 40]] {
            assert!(is_solid(&sheet(colour, None), 4.0, false), "{colour:?}");
        }
        for (colour, mark) in [
            ([12, 12, 14], Some([220, 220, 220])),
            ([200, 30, 40], Some([20, 20, 20])),
            ([240, 238, 230], None),
            ([235, 225, 190], None),
        ] {
            assert!(!is_solid(&sheet(colour, mark), 4.0, false), "{colour:?}");
        }
    }

    #[test]
    fn a_small_sheet_is_the_paper_and_not_the_dark_lid_around_it() {
        let (width, height) = (800usize, 1100usize);
        let mut gray = Gray {
            width,
            height,
            pixels: vec![34; width * height],
        };
        for y in 300..600 {
            gray.pixels[y * width + 200..][..350].fill(236);
            if y % 40 < 8 {
                gray.pixels[y * width + 240..][..250].fill(40);
            }
        }
        let dark = darkness(&gray);
        assert!(dark.pixels[330 * width + 300] < 20);
        assert!(dark.pixels[322 * width + 300] > 180);
        assert!(dark.pixels[100 * width + 100] > 180);
    }
}
