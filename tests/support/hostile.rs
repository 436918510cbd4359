//! Files that try to break a reader: cut short, mislabelled, endless or deadly.

use lopdf::{Dictionary, Object, Stream, dictionary};

use super::ordinary::{gradient, text_page, text_pdf};
use super::pdf::{Page, PdfBuilder};

/// A PDF whose upload stopped inside its first objects: no page can be found in it.
pub fn truncated_pdf() -> Vec<u8> {
    let mut bytes = text_pdf(4);
    let first_stream = find(&bytes, b"stream").expect("a stream");
    bytes.truncate(first_stream + 60);
    bytes
}

/// A PDF that lost its cross-reference table and trailer but none of its objects.
pub fn repairable_pdf() -> Vec<u8> {
    let mut bytes = text_pdf(4);
    let table = find(&bytes, b"\nxref").expect("a cross-reference table");
    bytes.truncate(table + 1);
    bytes
}

/// A picture; a test writes it under a name that ends in `.pdf`.
pub fn not_a_pdf_png() -> Vec<u8> {
    let picture = gradient(320, 240);
    let mut bytes = Vec::new();
    image::write_buffer_with_format(
        &mut std::io::Cursor::new(&mut bytes),
        &picture.pixels,
        picture.width as u32,
        picture.height as u32,
        image::ExtendedColorType::L8,
        image::ImageFormat::Png,
    )
    .expect("encoding to memory");
    bytes
}

/// An empty file.
pub fn zero_bytes() -> Vec<u8> {
    Vec::new()
}

/// Three pages; page 2 draws forms within forms, 20 at each of 12 levels, which no engine
/// finishes. Pages 1 and 3 are plain text.
pub fn hanging_pdf() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Hanging");
    let bbox = [0.0, 0.0, 595.0, 842.0];
    let mut form = pdf.form(
        bbox,
        Dictionary::new(),
        "0.2 0.4 0.6 rg 100 100 40 40 re f 0 0 m 500 700 l S",
    );
    for _ in 0..12 {
        let resources = dictionary! { "XObject" => dictionary! { "N" => form } };
        form = pdf.form(bbox, resources, &"/N Do\n".repeat(20));
    }
    pdf.add(text_page(1, 3));
    let mut endless = text_page(2, 3);
    endless.form(form);
    pdf.add(endless);
    pdf.add(text_page(3, 3));
    pdf.finish()
}

/// Three pages; page 2 shades with a calculator function of a million nested braces, which
/// overflows the stack of a parser that recurses without a limit, hayro 0.9 among them. Such an
/// overflow ends the whole process. Pages 1 and 3 are plain text.
pub fn crashing_pdf() -> Vec<u8> {
    const DEPTH: usize = 1_000_000;
    let mut pdf = PdfBuilder::new("Crashing");
    let ones = || Object::Array(vec![0.into(), 1.into()]);
    let program = format!("{}{}", "{".repeat(DEPTH), "}".repeat(DEPTH));
    let function = pdf.document.add_object(Stream::new(
        dictionary! { "FunctionType" => 4, "Domain" => ones(), "Range" => ones() },
        program.into_bytes(),
    ));
    let shading = pdf.document.add_object(dictionary! {
        "ShadingType" => 2,
        "ColorSpace" => "DeviceGray",
        "Coords" => vec![0.into(), 0.into(), 500.into(), 0.into()],
        "Function" => function,
    });
    pdf.add(text_page(1, 3));
    let mut deadly = text_page(2, 3);
    deadly.raw("/Sh sh");
    pdf.add_with_resources(
        deadly,
        dictionary! { "Shading" => dictionary! { "Sh" => shading } },
    );
    pdf.add(text_page(3, 3));
    pdf.finish()
}

/// One page whose content inflates to `megabytes` of spaces.
pub fn inflating_pdf(megabytes: usize) -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Inflating");
    let mut page = Page::a4();
    page.raw(vec![b' '; megabytes << 20]);
    pdf.add(page);
    pdf.finish()
}

/// One page that declares an image of a size that no memory holds.
pub fn huge_image_pdf() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Huge image");
    let image = pdf.document.add_object(Stream::new(
        dictionary! {
            "Type" => "XObject",
            "Subtype" => "Image",
            "Width" => 1_000_000,
            "Height" => 1_000_000,
            "ColorSpace" => "DeviceRGB",
            "BitsPerComponent" => 8,
        },
        vec![0x55; 4096],
    ));
    let mut page = text_page(1, 1);
    page.image(image, 80.0, 400.0, 200.0, 200.0);
    pdf.add(page);
    pdf.finish()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}
