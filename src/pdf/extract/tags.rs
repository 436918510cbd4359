//! The structure of tagged documents (ISO 32000-1, 14.7), which screen readers follow:
//! of a part, the elements that have content on its pages, those above them, and the
//! empty cells of their rows. Not for what tags mean.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use lopdf::{Dictionary, Object, ObjectId, dictionary};

use super::original::Original;
use super::part::{Assembly, Wanted, reference};
use super::serialise::Template;
use crate::model::Remark;

/// Kids of elements beyond this number are not looked at.
const MOST_KIDS: usize = 5_000_000;

/// What an element says of itself; the rest leads to its relatives.
const KEPT_OF_ELEMENTS: [&[u8]; 14] = [
    b"S",
    b"ID",
    b"R",
    b"T",
    b"Lang",
    b"Alt",
    b"E",
    b"ActualText",
    b"A",
    b"C",
    b"NS",
    b"AF",
    b"Phoneme",
    b"PhoneticAlphabet",
];

/// The structure of a document.
pub(super) struct Structure {
    /// Its elements as they are read, with the one above each; none is the root.
    elements: Vec<(ObjectId, Option<ObjectId>)>,
    above: HashMap<ObjectId, Option<ObjectId>>,
    /// The elements that content belongs to, by the keys that pages and others have.
    owners: HashMap<i64, Owners>,
}

/// Elements of one key: of a page, one for each piece of content; of others, one.
enum Owners {
    One(ObjectId),
    Each(Vec<Option<ObjectId>>),
}

impl Owners {
    fn elements(&self) -> impl Iterator<Item = ObjectId> {
        let (one, each) = match self {
            Self::One(element) => (Some(*element), &[][..]),
            Self::Each(elements) => (None, elements.as_slice()),
        };
        one.into_iter().chain(each.iter().copied().flatten())
    }
}

/// A kid of an element.
enum Kid<'a> {
    /// Content on the page of the element, by its number there.
    Content(i64),
    /// Content on a page of its own, or an object: as it is described.
    Described(&'a Dictionary),
    Element(ObjectId),
}

impl Original {
    /// The document's structure; none where it has none that leads from content to
    /// elements and from elements to content.
    pub(super) fn structure(&self) -> Option<&Structure> {
        self.structure
            .get_or_init(|| self.read_structure())
            .as_ref()
    }

    fn read_structure(&self) -> Option<Structure> {
        let root = self.entries(self.catalog(), b"StructTreeRoot")?;
        let mut structure = Structure {
            elements: Vec::new(),
            above: HashMap::new(),
            owners: HashMap::new(),
        };
        let mut left = MOST_KIDS;
        let mut waiting: Vec<(ObjectId, Option<ObjectId>)> = Vec::new();
        let push = |of: &Dictionary, above, waiting: &mut Vec<_>| {
            let kids = self.kids(of, None).filter_map(|kid| match kid {
                Kid::Element(id) => Some((id, above)),
                _ => None,
            });
            let first = waiting.len();
            waiting.extend(kids);
            waiting[first..].reverse();
        };
        push(root, None, &mut waiting);
        while let Some((id, above)) = waiting.pop() {
            left = left.checked_sub(1)?;
            if structure.above.contains_key(&id) {
                continue;
            }
            structure.above.insert(id, above);
            structure.elements.push((id, above));
            if let Ok(element) = self.resolve(&Object::Reference(id)).as_dict() {
                push(element, Some(id), &mut waiting);
            }
        }
        let owners = self.tree(root.get(b"ParentTree").ok()?, b"Nums");
        for (key, owners) in owners {
            let Ok(key) = key.as_i64() else {
                continue;
            };
            let owners = match (owners, self.resolve(owners)) {
                (_, Object::Array(each)) => {
                    Owners::Each(each.iter().map(|it| it.as_reference().ok()).collect())
                }
                (Object::Reference(id), Object::Dictionary(_)) => Owners::One(*id),
                _ => continue,
            };
            structure.owners.insert(key, owners);
        }
        let is_usable = !structure.elements.is_empty() && !structure.owners.is_empty();
        is_usable.then_some(structure)
    }

