//! Annotations of a page: what they look like comes along, and where they lead
//! if that is there too or a web address. What they would run never does.

use lopdf::{Dictionary, Object, dictionary};

use super::form::Form;
use super::part::{Assembly, reference};

/// Left behind, or made anew: actions, players, and what leads to other places.
pub(super) const LEFT_BEHIND: [&[u8]; 14] = [
    b"A",
    b"AA",
    b"PA",
    b"Dest",
    b"P",
    b"StructParent",
    b"AF",
    b"RichMediaContent",
    b"RichMediaSettings",
    b"Movie",
    b"Sound",
    b"3DD",
    b"3DV",
    b"Parent",
];

impl Assembly<'_> {
    /// The annotations of a page as own objects.
    pub(super) fn annotations(
        &mut self,
        source: usize,
        page: &Dictionary,
        page_number: u32,
        form: &mut Form,
    ) -> Vec<Object> {
        let original = self.originals[source];
        let mut found = Vec::new();
        // All get their numbers first, for they refer to each other.
        for annotation in original.items(page, b"Annots") {
            if let Ok(entries) = original.resolve(annotation).as_dict() {
                let number = self.reserve();
                if let Object::Reference(id) = annotation {
                    self.stand_in(source, *id, number);
                }
                found.push((number, entries));
            }
        }
        for (number, entries) in &found {
            let own = self.annotation(source, entries, *number, page_number, form);
            self.put(*number, &Object::Dictionary(own));
        }
        found.iter().map(|(number, _)| reference(*number)).collect()
    }

    fn annotation(
        &mut self,
        source: usize,
        entries: &Dictionary,
        number: u32,
        page: u32,
        form: &mut Form,
    ) -> Dictionary {
        let original = self.originals[source];
        let mut own = self.localised_entries(source, entries, &LEFT_BEHIND);
        own.set("P", reference(page));
        let kind = entries.get(b"Subtype").and_then(Object::as_name);
        match kind.unwrap_or_default() {
            b"Widget" => {
                if let Some(parent) = self.widget(source, entries, number, form) {
                    own.set("Parent", reference(parent));
                }
                if original
                    .entries(entries, b"V")
                    .is_some_and(|value| value.has(b"ByteRange"))
                {
                    own.remove(b"V");
                }
            }
            b"Popup" => {
                if let Ok(Object::Reference(id)) = entries.get(b"Parent")
                    && let Some(number) = self.known(source, *id)
                {
                    own.set("Parent", reference(number));
                }
            }
            _ => {}
        }
        if let Some((target, place)) = original.target(entries) {
            let page = original.pages[target].id;
            if let Some(number) = page.and_then(|id| self.known(source, id)) {
                let mut destination = vec![reference(number)];
                destination.extend(place);
                own.set("Dest", destination);
            }
        } else if let Some(address) = web_address(original.entries(entries, b"A")) {
            own.set("A", address);
        }
        own
    }
}

/// An action that opens a web address, without what would follow it.
fn web_address(action: Option<&Dictionary>) -> Option<Object> {
    let action = action?;
    let is_address = matches!(action.get(b"S"), Ok(Object::Name(kind)) if kind == b"URI");
    let address = action.get(b"URI").ok().filter(|_| is_address)?;
    matches!(address, Object::String(..))
        .then(|| Object::Dictionary(dictionary! { "S" => "URI", "URI" => address.clone() }))
}
