//! Speed and time left from counts. Pure: the caller brings the clock.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Speed is taken over this much time: long enough to be steady, short enough
/// to follow a change from letters to scans.
const WINDOW: Duration = Duration::from_secs(5);

/// Measures pages per second over the last seconds.
#[derive(Debug, Default)]
pub struct Speedometer {
    /// When, and how many pages were done by then.
    samples: VecDeque<(Instant, u64)>,
}

impl Speedometer {
    /// Notes the number of pages done by now.
    pub fn note(&mut self, now: Instant, done: u64) {
        self.samples.push_back((now, done));
        while self.samples.len() > 2 && now.duration_since(self.samples[0].0) > WINDOW {
            self.samples.pop_front();
        }
    }

    /// Starts anew, after a pause.
    pub fn reset(&mut self) {
        self.samples.clear();
    }

    /// Pages per second; none before there is anything to go by.
    pub fn pages_per_second(&self) -> Option<f64> {
        let (&(from, before), &(to, after)) = (self.samples.front()?, self.samples.back()?);
        let elapsed = to.duration_since(from).as_secs_f64();
        (elapsed > 0.05 && after > before).then(|| (after - before) as f64 / elapsed)
    }
}

/// Pages of the whole batch, where documents that wait to be opened count by
/// their bytes as those that were opened did.
pub fn expected_pages(pages: u64, opened_bytes: u64, waiting_bytes: u64, waiting: u64) -> u64 {
    if waiting == 0 {
        return pages;
    }
    if pages == 0 || opened_bytes == 0 {
        return waiting;
    }
    let estimate = waiting_bytes as f64 * pages as f64 / opened_bytes as f64;
    pages + (estimate as u64).max(waiting)
}

/// Time for what is left at this speed.
pub fn time_left(left: u64, pages_per_second: Option<f64>) -> Option<Duration> {
    let speed = pages_per_second?;
    Duration::try_from_secs_f64(left as f64 / speed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_follows_the_last_seconds() {
        let start = Instant::now();
        let mut speedometer = Speedometer::default();
        assert_eq!(speedometer.pages_per_second(), None);
        for second in 0..20u64 {
            let done = if second < 10 {
                second * 10
            } else {
                90 + (second - 9) * 100
            };
            speedometer.note(start + Duration::from_secs(second), done);
        }
        let speed = speedometer.pages_per_second().unwrap();
        assert!((speed - 100.0).abs() < 1.0, "{speed}");
    }

    #[test]
    fn documents_not_opened_count_by_their_bytes() {
        assert_eq!(expected_pages(100, 1_000, 0, 0), 100);
        assert_eq!(expected_pages(100, 1_000, 500, 1), 150);
        assert_eq!(expected_pages(100, 1_000, 1, 30), 130);
        assert_eq!(expected_pages(0, 0, 10_000, 7), 7);
    }

    #[test]
    fn time_left_needs_a_speed() {
        assert_eq!(time_left(10, None), None);
        assert_eq!(time_left(10, Some(5.0)), Some(Duration::from_secs(2)));
    }
}
