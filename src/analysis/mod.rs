//! Pixels, contents and text in, measurements and verdicts out. Pure: no I/O, no
//! clocks, no state. Not for drawing and not for words on the screen.

mod barcode;
mod blobs;
mod close_look;
mod dirt;
mod document;
mod duplicates;
mod edge_words;
mod faint;
mod fingerprint;
mod holes;
mod ink;
mod layer;
mod letter_pairs;
mod letters;
mod marks;
mod measure;
mod orientation;
mod page_number;
mod paper;
mod patch;
mod quality;
mod rows;
mod rules;
mod sequence;
mod skew;
mod soft_lines;
mod strokes;
mod sums;
mod text;
mod thumbnail;
mod tones;
mod top_line;
mod uneven;
mod verdicts;

pub use barcode::{BARCODE_DPI, FIRST_LOOK_DPI, barcodes};
pub use close_look::{CloseLook, differences};
pub use document::{DocumentVerdicts, judge_document};
pub use duplicates::{Candidate, Groups, Letters, Pair, alike, letters, pairs_to_compare};
pub use fingerprint::{Comparable, Fingerprint, Lying, distance, pack, unpack};
pub use ink::ink_share;
pub use marks::{ScanMarks, drawn_marks, scanned_marks};
pub use measure::{
    Depth, Measured, depth, first_look_size, measure, measure_sheet, page_barcodes, sheet_size,
    size,
};
pub use page_number::{printed_number, roman_of};
pub use paper::darkness;
pub use quality::text_quality;
pub use sequence::{
    Counted, InSequence, SequenceNote, Stamp, notes, notes_of, number_restarts, reading_order,
};
pub use skew::{skew, text_ink};
pub use strokes::Strokes;
pub use sums::{Sums, sum_up};
pub use text::{TextCounts, count_text, folded};
pub use thumbnail::{Decoded, THUMBNAIL_SIDE, ThumbnailError, encode_thumbnail, thumbnails_differ};
pub use tones::{Looked, gray_tones, tones};
pub use top_line::top_line;
pub use verdicts::{
    Blank, Kind, NeedsOcr, Thresholds, Verdicts, is_little, is_separator_code, is_sheet,
    is_unlikely, judge, judge_signals,
};
