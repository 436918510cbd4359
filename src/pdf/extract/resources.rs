//! Leaving behind the resources that a page does not use. Only where that is
//! provably safe: a name that does not occur in the content at all, nor in that of
//! forms and the like which lean on the resources of the page, cannot be used by it.
//! Where content cannot be read, everything stays.

use std::collections::HashSet;
use std::io::Read;
use std::rc::Rc;

use flate2::read::ZlibDecoder;
use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::original::Original;
use super::syntax::{decoded_name, is_regular};

/// Content that unpacks to more than this, in bytes, is not read.
pub(super) const LARGEST_CONTENT: usize = 64 << 20;

/// Forms within forms deeper than this are not followed.
const DEEPEST: usize = 16;

/// Kinds of resources that content uses by name (ISO 32000-1, table 33).
const BY_NAME: [&[u8]; 7] = [
    b"XObject",
    b"Font",
    b"ExtGState",
    b"ColorSpace",
    b"Shading",
    b"Pattern",
    b"Properties",
];

/// All names that occur in some content.
pub(super) type Names = HashSet<Vec<u8>>;

impl Original {
    /// The resources of a page that its content can use.
    pub(super) fn lean_resources(&self, page: &Dictionary) -> Option<Object> {
        let all = page.get(b"Resources").ok()?;
        let Ok(resources) = self.resolve(all).as_dict() else {
            return Some(all.clone());
        };
        let names = self.page_names(page);
        let lean = names.and_then(|names| self.lean(resources, names));
        Some(lean.map_or_else(|| all.clone(), Object::Dictionary))
    }

    /// A form or tiling pattern without the resources that it does not use;
    /// none where the stream is something else or nothing can be left out.
    pub(super) fn lean_stream(&self, stream: &Stream) -> Option<Stream> {
        if !is_content(&stream.dict) {
            return None;
        }
        let resources = self.entries(&stream.dict, b"Resources")?;
        let mut names = Names::new();
        self.collect_names(stream, &mut names)?;
        let lean = self.lean(resources, names)?;
        let mut stream = stream.clone();
        stream.dict.set("Resources", lean);
        Some(stream)
    }

    /// The resources that `names` can mean, and those that these lean on in turn; none
    /// where all have to stay.
    fn lean(&self, resources: &Dictionary, mut names: Names) -> Option<Dictionary> {
        loop {
            let lean = self.named(resources, &names)?;
            let mut more = self.needed_around(&lean, DEEPEST)?;
            more.retain(|name| !names.contains(name) && self.defines(resources, name));
            if more.is_empty() {
                return Some(lean);
            }
            names.extend(more);
        }
    }

    /// The resources that `names` can mean; none where that is all of them.
    fn named(&self, resources: &Dictionary, names: &Names) -> Option<Dictionary> {
        let mut lean = Dictionary::new();
        let mut left_out = false;
        for (kind, value) in resources.iter() {
            // It has been without meaning since PDF 1.4.
            if kind == b"ProcSet" {
                left_out = true;
                continue;
            }
            let entries = self.resolve(value).as_dict();
            let (true, Ok(entries)) = (BY_NAME.contains(&kind.as_slice()), entries) else {
                lean.set(kind.clone(), value.clone());
                continue;
            };
            let mut kept = Dictionary::new();
            for (name, value) in entries.iter() {
                // These stand in for device colours and are used without a name.
                let is_default = kind == b"ColorSpace" && name.starts_with(b"Default");
                if is_default || names.contains(name) {
                    kept.set(name.clone(), value.clone());
                }
            }
            if kept.len() == entries.len() {
                lean.set(kind.clone(), value.clone());
            } else {
                left_out = true;
                if !kept.is_empty() {
                    lean.set(kind.clone(), kept);
                }
            }
        }
        left_out.then_some(lean)
    }

    /// Whether there is a resource of this name, of any kind.
    fn defines(&self, resources: &Dictionary, name: &[u8]) -> bool {
        let mut kinds = BY_NAME.iter();
        kinds.any(|kind| {
            let entries = self.entries(resources, kind);
            entries.is_some_and(|entries| entries.has(name))
        })
    }

