//! A document to take pages from: its pages with what they inherit, its named
//! destinations, outline and labels, and the serialised objects that parts share. Not for
//! reading objects (`document`) and not for building a part (`part`).

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use lopdf::{Dictionary, Object, ObjectId};

use super::ExtractError;
use super::claims::Metadata;
use super::document::Document;
use super::form::FieldTree;
use super::navigation::OutlineEntry;
use super::numbers::ExactNumbers;
use super::pages::{OriginalPage, pages_of};
use super::resources::Names;
use super::rights::Protection;
use super::serialise::Template;
use super::tags::Structure;
use super::walk::Walk;

/// A document that pages can be taken from.
pub struct Original {
    pub(super) document: Document,
    pub(super) pages: Vec<OriginalPage>,
    /// Index of a page by its object.
    pub(super) page_at: HashMap<ObjectId, usize>,
    pub(super) destinations: OnceCell<HashMap<Vec<u8>, Object>>,
    pub(super) outline: OnceCell<Vec<OutlineEntry>>,
    pub(super) labels: OnceCell<Vec<(usize, Dictionary)>>,
    pub(super) field_tree: OnceCell<FieldTree>,
    pub(super) signed: OnceCell<bool>,
    pub(super) structure: OnceCell<Option<Structure>>,
    pub(super) metadata: OnceCell<Option<Metadata>>,
    /// Its numbers as they are written.
    pub(super) exact: ExactNumbers,
    /// What was asked of a person to open it and to work with it.
    pub(super) protection: Protection,
    nothing: Dictionary,
    templates: RefCell<HashMap<ObjectId, Rc<Template>>>,
    /// Names that a form or the like takes from the resources around it; none where
    /// that cannot be told.
    pub(super) leaning: RefCell<HashMap<ObjectId, Option<Rc<Names>>>>,
}

impl Original {
    /// Reads a document as far as its pages. `password` is the one that opened it, if any,
    /// and `shown` the number of pages that people see of it: where objects lead to
    /// other pages, nobody could say which is which.
    pub fn read(
        bytes: Arc<Vec<u8>>,
        password: Option<&str>,
        shown: u32,
    ) -> Result<Self, ExtractError> {
        let mut document = Document::read(Arc::clone(&bytes), password)?;
        let mut pages = pages_of(&document, shown);
        if pages.len() != shown as usize
            && let Ok(searched) = Document::searched(&bytes, password)
        {
            let others = pages_of(&searched, shown);
            if others.len() == shown as usize {
                (document, pages) = (searched, others);
            }
        }
        if pages.len() != shown as usize {
            return Err(ExtractError::OtherPages {
                expected: shown,
                found: u32::try_from(pages.len()).unwrap_or(u32::MAX),
            });
        }
        let numbered = pages.iter().enumerate();
        let page_at = numbered
            .rev()
            .filter_map(|(index, page)| Some((page.id?, index)))
            .collect();
        Ok(Self {
            exact: ExactNumbers::of(document.bytes(), document.packed_contents()),
            protection: Protection::of(&document, password),
            document,
            nothing: Dictionary::new(),
            pages,
            page_at,
            destinations: OnceCell::new(),
            outline: OnceCell::new(),
            labels: OnceCell::new(),
            field_tree: OnceCell::new(),
            signed: OnceCell::new(),
            structure: OnceCell::new(),
            metadata: OnceCell::new(),
            templates: RefCell::default(),
            leaning: RefCell::default(),
        })
    }

    /// Number of pages.
    pub fn page_count(&self) -> u32 {
        u32::try_from(self.pages.len()).unwrap_or(u32::MAX)
    }

    /// What an object or reference stands for; null where there is nothing.
    pub(super) fn resolve<'a>(&'a self, object: &'a Object) -> &'a Object {
        match self.document.dereference(object) {
            Ok((_, object)) => object,
            Err(_) => &Object::Null,
        }
    }

    /// The value of a key, resolved.
    pub(super) fn value<'a>(&'a self, of: &'a Dictionary, key: &[u8]) -> &'a Object {
        of.get(key)
            .map_or(&Object::Null, |value| self.resolve(value))
    }

    /// The value of a key where that is a dictionary.
    pub(super) fn entries<'a>(&'a self, of: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
        self.value(of, key).as_dict().ok()
    }

    /// The value of a key where that is an array; empty otherwise.
    pub(super) fn items<'a>(&'a self, of: &'a Dictionary, key: &[u8]) -> &'a [Object] {
        self.value(of, key).as_array().map_or(&[], Vec::as_slice)
    }

    /// A rectangle (ISO 32000-1, 7.9.5) with an area.
    pub(super) fn has_area(&self, rectangle: &Object) -> bool {
        let corners = self.resolve(rectangle).as_array();
        let corners = corners.map_or(&[][..], Vec::as_slice);
        let corners = corners.iter().map(|c| self.resolve(c).as_float().ok());
        match corners.collect::<Option<Vec<f32>>>().as_deref() {
            // More numbers than four are ignored by all viewers.
            Some([left, bottom, right, top, ..]) => {
                (right - left).abs() > 0.0 && (top - bottom).abs() > 0.0
            }
            _ => false,
        }
    }

    /// The document's catalog; empty where it has none.
    pub(super) fn catalog(&self) -> &Dictionary {
        self.document.catalog().unwrap_or(&self.nothing)
    }

    /// An object's body, serialised at the first call.
    pub(super) fn template(&self, id: ObjectId) -> Rc<Template> {
        if let Some(known) = self.templates.borrow().get(&id) {
            return Rc::clone(known);
        }
        let exact = &[&self.exact];
        let template = Rc::new(match self.document.get_object(id) {
            Ok(Object::Stream(stream)) => match self.lean_stream(stream) {
                Some(lean) => Template::of(&Object::Stream(lean), exact),
                None => Template::of(&Object::Stream(stream.clone()), exact),
            },
            Ok(object) => Template::of(object, exact),
            Err(_) => Template::of(&Object::Null, exact),
        });
        self.templates.borrow_mut().insert(id, Rc::clone(&template));
        template
    }

    /// The entries of a tree of names or numbers (ISO 32000-1, 7.9.6).
    pub(super) fn tree<'a>(
        &'a self,
        root: &'a Object,
        leaf: &[u8],
    ) -> Vec<(&'a Object, &'a Object)> {
        let mut found = Vec::new();
        let mut walk = Walk::new();
        let mut waiting = vec![root];
        while let Some(node) = waiting.pop() {
            if !walk.enters(node) {
                continue;
            }
            let Ok(node) = self.resolve(node).as_dict() else {
                continue;
            };
            // Many nodes may share one list.
            let leaves = self.items(node, leaf);
            let pairs = leaves.chunks_exact(2).take(walk.steps(leaves.len() / 2));
            found.extend(pairs.map(|pair| (self.resolve(&pair[0]), &pair[1])));
            let kids = self.items(node, b"Kids");
            let kids = &kids[..walk.steps(kids.len())];
            waiting.extend(kids.iter().rev());
        }
        found
    }
}
