//! Small documents without a flaw, each showing one trait.

use lopdf::{Object, dictionary};

use super::barcode;
use super::pdf::{BLACK, Font, Handler, Page, PdfBuilder, Style};
use super::scan::{self, Look, Picture};

const FILLER: &str = "The quick survey of the harbour took most of the morning, and by noon the \
    tide had covered the marks that the surveyors left on the lower steps. They wrote down what \
    they remembered, compared their notes over lunch, and agreed to measure everything again.";

/// Pages of text; page 7 of 12 says "Page 7 of 12" and differs from the others in its body.
pub fn text_pdf(pages: usize) -> Vec<u8> {
    text_builder("Text", pages).finish()
}

/// The same text under AES-256. Salts are random: the bytes differ from call to call.
pub fn encrypted_pdf(user_password: &str, owner_password: &str) -> Vec<u8> {
    text_builder("Encrypted", 3).finish_aes(user_password, owner_password)
}

/// The same text under any handler.
pub fn encrypted_pdf_under(handler: Handler, user: &str, owner: &str) -> Vec<u8> {
    text_builder("Encrypted", 3).finish_encrypted(handler, user, owner)
}

/// The same text under RC4 with a 128-bit key; the bytes are always the same.
pub fn encrypted_pdf_rc4(user_password: &str, owner_password: &str) -> Vec<u8> {
    text_builder("Encrypted", 3).finish_rc4(user_password, owner_password)
}

/// One page with nothing but a highlight that has no appearance of its own: viewers make one up.
pub fn highlighted_pdf() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Highlighted");
    let corners = [100, 700, 400, 700, 100, 600, 400, 600].map(Object::Integer);
    let highlight = pdf.document.add_object(dictionary! {
        "Type" => "Annot",
        "Subtype" => "Highlight",
        "Rect" => vec![100.into(), 600.into(), 400.into(), 700.into()],
        "QuadPoints" => corners.to_vec(),
        "C" => vec![1.into(), 0.into(), 0.into()],
        "F" => 4,
    });
    let page = pdf.add(Page::a4());
    if let Ok(page) = pdf.document.get_dictionary_mut(page) {
        page.set("Annots", vec![highlight.into()]);
    }
    pdf.finish()
}

/// Three pages: one without any content, one that only sets a colour, one with a page number.
pub fn blank_pdf() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Blank");
    pdf.add(Page::a4());
    let mut idle = Page::a4();
    idle.raw("q 1 1 1 rg Q");
    pdf.add(idle);
    let mut numbered = Page::a4();
    numbered.text_centre(Font::Helvetica, 9.0, 297.6, 805.0, BLACK, "3");
    pdf.add(numbered);
    pdf.finish()
}

/// One page with strong colours, one in shades of gray, one in black only.
pub fn coloured_pdf() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Colours");
    for palette in [
        [[0.85, 0.1, 0.1], [0.1, 0.6, 0.2], [0.1, 0.2, 0.8]],
        [[0.25; 3], [0.5; 3], [0.75; 3]],
        [BLACK; 3],
    ] {
        let mut page = Page::a4();
        for (i, colour) in palette.into_iter().enumerate() {
            page.fill_rect(80.0 + 150.0 * i as f64, 120.0, 120.0, 300.0, colour);
        }
        pdf.add(page);
    }
    pdf.finish()
}

/// One page of lines and curves, without text or image.
pub fn vector_pdf() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Vector");
    let mut page = Page::a4();
    for i in 1..12 {
        page.circle((297.0, 420.0), 20.0 * f64::from(i), 0.8, BLACK);
    }
    page.polyline(
        &[(60.0, 780.0), (300.0, 60.0), (540.0, 780.0)],
        2.0,
        [0.1, 0.3, 0.7],
    );
    pdf.add(page);
    pdf.finish()
}

