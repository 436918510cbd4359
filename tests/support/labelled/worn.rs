//! Sheets that are hard to tell empty from written on: dirt of all kinds on empty backs,
//! writing that is paler than ink, and little that is content all the same.

use super::{BODY, Scanned, Set, Truth, letter, of_scan, scanned, words};
use crate::support::pdf::{BLACK, Font, Page, Rgb, Style, arc};
use crate::support::prng::Prng;

/// Points of a millimetre.
const MM: f64 = 72.0 / 25.4;
const WIDTH: f64 = 595.28;
const HEIGHT: f64 = 841.89;

const LID: Rgb = [0.1; 3];
const SHADOW: Rgb = [0.3; 3];

pub(super) fn add(set: &mut Set) {
    empty_sheets(set);
    dividers(set);
    faint_sheets(set);
    coloured_sheets(set);
    soft_sheets(set);
    little(set);
}

/// How these are scanned: straight, at one of the usual resolutions, on usual paper.
fn plain(number: u64) -> Scanned {
    let mut how = Scanned::at([200.0, 300.0, 150.0][number as usize % 3], number + 7000);
    how.look.noise = [4, 7, 10][number as usize / 2 % 3];
    how.look.paper = [246, 238, 226][number as usize / 3 % 3];
    how.quality = [60, 85][number as usize % 2];
    how
}

type Draw = fn(&mut Page, u64);

