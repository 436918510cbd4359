//! The list of what can be known of a page: one entry each. Adding a field is adding an
//! entry; everything that shows fields finds it here. Not for measuring and judging
//! (`analysis`).

use std::borrow::Cow;

use egui_material_icons::icons;

use super::super::changes::{Changed, changed_fields, changes};
use super::{Choice, Column, Field, Flag, Kind, Line, Mark, Role, Subject, Value};
use crate::analysis::{
    Blank, Counted, Kind as PageKind, NeedsOcr, SequenceNote, is_unlikely, roman_of,
};
use crate::format::{counted, paper};
use crate::model::{
    Concealment, Contents, Disagreement, HiddenText, Language, Marks, Measurements, Ruling, Series,
    Signals, Tone, Tones,
};

impl<'a> Subject<'a> {
    fn measured(&self) -> Option<&'a Measurements> {
        self.page.measurements.as_ref()
    }

    fn signals(&self) -> Option<&'a Signals> {
        self.measured().map(|measured| &measured.signals)
    }

    fn contents(&self) -> Option<&'a Contents> {
        self.signals()?.contents.as_ref()
    }

    fn marks(&self) -> Option<Marks> {
        self.signals()?.marks
    }

    fn tones(&self) -> Option<Tones> {
        self.signals()?.tones
    }

    fn note(&self) -> Option<SequenceNote> {
        self.surroundings().note
    }
}

/// A field that only tables for other programs have until a person wants its column.
const fn field(
    name: &'static str,
    label: &'static str,
    kind: Kind,
    help: &'static str,
    value: for<'a> fn(&Subject<'a>) -> Value<'a>,
) -> Field {
    Field {
        name,
        label,
        help,
        kind,
        value,
        column: Column {
            heading: label,
            width: Some(84.0),
            shown: false,
        },
        evidence: None,
        flags: &[],
        line: None,
        fails: None,
    }
}

impl Field {
    /// With a column that is shown at first.
    const fn shown_at_first(mut self) -> Self {
        self.column.shown = true;
        self
    }

    const fn headed(mut self, heading: &'static str) -> Self {
        self.column.heading = heading;
        self
    }

    const fn wide(mut self, points: f32) -> Self {
        self.column.width = Some(points);
        self
    }

    const fn flagged(mut self, flags: &'static [Flag]) -> Self {
        self.flags = flags;
        self
    }

    const fn shown_by(mut self, evidence: fn(&Subject) -> Option<String>) -> Self {
        self.evidence = Some(evidence);
        self
    }

    const fn cut_at(mut self, line: Line) -> Self {
        self.line = Some(line);
        self
    }

    const fn failing(mut self, fails: &'static str) -> Self {
        self.fails = Some(fails);
        self
    }
}

const fn flag(label: &'static str, words: &'static [&'static str], mark: Option<Mark>) -> Flag {
    Flag {
        label,
        words,
        mark,
        chip: None,
    }
}

impl Flag {
    /// With a chip, as there is room for few.
    const fn on_chip(mut self, label: &'static str) -> Self {
        self.chip = Some(label);
        self
    }
}

/// A mark about the page itself.
const fn mark(rank: u8, icon: &'static str, role: Role, words: &'static str) -> Option<Mark> {
    Some(Mark {
        icon,
        role,
        words,
        rank,
        of_document: false,
        about_content: false,
    })
}

/// A mark that asks for work on what stands on the page.
const fn work(rank: u8, icon: &'static str, role: Role, words: &'static str) -> Option<Mark> {
    Some(Mark {
        icon,
        role,
        words,
        rank,
        of_document: false,
        about_content: true,
    })
}

/// A mark about the document.
const fn of_document(
    rank: u8,
    icon: &'static str,
    role: Role,
    words: &'static str,
) -> Option<Mark> {
    Some(Mark {
        icon,
        role,
        words,
        rank,
        of_document: true,
        about_content: false,
    })
}

const fn choice(word: &'static str, label: &'static str, help: &'static str) -> Choice {
    Choice { word, label, help }
}

const YES: &[&str] = &["yes"];

/// Ways to lie, clockwise.
static TURNS: [Choice; 4] = [
    choice("90", "90°", "it runs downwards"),
    choice("180", "180°", "it is upside down"),
    choice("270", "270°", "it runs upwards"),
    choice("0", "", "it is upright"),
];

fn turn_word(degrees: u16) -> &'static str {
    match degrees {
        90 => "90",
        180 => "180",
        270 => "270",
        _ => "0",
    }
}