/// Six pages: upright, turned by 90, 180 and 270 degrees, cropped, and with a user unit of 2.
pub fn boxes_pdf() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Boxes");
    for (i, rotate) in [0, 90, 180, 270, 0, 0].into_iter().enumerate() {
        let mut page = text_page(i + 1, 6);
        page.rotate = rotate;
        match i {
            4 => page.crop = Some([50.0, 40.0, 545.0, 441.0]),
            5 => page.user_unit = Some(2.0),
            _ => {}
        }
        pdf.add(page);
    }
    pdf.finish()
}

/// One page of 20 by 5000 points, and the same lying down.
pub fn extreme_aspect_pdf() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Extreme aspect");
    for (width, height) in [(20.0, 5000.0), (5000.0, 20.0)] {
        let mut page = Page::new(width, height);
        page.line((2.0, 2.0), (width - 2.0, height - 2.0), 1.0, BLACK);
        page.text(Font::Helvetica, 8.0, 2.0, 12.0, BLACK, "end");
        pdf.add(page);
    }
    pdf.finish()
}

/// Two scanned pages without text: a gray JPEG askew by 2 degrees, and a 1-bit image.
pub fn scanned_pdf() -> Vec<u8> {
    let source = text_pdf(2);
    let mut pdf = PdfBuilder::new("Scanned");
    let look = Look {
        skew_degrees: 2.0,
        seed: 11,
        ..Look::default()
    };
    let first = scan::age(&scan::render(&source, 0, 150.0), &look);
    scan::add_page(&mut pdf, &first, 150.0, 55, None);
    let second = scan::render(&source, 1, 200.0);
    scan::add_bilevel_page(&mut pdf, &second, 200.0);
    pdf.finish()
}

/// One scanned page under an invisible layer with the same text.
pub fn ocr_layer_pdf() -> Vec<u8> {
    let picture = scan::age(&scan::render(&text_pdf(1), 0, 150.0), &Look::default());
    let mut pdf = PdfBuilder::new("Text layer");
    let mut layer = Page::a4();
    let mut y = 110.0;
    for line in Font::Times.wrap(FILLER, 12.0, 435.0) {
        layer.invisible_text(Font::Times, 12.0, 80.0, y, &line);
        y += 17.0;
    }
    scan::add_page(&mut pdf, &picture, 150.0, 55, Some(layer));
    pdf.finish()
}

/// Text pages with a Code 39 separator sheet before each group of `group` pages.
pub fn separator_pdf(groups: usize, group: usize) -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Separators");
    let total = groups * group;
    for first in (0..total).step_by(group.max(1)) {
        pdf.add(barcode::separator_sheet());
        for number in first..first + group {
            pdf.add(text_page(number + 1, total));
        }
    }
    pdf.finish()
}

/// A picture with soft gradients, for image tests.
pub fn gradient(width: usize, height: usize) -> Picture {
    let pixels = (0..width * height)
        .map(|i| ((i % width) * 255 / width) as u8)
        .collect();
    Picture {
        width,
        height,
        pixels,
    }
}

fn text_builder(title: &str, pages: usize) -> PdfBuilder {
    let mut pdf = PdfBuilder::new(title);
    for number in 1..=pages {
        pdf.add(text_page(number, pages));
    }
    pdf
}

/// A page of prose with its number on top.
pub fn text_page(number: usize, total: usize) -> Page {
    let mut page = Page::a4();
    let heading = format!("Page {number} of {total}");
    page.text(Font::HelveticaBold, 20.0, 80.0, 80.0, BLACK, &heading);
    let style = Style::new(Font::Times, 12.0);
    let mut y = page.paragraph(style, 80.0, 110.0, 435.0, FILLER) + 12.0;
    let own = format!(
        "Entry {} in the log: gauge {} read {} millimetres at {:02}:{:02}.",
        number * 17,
        number,
        number * 37 % 411,
        number % 24,
        number * 7 % 60,
    );
    for _ in 0..2 + number % 5 {
        y = page.paragraph(style, 80.0, y, 435.0, &own) + 6.0;
    }
    page
}
