//! What speaks of a document as a whole and holds of a part of it too, or does not
//! any more: files that are attached, what its colours are meant for, its language,
//! its metadata. Not for outline, labels and layers (`lists`, `layers`).

use lopdf::{Dictionary, Object};

use super::part::{Assembly, Wanted};
use super::same::same;
use crate::model::Remark;

impl Assembly<'_> {
    /// Whether all pages of a document are there, in their order.
    fn is_whole(&self, source: usize, wanted: &[Wanted]) -> bool {
        let pages = wanted.iter().filter(|page| page.source == source);
        let all = 0..self.originals[source].pages.len();
        pages.map(|page| page.index).eq(all)
    }

    /// What the catalog says of the documents as a whole.
    pub(super) fn of_the_whole(&mut self, wanted: &[Wanted], catalog: &mut Dictionary) {
        let sources = 0..self.originals.len();
        let whole: Vec<bool> = sources
            .map(|source| self.is_whole(source, wanted))
            .collect();
        self.attachments(&whole, catalog);
        if self.same_intents {
            self.keep(b"OutputIntents", catalog);
        }
        if self.have_the_same(b"Lang") {
            self.keep(b"Lang", catalog);
        }
        if self.originals.len() == 1 {
            self.keep(b"ViewerPreferences", catalog);
            self.keep(b"PageLayout", catalog);
        }
        let tagged = self.tags(wanted, &whole, catalog);
        self.metadata(&whole, tagged, catalog);
        self.remark_on_scripts();
    }

    /// Whether all documents say the same of themselves.
    pub(super) fn have_the_same(&self, key: &[u8]) -> bool {
        let of = |original: &super::Original| original.catalog().get(key).ok().cloned();
        let [first, others @ ..] = self.originals.as_slice() else {
            return false;
        };
        let ours = of(first).unwrap_or(Object::Null);
        others.iter().all(|other| {
            let theirs = of(other).unwrap_or(Object::Null);
            same((first, &ours), (other, &theirs))
        })
    }

    /// Keeps what the first document says of itself.
    fn keep(&mut self, key: &[u8], catalog: &mut Dictionary) {
        if let Ok(value) = self.originals[0].catalog().get(key) {
            let value = self.localised(0, value);
            if !value.is_null() {
                catalog.set(key, value);
            }
        }
    }

    fn remark_on_scripts(&mut self) {
        let scripted = self.originals.iter().any(|original| {
            let catalog = original.catalog();
            let names = original.entries(catalog, b"Names");
            let opening = original.entries(catalog, b"OpenAction");
            names.is_some_and(|names| names.has(b"JavaScript"))
                || opening.is_some_and(|action| original.is_action(action, b"JavaScript"))
                || catalog.has(b"AA")
        });
        if scripted {
            self.remark(Remark::Scripts);
        }
        let forms = self.originals.iter().filter_map(|original| original.form());
        if forms.into_iter().any(|form| form.has(b"XFA")) {
            self.remark(Remark::Xfa);
        }
    }
}
