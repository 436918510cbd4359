//! Saying of other pages what is said of some: of their copies, of their parts, of their
//! documents, of what is attached to these. The dialog that tells how many that are, and of which something else is said
//! already. Not for saying it (`app`).

use std::collections::{HashMap, HashSet};

use eframe::egui::{Button, Context, Id, Modal, ScrollArea, Ui};

use super::is_closed;
use crate::desk::panels::deciding::in_words;
use crate::desk::requests::Queue;
use crate::desk::sheet::Sheet;
use crate::desk::words;
use crate::model::{Change, Decision, DocumentId, PageId};
use crate::names;
use crate::triage::Command;

/// So many of the pages of which something else is said are listed.
const LISTED: usize = 200;

/// Which pages it is said of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    Copies,
    Part,
    Document,
    Family,
}

impl To {
    const ALL: [Self; 4] = [Self::Copies, Self::Part, Self::Document, Self::Family];

    fn label(self) -> &'static str {
        match self {
            Self::Copies => "Their copies in this batch",
            Self::Part => "The other pages of their parts",
            Self::Document => "The other pages of their documents",
            Self::Family => "The pages of all documents that are attached to each other",
        }
    }

    /// What the history says made it be said.
    fn rule(self) -> &'static str {
        match self {
            Self::Copies => "the same of copies",
            Self::Part => "the same of the part",
            Self::Document => "the same of the document",
            Self::Family => "the same of the family",
        }
    }
}

/// What is to be said of which pages.
pub type Said = Vec<(Vec<PageId>, Vec<Change>)>;

/// The dialog.
pub struct Spread {
    /// Pages of which something is said.
    sources: Vec<PageId>,
    /// The pages of each part.
    parts: Vec<Vec<PageId>>,
    to: To,
    /// Pages of which something else is said stay as they are.
    leaves_decided: bool,
    /// For each of the sources that has any, the pages that would say the same.
    targets: Vec<(PageId, Vec<PageId>)>,
    /// Those of them of which something else is said, with what.
    otherwise: Vec<(PageId, Decision)>,
}

impl Spread {
    /// Of those of `pages` of which anything is said; none where there are none. `parts`
    /// are those that are planned.
    pub fn new(sheet: &Sheet, pages: &[PageId], parts: Vec<Vec<PageId>>) -> Option<Self> {
        let is_decided = |page: &PageId| !sheet.decision(*page).is_empty();
        let sources: Vec<PageId> = pages.iter().copied().filter(is_decided).collect();
        if sources.is_empty() {
            return None;
        }
        let mut spread = Self {
            sources,
            parts,
            to: To::Copies,
            leaves_decided: true,
            targets: Vec::new(),
            otherwise: Vec::new(),
        };
        // The first that would change something, and the usual one where none would.
        let choices = [To::Copies, To::Document, To::Family, To::Document];
        for to in choices {
            spread.choose(sheet, to);
            if !spread.targets.is_empty() {
                break;
            }
        }
        Some(spread)
    }

    fn choose(&mut self, sheet: &Sheet, to: To) {
        self.to = to;
        // Pages of a part or document are given once, however many of them are sources.
        self.targets = match to {
            To::Copies => {
                let copies = sheet.copies();
                self.targets(|page| copies.of(page))
            }
            To::Part => {
                let parts = self.parts.iter().enumerate();
                let places: HashMap<PageId, usize> = parts
                    .flat_map(|(place, pages)| pages.iter().map(move |page| (*page, place)))
                    .collect();
                let mut given = HashSet::new();
                self.targets(|page| {
                    let place = places.get(&page).filter(|place| given.insert(**place));
                    place.map_or(vec![], |place| self.parts[*place].clone())
                })
            }
            To::Family => {
                let mut given = HashSet::new();
                self.targets(|page| match given.contains(&page.document) {
                    true => vec![],
                    false => {
                        let pages = sheet.collection.pages_of_family(page.document);
                        given.extend(pages.iter().map(|page| page.document));
                        pages
                    }
                })
            }
            To::Document => {
                let mut given = HashSet::new();
                self.targets(|page| match given.insert(page.document) {
                    true => {
                        let pages = sheet.pages_of(page.document).iter();
                        pages.map(|page| page.id).collect()
                    }
                    false => vec![],
                })
            }
        };
        self.otherwise = self.otherwise(sheet);
    }

