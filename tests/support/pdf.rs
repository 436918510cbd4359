//! A small PDF writer: pages are drawn from the top left in points, the file comes out the same
//! on every run.

use std::fmt::Write as _;

use lopdf::encryption::crypt_filters::{Aes128CryptFilter, Aes256CryptFilter, CryptFilter};
use lopdf::xref::XrefType;
use lopdf::{
    Bookmark, Dictionary, Document, EncryptionState, EncryptionVersion, Object, ObjectId,
    Permissions, Stream, StringFormat, dictionary,
};

pub use super::metrics::Font;

/// The standard security handlers of ISO 32000: RC4 with 40 and with 128 bits, AES with 128 and
/// with 256 bits.
#[derive(Clone, Copy, Debug)]
pub enum Handler {
    Rc4Short,
    Rc4Long,
    AesShort,
    AesLong,
}

impl Handler {
    pub const ALL: [Self; 4] = [Self::Rc4Short, Self::Rc4Long, Self::AesShort, Self::AesLong];
}

/// A colour as red, green and blue from 0 to 1.
pub type Rgb = [f64; 3];

pub const BLACK: Rgb = [0.0, 0.0, 0.0];
pub const WHITE: Rgb = [1.0, 1.0, 1.0];
pub const GRAY: Rgb = [0.45, 0.47, 0.5];

/// A4 in points.
pub const A4: (f64, f64) = (595.28, 841.89);

/// One page: its boxes and what is drawn on it. `y` counts down from the top edge.
pub struct Page {
    pub width: f64,
    pub height: f64,
    pub rotate: i64,
    /// Left, top, right, bottom, from the top left.
    pub crop: Option<[f64; 4]>,
    pub user_unit: Option<f64>,
    content: Vec<u8>,
    x_objects: Vec<ObjectId>,
}