    /// Names that forms, patterns, fonts and soft masks among these resources use and do
    /// not bring: readers look for them in the resources of what is around (ISO 32000-1,
    /// 7.8.3). None where that cannot be told.
    fn needed_around(&self, resources: &Dictionary, depth: usize) -> Option<Names> {
        let depth = depth.checked_sub(1)?;
        let mut names = Names::new();
        let kinds: [&[u8]; 4] = [b"XObject", b"Pattern", b"Font", b"ExtGState"];
        for kind in kinds {
            let entries = self.entries(resources, kind);
            for (_, value) in entries.into_iter().flat_map(Dictionary::iter) {
                names.extend(self.leans_on(value, false, depth)?.iter().cloned());
            }
        }
        Some(names)
    }

    /// The same of one resource. `is_form`: it is drawn as a form whatever it says of
    /// itself.
    fn leans_on(&self, value: &Object, is_form: bool, depth: usize) -> Option<Rc<Names>> {
        let id: Option<ObjectId> = value.as_reference().ok();
        if let Some(known) = id.and_then(|id| self.leaning.borrow().get(&id).cloned()) {
            return known;
        }
        // A form within itself needs nothing more.
        if let Some(id) = id {
            let nothing = Some(Rc::default());
            self.leaning.borrow_mut().insert(id, nothing);
        }
        let names = match self.resolve(value) {
            Object::Stream(stream) if is_form || is_content(&stream.dict) => {
                self.form_leans_on(stream, depth)
            }
            Object::Dictionary(entries) if self.is_kind(entries, b"Subtype", b"Type3") => self
                .entries(entries, b"Resources")
                .and_then(|own| self.needed_around(own, depth)),
            Object::Dictionary(entries) => self.state_leans_on(entries, depth),
            _ => Some(Names::new()),
        };
        let names = names.map(Rc::new);
        if let Some(id) = id {
            self.leaning.borrow_mut().insert(id, names.clone());
        }
        names
    }

    fn form_leans_on(&self, form: &Stream, depth: usize) -> Option<Names> {
        let mut names = Names::new();
        self.collect_names(form, &mut names)?;
        if let Some(own) = self.entries(&form.dict, b"Resources") {
            names.retain(|name| !self.defines(own, name));
            names.extend(self.needed_around(own, depth)?);
        }
        Some(names)
    }

    /// Of a graphics state: its soft mask is a form, and its font may be made of content.
    fn state_leans_on(&self, state: &Dictionary, depth: usize) -> Option<Names> {
        let mut names = Names::new();
        if let Some(mask) = self.entries(state, b"SMask")
            && let Ok(group) = mask.get(b"G")
        {
            names.extend(self.leans_on(group, true, depth)?.iter().cloned());
        }
        if let Some(font) = self.items(state, b"Font").first() {
            names.extend(self.leans_on(font, false, depth)?.iter().cloned());
        }
        Some(names)
    }

    /// Names that the annotations of a page need from its resources to look as they do.
    fn annotation_names(&self, page: &Dictionary, names: &mut Names) -> Option<()> {
        for annotation in self.items(page, b"Annots") {
            let annotation = self.resolve(annotation).as_dict();
            let Some(looks) = annotation.ok().and_then(|it| self.entries(it, b"AP")) else {
                continue;
            };
            for (_, look) in looks.iter() {
                let streams = match self.resolve(look) {
                    Object::Dictionary(states) => states.iter().map(|(_, state)| state).collect(),
                    _ => vec![look],
                };
                for stream in streams {
                    names.extend(self.leans_on(stream, true, DEEPEST)?.iter().cloned());
                }
            }
        }
        Some(())
    }

    /// The names in a page's content and that of its annotations; none where some of it
    /// cannot be read.
    fn page_names(&self, page: &Dictionary) -> Option<Names> {
        let mut names = Names::new();
        match self.value(page, b"Contents") {
            Object::Stream(stream) => self.collect_names(stream, &mut names)?,
            Object::Array(parts) => {
                for part in parts {
                    match self.resolve(part) {
                        Object::Stream(stream) => self.collect_names(stream, &mut names)?,
                        Object::Null => {}
                        _ => return None,
                    }
                }
            }
            Object::Null => {}
            _ => return None,
        }
        self.annotation_names(page, &mut names)?;
        Some(names)
    }

    fn collect_names(&self, stream: &Stream, names: &mut Names) -> Option<()> {
        collect(&whole_content(stream)?, names);
        Some(())
    }
}

