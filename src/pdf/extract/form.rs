//! Form fields whose widgets are on the pages of a part: a form of its own with
//! those fields, their fonts and appearance, and nothing that calculates. Fields of
//! different documents stay apart (`field_names`, `form_defaults`).

use std::collections::HashMap;

use lopdf::{Dictionary, Object, ObjectId, dictionary};

use super::field_names::Names;
use super::form_defaults::Defaults;
use super::original::Original;
use super::part::{Assembly, reference};
use super::walk::{DEEPEST, Walk};
use crate::model::Remark;

/// What a field has of its own in its document and not in a part: its relatives,
/// which are made anew, and what it would run.
const LEFT_BEHIND: [&[u8]; 4] = [b"Kids", b"Parent", b"AA", b"A"];

/// Fields of a part while it is built, widgets among them.
#[derive(Default)]
pub struct Form {
    pub(super) fields: Vec<Field>,
    /// Fields that are not widgets, by their document and object.
    inner: HashMap<(usize, ObjectId), usize>,
    /// Some field would run a script.
    scripted: bool,
}

/// A field or a widget of one.
pub(super) struct Field {
    pub(super) source: usize,
    number: u32,
    /// Its entries without its relatives.
    pub(super) own: Dictionary,
    /// The field above it, by its place.
    pub(super) parent: Option<usize>,
    kids: Vec<u32>,
}

impl Field {
    /// Whether it is part of the form, and not a widget that belongs to no field.
    fn is_field(&self) -> bool {
        [&b"FT"[..], b"T"].iter().any(|key| self.own.has(key)) || !self.kids.is_empty()
    }

    fn is_signature(&self) -> bool {
        matches!(self.own.get(b"FT"), Ok(Object::Name(kind)) if kind == b"Sig")
    }
}

/// What a document's form says of its fields beyond the fields themselves.
#[derive(Default)]
pub(super) struct FieldTree {
    /// The field above each field or widget.
    above: HashMap<ObjectId, ObjectId>,
    /// Some field has a signature.
    pub(super) signed: bool,
}

impl Original {
    /// The document's form; none where it has none.
    pub(super) fn form(&self) -> Option<&Dictionary> {
        self.entries(self.catalog(), b"AcroForm")
    }

    /// Its fields as the form lists them, from the top.
    pub(super) fn field_tree(&self) -> &FieldTree {
        self.field_tree.get_or_init(|| {
            let mut tree = FieldTree::default();
            let mut walk = Walk::new();
            let fields = self
                .form()
                .map_or(&[][..], |form| self.items(form, b"Fields"));
            let mut waiting: Vec<&Object> = fields.iter().collect();
            while let Some(field) = waiting.pop() {
                if !walk.enters(field) {
                    continue;
                }
                let Ok(entries) = self.resolve(field).as_dict() else {
                    continue;
                };
                tree.signed |= self.has_signature(entries);
                let kids = self.items(entries, b"Kids");
                let kids = &kids[..walk.steps(kids.len())];
                if let Object::Reference(id) = field {
                    for kid in kids.iter().filter_map(|kid| kid.as_reference().ok()) {
                        tree.above.entry(kid).or_insert(*id);
                    }
                }
                waiting.extend(kids);
            }
            tree
        })
    }

    /// Whether a field, or a widget that is one, has been signed.
    pub(super) fn has_signature(&self, field: &Dictionary) -> bool {
        self.entries(field, b"V").is_some_and(is_signature)
    }

    /// The field above a field or widget: the one that it names, or else the one
    /// that names it.
    fn field_above(&self, id: Option<ObjectId>, entries: &Dictionary) -> Option<ObjectId> {
        let named = entries.get(b"Parent").and_then(Object::as_reference).ok();
        let above = named.filter(|id| self.is_field(*id));
        above.or_else(|| {
            let above = self.field_tree().above.get(&id?)?;
            self.is_field(*above).then_some(*above)
        })
    }

    fn is_field(&self, id: ObjectId) -> bool {
        let keys: [&[u8]; 3] = [b"Kids", b"FT", b"T"];
        let field = Object::Reference(id);
        let field = self.resolve(&field).as_dict();
        // A field that forgets its widgets is one all the same.
        field.is_ok_and(|field| keys.iter().any(|key| field.has(key)))
            && !self.page_at.contains_key(&id)
    }
}

