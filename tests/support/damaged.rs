//! One document of two pages, whole and damaged in all the ways that viewers tolerate: every
//! damaged one looks and reads like the whole.

/// Number of the pages' font.
const FONT: usize = 3;
/// Number of the picture on the pages.
const PICTURE: usize = 4;
/// Number of the first page.
const PAGE: usize = 5;

/// The document before it is written, its objects as text.
#[derive(Clone)]
struct Plain {
    /// Objects by their number; the first is not in use.
    objects: Vec<String>,
    /// What stands between an object's number and what it is, with both.
    head: fn(usize) -> String,
    /// What ends an object.
    end: &'static str,
    /// Number of objects whose entry in the table is off, and by how much.
    off: Vec<(usize, i64)>,
    /// A line of the table.
    line: fn(usize) -> String,
    /// What stands before the header, without being counted.
    junk: usize,
}

impl Plain {
    fn new() -> Self {
        let content = |text: &str| {
            let content =
                format!("BT /F1 24 Tf 40 150 Td ({text}) Tj ET q 60 0 0 60 40 40 cm /Im1 Do Q");
            format!("<</Length {}>>stream\n{content}\nendstream", content.len())
        };
        let page = |content: usize| {
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents {content} 0 R\
                 /Resources<</Font<</F1 {FONT} 0 R>>/XObject<</Im1 {PICTURE} 0 R>>>>\
                 /Annots[9 0 R]>>"
            )
        };
        let stamp = "1 0 0 rg 0 0 40 20 re f";
        let pixels: String = (0..12).map(|shade| format!("{:02x}", shade * 20)).collect();
        let objects = [
            String::new(),
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[5 0 R 6 0 R]/Count 2>>".to_owned(),
            "<</Type/Font/Subtype/Type1/BaseFont/Times-Bold/Encoding/WinAnsiEncoding>>".to_owned(),
            format!(
                "<</Type/XObject/Subtype/Image/Width 2/Height 2/BitsPerComponent 8\
                 /ColorSpace/DeviceRGB/Filter/ASCIIHexDecode/Length {}>>stream\n{pixels}>\nendstream",
                pixels.len() + 1
            ),
            page(7),
            page(8),
            content("First"),
            content("Second"),
            "<</Type/Annot/Subtype/Stamp/F 4/Rect[120 40 160 60]/AP<</N 10 0 R>>>>".to_owned(),
            format!(
                "<</Type/XObject/Subtype/Form/BBox[0 0 40 20]/Length {}>>stream\n{stamp}\nendstream",
                stamp.len()
            ),
        ];
        Self {
            objects: objects.into(),
            head: |number| format!("{number} 0 obj\n"),
            end: "\nendobj\n",
            off: Vec::new(),
            line: |offset| format!("{offset:010} 00000 n \n"),
            junk: 0,
        }
    }

    /// With text in an object replaced.
    fn with(mut self, number: usize, from: &str, to: &str) -> Self {
        assert!(self.objects[number].contains(from), "{from}");
        self.objects[number] = self.objects[number].replacen(from, to, 1);
        self
    }

    fn write(&self) -> Vec<u8> {
        let mut file = "%PDF-1.4\n".to_owned();
        let mut lines = "0000000000 65535 f \n".to_owned();
        for (number, object) in self.objects.iter().enumerate().skip(1) {
            let off = self.off.iter().find(|(other, _)| *other == number);
            let offset = file.len() as i64 + off.map_or(0, |(_, by)| *by);
            lines += &(self.line)(offset.max(0) as usize);
            file += &(self.head)(number);
            file += object;
            file += self.end;
        }
        let (table, size) = (file.len(), self.objects.len());
        let trailer = format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n");
        file += &format!("xref\n0 {size}\n{lines}{trailer}");
        format!("{}{file}", "junk\n".repeat(self.junk)).into_bytes()
    }
}

/// The document as it should be.
pub fn whole_pdf() -> Vec<u8> {
    Plain::new().write()
}

/// The document, damaged, and what the matter is.
pub fn damaged_pdfs() -> Vec<(String, Vec<u8>)> {
    let mut all = odd_syntax();
    all.extend(odd_objects());
    all.extend(wrong_places());
    all.extend(odd_pages());
    all.extend(edited());
    all.push(("hybrid".to_owned(), hybrid()));
    all
}

