//! Letters that a program reads and a person does not see: under black, gray or white
//! rectangles and straight strokes and under pictures, in the colour of what is below them,
//! too small, beside the page, or invisible where no scan is. What is clipped away is not
//! told, nor what lies under what covers most of the page. Not for the text layers of scans,
//! which are no secret but for words that the scan itself hides (`analysis`), nor for what is
//! said of it (`triage::fields`).

use std::collections::HashSet;

use hayro::kurbo::{Point, Rect};

use crate::model::{Area, Concealment, HiddenText};

/// Cells along each side in which the colour of the ground is known.
const CELLS: usize = 128;

/// Work that a page may cause: cells that are painted, and letters that are looked at for a
/// shape over them. A page of a thousand letters and shapes is a hundredth of it.
const MOST_WORK: usize = 4_000_000;

/// Letters that are kept with their places up to so many.
const MOST_LETTERS: usize = 20_000;

/// So many letters at least, or they lie there by chance.
const FEWEST: usize = 3;

/// Thinner shapes strike text out, or underline it, in points: letters of 6 points are hidden
/// by a bar of 5.
const THINNEST_SHAPE: f64 = 4.0;

/// A shape that covers this share of the page is its paper, a picture its scan.
const PAPER: f64 = 0.8;
const SCAN: f64 = 0.5;

/// Shapes and pictures that hide letters are kept up to so many.
const KEPT_COVERS: usize = 16;

/// Pieces of one bar touch each other and end on the same lines, to this, in points.
const TOUCH: f64 = 0.6;

/// Letters of this size or less are not read, points: half a millimetre.
pub(super) const TOO_SMALL: f64 = 1.5;

/// Channels that differ by so much of 255 look the same.
const SAME: f32 = 5.0;

/// Shapes of less light than this hide text, of 255, and those whose channels differ by no
/// more than this: black, gray and white. Bright colours mark text, and viewers show it
/// through them whatever the document says. Magenta, the darkest of markers, has 73 and is
/// rare; green has 182, yellow 237; red has 54, blue 18.
const DARK: f32 = 70.0;
const COLOURLESS: u8 = 16;

/// Light of a colour, of 255, by the weights of ITU-R BT.709.
fn light([red, green, blue]: [u8; 3]) -> f32 {
    0.2126 * f32::from(red) + 0.7152 * f32::from(green) + 0.0722 * f32::from(blue)
}

/// Letters so near to ones that are seen, in points, are their shadow or their filling.
const SHADOW: f64 = 2.0;

/// Letters of the words that are kept.
const LONGEST_WORDS: usize = 200;

/// A letter so many sizes from the one before begins a word.
const GAP: f64 = 1.1;

/// A letter or figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Letter {
    pub character: char,
    pub middle: Point,
    /// Height of its em in points.
    pub size: f64,
    /// What is drawn of it is higher than that, as fonts with units of their own have it.
    pub is_larger: bool,
    /// A space comes before it.
    pub begins_word: bool,
}

impl Letter {
    /// Another word begins with it, after the letter before.
    fn is_apart_from(&self, before: &Self) -> bool {
        let far = GAP * before.size.max(self.size);
        self.begins_word || before.middle.distance(self.middle) > far
    }
}

/// A letter or figure that lies over or under a scan, seen or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScanLetter {
    /// What it is.
    pub character: char,
    /// Its middle, as shares of the page's width and height.
    pub x: f32,
    /// See [`Self::x`].
    pub y: f32,
    /// Height of its em, as share of the page's height.
    pub size: f32,
    /// A space comes before it.
    pub begins_word: bool,
}

/// Gathers them while a page is painted.
pub(super) struct Concealed {
    page: Rect,
    ground: Ground,
    /// Letters that can be seen so far.
    standing: Vec<Letter>,
    covers: Vec<Cover>,
    /// The bar that the shape before is a piece of.
    bar: Option<(Rect, [u8; 3])>,
    /// Letters that cannot be seen, whatever is painted later.
    unseen: Vec<(Concealment, Letter)>,
    work: usize,
}

/// A shape or picture over letters.
struct Cover {
    how: Concealment,
    place: Rect,
    below: Vec<Letter>,
    /// Letters that were painted upon it later.
    upon: usize,
}