impl Page {
    pub fn new(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            rotate: 0,
            crop: None,
            user_unit: None,
            content: Vec::new(),
            x_objects: Vec::new(),
        }
    }

    pub fn a4() -> Self {
        Self::new(A4.0, A4.1)
    }

    pub fn a4_landscape() -> Self {
        Self::new(A4.1, A4.0)
    }

    /// The same page on paper that stands upright, its content lying on its side, to be turned
    /// by a quarter for reading.
    pub fn turned(self) -> Self {
        let mut page = Self::new(self.height, self.width);
        page.raw(format!("q 0 1 -1 0 {} 0 cm", self.height));
        page.content.extend(self.content);
        page.raw("Q");
        page.x_objects = self.x_objects;
        page.rotate = 90;
        page
    }

    /// Appends operators as they are, in PDF's own coordinates.
    pub fn raw(&mut self, operators: impl AsRef<[u8]>) {
        self.content.extend_from_slice(operators.as_ref());
        self.content.push(b'\n');
    }

    /// Draws one line of text; `y` is its baseline.
    pub fn text(&mut self, font: Font, size: f64, x: f64, y: f64, colour: Rgb, text: &str) {
        let [r, g, b] = colour;
        self.show(font, size, x, y, text, &format!("{r} {g} {b} rg"));
    }

    /// The same, ending at `x`.
    pub fn text_right(&mut self, font: Font, size: f64, x: f64, y: f64, colour: Rgb, text: &str) {
        self.text(font, size, x - font.width(text, size), y, colour, text);
    }

    /// The same, centred on `x`.
    pub fn text_centre(&mut self, font: Font, size: f64, x: f64, y: f64, colour: Rgb, text: &str) {
        let half = font.width(text, size) / 2.0;
        self.text(font, size, x - half, y, colour, text);
    }

    /// Text that is there for searching and copying only (render mode 3).
    pub fn invisible_text(&mut self, font: Font, size: f64, x: f64, y: f64, text: &str) {
        self.show(font, size, x, y, text, "3 Tr");
    }

    /// Draws wrapped text and returns the baseline that follows it.
    pub fn paragraph(&mut self, style: Style, x: f64, y: f64, width: f64, text: &str) -> f64 {
        let mut y = y;
        for line in style.font.wrap(text, style.size, width) {
            self.text(style.font, style.size, x, y, style.colour, &line);
            y += style.leading;
        }
        y
    }

    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), width: f64, colour: Rgb) {
        self.polyline(&[from, to], width, colour);
    }

    pub fn polyline(&mut self, points: &[(f64, f64)], width: f64, colour: Rgb) {
        let path = self.path(points);
        let [r, g, b] = colour;
        self.raw(format!("q {r} {g} {b} RG {width} w 1 j {path}S Q"));
    }

    pub fn polygon(&mut self, points: &[(f64, f64)], colour: Rgb) {
        let path = self.path(points);
        let [r, g, b] = colour;
        self.raw(format!("q {r} {g} {b} rg {path}h f Q"));
    }

    pub fn fill_rect(&mut self, x: f64, y: f64, width: f64, height: f64, colour: Rgb) {
        let [r, g, b] = colour;
        let bottom = self.height - y - height;
        self.raw(format!(
            "q {r} {g} {b} rg {x:.2} {bottom:.2} {width:.2} {height:.2} re f Q"
        ));
    }

    pub fn stroke_rect(&mut self, x: f64, y: f64, width: f64, height: f64, pen: f64, colour: Rgb) {
        let [r, g, b] = colour;
        let bottom = self.height - y - height;
        self.raw(format!(
            "q {r} {g} {b} RG {pen} w {x:.2} {bottom:.2} {width:.2} {height:.2} re S Q"
        ));
    }

    /// A circle, as a polygon fine enough to look round.
    pub fn circle(&mut self, centre: (f64, f64), radius: f64, pen: f64, colour: Rgb) {
        self.polyline(&arc(centre, radius, 0.0, 360.0), pen, colour);
    }

    pub fn disc(&mut self, centre: (f64, f64), radius: f64, colour: Rgb) {
        self.polygon(&arc(centre, radius, 0.0, 360.0), colour);
    }

    /// Draws an image or a form of unit size into a rectangle.
    pub fn image(&mut self, image: ObjectId, x: f64, y: f64, width: f64, height: f64) {
        let name = self.name_of(image);
        let bottom = self.height - y - height;
        self.raw(format!(
            "q {width:.2} 0 0 {height:.2} {x:.2} {bottom:.2} cm /{name} Do Q"
        ));
    }

    /// Draws a form at its own size.
    pub fn form(&mut self, form: ObjectId) {
        let name = self.name_of(form);
        self.raw(format!("/{name} Do"));
    }

    fn name_of(&mut self, object: ObjectId) -> String {
        if !self.x_objects.contains(&object) {
            self.x_objects.push(object);
        }
        x_object_name(object)
    }

    fn show(&mut self, font: Font, size: f64, x: f64, y: f64, text: &str, state: &str) {
        let up = self.height - y;
        self.content.extend_from_slice(
            format!("q BT {state} /{} {size} Tf {x:.2} {up:.2} Td (", font.key()).as_bytes(),
        );
        for byte in win_ansi(text) {
            if matches!(byte, b'(' | b')' | b'\\') {
                self.content.push(b'\\');
            }
            self.content.push(byte);
        }
        self.content.extend_from_slice(b") Tj ET Q\n");
    }

    fn path(&self, points: &[(f64, f64)]) -> String {
        let mut path = String::new();
        for (i, (x, y)) in points.iter().enumerate() {
            let operator = if i == 0 { "m" } else { "l" };
            let up = self.height - y;
            write!(path, "{x:.2} {up:.2} {operator} ").expect("writing to a string");
        }
        path
    }
}

/// How a paragraph is set.
#[derive(Clone, Copy)]
pub struct Style {
    pub font: Font,
    pub size: f64,
    pub leading: f64,
    pub colour: Rgb,
}

impl Style {
    /// Text with a line height that suits its size.
    pub fn new(font: Font, size: f64) -> Self {
        Self {
            font,
            size,
            leading: size * 1.42,
            colour: [0.13, 0.14, 0.16],
        }
    }

    pub fn coloured(self, colour: Rgb) -> Self {
        Self { colour, ..self }
    }
}

/// Points along an arc; degrees run clockwise from twelve o'clock.
pub fn arc(centre: (f64, f64), radius: f64, from: f64, to: f64) -> Vec<(f64, f64)> {
    let steps = ((to - from).abs() / 4.0).ceil().max(1.0) as usize;
    (0..=steps)
        .map(|i| {
            let angle = (from + (to - from) * i as f64 / steps as f64).to_radians();
            (
                centre.0 + radius * angle.sin(),
                centre.1 - radius * angle.cos(),
            )
        })
        .collect()
}

/// A document in the making.
pub struct PdfBuilder {
    pub document: Document,
    tree: ObjectId,
    fonts: ObjectId,
    pages: Vec<ObjectId>,
    title: String,
    /// Names and specifications of files, as they stand in the list of those.
    attached: Vec<Object>,
}

