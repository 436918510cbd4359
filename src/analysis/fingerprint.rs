//! What a page looks like, small enough to keep and to compare: where its ink is,
//! straightened, and a hash of its coarse shape that finds candidates. Not for
//! grouping pages (`duplicates`).

use std::io::{Read, Write};
use std::sync::LazyLock;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::rules::erase_rules;
use crate::pdf::{Gray, Ink, look_size};

/// Outer share of each side that is left out: lids and edges of scans.
const MARGIN: f32 = 0.03;

/// From this share of the darkness of strong ink on, a cell of a scan is ink.
const DARK: f32 = 0.44;

/// Strong ink is what a tenth of all ink is darker than. Ink is from this darkness on,
/// of 255, where the paper's noise has ended.
const STRONG_SHARE: u32 = 10;
const FAINTEST: u8 = 46;

/// A cell is ink from a darkness within these on, however pale or bold a page is.
const DARK_RANGE: std::ops::RangeInclusive<f32> = 50.0..=88.0;

/// Side of the square around the page's centre of ink that is hashed, in cells
/// (290 mm on ordinary pages).
const HASHED: f32 = 960.0;

/// The hash is of so many averages along each side, and of half as many waves.
const AVERAGES: usize = 32;
const WAVES: usize = 16;

/// What a page looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Signs of the page's 256 longest waves, by 64.
    pub hash: [u64; 4],
    /// Where its ink is.
    pub ink: Ink,
}

impl Fingerprint {
    /// Of a scan's darkness, with `millimetre` pixels to the millimetre, tilted
    /// clockwise by `degrees`. None for a page without ink.
    pub fn of_scan(darkness: &Gray, millimetre: f32, degrees: f32) -> Option<Self> {
        let (page_width, page_height) = (
            darkness.width as f32 / millimetre,
            darkness.height as f32 / millimetre,
        );
        let size = look_size(page_width, page_height);
        let mut ink = Ink::new(size.width, size.height);
        let cells = (size.width, size.height);
        let step = size.cell * millimetre;
        for_each_cell(
            darkness,
            degrees,
            step,
            cells,
            (dark(darkness), MARGIN),
            |x, y, _| {
                ink.set(x, y);
            },
        );
        erase_rules(&mut ink);
        Self::of(ink)
    }

    /// Of ink; none where there is none.
    pub fn of(ink: Ink) -> Option<Self> {
        (!ink.is_empty()).then(|| Self {
            hash: hash(&ink),
            ink,
        })
    }
}

/// Calls `each` with the cells, `step` pixels apart and so many across and down, in which a
/// page tilted clockwise by `degrees` is at least so dark, and with how dark they are, but
/// for a `margin`, as share of each side.
pub(super) fn for_each_cell(
    darkness: &Gray,
    degrees: f32,
    step: f32,
    (across, down): (usize, usize),
    (dark, margin): (f32, f32),
    mut each: impl FnMut(usize, usize, f32),
) {
    let (width, height) = (darkness.width as f32, darkness.height as f32);
    let fixed = |pixels: f32| (pixels * ONE as f32) as i32;
    // Between the middles of pixels, with one more to the right and below.
    let inside = |side: f32| {
        fixed((side * margin - 0.5).max(0.0))..fixed((side * (1.0 - margin) - 0.5).min(side - 1.0))
    };
    let (inside_x, inside_y) = (inside(width), inside(height));
    // Nothing between four pixels is darker than the darkest of them, nor is that darker
    // than all of their bits together.
    let least = dark.floor() as u8;
    let dark = (dark * ONE as f32) as u32;
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (right_x, right_y) = (fixed(cos * step), fixed(sin * step));
    let dx = (0.5 - across as f32 / 2.0) * step;
    let inked = Ink::reaching(least, darkness);
    for row in 0..down {
        let dy = (row as f32 + 0.5 - down as f32 / 2.0) * step;
        let mut x = fixed(cos * dx - sin * dy + width / 2.0 - 0.5);
        let mut y = fixed(sin * dx + cos * dy + height / 2.0 - 0.5);
        for first in (0..across).step_by(TOGETHER) {
            let last = (first + TOGETHER).min(across);
            let count = (last - first) as i32;
            let end = (x + count * right_x, y + count * right_y);
            if is_bare(&inked, (x, y), end) {
                (x, y) = end;
                continue;
            }
            for column in first..last {
                if inside_x.contains(&x) && inside_y.contains(&y) {
                    let at = (y >> SHIFT) as usize * darkness.width + (x >> SHIFT) as usize;
                    let pixels = |at: usize| darkness.pixels.get(at..at + 2);
                    if let (Some(&[a, b]), Some(&[c, d])) =
                        (pixels(at), pixels(at + darkness.width))
                        && (a | b | c | d) >= least
                    {
                        let level = between([a, b, c, d], x, y);
                        if level >= dark {
                            each(column, row, level as f32 / ONE as f32);
                        }
                    }
                }
                (x, y) = (x + right_x, y + right_y);
            }
        }
    }
}

