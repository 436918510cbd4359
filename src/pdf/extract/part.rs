//! Building a part: which objects come along, under which numbers, and what
//! is made anew because it speaks of the pages that are there. Not for parsing
//! (`original`) and not for bytes (`serialise`, `file`).

use std::collections::{HashMap, VecDeque};

use lopdf::{Dictionary, Object, ObjectId, StringFormat, dictionary};

use super::ExtractError;
use super::file::{Entry, Layout};
use super::lost::lost;
use super::numbers::ExactNumbers;
use super::original::Original;
use super::over::{Lies, Over};
use super::serialise::serialised;
use super::stamp::Stamp;
use super::tags::Tags;
use super::text_layer::LayerFont;
use crate::model::{Remark, Word};

/// What a page keeps of its own dictionary; other entries lead elsewhere or
/// speak of the document as a whole.
pub(super) const KEPT_OF_PAGES: [&[u8]; 16] = [
    b"MediaBox",
    b"CropBox",
    b"BleedBox",
    b"TrimBox",
    b"ArtBox",
    b"UserUnit",
    b"Contents",
    b"Group",
    b"BoxColorInfo",
    b"VP",
    b"Metadata",
    b"Trans",
    b"Dur",
    b"OutputIntents",
    b"Tabs",
    b"AF",
];

/// Objects of these types never come along by being referred to.
const NEVER_SHARED: [&[u8]; 10] = [
    b"Catalog",
    b"Pages",
    b"Page",
    b"Annot",
    b"StructTreeRoot",
    b"StructElem",
    b"Outlines",
    b"ObjStm",
    b"XRef",
    b"Sig",
];

/// The oldest version that has object streams.
const OLDEST_VERSION: &str = "1.5";

/// A page of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartPage {
    /// The document that it comes from, by its place among those of the part.
    pub source: usize,
    /// Its number there, from 1.
    pub number: u32,
    /// Degrees by which it is turned, clockwise: 0, 90, 180 or 270.
    pub turn: u16,
}

/// What a part is like besides its pages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartOptions {
    /// The title in its metadata; none keeps that of the document.
    pub title: Option<String>,
    /// Pages of signed documents are welcome although the part is not signed.
    pub drop_signatures: bool,
    /// What is printed on each page, in their order; nothing on those beyond the last.
    pub stamps: Vec<Stamp>,
    /// Words that are put over each page, in their order, to be searched and copied and not
    /// to be seen; none on those beyond the last.
    pub layers: Vec<Vec<Word>>,
}

/// A part, laid out and not yet written.
pub struct Part<'a> {
    /// Its file.
    pub layout: Layout<'a>,
    /// What a person should know of it besides its pages, each once, in order.
    pub remarks: Vec<Remark>,
}

/// Lays out a part of these pages. A document may be among `documents` more than
/// once: each place is a copy with form fields, links and bookmarks of its own.
pub fn assemble<'a>(
    documents: &[&'a Original],
    pages: &[PartPage],
    options: &PartOptions,
) -> Result<Part<'a>, ExtractError> {
    if pages.is_empty() {
        return Err(ExtractError::NoPages);
    }
    let mut originals: Vec<&Original> = Vec::new();
    // Places of the documents that pages come from, in the order of use.
    let mut used: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    for page in pages {
        let original = *documents
            .get(page.source)
            .ok_or(ExtractError::NoSuchPage(page.number))?;
        let known = used.iter().position(|place| *place == page.source);
        let source = known.unwrap_or(used.len());
        if known.is_none() {
            used.push(page.source);
            originals.push(original);
        }
        let index = (page.number as usize).wrapping_sub(1);
        if index >= original.pages.len() {
            return Err(ExtractError::NoSuchPage(page.number));
        }
        found.push(Wanted {
            source,
            index,
            turn: page.turn,
        });
    }
    let signed = originals.iter().any(|original| original.is_signed());
    if signed && !options.drop_signatures {
        return Err(ExtractError::Signed);
    }
    let first_use = |original: &Original| {
        let mut all = originals.iter();
        all.position(|other| std::ptr::eq(*other, original))
            .unwrap_or_default()
    };
    let assembly = Assembly {
        exact: originals.iter().map(|original| &original.exact).collect(),
        first_use: originals
            .iter()
            .map(|original| first_use(original))
            .collect(),
        originals,
        stand_ins: HashMap::new(),
        shared: HashMap::new(),
        entries: Vec::new(),
        waiting: VecDeque::new(),
        same_intents: true,
        tags: Tags::default(),
        remarks: Vec::new(),
        stamp_font: None,
        layer_font: LayerFont::default(),
    };
    let part = assembly.run(&found, options, signed);
    let lost = pages
        .iter()
        .find_map(|page| lost(documents[page.source], page.number));
    match lost {
        Some(lost) => Err(lost),
        None => Ok(part),
    }
}

