//! The list of what can be known of a document: one entry each. The table for other programs
//! and the window's are made from it. Not for measuring and judging (`analysis`).

use super::{Choice, Kind, Value};
use crate::analysis::{DocumentVerdicts, Sums};
use crate::model::{Document, DocumentDetails, Failure, SecurityName, Structure};

/// Something that can be known of a document.
pub struct DocumentField {
    /// In tables for other programs and in JSON; never changed.
    pub name: &'static str,
    /// One phrase that says what it is.
    pub help: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Takes it from what is known of a document.
    pub value: for<'a> fn(&DocumentSubject<'a>) -> Value<'a>,
    /// Its column in the window; none where it has none.
    pub column: Option<DocumentColumn>,
}

/// A column of the window's table of documents.
#[derive(Clone, Copy, Debug)]
pub struct DocumentColumn {
    /// Columns stand in the order of it: what is looked for most comes first.
    pub place: u8,
    /// Above the column.
    pub heading: &'static str,
    /// At first, points.
    pub width: f32,
}

/// What is known of a document.
#[derive(Clone, Copy)]
pub struct DocumentSubject<'a> {
    /// The document.
    pub document: &'a Document,
    /// What its pages are; none before it has any.
    pub sums: Option<&'a Sums>,
    /// Number of its pages that somebody has decided about.
    pub decided: u32,
    /// What is said of it; none before it was inspected.
    pub verdicts: Option<DocumentVerdicts>,
    /// What is inside; none before it was inspected, and where that is not at hand.
    pub details: Option<&'a DocumentDetails>,
    /// Why it could not be opened.
    pub failure: Option<&'a Failure>,
    /// The name of the first document of the batch with the same bytes.
    pub original: Option<&'a str>,
    /// The name of the document that it is attached to.
    pub attached_to: Option<&'a str>,
}

impl<'a> DocumentSubject<'a> {
    fn structure(&self) -> Option<&'a Structure> {
        self.details?.structure.as_ref()
    }

    fn has(&self, name: SecurityName) -> Value<'a> {
        Value::yes(self.details.and_then(|details| details.has(name)))
    }

    fn sum(&self, of: fn(&Sums) -> u32) -> Value<'a> {
        Value::number(self.sums.map(of))
    }
}

const fn field(
    name: &'static str,
    kind: Kind,
    help: &'static str,
    value: for<'a> fn(&DocumentSubject<'a>) -> Value<'a>,
) -> DocumentField {
    DocumentField {
        name,
        help,
        kind,
        value,
        column: None,
    }
}

impl DocumentField {
    /// With a column in the window.
    const fn headed(mut self, place: u8, heading: &'static str, width: f32) -> Self {
        self.column = Some(DocumentColumn {
            place,
            heading,
            width,
        });
        self
    }

    /// The columns of the window, as they stand.
    pub fn columns() -> Vec<(&'static Self, DocumentColumn)> {
        let fields = DOCUMENT.iter();
        let mut columns: Vec<_> = fields
            .filter_map(|field| Some((field, field.column?)))
            .collect();
        columns.sort_by_key(|(_, column)| column.place);
        columns
    }

    /// The field of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        DOCUMENT.iter().find(|field| field.name == name)
    }

    /// Numbers stand at the right.
    pub fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Count | Kind::Bytes)
    }
}

const STATUS: Kind = Kind::Word(&[
    Choice {
        word: "broken",
        label: "Broken",
        help: "it cannot be read",
    },
    Choice {
        word: "needs_password",
        label: "Needs a password",
        help: "no password that was given opens it",
    },
    Choice {
        word: "empty",
        label: "Empty",
        help: "it has no bytes, or no pages",
    },
    Choice {
        word: "not_pdf",
        label: "Not a PDF",
        help: "it is something else, whatever its name says",
    },
    Choice {
        word: "waiting",
        label: "Waiting",
        help: "it was not opened yet",
    },
    Choice {
        word: "ok",
        label: "",
        help: "it was opened, also while it is opened again",
    },
]);

