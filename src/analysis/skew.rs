//! By how much the lines on a scan are tilted. Not for pages that state the
//! direction of their text: that is exact.

use crate::model::Skew;
use crate::pdf::Gray;

/// Darker pixels are ink, 0 to 255 of the paper's brightness.
const INK: u8 = 90;

/// Outer share of each side that is not looked at: the edges of a sheet on the
/// scanner's glass are lines too.
const MARGIN: f32 = 0.03;

/// Angles looked at, degrees, and in what steps: first all, then around the best.
/// leptonica takes 7° to either side; sheets fed by hand lie worse.
const WIDEST: f64 = 16.0;
const COARSE: f64 = 0.5;
const FINE: f64 = 0.1;
const FINEST: f64 = 0.02;

/// Fewer edges than this show no direction.
const FEWEST: usize = 200;

/// Most edges that are looked at in the first pass; a page of text has more
/// than it needs.
const ENOUGH: usize = 12_000;

/// The best angle must be so much better than the typical one.
const CONFIDENT: f64 = 1.6;

/// Sideways lines must be so much clearer than upright ones to be text that lies
/// sideways, and not a table's rules.
const SIDEWAYS: f64 = 1.5;

/// The tilt of a page from its darkness at about 100 dots per inch; none where
/// it shows no direction.
///
/// The lower edges of ink are projected along each angle; at the right one those
/// of a line of text fall together, and the squares of the differences between
/// neighbouring sums are largest (Postl's measure, as leptonica takes it).
pub fn skew(darkness: &Gray) -> Option<Skew> {
    let (rows, columns) = edges(darkness);
    let upright = best(&rows);
    let sideways = best(&columns);
    let (found, text_turned) = match (upright, sideways) {
        (Some(upright), Some(sideways)) if sideways.confidence > upright.confidence * SIDEWAYS => {
            (sideways, 90)
        }
        (Some(upright), _) => (upright, 0),
        (None, Some(sideways)) => (sideways, 90),
        (None, None) => return None,
    };
    if found.confidence < CONFIDENT {
        return None;
    }
    // Columns are looked at as rows, mirrored: their angles count the other way.
    let start = if text_turned == 0 {
        found.degrees
    } else {
        -found.degrees
    };
    Some(Skew {
        degrees: refine(&rows, &columns, start) as f32,
        confidence: Some(found.confidence as f32),
        text_turned,
        rises: None,
    })
}

#[derive(Clone, Copy)]
struct Angle {
    degrees: f64,
    /// How many times the typical angle's score.
    confidence: f64,
}

/// Places of edges: along the lines that are looked for, and across them.
type Edges = Vec<(f32, f32)>;

/// Edges at the bottom of ink as (x, y), and those at its right as (y, x).
fn edges(darkness: &Gray) -> (Edges, Edges) {
    let inset = |side: usize| (side as f32 * MARGIN) as usize;
    let (left, top) = (inset(darkness.width), inset(darkness.height));
    let (mut below, mut right) = (Vec::new(), Vec::new());
    if darkness.width < 8 || darkness.height < 8 {
        return (below, right);
    }
    for y in top..darkness.height - top - 1 {
        let (row, next) = (darkness.row(y), darkness.row(y + 1));
        for x in left..darkness.width - left - 1 {
            if row[x] < INK {
                continue;
            }
            if next[x] < INK {
                below.push((x as f32, y as f32 + within(x)));
            }
            if row[x + 1] < INK {
                right.push((y as f32, x as f32 + within(y)));
            }
        }
    }
    (below, right)
}

/// Where in its pixel an edge is taken to be, evenly spread (multiples of the
/// golden ratio): were all in the middle, no angle would beat the pixels' own rows.
fn within(along: usize) -> f32 {
    (along as f32 * 0.618_034).fract()
}

fn best(edges: &[(f32, f32)]) -> Option<Angle> {
    if edges.len() < FEWEST {
        return None;
    }
    let mut sums = Vec::new();
    let some: Vec<(f32, f32)> = edges
        .iter()
        .step_by(edges.len().div_ceil(ENOUGH))
        .copied()
        .collect();
    let steps = (2.0 * WIDEST / COARSE) as usize;
    let coarse: Vec<f64> = (0..=steps)
        .map(|step| score(&some, step as f64 * COARSE - WIDEST, 0.5, &mut sums))
        .collect();
    let mut sorted = coarse.clone();
    sorted.sort_by(f64::total_cmp);
    let typical = sorted[sorted.len() / 2].max(1.0);
    let at = (0..coarse.len()).max_by(|a, b| coarse[*a].total_cmp(&coarse[*b]))?;
    let confidence = coarse[at] / typical;
    Some(Angle {
        degrees: at as f64 * COARSE - WIDEST,
        confidence,
    })
}