/// So many cells are passed at once where there is no ink.
const TOGETHER: usize = 32;

/// No ink is around the places from one to another; false where they are too far apart to
/// tell.
fn is_bare(inked: &Ink, from: (i32, i32), to: (i32, i32)) -> bool {
    let pixels = |from: i32, to: i32| (from.min(to) >> SHIFT, (from.max(to) >> SHIFT) + 1);
    let (left, right) = pixels(from.0, to.0);
    let (top, bottom) = pixels(from.1, to.1);
    let count = (right - left + 1) as u32;
    count <= u64::BITS && (top..=bottom).all(|y| inked.cells(left, y, count) == 0)
}

/// The darkness from which a cell of this page is ink: pale print is thinner than bold
/// print, but it is there.
pub(super) fn dark(darkness: &Gray) -> f32 {
    let dark = f32::from(strong(darkness)) * DARK;
    dark.clamp(*DARK_RANGE.start(), *DARK_RANGE.end())
}

/// How dark the strong ink of a page is.
pub(super) fn strong(darkness: &Gray) -> u8 {
    let mut histogram = [0u32; 256];
    let inked = Ink::reaching(FAINTEST, darkness);
    for y in 0..inked.height() {
        let row = darkness.row(y);
        for level in inked.runs(y).flat_map(|run| &row[run]) {
            histogram[usize::from(*level)] += 1;
        }
    }
    let ink = &histogram[usize::from(FAINTEST)..];
    let share = ink.iter().sum::<u32>() / STRONG_SHARE;
    let mut reached = 0;
    let strong = (FAINTEST..=u8::MAX).rev().find(|level| {
        reached += histogram[usize::from(*level)];
        reached > share
    });
    strong.unwrap_or(u8::MAX)
}

/// Places on a scan count in so many parts of a pixel.
const ONE: i32 = 1 << SHIFT;
const SHIFT: u32 = 16;

/// The darkness at a place between two pixels above and two below, times [`ONE`].
fn between([left, right, lower_left, lower_right]: [u8; 4], x: i32, y: i32) -> u32 {
    let part = |place: i32| (place % ONE / (ONE >> 8)) as u32;
    let (across, down) = (part(x), part(y));
    let along = |left: u8, right: u8| u32::from(left) * (256 - across) + u32::from(right) * across;
    along(left, right) * (256 - down) + along(lower_left, lower_right) * down
}

/// Side of the blocks from which a page's centre and hash are taken, in cells.
const BLOCK: usize = 6;