/// Everything that can be known of a document, in the order of tables.
pub static DOCUMENT: [DocumentField; 42] = [
    field("document", Kind::Text, "as above", |subject| {
        Value::text(Some(subject.document.name.as_str()))
    })
    .headed(0, "Document", 210.0),
    field("status", STATUS, "how far it is", |subject| {
        Value::word(Some(subject.document.status.in_tables()))
    })
    .headed(1, "Status", 100.0),
    field("pages", Kind::Count, "number of pages", |subject| {
        Value::number(Some(subject.document.pages))
    })
    .headed(2, "Pages", 60.0),
    field(
        "failed_pages",
        Kind::Count,
        "number of pages that could not be drawn or read",
        |subject| subject.sum(|sums| sums.failed),
    )
    .headed(3, "Failed", 56.0),
    field(
        "undrawn_pages",
        Kind::Count,
        "number of pages of which a part cannot be shown: letters, pictures, layers that are off",
        |subject| subject.sum(|sums| sums.undrawn),
    ),
    field(
        "javascript",
        Kind::YesNo,
        "`yes` if it carries JavaScript; nothing is ever run",
        |subject| Value::yes(subject.details.and_then(DocumentDetails::has_javascript)),
    ),
    field(
        "launch",
        Kind::YesNo,
        "`yes` if an action starts a program",
        |subject| subject.has(SecurityName::Launch),
    ),
    field(
        "open_action",
        Kind::YesNo,
        "`yes` if something happens on opening",
        |subject| subject.has(SecurityName::OpenAction),
    ),
    field(
        "embedded_file",
        Kind::YesNo,
        "`yes` if files are attached",
        |subject| Value::yes(subject.details.and_then(DocumentDetails::has_attachments)),
    ),
    field(
        "xfa",
        Kind::YesNo,
        "`yes` if it carries an XFA form",
        |subject| subject.has(SecurityName::XFA),
    ),
    field(
        "encrypted",
        Kind::YesNo,
        "`yes` if it is encrypted, with a password or without, opened or not",
        |subject| {
            let found = subject
                .structure()
                .is_some_and(|found| found.encryption.is_some());
            Value::yes(Some(subject.document.encrypted || found))
        },
    )
    .headed(20, "Encrypted", 76.0),
    field(
        "signed",
        Kind::YesNo,
        "`yes` if it carries signatures",
        |subject| {
            let found = subject.structure().map(|found| found.signatures > 0);
            Value::yes(found.or(subject.verdicts.and_then(|said| said.signed)))
        },
    )
    .headed(19, "Signed", 60.0),
    field(
        "acroform",
        Kind::YesNo,
        "`yes` if it has form fields",
        |subject| Value::yes(subject.structure().map(|found| found.acroform)),
    ),
    field(
        "revisions",
        Kind::Count,
        "number of revisions that the file holds",
        |subject| Value::number(subject.details.map(|found| found.revisions() as f64)),
    ),
    field(
        "hidden_names",
        Kind::YesNo,
        "`yes` if names are disguised with hexadecimal escapes",
        |subject| {
            Value::yes(
                subject
                    .details
                    .map(|found| !found.hidden_names().is_empty()),
            )
        },
    ),
    field("fonts", Kind::Count, "number of fonts", |subject| {
        Value::number(subject.structure().map(|found| found.fonts.len() as f64))
    }),
    field(
        "page_counts_differ",
        Kind::YesNo,
        "`yes` if engines disagree on the number of pages",
        |subject| Value::yes(subject.details.map(DocumentDetails::counts_differ)),
    ),
    field("active", Kind::YesNo, "as above", |subject| {
        Value::yes(subject.verdicts.and_then(|said| said.active))
    })
    .headed(17, "Active", 60.0),
    field("unhealthy", Kind::YesNo, "as above", |subject| {
        Value::yes(subject.verdicts.and_then(|said| said.unhealthy))
    })
    .headed(18, "Unhealthy", 76.0),
    field(
        "blank_pages",
        Kind::Count,
        "number of blank pages",
        |subject| subject.sum(|sums| sums.blank),
    )
    .headed(6, "Blank", 56.0),
    field(
        "almost_blank_pages",
        Kind::Count,
        "number of pages with only a page number or running header",
        |subject| subject.sum(|sums| sums.almost_blank),
    ),
    field(
        "scan_pages",
        Kind::Count,
        "number of scans, with a text layer or without",
        |subject| subject.sum(|sums| sums.scans),
    )
    .headed(7, "Scans", 56.0),
    field(
        "needs_ocr_pages",
        Kind::Count,
        "number of pages that need text recognition",
        |subject| subject.sum(|sums| sums.needs_ocr),
    )
    .headed(8, "Need OCR", 76.0),
    field(
        "needs_ocr_in_part_pages",
        Kind::Count,
        "number of pages that need it in part",
        |subject| subject.sum(|sums| sums.needs_ocr_in_part),
    ),
    field(
        "garbled_pages",
        Kind::Count,
        "number of pages with garbled text",
        |subject| subject.sum(|sums| sums.garbled),
    )
    .headed(9, "Garbled", 64.0),
    field(
        "colour_pages",
        Kind::Count,
        "number of pages in colour",
        |subject| subject.sum(|sums| sums.coloured),
    )
    .headed(10, "Colour", 60.0),
    field(
        "skewed_pages",
        Kind::Count,
        "number of skewed pages",
        |subject| subject.sum(|sums| sums.skewed),
    )
    .headed(11, "Skewed", 60.0),
    field(
        "turned_pages",
        Kind::Count,
        "number of pages whose text lies sideways or upside down",
        |subject| subject.sum(|sums| sums.turned),
    )
    .headed(12, "Turned", 60.0),
    field(
        "low_resolution_pages",
        Kind::Count,
        "number of scans of low resolution",
        |subject| subject.sum(|sums| sums.low_resolution),
    ),
    field(
        "separator_pages",
        Kind::Count,
        "number of separator sheets",
        |subject| subject.sum(|sums| sums.separators),
    ),
    field(
        "barcode_pages",
        Kind::Count,
        "number of pages with a barcode",
        |subject| subject.sum(|sums| sums.with_barcodes),
    ),
    field(
        "sequence_breaks",
        Kind::Count,
        "number of pages at which the printed numbers break",
        |subject| subject.sum(|sums| sums.sequence_breaks),
    )
    .headed(13, "Gaps", 56.0),
    field(
        "missed_separators",
        Kind::Count,
        "number of places at which a separator was probably missed",
        |subject| subject.sum(|sums| sums.missed_separators),
    ),
    field(
        "languages",
        Kind::Text,
        "languages of its pages and how many pages have each, the most frequent first, as in \
         `eng 12;deu 3`",
        |subject| {
            let languages = subject.sums.map(|sums| {
                let languages = sums.languages().into_iter();
                let listed = languages.map(|(language, pages)| format!("{language} {pages}"));
                listed.collect::<Vec<_>>().join(";")
            });
            Value::text(languages)
        },
    )
    .headed(14, "Languages", 100.0),
    field("bytes", Kind::Bytes, "size of the file", |subject| {
        Value::number(Some(subject.document.bytes as f64))
    })
    .headed(15, "Size", 76.0),
    field("blake3", Kind::Text, "BLAKE3 hash of the file", |subject| {
        Value::text(subject.document.hash.map(|hash| hash.to_string()))
    }),
    field(
        "duplicate_of",
        Kind::Text,
        "the first document of the batch with the same bytes",
        |subject| Value::text(subject.original),
    )
    .headed(16, "The same as", 120.0),
    field(
        "failure",
        Kind::Text,
        "kind of the failure, if it could not be opened",
        |subject| Value::text(subject.failure.map(|failure| failure.kind.as_str())),
    ),
    field("reason", Kind::Text, "the failure in words", |subject| {
        Value::text(subject.failure.map(Failure::reason))
    }),
    field(
        "left_out",
        Kind::Text,
        "why somebody leaves it out of what is handed over, as it could not be opened",
        |subject| Value::text(subject.document.left_out.as_deref()),
    ),
    field(
        "decided_pages",
        Kind::Count,
        "number of pages that somebody has kept, rejected or flagged",
        |subject| Value::number(Some(subject.decided)),
    )
    .headed(5, "Decided", 64.0),
    field(
        "attached_to",
        Kind::Text,
        "the document that it is attached to, in an archive or not",
        |subject| Value::text(subject.attached_to),
    )
    .headed(4, "Attached to", 120.0),
];
