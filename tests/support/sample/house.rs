//! The client's look, shared by its papers: colours, letterhead, footer, tables, money.

use crate::support::pdf::{Font, GRAY, Page, Rgb, Style, WHITE};

pub const NAVY: Rgb = [0.09, 0.2, 0.33];
pub const TEAL: Rgb = [0.13, 0.52, 0.54];
pub const CORAL: Rgb = [0.86, 0.42, 0.31];
pub const SAND: Rgb = [0.95, 0.93, 0.88];
pub const MIST: Rgb = [0.91, 0.94, 0.96];
pub const INK: Rgb = [0.13, 0.14, 0.16];

pub const COMPANY: &str = "Harbour & Finch Ltd";
pub const ADDRESS: [&str; 2] = ["14 Quayside Row", "Port Alder PA4 2HF"];

/// The left and right edges of the text on an A4 page.
pub const LEFT: f64 = 71.0;
pub const RIGHT: f64 = 524.0;

pub const BODY: Style = Style {
    font: Font::Helvetica,
    size: 10.0,
    leading: 14.6,
    colour: INK,
};

/// A mark of three waves, `size` points wide.
pub fn mark(page: &mut Page, x: f64, y: f64, size: f64, colour: Rgb) {
    for row in 0..3 {
        let points: Vec<_> = (0..=32)
            .map(|i| {
                let t = f64::from(i) / 32.0;
                let swell = (t * std::f64::consts::TAU * 1.5).sin() * size * 0.07;
                (x + t * size, y + f64::from(row) * size * 0.24 + swell)
            })
            .collect();
        page.polyline(&points, size * 0.075, colour);
    }
}

/// The client's letterhead; leaves the page free from y = 150 on.
pub fn letterhead(page: &mut Page) {
    mark(page, LEFT, 58.0, 34.0, TEAL);
    page.text(Font::HelveticaBold, 17.0, LEFT + 46.0, 74.0, NAVY, COMPANY);
    for (i, line) in ADDRESS.iter().enumerate() {
        let y = 62.0 + 12.0 * i as f64;
        page.text_right(Font::Helvetica, 8.5, RIGHT, y, GRAY, line);
    }
    page.line((LEFT, 94.0), (RIGHT, 94.0), 0.8, TEAL);
}

/// A thin rule, a line of small print, and the page number.
pub fn footer(page: &mut Page, small_print: &str, number: usize, total: usize) {
    let (left, right) = (LEFT, page.width - LEFT);
    let y = page.height - 52.0;
    page.line((left, y), (right, y), 0.4, [0.75; 3]);
    page.text(Font::Helvetica, 7.5, left, y + 13.0, GRAY, small_print);
    let label = format!("Page {number} of {total}");
    page.text_right(Font::Helvetica, 7.5, right, y + 13.0, GRAY, &label);
}

/// A column of a table.
pub struct Column {
    pub title: &'static str,
    pub width: f64,
    pub right: bool,
}

pub const fn left(title: &'static str, width: f64) -> Column {
    Column {
        title,
        width,
        right: false,
    }
}

pub const fn right(title: &'static str, width: f64) -> Column {
    Column {
        title,
        width,
        right: true,
    }
}

/// Draws a table with a coloured head and striped rows; returns where it ends.
pub fn table(
    page: &mut Page,
    x: f64,
    y: f64,
    columns: &[Column],
    rows: &[Vec<String>],
    row_height: f64,
) -> f64 {
    let size = (row_height * 0.52).min(9.5);
    let width: f64 = columns.iter().map(|column| column.width).sum();
    page.fill_rect(x, y, width, row_height + 3.0, NAVY);
    let titles: Vec<String> = columns.iter().map(|c| c.title.to_owned()).collect();
    let base = row_height / 2.0 + size * 0.36;
    let head = Style::new(Font::HelveticaBold, size).coloured(WHITE);
    row(page, x, y + base + 1.5, columns, &titles, head);
    let mut y = y + row_height + 3.0;
    let body = Style::new(Font::Helvetica, size).coloured(INK);
    for (i, cells) in rows.iter().enumerate() {
        if i % 2 == 1 {
            page.fill_rect(x, y, width, row_height, MIST);
        }
        row(page, x, y + base, columns, cells, body);
        y += row_height;
    }
    page.line((x, y), (x + width, y), 0.8, NAVY);
    y
}

fn row(page: &mut Page, x: f64, y: f64, columns: &[Column], cells: &[String], style: Style) {
    const PADDING: f64 = 6.0;
    let mut at = x;
    for (column, cell) in columns.iter().zip(cells) {
        if column.right {
            let end = at + column.width - PADDING;
            page.text_right(style.font, style.size, end, y, style.colour, cell);
        } else {
            page.text(style.font, style.size, at + PADDING, y, style.colour, cell);
        }
        at += column.width;
    }
}

/// Pence as pounds: "1,234.50".
pub fn money(pence: i64) -> String {
    let sign = if pence < 0 { "–" } else { "" };
    let pence = pence.abs();
    let digits = (pence / 100).to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}.{:02}", pence % 100)
}

/// A signature drawn by a steady but fictional hand.
pub fn signature(page: &mut Page, x: f64, y: f64) {
    let points: Vec<_> = (0..=90)
        .map(|i| {
            let t = f64::from(i) / 90.0;
            let loops = (t * 31.0).sin() * 11.0 * (1.0 - t * 0.75);
            let drift = (t * 17.0).cos() * 4.0;
            (x + t * 118.0 + drift, y - 9.0 + loops)
        })
        .collect();
    page.polyline(&points, 1.1, [0.1, 0.17, 0.45]);
}
