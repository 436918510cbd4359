//! Files that try to break a reader: cut short, mislabelled, endless or deadly.

use lopdf::{Dictionary, Object, Stream, dictionary};

use super::ordinary::{gradient, text_page, text_pdf};
use super::pdf::{Page, PdfBuilder, raw_pdf};

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

/// All the hostile files, each under a name that says what it tries.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("annotations.pdf", many_annotations_pdf(100_000)),
        ("crash.pdf", crashing_pdf()),
        ("cycle.pdf", page_tree_cycle_pdf()),
        ("deep-arrays.pdf", deep_arrays_pdf(100_000)),
        ("deep-pages.pdf", deep_page_tree_pdf(100_000)),
        ("endless-font.pdf", endless_font_pdf()),
        ("endless-stream.pdf", endless_stream_pdf()),
        ("flate.pdf", nested_flate_pdf(512)),
        ("hang.pdf", hanging_pdf()),
        ("huge-image.pdf", huge_image_pdf()),
        ("inflating.pdf", inflating_pdf(256)),
        ("jbig2.pdf", image_bomb_pdf("JBIG2Decode", jbig2_bomb())),
        ("jpx.pdf", image_bomb_pdf("JPXDecode", jpx_bomb())),
        ("objects.pdf", many_objects_pdf(1_000_000)),
        ("truncated.pdf", truncated_pdf()),
    ]
}

const CATALOG: &str = "<</Type/Catalog/Pages 2 0 R>>";
const PAGES: &str = "<</Type/Pages/Kids[3 0 R]/Count 1>>";

/// A page that carries so many notes.
pub fn many_annotations_pdf(count: usize) -> Vec<u8> {
    let notes: String = (0..count)
        .map(|note| format!("{} 0 R ", note + 4))
        .collect();
    let page = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[{notes}]>>");
    let note = "<</Type/Annot/Subtype/Square/Rect[9 9 99 99]/C[1 0 0]>>";
    let first = [CATALOG.to_owned(), PAGES.to_owned(), page];
    raw_pdf(first.into_iter().chain((0..count).map(|_| note.to_owned())))
}

/// Nodes of pages that are each other's children, and one page among them.
pub fn page_tree_cycle_pdf() -> Vec<u8> {
    raw_pdf(
        [
            CATALOG,
            "<</Type/Pages/Kids[4 0 R 3 0 R]/Count 9>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
            "<</Type/Pages/Parent 2 0 R/Kids[2 0 R 4 0 R]/Count 9>>",
        ]
        .map(String::from),
    )
}

/// A page whose resources hold an array in an array, so many levels deep.
pub fn deep_arrays_pdf(depth: usize) -> Vec<u8> {
    let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let page = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</X {deep}>>>>");
    raw_pdf([CATALOG.to_owned(), PAGES.to_owned(), page])
}

/// One page below so many nodes.
pub fn deep_page_tree_pdf(depth: usize) -> Vec<u8> {
    let node = |number: usize| format!("<</Type/Pages/Kids[{} 0 R]/Count 1>>", number + 1);
    let page = "<</Type/Page/MediaBox[0 0 595 842]>>".to_owned();
    let nodes = (2..depth + 2).map(node);
    raw_pdf(
        std::iter::once(CATALOG.to_owned())
            .chain(nodes)
            .chain([page]),
    )
}

/// A page in a font whose only letter is written in that font, twice.
pub fn endless_font_pdf() -> Vec<u8> {
    let stream =
        |content: &str| format!("<</Length {}>>stream\n{content}\nendstream", content.len());
    raw_pdf([
        CATALOG.to_owned(),
        PAGES.to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
         /Resources<</Font<</F 5 0 R>>>>>>"
            .to_owned(),
        stream("BT /F 20 Tf 100 700 Td (aaaaaaaaaa) Tj ET"),
        "<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/FirstChar 97\
         /LastChar 97/Widths[1]/Encoding<</Differences[97/a]>>/CharProcs<</a 6 0 R>>\
         /Resources<</Font<</F 5 0 R>>>>>>"
            .to_owned(),
        stream("1 0 d0 BT /F 1 Tf (aa) Tj ET"),
    ])
}

/// A page whose content claims to be 10 GB long.
pub fn endless_stream_pdf() -> Vec<u8> {
    raw_pdf([
        CATALOG.to_owned(),
        PAGES.to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>".to_owned(),
        "<</Length 10000000000>>stream\n0 0 100 100 re f\nendstream".to_owned(),
    ])
}