/// Ink in blocks of cells, as (column, row, cells with ink).
fn blocks(ink: &Ink) -> Vec<(usize, usize, u32)> {
    let mut found = Vec::new();
    let mut counts = vec![0u32; ink.width().div_ceil(BLOCK)];
    let words = ink.words();
    let stride = words.len() / ink.height().max(1);
    for (row, lines) in words.chunks((stride * BLOCK).max(1)).enumerate() {
        counts.fill(0);
        for at in 0..stride {
            // How many of the rows have ink in each column, up to 7, as binary digits:
            // 64 columns are added at a time.
            let (mut ones, mut twos, mut fours) = (0u64, 0u64, 0u64);
            for word in lines.iter().skip(at).step_by(stride) {
                let carry = ones & word;
                ones ^= word;
                fours ^= twos & carry;
                twos ^= carry;
            }
            if ones | twos | fours == 0 {
                continue;
            }
            let first = at * 64;
            let mut cell = first;
            while cell < first + 64 {
                let column = cell / BLOCK;
                let next = ((column + 1) * BLOCK).min(first + 64);
                let in_block = |digits: u64| {
                    (digits >> (cell - first) & (u64::MAX >> (64 - (next - cell)))).count_ones()
                };
                if let Some(count) = counts.get_mut(column) {
                    *count += in_block(ones) + 2 * in_block(twos) + 4 * in_block(fours);
                }
                cell = next;
            }
        }
        let inked = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        found.extend(inked.map(|(column, count)| (column, row, *count)));
    }
    found
}

/// Centre of the ink, in cells.
fn centre(blocks: &[(usize, usize, u32)]) -> (f32, f32) {
    let (mut x, mut y, mut total) = (0f64, 0f64, 0f64);
    for (column, row, count) in blocks {
        let weight = f64::from(*count);
        x += (*column as f64 + 0.5) * weight;
        y += (*row as f64 + 0.5) * weight;
        total += weight;
    }
    let scale = BLOCK as f64 / total.max(1.0);
    ((x * scale) as f32, (y * scale) as f32)
}

/// How far the ink lies from its centre, in cells.
fn spread(blocks: &[(usize, usize, u32)], centre: (f32, f32)) -> f32 {
    let (mut squares, mut total) = (0f64, 0f64);
    for (column, row, count) in blocks {
        let place = |block: usize| (block as f32 + 0.5) * BLOCK as f32;
        let far = (place(*column) - centre.0).powi(2) + (place(*row) - centre.1).powi(2);
        squares += f64::from(far) * f64::from(*count);
        total += f64::from(*count);
    }
    (squares / total.max(1.0)).sqrt() as f32
}

/// Waves of each frequency at each average.
static COSINES: LazyLock<[[f32; WAVES]; AVERAGES]> = LazyLock::new(|| {
    std::array::from_fn(|at| {
        std::array::from_fn(|frequency| {
            let turn = std::f32::consts::PI * frequency as f32 * (at as f32 + 0.5);
            (turn / AVERAGES as f32).cos()
        })
    })
});

/// The hash of a look: the signs of its lowest waves (a discrete cosine
/// transform), around its centre of ink, so that a sheet that lay elsewhere on
/// the glass has the same.
fn hash(ink: &Ink) -> [u64; 4] {
    let blocks = blocks(ink);
    let (centre_x, centre_y) = centre(&blocks);
    let step = HASHED / AVERAGES as f32;
    let mut averages = [[0f32; AVERAGES]; AVERAGES];
    for (column, row, count) in blocks {
        let place = |block: usize, centre: f32| {
            let cell = (block as f32 + 0.5) * BLOCK as f32;
            let at = (cell - centre + HASHED / 2.0) / step;
            (0.0..AVERAGES as f32).contains(&at).then_some(at as usize)
        };
        if let (Some(x), Some(y)) = (place(column, centre_x), place(row, centre_y)) {
            averages[y][x] += count as f32;
        }
    }
    let cosines = &*COSINES;
    let mut waves = Vec::with_capacity(WAVES * WAVES);
    for down in 0..WAVES {
        let mut folded = [0f32; AVERAGES];
        for (row, cosines) in averages.iter().zip(cosines) {
            for (folded, average) in folded.iter_mut().zip(row) {
                *folded += cosines[down] * average;
            }
        }
        let mut sums = [0f32; WAVES];
        for (value, cosines) in folded.iter().zip(cosines) {
            for (sum, cosine) in sums.iter_mut().zip(cosines) {
                *sum += cosine * value;
            }
        }
        waves.extend(sums);
    }
    let mut sorted = waves.clone();
    let middle = sorted.len() / 2;
    let (_, &mut median, _) = sorted.select_nth_unstable_by(middle, f32::total_cmp);
    let mut hash = [0u64; 4];
    for (at, value) in waves.iter().enumerate() {
        if *value > median {
            hash[at / 64] |= 1 << (at % 64);
        }
    }
    hash
}