    /// The kids of an element. Where the structure is known, elements need not be looked
    /// at: some have tens of thousands of kids, and few of them are in a part.
    fn kids<'a>(
        &'a self,
        of: &'a Dictionary,
        structure: Option<&'a Structure>,
    ) -> impl Iterator<Item = Kid<'a>> {
        let all = match of.get(b"K") {
            Ok(kids) => match self.resolve(kids) {
                Object::Array(kids) => kids.as_slice(),
                _ => std::slice::from_ref(kids),
            },
            Err(_) => &[],
        };
        let is_known = move |id: &ObjectId| structure.is_some_and(|it| it.above.contains_key(id));
        all.iter().filter_map(move |kid| match kid {
            Object::Reference(id) if is_known(id) => Some(Kid::Element(*id)),
            kid => self.kid(kid),
        })
    }

    fn kid<'a>(&'a self, kid: &'a Object) -> Option<Kid<'a>> {
        match (kid, self.resolve(kid)) {
            (_, Object::Integer(number)) => Some(Kid::Content(*number)),
            (_, Object::Dictionary(entries)) if entries.has(b"MCID") || entries.has(b"Obj") => {
                Some(Kid::Described(entries))
            }
            (Object::Reference(id), Object::Dictionary(_)) => Some(Kid::Element(*id)),
            _ => None,
        }
    }
}

/// The key by which a page, annotation or form says that its content is tagged.
fn key_of(entries: &Dictionary) -> Option<(&'static str, i64)> {
    ["StructParents", "StructParent"]
        .into_iter()
        .find_map(|name| Some((name, entries.get(name.as_bytes()).ok()?.as_i64().ok()?)))
}

/// What of the structures of its documents comes into a part.
#[derive(Default)]
pub(super) struct Tags {
    /// By what the keys of each document grow, so that no two are the same; none
    /// where a document has no structure.
    moved: Vec<Option<i64>>,
    /// Keys of forms that came along, by document, as they were.
    forms: Vec<(usize, i64)>,
}

/// The new structure while it is built.
#[derive(Default)]
struct Root {
    kids: Vec<Object>,
    owners: BTreeMap<i64, Object>,
    roles: Dictionary,
    classes: Dictionary,
    namespaces: Vec<Object>,
    names: BTreeMap<Vec<u8>, Object>,
}

impl<'a> Assembly<'a> {
    /// Finds out which documents have a structure. Called before anything of them
    /// comes along.
    pub(super) fn begin_tags(&mut self) {
        let mut next = 0;
        for original in &self.originals {
            let structure = original.structure();
            self.tags.moved.push(structure.map(|_| next));
            let last = structure.and_then(|structure| structure.owners.keys().max());
            next = last.map_or(next, |last| {
                next.saturating_add(last.saturating_add(1).max(0))
            });
        }
    }

    /// Gives a page or annotation the key of its tags.
    pub(super) fn set_key(&self, source: usize, entries: &Dictionary, own: &mut Dictionary) {
        if let (Some(moved), Some((name, key))) = (self.tags.moved[source], key_of(entries)) {
            own.set(name, key.saturating_add(moved));
        }
    }

    /// The body of a shared object, with the key of its tags as it is in the part.
    pub(super) fn template(&mut self, source: usize, id: ObjectId) -> Rc<Template> {
        let original = self.originals[source];
        if let (Some(moved), Object::Stream(stream)) = (
            self.tags.moved[source],
            original.resolve(&Object::Reference(id)),
        ) && let Some((name, key)) = key_of(&stream.dict)
        {
            self.tags.forms.push((source, key));
            if moved > 0 {
                let lean = original.lean_stream(stream);
                let mut stream = lean.unwrap_or_else(|| stream.clone());
                stream.dict.set(name, key.saturating_add(moved));
                return Rc::new(Template::of(&Object::Stream(stream), &self.exact));
            }
        }
        original.template(id)
    }

