//! How far two pages that look alike are the same page. Not for finding such pairs.

use serde::{Deserialize, Serialize};

use super::{Area, PageId};

/// How far two pages that look alike are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Likeness {
    /// They look the same as a whole; nobody looked closely enough to tell one digit from
    /// another: a source was not there, or the pages were compared by an earlier version.
    #[default]
    Alike,
    /// They are the same page, once more.
    Copy,
    /// They differ in a place or a number.
    Similar,
}

impl Likeness {
    /// All of them; the number of each is how the library keeps it.
    pub const ALL: [Self; 3] = [Self::Alike, Self::Copy, Self::Similar];
}

/// Two pages that look alike.
#[derive(Clone, Debug, PartialEq)]
pub struct PagePair {
    /// One of them.
    pub page: PageId,
    /// The other.
    pub other: PageId,
    /// How far they are the same.
    pub likeness: Likeness,
    /// Where they were seen to differ, as places on `page`. The other page lies a little
    /// beside it.
    pub places: Vec<Area>,
}
