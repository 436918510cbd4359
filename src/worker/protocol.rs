//! Messages between host and worker, and their framing: first the worker's version,
//! once, then for each message a length of 4 bytes (little endian), and postcard. Not for pixels of analysed pages, which stay
//! in the worker; only the page that a person looks at crosses the pipe.

use std::io::{self, Read, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::bounds::cut;
use super::fence::Rule;
use crate::analysis::Strokes;
use crate::model::{
    Barcode, ContentHash, DocumentDetails, DocumentId, EngineKind, FailureKind, Measurements,
    PageFingerprint, PageProof, PageShape, Remark, Secret, Source, Word, lossless_path,
};

/// Longest sentence that says why something was refused, in bytes: names and words of
/// engines may be part of it.
const LONGEST_DETAIL: usize = 2 << 10;

/// The first thing that a worker tells the host, before any message: a hash
/// of the sources in which messages are defined. The program may be replaced by another
/// version while it runs, and its workers are then of that one.
pub const VERSION: u32 = hash_of(&[
    include_bytes!("protocol.rs"),
    include_bytes!("fence/mod.rs"),
    include_bytes!("../analysis/strokes.rs"),
    include_bytes!("../model/details.rs"),
    include_bytes!("../model/document.rs"),
    include_bytes!("../model/engine.rs"),
    include_bytes!("../model/failure.rs"),
    include_bytes!("../model/page.rs"),
    include_bytes!("../model/proof.rs"),
    include_bytes!("../model/signals.rs"),
]);

/// FNV-1a of all files together.
const fn hash_of(files: &[&[u8]]) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    let mut file = 0;
    while file < files.len() {
        let mut at = 0;
        while at < files[file].len() {
            hash = (hash ^ files[file][at] as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        file += 1;
    }
    hash
}

/// Tells the host which version this worker is of.
pub fn write_version(to: &mut impl Write) -> io::Result<()> {
    to.write_all(&VERSION.to_le_bytes())?;
    to.flush()
}

/// Reads a worker's version; false where that is another one.
pub fn read_version(from: &mut impl Read) -> io::Result<bool> {
    let mut version = [0; 4];
    from.read_exact(&mut version)?;
    Ok(u32::from_le_bytes(version) == VERSION)
}

/// What the host asks for.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// Say what engines there are. Answered by [`Reply::Described`].
    Describe,
    /// Open a document and close the one before. Answered by
    /// [`Reply::Opened`].
    Open(Opening),
    /// Analyse pages of the open document, in this order. Each is answered by
    /// [`Reply::Page`], and all of them by [`Reply::Finished`].
    Analyse {
        /// Their numbers.
        pages: Vec<u32>,
    },
    /// Draw one page of the open document. Answered by [`Reply::View`].
    View {
        /// Its number.
        number: u32,
        /// Width of the picture in pixels.
        width: u16,
        /// Height of the picture in pixels.
        height: u16,
    },
    /// Take the close look of one page of the open document, enlarged by `scale` and `turned`
    /// upside down. Answered by [`Reply::CloseLook`].
    CloseLook {
        /// Its number.
        number: u32,
        /// How much larger than it is.
        scale: f32,
        /// Upside down.
        turned: bool,
    },
    /// Inspect the open document. Answered by [`Reply::Inspected`].
    Inspect,
    /// List the PDFs that are attached to the open document, and those in archives that are.
    /// Answered by [`Reply::Listing`].
    ListAttached {
        /// Where it is in its file, see [`crate::model::entry_path`]; empty: the file itself.
        within: String,
        /// What may be attached at most.
        limits: ArchiveLimits,
    },
    /// Read the barcodes on pages of the open document. Each is answered by
    /// [`Reply::Barcodes`], and all of them by [`Reply::Finished`].
    Barcodes {
        /// Their numbers.
        pages: Vec<u32>,
    },
    /// Say what stands at the top of pages of the open document. Each is answered by
    /// [`Reply::TopLine`], and all of them by [`Reply::Finished`].
    TopLines {
        /// Their numbers.
        pages: Vec<u32>,
    },
    /// Say what the open document has for splitting. Answered by
    /// [`Reply::Splittable`].
    Splittable,
    /// Lay out parts, and write those that have a file. Each is answered by
    /// [`Reply::Part`], in order; where it was written and is to be proved, each of its
    /// pages then by [`Reply::PageProof`]; and all of them by [`Reply::Finished`].
    Extract(Extraction),
    /// Write a page of the open document, or the document, as a file. Answered by
    /// [`Reply::File`].
    File(FileOrder),
    /// List what an archive holds. Answered by [`Reply::Listing`].
    List {
        /// Its file.
        #[serde(with = "lossless_path")]
        archive: std::path::PathBuf,
        /// What it may hold at most.
        limits: ArchiveLimits,
    },
}

impl Request {
    /// The files that it is about, in the order in which they are handed over.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let (one, many) = match self {
            Self::Open(opening) => (Some(opening.source.file()), None),
            Self::List { archive, .. } => (Some(archive.as_path()), None),
            Self::Extract(extraction) => (None, Some(&extraction.originals)),
            _ => (None, None),
        };
        let many = many.into_iter().flatten();
        let many = many.map(|original| original.opening.source.file());
        one.into_iter().chain(many)
    }
}

