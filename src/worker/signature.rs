//! What a file is by its first bytes, and where these do not tell, by its name: a PDF,
//! a ZIP archive, or something else that may hold PDFs and that nobody unpacks here.
//! Archives are known before a PDF's header is looked for: within the first bytes of a
//! TAR or of a stored ZIP stands the header of the first PDF in it.

/// Bytes from the start that tell.
pub const ENOUGH: usize = 1024;

/// A file that is no PDF and may hold some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// A ZIP archive, or what is built like one.
    Zip,
    /// What it is, and what to do with it, in words.
    Foreign(&'static str),
}

const TAR: &str = "it is a TAR archive; unpack it first";
const MAIL: &str = "it is a mail; save what is attached to it first";

/// Signatures at the very start, from the registry of the file formats' makers.
const SIGNATURES: [(&[u8], Container); 11] = [
    (b"PK\x03\x04", Container::Zip),
    // Without entries, and in several pieces.
    (b"PK\x05\x06", Container::Zip),
    (b"PK\x07\x08", Container::Zip),
    (
        b"7z\xbc\xaf\x27\x1c",
        Container::Foreign("it is a 7z archive; unpack it first"),
    ),
    (
        b"Rar!\x1a\x07",
        Container::Foreign("it is a RAR archive; unpack it first"),
    ),
    (
        b"\x1f\x8b\x08",
        Container::Foreign("it is packed with gzip; unpack it first"),
    ),
    (
        b"\xfd7zXZ\x00",
        Container::Foreign("it is packed with xz; unpack it first"),
    ),
    (
        b"BZh",
        Container::Foreign("it is packed with bzip2; unpack it first"),
    ),
    (
        b"\x28\xb5\x2f\xfd",
        Container::Foreign("it is packed with zstd; unpack it first"),
    ),
    (
        b"MSCF\x00\x00\x00\x00",
        Container::Foreign("it is a CAB archive; unpack it first"),
    ),
    // winmail.dat
    (b"\x78\x9f\x3e\x22", Container::Foreign(MAIL)),
];

/// Headers with which mails begin that were saved by a program.
const MAIL_HEADERS: [&[u8]; 5] = [
    b"From ",
    b"Return-Path:",
    b"Received:",
    b"Delivered-To:",
    b"MIME-Version:",
];

/// Endings of names of what its first bytes do not tell for sure.
const NAMED: [(&str, &str); 8] = [
    (".eml", MAIL),
    (".msg", MAIL),
    (".mbox", MAIL),
    (".pst", MAIL),
    (".ost", MAIL),
    (".tar", TAR),
    (".lzh", "it is an LZH archive; unpack it first"),
    (".iso", "it is an image of a disk; open it first"),
];

/// What is built like a ZIP archive, and is a document or a program: office
/// documents, books, Java.
const PACKAGES: [&str; 24] = [
    ".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".xltx", ".pptx", ".pptm", ".ppsx", ".vsdx",
    ".odt", ".ods", ".odp", ".odg", ".epub", ".jar", ".war", ".apk", ".xps", ".oxps", ".pages",
    ".numbers", ".key", ".kmz",
];

/// Entries that only such packages have.
const OF_PACKAGES: [&str; 4] = [
    "[Content_Types].xml",
    "mimetype",
    "META-INF/MANIFEST.MF",
    "AndroidManifest.xml",
];

/// The container that a file of this name and beginning is, if it is one.
pub fn container(name: &str, start: &[u8]) -> Option<Container> {
    if start.starts_with(b"%PDF-") {
        return None;
    }
    let name = name.to_ascii_lowercase();
    if PACKAGES.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    if let Some((_, found)) = SIGNATURES.iter().find(|(sign, _)| start.starts_with(sign)) {
        return Some(*found);
    }
    if is_tar(start) {
        return Some(Container::Foreign(TAR));
    }
    // Headers of other kinds may stand before that of a PDF.
    if has_pdf_header(start) {
        return None;
    }
    if MAIL_HEADERS.iter().any(|header| start.starts_with(header)) {
        return Some(Container::Foreign(MAIL));
    }
    if name.ends_with(".zip") {
        return Some(Container::Zip);
    }
    let named = NAMED.iter().find(|(ending, _)| name.ends_with(ending));
    named.map(|(_, words)| Container::Foreign(words))
}

