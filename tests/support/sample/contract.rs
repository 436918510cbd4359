//! A lease whose annexes lie sideways: landscape paper, a turned page, a cropped one.

use super::house::{self, BODY, Column, INK, LEFT, NAVY, RIGHT, left, money, right};
use crate::support::pdf::{Font, GRAY, Page, PdfBuilder, Style};

const CLAUSES: [(&str, &str); 8] = [
    (
        "1. The premises",
        "The landlord lets to the tenant the workshop and yard known as Unit 6, Chandler’s Wharf, \
         Port Alder, as outlined on the plan in Annex C, together with the right to use the slip \
         and the common roadway at all reasonable hours.",
    ),
    (
        "2. The term",
        "The term is seven years from 1 April 2025. The tenant may end it on 31 March 2029 by \
         giving the landlord at least six months’ notice in writing.",
    ),
    (
        "3. The rent",
        "The rent is £14,400 a year, payable in advance by equal monthly instalments on the first \
         day of each month. It is reviewed on 1 April 2028 and may rise by no more than eight per \
         cent on that occasion.",
    ),
    (
        "4. Repairs",
        "The landlord keeps the roof, the outer walls and the drains in good repair. The tenant \
         keeps the inside in the condition that Annex A records, fair wear and tear excepted.",
    ),
    (
        "5. Use",
        "The tenant may use the premises for joinery, upholstery, storage and retail sale. Work \
         that can be heard at the boundary is confined to the hours between eight in the morning \
         and six in the evening on working days.",
    ),
    (
        "6. Insurance",
        "The landlord insures the building, the tenant its contents and its liability to the \
         public. Each side shows the other the current policy when asked to do so.",
    ),
    (
        "7. Alterations",
        "The tenant may put up shelving and light partitions. Anything that touches the structure \
         needs the landlord’s consent, which is not to be withheld without good reason.",
    ),
    (
        "8. Disputes",
        "A dispute about this lease that the parties cannot settle between themselves within four \
         weeks goes to a single expert, whom they choose together and whose costs they share.",
    ),
];

const CONDITION: [Column; 5] = [
    left("Area", 130.0),
    left("Surface", 130.0),
    left("Condition on 21 March 2025", 270.0),
    left("Agreed by", 80.0),
    right("Photo", 60.0),
];

const SCHEDULE: [Column; 4] = [
    left("Year", 190.0),
    left("Payable", 190.0),
    right("Monthly £", 160.0),
    right("Yearly £", 160.0),
];

pub fn lease() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Lease of Unit 6, Chandler's Wharf");
    for (i, clauses) in CLAUSES.chunks(4).enumerate() {
        pdf.add(clause_page(i, clauses));
    }
    pdf.add(annex_a());
    pdf.add(annex_b());
    pdf.add(annex_c());
    pdf.finish()
}

fn clause_page(index: usize, clauses: &[(&str, &str)]) -> Page {
    let mut page = Page::a4();
    let mut y = 96.0;
    if index == 0 {
        let middle = page.width / 2.0;
        page.text_centre(Font::TimesBold, 22.0, middle, 104.0, INK, "Lease");
        page.text_centre(
            Font::Times,
            12.0,
            middle,
            126.0,
            GRAY,
            "of Unit 6, Chandler’s Wharf, Port Alder",
        );
        page.line((middle - 60.0, 142.0), (middle + 60.0, 142.0), 0.6, INK);
        let parties = "This lease is made on 24 March 2025 between Alder Wharf Estates Ltd, the \
            landlord, and Harbour & Finch Ltd, the tenant. The parties agree as follows.";
        y = page.paragraph(
            Style::new(Font::Times, 11.5),
            LEFT,
            178.0,
            RIGHT - LEFT,
            parties,
        ) + 14.0;
    }
    for (title, text) in clauses {
        page.text(Font::TimesBold, 12.0, LEFT, y, INK, title);
        y = page.paragraph(
            Style::new(Font::Times, 11.5),
            LEFT,
            y + 18.0,
            RIGHT - LEFT,
            text,
        ) + 14.0;
    }
    if index == 1 {
        house::signature(&mut page, LEFT + 6.0, y + 62.0);
        house::signature(&mut page, LEFT + 252.0, y + 60.0);
        for (x, name) in [(LEFT, "for the landlord"), (LEFT + 240.0, "for the tenant")] {
            page.line((x, y + 74.0), (x + 200.0, y + 74.0), 0.6, INK);
            page.text(Font::Times, 10.5, x, y + 88.0, GRAY, name);
        }
    }
    house::footer(&mut page, "Lease of Unit 6, Chandler’s Wharf", index + 1, 5);
    page
}