/// What can be known of a page, in the order of tables.
pub static PAGE: [Field; 60] = [
    Field {
        column: Column {
            heading: "Document",
            width: None,
            shown: true,
        },
        ..field(
            "document",
            "Document",
            Kind::Text,
            "path of the file below the batch's root, with `/` between folders",
            |subject| Value::text(Some(subject.document())),
        )
    },
    field(
        "page",
        "Page",
        Kind::Count,
        "number of the page, from 1",
        |subject| Value::number(Some(subject.page.id.number)),
    )
    .wide(44.0)
    .shown_at_first(),
    field(
        "status",
        "State",
        Kind::Word(&[
            choice("failed", "Failed", ""),
            choice("waiting", "Waiting", ""),
            choice("done", "Done", "it has results, also while it is analysed again and where that fails"),
        ]),
        "how far the page is",
        |subject| Value::word(Some(subject.page.state.in_tables())),
    )
    // As wide as what is wrong with a document that has no pages.
    .wide(136.0)
    .shown_at_first(),
    field(
        "decision",
        "Decision",
        Kind::Word(&[
            choice("flag", "Flag", "somebody has to look at it, or ask"),
            choice("reject", "Reject", "it is thrown out"),
            choice("keep", "Keep", "it goes on"),
            choice("none", "", "nothing was decided"),
        ]),
        "what somebody decided about the page",
        |subject| {
            let ruling = subject.decision().and_then(|decision| decision.ruling);
            Value::Word(ruling.map_or("none", Ruling::as_str))
        },
    )
    .wide(64.0)
    .shown_at_first()
    .flagged(&[
        flag("Undecided", &["none"], None).on_chip("Undecided"),
        flag("Kept", &["keep"], None),
        flag("Rejected", &["reject"], None).on_chip("Rejected"),
        flag("Flagged", &["flag"], None).on_chip("Flagged"),
    ]),
    field(
        "reviewed",
        "Reviewed",
        Kind::Word(&[
            choice("no", "", "nobody has seen it, as far as is known"),
            choice("seen", "Seen", "it was on a screen for a second, large enough to read"),
            choice("decided", "Decided", "somebody decided about it"),
        ]),
        "whether somebody has looked at the page",
        |subject| {
            let decided = subject.decision().is_some_and(|decision| decision.ruling.is_some());
            Value::Word(match (decided, subject.is_seen()) {
                (true, _) => "decided",
                (false, true) => "seen",
                (false, false) => "no",
            })
        },
    )
    .wide(72.0)
    .flagged(&[
        flag("Not reviewed", &["no"], None),
        flag("Seen, not decided", &["seen"], None),
    ]),
    field(
        "pile",
        "Pile",
        Kind::Text,
        "where somebody put the page",
        |subject| Value::text(subject.decision().and_then(|decision| decision.pile.as_deref())),
    )
    .shown_at_first()
    .flagged(&[flag("On a pile", &[], None).on_chip("On a pile")]),
    field(
        "tags",
        "Tags",
        Kind::Texts,
        "words that somebody put on the page, as `barcodes` are listed",
        |subject| {
            let tags = subject.decision().map(|decision| &decision.tags);
            let tags = tags.into_iter().flatten();
            Value::Texts(tags.map(String::as_str).collect())
        },
    )
    .flagged(&[flag("With a tag", &[], None)])
    .shown_by(|subject| {
        let tags = &subject.decision()?.tags;
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        (!tags.is_empty()).then(|| tags.join(", "))
    }),
    field(
        "note",
        "Note",
        Kind::Text,
        "what somebody noted on the page",
        |subject| {
            let note = subject.decision().map(|decision| decision.note.as_str());
            Value::text(note.filter(|note| !note.is_empty()))
        },
    )
    .flagged(&[flag(
        "With a note",
        &[],
        mark(17, icons::ICON_STICKY_NOTE_2.codepoint, Role::Accent, "With a note"),
    )])
    .shown_by(|subject| {
        let note = &subject.decision()?.note;
        (!note.is_empty()).then(|| note.clone())
    }),
    field(
        "said_before",
        "Said before",
        Kind::Text,
        "what was decided about the same page in another batch, where nothing is in this one",
        |subject| {
            let ruling = subject.earlier().and_then(|earlier| earlier.decision.ruling);
            Value::text(ruling.map(Ruling::as_str))
        },
    )
    .flagged(&[flag(
        "Decided in another batch",
        &[],
        mark(
            18,
            icons::ICON_HISTORY.codepoint,
            Role::Duplicate,
            "Decided in another batch",
        ),
    )]),
    field(
        "proposed",
        "Proposed",
        Kind::Text,
        "what rules propose to say of the page, where nobody has said it; nothing is decided by that",
        |subject| Value::text(subject.proposed()),
    )
    .flagged(&[flag(
        "Proposed by a rule",
        &[],
        mark(
            16,
            icons::ICON_LIGHTBULB.codepoint,
            Role::Accent,
            "A rule proposes something; A accepts it",
        ),
    )])
    .shown_by(|subject| subject.proposed().map(str::to_owned)),
    field(
        "blank",
        "Blank",
        Kind::Word(&[
            choice("yes", "Yes", "only noise, stains, punch holes or what shows through, and no notes or filled fields"),
            choice("almost", "Almost", "only a page number or running header in the top or bottom tenth"),
            choice("faint", "Faint", "something paler than ink that may be writing, as pencil, worn print or a yellow marker; such a page is never left out"),
            choice("no", "", ""),
        ]),
        "whether there is nothing on the page that a person would keep",
        |subject| Value::word(subject.verdicts().blank.map(Blank::as_str)),
    )
    .failing(
        "A mark as small as a speck of dust is taken for dirt, so that a page with nothing on it but a full stop is called blank. Stains as dark and sharp as ink are taken for marks, so that a dirty page can be called written.",
    )
    .wide(58.0)
    .shown_at_first()
    .flagged(&[
        flag(
            "Blank",
            YES,
            mark(3, icons::ICON_CHECK_BOX_OUTLINE_BLANK.codepoint, Role::Dim, "Blank"),
        )
        .on_chip("Blank"),
        flag(
            "Almost blank",
            &["almost"],
            mark(4, icons::ICON_SHORT_TEXT.codepoint, Role::Dim, "Almost blank"),
        ),
        flag(
            "Faint",
            &["faint"],
            mark(4, icons::ICON_VISIBILITY.codepoint, Role::Warning, "Faint: look whether something is written on it"),
        ),
    ])
    .shown_by(|subject| {
        let (blank, marks) = (subject.verdicts().blank?, subject.marks()?);
        let undrawn = subject.contents().map_or(0, |contents| contents.undrawn);
        Some(match blank {
            Blank::No if undrawn > 0 => {
                let undrawn = counted(undrawn.into(), "letter", "letters");
                format!("No, but look at it elsewhere: {undrawn} cannot be drawn, no font has them")
            }
            Blank::No if marks.body == 0 && has_undrawn_parts(subject) => {
                format!("No, but look at it elsewhere: {}", undrawn_in_words(subject))
            }
            Blank::Yes if subject.verdicts().structurally_empty == Some(true) => {
                "Yes: nothing is painted on it".to_owned()
            }
            Blank::Yes => format!("Yes: {} specks and stains, no mark", marks.dropped),
            Blank::Almost => format!(
                "Almost: {} at top and bottom only",
                counted(marks.border.into(), "mark", "marks")
            ),
            Blank::Faint => {
                let pale = counted(marks.faint.into(), "pale mark", "pale marks");
                format!("Perhaps not: {pale} may be pencil, worn print or a marker")
            }
            Blank::No if marks.body == 0 && marks.border == 0 && !marks.solid => {
                "No: it has text or notes that are not seen".to_owned()
            }
            Blank::No if marks.solid => "No: a sheet of one colour".to_owned(),
            Blank::No => format!(
                "No: {}, up to {:.0} mm",
                counted(marks.body.into(), "mark", "marks"),
                marks.largest
            ),
        })
    })
    .cut_at(Line {
        name: "Blank",
        help: "A page with as many marks in its body is not blank; fewer are dirt",
        unit: " marks",
        range: (1.0, 200.0),
        logarithmic: true,
        get: |thresholds| thresholds.blank_marks.into(),
        set: |thresholds, value| thresholds.blank_marks = value.round() as u32,
        measured: |signals| signals.marks.map(|marks| marks.body.into()),
    }),
    field(
        "structurally_empty",
        "Completely empty",
        Kind::YesNo,
        "whether the page paints nothing at all, not even white",
        |subject| Value::yes(subject.verdicts().structurally_empty),
    )
    .failing(
        "A scan of an empty sheet paints its picture and is not completely empty; it is blank.",
    )
    .flagged(&[flag("Completely empty", YES, None)]),
    field(
        "kind",
        "Kind",
        Kind::Word(&[
            choice("digital", "Digital", "a program's text"),
            choice("scan", "Scan", "a picture without text"),
            choice("scan_ocr", "Scan, text", "a picture with a text layer"),
            choice("mixed", "Mixed", "a program's text and pictures over 15 % of the page"),
            choice("vector", "Drawing", "only paths"),
            choice("empty", "Empty", ""),
        ]),
        "what the page is made of",
        |subject| Value::word(subject.verdicts().kind.map(PageKind::as_str)),
    )
    .failing(
        "A scan that covers less of its page than the line says, such as a receipt on a large sheet, is not called a scan.",
    )
    .shown_at_first()
    .flagged(&[
        flag("Scans", &["scan", "scan_ocr"], None).on_chip("Scans"),
        flag("Digital, not scanned", &["digital"], None),
        flag("Text and large pictures", &["mixed"], None),
        flag("Drawings", &["vector"], None),
    ])
    .shown_by(|subject| {
        subject.verdicts().kind.map(|kind| kind_in_words(kind).to_owned())
    })
    .cut_at(Line {
        name: "Scan",
        help: "A page is a picture from this share that pictures cover",
        unit: " %",
        range: (5.0, 100.0),
        logarithmic: false,
        get: |thresholds| f64::from(thresholds.scan_cover) * 100.0,
        set: |thresholds, value| thresholds.scan_cover = (value / 100.0) as f32,
        measured: |signals| {
            let contents = signals.contents.as_ref()?;
            Some(f64::from(contents.image_cover) * 100.0)
        },
    }),
    field(
        "needs_ocr",
        "Needs OCR",
        Kind::Word(&[
            choice("yes", "Yes", "pictures cover half of the page and fewer than 40 characters can be read"),
            choice("partial", "In part", "they cover 15 % and under 5 % of the text lies over them, or they cover half and have five marks for each character that can be read"),
            choice("no", "", ""),
        ]),
        "whether text recognition would find more text",
        |subject| Value::word(subject.verdicts().needs_ocr.map(NeedsOcr::as_str)),
    )
    .failing(
        "A photograph over half of a page asks for recognition although nothing is written on it. A text layer that was recognised badly counts as text.",
    )
    .headed("OCR")
    .wide(56.0)
    .shown_at_first()
    .flagged(&[
        flag(
            "Need text recognition",
            YES,
            work(9, icons::ICON_DOCUMENT_SCANNER.codepoint, Role::Warning, "Needs text recognition"),
        )
        .on_chip("Needs OCR"),
        flag(
            "Need recognition in part",
            &["partial"],
            work(
                10,
                icons::ICON_DOCUMENT_SCANNER.codepoint,
                Role::Dim,
                "Needs text recognition in part",
            ),
        ),
    ])
    .shown_by(|subject| {
        let (verdicts, contents) = (subject.verdicts(), subject.contents()?);
        let needs = verdicts.needs_ocr?;
        // What decides is said, and not what speaks against it.
        if needs == NeedsOcr::No && verdicts.blank == Some(Blank::Yes) {
            return Some("No: the page is blank".to_owned());
        }
        if needs == NeedsOcr::No && verdicts.divider == Some(true) {
            return Some("No: it is a sheet of one colour".to_owned());
        }
        let answer = match needs {
            NeedsOcr::No => "No",
            NeedsOcr::Partial => "In part",
            NeedsOcr::Yes => "Yes",
        };
        let cover = contents.image_cover * 100.0;
        let readable = contents.readable;
        Some(format!("{answer}: pictures cover {cover:.1} %, {readable} readable characters"))
    })
    .cut_at(Line {
        name: "Text layer",
        help: "Fewer readable characters than this are no text layer",
        unit: " characters",
        range: (1.0, 2000.0),
        logarithmic: true,
        get: |thresholds| thresholds.readable.into(),
        set: |thresholds, value| thresholds.readable = value.round() as u32,
        measured: |signals| Some(signals.contents.as_ref()?.inner_readable.into()),
    }),
    field(
        "colour",
        "Colour",
        Kind::Word(&[
            choice("colour", "Colour", ""),
            choice("gray", "Gray", ""),
            choice("mono", "", ""),
        ]),
        "tone of the content, the paper's tint taken away",
        |subject| Value::word(subject.verdicts().colour.map(Tone::as_str)),
    )
    .failing(
        "A coloured thing smaller than the line, such as a thin stroke of a pen, is missed; a stain or a scanner's coloured fringe that is larger counts as colour.",
    )
    .wide(64.0)
    .shown_at_first()
    .flagged(&[flag("In colour", &["colour"], None)])
    .shown_by(|subject| {
        let (colour, tones) = (subject.verdicts().colour?, subject.tones()?);
        Some(match colour {
            Tone::Colour => format!("Colour: {:.2} % coloured", tones.coloured * 100.0),
            Tone::Gray => "Shades of gray".to_owned(),
            Tone::Mono => "Black and white".to_owned(),
        })
    })
    .cut_at(Line {
        name: "Colour",
        help: "A page is in colour from this share of coloured pixels",
        unit: " %",
        range: (0.001, 50.0),
        logarithmic: true,
        get: |thresholds| f64::from(thresholds.coloured_share) * 100.0,
        set: |thresholds, value| thresholds.coloured_share = (value / 100.0) as f32,
        measured: |signals| signals.tones.map(|tones| f64::from(tones.coloured) * 100.0),
    }),
    field(
        "skew_deg",
        "Skew",
        Kind::Tilt {
            decimals: 2,
            shown: 1,
        },
        "degrees by which the page must be turned counter-clockwise to stand straight, after `/Rotate`; positive for content that leans clockwise",
        |subject| Value::number(subject.verdicts().skew),
    )
    .headed("Skew °")
    .wide(58.0)
    .shown_at_first()
    .shown_by(|subject| {
        let degrees = subject.verdicts().skew?;
        let tilt = match subject.verdicts().skewed {
            true if degrees > 0.0 => format!("{degrees:.1}° clockwise"),
            true => format!("{:.1}° counter-clockwise", degrees.abs()),
            false => "Straight".to_owned(),
        };
        Some(match subject.verdicts().turned {
            Some(180) => format!("{tilt}; its text is upside down"),
            Some(90 | 270) => format!("{tilt}; its text lies sideways"),
            _ => tilt,
        })
    }),
    field(
        "skewed",
        "Skewed",
        Kind::YesNo,
        "whether the page is tilted by more than the threshold",
        |subject| Value::yes(subject.measured().map(|_| subject.verdicts().skewed)),
    )
    .failing(
        "A scan with hardly any lines has no direction and is not called skewed. Crooked handwriting and drawings can be taken for tilted lines.",
    )
    .flagged(&[flag(
        "Skewed",
        YES,
        work(12, icons::ICON_ROTATE_RIGHT.codepoint, Role::Geometry, "Skewed"),
    )])
    .cut_at(Line {
        name: "Skewed",
        help: "A page is skewed from so many degrees",
        unit: "°",
        range: (0.05, 15.0),
        logarithmic: true,
        get: |thresholds| thresholds.skew_degrees.into(),
        set: |thresholds, value| thresholds.skew_degrees = value as f32,
        measured: |signals| signals.skew.map(|skew| skew.degrees.abs().into()),
    }),
    field(
        "language",
        "Language",
        Kind::Text,
        "ISO 639-3 code; needs about 100 letters of text",
        |subject| {
            let language = subject.signals().and_then(|signals| signals.text.language.as_ref());
            Value::text(language.map(Language::as_str))
        },
    )
    .failing(
        "Short texts have none, languages that are close can be taken for each other, and of a page in two languages one is told.",
    )
    .wide(76.0)
    .shown_at_first()
    .shown_by(|subject| Some(subject.signals()?.text.language?.as_str().to_owned())),
    field(
        "exact_dup_group",
        "Duplicate",
        Kind::Count,
        "number shared by pages of the whole library that paint exactly the same",
        |subject| Value::number(subject.surroundings().exact_group),
    )
    .failing(
        "Pages that look the same and were written by different programs do not paint the same; they are near duplicates at best.",
    )
    .flagged(&[flag(
        "The same as another page",
        &[],
        work(14, icons::ICON_CONTENT_COPY.codepoint, Role::Duplicate, "The same as another page"),
    )
    .on_chip("Copies")])
    .shown_by(|subject| {
        subject.surroundings().exact_group.map(|_| "Another page paints exactly the same".to_owned())
    }),
    field(
        "near_dup_group",
        "Near duplicate",
        Kind::Count,
        "number shared by scans of one page, or a page and its scans, that were compared closely; never blank pages or two fillings of a form",
        |subject| Value::number(subject.surroundings().near_group),
    )
    .failing(
        "Where pages cannot be read again from their sources they are called similar. A copy that is cropped or strongly distorted may not be found.",
    )
    .flagged(&[flag(
        "Nearly the same as another",
        &[],
        work(
            15,
            icons::ICON_FILE_COPY.codepoint,
            Role::Duplicate,
            "Nearly the same as another page",
        ),
    )])
    .shown_by(|subject| subject.surroundings().near_group.map(|_| "Another page is the same page".to_owned())),
    field(
        "similar_group",
        "Similar pages",
        Kind::Count,
        "number shared by pages that look alike but differ in some place, such as a number, a tick or a signature, or could not be compared closely enough to be called one page",
        |subject| Value::number(subject.surroundings().similar_group),
    )
    .shown_by(|subject| {
        let is_alike = subject.surroundings().similar_group;
        is_alike.map(|_| "Another page looks like it and is not the same".to_owned())
    }),
    field(
        "barcodes",
        "Barcodes",
        Kind::Texts,
        "what the codes on the page say, from top to bottom: a list in JSON; in CSV separated by `;`, and in quotation marks where a code has a `;`, a quotation mark or a line break itself; empty also where nothing on the page can be one",
        |subject| {
            let codes = subject.signals().and_then(|signals| signals.barcodes.as_ref());
            codes.map_or(Value::Unknown, |codes| {
                Value::Texts(codes.iter().map(|code| code.text.as_str()).collect())
            })
        },
    )
    .failing(
        "Codes that are smeared, cut off or scanned too coarsely are not read, and some kinds, as Code 39, have no check digit that would show a wrong letter.",
    )
    .wide(110.0)
    .shown_at_first()
    .flagged(&[flag(
        "With a barcode",
        &[],
        work(16, icons::ICON_BARCODE.codepoint, Role::Dim, "With a barcode"),
    )])
    .shown_by(|subject| {
        let codes = subject.signals()?.barcodes.as_ref()?;
        let codes: Vec<String> = codes
            .iter()
            .map(|code| format!("{} ({})", code.text, code.kind))
            .collect();
        (!codes.is_empty()).then(|| codes.join(", "))
    }),
    field(
        "separator",
        "Separator",
        Kind::YesNo,
        "whether it is a sheet to be thrown away: a separator's code and little else",
        |subject| Value::yes(subject.verdicts().separator),
    )
    .failing(
        "A sheet on which much else stands is taken for a page with a sticker. One whose code cannot be read is not recognised; *Missed separator* looks for such places.",
    )
    .flagged(&[flag(
        "Separator sheets",
        YES,
        mark(5, icons::ICON_HORIZONTAL_SPLIT.codepoint, Role::Accent, "Separator sheet"),
    )])
    .shown_by(|subject| {
        (subject.verdicts().separator == Some(true)).then(|| "A sheet to be thrown away".to_owned())
    }),
    field(
        "divider",
        "Divider",
        Kind::YesNo,
        "whether it is a sheet of one dark or strong colour with nothing on it, as they are put between documents",
        |subject| Value::yes(subject.verdicts().divider),
    )
    .failing(
        "A coloured sheet on which something is written is none, and a page that is printed full in one dark colour is one.",
    )
    .flagged(&[flag(
        "Dividers",
        YES,
        mark(5, icons::ICON_RECTANGLE.codepoint, Role::Accent, "Divider: a sheet of one colour"),
    )])
    .shown_by(|subject| {
        (subject.verdicts().divider == Some(true)).then(|| "A sheet of one colour".to_owned())
    }),
    field(
        "garbled",
        "Garbled",
        Kind::YesNo,
        "whether the text layer cannot be read by programs: unknown characters, letters read by the wrong code page or used as in no language, hardly any letters, or nearly all white space",
        |subject| Value::yes(subject.verdicts().garbled),
    )
    .failing(
        "Text that was recognised badly, but whose letters are used as in a language, is not noticed. A page of codes or part numbers may be called garbled.",
    )
    .flagged(&[flag(
        "Garbled text",
        YES,
        work(8, icons::ICON_TRANSLATE.codepoint, Role::Warning, "Garbled text"),
    )])
    .shown_by(|subject| {
        let text = &subject.signals()?.text;
        (subject.verdicts().garbled == Some(true)).then(|| {
            let unlikely = if is_unlikely(text) { ", used as in no language" } else { "" };
            format!(
                "{} of {} characters are unknown, {} are letters or digits{unlikely}",
                text.unknown, text.characters, text.alphanumerics
            )
        })
    }),
    field(
        "dpi",
        "Resolution",
        Kind::Number {
            decimals: 0,
            shown: 0,
        },
        "resolution of the largest picture, the geometric mean of both directions; of the finest, where several are as large",
        |subject| Value::number(subject.verdicts().dpi),
    )
    .headed("dpi")
    .wide(48.0)
    .shown_at_first()
    .shown_by(|subject| {
        let low = if subject.verdicts().low_resolution { ", low" } else { "" };
        Some(format!("{:.0} dpi{low}", subject.verdicts().dpi?))
    }),
    field(
        "low_resolution",
        "Low resolution",
        Kind::YesNo,
        "whether that is below the threshold, on a page that is a picture",
        |subject| Value::yes(subject.measured().map(|_| subject.verdicts().low_resolution)),
    )
    .failing(
        "A scan that was enlarged by a program has the dots, not the detail.",
    )
    .flagged(&[flag(
        "Low resolution",
        YES,
        work(13, icons::ICON_GRAIN.codepoint, Role::Geometry, "Low resolution"),
    )])
    .cut_at(Line {
        name: "Low resolution",
        help: "A scan's resolution is low below so many dots per inch",
        unit: " dpi",
        range: (50.0, 600.0),
        logarithmic: false,
        get: |thresholds| thresholds.low_dpi.into(),
        set: |thresholds, value| thresholds.low_dpi = value as f32,
        measured: |signals| {
            let images = &signals.contents.as_ref()?.largest_images;
            images.first().map(|image| image.mean_dpi().into())
        },
    }),
    field(
        "rotate",
        "Rotation",
        Kind::Count,
        "the page's `/Rotate`, inherited or its own: 0, 90, 180 or 270",
        |subject| Value::number(Some(subject.page.shape.rotation)),
    ),
    field(
        "paper",
        "Size",
        Kind::Text,
        "the paper by name, where it has one, and its size as a viewer shows the page",
        |subject| Value::text(Some(Cow::Owned(paper(subject.page.shape)))),
    )
    .wide(132.0),
    field(
        "width_mm",
        "Width, mm",
        Kind::Number {
            decimals: 1,
            shown: 0,
        },
        "width as a viewer shows the page, millimetres",
        |subject| Value::number(Some(subject.page.shape.millimetres().0)),
    ),
    field(
        "height_mm",
        "Height, mm",
        Kind::Number {
            decimals: 1,
            shown: 0,
        },
        "height as a viewer shows the page, millimetres",
        |subject| Value::number(Some(subject.page.shape.millimetres().1)),
    ),
    field(
        "ink",
        "Ink",
        Kind::Share,
        "share of the page that is darker than its paper, 0 to 1",
        |subject| Value::number(subject.measured().and_then(|measured| measured.ink)),
    )
    .headed("Ink %")
    .wide(58.0),
    field(
        "characters",
        "Characters",
        Kind::Count,
        "characters of the text layer, white space left out",
        |subject| Value::number(subject.measured().map(|measured| measured.characters)),
    )
    .wide(76.0)
    .shown_at_first(),
    field(
        "words",
        "Words",
        Kind::Count,
        "words of the text layer",
        |subject| Value::number(subject.measured().map(|measured| measured.words)),
    )
    .wide(58.0),
    field(
        "text_cut",
        "Text cut",
        Kind::YesNo,
        "whether the page has more text than is kept of one: at most 1 MiB, less in a small file of many pages; counts and searches know what is kept",
        |subject| Value::yes(subject.signals().map(|signals| signals.text.cut)),
    ),
    field(
        "images",
        "Pictures",
        Kind::Count,
        "number of pictures",
        |subject| Value::number(subject.contents().map(|contents| contents.images)),
    ),
    field(
        "image_cover",
        "Picture cover",
        Kind::Share,
        "share of the page that pictures cover, 0 to 1",
        |subject| Value::number(subject.contents().map(|contents| contents.image_cover)),
    )
    .headed("Pictures %"),
    field(
        "marks",
        "Marks",
        Kind::Count,
        "marks in the body of the page that a person would keep",
        |subject| Value::number(subject.marks().map(|marks| marks.body)),
    ),
    field(
        "border_marks",
        "Border marks",
        Kind::Count,
        "the same in the top and bottom tenth",
        |subject| Value::number(subject.marks().map(|marks| marks.border)),
    ),
    field(
        "coloured",
        "Coloured",
        Kind::Share,
        "share of clearly coloured pixels, 0 to 1",
        |subject| Value::number(subject.tones().map(|tones| tones.coloured)),
    )
    .headed("Coloured %"),
    field(
        "gray",
        "Gray",
        Kind::Share,
        "share of pixels in even shades of gray, 0 to 1",
        |subject| Value::number(subject.tones().map(|tones| tones.gray)),
    )
    .headed("Gray %"),
    field(
        "turned",
        "Turned",
        Kind::Word(&TURNS),
        "degrees clockwise by which the text lies off upright; empty where that is not known, as on scans in scripts without small letters",
        |subject| Value::word(subject.verdicts().turned.map(turn_word)),
    )
    .failing(
        "On scans it is told by letters that rise and hang, which only scripts with small letters have, and by full stops and commas; a page of capitals, numbers or few lines says nothing.",
    )
    .flagged(&[flag(
        "Sideways or upside down",
        &["90", "180", "270"],
        work(
            11,
            icons::ICON_SCREEN_ROTATION.codepoint,
            Role::Geometry,
            "Sideways or upside down",
        ),
    )]),
    field(
        "printed_page",
        "Printed number",
        Kind::Count,
        "the number that is printed on the page (4 for iv, 1 for A-1), by its own text or as an analyser has read it",
        |subject| Value::number(subject.signals().and_then(|s| s.printed).map(|p| p.number)),
    )
    .shown_by(|subject| {
        let printed = subject.signals()?.printed?;
        let of = printed.of.map_or(String::new(), |of| format!(" of {of}"));
        Some(format!("{}{of}", series_number(printed.number, printed.series)))
    }),
    field(
        "stamp",
        "Stamped number",
        Kind::Text,
        "the number that was stamped on the page to cite it by, such as ACME-0000101",
        |subject| Value::text(subject.signals().and_then(|signals| signals.stamp.as_deref())),
    ),
    field(
        "sequence_break",
        "Sequence",
        Kind::YesNo,
        "whether by the printed or stamped numbers a page before this one is missing, or this one is doubled or elsewhere, or the backs begin of pages whose fronts are before, or the pages lie backwards from here on",
        |subject| {
            let breaks = subject.note().is_some_and(SequenceNote::is_break);
            Value::yes(subject.measured().map(|_| breaks))
        },
    )
    .failing(
        "It knows no more than the numbers that were read: on scans, those that text recognition has found. Another number at the edge of a page can be taken for its own.",
    )
    .flagged(&[flag(
        "Page missing or doubled",
        YES,
        mark(
            7,
            icons::ICON_FORMAT_LIST_NUMBERED.codepoint,
            Role::Warning,
            "A page is missing or doubled here",
        ),
    )])
    .shown_by(|subject| subject.note().filter(|note| note.is_break()).map(note_in_words)),
    field(
        "missed_separator",
        "Missed separator",
        Kind::YesNo,
        "whether a separator sheet should be here and was not recognised: printed numbers begin anew, the size changes, or regular spacing breaks, in a document that has separators",
        |subject| {
            let missed = subject.note().is_some_and(SequenceNote::is_missed_separator);
            Value::yes(subject.measured().map(|_| missed))
        },
    )
    .failing(
        "It is a guess, and only made in documents that have separators: a new size or a number that begins anew within one document looks the same.",
    )
    .flagged(&[flag(
        "Separator probably missed",
        YES,
        mark(
            6,
            icons::ICON_QUESTION_MARK.codepoint,
            Role::Warning,
            "A separator was probably missed here",
        ),
    )])
    .shown_by(|subject| {
        subject.note().filter(|note| note.is_missed_separator()).map(note_in_words)
    }),
    field(
        "undrawn_text",
        "Not drawn",
        Kind::YesNo,
        "whether letters of the page cannot be drawn, because neither the document nor this machine has a font for them",
        |subject| Value::yes(subject.contents().map(|contents| contents.undrawn > 0)),
    )
    .failing(
        "A font that is there and draws another letter than was meant is not noticed.",
    )
    .flagged(&[flag(
        "Letters not drawn",
        YES,
        mark(
            5,
            icons::ICON_FONT_DOWNLOAD_OFF.codepoint,
            Role::Warning,
            "Letters cannot be drawn: look at it elsewhere",
        ),
    )])
    .shown_by(|subject| {
        let undrawn = subject.contents()?.undrawn;
        (undrawn > 0).then(|| {
            let letters = counted(undrawn.into(), "letter", "letters");
            format!("{letters} cannot be drawn: no font here has them")
        })
    }),
    field(
        "undrawn_parts",
        "Not shown",
        Kind::Texts,
        "what of the page no picture of it shows: `picture` where one cannot be decoded, `form` for a part that cannot be decoded or lies too deep in others, `layer` where something is on a layer that is off",
        |subject| {
            let parts = subject.contents().map(|contents| &contents.undrawn_parts);
            Value::Texts(parts.into_iter().flatten().map(|part| part.as_str()).collect())
        },
    )
    .failing(
        "On a page where something else is seen, a picture that breaks off is not noticed.",
    )
    .flagged(&[flag(
        "Parts not shown",
        &[],
        mark(
            5,
            icons::ICON_BROKEN_IMAGE.codepoint,
            Role::Warning,
            "A part of the page is not shown: look at it elsewhere",
        ),
    )])
    .shown_by(|subject| {
        let parts = has_undrawn_parts(subject).then(|| undrawn_in_words(subject))?;
        Some(format!("Look at it elsewhere: {parts}"))
    }),
    field(
        "hidden_text",
        "Hidden text",
        Kind::YesNo,
        "whether letters lie where a person does not see them and a program reads them: under shapes or pictures, in the colour of what is below, too small, beside the page, or invisible where no scan is",
        |subject| {
            let contents = subject.contents();
            Value::yes(contents.map(|c| !c.hidden_text.is_empty() || c.blacked_out > 0))
        },
    )
    .failing(
        "What is pale, but can be seen, is not hidden; text under the picture of a scan belongs there and is none either.",
    )
    .flagged(&[flag("Hidden text", YES, None)])
    .shown_by(|subject| {
        let contents = subject.contents()?;
        let told = contents.hidden_text.iter().map(hidden_in_words);
        let told: Vec<String> = told.collect();
        match (told.is_empty(), contents.blacked_out) {
            (true, 0) => None,
            (true, letters) => Some(format!("{letters} letters under dark shapes can still be read")),
            _ => Some(told.join("; ")),
        }
    }),
    field(
        "hidden_words",
        "Hidden words",
        Kind::Texts,
        "what can be read there though a person does not see it, the beginning of each place",
        |subject| {
            let hidden = subject.contents().map(|contents| &contents.hidden_text);
            let hidden = hidden.into_iter().flatten();
            Value::Texts(hidden.map(|hidden| hidden.words.as_str()).collect())
        },
    ),
    field(
        "signed",
        "Signed",
        Kind::YesNo,
        "whether the document carries signatures",
        |subject| Value::yes(subject.surroundings().document.signed),
    )
    .failing(
        "Whether a signature is valid is not checked.",
    )
    .flagged(&[flag(
        "In a signed document",
        YES,
        of_document(2, icons::ICON_SIGNATURE.codepoint, Role::Good, "Its document is signed"),
    )])
    .shown_by(|subject| {
        (subject.surroundings().document.signed == Some(true))
            .then(|| "Its document has a signature".to_owned())
    }),
    field(
        "active",
        "Active",
        Kind::YesNo,
        "whether the document has scripts, starts programs, sends or fetches data, or plays media",
        |subject| Value::yes(subject.surroundings().document.active),
    )
    .failing(
        "It says what a document could have done, not whether that would do harm: forms that add up sums have scripts as well.",
    )
    .flagged(&[flag(
        "In a document with scripts or actions",
        YES,
        of_document(0, icons::ICON_BOLT.codepoint, Role::Bad, "Its document wants to run something"),
    )])
    .shown_by(|subject| {
        (subject.surroundings().document.active == Some(true))
            .then(|| "Its document wants to run something; see below".to_owned())
    }),
    field(
        "unhealthy",
        "Health",
        Kind::YesNo,
        "whether the document had to be repaired, cannot be inspected, hides names, or readers count different numbers of pages",
        |subject| Value::yes(subject.surroundings().document.unhealthy),
    )
    .failing(
        "Many programs write files with small faults that every viewer repairs; such a document may be complete.",
    )
    .flagged(&[flag(
        "In a damaged or unusual document",
        YES,
        of_document(1, icons::ICON_HEALING.codepoint, Role::Bad, "Its document is damaged or odd"),
    )])
    .shown_by(|subject| {
        (subject.surroundings().document.unhealthy == Some(true))
            .then(|| "Its document is damaged or odd; see below".to_owned())
    }),
    field(
        "engine",
        "Drawn by",
        Kind::Text,
        "who drew the page: `hayro` or `pdfium`",
        |subject| Value::text(subject.measured().map(|measured| measured.engine.as_str())),
    ),
    field(
        "disagreement",
        "Engines differ",
        Kind::Word(&[
            choice("failed", "The other engine failed", "it could not draw the page, ended or took too long; if that was `hayro`, what the page is made of is not known, and columns that need it are empty"),
            choice("blank", "The other engine drew nothing", ""),
        ]),
        "how another engine saw the page differently, where one was asked",
        |subject| {
            let disagreement = subject.measured().and_then(|measured| measured.disagreement);
            Value::word(disagreement.map(Disagreement::as_str))
        },
    )
    .failing(
        "Another engine is asked only where the first failed, drew nothing or counts fewer pages, so that most pages have one opinion.",
    )
    .flagged(&[flag("Engines differ", &["failed", "blank"], None)])
    .shown_by(|subject| {
        let measured = subject.measured()?;
        let said = measured.disagreement?.label();
        let is_known = measured.signals.contents.is_some();
        let rest = if is_known { "" } else { ": what the page is made of is not known" };
        Some(format!("{said}{rest}"))
    }),
    field(
        "changed",
        "Changed",
        Kind::Texts,
        "names of the columns that the latest run found otherwise than the run before",
        |subject| Value::Texts(changed_fields(subject)),
    )
    .flagged(&[flag("Changed by the latest run", &[], None)])
    .shown_by(|subject| {
        let changes = changes(subject);
        let words: Vec<String> = changes.iter().map(Changed::in_words).collect();
        (!words.is_empty()).then(|| words.join("; "))
    }),
    field(
        "ms",
        "Time, ms",
        Kind::Number {
            decimals: 2,
            shown: 1,
        },
        "time that the page took, milliseconds",
        |subject| {
            Value::number(subject.measured().map(|measured| f64::from(measured.micros) / 1000.0))
        },
    )
    .headed("ms")
    .wide(48.0),
    field(
        "failure",
        "Failure",
        Kind::Text,
        "kind of the failure, if the page failed, or kept earlier results because analysing it again failed",
        |subject| Value::text(subject.failure().map(|failure| failure.kind.as_str())),
    ),
    field(
        "reason",
        "Reason",
        Kind::Text,
        "the failure in words",
        |subject| Value::text(subject.failure().map(|failure| Cow::Owned(failure.reason()))),
    ),
    field(
        "attached_to",
        "Attached to",
        Kind::Text,
        "the document that the page's own is attached to, in an archive or not",
        |subject| Value::text(subject.attached_to()),
    )
    .flagged(&[flag("Attached to a document", &[], None)])
    .shown_by(|subject| subject.attached_to().map(str::to_owned)),
];

