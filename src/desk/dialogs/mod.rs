//! What is open over the panels and views: windows that stay beside the work, and questions
//! that have the keys to themselves until they are answered. One entry in [`Dialogs::ALL`]
//! draws each; Escape closes the topmost here and nowhere else. Not for what they look like,
//! which is in the module of each.

pub mod about;
pub mod batches;
pub mod changes;
pub mod crash_report;
pub mod first_steps;
pub mod headway;
pub mod keys;
pub mod palette;
pub mod presets;
mod questions;
pub mod reconcile;
pub mod rules;
pub mod sample;
pub mod save_pages;
pub mod save_table;
pub mod scratch;
pub mod settings;
pub mod spread;
pub mod terms;
pub mod thresholds;
pub mod unlocking;
pub mod window;
pub mod writing;

use eframe::egui::{Context, InputState, Key, Modifiers, Popup};

use self::about::AboutWindow;
use self::batches::BatchesWindow;
use self::changes::ChangesWindow;
use self::crash_report::CrashReport;
use self::first_steps::FirstSteps;
use self::headway::HeadwayWindow;
use self::keys::KeysWindow;
use self::palette::CommandPalette;
use self::presets::PresetsWindow;
use self::reconcile::ReconcileWindow;
use self::rules::RulesWindow;
use self::sample::SampleWindow;
use self::save_pages::SavePages;
use self::save_table::SaveTable;
use self::scratch::ScratchWindow;
use self::spread::Spread;
use self::terms::TermsWindow;
use self::thresholds::ThresholdsWindow;
use self::unlocking::Unlocking;
use super::choices::Choices;
use super::manual::ManualWindow;
use super::model::Model;
use super::requests::Queue;
use super::sheet::Sheet;
use super::theme;
use crate::desk::panels::notices::Notices;
pub use questions::{
    Picked, Picking, Question, Say, ask, is_closed, path_of, say_where, take_keyboard, text_of,
    whole_path,
};

/// What dialogs are drawn with.
pub struct Around<'a> {
    pub frame: &'a eframe::Frame,
    pub model: &'a mut Model,
    pub choices: &'a mut Choices,
    pub notices: &'a Notices,
    pub queue: &'a mut Queue,
}

/// Windows and questions; those that are not open have nothing to say.
#[derive(Default)]
pub struct Dialogs {
    // Questions.
    pub question: Option<Question>,
    /// Asks of which other pages the same is to be said.
    pub spread: Option<Spread>,
    pub save_table: Option<SaveTable>,
    pub save_pages: SavePages,
    pub palette: Option<CommandPalette>,
    pub unlocking: Unlocking,
    /// The system's dialogs that are open.
    pub picking: Vec<Picking>,

    // Windows.
    pub manual: ManualWindow,
    pub settings: bool,
    /// What was told before.
    pub notices: bool,
    pub first_steps: FirstSteps,
    pub about: AboutWindow,
    pub crash_report: CrashReport,
    pub keys: KeysWindow,
    pub presets: PresetsWindow,
    pub batches: BatchesWindow,
    pub headway: HeadwayWindow,
    pub terms: TermsWindow,
    pub reconcile: ReconcileWindow,
    pub sample: SampleWindow,
    pub rules: RulesWindow,
    pub changes: ChangesWindow,
    pub thresholds: ThresholdsWindow,
    pub scratch: ScratchWindow,
}

