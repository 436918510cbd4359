//! The boxes of a document's pages (ISO 32000-2, 14.11.2): where they are the same
//! they are counted together. Not for drawing: engines know their own boxes.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, Object};

use crate::model::{BoxKind, PageBoxes, PageShape};

/// How far up a page tree inherited boxes are looked for; more is a cycle.
const DEEPEST: usize = 64;

/// Most kinds of boxes that are kept.
const MOST: usize = 100;

/// The boxes of all pages, the most frequent first.
pub fn read(document: &Document) -> Vec<PageBoxes> {
    let mut counted: BTreeMap<(BoxKind, [i64; 2]), u32> = BTreeMap::new();
    for page in document.page_iter() {
        let Ok(page) = document.get_dictionary(page) else {
            continue;
        };
        let unit = page
            .get(b"UserUnit")
            .ok()
            .and_then(|unit| number(document, unit))
            .filter(|unit| (PageShape::SMALLEST_UNIT..=PageShape::LARGEST_UNIT).contains(unit))
            .unwrap_or(1.0);
        for kind in BoxKind::ALL {
            let size = found(document, page, kind).and_then(|value| size(document, value));
            if let Some(size) = size {
                // Tenths of a point: what is closer is the same size.
                let size = size.map(|side| {
                    let side = f64::from(side * unit).min(PageShape::LONGEST.into());
                    (side * 10.0).round() as i64
                });
                *counted.entry((kind, size)).or_default() += 1;
            }
        }
    }
    let mut boxes: Vec<_> = counted
        .into_iter()
        .map(|((kind, size), pages)| PageBoxes {
            kind,
            width: size[0] as f32 / 10.0,
            height: size[1] as f32 / 10.0,
            pages,
        })
        .collect();
    boxes.sort_by_key(|boxes| (boxes.kind, std::cmp::Reverse(boxes.pages)));
    boxes.truncate(MOST);
    boxes
}

/// The page's own box or, of the kinds that are inherited, that of an ancestor.
fn found<'a>(document: &'a Document, page: &'a Dictionary, kind: BoxKind) -> Option<&'a Object> {
    let inherited = matches!(kind, BoxKind::Media | BoxKind::Crop);
    let mut node = page;
    for _ in 0..DEEPEST {
        if let Ok(value) = node.get(kind.key().as_bytes()) {
            return Some(value);
        }
        if !inherited {
            return None;
        }
        let (_, parent) = document.dereference(node.get(b"Parent").ok()?).ok()?;
        node = parent.as_dict().ok()?;
    }
    None
}

/// Width and height in units of the page.
fn size(document: &Document, value: &Object) -> Option<[f32; 2]> {
    let (_, value) = document.dereference(value).ok()?;
    let corners: Vec<f32> = value
        .as_array()
        .ok()?
        .iter()
        .filter_map(|corner| number(document, corner))
        .collect();
    match corners.as_slice() {
        [x0, y0, x1, y1] => Some([(x1 - x0).abs(), (y1 - y0).abs()]),
        _ => None,
    }
}

fn number(document: &Document, value: &Object) -> Option<f32> {
    let (_, value) = document.dereference(value).ok()?;
    value.as_float().ok().filter(|number| number.is_finite())
}