impl PdfBuilder {
    pub fn new(title: &str) -> Self {
        let mut document = Document::with_version("1.6");
        // A plain table, so that tests can find it and cut it off.
        document.reference_table.cross_reference_type = XrefType::CrossReferenceTable;
        let tree = document.new_object_id();
        let mut fonts = Dictionary::new();
        for font in Font::ALL {
            let id = document.add_object(dictionary! {
                "Type" => "Font",
                "Subtype" => "Type1",
                "BaseFont" => font.base_font(),
                "Encoding" => "WinAnsiEncoding",
            });
            fonts.set(font.key(), id);
        }
        let fonts = document.add_object(fonts);
        Self {
            document,
            tree,
            fonts,
            pages: Vec::new(),
            title: title.to_owned(),
            attached: Vec::new(),
        }
    }

    /// Attaches a file.
    pub fn attach(&mut self, name: &str, data: &[u8]) {
        let entries = dictionary! { "Type" => "EmbeddedFile" };
        let file = Stream::new(entries, data.to_vec());
        let file = self.document.add_object(file);
        let name = Object::string_literal(win_ansi(name));
        let specification = self.document.add_object(dictionary! {
            "Type" => "Filespec",
            "F" => name.clone(),
            "UF" => name.clone(),
            "EF" => dictionary! { "F" => file },
        });
        self.attached.extend([name, specification.into()]);
    }

    pub fn page_count(&self) -> usize {
        self.pages.len()
    }

    pub fn add(&mut self, page: Page) -> ObjectId {
        let x_objects: Dictionary = page
            .x_objects
            .iter()
            .map(|&id| (x_object_name(id), Object::from(id)))
            .collect();
        self.add_with_resources(page, dictionary! { "XObject" => x_objects })
    }

    /// Adds a page with resources of its own; the fonts come on top.
    pub fn add_with_resources(&mut self, page: Page, mut resources: Dictionary) -> ObjectId {
        if !resources.has(b"Font") {
            resources.set("Font", self.fonts);
        }
        let mut entries = dictionary! {
            "Type" => "Page",
            "Parent" => self.tree,
            "MediaBox" => numbers(&[0.0, 0.0, page.width, page.height]),
            "Resources" => resources,
        };
        if !page.content.is_empty() {
            let content = self
                .document
                .add_object(Stream::new(Dictionary::new(), page.content));
            entries.set("Contents", content);
        }
        if page.rotate != 0 {
            entries.set("Rotate", page.rotate);
        }
        if let Some([left, top, right, bottom]) = page.crop {
            let up = [left, page.height - bottom, right, page.height - top];
            entries.set("CropBox", numbers(&up));
        }
        if let Some(unit) = page.user_unit {
            entries.set("UserUnit", Object::Real(unit as f32));
        }
        let id = self.document.add_object(entries);
        self.pages.push(id);
        id
    }

    /// Adds a bookmark to a page and returns its key for children.
    pub fn bookmark(&mut self, title: &str, page: ObjectId, parent: Option<u32>) -> u32 {
        let entry = Bookmark::new(title.to_owned(), [0.0; 3], 0, page);
        self.document.add_bookmark(entry, parent)
    }

    /// Adds a form that draws raw operators with the given resources.
    pub fn form(&mut self, bbox: [f64; 4], resources: Dictionary, operators: &str) -> ObjectId {
        let entries = dictionary! {
            "Type" => "XObject",
            "Subtype" => "Form",
            "BBox" => numbers(&bbox),
            "Resources" => resources,
        };
        self.document
            .add_object(Stream::new(entries, operators.as_bytes().to_vec()))
    }

    /// Adds Helvetica under a name, with letters that claim to be characters from `first` on, as
    /// in fonts that were cut down without care.
    pub fn misnamed_font(&mut self, name: &str, first: u16) {
        let map = format!(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
             /CMapName /Odd def\n/CMapType 2 def\n\
             1 begincodespacerange\n<00> <ff>\nendcodespacerange\n\
             1 beginbfrange\n<20> <ff> <{first:04x}>\nendbfrange\nendcmap\nend\nend\n"
        );
        let map = self
            .document
            .add_object(Stream::new(Dictionary::new(), map.into_bytes()));
        let font = self.document.add_object(dictionary! {
            "Type" => "Font",
            "Subtype" => "Type1",
            "BaseFont" => "Helvetica",
            "Encoding" => "WinAnsiEncoding",
            "ToUnicode" => map,
        });
        let fonts = self.document.get_dictionary_mut(self.fonts);
        fonts.expect("the fonts").set(name, font);
    }

