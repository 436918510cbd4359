//! The monthly report: bookmarks, colour and charts drawn as vectors.

use super::house::{
    self, BODY, CORAL, Column, INK, LEFT, MIST, NAVY, RIGHT, SAND, TEAL, left, money, right,
};
use crate::support::pdf::{Font, GRAY, Page, PdfBuilder, Rgb, Style, WHITE, arc};

const MONTHS: [&str; 12] = [
    "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar",
];
/// Sales in thousands of pounds, from April 2024 to March 2025.
const SHOP: [f64; 12] = [
    14.2, 16.8, 21.5, 27.9, 30.4, 22.6, 17.3, 19.8, 28.6, 11.4, 12.9, 16.1,
];
const CONTRACTS: [f64; 12] = [
    22.0, 19.4, 25.1, 18.7, 16.2, 28.8, 31.5, 29.9, 21.3, 26.4, 30.2, 33.7,
];
const ORDERS: [f64; 12] = [
    31.0, 34.0, 29.0, 27.0, 33.0, 38.0, 41.0, 36.0, 32.0, 39.0, 44.0, 47.0,
];

const COSTS: [(&str, f64, Rgb); 5] = [
    ("Wages", 43.0, NAVY),
    ("Materials", 29.0, TEAL),
    ("Premises", 13.0, CORAL),
    ("Transport", 9.0, [0.93, 0.72, 0.36]),
    ("Other", 6.0, [0.62, 0.66, 0.7]),
];

const DEBTORS: [Column; 4] = [
    left("Customer", 213.0),
    right("Current £", 80.0),
    right("Over 30 days £", 80.0),
    right("Total £", 80.0),
];

const PAGES: usize = 9;

pub fn march() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Monthly report March 2025");
    let cover = pdf.add(cover());
    pdf.bookmark("Monthly report", cover, None);
    let summary = pdf.add(summary());
    let section = pdf.bookmark("Summary", summary, None);
    let figures = pdf.add(key_figures());
    pdf.bookmark("Key figures", figures, Some(section));
    let sales = pdf.add(chart_page(4, "Sales", SALES, stacked_bars));
    let section = pdf.bookmark("Sales", sales, None);
    let orders = pdf.add(chart_page(5, "Order book", ORDER_BOOK, order_line));
    pdf.bookmark("Order book", orders, Some(section));
    let costs = pdf.add(chart_page(6, "Costs", COST_TEXT, cost_ring));
    let section = pdf.bookmark("Costs and cash", costs, None);
    let cash = pdf.add(chart_page(7, "Cash", CASH, cash_area));
    pdf.bookmark("Cash", cash, Some(section));
    let debtors = pdf.add(debtors());
    pdf.bookmark("Debtors", debtors, Some(section));
    let outlook = pdf.add(outlook());
    pdf.bookmark("Outlook", outlook, None);
    pdf.finish()
}

const SALES: &str = "Shop sales follow the season: the summer months and December carry the year, \
    January is quiet. Contract work moves the other way and has filled the gap since the autumn. \
    Together they came to £49,800 in March, the highest figure since December.";
const ORDER_BOOK: &str = "The order book has grown for three months in a row and now covers about \
    six weeks of workshop time. Two school orders and the fittings for the town council make up a \
    third of it. No order was cancelled in March.";
const COST_TEXT: &str = "Wages remain the largest cost. Materials fell by two points because the \
    timber bought in January is only now being used up. Premises will rise in April, when the lease \
    of Unit 6 begins and overlaps with the old yard for one month.";
const CASH: &str = "Cash at the bank stayed above the agreed floor of £20,000 on every day of the \
    month. The dips are the two wage runs; the rise in the last week is the payment from Corrigan \
    Yachts, which arrived nine days late.";

fn cover() -> Page {
    let mut page = Page::a4();
    let (width, height) = (page.width, page.height);
    page.fill_rect(0.0, 0.0, width, height, NAVY);
    for i in 0..7 {
        let depth = f64::from(i);
        let mut shore: Vec<_> = (0..=40)
            .map(|s| {
                let t = f64::from(s) / 40.0;
                let swell = (t * 6.0 + depth * 0.9).sin() * (26.0 - depth * 2.0);
                (t * width, 520.0 + depth * 44.0 + swell)
            })
            .collect();
        shore.extend([(width, height), (0.0, height)]);
        let t = depth / 6.0;
        page.polygon(&shore, [0.1 + 0.05 * t, 0.26 + 0.28 * t, 0.4 + 0.16 * t]);
    }
    page.disc((430.0, 300.0), 62.0, [0.95, 0.74, 0.5]);
    house::mark(&mut page, LEFT, 78.0, 40.0, WHITE);
    page.text(
        Font::HelveticaBold,
        15.0,
        LEFT + 54.0,
        96.0,
        WHITE,
        house::COMPANY,
    );
    page.text(
        Font::HelveticaBold,
        40.0,
        LEFT,
        410.0,
        WHITE,
        "Monthly report",
    );
    page.text(
        Font::Helvetica,
        20.0,
        LEFT,
        442.0,
        [0.8, 0.88, 0.92],
        "March 2025",
    );
    page.text(
        Font::Helvetica,
        10.0,
        LEFT,
        780.0,
        WHITE,
        "Prepared by Priya Wenham on 7 April 2025",
    );
    page
}

