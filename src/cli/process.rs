//! `process` and `reprocess`: drives a session until its batch is finished,
//! interrupted or held for too long.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::{self, complain, say};
use super::{CommandError, Ending, decide};
use crate::format::counted;
use crate::model::{BatchId, BatchSummary, Secret};
use crate::triage::tables::pages_where;
use crate::triage::{
    Command, Destination, Event, NotTaken, Options, Progress, Reader, RunState, Scope, Session,
};

/// Files that were left out and are named; `--json` names all that are known.
const NAMED: usize = 20;

/// How often an interruption is looked for.
pub const LOOK_AFTER: Duration = Duration::from_millis(100);

/// Takes in sources and analyses them.
pub fn take_in(paths: &[PathBuf], new: bool, passwords: Vec<Secret>) -> Command {
    Command::TakeIn {
        paths: paths.to_vec(),
        destination: if new {
            Destination::New
        } else {
            Destination::Auto
        },
        passwords,
    }
}

/// Analyses a batch again: all of it, what failed, or the pages that are asked for.
pub fn again(
    reader: &Reader,
    batch: BatchId,
    failed: bool,
    query: Option<&str>,
    passwords: Vec<Secret>,
) -> Result<Command, CommandError> {
    let scope = match query {
        Some(typed) => Scope::Pages(pages_where(reader, batch, &decide::query(typed)?)?),
        None if failed => Scope::Failed(None),
        None => Scope::All,
    };
    Ok(Command::Reprocess {
        batch,
        scope,
        passwords,
    })
}

/// Has an analyser look at a batch.
pub fn look(batch: BatchId, analyser: &str, scope: Scope) -> Command {
    Command::RunAnalyser {
        batch,
        analyser: analyser.to_owned(),
        scope,
    }
}

/// Says where an analyser failed in a batch; true where it did anywhere.
pub fn tell_failed(reader: &Reader, batch: BatchId, analyser: &str) -> Result<bool, CommandError> {
    let findings = reader.findings(batch)?;
    let of_it = findings
        .iter()
        .filter(|found| found.id.analyser == analyser);
    let (looks, failed) = of_it.fold((0, 0), |(looks, failed), found| {
        (looks + 1, failed + u32::from(found.result.is_err()))
    });
    if failed > 0 {
        output::error_line(&format!(
            "pagesieve: {analyser} failed {failed} of {looks} times; \
             the column {analyser}.problem says why, and `--failed` tries again"
        ));
    }
    Ok(failed > 0)
}

/// Carries out a command, waits for its batch to be finished, has its pages compared and
/// says how it went.
pub fn drive(
    options: Options,
    command: Command,
    patience: Duration,
    json: bool,
) -> Result<Ending, CommandError> {
    let interrupted = catch_interruptions(|| {});
    let Some(finished) = work(options, command, patience, &interrupted, Compare::Pages)? else {
        return Ok(Ending::CanGoOn);
    };
    finished.sum_up(json);
    Ok(finished.ending())
}

/// Notes when somebody, or the system, wants the program to end; what else is to be done
/// then is done on a thread of its own.
pub fn catch_interruptions(besides: impl Fn() + Send + 'static) -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    let caught = ctrlc::set_handler(move || {
        flag.store(true, Ordering::Relaxed);
        besides();
    });
    if let Err(error) = caught {
        tracing::warn!(%error, "interruptions cannot be caught");
    }
    interrupted
}

/// What is done once all pages are analysed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// Pages that are the same are looked for.
    Pages,
    /// Nothing: that is done where more pages are together.
    Nothing,
}

/// Carries out a command and waits for its batch to be finished; none where it did not come
/// to that, for a reason that has been said. Work that is held for longer than `patience`
/// ends it, so that a batch system can try again later or elsewhere.
pub fn work(
    options: Options,
    command: Command,
    patience: Duration,
    interrupted: &AtomicBool,
    compare: Compare,
) -> Result<Option<Finished>, CommandError> {
    let library = options.library.clone();
    let session = start(options, patience, interrupted)?;
    let swept = session.swept();
    if swept.bytes() > 0 {
        tracing::info!(bytes = swept.bytes(), "residue of earlier runs was removed");
    }
    session.send(command);
    let mut seen = Headway::new();
    loop {
        if interrupted.load(Ordering::Relaxed) {
            seen.bar.finish_and_clear();
            complain!("pagesieve: interrupted; the same command goes on from here");
            return Ok(None);
        }
        let Ok(event) = session.events().recv_timeout(LOOK_AFTER) else {
            if seen.held_longer_than(patience) {
                complain!("pagesieve: still waiting; the same command goes on from here");
                return Ok(None);
            }
            continue;
        };
        let summary = match seen.see(event)? {
            Seen::Going => continue,
            Seen::Broken => return Ok(None),
            Seen::Finished(summary) => summary,
        };
        if compare == Compare::Pages {
            seen.bar.set_message("comparing pages");
            compare_pages(&session, interrupted);
        }
        // Gives up the library.
        drop(session);
        seen.bar.finish_and_clear();
        check_kept(&library, &summary)?;
        return Ok(Some(Finished {
            summary,
            not_taken: seen.not_taken,
            took: seen.started.elapsed(),
        }));
    }
}