/// Its font is in an object stream, which only the hidden part of the table says.
fn hybrid() -> Vec<u8> {
    let mut plain = Plain::new();
    let font = std::mem::replace(&mut plain.objects[FONT], "null".to_owned());
    let packed = format!("{FONT} 0 {font}");
    let length = packed.len();
    plain.objects.push(format!(
        "<</Type/ObjStm/N 1/First 4/Length {length}>>stream\n{packed}\nendstream"
    ));
    let pack = plain.objects.len() - 1;
    plain.objects.push(format!(
        "<</Type/XRef/W[1 1 1]/Index[{FONT} 1]/Size 13/Filter/ASCIIHexDecode/Length 7>>stream\n\
         02{pack:02x}00>\nendstream"
    ));
    let text = String::from_utf8(plain.write()).unwrap();
    let hidden = text.find("12 0 obj").unwrap();
    let font = text.find("3 0 obj").unwrap();
    text.replace(&format!("{font:010} 00000 n"), "0000000000 65535 f")
        .replace("/Root 1 0 R>>", &format!("/Root 1 0 R/XRefStm {hidden}>>"))
        .into_bytes()
}

fn odd_syntax() -> Vec<(String, Vec<u8>)> {
    let entry = |text: &str| Plain::new().with(FONT, "/Encoding", &format!("{text}/Encoding"));
    let entries = [
        "/W --5",
        "/W .",
        "/W -.",
        "/W 4.5.6",
        "/W 5-5",
        "/W +-5",
        "/W 99999999999999999999",
        "/S <41zz4>",
        "/S(\\777\\8\\53\\\nx)",
        "/We#ZZird/x#",
        "/Name /Two words",
        "/A[1 2 /x (y) <z>]/B[[][[]]]",
        "/A[1 2 x)]",
        "/A<</B 1>>>",
        "/A 1 % a comment\n",
        "(no key)",
    ];
    let mut all: Vec<_> = entries
        .iter()
        .map(|text| (format!("font with {text}"), entry(text).write()))
        .collect();
    for (what, number, from, to) in [
        (
            "dictionary not closed",
            FONT,
            "WinAnsiEncoding>>",
            "WinAnsiEncoding",
        ),
        (
            "dictionary closed once",
            FONT,
            "WinAnsiEncoding>>",
            "WinAnsiEncoding>",
        ),
        ("array not closed", FONT, "Encoding>>", "Encoding/A[1 2>>"),
        ("text not closed", FONT, "Encoding>>", "Encoding/S(open >>"),
        ("digits not closed", FONT, "Encoding>>", "Encoding/S<41>>>"),
        (
            "name with a space",
            PICTURE,
            "/Width",
            "/Name/The picture/Width",
        ),
        ("reference with comment", PAGE, "/F1 3 0 R", "/F1 3 %c\n0 R"),
        ("reference with lines", PAGE, "/F1 3 0 R", "/F1 3\r\n0\tR"),
        ("generation of reference", PAGE, "/F1 3 0 R", "/F1 3 7 R"),
    ] {
        all.push((what.to_owned(), Plain::new().with(number, from, to).write()));
    }
    all
}

fn odd_objects() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let heads: [fn(usize) -> String; 5] = [
        |number| format!("{number} 0 obj"),
        |number| format!("{number} 0 obj\r"),
        |number| format!("{number}  000 obj %c\n"),
        |number| format!("{number}\r\n0\r\nobj\r\n"),
        |number| format!("{number} 3 obj\n"),
    ];
    for head in heads {
        let plain = Plain {
            head,
            ..Plain::new()
        };
        all.push((format!("objects begin {:?}", head(7)), plain.write()));
    }
    for end in ["\n", " endobj", "\nendobject\n", "\nendobj endobj\n"] {
        let plain = Plain {
            end,
            ..Plain::new()
        };
        all.push((format!("objects end {end:?}"), plain.write()));
    }
    for (what, from, to) in [
        ("length too short", "/Length 25>>", "/Length 5>>"),
        ("length too long", "/Length 25>>", "/Length 50>>"),
        (
            "length beyond the file",
            "/Length 25>>",
            "/Length 999999999>>",
        ),
        ("length negative", "/Length 25>>", "/Length -1>>"),
        ("length no number", "/Length 25>>", "/Length(x)>>"),
        (
            "length elsewhere, and not there",
            "/Length 25>>",
            "/Length 99 0 R>>",
        ),
        ("length of itself", "/Length 25>>", "/Length 4 0 R>>"),
        ("no length", "/Length 25>>", ">>"),
        ("stream, space", "stream\n", "stream \n"),
        ("stream, return", "stream\n", "stream\r"),
        ("stream, both", "stream\n", "stream \r\n"),
        ("no endstream", "\nendstream", ""),
        ("no line before endstream", "\nendstream", "endstream"),
        ("endstream misspelt", "\nendstream", "\nendstraem"),
    ] {
        all.push((
            what.to_owned(),
            Plain::new().with(PICTURE, from, to).write(),
        ));
    }
    all
}

