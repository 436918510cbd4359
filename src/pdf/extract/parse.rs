//! Parsing a document for extraction: what lopdf reads, and what it misses although the
//! file has it. Not for what is taken from a parsed document (`original`).

use std::cell::OnceCell;
use std::collections::HashSet;
use std::rc::Rc;

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};
use memchr::memmem;

use super::mend::mend_streams;
use super::{ExtractError, LARGEST_STREAM};

/// Dictionaries that say how a file is encrypted are smaller, in bytes.
const LARGEST_ENCRYPT: usize = 8 << 10;

/// What pages inherit from the nodes above them (ISO 32000-1, table 30).
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

/// A document and what of it can be used.
pub(super) struct Parsed {
    pub(super) document: Document,
    /// Its pages in order.
    pub(super) pages: Vec<OriginalPage>,
    /// Pages, by index, whose content is in the file and was not found.
    pub(super) lost: HashSet<usize>,
}

/// A page with what it inherits.
pub(super) struct OriginalPage {
    pub(super) id: Option<ObjectId>,
    pub(super) dictionary: Dictionary,
}

/// Parses a document. `password` is the one that opened it, if any, and `shown` the
/// number of pages that people see of it.
pub(super) fn parse(
    bytes: &[u8],
    password: Option<&str>,
    shown: u32,
) -> Result<Parsed, ExtractError> {
    let document = load(bytes, password)?;
    // With a password that it cannot use, lopdf opens a file as almost empty.
    if document.is_encrypted() && document.encryption_state.is_none() {
        return Err(ExtractError::Locked);
    }
    let encrypted = document.was_encrypted();
    if encrypted && has_filters_elsewhere(bytes) {
        return Err(ExtractError::Unreadable(
            "how it is encrypted is not understood".into(),
        ));
    }
    let with_pages = |document| {
        let pages = pages(&document, shown as usize);
        let lost = lost_content(&document, &pages, bytes);
        Parsed {
            document,
            pages,
            lost,
        }
    };
    let mut parsed = with_pages(document);
    if encrypted {
        return Ok(parsed);
    }
    if !parsed.lost.is_empty() {
        // Its table of objects leads elsewhere: without it they are searched for.
        let searched = load(&without_table(bytes), password).map(with_pages);
        if let Ok(searched) = searched
            && searched.pages.len() == parsed.pages.len()
            && searched.lost.len() < parsed.lost.len()
        {
            parsed = searched;
        }
    }
    mend_streams(&mut parsed.document, bytes);
    Ok(parsed)
}

fn load(bytes: &[u8], password: Option<&str>) -> Result<Document, ExtractError> {
    let options = LoadOptions {
        password: password.map(str::to_owned),
        max_decompressed_size: Some(LARGEST_STREAM),
        ..LoadOptions::default()
    };
    Document::load_mem_with_options(bytes, options)
        .map_err(|error| ExtractError::Unreadable(error.to_string()))
}

/// The ways in which an encrypted file is encrypted are an object of their own. lopdf does
/// not follow it, and would leave everything scrambled.
fn has_filters_elsewhere(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, b"/Standard").any(|at| {
        let before = &bytes[at.saturating_sub(LARGEST_ENCRYPT)..at];
        let after = &bytes[at..bytes.len().min(at + LARGEST_ENCRYPT)];
        let begin = at - before.len() + memmem::rfind(before, b"obj").unwrap_or(0);
        let end = at + memmem::find(after, b"endobj").unwrap_or(after.len());
        let dictionary = &bytes[begin..end];
        memmem::find_iter(dictionary, b"/CF").any(|at| {
            let after = dictionary[at + b"/CF".len()..].trim_ascii_start();
            after.first().is_some_and(u8::is_ascii_digit)
        })
    })
}

/// The file without what leads to its table of objects.
fn without_table(bytes: &[u8]) -> Vec<u8> {
    let mut without = bytes.to_vec();
    for at in memmem::find_iter(bytes, b"startxref") {
        without[at] = b'-';
    }
    without
}

