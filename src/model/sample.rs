//! A sample of pages, drawn to find out how far decisions can be relied on. Plain data; not
//! for drawing it (`triage::sample`).

use serde::{Deserialize, Serialize};

use super::{PageKey, Ruling};

/// The number of a sample in its library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleId(pub i64);

/// How sure the share of overturned decisions is to lie within the margin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// In 9 of 10 samples.
    Ninety,
    /// In 19 of 20 samples.
    #[default]
    NinetyFive,
    /// In 99 of 100 samples.
    NinetyNine,
}

impl Confidence {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ninety, Self::NinetyFive, Self::NinetyNine];

    /// In per cent.
    pub fn percent(self) -> u8 {
        match self {
            Self::Ninety => 90,
            Self::NinetyFive => 95,
            Self::NinetyNine => 99,
        }
    }

    /// That of so many per cent.
    pub fn of_percent(percent: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.percent() == percent)
    }

    /// Half of the interval around the mean of a normal distribution that holds this share
    /// of it, in standard deviations.
    pub fn deviations(self) -> f64 {
        match self {
            Self::Ninety => 1.644_854,
            Self::NinetyFive => 1.959_964,
            Self::NinetyNine => 2.575_829,
        }
    }
}

/// A page of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SamplePage {
    /// The page.
    pub page: PageKey,
    /// What was decided when the sample was drawn; none: nothing.
    pub said: Option<Ruling>,
    /// What somebody says who did not see that; none: not judged yet.
    pub judged: Option<Ruling>,
}

impl SamplePage {
    /// It was judged, and otherwise than it was decided.
    pub fn is_overturned(&self) -> bool {
        self.judged.is_some() && self.judged != self.said
    }
}

/// Pages drawn at random, to be judged without seeing what was decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Its number.
    pub id: SampleId,
    /// Which pages it was drawn from.
    pub query: String,
    /// Number of pages that the query asked for.
    pub population: u64,
    /// How sure its result is.
    pub confidence: Confidence,
    /// How far its result may be off, as a share.
    pub margin: f64,
    /// When it was drawn, seconds since 1970 (UTC).
    pub at: i64,
    /// Who drew it.
    pub author: String,
    /// The pages, in the order in which they are judged.
    pub pages: Vec<SamplePage>,
}

impl Sample {
    /// Pages that were judged.
    pub fn judged(&self) -> usize {
        let judged = self.pages.iter().filter(|page| page.judged.is_some());
        judged.count()
    }

    /// Pages that were judged otherwise than they were decided.
    pub fn overturned(&self) -> usize {
        let overturned = self.pages.iter().filter(|page| page.is_overturned());
        overturned.count()
    }

    /// All pages were judged.
    pub fn is_finished(&self) -> bool {
        self.judged() == self.pages.len()
    }
}