/// What files that are called PDFs really are, by their first bytes, from the registries
/// of their formats' makers.
const OTHERS: [(&[u8], &str); 12] = [
    (b"\x89PNG\r\n\x1a\n", "it is a PNG picture"),
    (b"\xff\xd8\xff", "it is a JPEG picture"),
    (b"GIF8", "it is a GIF picture"),
    (b"BM", "it is a BMP picture"),
    (b"II*\x00", "it is a TIFF picture"),
    (b"MM\x00*", "it is a TIFF picture"),
    (b"%!PS", "it is PostScript; convert it first"),
    (b"{\\rtf", "it is an RTF document; print it to a PDF first"),
    (
        b"\xd0\xcf\x11\xe0",
        "it is an office document of the old kind; print it to a PDF first",
    ),
    (b"\x7fELF", "it is a program"),
    (b"MZ", "it is a program"),
    (b"AT&TFORM", "it is a DjVu document; convert it first"),
];

/// What a file that is no PDF is, in words; empty where nobody knows.
pub fn other_kind(start: &[u8]) -> &'static str {
    let known = OTHERS.iter().find(|(sign, _)| start.starts_with(sign));
    if let Some((_, words)) = known {
        return words;
    }
    if start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP") {
        return "it is a WebP picture";
    }
    if start.get(4..8) == Some(b"ftyp") {
        return "it is a film, or a picture as telephones take them";
    }
    let text = start.trim_ascii_start();
    let begins = |word: &[u8]| {
        text.get(..word.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(word))
    };
    if begins(b"<!doctype html") || begins(b"<html") {
        return "it is a web page, perhaps an error page that was saved in the place of the PDF";
    }
    if begins(b"<?xml") {
        return "it is XML";
    }
    match start.is_empty() || start.iter().all(|byte| *byte == 0) {
        true => "there is nothing in it",
        false => "",
    }
}

/// An entry of an archive that makes the archive a package.
pub fn makes_a_package(entry: &str) -> bool {
    OF_PACKAGES.contains(&entry)
}

/// Whether the bytes start like a PDF: its header stands in its first 1,024 bytes
/// (ISO 32000-1, annex H.3.4.1).
pub fn has_pdf_header(bytes: &[u8]) -> bool {
    memchr::memmem::find(&bytes[..bytes.len().min(ENOUGH)], b"%PDF-").is_some()
}

/// The first block of a TAR archive says the sum of its own bytes, in octal digits,
/// those of the sum counted as spaces (POSIX pax, ustar interchange format).
fn is_tar(start: &[u8]) -> bool {
    const BLOCK: usize = 512;
    const SUM: std::ops::Range<usize> = 148..156;
    let Some(block) = start.get(..BLOCK) else {
        return false;
    };
    let digits = block[SUM].trim_ascii_start().iter();
    let digits = digits.take_while(|byte| (b'0'..=b'7').contains(byte));
    let stated = digits.fold(0u32, |sum, digit| sum * 8 + u32::from(digit - b'0'));
    let summed: u32 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| u32::from(if SUM.contains(&at) { b' ' } else { *byte }))
        .sum();
    block[0] != 0 && stated == summed
}

/// Where the PDFs begin that stand one after the other in a file. A single one has one
/// beginning, however often it was saved. Only what is whole counts: each piece ends
/// with its end mark and has its table where it says, counted from its own beginning.
pub fn joined_pdfs(bytes: &[u8]) -> Vec<usize> {
    let mut begins: Vec<usize> = Vec::new();
    for at in memchr::memmem::find_iter(bytes, b"%PDF-") {
        let before = bytes[..at].trim_ascii_end();
        let follows = before.ends_with(b"%%EOF") || begins.is_empty() && at < ENOUGH;
        if follows {
            begins.push(at);
        }
    }
    let ends = begins.iter().skip(1).copied().chain([bytes.len()]);
    let are_whole = begins
        .iter()
        .zip(ends)
        .all(|(&from, to)| is_whole(&bytes[from..to]));
    match begins.len() > 1 && are_whole {
        true => begins,
        false => begins.into_iter().take(1).collect(),
    }
}

