//! Leaving behind the resources that a page does not use. Only where that is
//! provably safe: a name that does not occur in the content at all cannot be
//! used by it. Where content cannot be read, or something in it leans on the
//! resources of the page around it, everything stays.

use std::collections::HashSet;
use std::io::Read;

use flate2::read::ZlibDecoder;
use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::original::Original;
use super::syntax::{decoded_name, is_regular};

/// Content that unpacks to more than this, in bytes, is not read.
const LARGEST_CONTENT: usize = 64 << 20;

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
type Names = HashSet<Vec<u8>>;

impl Original {
    /// The resources of a page that its content can use.
    pub(super) fn lean_resources(&self, page: &Dictionary) -> Option<Object> {
        let all = page.get(b"Resources").ok()?;
        let Ok(resources) = self.resolve(all).as_dict() else {
            return Some(all.clone());
        };
        let names = self.page_names(page);
        let lean = names
            .filter(|_| self.looks_bring_their_own(page))
            .and_then(|names| self.lean(resources, &names));
        Some(lean.map_or_else(|| all.clone(), Object::Dictionary))
    }

    /// A form or tiling pattern without the resources that it does not use;
    /// none where the stream is something else or nothing can be left out.
    pub(super) fn lean_stream(&self, stream: &Stream) -> Option<Stream> {
        let is_form =
            matches!(stream.dict.get(b"Subtype"), Ok(Object::Name(name)) if name == b"Form");
        if !is_form && !stream.dict.has(b"PatternType") {
            return None;
        }
        let resources = self.entries(&stream.dict, b"Resources")?;
        let mut names = Names::new();
        self.collect_names(stream, &mut names)?;
        let lean = self.lean(resources, &names)?;
        let mut stream = stream.clone();
        stream.dict.set("Resources", lean);
        Some(stream)
    }

    /// The resources that `names` can mean; none where all have to stay.
    fn lean(&self, resources: &Dictionary, names: &Names) -> Option<Dictionary> {
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
        (left_out && self.bring_their_own(&lean, DEEPEST)).then_some(lean)
    }

    /// Whether the looks of all annotations of a page bring their resources; viewers take
    /// those of the page for the others.
    fn looks_bring_their_own(&self, page: &Dictionary) -> bool {
        let looks = self.items(page, b"Annots").iter().filter_map(|annotation| {
            let annotation = self.resolve(annotation).as_dict().ok()?;
            self.entries(annotation, b"AP")
        });
        let mut looks = looks.flat_map(|looks| looks.iter().map(|(_, look)| look));
        looks.all(|look| match self.resolve(look) {
            // One for each state, such as on and off.
            Object::Dictionary(states) => states
                .iter()
                .all(|(_, state)| self.brings_its_own(state, DEEPEST)),
            _ => self.brings_its_own(look, DEEPEST),
        })
    }

    /// Whether all forms, patterns, fonts and masks among these resources bring
    /// resources of their own, so that none leans on those of the page.
    fn bring_their_own(&self, resources: &Dictionary, depth: usize) -> bool {
        if depth == 0 {
            return false;
        }
        let kinds: [&[u8]; 4] = [b"XObject", b"Pattern", b"Font", b"ExtGState"];
        kinds.iter().all(|kind| {
            let Some(entries) = self.entries(resources, kind) else {
                return true;
            };
            entries
                .iter()
                .all(|(_, value)| self.brings_its_own(value, depth))
        })
    }

    fn brings_its_own(&self, value: &Object, depth: usize) -> bool {
        let id: Option<ObjectId> = value.as_reference().ok();
        if let Some(known) = id.and_then(|id| self.self_contained.borrow().get(&id).copied()) {
            return known;
        }
        let (entries, is_stream) = match self.resolve(value) {
            Object::Stream(stream) => (&stream.dict, true),
            Object::Dictionary(entries) => (entries, false),
            _ => return true,
        };
        let leans = match entries.get(b"Subtype").and_then(Object::as_name) {
            Ok(kind) => matches!(kind, b"Form" | b"Type3"),
            // A tiling pattern, or a form that forgets to say so.
            Err(_) => is_stream,
        };
        let mask = self
            .entries(entries, b"SMask")
            .and_then(|it| it.get(b"G").ok());
        // A form within itself is no reason to doubt it.
        if let Some(id) = id {
            self.self_contained.borrow_mut().insert(id, true);
        }
        let own = self.entries(entries, b"Resources");
        let answer = (!leans || own.is_some_and(|own| self.bring_their_own(own, depth - 1)))
            && mask.is_none_or(|mask| depth > 1 && self.brings_its_own(mask, depth - 1));
        if let Some(id) = id {
            self.self_contained.borrow_mut().insert(id, answer);
        }
        answer
    }

    /// The names in a page's content; none where some of it cannot be read.
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
        Some(names)
    }

    fn collect_names(&self, stream: &Stream, names: &mut Names) -> Option<()> {
        collect(&whole_content(stream)?, names);
        Some(())
    }
}

/// The content of a stream; none where not all of it is there, or cannot be told to be.
/// Viewers differ in what they make of damaged content: what one cannot read another
/// may, with the resources that it names.
fn whole_content(stream: &Stream) -> Option<Vec<u8>> {
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
        let rest = &content[at..];
        let written = rest.iter().take_while(|byte| is_regular(**byte)).count();
        let name = decoded_name(&rest[..written]);
        at += written;
        if !names.contains(&name) {
            names.insert(name);
        }
    }
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
