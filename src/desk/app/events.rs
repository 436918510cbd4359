//! What the session tells, taken into the window's state. Not for drawing.

use std::time::Instant;

use eframe::egui::Context;

use super::{Desk, EVENTS_PER_FRAME, SEARCH_AGAIN_AFTER};
use crate::desk::dialogs::Question;
use crate::desk::grid::Grid;
use crate::desk::notices::Offer;
use crate::desk::search;
use crate::desk::sheet::Sheet;
use crate::desk::split::Split;
use crate::desk::words::counted;
use crate::model::{BatchId, DocumentId, Finding, PageId};
use crate::triage::{Command, Event, RunState, program_of};

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
        if std::mem::replace(&mut self.gone_on, true) {
            return;
        }
        let ids = || self.batches.iter().map(|summary| summary.batch.id);
        let last = self.kept.settings.batch;
        let newest = || {
            let mut kept = self
                .batches
                .iter()
                .filter(|summary| !summary.batch.archived);
            kept.next().map(|summary| summary.batch.id)
        };
        let shown = ids().find(|id| Some(*id) == last).or_else(newest);
        if let Some(batch) = shown.filter(|_| self.open_last) {
            self.session.send(Command::Open(batch));
        }
        for summary in &self.batches {
            let is_put_off = summary.batch.cancelled || summary.batch.archived;
            if !summary.is_finished() && !is_put_off {
                self.session.send(Command::GoOn(summary.batch.id));
            }
        }
    }

    /// What is about the batch that was shown ends with it.
    fn leave_batch(&mut self) {
        self.opened = None;
        self.compare = None;
        self.judging = None;
        self.spread = None;
        self.save_table = None;
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

    pub(super) fn follow(&mut self, context: &Context, event: Event) {
        let shown = self.sheet.as_ref().map(Sheet::id);
        match event {
            Event::Batches(batches) => {
                self.batches = batches;
                self.go_on();
                if let Some(shown) = shown
                    && !self.batches.iter().any(|summary| summary.batch.id == shown)
                {
                    self.sheet = None;
                    self.leave_batch();
                }
                if let Some(sheet) = &mut self.sheet {
                    let mut batches = self.batches.iter();
                    let own = batches.find(|summary| summary.batch.id == sheet.id());
                    if let Some(summary) = own {
                        sheet.batch.clone_from(&summary.batch);
                    }
                }
            }
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
                self.kept.settings.batch = Some(batch.id);
                if shown != Some(batch.id) {
                    self.leave_batch();
                }
                let mut sheet = Sheet::new(batch, documents, pages, failures);
                sheet.put_before(before);
                sheet.put_judged(judged);
                sheet.put_decided(decided);
                self.duplicates.await_groups();
                self.session.send(Command::FindDuplicates);
                sheet.set_thresholds(thresholds, None);
                sheet.put_findings(findings);
                match self.sheet.take() {
                    Some(old) if old.id() == sheet.id() => sheet.keep_choices_of(old),
                    _ => {
                        self.textures.clear();
                        self.opened = None;
                        self.inspection = None;
                        self.inspected = None;
                    }
                }
                self.sheet = Some(sheet);
                self.grid = Grid::default();
            }
            Event::Engines { pdfium, .. } => self.pdfium = pdfium,
            Event::EnginesDescribed(engines) => self.about.put_engines(engines),
            Event::Progress(progress) => {
                if let Some(sheet) = &mut self.sheet
                    && sheet.id() == progress.summary.batch.id
                {
                    sheet.batch = progress.summary.batch.clone();
                    let was_done = sheet.progress.as_ref().map(|before| &before.state);
                    let ends = progress.state == RunState::Finished
                        && was_done.is_some_and(|state| *state != RunState::Finished);
                    if ends {
                        self.duplicates.await_groups();
                        self.session.send(Command::FindDuplicates);
                    }
                    if (ends || self.searched.elapsed() >= SEARCH_AGAIN_AFTER)
                        && let Some(typed) = sheet.search_again()
                    {
                        self.searched = Instant::now();
                        let batch = sheet.id();
                        self.session.send(Command::Search { batch, typed });
                    }
                    if ends && sheet.proposes_by_text() {
                        self.session.send(Command::Propose(sheet.id()));
                    }
                    sheet.progress = Some(progress);
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
                let taken_out = self.taken_out.entry(batch).or_default();
                taken_out.extend(files.iter().cloned());
                self.notices.offer(text, Offer::PutBack(batch, files));
                if self.split_of(batch).is_some() {
                    self.keep_split();
                    self.session.send(Command::BeginSplit(batch));
                }
            }
            Event::Documents(batch, documents) if shown == Some(batch) => {
                let changed = |page: PageId| documents.iter().any(|d| d.id == page.document);
                if self.inspected.is_some_and(changed) {
                    self.inspected = None;
                }
                if let Some(sheet) = &mut self.sheet {
                    sheet.put_documents(documents);
                }
            }
            Event::Pages(batch, pages) if shown == Some(batch) => {
                for page in &pages {
                    self.textures.forget(page.id);
                    if self.inspected == Some(page.id) {
                        self.inspected = None;
                    }
                }
                if let Some(sheet) = &mut self.sheet {
                    sheet.put_pages(&pages);
                }
            }
            Event::Replaced(batch, before) if shown == Some(batch) => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.put_before(before);
                }
            }
            Event::PagesDropped(batch, document) if shown == Some(batch) => {
                if let Some(sheet) = &mut self.sheet {
                    for page in sheet.pages_of(document) {
                        self.textures.forget(page.id);
                    }
                    sheet.drop_pages(document);
                }
                for canvas in self.canvases() {
                    canvas.forget(document);
                }
            }
            Event::Mended(batch, mended) if shown == Some(batch) => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.mended(&mended);
                }
            }
            Event::Failures(batch, failures) if shown == Some(batch) => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.put_failures(failures);
                }
            }
            Event::Findings(batch, findings) if shown == Some(batch) => {
                let inspected = self.inspected;
                let is_shown = |finding: &Finding| {
                    inspected.is_some_and(|page| {
                        finding.id.document == page.document && finding.id.page == Some(page.number)
                    })
                };
                if findings.iter().any(is_shown) {
                    self.inspected = None;
                }
                if let Some(sheet) = &mut self.sheet {
                    sheet.put_findings(findings);
                }
            }
            Event::Proposals(batch, proposals) => {
                if let Some(sheet) = &mut self.sheet
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
                if let Some(sheet) = &mut self.sheet
                    && sheet.id() == batch
                    // Something else was typed since.
                    && search::as_typed(&sheet.typed) == typed
                {
                    sheet.put_asked(typed, query, hits);
                }
            }
            Event::Analysers(analysers) => {
                self.analysers = analysers
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
            Event::Tallied(batch, tally) if shown == Some(batch) => self.headway.arrive(tally),
            Event::TermsCounted(batch, found) => self.terms.arrive(batch, found),
            Event::Sampled(batch, sample) => self.sample.arrive(batch, sample.map(|of| *of)),
            Event::Decided { .. }
            | Event::Documents(..)
            | Event::Findings(..)
            | Event::Pages(..)
            | Event::Replaced(..)
            | Event::PagesDropped(..)
            | Event::Mended(..)
            | Event::Tallied(..)
            | Event::Failures(..) => {}
            Event::Scratch { meter, forecast } => {
                self.forecast = forecast;
                self.scratch.note(&meter);
                self.meter = Some(meter);
                // What is shown piece by piece has changed as well.
                if self.scratch.open {
                    self.session.send(Command::LookIntoScratch);
                }
            }
            Event::ScratchContents(contents) => self.scratch.arrive(contents, &self.batches),
            Event::Thumbnail(thumbnail) => {
                if let Some(given) = self.given.take() {
                    tracing::debug!(after = ?given.elapsed(), "first thumbnail");
                }
                self.textures.arrive(thumbnail);
            }
            Event::NoThumbnails { pages, reason } => {
                for page in pages {
                    self.textures.cannot_load(page, reason.clone());
                }
            }
            Event::Judged(batch, judged) if shown == Some(batch) => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.put_judged(judged);
                }
            }
            Event::Judged(..) => {}
            Event::Duplicates { found, groups } => {
                self.duplicates.arrive(&found, groups);
                if let Some(sheet) = &mut self.sheet {
                    sheet.put_duplicates(found);
                }
            }
            Event::View(view) if self.duplicates.take(context, &view) => {}
            Event::View(view) => {
                for canvas in self.canvases() {
                    canvas.arrive(context, &view);
                }
            }
            Event::ViewDropped { page, longest } => {
                self.duplicates.dropped(page, longest);
                for canvas in self.canvases() {
                    canvas.dropped(page, longest);
                }
            }
            Event::SplitProposed(batch, Ok(plan)) => {
                if let Some(split) = self.split_of(batch) {
                    split.proposed(plan);
                }
            }
            Event::SplitProposed(batch, Err(problem)) => {
                if let Some(split) = self.split_of(batch) {
                    split.not_proposed();
                }
                self.notices.warn(problem);
            }
            Event::SplitForecast {
                batch,
                version,
                sizes,
                free,
            } => {
                if let Some(split) = self.split_of(batch) {
                    split.forecast(version, sizes, free);
                }
            }
            Event::Export(batch, state) => {
                if let Some(split) = self.split_of(batch) {
                    split.exported(state);
                }
            }
            Event::Inspection(inspection) => self.inspection = Some(inspection),
            Event::Replayed(name, words) => {
                self.replays.insert(name, Some(words));
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

    pub(super) fn split_of(&mut self, batch: BatchId) -> Option<&mut Split> {
        self.split.as_mut().filter(|split| split.batch() == batch)
    }

    /// Once all that was dropped on the shown batch is taken in, offers to undo it.
    fn offer_to_undo_drop(&mut self) {
        let (Some(added), Some(sheet)) = (&mut self.added, &self.sheet) else {
            return;
        };
        let taking_in = sheet.progress.as_ref().is_some_and(|now| now.taking_in);
        if added.batch != sheet.id() || taking_in || !added.began {
            added.began |= added.batch == sheet.id() && taking_in;
            return;
        }
        let ids = sheet.documents().iter().map(|document| document.id);
        let new: Vec<DocumentId> = ids.filter(|id| Some(*id) > added.newest).collect();
        let batch = added.batch;
        self.added = None;
        if !new.is_empty() {
            let documents = match new[..] {
                [one] => sheet.document(one).map(|document| document.name.clone()),
                _ => None,
            };
            let count = counted(new.len() as u64, "document", "documents");
            let text = format!(
                "{} added to {}.",
                documents.unwrap_or(count),
                sheet.batch.name
            );
            self.notices.offer(text, Offer::TakeOut(batch, new));
        }
    }
}
