//! Pixels, contents and text in, measurements and verdicts out. Pure: no I/O, no
//! clocks, no state. Not for drawing and not for words on the screen.

mod barcode;
mod duplicates;
mod fingerprint;
mod gray;
mod ink;
mod marks;
mod measure;
mod patch;
mod quality;
mod skew;
mod text;
mod thumbnail;
mod tones;
mod verdicts;

pub use barcode::BARCODE_DPI;
pub use duplicates::{Seen, groups, is_same_page};
pub use fingerprint::{Difference, Fingerprint, difference, distance, pack, unpack};
pub use ink::ink_share;
pub use measure::{Depth, Measured, depth, measure, page_barcodes, size};
pub use text::{TextCounts, count_text};
pub use thumbnail::{THUMBNAIL_SIDE, ThumbnailError, encode_thumbnail, is_gray};
pub use verdicts::{
    Blank, Kind, NeedsOcr, Thresholds, Verdicts, is_separator_code, judge, judge_signals,
};
