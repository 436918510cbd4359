//! Failure records: what went wrong, to what, at which stage, in words that an
//! analyst understands.

use serde::{Deserialize, Serialize};

use super::{Circumstances, ContentHash, DocumentId};

/// The step at which something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Finding the source and reading its bytes.
    Intake,
    /// Opening the document.
    Open,
    /// Drawing and measuring a page.
    Analyse,
}

impl Stage {
    /// The word used in tables and in the library.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Open => "open",
            Self::Analyse => "analyse",
        }
    }

    /// The reverse of [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Intake, Self::Open, Self::Analyse]
            .into_iter()
            .find(|stage| stage.as_str() == word)
    }
}

/// What kind of failure it was. The kind decides the words and the advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// Zero bytes.
    EmptyFile,
    /// A PDF without pages.
    NoPages,
    /// The content is no PDF.
    NotPdf,
    /// Several PDFs one after the other in one file.
    SeveralPdfs,
    /// The structure cannot be parsed.
    Damaged,
    /// Encrypted, and no password opens it.
    NeedsPassword,
    /// Encrypted in a way that no engine here supports.
    UnsupportedEncryption,
    /// The user may not read the file.
    PermissionDenied,
    /// The file was there and is gone.
    Vanished,
    /// The file's content is not what was opened before.
    Changed,
    /// Larger than the limit for one document.
    TooLarge,
    /// An archive that passes a limit (entries, sizes, ratio), or is damaged.
    BadArchive,
    /// Reading failed in another way.
    Unreadable,
    /// The engine gave up on the page with an error of its own.
    EngineFailed,
    /// The worker process ended while it worked on this.
    WorkerDied,
    /// It needed more memory than a worker may use.
    OutOfMemory,
    /// The deadline passed.
    DeadlinePassed,
    /// The program itself is at fault.
    ProgramFailed,
    /// It is signed, and nobody said that parts may lose that.
    Signed,
    /// A page of a part does not show what it shows in its source.
    Differs,
    /// The disk that parts are written to is full.
    DestinationFull,
    /// The folder that parts are written to cannot be written.
    CannotWrite,
    /// A file has the name that a new one was to have.
    NameTaken,
    /// A source has the name that a new file was to have.
    IsSource,
    /// A person stopped it.
    Cancelled,
    /// What was found could not be stored in the library, or cannot be read from it.
    NotKept,
}

impl FailureKind {
    /// All kinds.
    pub const ALL: [Self; 26] = [
        Self::EmptyFile,
        Self::NoPages,
        Self::NotPdf,
        Self::SeveralPdfs,
        Self::Damaged,
        Self::NeedsPassword,
        Self::UnsupportedEncryption,
        Self::PermissionDenied,
        Self::Vanished,
        Self::Changed,
        Self::TooLarge,
        Self::BadArchive,
        Self::Unreadable,
        Self::EngineFailed,
        Self::WorkerDied,
        Self::OutOfMemory,
        Self::DeadlinePassed,
        Self::ProgramFailed,
        Self::Signed,
        Self::Differs,
        Self::DestinationFull,
        Self::CannotWrite,
        Self::NameTaken,
        Self::IsSource,
        Self::Cancelled,
        Self::NotKept,
    ];

