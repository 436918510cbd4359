//! What is being written or checked beside the work on batches, so that the bar below can say
//! so wherever one is in the window. Not for how it ends (`notices`), nor for the views and
//! questions in which it was begun.

use eframe::egui::{Label, ProgressBar, RichText, Spinner, Ui};

use crate::desk::theme::Palette;
use crate::desk::words;
use crate::model::BatchId;
use crate::names;
use crate::triage::ExportState;
use crate::triage::split::ExportProgress;

/// Characters that the words for something have room for.
const WORDS: usize = 48;

/// Files that are counted while they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// Parts of the documents of a batch.
    Parts(BatchId),
    /// Pages of a batch, each as a file.
    Pages(BatchId),
}

/// All that is under way.
#[derive(Debug, Default)]
pub struct Writing {
    files: Vec<(Files, ExportProgress)>,
    /// Tables, reports, copies and checks, in words.
    others: Vec<String>,
}

impl Writing {
    /// How writing files goes.
    pub fn follow<R>(&mut self, files: Files, state: &ExportState<R>) {
        self.files.retain(|(of, _)| *of != files);
        if let ExportState::Running(progress) = state {
            self.files.push((files, *progress));
        }
    }

    /// Something else began.
    pub fn began(&mut self, words: String) {
        self.others.push(words);
    }

    /// What began with these words has ended.
    pub fn ended(&mut self, words: &str) {
        if let Some(place) = self.others.iter().position(|other| other == words) {
            self.others.remove(place);
        }
    }

    /// What is under way, in words; none where nothing is.
    pub fn in_words(&self) -> Option<String> {
        let files = self.files.iter();
        let files = files.map(|(files, progress)| in_words(*files, progress));
        let all: Vec<String> = files.chain(self.others.iter().cloned()).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Draws it, one beside the other; nothing where nothing is under way.
    pub fn ui(&self, ui: &mut Ui) {
        let accent = Palette::of(ui).accent;
        let small = |text: String| Label::new(RichText::new(text).size(12.0)).truncate();
        for (files, progress) in &self.files {
            let share = progress.done as f32 / progress.files.max(1) as f32;
            let bar = ProgressBar::new(share)
                .desired_width(80.0)
                .desired_height(8.0);
            ui.add(bar.fill(accent));
            ui.add(small(in_words(*files, progress)));
        }
        for other in &self.others {
            ui.add(Spinner::new().size(12.0));
            ui.add(small(names::cut_middle(other, WORDS).to_string()));
        }
    }
}

fn in_words(files: Files, progress: &ExportProgress) -> String {
    let what = match files {
        Files::Parts(_) => "Writing parts",
        Files::Pages(_) => "Saving pages",
    };
    let (done, all) = (progress.done as u64, progress.files as u64);
    let (done, all) = (words::grouped(done), words::grouped(all));
    format!("{what}: {done} of {all} files")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_is_not_under_way_any_more() {
        let mut writing = Writing::default();
        let progress = |done| ExportProgress {
            done,
            files: 65,
            bytes: 0,
        };
        let running = |done| ExportState::<()>::Running(progress(done));
        let (parts, pages) = (Files::Parts(BatchId(1)), Files::Pages(BatchId(1)));
        writing.follow(parts, &running(1));
        writing.follow(pages, &running(2));
        writing.follow(parts, &running(3));
        assert_eq!(writing.files.len(), 2);
        let ended = ExportState::<()>::Ended(Err("the disk is full".to_owned()));
        writing.follow(pages, &ended);
        assert_eq!(writing.files, [(parts, progress(3))]);
        assert_eq!(
            in_words(parts, &progress(3)),
            "Writing parts: 3 of 65 files"
        );

        // Two of the same words are two.
        for _ in 0..2 {
            writing.began("Saving pages.csv".to_owned());
        }
        writing.ended("Saving pages.csv");
        assert_eq!(writing.others, ["Saving pages.csv"]);
        assert_eq!(
            writing.in_words().as_deref(),
            Some("Writing parts: 3 of 65 files; Saving pages.csv")
        );
        writing.ended("Saving pages.csv");
        assert!(writing.others.is_empty());
    }
}
