//! How much of a page's content is coloured or gray, the tint of its paper taken
//! away. Not for pages whose colours their content states (`pdf`).

use super::paper::{to_white, whitened};
use crate::model::{Area, Tones};
use crate::pdf::{Gray, Picture, are_gray};
use crate::wide::wide;

/// A pixel is coloured from this difference between its channels, once its paper
/// is white (leptonica's 60 of 255).
const COLOURED: u8 = 60;

/// Shades that are gray, not blurred black or dirty paper.
const GRAY: std::ops::Range<u8> = 60..205;

/// Black comes out of some scanners as dark gray. What is darker than this much
/// above the darkest tenth of the ink is black, but at most up to [`PALEST_BLACK`].
const BLACK_REACH: u8 = 45;
const PALEST_BLACK: u8 = 110;

/// Neighbours in an area of gray differ by at most this: edges of letters pass
/// through gray in a pixel or two.
const EVEN: u8 = 48;

/// Outer share of each side that is not looked at in scans: the scanner's lid
/// shows there, in gray.
const MARGIN: f32 = 0.05;

/// Of a pixel and the eight around it, so many are coloured in a coloured area:
/// coloured noise and fringes are thinner.
const SUPPORT: usize = 5;

/// Around a stroke of black the fringes of a scanner, which sees red, green and blue not
/// quite at the same place, make up for each other; colours add up to at least this share
/// of themselves. In squares of so many pixels (4 mm), each with those around it.
const OWN_COLOUR: f32 = 0.25;
const SQUARE: usize = 16;

/// A square with so many coloured pixels, of which so much is left, is coloured by itself: a
/// signature beside black text.
const MANY_COLOURED: usize = 48;
const MOSTLY_OWN: f32 = 0.6;

/// Of so many pixels one tells what the paper is: that of scans is uneven.
const SCAN_SAMPLE: usize = 7;
const DRAWN_SAMPLE: usize = 31;

/// So many pixels are asked at a time whether any is not gray.
const STRETCH: usize = 64;

/// What is looked at for gray.
#[derive(Clone, Copy, Debug)]
pub enum Looked<'a> {
    /// The part of a scanned page that its pictures cover, but for its edges. The
    /// page around a small receipt is not its paper.
    Scan(Area),
    /// Pictures on a drawn page: its text is drawn smoothly, through gray.
    Pictures(&'a [Area]),
}

/// Measures a picture.
pub fn tones(picture: &Picture, looked: Looked<'_>) -> Tones {
    let (width, height) = (picture.width as usize, picture.height as usize);
    if width < 3 || height < 3 {
        return Tones::default();
    }
    let paper = match looked {
        Looked::Scan(area) => {
            let [left, top, right, bottom] = pixels(area, width, height);
            let rows = picture.rgba.chunks_exact(width * 4).enumerate();
            let rows = rows.take(bottom).skip(top);
            let mut sample: Vec<[u8; 4]> = Vec::new();
            for (y, row) in rows {
                let (pixels, _) = row[left * 4..right * 4].as_chunks();
                sample.extend(pixels.iter().skip(y % SCAN_SAMPLE).step_by(SCAN_SAMPLE));
            }
            paper(sample.iter().map(|pixel| &pixel[..]))
        }
        Looked::Pictures(_) => paper(picture.rgba.chunks_exact(4).step_by(DRAWN_SAMPLE)),
    };
    let scale = paper.map(to_white);
    let share = |count: usize| count as f32 / (width * height) as f32;
    // Without pictures what is drawn in a colour is all there is to count.
    if let Looked::Pictures([]) = looked {
        let rows = picture.rgba.chunks_exact(width * 4);
        let rows = rows.take(height - 1).skip(1);
        let coloured: usize = rows
            .flat_map(|row| row[4..row.len() - 4].chunks(4 * STRETCH))
            // Where black and white are, on white or gray paper, no colour is.
            .filter(|stretch| scale[0] != scale[1] || scale[1] != scale[2] || !are_gray(stretch))
            .map(|stretch| {
                let coloured = stretch.as_chunks().0.iter();
                coloured
                    .filter(|pixel| balanced(**pixel, scale) >= COLOURED)
                    .count()
            })
            .sum();
        return Tones {
            coloured: share(coloured),
            gray: 0.0,
        };
    }
    let pixels = || picture.rgba.as_chunks().0.iter();
    let mut chroma = vec![0; width * height];
    let mut level = vec![0; width * height];
    wide!({
        for (pixel, chroma) in pixels().zip(&mut chroma) {
            *chroma = balanced(*pixel, scale);
        }
        for ([_, green, ..], level) in pixels().zip(&mut level) {
            *level = whitened(*green, scale[1]);
        }
    });
    let level = Gray {
        width,
        height,
        pixels: level,
    };
    Tones {
        coloured: share(match looked {
            Looked::Scan(_) => {
                let mut squares = Squares::new(width, height);
                each_coloured(&chroma, (width, height), SUPPORT, |x, y| {
                    let pixel = picture.pixel(x, y);
                    let [red, green, blue] =
                        [0, 1, 2].map(|at| i64::from(whitened(pixel[at], scale[at])));
                    squares.add(x, y, [red - green, green - blue, blue - red]);
                });
                squares.coloured()
            }
            Looked::Pictures(_) => {
                let mut coloured = 0;
                each_coloured(&chroma, (width, height), 1, |_, _| coloured += 1);
                coloured
            }
        }),
        gray: share(count_gray(&level, looked)),
    }
}

