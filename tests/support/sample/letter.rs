//! The engagement letter.

use super::house::{self, BODY, COMPANY, INK, LEFT, NAVY, RIGHT};
use crate::support::pdf::{Font, GRAY, Page, PdfBuilder};

const SECTIONS: [(&str, &str); 11] = [
    (
        "1. What we will do",
        "We will prepare the statutory accounts of the company for the year ended 31 March 2025 \
         from the books and records that you keep, together with the corporation tax return and \
         the computations that support it. We will also read the monthly management figures and \
         tell you where they disagree with the underlying papers.",
    ),
    (
        "2. What we ask of you",
        "You remain responsible for keeping proper accounting records, for safeguarding the \
         assets of the company and for the completeness of the papers that you hand to us. Please \
         send invoices, bank statements, payroll records and contracts as they arise rather than \
         at the end of the year. Scans are welcome, provided that every page is legible.",
    ),
    (
        "3. Timetable",
        "We plan to receive the last papers by 30 April 2025, to send you draft accounts by 13 \
         June 2025 and to file them, once approved by the directors, by 18 July 2025. If papers \
         arrive late we will say at once what that means for these dates.",
    ),
    (
        "4. Who will look after you",
        "Imogen Vale is the partner responsible for this engagement. Tomasz Brand runs the work \
         from day to day and is the right person for most questions. Either of them will return \
         a call on the same working day.",
    ),
    (
        "5. Fees",
        "Our fee for the work described above is £6,840 plus value added tax, payable in four \
         equal instalments on the last day of April, June, July and September 2025. Work outside \
         this letter is charged by the hour at £95 for staff and £160 for partners, and never \
         begins without your written approval.",
    ),
    (
        "6. Confidentiality",
        "We keep what we learn about the company to ourselves, both during the engagement and \
         after it. Papers are stored on our own machines, are read only by the people named in \
         this letter and their assistants, and are returned or destroyed six years after the \
         accounts to which they belong have been filed.",
    ),
    (
        "7. Electronic papers",
        "Documents may travel by electronic mail or through our upload page. Neither way is free \
         of risk: files are cut short, arrive twice or carry the wrong name. We check each batch \
         on arrival and report what is missing, but you should keep the originals until we have \
         confirmed that every page has been accounted for.",
    ),
    (
        "8. Limits of our work",
        "The engagement is not an audit. We will not test the systems of the company or search \
         for fraud, and our report cannot be relied upon for that purpose. Should we come across \
         matters that concern us we will raise them with the directors without delay.",
    ),
    (
        "9. Changes and termination",
        "Either side may end this engagement with thirty days’ notice in writing. Fees for work \
         that has been done up to that day remain payable. Changes to the terms of this letter \
         take effect when both sides have signed them.",
    ),
    (
        "10. If something goes wrong",
        "Please tell Imogen Vale as soon as you are unhappy with any part of our service. She \
         will look into the matter within ten working days, explain what happened and put right \
         what can be put right.",
    ),
    (
        "11. Agreement",
        "If these terms reflect your understanding, please sign both copies of this letter and \
         return one of them to us. The terms apply to all work that we have done for the company \
         since 1 January 2025.",
    ),
];

/// Two pages: from the accountants to the client, signed by one side.
pub fn engagement() -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Engagement letter");
    let mut page = first_page();
    let mut number = 1;
    let mut y = 330.0;
    for (title, text) in SECTIONS {
        let lines = Font::Helvetica.wrap(text, BODY.size, RIGHT - LEFT).len();
        if y + 18.0 + lines as f64 * BODY.leading > 770.0 {
            house::footer(&mut page, SMALL_PRINT, number, PAGES);
            pdf.add(std::mem::replace(&mut page, Page::a4()));
            number += 1;
            y = 92.0;
        }
        page.text(Font::HelveticaBold, 10.5, LEFT, y, NAVY, title);
        y = page.paragraph(BODY, LEFT, y + 16.0, RIGHT - LEFT, text) + 11.0;
    }
    sign(&mut page, y + 18.0);
    house::footer(&mut page, SMALL_PRINT, number, PAGES);
    pdf.add(page);
    pdf.finish()
}

const PAGES: usize = 2;
const SMALL_PRINT: &str = "Merrow Lane Accountants LLP · 3 Merrow Lane · Port Alder PA1 7ML";

fn first_page() -> Page {
    let mut page = Page::a4();
    page.fill_rect(0.0, 0.0, page.width, 12.0, NAVY);
    page.text(Font::TimesBold, 20.0, LEFT, 72.0, NAVY, "Merrow Lane");
    page.text(
        Font::Times,
        11.0,
        LEFT,
        88.0,
        GRAY,
        "Accountants and advisers",
    );
    for (i, line) in [
        "3 Merrow Lane",
        "Port Alder PA1 7ML",
        "office@merrowlane.example",
    ]
    .iter()
    .enumerate()
    {
        let y = 64.0 + 12.0 * i as f64;
        page.text_right(Font::Helvetica, 8.5, RIGHT, y, GRAY, line);
    }
    let mut y = 142.0;
    for line in [
        "The Directors",
        COMPANY,
        house::ADDRESS[0],
        house::ADDRESS[1],
    ] {
        page.text(Font::Helvetica, 10.0, LEFT, y, INK, line);
        y += 14.0;
    }
    page.text_right(Font::Helvetica, 10.0, RIGHT, 142.0, INK, "14 January 2025");
    page.text_right(
        Font::Helvetica,
        10.0,
        RIGHT,
        156.0,
        GRAY,
        "Our ref. HF/2025/01",
    );
    page.text(Font::Helvetica, 10.0, LEFT, 228.0, INK, "Dear Directors,");
    page.text(
        Font::HelveticaBold,
        12.0,
        LEFT,
        254.0,
        NAVY,
        "Letter of engagement for the year ended 31 March 2025",
    );
    page.paragraph(
        BODY,
        LEFT,
        276.0,
        RIGHT - LEFT,
        "Thank you for asking us to act for Harbour & Finch Ltd. This letter sets out what we \
         will do, what we need from you and what the work will cost, so that both sides know \
         where they stand.",
    );
    page
}

fn sign(page: &mut Page, y: f64) {
    page.text(Font::Helvetica, 10.0, LEFT, y, INK, "Yours faithfully,");
    house::signature(page, LEFT + 4.0, y + 44.0);
    let line = y + 58.0;
    for (x, name, role) in [
        (LEFT, "Imogen Vale", "for Merrow Lane Accountants LLP"),
        (LEFT + 240.0, "Name and date", "for Harbour & Finch Ltd"),
    ] {
        page.line((x, line), (x + 200.0, line), 0.6, INK);
        page.text(Font::Helvetica, 9.0, x, line + 13.0, INK, name);
        page.text(Font::Helvetica, 8.5, x, line + 25.0, GRAY, role);
    }
}
