//! By how much the lines on a scan are tilted. Not for pages that state the
//! direction of their text: that is exact.

use crate::model::Skew;
use crate::pdf::{Gray, Ink, set_bits};
use crate::wide::wide;

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

/// Of the sideways edges so many tell whether all may be so much clearer: what stands
/// out grows with their number, and chance does not.
const SAMPLE: usize = ENOUGH / 4;

/// What of a page's text is ink, from its darkness.
pub fn text_ink(darkness: &Gray) -> Ink {
    Ink::reaching(INK, darkness)
}

/// The tilt of a page from the ink of its text at about 100 dots per inch; none where it shows no
/// direction.
///
/// The lower edges of ink are projected along each angle; at the right one those
/// of a line of text fall together, and the squares of the differences between
/// neighbouring sums are largest (Postl's measure, as leptonica takes it).
pub fn skew(ink: &Ink) -> Option<Skew> {
    let (rows, columns) = edges(ink);
    let upright = best(&rows, ENOUGH);
    let sideways = upright
        .is_none_or(|upright| may_be_sideways(&columns, upright))
        .then(|| best(&columns, ENOUGH))
        .flatten();
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

/// Places of edges, in pixels: along the lines that are looked for, and across them.
#[derive(Default)]
struct Edges {
    along: Vec<f32>,
    across: Vec<f32>,
    /// The largest of each.
    longest: f32,
    farthest: f32,
}

impl Edges {
    fn len(&self) -> usize {
        self.along.len()
    }

    fn push(&mut self, along: usize, across: usize) {
        let (along, across) = (along as f32, across as f32 + within(along));
        self.along.push(along);
        self.across.push(across);
        self.longest = self.longest.max(along);
        self.farthest = self.farthest.max(across);
    }

    /// Every so many of them that no more than `most` are left, taken from all over the
    /// page in turn: sums to which neighbours in a row would be added wait for each other.
    fn spread(&self, most: usize) -> Self {
        const TURNS: usize = 16;
        let step = self.len().div_ceil(most).max(1);
        let stretch = self.len().div_ceil(TURNS).next_multiple_of(step);
        let mut spread = Self {
            along: Vec::with_capacity(self.len() / step + TURNS),
            across: Vec::with_capacity(self.len() / step + TURNS),
            ..*self
        };
        for first in (0..stretch).step_by(step) {
            for at in (first..self.len()).step_by(stretch) {
                spread.along.push(self.along[at]);
                spread.across.push(self.across[at]);
            }
        }
        spread
    }
}

/// Edges at the bottom of ink, along rows, and those at its right, along columns.
fn edges(ink: &Ink) -> (Edges, Edges) {
    let inset = |side: usize| (side as f32 * MARGIN) as usize;
    let (left, top) = (inset(ink.width()), inset(ink.height()));
    let (mut below, mut right) = (Edges::default(), Edges::default());
    if ink.width() < 8 || ink.height() < 8 {
        return (below, right);
    }
    let end = ink.width() - left - 1;
    for y in top..ink.height() - top - 1 {
        for x in (left..end).step_by(64) {
            let cells = |right: usize, down: usize| {
                let count = (end - x).min(64) as u32;
                ink.cells((x + right) as i32, (y + down) as i32, count)
            };
            let inked = cells(0, 0);
            for at in set_bits(inked & !cells(0, 1)) {
                below.push(x + at, y);
            }
            for at in set_bits(inked & !cells(1, 0)) {
                right.push(y, x + at);
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

/// Whether all of the sideways edges may be as much clearer than the upright ones as
/// sideways text is.
fn may_be_sideways(columns: &Edges, upright: Angle) -> bool {
    let share = columns.len().min(ENOUGH) as f64 / SAMPLE as f64;
    best(columns, SAMPLE).is_some_and(|few| {
        let clear = 1.0 + (few.confidence - 1.0) * share.max(1.0) * SIDEWAYS;
        clear > upright.confidence * SIDEWAYS
    })
}

/// The angle at which edges fall together best, `most` of them looked at.
fn best(edges: &Edges, most: usize) -> Option<Angle> {
    if edges.len() < FEWEST {
        return None;
    }
    let some = edges.spread(most);
    let mut scores = Scores::default();
    let steps = (2.0 * WIDEST / COARSE) as usize;
    let coarse: Vec<f64> = (0..=steps)
        .map(|step| scores.of(&some, step as f64 * COARSE - WIDEST, 0.5))
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
fn refine(rows: &Edges, columns: &Edges, start: f64) -> f64 {
    let mut scores = Scores::default();
    let mut centre = start;
    for (reach, step, most) in [(COARSE, FINE, 2 * ENOUGH), (FINE, FINEST, usize::MAX)] {
        let (rows, columns) = (rows.spread(most), columns.spread(most));
        let count = (reach / step).round() as i64;
        let scored = (-count..=count)
            .map(|by| centre + by as f64 * step)
            .map(|degrees| {
                let both = scores.of(&rows, degrees, 1.0) + scores.of(&columns, -degrees, 1.0);
                (both, degrees)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        centre = scored.map_or(centre, |(_, degrees)| degrees);
    }
    centre
}

/// Finds how sharply edges fall together; the memory for it is used again.
#[derive(Default)]
struct Scores {
    /// Where edges fall, in parts of a sum.
    places: Vec<u32>,
    /// How many fall there.
    counts: Vec<[u32; PARTS]>,
}

/// Places of edges are told apart by so many parts of a sum.
const PARTS: usize = 8;

impl Scores {
    /// How sharply edges fall together when the page is turned back by `degrees`;
    /// `scale` is the number of sums for each pixel.
    fn of(&mut self, edges: &Edges, degrees: f64, scale: f32) -> f64 {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let scale = scale * PARTS as f32;
        let (sin, cos) = (sin as f32 * scale, cos as f32 * scale);
        let least = (-edges.longest * sin).min(0.0);
        let most = edges.farthest * cos + (-edges.longest * sin).max(0.0);
        let both = edges.along.iter().zip(&edges.across);
        // Added to this, numbers stand in the lowest bits, rounded: many at a time, unlike
        // conversions, which also see to what fits nowhere. Eight keep it from what is less.
        const WHOLE: f32 = (1 << 23) as f32 + 8.0;
        let start = least + 0.5;
        let places = both.map(|(along, across)| {
            let place = across * cos - along * sin - start + WHOLE;
            place.to_bits().wrapping_sub(WHOLE.to_bits())
        });
        self.places.resize(edges.len(), 0);
        wide!({
            for (to, place) in self.places.iter_mut().zip(places) {
                *to = place;
            }
        });
        self.counts.clear();
        let sums = (most - least) as usize / PARTS + 1;
        self.counts.resize(sums, [0; PARTS]);
        let counts = self.counts.as_flattened_mut();
        for place in &self.places {
            if let Some(count) = counts.get_mut(*place as usize) {
                *count += 1;
            }
        }
        // An edge between two sums counts for both, more for the nearer.
        let (mut carried, mut before, mut score) = (0, None, 0.0);
        for counts in self.counts.iter().chain([&[0; PARTS]]) {
            let parts = (0..).zip(counts);
            let (next, all) = parts.fold((0, 0), |(next, all), (part, count)| {
                (next + part * count, all + count)
            });
            let sum = carried + PARTS as u32 * all - next;
            carried = next;
            // One long edge, as of a photograph, counts no more than a few lines of text.
            let root = (sum as f32 / PARTS as f32).sqrt();
            if let Some(before) = before.replace(root) {
                score += f64::from(root - before).powi(2);
            }
        }
        score
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn skew(darkness: &Gray) -> Option<Skew> {
        super::skew(&text_ink(darkness))
    }

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

    #[test]
    fn a_tilt_that_once_was_missed_is_found() {
        let degrees = -1.847_745_216_136_540_2;
        let found = skew(&lines(degrees, true)).expect("a direction");
        assert!(
            (f64::from(found.degrees) - degrees).abs() < 0.2,
            "{found:?}"
        );
        assert_eq!(found.text_turned, 90);
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
