//! Layers (optional content, ISO 32000-1, 8.11) that the pages of a part use,
//! each shown or hidden as in its document.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId, dictionary};

use super::original::Original;
use super::part::{Assembly, reference};
use super::walk::{DEEPEST, Walk};

impl Assembly<'_> {
    /// The layers' dictionary; none where no page uses one. Called when all
    /// objects of the pages have come along.
    pub(super) fn layers(&mut self) -> Option<Object> {
        let (mut groups, mut on, mut off) = (Vec::new(), Vec::new(), Vec::new());
        let (mut locked, mut order, mut usage) = (Vec::new(), Vec::new(), Vec::new());
        for (source, original) in self.originals.clone().into_iter().enumerate() {
            // Copies have the same layers.
            if self.first_use[source] != source {
                continue;
            }
            let catalog = original.catalog();
            let Some(whole) = original.entries(catalog, b"OCProperties") else {
                continue;
            };
            let kept = |items: &[Object]| self.kept(source, items);
            let own = kept(original.items(whole, b"OCGs"));
            let Some(initial) = original.entries(whole, b"D") else {
                groups.extend(own);
                continue;
            };
            let base = original.value(initial, b"BaseState").as_name();
            let shown = kept(original.items(initial, b"ON"));
            let mut hidden = kept(original.items(initial, b"OFF"));
            if base.is_ok_and(|base| base == b"OFF") {
                // Said layer by layer, so that documents can be put together.
                hidden = own.iter().filter(|g| !shown.contains(g)).cloned().collect();
            }
            locked.extend(kept(original.items(initial, b"Locked")));
            let items = original.items(initial, b"Order");
            order.extend(self.order(source, items, DEEPEST, &mut Walk::new()));
            usage.extend(self.usage(source, original, original.items(initial, b"AS")));
            groups.extend(own);
            on.extend(shown);
            off.extend(hidden);
        }
        if groups.is_empty() {
            return None;
        }
        let mut initial = Dictionary::new();
        if let [original] = self.originals.as_slice()
            && let Some(whole) = original.entries(original.catalog(), b"OCProperties")
            && let Some(there) = original.entries(whole, b"D")
            && let name @ Object::String(..) = original.value(there, b"Name")
        {
            initial.set("Name", name.clone());
        }
        for (key, items) in [
            ("ON", on),
            ("OFF", off),
            ("Locked", locked),
            ("Order", order),
            ("AS", usage),
        ] {
            if !items.is_empty() {
                initial.set(key, items);
            }
        }
        let own = dictionary! { "OCGs" => groups, "D" => initial };
        Some(Object::Dictionary(own))
    }

    /// Those of a document's layers that have come along, each once.
    fn kept(&self, source: usize, items: &[Object]) -> Vec<Object> {
        let mut seen: HashSet<ObjectId> = HashSet::new();
        items
            .iter()
            .filter_map(|item| item.as_reference().ok())
            .filter(|id| seen.insert(*id))
            .filter_map(|id| Some(reference(self.known(source, id)?)))
            .collect()
    }

    /// The order in which viewers list layers, with the titles of groups that
    /// still have any.
    fn order(&self, source: usize, items: &[Object], depth: usize, walk: &mut Walk) -> Vec<Object> {
        let mut own = Vec::new();
        for item in items {
            match self.originals[source].resolve(item) {
                Object::Array(inner) if depth > 0 && walk.enters(item) => {
                    let kept = self.order(source, inner, depth - 1, walk);
                    if kept.iter().any(|kept| !matches!(kept, Object::String(..))) {
                        own.push(Object::Array(kept));
                    }
                }
                Object::Array(_) => {}
                title @ Object::String(..) => own.push(title.clone()),
                // A layer may be listed in several places.
                _ if walk.steps(1) == 1 => {
                    own.extend(self.kept(source, std::slice::from_ref(item)));
                }
                _ => {}
            }
        }
        own
    }

    /// Layers that viewers show or hide by themselves, say in print.
    fn usage(&self, source: usize, original: &Original, items: &[Object]) -> Vec<Object> {
        let mut own = Vec::new();
        for item in items {
            let Ok(entries) = original.resolve(item).as_dict() else {
                continue;
            };
            let groups = self.kept(source, original.items(entries, b"OCGs"));
            let event = original.value(entries, b"Event");
            if !groups.is_empty() && event.as_name().is_ok() {
                let categories = original.items(entries, b"Category").iter();
                let categories = categories.filter(|c| c.as_name().is_ok()).cloned();
                own.push(Object::Dictionary(dictionary! {
                    "Event" => event.clone(),
                    "OCGs" => groups,
                    "Category" => Object::Array(categories.collect()),
                }));
            }
        }
        own
    }
}