/// Landscape paper.
fn annex_a() -> Page {
    let mut page = Page::a4_landscape();
    annex_title(&mut page, "Annex A: condition of the premises");
    let rows: Vec<Vec<String>> = [
        [
            "Workshop",
            "Floor",
            "Concrete, sealed; hairline crack at the east door",
            "both",
            "1",
        ],
        [
            "Workshop",
            "Walls",
            "Brick, limewashed in 2023; damp patch below window 3",
            "both",
            "2",
        ],
        [
            "Workshop",
            "Roof lights",
            "Six panes, one of them cloudy",
            "both",
            "3",
        ],
        [
            "Store",
            "Floor",
            "Timber boards, two replaced, firm throughout",
            "both",
            "4",
        ],
        [
            "Store",
            "Door",
            "Steel roller, works smoothly, lock renewed",
            "both",
            "5",
        ],
        [
            "Shop",
            "Front",
            "Glazed, frames repainted in January 2025",
            "both",
            "6",
        ],
        [
            "Shop",
            "Ceiling",
            "Plaster, stained near the flue, dry to the touch",
            "landlord",
            "7",
        ],
        [
            "Shop",
            "Floor",
            "Slate, three tiles loose at the threshold",
            "both",
            "8",
        ],
        ["Office", "Walls", "Plaster, papered; clean", "both", "9"],
        [
            "Office",
            "Heating",
            "Electric, three panels, tested",
            "both",
            "10",
        ],
        [
            "Yard",
            "Surface",
            "Setts, level, drain cleared on the day",
            "both",
            "11",
        ],
        [
            "Yard",
            "Gate",
            "Double, galvanised; left hinge needs grease",
            "tenant",
            "12",
        ],
    ]
    .iter()
    .map(|row| row.map(str::to_owned).to_vec())
    .collect();
    house::table(&mut page, LEFT, 128.0, &CONDITION, &rows, 24.0);
    house::footer(&mut page, "Lease of Unit 6, Chandler’s Wharf", 3, 5);
    page
}

/// Portrait paper with its content lying down: readers turn it by a quarter.
fn annex_b() -> Page {
    let mut flat = Page::a4_landscape();
    annex_title(&mut flat, "Annex B: rent schedule");
    let rows: Vec<_> = (0..7)
        .map(|year| {
            let monthly = if year < 3 { 120_000 } else { 129_600 };
            vec![
                format!("April {} to March {}", 2025 + year, 2026 + year),
                "first of each month".to_owned(),
                money(monthly),
                money(monthly * 12),
            ]
        })
        .collect();
    let y = house::table(&mut flat, LEFT, 128.0, &SCHEDULE, &rows, 26.0);
    flat.paragraph(
        BODY,
        LEFT,
        y + 34.0,
        520.0,
        "From April 2028 the schedule shows the highest rent that clause 3 allows. The landlord \
         confirms the actual figure in writing before the first instalment of that year.",
    );
    house::footer(&mut flat, "Lease of Unit 6, Chandler’s Wharf", 4, 5);
    flat.turned()
}

/// A plan drawn on a large sheet, of which only the middle is to be seen.
fn annex_c() -> Page {
    let mut page = Page::new(760.0, 1000.0);
    page.crop = Some([82.0, 79.0, 677.0, 921.0]);
    page.stroke_rect(40.0, 40.0, 680.0, 920.0, 0.5, [0.7; 3]);
    page.text(
        Font::HelveticaBold,
        16.0,
        150.0,
        160.0,
        NAVY,
        "Annex C: outline of the premises",
    );
    let wall = [
        (170.0, 260.0),
        (520.0, 230.0),
        (590.0, 470.0),
        (540.0, 700.0),
        (230.0, 740.0),
        (150.0, 520.0),
        (170.0, 260.0),
    ];
    page.polygon(&wall, [0.97, 0.93, 0.85]);
    page.polyline(&wall, 2.6, [0.78, 0.2, 0.16]);
    for (x, y, width, height, name) in [
        (210.0, 300.0, 210.0, 150.0, "Workshop"),
        (210.0, 465.0, 130.0, 110.0, "Store"),
        (355.0, 465.0, 150.0, 110.0, "Shop"),
        (435.0, 340.0, 90.0, 110.0, "Office"),
    ] {
        page.fill_rect(x, y, width, height, [1.0; 3]);
        page.stroke_rect(x, y, width, height, 1.4, INK);
        page.text_centre(
            Font::Helvetica,
            11.0,
            x + width / 2.0,
            y + height / 2.0 + 4.0,
            INK,
            name,
        );
    }
    page.text_centre(Font::HelveticaOblique, 12.0, 365.0, 650.0, GRAY, "Yard");
    page.text(
        Font::Helvetica,
        9.0,
        150.0,
        800.0,
        GRAY,
        "The premises are outlined in red. Not to scale.",
    );
    page.text_right(Font::Helvetica, 8.0, 610.0, 880.0, GRAY, "Page 5 of 5");
    page
}

fn annex_title(page: &mut Page, title: &str) {
    page.text(Font::HelveticaBold, 16.0, LEFT, 84.0, NAVY, title);
    let right = page.width - LEFT;
    page.line((LEFT, 98.0), (right, 98.0), 0.8, NAVY);
}
