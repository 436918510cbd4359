//! Papers in words, and what `format` has for other texts. Pure.

use crate::model::PageShape;

pub use crate::format::{counted, duration as time, grouped, size};

/// "2026-11-28", where the user is; `seconds` since 1970 (UTC).
pub fn day(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| String::new(),
        |when| {
            when.to_zoned(jiff::tz::TimeZone::system())
                .date()
                .to_string()
        },
    )
}

/// Common paper sizes, millimetres, upright. ISO 216 and ANSI/ASME Y14.1.
const PAPERS: [(&str, f32, f32); 9] = [
    ("A3", 297.0, 420.0),
    ("A4", 210.0, 297.0),
    ("A5", 148.0, 210.0),
    ("A6", 105.0, 148.0),
    ("B4", 250.0, 353.0),
    ("B5", 176.0, 250.0),
    ("Letter", 215.9, 279.4),
    ("Legal", 215.9, 355.6),
    ("Tabloid", 279.4, 431.8),
];

/// Scanners cut a little more or less than the paper, in millimetres.
const PAPER_TOLERANCE: f32 = 2.0;

/// "A4, 210 × 297 mm".
pub fn paper(shape: PageShape) -> String {
    let (width, height) = shape.millimetres();
    let (short, long) = (width.min(height), width.max(height));
    let name = PAPERS.iter().find(|(_, w, h)| {
        (short - w).abs() <= PAPER_TOLERANCE && (long - h).abs() <= PAPER_TOLERANCE
    });
    let measures = format!("{width:.0} × {height:.0} mm");
    match name {
        Some((name, ..)) if width > height => format!("{name} landscape, {measures}"),
        Some((name, ..)) => format!("{name}, {measures}"),
        None => measures,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn papers_have_names() {
        let shape = |width, height| PageShape {
            width,
            height,
            rotation: 0,
        };
        assert_eq!(paper(shape(595.3, 841.9)), "A4, 210 × 297 mm");
        assert_eq!(paper(shape(792.0, 612.0)), "Letter landscape, 279 × 216 mm");
        assert_eq!(paper(shape(100.0, 100.0)), "35 × 35 mm");
    }
}