/// What a page is made of.
pub fn kind_in_words(kind: PageKind) -> &'static str {
    match kind {
        PageKind::Digital => "Digital, not scanned",
        PageKind::Scan => "Scan without text",
        PageKind::ScanOcr => "Scan with a text layer",
        PageKind::Mixed => "Text and large pictures",
        PageKind::Vector => "Drawing",
        PageKind::Empty => "Empty",
    }
}

/// A page by its number, or the number itself where it was stamped.
fn counted_as(of: Counted, pages: u32) -> &'static str {
    match (of, pages) {
        (Counted::Printed(_), 1) => "Page",
        (Counted::Printed(_), _) => "Pages",
        (Counted::Stamped, 1) => "Stamped number",
        (Counted::Stamped, _) => "Stamped numbers",
    }
}

/// A number as it would be printed.
fn in_print(number: u32, of: Counted) -> String {
    match of {
        Counted::Printed(series) => series_number(number, series),
        Counted::Stamped => number.to_string(),
    }
}

fn series_number(number: u32, series: Series) -> String {
    match series {
        Series::Arabic => number.to_string(),
        Series::Roman => roman_of(number),
        Series::Section(section) if section.is_ascii_uppercase() => format!("{section}-{number}"),
        Series::Section(_) => number.to_string(),
    }
}