/// Measures a scanned page without colours, whose pictures cover this part.
pub fn gray_tones(picture: &Gray, area: Area) -> Tones {
    let (width, height) = (picture.width, picture.height);
    if width < 3 || height < 3 {
        return Tones::default();
    }
    let [left, top, right, bottom] = pixels(area, width, height);
    let rows = (top..bottom).map(|y| (y, &picture.row(y)[left..right]));
    let sample = rows.map(|(y, row)| row.iter().skip(y % SCAN_SAMPLE).step_by(SCAN_SAMPLE));
    let scale = to_white(gray_paper(sample));
    let mut level = picture.clone();
    wide!({
        for level in &mut level.pixels {
            *level = whitened(*level, scale);
        }
    });
    Tones {
        coloured: 0.0,
        gray: count_gray(&level, Looked::Scan(area)) as f32 / (width * height) as f32,
    }
}

/// Goes through the pixels that are coloured with so many of those around them.
fn each_coloured(
    chroma: &[u8],
    (width, height): (usize, usize),
    support: usize,
    mut found: impl FnMut(usize, usize),
) {
    for y in 1..height - 1 {
        let row = &chroma[y * width..(y + 1) * width];
        // Most rows of most pages have none.
        if row.iter().fold(0, |most, it| most.max(*it)) < COLOURED {
            continue;
        }
        for x in 1..width - 1 {
            let at = y * width + x;
            if chroma[at] < COLOURED {
                continue;
            }
            let around = [at - width, at, at + width];
            let near: usize = around
                .iter()
                .map(|at| {
                    chroma[at - 1..=at + 1]
                        .iter()
                        .filter(|c| **c >= COLOURED)
                        .count()
                })
                .sum();
            if near >= support {
                found(x, y);
            }
        }
    }
}

/// Coloured pixels in squares of [`SQUARE`], and what they add up to.
struct Squares {
    across: usize,
    squares: Vec<Square>,
}

#[derive(Clone, Copy, Default)]
struct Square {
    coloured: usize,
    /// How much more red there is than green, green than blue and blue than red.
    sums: [i64; 3],
    /// The largest of these of each pixel, whichever way.
    most: i64,
}

impl Square {
    /// Whether its colours add up to this share of themselves.
    fn keeps(&self, share: f32) -> bool {
        let sum = self.sums.map(i64::abs).into_iter().fold(0, i64::max);
        sum as f32 >= share * self.most as f32
    }
}

impl Squares {
    fn new(width: usize, height: usize) -> Self {
        let across = width.div_ceil(SQUARE);
        Self {
            across,
            squares: vec![Square::default(); across * height.div_ceil(SQUARE)],
        }
    }

    fn add(&mut self, x: usize, y: usize, differences: [i64; 3]) {
        let at = y / SQUARE * self.across + x / SQUARE;
        if let Some(square) = self.squares.get_mut(at) {
            square.coloured += 1;
            square.most += differences.map(i64::abs).into_iter().fold(0, i64::max);
            for (sum, difference) in square.sums.iter_mut().zip(differences) {
                *sum += difference;
            }
        }
    }

