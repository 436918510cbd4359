//! Pictures of pages: thumbnails, and what pages are drawn large on. Not for how one page is
//! drawn (`canvas`), nor for how thumbnails are kept (`textures`).

use super::choices::Choices;
use super::textures::Textures;
use crate::desk::large::canvas::Canvas;
use crate::desk::large::compare::Compare;
use crate::desk::large::second_window::SecondWindow;
use crate::desk::views::close_ups::CloseUps;
use crate::triage::Command;

/// The pictures.
#[derive(Default)]
pub struct Pictures {
    pub textures: Textures,
    /// In the grid, once thumbnails are too small for it.
    pub close_ups: CloseUps,
    /// In the inspector.
    pub preview: Canvas,
    /// The page that is shown large.
    pub large: Canvas,
    pub second_window: SecondWindow,
    /// Pages are to be drawn at other sizes than were asked for.
    pub are_changed: bool,
}

impl Pictures {
    /// Everything that pages are drawn on large.
    pub fn canvases<'a>(&'a mut self, choices: &'a mut Choices) -> Vec<&'a mut Canvas> {
        let judged = choices.judging.as_mut().map(|judging| &mut judging.canvas);
        let compared = choices.compare.iter_mut().flat_map(Compare::canvases);
        let single = [
            &mut self.large,
            &mut self.preview,
            &mut self.second_window.canvas,
        ];
        judged.into_iter().chain(compared).chain(single).collect()
    }

    /// Asks for all pages that are shown large and not drawn yet, at once: what is asked for
    /// later takes the place of what was asked before.
    pub fn ask(&mut self, choices: &mut Choices) -> Option<Command> {
        self.are_changed |= self.close_ups.end_frame();
        if !std::mem::take(&mut self.are_changed) {
            return None;
        }
        let wanted = self.canvases(choices).into_iter();
        let wanted: Vec<_> = wanted.filter_map(|canvas| canvas.awaits()).collect();
        let wanted = wanted.into_iter().chain(self.close_ups.awaits());
        Some(Command::View(wanted.collect()))
    }
}
