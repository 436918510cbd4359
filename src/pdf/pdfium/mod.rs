//! The PDFium engine: Chromium's, loaded from a shared library where there is
//! one. Not for finding that library (`find`) or deciding when to use it.
//!
//! PDFium is not thread-safe. Each worker binds it once and calls it from one
//! thread only; the lock of `pdfium-render` stays on all the same.

pub mod find;
pub mod wheel;

use std::path::Path;
use std::sync::Arc;

use pdfium_render::prelude::{
    PdfBitmapFormat, PdfDocument, PdfPage, PdfPageAnnotationType, PdfPageObjectsCommon,
    PdfPageRenderRotation, PdfRenderConfig, Pdfium, PdfiumError, PdfiumInternalError,
};
use self_cell::self_cell;
use thiserror::Error;

use crate::model::{EngineKind, PageShape};
use crate::pdf::{Engine, MOST_TEXT, OpenDocument, OpenError, PageContents, PageError, Picture};

/// What PDFium puts in a text for a hyphen at the end of a line.
const LINE_END_HYPHENS: [u32; 2] = [0x02, 0xfffe];

/// Why the library cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct BindError(String);

/// PDFium's library, loaded into this process for good. Its engine belongs to the thread
/// that makes it.
#[derive(Debug)]
pub struct PdfiumLibrary(());

impl PdfiumLibrary {
    /// Loads the library at `path`, which should be absolute: a relative one is looked for
    /// where the system looks for libraries.
    pub fn load(path: &Path) -> Result<Self, BindError> {
        // A pipe would be waited for.
        if path.metadata().is_ok_and(|there| !there.is_file()) {
            return Err(BindError("it is no file".to_owned()));
        }
        let bindings = Pdfium::bind_to_library(path).map_err(|error| match error {
            PdfiumError::LoadLibraryError(error) => BindError(error.to_string()),
            PdfiumError::LoadLibraryFunctionNameError(name) => {
                BindError(format!("it is too old or too new: it has no {name}"))
            }
            other => BindError(other.to_string()),
        })?;
        drop(Pdfium::new(bindings));
        Ok(Self(()))
    }

    /// The engine, for the calling thread.
    pub fn engine(self) -> PdfiumEngine {
        PdfiumEngine {
            // Finds the library that was loaded.
            pdfium: Box::leak(Box::new(Pdfium::default())),
        }
    }
}

/// The PDFium engine. At most one in a process.
#[derive(Clone, Copy)]
pub struct PdfiumEngine {
    /// Lives as long as the process: unloading PDFium gains nothing in a worker
    /// that is about to end.
    pdfium: &'static Pdfium,
}

impl Engine for PdfiumEngine {
    fn open(
        &self,
        bytes: Arc<Vec<u8>>,
        password: Option<&str>,
    ) -> Result<Box<dyn OpenDocument>, OpenError> {
        // To C, a password ends at its first zero.
        if password.is_some_and(|password| password.contains('\0')) {
            return Err(OpenError::NeedsPassword);
        }
        let pdfium = self.pdfium;
        let document = OwnedDocument::try_new(bytes, |bytes| {
            pdfium.load_pdf_from_byte_slice(bytes, password)
        })
        .map_err(|error| match error {
            PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::PasswordError) => {
                OpenError::NeedsPassword
            }
            PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::SecurityError) => {
                OpenError::UnsupportedEncryption(String::new())
            }
            _ => OpenError::Damaged,
        })?;
        Ok(Box::new(PdfiumDocument(document)))
    }
}

self_cell!(
    /// An open document together with the bytes that it borrows.
    struct OwnedDocument {
        owner: Arc<Vec<u8>>,
        #[not_covariant]
        dependent: PdfDocument,
    }
);

struct PdfiumDocument(OwnedDocument);

impl PdfiumDocument {
    /// Loads a page and looks at it.
    fn page<T>(
        &self,
        number: u32,
        look: impl FnOnce(&PdfPage<'_>) -> Result<T, PdfiumError>,
    ) -> Result<T, PageError> {
        self.0.with_dependent(|_, document| {
            let index = index_of(document, number)?;
            let page = document
                .pages()
                .get(index)
                .map_err(|error| failed(number, &error))?;
            look(&page).map_err(|error| failed(number, &error))
        })
    }
}

impl OpenDocument for PdfiumDocument {
    fn engine(&self) -> EngineKind {
        EngineKind::Pdfium
    }

    fn page_count(&self) -> u32 {
        self.0
            .with_dependent(|_, document| u32::try_from(document.pages().len()).unwrap_or(0))
    }