    /// Coloured pixels, without those of fringes.
    fn coloured(&self) -> usize {
        let with_colour = self.squares.iter().enumerate().filter(|(at, square)| {
            square.coloured > 0
                && (square.coloured >= MANY_COLOURED && square.keeps(MOSTLY_OWN)
                    || self.around(*at).keeps(OWN_COLOUR))
        });
        with_colour.map(|(_, square)| square.coloured).sum()
    }

    /// A square and those around it as one.
    fn around(&self, at: usize) -> Square {
        let (row, column) = (at / self.across, at % self.across);
        let mut all = Square::default();
        for row in row.saturating_sub(1)..=row + 1 {
            let columns = column.saturating_sub(1)..(column + 2).min(self.across);
            let squares = columns.filter_map(|column| self.squares.get(row * self.across + column));
            for square in squares {
                all.coloured += square.coloured;
                all.most += square.most;
                for (sum, more) in all.sums.iter_mut().zip(square.sums) {
                    *sum += more;
                }
            }
        }
        all
    }
}

/// Pixels that are gray as areas are.
fn count_gray(level: &Gray, looked: Looked<'_>) -> usize {
    let (width, height) = (level.width, level.height);
    let shades = match looked {
        Looked::Scan(_) => blackest(&level.pixels)..GRAY.end,
        Looked::Pictures(_) => GRAY,
    };
    let mut gray = 0usize;
    // Of the three rows around one, the least and the most in each column.
    let (mut least, mut most) = (vec![0; width], vec![0; width]);
    let mut count = |left: usize, top: usize, right: usize, bottom: usize| {
        let (left, right) = (left.max(1), right.min(width - 1));
        if left >= right {
            return;
        }
        for y in top.max(1)..bottom.min(height - 1) {
            let row = |y: usize| &level.row(y)[left - 1..=right];
            let (above, row, below) = (row(y - 1), row(y), row(y + 1));
            let (least, most) = (&mut least[..row.len()], &mut most[..row.len()]);
            let even = wide!({
                let columns = above.iter().zip(row).zip(below);
                for (((a, b), c), (least, most)) in
                    columns.zip(least.iter_mut().zip(most.iter_mut()))
                {
                    *least = *a.min(b).min(c);
                    *most = *a.max(b).max(c);
                }
                count_even(row, least, most, &shades)
            });
            gray += usize::from(even);
        }
    };
    match looked {
        Looked::Scan(area) => {
            let [left, top, right, bottom] = pixels(area, width, height);
            let inset = |side: usize| (side as f32 * MARGIN) as usize;
            let (x, y) = (inset(right - left), inset(bottom - top));
            count(left + x, top + y, right - x, bottom - y);
        }
        Looked::Pictures(areas) => {
            for area in areas {
                let [left, top, right, bottom] = pixels(*area, width, height);
                count(left, top, right, bottom);
            }
        }
    }
    gray
}

/// How many pixels of a row have one of these shades and differ little from those around
/// them, of which `least` and `most` are the extremes in each column; without its first
/// and last. No branches, so that many are looked at a time.
#[inline(always)]
fn count_even(row: &[u8], least: &[u8], most: &[u8], shades: &std::ops::Range<u8>) -> u16 {
    let count = row.len().saturating_sub(2);
    #[inline(always)]
    fn around(columns: &[u8], count: usize) -> impl Iterator<Item = ((&u8, &u8), &u8)> {
        let [a, b, c] = [0, 1, 2].map(|first| &columns[first..][..count]);
        a.iter().zip(b).zip(c)
    }
    let pixels = row[1..][..count].iter();
    let pixels = pixels.zip(around(least, count)).zip(around(most, count));
    let even = pixels.map(|((pixel, ((a, b), c)), ((d, e), f))| {
        let apart = *d.max(e).max(f) - *a.min(b).min(c);
        u16::from((shades.contains(pixel)) & (apart <= EVEN))
    });
    even.sum()
}

/// The pixels of an area: left, top, right, bottom.
fn pixels(area: Area, width: usize, height: usize) -> [usize; 4] {
    let across = |share: f32| ((share * width as f32) as usize).min(width);
    let down = |share: f32| ((share * height as f32) as usize).min(height);
    let (left, top) = (across(area.left), down(area.top));
    [
        left,
        top,
        across(area.right).max(left),
        down(area.bottom).max(top),
    ]
}

