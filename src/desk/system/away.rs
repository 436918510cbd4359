//! What is told to somebody who is looking elsewhere: how far the shown batch is, in the
//! window's title, and that a batch which took long goes no further, done or not, by having
//! the system point at the window. Not for what is seen in the window (`status`, `notices`).

use std::time::{Duration, Instant};

use eframe::egui::{UserAttentionType, ViewportCommand};

use crate::desk::sheet::Share;
use crate::triage::{Progress, RunState};

/// What took no longer is no news.
const LONG: Duration = Duration::from_secs(10);

/// The window's title while nothing is under way.
pub const TITLE: &str = "Pagesieve";

/// What was told, and since when a batch is under way.
#[derive(Default)]
pub struct Away {
    told: Option<String>,
    since: Option<Instant>,
}

impl Away {
    /// Follows the shown batch: what goes on, if anything, and how far it is in per cent.
    /// What the window has to be told; `is_looked_at`: it has the focus.
    pub fn follow(
        &mut self,
        state: Option<&RunState>,
        per_cent: Option<u64>,
        is_looked_at: bool,
        now: Instant,
    ) -> Vec<ViewportCommand> {
        let mut commands = Vec::new();
        match (state, self.since) {
            (Some(RunState::Running), None) => self.since = Some(now),
            (Some(RunState::Running), Some(_)) | (_, None) => {}
            (ended, Some(since)) => {
                self.since = None;
                // A person who paused it, or went to another batch, knows.
                let is_news = matches!(
                    ended,
                    Some(RunState::Finished | RunState::Held(_) | RunState::Lost(_))
                );
                if is_news && !is_looked_at && now - since >= LONG {
                    let attention = UserAttentionType::Informational;
                    commands.push(ViewportCommand::RequestUserAttention(attention));
                }
            }
        }
        let tells = match state {
            Some(RunState::Running) => per_cent.map(|share| format!("{share} %")),
            Some(RunState::Held(_)) => Some("Waiting".to_owned()),
            _ => None,
        };
        if tells != self.told {
            let title = match &tells {
                Some(tells) => format!("{tells} – {TITLE}"),
                None => TITLE.to_owned(),
            };
            commands.push(ViewportCommand::Title(title));
            self.told = tells;
        }
        commands
    }
}

/// How far a batch is, with what external analysers look at; none where nobody knows how much
/// there is.
pub fn per_cent(progress: &Progress, analysed: Option<Share>) -> Option<u64> {
    let summary = &progress.summary;
    let ended = summary.pages_done + summary.pages_failed;
    let pages = progress.pages_expected;
    let analysed = analysed.unwrap_or(Share { done: 0, all: 0 });
    let (done, all) = (ended.min(pages) + analysed.done, pages + analysed.all);
    (all > 0).then(|| done * 100 / all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Batch, BatchId, BatchSummary};

    fn title(text: &str) -> Vec<ViewportCommand> {
        vec![ViewportCommand::Title(text.to_owned())]
    }

    fn progress(done: u64, expected: u64) -> Progress {
        let batch = Batch {
            id: BatchId(1),
            name: "batch".into(),
            created: 0,
            cancelled: false,
            archived: false,
        };
        Progress {
            summary: BatchSummary {
                batch,
                documents: 1,
                documents_waiting: 0,
                documents_failed: 0,
                documents_left_out: 0,
                pages: done,
                pages_done: done,
                pages_failed: 0,
                failures: 0,
                bytes: 0,
            },
            taking_in: false,
            state: RunState::Running,
            pages_per_second: None,
            pages_expected: expected,
            unanalysed: 0,
            time_left: None,
        }
    }

    fn calls(commands: &[ViewportCommand]) -> bool {
        let mut commands = commands.iter();
        commands.any(|command| matches!(command, ViewportCommand::RequestUserAttention(_)))
    }

    #[test]
    fn the_title_says_how_far_it_is_and_says_each_thing_once() {
        let (mut away, now) = (Away::default(), Instant::now());
        let running = Some(&RunState::Running);
        assert!(away.follow(None, None, true, now).is_empty());
        assert_eq!(
            away.follow(running, Some(42), true, now),
            title("42 % – Pagesieve")
        );
        assert!(away.follow(running, Some(42), true, now).is_empty());
        let held = RunState::Held("no room".into());
        assert_eq!(
            away.follow(Some(&held), Some(43), true, now),
            title("Waiting – Pagesieve")
        );
        let done = away.follow(Some(&RunState::Finished), Some(100), true, now);
        assert_eq!(done, title("Pagesieve"));
    }

    #[test]
    fn a_batch_is_not_through_while_analysers_look_at_it() {
        let progress = progress(8, 8);
        assert_eq!(per_cent(&progress, None), Some(100));
        let analysed = Share { done: 2, all: 8 };
        assert_eq!(per_cent(&progress, Some(analysed)), Some(62));
        let analysed = Share {
            done: 799,
            all: 800,
        };
        assert_eq!(per_cent(&progress, Some(analysed)), Some(99));
    }

    #[test]
    fn only_what_took_long_and_was_not_looked_at_calls() {
        let after = |seconds, end: &RunState, is_looked_at| {
            let (mut away, began) = (Away::default(), Instant::now());
            away.follow(Some(&RunState::Running), None, is_looked_at, began);
            let ended = began + Duration::from_secs(seconds);
            calls(&away.follow(Some(end), None, is_looked_at, ended))
        };
        assert!(after(60, &RunState::Finished, false));
        assert!(!after(60, &RunState::Finished, true));
        assert!(!after(2, &RunState::Finished, false));
        assert!(!after(60, &RunState::Paused, false));
    }
}
