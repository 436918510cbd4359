//! What keeps work from going on: a person who paused it, a disk that is full, or a
//! library that is damaged. Pure: whoever asks halts the crew and tells the face.

use super::super::event::RunState;
use super::super::open_batch::OpenBatch;
use crate::library::{LibraryError, LibrarySpace};

/// Why no work is handed out, if none is.
#[derive(Debug, Default)]
pub struct Brake {
    paused: bool,
    /// Why work is held. Stays until something goes through again, so that a
    /// try that fails does not show as work.
    held: Option<String>,
    /// It is held because the library's disk is nearly full.
    is_library_short: bool,
    /// Why the library can be used no more. Nothing is done or kept from then on.
    lost: Option<String>,
}

/// What looking at the library's disk has shown.
#[derive(Debug, PartialEq, Eq)]
pub enum Watched {
    /// What was so before.
    Same,
    /// It is nearly full: work is held, for this reason.
    Short(String),
    /// It is so no longer.
    Enough,
}

impl Brake {
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    pub fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// The crew is given nothing to do.
    pub fn halts(&self) -> bool {
        self.paused || self.held.is_some() || self.is_lost()
    }

    pub fn pause(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// Holds work until something goes through again.
    pub fn hold(&mut self, reason: String) {
        if self.held.as_ref() != Some(&reason) {
            tracing::warn!(reason, "work is held");
        }
        self.held = Some(reason);
    }

    /// Something went through: work goes on. False while the library's disk is nearly full:
    /// what was under way still ends, and says nothing of that.
    pub fn release(&mut self) -> bool {
        if self.is_library_short {
            return false;
        }
        self.held = None;
        true
    }

    /// What is held is tried again, whoever held it; none where the crew is to do nothing
    /// yet. Otherwise whether it is halted all the same.
    pub fn try_again(&self) -> Option<bool> {
        (!self.is_library_short).then_some(self.paused || self.is_lost())
    }

    /// The library can be used no more: all work ends.
    pub fn lose(&mut self, error: &LibraryError) {
        if self.lost.is_none() {
            tracing::error!(%error, "the library is lost");
            self.lost = Some(error.to_string());
        }
    }

    /// Looks at the room that the library has, so that work waits before its disk is full:
    /// afterwards not even the reason could be stored.
    pub fn watch(&mut self, space: Option<LibrarySpace>) -> Watched {
        let short = space.filter(LibrarySpace::is_short);
        let was_short = std::mem::replace(&mut self.is_library_short, short.is_some());
        match short {
            Some(space) if !was_short => Watched::Short(format!(
                "the disk of the library has {} left, and {} must stay free for results",
                bytesize::ByteSize::b(space.free).display().si(),
                bytesize::ByteSize::b(space.floor).display().si(),
            )),
            None if was_short => Watched::Enough,
            _ => Watched::Same,
        }
    }

    /// What the session is doing with a batch.
    pub fn state_of(&self, open: &OpenBatch) -> RunState {
        if let Some(reason) = &self.lost {
            RunState::Lost(reason.clone())
        } else if open.is_finished() {
            RunState::Finished
        } else if open.batch.cancelled {
            RunState::Cancelled
        } else if self.paused {
            RunState::Paused
        } else if let Some(reason) = &self.held {
            RunState::Held(reason.clone())
        } else {
            RunState::Running
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(free: u64) -> Option<LibrarySpace> {
        Some(LibrarySpace {
            held: 0,
            free,
            floor: 100,
        })
    }

    #[test]
    fn work_that_goes_through_does_not_release_what_a_nearly_full_disk_holds() {
        let mut brake = Brake::default();
        assert_eq!(brake.watch(space(1000)), Watched::Same);
        let Watched::Short(reason) = brake.watch(space(10)) else {
            panic!("the disk is nearly full");
        };
        brake.hold(reason);
        assert_eq!(brake.watch(space(10)), Watched::Same, "it was said already");
        assert!(!brake.release());
        assert_eq!(brake.try_again(), None);
        assert!(brake.halts());
        assert_eq!(brake.watch(space(1000)), Watched::Enough);
        assert!(brake.release());
        assert!(!brake.halts());
    }

    #[test]
    fn a_pause_outlasts_what_was_held() {
        let mut brake = Brake::default();
        brake.hold("scratch is full".into());
        brake.pause(true);
        assert_eq!(brake.try_again(), Some(true));
        assert!(brake.release());
        assert!(brake.halts());
        brake.pause(false);
        assert!(!brake.halts());
    }

    #[test]
    fn nothing_is_handed_out_any_more_once_the_library_is_lost() {
        let mut brake = Brake::default();
        brake.lose(&LibraryError::Misuse("damaged"));
        assert!(brake.halts());
        brake.pause(true);
        brake.pause(false);
        assert!(brake.halts(), "a person resumes");
        assert_eq!(brake.try_again(), Some(true), "what is held is tried again");
    }
}