    /// Adds a JPEG of 1 (gray) or 3 (colour) channels.
    pub fn jpeg(&mut self, data: Vec<u8>, width: u32, height: u32, channels: u8) -> ObjectId {
        let space = if channels == 1 {
            "DeviceGray"
        } else {
            "DeviceRGB"
        };
        let mut entries = image_entries(width, height, space, 8);
        entries.set("Filter", "DCTDecode");
        self.document
            .add_object(Stream::new(entries, data).with_compression(false))
    }

    /// Adds a 1-bit image; rows are padded to whole bytes, a set bit is white.
    pub fn bilevel(&mut self, bits: Vec<u8>, width: u32, height: u32) -> ObjectId {
        let entries = image_entries(width, height, "DeviceGray", 1);
        self.document.add_object(Stream::new(entries, bits))
    }

    /// Gives an image a colour profile of so many channels, as scanners do; it is empty,
    /// and readers take the plain colours of as many.
    pub fn profile(&mut self, image: ObjectId, channels: i64) {
        let profile = Stream::new(dictionary! { "N" => channels }, Vec::new());
        let profile = self.document.add_object(profile);
        let space = vec![Object::Name(b"ICCBased".to_vec()), profile.into()];
        let image = self.document.get_object_mut(image);
        let image = image.and_then(Object::as_stream_mut).expect("the image");
        image.dict.set("ColorSpace", space);
    }

    /// Adds a 1-bit image where a set bit is black.
    pub fn inverted_bilevel(&mut self, bits: Vec<u8>, width: u32, height: u32) -> ObjectId {
        let mut entries = image_entries(width, height, "DeviceGray", 1);
        entries.set("Decode", vec![1.into(), 0.into()]);
        self.document.add_object(Stream::new(entries, bits))
    }

    /// Adds an image in shades of gray, a byte a pixel.
    pub fn gray(&mut self, pixels: Vec<u8>, width: u32, height: u32) -> ObjectId {
        let entries = image_entries(width, height, "DeviceGray", 8);
        self.document.add_object(Stream::new(entries, pixels))
    }

    /// The finished file.
    pub fn finish(mut self) -> Vec<u8> {
        self.close();
        self.save()
    }

    /// The finished file under RC4 with a 128-bit key: an old scheme, but free of chance.
    pub fn finish_rc4(mut self, user_password: &str, owner_password: &str) -> Vec<u8> {
        self.close();
        let state = EncryptionState::try_from(EncryptionVersion::V2 {
            document: &self.document,
            owner_password,
            user_password,
            key_length: 128,
            permissions: Permissions::PRINTABLE,
        })
        .expect("an RC4 key");
        self.document.encrypt(&state).expect("encryption");
        self.settle_padding();
        self.save()
    }

    /// Half of the user entry is padding that nobody checks and that the library fills by chance.
    fn settle_padding(&mut self) {
        let encrypt = self.document.trailer.get(b"Encrypt");
        let id = encrypt.and_then(Object::as_reference).expect("encryption");
        let entries = self.document.get_dictionary_mut(id).expect("its entries");
        let Ok(Object::String(user, _)) = entries.get_mut(b"U") else {
            panic!("no user entry");
        };
        user[16..].fill(0);
    }

    /// The finished file under any handler. Keys or salts are random, so no two files are the same.
    pub fn finish_encrypted(mut self, handler: Handler, user: &str, owner: &str) -> Vec<u8> {
        self.close();
        let (user_password, owner_password) = (user, owner);
        let permissions = Permissions::PRINTABLE;
        let filters =
            |filter: std::sync::Arc<dyn CryptFilter>| [(b"StdCF".to_vec(), filter)].into();
        let version = match handler {
            Handler::Rc4Short => EncryptionVersion::V1 {
                document: &self.document,
                owner_password,
                user_password,
                permissions,
            },
            Handler::Rc4Long => EncryptionVersion::V2 {
                document: &self.document,
                owner_password,
                user_password,
                key_length: 128,
                permissions,
            },
            Handler::AesShort => EncryptionVersion::V4 {
                document: &self.document,
                encrypt_metadata: true,
                crypt_filters: filters(std::sync::Arc::new(Aes128CryptFilter)),
                stream_filter: b"StdCF".to_vec(),
                string_filter: b"StdCF".to_vec(),
                owner_password,
                user_password,
                permissions,
            },
            Handler::AesLong => EncryptionVersion::V5 {
                encrypt_metadata: true,
                crypt_filters: filters(std::sync::Arc::new(Aes256CryptFilter)),
                file_encryption_key: &[0x5a; 32],
                stream_filter: b"StdCF".to_vec(),
                string_filter: b"StdCF".to_vec(),
                owner_password,
                user_password,
                permissions,
            },
        };
        let state = EncryptionState::try_from(version).expect("a key");
        self.document.encrypt(&state).expect("encryption");
        self.save()
    }

