//! Makers of every file the tests need: ordinary, odd, broken and hostile ones, and the sample
//! batch. Nothing here depends on chance or on the clock, unless a function says so.

// Each test binary uses a part of this.
#![allow(dead_code, unused_imports)]

pub mod archive;
pub mod barcode;
pub mod damaged;
pub mod disk;
pub mod earlier;
pub mod encrypted;
#[cfg(target_os = "linux")]
pub mod false_worker;
pub mod family;
pub mod hostile;
pub mod labelled;
pub mod metrics;
pub mod names;
pub mod ordinary;
pub mod pdf;
pub mod peculiar;
pub mod prng;
pub mod program;
pub mod recognised;
pub mod rich;
pub mod sample;
pub mod scan;
pub mod skip;
pub mod stores;
pub mod tools;
pub mod whole;

pub use archive::{tar_of, zip_bomb, zip_of, zip_of_twins};
pub use hostile::{
    crashing_pdf, hanging_pdf, not_a_pdf_png, repairable_pdf, truncated_pdf, zero_bytes,
};
pub use names::write_awkward_names;
pub use ordinary::{
    blank_pdf, boxes_pdf, coloured_pdf, encrypted_pdf, encrypted_pdf_rc4, encrypted_pdf_under,
    extreme_aspect_pdf, highlighted_pdf, ocr_layer_pdf, scanned_pdf, separator_pdf, text_pdf,
    vector_pdf,
};