fn empty_sheets(set: &mut Set) {
    let kinds: [(&'static str, Draw); 16] = [
        ("lid in the corners", lid_in_corners),
        ("lid around a small sheet", small_sheet),
        ("lid below a short sheet", short_sheet),
        ("holes as rings", |page, seed| holes(page, seed, ring)),
        ("holes as crescents", |page, seed| {
            holes(page, seed, crescent)
        }),
        ("torn holes", |page, seed| holes(page, seed, torn)),
        ("square holes", |page, seed| holes(page, seed, square)),
        ("long holes", |page, seed| holes(page, seed, long)),
        ("tractor edges", tractor_edges),
        ("binder edge", binder_edge),
        ("streaks of dust", streaks),
        ("broken streaks", broken_streaks),
        ("holes of a wider binder", |page, _| {
            for y in [57.0, 308.0, 534.0, 785.0] {
                crescent(page, (12.0 * MM, y));
            }
        }),
        ("staples", staples),
        ("where staples were", prongs),
        ("grains of dust", |page, seed| {
            let mut chance = Prng::new(seed + 61);
            for row in 0..10 {
                let (x, y) = (chance.between(40.0, 550.0), 40.0 + 78.0 * f64::from(row));
                page.disc((x, y), 0.45 * MM, [0.45; 3]);
            }
        }),
    ];
    for (kind, (what, draw)) in kinds.into_iter().enumerate() {
        for number in 0..3u64 {
            let how = plain(number + 3 * kind as u64);
            let truth = of_empty(&how, what);
            set.add(format!("worn-{kind}-{number}"), truth, move || {
                let mut page = Page::a4();
                draw(&mut page, number);
                scanned(page, &how, None)
            });
        }
    }
    let pale = [[1.0, 0.97, 0.75], [1.0, 0.88, 0.89], [0.84, 0.95, 0.82]];
    for (number, paper) in (0..).zip(pale) {
        let mut how = plain(number + 40);
        how.tint = Some(paper);
        let truth = of_empty(&how, "pale coloured paper");
        set.add(format!("worn-paper-{number}"), truth, move || {
            scanned(Page::a4(), &how, None)
        });
    }
    for number in 0..8u64 {
        let mut how = plain(number + 50);
        let what = match number % 4 {
            0 | 1 => {
                how.back = Some((number + 9100, 0.14 + 0.03 * number as f64));
                "strong show-through"
            }
            2 => {
                how.bilevel = true;
                how.specks = Some([1500, 400][number as usize / 4]);
                "specks in black and white"
            }
            _ => {
                how.look.paper = [176, 198][number as usize / 4];
                how.look.noise = [24, 36][number as usize / 4];
                "gray and noisy paper"
            }
        };
        let truth = of_empty(&how, what);
        set.add(format!("worn-back-{number}"), truth, move || {
            scanned(Page::a4(), &how, None)
        });
    }
}

fn of_empty(how: &Scanned, what: &'static str) -> Truth {
    Truth {
        blank: Some("yes"),
        needs_ocr: Some("no"),
        skew: None,
        colour: None,
        ..of_scan(how, what)
    }
}

fn lid_in_corners(page: &mut Page, seed: u64) {
    let mut chance = Prng::new(seed + 11);
    for (x, y) in [(0.0, 0.0), (WIDTH, 0.0), (0.0, HEIGHT), (WIDTH, HEIGHT)] {
        if chance.range(0, 4) == 0 {
            continue;
        }
        let (wide, high) = (
            chance.between(12.0, 34.0) * MM,
            chance.between(9.0, 40.0) * MM,
        );
        let into = |at: f64, by: f64| if at == 0.0 { by } else { at - by };
        page.polygon(&[(x, y), (into(x, wide), y), (x, into(y, high))], LID);
    }
}

fn small_sheet(page: &mut Page, seed: u64) {
    page.fill_rect(0.0, 0.0, WIDTH, HEIGHT, LID);
    let (wide, high) = [(148.0, 105.0), (105.0, 148.0), (80.0, 200.0)][seed as usize % 3];
    let x = [40.0, 0.0, 60.0][seed as usize % 3] * MM;
    page.fill_rect(x, 30.0 * MM, wide * MM, high * MM, [1.0; 3]);
}

fn short_sheet(page: &mut Page, seed: u64) {
    let high = [50.0, 90.0, 140.0][seed as usize % 3] * MM;
    page.fill_rect(
        0.0,
        HEIGHT - high,
        WIDTH,
        high,
        [LID, [0.25; 3], [0.05; 3]][seed as usize % 3],
    );
}

fn holes(page: &mut Page, seed: u64, draw: fn(&mut Page, (f64, f64))) {
    let middle = HEIGHT / 2.0;
    let apart: &[f64] = [
        &[-40.0, 40.0][..],
        &[-108.0, 0.0, 108.0],
        &[-120.0, -40.0, 40.0, 120.0],
    ][seed as usize % 3];
    for offset in apart {
        draw(page, (12.0 * MM, middle + offset * MM));
    }
}

fn ring(page: &mut Page, centre: (f64, f64)) {
    page.circle(centre, 3.0 * MM, 1.2, SHADOW);
}

fn crescent(page: &mut Page, centre: (f64, f64)) {
    page.polyline(&arc(centre, 2.8 * MM, 20.0, 170.0), 2.2, SHADOW);
}

fn torn(page: &mut Page, centre: (f64, f64)) {
    page.disc(centre, 3.0 * MM, SHADOW);
    let (x, y) = centre;
    page.polygon(
        &[(0.0, y - 4.0), (x, y - 5.0), (x, y + 5.0), (0.0, y + 7.0)],
        SHADOW,
    );
}

fn square(page: &mut Page, (x, y): (f64, f64)) {
    page.fill_rect(x - 2.5 * MM, y - 2.5 * MM, 5.0 * MM, 5.0 * MM, SHADOW);
}

fn long(page: &mut Page, (x, y): (f64, f64)) {
    page.fill_rect(x - 4.0 * MM, y - 2.5 * MM, 8.0 * MM, 5.0 * MM, SHADOW);
}

fn staples(page: &mut Page, seed: u64) {
    for number in 0..=seed % 2 {
        let (x, y) = (8.0 + 3.0 * number as f64, 9.0 + 5.0 * number as f64);
        let (along, down) = [(6.0, 4.0), (9.0, 0.5), (1.0, 8.0)][seed as usize % 3];
        let end = ((x + along) * MM, (y + down) * MM);
        page.line((x * MM, y * MM), end, 0.8, [0.5; 3]);
    }
}

/// The holes that a staple leaves, and what is torn around them.
fn prongs(page: &mut Page, seed: u64) {
    let (x, y) = (8.0 + seed as f64, 10.0);
    let (along, down) = [(11.0, 0.0), (8.0, 7.0), (0.5, 10.0)][seed as usize % 3];
    for centre in [(x, y), (x + along, y + down)] {
        page.disc((centre.0 * MM, centre.1 * MM), 0.5 * MM, [0.35; 3]);
    }
}

fn tractor_edges(page: &mut Page, _: u64) {
    let mut y = 6.0 * MM;
    while y < HEIGHT {
        for x in [6.0 * MM, WIDTH - 6.0 * MM] {
            page.disc((x, y), 2.0 * MM, SHADOW);
        }
        y += 12.7 * MM;
    }
}

fn binder_edge(page: &mut Page, seed: u64) {
    let (apart, side) = [(8.47, 4.0), (12.7, 5.0), (6.35, 3.2)][seed as usize % 3];
    let mut y = 12.0 * MM;
    while y < HEIGHT - 10.0 * MM {
        page.fill_rect(5.0 * MM, y, side * MM, side * MM, SHADOW);
        y += apart * MM;
    }
}

fn streaks(page: &mut Page, seed: u64) {
    let mut chance = Prng::new(seed + 21);
    for _ in 0..=seed {
        let (x, wide) = (chance.between(60.0, 540.0), chance.between(0.5, 1.9));
        let (from, to) = (chance.between(0.0, 150.0), chance.between(500.0, HEIGHT));
        page.line((x, from), (x, to), wide, [chance.between(0.2, 0.7); 3]);
    }
}

fn broken_streaks(page: &mut Page, seed: u64) {
    let mut chance = Prng::new(seed + 31);
    let x = chance.between(90.0, 500.0);
    let mut y = chance.between(0.0, 30.0);
    while y < HEIGHT {
        let long = chance.between(25.0, 110.0);
        page.line((x, y), (x, y + long), 1.2, [0.45; 3]);
        y += long + chance.between(6.0, 30.0);
    }
}

fn of_divider(how: &Scanned, what: &'static str) -> Truth {
    Truth {
        blank: None,
        divider: true,
        needs_ocr: Some("no"),
        skew: None,
        colour: None,
        ..of_scan(how, what)
    }
}

fn dividers(set: &mut Set) {
    let colours = [
        [0.05, 0.05, 0.06],
        [0.85, 0.12, 0.15],
        [0.1, 0.25, 0.8],
        [0.15, 0.55, 0.2],
        [0.95, 0.8, 0.1],
    ];
    for (number, colour) in (0..).zip(colours) {
        let mut how = plain(number + 80);
        how.tint = Some(colour);
        let truth = of_divider(&how, "solid sheet");
        set.add(format!("divider-{number}"), truth, move || {
            scanned(Page::a4(), &how, None)
        });
        let mut how = plain(number + 85);
        how.tint = Some(colour);
        let truth = of_divider(&how, "solid sheet with holes");
        set.add(format!("divider-holes-{number}"), truth, move || {
            let mut page = Page::a4();
            holes(&mut page, 0, |page, centre| {
                page.disc(centre, 3.0 * MM, LID)
            });
            scanned(page, &how, None)
        });
        let mut how = plain(number + 90);
        how.tint = Some(colour);
        how.look.black = 10;
        let truth = Truth {
            skew: None,
            colour: None,
            ..of_scan(&how, "coloured sheet with a word on it")
        };
        // On black nobody reads black.
        if number > 0 {
            set.add(format!("coloured-{number}"), truth, move || {
                let mut page = Page::a4();
                page.text(Font::HelveticaBold, 26.0, 180.0, 400.0, BLACK, "Annex 4");
                scanned(page, &how, None)
            });
        }
    }
    for number in 0..5u64 {
        let mut how = plain(number + 95);
        how.tint = Some([0.36, 0.34, 0.33]);
        let truth = Truth {
            skew: None,
            colour: None,
            ..of_scan(&how, "dark sheet with writing that is hardly darker")
        };
        let level = 0.1 + 0.1 * number as f64;
        set.add(format!("dark-{number}"), truth, move || {
            let mut page = Page::a4();
            pencil(&mut page, number, [level; 3]);
            scanned(page, &how, None)
        });
    }
}

fn of_faint(how: &Scanned, what: &'static str) -> Truth {
    Truth {
        blank: Some("faint"),
        needs_ocr: Some("yes"),
        skew: None,
        colour: None,
        ..of_scan(how, what)
    }
}

fn faint_sheets(set: &mut Set) {
    for number in 0..12u64 {
        let mut how = plain(number + 120);
        how.quality = 85;
        how.look.noise = 4;
        let contrast = [0.15, 0.18, 0.22, 0.26][number as usize / 3];
        let level = [1.0 - contrast; 3];
        let what = ["pencil", "thermal paper", "worn ribbon"][number as usize % 3];
        set.add(format!("faint-{number}"), of_faint(&how, what), move || {
            let mut page = Page::a4();
            match number % 3 {
                0 => pencil(&mut page, number, level),
                1 => {
                    let style = Style {
                        colour: level,
                        ..BODY
                    };
                    let text = words(number as usize % 6, number + 3300, 14);
                    page.paragraph(style, 72.0, 120.0, 450.0, &text);
                }
                _ => {
                    let style = Style {
                        font: Font::Courier,
                        size: 12.0,
                        leading: 17.0,
                        colour: level,
                    };
                    let text = words(0, number + 3400, 5);
                    page.paragraph(style, 72.0, 220.0, 450.0, &text);
                }
            }
            scanned(page, &how, None)
        });
    }
    for (number, pen) in (0..).zip([[1.0, 0.95, 0.2], [1.0, 0.7, 0.8], [0.7, 0.95, 0.7]]) {
        let mut how = plain(number + 140);
        how.pen = Some(pen);
        let truth = of_faint(&how, "written with a marker");
        set.add(format!("marker-{number}"), truth, move || {
            let mut page = Page::a4();
            page.text(Font::HelveticaBold, 30.0, 90.0, 300.0, BLACK, "To be paid");
            page.text(Font::HelveticaBold, 30.0, 90.0, 350.0, BLACK, "by Friday");
            scanned(page, &how, None)
        });
    }
}

/// Pale in brightness, and of another colour than their paper.
fn coloured_sheets(set: &mut Set) {
    let inks = [
        ("carbon copy", [1.0, 0.96, 0.8], [0.2, 0.1, 0.95]),
        ("carbon copy", [1.0, 0.9, 0.9], [0.1, 0.25, 0.9]),
        ("pink crayon", [1.0; 3], [0.95, 0.1, 0.3]),
        ("lilac crayon", [1.0, 0.98, 0.95], [0.5, 0.1, 0.95]),
    ];
    for (number, (what, paper, pen)) in (0..).zip(inks) {
        let mut how = plain(number + 150);
        how.tint = Some(paper);
        how.pen = Some(pen);
        set.add(
            format!("faint-colour-{number}"),
            of_faint(&how, what),
            move || {
                let mut page = Page::a4();
                if number < 2 {
                    let style = Style {
                        font: Font::Courier,
                        size: 11.0,
                        leading: 16.0,
                        colour: [0.72; 3],
                    };
                    page.paragraph(style, 72.0, 120.0, 450.0, &words(0, number + 3450, 8));
                } else {
                    for (line, text) in (0..).zip(["Happy birthday", "from Lena"]) {
                        let y = 200.0 + 80.0 * f64::from(line);
                        page.text(Font::HelveticaBold, 40.0, 80.0, y, [0.82; 3], text);
                    }
                }
                scanned(page, &how, None)
            },
        );
    }
}

/// Pale, and without sharp edges or lost in what is: what tells them is where they stand.
fn soft_sheets(set: &mut Set) {
    let kinds: [(&'static str, Draw); 4] = [
        ("carbon copy in gray", |page, seed| {
            let style = Style {
                font: Font::Courier,
                size: 12.0,
                leading: [14.0, 18.0, 24.0][seed as usize % 3],
                colour: [[0.76; 3], [0.68; 3], [0.72; 3]][seed as usize % 3],
            };
            page.paragraph(style, 72.0, 150.0, 430.0, &words(0, seed + 3700, 7));
        }),
        ("washed-out photograph", |page, seed| {
            let (left, top, wide, high) = [
                (20.0, 20.0, 170.0, 250.0),
                (60.0, 80.0, 90.0, 60.0),
                (0.0, 0.0, 210.0, 297.0),
            ][seed as usize % 3];
            washed_out(page, seed, (left * MM, top * MM, wide * MM, high * MM));
        }),
        ("a title on a pale tab", |page, seed| {
            let x = 90.0 + 130.0 * seed as f64;
            let (tab, ink) = [(0.72, 0.3), (0.6, 0.1), (0.45, 1.0)][seed as usize % 3];
            page.fill_rect(x, 0.0, 80.0, 27.0, [tab; 3]);
            page.text(Font::Helvetica, 13.0, x + 12.0, 18.0, [ink; 3], "Annexes");
        }),
        ("pencil on pale graph paper", |page, seed| {
            let rule = [[0.78; 3], [0.7; 3], [0.74; 3]][seed as usize % 3];
            for at in 0..60 {
                let at = 5.0 * MM * f64::from(at);
                page.line((0.0, at), (WIDTH, at), 0.6, rule);
                page.line((at, 0.0), (at, HEIGHT), 0.6, rule);
            }
            pencil(page, seed, [0.8; 3]);
        }),
    ];
    for (kind, (what, draw)) in kinds.into_iter().enumerate() {
        for number in 0..3u64 {
            let mut how = plain(number + 200 + 3 * kind as u64);
            how.quality = 85;
            how.look.noise = 4;
            how.soft = kind < 2;
            // Recognition finds no text in a photograph, and is tried.
            let truth = of_faint(&how, what);
            set.add(format!("soft-{kind}-{number}"), truth, move || {
                let mut page = Page::a4();
                draw(&mut page, number);
                scanned(page, &how, None)
            });
        }
    }
    for number in 0..3u64 {
        let how = plain(number + 220);
        let truth = Truth {
            blank: Some("almost"),
            needs_ocr: None,
            skew: None,
            colour: None,
            ..of_scan(&how, "a pale page number")
        };
        set.add(format!("soft-number-{number}"), truth, move || {
            let mut page = Page::a4();
            let y = [36.0, 806.0][number as usize % 2];
            page.text(Font::Courier, 10.0, 280.0, y, [0.72; 3], "Page 12");
            scanned(page, &how, None)
        });
    }
}

/// Hills and valleys that are all nearly as bright as paper.
fn washed_out(page: &mut Page, seed: u64, (left, top, wide, high): (f64, f64, f64, f64)) {
    const CELL: f64 = 1.5 * MM;
    let phase = seed as f64;
    for row in 0..(high / CELL) as u32 {
        for column in 0..(wide / CELL) as u32 {
            let (x, y) = (f64::from(column) * CELL, f64::from(row) * CELL);
            let hill = (x / 31.0 + phase).sin() * (y / 37.0).cos();
            let slope = (x / 90.0 + y / 70.0 + phase).sin();
            let level = 0.87 + 0.06 * hill + 0.03 * slope;
            // Each covers the seam to the next.
            page.fill_rect(left + x, top + y, 1.4 * CELL, 1.4 * CELL, [level; 3]);
        }
    }
}

/// Curved strokes, as of a hand.
fn pencil(page: &mut Page, seed: u64, colour: Rgb) {
    let mut chance = Prng::new(seed + 41);
    for line in 0..3 {
        let y = 260.0 + 34.0 * f64::from(line);
        for word in 0..4 {
            let x = 100.0 + 80.0 * f64::from(word);
            let mut points = Vec::new();
            for step in 0..16 {
                points.push((x + 3.6 * f64::from(step), y + chance.between(-7.0, 7.0)));
            }
            page.polyline(&points, 1.0, colour);
        }
    }
}

/// Little, and content all the same.
fn little(set: &mut Set) {
    let kinds: [(&'static str, Draw); 10] = [
        ("consent at the foot", |page, seed| {
            let text = "I agree to the terms above.";
            page.text(
                Font::HelveticaOblique,
                10.0,
                80.0,
                790.0,
                [0.1, 0.15, 0.5],
                text,
            );
            let mut chance = Prng::new(seed + 51);
            let points: Vec<(f64, f64)> = (0..26)
                .map(|step| {
                    (
                        340.0 + 5.0 * f64::from(step),
                        800.0 + chance.between(-16.0, 14.0),
                    )
                })
                .collect();
            page.polyline(&points, 1.2, BLACK);
        }),
        ("stamp at the head", |page, _| {
            page.stroke_rect(400.0, 24.0, 150.0, 28.0, 1.5, BLACK);
            page.text(
                Font::HelveticaBold,
                10.0,
                408.0,
                42.0,
                BLACK,
                "RECEIVED 3 JUNE 2025",
            );
        }),
        ("small sheet with words", |page, seed| {
            small_sheet(page, seed);
            let x = [40.0, 0.0, 60.0][seed as usize % 3] * MM;
            page.paragraph(BODY, x + 30.0, 140.0, 180.0, &words(0, seed + 3500, 3));
        }),
        ("two letters at the edge", |page, _| {
            page.text(Font::HelveticaBold, 20.0, 24.0, 300.0, BLACK, "A");
            page.text(Font::HelveticaBold, 20.0, 24.0, 400.0, BLACK, "B");
        }),
        ("words in a dark bar", |page, _| {
            page.fill_rect(0.0, 90.0, WIDTH, 60.0, [0.1; 3]);
            let title = "Minutes of the yearly meeting of the members";
            page.text(Font::HelveticaBold, 20.0, 60.0, 128.0, [1.0; 3], title);
        }),
        ("a letter beside holes and streaks", |page, seed| {
            *page = letter(0, seed + 3600);
            holes(page, seed, ring);
            broken_streaks(page, seed);
        }),
        ("a sentence at the edge", |page, seed| {
            let text = [
                "I have read the conditions that are printed overleaf and agree to them.",
                "All deliveries are made on the terms that stand on the back of this sheet.",
                "Objections can be raised within four weeks of the day of this notice only.",
            ][seed as usize % 3];
            let y = [42.0, 800.0][seed as usize % 2];
            page.text(Font::Helvetica, 9.0, 72.0, y, BLACK, text);
        }),
        ("a tick", |page, seed| {
            let (x, y) = (300.0 + 40.0 * seed as f64, 420.0);
            page.polyline(
                &[(x, y), (x + 9.0, y + 14.0), (x + 26.0, y - 18.0)],
                1.6,
                BLACK,
            );
        }),
        ("two ticks as far apart as holes", |page, seed| {
            let apart = [80.0, 69.9, 108.0][seed as usize % 3] * MM;
            for y in [300.0, 300.0 + apart] {
                let strokes = [(22.0, y), (28.0, y + 9.0), (40.0, y - 9.0)];
                page.polyline(&strokes, 1.6, BLACK);
            }
        }),
        ("a number on a round label", |page, seed| {
            let centre = (36.0, 200.0 + 150.0 * seed as f64);
            page.disc(centre, 4.0 * MM, LID);
            let (x, y) = (centre.0 - 4.5, centre.1 + 6.0);
            page.text(Font::HelveticaBold, 16.0, x, y, [1.0; 3], "4");
        }),
    ];
    for (kind, (what, draw)) in kinds.into_iter().enumerate() {
        for number in 0..3u64 {
            let how = plain(number + 160 + 3 * kind as u64);
            let truth = Truth {
                blank: Some("no"),
                needs_ocr: None,
                skew: None,
                colour: None,
                ..of_scan(&how, what)
            };
            set.add(format!("little-{kind}-{number}"), truth, move || {
                let mut page = Page::a4();
                draw(&mut page, number);
                scanned(page, &how, None)
            });
        }
    }
}
