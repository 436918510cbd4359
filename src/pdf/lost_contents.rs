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
    let read = page.page_stream();
    if read.is_some_and(|contents| !contents.is_empty()) {
        return false;
    }
    let (named, is_list) = named(page);
    // A stream of a list that can be read leaves a space at least.
    let is_undone = read.is_none() || is_list;
    named.into_iter().any(|of| {
        let is_lost = is_undone || pdf.xref().get::<Stream<'_>>(of.into()).is_none();
        is_lost && is_in(pdf.data().as_ref(), of)
    })
}

/// The streams that a page names, and whether as a list.
fn named(page: &Page<'_>) -> (Vec<ObjRef>, bool) {
    let page = page.raw();
    let one = page.get_raw::<Object<'_>>(CONTENTS);
    let one = one.and_then(|one| one.as_obj_ref());
    match page.get::<Array<'_>>(CONTENTS) {
        Some(many) => {
            let many = many.raw_iter();
            let many = many.filter_map(|item: MaybeRef<Object<'_>>| item.as_obj_ref());
            (many.collect(), true)
        }
        None => (one.into_iter().collect(), false),
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
