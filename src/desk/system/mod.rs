//! What the window has to do with the system around it: its file manager and viewer, fonts,
//! screen readers, files dropped on it, a second start. Not for processes and files of the
//! work itself.

pub mod away;
pub mod drops;
pub mod handover;
pub mod reveal;
pub mod scripts;
pub mod spoken;