    fn shape(&self, number: u32) -> Result<PageShape, PageError> {
        self.page(number, |page| {
            Ok(PageShape {
                width: page.width().value,
                height: page.height().value,
                rotation: match page.rotation()? {
                    PdfPageRenderRotation::None => 0,
                    PdfPageRenderRotation::Degrees90 => 90,
                    PdfPageRenderRotation::Degrees180 => 180,
                    PdfPageRenderRotation::Degrees270 => 270,
                },
            })
        })
    }

    fn draw(&self, number: u32, width: u16, height: u16) -> Result<Picture, PageError> {
        self.page(number, |page| {
            // A fixed size: any other setting lets the library choose one side.
            let config = PdfRenderConfig::new()
                .set_fixed_size(width.into(), height.into())
                .set_format(PdfBitmapFormat::BGRx)
                .render_annotations(true)
                .render_form_data(true)
                .limit_render_image_cache_size(true);
            let bitmap = page.render_with_config(&config)?;
            let mut rgba = bitmap.as_rgba_bytes();
            // The fourth byte is not used by PDFium and not set either.
            for pixel in rgba.chunks_exact_mut(4) {
                pixel[3] = u8::MAX;
            }
            Ok(Picture {
                width: width.into(),
                height: height.into(),
                rgba,
            })
        })
    }

    fn text(&self, number: u32) -> Result<String, PageError> {
        self.page(number, |page| {
            let text = page.text()?;
            Ok(tidy(
                text.chars()
                    .iter()
                    .map(|character| character.unicode_value()),
            ))
        })
    }

    /// PDFium is not asked: what it tells of a page is counted in other ways.
    fn contents(&self, _: u32) -> Option<PageContents> {
        None
    }

    fn paints(&self, number: u32) -> Result<bool, PageError> {
        self.page(number, |page| {
            let drawn = |kind| {
                !matches!(
                    kind,
                    PdfPageAnnotationType::Link | PdfPageAnnotationType::Popup
                )
            };
            Ok(!page.objects().is_empty()
                || page
                    .annotations()
                    .iter()
                    .any(|annotation| drawn(annotation.annotation_type())))
        })
    }
}

/// PDFium counts pages from 0.
fn index_of(document: &PdfDocument<'_>, number: u32) -> Result<i32, PageError> {
    i32::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1))
        .filter(|index| (0..document.pages().len()).contains(index))
        .ok_or(PageError::NoSuchPage(number))
}

fn failed(number: u32, error: &PdfiumError) -> PageError {
    PageError::Failed(number, error.to_string())
}

/// Makes a text of PDFium's code units: words separated by single spaces, lines
/// by `\n`. Where a font does not explain a character PDFium says 0.
fn tidy(units: impl Iterator<Item = u32>) -> String {
    // Characters beyond the first 65,536 come as two surrogates or as one.
    let characters = char::decode_utf16(units.flat_map(|unit| {
        let mut buffer = [0; 2];
        match char::from_u32(unit) {
            Some(character) => character.encode_utf16(&mut buffer).to_vec(),
            None => vec![u16::try_from(unit).unwrap_or(0xfffd)],
        }
    }));
    let mut text = String::new();
    for character in characters {
        if text.len() > MOST_TEXT {
            break;
        }
        match character.unwrap_or('\u{fffd}') {
            '\r' | '\n' => {
                text.truncate(text.trim_end_matches(' ').len());
                if !text.is_empty() && !text.ends_with('\n') {
                    text.push('\n');
                }
            }
            '\0' => text.push('\u{fffd}'),
            hyphen if LINE_END_HYPHENS.contains(&u32::from(hyphen)) => text.push('-'),
            space if space.is_whitespace() => {
                if !text.is_empty() && !text.ends_with([' ', '\n']) {
                    text.push(' ');
                }
            }
            control if control.is_control() => {}
            other => text.push(other),
        }
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tidied(text: &str) -> String {
        tidy(text.encode_utf16().map(u32::from))
    }

    #[test]
    fn spaces_and_lines_are_single() {
        assert_eq!(
            tidied(" One  two \r\n\r\nthree\u{a0} four \r\n"),
            "One two\nthree four"
        );
    }

    #[test]
    fn characters_outside_the_first_plane_are_whole() {
        assert_eq!(tidied("a𝛼b"), "a𝛼b");
        assert_eq!(tidy([u32::from('𝛼')].into_iter()), "𝛼");
    }

    #[test]
    fn what_cannot_be_read_is_marked() {
        assert_eq!(tidy([0xd835, 0x61, 0].into_iter()), "\u{fffd}a\u{fffd}");
    }

    #[test]
    fn hyphens_at_line_ends_stay() {
        assert_eq!(tidied("post\u{2}\r\nman"), "post-\nman");
    }
}
