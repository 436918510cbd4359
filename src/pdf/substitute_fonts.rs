//! Fonts for text whose document does not bring its own. The 14 standard fonts, and what
//! looks most like others in Latin letters, are part of the engine; for Chinese, Japanese
//! and Korean a font of this machine is taken. Not for fonts of the window.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use fontdb::{Database, FaceInfo, Style};
use hayro::hayro_interpret::font::{FallbackFontQuery, FontData, FontQuery};
use hayro::hayro_interpret::hayro_cmap::CidFamily;
use skrifa::{FontRef, MetadataProvider};

/// Fonts of this machine, looked for when the first document lacks one.
static INSTALLED: LazyLock<Database> = LazyLock::new(|| {
    let mut database = Database::new();
    database.load_system_fonts();
    database
});

/// What was found: a font of 20 MB and more is read once.
static FOUND: LazyLock<Mutex<HashMap<Wanted, Option<Font>>>> = LazyLock::new(Mutex::default);

/// A font's bytes, and which of the fonts in them it is.
type Font = (FontData, u32);

/// What is looked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Wanted {
    /// Place among [`COLLECTIONS`].
    collection: usize,
    is_serif: bool,
    is_bold: bool,
}

/// A collection of characters that documents write in without bringing a font along.
struct Collection {
    family: CidFamily,
    /// A font that has these can write it; some have a few letters of each script.
    sample: &'static str,
    /// In names of fonts that draw its characters as they are written there, in lower
    /// case: one font often has those of all.
    names: &'static [&'static str],
}

/// Names of the parts of font collections, as Noto, Source Han and system fonts have them.
const COLLECTIONS: [Collection; 4] = [
    Collection {
        family: CidFamily::AdobeJapan1,
        sample: "あポ桜",
        names: &["jp", "japan", "gothic", "mincho"],
    },
    Collection {
        family: CidFamily::AdobeGB1,
        sample: "们贸龙",
        names: &["sc", "gb", "cn", "hei", "song"],
    },
    Collection {
        family: CidFamily::AdobeCNS1,
        sample: "們貿龍",
        names: &["tc", "tw", "hk", "ming"],
    },
    Collection {
        family: CidFamily::AdobeKorea1,
        sample: "가청힣",
        names: &["kr", "korea", "nanum", "gulim", "batang"],
    },
];

/// In names of fonts with serifs, in lower case.
const SERIFS: [&str; 6] = ["serif", "mincho", "ming", "song", "myeongjo", "batang"];

/// Where the bytes of fonts lie that were given out, which stay there.
static GIVEN: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());

/// The font for text that has none.
pub(super) fn resolve(query: &FontQuery) -> Option<Font> {
    let (bytes, index) = match query {
        FontQuery::Standard(font) => font.get_font_data(),
        FontQuery::Fallback(query) => {
            installed(query).unwrap_or_else(|| query.pick_standard_font().get_font_data())
        }
    };
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    given.insert((*bytes).as_ref().as_ptr().addr());
    Some((bytes, index))
}

/// Whether the bytes of a font are of one that was given out here.
pub(super) fn is_substitute(bytes: &[u8]) -> bool {
    let given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    given.contains(&bytes.as_ptr().addr())
}

fn installed(query: &FallbackFontQuery) -> Option<Font> {
    let family = &query.character_collection.as_ref()?.family;
    let mut collections = COLLECTIONS.iter();
    let wanted = Wanted {
        collection: collections.position(|known| known.family == *family)?,
        is_serif: query.is_serif,
        is_bold: query.is_bold || query.font_weight >= 600,
    };
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    let font = found.entry(wanted);
    font.or_insert_with(|| look_for(&INSTALLED, wanted)).clone()
}

/// The face that fits best of those that have the collection's characters.
fn look_for(installed: &Database, wanted: Wanted) -> Option<Font> {
    let collection = &COLLECTIONS[wanted.collection];
    let unlike = |face: &FaceInfo| {
        let name = face.post_script_name.to_lowercase();
        // "NotoSansCJKsc-Regular": tags stand at the end of the family.
        let family = name.split('-').next().unwrap_or_default();
        let has = |words: &[&str]| {
            let mut words = words.iter();
            words.any(|word| family.ends_with(word) || word.len() > 2 && name.contains(word))
        };
        let weight = if wanted.is_bold { 700 } else { 400 };
        (
            !has(collection.names),
            has(&SERIFS) != wanted.is_serif,
            face.style != Style::Normal,
            face.weight.0.abs_diff(weight),
            name,
        )
    };
    let mut faces: Vec<&FaceInfo> = installed.faces().collect();
    faces.sort_by_cached_key(|face| unlike(face));
    faces.into_iter().find_map(|face| {
        installed.with_face_data(face.id, |bytes, index| {
            let characters = FontRef::from_index(bytes, index).ok()?.charmap();
            let mut sample = collection.sample.chars();
            if !sample.all(|character| characters.map(character).is_some()) {
                return None;
            }
            let bytes: FontData = Arc::new(bytes.to_vec());
            Some((bytes, index))
        })?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_text_gets_the_engines_own_fonts() {
        let query = FallbackFontQuery {
            is_serif: true,
            ..Default::default()
        };
        let (font, _) = resolve(&FontQuery::Fallback(query.clone())).unwrap();
        let (own, _) = query.pick_standard_font().get_font_data();
        assert!((*font).as_ref() == (*own).as_ref());
        assert!(is_substitute((*font).as_ref()));
        // The same bytes in another place are another font.
        let copy = (*font).as_ref().to_vec();
        assert!(!is_substitute(&copy));
    }

    #[test]
    fn without_fonts_none_is_found() {
        for collection in 0..COLLECTIONS.len() {
            let wanted = Wanted {
                collection,
                is_serif: true,
                is_bold: false,
            };
            assert!(look_for(&Database::new(), wanted).is_none());
        }
    }
}
