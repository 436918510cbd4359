//! Honest documents with something in them besides their pages: scripts, files, signatures,
//! earlier revisions.

use super::pdf::raw_pdf;

const PAGES: &str = "<</Type/Pages/Kids[3 0 R]/Count 1>>";
const PAGE: &str = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>";

fn with_catalog<const MORE: usize>(entries: &str, more: [&str; MORE]) -> Vec<u8> {
    let catalog = format!("<</Type/Catalog/Pages 2 0 R{entries}>>");
    let first = [catalog.as_str(), PAGES, PAGE];
    raw_pdf(first.into_iter().chain(more).map(str::to_owned))
}

/// Runs a script when it is opened, and would start a program.
pub fn active_pdf() -> Vec<u8> {
    with_catalog(
        "/OpenAction 4 0 R/AA<</WC 5 0 R>>",
        [
            "<</Type/Action/S/JavaScript/JS(app.alert\\(1\\))>>",
            "<</Type/Action/S/Launch/F(calc.exe)>>",
        ],
    )
}

/// The same script with its name spelled so that a search does not find it.
pub fn disguised_pdf() -> Vec<u8> {
    with_catalog(
        "/OpenAction 4 0 R",
        ["<</S/J#61vaScript/J#53(app.alert\\(1\\))>>"],
    )
}

/// An action in bytes that no object covers, before the table of objects.
pub fn hiding_pdf() -> Vec<u8> {
    let bytes = with_catalog("", []);
    let text = String::from_utf8(bytes).expect("plain text");
    let hidden = "9 0 obj\n<</S/Launch/F(calc.exe)>>\nendobj\n";
    let (objects, rest) = text.split_once("xref\n").expect("a table");
    let table = objects.len() + hidden.len();
    let rest = rest.replace(&objects.len().to_string(), &table.to_string());
    format!("{objects}{hidden}xref\n{rest}").into_bytes()
}

/// Brings two files.
pub fn attachments_pdf() -> Vec<u8> {
    with_catalog(
        "/Names<</EmbeddedFiles<</Names[(a)4 0 R(b)5 0 R]>>>>",
        [
            "<</Type/Filespec/F(prices.csv)/EF<</F 6 0 R>>>>",
            "<</Type/Filespec/F(notes.txt)/EF<</F 6 0 R>>>>",
            "<</Type/EmbeddedFile/Length 4>>stream\na,b\n\nendstream",
        ],
    )
}

/// Has a file attached in ways that are not usual: behind a reference that leads nowhere, by
/// a reference to a reference, and specified by nothing.
pub fn oddly_attached_pdf(file: &[u8]) -> Vec<u8> {
    let hex: String = file.iter().map(|byte| format!("{byte:02x}")).collect();
    let length = hex.len() + 1;
    let stream = format!(
        "<</Type/EmbeddedFile/Filter/ASCIIHexDecode/Length {length}>>stream\n{hex}>\nendstream"
    );
    with_catalog(
        "",
        [
            "<</Type/Filespec/F(dead.pdf)/EF<</UF 99 0 R/F 7 0 R>>>>",
            "<</Type/Filespec/F(chain.pdf)/EF<</F 6 0 R>>>>",
            "8 0 R",
            &stream,
            &stream,
            &stream,
        ],
    )
}

/// A form with a signature in it; the signature itself is empty.
pub fn signed_pdf() -> Vec<u8> {
    with_catalog(
        "/AcroForm<</SigFlags 3/Fields[4 0 R]>>",
        [
            "<</FT/Sig/T(Signature)/V 5 0 R>>",
            "<</Type/Sig/Filter/Adobe.PPKLite/Name(Ada Winter)/ByteRange[0 1 2 3]/Contents<00>>>",
        ],
    )
}

/// An XFA form beside the ordinary one.
pub fn xfa_pdf() -> Vec<u8> {
    with_catalog(
        "/AcroForm<</Fields[]/XFA 4 0 R>>",
        ["<</Length 6>>stream\n<xdp/>\nendstream"],
    )
}

/// Saved anew twice, at its end, and then something that is no PDF.
pub fn revised_pdf() -> Vec<u8> {
    let mut bytes = with_catalog("", []);
    for rotation in [90, 180] {
        let before = find_last(&bytes, "startxref\n");
        let object = bytes.len();
        let changed = PAGE.replace(">>", &format!("/Rotate {rotation}>>"));
        bytes.extend(format!("3 0 obj\n{changed}\nendobj\n").bytes());
        let table = bytes.len();
        bytes.extend(
            format!(
                "xref\n3 1\n{object:010} 00000 n \ntrailer\n<</Size 4/Root 1 0 R/Prev {before}>>\n\
                 startxref\n{table}\n%%EOF\n"
            )
            .bytes(),
        );
    }
    bytes.extend(b"trailing bytes");
    bytes
}

/// The number after the last `keyword`.
fn find_last(bytes: &[u8], keyword: &str) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let (_, after) = text.rsplit_once(keyword).expect("the keyword");
    after
        .lines()
        .next()
        .expect("a line")
        .parse()
        .expect("a number")
}
