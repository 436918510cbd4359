//! Letters that the window's own fonts lack, as those of Chinese, Thai or Devanagari, drawn
//! with fonts of the system. They are looked for on a thread of its own and only once such a
//! letter has to be shown: until then a box stands in its place, and no frame waits. Files of
//! fonts are mapped, not copied. Not for the order in which letters stand (`bidi`), nor for
//! fonts that pages are drawn with (`pdf`).

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use eframe::egui::epaint::text::{FallbackRequest, FontInsert, FontProvider};
use eframe::egui::{Context, FontFamily, Id};
use egui_system_font_provider::SystemFontProvider;
use skrifa::{FontRef, MetadataProvider};
use unicode_script::{Script, UnicodeScript};

/// Fonts that are added at most. Each script takes one or two in each of two families.
const MOST: usize = 64;

/// Looks for fonts of the system from now on. To be called once for a context.
pub fn install(context: &Context) {
    install_finder(context, || {
        let system = SystemFontProvider::new();
        move |request: &FallbackRequest<'_>| system.font_for(request)
    });
}

/// Scripts, by their names in Unicode, of which a letter was to be shown that no font has.
pub fn unfound(context: &Context) -> Vec<&'static str> {
    let fonts: Option<Arc<Fonts>> = context.data(|data| data.get_temp(place()));
    fonts.map_or_else(Vec::new, |fonts| {
        lock(&fonts.unfound).iter().copied().collect()
    })
}

/// What was found, for the frames; and what was asked for, for the thread.
struct Fonts {
    asked: Sender<Letter>,
    found: Mutex<Vec<FontInsert>>,
    unfound: Mutex<BTreeSet<&'static str>>,
}

/// A letter with its marks that no font has which is there already.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Letter {
    cluster: String,
    family: FontFamily,
}

fn place() -> Id {
    Id::unique("fonts of the system")
}