impl Concealed {
    /// For a page whose visible part is `page`.
    pub fn new(page: Rect) -> Self {
        Self {
            page,
            ground: Ground::default(),
            standing: Vec::new(),
            covers: Vec::new(),
            bar: None,
            unseen: Vec::new(),
            work: MOST_WORK,
        }
    }

    /// A letter that is painted in a colour with an opacity; no colour: a pattern.
    pub fn painted(&mut self, letter: Letter, colour: Option<[u8; 3]>, opacity: f32) {
        let ground = self.cell(letter.middle).and_then(|at| self.ground.at(at));
        let is_same = colour
            .zip(ground)
            .is_some_and(|(colour, ground)| opacity * difference(colour, ground) <= SAME);
        if is_same {
            self.unseen(Concealment::SameColour, letter);
            return;
        }
        if letter.size <= TOO_SMALL && !letter.is_larger {
            self.unseen(Concealment::TooSmall, letter);
            return;
        }
        if self.standing.len() < MOST_LETTERS {
            self.standing.push(letter);
            for cover in &mut self.covers {
                cover.upon += usize::from(cover.place.contains(letter.middle));
            }
        }
    }

    /// A letter that is not seen for another reason.
    pub fn unseen(&mut self, how: Concealment, letter: Letter) {
        if self.unseen.len() < MOST_LETTERS {
            self.unseen.push((how, letter));
        }
    }

    /// An upright rectangle of one colour hides what is below.
    pub fn shape(&mut self, place: Rect, colour: [u8; 3]) {
        // Of a bar of many pieces each may be thin, but not the bar.
        let before = self
            .bar
            .filter(|(bar, of)| *of == colour && continues(*bar, place));
        let bar = before.map_or(place, |(bar, _)| bar.union(place));
        self.bar = Some((bar, colour));
        let is_line = bar.width().min(bar.height()) < THINNEST_SHAPE;
        let [red, green, blue] = colour;
        let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
        let is_marker = light(colour) > DARK && most - least > COLOURLESS;
        if !is_line && !is_marker && place.area() < self.page.area() * PAPER {
            self.cover(Concealment::UnderShape, place);
        }
        self.paint_ground(place, Some(colour));
    }

    /// A picture; `is_opaque` where it is an upright rectangle that lets nothing through.
    pub fn picture(&mut self, place: Rect, is_opaque: bool) {
        if is_opaque && place.area() < self.page.area() * SCAN {
            self.cover(Concealment::UnderPicture, place);
        }
        self.paint_ground(place, None);
    }

    /// Something is painted there whose colour cannot be told everywhere.
    pub fn paint(&mut self, place: Rect) {
        self.paint_ground(place, None);
    }

    fn cover(&mut self, how: Concealment, place: Rect) {
        if self.covers.len() >= KEPT_COVERS {
            self.covers.retain(|cover| cover.below.len() >= FEWEST);
        }
        let has_room = self.covers.len() < KEPT_COVERS && !self.standing.is_empty();
        if !has_room || self.work < self.standing.len() {
            return;
        }
        self.work -= self.standing.len();
        let is_below = |letter: &Letter| place.contains(letter.middle);
        if self.standing.iter().any(is_below) {
            let standing = std::mem::take(&mut self.standing).into_iter();
            let (below, standing): (Vec<_>, Vec<_>) = standing.partition(is_below);
            self.standing = standing;
            match self.covers.last_mut() {
                Some(cover) if cover.how == how && continues(cover.place, place) => {
                    cover.place = cover.place.union(place);
                    cover.below.extend(below);
                }
                _ => self.covers.push(Cover {
                    how,
                    place,
                    below,
                    upon: 0,
                }),
            }
        } else if let Some(cover) = self.covers.last_mut()
            && cover.how == how
            && continues(cover.place, place)
        {
            // The gap between two words.
            cover.place = cover.place.union(place);
        }
    }

    /// Letters of a scan, those of its text layer among them.
    pub fn letters(&self) -> Vec<ScanLetter> {
        let page = self.page;
        let (width, height) = (page.width().max(1.0), page.height().max(1.0));
        let below = self.covers.iter().flat_map(|cover| &cover.below);
        let is_meant = |how| matches!(how, Concealment::Invisible | Concealment::SameColour);
        let unseen = self.unseen.iter().filter(|(how, _)| is_meant(*how));
        let all = self.standing.iter().chain(below);
        let all = all.chain(unseen.map(|(_, letter)| letter));
        let mut before = None;
        let letters = all.map(|letter| ScanLetter {
            character: letter.character,
            x: ((letter.middle.x - page.x0) / width) as f32,
            y: ((letter.middle.y - page.y0) / height) as f32,
            size: (letter.size / height) as f32,
            begins_word: before
                .replace(letter)
                .is_none_or(|before| letter.is_apart_from(before)),
        });
        letters.collect()
    }

