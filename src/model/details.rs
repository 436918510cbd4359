//! What inspecting a document's structure found. Facts and counts, no verdicts:
//! those are methods here, computed when asked for. Plain data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Names in a PDF that matter to its security.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SecurityName {
    /// A script, or the tree of named scripts.
    JavaScript,
    /// The text of a script.
    JS,
    /// Something happens when the document is opened.
    OpenAction,
    /// Something happens at some event, such as turning a page.
    AA,
    /// An action starts a program or opens a file.
    Launch,
    /// A file within the document.
    EmbeddedFile,
    /// Films, sounds and three-dimensional pictures.
    RichMedia,
    /// A form in XML, which readers treat in ways of their own.
    XFA,
    /// An action sends what is filled in to an address.
    SubmitForm,
    /// An action fills the form in from a file.
    ImportData,
    /// An action opens an address.
    URI,
    /// An action opens another document.
    GoToR,
}

impl SecurityName {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::JavaScript,
        Self::JS,
        Self::OpenAction,
        Self::AA,
        Self::Launch,
        Self::EmbeddedFile,
        Self::RichMedia,
        Self::XFA,
        Self::SubmitForm,
        Self::ImportData,
        Self::URI,
        Self::GoToR,
    ];

    /// The name as PDFs spell it, without its slash.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JavaScript => "JavaScript",
            Self::JS => "JS",
            Self::OpenAction => "OpenAction",
            Self::AA => "AA",
            Self::Launch => "Launch",
            Self::EmbeddedFile => "EmbeddedFile",
            Self::RichMedia => "RichMedia",
            Self::XFA => "XFA",
            Self::SubmitForm => "SubmitForm",
            Self::ImportData => "ImportData",
            Self::URI => "URI",
            Self::GoToR => "GoToR",
        }
    }

    /// The name that these bytes spell, if it is one of these.
    pub fn from_bytes(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|known| known.as_str().as_bytes() == name)
    }
}

/// How often each name was found; those that were not are left out.
pub type NameCounts = BTreeMap<SecurityName, u32>;

/// A font of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Font {
    /// Its name, without the tag of a subset.
    pub name: String,
    /// Its kind as PDFs call it: Type1, TrueType, Type0 …
    pub kind: String,
    /// The document brings the font itself.
    pub embedded: bool,
}

/// A file within a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its packed size in bytes, if it is there.
    pub bytes: Option<u64>,
}

/// How a document is encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// Algorithm version and revision of the standard handler (ISO 32000-2,
    /// 7.6.2 and 7.6.4).
    pub version: i64,
    /// See `version`.
    pub revision: i64,
    /// Length of the key in bits, where it is stated.
    pub bits: Option<usize>,
    /// What a reader may do, in words: printing, copying …
    pub allowed: Vec<String>,
}

/// A kind of box that says how large a page is (ISO 32000-2, 14.11.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoxKind {
    /// The sheet.
    Media,
    /// What readers show.
    Crop,
    /// What is printed, with what is cut off later.
    Bleed,
    /// The finished page.
    Trim,
    /// What matters on it.
    Art,
}

impl BoxKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Media, Self::Crop, Self::Bleed, Self::Trim, Self::Art];

    /// Its key in a page.
    pub fn key(self) -> &'static str {
        match self {
            Self::Media => "MediaBox",
            Self::Crop => "CropBox",
            Self::Bleed => "BleedBox",
            Self::Trim => "TrimBox",
            Self::Art => "ArtBox",
        }
    }
}

/// Pages that have a box of this kind and size, of their own or inherited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageBoxes {
    /// Which box.
    pub kind: BoxKind,
    /// Width in points (1/72 inch), after UserUnit and before rotation.
    pub width: f32,
    /// Height, likewise.
    pub height: f32,
    /// How many pages.
    pub pages: u32,
}