    /// The structure of what is there. Called when all objects of the pages have come
    /// along. Whether all documents that are tagged still are.
    pub(super) fn tags(
        &mut self,
        wanted: &[Wanted],
        whole: &[bool],
        catalog: &mut Dictionary,
    ) -> bool {
        let mut root = Root::default();
        let mut all_tagged = true;
        let mut lost = false;
        let mut number = None;
        for (source, original) in self.originals.clone().into_iter().enumerate() {
            match original.structure() {
                Some(structure) => {
                    let number = *number.get_or_insert_with(|| self.reserve());
                    let keys = self.keys(source, wanted);
                    let kept = self.kept_elements(original, structure, &keys, whole[source]);
                    self.structure(source, &kept, number, &mut root);
                    self.owners(source, structure, &keys, &mut root);
                }
                None => {
                    all_tagged = false;
                    lost |= original
                        .entries(original.catalog(), b"StructTreeRoot")
                        .is_some();
                }
            }
        }
        if lost {
            self.remark(Remark::Tags);
        }
        let Some(number) = number.filter(|_| !root.kids.is_empty()) else {
            return false;
        };
        self.mark_info(all_tagged, catalog);
        catalog.set("StructTreeRoot", reference(number));
        let own = root.finished();
        self.put(number, &Object::Dictionary(own));
        all_tagged
    }

    /// Adds elements of a document to the new structure.
    fn structure(
        &mut self,
        source: usize,
        kept: &[(ObjectId, Option<ObjectId>)],
        root_number: u32,
        root: &mut Root,
    ) {
        let original = self.originals[source];
        for (id, _) in kept {
            let number = self.reserve();
            self.stand_in(source, *id, number);
        }
        let roles = self.take_in_root(source, root);
        for (id, above) in kept {
            let element = Object::Reference(*id);
            let (Ok(element), Some(number)) = (
                original.resolve(&element).as_dict(),
                self.known(source, *id),
            ) else {
                continue;
            };
            let mut own = self.element(source, element, &roles);
            let above = above.and_then(|above| self.known(source, above));
            own.set("P", reference(above.unwrap_or(root_number)));
            if above.is_none() {
                root.kids.push(reference(number));
            }
            if let Ok(Object::String(name, _)) = own.get(b"ID") {
                root.names
                    .entry(name.clone())
                    .or_insert_with(|| reference(number));
            }
            self.put(number, &Object::Dictionary(own));
        }
    }

    /// Says which elements the content of a document belongs to.
    fn owners(&self, source: usize, structure: &Structure, keys: &[i64], root: &mut Root) {
        let moved = self.tags.moved[source].unwrap_or(0);
        let own = |id: &ObjectId| self.known(source, *id).map_or(Object::Null, reference);
        for key in keys {
            let owners = match structure.owners.get(key) {
                Some(Owners::One(element)) => own(element),
                Some(Owners::Each(elements)) => {
                    let each = elements.iter();
                    let each = each.map(|id| id.as_ref().map_or(Object::Null, own));
                    Object::Array(each.collect())
                }
                None => continue,
            };
            root.owners.insert(key.saturating_add(moved), owners);
        }
    }

    /// Keys of all that came along from a document, as they are there.
    fn keys(&self, source: usize, wanted: &[Wanted]) -> Vec<i64> {
        let original = self.originals[source];
        let mut keys = Vec::new();
        for page in wanted.iter().filter(|page| page.source == source) {
            let page: &Dictionary = &original.pages[page.index].dictionary;
            let annotations = original.items(page, b"Annots").iter();
            let annotations = annotations.filter_map(|it| original.resolve(it).as_dict().ok());
            keys.extend([page].into_iter().chain(annotations).filter_map(key_of));
        }
        let mut keys: Vec<i64> = keys.into_iter().map(|(_, key)| key).collect();
        let place = self.first_use[source];
        let forms = self
            .tags
            .forms
            .iter()
            .filter(|(source, _)| *source == place);
        keys.extend(forms.map(|(_, key)| *key));
        keys
    }