    /// What was found. `image_cover`: the share of the page that pictures cover.
    pub fn finish(self, image_cover: f32) -> Vec<HiddenText> {
        let mut found = Vec::new();
        let is_scan = f64::from(image_cover) >= SCAN;
        for cover in self
            .covers
            .iter()
            .filter(|cover| cover.below.len() >= FEWEST)
        {
            // What is painted once more upon the shape is a heading, and hides nothing.
            let is_repeated = cover.upon * 2 >= cover.below.len();
            let is_layer = is_scan && cover.how == Concealment::UnderPicture;
            if !is_repeated && !is_layer {
                found.push(told(self.page, cover.how, cover.place, &cover.below));
            }
        }
        let near = |middle: Point| {
            let cell = |at: f64| (at / SHADOW).round() as i64;
            (cell(middle.x), cell(middle.y))
        };
        let seen: HashSet<(i64, i64)> = match self.unseen.is_empty() {
            true => HashSet::new(),
            false => self.standing.iter().map(|l| near(l.middle)).collect(),
        };
        let is_shadow = |letter: &Letter| {
            let (x, y) = near(letter.middle);
            let beside = |at: i64| at.saturating_sub(1)..=at.saturating_add(1);
            beside(x).any(|x| beside(y).any(|y| seen.contains(&(x, y))))
        };
        for how in [
            Concealment::SameColour,
            Concealment::TooSmall,
            Concealment::BesidePage,
            Concealment::Invisible,
        ] {
            let is_meant = |letter: &Letter| match how {
                // What is blended with the ground later may show them.
                Concealment::SameColour => {
                    let cell = self.cell(letter.middle);
                    let is_known = cell.is_some_and(|at| self.ground.at(at).is_some());
                    is_known && !is_shadow(letter)
                }
                // Letters over what is drawn as shapes or pictures tell what they say.
                Concealment::Invisible => !is_scan && self.is_plain_around(letter.middle),
                _ => true,
            };
            let of = self.unseen.iter().filter(|(of, _)| *of == how);
            let letters: Vec<Letter> = of.map(|(_, l)| *l).filter(is_meant).collect();
            if letters.len() >= FEWEST {
                let place = around(&letters);
                found.push(told(self.page, how, place, &letters));
            }
        }
        found
    }

    /// Nothing but plain fills is painted there and beside it.
    fn is_plain_around(&self, middle: Point) -> bool {
        let Some((column, row)) = self.cell(middle) else {
            return false;
        };
        let beside = |at: usize| at.saturating_sub(1)..=(at + 1).min(CELLS - 1);
        beside(row).all(|row| beside(column).all(|column| self.ground.at((column, row)).is_some()))
    }

    fn cell(&self, at: Point) -> Option<(usize, usize)> {
        cell(self.page, CELLS, at)
    }

    fn paint_ground(&mut self, place: Rect, colour: Option<[u8; 3]>) {
        let place = place.intersect(self.page);
        // What lies beside the page, or beside what is clipped, is not painted.
        if !(place.width() > 0.0 && place.height() > 0.0) {
            return;
        }
        let side = |from: f64, to: f64, start: f64, length: f64| {
            let at = |at: f64| ((at - start) / length * CELLS as f64).clamp(0.0, CELLS as f64);
            let (from, to) = (at(from), at(to));
            let touched = from.floor() as usize..(to.floor() as usize + 1).min(CELLS);
            let whole = from.ceil() as usize..to.floor() as usize;
            (touched, whole)
        };
        let (columns, inner_columns) = side(place.x0, place.x1, self.page.x0, self.page.width());
        let (rows, inner_rows) = side(place.y0, place.y1, self.page.y0, self.page.height());
        let cells = columns.len() * rows.len();
        if self.work < cells {
            self.ground.forget();
            return;
        }
        self.work -= cells;
        for row in rows {
            for column in columns.clone() {
                let is_whole = inner_rows.contains(&row) && inner_columns.contains(&column);
                self.ground.paint((column, row), colour, is_whole);
            }
        }
    }
}

