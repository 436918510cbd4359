//! Numbers, sizes, papers and times as people write them, and names of others made fit to be
//! shown. Pure; for screens, terminals and messages, not for formats that programs read.

use std::borrow::Cow;
use std::time::Duration;

use bytesize::ByteSize;
use jiff::Timestamp;
use jiff::tz::TimeZone;

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

/// "1.2 GB": decimal units, as disks are sold.
pub fn size(bytes: u64) -> String {
    ByteSize::b(bytes).display().si().to_string()
}

/// "2 min" of "2 min left".
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => "under 1 s".into(),
        1..=89 => format!("{seconds} s"),
        90..=5399 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// "2026-03-09 14:05" in the time zone of this machine; none beyond the years that
/// calendars have. `seconds` count from 1970 (UTC).
pub fn local_time(seconds: i64) -> Option<String> {
    time_in(seconds, TimeZone::system())
}

fn time_in(seconds: i64, zone: TimeZone) -> Option<String> {
    let time = Timestamp::from_second(seconds).ok()?.to_zoned(zone);
    Some(time.strftime("%Y-%m-%d %H:%M").to_string())
}

/// Text of others in one line, with a sign in the place of each character that would
/// command a terminal or change the direction of what stands beside it.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unprintable) {
        let replaced = |c| if is_unprintable(c) { '\u{fffd}' } else { c };
        text.chars().map(replaced).collect::<String>().into()
    } else {
        text.into()
    }
}

/// Control characters (C0, C1, delete), separators of lines, and the embeddings,
/// overrides and isolates of the Unicode Bidirectional Algorithm (UAX #9), by which
/// "fdp.exe" is shown as "exe.pdf".
pub fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
    fn sizes_are_in_decimal_units() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(6_500_000), "6.5 MB");
    }

    #[test]
    fn durations_are_words() {
        assert_eq!(duration(Duration::from_millis(400)), "under 1 s");
        assert_eq!(duration(Duration::from_secs(42)), "42 s");
        assert_eq!(duration(Duration::from_secs(120)), "2 min");
        assert_eq!(duration(Duration::from_secs(3 * 3600 + 60)), "3 h 1 min");
    }

    #[test]
    fn times_are_those_of_a_clock_on_the_wall() {
        let shown = |seconds| time_in(seconds, TimeZone::fixed(jiff::tz::offset(1)));
        assert_eq!(shown(0).as_deref(), Some("1970-01-01 01:00"));
        assert_eq!(shown(1_773_061_500).as_deref(), Some("2026-03-09 14:05"));
        assert_eq!(shown(i64::MAX), None);
    }

    #[test]
    fn names_of_others_command_nothing() {
        assert_eq!(visible("Übersicht, alt.pdf"), "Übersicht, alt.pdf");
        assert_eq!(
            visible("a\u{1b}[31mred\r\n.pdf"),
            "a\u{fffd}[31mred\u{fffd}\u{fffd}.pdf"
        );
        assert_eq!(visible("\u{202e}fdp.exe"), "\u{fffd}fdp.exe");
        assert_eq!(
            visible("\u{2066}a\u{9b}31m\u{7f}"),
            "\u{fffd}a\u{fffd}31m\u{fffd}"
        );
        // Marks that Arabic and Hebrew names need, and joiners, stay.
        assert_eq!(visible("חוזה\u{200f}.pdf"), "חוזה\u{200f}.pdf");
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