/// What the parsed objects say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Structure {
    /// Pages in the page tree.
    pub pages: u32,
    /// The boxes of its pages.
    #[serde(default)]
    pub boxes: Vec<PageBoxes>,
    /// Pages have printed numbers of their own.
    pub page_labels: bool,
    /// Entries of the outline.
    pub outline: u32,
    /// Fonts, each once.
    pub fonts: Vec<Font>,
    /// Files within.
    pub attachments: Vec<Attachment>,
    /// Signatures.
    pub signatures: u32,
    /// Who signed, each once.
    pub signers: Vec<String>,
    /// Fields of the form.
    pub form_fields: u32,
    /// There is a form.
    pub acroform: bool,
    /// Layers that can be shown and hidden.
    pub layers: u32,
    /// Annotations on all pages, links among them.
    pub annotations: u32,
    /// Links on all pages.
    pub links: u32,
    /// Security names among parsed objects, in keys and in values.
    pub names: NameCounts,
    /// How it is encrypted; none where it is not.
    pub encryption: Option<Encryption>,
    /// Its title, as it says itself.
    pub title: Option<String>,
    /// The program it was written in, as it says itself.
    pub creator: Option<String>,
    /// The program that made a PDF of it, as it says itself.
    pub producer: Option<String>,
    /// The cross-reference table had to be repaired.
    pub repaired: bool,
}

/// What the bytes say, whatever a parser makes of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawFindings {
    /// Version in the header, such as 1.7.
    pub version: Option<String>,
    /// Security names outside of streams. Objects in object streams are
    /// compressed and not seen here.
    pub names: NameCounts,
    /// Names that are written with escapes (`/J#61vaScript`) although none of
    /// their characters needs one.
    pub escaped_names: u32,
    /// End marks; a file that was saved anew at its end has one more each time.
    pub ends: u32,
    /// Bytes after the last end mark, white space left out.
    pub bytes_after_end: u64,
    /// The file is linearised: it has two end marks from the start.
    pub linearized: bool,
}

/// What inspecting a document found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DocumentDetails {
    /// From the bytes.
    pub raw: RawFindings,
    /// From the parsed objects; none where they cannot be had.
    pub structure: Option<Structure>,
    /// Why there is no structure.
    pub problem: Option<String>,
    /// Pages as each reader counts them: hayro, pdfium, lopdf.
    pub page_counts: BTreeMap<String, u32>,
    /// What is attached to it, may hold PDFs and was not taken in.
    #[serde(default)]
    pub left_out: Vec<LeftOutWithin>,
}

/// Something in a document that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutWithin {
    /// Its name for people, after that of its document.
    pub name: String,
    /// Why, in words that go on after "it".
    pub reason: String,
}

impl DocumentDetails {
    /// How often a name was found, by whichever way found more.
    pub fn count(&self, name: SecurityName) -> u32 {
        let of = |names: &NameCounts| names.get(&name).copied().unwrap_or(0);
        let parsed = self.structure.as_ref().map_or(0, |s| of(&s.names));
        parsed.max(of(&self.raw.names))
    }

    /// Whether a name is in the document; unknown where only the bytes could be
    /// searched and they do not have it.
    pub fn has(&self, name: SecurityName) -> Option<bool> {
        match self.count(name) {
            0 => self.structure.as_ref().map(|_| false),
            _ => Some(true),
        }
    }

    /// There are scripts.
    pub fn has_javascript(&self) -> Option<bool> {
        match self.has(SecurityName::JavaScript) {
            Some(true) => Some(true),
            _ => self.has(SecurityName::JS),
        }
    }

    /// There are files within.
    pub fn has_attachments(&self) -> Option<bool> {
        let listed = self.structure.as_ref().map(|s| !s.attachments.is_empty());
        match self.has(SecurityName::EmbeddedFile) {
            Some(true) => Some(true),
            _ => listed,
        }
    }

    /// The bytes have a name that the parsed objects do not: something is
    /// hidden from ordinary readers.
    pub fn hidden_names(&self) -> Vec<SecurityName> {
        let Some(structure) = &self.structure else {
            return Vec::new();
        };
        let raw = self.raw.names.iter();
        raw.filter(|(name, count)| {
            structure
                .names
                .get(name)
                .is_none_or(|parsed| parsed < count)
        })
        .map(|(name, _)| *name)
        .collect()
    }

    /// How often the file was saved, the first time included.
    pub fn revisions(&self) -> u32 {
        let at_first = 1 + u32::from(self.raw.linearized);
        1 + self.raw.ends.saturating_sub(at_first)
    }

    /// Readers count different numbers of pages.
    pub fn counts_differ(&self) -> bool {
        let mut counts = self.page_counts.values();
        let first = counts.next();
        counts.any(|count| Some(count) != first)
    }
}
