//! The objects of a file, each read when it is first asked for: found where the file says,
//! or by searching where that is wrong, decrypted, and kept. Objects are known by their
//! number alone. Not for what objects mean.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::cipher::Cipher;
use super::search::search;
use super::syntax::Reader;
use super::table::{self, Place, Table, content};
use super::{ExtractError, LARGEST_STREAM};

/// References to references are followed this far.
const LONGEST_CHAIN: usize = 16;

/// Values of few levels, as those that say how a stream is packed, are looked up whole.
const SHALLOW: usize = 5;

/// An object begins at most this far behind its place: blanks, and "4294967295 65535 obj".
const LONGEST_HEAD: usize = 64;

/// Why there is no such object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The file has none: it is null, as the standard says.
    Nowhere,
    /// It is in the file and cannot be read.
    Unreadable,
}

/// A file whose objects are read as they are needed.
pub(super) struct Document {
    bytes: Arc<Vec<u8>>,
    pub(super) trailer: Dictionary,
    /// Version in its header, such as "1.7"; may be empty.
    pub(super) version: String,
    slots: HashMap<u32, Slot>,
    /// Object streams, unpacked.
    packs: HashMap<u32, OnceCell<Option<Pack>>>,
    cipher: Option<Cipher>,
    /// Bytes that streams and object streams may still take, so that objects that lie in
    /// each other, or unpack to much, cannot take all memory.
    allowance: Cell<usize>,
    /// Objects that were asked for, are in the file and cannot be read.
    unreadable: RefCell<BTreeSet<u32>>,
}

/// An object and where it is.
struct Slot {
    place: Place,
    object: OnceCell<Option<Box<Object>>>,
}

/// An object stream.
struct Pack {
    content: Vec<u8>,
    /// Where in the content its objects begin.
    members: HashMap<u32, usize>,
}

impl Document {
    /// Reads a file as far as it is needed to find its objects. `password` is the one that
    /// opened it, if any.
    pub(super) fn read(bytes: Arc<Vec<u8>>, password: Option<&str>) -> Result<Self, ExtractError> {
        let said = table::read(&bytes).map(|table| Self::said(&bytes, table, password));
        match said {
            Some(Ok(document)) if document.has_pages() => Ok(document),
            Some(Err(ExtractError::Locked)) => Err(ExtractError::Locked),
            said => {
                let found = Self::searched(&bytes, password)?;
                match said {
                    Some(Ok(document)) if !found.has_pages() => Ok(document),
                    _ => Ok(found),
                }
            }
        }
    }

    /// By what the file says. Objects that are elsewhere are searched for; then, as in
    /// viewers, nothing that it says of objects that are not in use is believed either.
    fn said(
        bytes: &Arc<Vec<u8>>,
        table: Table,
        password: Option<&str>,
    ) -> Result<Self, ExtractError> {
        let mut places = table.places;
        let is_wrong = |(number, place): (&u32, &Place)| matches!(place, Place::At(at) if !begins_at(bytes, *at, *number));
        if places.iter().any(is_wrong) {
            let found = search(bytes).places;
            places.retain(|number, place| !is_wrong((number, place)) && *place != Place::Free);
            for (number, at) in found {
                places.entry(number).or_insert(Place::At(at));
            }
        }
        Self::new(bytes, places, table.trailer, password)
    }

    /// Reads a file whatever it says of where its objects are.
    pub(super) fn searched(
        bytes: &Arc<Vec<u8>>,
        password: Option<&str>,
    ) -> Result<Self, ExtractError> {
        let found = search(bytes);
        if found.places.is_empty() {
            return Err(ExtractError::Unreadable("no objects are in it".into()));
        }
        let places = found.places.iter();
        let places = places.map(|(number, at)| (*number, Place::At(*at)));
        let mut document = Self::new(bytes, places.collect(), found.trailer, password)?;
        let mut members = HashMap::new();
        for pack in &found.packed {
            if let Some(unpacked) = document.unpack(*pack) {
                for member in unpacked.members.keys() {
                    // What stands by itself and later in the file is newer.
                    let is_older = found.places.get(member) < found.places.get(pack);
                    if is_older {
                        members.insert(*member, Place::Packed(*pack));
                    }
                }
            }
        }
        document.add(members);
        if !document.has_pages() {
            document.find_root();
        }
        Ok(document)
    }

