//! What the session tells, taken into the window's state. Not for drawing.

use std::path::Path;

use eframe::egui::Context;

use super::Desk;
use crate::desk::dialogs::writing::Files;
use crate::desk::panels::notices::Offer;
use crate::desk::sheet::Sheet;
use crate::desk::views::View;
use crate::desk::views::close_ups::CloseUps;
use crate::desk::views::grid::Grid;
use crate::desk::views::split;
use crate::desk::words::counted;
use crate::model::{BatchId, Finding, PageId};
use crate::triage::split::ExportReport;
use crate::triage::{Command, Event, ExportState, NotDrawn, RunState, program_of};

/// Events taken per frame; more wait for the next, so that a flood of results
/// does not hold up the window.
const EVENTS_PER_FRAME: usize = 400;

/// Files that were left out and are told by name; `pagesieve process --json` lists all.
const NAMED: usize = 3;

impl Desk {
    pub(super) fn follow_events(&mut self, context: &Context) {
        self.waker.woken();
        for _ in 0..EVENTS_PER_FRAME {
            match self.session.events().try_recv() {
                Some(event) => self.follow(context, event),
                None => return,
            }
        }
        context.request_repaint();
    }

    /// Once, when the batches are known: opens the one that was shown last, and has all go
    /// on that are unfinished.
    fn go_on(&mut self) {
        let Some(opens_last) = self.intake.opens_last.take() else {
            return;
        };
        let ids = || self.model.batches.iter().map(|summary| summary.batch.id);
        let last = self.choices.kept.settings.batch;
        let newest = || {
            let mut kept = self
                .model
                .batches
                .iter()
                .filter(|summary| !summary.batch.archived);
            kept.next().map(|summary| summary.batch.id)
        };
        let shown = ids().find(|id| Some(*id) == last).or_else(newest);
        if let Some(batch) = shown.filter(|_| opens_last) {
            self.session.send(Command::Open(batch));
        }
        for summary in &self.model.batches {
            let is_put_off = summary.batch.cancelled || summary.batch.archived;
            if !summary.is_finished() && !is_put_off {
                self.session.send(Command::GoOn(summary.batch.id));
            }
        }
    }

    /// What is about the batch that was shown ends with it.
    fn leave_batch(&mut self) {
        self.choices.close_all();
        self.dialogs.leave_batch();
        self.notices.leave_batch();
    }