/// What the worker answers.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Which engines there are.
    Described(Description),
    /// The document that was opened.
    Opened(Result<Opened, Refusal>),
    /// What was found on a page.
    Page {
        /// Its number.
        number: u32,
        /// What was found, or why nothing was.
        outcome: Result<Box<Analysed>, Refusal>,
    },
    /// All that was asked for is answered.
    Finished {
        /// Memory that the worker holds now, in bytes; 0: not known.
        memory: u64,
    },
    /// A page that was drawn.
    View(Result<View, Refusal>),
    /// A page's close look.
    CloseLook(Result<PackedLook, Refusal>),
    /// It is known where the number of the next page of a part will be printed, or which
    /// words are put over it.
    Placed,
    /// What the document is made of.
    Inspected(Result<Box<DocumentDetails>, Refusal>),
    /// The barcodes on a page.
    Barcodes {
        /// Its number.
        number: u32,
        /// The barcodes, or why none were looked for.
        outcome: Result<Vec<Barcode>, Refusal>,
    },
    /// What stands at the top of a page.
    TopLine {
        /// Its number.
        number: u32,
        /// None for a page without text.
        line: Option<String>,
    },
    /// What the document has for splitting.
    Splittable(Result<Splittable, Refusal>),
    /// A part that was laid out, and written where it has a file.
    Part(Result<Extracted, Refusal>),
    /// How a page of a part that was written is drawn.
    PageProof(PageProof),
    /// The file was written, or why not.
    File(Result<(), Refusal>),
    /// What the archive holds, or what is attached to the document.
    Listing(Result<Listing, Refusal>),
}

/// A document to open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Which document this is in the library.
    pub document: DocumentId,
    /// Where its bytes are.
    pub source: Source,
    /// Engines to use, first to last.
    pub engines: Vec<EngineKind>,
    /// Passwords to try, in order, after none. Kept in memory only.
    pub passwords: Vec<Secret>,
    /// Refuse other content than this, where known.
    pub expected: Option<ContentHash>,
    /// Refuse documents larger than this, in bytes.
    pub largest: u64,
}

/// What a worker has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Why PDFium could not be bound, if its library was named.
    pub pdfium_problem: Option<String>,
    /// The fence around it.
    pub fence: Vec<Rule>,
}

/// A document that was opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// BLAKE3 of its bytes.
    pub hash: ContentHash,
    /// Number of its bytes.
    pub bytes: u64,
    /// A password was needed.
    pub encrypted: bool,
    /// Its pages, first to last.
    pub shapes: Vec<PageShape>,
}

/// What was found on one page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysed {
    /// Its measurements.
    pub measurements: Measurements,
    /// Its text.
    pub text: String,
    /// Its thumbnail as JPEG, longest side 256 pixels.
    pub thumbnail: Vec<u8>,
    /// What tells it from others.
    pub fingerprint: PageFingerprint,
}

/// One page drawn large, for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Rows from the top, 4 bytes a pixel, opaque.
    pub rgba: Vec<u8>,
    /// The words of the page, where an engine can tell where they stand.
    pub words: Vec<Word>,
}

/// Where a page has ink, as [`crate::analysis::pack`] packs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedLook {
    /// Where it surely has.
    pub ink: Vec<u8>,
    /// Where there is ink or a trace of it.
    pub traces: Vec<u8>,
    /// What of the ink is dirt.
    pub dirt: Vec<u8>,
    /// How dark that is, as it is.
    pub strokes: Strokes,
}

/// What a document has for splitting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Splittable {
    /// Its bookmarks, in their order.
    pub bookmarks: Vec<Bookmark>,
    /// Pages, from 1, at which printed page numbers begin anew.
    pub label_restarts: Vec<u32>,
    /// It has signatures, which parts lose.
    pub signed: bool,
}

/// A bookmark of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bookmark {
    /// How deep it lies; 1 is the top.
    pub level: u32,
    /// Its title.
    pub title: String,
    /// The page that it leads to, from 1.
    pub page: u32,
}

/// Parts to lay out, and to write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extraction {
    /// The documents that pages come from.
    pub originals: Vec<PartSource>,
    /// The parts.
    pub parts: Vec<PartOrder>,
    /// Pages of signed documents are welcome although parts are not signed.
    pub drop_signatures: bool,
    /// Compare each page of a part that is written with its source.
    pub prove: bool,
}

