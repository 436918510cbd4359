//! The render engines as the faces see them: which there are, and why. Not for
//! drawing, which workers do.

pub use crate::pdf::pdfium::find::{Found, FoundBy, VARIABLE, find};
