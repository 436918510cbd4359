//! What leads to pages: destinations, the outline and printed page labels. Links
//! by name become explicit, for a part has no list of names.

use lopdf::{Dictionary, Object};

use super::super::text_string::text_string_within;
use super::original::Original;
use super::walk::{DEEPEST, Walk};

/// Entries of an outline beyond this number are left out.
const MOST_ENTRIES: usize = 100_000;

/// Longest title of an entry, and all of them together, in bytes: many entries may share
/// one title of megabytes.
const LONGEST_TITLE: usize = 4 << 10;
const ALL_TITLES: usize = 8 << 20;

/// Numbers of a place on a page, at most (`/FitR`, ISO 32000-1, table 151), and its kind.
const LONGEST_PLACE: usize = 5;

/// Components of the colour of an entry.
const COLOUR: usize = 3;

/// Longest prefix of a page label, in bytes.
const LONGEST_PREFIX: usize = 1 << 10;

/// An entry of the outline.
#[derive(Clone, Debug, PartialEq)]
pub struct OutlineEntry {
    /// How deep it lies; 1 is the top.
    pub level: u32,
    /// Its title.
    pub title: String,
    /// The page that it leads to, from 1; none where that is not in the document.
    pub page: Option<u32>,
    /// Where on the page, as PDFs say it, without the page.
    pub(super) place: Vec<Object>,
    /// Colour and style, where it has them.
    pub(super) looks: Dictionary,
}

impl Original {
    /// The outline, in the order in which it is read.
    pub fn outline(&self) -> &[OutlineEntry] {
        self.outline.get_or_init(|| self.read_outline())
    }

    fn read_outline(&self) -> Vec<OutlineEntry> {
        let mut found = Vec::new();
        let mut walk = Walk::new();
        let mut titles_left = ALL_TITLES;
        let catalog = self.catalog();
        let Some(root) = self.entries(catalog, b"Outlines") else {
            return found;
        };
        let mut waiting = vec![(root.get(b"First").cloned(), 1)];
        while let Some((node, level)) = waiting.pop() {
            let Ok(node @ Object::Reference(_)) = node else {
                continue;
            };
            if !walk.enters(&node) || found.len() >= MOST_ENTRIES {
                continue;
            }
            let Ok(entry) = self.resolve(&node).as_dict() else {
                continue;
            };
            waiting.push((entry.get(b"Next").cloned(), level));
            if (level as usize) < DEEPEST {
                waiting.push((entry.get(b"First").cloned(), level + 1));
            }
            let target = self.target(entry);
            let mut looks = Dictionary::new();
            for key in ["C", "F"] {
                match self.value(entry, key.as_bytes()) {
                    Object::Array(colour) if colour.len() > COLOUR => {}
                    value @ (Object::Array(_) | Object::Integer(_)) => {
                        looks.set(key, value.clone());
                    }
                    _ => {}
                }
            }
            let title = self.title(entry, titles_left);
            titles_left -= title.len();
            found.push(OutlineEntry {
                level,
                title,
                page: target
                    .as_ref()
                    .and_then(|(page, _)| u32::try_from(page + 1).ok()),
                place: target.map(|(_, place)| place).unwrap_or_default(),
                looks,
            });
        }
        found
    }

    /// The title of an entry, of at most so many bytes.
    fn title(&self, entry: &Dictionary, most: usize) -> String {
        let most = most.min(LONGEST_TITLE);
        let title = text_string_within(self.value(entry, b"Title"), most);
        title.unwrap_or_default()
    }

    /// The page, by index, and the place on it to which a link or an entry of
    /// the outline leads.
    pub(super) fn target(&self, from: &Dictionary) -> Option<(usize, Vec<Object>)> {
        if let Ok(destination) = from.get(b"Dest") {
            return self.destination(destination);
        }
        let action = self.entries(from, b"A")?;
        let is_jump = self.is_action(action, b"GoTo");
        is_jump.then(|| self.destination(action.get(b"D").ok()?))?
    }

