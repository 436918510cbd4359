//! The views, as one list. A view is a module that says what it is in an [`About`] and draws
//! itself, and one line below: the bar, the help, keys, the palette and what can be saved are
//! made from these. Not for what is shown over a view (`app`).

pub mod band;
pub mod close_ups;
pub mod documents;
pub mod dragging;
pub mod duplicates;
pub mod failures;
pub mod grid;
pub mod marks;
pub mod nothing;
pub mod page_menu;
pub mod split;
pub mod table;

use eframe::egui::{Context, KeyboardShortcut, Ui};
use egui_material_icons::MaterialIcon;
use serde::{Deserialize, Serialize};

use self::documents::DocumentsTable;
use self::duplicates::DuplicatesView;
use self::failures::FailuresView;
use self::grid::Grid;
use self::split::SplitView;
use self::table::TableView;
use super::choices::Choices;
use super::manual::Keys;
use super::model::Model;
use super::pictures::Pictures;
use super::requests::{Queue, Request};
use super::seen::Seen;
use super::sheet::Sheet;
use crate::desk::dialogs::save_table::What;
use crate::desk::dialogs::unlocking::Unlocking;
use crate::model::PageId;

/// What a view is.
pub struct About {
    /// On its button and in lists.
    pub name: &'static str,
    /// What it shows, for the tooltip.
    pub help: &'static str,
    pub icon: MaterialIcon,
    /// The key that it has where nobody chose another.
    pub usual_key: Option<KeyboardShortcut>,
    /// The name of its chapter in the manual, and what stands in it.
    pub chapter: (&'static str, &'static str),
    /// Keys that it alone has, with what they do.
    pub keys: Keys,
    /// The table that is offered first where one is saved.
    pub saves: What,
    /// Pages are decided in it, and a filter holds for it.
    pub decides: bool,
    /// It shows pictures, which can be larger and smaller.
    pub has_pictures: bool,
    /// It shows the pages of one document as well as all.
    pub shows_pages: bool,
    /// What stands at its right.
    pub beside: Beside,
    /// Its button stands last, with their number.
    pub counts: Option<fn(&Sheet) -> usize>,
}

/// What stands at the right of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The page under the cursor.
    Inspector,
    /// A panel of its own.
    Panel,
    Nothing,
}

/// What a view is drawn with.
pub struct Scene<'a> {
    pub model: &'a mut Model,
    pub choices: &'a mut Choices,
    pub pictures: &'a mut Pictures,
    pub seen: &'a mut Seen,
    pub unlocking: &'a mut Unlocking,
    pub queue: &'a mut Queue,
}

/// A view draws itself, and is acted on.
pub trait Draw {
    /// Draws it.
    fn ui(&mut self, ui: &mut Ui, scene: &mut Scene<'_>);

    /// Draws the panel at its right, where it has one of its own.
    fn panel(&mut self, _ui: &mut Ui, _scene: &mut Scene<'_>) {}

    /// Takes keys that it alone has, before others do. `is_covered`: a page is shown large
    /// over it.
    fn keys(&mut self, _context: &Context, _is_covered: bool, _queue: &mut Queue) {}

    /// Brings the cursor into view.
    fn follow_cursor(&mut self) {}

    /// Pages that are decided about in it.
    fn chosen(&self, sheet: &Sheet) -> Vec<PageId> {
        sheet.chosen()
    }

    /// Pages that are selected in it.
    fn selected(&self, sheet: &Sheet) -> Vec<PageId> {
        sheet.selection.items().iter().copied().collect()
    }

    /// Selects all that it shows, or nothing.
    fn select(&mut self, sheet: &mut Sheet, all: bool) {
        match all {
            true => sheet.select_all(),
            false => sheet.selection.clear(),
        }
    }

    /// What opens where the cursor is.
    fn open(&self, sheet: &Sheet) -> Option<Request> {
        sheet.selection.cursor().map(Request::Open)
    }
}

/// Makes the types from the list below it.
macro_rules! views {
    ($($(#[$first:meta])? $view:ident($field:ident: $state:ty, $about:expr),)*) => {
        /// The view in the middle.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum View {
            $(
                #[doc = stringify!($field)]
                $(#[$first])?
                $view,
            )*
        }

        impl View {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$view,)*];

            /// What it is.
            pub const fn about(self) -> &'static About {
                match self {
                    $(Self::$view => &$about,)*
                }
            }

            /// By which settings name what shows it.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$view => concat!("Show", stringify!($view)),)*
                }
            }
        }

        /// The state of each view.
        #[derive(Default)]
        pub struct Views {
            $(pub $field: $state,)*
        }

        impl Views {
            /// One of them.
            pub fn get(&mut self, view: View) -> &mut dyn Draw {
                match view {
                    $(View::$view => &mut self.$field,)*
                }
            }
        }
    };
}

views! {
    #[default]
    Grid(grid: Grid, grid::ABOUT),
    Table(table: TableView, table::ABOUT),
    Documents(documents: DocumentsTable, documents::ABOUT),
    Failures(failures: FailuresView, failures::ABOUT),
    Split(split: SplitView, split::ABOUT),
    Duplicates(duplicates: DuplicatesView, duplicates::ABOUT),
}

impl View {
    /// All of them, as they stand in the bar: those that count what they show stand last.
    pub fn in_bar() -> impl Iterator<Item = Self> {
        let views = |counts: bool| {
            let all = Self::ALL.iter().copied();
            all.filter(move |view| view.about().counts.is_some() == counts)
        };
        views(false).chain(views(true))
    }
}

impl Views {
    /// Brings the cursor into view, whichever of them is shown.
    pub fn follow_cursor(&mut self) {
        for view in View::ALL {
            self.get(*view).follow_cursor();
        }
    }
}
