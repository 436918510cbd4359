//! Documents with others attached to them.

use super::pdf::{BLACK, Font, Page, PdfBuilder};

/// A mail of so many pages with files attached to it.
pub fn mail_pdf(pages: usize, attached: &[(&str, &[u8])]) -> Vec<u8> {
    mail(pages, attached).finish()
}

/// The same, opened by a password.
pub fn locked_mail_pdf(attached: &[(&str, &[u8])], password: &str) -> Vec<u8> {
    mail(1, attached).finish_rc4(password, "owner")
}

fn mail(pages: usize, attached: &[(&str, &[u8])]) -> PdfBuilder {
    let mut pdf = PdfBuilder::new("Mail");
    for number in 1..=pages {
        let mut page = Page::a4();
        let text = format!("Page {number} of a mail; what it speaks of is attached to it.");
        page.text(Font::Times, 12.0, 72.0, 100.0, BLACK, &text);
        pdf.add(page);
    }
    for (name, data) in attached {
        pdf.attach(name, data);
    }
    pdf
}