fn has_undrawn_parts(subject: &Subject) -> bool {
    subject
        .contents()
        .is_some_and(|contents| !contents.undrawn_parts.is_empty())
}

/// What of a page no picture of it shows.
fn undrawn_in_words(subject: &Subject) -> String {
    let parts = subject.contents().map(|contents| &contents.undrawn_parts);
    let parts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .map(|part| part.label())
        .collect();
    parts.join("; ")
}

/// What lies hidden on a page, and why a person does not see it.
fn hidden_in_words(hidden: &HiddenText) -> String {
    let letters = counted(hidden.letters.into(), "letter", "letters");
    let how = concealment_in_words(hidden.how);
    format!("{letters} {how} can be read: “{}”", hidden.words)
}

/// Why a person does not see letters, after their number.
pub const fn concealment_in_words(how: Concealment) -> &'static str {
    match how {
        Concealment::UnderShape => "under a shape",
        Concealment::UnderPicture => "under a picture",
        Concealment::SameColour => "in the colour of the ground",
        Concealment::TooSmall => "too small to be seen",
        Concealment::BesidePage => "beside the page",
        Concealment::Invisible => "that are not painted",
        Concealment::Blackened => "under a blackened part of the scan",
        Concealment::LayerOff => "on a layer that is off",
    }
}