/// A page whose content was packed twice: a few hundred bytes for so many megabytes.
pub fn nested_flate_pdf(megabytes: usize) -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Nested");
    let twice = deflate(&deflate(&vec![b' '; megabytes << 20]));
    let content = pdf.document.add_object(Stream::new(
        dictionary! { "Filter" => vec!["FlateDecode".into(), "FlateDecode".into()] },
        twice,
    ));
    let page = pdf.add(Page::a4());
    if let Ok(page) = pdf.document.get_dictionary_mut(page) {
        page.set("Contents", content);
    }
    pdf.finish()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut stream = Stream::new(Dictionary::new(), bytes.to_vec());
    stream.compress().expect("compressing in memory");
    stream.content
}

/// A page with an image of 100,000 × 100,000 pixels in a few bytes of `data`.
fn image_bomb_pdf(filter: &str, data: Vec<u8>) -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Image bomb");
    let image = pdf.document.add_object(Stream::new(
        dictionary! {
            "Type" => "XObject",
            "Subtype" => "Image",
            "Width" => 100_000,
            "Height" => 100_000,
            "ColorSpace" => "DeviceGray",
            "BitsPerComponent" => if filter == "JBIG2Decode" { 1 } else { 8 },
            "Filter" => filter,
        },
        data,
    ));
    let mut page = text_page(1, 1);
    page.image(image, 80.0, 400.0, 200.0, 200.0);
    pdf.add(page);
    pdf.finish()
}

/// A JBIG2 page of 100,000 × 100,000 pixels without anything on it (ITU-T T.88, 7.4.8).
fn jbig2_bomb() -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 0, 0x30, 0, 1, 0, 0, 0, 19];
    for number in [100_000u32, 100_000, 0, 0] {
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend([0, 0, 0]);
    bytes
}

/// The beginning of a JPEG 2000 picture of 100,000 × 100,000 pixels in one tile (ISO 15444-1, A.5).
fn jpx_bomb() -> Vec<u8> {
    let mut bytes = vec![0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0];
    for number in [100_000u32, 100_000, 0, 0, 100_000, 100_000, 0, 0] {
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend([0, 1, 7, 1, 1]);
    bytes.extend([0xff, 0x52, 0, 12, 0, 0, 0, 1, 0, 5, 4, 4, 0, 1]);
    bytes.extend([0xff, 0x5c, 0, 19, 0x40]);
    bytes.extend([0x40; 16]);
    bytes.extend([
        0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0x93, 0, 0, 0xff, 0xd9,
    ]);
    bytes
}

/// A page among so many objects that nothing refers to.
pub fn many_objects_pdf(count: usize) -> Vec<u8> {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>";
    let first = [CATALOG, PAGES, page].map(String::from);
    raw_pdf(
        first
            .into_iter()
            .chain((0..count).map(|_| "null".to_owned())),
    )
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

/// One page with this `/MediaBox`, `/UserUnit` and place of a picture, as they are written.
pub fn odd_numbers_pdf(corners: &str, unit: &str, matrix: &str) -> Vec<u8> {
    let content =
        format!("BT /F 12 Tf 20 20 Td (some words) Tj ET q {matrix} cm /Im Do Q 9 9 40 4 re f");
    raw_pdf([
        CATALOG.to_owned(),
        PAGES.to_owned(),
        format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[{corners}]/UserUnit {unit}/Contents 4 0 R\
             /Resources<</Font<</F 5 0 R>>/XObject<</Im 6 0 R>>>>>>"
        ),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        "<</Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray\
         /BitsPerComponent 8/Length 4>>stream\nabcd\nendstream"
            .to_owned(),
    ])
}

/// Pages with numbers that no reader believes: sizes, units and pictures that are next to
/// nothing, or next to endless.
pub fn odd_pages() -> Vec<(&'static str, Vec<u8>)> {
    let a4 = "0 0 595 842";
    let plain = "200 0 0 200 72 500";
    let large = format!("1{}", "0".repeat(37));
    let tiny = format!("0.{}1", "0".repeat(40));
    vec![
        ("unit-large.pdf", odd_numbers_pdf(a4, &large, plain)),
        ("unit-small.pdf", odd_numbers_pdf(a4, &tiny, plain)),
        ("unit-negative.pdf", odd_numbers_pdf(a4, "-7", plain)),
        (
            "box-large.pdf",
            odd_numbers_pdf(&format!("0 0 {large} {large}"), "75000", plain),
        ),
        (
            "box-small.pdf",
            odd_numbers_pdf("0 0 0.0001 0.0001", "0.01", plain),
        ),
        (
            "picture-small.pdf",
            odd_numbers_pdf(a4, "0.01", &format!("{tiny} 0 0 {tiny} 72 500")),
        ),
        (
            "picture-large.pdf",
            odd_numbers_pdf(a4, "1", &format!("{large} 0 0 {large} -{large} -{large}")),
        ),
    ]
}

/// So many pages, each with `letters` letters in a font that lets a letter stand for
/// `megabytes` of text. The file has some kilobytes.
pub fn much_text_pdf(pages: usize, letters: usize, megabytes: usize) -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Much text");
    let words = "00410041004100410020".repeat((megabytes << 20) / 5);
    let map = format!(
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> \
         endcodespacerange 1 beginbfchar <61> <{words}> endbfchar endcmap end"
    );
    let mut map = Stream::new(Dictionary::new(), map.into_bytes());
    map.compress().expect("compressing in memory");
    let map = pdf.document.add_object(map);
    let font = pdf.document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "ToUnicode" => map,
    });
    for _ in 0..pages {
        let mut page = Page::a4();
        page.raw(format!(
            "BT /Much 20 Tf 50 50 Td ({}) Tj ET",
            "a".repeat(letters)
        ));
        pdf.add_with_resources(
            page,
            dictionary! { "Font" => dictionary! { "Much" => font } },
        );
    }
    pdf.finish()
}