fn wrong_places() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for number in 1..Plain::new().objects.len() {
        for by in [-40, -2, -1, 1, 12, 1 << 30] {
            let off = vec![(number, by)];
            let plain = Plain {
                off,
                ..Plain::new()
            };
            all.push((format!("object {number} off by {by}"), plain.write()));
        }
    }
    let lines: [fn(usize) -> String; 4] = [
        |offset| format!("{offset:010} 00000 n\n"),
        |offset| format!("{offset:010} 00005 n \n"),
        |offset| format!("{offset} 0 n\n"),
        |_| "0000000000 65535 f \n".to_owned(),
    ];
    for line in lines {
        let plain = Plain {
            line,
            ..Plain::new()
        };
        all.push((format!("table of {:?}", line(15)), plain.write()));
    }
    for junk in [1, 300] {
        let plain = Plain {
            junk,
            ..Plain::new()
        };
        all.push((format!("{junk} lines before the header"), plain.write()));
    }
    all
}

fn odd_pages() -> Vec<(String, Vec<u8>)> {
    let direct = Plain::new().objects[PAGE].clone();
    [
        (
            "kids with nulls",
            2,
            "[5 0 R",
            "[null 5 0 R 99 0 R null 11 0 R".to_owned(),
        ),
        ("page as a direct object", 2, "[5 0 R", format!("[{direct}")),
        ("page without a type", PAGE, "/Type/Page", String::new()),
        (
            "page of a strange type",
            PAGE,
            "/Type/Page",
            "/Type/page".to_owned(),
        ),
        ("no count", 2, "/Count 2", String::new()),
        ("wrong count", 2, "/Count 2", "/Count 7".to_owned()),
    ]
    .into_iter()
    .map(|(what, number, from, to)| {
        let plain = Plain::new().with(number, from, &to);
        (what.to_owned(), plain.write())
    })
    .collect()
}

/// Edited after it was written, so that all that follows is elsewhere.
fn edited() -> Vec<(String, Vec<u8>)> {
    let whole = String::from_utf8(whole_pdf()).unwrap();
    let edit = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        whole.replacen(from, to, 1).into_bytes()
    };
    let table = whole.find("xref").unwrap();
    let start = format!("startxref\n{table}");
    let mut all = vec![
        (
            "startxref huge".to_owned(),
            edit(&start, "startxref\n99999999999"),
        ),
        (
            "startxref early".to_owned(),
            edit(&start, &format!("startxref\n{}", table - 5)),
        ),
        ("no startxref".to_owned(), edit(&start, "")),
        (
            "no trailer".to_owned(),
            edit("trailer\n<</Size 11/Root 1 0 R>>", ""),
        ),
        ("no table".to_owned(), whole.as_bytes()[..table].to_vec()),
        (
            "cut in the last object".to_owned(),
            whole.as_bytes()[..table - 10].to_vec(),
        ),
        (
            "junk at the end".to_owned(),
            [whole.as_bytes(), &[b'x'; 3000]].concat(),
        ),
    ];
    for by in [1, 4, 40] {
        let longer = edit(
            "<</Type/Catalog",
            &format!("{}<</Type/Catalog", " ".repeat(by)),
        );
        all.push((format!("{by} bytes put in"), longer));
    }
    let update = format!(
        "{FONT} 0 obj\n{}\nendobj\n",
        Plain::new().objects[FONT].replace("Times-Bold", "Times-Bold/Name/New")
    );
    let at = whole.len() + update.len();
    let appended = format!(
        "{whole}{update}xref\n{FONT} 1\n{:010} 00000 n \ntrailer\n<</Size 11/Root 1 0 R/Prev \
         {table}>>\nstartxref\n{at}\n%%EOF\n",
        whole.len()
    );
    let off = appended.replace(&format!("/Prev {table}"), "/Prev 3");
    all.push(("appended".to_owned(), appended.into_bytes()));
    all.push(("appended, wrong /Prev".to_owned(), off.into_bytes()));
    all
}