    /// The word used in tables and in the library.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmptyFile => "empty_file",
            Self::NoPages => "no_pages",
            Self::NotPdf => "not_pdf",
            Self::SeveralPdfs => "several_pdfs",
            Self::Damaged => "damaged",
            Self::NeedsPassword => "needs_password",
            Self::UnsupportedEncryption => "unsupported_encryption",
            Self::PermissionDenied => "permission_denied",
            Self::Vanished => "vanished",
            Self::Changed => "changed",
            Self::TooLarge => "too_large",
            Self::BadArchive => "bad_archive",
            Self::Unreadable => "unreadable",
            Self::EngineFailed => "engine_failed",
            Self::WorkerDied => "worker_died",
            Self::OutOfMemory => "out_of_memory",
            Self::DeadlinePassed => "deadline_passed",
            Self::ProgramFailed => "program_failed",
            Self::Signed => "signed",
            Self::Differs => "differs",
            Self::DestinationFull => "destination_full",
            Self::CannotWrite => "cannot_write",
            Self::NameTaken => "name_taken",
            Self::IsSource => "is_source",
            Self::Cancelled => "cancelled",
            Self::NotKept => "not_kept",
        }
    }

    /// The reverse of [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What happened, for people.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::EmptyFile => "The file has no content (0 bytes).",
            Self::NoPages => "The PDF has no pages.",
            Self::NotPdf => "The content is not a PDF.",
            Self::SeveralPdfs => {
                "The file is several PDFs one after the other, of which viewers show only one."
            }
            Self::Damaged => "The PDF is damaged: its structure cannot be read.",
            Self::NeedsPassword => "The PDF is encrypted and needs a password.",
            Self::UnsupportedEncryption => {
                "The PDF is encrypted in a way that cannot be opened here."
            }
            Self::PermissionDenied => "You have no permission to read the file.",
            Self::Vanished => "The file is gone.",
            Self::Changed => "The file changed after it was opened.",
            Self::TooLarge => "The file is larger than the limit for one document.",
            Self::BadArchive => "The archive cannot be taken in.",
            Self::Unreadable => "The file cannot be read.",
            Self::EngineFailed => "The page cannot be drawn.",
            Self::WorkerDied => "The page ended the worker process, twice.",
            Self::OutOfMemory => "It needed more memory than a worker may use, twice.",
            Self::DeadlinePassed => "It took longer than allowed, twice.",
            Self::ProgramFailed => "An error in Pagesieve itself kept it from being done.",
            Self::Signed => "The PDF is signed, and a part of it cannot be.",
            Self::Differs => "The part would not show what its source shows.",
            Self::DestinationFull => "The disk of the destination is full.",
            Self::CannotWrite => "The destination cannot be written.",
            Self::NameTaken => "Another file of that name is there.",
            Self::IsSource => "It is a source, and those are never written.",
            Self::Cancelled => "It was cancelled.",
            Self::NotKept => "What was found on it is not in the library.",
        }
    }

    /// What to do about it, for people.
    pub fn advice(self) -> &'static str {
        match self {
            Self::EmptyFile | Self::NoPages | Self::Damaged => "Ask the sender for the file again.",
            Self::NotPdf => "Check what kind of file it is, or ask the sender for a PDF.",
            Self::SeveralPdfs => "Cut it apart, or ask the sender for the PDFs one by one.",
            Self::NeedsPassword => "Type the password.",
            Self::UnsupportedEncryption => "Ask the sender for a file without encryption.",
            Self::PermissionDenied => "Change the file's permissions, then try again.",
            Self::Vanished => "Put the file back, connect its drive, or locate where it was moved.",
            Self::Changed => "Process the batch again to take in the new content.",
            Self::TooLarge => "Ask the sender to split the file.",
            Self::BadArchive => "Unpack it yourself and add the files.",
            Self::Unreadable => "Check the drive or network folder, then try again.",
            Self::EngineFailed | Self::WorkerDied => "Try again, or look at it in another viewer.",
            Self::OutOfMemory => "Allow workers more memory (--worker-memory), then try again.",
            Self::DeadlinePassed => "Try again, or allow more time in the settings.",
            Self::ProgramFailed => "Try again; if that does not help, report it.",
            Self::Signed => "Say that parts may lose the signature, or leave it whole.",
            Self::Differs => "Ask the sender for the file again, or leave it whole.",
            Self::DestinationFull => "Make room there or choose another folder, then go on.",
            Self::CannotWrite => "Check the folder or choose another one, then go on.",
            Self::NameTaken => "Choose another name, or allow it to be replaced (--overwrite).",
            Self::IsSource => "Choose another name.",
            Self::Cancelled => "Start it again to go on from there.",
            Self::NotKept => "Try again; if that does not help, look at it in another viewer.",
        }
    }
}

/// What is needed to see a failure again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The document it happened to.
    pub document: DocumentId,
    /// The page, counted from 1; none when the whole document failed.
    pub page: Option<u32>,
    /// The step that failed.
    pub stage: Stage,
    /// What kind of failure.
    pub kind: FailureKind,
    /// What the system, engine or worker said; may be empty.
    pub detail: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When, seconds since 1970 (UTC).
    pub at: i64,
    /// BLAKE3 of the document, where it could be read.
    pub hash: Option<ContentHash>,
    /// Version of the program that failed.
    pub version: String,
    /// What surrounded it; none on pages that failed with their document, and in
    /// records of earlier versions.
    #[serde(default)]
    pub circumstances: Option<Box<Circumstances>>,
}

impl Failure {
    /// What happened, in words, and what the system said of it.
    pub fn reason(&self) -> String {
        let explanation = self.kind.explanation();
        match self.detail.is_empty() {
            true => explanation.to_owned(),
            false => format!("{explanation} ({})", self.detail),
        }
    }
}
