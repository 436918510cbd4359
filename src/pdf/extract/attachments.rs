//! Files that are attached to a document as a whole, such as the data of an
//! electronic invoice. They stay with a document that stays whole; those that are
//! pinned to a page come along with it like any annotation (`annotations`).

use std::collections::{BTreeMap, HashMap};

use lopdf::{Dictionary, Object, ObjectId, StringFormat, dictionary};

use super::original::Original;
use super::part::{Assembly, text};
use crate::model::Remark;
use crate::pdf::text_string::text_string;

/// The files of one document.
struct Attached<'a> {
    /// By the name in the document's list.
    listed: Vec<(&'a Object, &'a Object)>,
    /// Those that belong to the document in a way that it states (PDF/A-3), listed or not.
    associated: Vec<&'a Object>,
    portfolio: bool,
}

impl Attached<'_> {
    /// Its files, each once.
    fn files(&self) -> impl Iterator<Item = &Object> {
        let listed = self.listed.iter().map(|(_, file)| *file);
        let more = self.associated.iter().copied();
        let more = more.filter(|file| !self.listed.iter().any(|(_, listed)| listed == file));
        listed.chain(more)
    }
}

impl Original {
    fn attached(&self) -> Attached<'_> {
        let catalog = self.catalog();
        let names = self.entries(catalog, b"Names");
        let list = names.and_then(|names| names.get(b"EmbeddedFiles").ok());
        let associated = match self.value(catalog, b"AF") {
            Object::Array(files) => files.iter().collect(),
            Object::Null => vec![],
            file => vec![catalog.get(b"AF").unwrap_or(file)],
        };
        Attached {
            listed: list.map_or_else(Vec::new, |list| self.tree(list, b"Names")),
            associated,
            portfolio: self.entries(catalog, b"Collection").is_some(),
        }
    }
}

/// The files of a part while they are gathered.
#[derive(Default)]
struct Files {
    /// By their names in the list, in the order of a tree of names.
    listed: BTreeMap<Vec<u8>, Object>,
    /// Names that people see, with the document that each comes from.
    names: HashMap<String, usize>,
}

impl Assembly<'_> {
    /// The attachments of the documents that are whole; of the others it is said how
    /// many did not come along.
    pub(super) fn attachments(&mut self, whole: &[bool], catalog: &mut Dictionary) {
        let alone = self.originals.len() == 1;
        let mut files = Files::default();
        let mut associated = Vec::new();
        for (source, original) in self.originals.clone().into_iter().enumerate() {
            let attached = original.attached();
            // A copy has the same files.
            if self.first_use[source] != source {
                continue;
            }
            if !whole[source] {
                let goes = |file: &&Object| {
                    let id = file.as_reference().ok();
                    id.and_then(|id| self.known(source, id)).is_none()
                };
                let count =
                    u32::try_from(attached.files().filter(goes).count()).unwrap_or(u32::MAX);
                if count > 0 {
                    self.remark(match attached.portfolio {
                        true => Remark::Portfolio(count),
                        false => Remark::Attachments(count),
                    });
                }
                continue;
            }
            for (name, file) in &attached.listed {
                self.list_file(source, name, file, &mut files);
            }
            let own = attached.associated.iter();
            associated.extend(own.map(|file| self.localised(source, file)));
            let count = u32::try_from(attached.files().count()).unwrap_or(u32::MAX);
            if attached.portfolio && count > 0 {
                self.remark(Remark::WholePortfolio(count));
            }
            let catalog_there = original.catalog();
            if alone {
                let shown_first = original.value(catalog_there, b"PageMode");
                if matches!(shown_first, Object::Name(mode) if mode == b"UseAttachments") {
                    catalog.set("PageMode", "UseAttachments");
                }
                if let Ok(portfolio) = catalog_there.get(b"Collection") {
                    let portfolio = self.localised(source, portfolio);
                    catalog.set("Collection", portfolio);
                }
            }
        }
        if !files.listed.is_empty() {
            let names = files.listed.into_iter().flat_map(|(name, file)| {
                let name = Object::String(name, StringFormat::Hexadecimal);
                [name, file]
            });
            let list = dictionary! { "Names" => names.collect::<Vec<_>>() };
            catalog.set("Names", dictionary! { "EmbeddedFiles" => list });
        }
        if !associated.is_empty() {
            catalog.set("AF", associated);
        }
    }

    /// Lists a file, under another name where that of another document is the same.
    fn list_file(&mut self, source: usize, name: &Object, file: &Object, files: &mut Files) {
        let original = self.originals[source];
        let Ok(entries) = original.resolve(file).as_dict() else {
            return;
        };
        let shown = ["UF", "F"]
            .iter()
            .find_map(|key| text_string(original.value(entries, key.as_bytes())))
            .unwrap_or_default();
        let mut key = name.as_str().unwrap_or_default().to_vec();
        let mut new_name = None;
        let other = files
            .names
            .get(&shown)
            .is_some_and(|other| *other != source);
        if other || files.listed.contains_key(&key) {
            let (stem, ending) = shown.rsplit_once('.').unwrap_or((&shown, ""));
            let dot = if ending.is_empty() { "" } else { "." };
            let candidates = (2u32..).map(|count| format!("{stem} ({count}){dot}{ending}"));
            let is_free = |name: &String| {
                let Object::String(key, _) = text(name) else {
                    return false;
                };
                !files.names.contains_key(name) && !files.listed.contains_key(&key)
            };
            new_name = candidates.into_iter().find(is_free);
        }
        let own = match &new_name {
            None => self.localised(source, file),
            Some(new_name) => {
                if let Object::String(bytes, _) = text(new_name) {
                    key = bytes;
                }
                let mut own = self.localised_entries(source, entries, &[]);
                own.set("F", text(new_name));
                own.set("UF", text(new_name));
                let number = self.add(&Object::Dictionary(own));
                let id: Option<ObjectId> = file.as_reference().ok();
                if let Some(id) = id {
                    self.stand_in(source, id, number);
                }
                super::part::reference(number)
            }
        };
        files.names.insert(new_name.unwrap_or(shown), source);
        files.listed.insert(key, own);
    }
}
