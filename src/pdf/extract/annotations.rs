//! Annotations of a page: what they look like comes along, and where they lead
//! if that is there too or a web address. What they would run never does.

use lopdf::{Dictionary, Object, dictionary};

use super::form::Form;
use super::original::Original;
use super::part::{Assembly, reference};
use crate::model::Remark;

/// Left behind, or made anew: actions, players, and what leads to other places.
pub(super) const LEFT_BEHIND: [&[u8]; 13] = [
    b"A",
    b"AA",
    b"PA",
    b"Dest",
    b"P",
    b"StructParent",
    b"RichMediaContent",
    b"RichMediaSettings",
    b"Movie",
    b"Sound",
    b"3DD",
    b"3DV",
    b"Parent",
];

/// What an annotation plays, of those that are left behind.
const PLAYED: [&[u8]; 4] = [b"RichMediaContent", b"Movie", b"Sound", b"3DD"];

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
                let id = annotation.as_reference().ok();
                if let Some(id) = id {
                    self.stand_in(source, id, number);
                }
                found.push((number, id, entries));
            }
        }
        for (number, id, entries) in &found {
            let own = self.annotation(source, entries, page_number);
            if original.is_kind(entries, b"Subtype", b"Widget") {
                // Put in its place once the whole form is known.
                self.widget(source, (*id, entries), (*number, own), form);
            } else {
                self.put(*number, &Object::Dictionary(own));
            }
        }
        found
            .iter()
            .map(|(number, ..)| reference(*number))
            .collect()
    }

    fn annotation(&mut self, source: usize, entries: &Dictionary, page: u32) -> Dictionary {
        let original = self.originals[source];
        let mut own = self.localised_entries(source, entries, &LEFT_BEHIND);
        own.set("P", reference(page));
        self.set_key(source, entries, &mut own);
        if PLAYED.iter().any(|key| entries.has(key)) {
            self.remark(Remark::Players);
            // Without what it plays some viewers show nothing of it. A stamp is its picture.
            if own.has(b"AP") {
                own.set("Subtype", "Stamp");
            }
        }
        if original.is_kind(entries, b"Subtype", b"Popup")
            && let Ok(Object::Reference(id)) = entries.get(b"Parent")
            && let Some(number) = self.known(source, *id)
        {
            own.set("Parent", reference(number));
        }
        if let Some((target, place)) = original.target(entries) {
            let page = original.pages[target].id;
            if let Some(number) = page.and_then(|id| self.known(source, id)) {
                let mut destination = vec![reference(number)];
                destination.extend(place);
                own.set("Dest", destination);
            }
        } else if let Some(action) = original.entries(entries, b"A") {
            match original.harmless(action) {
                Some(own_action) => own.set("A", own_action),
                None if original.is_action(action, b"JavaScript") => self.remark(Remark::Scripts),
                // Within the document: it led to a page that is not there.
                None if original.is_action(action, b"GoTo") => {}
                None => self.remark(Remark::Links),
            }
        }
        own
    }
}

/// Actions by name that turn pages (ISO 32000-1, table 211); others print and save.
const TURNING_PAGES: [&[u8]; 4] = [b"NextPage", b"PrevPage", b"FirstPage", b"LastPage"];

impl Original {
    /// Whether the value of a key is this name.
    pub(super) fn is_kind(&self, entries: &Dictionary, key: &[u8], kind: &[u8]) -> bool {
        matches!(self.value(entries, key), Object::Name(name) if name == kind)
    }

    /// Whether an action is of this kind.
    pub(super) fn is_action(&self, action: &Dictionary, kind: &[u8]) -> bool {
        self.is_kind(action, b"S", kind)
    }

    /// An action that opens a web address or turns to another page, without what
    /// would follow it; none for others.
    fn harmless(&self, action: &Dictionary) -> Option<Object> {
        if self.is_action(action, b"URI") {
            let address = self.value(action, b"URI").as_str().ok()?;
            let base = self.entries(self.catalog(), b"URI");
            let base = base.and_then(|base| self.value(base, b"Base").as_str().ok());
            let address = base.map_or_else(|| address.to_vec(), |base| absolute(base, address));
            let mut own = dictionary! { "S" => "URI", "URI" => Object::string_literal(address) };
            if matches!(self.value(action, b"IsMap"), Object::Boolean(true)) {
                own.set("IsMap", true);
            }
            return Some(Object::Dictionary(own));
        }
        let name = self.value(action, b"N").as_name().ok()?;
        let turns = self.is_action(action, b"Named") && TURNING_PAGES.contains(&name);
        turns.then(|| {
            Object::Dictionary(dictionary! { "S" => "Named", "N" => Object::Name(name.to_vec()) })
        })
    }
}

/// A web address that may be relative to the base that a document states (RFC 3986,
/// 5.2, without removing dots). A part has no base: its documents may have several.
fn absolute(base: &[u8], address: &[u8]) -> Vec<u8> {
    let scheme_end = |text: &[u8]| {
        let end = text
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric() && !b"+-.".contains(byte))?;
        (end > 0 && text[end] == b':').then_some(end + 1)
    };
    let Some(scheme) = scheme_end(base).filter(|_| scheme_end(address).is_none()) else {
        return address.to_vec();
    };
    let end_of = |from: usize, stops: &[u8]| {
        let stop = base[from..].iter().position(|byte| stops.contains(byte));
        stop.map_or(base.len(), |stop| from + stop)
    };
    let path = match base[scheme..].starts_with(b"//") {
        true => end_of(scheme + 2, b"/?#"),
        false => scheme,
    };
    let kept = match address {
        [] | [b'#', ..] => end_of(path, b"#"),
        [b'?', ..] => end_of(path, b"?#"),
        [b'/', b'/', ..] => scheme,
        [b'/', ..] => path,
        _ => {
            let path_end = end_of(path, b"?#");
            let slash = base[path..path_end].iter().rposition(|byte| *byte == b'/');
            slash.map_or(path, |slash| path + slash + 1)
        }
    };
    let slash: &[u8] = match address {
        // A base that is an authority only has the path "/".
        [first, ..] if kept == path && path > scheme && !b"/?#".contains(first) => b"/",
        _ => b"",
    };
    [&base[..kept], slash, address].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_completed_by_their_base() {
        for (base, address, whole) in [
            (
                "https://a.example/b/c",
                "d.html",
                "https://a.example/b/d.html",
            ),
            (
                "https://a.example/b/",
                "d.html#e",
                "https://a.example/b/d.html#e",
            ),
            ("https://a.example", "d.html", "https://a.example/d.html"),
            ("https://a.example/b/?q=/x", "/d", "https://a.example/d"),
            ("https://a.example/b", "//c.example/", "https://c.example/"),
            ("https://a.example/b#c", "?d", "https://a.example/b?d"),
            ("https://a.example/b#c", "#d", "https://a.example/b#d"),
            (
                "https://a.example/b",
                "mailto:a@b.example",
                "mailto:a@b.example",
            ),
            ("no base", "d.html", "d.html"),
        ] {
            let completed = absolute(base.as_bytes(), address.as_bytes());
            assert_eq!(String::from_utf8_lossy(&completed), whole);
        }
    }
}
