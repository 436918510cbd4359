//! Barcodes on a page: the usual linear ones and QR, Data Matrix, PDF417, Aztec.
//! A "Patch T" sheet in the wild mostly carries a Code 39 or Code 128 that says
//! PATCHT. Not for where they are.

use crate::pdf::Picture;

/// The resolution that bars of office labels need, in dots per inch.
pub const BARCODE_DPI: f32 = 200.0;

/// What the barcodes on a picture say, each once, sorted.
pub fn barcodes(picture: &Picture) -> Vec<String> {
    let gray = picture.rgba.chunks_exact(4).map(|pixel| {
        // Weights of ITU-R BT.601, in 256ths.
        let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
        ((77 * r + 150 * g + 29 * b) >> 8) as u8
    });
    let found =
        rxing::helpers::detect_multiple_in_luma(gray.collect(), picture.width, picture.height);
    let mut texts: Vec<String> = found
        .unwrap_or_default()
        .iter()
        .map(|barcode| barcode.getText().to_owned())
        .collect();
    texts.sort();
    texts.dedup();
    texts
}
