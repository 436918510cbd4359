//! Work on a thread of its own that always ends in an answer: a panic in it, or a
//! thread that cannot be had, is one more answer. Not for the crew's tasks, which
//! share a pool (`run`).

use std::any::Any;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{self, JoinHandle};

use thiserror::Error;

use crate::worker::WorkerError;

/// Why work has no result of its own.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Broken {
    /// It panicked, with this message.
    #[error("an error in the program itself ({0})")]
    Panicked(String),
    /// The system gave no thread for it.
    #[error("the system gives no thread for it")]
    NotStarted,
}

impl From<Broken> for WorkerError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Panicked(said) => Self::HostPanicked(said),
            Broken::NotStarted => Self::HostPanicked(broken.to_string()),
        }
    }
}

/// Does work and catches a panic in it. What the work shares with others must be
/// sound after a panic: our locks are used on when they are poisoned.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Broken> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        // Its message may quote a client's text: not for the log.
        let name = thread::current().name().unwrap_or("a thread").to_owned();
        tracing::error!(thread = name, "a panic was caught");
        Broken::Panicked(message(&*panic))
    })
}

/// Starts a thread for `work` and gives what comes of it to `answer`, on that thread;
/// on this one where there is no thread. `answer` is called exactly once.
pub fn spawn<T: 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
    answer: impl FnOnce(Result<T, Broken>) + Send + 'static,
) -> Option<JoinHandle<()>> {
    let answer = Answer(Some(answer), PhantomData);
    thread::Builder::new()
        .name(name.into())
        .spawn(move || answer.give(caught(work)))
        .map_err(|error| tracing::error!(%error, name, "no thread"))
        .ok()
}

/// Work that is done once at a time: of what is asked for meanwhile, the newest is next.
#[derive(Debug)]
pub struct Turns<T> {
    busy: bool,
    next: Option<T>,
}

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Self {
            busy: false,
            next: None,
        }
    }
}

impl<T> Turns<T> {
    /// Asks for work; what is to begin now, none where other work goes on.
    pub fn ask(&mut self, work: T) -> Option<T> {
        if self.busy {
            self.next = Some(work);
            return None;
        }
        self.busy = true;
        Some(work)
    }

    /// Work has ended; what is to begin now.
    pub fn ended(&mut self) -> Option<T> {
        let next = self.next.take();
        self.busy = next.is_some();
        next
    }
}

/// Calls what waits for an answer when it is dropped without one.
struct Answer<T, F: FnOnce(Result<T, Broken>)>(Option<F>, PhantomData<fn(T)>);

impl<T, F: FnOnce(Result<T, Broken>)> Answer<T, F> {
    fn give(mut self, result: Result<T, Broken>) {
        if let Some(answer) = self.0.take() {
            answer(result);
        }
    }
}

impl<T, F: FnOnce(Result<T, Broken>)> Drop for Answer<T, F> {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer(Err(Broken::NotStarted));
        }
    }
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().map(|said| (*said).to_owned());
    said.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it did not say which".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::bounded;

    #[test]
    fn of_what_is_asked_for_while_there_is_work_the_newest_is_next() {
        let mut turns = Turns::default();
        assert_eq!(turns.ask(1), Some(1));
        assert_eq!(turns.ask(2), None);
        assert_eq!(turns.ask(3), None);
        assert_eq!(turns.ended(), Some(3));
        assert_eq!(turns.ask(4), None);
        assert_eq!(turns.ended(), Some(4));
        assert_eq!(turns.ended(), None);
        assert_eq!(turns.ask(5), Some(5));
    }

    #[test]
    fn work_answers_with_its_result_or_its_panic() {
        let (sender, answers) = bounded(2);
        let other = sender.clone();
        spawn("good", || 7, move |answer| other.send(answer).unwrap());
        assert_eq!(answers.recv().unwrap(), Ok(7));
        let work = || -> i32 { panic!("{} is odd", 3) };
        spawn("bad", work, move |answer| sender.send(answer).unwrap());
        assert_eq!(
            answers.recv().unwrap(),
            Err(Broken::Panicked("3 is odd".into()))
        );
    }

    #[test]
    fn without_a_thread_there_is_an_answer_too() {
        let (sender, answers) = bounded(1);
        let answer = move |answer: Result<i32, Broken>| sender.send(answer).unwrap();
        drop(Answer(Some(answer), PhantomData));
        assert_eq!(answers.recv().unwrap(), Err(Broken::NotStarted));
    }
}
