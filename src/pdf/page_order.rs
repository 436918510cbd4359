//! The order in which viewers show pages that are in a page tree more than once. hayro
//! passes over those that it has met; people see them again. Not for what pages show.

use std::collections::HashMap;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier};

/// Pages that are there again are counted up to so many; a document of that many is refused
/// for what its size can hold, not cut.
const MOST_AGAIN: usize = 4_000_000;

/// Indices of hayro's pages as viewers show them.
pub(super) fn page_order(pdf: &Pdf) -> Vec<usize> {
    let count = pdf.pages().len();
    match walked(pdf) {
        Some((order, met)) if met == count => order,
        _ => (0..count).collect(),
    }
}

/// Walks the page tree as hayro does. The order, and how many different pages it has met;
/// none where the tree is not one.
fn walked(pdf: &Pdf) -> Option<(Vec<usize>, usize)> {
    let xref = pdf.xref();
    let catalog = xref.get::<Dict<'_>>(xref.root_id())?;
    let root = catalog.get::<Dict<'_>>(b"Pages".as_slice())?;
    // Indices of pages, and none for inner nodes.
    let mut known: HashMap<ObjectIdentifier, Option<usize>> = HashMap::new();
    known.extend(root.obj_id().map(|id| (id, None)));
    let (mut order, mut met, mut again) = (Vec::new(), 0, 0);
    let mut stack = vec![kids(&root)?.raw_iter()];
    while let Some(node) = stack.last_mut() {
        let Some(kid) = node.next() else {
            stack.pop();
            continue;
        };
        let (id, kid) = match kid {
            MaybeRef::Ref(reference) => {
                let id: ObjectIdentifier = reference.into();
                if let Some(before) = known.get(&id) {
                    let is_more = again < MOST_AGAIN;
                    again += usize::from(before.is_some() && is_more);
                    order.extend(before.filter(|_| is_more));
                    continue;
                }
                known.insert(id, None);
                (Some(id), xref.get::<Dict<'_>>(id))
            }
            MaybeRef::NotRef(kid) => (None, Object::into_dict(kid)),
        };
        let Some(kid) = kid else {
            continue;
        };
        let kind = kid.get::<Name<'_>>(b"Type".as_slice());
        if kind.as_deref() == Some(b"Pages") {
            stack.extend(kids(&kid).map(|kids| kids.raw_iter()));
        } else {
            known.extend(id.map(|id| (id, Some(met))));
            order.push(met);
            met += 1;
        }
    }
    Some((order, met))
}

fn kids<'a>(node: &Dict<'a>) -> Option<Array<'a>> {
    node.get(b"Kids".as_slice())
}