fn summary() -> Page {
    let mut page = inner(2, "Summary");
    let mut y = 150.0;
    for text in [
        "March was a good month. Sales came to £49,800, eleven per cent above the plan and fifteen \
         per cent above March of last year. Contract work carried most of the rise, while the shop \
         recovered from a slow start to the year.",
        "Costs were in line with the plan. The workshop ran with one joiner fewer than usual for \
         nine days, and overtime made up for it. The van was off the road for two days and the \
         deliveries of that week were made on the following Saturday.",
        "Cash remains comfortable. Three customers owe more than they should; letters went out on \
         26 March and two of them have promised to pay before Easter.",
    ] {
        y = page.paragraph(
            Style::new(Font::Helvetica, 11.0).coloured(INK),
            LEFT,
            y,
            RIGHT - LEFT,
            text,
        ) + 12.0;
    }
    y += 12.0;
    for (title, colour, text) in [
        (
            "Went well",
            TEAL,
            "School fittings delivered four days early, without a single return.",
        ),
        (
            "Needs attention",
            CORAL,
            "Payment terms: the average customer now takes 41 days.",
        ),
        (
            "Next month",
            NAVY,
            "Move into Unit 6; the shop closes from 14 to 16 April.",
        ),
    ] {
        page.fill_rect(LEFT, y, RIGHT - LEFT, 58.0, SAND);
        page.fill_rect(LEFT, y, 5.0, 58.0, colour);
        page.text(
            Font::HelveticaBold,
            11.5,
            LEFT + 20.0,
            y + 24.0,
            colour,
            title,
        );
        page.text(Font::Helvetica, 10.0, LEFT + 20.0, y + 42.0, INK, text);
        y += 72.0;
    }
    page
}

fn key_figures() -> Page {
    let mut page = inner(3, "Key figures");
    let cards = [
        ("Sales", "£49,800", "+15 % on last year", TEAL),
        ("Gross margin", "38.4 %", "plan 37.0 %", TEAL),
        ("Order book", "£47,000", "six weeks of work", NAVY),
        ("Cash at bank", "£36,200", "floor £20,000", NAVY),
        ("Days to payment", "41", "target 35", CORAL),
        ("Staff", "9", "one joiner on leave", NAVY),
    ];
    for (i, (name, value, note, colour)) in cards.into_iter().enumerate() {
        let x = LEFT + 156.0 * (i % 3) as f64;
        let y = 136.0 + 132.0 * (i / 3) as f64;
        page.fill_rect(x, y, 141.0, 114.0, MIST);
        page.fill_rect(x, y, 141.0, 4.0, colour);
        page.text(Font::Helvetica, 10.0, x + 14.0, y + 30.0, GRAY, name);
        page.text(Font::HelveticaBold, 24.0, x + 14.0, y + 66.0, colour, value);
        page.text(Font::Helvetica, 9.0, x + 14.0, y + 92.0, INK, note);
    }
    page.text(
        Font::HelveticaBold,
        11.5,
        LEFT,
        430.0,
        NAVY,
        "Against the plan",
    );
    for (i, (name, share, colour)) in [
        ("Shop sales", 0.94, CORAL),
        ("Contract sales", 1.21, TEAL),
        ("Materials", 0.89, TEAL),
        ("Wages", 1.02, CORAL),
        ("Transport", 1.08, CORAL),
    ]
    .into_iter()
    .enumerate()
    {
        let y = 452.0 + 42.0 * i as f64;
        page.text(Font::Helvetica, 10.0, LEFT, y + 14.0, INK, name);
        page.fill_rect(LEFT + 100.0, y, 310.0, 20.0, MIST);
        page.fill_rect(LEFT + 100.0, y, 240.0 * share, 20.0, colour);
        page.line((LEFT + 340.0, y - 5.0), (LEFT + 340.0, y + 25.0), 1.2, NAVY);
        let label = format!("{:.0} %", share * 100.0);
        page.text_right(Font::HelveticaBold, 10.0, RIGHT, y + 14.0, INK, &label);
    }
    page.text_centre(Font::Helvetica, 8.5, LEFT + 340.0, 676.0, GRAY, "plan");
    page
}