    pub(super) fn follow(&mut self, context: &Context, event: Event) {
        let shown = self.model.sheet.as_ref().map(Sheet::id);
        match event {
            Event::Batches(batches) => {
                self.model.batches = batches;
                self.go_on();
                if let Some(shown) = shown
                    && !self
                        .model
                        .batches
                        .iter()
                        .any(|summary| summary.batch.id == shown)
                {
                    self.model.sheet = None;
                    self.leave_batch();
                }
                if let Some(sheet) = &mut self.model.sheet {
                    let mut batches = self.model.batches.iter();
                    let own = batches.find(|summary| summary.batch.id == sheet.id());
                    if let Some(summary) = own {
                        sheet.batch.clone_from(&summary.batch);
                    }
                }
            }
            Event::Watched(watched) => self.model.watched = watched,
            Event::Opened {
                batch,
                documents,
                pages,
                before,
                failures,
                findings,
                thresholds,
                judged,
                decided,
            } => {
                self.choices.kept.settings.batch = Some(batch.id);
                if shown != Some(batch.id) {
                    self.leave_batch();
                }
                let mut sheet = Sheet::new(batch, documents, pages, failures);
                sheet.put_before(before);
                sheet.put_judged(judged);
                sheet.put_decided(decided);
                self.views.duplicates.await_groups();
                self.session.send(Command::FindDuplicates);
                sheet.set_thresholds(thresholds, None);
                sheet.put_findings(findings);
                match self.model.sheet.take() {
                    Some(old) if old.id() == sheet.id() => sheet.keep_choices_of(old),
                    _ => {
                        self.pictures.textures.clear();
                        self.pictures.close_ups = CloseUps::default();
                        self.choices.opened = None;
                        self.model.inspection = None;
                        self.model.inspected = None;
                    }
                }
                self.model.sheet = Some(sheet);
                self.views.grid = Grid::default();
            }
            Event::Engines { pdfium, .. } => self.model.pdfium = pdfium,
            Event::EnginesDescribed(engines) => self.dialogs.about.put_engines(engines),
            Event::Progress(progress) => {
                if let Some(sheet) = &mut self.model.sheet
                    && sheet.id() == progress.summary.batch.id
                {
                    sheet.batch = progress.summary.batch.clone();
                    let was_done = sheet.progress.as_ref().map(|before| &before.state);
                    let ends = progress.state == RunState::Finished
                        && was_done.is_some_and(|state| *state != RunState::Finished);
                    if ends {
                        self.views.duplicates.await_groups();
                        self.session.send(Command::FindDuplicates);
                    }
                    if ends && sheet.proposed.asks_for_texts() {
                        self.session.send(Command::Propose(sheet.id()));
                    }
                    sheet.put_progress(progress);
                    if let Some(search) = self.model.search_again(ends) {
                        self.session.send(search);
                    }
                    self.offer_to_undo_drop();
                }
            }
            Event::TakenOut {
                batch,
                names,
                files,
            } => {
                let text = match &names[..] {
                    [name] => format!("{name} was taken out of the batch."),
                    _ => {
                        let documents = counted(names.len() as u64, "document", "documents");
                        format!("{documents} were taken out of the batch.")
                    }
                };
                let taken_out = self.model.taken_out.entry(batch).or_default();
                taken_out.extend(files.iter().cloned());
                self.notices.offer(text, Offer::PutBack(batch, files));
                if self.views.split.of(batch).is_some() {
                    self.keep_split();
                    self.session.send(Command::BeginSplit(batch));
                }
            }
            Event::Documents(batch, documents) if shown == Some(batch) => {
                let changed = |page: PageId| documents.iter().any(|d| d.id == page.document);
                if self.model.inspected.is_some_and(changed) {
                    self.model.inspected = None;
                }
                if let Some(sheet) = &mut self.model.sheet {
                    sheet.put_documents(documents);
                }
            }
            Event::Pages(batch, pages) if shown == Some(batch) => {
                for page in &pages {
                    self.pictures.textures.forget(page.id);
                    if self.model.inspected == Some(page.id) {
                        self.model.inspected = None;
                    }
                }
                if let Some(sheet) = &mut self.model.sheet {
                    sheet.put_pages(&pages);
                }
            }
            Event::Replaced(batch, before) if shown == Some(batch) => {
                if let Some(sheet) = &mut self.model.sheet {
                    sheet.put_before(before);
                }
            }
            Event::PagesDropped(batch, document) if shown == Some(batch) => {
                if let Some(sheet) = &mut self.model.sheet {
                    for page in sheet.pages_of(document) {
                        self.pictures.textures.forget(page.id);
                    }
                    sheet.drop_pages(document);
                }
                for canvas in self.pictures.canvases(&mut self.choices) {
                    canvas.forget(document);
                }
                self.pictures.close_ups.forget(document);
            }
            Event::PasswordsCame(batch) if shown == Some(batch) => {
                for canvas in self.pictures.canvases(&mut self.choices) {
                    canvas.try_again();
                }
                self.pictures.close_ups.try_again();
                if let Some(split) = self.views.split.of(batch) {
                    split.try_again();
                }
            }
            Event::Mended(batch, mended) if shown == Some(batch) => {
                if let Some(sheet) = &mut self.model.sheet {
                    sheet.mended(&mended);
                }
            }
            Event::Failures(batch, failures) if shown == Some(batch) => {
                if let Some(sheet) = &mut self.model.sheet {
                    sheet.put_failures(failures);
                }
            }
            Event::Findings(batch, findings) if shown == Some(batch) => {
                let inspected = self.model.inspected;
                let is_shown = |finding: &Finding| {
                    inspected.is_some_and(|page| {
                        finding.id.document == page.document && finding.id.page == Some(page.number)
                    })
                };
                if findings.iter().any(is_shown) {
                    self.model.inspected = None;
                }
                for id in findings.iter().map(|finding| &finding.id) {
                    let (document, Some(number)) = (id.document, id.page) else {
                        continue;
                    };
                    for canvas in self.pictures.canvases(&mut self.choices) {
                        canvas.read_again(PageId { document, number });
                    }
                }
                if let Some(sheet) = &mut self.model.sheet {
                    sheet.put_findings(findings);
                }
            }
            Event::Proposals(batch, proposals) => {
                if let Some(sheet) = &mut self.model.sheet
                    && sheet.id() == batch
                {
                    sheet.put_proposals(proposals);
                }
            }
            Event::SearchFound {
                batch,
                typed,
                query,
                hits,
            } => {
                if let Some(sheet) = &mut self.model.sheet
                    && sheet.id() == batch
                    // Something else was typed since.
                    && sheet.question.is_wanted(&typed)
                {
                    sheet.put_asked(typed, query, hits);
                }
            }
            Event::Analysers(analysers) => {
                self.model.analysers = analysers
                    .into_iter()
                    .map(|analyser| {
                        let installed = program_of(&analyser).is_some();
                        (analyser, installed)
                    })
                    .collect();
            }
            Event::Decided {
                batch,
                changed,
                steps,
                show,
            } if shown == Some(batch) => self.decided(changed, steps, show),
            Event::Tallied(batch, tally) if shown == Some(batch) => {
                self.dialogs.headway.arrive(tally)
            }
            Event::TermsCounted(batch, found) => self.dialogs.terms.arrive(batch, found),
            Event::Sampled(batch, sample) => {
                self.dialogs.sample.arrive(batch, sample.map(|of| *of))
            }
            Event::Decided { .. }
            | Event::Documents(..)
            | Event::Findings(..)
            | Event::Pages(..)
            | Event::Replaced(..)
            | Event::PagesDropped(..)
            | Event::PasswordsCame(..)
            | Event::Mended(..)
            | Event::Tallied(..)
            | Event::Failures(..) => {}
            Event::Scratch { meter, forecast } => {
                self.model.forecast = forecast;
                self.dialogs.scratch.note(&meter);
                self.model.meter = Some(meter);
                // What is shown piece by piece has changed as well.
                if self.dialogs.scratch.open {
                    self.session.send(Command::LookIntoScratch);
                }
            }
            Event::ScratchContents(contents) => {
                self.dialogs.scratch.arrive(contents, &self.model.batches)
            }
            Event::Thumbnail(thumbnail) => {
                if let Some(given) = self.intake.given.take() {
                    tracing::debug!(after = ?given.elapsed(), "first thumbnail");
                }
                self.pictures.textures.arrive(thumbnail);
            }
            Event::NoThumbnails { pages, reason } => {
                for page in pages {
                    self.pictures.textures.cannot_load(page, reason.clone());
                }
            }
            Event::Judged(batch, judged) if shown == Some(batch) => {
                if let Some(sheet) = &mut self.model.sheet {
                    sheet.put_judged(judged);
                }
            }
            Event::Judged(..) => {}
            Event::Duplicates { found, groups } => {
                self.views.duplicates.arrive(&found, groups);
                if let Some(sheet) = &mut self.model.sheet {
                    sheet.put_duplicates(found);
                }
            }
            Event::View(view) => {
                let read = match &view.picture {
                    Ok(_) => Some(Ok(())),
                    Err(NotDrawn::Refused(kind)) => Some(Err(*kind)),
                    Err(NotDrawn::Other(_)) => None,
                };
                if let Some(read) = read {
                    self.dialogs.unlocking.learn(view.page.document, read);
                }
                if self.views.duplicates.take(context, &view) {
                    return;
                }
                for canvas in self.pictures.canvases(&mut self.choices) {
                    canvas.arrive(context, &view);
                }
                self.pictures.close_ups.arrive(context, &view);
            }
            Event::ViewDropped { page, longest } => {
                self.views.duplicates.dropped(page, longest);
                for canvas in self.pictures.canvases(&mut self.choices) {
                    canvas.dropped(page, longest);
                }
                self.pictures.close_ups.dropped(page, longest);
            }
            Event::SplitProposed(batch, Ok(plan)) => {
                if let Some(split) = self.views.split.of(batch) {
                    split.proposed(plan);
                }
            }
            Event::SplitProposed(batch, Err(problem)) => {
                if let Some(split) = self.views.split.of(batch) {
                    split.not_proposed();
                }
                self.notices.warn(problem);
            }
            Event::SplitForecast {
                batch,
                version,
                sizes,
                free,
                layers,
            } => {
                if let Some(split) = self.views.split.of(batch) {
                    split.forecast(version, sizes, free, layers);
                    for (document, read) in split.could_read() {
                        self.dialogs.unlocking.learn(document, read);
                    }
                }
            }
            Event::Export(batch, state) => {
                self.model.writing.follow(Files::Parts(batch), &state);
                if let ExportState::Ended(ended) = &state {
                    self.tell_of_parts(batch, ended);
                }
                if let Some(split) = self.views.split.of(batch) {
                    split.exported(state);
                }
            }
            Event::PagesForecast {
                version, forecast, ..
            } => self.dialogs.save_pages.put_forecast(version, forecast),
            Event::PagesExport(batch, state) => {
                self.model.writing.follow(Files::Pages(batch), &state);
                if let Some(told) = self.dialogs.save_pages.follow(batch, state) {
                    match told.is_well {
                        true => self.notices.tell_of_folder(told.words, told.folder),
                        false => self.notices.warn(told.words),
                    }
                }
            }
            Event::Began(words) => self.model.writing.began(words),
            Event::Ended(words) => self.model.writing.ended(&words),
            Event::Inspection(inspection) => self.model.inspection = Some(inspection),
            Event::Replayed(name, words) => {
                self.views.failures.replayed(name, words);
            }
            Event::NotTaken(_, not_taken) => {
                for sentence in not_taken.sentences(NAMED) {
                    // An archive that nobody opened is no small matter.
                    match not_taken.containers > 0 {
                        true => self.notices.warn(sentence),
                        false => self.notices.tell(sentence),
                    }
                }
            }
            Event::Notice(text) => {
                self.notices.tell(text);
            }
            Event::Trouble(text) | Event::Refused(text) => {
                self.notices.warn(text);
            }
            Event::Broken(text) => self.notices.keep(text),
        }
    }