/// What is said of letters on layers that are off; none where there are hardly any.
pub(super) fn on_layers_off(page: Rect, letters: &[Letter]) -> Option<HiddenText> {
    let are_words = letters.len() >= FEWEST;
    are_words.then(|| told(page, Concealment::LayerOff, around(letters), letters))
}

fn told(page: Rect, how: Concealment, place: Rect, letters: &[Letter]) -> HiddenText {
    let share = |at: f64, from: f64, length: f64| {
        let share = (at - from) / length;
        // Pages without a size have no places.
        match share.is_nan() {
            true => 0.0,
            false => share.clamp(0.0, 1.0) as f32,
        }
    };
    HiddenText {
        how,
        letters: u32::try_from(letters.len()).unwrap_or(u32::MAX),
        area: Area {
            left: share(place.x0, page.x0, page.width()),
            top: share(place.y0, page.y0, page.height()),
            right: share(place.x1, page.x0, page.width()),
            bottom: share(place.y1, page.y0, page.height()),
        },
        words: words(letters),
    }
}

/// Whether a piece of a bar follows another: they touch, and end on the same lines.
fn continues(bar: Rect, next: Rect) -> bool {
    let level = |a: f64, b: f64| (a - b).abs() <= TOUCH;
    let touch = |from: f64, to: f64, next_from: f64, next_to: f64| {
        next_from <= to + TOUCH && next_to >= from - TOUCH
    };
    let across =
        level(bar.y0, next.y0) && level(bar.y1, next.y1) && touch(bar.x0, bar.x1, next.x0, next.x1);
    let down =
        level(bar.x0, next.x0) && level(bar.x1, next.x1) && touch(bar.y0, bar.y1, next.y0, next.y1);
    across || down
}

/// Column and row of the cell that a point of a page is in, of so many along each side; none
/// where it lies beside the page.
pub(super) fn cell(page: Rect, cells: usize, at: Point) -> Option<(usize, usize)> {
    let side = |at: f64, from: f64, length: f64| {
        let cell = ((at - from) / length * cells as f64).floor();
        (0.0..cells as f64).contains(&cell).then_some(cell as usize)
    };
    Some((
        side(at.x, page.x0, page.width())?,
        side(at.y, page.y0, page.height())?,
    ))
}

/// The colour of what is painted so far in each cell; white at first.
#[derive(Default)]
struct Ground {
    /// Rows from the top; empty while all is white.
    cells: Vec<Option<[u8; 3]>>,
    is_forgotten: bool,
}

impl Ground {
    const PAPER: [u8; 3] = [255; 3];

    fn at(&self, (column, row): (usize, usize)) -> Option<[u8; 3]> {
        if self.is_forgotten {
            return None;
        }
        let cell = self.cells.get(row * CELLS + column);
        cell.copied().unwrap_or(Some(Self::PAPER))
    }

    fn paint(&mut self, (column, row): (usize, usize), colour: Option<[u8; 3]>, is_whole: bool) {
        if self.cells.is_empty() {
            if colour == Some(Self::PAPER) {
                return;
            }
            self.cells = vec![Some(Self::PAPER); CELLS * CELLS];
        }
        let cell = &mut self.cells[row * CELLS + column];
        if is_whole {
            *cell = colour;
        } else if *cell != colour {
            *cell = None;
        }
    }

    /// There is too much to keep up with.
    fn forget(&mut self) {
        self.is_forgotten = true;
    }
}

/// The largest difference of a channel, 0 to 255.
fn difference(one: [u8; 3], other: [u8; 3]) -> f32 {
    let channels = one.into_iter().zip(other);
    channels
        .map(|(a, b)| f32::from(a.abs_diff(b)))
        .fold(0.0, f32::max)
}

fn around(letters: &[Letter]) -> Rect {
    let one = |letter: &Letter| Rect::from_center_size(letter.middle, (letter.size, letter.size));
    let all = letters.iter().map(one);
    all.reduce(|all, one| all.union(one)).unwrap_or_default()
}

/// The letters in the order they were painted, with spaces where there are gaps.
fn words(letters: &[Letter]) -> String {
    let mut words = String::new();
    let mut before: Option<&Letter> = None;
    for letter in letters.iter().take(LONGEST_WORDS) {
        if before.is_some_and(|before| letter.is_apart_from(before)) {
            words.push(' ');
        }
        words.push(letter.character);
        before = Some(letter);
    }
    words
}
