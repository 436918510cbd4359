//! A page shown large, for reading: over a view, beside others and in a window of its own,
//! with what was found drawn over it. Not for pages among many (`views`).

pub mod canvas;
pub mod compare;
pub mod filmstrip;
pub mod marking;
pub mod overlays;
pub mod second_window;
