//! What a document claims to be in its metadata: PDF/A, PDF/UA and others. A claim
//! that does not hold of a part is taken out of it; other metadata stays. Not for
//! checking whether a document is what it claims.

use std::sync::LazyLock;

use lopdf::{Dictionary, Object, dictionary};
use regex::Regex;

use super::original::Original;
use super::part::{Assembly, reference};
use crate::model::Remark;

/// Longer metadata is not looked at and does not come along, in bytes.
const LONGEST: usize = 16 << 20;

/// What a document claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    PdfA,
    PdfUa,
    Print,
    Invoice,
}

/// Beginnings of the namespaces in which claims are made (ISO 19005-1, 6.7.11; ISO
/// 14289-1, 5; ISO 15930-7; ISO 24517-1; Factur-X 1.0 and the ZUGFeRD before it).
const NAMESPACES: [(&str, Kind); 9] = [
    ("http://www.aiim.org/pdfa/ns/id", Kind::PdfA),
    ("http://www.aiim.org/pdfua/ns/id", Kind::PdfUa),
    ("http://www.npes.org/pdfx/ns/id", Kind::Print),
    ("http://www.npes.org/pdfvt/ns/id", Kind::Print),
    ("http://www.aiim.org/pdfe/ns/id", Kind::Print),
    ("urn:factur-x:", Kind::Invoice),
    ("urn:zugferd:", Kind::Invoice),
    ("urn:ferd:", Kind::Invoice),
    ("urn:cen.eu:invoice", Kind::Invoice),
];

/// The metadata of a document that claims something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    text: String,
    claims: Vec<Claim>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Claim {
    kind: Kind,
    /// The prefix of its namespace.
    prefix: String,
    /// Names and values, such as part and 3.
    values: Vec<(String, String)>,
}

impl Claim {
    fn value(&self, name: &str) -> Option<&str> {
        let mut values = self.values.iter();
        values.find_map(|(known, value)| (known == name).then_some(value.as_str()))
    }
}

/// What becomes of a document in a part.
#[derive(Clone, Copy)]
struct Fate {
    /// It is the only one.
    alone: bool,
    /// All its pages are there in order, with what is attached.
    whole: bool,
    /// So is its structure.
    tagged: bool,
}

impl Fate {
    /// Whether a claim of the document holds of the part. Parts have object streams,
    /// which older standards forbid.
    fn allows(self, claim: &Claim) -> bool {
        self.alone
            && match claim.kind {
                Kind::PdfA => {
                    let level = claim.value("conformance").unwrap_or_default();
                    matches!(claim.value("part"), Some("2" | "3"))
                        && (self.whole && self.tagged || !level.eq_ignore_ascii_case("a"))
                }
                Kind::PdfUa => self.whole && self.tagged,
                Kind::Print => claim
                    .value("GTS_PDFXVersion")
                    .is_some_and(|version| version.starts_with("PDF/X-4")),
                Kind::Invoice => self.whole,
            }
    }
}

impl Metadata {
    /// Reads metadata as XMP; none where it claims nothing.
    fn read(content: &[u8]) -> Option<Self> {
        static NAMESPACE: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r#"xmlns:([\w.-]+)\s*=\s*["']([^"']+)["']"#).ok());
        let text = decoded(content);
        let mut claims: Vec<Claim> = Vec::new();
        for found in NAMESPACE.as_ref()?.captures_iter(&text) {
            let (prefix, namespace) = (&found[1], &found[2]);
            let mut namespaces = NAMESPACES.iter();
            let kind = namespaces.find(|(known, _)| namespace.starts_with(known));
            if let Some((_, kind)) = kind
                && !claims.iter().any(|claim| claim.prefix == prefix)
            {
                let values = values(&text, prefix);
                if !values.is_empty() {
                    claims.push(Claim {
                        kind: *kind,
                        prefix: prefix.to_owned(),
                        values,
                    });
                }
            }
        }
        (!claims.is_empty()).then_some(Self { text, claims })
    }