    /// Tells how writing parts has ended, where that is not seen in the split view.
    fn tell_of_parts(&mut self, batch: BatchId, ended: &Result<Box<ExportReport>, String>) {
        let is_seen = self.model.shown() == Some(batch)
            && self.choices.view() == View::Split
            && !self.choices.is_large();
        if is_seen {
            return;
        }
        let mut batches = self.model.batches.iter();
        let of = batches.find(|summary| summary.batch.id == batch);
        let of = of.map_or_else(String::new, |summary| format!(" of {}", summary.batch.name));
        let report = match ended {
            Ok(report) => report,
            Err(problem) => return self.notices.warn(format!("Parts{of}: {problem}")),
        };
        let (words, is_well) = split::in_words(report);
        let words = format!("Parts{of}: {words}.");
        // The manifest lies beside them.
        let folder = report.manifest.as_deref().and_then(Path::parent);
        match folder {
            _ if !is_well => self.notices.warn(words),
            Some(folder) => self.notices.tell_of_folder(words, folder.to_owned()),
            None => self.notices.tell(words),
        }
    }

    /// Has an edited plan kept before it goes from here.
    pub(super) fn keep_split(&mut self) {
        if let Some(keep) = self.views.split.keep() {
            self.session.send(keep);
        }
    }
}
