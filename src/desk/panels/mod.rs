//! What stands around the view in the middle: bars, lists at the sides, banners and notices.
//! Not for windows that open over it (`dialogs`).

pub mod asking;
pub mod batch_menu;
pub mod deciding;
pub mod details;
pub mod documents;
pub mod facets;
pub mod folding;
pub mod inspector;
mod looks;
pub mod meter;
pub mod notices;
pub mod saved_views;
pub mod search;
pub mod shortage;
pub mod status;
pub mod toolbar;
