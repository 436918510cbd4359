//! Proves that a page of a part shows what it shows in its source. Where an engine can
//! tell, by all that it would paint, stroke by stroke, which is exact and takes a tenth
//! of the time; otherwise it draws both, small, and reads both texts. Not for laying out
//! parts (`extract`).

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::{Engines, OpenFile, Picture, fit};
use crate::model::{Difference, EngineKind, PageProof, PageShape, Secret};

/// Longest side of the pictures that are compared, in pixels. A full stop of 1.2 points
/// that is drawn and not written still changes a pixel of ISO A4 by 8 of 255.
const LONGEST: u16 = 128;

/// Difference of a channel, of 255, that counts as none on a turned page once both
/// pictures are blurred: edges are drawn along other rows and columns, and fall into other
/// pixels. Upright pages are compared exactly.
const ROUNDING: i32 = 24;

/// A file as it is shown by the engines, each opened when it is first asked.
pub struct Shown {
    engines: Engines,
    bytes: Arc<Vec<u8>>,
    passwords: Vec<Secret>,
    pages: u32,
    opened: RefCell<Vec<(EngineKind, Option<Rc<OpenFile>>)>>,
}

impl Shown {
    /// A file of so many pages, with the passwords to try.
    pub fn new(engines: Engines, bytes: Arc<Vec<u8>>, passwords: &[Secret], pages: u32) -> Self {
        Self {
            engines,
            bytes,
            passwords: passwords.to_vec(),
            pages,
            opened: RefCell::default(),
        }
    }

    /// The file as one engine shows it; none where it cannot, or sees other pages.
    pub fn by(&self, engine: EngineKind) -> Option<Rc<OpenFile>> {
        let known = self
            .opened
            .borrow()
            .iter()
            .find(|(kind, _)| *kind == engine)
            .cloned();
        if let Some((_, file)) = known {
            return file;
        }
        let file = self
            .engines
            .open(&[engine], Arc::clone(&self.bytes), &self.passwords);
        let file = file
            .ok()
            .filter(|file| file.page_count() == self.pages)
            .map(Rc::new);
        self.opened.borrow_mut().push((engine, file.clone()));
        file
    }
}

/// A page of a file.
#[derive(Clone, Copy)]
pub struct ShownPage<'a> {
    /// The file.
    pub file: &'a Shown,
    /// The number of the page, from 1.
    pub number: u32,
}

/// Compares a page of a part with its source's, by the first of the engines that can
/// draw the source's. `turn` is by how many degrees the part's was turned, clockwise.
pub fn prove(
    engines: &[EngineKind],
    source: ShownPage<'_>,
    part: ShownPage<'_>,
    turn: u16,
) -> PageProof {
    compare(engines, source, part, turn, true)
}

/// Compares what a page of a part looks like with its source's, in the same way: it may say
/// more, with text that is not seen.
pub fn prove_look(
    engines: &[EngineKind],
    source: ShownPage<'_>,
    part: ShownPage<'_>,
    turn: u16,
) -> PageProof {
    compare(engines, source, part, turn, false)
}

/// Compares pages; `says_same`: their texts are to be the same as well.
fn compare(
    engines: &[EngineKind],
    source: ShownPage<'_>,
    part: ShownPage<'_>,
    turn: u16,
    says_same: bool,
) -> PageProof {
    let mut proof = PageProof::Unknown("no engine opens its source as it was planned".into());
    for &engine in engines {
        let Some(before) = source.file.by(engine) else {
            continue;
        };
        let shape = before.shape(source.number);
        let after = part.file.by(engine);
        let painting = says_same.then(|| before.painting(source.number)).flatten();
        if let (Some(painting), Some(after)) = (painting, &after)
            && after.shape(part.number) == turned_shape(shape, turn)
            && after.painting(part.number) == Some(painting)
        {
            return PageProof::Same;
        }
        let (width, height) = fit(shape, LONGEST);
        let picture = match before.draw(source.number, width, height) {
            Ok(drawn) => drawn.picture,
            Err(error) => {
                if matches!(proof, PageProof::Unknown(_)) {
                    proof = PageProof::Unknown(error.to_string());
                }
                continue;
            }
        };
        let Some(after) = after else {
            return PageProof::Differs(Difference::Unreadable);
        };
        if after.shape(part.number) != turned_shape(shape, turn) {
            return PageProof::Differs(Difference::Shape);
        }
        let (across, down) = match turn {
            90 | 270 => (height, width),
            _ => (width, height),
        };
        let Ok(drawn) = after.draw(part.number, across, down) else {
            return PageProof::Differs(Difference::Unreadable);
        };
        if !looks_same(&picture, &drawn.picture, turn) {
            return PageProof::Differs(Difference::Picture);
        }
        let reads_same =
            || read(&before, source.number, engine) == read(&after, part.number, engine);
        if says_same && !reads_same() {
            return PageProof::Differs(Difference::Text);
        }
        proof = PageProof::Same;
        // A page that looks empty may be one that this engine cannot draw.
        if !picture.is_white() {
            break;
        }
    }
    proof
}

fn turned_shape(shape: PageShape, turn: u16) -> PageShape {
    let (width, height) = match turn {
        90 | 270 => (shape.height, shape.width),
        _ => (shape.width, shape.height),
    };
    PageShape {
        width,
        height,
        rotation: (shape.rotation + turn) % 360,
    }
}

/// The text of a page without its spaces: where they are depends on which way it lies.
fn read(file: &OpenFile, number: u32, engine: EngineKind) -> Option<String> {
    let text = file.text(number, engine).ok()?;
    Some(text.split_whitespace().collect())
}

/// Whether two pictures are the same once the second is turned back.
fn looks_same(before: &Picture, after: &Picture, turn: u16) -> bool {
    if turn == 0 {
        return before == after;
    }
    let (width, height) = (before.width as usize, before.height as usize);
    let turned = |x: usize, y: usize| match turn {
        90 => (height - 1 - y, x),
        180 => (width - 1 - x, height - 1 - y),
        _ => (y, width - 1 - x),
    };
    // The sum of a channel over a pixel and its neighbours, in both pictures.
    let sums = |x: usize, y: usize, channel: usize| {
        let mut sums = (0, 0, 0);
        for y in y.saturating_sub(1)..=(y + 1).min(height - 1) {
            for x in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                let (to_x, to_y) = turned(x, y);
                sums.0 += i32::from(before.pixel(x, y)[channel]);
                sums.1 += i32::from(after.pixel(to_x, to_y)[channel]);
                sums.2 += 1;
            }
        }
        sums
    };
    let near = |x: usize, y: usize| {
        (0..3).all(|channel| {
            let (a, b, count) = sums(x, y, channel);
            (a - b).abs() <= ROUNDING * count
        })
    };
    (0..height).all(|y| (0..width).all(|x| near(x, y)))
}