    /// The elements that stay, in the order in which they are read.
    fn kept_elements(
        &self,
        original: &Original,
        structure: &Structure,
        keys: &[i64],
        whole: bool,
    ) -> Vec<(ObjectId, Option<ObjectId>)> {
        if whole {
            return structure.elements.clone();
        }
        let mut kept = HashSet::new();
        let owners = keys.iter().filter_map(|key| structure.owners.get(key));
        for element in owners.flat_map(Owners::elements) {
            let mut next = Some(element);
            while let Some(id) = next {
                let Some(above) = structure.above.get(&id) else {
                    break;
                };
                if !kept.insert(id) {
                    break;
                }
                next = *above;
            }
        }
        let is_row = |id: &ObjectId| {
            let row = Object::Reference(*id);
            let row = original.resolve(&row).as_dict();
            row.is_ok_and(|row| original.is_kind(row, b"S", b"TR"))
        };
        let rows: Vec<ObjectId> = kept.iter().copied().filter(is_row).collect();
        for row in rows {
            let row = Object::Reference(row);
            let Ok(row) = original.resolve(&row).as_dict() else {
                continue;
            };
            for kid in original.kids(row, Some(structure)) {
                if let Kid::Element(cell) = kid
                    && let Ok(entries) = original.resolve(&Object::Reference(cell)).as_dict()
                    && !entries.has(b"K")
                {
                    kept.insert(cell);
                }
            }
        }
        let elements = structure.elements.iter();
        elements
            .filter(|(id, _)| kept.contains(id))
            .copied()
            .collect()
    }

    /// Takes in what the root of a document's structure says for its elements. Returns
    /// the roles that have another meaning here already, with what they meant there.
    fn take_in_root(&mut self, source: usize, root: &mut Root) -> HashMap<Vec<u8>, Vec<u8>> {
        let original = self.originals[source];
        let mut other = HashMap::new();
        let Some(there) = original.entries(original.catalog(), b"StructTreeRoot") else {
            return other;
        };
        for (role, meaning) in original
            .entries(there, b"RoleMap")
            .into_iter()
            .flat_map(Dictionary::iter)
        {
            let Object::Name(meaning) = original.resolve(meaning) else {
                continue;
            };
            match root.roles.get(role) {
                Ok(Object::Name(known)) if known != meaning => {
                    other.insert(role.clone(), meaning.clone());
                }
                Ok(_) => {}
                Err(_) => root.roles.set(role.clone(), Object::Name(meaning.clone())),
            }
        }
        for (class, value) in original
            .entries(there, b"ClassMap")
            .into_iter()
            .flat_map(Dictionary::iter)
        {
            if !root.classes.has(class) {
                let value = self.localised(source, value);
                root.classes.set(class.clone(), value);
            }
        }
        for namespace in original.items(there, b"Namespaces") {
            let own = self.localised(source, namespace);
            if !root.namespaces.contains(&own) {
                root.namespaces.push(own);
            }
        }
        other
    }