/// The end of a PDF says where its table of objects is.
fn is_whole(pdf: &[u8]) -> bool {
    let Some(at) = memchr::memmem::rfind(pdf, b"startxref") else {
        return false;
    };
    let digits = pdf[at + b"startxref".len()..].trim_ascii_start();
    let length = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let place = std::str::from_utf8(&digits[..length]).ok();
    let place = place.and_then(|digits| digits.parse::<usize>().ok());
    let Some(table) = place.and_then(|place| pdf.get(place..)) else {
        return false;
    };
    let table = table.trim_ascii_start();
    // A table, or the object of a cross-reference stream.
    table.starts_with(b"xref") || table.first().is_some_and(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_a_pdf_and_is_none_is_named() {
        let named = [
            (&b"\x89PNG\r\n\x1a\nrest"[..], "PNG"),
            (b"\xff\xd8\xff\xe0", "JPEG"),
            (b"\n <!DOCTYPE HTML><p>404", "web page"),
            (b"RIFF\0\0\0\0WEBP", "WebP"),
            (b"", "nothing"),
        ];
        for (start, word) in named {
            assert!(other_kind(start).contains(word), "{word}");
        }
        assert_eq!(other_kind(b"dear sirs"), "");
    }

    fn pdf(text: &str) -> Vec<u8> {
        let body = format!("%PDF-1.4\n% {text}\n");
        let table = body.len();
        format!("{body}xref\n0 0\ntrailer<<>>\nstartxref\n{table}\n%%EOF\n").into_bytes()
    }

    fn tar() -> Vec<u8> {
        let mut block = vec![0; 512];
        block[..5].copy_from_slice(b"a.pdf");
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        [block, pdf("one")].concat()
    }

    #[test]
    fn archives_are_known_before_the_pdfs_in_them() {
        let is_foreign =
            |name, start: &[u8]| matches!(container(name, start), Some(Container::Foreign(_)));
        assert!(is_foreign("a.pdf", &tar()));
        assert!(is_foreign("a", b"7z\xbc\xaf\x27\x1c\0\x04"));
        assert!(is_foreign("letter.EML", b"Subject: x\r\n\r\n"));
        assert!(is_foreign("a.tar", &[0; 1024]));
        let stored = [b"PK\x03\x04 a.pdf".as_slice(), &pdf("one")].concat();
        assert_eq!(container("a.pdf", &stored), Some(Container::Zip));
    }

    #[test]
    fn documents_are_no_containers() {
        assert_eq!(container("a.zip", &pdf("one")), None);
        assert_eq!(container("a.pdf", b"\r\n\r\n%PDF-1.4"), None);
        assert_eq!(container("a.docx", b"PK\x03\x04"), None);
        assert_eq!(container("a.txt", b"hello"), None);
        assert_eq!(container("a.png", b"\x89PNG\r\n"), None);
    }

    #[test]
    fn pdfs_one_after_the_other_are_counted_and_one_saved_anew_is_one() {
        let (one, two) = (pdf("one"), pdf("another"));
        assert_eq!(joined_pdfs(&one), [0]);
        assert_eq!(
            joined_pdfs(&[one.as_slice(), &two].concat()),
            [0, one.len()]
        );
        // Counted from the file's beginning, its table is not in the second piece.
        let saved_anew = [one.as_slice(), b"%PDF-1.4 startxref 9 %%EOF"].concat();
        assert_eq!(joined_pdfs(&saved_anew), [0]);
        // A PDF in a stream does not follow an end.
        let within = [
            b"%PDF-1.4 stream\n".as_slice(),
            &one,
            b"endstream startxref 0 %%EOF",
        ];
        assert_eq!(joined_pdfs(&within.concat()).len(), 1);
        assert_eq!(joined_pdfs(b"no PDF"), Vec::<usize>::new());
    }
}