    fn new(
        bytes: &Arc<Vec<u8>>,
        places: HashMap<u32, Place>,
        trailer: Dictionary,
        password: Option<&str>,
    ) -> Result<Self, ExtractError> {
        let mut document = Self {
            bytes: Arc::clone(bytes),
            trailer,
            version: version(bytes),
            slots: HashMap::new(),
            packs: HashMap::new(),
            cipher: None,
            allowance: Cell::new(bytes.len().saturating_mul(2).saturating_add(LARGEST_STREAM)),
            unreadable: RefCell::default(),
        };
        document.add(places);
        // Nothing may be unpacked yet that has to be decrypted first.
        if let Ok(encrypt) = document.trailer.get(b"Encrypt") {
            let encrypt = document.plain(encrypt, false, SHALLOW);
            let id = document.trailer.get(b"ID");
            let id = id.map_or(Object::Null, |id| document.plain(id, false, SHALLOW));
            let id = id
                .as_array()
                .ok()
                .and_then(|ids| ids.first()?.as_str().ok());
            match encrypt {
                Object::Null => {}
                Object::Dictionary(encrypt) => {
                    let cipher = Cipher::new(&encrypt, id.unwrap_or_default(), password)?;
                    document.cipher = Some(cipher);
                }
                _ => {
                    return Err(ExtractError::Unreadable(
                        "how it is encrypted is not understood".into(),
                    ));
                }
            }
        }
        Ok(document)
    }

    fn add(&mut self, places: HashMap<u32, Place>) {
        for (number, place) in places {
            if let Place::Packed(pack) = place {
                self.packs.entry(pack).or_default();
            }
            if place != Place::Free && number != 0 {
                let object = OnceCell::new();
                self.slots.insert(number, Slot { place, object });
            }
        }
    }

    /// Where no trailer leads to a catalog with pages, the last of those is meant.
    fn find_root(&mut self) {
        let catalog = self.numbers().into_iter().rev().find(|number| {
            let entries = self.get_dictionary((*number, 0));
            entries.is_ok_and(|entries| entries.has_type(b"Catalog") && entries.has(b"Pages"))
        });
        if let Some(catalog) = catalog {
            self.trailer.set("Root", Object::Reference((catalog, 0)));
        }
    }

    fn has_pages(&self) -> bool {
        let pages = self.catalog().ok().and_then(|it| it.get(b"Pages").ok());
        let pages = pages.and_then(|pages| self.dereference(pages).ok());
        pages.is_some_and(|(_, pages)| pages.as_dict().is_ok())
    }

    /// Its objects are encrypted in the file.
    pub(super) fn is_encrypted(&self) -> bool {
        self.cipher.is_some()
    }

    /// The file.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Numbers of all objects, in order.
    pub(super) fn numbers(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.slots.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    /// Contents of all object streams, unpacked, in the order of their numbers.
    pub(super) fn packed_contents(&self) -> impl Iterator<Item = &[u8]> {
        let mut numbers: Vec<u32> = self.packs.keys().copied().collect();
        numbers.sort_unstable();
        let packs = numbers.into_iter().filter_map(|number| self.pack(number));
        packs.map(|pack| pack.content.as_slice())
    }

    /// Objects that have been asked for, are in the file and cannot be read.
    pub(super) fn unreadable(&self) -> BTreeSet<u32> {
        self.unreadable.borrow().clone()
    }

    /// An object by its number; generations do not matter.
    pub(super) fn get_object(&self, (number, _): ObjectId) -> Result<&Object, Missing> {
        let slot = self.slots.get(&number).ok_or(Missing::Nowhere)?;
        let object = slot
            .object
            .get_or_init(|| self.object(number, slot.place).map(Box::new));
        object.as_deref().ok_or_else(|| {
            self.unreadable.borrow_mut().insert(number);
            Missing::Unreadable
        })
    }

    /// The entries of an object that is a stream, as they stand in the file. Its content is
    /// not read.
    pub(super) fn stream_entries(&self, (number, _): ObjectId) -> Option<Dictionary> {
        let Place::At(at) = self.slots.get(&number)?.place else {
            return None;
        };
        let read = Reader::new(&self.bytes, at).indirect()?;
        match (read.object, read.content) {
            (Object::Dictionary(entries), Some(_)) if read.number == number => Some(entries),
            _ => None,
        }
    }

    /// An object that is a dictionary.
    pub(super) fn get_dictionary(&self, id: ObjectId) -> Result<&Dictionary, Missing> {
        self.get_object(id)?.as_dict().map_err(|_| Missing::Nowhere)
    }

    /// What an object or reference stands for, and the number of that.
    pub(super) fn dereference<'a>(
        &'a self,
        object: &'a Object,
    ) -> Result<(Option<ObjectId>, &'a Object), Missing> {
        let (mut id, mut object) = (None, object);
        for _ in 0..LONGEST_CHAIN {
            let Object::Reference(next) = object else {
                return Ok((id, object));
            };
            id = Some(*next);
            object = self.get_object(*next)?;
        }
        Err(Missing::Nowhere)
    }

    /// The document's catalog.
    pub(super) fn catalog(&self) -> Result<&Dictionary, Missing> {
        let root = self.trailer.get(b"Root").map_err(|_| Missing::Nowhere)?;
        let (_, root) = self.dereference(root)?;
        root.as_dict().map_err(|_| Missing::Nowhere)
    }

