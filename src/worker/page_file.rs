//! Writing a page, or a document, as a file: for an analyser, the one case in which a page
//! becomes bytes before an export, or for a person. Not for parts (`extraction`).

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use png::{BitDepth, ColorType, Compression, PixelDimensions, Unit};

use super::extraction::refuse;
use super::protocol::{FileForm, FileInto, FileOrder, Refusal};
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

/// Writes the file; `parts` is the directory for parts, where there is one.
pub fn write(file: &OpenFile, order: &FileOrder, parts: Option<&Path>) -> Result<(), Refusal> {
    let keep = |fill: &dyn Fn(&mut BufWriter<File>) -> io::Result<()>| keep(order, parts, fill);
    match order.form {
        FileForm::Document => keep(&|out| out.write_all(file.bytes())),
        FileForm::Text => {
            let text = file
                .text(order.page, file.engine())
                .map_err(|error| Refusal::new(FailureKind::EngineFailed, error))?;
            keep(&|out| out.write_all(text.as_bytes()))
        }
        FileForm::Png { dpi } => {
            let shape = file.shape(order.page);
            let (width, height) = size(shape, dpi);
            let drawn = file
                .draw(order.page, width, height)
                .map_err(|error| Refusal::new(FailureKind::EngineFailed, error))?;
            // An analyser reads it once; a person keeps it.
            let compression = match order.into {
                FileInto::Own => Compression::Fast,
                FileInto::Parts => Compression::Balanced,
            };
            keep(&|out| write_png(&drawn.picture, shape, compression, out))
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
            keep(&|out| part.layout.write(out))
        }
    }
}

/// Whether a page is too large to be drawn with so many dots an inch, and gets fewer.
pub fn is_drawn_smaller(shape: PageShape, dpi: u16) -> bool {
    shape.width.max(shape.height) / 72.0 * f32::from(dpi) >= f32::from(LONGEST_SIDE) + 0.5
}

/// Width and height of the picture of a page, in pixels.
pub fn size(shape: PageShape, dpi: u16) -> (u16, u16) {
    let inches = shape.width.max(shape.height) / 72.0;
    let longest = (inches * f32::from(dpi)).round();
    // Not a number becomes 0.
    fit(shape, (longest as u16).clamp(1, LONGEST_SIDE))
}

/// A picture of a page, which says how large the page is: programs print it at that size, and
/// Tesseract asks for the resolution.
pub fn write_png(
    picture: &Picture,
    shape: PageShape,
    compression: Compression,
    out: &mut impl Write,
) -> io::Result<()> {
    let pixels = picture.rgba.chunks_exact(4);
    let (bytes, colour): (Vec<u8>, _) = if picture.is_gray() {
        (pixels.map(|pixel| pixel[0]).collect(), ColorType::Grayscale)
    } else {
        let coloured = pixels.flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]);
        (coloured.collect(), ColorType::Rgb)
    };
    let (wide, high) = shape.millimetres();
    // The same along both sides, or some programs stretch it. Not a number becomes 0.
    let longest = picture.width.max(picture.height) as f32;
    let a_metre = (longest / wide.max(high) * 1000.0).round() as u32;
    let mut encoder = png::Encoder::new(out, picture.width, picture.height);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(compression);
    encoder.set_pixel_dims(Some(PixelDimensions {
        xppu: a_metre,
        yppu: a_metre,
        unit: Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bytes)?;
    Ok(writer.finish()?)
}

/// Writes a new file whole or not at all.
fn keep(
    order: &FileOrder,
    parts: Option<&Path>,
    fill: &dyn Fn(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Refusal> {
    let path = match (order.into, parts) {
        // Its own directory is where it works.
        (FileInto::Own, _) => PathBuf::from(&order.name),
        (FileInto::Parts, Some(parts)) => parts.join(&order.name),
        (FileInto::Parts, None) => {
            let none = "there is no directory for it";
            return Err(Refusal::new(FailureKind::CannotWrite, none));
        }
    };
    let made = match order.into {
        FileInto::Own => private::create_new(&path),
        FileInto::Parts => File::create_new(&path),
    };
    let written = made.and_then(|file| {
        let mut out = BufWriter::new(file);
        fill(&mut out)?;
        out.flush()
    });
    written.map_err(|error| {
        let _ = std::fs::remove_file(&path);
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
        assert!(is_drawn_smaller(wide, 300) && !is_drawn_smaller(a4, 600));
    }
}