/// The angle near `start` at which both the rows and the columns fall together
/// best: text has clear rows, the bars of a code clear columns.
fn refine(rows: &[(f32, f32)], columns: &[(f32, f32)], start: f64) -> f64 {
    let mut sums = Vec::new();
    let mut both = |degrees: f64| {
        let rows = score(rows, degrees, 1.0, &mut sums);
        rows + score(columns, -degrees, 1.0, &mut sums)
    };
    let mut centre = start;
    for (reach, step) in [(COARSE, FINE), (FINE, FINEST)] {
        let count = (reach / step).round() as i64;
        let scored = (-count..=count)
            .map(|by| centre + by as f64 * step)
            .map(|degrees| (both(degrees), degrees))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        centre = scored.map_or(centre, |(_, degrees)| degrees);
    }
    centre
}

/// How sharply edges fall together when the page is turned back by `degrees`;
/// `scale` is the number of sums for each pixel.
fn score(edges: &[(f32, f32)], degrees: f64, scale: f32, sums: &mut Vec<f32>) -> f64 {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (sin, cos) = (sin as f32 * scale, cos as f32 * scale);
    let place = |(x, y): (f32, f32)| y * cos - x * sin;
    let (mut least, mut most) = (f32::MAX, f32::MIN);
    for edge in edges {
        let at = place(*edge);
        least = least.min(at);
        most = most.max(at);
    }
    sums.clear();
    sums.resize((most - least) as usize + 3, 0.0);
    for edge in edges {
        let at = place(*edge) - least;
        let low = at as usize;
        let share = at - low as f32;
        sums[low] += 1.0 - share;
        sums[low + 1] += share;
    }
    // One long edge, as of a photograph, counts no more than a few lines of text.
    for sum in sums.iter_mut() {
        *sum = sum.sqrt();
    }
    sums.windows(2)
        .map(|two| f64::from(two[1] - two[0]).powi(2))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Lines of broken bars, tilted clockwise.
    fn lines(degrees: f64, sideways: bool) -> Gray {
        let (width, height) = (600usize, 800usize);
        let (sin, cos) = degrees.to_radians().sin_cos();
        let mut pixels = vec![0; width * height];
        for y in 0..height {
            for x in 0..width {
                let (dx, dy) = (x as f64 - 300.0, y as f64 - 400.0);
                let (along, across) = (cos * dx + sin * dy, cos * dy - sin * dx);
                let (along, across) = if sideways {
                    (across, along)
                } else {
                    (along, across)
                };
                let in_line = across.rem_euclid(20.0) < 7.0 && across.abs() < 250.0;
                // Words of different lengths, or their gaps would make lines too.
                let word = (along.div_euclid(11.0) * 7.0 + across.div_euclid(20.0) * 13.0) as i64;
                let length = 4 + (word.wrapping_mul(0x9E37_79B9_7F4A_7C15u64 as i64) >> 40 & 3);
                let in_word = along.rem_euclid(11.0) < length as f64;
                if in_line && in_word && along.abs() < 220.0 {
                    pixels[y * width + x] = 220;
                }
            }
        }
        Gray {
            width,
            height,
            pixels,
        }
    }

    #[test]
    fn an_empty_page_shows_no_direction() {
        let nothing = Gray {
            width: 300,
            height: 300,
            pixels: vec![0; 90_000],
        };
        assert_eq!(skew(&nothing), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_tilt_of_lines_is_found_whichever_way_they_lie(
            degrees in -14.0f64..14.0,
            sideways in any::<bool>(),
        ) {
            let found = skew(&lines(degrees, sideways)).expect("a direction");
            prop_assert!((f64::from(found.degrees) - degrees).abs() < 0.2, "{found:?}");
            prop_assert_eq!(found.text_turned, if sideways { 90 } else { 0 });
        }
    }
}
