//! The sales invoices of one quarter.

use super::house::{self, Column, INK, LEFT, NAVY, RIGHT, SAND, TEAL, left, money, right};
use crate::support::pdf::{Font, GRAY, Page, PdfBuilder, WHITE};
use crate::support::prng::Prng;

const COLUMNS: [Column; 4] = [
    left("Description", 243.0),
    right("Quantity", 60.0),
    right("Unit price £", 75.0),
    right("Amount £", 75.0),
];

const CUSTOMERS: [[&str; 3]; 8] = [
    ["Pell & Daughters", "2 Ropewalk Yard", "Port Alder PA2 1PD"],
    [
        "The Lantern Rooms",
        "88 Harbour Street",
        "Port Alder PA4 5LR",
    ],
    [
        "Corrigan Yachts Ltd",
        "Slip 9, North Marina",
        "Wexcombe WX1 3CY",
    ],
    ["St Brannoc’s School", "Hill Lane", "Port Alder PA3 8SB"],
    ["Oyster & Thyme Ltd", "17 Fish Quay", "Wexcombe WX2 6OT"],
    ["Alderton Town Council", "Market House", "Alderton AL1 1TC"],
    ["Pell & Daughters", "2 Ropewalk Yard", "Port Alder PA2 1PD"],
    [
        "Briar Cottage Guest House",
        "5 Cliff Path",
        "Sandling SG7 4BC",
    ],
];

const DATES: [&str; 8] = [
    "9 January 2025",
    "16 January 2025",
    "30 January 2025",
    "11 February 2025",
    "20 February 2025",
    "4 March 2025",
    "18 March 2025",
    "27 March 2025",
];

/// Description and the range of its unit price in pence.
const GOODS: [(&str, i64); 14] = [
    ("Oak shelving, 1.8 m, oiled", 14_850),
    ("Deck chair, striped canvas", 6_200),
    ("Brass ship’s lamp, restored", 23_900),
    ("Sailcloth cushion, 45 cm", 3_450),
    ("Bench seat, reclaimed teak", 41_000),
    ("Wall hooks, cast iron, set of six", 2_880),
    ("Driftwood mirror, large", 18_600),
    ("Rope handrail, per metre", 1_975),
    ("Dining chair, ash and rush", 12_400),
    ("Signal flag bunting, 10 m", 2_250),
    ("Delivery and installation", 8_500),
    ("Table top, sanded and sealed", 26_700),
    ("Storm lantern, galvanised", 4_990),
    ("Workshop hours, joinery", 5_400),
];

/// One invoice a page.
pub fn quarter() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Invoices 2025-Q1");
    let mut chance = Prng::new(2025);
    for number in 0..DATES.len() {
        let mut page = Page::a4();
        invoice(&mut page, number, &mut chance);
        house::footer(
            &mut page,
            "Harbour & Finch Ltd · Company no. 00417725 · VAT reg. 000 4177 25",
            number + 1,
            DATES.len(),
        );
        pdf.add(page);
    }
    pdf.finish()
}

fn invoice(page: &mut Page, number: usize, chance: &mut Prng) {
    page.fill_rect(0.0, 0.0, page.width, 104.0, NAVY);
    house::mark(page, LEFT, 44.0, 32.0, WHITE);
    page.text(
        Font::HelveticaBold,
        17.0,
        LEFT + 44.0,
        60.0,
        WHITE,
        house::COMPANY,
    );
    page.text_right(Font::HelveticaBold, 24.0, RIGHT, 62.0, WHITE, "INVOICE");
    let label = format!("HF-{}", 2501 + number);
    page.text_right(
        Font::Helvetica,
        10.0,
        RIGHT,
        80.0,
        [0.75, 0.85, 0.9],
        &label,
    );

    page.text(Font::HelveticaBold, 8.5, LEFT, 142.0, TEAL, "BILLED TO");
    for (i, line) in CUSTOMERS[number].iter().enumerate() {
        let font = if i == 0 {
            Font::HelveticaBold
        } else {
            Font::Helvetica
        };
        page.text(font, 10.5, LEFT, 160.0 + 15.0 * i as f64, INK, line);
    }
    for (i, (name, value)) in [
        ("Date", DATES[number]),
        ("Payment due", "30 days from date"),
        ("Your contact", "Nell Finch"),
    ]
    .into_iter()
    .enumerate()
    {
        let y = 145.0 + 16.0 * i as f64;
        page.text(Font::Helvetica, 9.0, 350.0, y, GRAY, name);
        page.text_right(Font::Helvetica, 9.5, RIGHT, y, INK, value);
    }

    let (rows, net) = items(chance);
    let end = house::table(page, LEFT, 226.0, &COLUMNS, &rows, 22.0);
    let vat = net / 5;
    let mut y = end + 26.0;
    for (name, amount) in [("Net total", net), ("VAT at 20 %", vat)] {
        page.text(Font::Helvetica, 10.0, 374.0, y, GRAY, name);
        page.text_right(Font::Helvetica, 10.0, RIGHT - 6.0, y, INK, &money(amount));
        y += 19.0;
    }
    page.fill_rect(364.0, y - 10.0, RIGHT - 364.0, 30.0, SAND);
    page.text(Font::HelveticaBold, 11.5, 374.0, y + 9.0, NAVY, "Total due");
    let total = format!("£{}", money(net + vat));
    page.text_right(
        Font::HelveticaBold,
        11.5,
        RIGHT - 6.0,
        y + 9.0,
        NAVY,
        &total,
    );

    page.text(
        Font::HelveticaBold,
        8.5,
        LEFT,
        end + 26.0,
        TEAL,
        "HOW TO PAY",
    );
    for (i, line) in [
        "Northcombe Bank, Port Alder".to_owned(),
        "Sort code 00-00-17, account 0417 7250".to_owned(),
        format!("Please quote {label}"),
    ]
    .iter()
    .enumerate()
    {
        page.text(
            Font::Helvetica,
            9.5,
            LEFT,
            end + 43.0 + 14.0 * i as f64,
            INK,
            line,
        );
    }
}

fn items(chance: &mut Prng) -> (Vec<Vec<String>>, i64) {
    let first = chance.range(0, GOODS.len() as i64) as usize;
    let mut net = 0;
    let rows = (0..chance.range(4, 11) as usize)
        .map(|i| {
            let (name, price) = GOODS[(first + i * 3) % GOODS.len()];
            let quantity = chance.range(1, 13);
            net += price * quantity;
            vec![
                name.to_owned(),
                quantity.to_string(),
                money(price),
                money(price * quantity),
            ]
        })
        .collect();
    (rows, net)
}
