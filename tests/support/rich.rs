//! A document with everything that splitting has to keep, to cut or to leave behind.

use super::pdf::raw_pdf;

/// Four pages: links within, to a web address and to scripts, notes with popups and replies, a
/// form, layers, labels, an outline, inherited attributes, and one list of resources for all.
///
/// Page 1 (label i): links to page 3, to a web address, and one that runs a script; a note with
/// its popup and a reply. Page 2 (label ii): turned, user unit 2, a text field and one of two
/// radio buttons. Page 3 (label 1): the other radio button, a hidden and a shown layer. Page 4
/// (label 2): nothing but its number.
pub fn rich_pdf() -> Vec<u8> {
    let page = |number: u32, more: &str| {
        let content = 19 + number;
        format!("<</Type/Page/Parent 2 0 R/Contents {content} 0 R{more}>>")
    };
    let stream = |entries: &str, content: &str| {
        let length = content.len();
        format!("<<{entries}/Length {length}>>stream\n{content}\nendstream")
    };
    let content = |number: u32, more: &str| {
        let text = format!("BT /F1 24 Tf 40 700 Td (Page {number}) Tj ET {more}");
        stream("", &text)
    };
    let form = |colour: &str| {
        stream(
            "/Type/XObject/Subtype/Form/BBox[0 0 20 20]/Resources<<>>",
            &format!("{colour} rg 2 2 16 16 re f"),
        )
    };
    let objects = [
        // 1: the catalog.
        "<</Type/Catalog/Pages 2 0 R/Outlines 10 0 R/AcroForm 14 0 R/OCProperties 18 0 R\
         /PageLabels<</Nums[0<</S/r>>2<</S/D>>]>>/Names<</Dests<</Names[(third)[5 0 R/Fit]]>>\
         /JavaScript<</Names[(x)31 0 R]>>>>/OpenAction 31 0 R/Lang(en)>>"
            .to_owned(),
        // 2: the tree, from which pages inherit.
        "<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R 6 0 R]/Count 4/MediaBox[0 0 400 800]\
         /Resources 7 0 R>>"
            .to_owned(),
        page(
            1,
            "/Annots[24 0 R 25 0 R 26 0 R 27 0 R 28 0 R 29 0 R 30 0 R]",
        ),
        page(2, "/Rotate 90/UserUnit 2/Annots[15 0 R 17 0 R]"),
        page(3, "/Annots[19 0 R]"),
        page(4, ""),
        // 7: resources of all pages; the images are used by none.
        "<</Font<</F1 8 0 R>>/XObject<</Big 9 0 R/Red 32 0 R/Blue 33 0 R>>\
         /Properties<</Hidden 34 0 R/Shown 35 0 R>>>>"
            .to_owned(),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        stream(
            "/Type/XObject/Subtype/Image/Width 100/Height 100/ColorSpace/DeviceGray\
             /BitsPerComponent 8",
            &"x".repeat(10_000),
        ),
        // 10: the outline: Part > Third, by name, and Fourth.
        "<</Type/Outlines/First 11 0 R/Last 13 0 R/Count 2>>".to_owned(),
        "<</Title(Part)/Parent 10 0 R/Next 13 0 R/First 12 0 R/Last 12 0 R/Count -1\
         /Dest[3 0 R/Fit]>>"
            .to_owned(),
        "<</Title(Third)/Parent 11 0 R/Dest(third)>>".to_owned(),
        "<</Title(Fourth)/Parent 10 0 R/Prev 11 0 R/A<</S/GoTo/D[6 0 R/XYZ 0 800 0]>>>>".to_owned(),
        // 14: the form: a text field, and radio buttons on two pages.
        "<</Fields[15 0 R 16 0 R]/DR<</Font<</Helv 8 0 R>>>>/DA(/Helv 12 Tf)\
         /CO[15 0 R]>>"
            .to_owned(),
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Ada)/Rect[40 500 200 520]/P 4 0 R\
         /DA(/Helv 12 Tf)/AA<</K 31 0 R>>/AP<</N 32 0 R>>>>"
            .to_owned(),
        "<</FT/Btn/T(choice)/Ff 49152/Kids[17 0 R 19 0 R]/V/a>>".to_owned(),
        "<</Type/Annot/Subtype/Widget/Parent 16 0 R/Rect[40 400 60 420]/P 4 0 R/AS/a\
         /AP<</N<</a 32 0 R/Off 33 0 R>>>>>>"
            .to_owned(),
        // 18: the layers.
        "<</OCGs[34 0 R 35 0 R]/D<</OFF[34 0 R]/Order[(All)[34 0 R 35 0 R]]>>>>".to_owned(),
        "<</Type/Annot/Subtype/Widget/Parent 16 0 R/Rect[40 400 60 420]/P 5 0 R/AS/Off\
         /AP<</N<</b 32 0 R/Off 33 0 R>>>>>>"
            .to_owned(),
        // 20 to 23: what pages show.
        content(1, ""),
        content(2, ""),
        content(
            3,
            "/OC/Hidden BDC q 1 0 0 1 100 100 cm /Red Do Q EMC \
             /OC/Shown BDC q 1 0 0 1 100 200 cm /Blue Do Q EMC",
        ),
        content(4, ""),
        // 24 to 30: notes and links of page 1.
        "<</Type/Annot/Subtype/Link/Rect[10 10 20 20]/Dest(third)/Border[0 0 0]>>".to_owned(),
        "<</Type/Annot/Subtype/Link/Rect[30 10 40 20]/Border[0 0 0]\
         /A<</S/URI/URI(https://example.org/)/Next 31 0 R>>>>"
            .to_owned(),
        "<</Type/Annot/Subtype/Link/Rect[50 10 60 20]/Border[0 0 0]/A 31 0 R>>".to_owned(),
        "<</Type/Annot/Subtype/Text/Rect[70 10 90 30]/Contents(A note)/Popup 28 0 R/P 3 0 R\
         /AP<</N 33 0 R>>>>"
            .to_owned(),
        "<</Type/Annot/Subtype/Popup/Rect[90 10 190 60]/Parent 27 0 R>>".to_owned(),
        "<</Type/Annot/Subtype/Text/Rect[70 40 90 60]/Contents(A reply)/IRT 27 0 R\
         /AP<</N 33 0 R>>>>"
            .to_owned(),
        "<</Type/Annot/Subtype/Link/Rect[70 10 80 20]/Border[0 0 0]\
         /A<</S/Launch/F(calc.exe)>>>>"
            .to_owned(),
        "<</S/JavaScript/JS(app.alert\\(1\\))>>".to_owned(),
        form("1 0 0"),
        form("0 0 1"),
        "<</Type/OCG/Name(Hidden)>>".to_owned(),
        "<</Type/OCG/Name(Shown)>>".to_owned(),
    ];
    raw_pdf(objects)
}
