//! The engines of a worker, and a file that is open in the first of them that
//! can open it, with the next as a second opinion. Not for how an engine draws.

use std::cell::OnceCell;
use std::sync::Arc;

use super::{
    Engine, HayroEngine, OpenDocument, OpenError, PageContents, PageError, PdfiumEngine, Picture,
    Sheet, SheetSize, extract,
};
use crate::model::{Disagreement, EngineKind, PageShape, Secret, Undrawn, Word};

/// US Letter, which viewers show for a page whose size cannot be read.
const UNREADABLE: PageShape = PageShape {
    width: 612.0,
    height: 792.0,
    rotation: 0,
};

/// The engines that a worker has.
#[derive(Clone, Copy, Default)]
pub struct Engines {
    /// PDFium, where its library is there and fits.
    pub pdfium: Option<PdfiumEngine>,
}

impl Engines {
    fn get(&self, kind: EngineKind) -> Option<&dyn Engine> {
        match kind {
            EngineKind::Hayro => Some(&HayroEngine),
            EngineKind::Pdfium => self.pdfium.as_ref().map(|engine| engine as _),
        }
    }

    /// Opens `bytes` with the first engine of `order` that can and sees pages,
    /// trying no password first and then each of `passwords`.
    pub fn open(
        &self,
        order: &[EngineKind],
        bytes: Arc<Vec<u8>>,
        passwords: &[Secret],
    ) -> Result<OpenFile, OpenError> {
        let mut engines = order.iter().copied();
        let mut failure = OpenError::NoEngine;
        let mut without_pages = None;
        while let Some(kind) = engines.next() {
            let Some(engine) = self.get(kind) else {
                continue;
            };
            match unlock(engine, &bytes, passwords) {
                Ok((document, password)) => {
                    let file = OpenFile {
                        engines: *self,
                        bytes: Arc::clone(&bytes),
                        password,
                        decrypted: None,
                        others: engines.clone().collect(),
                        second: OnceCell::new(),
                        sizes: OnceCell::new(),
                        first: document,
                    };
                    if file.page_count() > 0 {
                        return Ok(file.with_most_pages());
                    }
                    without_pages.get_or_insert(file);
                }
                // A password that is missing is the one thing that a person can mend.
                Err(OpenError::NeedsPassword) => failure = OpenError::NeedsPassword,
                Err(error) if failure == OpenError::NoEngine => failure = error,
                Err(_) => {}
            }
        }
        // No engine knows the password of the owner for every old handler, or
        // every handler at all.
        if matches!(
            failure,
            OpenError::NeedsPassword | OpenError::UnsupportedEncryption(_)
        ) && let Some((decrypted, password)) = decrypted(&bytes, passwords)
        {
            let decrypted = Arc::new(decrypted);
            if let Ok(file) = self.open(order, Arc::clone(&decrypted), &[]) {
                return Ok(OpenFile {
                    bytes,
                    password: Some(password),
                    decrypted: Some(decrypted),
                    ..file
                });
            }
        }
        without_pages.ok_or(failure)
    }
}

/// The file without its encryption, and the first of the passwords that opens it.
fn decrypted(bytes: &Arc<Vec<u8>>, passwords: &[Secret]) -> Option<(Vec<u8>, Secret)> {
    passwords.iter().find_map(|password| {
        let decrypted = extract::decrypted(Arc::clone(bytes), password.as_str())?;
        Some((decrypted, password.clone()))
    })
}

/// A document and the password that opened it, if it needed one.
type Unlocked = (Box<dyn OpenDocument>, Option<Secret>);

fn unlock(
    engine: &dyn Engine,
    bytes: &Arc<Vec<u8>>,
    passwords: &[Secret],
) -> Result<Unlocked, OpenError> {
    match engine.open(Arc::clone(bytes), None) {
        Ok(document) => return Ok((document, None)),
        Err(OpenError::NeedsPassword) => {}
        Err(error) => return Err(error),
    }
    for password in passwords {
        match engine.open(Arc::clone(bytes), Some(password.as_str())) {
            Ok(document) => return Ok((document, Some(password.clone()))),
            Err(OpenError::NeedsPassword) => {}
            Err(error) => return Err(error),
        }
    }
    Err(OpenError::NeedsPassword)
}

