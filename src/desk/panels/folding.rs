//! Panels at the sides of a narrow window fold by themselves, so that pages have room;
//! there they come when asked for. Not for what the panels show.

/// Narrower windows fold their sides, points.
const NARROW: f32 = 1000.0;

/// A panel at a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Documents,
    Inspector,
}

/// Whether the window is narrow, and what was asked for since.
#[derive(Clone, Copy, Debug, Default)]
pub struct Folding {
    is_narrow: bool,
    asked_for: Option<Side>,
}

impl Folding {
    /// The window is so wide now, points.
    pub fn follow(&mut self, width: f32) {
        self.is_narrow = width < NARROW;
        if !self.is_narrow {
            self.asked_for = None;
        }
    }

    /// Whether a panel is shown whose setting is `wanted`.
    pub fn shows(&self, side: Side, wanted: bool) -> bool {
        match self.is_narrow {
            true => self.asked_for == Some(side),
            false => wanted,
        }
    }

    /// A panel is to be shown.
    pub fn show(&mut self, side: Side, wanted: &mut bool) {
        match self.is_narrow {
            true => self.asked_for = Some(side),
            false => *wanted = true,
        }
    }

    /// A panel is to be shown, or no longer. Where only one has room, the setting of a wide
    /// window stays as it is.
    pub fn toggle(&mut self, side: Side, wanted: &mut bool) {
        match (self.is_narrow, self.asked_for == Some(side)) {
            (true, true) => self.asked_for = None,
            (true, false) => self.asked_for = Some(side),
            (false, _) => *wanted = !*wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_windows_fold_their_sides_and_show_one_when_asked() {
        let mut folding = Folding::default();
        let mut wanted = true;
        folding.follow(1280.0);
        assert!(folding.shows(Side::Documents, wanted));
        folding.follow(900.0);
        assert!(!folding.shows(Side::Documents, wanted));
        folding.toggle(Side::Documents, &mut wanted);
        assert!(folding.shows(Side::Documents, wanted) && wanted);
        folding.toggle(Side::Inspector, &mut wanted);
        assert!(!folding.shows(Side::Documents, wanted));
        folding.follow(1280.0);
        assert!(folding.shows(Side::Documents, wanted));
        folding.toggle(Side::Documents, &mut wanted);
        assert!(!wanted);
    }
}