/// A page in a layer whose order of layers is a list that holds itself twice.
pub fn layers_within_themselves_pdf() -> Vec<u8> {
    let content = "/OC /A BDC 0 0 10 10 re f EMC";
    raw_pdf([
        "<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[5 0 R 6 0 R]\
         /D<</Order 7 0 R/ON[5 0 R]/OFF 7 0 R>>>>>>"
            .to_owned(),
        PAGES.to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
         /Resources<</Properties<</A 6 0 R>>>>>>"
            .to_owned(),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/OCG/Name(a)>>".to_owned(),
        "<</Type/OCMD/OCGs[6 0 R 6 0 R]/VE 7 0 R>>".to_owned(),
        "[/And 7 0 R 7 0 R]".to_owned(),
    ])
}

/// A page and so many bookmarks that share one title of a megabyte, packed.
pub fn shared_titles_pdf(bookmarks: usize) -> Vec<u8> {
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R/Outlines 4 0 R>>".to_owned(),
        PAGES.to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>".to_owned(),
        format!(
            "<</First 6 0 R/Last {} 0 R/Count {bookmarks}>>",
            bookmarks + 5
        ),
        format!("({})", "title ".repeat((1 << 20) / 6)),
    ];
    objects.extend((0..bookmarks).map(|number| {
        let next = match number + 1 < bookmarks {
            true => format!("/Next {} 0 R", number + 7),
            false => String::new(),
        };
        format!("<</Title 5 0 R/Parent 4 0 R/Dest[3 0 R/Fit]{next}>>")
    }));
    raw_pdf(objects)
}

/// So many pages that are written into the list of pages itself, packed to next to nothing.
pub fn more_pages_than_bytes_pdf(pages: usize) -> Vec<u8> {
    let page = "<</Type/Page/MediaBox[0 0 9 9]>>";
    let list = format!("9000 0 [{}]", page.repeat(pages));
    let packed = deflate(list.as_bytes());
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for object in [
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n",
        "2 0 obj<</Type/Pages/Kids 9000 0 R/Count 1>>endobj\n",
    ] {
        offsets.push(bytes.len());
        bytes.extend(object.bytes());
    }
    offsets.push(bytes.len());
    let length = packed.len();
    let head =
        format!("3 0 obj<</Type/ObjStm/N 1/First 7/Filter/FlateDecode/Length {length}>>stream\n");
    bytes.extend(head.bytes());
    bytes.extend(&packed);
    bytes.extend(b"\nendstream endobj\n");
    let table = bytes.len();
    let mut rows = Vec::new();
    let mut row = |kind: u8, first: usize, second: u16| {
        rows.push(kind);
        rows.extend((first as u32).to_be_bytes());
        rows.extend(second.to_be_bytes());
    };
    row(0, 0, 65_535);
    offsets.iter().for_each(|offset| row(1, *offset, 0));
    row(1, table, 0);
    row(2, 3, 0);
    let head = format!(
        "4 0 obj<</Type/XRef/Size 9001/Index[0 5 9000 1]/W[1 4 2]/Root 1 0 R/Length {}>>stream\n",
        rows.len()
    );
    bytes.extend(head.bytes());
    bytes.extend(rows);
    bytes.extend(format!("\nendstream endobj\nstartxref\n{table}\n%%EOF\n").bytes());
    bytes
}
