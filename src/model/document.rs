//! A document: one source PDF of a batch.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{BatchId, entry_path};

/// Key of a document in the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentId(pub i64);

/// BLAKE3 of a source's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// Reads 64 hexadecimal digits.
    fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() || !text.is_ascii() {
            return None;
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

/// Hexadecimal digits in formats that people read.
impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            to.collect_str(self)
        } else {
            self.0.serialize(to)
        }
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if !from.is_human_readable() {
            return <[u8; 32]>::deserialize(from).map(Self);
        }
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not 64 hexadecimal digits"))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where the bytes of a document are. Only ever read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Source {
    /// A file on disk.
    File(#[serde(with = "lossless_path")] PathBuf),
    /// An entry of a ZIP archive, or a file that is attached to a document, read in place.
    #[serde(alias = "ArchiveEntry")]
    Within {
        /// The archive, or the document, on disk.
        #[serde(with = "lossless_path", alias = "archive")]
        file: PathBuf,
        /// Where in it, see [`super::entry_path`].
        entry: String,
    },
}

impl Source {
    /// The file on disk that holds the bytes: the file itself or what it lies in.
    pub fn file(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Within { file, .. } => file,
        }
    }

    /// Where in the file, see [`super::entry_path`]; none: the file itself.
    pub fn entry(&self) -> Option<&str> {
        match self {
            Self::File(_) => None,
            Self::Within { entry, .. } => Some(entry),
        }
    }

    /// What it lies in, an archive or a document that it is attached to; none for a file.
    pub fn around(&self) -> Option<Self> {
        let Self::Within { file, entry } = self else {
            return None;
        };
        Some(Self::at(file.clone(), entry_path::around(entry)))
    }

    /// All that it lies in, the nearest first and the file itself last.
    pub fn all_around(&self) -> impl Iterator<Item = Self> + use<> {
        std::iter::successors(self.around(), Self::around)
    }

    /// The file itself, or what lies in it, see [`super::entry_path`].
    pub fn at(file: PathBuf, entry: &str) -> Self {
        match entry {
            "" => Self::File(file),
            entry => Self::Within {
                file,
                entry: entry.to_owned(),
            },
        }
    }
}

/// Paths keep every byte of their names: on Unix these need not be UTF-8, and
/// serde's own form for paths refuses those that are not.
pub(crate) mod lossless_path {
    use std::ffi::OsString;
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// For formats that people read: text where the path is text.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Readable {
        Text(String),
        System(OsString),
    }

    pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        match path.to_str() {
            Some(text) if to.is_human_readable() => text.serialize(to),
            _ => path.as_os_str().serialize(to),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        if !from.is_human_readable() {
            return OsString::deserialize(from).map(PathBuf::from);
        }
        Ok(match Readable::deserialize(from)? {
            Readable::Text(text) => text.into(),
            Readable::System(text) => text.into(),
        })
    }
}

/// How far a document is, or why it stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentStatus {
    /// Not opened yet.
    Waiting,
    /// Opened; its pages are in the library.
    Ok,
    /// Encrypted, and no password that was given opens it.
    NeedsPassword,
    /// Could not be read or parsed; its failure record says why.
    Broken,
    /// Zero bytes, or a PDF without pages.
    Empty,
    /// Its content is no PDF, whatever its name says.
    NotPdf,
    /// Opened before, and to be opened again. What is known of it stays until then.
    Again,
}

impl DocumentStatus {
    /// All statuses.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Ok,
        Self::NeedsPassword,
        Self::Broken,
        Self::Empty,
        Self::NotPdf,
        Self::Again,
    ];

    /// The word used in the library.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ok => "ok",
            Self::NeedsPassword => "needs_password",
            Self::Broken => "broken",
            Self::Empty => "empty",
            Self::NotPdf => "not_pdf",
            Self::Again => "again",
        }
    }

    /// The word used in tables for other programs: a document that was opened is ok.
    pub fn in_tables(self) -> &'static str {
        match self {
            Self::Again => Self::Ok.as_str(),
            status => status.as_str(),
        }
    }

    /// The reverse of [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// The words shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Ok => "Opened",
            Self::NeedsPassword => "Needs a password",
            Self::Broken => "Broken",
            Self::Empty => "Empty",
            Self::NotPdf => "Not a PDF",
            Self::Again => "Opened, waits to be opened again",
        }
    }

    /// The document could not be opened.
    pub fn is_failure(self) -> bool {
        !self.waits() && !self.is_opened()
    }

    /// It is still to be opened.
    pub fn waits(self) -> bool {
        matches!(self, Self::Waiting | Self::Again)
    }

    /// It was opened: its pages are known.
    pub fn is_opened(self) -> bool {
        matches!(self, Self::Ok | Self::Again)
    }
}

/// One source PDF of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Key in the library.
    pub id: DocumentId,
    /// The batch it belongs to.
    pub batch: BatchId,
    /// Where its bytes are.
    pub source: Source,
    /// Path below the batch's root, with `/` between folders.
    pub name: String,
    /// Size of the source in bytes (of what lies in a file: unpacked).
    pub bytes: u64,
    /// Modification time of the source file, nanoseconds since 1970 (UTC).
    pub modified: i64,
    /// BLAKE3 of the bytes that were opened; none before.
    pub hash: Option<ContentHash>,
    /// How far it is.
    pub status: DocumentStatus,
    /// Number of pages; 0 until it has been opened.
    pub pages: u32,
    /// It was opened with a password, or needs one.
    pub encrypted: bool,
    /// An earlier document of the same batch with the same bytes.
    pub duplicate_of: Option<DocumentId>,
    /// It cannot be read, and somebody leaves it out of what is handed over, for this reason.
    pub left_out: Option<String>,
}
