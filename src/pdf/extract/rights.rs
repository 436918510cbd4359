//! Who may do what with a document, and who has signed it: what a part cannot keep.
//! Not for what the document holds.

use lopdf::{Dictionary, Object};

use super::document::Document;
use super::original::Original;
use super::part::Assembly;
use crate::model::Remark;

/// What was asked of a person to open a document and to work with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Protection {
    /// It opens with a password only.
    password: bool,
    /// Its owner allows some things only (ISO 32000-1, table 22).
    restricted: bool,
}

/// Bits of what an owner may allow: printing, changing, copying, commenting, filling in,
/// assembling, printing well (ISO 32000-1, table 22). Revision 2 knows the first four.
const ALL: i64 = 0b1101_0011_1100;
const ALL_OF_REVISION_2: i64 = 0b11_1100;

impl Protection {
    /// That of a document that was opened with this password, or without one.
    pub(super) fn of(document: &Document, password: Option<&str>) -> Self {
        let encrypt = document.trailer.get(b"Encrypt").ok();
        let encrypt = encrypt.and_then(|encrypt| document.dereference(encrypt).ok());
        let Some((_, Object::Dictionary(encrypt))) = encrypt else {
            return Self::default();
        };
        let number = |key: &[u8]| encrypt.get(key).and_then(Object::as_i64).ok();
        let all = match number(b"R") {
            Some(2) => ALL_OF_REVISION_2,
            _ => ALL,
        };
        Self {
            password: password.is_some_and(|password| !password.is_empty()),
            restricted: number(b"P").is_some_and(|allowed| allowed & all != all),
        }
    }
}

impl Original {
    /// The document has signatures that a part could not keep. What a reader may do
    /// with a form is signed as well, by who sold the reader: that is no signature of
    /// anybody who stands for the document.
    pub fn is_signed(&self) -> bool {
        *self.signed.get_or_init(|| {
            let permissions = self.entries(self.catalog(), b"Perms");
            let certified = permissions.is_some_and(|it| self.entries(it, b"DocMDP").is_some());
            certified || self.field_tree().signed || self.has_signed_widget()
        })
    }

    /// Whether a widget of a form that forgets its fields has been signed.
    fn has_signed_widget(&self) -> bool {
        let annotations = |page: &Dictionary| {
            let mut annotations = self.items(page, b"Annots").iter();
            annotations.any(|annotation| {
                let entries = self.resolve(annotation).as_dict();
                entries.is_ok_and(|entries| {
                    matches!(entries.get(b"Subtype"), Ok(Object::Name(kind)) if kind == b"Widget")
                        && self.has_signature(entries)
                })
            })
        };
        self.form().is_some() && self.pages.iter().any(|page| annotations(&page.dictionary))
    }

    /// Readers may do more with it than with others (ISO 32000-1, 12.8.2.3).
    fn has_usage_rights(&self) -> bool {
        let permissions = self.entries(self.catalog(), b"Perms");
        permissions.is_some_and(|permissions| {
            let rights: [&[u8]; 2] = [b"UR", b"UR3"];
            let mut rights = rights.iter();
            rights.any(|key| self.entries(permissions, key).is_some())
        })
    }
}

impl Assembly<'_> {
    /// Says which rights and duties of the documents the part does not have.
    pub(super) fn remark_on_rights(&mut self) {
        for original in self.originals.clone() {
            let said = [
                (original.is_signed(), Remark::Signature),
                (original.has_usage_rights(), Remark::UsageRights),
                (original.protection.password, Remark::Password),
                (original.protection.restricted, Remark::Restrictions),
            ];
            for (_, remark) in said.into_iter().filter(|(is_so, _)| *is_so) {
                self.remark(remark);
            }
        }
    }
}
