//! What a page needs and cannot have: objects that are in the file and cannot be read. A
//! part without them would show less than its document, so there is none. Not for what the
//! file does not have at all: that is nothing in every viewer.

use std::collections::HashSet;

use lopdf::{Dictionary, Object};

use super::ExtractError;
use super::annotations::LEFT_BEHIND;
use super::original::Original;
use super::part::KEPT_OF_PAGES;

/// The first thing that a page, counted from 1, needs and that cannot be read. Only
/// documents in which something could not be read are searched.
pub(super) fn lost(original: &Original, page: u32) -> Option<ExtractError> {
    if original.document.unreadable().is_empty() {
        return None;
    }
    let dictionary = &original.pages.get(page as usize - 1)?.dictionary;
    let resources = original.lean_resources(dictionary);
    let mut search = Search {
        original,
        seen: HashSet::new(),
        waiting: Vec::new(),
    };
    search.waiting.extend(resources.map(|it| (it, "something")));
    search.entries(dictionary, |key| {
        key == b"Annots" || KEPT_OF_PAGES.contains(&key)
    });
    let (object, what) = search.run()?;
    Some(ExtractError::Lost { page, object, what })
}

struct Search<'a> {
    original: &'a Original,
    seen: HashSet<u32>,
    /// Objects and what they are for.
    waiting: Vec<(Object, &'static str)>,
}

impl Search<'_> {
    fn run(&mut self) -> Option<(u32, &'static str)> {
        while let Some((object, what)) = self.waiting.pop() {
            match object {
                Object::Reference((number, _)) => {
                    let id = (number, 0);
                    if !self.seen.insert(number) || self.original.page_at.contains_key(&id) {
                        continue;
                    }
                    match self.original.document.get_object(id) {
                        Ok(object) => self.look_into(object, what),
                        Err(super::document::Missing::Unreadable) => return Some((number, what)),
                        Err(super::document::Missing::Nowhere) => {}
                    }
                }
                object => self.look_into(&object, what),
            }
        }
        None
    }

    fn look_into(&mut self, object: &Object, what: &'static str) {
        match object {
            Object::Reference(_) => self.waiting.push((object.clone(), what)),
            Object::Array(items) => {
                let items = items.iter().filter(|item| may_lead_on(item));
                self.waiting.extend(items.map(|item| (item.clone(), what)));
            }
            Object::Dictionary(entries) => self.below(entries, what),
            Object::Stream(stream) => self.below(&stream.dict, what),
            _ => {}
        }
    }

    fn below(&mut self, entries: &Dictionary, what: &'static str) {
        let before = self.waiting.len();
        self.entries(entries, |key| !LEFT_BEHIND.contains(&key));
        for (_, own) in &mut self.waiting[before..] {
            if *own == "something" {
                *own = what;
            }
        }
    }

    fn entries(&mut self, entries: &Dictionary, is_wanted: impl Fn(&[u8]) -> bool) {
        for (key, value) in entries.iter() {
            if is_wanted(key) && may_lead_on(value) {
                self.waiting.push((value.clone(), purpose(key)));
            }
        }
    }
}

fn may_lead_on(object: &Object) -> bool {
    matches!(
        object,
        Object::Reference(_) | Object::Array(_) | Object::Dictionary(_)
    )
}

/// What the value of a key is for, in words; "something" where the key above says it.
fn purpose(key: &[u8]) -> &'static str {
    match key {
        b"Contents" => "its content",
        b"Annots" => "an annotation",
        b"AP" => "the look of an annotation",
        b"Font" | b"FontFile" | b"FontFile2" | b"FontFile3" | b"DescendantFonts" => "a font",
        b"XObject" | b"SMask" | b"Mask" => "a picture",
        b"ColorSpace" => "a colour",
        b"Pattern" | b"Shading" => "a pattern",
        _ => "something",
    }
}
