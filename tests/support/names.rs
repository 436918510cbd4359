//! File names that trip programs up.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ordinary::text_pdf;

/// Names in several alphabets, with spaces, signs and marks; all are legal on every system.
pub const AWKWARD: [&str; 12] = [
    "عقد الإيجار.pdf",
    "合同 第一份.pdf",
    "Договор №5.pdf",
    "חוזה.pdf",
    "請求書（控え）.pdf",
    "invoice 📎 final ✅.pdf",
    // "Résumé" with accents as characters of their own.
    "Re\u{301}sume\u{301}.pdf",
    "  leading and double  spaces.pdf",
    "-rf.pdf",
    "100% & 'quoted' #1; $HOME.pdf",
    "UPPER.PDF",
    "two.dots..pdf",
];

/// Writes one small document under each awkward name and returns the paths in that order.
pub fn write_awkward_names(directory: &Path) -> io::Result<Vec<PathBuf>> {
    AWKWARD
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let path = directory.join(name);
            fs::write(&path, text_pdf(i % 3 + 1))?;
            Ok(path)
        })
        .collect()
}