fn chart_page(number: usize, title: &str, text: &str, chart: fn(&mut Page)) -> Page {
    let mut page = inner(number, title);
    let style = Style::new(Font::Helvetica, 11.0).coloured(INK);
    page.paragraph(style, LEFT, 142.0, RIGHT - LEFT, text);
    chart(&mut page);
    page
}

const BASE: f64 = 600.0;
const TALL: f64 = 340.0;

/// The axes of a chart whose scale ends at `top`; returns points per unit.
fn axes(page: &mut Page, top: f64, unit: &str) -> f64 {
    let scale = TALL / top;
    for i in 0..=5 {
        let value = top * f64::from(i) / 5.0;
        let y = BASE - value * scale;
        page.line((LEFT + 28.0, y), (RIGHT, y), 0.5, [0.84; 3]);
        page.text_right(
            Font::Helvetica,
            8.5,
            LEFT + 22.0,
            y + 3.0,
            GRAY,
            &format!("{value:.0}"),
        );
    }
    for (i, month) in MONTHS.iter().enumerate() {
        page.text_centre(Font::Helvetica, 8.5, slot(i), BASE + 16.0, GRAY, month);
    }
    page.text(Font::Helvetica, 8.5, LEFT, BASE - TALL - 16.0, GRAY, unit);
    scale
}

/// The middle of a month on the horizontal axis.
fn slot(month: usize) -> f64 {
    LEFT + 46.0 + 36.6 * month as f64
}

fn legend(page: &mut Page, entries: &[(&str, Rgb)]) {
    let mut x = LEFT + 28.0;
    for (name, colour) in entries {
        page.fill_rect(x, 640.0, 10.0, 10.0, *colour);
        page.text(Font::Helvetica, 9.5, x + 16.0, 649.0, INK, name);
        x += 36.0 + Font::Helvetica.width(name, 9.5);
    }
}

fn stacked_bars(page: &mut Page) {
    let scale = axes(page, 60.0, "£ thousand");
    for month in 0..12 {
        let x = slot(month) - 11.0;
        let (lower, upper) = (CONTRACTS[month] * scale, SHOP[month] * scale);
        page.fill_rect(x, BASE - lower, 22.0, lower, NAVY);
        page.fill_rect(x, BASE - lower - upper, 22.0, upper, TEAL);
    }
    legend(page, &[("Contract work", NAVY), ("Shop", TEAL)]);
}

fn order_line(page: &mut Page) {
    let scale = axes(page, 50.0, "£ thousand, end of month");
    let points: Vec<_> = ORDERS
        .iter()
        .enumerate()
        .map(|(i, value)| (slot(i), BASE - value * scale))
        .collect();
    page.polyline(&points, 2.4, CORAL);
    for point in &points {
        page.disc(*point, 4.2, WHITE);
        page.circle(*point, 4.2, 1.8, CORAL);
    }
    legend(page, &[("Orders in hand", CORAL)]);
}

fn cost_ring(page: &mut Page) {
    let centre = (230.0, 430.0);
    let mut from = 0.0;
    for (i, (name, share, colour)) in COSTS.into_iter().enumerate() {
        let to = from + share * 3.6;
        let mut wedge = arc(centre, 140.0, from, to);
        wedge.extend(arc(centre, 78.0, from, to).into_iter().rev());
        page.polygon(&wedge, colour);
        wedge.push(wedge[0]);
        page.polyline(&wedge, 2.0, WHITE);
        from = to;
        let y = 372.0 + 30.0 * i as f64;
        page.fill_rect(405.0, y - 9.0, 11.0, 11.0, colour);
        page.text(Font::Helvetica, 10.5, 424.0, y, INK, name);
        page.text_right(
            Font::HelveticaBold,
            10.5,
            RIGHT,
            y,
            INK,
            &format!("{share:.0} %"),
        );
    }
    page.text_centre(Font::HelveticaBold, 20.0, centre.0, 434.0, NAVY, "£41,650");
    page.text_centre(
        Font::Helvetica,
        9.5,
        centre.0,
        450.0,
        GRAY,
        "costs in March",
    );
}