/// A document that pages come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartSource {
    /// How it is opened.
    pub opening: Opening,
    /// Pages that people see of it.
    pub pages: u32,
}

impl PartSource {
    /// Whether both are the same content, opened in the same way.
    pub fn is_same_document(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.opening, &other.opening);
        ours.expected.is_some()
            && ours.expected == theirs.expected
            && ours.passwords == theirs.passwords
            && self.pages == other.pages
    }
}

/// A part to lay out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartOrder {
    /// Its pages in order: place of the document among the originals, number
    /// of the page from 1, and degrees to turn it clockwise.
    pub pages: Vec<(u32, u32, u16)>,
    /// The title in its metadata; none keeps that of the document.
    pub title: Option<String>,
    /// The number that is printed on each page, in their order; none on any where it is
    /// empty.
    pub numbers: Vec<String>,
    /// Print them where nothing stands, for which the pages are drawn; otherwise all in the
    /// usual corner. Each page is then answered by [`Reply::Placed`] before the part is.
    pub in_free_corners: bool,
    /// What is put over each page to be searched, in their order; nothing on any where it is
    /// empty.
    pub layers: Vec<Layer>,
    /// Name of its file in the worker's directory for parts, where there must
    /// be none yet; none: only its size is wanted.
    pub file: Option<String>,
}

/// Recognised words that are put over a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The words; none: no layer.
    pub words: Vec<Word>,
    /// The page has sound text of its own, which is not said twice: its words are read, and
    /// the page is answered by [`Reply::Placed`] before the part is.
    pub beside_own: bool,
}

impl PartOrder {
    /// How many times [`Reply::Placed`] comes before the part.
    pub fn placed(&self) -> usize {
        let numbers = match self.in_free_corners {
            true => self.numbers.len(),
            false => 0,
        };
        numbers + self.layers.iter().filter(|layer| layer.beside_own).count()
    }
}

/// A file to write: for an analyser, or for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOrder {
    /// The page, from 1; any for a document.
    pub page: u32,
    /// What of it.
    pub form: FileForm,
    /// The directory that it is written into.
    pub into: FileInto,
    /// Its name; there must be none yet.
    pub name: String,
    /// The most bytes that it may have.
    pub most: u64,
}

/// A directory that a worker may write into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileInto {
    /// Its own, in scratch: the file is for an analyser and private.
    Own,
    /// That for parts: the file is for a person, who may read it follows from the umask.
    Parts,
}

/// What is written of a page or a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileForm {
    /// The page as a PDF of its own.
    Pdf,
    /// The page as a PNG picture.
    Png {
        /// Its resolution.
        dpi: u16,
    },
    /// The text of the page.
    Text,
    /// The document as it is.
    Document,
}

/// A part that was laid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// Its size in bytes, exact before it is written too.
    pub bytes: u64,
    /// BLAKE3 of its file, once written.
    pub hash: Option<ContentHash>,
    /// What a person should know of it besides its pages.
    pub remarks: Vec<Remark>,
}

/// Bounds for what an archive may hold, and for what may be attached to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveLimits {
    /// Entries of any kind.
    pub entries: usize,
    /// Unpacked bytes of one entry.
    pub entry_bytes: u64,
    /// Unpacked bytes of all PDFs and archives within together.
    pub total_bytes: u64,
    /// Unpacked bytes of all together that any archive may have, whatever its size.
    pub any_total: u64,
    /// Unpacked bytes of an archive within: it is held in memory.
    pub inner_bytes: u64,
    /// How deep archives and attached documents may lie in each other; 1 is an archive
    /// without others.
    pub depth: usize,
    /// Bytes of the name of an entry.
    pub name_bytes: usize,
    /// Unpacked bytes for each packed byte. PDFs are packed inside already:
    /// more than a few times smaller is rare, a bomb is a thousand times.
    pub ratio: u64,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self {
            entries: 20_000,
            entry_bytes: 2 << 30,
            total_bytes: 20 << 30,
            any_total: 256 << 20,
            inner_bytes: 256 << 20,
            depth: 4,
            name_bytes: 1 << 10,
            ratio: 200,
        }
    }
}

/// A PDF in an archive, or attached to a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveEntry {
    /// Where it is, see [`crate::model::entry_path`].
    pub path: String,
    /// Its name for people, below that of the archive.
    pub name: String,
    /// Its unpacked size in bytes, as the archive states it.
    pub bytes: u64,
}

/// What an archive holds, or what is attached to a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// PDFs that can be taken in.
    pub documents: Vec<ArchiveEntry>,
    /// PDFs that cannot, and why.
    pub refused: Vec<(ArchiveEntry, Refusal)>,
    /// Other files, in their order.
    pub left_out: Vec<LeftOut>,
}