    fn destination(&self, destination: &Object) -> Option<(usize, Vec<Object>)> {
        let named;
        let explicit = match self.resolve(destination) {
            Object::Name(name) | Object::String(name, _) => {
                named = self.named_destinations().get(name)?;
                self.resolve(named)
            }
            other => other,
        };
        let items = match explicit {
            Object::Array(items) => items,
            Object::Dictionary(entries) => self.value(entries, b"D").as_array().ok()?,
            _ => return None,
        };
        let page = match items.first()? {
            Object::Reference(id) => *self.page_at.get(id)?,
            Object::Integer(index) => usize::try_from(*index).ok()?,
            _ => return None,
        };
        let place = items[1..].iter().take(LONGEST_PLACE);
        let place = place.map(|item| self.resolve(item).clone());
        (page < self.pages.len()).then(|| (page, place.collect()))
    }

    fn named_destinations(&self) -> &std::collections::HashMap<Vec<u8>, Object> {
        self.destinations.get_or_init(|| {
            let catalog = self.catalog();
            let mut found = std::collections::HashMap::new();
            if let Some(old) = self.entries(catalog, b"Dests") {
                found.extend(
                    old.iter()
                        .map(|(name, value)| (name.clone(), value.clone())),
                );
            }
            if let Some(names) = self.entries(catalog, b"Names")
                && let Ok(root) = names.get(b"Dests")
            {
                for (name, value) in self.tree(root, b"Names") {
                    if let Object::String(name, _) = name {
                        found.insert(name.clone(), value.clone());
                    }
                }
            }
            found
        })
    }

    /// Where printed page numbers begin anew, by page index, with their style
    /// (ISO 32000-1, table 159). Empty where pages have no labels.
    pub(super) fn label_ranges(&self) -> &[(usize, Dictionary)] {
        self.labels.get_or_init(|| {
            let catalog = self.catalog();
            let Ok(root) = catalog.get(b"PageLabels") else {
                return Vec::new();
            };
            let mut ranges: Vec<(usize, Dictionary)> = self
                .tree(root, b"Nums")
                .into_iter()
                .filter_map(|(first, style)| {
                    let first = usize::try_from(first.as_i64().ok()?).ok()?;
                    let style = self.resolve(style).as_dict().ok()?;
                    Some((first, self.label_style(style)))
                })
                .collect();
            ranges.sort_by_key(|(first, _)| *first);
            ranges
        })
    }

    /// How pages are labelled: style, prefix and first number (ISO 32000-1, table 159).
    fn label_style(&self, style: &Dictionary) -> Dictionary {
        let mut plain = Dictionary::new();
        for key in ["S", "P", "St"] {
            match self.value(style, key.as_bytes()) {
                Object::String(prefix, _) if prefix.len() > LONGEST_PREFIX => {}
                value @ (Object::Name(_) | Object::String(..) | Object::Integer(_)) => {
                    plain.set(key, value.clone());
                }
                _ => {}
            }
        }
        plain
    }

    /// The label of a page, by index: style and prefix, and its number in them.
    pub(super) fn label(&self, page: usize) -> Option<(Dictionary, i64)> {
        let ranges = self.label_ranges();
        let range = ranges.partition_point(|(first, _)| *first <= page);
        let (first, style) = ranges.get(range.checked_sub(1)?)?;
        let mut style = style.clone();
        let start = match style.remove(b"St") {
            Some(Object::Integer(start)) => start,
            _ => 1,
        };
        let number = start.saturating_add(i64::try_from(page - first).ok()?);
        Some((style, number))
    }

    /// Pages, from 1, at which printed page numbers begin anew.
    pub fn label_restarts(&self) -> Vec<u32> {
        let firsts = self.label_ranges().iter().map(|(first, _)| first + 1);
        firsts.filter_map(|page| u32::try_from(page).ok()).collect()
    }
}
