//! The scanned part of the batch: a tray of post, a stack with separator sheets, and minutes
//! with a text layer.

use super::house::{self, BODY, Column, INK, LEFT, RIGHT, left, money, right};
use crate::support::barcode;
use crate::support::pdf::{BLACK, Font, GRAY, Page, PdfBuilder, Style};
use crate::support::scan::{self, Look};

const DPI: f32 = 150.0;
const QUALITY: u8 = 55;

const NOTE: [Column; 4] = [
    left("Item", 90.0),
    left("Description", 213.0),
    right("Ordered", 75.0),
    right("Delivered", 75.0),
];

const TYPED: Style = Style {
    font: Font::Courier,
    size: 10.5,
    leading: 15.0,
    colour: BLACK,
};

/// Nine pages of post: letters, delivery notes, a receipt, a blank back, a lonely page number.
pub fn post_tray() -> Vec<u8> {
    let pages = vec![
        letter(
            "Hobb Timber Ltd",
            "Saw Mill Road, Wexcombe",
            &[
                "Thank you for your order of 3 March. The seasoned oak is in stock and will leave our \
             yard on Thursday. The ash that you asked for is still drying; we expect it to be \
             ready in the second week of April and will hold eight boards for you.",
                "Please note that prices for teak rise by six per cent on 1 May. Orders that reach us \
             before that date are charged at the present price.",
            ],
        ),
        delivery_note("Hobb Timber Ltd", "DN 20418", 0),
        delivery_note("Meridian Canvas", "Delivery note 771", 4),
        Page::a4(),
        letter(
            "Brightwell Brass",
            "The Old Foundry, Sandling",
            &[
                "We enclose our statement of account to the end of February. According to our books \
             the sum of £369.75 is open for the lamps that we delivered on 22 January.",
                "If your payment has crossed with this letter please accept our thanks and disregard \
             the reminder.",
            ],
        ),
        receipt(),
        number_only("7"),
        delivery_note("Brightwell Brass", "Note 5530", 2),
        letter(
            "Alder Wharf Estates Ltd",
            "The Custom House, Port Alder",
            &[
                "We confirm that the keys of Unit 6 can be collected from our office on 1 April from \
             nine in the morning. Please bring the signed inventory and proof of insurance.",
                "The electricity meter will be read on the same day in the presence of both parties.",
            ],
        ),
    ];
    let skews = [1.4, -2.1, 1.0, 0.0, -1.6, 2.8, 0.6, -1.2, 1.9];
    scanned("Scan 0107", pages, |i| Look {
        skew_degrees: skews[i],
        stains: [3, 1, 0, 2, 4, 2, 1, 0, 2][i],
        punch_holes: i != 5,
        paper: if i == 5 { 226 } else { 240 },
        seed: 107 + i as u64,
        ..Look::default()
    })
}

/// Three documents of 2, 3 and 1 pages, each behind a separator sheet.
pub fn separated() -> Vec<u8> {
    let mut claim = letter_to(
        &[
            "Beacon Mutual Insurance",
            "Claims department",
            "Northcombe NC2 4BM",
        ],
        "Dear Sir or Madam,",
        "Harbour & Finch Ltd",
        "14 Quayside Row, Port Alder",
        &[
            "Claim 25-118: damage to our van on 6 March 2025. The van was parked in the yard when \
             a stack of pallets fell over in high wind. The near side door and the mirror were \
             damaged; nobody was hurt.",
            "We enclose the estimate of the repair shop and ask you to settle it with them.",
        ],
    );
    claim.text_centre(Font::Helvetica, 9.0, 297.6, 800.0, BLACK, "Page 1");
    let pages = vec![
        barcode::separator_sheet(),
        claim,
        estimate(),
        barcode::separator_sheet(),
        delivery_note("Alder Builders’ Store", "Note 0613", 1),
        delivery_note("Alder Builders’ Store", "Note 0614", 3),
        delivery_note("Alder Builders’ Store", "Note 0615", 5),
        barcode::separator_sheet(),
        receipt(),
    ];
    scanned("Scan 0108", pages, |i| Look {
        skew_degrees: [0.4, 1.1, -0.9, -0.5, 1.5, -1.3, 0.8, 0.3, -2.2][i],
        stains: usize::from(i % 4 == 1),
        seed: 208 + i as u64,
        ..Look::default()
    })
}