/// About the hash of the same page upside down: every other wave changes its sign.
pub fn turned_hash(hash: &[u64; 4]) -> [u64; 4] {
    let mut turned = *hash;
    for at in (0..WAVES * WAVES).filter(|at| (at / WAVES + at % WAVES) % 2 == 1) {
        turned[at / 64] ^= 1 << (at % 64);
    }
    turned
}

/// Bits in which two hashes differ, 0 to 256.
pub fn distance(a: &[u64; 4], b: &[u64; 4]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

/// Marks the width of a look that is packed without its empty words; earlier ones
/// have all words.
const WITHOUT_EMPTY: u16 = 1 << 15;

/// A look as bytes: its size, then, deflated, a bit for each word of cells that says
/// whether it has ink, and those that have. Most of a page is white.
pub fn pack(ink: &Ink) -> Vec<u8> {
    let side = |side: usize| u16::try_from(side).unwrap_or(u16::MAX) & !WITHOUT_EMPTY;
    let mut bytes = Vec::new();
    bytes.extend((side(ink.width()) | WITHOUT_EMPTY).to_le_bytes());
    bytes.extend(side(ink.height()).to_le_bytes());
    let words = ink.words();
    let mut packed = vec![0u8; words.len().div_ceil(8)];
    for (at, word) in words.iter().enumerate().filter(|(_, word)| **word != 0) {
        packed[at / 8] |= 1 << (at % 8);
        packed.extend(word.to_le_bytes());
    }
    let mut encoder = DeflateEncoder::new(bytes, Compression::fast());
    // Writing to memory cannot fail.
    let written = encoder.write_all(&packed);
    debug_assert!(written.is_ok());
    encoder.finish().unwrap_or_default()
}

/// Looks with more cells along a side are none: ordinary ones have a quarter of it.
const LONGEST_SIDE: u16 = 4096;

/// The reverse of [`pack`]; none where the bytes are something else.
pub fn unpack(bytes: &[u8]) -> Option<Ink> {
    let side = |at: usize| {
        let bytes = bytes.get(at..at + 2)?.try_into().ok()?;
        Some(u16::from_le_bytes(bytes))
    };
    let (width, height) = (side(0)?, side(2)?);
    if (width & !WITHOUT_EMPTY).max(height) > LONGEST_SIDE {
        return None;
    }
    let mut ink = Ink::new(usize::from(width & !WITHOUT_EMPTY), usize::from(height));
    let words = ink.words_mut();
    let mut decoder = DeflateDecoder::new(bytes.get(4..)?);
    let mut marks = vec![0xff; words.len().div_ceil(8)];
    if width & WITHOUT_EMPTY != 0 {
        decoder.read_exact(&mut marks).ok()?;
    }
    for (at, word) in words.iter_mut().enumerate() {
        if marks[at / 8] & (1 << (at % 8)) != 0 {
            let mut bytes = [0; 8];
            decoder.read_exact(&mut bytes).ok()?;
            *word = u64::from_le_bytes(bytes);
        }
    }
    Some(ink)
}

/// Side of the windows in which looks are compared, in cells: a letter or two.
const WINDOW: usize = 12;

/// Ink in a window that is worth comparing, in cells.
const WORTH: u32 = 8;

/// A window differs from this share of its ink on.
const DIFFERS: f32 = 0.3;

/// A window has next to nothing of its ink on the other page from this share on.
const GONE: f32 = 0.8;

/// By how many cells each window may be moved beyond the page.
const NEAR: i32 = 2;

/// How much of one page's ink is not beside ink of another page; or the most of it that
/// may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Missing {
    /// Mean share, over windows of a letter or two.
    pub mean: f32,
    /// Number of places, about a letter each, that are clearly different.
    pub places: u32,
    /// Of these, places at which the other page has next to nothing.
    pub gone: u32,
}