    /// The text without some of its claims; none where they cannot be taken out.
    fn without<'a>(&self, claims: impl Iterator<Item = &'a Claim>) -> Option<String> {
        let mut text = self.text.clone();
        for claim in claims {
            text = statement(&claim.prefix)?
                .replace_all(&text, "")
                .into_owned();
            if mention(&claim.prefix)?.is_match(&text) {
                return None;
            }
        }
        Some(text)
    }
}

/// Matches a property with this prefix, as an element or as an attribute.
fn statement(prefix: &str) -> Option<Regex> {
    let prefix = regex::escape(prefix);
    Regex::new(&format!(
        r#"<{prefix}:([\w.-]+)(?:\s[^<>]*)?(?:/>|>([^<]*)</{prefix}:[\w.-]+\s*>)|\s{prefix}:([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')"#
    ))
    .ok()
}

/// Matches whatever else is said with this prefix.
fn mention(prefix: &str) -> Option<Regex> {
    Regex::new(&format!(r"[<\s]{}:[\w.-]+[\s=>/]", regex::escape(prefix))).ok()
}

fn values(text: &str, prefix: &str) -> Vec<(String, String)> {
    let Some(statement) = statement(prefix) else {
        return Vec::new();
    };
    let found = statement.captures_iter(text).map(|found| {
        let group = |numbers: [usize; 3]| {
            let mut groups = numbers.into_iter().filter_map(|number| found.get(number));
            groups
                .next()
                .map_or("", |group| group.as_str().trim())
                .to_owned()
        };
        (group([1, 3, 3]), group([2, 4, 5]))
    });
    found.collect()
}

