//! Which pages a person has seen: those that were on the screen for a while, large enough
//! to read. Not for keeping that (`library`), nor for what is decided (`deciding`).

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::model::PageId;

/// A page that was on the screen for so long was seen.
const SEEN_AFTER: Duration = Duration::from_secs(1);

/// Pictures whose side is at least this can be read, points: a page of A4 has its headings
/// some 4 points high then.
pub const READABLE: f32 = 256.0;

/// Pages on the screen, and since when.
#[derive(Default)]
pub struct Dwelling {
    since: HashMap<PageId, Instant>,
}

impl Dwelling {
    /// These pages can be read now; returns those that were there long enough, each once as
    /// long as it stays, and when there may be more.
    pub fn see(&mut self, pages: &[PageId], now: Instant) -> (Vec<PageId>, Option<Duration>) {
        self.since.retain(|page, _| pages.contains(page));
        let mut seen = Vec::new();
        let mut next: Option<Duration> = None;
        for page in pages {
            let since = *self.since.entry(*page).or_insert(now);
            let passed = now.saturating_duration_since(since);
            if passed >= SEEN_AFTER {
                seen.push(*page);
            } else {
                let left = SEEN_AFTER - passed;
                next = Some(next.map_or(left, |next| next.min(left)));
            }
        }
        (seen, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DocumentId;

    #[test]
    fn a_page_is_seen_once_it_has_stayed() {
        let page = |number| PageId {
            document: DocumentId(1),
            number,
        };
        let start = Instant::now();
        let mut dwelling = Dwelling::default();
        let (seen, next) = dwelling.see(&[page(1)], start);
        assert!(seen.is_empty());
        assert_eq!(next, Some(SEEN_AFTER));
        let half = start + SEEN_AFTER / 2;
        let (seen, next) = dwelling.see(&[page(1), page(2)], half);
        assert_eq!((seen, next), (vec![], Some(SEEN_AFTER / 2)));
        let (seen, _) = dwelling.see(&[page(1), page(2)], start + SEEN_AFTER);
        assert_eq!(seen, [page(1)]);
        // What went away begins anew.
        dwelling.see(&[], start + SEEN_AFTER);
        let (seen, _) = dwelling.see(&[page(2)], start + 2 * SEEN_AFTER);
        assert!(seen.is_empty());
    }
}
