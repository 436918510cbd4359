//! What a batch will need of scratch and of the library's disk, against what there is.
//! Pure. For parts and other exports the exact sizes are known (`split`); this is for
//! thumbnails and results.

use crate::scratch::Meter;

/// What is known of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Pages of each document in their order; of those that were not opened yet,
    /// an estimate.
    pub documents: Vec<u64>,
    /// Pages whose thumbnails were made already.
    pub made: u64,
}

/// Whether thumbnails of a whole batch fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Bytes that the batch's thumbnails will hold.
    pub need: u64,
    /// Documents of the batch.
    pub documents: u64,
    /// Where room ends; none: there is enough.
    pub short: Option<Short>,
    /// Bytes that the library will grow by.
    pub library: u64,
    /// Bytes that are missing on its disk for that; 0: there is enough.
    pub library_missing: u64,
}

/// Where room ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    /// The first document that does not fit, from 1.
    pub document: u64,
    /// Bytes that are missing for the whole batch.
    pub bytes: u64,
}

/// A thumbnail on disk before any was made, bytes: over the pages of mixed
/// batches, scans among them, the mean is 5 to 9 kB.
const USUAL: u64 = 8_000;

/// What the library keeps of a page, bytes: measurements, its look, its text and the
/// index of that. Letters take 8 to 12 kB, scans less.
const RESULT: u64 = 12_000;

/// So many thumbnails tell the mean of a batch.
const ENOUGH: u64 = 50;

/// Thumbnails give way when this much of the budget is used, percent.
const USABLE: u64 = 85;

/// Compares what a batch will need with what there is. Thumbnails of other
/// batches do not count: they give way first.
pub fn forecast(expected: &Expected, meter: &Meter) -> Option<Forecast> {
    if expected.documents.is_empty() {
        return None;
    }
    let each = match expected.made {
        0..ENOUGH => USUAL,
        made => (meter.this_batch / made).max(1),
    };
    let lasting = meter.working + meter.other_copies + meter.residue + meter.journal;
    let budget = (meter.budget / 100 * USABLE).saturating_sub(lasting);
    let disk = meter
        .free
        .saturating_sub(meter.floor)
        .saturating_add(meter.this_batch)
        .saturating_add(meter.other_batches);
    let room = budget.min(disk);
    let mut need = 0u64;
    let mut first = None;
    for (pages, number) in expected.documents.iter().zip(1..) {
        need = need.saturating_add(pages.saturating_mul(each));
        if need > room && first.is_none() {
            first = Some(number);
        }
    }
    let pages = expected
        .documents
        .iter()
        .copied()
        .fold(0, u64::saturating_add);
    let library = pages.saturating_sub(expected.made).saturating_mul(RESULT);
    let for_results = meter
        .library_free
        .map(|free| free.saturating_sub(meter.library_floor));
    Some(Forecast {
        library,
        library_missing: for_results.map_or(0, |room| library.saturating_sub(room)),
        need,
        documents: expected.documents.len() as u64,
        short: first.map(|document| Short {
            document,
            bytes: need - room,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(budget: u64, free: u64) -> Meter {
        Meter {
            budget,
            free,
            ..Meter::default()
        }
    }

    #[test]
    fn it_says_where_room_ends_and_how_much_is_missing() {
        let expected = Expected {
            documents: vec![100; 10],
            made: 0,
        };
        let enough = forecast(&expected, &meter(10_000_000_000, 10_000_000_000)).unwrap();
        assert_eq!((enough.need, enough.short), (8_000_000, None));
        let short = forecast(&expected, &meter(10_000_000_000, 6_500_000)).unwrap();
        let at = Short {
            document: 9,
            bytes: 1_500_000,
        };
        assert_eq!(short.short, Some(at));
        let small = forecast(&expected, &meter(1_000_000, u64::MAX)).unwrap();
        assert_eq!(small.short.unwrap().document, 2);
    }

    #[test]
    fn thumbnails_that_were_made_tell_the_rest_and_others_give_way() {
        let expected = Expected {
            documents: vec![100, 100],
            made: 100,
        };
        let meter = Meter {
            this_batch: 2_000_000,
            other_batches: 50_000_000,
            ..meter(5_000_000, 0)
        };
        let found = forecast(&expected, &meter).unwrap();
        assert_eq!((found.need, found.short), (4_000_000, None));
    }

    #[test]
    fn the_librarys_disk_is_part_of_it() {
        let expected = Expected {
            documents: vec![100, 100],
            made: 50,
        };
        let of = |library_free| {
            let meter = Meter {
                library_free,
                library_floor: 1_000_000,
                ..meter(u64::MAX, u64::MAX)
            };
            let found = forecast(&expected, &meter).unwrap();
            (found.library, found.library_missing)
        };
        assert_eq!(of(Some(2_800_000)), (1_800_000, 0));
        assert_eq!(of(Some(2_000_000)), (1_800_000, 800_000));
        assert_eq!(of(None), (1_800_000, 0));
    }

    #[test]
    fn of_no_documents_there_is_nothing_to_say() {
        assert_eq!(forecast(&Expected::default(), &meter(1, 1)), None);
    }
}
