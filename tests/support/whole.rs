//! Documents put together from their objects, for what lies around pages: forms, attachments,
//! structure, claims.

use super::pdf::raw_pdf;

/// A document with these entries of its catalog and of its pages, and further objects. The
/// catalog is object 1, the tree of pages 2, the pages follow from 3, and what follows them has
/// the next numbers. Pages have fonts: F1 is Helvetica.
pub fn document(catalog: &str, pages: &[&str], more: &[&str]) -> Vec<u8> {
    let numbers = 3..3 + pages.len();
    let kids: String = numbers
        .clone()
        .map(|number| format!("{number} 0 R "))
        .collect();
    let count = pages.len();
    let whole = [
        format!("<</Type/Catalog/Pages 2 0 R{catalog}>>"),
        format!(
            "<</Type/Pages/Kids[{kids}]/Count {count}/MediaBox[0 0 300 400]/Resources\
             <</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
        ),
    ];
    let pages = pages
        .iter()
        .map(|entries| format!("<</Type/Page/Parent 2 0 R{entries}>>"));
    let more = more.iter().map(|object| (*object).to_owned());
    raw_pdf(whole.into_iter().chain(pages).chain(more))
}

/// A stream object.
pub fn stream(entries: &str, content: &str) -> String {
    format!(
        "<<{entries}/Length {}>>stream\n{content}\nendstream",
        content.len()
    )
}

/// An electronic invoice of two pages: data beside it, and claims to be PDF/A-3 and Factur-X.
pub fn invoice_pdf(number: u32) -> Vec<u8> {
    let file = stream(
        "/Type/EmbeddedFile/Subtype/text#2fxml",
        &format!("<ID>{number}</ID>"),
    );
    let metadata = stream(
        "/Type/Metadata/Subtype/XML",
        "<rdf:Description xmlns:pdfaid='http://www.aiim.org/pdfa/ns/id/' \
         xmlns:fx='urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#'>\
         <pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>\
         <fx:DocumentType>INVOICE</fx:DocumentType></rdf:Description>",
    );
    document(
        "/AF[5 0 R]/Names<</EmbeddedFiles<</Names[(factur-x.xml)5 0 R]>>>>/Metadata 7 0 R",
        &["", ""],
        &[
            "<</Type/Filespec/F(factur-x.xml)/UF(factur-x.xml)/AFRelationship/Alternative\
             /EF<</F 6 0 R/UF 6 0 R>>>>",
            &file,
            &metadata,
        ],
    )
}

/// A tagged document of two pages that claims PDF/A-2a and PDF/UA: a table whose rows are on one
/// page each, the second with an empty cell, and a link on page 2.
pub fn tagged_pdf() -> Vec<u8> {
    let metadata = stream(
        "/Type/Metadata/Subtype/XML",
        "<rdf:Description xmlns:pdfaid='http://www.aiim.org/pdfa/ns/id/' \
         xmlns:pdfuaid='http://www.aiim.org/pdfua/ns/id/' pdfaid:part='2' \
         pdfaid:conformance='A' pdfuaid:part='1'/>",
    );
    document(
        "/Lang(en)/MarkInfo<</Marked true>>/StructTreeRoot 5 0 R/Metadata 13 0 R\
         /ViewerPreferences<</DisplayDocTitle true>>",
        &[
            "/StructParents 0/Tabs/S",
            "/StructParents 1/Tabs/S/Annots[12 0 R]",
        ],
        &[
            // 5: the root.
            "<</Type/StructTreeRoot/K 6 0 R/RoleMap<</Grid/Table>>/ParentTree<</Nums[\
             0[9 0 R]1[10 0 R]2 14 0 R]>>/ParentTreeNextKey 3>>",
            "<</Type/StructElem/S/Grid/P 5 0 R/K[7 0 R 8 0 R 14 0 R]>>",
            "<</Type/StructElem/S/TR/P 6 0 R/K[9 0 R]>>",
            "<</Type/StructElem/S/TR/P 6 0 R/K[10 0 R 11 0 R]>>",
            // 9: the cells.
            "<</Type/StructElem/S/TD/P 7 0 R/Pg 3 0 R/K 0/ActualText(First)>>",
            "<</Type/StructElem/S/TD/P 8 0 R/K[<</Type/MCR/Pg 4 0 R/MCID 0>>]/ActualText(Second)>>",
            "<</Type/StructElem/S/TD/P 8 0 R/ActualText(Empty)>>",
            // 12: the link, and its element.
            "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/StructParent 2/A<</S/URI/URI(https://a.example)>>>>",
            &metadata,
            "<</Type/StructElem/S/Link/P 6 0 R/K[<</Type/OBJR/Pg 4 0 R/Obj 12 0 R>>]/ActualText(Link)>>",
        ],
    )
}
