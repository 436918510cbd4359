//! Samples of pages, as the library keeps them. Not for drawing them (`triage::sample`).

use rusqlite::{Row, params};

use super::error::Result;
use super::reader::Reader;
use super::values::{count_at, count_value};
use super::writer::{Writer, must_exist};
use crate::model::{
    BatchId, Confidence, ContentHash, PageKey, Ruling, Sample, SampleId, SamplePage,
};

impl Reader {
    /// The sample of a batch that was drawn last.
    pub fn latest_sample(&self, batch: BatchId) -> Result<Option<Sample>> {
        self.consistent(|reader| {
            let sample = reader.one(
                "reading a sample",
                "SELECT id, query, population, confidence, margin, at, author FROM sample
                 WHERE batch = ?1 ORDER BY id DESC LIMIT 1",
                [batch.0],
                |row| {
                    Ok(Sample {
                        id: SampleId(row.get(0)?),
                        query: row.get(1)?,
                        population: count_at(row, 2)?,
                        confidence: Confidence::of_percent(row.get(3)?).unwrap_or_default(),
                        margin: row.get(4)?,
                        at: row.get(5)?,
                        author: row.get(6)?,
                        pages: Vec::new(),
                    })
                },
            )?;
            let Some(mut sample) = sample else {
                return Ok(None);
            };
            sample.pages = reader.list(
                "reading the pages of a sample",
                "SELECT hash, number, said, judged FROM sample_page WHERE sample = ?1
                 ORDER BY place",
                [sample.id.0],
                page,
            )?;
            Ok(Some(sample))
        })
    }
}

fn page(row: &Row<'_>) -> rusqlite::Result<SamplePage> {
    let ruling = |word: Option<String>| {
        let word = word?;
        Ruling::ALL.into_iter().find(|of| of.as_str() == word)
    };
    Ok(SamplePage {
        page: PageKey {
            document: ContentHash(row.get(0)?),
            number: row.get(1)?,
        },
        said: ruling(row.get(2)?),
        judged: ruling(row.get(3)?),
    })
}

impl Writer<'_> {
    /// Keeps a sample that was drawn; returns it with its number.
    pub fn add_sample(&self, batch: BatchId, sample: &Sample) -> Result<Sample> {
        self.step("keeping a sample", |sql| {
            must_exist(sql, "batch", batch.0)?;
            sql.prepare_cached(
                "INSERT INTO sample (batch, query, population, confidence, margin, at, author)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                batch.0,
                sample.query,
                count_value(sample.population),
                sample.confidence.percent(),
                sample.margin,
                sample.at,
                sample.author,
            ])?;
            let id = sql.last_insert_rowid();
            let mut add = sql.prepare_cached(
                "INSERT INTO sample_page (sample, place, hash, number, said)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for (place, page) in sample.pages.iter().enumerate() {
                add.execute(params![
                    id,
                    count_value(place as u64),
                    page.page.document.0,
                    count_value(page.page.number.into()),
                    page.said.map(Ruling::as_str),
                ])?;
            }
            Ok(Sample {
                id: SampleId(id),
                ..sample.clone()
            })
        })
    }

    /// Keeps what somebody says of the page at a place of a sample.
    pub fn judge_sample(
        &self,
        sample: SampleId,
        place: usize,
        judged: Ruling,
        author: &str,
    ) -> Result<()> {
        self.step("keeping a judgement", |sql| {
            must_exist(sql, "sample", sample.0)?;
            sql.prepare_cached(
                "UPDATE sample_page SET judged = ?3, judged_by = ?4
                 WHERE sample = ?1 AND place = ?2",
            )?
            .execute(params![
                sample.0,
                count_value(place as u64),
                judged.as_str(),
                author
            ])?;
            Ok(())
        })
    }
}
