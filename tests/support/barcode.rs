//! Bar codes and the separator sheets that carry them.

use zxingcpp::BarcodeFormat;

use super::pdf::{BLACK, Font, GRAY, Page, WHITE};

/// What the separator sheets say.
pub const PATCH_TEXT: &str = "PATCHT";

/// Nine elements per character, bar first; `w` is wide, `n` narrow.
const PATTERNS: [(char, &str); 44] = [
    ('0', "nnnwwnwnn"),
    ('1', "wnnwnnnnw"),
    ('2', "nnwwnnnnw"),
    ('3', "wnwwnnnnn"),
    ('4', "nnnwwnnnw"),
    ('5', "wnnwwnnnn"),
    ('6', "nnwwwnnnn"),
    ('7', "nnnwnnwnw"),
    ('8', "wnnwnnwnn"),
    ('9', "nnwwnnwnn"),
    ('A', "wnnnnwnnw"),
    ('B', "nnwnnwnnw"),
    ('C', "wnwnnwnnn"),
    ('D', "nnnnwwnnw"),
    ('E', "wnnnwwnnn"),
    ('F', "nnwnwwnnn"),
    ('G', "nnnnnwwnw"),
    ('H', "wnnnnwwnn"),
    ('I', "nnwnnwwnn"),
    ('J', "nnnnwwwnn"),
    ('K', "wnnnnnnww"),
    ('L', "nnwnnnnww"),
    ('M', "wnwnnnnwn"),
    ('N', "nnnnwnnww"),
    ('O', "wnnnwnnwn"),
    ('P', "nnwnwnnwn"),
    ('Q', "nnnnnnwww"),
    ('R', "wnnnnnwwn"),
    ('S', "nnwnnnwwn"),
    ('T', "nnnnwnwwn"),
    ('U', "wwnnnnnnw"),
    ('V', "nwwnnnnnw"),
    ('W', "wwwnnnnnn"),
    ('X', "nwnnwnnnw"),
    ('Y', "wwnnwnnnn"),
    ('Z', "nwwnwnnnn"),
    ('-', "nwnnnnwnw"),
    ('.', "wwnnnnwnn"),
    (' ', "nwwnnnwnn"),
    ('*', "nwnnwnwnn"),
    ('$', "nwnwnwnnn"),
    ('/', "nwnwnnnwn"),
    ('+', "nwnnnwnwn"),
    ('%', "nnnwnwnwn"),
];

/// The width of a wide element in narrow ones.
const WIDE: f64 = 2.5;

/// Draws a Code 39 symbol (start and stop signs included) and returns its width.
/// `narrow` is the width of a narrow element in points.
pub fn code_39(page: &mut Page, x: f64, y: f64, narrow: f64, height: f64, text: &str) -> f64 {
    let mut at = x;
    for c in format!("*{text}*").chars() {
        let (_, pattern) = PATTERNS
            .iter()
            .find(|(known, _)| *known == c)
            .unwrap_or_else(|| panic!("Code 39 has no {c:?}"));
        for (i, element) in pattern.chars().enumerate() {
            let width = if element == 'w' {
                narrow * WIDE
            } else {
                narrow
            };
            if i % 2 == 0 {
                page.fill_rect(at, y, width, height, BLACK);
            }
            at += width;
        }
        at += narrow;
    }
    at - narrow - x
}

/// The width that [`code_39`] needs for a text.
pub fn code_39_width(narrow: f64, text: &str) -> f64 {
    let characters = text.chars().count() as f64 + 2.0;
    characters * (6.0 + 3.0 * WIDE + 1.0) * narrow - narrow
}

/// A picture of a code with a pixel for each module and no margin.
fn modules_of(kind: BarcodeFormat, text: &str) -> zxingcpp::Image {
    let code = zxingcpp::create(kind)
        .from_str(text)
        .expect("a text that the code can say");
    code.to_image_with(&zxingcpp::write().scale(1).add_quiet_zones(false))
        .expect("a picture")
}

/// Draws a linear code of any kind whose modules are `narrow` points wide.
pub fn linear_code(
    page: &mut Page,
    (x, y): (f64, f64),
    narrow: f64,
    height: f64,
    (kind, text): (BarcodeFormat, &str),
) {
    let image = modules_of(kind, text);
    let row = &image.data()[..image.width() as usize];
    for (module, _) in row.iter().enumerate().filter(|(_, pixel)| **pixel < 128) {
        let left = x + module as f64 * narrow;
        page.fill_rect(left, y, narrow, height, BLACK);
    }
}

/// Draws a square code of any kind, so many points a side, in black on white or in white on
/// black.
pub fn square_code(
    page: &mut Page,
    (x, y): (f64, f64),
    side: f64,
    (kind, text): (BarcodeFormat, &str),
    is_black: bool,
) {
    let image = modules_of(kind, text);
    let modules = image.width() as usize;
    let module = side / modules as f64;
    if !is_black {
        let (margin, all) = (4.0 * module, side + 8.0 * module);
        page.fill_rect(x - margin, y - margin, all, all, BLACK);
    }
    let colour = if is_black { BLACK } else { WHITE };
    for (at, _) in (image.data().iter().enumerate()).filter(|(_, pixel)| **pixel < 128) {
        let left = x + (at % modules) as f64 * module;
        let top = y + (at / modules) as f64 * module;
        page.fill_rect(left, top, module, module, colour);
    }
}

/// An A4 sheet with the four bars of a patch code along its upper edge, or along its lower
/// one where it lies upside down; `wide` says which of them are wide from that edge on.
pub fn patch_sheet(wide: [bool; 4], upside_down: bool) -> Page {
    const INCH: f64 = 72.0;
    let mut page = Page::a4();
    let mut far = 0.6 * INCH;
    for is_wide in wide {
        let high = if is_wide { 0.2 * INCH } else { 0.08 * INCH };
        let top = if upside_down {
            page.height - far - high
        } else {
            far
        };
        page.fill_rect(80.0, top, page.width - 160.0, high, BLACK);
        far += high + 0.08 * INCH;
    }
    let middle = page.width / 2.0;
    page.text_centre(Font::HelveticaBold, 40.0, middle, 400.0, BLACK, "Patch");
    page
}

/// An A4 sheet to lay between documents before scanning.
pub fn separator_sheet() -> Page {
    let mut page = Page::a4();
    let middle = page.width / 2.0;
    let narrow = 2.9;
    let width = code_39_width(narrow, PATCH_TEXT);
    for y in [90.0, 640.0] {
        code_39(
            &mut page,
            middle - width / 2.0,
            y,
            narrow,
            110.0,
            PATCH_TEXT,
        );
    }
    page.text_centre(Font::HelveticaBold, 84.0, middle, 400.0, BLACK, "PATCH T");
    page.text_centre(
        Font::Helvetica,
        16.0,
        middle,
        445.0,
        BLACK,
        "Document separator",
    );
    page.text_centre(
        Font::Helvetica,
        10.5,
        middle,
        480.0,
        GRAY,
        "Place this sheet before the first page of each document. Do not write on it.",
    );
    page
}
