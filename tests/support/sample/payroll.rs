//! Payslips on small paper, and the salary list that only the directors may see.

use super::house::{self, CORAL, Column, INK, LEFT, MIST, NAVY, TEAL, left, money, right};
use crate::support::pdf::{Font, GRAY, Page, PdfBuilder};

/// Name, role, yearly salary from April 2025 in pence.
const PEOPLE: [(&str, &str, i64); 9] = [
    ("Nell Finch", "Director", 5_840_000),
    ("Arthur Harbour", "Director", 5_840_000),
    ("Odile Marchetti", "Workshop lead", 3_920_000),
    ("Sami Okonjo", "Joiner", 3_180_000),
    ("Greta Lindqvist", "Upholsterer", 3_060_000),
    ("Ruben Castellan", "Joiner", 2_980_000),
    ("Priya Wenham", "Bookkeeper", 3_240_000),
    ("Joss Tamblyn", "Driver and fitter", 2_790_000),
    ("Mei Ashdown", "Shop assistant", 2_460_000),
];

const SLIP: [Column; 3] = [
    left("Item", 190.0),
    right("Payments £", 80.0),
    right("Deductions £", 84.0),
];

const LIST: [Column; 4] = [
    left("Name", 148.0),
    left("Role", 135.0),
    right("2024 £", 85.0),
    right("2025 £", 85.0),
];

/// Four payslips on A5.
pub fn payslips() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Payslips March 2025");
    for (i, (name, role, salary)) in PEOPLE[2..6].iter().enumerate() {
        let mut page = Page::new(419.53, 595.28);
        slip(
            &mut page,
            name,
            role,
            before_the_rise(*salary) / 12,
            103 + i,
        );
        pdf.add(page);
    }
    pdf.finish()
}

/// Two pages under a password.
pub fn salaries(password: &str) -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Confidential salaries");
    let mut page = Page::a4();
    confidential_head(&mut page, "Salaries from 1 April 2025");
    let rows: Vec<_> = PEOPLE
        .iter()
        .map(|(name, role, salary)| {
            vec![
                (*name).into(),
                (*role).into(),
                money(before_the_rise(*salary)),
                money(*salary),
            ]
        })
        .collect();
    let y = house::table(&mut page, LEFT, 196.0, &LIST, &rows, 22.0);
    let total: i64 = PEOPLE.iter().map(|(_, _, salary)| salary).sum();
    page.text(
        Font::HelveticaBold,
        10.0,
        LEFT + 6.0,
        y + 20.0,
        NAVY,
        "Total",
    );
    let sum = money(total);
    page.text_right(Font::HelveticaBold, 10.0, 518.0, y + 20.0, NAVY, &sum);
    house::footer(&mut page, "For the directors only", 1, 2);
    pdf.add(page);

    let mut page = Page::a4();
    confidential_head(&mut page, "Notes on the review");
    let mut y = 200.0;
    for text in [
        "The review took place on 12 March 2025 in the presence of both directors. All salaries \
         rise by four per cent. The last general rise was in April 2023.",
        "The workshop lead takes over the planning of deliveries and is to be reviewed again in \
         October. The bookkeeper moves to four days a week at the same hourly rate from June.",
        "The figures are to be passed to the accountants in protected form only, and the password \
         is to travel by a different way.",
    ] {
        y = page.paragraph(house::BODY, LEFT, y, 453.0, text) + 10.0;
    }
    house::footer(&mut page, "For the directors only", 2, 2);
    pdf.add(page);
    pdf.finish_rc4(password, "finch2025-owner")
}

/// Last year's salary: four per cent less, to the whole pound.
fn before_the_rise(salary: i64) -> i64 {
    salary * 100 / 10_400 * 100
}

fn confidential_head(page: &mut Page, title: &str) {
    house::letterhead(page);
    page.fill_rect(LEFT, 118.0, 92.0, 18.0, CORAL);
    page.text_centre(
        Font::HelveticaBold,
        9.0,
        LEFT + 46.0,
        130.5,
        [1.0; 3],
        "CONFIDENTIAL",
    );
    page.text(Font::HelveticaBold, 17.0, LEFT, 168.0, NAVY, title);
}

fn slip(page: &mut Page, name: &str, role: &str, gross: i64, number: usize) {
    let (x, end) = (33.0, page.width - 33.0);
    house::mark(page, x, 34.0, 26.0, TEAL);
    page.text(
        Font::HelveticaBold,
        13.0,
        x + 36.0,
        47.0,
        NAVY,
        house::COMPANY,
    );
    page.text_right(Font::HelveticaBold, 12.0, end, 47.0, TEAL, "Payslip");
    page.line((x, 62.0), (end, 62.0), 0.8, TEAL);
    let employee = format!("No. {number}");
    for (i, (left, right)) in [
        (name, "Pay date 31 March 2025"),
        (role, "Tax month 12"),
        (employee.as_str(), "Tax code 1257L"),
    ]
    .into_iter()
    .enumerate()
    {
        let y = 84.0 + 15.0 * i as f64;
        let font = if i == 0 {
            Font::HelveticaBold
        } else {
            Font::Helvetica
        };
        page.text(font, 10.0, x, y, INK, left);
        page.text_right(Font::Helvetica, 9.0, end, y, GRAY, right);
    }
    let overtime = gross / 23;
    let tax = (gross + overtime - 104_750) / 5;
    let insurance = (gross + overtime - 104_750) * 8 / 100;
    let pension = gross / 20;
    let empty = String::new;
    let rows = vec![
        vec!["Basic salary".into(), money(gross), empty()],
        vec!["Overtime, 9 hours".into(), money(overtime), empty()],
        vec!["Income tax".into(), empty(), money(tax)],
        vec!["National insurance".into(), empty(), money(insurance)],
        vec!["Pension, 5 %".into(), empty(), money(pension)],
    ];
    let y = house::table(page, x, 140.0, &SLIP, &rows, 21.0);
    let net = gross + overtime - tax - insurance - pension;
    page.fill_rect(x, y + 16.0, end - x, 34.0, MIST);
    page.text(
        Font::HelveticaBold,
        11.0,
        x + 8.0,
        y + 37.0,
        NAVY,
        "Net pay",
    );
    let sum = format!("£{}", money(net));
    page.text_right(Font::HelveticaBold, 13.0, end - 8.0, y + 37.5, NAVY, &sum);
    page.text(
        Font::Helvetica,
        8.0,
        x,
        y + 72.0,
        GRAY,
        "Paid by bank transfer. Please keep this slip for your records.",
    );
}