/// Whether a stream among resources is content that may have resources of its own: a form,
/// also one that forgets to say so, or a tiling pattern.
fn is_content(entries: &Dictionary) -> bool {
    match entries.get(b"Subtype").and_then(Object::as_name) {
        Ok(kind) => kind == b"Form",
        Err(_) => true,
    }
}

/// The content of a stream; none where not all of it is there, or cannot be told to be.
/// Viewers differ in what they make of damaged content: what one cannot read another
/// may, with the resources that it names.
pub(super) fn whole_content(stream: &Stream) -> Option<Vec<u8>> {
    let filters = stream.filters().unwrap_or_default();
    let [before @ .., last] = filters.as_slice() else {
        return (stream.content.len() <= LARGEST_CONTENT).then(|| stream.content.clone());
    };
    let has_parameters = stream
        .dict
        .get(b"DecodeParms")
        .is_ok_and(|it| !it.is_null());
    // Of the others none says where its data should end.
    if *last != b"FlateDecode" || has_parameters {
        return None;
    }
    let packed = match before {
        [] => stream.content.clone(),
        before => {
            let names = before.iter().map(|name| Object::Name(name.to_vec()));
            let mut entries = Dictionary::new();
            entries.set("Filter", names.collect::<Vec<Object>>());
            let outer = Stream::new(entries, stream.content.clone());
            outer.get_plain_content_with_limit(LARGEST_CONTENT).ok()?
        }
    };
    let mut content = Vec::with_capacity(4 * packed.len());
    let unpacked = ZlibDecoder::new(packed.as_slice());
    let most = LARGEST_CONTENT as u64 + 1;
    unpacked.take(most).read_to_end(&mut content).ok()?;
    (content.len() <= LARGEST_CONTENT).then_some(content)
}

/// Collects everything that looks like a name, also where it is part of a
/// string or of an inline image: too many are safe, too few are not.
fn collect(content: &[u8], names: &mut Names) {
    let mut at = 0;
    while let Some(slash) = content
        .get(at..)
        .and_then(|rest| memchr::memchr(b'/', rest))
    {
        at += slash + 1;
        let (name, length) = name(&content[at..]);
        at += length;
        if !names.contains(&name) {
            names.insert(name);
        }
    }
}

/// The name that begins after a slash, and how many bytes it takes there.
pub(super) fn name(content: &[u8]) -> (Vec<u8>, usize) {
    let bytes = content.iter();
    let written = bytes.take_while(|byte| is_regular(**byte)).count();
    (decoded_name(&content[..written]), written)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use lopdf::dictionary;

    use super::*;

    #[test]
    fn content_is_read_whole_or_not_at_all() {
        let text: Vec<u8> = (0..9000u32)
            .flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes())
            .collect();
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&text).unwrap();
        let packed = encoder.finish().unwrap();
        let hex: Vec<u8> = packed
            .iter()
            .flat_map(|byte| format!("{byte:02x}").into_bytes())
            .chain([b'>'])
            .collect();
        let flate = || dictionary! { "Filter" => "FlateDecode" };
        let both = vec![
            Object::Name(b"ASCIIHexDecode".into()),
            Object::Name(b"FlateDecode".into()),
        ];
        let whole = [
            Stream::new(Dictionary::new(), text.clone()),
            Stream::new(flate(), packed.clone()),
            Stream::new(dictionary! { "Filter" => both.clone() }, hex),
        ];
        for stream in whole {
            assert!(whole_content(&stream) == Some(text.clone()));
        }
        let mut damaged = packed.clone();
        let middle = damaged.len() / 2;
        damaged[middle..middle + 40].fill(0xaa);
        let broken = [
            Stream::new(flate(), damaged),
            Stream::new(flate(), packed[..middle].to_vec()),
            Stream::new(dictionary! { "Filter" => "LZWDecode" }, packed.clone()),
            Stream::new(dictionary! { "Filter" => both }, packed),
        ];
        for stream in broken {
            assert!(whole_content(&stream).is_none());
        }
    }

    #[test]
    fn names_are_collected_wherever_they_occur() {
        let mut names = Names::new();
        collect(
            b"/F1 12 Tf (/F2)Tj /Im#31 Do/P1 scn BI /CS/C9 ID",
            &mut names,
        );
        let mut names: Vec<_> = names.iter().map(|n| String::from_utf8_lossy(n)).collect();
        names.sort();
        assert_eq!(names, ["C9", "CS", "F1", "F2", "Im1", "P1"]);
    }
}
