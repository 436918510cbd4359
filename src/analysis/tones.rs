//! How much of a page's content is coloured or gray, the tint of its paper taken
//! away. Not for pages whose colours their content states (`pdf`).

use crate::model::{Area, Tones};
use crate::pdf::Picture;

/// A pixel is coloured from this difference between its channels, once its paper
/// is white (leptonica's 60 of 255).
const COLOURED: u8 = 60;

/// Shades that are gray, not blurred black or dirty paper.
const GRAY: std::ops::Range<u8> = 60..205;

/// Neighbours in an area of gray differ by at most this: edges of letters pass
/// through gray in a pixel or two.
const EVEN: u8 = 48;

/// Outer share of each side that is not looked at in scans: the scanner's lid
/// shows there, in gray.
const MARGIN: f32 = 0.05;

/// Of a pixel and the eight around it, so many are coloured in a coloured area:
/// coloured noise and fringes are thinner.
const SUPPORT: usize = 5;

/// What is looked at for gray.
#[derive(Clone, Copy, Debug)]
pub enum Looked<'a> {
    /// The whole of a scanned page but its edges.
    Scan,
    /// Pictures on a drawn page: its text is drawn smoothly, through gray.
    Pictures(&'a [Area]),
}

/// Measures a picture.
pub fn tones(picture: &Picture, looked: Looked<'_>) -> Tones {
    let (width, height) = (picture.width as usize, picture.height as usize);
    if width < 3 || height < 3 {
        return Tones::default();
    }
    let paper = paper(picture);
    let scale = paper.map(|channel| 65_280 / u32::from(channel.max(1)));
    let mut chroma = vec![0u8; width * height];
    let mut level = vec![0u8; width * height];
    for ((pixel, chroma), level) in picture
        .rgba
        .chunks_exact(4)
        .zip(&mut chroma)
        .zip(&mut level)
    {
        let balanced =
            |channel: usize| ((u32::from(pixel[channel]) * scale[channel]) >> 8).min(255) as u8;
        let (r, g, b) = (balanced(0), balanced(1), balanced(2));
        *chroma = r.max(g).max(b) - r.min(g).min(b);
        *level = g;
    }
    let support = match looked {
        Looked::Scan => SUPPORT,
        Looked::Pictures(_) => 1,
    };
    let mut coloured = 0usize;
    for y in 1..height - 1 {
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
            coloured += usize::from(near >= support);
        }
    }
    let mut gray = 0usize;
    let mut count = |left: usize, top: usize, right: usize, bottom: usize| {
        for y in top.max(1)..bottom.min(height - 1) {
            for x in left.max(1)..right.min(width - 1) {
                let at = y * width + x;
                if !GRAY.contains(&level[at]) {
                    continue;
                }
                let around = [at - width, at, at + width];
                let (mut least, mut most) = (255, 0);
                for row in around {
                    for value in &level[row - 1..=row + 1] {
                        least = least.min(*value);
                        most = most.max(*value);
                    }
                }
                gray += usize::from(most - least <= EVEN);
            }
        }
    };
    match looked {
        Looked::Scan => {
            let inset = |side: usize| (side as f32 * MARGIN) as usize;
            let (x, y) = (inset(width), inset(height));
            count(x, y, width - x, height - y);
        }
        Looked::Pictures(areas) => {
            for area in areas {
                let across = |share: f32| (share * width as f32) as usize;
                let down = |share: f32| (share * height as f32) as usize;
                count(
                    across(area.left),
                    down(area.top),
                    across(area.right),
                    down(area.bottom),
                );
            }
        }
    }
    let share = |count: usize| count as f32 / (width * height) as f32;
    Tones {
        coloured: share(coloured),
        gray: share(gray),
    }
}

/// The colour of the paper: the mean of the pixels that are as bright as the
/// brightest tenth of the page, or a little less.
fn paper(picture: &Picture) -> [u8; 3] {
    const SAMPLE: usize = 7;
    const NEAR: u8 = 12;
    let brightness = |pixel: &[u8]| pixel[0].max(pixel[1]).max(pixel[2]);
    let sample = || picture.rgba.chunks_exact(4).step_by(SAMPLE);
    let mut histogram = [0usize; 256];
    let mut total = 0;
    for pixel in sample() {
        histogram[usize::from(brightness(pixel))] += 1;
        total += 1;
    }
    let mut reached = 0;
    let bright = (0..=255u8)
        .rev()
        .find(|level| {
            reached += histogram[usize::from(*level)];
            reached * 10 >= total
        })
        .unwrap_or(255);
    // A page as dark as this has no paper to be seen.
    const DARKEST_PAPER: u8 = 110;
    if bright < DARKEST_PAPER {
        return [255; 3];
    }
    let mut sums = [0u64; 3];
    let mut count = 0;
    for pixel in sample() {
        if brightness(pixel).abs_diff(bright) <= NEAR {
            for (sum, channel) in sums.iter_mut().zip(pixel) {
                *sum += u64::from(*channel);
            }
            count += 1;
        }
    }
    sums.map(|sum| (sum / std::cmp::max(count, 1)) as u8)
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
        let found = tones(&page, Looked::Scan);
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
        assert!(tones(&stamp, Looked::Scan).coloured > 0.02);
        let photograph = picture(|x, y| {
            let inside = (20..80).contains(&x) && (40..90).contains(&y);
            if inside { [70 + x as u8; 3] } else { [245; 3] }
        });
        let found = tones(&photograph, Looked::Scan);
        assert!(found.gray > 0.1 && found.coloured == 0.0, "{found:?}");
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
        assert_eq!(tones(&specks, Looked::Scan).coloured, 0.0);
    }
}