/// XMP is in UTF-8, or in UTF-16 with a mark at its beginning.
fn decoded(content: &[u8]) -> String {
    let units = |from: fn([u8; 2]) -> u16| -> String {
        let pairs = content[2..].chunks_exact(2);
        let units = pairs.map(|pair| from([pair[0], pair[1]]));
        char::decode_utf16(units)
            .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    match content {
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        _ => String::from_utf8_lossy(content).into_owned(),
    }
}

impl Original {
    /// The document's metadata where it claims anything.
    fn claiming(&self) -> Option<&Metadata> {
        let read = || {
            let Object::Stream(stream) = self.value(self.catalog(), b"Metadata") else {
                return None;
            };
            Metadata::read(&stream.get_plain_content_with_limit(LONGEST).ok()?)
        };
        self.metadata.get_or_init(read).as_ref()
    }
}

impl Assembly<'_> {
    /// The metadata of the document, if there is but one, with what it claims as far
    /// as that is still so. `tagged`: the structure of the documents is there.
    pub(super) fn metadata(&mut self, whole: &[bool], tagged: bool, catalog: &mut Dictionary) {
        let alone = self.originals.len() == 1;
        let mut text = None;
        for (original, whole) in self.originals.clone().into_iter().zip(whole) {
            let Some(metadata) = original.claiming() else {
                continue;
            };
            let fate = Fate {
                alone,
                whole: *whole,
                tagged,
            };
            let claims = metadata.claims.iter();
            let untrue: Vec<&Claim> = claims.filter(|claim| !fate.allows(claim)).collect();
            for claim in &untrue {
                self.remark(match claim.kind {
                    Kind::PdfA => Remark::PdfA,
                    Kind::PdfUa => Remark::PdfUa,
                    Kind::Print => Remark::PrintStandard,
                    Kind::Invoice => Remark::Invoice,
                });
            }
            if !untrue.is_empty() {
                text = Some(metadata.without(untrue.into_iter()));
            }
        }
        if !alone {
            return;
        }
        match text {
            // Nothing is untrue.
            None => {
                if let Ok(metadata) = self.originals[0].catalog().get(b"Metadata") {
                    let metadata = self.localised(0, metadata);
                    if !metadata.is_null() {
                        catalog.set("Metadata", metadata);
                    }
                }
            }
            Some(Some(text)) => {
                let entries = dictionary! { "Type" => "Metadata", "Subtype" => "XML" };
                let number = self.add_stream(entries, text.into_bytes());
                catalog.set("Metadata", reference(number));
            }
            // What cannot be made true does not come along.
            Some(None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELEMENTS: &str = "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' \
        xmlns:pdfaid='http://www.aiim.org/pdfa/ns/id/' xmlns:ua=\"http://www.aiim.org/pdfua/ns/id/\">\
        <pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>\
        <dc:format>application/pdf</dc:format><ua:part>1</ua:part></rdf:Description>";
    const ATTRIBUTES: &str = "<rdf:Description xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" \
        pdfaid:part=\"2\" pdfaid:conformance='B' pdf:Producer=\"X\"/>";

    fn kinds(metadata: &Metadata) -> Vec<Kind> {
        metadata.claims.iter().map(|claim| claim.kind).collect()
    }

    #[test]
    fn claims_are_found_however_they_are_written() {
        let elements = Metadata::read(ELEMENTS.as_bytes()).unwrap();
        assert_eq!(kinds(&elements), [Kind::PdfA, Kind::PdfUa]);
        assert_eq!(elements.claims[0].value("conformance"), Some("A"));
        let attributes = Metadata::read(ATTRIBUTES.as_bytes()).unwrap();
        assert_eq!(kinds(&attributes), [Kind::PdfA]);
        assert_eq!(attributes.claims[0].value("part"), Some("2"));
        assert_eq!(attributes.claims[0].value("conformance"), Some("B"));
        let utf16: Vec<u8> = [0xfe, 0xff]
            .into_iter()
            .chain(ELEMENTS.encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        assert_eq!(Metadata::read(&utf16), Some(elements));
        assert_eq!(
            Metadata::read(b"<dc:format>application/pdf</dc:format>"),
            None
        );
    }

    #[test]
    fn only_the_claims_are_taken_out() {
        let elements = Metadata::read(ELEMENTS.as_bytes()).unwrap();
        let left = elements.without(elements.claims[..1].iter()).unwrap();
        assert!(
            !left.contains("pdfaid:part") && !left.contains("conformance"),
            "{left}"
        );
        assert!(
            left.contains("<ua:part>1</ua:part>") && left.contains("<dc:format>"),
            "{left}"
        );
        let attributes = Metadata::read(ATTRIBUTES.as_bytes()).unwrap();
        let left = attributes.without(attributes.claims.iter()).unwrap();
        assert_eq!(
            left,
            "<rdf:Description xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" pdf:Producer=\"X\"/>"
        );
    }

    #[test]
    fn claims_that_cannot_be_taken_out_are_not_left_half() {
        let nested = "<x xmlns:pdfaid='http://www.aiim.org/pdfa/ns/id/'><pdfaid:part>1</pdfaid:part>\
            <pdfaid:more><b/></pdfaid:more></x>";
        let metadata = Metadata::read(nested.as_bytes()).unwrap();
        assert_eq!(metadata.without(metadata.claims.iter()), None);
    }

    #[test]
    fn a_claim_holds_only_where_the_part_keeps_what_it_asks_for() {
        let claim = |kind, part: &str, level: &str| Claim {
            kind,
            prefix: String::new(),
            values: vec![
                ("part".into(), part.into()),
                ("conformance".into(), level.into()),
            ],
        };
        let all = Fate {
            alone: true,
            whole: true,
            tagged: true,
        };
        let some = Fate {
            whole: false,
            ..all
        };
        let merged = Fate {
            alone: false,
            ..all
        };
        let (b, a) = (claim(Kind::PdfA, "3", "B"), claim(Kind::PdfA, "2", "A"));
        assert!(all.allows(&a) && all.allows(&b) && some.allows(&b));
        assert!(!some.allows(&a) && !merged.allows(&b));
        assert!(!all.allows(&claim(Kind::PdfA, "1", "B")));
        let accessible = claim(Kind::PdfUa, "1", "");
        assert!(all.allows(&accessible) && !some.allows(&accessible));
    }
}