fn cash_area(page: &mut Page) {
    let top = 60.0;
    let scale = TALL / top;
    let day_x = |day: usize| LEFT + 34.0 + 13.6 * day as f64;
    let level = |day: usize| {
        let d = day as f64;
        let wages = if day % 15 >= 13 { 7.5 } else { 0.0 };
        let late = if day > 25 { 8.0 } else { 0.0 };
        34.0 + (d * 0.7).sin() * 5.0 - d * 0.25 - wages + late
    };
    for i in 0..=6 {
        let value = 10.0 * f64::from(i);
        let y = BASE - value * scale;
        page.line((LEFT + 28.0, y), (RIGHT, y), 0.5, [0.84; 3]);
        page.text_right(
            Font::Helvetica,
            8.5,
            LEFT + 22.0,
            y + 3.0,
            GRAY,
            &format!("{value:.0}"),
        );
    }
    let line: Vec<_> = (0..=31)
        .map(|d| (day_x(d), BASE - level(d) * scale))
        .collect();
    let mut area = line.clone();
    area.extend([(day_x(31), BASE), (day_x(0), BASE)]);
    page.polygon(&area, [0.8, 0.9, 0.9]);
    page.polyline(&line, 2.0, TEAL);
    let floor = BASE - 20.0 * scale;
    page.line((LEFT + 28.0, floor), (RIGHT, floor), 1.4, CORAL);
    for day in [1, 8, 15, 22, 29] {
        let label = format!("{day} Mar");
        page.text_centre(Font::Helvetica, 8.5, day_x(day), BASE + 16.0, GRAY, &label);
    }
    page.text(
        Font::Helvetica,
        8.5,
        LEFT,
        BASE - TALL - 16.0,
        GRAY,
        "£ thousand",
    );
    legend(page, &[("Cash at bank", TEAL), ("Agreed floor", CORAL)]);
}

fn debtors() -> Page {
    let mut page = inner(8, "Debtors");
    let customers = [
        ("Alderton Town Council", 612_400, 0),
        ("Briar Cottage Guest House", 148_250, 0),
        ("Corrigan Yachts Ltd", 0, 431_900),
        ("Oyster & Thyme Ltd", 96_700, 188_340),
        ("Pell & Daughters", 274_915, 0),
        ("St Brannoc’s School", 365_000, 0),
        ("The Lantern Rooms", 0, 121_460),
    ];
    let mut rows: Vec<_> = customers
        .iter()
        .map(|(name, current, late)| {
            vec![
                (*name).to_owned(),
                money(*current),
                money(*late),
                money(current + late),
            ]
        })
        .collect();
    let current: i64 = customers.iter().map(|c| c.1).sum();
    let late: i64 = customers.iter().map(|c| c.2).sum();
    rows.push(vec![
        "Total".to_owned(),
        money(current),
        money(late),
        money(current + late),
    ]);
    let y = house::table(&mut page, LEFT, 136.0, &DEBTORS, &rows, 24.0);
    page.paragraph(
        BODY,
        LEFT,
        y + 34.0,
        RIGHT - LEFT,
        "Corrigan Yachts paid on 28 March, after this list was drawn up. The Lantern Rooms have \
         asked to pay in two instalments, on 15 April and 15 May, and the directors agree.",
    );
    page
}

fn outlook() -> Page {
    let mut page = inner(9, "Outlook");
    let style = Style::new(Font::Helvetica, 11.0).coloured(INK);
    let mut y = page.paragraph(
        style,
        LEFT,
        142.0,
        RIGHT - LEFT,
        "The second quarter begins with the move. The plan below keeps the workshop running on all \
         but two days, and leaves a week in hand before the summer orders.",
    ) + 20.0;
    for (date, task) in [
        ("1 April", "Keys to Unit 6; electrician and alarm on site"),
        ("7 April", "Benches and racks moved, one bay at a time"),
        (
            "14 April",
            "Shop closed for three days; stock moved and counted",
        ),
        ("17 April", "Opening day on the wharf"),
        (
            "30 April",
            "Last papers for the year to the accountants; old yard handed back",
        ),
    ] {
        page.disc((LEFT + 6.0, y - 4.0), 5.0, TEAL);
        page.line(
            (LEFT + 6.0, y + 4.0),
            (LEFT + 6.0, y + 34.0),
            1.2,
            [0.75, 0.85, 0.86],
        );
        page.text(Font::HelveticaBold, 10.5, LEFT + 26.0, y, NAVY, date);
        page.text(Font::Helvetica, 10.5, LEFT + 96.0, y, INK, task);
        y += 42.0;
    }
    page
}

fn inner(number: usize, title: &str) -> Page {
    let mut page = Page::a4();
    page.fill_rect(LEFT, 50.0, 30.0, 4.0, CORAL);
    page.text(Font::HelveticaBold, 22.0, LEFT, 88.0, NAVY, title);
    house::footer(
        &mut page,
        "Harbour & Finch Ltd · Monthly report March 2025",
        number,
        PAGES,
    );
    page
}