/// Two pages of minutes on warm paper, under the text that recognition found.
pub fn minutes() -> Vec<u8> {
    let mut source = PdfBuilder::new("Minutes");
    let mut layers = Vec::new();
    for number in 1..=2 {
        let mut clean = Page::a4();
        let mut layer = Page::a4();
        for (font, size, y, line) in minutes_lines(number) {
            clean.text(font, size, LEFT, y, BLACK, &line);
            layer.invisible_text(font, size, LEFT, y, &line);
        }
        source.add(clean);
        layers.push(layer);
    }
    let source = source.finish();
    let mut pdf = PdfBuilder::new("Scan with text layer");
    for (i, layer) in layers.into_iter().enumerate() {
        let look = Look {
            skew_degrees: [0.3, -0.2][i],
            paper: 245,
            noise: 3,
            seed: 309 + i as u64,
            ..Look::default()
        };
        let picture = scan::age(&scan::render(&source, i, DPI), &look);
        let warm = [1.0, 0.985, 0.93];
        scan::add_tinted_page(
            &mut pdf,
            &picture,
            f64::from(DPI),
            QUALITY,
            warm,
            Some(layer),
        );
    }
    pdf.finish()
}

fn scanned(title: &str, pages: Vec<Page>, look: impl Fn(usize) -> Look) -> Vec<u8> {
    let count = pages.len();
    let mut source = PdfBuilder::new(title);
    for page in pages {
        source.add(page);
    }
    let source = source.finish();
    let mut pdf = PdfBuilder::new(title);
    for i in 0..count {
        let picture = scan::age(&scan::render(&source, i, DPI), &look(i));
        scan::add_page(&mut pdf, &picture, f64::from(DPI), QUALITY, None);
    }
    pdf.finish()
}

fn letter(sender: &str, address: &str, paragraphs: &[&str]) -> Page {
    let recipient = ["Harbour & Finch Ltd", house::ADDRESS[0], house::ADDRESS[1]];
    letter_to(&recipient, "Dear Ms Finch,", sender, address, paragraphs)
}

fn letter_to(
    recipient: &[&str],
    greeting: &str,
    sender: &str,
    address: &str,
    paragraphs: &[&str],
) -> Page {
    let mut page = Page::a4();
    page.text(Font::TimesBold, 18.0, LEFT, 84.0, BLACK, sender);
    page.text(Font::Times, 10.5, LEFT, 101.0, BLACK, address);
    page.line((LEFT, 112.0), (RIGHT, 112.0), 0.8, BLACK);
    page.text_right(TYPED.font, TYPED.size, RIGHT, 150.0, BLACK, "20 March 2025");
    for (i, line) in recipient.iter().enumerate() {
        page.text(
            TYPED.font,
            TYPED.size,
            LEFT,
            150.0 + 15.0 * i as f64,
            BLACK,
            line,
        );
    }
    page.text(TYPED.font, TYPED.size, LEFT, 232.0, BLACK, greeting);
    let mut y = 260.0;
    for text in paragraphs {
        y = page.paragraph(TYPED, LEFT, y, RIGHT - LEFT, text) + 12.0;
    }
    page.text(
        TYPED.font,
        TYPED.size,
        LEFT,
        y + 10.0,
        BLACK,
        "Yours sincerely,",
    );
    house::signature(&mut page, LEFT + 4.0, y + 56.0);
    page
}