impl Missing {
    fn is_within(self, most: Self) -> bool {
        self.mean <= most.mean && self.places <= most.places && self.gone <= most.gone
    }
}

/// A look with what each comparison needs of it.
#[derive(Clone, Debug)]
pub struct Comparable {
    ink: Ink,
    thick: Ink,
    centre: (f32, f32),
    /// How far its ink lies from its centre (root of the mean square), in cells.
    spread: f32,
}

impl Comparable {
    /// Of a look.
    pub fn new(ink: Ink) -> Self {
        let blocks = blocks(&ink);
        let centre = centre(&blocks);
        Self {
            thick: ink.thickened(),
            centre,
            spread: spread(&blocks, centre),
            ink,
        }
    }

    /// The same upside down.
    pub fn turned(&self) -> Self {
        let (width, height) = (self.ink.width(), self.ink.height());
        let mut ink = Ink::new(width, height);
        for y in 0..height {
            for x in (0..width).filter(|x| self.ink.cells(*x as i32, y as i32, 1) == 1) {
                ink.set(width - 1 - x, height - 1 - y);
            }
        }
        Self::new(ink)
    }

    /// The same, all of it enlarged so much around the middle of the page.
    fn enlarged(&self, scale: f32) -> Self {
        let (width, height) = (self.ink.width(), self.ink.height());
        let mut ink = Ink::new(width, height);
        let from = |at: usize, side: usize| {
            let middle = side as f32 / 2.0;
            ((at as f32 + 0.5 - middle) / scale + middle).floor() as i32
        };
        let columns: Vec<i32> = (0..width).map(|x| from(x, width)).collect();
        for y in 0..height {
            let row = from(y, height);
            let columns = columns.iter().enumerate();
            for (x, _) in columns.filter(|(_, column)| self.ink.cells(**column, row, 1) == 1) {
                ink.set(x, y);
            }
        }
        Self::new(ink)
    }
}

/// How a page lies over another that looks the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lying {
    /// By how many cells it lies beside the other, right and down.
    pub shift: (i32, i32),
    /// By how much it has to be enlarged around its middle.
    pub scale: f32,
    /// It lies upside down.
    pub turned: bool,
}

/// Copiers reduce a page to keep its edges, or enlarge it, by a little; what differs by more
/// is another page, and by less is the paper.
const SCALES: std::ops::Range<f32> = 0.9..1.11;
const LEAST_SCALE: f32 = 0.006;

/// Whether two pages look the same once `b` is moved over `a` to lie best: of one of them no
/// more is missing on the other than `least`, and of the other no more than `most`. Something
/// else in a field is missing both ways; thin strokes that a scan has lost only one way. One
/// that was `scanned` may be of another size, too.
pub fn looks_same(
    a: &Comparable,
    b: &Comparable,
    (least, most): (Missing, Missing),
    scanned: bool,
) -> Option<Lying> {
    let lying = |b: &Comparable, scale| {
        let shift = shift(a, b);
        let one = missing(&a.ink, &b.thick, shift, most)?;
        let limit = if one.is_within(least) { most } else { least };
        missing(&b.ink, &a.thick, (-shift.0, -shift.1), limit)?;
        Some(Lying {
            shift,
            scale,
            turned: false,
        })
    };
    lying(b, 1.0).or_else(|| {
        let scale = a.spread / b.spread.max(1.0);
        let is_scaled = scanned && SCALES.contains(&scale) && (scale - 1.0).abs() >= LEAST_SCALE;
        is_scaled.then(|| lying(&b.enlarged(scale), scale))?
    })
}

/// What covers less of a page than this may lie somewhere else: a large mark that came out
/// on one of two scans alone moves its centre of ink far away.
const WELL_COVERED: f32 = 0.9;

