//! Contents of a page that stand in its file and cannot be read, as where the end of a stream is
//! misspelt: the page would come out empty, and so be called blank. Not for contents that are
//! named and not there, which are none to all readers.

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, MaybeRef, ObjRef, Object, Stream};
use hayro_syntax::page::Page;

/// Where a page says which streams are its contents (ISO 32000-2, 7.7.3.3).
const CONTENTS: &[u8] = b"Contents";

/// Whether nothing of a page's contents can be read although there are some.
pub(super) fn are_lost(pdf: &Pdf, page: &Page<'_>) -> bool {
    let is_empty = |contents: &[u8]| contents.trim_ascii().is_empty();
    if !page.page_stream().is_none_or(is_empty) {
        return false;
    }
    named(page).into_iter().any(|of| {
        let stream = pdf.xref().get::<Stream<'_>>(of.into());
        let is_read = stream.is_some_and(|stream| stream.decoded_data().is_ok());
        !is_read && is_in(pdf.data().as_ref(), of)
    })
}

/// The streams that a page names.
fn named(page: &Page<'_>) -> Vec<ObjRef> {
    let page = page.raw();
    let one = page.get_raw::<Object<'_>>(CONTENTS);
    let one = one.and_then(|one| one.as_obj_ref());
    match page.get::<Array<'_>>(CONTENTS) {
        Some(many) => many
            .raw_iter()
            .filter_map(|item: MaybeRef<Object<'_>>| item.as_obj_ref())
            .collect(),
        None => one.into_iter().collect(),
    }
}

/// Whether an object begins somewhere in the file.
fn is_in(file: &[u8], of: ObjRef) -> bool {
    let head = format!("{} {} obj", of.obj_number, of.gen_number);
    memchr::memmem::find_iter(file, &head).any(|place| {
        let before = place.checked_sub(1).and_then(|before| file.get(before));
        !before.is_some_and(u8::is_ascii_digit)
    })
}