/// The darkest shade that is gray, not the black of this scan.
fn blackest(level: &[u8]) -> u8 {
    const INK: usize = 128;
    let mut histogram = [0usize; INK];
    // Most stretches are paper.
    let dark = |stretch: &&[u8]| usize::from(stretch.iter().fold(u8::MAX, |a, b| a.min(*b))) < INK;
    for value in level.chunks(STRETCH).filter(dark).flatten() {
        if let Some(count) = histogram.get_mut(usize::from(*value)) {
            *count += 1;
        }
    }
    let tenth = histogram.iter().sum::<usize>() / 10;
    let mut reached = 0;
    let darkest = (0..)
        .zip(histogram)
        .find(|(_, count)| {
            reached += count;
            reached > tenth
        })
        .map_or(0, |(level, _)| level);
    GRAY.start.max((darkest + BLACK_REACH).min(PALEST_BLACK))
}

/// How coloured a pixel is once its paper is white.
#[inline(always)]
fn balanced(pixel: [u8; 4], scale: [u16; 3]) -> u8 {
    let channel = |at: usize| whitened(pixel[at], scale[at]);
    let (r, g, b) = (channel(0), channel(1), channel(2));
    r.max(g).max(b) - r.min(g).min(b)
}

/// Brightness that is this near to that of the brightest tenth of a page is its paper's.
const NEAR: u8 = 12;

/// A page as dark as this has no paper to be seen.
const DARKEST_PAPER: u8 = 110;

/// The brightness that a tenth of so many pixels reaches.
fn brightest_tenth(histogram: &[usize; 256]) -> u8 {
    let total: usize = histogram.iter().sum();
    let mut reached = 0;
    (0..=255u8)
        .rev()
        .find(|level| {
            reached += histogram[usize::from(*level)];
            reached * 10 >= total
        })
        .unwrap_or(255)
}

/// The colour of the paper: the mean of the pixels that are as bright as the
/// brightest tenth of the page, or a little less.
fn paper<'a>(pixels: impl Iterator<Item = &'a [u8]> + Clone) -> [u8; 3] {
    let brightness = |pixel: &[u8]| pixel[0].max(pixel[1]).max(pixel[2]);
    let mut histogram = [0usize; 256];
    for pixel in pixels.clone() {
        histogram[usize::from(brightness(pixel))] += 1;
    }
    let bright = brightest_tenth(&histogram);
    if bright < DARKEST_PAPER {
        return [255; 3];
    }
    let mut sums = [0u64; 3];
    let mut count = 0;
    for pixel in pixels {
        if brightness(pixel).abs_diff(bright) <= NEAR {
            for (sum, channel) in sums.iter_mut().zip(pixel) {
                *sum += u64::from(*channel);
            }
            count += 1;
        }
    }
    sums.map(|sum| (sum / std::cmp::max(count, 1)) as u8)
}