/// Whether the value of a field is a signature (ISO 32000-1, 12.8).
fn is_signature(value: &Dictionary) -> bool {
    value.has(b"ByteRange") || value.has_type(b"Sig") || value.has_type(b"DocTimeStamp")
}

impl Assembly<'_> {
    /// Takes in a widget and the fields above it. `id` and `entries` are those in its
    /// document, `own` and `number` those in the part.
    pub(super) fn widget(
        &mut self,
        source: usize,
        (id, entries): (Option<ObjectId>, &Dictionary),
        (number, own): (u32, Dictionary),
        form: &mut Form,
    ) {
        let original = self.originals[source];
        form.scripted |= entries.has(b"AA");
        let mut kid = form.fields.len();
        let first = kid;
        form.fields.push(Field {
            source,
            number,
            own: without_signature(original, entries, own),
            parent: None,
            kids: vec![],
        });
        let mut above = original.field_above(id, entries);
        for _ in 0..DEEPEST {
            let Some(id) = above else {
                return;
            };
            let known = form.inner.get(&(source, id)).copied();
            // A field that is above itself has nothing above it.
            if known.is_some_and(|known| known > first) {
                return;
            }
            let number = form.fields[kid].number;
            if let Some(known) = known {
                form.fields[kid].parent = Some(known);
                form.fields[known].kids.push(number);
                return;
            }
            let field = Object::Reference(id);
            let Ok(entries) = original.resolve(&field).as_dict() else {
                return;
            };
            let place = form.fields.len();
            form.fields[kid].parent = Some(place);
            form.scripted |= entries.has(b"AA");
            let number_above = self.reserve();
            self.stand_in(source, id, number_above);
            let own = self.localised_entries(source, entries, &LEFT_BEHIND);
            form.inner.insert((source, id), place);
            form.fields.push(Field {
                source,
                number: number_above,
                own: without_signature(original, entries, own),
                parent: None,
                kids: vec![number],
            });
            kid = place;
            above = original.field_above(Some(id), entries);
        }
    }

    /// The form's dictionary; none where no page has a field. Called once all pages
    /// are there.
    pub(super) fn form(&mut self, mut form: Form) -> Option<Object> {
        // A document may have widgets and no form: its part has none either, or
        // viewers would let people fill it in.
        let at_top = |field: &Field| field.parent.is_none() && field.is_field();
        let in_form = |field: &Field| self.originals[field.source].form().is_some();
        let mut sources: Vec<usize> = Vec::new();
        for field in form.fields.iter().filter(|it| at_top(it) && in_form(it)) {
            if !sources.contains(&field.source) {
                sources.push(field.source);
            }
        }
        let names = Names::new(&form.fields, &sources);
        let mut defaults = Defaults::default();
        for &source in &sources {
            defaults.add(self, source);
        }
        for place in 0..form.fields.len() {
            let top = form.fields[place].parent.is_none();
            let renamed = names.new_name(place);
            let field = &mut form.fields[place];
            if let Some(name) = renamed {
                field.own.set("T", super::part::text(name));
            }
            if sources.contains(&field.source) {
                defaults.apply(field.source, top && field.is_field(), &mut field.own);
            }
        }
        let mut signature_fields = false;
        let numbers: Vec<u32> = form.fields.iter().map(|field| field.number).collect();
        let mut top = Vec::new();
        for mut field in form.fields {
            if at_top(&field) && sources.contains(&field.source) {
                top.push(reference(field.number));
            }
            signature_fields |= field.is_signature();
            if !field.kids.is_empty() {
                let kids = field.kids.iter().map(|kid| reference(*kid)).collect();
                field.own.set("Kids", Object::Array(kids));
            }
            if let Some(parent) = field.parent {
                field.own.set("Parent", reference(numbers[parent]));
            }
            self.put(field.number, &Object::Dictionary(field.own));
        }
        if form.scripted {
            self.remark(Remark::Scripts);
        }
        if top.is_empty() {
            return None;
        }
        let mut own = dictionary! { "Fields" => Object::Array(top) };
        defaults.give(&mut own);
        if signature_fields {
            // There are fields to sign in. That what was signed must not change no
            // longer holds (ISO 32000-1, table 219).
            own.set("SigFlags", 1);
        }
        Some(Object::Dictionary(own))
    }
}

/// The entries of a field in a part: a signature could no longer verify.
fn without_signature(original: &Original, entries: &Dictionary, mut own: Dictionary) -> Dictionary {
    if original.has_signature(entries) {
        own.remove(b"V");
    }
    own
}