/// By how many cells `b` lies off `a`: near where their centres of ink meet, or in the same
/// place on the sheet, so that most of `a` is covered.
fn shift(a: &Comparable, b: &Comparable) -> (i32, i32) {
    let ((ax, ay), (bx, by)) = (a.centre, b.centre);
    let inked: Vec<(i32, i32, u64)> = (0..a.ink.height() as i32)
        .step_by(4)
        .flat_map(|y| (0..a.ink.width() as i32).step_by(64).map(move |x| (x, y)))
        .map(|(x, y)| (x, y, a.ink.cells(x, y, 64)))
        .filter(|(.., ink)| *ink != 0)
        .collect();
    let covered = |dx: i32, dy: i32| -> u32 {
        let other = |x: i32, y: i32| b.thick.cells(x + dx, y + dy, 64);
        let covered = inked.iter().map(|(x, y, ink)| ink & other(*x, *y));
        covered.map(u64::count_ones).sum()
    };
    let search = |start: (i32, i32)| {
        let mut best = (start, 0);
        for (reach, step) in [(18, 3), (3, 1)] {
            let (start_x, start_y) = best.0;
            best.1 = 0;
            for dy in (-reach..=reach).step_by(step) {
                for dx in (-reach..=reach).step_by(step) {
                    let moved = (start_x + dx, start_y + dy);
                    let covered = covered(moved.0, moved.1);
                    if covered > best.1 {
                        best = (moved, covered);
                    }
                }
            }
        }
        best
    };
    let by_centre = search(((bx - ax).round() as i32, (by - ay).round() as i32));
    let ink: u32 = inked.iter().map(|(.., ink)| ink.count_ones()).sum();
    if by_centre.1 as f32 >= WELL_COVERED * ink as f32 {
        return by_centre.0;
    }
    let in_place = search((0, 0));
    match in_place.1 > by_centre.1 {
        true => in_place.0,
        false => by_centre.0,
    }
}

/// A window with ink: its left and top, its rows, and how many of their cells have ink.
struct Window {
    left: i32,
    top: i32,
    rows: [u64; WINDOW],
    ink: u32,
}

impl Window {
    /// The windows of a page, half of each over the next, but for those with hardly any ink.
    fn of(ink: &Ink) -> Vec<Self> {
        let mut found = Vec::new();
        for top in (0..ink.height() as i32).step_by(WINDOW / 2) {
            for left in (0..ink.width() as i32).step_by(WINDOW / 2) {
                let rows =
                    std::array::from_fn(|row| ink.cells(left, top + row as i32, WINDOW as u32));
                let ink = rows.iter().copied().map(u64::count_ones).sum();
                if ink >= WORTH {
                    found.push(Self {
                        left,
                        top,
                        rows,
                        ink,
                    });
                }
            }
        }
        found
    }

    /// The share of its ink that is not covered by another page's, wherever near it lies best.
    fn uncovered(&self, other: &Ink, (shift_x, shift_y): (i32, i32)) -> f32 {
        const REACH: usize = 2 * NEAR as usize;
        let (left, top) = (self.left + shift_x - NEAR, self.top + shift_y - NEAR);
        let around: [u64; WINDOW + REACH] =
            std::array::from_fn(|row| other.cells(left, top + row as i32, (WINDOW + REACH) as u32));
        let mut least = self.ink;
        for dy in 0..=REACH {
            for dx in 0..=REACH {
                least = least.min(alone(&self.rows, &around[dy..], dx));
                if least == 0 {
                    return 0.0;
                }
            }
        }
        least as f32 / self.ink as f32
    }
}

/// Cells of rows that have ink and that no other ink lies upon, the other rows moved by so
/// many cells. Kept apart from the loops around it: unrolled together they take minutes
/// to compile.
#[inline(never)]
fn alone(rows: &[u64], others: &[u64], moved: usize) -> u32 {
    let rows = rows.iter().zip(others);
    rows.map(|(row, other)| (row & !(other >> moved)).count_ones())
        .sum()
}