fn delivery_note(sender: &str, label: &str, first: usize) -> Page {
    const GOODS: [&str; 9] = [
        "Oak board, 2.4 m, planed",
        "Ash board, 2.0 m, rough",
        "Canvas, natural, 20 m roll",
        "Brass hinge, 60 mm, pair",
        "Wood screws, 5 x 60, box",
        "Webbing, jute, 50 m",
        "Varnish, satin, 5 l",
        "Sandpaper, assorted",
        "Rope, hemp, 12 mm, 100 m",
    ];
    let mut page = Page::a4();
    page.text(Font::HelveticaBold, 16.0, LEFT, 84.0, INK, sender);
    page.text_right(Font::HelveticaBold, 13.0, RIGHT, 84.0, INK, label);
    page.line((LEFT, 96.0), (RIGHT, 96.0), 1.2, INK);
    page.text(
        Font::Helvetica,
        10.0,
        LEFT,
        124.0,
        INK,
        "Delivered to Harbour & Finch Ltd, 14 Quayside Row, Port Alder",
    );
    page.text(
        Font::Helvetica,
        10.0,
        LEFT,
        140.0,
        INK,
        "by van on 19 March 2025",
    );
    let rows: Vec<_> = (0..7 + first % 3)
        .map(|i| {
            let good = (first + i * 2) % GOODS.len();
            let ordered = 2 + (first * 5 + i * 3) % 14;
            let delivered = if i == 3 { ordered - 1 } else { ordered };
            vec![
                format!("{}-{:03}", 40 + good, 117 + good * 31),
                GOODS[good].to_owned(),
                ordered.to_string(),
                delivered.to_string(),
            ]
        })
        .collect();
    let y = house::table(&mut page, LEFT, 168.0, &NOTE, &rows, 24.0);
    let remark = "One item is short and follows with the next delivery. Goods were received in \
                  good order and counted in the presence of the driver.";
    page.paragraph(BODY, LEFT, y + 32.0, RIGHT - LEFT, remark);
    house::signature(&mut page, LEFT + 4.0, y + 118.0);
    page.line((LEFT, y + 130.0), (LEFT + 190.0, y + 130.0), 0.6, INK);
    page.text(Font::Helvetica, 8.5, LEFT, y + 143.0, GRAY, "Received by");
    page
}

/// A till receipt, laid on the glass as it was.
fn receipt() -> Page {
    let mut page = Page::a4();
    let (x, end) = (200.0, 395.0);
    page.stroke_rect(x - 22.0, 96.0, end - x + 44.0, 470.0, 0.7, [0.6; 3]);
    let middle = (x + end) / 2.0;
    page.text_centre(
        Font::HelveticaBold,
        15.0,
        middle,
        136.0,
        BLACK,
        "Cole’s Ironmongers",
    );
    page.text_centre(
        Font::Courier,
        9.0,
        middle,
        154.0,
        BLACK,
        "31 Market Street, Port Alder",
    );
    page.text_centre(
        Font::Courier,
        9.0,
        middle,
        170.0,
        BLACK,
        "17 Mar 2025  10:42  till 2",
    );
    let items = [
        ("Coach bolts M8", 1_280),
        ("Wood glue 1 l", 1_145),
        ("Masking tape x6", 990),
        ("Paint brush set", 1_575),
        ("Padlock brass", 1_840),
        ("Bin liners", 425),
    ];
    let mut y = 212.0;
    for (name, pence) in items {
        page.text(Font::Courier, 10.0, x, y, BLACK, name);
        page.text_right(Font::Courier, 10.0, end, y, BLACK, &money(pence));
        y += 22.0;
    }
    let total: i64 = items.iter().map(|item| item.1).sum();
    page.line((x, y - 6.0), (end, y - 6.0), 0.8, BLACK);
    page.text(Font::HelveticaBold, 13.0, x, y + 16.0, BLACK, "TOTAL £");
    page.text_right(
        Font::HelveticaBold,
        13.0,
        end,
        y + 16.0,
        BLACK,
        &money(total),
    );
    page.text(
        Font::Courier,
        9.0,
        x,
        y + 44.0,
        BLACK,
        "Card, approved 004417",
    );
    barcode::code_39(&mut page, x + 12.0, y + 74.0, 0.95, 38.0, "CI250317");
    page.text_centre(
        Font::Courier,
        9.0,
        middle,
        y + 142.0,
        BLACK,
        "Thank you for shopping",
    );
    page
}