/// Pages, by index, with content that the document does not have although the file has
/// an object of that number. An object that is nowhere is nothing, and no loss.
fn lost_content(document: &Document, pages: &[OriginalPage], bytes: &[u8]) -> HashSet<usize> {
    // Looked for only where something is missing, and once for all pages.
    let begun = OnceCell::new();
    let is_lost = |content: &Object| {
        let Object::Reference(id) = content else {
            return false;
        };
        document.get_object(*id).is_err() && begun.get_or_init(|| objects_begun(bytes)).contains(id)
    };
    let loses = |page: &OriginalPage| match page.dictionary.get(b"Contents") {
        Ok(Object::Array(parts)) => parts.iter().any(is_lost),
        Ok(content) => match document.dereference(content) {
            Ok((_, Object::Array(parts))) => parts.iter().any(is_lost),
            _ => is_lost(content),
        },
        Err(_) => false,
    };
    let pages = pages.iter().enumerate();
    pages
        .filter_map(|(index, page)| loses(page).then_some(index))
        .collect()
}

/// The objects whose beginning is in the file, as "4 0 obj".
fn objects_begun(bytes: &[u8]) -> HashSet<ObjectId> {
    /// Digits of the largest number of an object, and of a generation.
    const DIGITS: usize = 10;
    let number = |before: &[u8]| {
        let digits = before.iter().rev().take(DIGITS);
        let digits = digits.take_while(|byte| byte.is_ascii_digit()).count();
        let start = before.len() - digits;
        let text = std::str::from_utf8(&before[start..]).ok()?;
        Some((start, text.parse::<u32>().ok()?))
    };
    let beginnings = memmem::find_iter(bytes, b" obj").filter_map(|at| {
        let (start, generation) = number(&bytes[..at])?;
        let before = bytes[..start].strip_suffix(b" ")?;
        let (_, object) = number(before)?;
        Some((object, u16::try_from(generation).ok()?))
    });
    beginnings.collect()
}

/// The pages of a document: those of its tree, or where that has none, whatever
/// says that it is a page and has content. Readers differ on pages that are in
/// the tree more than once; `shown` says which is meant.
fn pages(document: &Document, shown: usize) -> Vec<OriginalPage> {
    let pages = tree_pages(document);
    let mut seen = HashSet::new();
    let firsts: Vec<bool> = pages
        .iter()
        .map(|page| page.id.is_none_or(|id| seen.insert(id)))
        .collect();
    if pages.len() != shown && firsts.iter().filter(|first| **first).count() == shown {
        let firsts = pages.into_iter().zip(firsts);
        return firsts
            .filter_map(|(page, first)| first.then_some(page))
            .collect();
    }
    if !pages.is_empty() {
        return pages;
    }
    let stray = document.objects.iter().filter_map(|(id, object)| {
        let entries = object.as_dict().ok()?;
        (entries.has_type(b"Page") && entries.has(b"Contents")).then(|| OriginalPage {
            id: Some(*id),
            dictionary: entries.clone(),
        })
    });
    stray.collect()
}

/// Walks the page tree. A node with children is an inner one whatever it calls
/// itself, and counts once.
fn tree_pages(document: &Document) -> Vec<OriginalPage> {
    let mut pages = Vec::new();
    let mut seen = HashSet::new();
    let Some(root) = document.catalog().ok().and_then(|c| c.get(b"Pages").ok()) else {
        return pages;
    };
    let mut waiting = vec![(root, Rc::new(Dictionary::new()))];
    while let Some((node, above)) = waiting.pop() {
        let Ok((_, Object::Dictionary(entries))) = document.dereference(node) else {
            continue;
        };
        let id = node.as_reference().ok();
        let kids = entries.get(b"Kids").ok();
        let kids = kids.and_then(|kids| document.dereference(kids).ok()?.1.as_array().ok());
        let mut inherited = (*above).clone();
        for key in INHERITED {
            if let Ok(value) = entries.get(key) {
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
                for (key, value) in inherited {
                    dictionary.set(key, value);
                }
                pages.push(OriginalPage { id, dictionary });
            }
        }
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_in_an_object_of_their_own_are_seen_and_chance_is_not() {
        let elsewhere = b"6 0 obj\n<</CF 7 0 R/Filter/Standard/V 5>>\nendobj";
        assert!(has_filters_elsewhere(elsewhere));
        let inside = b"6 0 obj\n<</CF<</StdCF<</CFM/AESV3>>>>/Filter/Standard/V 5>>\nendobj\n\
            7 0 obj\n<<>>stream\n/CF 7\nendstream endobj";
        assert!(!has_filters_elsewhere(inside));
    }

    #[test]
    fn an_object_is_found_by_its_whole_number() {
        let file = b"%PDF-1.4\n14 0 obj\n<<>>\nendobj\n";
        assert!(objects_begun(file).contains(&(14, 0)));
        assert!(!objects_begun(file).contains(&(4, 0)));
    }
}