/// A file that is open in one engine, and in another from when that is needed.
pub struct OpenFile {
    engines: Engines,
    bytes: Arc<Vec<u8>>,
    password: Option<Secret>,
    /// What engines read, where they cannot decrypt `bytes` themselves.
    decrypted: Option<Arc<Vec<u8>>>,
    first: Box<dyn OpenDocument>,
    others: Vec<EngineKind>,
    second: OnceCell<Option<Box<dyn OpenDocument>>>,
    /// Asked for page sizes where the first engine is PDFium, which passes over
    /// UserUnit.
    sizes: OnceCell<Option<Box<dyn OpenDocument>>>,
}

/// A page as it was drawn.
pub struct Drawn<P = Picture> {
    /// What it looks like.
    pub picture: P,
    /// Which engine drew it.
    pub engine: EngineKind,
    /// How another engine sees it differently, if one was asked.
    pub disagreement: Option<Disagreement>,
}

impl OpenFile {
    /// The file with the engine first that sees more pages, so that none is
    /// lost in a broken page tree. A page tree may also count pages that are not
    /// there; more pages are believed if the last of them can be read.
    fn with_most_pages(mut self) -> Self {
        let count = self.first.page_count();
        let sees_more = self.second().is_some_and(|second| {
            let more = second.page_count();
            more > count && second.shape(more).is_ok()
        });
        if sees_more && let Some(Some(second)) = self.second.take() {
            let first = std::mem::replace(&mut self.first, second);
            self.second = OnceCell::from(Some(first));
        }
        self
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &Arc<Vec<u8>> {
        &self.bytes
    }

    /// The password that opened it, if it needed one.
    pub fn password(&self) -> Option<&str> {
        self.password.as_ref().map(Secret::as_str)
    }

    /// Number of pages.
    pub fn page_count(&self) -> u32 {
        self.first.page_count()
    }

    /// The engine that draws first.
    pub fn engine(&self) -> EngineKind {
        self.first.engine()
    }

    /// Number of pages that each engine sees which opens the file.
    pub fn page_counts(&self) -> Vec<(EngineKind, u32)> {
        [Some(&*self.first), self.second()]
            .into_iter()
            .flatten()
            .map(|document| (document.engine(), document.page_count()))
            .collect()
    }

    /// Size and rotation of a page, within what readers show; those of an ordinary one
    /// where no engine can read them.
    pub fn shape(&self, number: u32) -> PageShape {
        self.sizes()
            .and_then(|document| document.shape(number).ok())
            .or_else(|| self.first.shape(number).ok())
            .or_else(|| self.second()?.shape(number).ok())
            .map(|shape| PageShape::bounded(shape.width, shape.height, shape.rotation))
            .unwrap_or(UNREADABLE)
    }

    /// Draws a page to exactly `width` × `height` pixels. Where the first engine
    /// fails, cannot decode a picture, or draws nothing although the page paints something,
    /// the second is asked as well.
    pub fn draw(&self, number: u32, width: u16, height: u16) -> Result<Drawn, PageError> {
        let drawn = |picture, document: &dyn OpenDocument, disagreement| Drawn {
            picture,
            engine: document.engine(),
            disagreement,
        };
        let first = &*self.first;
        let picture = first.draw(number, width, height);
        let lacks_pictures = first.lacks_pictures();
        let doubtful = match &picture {
            Ok(_) if lacks_pictures => true,
            Ok(picture) => picture.is_white() && first.paints(number).unwrap_or(true),
            Err(PageError::NoSuchPage(_)) => false,
            Err(PageError::Failed(..)) => true,
        };
        let Some(second) = doubtful.then(|| self.second()).flatten() else {
            return Ok(drawn(picture?, first, None));
        };
        match (picture, second.draw(number, width, height)) {
            (Ok(picture), Ok(other)) if other.is_white() => Ok(drawn(picture, first, None)),
            (Ok(_), Ok(other)) if lacks_pictures => {
                Ok(drawn(other, second, Some(Disagreement::Failed)))
            }
            (Ok(_), Ok(other)) => Ok(drawn(other, second, Some(Disagreement::Blank))),
            (Ok(picture), Err(_)) => Ok(drawn(picture, first, Some(Disagreement::Failed))),
            (Err(_), Ok(other)) => Ok(drawn(other, second, Some(Disagreement::Failed))),
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// A page that is just one picture, decoded straight to this size. None for others,
    /// and for one that looks empty: the other engine is to look at it too.
    pub fn quick_sheet(&self, number: u32, size: SheetSize) -> Option<Drawn<Sheet>> {
        let sheet = self.first.sheet(number, size);
        let picture = sheet.filter(|sheet| !sheet.gray.is_white())?;
        Some(Drawn {
            picture,
            engine: self.first.engine(),
            disagreement: None,
        })
    }

    /// A page as measures take it: as [`OpenFile::quick_sheet`], or else as
    /// [`OpenFile::draw`] draws it, its colours at half the size of its brightness.
    pub fn sheet(&self, number: u32, size: SheetSize) -> Result<Drawn<Sheet>, PageError> {
        if let Some(sheet) = self.quick_sheet(number, size) {
            return Ok(sheet);
        }
        let (width, height) = size.gray;
        let drawn = self.draw(number, width, height)?;
        Ok(Drawn {
            picture: Sheet::of(drawn.picture),
            engine: drawn.engine,
            disagreement: drawn.disagreement,
        })
    }

    /// The text of a page as `engine` reads it, or the other where that fails.
    pub fn text(&self, number: u32, engine: EngineKind) -> Result<String, PageError> {
        let second = || self.second().filter(|second| second.engine() == engine);
        let reader = if self.first.engine() == engine {
            Some(&*self.first)
        } else {
            second()
        };
        reader.unwrap_or(&*self.first).text(number)
    }

    /// Whether the engine that draws finds any text on a page.
    pub fn has_text(&self, number: u32) -> bool {
        self.first
            .text(number)
            .is_ok_and(|text| !text.trim().is_empty())
    }

    /// What a page paints. hayro is the one that tells, whichever engine draws;
    /// none where it cannot open the file, sees other pages, or is left out because
    /// such a page has ended its worker.
    pub fn contents(&self, number: u32) -> Option<PageContents> {
        let beside = self.others.contains(&EngineKind::Hayro);
        self.first
            .contents(number)
            .or_else(|| beside.then(|| self.sizes()).flatten()?.contents(number))
    }

    /// What a page paints and the picture of it, as `drawn_by` drew it last, lacks. Where
    /// that is bare, each of its pictures is decoded anew for this; by hayro, as
    /// [`Self::contents`].
    pub fn undrawn(&self, number: u32, drawn_by: EngineKind, is_bare: bool) -> Vec<Undrawn> {
        let beside = self.others.contains(&EngineKind::Hayro);
        let lacks_pictures = self.first.engine() == drawn_by && self.first.lacks_pictures();
        match is_bare {
            true => match beside.then(|| self.sizes()).flatten() {
                Some(hayro) => hayro.undrawn(number),
                None => self.first.undrawn(number),
            },
            false => lacks_pictures
                .then_some(Undrawn::Picture)
                .into_iter()
                .collect(),
        }
    }

    /// As [`OpenDocument::painting`], by the first engine.
    pub fn painting(&self, number: u32) -> Option<[u8; 32]> {
        self.first.painting(number)
    }

    /// As [`OpenDocument::notes`], by the engine that can tell.
    pub fn notes(&self, number: u32) -> Vec<String> {
        let hayro = match self.others.contains(&EngineKind::Hayro) {
            true => self.sizes(),
            false => None,
        };
        hayro.unwrap_or(&*self.first).notes(number)
    }

    /// The words of a page and where they stand, where an engine can tell.
    pub fn words(&self, number: u32) -> Option<Vec<Word>> {
        let beside = self.others.contains(&EngineKind::Hayro);
        self.first
            .words(number)
            .or_else(|| beside.then(|| self.sizes()).flatten()?.words(number))
    }

    /// What engines read, and the password for it.
    fn readable(&self) -> (Arc<Vec<u8>>, Option<&str>) {
        match &self.decrypted {
            Some(decrypted) => (Arc::clone(decrypted), None),
            None => (Arc::clone(&self.bytes), self.password()),
        }
    }

    /// hayro for the sizes of pages that PDFium draws, unless the two see
    /// different pages.
    fn sizes(&self) -> Option<&dyn OpenDocument> {
        if self.first.engine() != EngineKind::Pdfium {
            return None;
        }
        self.sizes
            .get_or_init(|| {
                let (bytes, password) = self.readable();
                HayroEngine
                    .open(bytes, password)
                    .ok()
                    .filter(|document| document.page_count() == self.first.page_count())
            })
            .as_deref()
    }

    /// The next engine that opens the file, if any.
    fn second(&self) -> Option<&dyn OpenDocument> {
        self.second
            .get_or_init(|| {
                self.others.iter().find_map(|&kind| {
                    let engine = self.engines.get(kind)?;
                    let (bytes, password) = self.readable();
                    engine.open(bytes, password).ok()
                })
            })
            .as_deref()
    }
}
