//! The site plan: one large drawing with hardly any text.

use super::house::{CORAL, TEAL};
use crate::support::pdf::{BLACK, Font, Page, PdfBuilder, Rgb, arc};

const WALL: Rgb = [0.15, 0.16, 0.2];
const THIN: Rgb = [0.55, 0.58, 0.62];

/// One A3 page, landscape.
pub fn warehouse() -> Vec<u8> {
    let mut page = Page::new(1190.55, 841.89);
    page.stroke_rect(28.0, 28.0, 1134.0, 786.0, 1.4, BLACK);
    contours(&mut page);
    grid(&mut page);
    building(&mut page);
    yard(&mut page);
    compass(&mut page);
    title_block(&mut page);
    let mut pdf = PdfBuilder::new("Site plan");
    pdf.add(page);
    pdf.finish()
}

fn grid(page: &mut Page) {
    for i in 0..8 {
        let x = 150.0 + 110.0 * f64::from(i);
        page.line((x, 70.0), (x, 660.0), 0.35, THIN);
        page.circle((x, 58.0), 10.0, 0.7, THIN);
    }
    for i in 0..5 {
        let y = 120.0 + 120.0 * f64::from(i);
        page.line((90.0, y), (1000.0, y), 0.35, THIN);
        page.circle((78.0, y), 10.0, 0.7, THIN);
    }
}

fn contours(page: &mut Page) {
    for i in 0..9 {
        let shift = f64::from(i) * 13.0;
        let line: Vec<_> = (0..=60)
            .map(|s| {
                let t = f64::from(s) / 60.0;
                let wave = (t * 5.0 + shift * 0.02).sin() * 24.0 + (t * 11.0).sin() * 7.0;
                (
                    30.0 + t * 1130.0,
                    690.0 + shift * 0.75 - wave * (1.0 - t * 0.4),
                )
            })
            .filter(|(_, y)| *y < 810.0)
            .collect();
        page.polyline(&line, 0.6, [0.55, 0.72, 0.8]);
    }
}

fn building(page: &mut Page) {
    let rooms = [
        (150.0, 120.0, 330.0, 240.0),
        (480.0, 120.0, 220.0, 120.0),
        (480.0, 240.0, 110.0, 120.0),
        (590.0, 240.0, 110.0, 120.0),
        (150.0, 360.0, 220.0, 120.0),
        (370.0, 360.0, 330.0, 120.0),
    ];
    for (x, y, width, height) in rooms {
        page.fill_rect(x, y, width, height, [0.985, 0.98, 0.965]);
        page.stroke_rect(x, y, width, height, 4.0, WALL);
    }
    for (x, y, turn) in [
        (300.0, 360.0, 0.0),
        (480.0, 300.0, 90.0),
        (560.0, 240.0, 180.0),
        (370.0, 430.0, 270.0),
        (640.0, 360.0, 0.0),
        (700.0, 180.0, 90.0),
    ] {
        door(page, x, y, turn);
    }
    // Benches in the workshop and racks in the store.
    for i in 0..4 {
        let y = 150.0 + 48.0 * f64::from(i);
        page.fill_rect(190.0, y, 120.0, 22.0, [0.86, 0.9, 0.9]);
        page.stroke_rect(190.0, y, 120.0, 22.0, 0.8, TEAL);
        page.stroke_rect(345.0, y, 60.0, 22.0, 0.8, TEAL);
    }
    for i in 0..6 {
        let x = 395.0 + 48.0 * f64::from(i);
        page.stroke_rect(x, 392.0, 24.0, 66.0, 0.8, THIN);
        page.line((x, 392.0), (x + 24.0, 458.0), 0.5, THIN);
        page.line((x + 24.0, 392.0), (x, 458.0), 0.5, THIN);
    }
}

fn door(page: &mut Page, x: f64, y: f64, turn: f64) {
    let swing = arc((x, y), 30.0, turn, turn + 90.0);
    page.polyline(&swing, 0.7, CORAL);
    page.line((x, y), swing[0], 1.6, CORAL);
}

fn yard(page: &mut Page) {
    let outline = [
        (730.0, 120.0),
        (1000.0, 120.0),
        (1040.0, 380.0),
        (960.0, 600.0),
        (150.0, 600.0),
        (150.0, 510.0),
        (730.0, 510.0),
        (730.0, 120.0),
    ];
    page.polyline(&outline, 1.2, WALL);
    for i in 0..7 {
        let x = 770.0 + 32.0 * f64::from(i);
        page.stroke_rect(x, 150.0, 32.0, 66.0, 0.8, THIN);
    }
    for (x, y, radius) in [
        (800.0, 430.0, 26.0),
        (870.0, 470.0, 34.0),
        (930.0, 400.0, 22.0),
        (260.0, 556.0, 20.0),
        (330.0, 560.0, 16.0),
        (640.0, 558.0, 22.0),
    ] {
        page.disc((x, y), radius, [0.82, 0.9, 0.8]);
        page.circle((x, y), radius, 0.8, [0.35, 0.55, 0.35]);
        page.circle((x, y), radius * 0.25, 0.8, [0.35, 0.55, 0.35]);
    }
}

fn compass(page: &mut Page) {
    let (x, y) = (1092.0, 108.0);
    page.circle((x, y), 36.0, 0.9, WALL);
    page.polygon(&[(x, y - 46.0), (x - 10.0, y), (x, y - 8.0)], WALL);
    page.polygon(&[(x, y - 46.0), (x + 10.0, y), (x, y - 8.0)], THIN);
    page.text_centre(Font::HelveticaBold, 12.0, x, y + 26.0, WALL, "N");
}

fn title_block(page: &mut Page) {
    page.fill_rect(962.0, 714.0, 200.0, 100.0, [1.0; 3]);
    page.stroke_rect(962.0, 714.0, 200.0, 100.0, 1.4, BLACK);
    page.line((962.0, 776.0), (1162.0, 776.0), 0.8, BLACK);
    page.text(Font::HelveticaBold, 14.0, 974.0, 740.0, WALL, "Unit 6");
    page.text(Font::Helvetica, 10.0, 974.0, 758.0, WALL, "Site plan");
    page.text(Font::Helvetica, 9.0, 974.0, 799.0, WALL, "1:200");
    for i in 0..4 {
        let x = 1040.0 + 24.0 * f64::from(i);
        let colour = if i % 2 == 0 { WALL } else { [1.0; 3] };
        page.fill_rect(x, 792.0, 24.0, 6.0, colour);
    }
    page.stroke_rect(1040.0, 792.0, 96.0, 6.0, 0.6, WALL);
}