/// Has all pages of a library compared that have not been yet.
pub fn compare(
    options: Options,
    patience: Duration,
    interrupted: &AtomicBool,
) -> Result<(), CommandError> {
    let session = start(options, patience, interrupted)?;
    compare_pages(&session, interrupted);
    Ok(())
}

/// Has the pages compared; what is not compared now is when pages are listed.
fn compare_pages(session: &Session, interrupted: &AtomicBool) {
    session.send(Command::FindDuplicates);
    while !interrupted.load(Ordering::Relaxed) {
        match session.events().recv_timeout(LOOK_AFTER) {
            Ok(Event::Duplicates { .. } | Event::Broken(_)) => return,
            // Why they could not be compared, or the library not be looked through.
            Ok(Event::Trouble(text)) => {
                complain!("pagesieve: {text}");
                return;
            }
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Starts a session; where there is no room for it, as soon as there is.
pub fn start(
    options: Options,
    patience: Duration,
    interrupted: &AtomicBool,
) -> Result<Session, CommandError> {
    let mut since = None;
    loop {
        match Session::start(options.clone()) {
            Err(error) if error.is_shortage() && !interrupted.load(Ordering::Relaxed) => {
                if since.get_or_insert_with(Instant::now).elapsed() > patience {
                    return Err(error.into());
                }
                std::thread::sleep(LOOK_AFTER);
            }
            started => return Ok(started?),
        }
    }
}

/// Whether what was done is in the library that was named: it may have been deleted, or
/// its disk taken away, while work went on.
fn check_kept(library: &Path, summary: &BatchSummary) -> Result<(), CommandError> {
    let kept = match Reader::open(library)? {
        Some(reader) => reader.batch(summary.batch.id)?,
        None => None,
    };
    match kept {
        Some(kept) if kept.is_finished() => Ok(()),
        _ => Err(CommandError::Lost(library.to_owned())),
    }
}

/// What an event means for a command.
pub enum Seen {
    /// There is more to do.
    Going,
    /// Nothing is left to do in the batch, which holds this.
    Finished(BatchSummary),
    /// The session has ended; why was said.
    Broken,
}

/// What a command has seen of its batch so far.
pub struct Headway {
    /// How far it is, on a terminal.
    pub bar: ProgressBar,
    /// The batch, once it was opened.
    pub batch: Option<BatchId>,
    not_taken: NotTaken,
    /// Since when work is held, and how much had been done by then.
    held: Option<(Instant, BatchSummary)>,
    started: Instant,
}

impl Headway {
    /// Nothing was seen.
    pub fn new() -> Self {
        // Draws only on a terminal; quiet in a pipe.
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
        bar.set_style(
            ProgressStyle::with_template("{bar:32} {pos} of {len} pages  {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("█▌░"),
        );
        Self {
            bar,
            batch: None,
            not_taken: NotTaken::default(),
            held: None,
            started: Instant::now(),
        }
    }

    fn held_longer_than(&self, patience: Duration) -> bool {
        self.held
            .as_ref()
            .is_some_and(|(since, _)| since.elapsed() > patience)
    }

    /// Shows an event, and says what it means; what ends the command is an error.
    pub fn see(&mut self, event: Event) -> Result<Seen, CommandError> {
        match event {
            Event::Opened { batch, .. } => self.batch = Some(batch.id),
            Event::Refused(why) => {
                self.bar.finish_and_clear();
                return Err(CommandError::Refused(why));
            }
            Event::Broken(text) => {
                self.bar.finish_and_clear();
                complain!("pagesieve: {text}");
                return Ok(Seen::Broken);
            }
            Event::Progress(Progress {
                state: RunState::Lost(why),
                ..
            }) => {
                self.bar.finish_and_clear();
                return Err(CommandError::Configuration(why));
            }
            Event::Progress(progress) if Some(progress.summary.batch.id) == self.batch => {
                if let Some(summary) = self.see_progress(progress) {
                    return Ok(Seen::Finished(summary));
                }
            }
            Event::NotTaken(batch, not_taken) if Some(batch) == self.batch => {
                for sentence in not_taken.sentences(NAMED) {
                    self.bar.suspend(|| complain!("pagesieve: {sentence}"));
                }
                self.not_taken = *not_taken;
            }
            Event::Notice(text) => self.say(&text),
            Event::Trouble(text) => self.bar.suspend(|| complain!("pagesieve: {text}")),
            _ => {}
        }
        Ok(Seen::Going)
    }

    /// More has come for a batch that was finished.
    pub fn begin_anew(&mut self) {
        self.bar.reset();
        self.not_taken = NotTaken::default();
    }

    fn see_progress(&mut self, progress: Progress) -> Option<BatchSummary> {
        let summary = progress.summary;
        self.bar.set_length(progress.pages_expected);
        self.bar
            .set_position(summary.pages_done + summary.pages_failed);
        let speed = progress
            .pages_per_second
            .map_or_else(String::new, |speed| format!("{speed:.0} pages/s"));
        let left = progress
            .time_left
            .map_or_else(String::new, |left| format!("  {} s left", left.as_secs()));
        self.bar.set_message(format!("{speed}{left}"));
        match progress.state {
            RunState::Held(reason) => {
                // Where room is short for a moment now and then, work goes on.
                let is_new = match &self.held {
                    Some((_, then)) if *then == summary => return None,
                    Some(_) => false,
                    None => true,
                };
                self.held = Some((Instant::now(), summary));
                if is_new {
                    self.bar
                        .suspend(|| complain!("pagesieve: waiting: {reason}"));
                }
                None
            }
            RunState::Finished if !progress.taking_in => Some(summary),
            _ => {
                self.held = None;
                None
            }
        }
    }

    fn say(&self, text: &str) {
        if !self.bar.is_hidden() {
            self.bar.suspend(|| complain!("{text}"));
        }
    }
}

/// A batch of which nothing is left to do.
pub struct Finished {
    /// What it holds.
    pub summary: BatchSummary,
    not_taken: NotTaken,
    /// How long it took.
    pub took: Duration,
}

impl Finished {
    /// What may hold documents and was not opened counts as failed, and so does a
    /// batch without any.
    fn ending(&self) -> Ending {
        let is_all = !self.summary.has_failures()
            && self.not_taken.containers == 0
            && (self.summary.documents > 0 || self.not_taken.empty.is_empty());
        match is_all {
            true => Ending::Done,
            false => Ending::SomeFailed,
        }
    }

    fn sum_up(&self, json: bool) {
        let summary = &self.summary;
        if json {
            let mut summary = serde_json::json!(summary);
            summary["left_out"] = left_out(&self.not_taken);
            output::print_json(&summary);
            return;
        }
        say!(
            "batch {} \"{}\": {} documents, {} pages in {:.1} s",
            summary.batch.id.0,
            summary.batch.name,
            summary.documents,
            summary.pages,
            self.took.as_secs_f64(),
        );
        let left_out = summary.documents_left_out;
        let documents = summary.documents_failed.saturating_sub(left_out);
        let pages = summary.pages_failed;
        let batch = summary.batch.id.0;
        if documents + pages > 0 {
            say!(
                "{documents} documents and {pages} pages failed; `pagesieve failures {batch}` says why"
            );
        }
        if left_out > 0 {
            let left_out = counted(left_out, "document is", "documents are");
            say!("{left_out} left out for a reason");
        }
        let kept = summary.failures.saturating_sub(documents + pages);
        if kept > 0 {
            say!(
                "{kept} documents and pages keep their earlier results because trying them again \
                 failed; `pagesieve failures {batch}` says why"
            );
        }
    }
}

/// What was not taken in, for programs.
fn left_out(not_taken: &NotTaken) -> serde_json::Value {
    let files = not_taken.files.iter().map(|file| {
        serde_json::json!({
            "name": file.name,
            "reason": file.reason,
            "may_hold_pdfs": file.may_hold_pdfs,
        })
    });
    let empty = not_taken.empty.iter().map(|path| path.to_string_lossy());
    serde_json::json!({
        "count": not_taken.count(),
        "files": files.collect::<Vec<_>>(),
        "symbolic_links": not_taken.links,
        "without_pdfs": empty.collect::<Vec<_>>(),
    })
}
