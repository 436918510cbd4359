//! What panels, views and dialogs ask of the window, and the queue that they push it to.
//! A widget changes nothing by itself but the selection and cursor of its own pages, and
//! what is typed into it. Not for carrying it out
//! (`app`), nor for the words and keys of what has any (`actions`).

use std::collections::VecDeque;
use std::ops::Range;
use std::path::PathBuf;

use super::actions::Action;
use super::keys::Bound;
use crate::desk::panels::notices::Offer;
use crate::desk::panels::saved_views::SavedView;
use crate::desk::system::reveal::Shown;
use crate::desk::views::split::Edit;
use crate::model::{BatchId, Change, DocumentId, PageId};
use crate::triage::{Command, Destination, DuplicatePage, Record};

/// Something that is asked of the window.
#[derive(Clone, Debug)]
pub enum Request {
    /// What menus and keys do.
    Do(Action),
    /// What the session does; nothing but that.
    Session(Command),
    /// What a notice offers.
    Take(Offer),

    /// Take in files, folders and archives.
    TakeIn(Vec<PathBuf>, Destination),
    /// Look for files of the shown batch that were moved below this folder.
    Locate(PathBuf),
    /// Move files of the shown batch here, from its watched folders, once they are analysed.
    MoveTaken(PathBuf),
    /// Let a person choose a place with the system's dialog.
    Choose(PlaceFor),

    /// Close the window, whatever is under way.
    CloseNow,

    /// Show a page of the open batch large, and have the cursor on it.
    GoTo(PageId),
    /// Show a page large.
    Open(PageId),
    /// Go back from what is shown large.
    Leave,
    /// Turn a page that is shown large, clockwise, degrees, only there.
    Turn(PageId, u16),
    /// Show all of the page that is shown large.
    FitPage,
    /// Change the plan that the split view shows.
    Split(Edit),
    /// Show only the pages of this document.
    ShowDocument(DocumentId),
    /// Show the pages of this query and no others.
    ShowPagesOf(String),
    /// Show all pages, with these selected.
    ShowSelected(Vec<PageId>),
    /// Show a view that was kept.
    ShowView(SavedView),
    /// Pages are to be drawn at other sizes than were asked for.
    DrawAnew,
    /// Show pictures of the grid with a side of so many points.
    Resize(f32),

    /// Put the pages in question on this pile, or take them off if they are all on it.
    PutOnPile(String),
    /// Ask for the name of the pile that these pages are put on.
    AskForPile(Vec<PageId>),
    /// Say of the pages in question what this preset says.
    SayPreset(String),
    /// Say something of these pages, after another question where not all are on screen.
    Say(Vec<PageId>, Vec<Change>),
    /// The same, however many they are.
    SayOfAll(Vec<PageId>, Vec<Change>),
    /// Say of all pages what these rules propose, by their places.
    Accept(Range<usize>),
    /// Of each of these groups keep the page and reject the others.
    KeepOnly(Vec<(DuplicatePage, Vec<DuplicatePage>)>),
    /// Judge the pages of the sample, from the first that is not judged on.
    Judge,

    /// Ask as what the pages of this document are to be saved.
    SavePagesOf(DocumentId),
    /// Ask for passwords: for this document, or for all of the batch.
    AskForPasswords(Option<DocumentId>),
    /// Ask why this document, which cannot be read, is to be left out.
    AskToLeaveOut(DocumentId),
    /// Ask whether the batch of this name is to be forgotten.
    AskToForget(BatchId, String),
    /// Show the window of scratch.
    ShowScratch,
    /// Bring about a failure again.
    Replay(Box<Record>),

    /// Put a text on the clipboard.
    Copy(String),
    /// Put the path of a document's file on the clipboard.
    CopyPath(DocumentId),
    /// Show a folder with the system's program.
    ShowFolder(PathBuf),
    /// Show a document's file or folder with the system's program.
    Reveal(DocumentId, Shown),
}

/// What a place is chosen for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceFor {
    /// Files to take in.
    Files,
    /// Folders to take in.
    Folders,
    /// A folder below which sources are that were moved.
    Moved,
    /// Folders to watch.
    Watched,
    /// Where files go that were taken in from watched folders.
    Taken,
    /// Parts of documents.
    Parts,
    /// Files of pages.
    Pages,
    /// Temporary files.
    Scratch,
    /// A table; the dialog begins with this file.
    Table(PathBuf),
    /// A copy of the library.
    Backup,
    /// A manifest that is to be checked.
    Manifest,
    /// A file that takes the place of a document that cannot be read.
    Replacement(DocumentId),
    /// A list of terms.
    Terms,
    /// A client's list of what was sent.
    List,
}

impl From<Action> for Request {
    fn from(action: Action) -> Self {
        Self::Do(action)
    }
}

impl From<Command> for Request {
    fn from(command: Command) -> Self {
        Self::Session(command)
    }
}

impl From<Bound> for Request {
    fn from(bound: Bound) -> Self {
        match bound {
            Bound::Action(action) => Self::Do(action),
            Bound::Pile(pile) => Self::PutOnPile(pile),
            Bound::Preset(preset) => Self::SayPreset(preset),
        }
    }
}

/// What was asked for and is not carried out yet, in order.
#[derive(Default)]
pub struct Queue {
    waiting: VecDeque<Request>,
}

impl Queue {
    /// Asks for something.
    pub fn push(&mut self, request: impl Into<Request>) {
        self.waiting.push_back(request.into());
    }

    /// What was asked for first.
    pub fn next(&mut self) -> Option<Request> {
        self.waiting.pop_front()
    }
}