/// The second page of the insurance claim.
fn estimate() -> Page {
    let mut page = Page::a4();
    page.text(
        Font::HelveticaBold,
        15.0,
        LEFT,
        96.0,
        BLACK,
        "Estimate for repair",
    );
    let mut y = 134.0;
    for (name, pence) in [
        ("Door panel, near side", 41_200),
        ("Mirror, complete", 8_850),
        ("Paint and labour", 36_600),
        ("Total before tax", 86_650),
    ] {
        page.text(TYPED.font, TYPED.size, LEFT, y, BLACK, name);
        page.text_right(TYPED.font, TYPED.size, RIGHT, y, BLACK, &money(pence));
        page.line((LEFT, y + 7.0), (RIGHT, y + 7.0), 0.5, BLACK);
        y += 26.0;
    }
    let terms = "The work takes two days once the panel has arrived. This estimate is good for \
                 sixty days. The van can be driven until then, but the door should stay shut.";
    page.paragraph(TYPED, LEFT, y + 14.0, RIGHT - LEFT, terms);
    page.text_centre(Font::Helvetica, 9.0, 297.6, 800.0, BLACK, "Page 2");
    page
}

fn number_only(number: &str) -> Page {
    let mut page = Page::a4();
    let label = format!("– {number} –");
    page.text_centre(Font::Times, 11.0, page.width / 2.0, 796.0, BLACK, &label);
    page
}

/// Font, size, baseline and text of each line of a page of the minutes.
fn minutes_lines(number: usize) -> Vec<(Font, f64, f64, String)> {
    const ITEMS: [(&str, &str); 8] = [
        (
            "1. Minutes of the last meeting",
            "The minutes of the meeting of 10 February 2025 were read and approved. Both directors \
             and the bookkeeper were present; the workshop lead joined from item three.",
        ),
        (
            "2. Figures for February",
            "Priya Wenham presented the figures. Sales were slightly above the plan. The directors \
             asked for a list of customers who pay late, to be ready by the end of March.",
        ),
        (
            "3. Workshop",
            "Odile Marchetti reported that the school order is on time. A second band saw would \
             shorten the next large order by a week. She will obtain two offers for a used machine.",
        ),
        (
            "4. Move to the wharf",
            "The lease is to be signed on 24 March. Joss Tamblyn plans the move so that the \
             workshop stands still for no more than two days. The old yard is handed back on 30 April.",
        ),
        (
            "5. Staff",
            "Ruben Castellan is on leave until 19 March. The directors thanked all staff for the \
             extra hours. The review of salaries takes place on 12 March, without the staff.",
        ),
        (
            "6. Insurance",
            "The present policy ends with the lease of the old yard. An offer for the wharf has \
             arrived and covers flood up to the sill. The directors accept it.",
        ),
        (
            "7. Accounts for the year",
            "The engagement letter of Merrow Lane has been signed and returned. All papers for the \
             year go to them by 30 April; scans will be sent in batches as they are made.",
        ),
        (
            "8. Next meeting",
            "The next meeting is on 14 April 2025 at ten in the morning, for the first time in the \
             new office. There being no other business the meeting closed at a quarter past twelve.",
        ),
    ];
    let mut lines = Vec::new();
    let mut y = 96.0;
    if number == 1 {
        lines.push((
            Font::TimesBold,
            20.0,
            y,
            "Minutes of the directors’ meeting".to_owned(),
        ));
        lines.push((
            Font::Times,
            12.0,
            y + 22.0,
            "Port Alder, 10 March 2025".to_owned(),
        ));
        y += 62.0;
    }
    for (title, text) in &ITEMS[(number - 1) * 4..number * 4] {
        lines.push((Font::TimesBold, 13.0, y, (*title).to_owned()));
        y += 22.0;
        for line in Font::Times.wrap(text, 12.5, RIGHT - LEFT) {
            lines.push((Font::Times, 12.5, y, line));
            y += 18.5;
        }
        y += 16.0;
    }
    let label = format!("Page {number} of 2");
    lines.push((Font::Times, 10.0, 800.0, label));
    lines
}
