//! A bank statement with a running balance.

use super::house::{self, Column, INK, LEFT, MIST, NAVY, RIGHT, left, money, right};
use crate::support::pdf::{Font, GRAY, Page, PdfBuilder, Rgb};
use crate::support::prng::Prng;

const GREEN: Rgb = [0.1, 0.4, 0.27];
const PAGES: usize = 5;
const ROWS: usize = 29;
const OPENING: i64 = 3_369_066;

const COLUMNS: [Column; 5] = [
    left("Date", 62.0),
    left("Details", 181.0),
    right("Paid out £", 70.0),
    right("Paid in £", 70.0),
    right("Balance £", 70.0),
];

const PAID_OUT: [(&str, i64); 10] = [
    ("Card, Tidewater Fuels", 9_240),
    ("Direct debit, Alder Water", 14_310),
    ("Transfer, Hobb Timber Ltd", 88_450),
    ("Card, Quayside Stationers", 3_725),
    ("Direct debit, Lumen Power", 41_860),
    ("Transfer, Meridian Canvas", 52_300),
    ("Card, Alder Ferry Company", 2_860),
    ("Transfer, Brightwell Brass", 36_975),
    ("Card, Cole’s Ironmongers", 5_415),
    ("Direct debit, Finchley Vans", 61_200),
];

/// Payments that come on a certain line.
const FIXED: [(usize, &str, i64); 3] = [
    (2, "Standing order, yard rent", 95_000),
    (62, "Transfer, wages", 846_250),
    (128, "Transfer, wages", 846_250),
];

const PAID_IN: [&str; 6] = [
    "Receipt, Pell & Daughters",
    "Receipt, The Lantern Rooms",
    "Card takings, shop",
    "Receipt, Corrigan Yachts",
    "Receipt, Oyster & Thyme",
    "Card takings, market stall",
];

pub fn march() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Bank statement March 2025");
    let mut chance = Prng::new(31);
    let mut balance = OPENING;
    let total = PAGES * ROWS;
    for number in 0..PAGES {
        let mut page = Page::a4();
        head(&mut page, number + 1);
        let rows: Vec<_> = (number * ROWS..(number + 1) * ROWS)
            .map(|i| entry(i, total, &mut balance, &mut chance))
            .collect();
        let top = if number == 0 { 232.0 } else { 142.0 };
        let end = house::table(&mut page, LEFT, top, &COLUMNS, &rows, 17.6);
        let label = if number + 1 == PAGES {
            "Closing balance"
        } else {
            "Carried forward"
        };
        page.text(
            Font::HelveticaBold,
            9.5,
            LEFT + 6.0,
            end + 17.0,
            NAVY,
            label,
        );
        let sum = money(balance);
        page.text_right(
            Font::HelveticaBold,
            9.5,
            RIGHT - 6.0,
            end + 17.0,
            NAVY,
            &sum,
        );
        house::footer(
            &mut page,
            "Northcombe Bank · 1 Exchange Square · Northcombe NC1 1NB",
            number + 1,
            PAGES,
        );
        pdf.add(page);
    }
    pdf.finish()
}

fn head(page: &mut Page, number: usize) {
    page.fill_rect(LEFT, 52.0, 26.0, 26.0, GREEN);
    page.polygon(
        &[(LEFT + 5.0, 73.0), (LEFT + 13.0, 57.0), (LEFT + 21.0, 73.0)],
        [1.0; 3],
    );
    page.text(
        Font::TimesBold,
        20.0,
        LEFT + 36.0,
        72.0,
        GREEN,
        "Northcombe Bank",
    );
    page.text_right(
        Font::HelveticaBold,
        11.0,
        RIGHT,
        64.0,
        INK,
        "Business current account",
    );
    page.text_right(
        Font::Helvetica,
        9.0,
        RIGHT,
        78.0,
        GRAY,
        "Statement 3 of 2025",
    );
    if number > 1 {
        page.text(
            Font::Helvetica,
            9.5,
            LEFT,
            120.0,
            GRAY,
            "Harbour & Finch Ltd · 0417 7250 · March 2025",
        );
        return;
    }
    for (i, line) in ["Harbour & Finch Ltd", house::ADDRESS[0], house::ADDRESS[1]]
        .iter()
        .enumerate()
    {
        page.text(
            Font::Helvetica,
            10.0,
            LEFT,
            126.0 + 14.0 * i as f64,
            INK,
            line,
        );
    }
    page.fill_rect(330.0, 108.0, RIGHT - 330.0, 86.0, MIST);
    let opening = format!("£{}", money(OPENING));
    for (i, (name, value)) in [
        ("Sort code", "00-00-17"),
        ("Account", "0417 7250"),
        ("Period", "1 to 31 March 2025"),
        ("Opening balance", opening.as_str()),
    ]
    .into_iter()
    .enumerate()
    {
        let y = 127.0 + 18.0 * i as f64;
        page.text(Font::Helvetica, 9.0, 342.0, y, GRAY, name);
        page.text_right(Font::HelveticaBold, 9.0, RIGHT - 12.0, y, INK, value);
    }
}

fn entry(index: usize, total: usize, balance: &mut i64, chance: &mut Prng) -> Vec<String> {
    let day = 1 + index * 31 / total;
    let date = format!("{day:02} Mar 2025");
    let fixed = FIXED.iter().find(|(at, ..)| *at == index);
    if let Some((_, name, amount)) = fixed {
        *balance -= amount;
        vec![
            date,
            (*name).to_owned(),
            money(*amount),
            String::new(),
            money(*balance),
        ]
    } else if chance.range(0, 5) < 2 {
        let name = PAID_IN[chance.range(0, PAID_IN.len() as i64) as usize];
        let amount = chance.range(18_000, 164_000);
        *balance += amount;
        vec![
            date,
            name.to_owned(),
            String::new(),
            money(amount),
            money(*balance),
        ]
    } else {
        let (name, usual) = PAID_OUT[chance.range(0, PAID_OUT.len() as i64) as usize];
        let amount = usual + chance.range(-usual / 9, usual / 9);
        *balance -= amount;
        vec![
            date,
            name.to_owned(),
            money(amount),
            String::new(),
            money(*balance),
        ]
    }
}