/// The same of shades of gray.
fn gray_paper<'a>(rows: impl Iterator<Item = impl Iterator<Item = &'a u8>>) -> u8 {
    let mut histogram = [0usize; 256];
    for row in rows {
        for pixel in row {
            histogram[usize::from(*pixel)] += 1;
        }
    }
    let bright = brightest_tenth(&histogram);
    if bright < DARKEST_PAPER {
        return 255;
    }
    let near = bright.saturating_sub(NEAR)..=bright.saturating_add(NEAR);
    let (mut sum, mut count) = (0, 0);
    for level in near {
        let pixels = histogram[usize::from(level)];
        sum += usize::from(level) * pixels;
        count += pixels;
    }
    (sum / count.max(1)) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(colour: impl Fn(u32, u32) -> [u8; 3]) -> Picture {
        let (width, height) = (100, 140);
        let rgba = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| {
                let [r, g, b] = colour(x, y);
                [r, g, b, 255]
            });
        Picture {
            width,
            height,
            rgba: rgba.collect(),
        }
    }

    #[test]
    fn black_on_yellow_paper_is_neither_coloured_nor_gray() {
        let page = picture(|x, y| {
            if x % 10 < 3 && y % 10 < 5 {
                [30, 28, 20]
            } else {
                [240, 220, 150]
            }
        });
        let found = tones(&page, Looked::Scan(Area::WHOLE));
        assert_eq!((found.coloured, found.gray), (0.0, 0.0));
    }

    #[test]
    fn a_stamp_is_coloured_and_a_photograph_gray() {
        let stamp = picture(|x, y| {
            let inside = (40..60).contains(&x) && (40..60).contains(&y);
            if inside {
                [60, 60, 190]
            } else {
                [245, 240, 225]
            }
        });
        assert!(tones(&stamp, Looked::Scan(Area::WHOLE)).coloured > 0.02);
        let photograph = picture(|x, y| {
            let inside = (20..80).contains(&x) && (40..90).contains(&y);
            if inside { [70 + x as u8; 3] } else { [245; 3] }
        });
        let found = tones(&photograph, Looked::Scan(Area::WHOLE));
        assert!(found.gray > 0.1 && found.coloured == 0.0, "{found:?}");
    }

    #[test]
    fn a_page_without_colours_has_the_same_tones_with_a_byte_a_pixel() {
        let page = picture(|x, y| match (x, y) {
            (20..80, 40..90) => [70 + x as u8; 3],
            _ if x % 10 < 3 && y % 10 < 5 => [40; 3],
            _ => [225; 3],
        });
        let part = Area {
            right: 0.9,
            ..Area::WHOLE
        };
        let found = gray_tones(&Gray::of(&page), part);
        assert_eq!(found, tones(&page, Looked::Scan(part)));
        assert!(found.gray > 0.05);
    }

    #[test]
    fn a_small_sheet_of_dirty_paper_is_not_gray() {
        let part = Area {
            left: 0.2,
            top: 0.1,
            right: 0.8,
            bottom: 0.7,
        };
        let page = picture(|x, y| {
            let inside = (20..80).contains(&x) && (14..98).contains(&y);
            let letter = x % 10 < 3 && y % 10 < 5;
            match (inside, letter) {
                (true, true) => [40; 3],
                (true, false) => [190; 3],
                (false, _) => [255; 3],
            }
        });
        assert_eq!(tones(&page, Looked::Scan(part)).gray, 0.0);
    }

    #[test]
    fn faded_black_is_black_and_gray_beside_it_gray() {
        let faded = |shade: u8| {
            picture(move |x, y| {
                if (20..30).contains(&x) && (20..120).contains(&y) {
                    [72; 3]
                } else if (60..80).contains(&x) && (20..120).contains(&y) {
                    [shade; 3]
                } else {
                    [240; 3]
                }
            })
        };
        assert_eq!(tones(&faded(240), Looked::Scan(Area::WHOLE)).gray, 0.0);
        assert!(tones(&faded(150), Looked::Scan(Area::WHOLE)).gray > 0.05);
    }

    #[test]
    fn what_is_drawn_in_a_colour_is_coloured_on_any_paper() {
        for paper in [[255; 3], [210; 3], [240, 220, 150]] {
            let page = |line: [u8; 3]| {
                picture(move |x, y| match y {
                    60..62 => line,
                    _ if x % 10 < 3 && y % 10 < 5 => [20; 3],
                    _ => paper,
                })
            };
            let coloured = |line| tones(&page(line), Looked::Pictures(&[])).coloured;
            assert_eq!(coloured([20; 3]), 0.0, "{paper:?}");
            let share = 2.0 * 98.0 / (100.0 * 140.0);
            let found = coloured([200, 30, 30]);
            assert!((found - share).abs() < 0.001, "{paper:?}: {found}");
        }
    }

    #[test]
    fn fringes_of_black_are_no_colour_and_thin_coloured_lines_are() {
        // Black strokes, of which red lies two pixels to the left and blue two to the right.
        let stroke = |x: i64| x % 10 < 4 && (10..90).contains(&x);
        let level = |is: bool| if is { 30 } else { 245 };
        let fringed = |x: u32, y: u32| {
            let in_line = y % 12 < 7;
            let at = |by: i64| level(in_line && stroke(i64::from(x) + by));
            [at(2), at(0), at(-2)]
        };
        let found = tones(&picture(fringed), Looked::Scan(Area::WHOLE));
        assert_eq!(found.coloured, 0.0);
        let signed = picture(|x, y| match (x, y) {
            (30..70, 100..106) => [40, 60, 190],
            _ => fringed(x, y.min(95)),
        });
        let found = tones(&signed, Looked::Scan(Area::WHOLE));
        assert!(found.coloured > 0.005, "{found:?}");
    }

    #[test]
    fn coloured_specks_are_noise() {
        let specks = picture(|x, y| {
            if x % 9 == 0 && y % 9 == 0 {
                [255, 80, 80]
            } else {
                [250; 3]
            }
        });
        assert_eq!(tones(&specks, Looked::Scan(Area::WHOLE)).coloured, 0.0);
    }
}