/// What of a page's ink is missing under the other page's thickened ink; none as soon as
/// that is more than `most`.
fn missing(ink: &Ink, other: &Ink, shift: (i32, i32), most: Missing) -> Option<Missing> {
    let windows = Window::of(ink);
    let count = windows.len().max(1) as f32;
    let (mut sum, mut places, mut gone) = (0.0, 0, 0);
    for window in &windows {
        let share = window.uncovered(other, shift);
        sum += share;
        places += u32::from(share >= DIFFERS);
        gone += u32::from(share >= GONE);
        if sum > most.mean * count || places > most.places || gone > most.gone {
            return None;
        }
    }
    Some(Missing {
        mean: sum / count,
        places,
        gone,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What of each is missing on the other, the smaller one first.
    fn difference(a: &Ink, b: &Ink) -> (Missing, Missing) {
        let (a, b) = (Comparable::new(a.clone()), Comparable::new(b.clone()));
        let (dx, dy) = shift(&a, &b);
        let all = Missing {
            mean: 1.0,
            places: u32::MAX,
            gone: u32::MAX,
        };
        let one = missing(&a.ink, &b.thick, (dx, dy), all).unwrap();
        let other = missing(&b.ink, &a.thick, (-dx, -dy), all).unwrap();
        if one.mean <= other.mean {
            (one, other)
        } else {
            (other, one)
        }
    }

    /// Lines of figures, as pocket calculators show them, that depend on the seed.
    fn page(seed: u64, shift: (usize, usize)) -> Ink {
        let mut ink = Ink::new(700, 990);
        for line in 0..30u64 {
            for letter in 0..50u64 {
                if letter % 7 == 6 {
                    continue;
                }
                let mixed = (seed + line * 61 + letter).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                let (left, top) = (80 + letter as usize * 10, 90 + line as usize * 24);
                for segment in 0..7 {
                    if mixed >> (40 + segment) & 1 == 0 {
                        continue;
                    }
                    for step in 0..6 {
                        let (x, y) = match segment {
                            0..3 => (step, segment * 6),
                            3..5 => (0, (segment - 3) * 6 + step),
                            _ => (5, (segment - 5) * 6 + step),
                        };
                        ink.set(left + x + shift.0, top + y + shift.1);
                    }
                }
            }
        }
        ink
    }

    #[test]
    fn a_moved_page_is_the_same_and_one_with_other_words_is_not() {
        let one = Fingerprint::of(page(1, (0, 0))).unwrap();
        let moved = Fingerprint::of(page(1, (9, 5))).unwrap();
        let other = Fingerprint::of(page(90_000, (0, 0))).unwrap();
        assert_eq!(difference(&one.ink, &moved.ink).1.places, 0);
        assert!(difference(&one.ink, &other.ink).0.places > 50);
        assert!(distance(&one.hash, &moved.hash) < 40);
    }

    #[test]
    fn a_page_upside_down_is_near_its_turned_hash_and_the_same_once_it_is_turned() {
        let one = Fingerprint::of(page(1, (0, 0))).unwrap();
        let turned = Comparable::new(page(1, (5, 3))).turned();
        let upside_down = Fingerprint::of(turned.ink.clone()).unwrap();
        assert!(distance(&one.hash, &upside_down.hash) > 80);
        assert!(distance(&one.hash, &turned_hash(&upside_down.hash)) < 40);
        assert_eq!(difference(&one.ink, &turned.turned().ink).1.places, 0);
    }

    #[test]
    fn a_page_copied_a_little_smaller_lies_enlarged_over_its_original() {
        let one = Comparable::new(page(1, (0, 0)));
        // Strokes of one cell are thinned out where they are made smaller.
        let most = Missing {
            mean: 0.1,
            places: u32::MAX,
            gone: u32::MAX,
        };
        let small = one.enlarged(0.97);
        let lying = looks_same(&one, &small, (most, most), true).unwrap();
        assert!((lying.scale - 1.0 / 0.97).abs() < 0.004, "{lying:?}");
    }

    #[test]
    fn one_other_word_is_noticed() {
        let mut changed = page(1, (0, 0));
        let other = page(77, (0, 0));
        for y in 90..104 {
            for x in 80..140 {
                changed.clear(x, y);
                if other.cells(x as i32, y as i32, 1) == 1 {
                    changed.set(x, y);
                }
            }
        }
        assert!(difference(&page(1, (0, 0)), &changed).0.places > 1);
    }

    #[test]
    fn strokes_that_a_scan_lost_are_missing_one_way_only() {
        let whole = page(1, (0, 0)).thickened();
        let mut worn = whole.clone();
        for y in (0..990).filter(|y| y % 5 < 2) {
            for x in 0..700 {
                worn.clear(x, y);
            }
        }
        let found = difference(&whole, &worn);
        assert_eq!(found.0.places, 0);
        assert!(found.1.gone == 0, "{found:?}");
        // A page on which a line more stands has places that are bare on the other.
        let mut more = whole.clone();
        for y in 850..864 {
            for x in (80..600).filter(|x| x % 10 < 6) {
                more.set(x, y);
            }
        }
        let found = difference(&whole, &more);
        assert_eq!(found.0.places, 0);
        assert!(found.1.gone > 50, "{found:?}");
    }

    #[test]
    fn pale_print_has_a_look_too() {
        let letters = |level: u8| {
            let mut darkness = Gray {
                width: 800,
                height: 1100,
                pixels: vec![0; 800 * 1100],
            };
            for y in (200..900).step_by(30) {
                for x in (100..700).filter(|x| x % 12 < 3) {
                    for line in y..y + 10 {
                        darkness.pixels[line * 800 + x] = level;
                    }
                }
            }
            Fingerprint::of_scan(&darkness, 3.8, 0.0).map(|print| print.ink)
        };
        // Beside what is printed boldly it is the same page.
        let (Some(pale), Some(bold)) = (letters(80), letters(220)) else {
            panic!("there is ink");
        };
        assert_eq!(difference(&pale, &bold).0.places, 0);
        assert_eq!(difference(&pale, &bold).1.places, 0);
    }

    #[test]
    fn looks_packed_with_all_their_words_are_read_still() {
        let ink = page(3, (1, 2));
        let mut bytes = vec![];
        for side in [700u16, 990] {
            bytes.extend(side.to_le_bytes());
        }
        let mut encoder = DeflateEncoder::new(bytes, Compression::fast());
        for word in ink.words() {
            encoder.write_all(&word.to_le_bytes()).unwrap();
        }
        let earlier = encoder.finish().unwrap();
        assert_eq!(unpack(&earlier), Some(ink.clone()));
        assert_eq!(unpack(&pack(&ink)), Some(ink));
    }

    proptest! {
        #[test]
        fn blocks_count_each_cell_once(
            cells in prop::collection::vec((0usize..150, 0usize..40), 0..3000),
        ) {
            let mut ink = Ink::new(150, 40);
            for (x, y) in cells {
                ink.set(x, y);
            }
            let mut expected = Vec::new();
            for row in 0..40usize.div_ceil(BLOCK) {
                for column in 0..150usize.div_ceil(BLOCK) {
                    let mut count = 0;
                    for y in row * BLOCK..((row + 1) * BLOCK).min(40) {
                        for x in column * BLOCK..((column + 1) * BLOCK).min(150) {
                            count += ink.cells(x as i32, y as i32, 1) as u32;
                        }
                    }
                    if count > 0 {
                        expected.push((column, row, count));
                    }
                }
            }
            prop_assert_eq!(blocks(&ink), expected);
        }
    }

    #[test]
    fn a_page_without_ink_has_none() {
        assert_eq!(Fingerprint::of(Ink::new(10, 10)), None);
    }

    proptest! {
        #[test]
        fn looks_are_kept_as_they_are(
            width in 1usize..150, height in 1usize..40,
            dots in prop::collection::vec(any::<(u16, u16)>(), 0..60),
        ) {
            let mut ink = Ink::new(width, height);
            for (x, y) in dots {
                ink.set(usize::from(x) % width, usize::from(y) % height);
            }
            prop_assert_eq!(unpack(&pack(&ink)), Some(ink));
        }

        #[test]
        fn other_bytes_are_no_look_and_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = unpack(&bytes);
        }
    }
}