    /// An element with those of its kids that are there.
    fn element(
        &mut self,
        source: usize,
        element: &Dictionary,
        roles: &HashMap<Vec<u8>, Vec<u8>>,
    ) -> Dictionary {
        let original = self.originals[source];
        let mut own = dictionary! { "Type" => "StructElem" };
        for key in KEPT_OF_ELEMENTS {
            if let Ok(value) = element.get(key) {
                let value = self.localised(source, value);
                if !value.is_null() {
                    own.set(key, value);
                }
            }
        }
        if let Object::Name(role) = original.value(element, b"S")
            && let Some(meaning) = roles.get(role)
        {
            own.set("S", Object::Name(meaning.clone()));
        }
        let there = |entries: &Dictionary, key: &[u8]| {
            let id = entries.get(key).and_then(Object::as_reference).ok()?;
            self.known(source, id)
        };
        let page = there(element, b"Pg");
        let mut kids = Vec::new();
        for kid in original.kids(element, original.structure()) {
            match kid {
                Kid::Content(number) if page.is_some() => kids.push(Object::Integer(number)),
                Kid::Content(_) => {}
                Kid::Element(id) => kids.extend(self.known(source, id).map(reference)),
                Kid::Described(entries) => {
                    let names: &[&[u8]] = match entries.has(b"Obj") {
                        true => &[b"Obj"],
                        false => &[b"Stm"],
                    };
                    let missing = |key: &&&[u8]| entries.has(key) && there(entries, key).is_none();
                    let own_page = if entries.has(b"Pg") {
                        there(entries, b"Pg")
                    } else {
                        page
                    };
                    if names.iter().any(|key| missing(&key)) || own_page.is_none() {
                        continue;
                    }
                    let mut own = Dictionary::new();
                    for (key, value) in entries.iter() {
                        match key.as_slice() {
                            b"Obj" | b"Stm" | b"Pg" => {
                                if let Some(number) = there(entries, key) {
                                    own.set(key.clone(), reference(number));
                                }
                            }
                            b"MCID" | b"Type" => {
                                own.set(key.clone(), original.resolve(value).clone())
                            }
                            _ => {}
                        }
                    }
                    kids.push(Object::Dictionary(own));
                }
            }
        }
        if let Some(page) = page {
            own.set("Pg", reference(page));
        }
        let others = original.items(element, b"Ref").iter();
        let others = others
            .filter_map(|other| Some(reference(self.known(source, other.as_reference().ok()?)?)));
        let others: Vec<Object> = others.collect();
        if !others.is_empty() {
            own.set("Ref", others);
        }
        if !kids.is_empty() {
            own.set("K", kids);
        }
        own
    }

    /// Says that the part is tagged, where all its documents say so of themselves.
    fn mark_info(&mut self, all_tagged: bool, catalog: &mut Dictionary) {
        let says = |original: &&Original, key: &[u8]| {
            let marks = original.entries(original.catalog(), b"MarkInfo");
            marks.is_some_and(|marks| matches!(original.value(marks, key), Object::Boolean(true)))
        };
        let mut marks = Dictionary::new();
        marks.set(
            "Marked",
            all_tagged && self.originals.iter().all(|it| says(it, b"Marked")),
        );
        if self.originals.iter().any(|it| says(it, b"Suspects")) {
            marks.set("Suspects", true);
        }
        catalog.set("MarkInfo", marks);
    }
}

impl Root {
    fn finished(self) -> Dictionary {
        let next = self
            .owners
            .keys()
            .max()
            .map_or(0, |last| last.saturating_add(1));
        let owners = self.owners.into_iter();
        let owners = owners.flat_map(|(key, owners)| [Object::Integer(key), owners]);
        let mut own = dictionary! {
            "Type" => "StructTreeRoot",
            "K" => self.kids,
            "ParentTree" => dictionary! { "Nums" => owners.collect::<Vec<_>>() },
            "ParentTreeNextKey" => next,
        };
        for (key, entries) in [("RoleMap", self.roles), ("ClassMap", self.classes)] {
            if !entries.is_empty() {
                own.set(key, entries);
            }
        }
        if !self.namespaces.is_empty() {
            own.set("Namespaces", self.namespaces);
        }
        if !self.names.is_empty() {
            let names = self.names.into_iter().flat_map(|(name, element)| {
                [
                    Object::String(name, lopdf::StringFormat::Hexadecimal),
                    element,
                ]
            });
            own.set(
                "IDTree",
                dictionary! { "Names" => names.collect::<Vec<_>>() },
            );
        }
        own
    }
}