    /// The finished file under AES-256. Its salts are random, so no two files are the same.
    pub fn finish_aes(mut self, user_password: &str, owner_password: &str) -> Vec<u8> {
        self.close();
        let filter: std::sync::Arc<dyn CryptFilter> = std::sync::Arc::new(Aes256CryptFilter);
        let state = EncryptionState::try_from(EncryptionVersion::V5 {
            encrypt_metadata: true,
            crypt_filters: [(b"StdCF".to_vec(), filter)].into(),
            file_encryption_key: &[0x5a; 32],
            stream_filter: b"StdCF".to_vec(),
            string_filter: b"StdCF".to_vec(),
            owner_password,
            user_password,
            permissions: Permissions::PRINTABLE,
        })
        .expect("an AES key");
        self.document.encrypt(&state).expect("encryption");
        self.save()
    }

    /// Adds what the document has as a whole.
    pub fn close(&mut self) {
        let kids: Vec<Object> = self.pages.iter().map(|&id| id.into()).collect();
        let tree = dictionary! {
            "Type" => "Pages",
            "Count" => self.pages.len() as i64,
            "Kids" => kids,
        };
        self.document.objects.insert(self.tree, tree.into());
        let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => self.tree };
        if let Some(outline) = self.document.build_outline() {
            catalog.set("Outlines", outline);
            catalog.set("PageMode", "UseOutlines");
        }
        if !self.attached.is_empty() {
            let list = dictionary! { "Names" => std::mem::take(&mut self.attached) };
            catalog.set("Names", dictionary! { "EmbeddedFiles" => list });
        }
        let catalog = self.document.add_object(catalog);
        let info = self.document.add_object(dictionary! {
            "Title" => Object::string_literal(win_ansi(&self.title)),
            "Creator" => Object::string_literal("Pagesieve fixtures"),
            "CreationDate" => Object::string_literal("D:20250407090000Z"),
        });
        let id = Object::String(file_id(&self.title), StringFormat::Hexadecimal);
        self.document.trailer.set("Root", catalog);
        self.document.trailer.set("Info", info);
        self.document.trailer.set("ID", vec![id.clone(), id]);
        self.document.compress();
    }

    /// The bytes of a document that is closed.
    pub fn save(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.document.save_to(&mut bytes).expect("saving to memory");
        bytes
    }
}

/// A document of objects as they are given, the first of which is its catalog.
pub fn raw_pdf(objects: impl IntoIterator<Item = String>) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (object, number) in objects.into_iter().zip(1..) {
        offsets.push(bytes.len());
        bytes.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let table = bytes.len();
    let size = offsets.len() + 1;
    bytes.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").bytes());
    for offset in offsets {
        bytes.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    let trailer = format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n");
    bytes.extend(trailer.bytes());
    bytes
}

fn x_object_name(id: ObjectId) -> String {
    format!("X{}", id.0)
}

fn numbers(values: &[f64]) -> Object {
    Object::Array(
        values
            .iter()
            .map(|&value| Object::Real(value as f32))
            .collect(),
    )
}

fn image_entries(width: u32, height: u32, space: &str, bits: i64) -> Dictionary {
    dictionary! {
        "Type" => "XObject",
        "Subtype" => "Image",
        "Width" => i64::from(width),
        "Height" => i64::from(height),
        "ColorSpace" => Object::Name(space.as_bytes().to_vec()),
        "BitsPerComponent" => bits,
    }
}

/// A file identifier that depends on the title only.
fn file_id(title: &str) -> Vec<u8> {
    let mut seed = title.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut id = seed.to_be_bytes().to_vec();
    seed = super::prng::Prng::new(seed).next_u64();
    id.extend(seed.to_be_bytes());
    id
}

/// Text in the encoding that the fonts declare; what it cannot say becomes a question mark.
fn win_ansi(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| match c {
            ' '..='~' => c as u8,
            '\u{a0}'..='\u{ff}' => c as u32 as u8,
            '€' => 0x80,
            '‘' => 0x91,
            '’' => 0x92,
            '“' => 0x93,
            '”' => 0x94,
            '•' => 0x95,
            '–' => 0x96,
            '—' => 0x97,
            _ => b'?',
        })
        .collect()
}