    /// Whether there can be any such pages; where not, why.
    fn possible(&self, sheet: &Sheet, to: To) -> Result<(), &'static str> {
        match to {
            To::Part if self.parts.is_empty() => Err("Parts are planned in the split view"),
            To::Family if !self.is_in_family(sheet) => {
                Err("Nothing is attached to their documents, and they are attached to none")
            }
            _ => Ok(()),
        }
    }

    fn is_in_family(&self, sheet: &Sheet) -> bool {
        let documents: HashSet<DocumentId> =
            self.sources.iter().map(|page| page.document).collect();
        documents
            .into_iter()
            .any(|document| sheet.collection.has_family(document))
    }

    /// For each of the sources that has any, the pages that are `near` it.
    fn targets(&self, mut near: impl FnMut(PageId) -> Vec<PageId>) -> Vec<(PageId, Vec<PageId>)> {
        let mut taken: HashSet<PageId> = self.sources.iter().copied().collect();
        self.sources
            .iter()
            .map(|source| {
                let mut pages = near(*source);
                // Of two that would say something of a page, the first does.
                pages.retain(|page| taken.insert(*page));
                (*source, pages)
            })
            .filter(|(_, pages)| !pages.is_empty())
            .collect()
    }

    /// Pages of which something else is said, with what.
    fn otherwise(&self, sheet: &Sheet) -> Vec<(PageId, Decision)> {
        let of = |(source, pages): &(PageId, Vec<PageId>)| {
            let said = sheet.decision(*source);
            let others = pages.iter().map(|page| (*page, sheet.decision(*page)));
            let others = others.filter(|(_, other)| !other.is_empty() && *other != said);
            others.collect::<Vec<_>>()
        };
        self.targets.iter().flat_map(of).collect()
    }

    /// What would be said.
    pub fn said(&self, sheet: &Sheet) -> Said {
        let otherwise = &self.otherwise;
        let stays: HashSet<PageId> = match self.leaves_decided {
            true => otherwise.iter().map(|(page, _)| *page).collect(),
            false => HashSet::new(),
        };
        let of = |(source, pages): &(PageId, Vec<PageId>)| {
            let said = sheet.decision(*source);
            let is_new = |page: &PageId| !stays.contains(page) && sheet.decision(*page) != said;
            let pages: Vec<PageId> = pages.iter().copied().filter(is_new).collect();
            (!pages.is_empty()).then(|| (pages, changes(&said)))
        };
        self.targets.iter().filter_map(of).collect()
    }
}

/// What makes a page say what another says; what that does not say stays.
fn changes(said: &Decision) -> Vec<Change> {
    let ruling = said.ruling.map(|ruling| Change::Rule(Some(ruling)));
    let pile = said.pile.clone().map(|pile| Change::Pile(Some(pile)));
    let tags = said.tags.iter().cloned().map(Change::Tag);
    let note = (!said.note.is_empty()).then(|| Change::Note(said.note.clone()));
    ruling
        .into_iter()
        .chain(pile)
        .chain(tags)
        .chain(note)
        .collect()
}

/// Shows the dialog; it is gone once it was answered or closed.
pub fn ui(context: &Context, spread: &mut Option<Spread>, sheet: &Sheet, queue: &mut Queue) {
    let Some(open) = spread else { return };
    let mut is_answered = false;
    let modal = Modal::new(Id::unique("say the same")).show(context, |ui| {
        ui.set_width(460.0);
        ui.heading("Say the same of…");
        ui.add_space(4.0);
        ui.weak(what_is_said(sheet, &open.sources));
        ui.add_space(8.0);
        let mut to = open.to;
        for choice in To::ALL {
            let possible = open.possible(sheet, choice);
            ui.add_enabled_ui(possible.is_ok(), |ui| {
                let radio = ui.radio_value(&mut to, choice, choice.label());
                if let Err(reason) = possible {
                    radio.on_disabled_hover_text(reason);
                }
            });
        }
        if to != open.to {
            open.choose(sheet, to);
        }
        ui.add_space(8.0);
        if !open.otherwise.is_empty() {
            let pages = words::counted(
                open.otherwise.len() as u64,
                "page says something else",
                "pages say something else",
            );
            ui.label(format!("{pages}:"));
            list(ui, sheet, &open.otherwise);
            ui.checkbox(&mut open.leaves_decided, "Leave those as they are");
            ui.add_space(8.0);
        }
        let said = open.said(sheet);
        let count: usize = said.iter().map(|(pages, _)| pages.len()).sum();
        let text = match count {
            0 => "No page would change".to_owned(),
            _ => format!(
                "Say it of {}",
                words::counted(count as u64, "page", "pages")
            ),
        };
        ui.horizontal(|ui| {
            let say = ui.add_enabled(count > 0, Button::new(text));
            if count > 0 && ui.memory(|memory| memory.focused().is_none()) {
                say.request_focus();
            }
            if say
                .on_hover_text("One step that Ctrl+Z takes back")
                .clicked()
            {
                queue.push(Command::Decide {
                    batch: sheet.id(),
                    said,
                    rule: Some(open.to.rule().to_owned()),
                });
                is_answered = true;
            }
            if ui.button("Cancel").clicked() {
                ui.close();
            }
        });
    });
    if is_answered || is_closed(&modal) {
        *spread = None;
    }
}

fn what_is_said(sheet: &Sheet, sources: &[PageId]) -> String {
    match sources {
        [page] => {
            let said = in_words(&sheet.decision(*page)).join(", ");
            format!("{}: {}", sheet.name_of(*page), names::cut_middle(&said, 80))
        }
        pages => format!(
            "Each of {} decided pages to its own",
            words::grouped(pages.len() as u64)
        ),
    }
}

fn list(ui: &mut Ui, sheet: &Sheet, otherwise: &[(PageId, Decision)]) {
    ScrollArea::vertical().max_height(160.0).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        for (page, said) in otherwise.iter().take(LISTED) {
            let said = in_words(said).join(", ");
            ui.weak(format!(
                "{}: {}",
                sheet.name_of(*page),
                names::cut_middle(&said, 60)
            ));
        }
        if otherwise.len() > LISTED {
            ui.weak(format!("and {} more", otherwise.len() - LISTED));
        }
    });
}
