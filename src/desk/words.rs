//! Numbers, sizes and times in words. Pure; not for other texts.

use std::time::Duration;

use bytesize::ByteSize;

use crate::model::PageShape;

/// "1,234,567".
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "1 page", "12 pages".
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}

/// "1.2 GB".
pub fn size(bytes: u64) -> String {
    ByteSize::b(bytes).display().si().to_string()
}

/// "2 min left" without the "left".
pub fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => "under 1 s".into(),
        1..=89 => format!("{seconds} s"),
        90..=5399 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
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
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(counted(1, "page", "pages"), "1 page");
        assert_eq!(counted(2_415, "page", "pages"), "2,415 pages");
    }

    #[test]
    fn times_are_words() {
        assert_eq!(time(Duration::from_millis(400)), "under 1 s");
        assert_eq!(time(Duration::from_secs(42)), "42 s");
        assert_eq!(time(Duration::from_secs(120)), "2 min");
        assert_eq!(time(Duration::from_secs(3 * 3600 + 60)), "3 h 1 min");
    }

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