/// A file that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its name for people.
    pub name: String,
    /// Why, in words that go on after "it".
    pub reason: String,
    /// PDFs may be in it that nobody sees.
    pub may_hold_pdfs: bool,
}

/// The worker is well, but what was asked cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What kind of failure.
    pub kind: FailureKind,
    /// What the system or engine said; may be empty.
    pub detail: String,
    /// The system's number for the error, where the system refused something.
    pub error_number: Option<i32>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.explanation())?;
        match self.detail.as_str() {
            "" => Ok(()),
            detail => write!(f, " ({detail})"),
        }
    }
}

impl Refusal {
    /// A refusal that does not come from the system.
    pub fn new(kind: FailureKind, detail: impl ToString) -> Self {
        let mut detail = detail.to_string();
        cut(&mut detail, LONGEST_DETAIL);
        Self {
            kind,
            detail,
            error_number: None,
        }
    }

    /// A refusal of the system's.
    pub fn by_system(kind: FailureKind, error: &io::Error) -> Self {
        Self {
            error_number: error.raw_os_error(),
            ..Self::new(kind, error)
        }
    }
}

/// The bytes of one message, unless it takes more than `longest` of them: then the error
/// is [`io::ErrorKind::FileTooLarge`].
pub fn frame(message: &impl Serialize, longest: usize) -> io::Result<Vec<u8>> {
    let mut frame = Frame {
        bytes: vec![0; 4],
        longest: longest.saturating_add(4),
    };
    if let Err(error) = postcard::to_io(message, &mut frame) {
        return Err(match frame.bytes.len() >= frame.longest {
            true => io::ErrorKind::FileTooLarge.into(),
            false => io::Error::other(error),
        });
    }
    let mut frame = frame.bytes;
    let length = u32::try_from(frame.len() - 4).map_err(io::Error::other)?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

/// Writes one message, unless it takes more than `longest` bytes: then nothing is
/// written. See [`frame`].
pub fn write_frame(
    to: &mut impl Write,
    message: &impl Serialize,
    longest: usize,
) -> io::Result<()> {
    to.write_all(&frame(message, longest)?)?;
    to.flush()
}

/// A message that grows up to a length.
struct Frame {
    bytes: Vec<u8>,
    longest: usize,
}

impl Write for Frame {
    /// Takes nothing more once it is full.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.longest - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads one message; none at the end of the stream. `longest` says how many bytes a
/// message may have now; a longer one is an error before any of it is read.
pub fn read_frame<T: DeserializeOwned>(
    from: &mut impl Read,
    longest: impl FnOnce() -> usize,
) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > longest() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("a frame of {length} bytes"),
        ));
    }
    // Grows as bytes arrive: a wrong length allocates nothing by itself.
    let mut frame = Vec::new();
    if from.take(length as u64).read_to_end(&mut frame)? < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    postcard::from_bytes(&frame)
        .map(Some)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn requests_arrive_as_sent() {
        let opening = Opening {
            document: DocumentId(4),
            source: Source::Within {
                file: "/clients/été.zip".into(),
                entry: "письмо.pdf".into(),
            },
            engines: vec![EngineKind::Pdfium, EngineKind::Hayro],
            passwords: vec!["secret".into()],
            expected: Some(ContentHash([7; 32])),
            largest: 1 << 40,
        };
        let mut stream = Vec::new();
        write_frame(&mut stream, &Request::Open(opening.clone()), 1000).unwrap();
        let mut stream = stream.as_slice();
        let Some(Request::Open(read)) = read_frame(&mut stream, || 1000).unwrap() else {
            panic!("another request");
        };
        assert_eq!(read, opening);
        assert!(
            read_frame::<Request>(&mut stream, || 1000)
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_giant_length_is_an_error_and_no_allocation() {
        let stream = u32::MAX.to_le_bytes();
        assert!(read_frame::<Reply>(&mut stream.as_slice(), || 1 << 30).is_err());
    }

    #[test]
    fn what_is_too_long_is_neither_written_nor_read() {
        let text = "a".repeat(1000);
        let mut stream = Vec::new();
        let error = write_frame(&mut stream, &text, 1001).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert!(stream.is_empty());
        // The text takes two bytes more, for its length.
        write_frame(&mut stream, &text, 1002).unwrap();
        assert!(read_frame::<String>(&mut stream.as_slice(), || 1001).is_err());
        let read = read_frame::<String>(&mut stream.as_slice(), || 1002);
        assert_eq!(read.unwrap(), Some(text));
    }

    proptest! {
        #[test]
        fn foreign_bytes_are_an_error_or_a_message_but_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_frame::<Reply>(&mut bytes.as_slice(), || 1 << 20);
            let _ = read_frame::<Request>(&mut bytes.as_slice(), || 1 << 20);
        }
    }
}
