//! Reading a document's parsed objects with lopdf. Every object is looked at
//! once, in whatever order it lies, so that cycles and depth cost nothing here.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

use super::super::text_string::text_string;
use super::boxes;
use crate::model::{Attachment, Encryption, Font, SecurityName, Structure};

/// Most fonts, attachments and signers that are kept by name; more say nothing
/// new and would fill the library.
const MOST_LISTED: usize = 300;

/// Longest text that is kept, in characters.
const LONGEST_TEXT: usize = 200;

/// Largest object stream that is unpacked, in bytes.
const LARGEST_STREAM: usize = 256 << 20;

/// Reads the structure, or says why it cannot be read.
pub fn read(bytes: &[u8], password: Option<&str>) -> Result<Structure, String> {
    let document = load(bytes, password).map_err(|e| e.to_string())?;
    // With a password that it cannot use, lopdf opens a file as almost empty.
    if document.is_encrypted() && document.encryption_state.is_none() {
        return Err("the password does not open it for inspection".into());
    }
    let mut structure = Structure {
        pages: u32::try_from(document.page_iter().count()).unwrap_or(u32::MAX),
        boxes: boxes::read(&document),
        repaired: document.xref_recovery.is_some(),
        encryption: document.encryption_state.as_ref().map(|state| Encryption {
            version: state.version(),
            revision: state.revision(),
            bits: state.key_length(),
            allowed: allowed(state.permissions()),
        }),
        ..Structure::default()
    };
    if let Ok(catalog) = document.catalog() {
        structure.page_labels = catalog.has(b"PageLabels");
        structure.acroform = catalog.has(b"AcroForm");
    }
    let info = document
        .trailer
        .get(b"Info")
        .ok()
        .and_then(|info| document.dereference(info).ok())
        .and_then(|(_, info)| info.as_dict().ok());
    if let Some(info) = info {
        structure.title = text(info, b"Title");
        structure.creator = text(info, b"Creator");
        structure.producer = text(info, b"Producer");
    }
    let rights = usage_rights(&document);
    let mut fonts = BTreeSet::new();
    let mut waiting: Vec<&Object> = document.objects.values().collect();
    waiting.extend(document.trailer.iter().map(|(_, value)| value));
    while let Some(object) = waiting.pop() {
        match object {
            Object::Name(name) => count(&mut structure, name),
            Object::Array(items) => waiting.extend(items),
            Object::Dictionary(dictionary) => {
                if rights
                    .iter()
                    .any(|rights| std::ptr::eq(*rights, dictionary))
                {
                    continue;
                }
                look_at(&document, dictionary, &mut structure, &mut fonts);
                waiting.extend(dictionary.iter().map(|(_, value)| value));
            }
            Object::Stream(stream) => {
                look_at(&document, &stream.dict, &mut structure, &mut fonts);
                waiting.extend(stream.dict.iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
    structure.fonts = fonts.into_iter().take(MOST_LISTED).collect();
    structure.attachments.truncate(MOST_LISTED);
    structure.signers.sort();
    structure.signers.dedup();
    structure.signers.truncate(MOST_LISTED);
    Ok(structure)
}

/// Parses a document without what its pictures hold, which of a scan is all but everything:
/// as large as the file once more, and looked at by nobody here.
fn load(bytes: &[u8], password: Option<&str>) -> lopdf::Result<Document> {
    let options = || LoadOptions {
        password: password.map(str::to_owned),
        max_decompressed_size: Some(LARGEST_STREAM),
        ..LoadOptions::default()
    };
    let document = Document::load_mem_with_options(
        bytes,
        LoadOptions {
            filter: Some(without_pixels),
            ..options()
        },
    )?;
    // Only where nothing is left out, lopdf looks for pages of which a damaged file lost the
    // tree.
    let has_pages = document.page_iter().next().is_some();
    match has_pages {
        true => Ok(document),
        false => Document::load_mem_with_options(bytes, options()),
    }
}

/// Drops what a picture holds but for one byte: what is empty lopdf reads once more. Of what
/// stands in the file by itself it keeps `object`, and only of what was packed with others,
/// which no stream can be, what is returned.
fn without_pixels(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    let Object::Stream(stream) = object else {
        return Some((id, object.clone()));
    };
    if name(&stream.dict, b"Subtype") == Some(b"Image") {
        stream.content.truncate(1);
        stream.content.shrink_to_fit();
    }
    Some((id, Object::Null))
}

/// What signs that readers may do more with the document (ISO 32000-1, 12.8.2.3): no
/// signature of anybody who stands for it.
fn usage_rights(document: &Document) -> Vec<&Dictionary> {
    let Ok(catalog) = document.catalog() else {
        return Vec::new();
    };
    let permissions = catalog
        .get(b"Perms")
        .and_then(|it| document.dereference(it));
    let Ok((_, Object::Dictionary(permissions))) = permissions else {
        return Vec::new();
    };
    let rights = permissions.iter().filter(|(key, _)| key.starts_with(b"UR"));
    let rights =
        rights.filter_map(|(_, rights)| document.dereference(rights).ok()?.1.as_dict().ok());
    rights.collect()
}

fn count(structure: &mut Structure, name: &[u8]) {
    if let Some(name) = SecurityName::from_bytes(name) {
        *structure.names.entry(name).or_default() += 1;
    }
}

/// Notes what one dictionary says by itself.
fn look_at(
    document: &Document,
    dictionary: &Dictionary,
    structure: &mut Structure,
    fonts: &mut BTreeSet<Font>,
) {
    for (key, _) in dictionary.iter() {
        count(structure, key);
    }
    let kind = name(dictionary, b"Type");
    let subtype = name(dictionary, b"Subtype");
    match kind {
        Some(b"Font") => {
            if let Some(font) = font(document, dictionary, subtype) {
                fonts.insert(font);
            }
        }
        Some(b"OCG") => structure.layers += 1,
        _ => {}
    }
    // The type of an annotation may be left out; its place may not.
    if kind == Some(b"Annot") || kind.is_none() && subtype.is_some() && dictionary.has(b"Rect") {
        structure.annotations += 1;
        structure.links += u32::from(subtype == Some(b"Link"));
    }
    if dictionary.has(b"FT") {
        structure.form_fields += 1;
    }
    if dictionary.has(b"ByteRange") && dictionary.has(b"Contents") {
        structure.signatures += 1;
        structure.signers.extend(text(dictionary, b"Name"));
    }
    if dictionary.has(b"Title") && dictionary.has(b"Parent") && !dictionary.has(b"FT") {
        structure.outline += 1;
    }
    if let Ok(files) = dictionary.get(b"EF") {
        let attached = ["UF", "F"]
            .iter()
            .find_map(|key| text(dictionary, key.as_bytes()));
        structure.attachments.push(Attachment {
            name: attached.unwrap_or_default(),
            bytes: attached_bytes(document, files),
        });
    }
}

fn attached_bytes(document: &Document, files: &Object) -> Option<u64> {
    let (_, files) = document.dereference(files).ok()?;
    let files = files.as_dict().ok()?;
    let file = files.get(b"UF").or_else(|_| files.get(b"F")).ok()?;
    let (_, file) = document.dereference(file).ok()?;
    Some(file.as_stream().ok()?.content.len() as u64)
}

fn font(document: &Document, font: &Dictionary, subtype: Option<&[u8]>) -> Option<Font> {
    // A descendant of a composite font is part of it.
    let kind = subtype.filter(|kind| !kind.starts_with(b"CIDFont"))?;
    let written = name(font, b"BaseFont").unwrap_or_default();
    let written = String::from_utf8_lossy(written);
    // Six letters and a plus sign mark a subset (ISO 32000-1, 9.6.4).
    let plain = match written.split_once('+') {
        Some((tag, rest)) if tag.len() == 6 => rest,
        _ => &written,
    };
    let descriptor_of = |font: &Dictionary| {
        let descriptor = font.get(b"FontDescriptor").ok()?;
        let (_, descriptor) = document.dereference(descriptor).ok()?;
        let descriptor = descriptor.as_dict().ok()?;
        let files: [&[u8]; 3] = [b"FontFile", b"FontFile2", b"FontFile3"];
        Some(files.iter().any(|file| descriptor.has(file)))
    };
    let descendant = || {
        let descendants = font.get(b"DescendantFonts").ok()?;
        let (_, descendants) = document.dereference(descendants).ok()?;
        let first = descendants.as_array().ok()?.first()?;
        let (_, first) = document.dereference(first).ok()?;
        descriptor_of(first.as_dict().ok()?)
    };
    Some(Font {
        name: shortened(plain),
        kind: shortened(&String::from_utf8_lossy(kind)),
        embedded: kind == b"Type3" || descriptor_of(font).or_else(descendant).unwrap_or(false),
    })
}

fn name<'a>(dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a [u8]> {
    dictionary.get(key).ok()?.as_name().ok()
}

fn text(dictionary: &Dictionary, key: &[u8]) -> Option<String> {
    let text = text_string(dictionary.get(key).ok()?)?;
    let text = shortened(text.trim());
    (!text.is_empty()).then_some(text)
}

fn shortened(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(LONGEST_TEXT)
        .collect()
}

/// Permissions in words (ISO 32000-2, table 22).
fn allowed(permissions: lopdf::Permissions) -> Vec<String> {
    use lopdf::Permissions;

    [
        (Permissions::PRINTABLE, "printing"),
        (Permissions::MODIFIABLE, "changing"),
        (Permissions::COPYABLE, "copying"),
        (Permissions::ANNOTABLE, "commenting"),
        (Permissions::FILLABLE, "filling in forms"),
        (Permissions::ASSEMBLABLE, "assembling"),
    ]
    .into_iter()
    .filter(|(permission, _)| permissions.contains(*permission))
    .map(|(_, word)| word.to_owned())
    .collect()
}