    fn object(&self, number: u32, place: Place) -> Option<Object> {
        match place {
            Place::Free => None,
            Place::At(at) => self.object_at(number, at, true),
            Place::Packed(pack) => self.pack(pack)?.member(number),
        }
    }

    /// An object that stands by itself. With `packed` false nothing is looked up in object
    /// streams, for one of them is being read.
    fn object_at(&self, number: u32, at: usize, packed: bool) -> Option<Object> {
        let read = Reader::new(&self.bytes, at).indirect()?;
        if read.number != number {
            return None;
        }
        let object = match (read.object, read.content) {
            (Object::Dictionary(entries), Some(start)) => {
                Object::Stream(self.stream(entries, start, packed)?)
            }
            (object, _) => object,
        };
        match &self.cipher {
            Some(cipher) => cipher.decrypt((number, read.generation), object),
            None => Some(object),
        }
    }

    /// A stream as it is in the file. How long it is and how it is packed are written in
    /// place, since not everyone who asks can look up references.
    fn stream(&self, mut entries: Dictionary, start: usize, packed: bool) -> Option<Stream> {
        for key in [&b"Length"[..], b"Filter", b"DecodeParms"] {
            if let Ok(value) = entries.get(key) {
                let value = self.plain(value, packed, SHALLOW);
                entries.set(key, value);
            }
        }
        let length = entries.get(b"Length").and_then(Object::as_i64).ok();
        let content = content(&self.bytes, start, length);
        self.take(content.len())?;
        let mut stream = Stream::new(entries, self.bytes[content].to_vec());
        stream.start_position = Some(start);
        Some(stream)
    }

    /// A value with what it refers to in its place, but for streams and what lies deep.
    fn plain(&self, value: &Object, packed: bool, depth: usize) -> Object {
        if depth == 0 {
            return value.clone();
        }
        match value {
            Object::Reference((number, _)) => {
                let read = match self.slots.get(number).map(|slot| slot.place) {
                    Some(Place::At(at)) => Reader::new(&self.bytes, at)
                        .indirect()
                        .filter(|read| read.number == *number && read.content.is_none())
                        .map(|read| read.object),
                    Some(Place::Packed(pack)) if packed => {
                        self.pack(pack).and_then(|pack| pack.member(*number))
                    }
                    _ => None,
                };
                read.map_or_else(
                    || value.clone(),
                    |read| self.plain(&read, packed, depth - 1),
                )
            }
            Object::Array(items) => {
                let items = items.iter().map(|item| self.plain(item, packed, depth - 1));
                Object::Array(items.collect())
            }
            Object::Dictionary(entries) => {
                let mut own = Dictionary::new();
                for (key, value) in entries {
                    own.set(key.clone(), self.plain(value, packed, depth - 1));
                }
                Object::Dictionary(own)
            }
            other => other.clone(),
        }
    }

    fn pack(&self, number: u32) -> Option<&Pack> {
        let pack = self.packs.get(&number)?;
        pack.get_or_init(|| self.unpack(number)).as_ref()
    }

    fn unpack(&self, number: u32) -> Option<Pack> {
        let Place::At(at) = self.slots.get(&number)?.place else {
            return None;
        };
        let Object::Stream(stream) = self.object_at(number, at, false)? else {
            return None;
        };
        let most = self.allowance.get().min(LARGEST_STREAM);
        let content = stream.get_plain_content_with_limit(most).ok()?;
        self.take(content.len())?;
        let integer = |key: &[u8]| {
            let value = self.plain(stream.dict.get(key).ok()?, false, SHALLOW);
            usize::try_from(value.as_i64().ok()?).ok()
        };
        let (count, first) = (integer(b"N")?, integer(b"First")?);
        let mut head = Reader::new(&content, 0);
        let mut members = HashMap::new();
        for _ in 0..count {
            let (Some(number), Some(offset)) = (head.digits(), head.digits::<usize>()) else {
                break;
            };
            members.insert(number, first.saturating_add(offset));
        }
        Some(Pack { content, members })
    }

    /// Takes from what streams may have; none where too little is left.
    fn take(&self, bytes: usize) -> Option<()> {
        self.allowance.set(self.allowance.get().checked_sub(bytes)?);
        Some(())
    }
}

impl Pack {
    fn member(&self, number: u32) -> Option<Object> {
        Reader::new(&self.content, *self.members.get(&number)?).object()
    }
}

fn begins_at(bytes: &[u8], at: usize, number: u32) -> bool {
    let end = bytes.len().min(at.saturating_add(LONGEST_HEAD));
    let head = Reader::new(&bytes[..end], at).head();
    head.is_some_and(|(found, _)| found == number)
}

/// The version in the header; empty where it has none.
fn version(bytes: &[u8]) -> String {
    let header = table::header(bytes).map(|at| &bytes[at + b"%PDF-".len()..]);
    let version = header.and_then(|rest| rest.get(..3)).unwrap_or_default();
    String::from_utf8_lossy(version).into_owned()
}
