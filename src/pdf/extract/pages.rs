//! The pages of a document in the order in which viewers show them, each with what it
//! inherits. Not for what is on them.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use lopdf::{Dictionary, Object, ObjectId};

use super::document::Document;

/// What pages inherit from the nodes above them (ISO 32000-1, table 30).
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

/// A page with what it inherits.
#[derive(Clone)]
pub(super) struct OriginalPage {
    pub(super) id: Option<ObjectId>,
    pub(super) dictionary: Rc<Dictionary>,
    /// It stands in the tree as if it had pages below it, and has none.
    is_bare_node: bool,
}

/// The pages of a document: those of its tree, or where that has none, whatever says that
/// it is a page and has content. Readers differ on pages that are in the tree more than
/// once, and on nodes without pages; `shown`, the number of pages that people see, says
/// which are meant.
pub(super) fn pages_of(document: &Document, shown: u32) -> Vec<OriginalPage> {
    let all = tree_pages(document);
    if all.is_empty() {
        return stray_pages(document);
    }
    let without_nodes = || all.iter().filter(|page| !page.is_bare_node).cloned();
    let choices = [
        all.clone(),
        without_nodes().collect(),
        once(all.iter().cloned()),
        once(without_nodes()),
    ];
    let fits = |pages: &Vec<OriginalPage>| pages.len() == shown as usize;
    choices.into_iter().find(fits).unwrap_or(all)
}

/// Pages without those that have been there before.
fn once(pages: impl Iterator<Item = OriginalPage>) -> Vec<OriginalPage> {
    let mut seen = HashSet::new();
    pages
        .filter(|page| page.id.is_none_or(|id| seen.insert(id)))
        .collect()
}

fn stray_pages(document: &Document) -> Vec<OriginalPage> {
    let stray = document.numbers().into_iter().filter_map(|number| {
        let id = (number, 0);
        let entries = document.get_dictionary(id).ok()?;
        (entries.has_type(b"Page") && entries.has(b"Contents")).then(|| OriginalPage {
            id: Some(id),
            dictionary: Rc::new(entries.clone()),
            is_bare_node: false,
        })
    });
    stray.collect()
}

/// Walks the page tree. A node with children is an inner one whatever it calls
/// itself, and counts once.
fn tree_pages(document: &Document) -> Vec<OriginalPage> {
    let mut pages: Vec<OriginalPage> = Vec::new();
    let mut seen = HashSet::new();
    let mut known: HashMap<ObjectId, usize> = HashMap::new();
    let Some(root) = document.catalog().ok().and_then(|c| c.get(b"Pages").ok()) else {
        return pages;
    };
    let mut waiting = vec![(root, Rc::new(Dictionary::new()))];
    while let Some((node, above)) = waiting.pop() {
        let id = node.as_reference().ok();
        if let Some(before) = id.and_then(|id| known.get(&id)) {
            pages.push(pages[*before].clone());
            continue;
        }
        let Ok((_, Object::Dictionary(entries))) = document.dereference(node) else {
            continue;
        };
        let kids = entries.get(b"Kids").ok();
        let kids = kids.and_then(|kids| document.dereference(kids).ok()?.1.as_array().ok());
        let mut inherited = (*above).clone();
        for key in INHERITED {
            if let Some(value) = usable(document, entries, key) {
                inherited.set(key, value.clone());
            }
        }
        match kids {
            Some(kids) => {
                if id.is_none_or(|id| seen.insert(id)) {
                    let inherited = Rc::new(inherited);
                    let kids = kids.iter().rev();
                    waiting.extend(kids.map(|kid| (kid, Rc::clone(&inherited))));
                }
            }
            None => {
                let mut dictionary = entries.clone();
                for key in INHERITED {
                    dictionary.remove(key);
                }
                for (key, value) in inherited {
                    dictionary.set(key, value);
                }
                known.extend(id.map(|id| (id, pages.len())));
                pages.push(OriginalPage {
                    id,
                    // One with content is a page to some readers.
                    is_bare_node: dictionary.has_type(b"Pages") && !dictionary.has(b"Contents"),
                    dictionary: Rc::new(dictionary),
                });
            }
        }
    }
    pages
}

/// What a node of the page tree says of `key`, where it is what belongs there: readers pass
/// over null, references to nothing, and boxes without four numbers, and take what stands
/// above.
fn usable<'a>(document: &'a Document, node: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    let value = node.get(key).ok()?;
    let resolved = |object| document.dereference(object).ok().map(|(_, found)| found);
    let found = resolved(value)?;
    let is_number = |object| resolved(object).is_some_and(|number| number.as_float().is_ok());
    let is_usable = match key {
        b"Resources" => found.as_dict().is_ok(),
        b"Rotate" => found.as_float().is_ok(),
        _ => found
            .as_array()
            .is_ok_and(|corners| corners.len() >= 4 && corners.iter().take(4).all(is_number)),
    };
    is_usable.then_some(value)
}
