//! Widths of the standard fonts, so that text wraps and amounts align without embedding a font.

/// The standard fonts that the fixtures use; none of them is embedded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Font {
    Helvetica,
    HelveticaBold,
    HelveticaOblique,
    Times,
    TimesBold,
    Courier,
}

impl Font {
    pub const ALL: [Font; 6] = [
        Font::Helvetica,
        Font::HelveticaBold,
        Font::HelveticaOblique,
        Font::Times,
        Font::TimesBold,
        Font::Courier,
    ];

    /// The font's name in a page's resources.
    pub fn key(self) -> &'static str {
        match self {
            Font::Helvetica => "F1",
            Font::HelveticaBold => "F2",
            Font::HelveticaOblique => "F3",
            Font::Times => "F4",
            Font::TimesBold => "F5",
            Font::Courier => "F6",
        }
    }

    /// The font's PostScript name.
    pub fn base_font(self) -> &'static str {
        match self {
            Font::Helvetica => "Helvetica",
            Font::HelveticaBold => "Helvetica-Bold",
            Font::HelveticaOblique => "Helvetica-Oblique",
            Font::Times => "Times-Roman",
            Font::TimesBold => "Times-Bold",
            Font::Courier => "Courier",
        }
    }

    /// The width of a line of text in points.
    pub fn width(self, text: &str, size: f64) -> f64 {
        let units: u32 = text.chars().map(|c| u32::from(self.advance(c))).sum();
        f64::from(units) * size / 1000.0
    }

    /// Breaks text at spaces so that no line is wider than `width` points.
    pub fn wrap(self, text: &str, size: f64, width: f64) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let longer = if line.is_empty() {
                word.to_owned()
            } else {
                format!("{line} {word}")
            };
            if line.is_empty() || self.width(&longer, size) <= width {
                line = longer;
            } else {
                lines.push(std::mem::replace(&mut line, word.to_owned()));
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    fn advance(self, c: char) -> u16 {
        let (ascii, other) = match self {
            Font::Helvetica | Font::HelveticaOblique => (&HELVETICA, other_helvetica(c)),
            Font::HelveticaBold => (&HELVETICA_BOLD, other_helvetica_bold(c)),
            Font::Times => (&TIMES, other_times(c)),
            Font::TimesBold => (&TIMES_BOLD, other_times(c)),
            Font::Courier => return 600,
        };
        match u32::from(c) {
            code @ 0x20..=0x7e => ascii[code as usize - 0x20],
            _ => other,
        }
    }
}

fn other_helvetica(c: char) -> u16 {
    match c {
        '‘' | '’' => 222,
        '“' | '”' => 333,
        '•' => 350,
        '—' => 1000,
        '·' => 278,
        '°' => 400,
        '×' => 584,
        '§' | '–' | '£' | '€' => 556,
        _ => 556,
    }
}

fn other_helvetica_bold(c: char) -> u16 {
    match c {
        '‘' | '’' => 278,
        '“' | '”' => 500,
        _ => other_helvetica(c),
    }
}

fn other_times(c: char) -> u16 {
    match c {
        '‘' | '’' => 333,
        '“' | '”' => 444,
        '•' => 350,
        '—' => 1000,
        '·' => 250,
        _ => 500,
    }
}

/// Advance widths of the characters 0x20 to 0x7E.
#[rustfmt::skip]
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

#[rustfmt::skip]
const HELVETICA_BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];

#[rustfmt::skip]
const TIMES: [u16; 95] = [
    250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278,
    500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444,
    921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722,
    556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500,
    333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500,
    500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
];

#[rustfmt::skip]
const TIMES_BOLD: [u16; 95] = [
    250, 333, 555, 500, 500, 1000, 833, 278, 333, 333, 500, 570, 250, 333, 250, 278,
    500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 333, 333, 570, 570, 570, 500,
    930, 722, 667, 722, 722, 667, 611, 778, 778, 389, 500, 778, 667, 944, 722, 778,
    611, 778, 722, 556, 667, 722, 722, 1000, 722, 722, 667, 333, 278, 333, 581, 500,
    333, 500, 556, 444, 556, 444, 333, 500, 556, 278, 333, 556, 278, 833, 556, 500,
    556, 556, 444, 389, 333, 556, 500, 722, 500, 500, 444, 394, 220, 394, 520,
];
