//! `export`: writes pages as pictures, text or contact sheets, or says what would be written. Not for parts
//! of documents (`split`), reports (`report`) or tables (`print`).

use serde_json::json;

use super::arguments::{Arguments, ExportArguments, ExportForm, read_passwords};
use super::output::{self, complain, say};
use super::split::{Bench, bar, show};
use super::{CommandError, Ending, chosen, compare, decide, reader};
use crate::format::{counted, size};
use crate::triage::Places;
use crate::triage::page_files::{PageForm, PageSource, PagesExport, PagesForecast, WantedPages};
use crate::triage::tables::pages_where;

/// Writes pages.
pub fn export(
    arguments: &Arguments,
    places: &Places,
    asked: &ExportArguments,
) -> Result<Ending, CommandError> {
    compare(&places.library);
    let reader = reader(&places.library)?;
    let batch = chosen(&reader, asked.batch)?.batch.id;
    let query = decide::query(asked.query.as_deref().unwrap_or_default())?;
    let passwords = read_passwords(asked.password_file.as_deref())?;
    let bench = Bench::new(arguments, places)?;
    let documents = reader.documents(batch)?;
    let sources = documents.iter();
    let sources =
        sources.map(|document| PageSource::opened_by(document, &bench.options, &passwords));
    let wanted = WantedPages {
        pages: pages_where(&reader, batch, &query)?,
        form: match asked.form {
            ExportForm::Png => PageForm::Pictures { dpi: asked.dpi },
            ExportForm::Text => PageForm::Text,
            ExportForm::Sheets => PageForm::Sheets {
                columns: asked.columns,
            },
        },
        folder: asked.out.clone(),
    };
    let workers = bench.options.workers;
    let export = PagesExport::new(wanted, batch, sources.collect(), &reader, workers)?;
    let forecast = export.forecast();
    for sentence in forecast.sentences() {
        complain!("pagesieve: {sentence}");
    }
    if forecast.files == 0 {
        complain!("pagesieve: there is nothing to write");
        return Ok(Ending::SomeFailed);
    }
    if asked.dry_run {
        tell_files(&export, &forecast, bench.json);
        return Ok(Ending::Done);
    }
    let bar = bar();
    let report = export.run(
        &bench.pool,
        &reader,
        &|progress| show(&bar, progress),
        &bench.cancel,
    )?;
    bar.finish_and_clear();
    for (file, refusal) in report.failed() {
        complain!("pagesieve: {}: {refusal} {}", file, refusal.kind.advice());
    }
    if let Some(stopped) = &report.stopped {
        complain!("pagesieve: {stopped} {}", stopped.kind.advice());
    }
    let (there, failed) = (report.there().count(), report.failed().count());
    match bench.json {
        true => output::print_json(&json!({
            "folder": asked.out.display().to_string(),
            "files": there,
            "failed": failed,
            "bytes": report.bytes(),
            "seconds": bench.started.elapsed().as_secs_f64(),
        })),
        false => say!(
            "{}: {}, {}",
            asked.out.display(),
            counted(there as u64, "file", "files"),
            size(report.bytes())
        ),
    }
    Ok(match &report.stopped {
        Some(_) => Ending::CanGoOn,
        None if failed == 0 => Ending::Done,
        None => Ending::SomeFailed,
    })
}

/// Says which files there would be.
fn tell_files(export: &PagesExport, forecast: &PagesForecast, is_json: bool) {
    for (file, bytes) in export.files().zip(export.sizes()) {
        match is_json {
            true => output::print_json(&json!({ "file": file, "about_bytes": bytes })),
            false => say!("{file}  about {}", size(bytes)),
        }
    }
    if !is_json {
        let files = counted(forecast.files as u64, "file", "files");
        let free = forecast.free.map(|free| format!(", {} free", size(free)));
        let about = size(forecast.bytes);
        say!("{files}, about {about}{}", free.unwrap_or_default());
    }
}
