//! Form fields whose widgets are on the pages of a part: a form of its own with
//! those fields, their fonts and appearance, and nothing that calculates.

use std::collections::HashMap;

use lopdf::{Dictionary, Object, ObjectId, dictionary};

use super::original::Original;
use super::part::{Assembly, reference};
use super::walk::DEEPEST;

/// Fields of a part while it is built.
#[derive(Default)]
pub struct Form {
    /// Inner fields by their document and object, in the order of discovery.
    inner: Vec<Inner>,
    inner_at: HashMap<(usize, ObjectId), usize>,
    /// Numbers of the fields at the top, with the document they come from.
    top: Vec<(usize, u32)>,
}

struct Inner {
    source: usize,
    id: ObjectId,
    number: u32,
    parent: Option<u32>,
    kids: Vec<u32>,
}

impl Assembly<'_> {
    /// Notes a widget and the fields above it. Returns the number of the field
    /// right above, if there is one.
    pub(super) fn widget(
        &mut self,
        source: usize,
        entries: &Dictionary,
        number: u32,
        form: &mut Form,
    ) -> Option<u32> {
        let original = self.originals[source];
        let mut above = field_above(original, entries);
        if above.is_none() {
            if entries.has(b"FT") || entries.has(b"T") {
                form.top.push((source, number));
            }
            return None;
        }
        let mut kid = number;
        let mut first = None;
        for _ in 0..DEEPEST {
            let Some(id) = above else {
                form.top.push((source, kid));
                break;
            };
            if let Some(&at) = form.inner_at.get(&(source, id)) {
                form.inner[at].kids.push(kid);
                self.set_parent(form, kid, form.inner[at].number);
                return first.or(Some(form.inner[at].number));
            }
            let own = self.reserve();
            self.stand_in(source, id, own);
            form.inner_at.insert((source, id), form.inner.len());
            form.inner.push(Inner {
                source,
                id,
                number: own,
                parent: None,
                kids: vec![kid],
            });
            self.set_parent(form, kid, own);
            first = first.or(Some(own));
            kid = own;
            let field = original.document.get_dictionary(id);
            above = field.ok().and_then(|field| field_above(original, field));
        }
        first
    }

    /// Widgets get their parent from the caller; inner fields here.
    fn set_parent(&self, form: &mut Form, kid: u32, parent: u32) {
        if let Some(inner) = form.inner.iter_mut().rfind(|inner| inner.number == kid) {
            inner.parent = Some(parent);
        }
    }

    /// The form's dictionary; none where no page has a field.
    pub(super) fn form(&mut self, form: Form) -> Option<Object> {
        let mut names: HashMap<Vec<u8>, usize> = HashMap::new();
        for field in &form.inner {
            let original = self.originals[field.source];
            let Ok(entries) = original.document.get_dictionary(field.id) else {
                continue;
            };
            let left_behind: [&[u8]; 4] = [b"Kids", b"Parent", b"AA", b"A"];
            let mut own = self.localised_entries(field.source, entries, &left_behind);
            if original
                .entries(entries, b"V")
                .is_some_and(|value| value.has(b"ByteRange"))
            {
                own.remove(b"V");
            }
            let kids = field.kids.iter().map(|kid| reference(*kid)).collect();
            own.set("Kids", Object::Array(kids));
            match field.parent {
                Some(parent) => own.set("Parent", reference(parent)),
                None => rename(&mut own, field.source, &mut names),
            }
            self.put(field.number, &Object::Dictionary(own));
        }
        // A document may have widgets and no form: its part has none either, or
        // viewers would let people fill it in.
        let form_of = |source: usize| {
            let original = self.originals[source];
            original.entries(original.catalog(), b"AcroForm")
        };
        let top = form.top.into_iter();
        let top: Vec<_> = top
            .filter(|(source, _)| form_of(*source).is_some())
            .collect();
        let (first, _) = *top.first()?;
        let whole = form_of(first)?;
        let fields = top.iter().map(|(_, number)| reference(*number));
        let mut own = dictionary! { "Fields" => Object::Array(fields.collect()) };
        for key in ["DR", "DA", "Q", "NeedAppearances"] {
            if let Ok(value) = whole.get(key.as_bytes()) {
                let value = self.localised(first, value);
                own.set(key, value);
            }
        }
        Some(Object::Dictionary(own))
    }
}

/// Fields of one name share one value. Those of different documents must not.
fn rename(field: &mut Dictionary, source: usize, names: &mut HashMap<Vec<u8>, usize>) {
    let Ok(Object::String(name, format)) = field.get(b"T") else {
        return;
    };
    let (mut name, format) = (name.clone(), *format);
    if *names.entry(name.clone()).or_insert(source) != source {
        name.extend(format!("-{}", source + 1).bytes());
        field.set("T", Object::String(name, format));
    }
}

fn field_above(original: &Original, entries: &Dictionary) -> Option<ObjectId> {
    let id = entries.get(b"Parent").and_then(Object::as_reference).ok()?;
    let above = original.document.get_dictionary(id).ok()?;
    // A field that forgets its widgets is one all the same.
    let is_field = [&b"Kids"[..], b"FT", b"T"].iter().any(|key| above.has(key));
    (is_field && !original.page_at.contains_key(&id)).then_some(id)
}