/// The same with any finder, which is made on the thread when it is needed first.
fn install_finder<F>(context: &Context, finder: impl FnOnce() -> F + Send + 'static)
where
    F: Fn(&FallbackRequest<'_>) -> Option<FontInsert>,
{
    let (asked, letters) = unbounded();
    let fonts = Arc::new(Fonts {
        asked,
        found: Mutex::default(),
        unfound: Mutex::default(),
    });
    let (for_thread, wake) = (Arc::clone(&fonts), context.clone());
    let search = move || for_thread.search(&wake, &letters, finder);
    if let Err(error) = thread::Builder::new().name("fonts".into()).spawn(search) {
        tracing::warn!(%error, "no fonts of the system are looked for");
        return;
    }
    context.data_mut(|data| data.insert_temp(place(), Arc::clone(&fonts)));
    context.set_font_providers(vec![fonts]);
}

impl FontProvider for Fonts {
    /// Answers at once. It is asked once for each letter, and again whenever a font has come.
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let font = self.found_for(request);
        if font.is_none() {
            // Fails only where the thread has ended: the letter stays a box.
            let _ = self.asked.send(Letter {
                cluster: request.cluster.to_owned(),
                family: request.family.clone(),
            });
        }
        font
    }
}

impl Fonts {
    fn found_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let letter = request.cluster.chars().next()?;
        let found = lock(&self.found);
        let mut found = found.iter();
        let serves = |font: &&FontInsert| is_of(font, request.family) && has(font, letter);
        found.find(serves).cloned()
    }

    /// Looks for what is asked for, until the program ends.
    fn search<F>(
        self: Arc<Self>,
        context: &Context,
        letters: &Receiver<Letter>,
        finder: impl FnOnce() -> F,
    ) where
        F: Fn(&FallbackRequest<'_>) -> Option<FontInsert>,
    {
        let mut known = HashSet::new();
        let Ok(mut letter) = letters.recv() else {
            return;
        };
        // Names all fonts of the system, which takes up to some hundred milliseconds.
        let finder = finder();
        loop {
            if known.insert(letter.clone()) {
                self.look_for(context, &letter, &finder);
            }
            letter = match letters.recv() {
                Ok(letter) => letter,
                Err(_) => return,
            };
        }
    }

    fn look_for(
        self: &Arc<Self>,
        context: &Context,
        letter: &Letter,
        finder: &impl Fn(&FallbackRequest<'_>) -> Option<FontInsert>,
    ) {
        let request = FallbackRequest {
            cluster: &letter.cluster,
            family: &letter.family,
        };
        // One was found for another letter since it was asked for.
        if self.found_for(&request).is_some() {
            return;
        }
        let first = letter.cluster.chars().next();
        let font = (lock(&self.found).len() < MOST)
            .then(|| finder(&request))
            .flatten();
        // What says to have a letter and cannot be read would be asked for again and again.
        let font = font.filter(|font| first.is_some_and(|letter| has(font, letter)));
        match font {
            Some(font) => {
                tracing::debug!(font = font.name, "a font of the system is used");
                lock(&self.found).push(font);
                // Has all that is shown be laid out anew.
                let provider: Arc<dyn FontProvider> = Arc::<Self>::clone(self);
                context.set_font_providers(vec![provider]);
            }
            None => {
                let script = first.map_or(Script::Unknown, |letter| letter.script());
                lock(&self.unfound).insert(in_words(script));
            }
        }
    }
}

/// It was found for this family.
fn is_of(font: &FontInsert, family: &FontFamily) -> bool {
    font.families.iter().any(|of| of.family == *family)
}

/// A font that cannot be read has no letters.
fn has(font: &FontInsert, letter: char) -> bool {
    let data = (*font.data.font).as_ref();
    let read = FontRef::from_index(data, font.data.index);
    read.is_ok_and(|font| font.charmap().map(letter).is_some())
}

/// A script as people write it.
fn in_words(script: Script) -> &'static str {
    match script {
        Script::Common | Script::Inherited | Script::Unknown => "symbols",
        Script::Han => "Chinese characters",
        Script::Hangul => "Korean",
        script => script.full_name(),
    }
}

/// What is kept is whole at any time.
fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use eframe::egui::epaint::text::{FontPriority, InsertFontFamily};
    use eframe::egui::{FontData, FontDefinitions, FontId};

    use super::*;

    /// In the window's letters for texts and not in those for code, which are the only ones
    /// here.
    const LETTER: char = 'Ə';

    /// A context that has shown a letter that it has no font for.
    fn after_showing(finder: fn(&FallbackRequest<'_>) -> Option<FontInsert>) -> Context {
        let context = Context::default();
        let mut fonts = FontDefinitions::default();
        for names in fonts.families.values_mut() {
            names.retain(|name| name == "Hack");
        }
        context.set_fonts(fonts);
        install_finder(&context, move || finder);
        draw(&context);
        context
    }

    fn draw(context: &Context) {
        let mut output = context.run_ui(Default::default(), |ui| {
            ui.label(LETTER.to_string());
        });
        // Nobody draws the textures here.
        output.textures_delta.clear();
    }

    fn until(context: &Context, done: impl Fn(&Context) -> bool) {
        let patience = Instant::now() + Duration::from_secs(20);
        while !done(context) {
            assert!(Instant::now() < patience, "waited in vain");
            std::thread::sleep(Duration::from_millis(2));
            draw(context);
        }
    }

    fn can_draw(context: &Context) -> bool {
        context.fonts_mut(|fonts| fonts.has_glyph(&FontId::proportional(13.5), LETTER))
    }

    fn font(data: FontData, family: &FontFamily) -> Option<FontInsert> {
        let families = vec![InsertFontFamily {
            family: family.clone(),
            priority: FontPriority::Lowest,
        }];
        Some(FontInsert::new("found", data, families))
    }

    #[test]
    fn a_letter_that_no_font_has_is_drawn_once_one_is_found() {
        let context = after_showing(|request| {
            let data = FontDefinitions::default().font_data["Ubuntu-Light"].clone();
            font(FontData::clone(&data), request.family)
        });
        until(&context, can_draw);
        assert!(unfound(&context).is_empty());
    }

    #[test]
    fn where_there_is_none_or_a_broken_one_the_script_is_told_and_the_letter_stays_a_box() {
        let broken: fn(&FallbackRequest<'_>) -> _ =
            |request| font(FontData::from_owned(vec![7; 999]), request.family);
        for finder in [|_: &FallbackRequest<'_>| None, broken] {
            let context = after_showing(finder);
            until(&context, |context| unfound(context) == ["Latin"]);
            assert!(!can_draw(&context));
        }
    }
}