/// A page that is wanted, by the place of its document and its index there.
pub(super) struct Wanted {
    pub(super) source: usize,
    pub(super) index: usize,
    turn: u16,
}

/// A part while it is built. Own objects refer by new numbers; shared ones by
/// those of their document, until they are written.
pub(super) struct Assembly<'a> {
    pub(super) originals: Vec<&'a Original>,
    /// Their numbers as they are written.
    pub(super) exact: Vec<&'a ExactNumbers>,
    /// The first place of each original, where copies of it have what they share.
    pub(super) first_use: Vec<usize>,
    /// Numbers of own objects, which stand for those of an original: pages,
    /// annotations, fields.
    stand_ins: HashMap<(usize, ObjectId), u32>,
    /// New numbers of objects that come along as they are; none for those that
    /// stay behind.
    shared: HashMap<(usize, ObjectId), Option<u32>>,
    entries: Vec<Entry<'a>>,
    /// Shared objects that are not written yet.
    waiting: VecDeque<(usize, ObjectId, u32)>,
    /// The colours of all documents are meant for the same; else pages say it.
    pub(super) same_intents: bool,
    pub(super) tags: Tags,
    /// What a person should know of the part.
    remarks: Vec<Remark>,
    /// Number of the font of stamps, once there is one.
    pub(super) stamp_font: Option<u32>,
    /// The font of text layers.
    pub(super) layer_font: LayerFont,
}

