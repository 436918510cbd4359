//! What a form says for all its fields (ISO 32000-1, table 218): the fonts that they
//! are filled in with, how they look, and whether viewers draw them anew. A part of
//! several documents has one form: where they differ, fonts get other names and
//! fields say for themselves what their form said for them.

use std::collections::HashMap;

use lopdf::{Dictionary, Object};

use super::original::Original;
use super::part::Assembly;
use super::same::same;

/// What is said for all fields of a part.
#[derive(Default)]
pub(super) struct Defaults<'a> {
    /// By kind and name, with the document that each comes from.
    resources: Vec<(Vec<u8>, Vec<Resource<'a>>)>,
    documents: HashMap<usize, Of>,
    /// The document whose defaults are those of the form.
    first: Option<usize>,
    draw_anew: bool,
}

struct Resource<'a> {
    name: Vec<u8>,
    original: &'a Original,
    object: &'a Object,
    own: Object,
}

/// The defaults of one document.
#[derive(Default)]
struct Of {
    appearance: Option<Vec<u8>>,
    /// How text is set: 0 from the left, 1 in the middle, 2 from the right.
    quadding: i64,
    /// New names of fonts.
    fonts: HashMap<Vec<u8>, Vec<u8>>,
}

impl<'a> Defaults<'a> {
    /// Takes in those of a document that has a form.
    pub(super) fn add(&mut self, assembly: &mut Assembly<'a>, source: usize) {
        let original = assembly.originals[source];
        let Some(form) = original.form() else {
            return;
        };
        self.first.get_or_insert(source);
        self.draw_anew |= matches!(
            original.value(form, b"NeedAppearances"),
            Object::Boolean(true)
        );
        let mut of = Of {
            appearance: original
                .value(form, b"DA")
                .as_str()
                .ok()
                .map(<[u8]>::to_vec),
            quadding: original.value(form, b"Q").as_i64().unwrap_or(0),
            fonts: HashMap::new(),
        };
        let resources = original.entries(form, b"DR");
        for (kind, value) in resources.into_iter().flat_map(Dictionary::iter) {
            if let Ok(entries) = original.resolve(value).as_dict() {
                for (name, object) in entries.iter() {
                    self.resource(assembly, source, kind, (name, object), &mut of);
                }
            }
        }
        if let Some(appearance) = &mut of.appearance {
            *appearance = renamed(appearance, &of.fonts);
        }
        self.documents.insert(source, of);
    }

    fn resource(
        &mut self,
        assembly: &mut Assembly<'a>,
        source: usize,
        kind: &[u8],
        (name, object): (&[u8], &'a Object),
        of: &mut Of,
    ) {
        let original = assembly.originals[source];
        let place = self.resources.iter().position(|(known, _)| known == kind);
        let place = place.unwrap_or_else(|| {
            self.resources.push((kind.to_vec(), Vec::new()));
            self.resources.len() - 1
        });
        let known = &mut self.resources[place].1;
        let mut new_name = name.to_vec();
        if let Some(other) = known.iter().find(|it| it.name == name) {
            if same((original, object), (other.original, other.object)) {
                return;
            }
            // Other kinds are used by no field by name.
            if kind != b"Font" {
                return;
            }
            let alike = |it: &&Resource<'_>| same((original, object), (it.original, it.object));
            if let Some(other) = known.iter().find(alike) {
                of.fonts.insert(name.to_vec(), other.name.clone());
                return;
            }
            // Names are written into appearances, where few characters need no escape.
            let base: Vec<u8> = name
                .iter()
                .copied()
                .filter(u8::is_ascii_alphanumeric)
                .collect();
            let form = original
                .form()
                .and_then(|form| original.entries(form, b"DR"));
            let fonts = form.and_then(|resources| original.entries(resources, b"Font"));
            let is_taken = |name: &Vec<u8>| {
                known.iter().any(|it| it.name == *name)
                    || fonts.is_some_and(|fonts| fonts.has(name))
            };
            let candidates =
                (2u32..).map(|count| [&base[..], format!("-{count}").as_bytes()].concat());
            new_name = candidates
                .into_iter()
                .find(|name| !is_taken(name))
                .unwrap_or(new_name);
            of.fonts.insert(name.to_vec(), new_name.clone());
        }
        known.push(Resource {
            name: new_name,
            original,
            object,
            own: assembly.localised(source, object),
        });
    }

    /// Has a field say for itself what the part's form does not say for it.
    pub(super) fn apply(&self, source: usize, at_top: bool, field: &mut Dictionary) {
        let (Some(of), Some(first)) = (
            self.documents.get(&source),
            self.first.and_then(|first| self.documents.get(&first)),
        ) else {
            return;
        };
        if let Ok(Object::String(appearance, _)) = field.get_mut(b"DA") {
            *appearance = renamed(appearance, &of.fonts);
        } else if at_top
            && of.appearance != first.appearance
            && let Some(appearance) = &of.appearance
        {
            field.set("DA", Object::string_literal(appearance.clone()));
        }
        if at_top && of.quadding != first.quadding && !field.has(b"Q") {
            field.set("Q", of.quadding);
        }
    }

    /// Gives the form what it says for all its fields.
    pub(super) fn give(self, form: &mut Dictionary) {
        let mut resources = Dictionary::new();
        for (kind, entries) in self.resources {
            let entries = entries.into_iter().map(|it| (it.name, it.own));
            resources.set(kind, entries.collect::<Dictionary>());
        }
        if !resources.is_empty() {
            form.set("DR", resources);
        }
        if let Some(first) = self.first.and_then(|first| self.documents.get(&first)) {
            if let Some(appearance) = &first.appearance {
                form.set("DA", Object::string_literal(appearance.clone()));
            }
            if first.quadding != 0 {
                form.set("Q", first.quadding);
            }
        }
        if self.draw_anew {
            form.set("NeedAppearances", true);
        }
    }
}

/// An appearance with other names of fonts.
fn renamed(appearance: &[u8], fonts: &HashMap<Vec<u8>, Vec<u8>>) -> Vec<u8> {
    if fonts.is_empty() {
        return appearance.to_vec();
    }
    let mut own = Vec::with_capacity(appearance.len());
    let mut rest = appearance;
    while let Some(slash) = memchr::memchr(b'/', rest) {
        let (before, after) = rest.split_at(slash + 1);
        own.extend_from_slice(before);
        let (name, end) = super::resources::name(after);
        match fonts.get(&name) {
            Some(new) => own.extend_from_slice(new),
            None => own.extend_from_slice(&after[..end]),
        }
        rest = &after[end..];
    }
    own.extend_from_slice(rest);
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fonts_of_appearances_are_renamed_and_nothing_else() {
        let fonts = HashMap::from([(b"Helv".to_vec(), b"Helv-2".to_vec())]);
        for (before, after) in [
            ("/Helv 12 Tf 0 g", "/Helv-2 12 Tf 0 g"),
            ("0 g /Hel#76 0 Tf", "0 g /Helv-2 0 Tf"),
            ("/HelvB 12 Tf 1 0 0 rg", "/HelvB 12 Tf 1 0 0 rg"),
            ("0 g", "0 g"),
        ] {
            let renamed = renamed(before.as_bytes(), &fonts);
            assert_eq!(String::from_utf8_lossy(&renamed), after);
        }
    }
}
