//! Why something in object storage cannot be had, in words that repeat no secret: of what a
//! store answers only its own short word for the error is kept, for the rest may quote
//! signatures and keys.

use std::io;

use crate::scratch::Shortage;

/// Why something in object storage cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// There is no such object, or no such bucket.
    #[error("the store has no such object{}", in_brackets(.0))]
    NotThere(String),
    /// What opens the store is missing or wrong, or does not allow this.
    #[error(
        "the store does not allow it with what this machine's environment holds{}",
        in_brackets(.0)
    )]
    NotAllowed(String),
    /// It became another one while it was read, again and again.
    #[error("it was replaced by another while it was read")]
    Replaced,
    /// The store gives no answer, or one that cannot be made use of.
    #[error("the store cannot be reached{}", in_brackets(.0))]
    Unreachable(String),
    /// There is no room in scratch for it.
    #[error("{0}")]
    NoRoom(Shortage),
    /// Its file in scratch cannot be written or read.
    #[error("its file in scratch cannot be used: {0}")]
    Scratch(#[source] io::Error),
    /// The file that is to be stored cannot be read.
    #[error("the file to be stored cannot be read: {0}")]
    Local(#[source] io::Error),
    /// The name is none that can be asked for.
    #[error("it is no name of an object: {0}")]
    Name(String),
    /// The program is about to end.
    #[error("the program is about to end")]
    Stopped,
    /// This build of the program cannot.
    #[error("this build of Pagesieve has no object storage (the feature `object-storage`)")]
    NotBuiltIn,
    /// This system's workers open files by their names.
    #[error("object storage is read on Unix alone")]
    NotHere,
}

fn in_brackets(words: &str) -> String {
    match words {
        "" => String::new(),
        words => format!(" ({words})"),
    }
}

impl ObjectError {
    /// Later it may be there: the same can be tried again.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Replaced | Self::Unreachable(_) | Self::NoRoom(_) | Self::Stopped
        )
    }
}