impl<'a> Assembly<'a> {
    fn run(mut self, wanted: &[Wanted], options: &PartOptions, signed: bool) -> Part<'a> {
        self.begin_tags();
        self.same_intents = self.have_the_same(b"OutputIntents");
        let tree = self.reserve();
        let numbers: Vec<u32> = wanted.iter().map(|_| self.reserve()).collect();
        for (page, &number) in wanted.iter().zip(&numbers) {
            if let Some(id) = self.originals[page.source].pages[page.index].id {
                // Links to a page that is there twice lead to the first.
                self.stand_ins.entry((page.source, id)).or_insert(number);
            }
        }
        let mut form = super::form::Form::default();
        for (at, (page, &number)) in wanted.iter().zip(&numbers).enumerate() {
            let mut dictionary = self.page(page, number, tree, &mut form);
            let stamp = options.stamps.get(at);
            let layer = options.layers.get(at).filter(|layer| !layer.is_empty());
            if stamp.is_some() || layer.is_some() {
                let original = self.originals[page.source];
                let before = &original.pages[page.index].dictionary;
                let mut over = Over::default();
                if let Some(words) = layer {
                    // Words were read on the page as its document shows it.
                    let lies = Lies::of(original, before, original.value(before, b"Rotate"));
                    self.layer(&mut over, lies, words);
                }
                if let Some(stamp) = stamp {
                    let turned = dictionary.get(b"Rotate").unwrap_or(&Object::Null);
                    let lies = Lies::of(original, before, turned);
                    self.stamp(&mut over, lies, stamp);
                }
                self.put_over(page.source, before, &mut dictionary, over);
            }
            self.put(number, &Object::Dictionary(dictionary));
        }
        self.put_layer_font();
        let form = self.form(form);
        self.drain();
        let kids = numbers.iter().map(|number| reference(*number)).collect();
        self.put(
            tree,
            &Object::Dictionary(dictionary! {
                "Type" => "Pages",
                "Count" => i64::try_from(numbers.len()).unwrap_or(i64::MAX),
                "Kids" => Object::Array(kids),
            }),
        );
        let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => reference(tree) };
        if let Some(form) = form {
            catalog.set("AcroForm", form);
        }
        if let Some(layers) = self.layers() {
            catalog.set("OCProperties", layers);
        }
        if let Some(outline) = self.outline(wanted, &numbers) {
            catalog.set("Outlines", outline);
            catalog.set("PageMode", "UseOutlines");
        }
        if let Some(labels) = self.labels(wanted) {
            catalog.set("PageLabels", labels);
        }
        self.of_the_whole(wanted, &mut catalog);
        let root = self.add(&Object::Dictionary(catalog));
        let information = self.information(options, signed);
        let mut trailer = dictionary! { "Root" => reference(root) };
        if !information.is_empty() {
            let information = self.add(&Object::Dictionary(information));
            trailer.set("Info", reference(information));
        }
        self.drain();
        trailer.set("ID", self.identifier(wanted, options));
        self.remark_on_rights();
        self.remarks.sort();
        Part {
            layout: Layout::new(&self.version(), self.entries, trailer),
            remarks: self.remarks,
        }
    }

    /// Notes something for the person who gets the part; what is counted adds up.
    pub(super) fn remark(&mut self, remark: Remark) {
        let known = self
            .remarks
            .iter_mut()
            .find_map(|known| known.plus(remark).map(|sum| (known, sum)));
        match known {
            Some((known, sum)) => *known = sum,
            None => self.remarks.push(remark),
        }
    }

    /// Reserves a number for an own object.
    pub(super) fn reserve(&mut self) -> u32 {
        self.entries.push(Entry::Plain(b"null".to_vec()));
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX)
    }

    /// Puts an own object, whose references are new numbers, in its place.
    pub(super) fn put(&mut self, number: u32, object: &Object) {
        if let Some(entry) = self.entries.get_mut((number as usize).wrapping_sub(1)) {
            *entry = Entry::Plain(serialised(object, &self.exact));
        }
    }

    /// Adds an own object and returns its number.
    pub(super) fn add(&mut self, object: &Object) -> u32 {
        let number = self.reserve();
        self.put(number, object);
        number
    }

    /// Adds an own stream as it is and returns its number.
    pub(super) fn add_stream(&mut self, mut entries: Dictionary, content: Vec<u8>) -> u32 {
        let length = i64::try_from(content.len()).unwrap_or(i64::MAX);
        entries.set("Length", length);
        let entries = serialised(&Object::Dictionary(entries), &self.exact);
        let number = self.reserve();
        if let Some(entry) = self.entries.last_mut() {
            *entry = Entry::Stream(entries, content.into());
        }
        number
    }

    /// Says which own object stands for one of an original.
    pub(super) fn stand_in(&mut self, source: usize, id: ObjectId, number: u32) {
        self.stand_ins.insert((source, id), number);
    }

    /// Whether an object of an original has come along.
    pub(super) fn known(&self, source: usize, id: ObjectId) -> Option<u32> {
        let own = self.stand_ins.get(&(source, id)).copied();
        own.or_else(|| *self.shared.get(&(self.first_use[source], id))?)
    }

    /// The new number of an object; it comes along if it may.
    fn refer(&mut self, source: usize, id: ObjectId) -> Option<u32> {
        if let Some(own) = self.stand_ins.get(&(source, id)) {
            return Some(*own);
        }
        let source = self.first_use[source];
        if let Some(known) = self.shared.get(&(source, id)) {
            return *known;
        }
        let number = self.may_be_shared(source, id).then(|| self.reserve());
        self.shared.insert((source, id), number);
        if let Some(number) = number {
            self.waiting.push_back((source, id, number));
        }
        number
    }

    fn may_be_shared(&self, source: usize, id: ObjectId) -> bool {
        let original = self.originals[source];
        let entries = match original.document.get_object(id) {
            Ok(Object::Stream(_)) => return true,
            Ok(Object::Dictionary(entries)) => entries,
            Ok(_) => return true,
            Err(_) => return false,
        };
        let kind = entries.get(b"Type").and_then(Object::as_name);
        let is_widget = matches!(entries.get(b"Subtype"), Ok(Object::Name(n)) if n == b"Widget");
        !original.page_at.contains_key(&id)
            && !is_widget
            && !kind.is_ok_and(|kind| NEVER_SHARED.contains(&kind))
    }

    /// An object of an original as an own one: its references become new
    /// numbers, and those to what stays behind go.
    pub(super) fn localised(&mut self, source: usize, object: &Object) -> Object {
        match object {
            Object::Reference(id) => match self.refer(source, *id) {
                Some(number) => reference(number),
                None => Object::Null,
            },
            Object::Array(items) => {
                let items = items.iter().map(|item| self.localised(source, item));
                Object::Array(items.collect())
            }
            Object::Dictionary(entries) => {
                Object::Dictionary(self.localised_entries(source, entries, &[]))
            }
            Object::Stream(_) => Object::Null,
            simple => simple.clone(),
        }
    }

    /// The entries of a dictionary of an original but for some, as own ones.
    pub(super) fn localised_entries(
        &mut self,
        source: usize,
        entries: &Dictionary,
        without: &[&[u8]],
    ) -> Dictionary {
        let mut own = Dictionary::new();
        for (key, value) in entries.iter() {
            if !without.contains(&key.as_slice()) {
                let value = self.localised(source, value);
                if !value.is_null() {
                    own.set(key.clone(), value);
                }
            }
        }
        own
    }

    /// Serialises the shared objects that wait, and those that they refer to.
    fn drain(&mut self) {
        while let Some((source, id, number)) = self.waiting.pop_front() {
            let original = self.originals[source];
            let template = self.template(source, id);
            let mut body = Vec::new();
            template.fill(&mut body, |id| self.refer(source, id));
            let entry = match original.document.get_object(id) {
                Ok(Object::Stream(stream)) => Entry::Stream(body, stream.content.as_slice().into()),
                _ => Entry::Plain(body),
            };
            if let Some(place) = self.entries.get_mut((number as usize).wrapping_sub(1)) {
                *place = entry;
            }
        }
    }

    fn page(
        &mut self,
        wanted: &Wanted,
        number: u32,
        tree: u32,
        form: &mut super::form::Form,
    ) -> Dictionary {
        let (source, original) = (wanted.source, self.originals[wanted.source]);
        let page = &original.pages[wanted.index].dictionary;
        let mut own = dictionary! { "Type" => "Page", "Parent" => reference(tree) };
        for key in KEPT_OF_PAGES {
            if let Ok(value) = page.get(key) {
                // Viewers that ignore an odd one take it for one without area once its
                // numbers are written properly.
                if key.ends_with(b"Box") && !original.has_area(value) {
                    continue;
                }
                let value = self.localised(source, value);
                if !value.is_null() {
                    own.set(key, value);
                }
            }
        }
        let resources = match original.lean_resources(page) {
            Some(resources) => self.localised(source, &resources),
            None => Object::Dictionary(Dictionary::new()),
        };
        own.set("Resources", resources);
        // As it is where it stays: viewers differ in what they make of odd ones.
        match original.value(page, b"Rotate") {
            Object::Null if wanted.turn == 0 => {}
            same if wanted.turn == 0 => own.set("Rotate", same.clone()),
            before => {
                let before = before.as_float().unwrap_or(0.0) as i64;
                let after = before.saturating_add(wanted.turn.into());
                own.set("Rotate", after.rem_euclid(360));
            }
        }
        let page_id = original.pages[wanted.index].id;
        if page_id.and_then(|id| self.known(source, id)) == Some(number) {
            self.set_key(source, page, &mut own);
        }
        if !self.same_intents
            && !own.has(b"OutputIntents")
            && let Ok(intents) = original.catalog().get(b"OutputIntents")
        {
            let intents = self.localised(source, intents);
            own.set("OutputIntents", intents);
        }
        let annotations = self.annotations(source, page, number, form);
        if !annotations.is_empty() {
            own.set("Annots", annotations);
        }
        own
    }

    /// Title, author and so on: those of the document where there is one, or
    /// the title alone.
    fn information(&self, options: &PartOptions, signed: bool) -> Dictionary {
        let mut own = Dictionary::new();
        if let [original] = self.originals.as_slice()
            && let Some(entries) = original.entries(&original.document.trailer, b"Info")
        {
            for (key, value) in entries.iter() {
                if is_print_claim(key) {
                    continue;
                }
                if let value @ (Object::String(..) | Object::Name(_)) = original.resolve(value) {
                    own.set(key.clone(), value.clone());
                }
            }
        }
        if let Some(title) = &options.title {
            own.set("Title", text(title));
        }
        if signed {
            own.set(
                "Pagesieve",
                text("Pages of a signed document; the signature is gone."),
            );
        }
        own
    }

    /// The same pages of the same documents, with the same printed on them, have the same
    /// identifier.
    fn identifier(&self, wanted: &[Wanted], options: &PartOptions) -> Object {
        let mut hasher = blake3::Hasher::new();
        for original in &self.originals {
            let identifier = original.value(&original.document.trailer, b"ID");
            hasher.update(&serialised(identifier, &[]));
        }
        for page in wanted {
            for number in [page.source, page.index, usize::from(page.turn)] {
                hasher.update(&(number as u64).to_le_bytes());
            }
        }
        for stamp in &options.stamps {
            hasher.update(stamp.words.as_bytes());
        }
        for word in options.layers.iter().flatten() {
            hasher.update(word.text.as_bytes());
            let area = word.area;
            for edge in [area.left, area.top, area.right, area.bottom] {
                hasher.update(&edge.to_le_bytes());
            }
        }
        let hash = hasher.finalize().as_bytes()[..16].to_vec();
        let identifier = Object::String(hash, StringFormat::Hexadecimal);
        Object::Array(vec![identifier.clone(), identifier])
    }

    /// The newest version among the documents.
    fn version(&self) -> String {
        let versions = self.originals.iter().map(|original| {
            let catalog = original.catalog();
            let later = original.value(catalog, b"Version").as_name();
            let later = later.map(|name| String::from_utf8_lossy(name).into_owned());
            later
                .unwrap_or_default()
                .max(original.document.version.clone())
        });
        let honest = |version: &String| {
            version.len() == 3 && version.as_bytes()[1] == b'.' && version.starts_with(['1', '2'])
        };
        let newest = versions.filter(honest).max().unwrap_or_default();
        newest.max(OLDEST_VERSION.to_owned())
    }
}

/// Keys by which older standards for print are claimed, which parts do not follow (ISO
/// 15930-1, 6.1).
fn is_print_claim(key: &[u8]) -> bool {
    key.starts_with(b"GTS_PDF") || key.starts_with(b"ISO_PDFE")
}

/// A reference to an own object.
pub(super) fn reference(number: u32) -> Object {
    Object::Reference((number, 0))
}

/// A text string (ISO 32000-1, 7.9.2.2).
pub(super) fn text(text: &str) -> Object {
    lopdf::text_string(text)
}
