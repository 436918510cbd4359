//! Writing a page, or a document, as a file for an analyser: the one case in which
//! a page becomes bytes before an export. Written into the worker's own directory,
//! which is the working directory. Not for parts (`extraction`).

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::extraction::refuse;
use super::protocol::{FileForm, FileOrder, Refusal};
use crate::model::{FailureKind, PageShape};
use crate::pdf::extract::{Original, PartOptions, PartPage, assemble};
use crate::pdf::{OpenFile, Picture, fit};
use crate::private;

/// Longest side of a picture, pixels: ISO A0 at 200 dpi. Larger pages are drawn
/// at a lower resolution.
const LONGEST_SIDE: u16 = 10_000;

/// Most bytes that a file for an analyser can have, before it is written.
pub fn most_bytes(form: FileForm, shape: PageShape, document: u64) -> u64 {
    /// Text of a page; more than any page that people made.
    const TEXT: u64 = 4 << 20;
    /// What a page of its own has besides what it takes from its document.
    const OVERHEAD: u64 = 1 << 20;
    match form {
        FileForm::Pdf => document.saturating_add(OVERHEAD),
        FileForm::Document => document,
        FileForm::Text => TEXT,
        FileForm::Png { dpi } => {
            let (width, height) = size(shape, dpi);
            // As much as without any compression.
            u64::from(width) * u64::from(height) * 3 + OVERHEAD
        }
    }
}

/// Writes the file.
pub fn write(file: &OpenFile, order: &FileOrder) -> Result<(), Refusal> {
    match order.form {
        FileForm::Document => keep(order, |out| out.write_all(file.bytes())),
        FileForm::Text => {
            let text = file
                .text(order.page, file.engine())
                .map_err(|error| Refusal::new(FailureKind::EngineFailed, error))?;
            keep(order, |out| out.write_all(text.as_bytes()))
        }
        FileForm::Png { dpi } => {
            let (width, height) = size(file.shape(order.page), dpi);
            let drawn = file
                .draw(order.page, width, height)
                .map_err(|error| Refusal::new(FailureKind::EngineFailed, error))?;
            keep(order, |out| write_png(&drawn.picture, out))
        }
        FileForm::Pdf => {
            let original =
                Original::read(Arc::clone(file.bytes()), file.password(), file.page_count())
                    .map_err(|error| refuse(&error))?;
            let page = PartPage {
                source: 0,
                number: order.page,
                turn: 0,
            };
            let options = PartOptions {
                drop_signatures: true,
                ..PartOptions::default()
            };
            let part = assemble(&[&original], &[page], &options).map_err(|error| refuse(&error))?;
            keep(order, |out| part.layout.write(out))
        }
    }
}

fn size(shape: PageShape, dpi: u16) -> (u16, u16) {
    let inches = shape.width.max(shape.height) / 72.0;
    let longest = (inches * f32::from(dpi)).round();
    // Not a number becomes 0.
    fit(shape, (longest as u16).clamp(1, LONGEST_SIDE))
}

fn write_png(picture: &Picture, out: &mut impl Write) -> io::Result<()> {
    let pixels = picture.rgba.chunks_exact(4);
    let (bytes, colour): (Vec<u8>, _) = if picture.is_gray() {
        let gray = pixels.map(|pixel| pixel[0]).collect();
        (gray, ExtendedColorType::L8)
    } else {
        let coloured = pixels.flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]);
        (coloured.collect(), ExtendedColorType::Rgb8)
    };
    PngEncoder::new_with_quality(out, CompressionType::Fast, FilterType::Adaptive)
        .write_image(&bytes, picture.width, picture.height, colour)
        .map_err(io::Error::other)
}

/// Writes a new file whole or not at all.
fn keep(
    order: &FileOrder,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Refusal> {
    let path = Path::new(&order.name);
    let written = private::create_new(path).and_then(|file| {
        let mut out = BufWriter::new(file);
        fill(&mut out)?;
        out.flush()
    });
    written.map_err(|error| {
        let _ = std::fs::remove_file(path);
        let kind = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                FailureKind::DestinationFull
            }
            _ => FailureKind::CannotWrite,
        };
        Refusal::by_system(kind, &error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_needs_at_most_its_pixels() {
        let a4 = PageShape {
            width: 595.0,
            height: 842.0,
            rotation: 0,
        };
        let most = most_bytes(FileForm::Png { dpi: 300 }, a4, 1);
        assert!((26_000_000..28_000_000).contains(&most), "{most}");
        let wide = PageShape {
            width: 100_000.0,
            ..a4
        };
        assert_eq!(size(wide, 300).0, LONGEST_SIDE);
        let broken = PageShape {
            width: f32::NAN,
            height: f32::NAN,
            rotation: 0,
        };
        assert_eq!(size(broken, 300), (1, 1));
    }
}