/// Draws one of them while it is open.
type Draw = fn(&mut Dialogs, &Context, &mut Around<'_>);

impl Dialogs {
    /// All of them, in the order in which they are drawn.
    pub const ALL: &'static [Draw] = &[
        |all, context, around| ask(context, &mut all.question, around.queue),
        |all, context, around| {
            if let Some(sheet) = &around.model.sheet {
                spread::ui(context, &mut all.spread, sheet, around.queue);
            }
        },
        |all, context, around| {
            if let Some(sheet) = &around.model.sheet {
                all.unlocking.dialog(context, sheet, around.queue);
            }
        },
        |all, context, around| {
            if let Some(sheet) = &around.model.sheet {
                let piles = around.choices.piles(Some(sheet));
                all.rules.ui(context, sheet, &piles, around.queue);
            }
        },
        |all, context, around| {
            let settings = around.choices.settings_mut();
            all.presets.ui(context, &mut settings.presets);
        },
        |all, context, around| {
            let piles = around.choices.piles(around.model.sheet.as_ref());
            let settings = around.choices.settings_mut();
            let (keys, presets) = (&mut settings.keys, &settings.presets);
            all.keys.ui(context, keys, &piles, presets);
        },
        |all, context, around| {
            let (batches, shown) = (&around.model.batches, around.model.shown());
            all.batches.ui(context, batches, shown, around.queue);
        },
        |all, context, around| {
            if let Some(sheet) = &around.model.sheet {
                all.headway.ui(context, sheet, around.queue);
            }
        },
        |all, context, around| {
            if let Some(sheet) = &around.model.sheet {
                all.sample.ui(context, sheet, around.queue);
            }
        },
        Self::terms_window,
        |all, context, around| {
            if let Some(sheet) = &around.model.sheet {
                all.reconcile.ui(context, sheet, around.queue);
            }
        },
        |all, context, around| {
            if let Some(sheet) = &around.model.sheet {
                all.changes.ui(context, sheet, around.queue);
            }
        },
        |all, context, around| {
            if let (Some(question), Some(sheet)) = (&mut all.save_table, &around.model.sheet)
                && question.ui(context, sheet, around.queue)
            {
                all.save_table = None;
            }
        },
        |all, context, around| {
            if let Some(sheet) = &around.model.sheet {
                all.save_pages.ui(context, sheet, around.queue);
            }
        },
        |all, context, around| {
            let model = &around.model;
            let documents = model.sheet.as_ref().map_or(&[][..], Sheet::documents);
            let here = palette::here(around.choices);
            let known = (around.choices.settings(), &here[..]);
            let (open, batches) = (&mut all.palette, &model.batches);
            palette::ui(context, open, batches, documents, known, around.queue);
        },
        |all, context, _| all.manual.ui(context),
        |all, context, around| around.notices.window(context, &mut all.notices),
        |all, context, around| all.first_steps.ui(context, around.queue),
        |all, context, around| all.about.ui(context, around.frame, around.queue),
        |all, context, around| all.crash_report.ui(context, around.queue),
        Self::settings_window,
        Self::scratch_window,
        |all, context, around| {
            if let Some(sheet) = &mut around.model.sheet {
                let profiles = &mut around.choices.settings_mut().profiles;
                all.thresholds.ui(context, sheet, profiles, around.queue);
            }
        },
    ];

    /// Whether each of the windows is open, the topmost first.
    fn windows(&mut self) -> [&mut bool; 17] {
        [
            &mut self.manual.open,
            &mut self.first_steps.open,
            &mut self.about.open,
            &mut self.crash_report.open,
            &mut self.settings,
            &mut self.notices,
            &mut self.keys.open,
            &mut self.presets.open,
            &mut self.batches.open,
            &mut self.headway.open,
            &mut self.terms.open,
            &mut self.reconcile.open,
            &mut self.sample.open,
            &mut self.rules.open,
            &mut self.changes.open,
            &mut self.thresholds.open,
            &mut self.scratch.open,
        ]
    }

    /// Escape closes a window before it leaves the page below it.
    pub fn close_topmost(&mut self, context: &Context) {
        let mut windows = self.windows().into_iter();
        let Some(open) = windows.find(|open| **open) else {
            return;
        };
        let escape = |input: &mut InputState| input.consume_key(Modifiers::NONE, Key::Escape);
        // What pops up over a window, as a menu, and a field that is typed in come first.
        let is_taken = Popup::is_any_open(context) || context.text_edit_focused();
        if !is_taken && context.input_mut(escape) {
            *open = false;
        }
    }

    /// Somebody reads about the program or sets it up, with the pages behind: keys say nothing
    /// of them.
    pub fn hide_pages(&self) -> bool {
        [
            self.manual.open,
            self.first_steps.open,
            self.about.open,
            self.crash_report.open,
            self.settings,
            self.notices,
            self.keys.open,
            self.presets.open,
            self.batches.open,
        ]
        .contains(&true)
    }

    /// A question waits for an answer: what is typed is for it alone.
    pub fn ask_something(&self) -> bool {
        self.question.is_some()
            || self.spread.is_some()
            || self.save_table.is_some()
            || self.save_pages.is_open()
            || self.palette.is_some()
            || self.unlocking.is_open()
            || self.keys.waits()
    }

    /// What is about the batch that was shown ends with it.
    pub fn leave_batch(&mut self) {
        self.spread = None;
        self.save_table = None;
        self.save_pages.close();
        let is_about_pages = matches!(
            self.question,
            Some(Question::Say { .. } | Question::Many { .. })
        );
        if is_about_pages {
            self.question = None;
        }
        let open = std::mem::take(&mut self.headway).open;
        self.headway.open = open;
        // It is known once the sample of the next batch is.
        self.sample.open = false;
    }

    /// Terms are marked on pages whether the window is open or not.
    fn terms_window(&mut self, context: &Context, around: &mut Around<'_>) {
        let Some(sheet) = &mut around.model.sheet else {
            return;
        };
        let settings = around.choices.settings_mut();
        let (kept, marked) = (&mut settings.terms, &mut settings.terms_marked);
        self.terms
            .ui(context, sheet.id(), kept, marked, around.queue);
        sheet.mark_terms(match *marked {
            true => kept,
            false => &[],
        });
    }

    fn settings_window(&mut self, context: &Context, around: &mut Around<'_>) {
        let settings = around.choices.settings_mut();
        let (theme, open) = (settings.theme, &mut self.settings);
        let looks = (settings.high_contrast, settings.still);
        settings::ui(context, open, settings, &around.model.pdfium, around.queue);
        if settings.theme != theme {
            context.set_theme(settings.theme);
        }
        if (settings.high_contrast, settings.still) != looks {
            theme::apply(context, settings.high_contrast, settings.still);
        }
    }

    fn scratch_window(&mut self, context: &Context, around: &mut Around<'_>) {
        let Some(meter) = &around.model.meter else {
            return;
        };
        let (forecast, shown) = (around.model.forecast.as_ref(), around.model.shown());
        let settings = around.choices.settings_mut();
        self.scratch.tab = settings.scratch_tab;
        self.scratch
            .ui(context, meter, forecast, shown, around.queue);
        settings.scratch_tab = self.scratch.tab;
    }
}
