//! The outline and the page labels of a part.

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Object, dictionary};

use super::part::{Assembly, Wanted, reference, text};

/// An entry of the outline that comes along.
struct Kept {
    level: u32,
    number: u32,
    own: Dictionary,
}

impl Assembly<'_> {
    /// The outline of the pages that are there, each entry below those above it
    /// in its document; none where no entry leads to one of them.
    pub(super) fn outline(&mut self, wanted: &[Wanted], numbers: &[u32]) -> Option<Object> {
        let mut kept = Vec::new();
        for source in 0..self.originals.len() {
            let mut page_numbers: HashMap<u32, u32> = HashMap::new();
            for (page, number) in wanted.iter().zip(numbers).rev() {
                if page.source == source {
                    page_numbers.insert(page.index as u32 + 1, *number);
                }
            }
            self.outline_of(source, &page_numbers, &mut kept);
        }
        if kept.is_empty() {
            return None;
        }
        let root = self.reserve();
        self.link(root, kept);
        Some(reference(root))
    }

    fn outline_of(&mut self, source: usize, pages: &HashMap<u32, u32>, kept: &mut Vec<Kept>) {
        // Entries above the one at hand, which come along with it.
        let mut above: Vec<usize> = Vec::new();
        let original = self.originals[source];
        let entries = original.outline();
        let mut taken = HashSet::new();
        for (index, entry) in entries.iter().enumerate() {
            above.truncate(entry.level as usize - 1);
            let target = entry.page.and_then(|page| pages.get(&page).copied());
            above.push(index);
            if target.is_none() {
                continue;
            }
            for &index in &above {
                if !taken.insert(index) {
                    continue;
                }
                let entry = &entries[index];
                let mut own = entry.looks.clone();
                own.set("Title", text(&entry.title));
                if let Some(page) = entry.page.and_then(|page| pages.get(&page)) {
                    let mut destination = vec![reference(*page)];
                    destination.extend(entry.place.iter().cloned());
                    own.set("Dest", destination);
                }
                let number = self.reserve();
                kept.push(Kept {
                    level: entry.level,
                    number,
                    own,
                });
            }
        }
    }

    /// Links entries to their neighbours, closed below the top.
    fn link(&mut self, root: u32, mut kept: Vec<Kept>) {
        let count = kept.len();
        let mut parents: Vec<Option<usize>> = vec![None; count];
        let mut above: Vec<usize> = Vec::new();
        for index in 0..count {
            while above
                .last()
                .is_some_and(|&last| kept[last].level >= kept[index].level)
            {
                above.pop();
            }
            parents[index] = above.last().copied();
            above.push(index);
        }
        let mut kids: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
        for (index, parent) in parents.iter().enumerate() {
            kids.entry(*parent).or_default().push(index);
        }
        for siblings in kids.values() {
            for pair in siblings.windows(2) {
                let (before, after) = (kept[pair[0]].number, kept[pair[1]].number);
                kept[pair[0]].own.set("Next", reference(after));
                kept[pair[1]].own.set("Prev", reference(before));
            }
        }
        let mut own_root = dictionary! { "Type" => "Outlines" };
        for (parent, siblings) in &kids {
            let (Some(first), Some(last)) = (siblings.first(), siblings.last()) else {
                continue;
            };
            let (first, last) = (kept[*first].number, kept[*last].number);
            let many = i64::try_from(siblings.len()).unwrap_or(i64::MAX);
            let (own, many) = match parent {
                // A negative count says that it is closed.
                Some(parent) => (&mut kept[*parent].own, -many),
                None => (&mut own_root, many),
            };
            own.set("First", reference(first));
            own.set("Last", reference(last));
            own.set("Count", many);
        }
        let numbers: Vec<u32> = kept.iter().map(|entry| entry.number).collect();
        for (index, mut entry) in kept.into_iter().enumerate() {
            let parent = parents[index].map_or(root, |parent| numbers[parent]);
            entry.own.set("Parent", reference(parent));
            self.put(entry.number, &Object::Dictionary(entry.own));
        }
        self.put(root, &Object::Dictionary(own_root));
    }

    /// Labels that show the same page numbers as before; none where no document
    /// has labels.
    pub(super) fn labels(&self, wanted: &[Wanted]) -> Option<Object> {
        let mut ranges = Vec::new();
        let mut expected: Option<(Dictionary, i64)> = None;
        let mut any = false;
        for (place, page) in (0i64..).zip(wanted) {
            let label = self.originals[page.source].label(page.index);
            any |= label.is_some();
            let (style, number) = label.unwrap_or_else(|| (dictionary! { "S" => "D" }, place + 1));
            if expected.as_ref() != Some(&(style.clone(), number)) {
                let mut range = style.clone();
                if number != 1 {
                    range.set("St", number);
                }
                ranges.push(Object::Integer(place));
                ranges.push(Object::Dictionary(range));
            }
            expected = Some((style, number + 1));
        }
        any.then(|| Object::Dictionary(dictionary! { "Nums" => ranges }))
    }
}