/// Why a page is thought to stand in the wrong place.
fn note_in_words(note: SequenceNote) -> String {
    match note {
        SequenceNote::Missing { after, here, of } => {
            let (first, last) = (in_print(after + 1, of), in_print(here - 1, of));
            let missing = match first == last {
                true => format!("{} {first} is", counted_as(of, 1)),
                false => format!("{} {first} to {last} are", counted_as(of, 2)),
            };
            let (after, here) = (in_print(after, of), in_print(here, of));
            format!("{missing} missing: {here} follows {after}")
        }
        SequenceNote::OutOfOrder { after, here, of } => {
            let noun = counted_as(of, 1);
            match after == here {
                true => format!("{noun} {} is there twice", in_print(here, of)),
                false => format!(
                    "{noun} {} follows {}",
                    in_print(here, of),
                    in_print(after, of)
                ),
            }
        }
        SequenceNote::Backs { reversed } => {
            let how = if reversed {
                ", the last sheet first"
            } else {
                ""
            };
            format!(
                "From here on come the backs of the pages before{how}: splitting can put them \
                 in order"
            )
        }
        SequenceNote::Backwards => {
            "The pages lie from the last to the first: splitting can put them in order".to_owned()
        }
        SequenceNote::NumbersRestart => {
            "Probably missed before this page: printed numbers begin anew".to_owned()
        }
        SequenceNote::SizeChanges => {
            "Probably missed before this page: the size changes".to_owned()
        }
        SequenceNote::SpacingBreaks { pages } => {
            format!("Probably missed here: elsewhere one comes after {pages} pages")
        }
    }
}
