//! `split`: gathers documents, proposes a plan by rules, and writes its parts, or only
//! says what they would be.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::arguments::{Arguments, SplitArguments, read_passwords};
use super::output::{self, complain, say};
use super::{CommandError, Ending};
use crate::format;
use crate::model::{DocumentId, Numbering, SplitPlan};
use crate::triage::split::{
    Between, Earlier, ExcludedFile, Export, ExportError, ExportOptions, ExportProgress,
    ExportReport, Gathered, GivenNumbers, LayerForecast, LinePattern, MadeBy, Outcome, Rules,
    Template, TextLayers, beyond, counted, gather, limit_bytes, names, page_ranges, parse_ranges,
    propose, take_decisions,
};
use crate::triage::{Options, Places, Pool, Scratch, Thresholds, batch_name, thresholds_of};

/// Documents that are named in a message of the same kind.
const NAMED: usize = 5;

/// What both commands work with.
pub(super) struct Bench {
    pub options: Options,
    pub pool: Pool,
    pub cancel: Arc<AtomicBool>,
    pub json: bool,
    pub started: Instant,
}

/// Splits documents.
pub fn split(
    arguments: &Arguments,
    places: &Places,
    split: &SplitArguments,
) -> Result<Ending, CommandError> {
    let rules = rules(split)?;
    let template = split.name.as_deref().map(Template::parse).transpose();
    let template = template.map_err(CommandError::Usage)?;
    let bench = Bench::new(arguments, places)?;
    let thresholds = thresholds_of(&places.library, &split.paths);
    let mut gathered = bench.gather(
        &split.paths,
        split.password_file.as_deref(),
        &rules,
        &thresholds,
    )?;
    if rules.as_decided {
        take_decisions(&mut gathered, &places.library, &split.paths)?;
    }
    bench.tell_not_split(&gathered);
    if gathered.documents.is_empty() && gathered.refused.is_empty() {
        complain!("pagesieve: there is no PDF to split");
        return Ok(Ending::SomeFailed);
    }
    let options = ExportOptions {
        destination: split.out.clone(),
        overwrite: split.overwrite,
        earlier: match split.remove_earlier {
            true => Earlier::Remove,
            false => Earlier::Name,
        },
        drop_signatures: split.drop_signatures,
        workers: bench.options.workers,
        manifest: Some(MadeBy::Split),
        excluded: split.excluded.clone().map(ExcludedFile::Exactly),
        prove: !split.no_proof,
        numbering: numbering(split)?,
        searchable: split.searchable,
    };
    let layers = match split.searchable {
        true => TextLayers::of_sources(&places.library, &split.paths, &gathered.documents)?,
        false => TextLayers::default(),
    };
    let mut plan = SplitPlan::default();
    for document in &gathered.documents {
        plan.extend(propose(&document.facts, &rules));
    }
    if let Some(most) = rules.max_bytes {
        let documents = &gathered.documents;
        let how = (&options, &layers);
        plan = limit_bytes(plan, documents, most, how, &bench.pool, &bench.cancel)?;
    }
    let beyond = tell_beyond(&gathered, &rules);
    let client = batch_name(&split.paths);
    let names = names(&plan, name_of(&gathered), template.as_ref(), &client)
        .map_err(CommandError::Usage)?;
    let export = Export::new(plan, gathered.documents.clone(), names, options)
        .with_layers(layers)
        .with_refused(gathered.refused.clone())
        .keeping(split.password_file.clone());
    if split.searchable {
        tell_layers(&export.layer_forecast());
    }
    let given = GivenNumbers::beside(&places.library);
    let export = given
        .number(export, split.number_from, split.dry_run)
        .map_err(ExportError::from)?;
    let ending = if split.dry_run {
        bench.forecast(&export, &gathered, &rules)?
    } else {
        bench.export(&export, &gathered, &rules)?
    };
    Ok(match ending {
        Ending::Done if beyond => Ending::SomeFailed,
        ending => ending,
    })
}

/// Says which pages get no text layer although they may need one, and what it takes.
fn tell_layers(layers: &LayerForecast) {
    if !layers.lacking.is_empty() {
        let pages = counted(layers.lacking.len(), "page lacks", "pages lack");
        complain!("pagesieve: {pages} recognised text; pagesieve analyse --with ocr reads it");
    }
    if layers.unknown > 0 {
        let pages = counted(layers.unknown, "page was", "pages were");
        complain!(
            "pagesieve: {pages} not processed as a batch of these sources, and nothing is known \
             of their text; pagesieve process does that"
        );
    }
}

/// The numbers that are wanted; which is the first is known when they are given.
fn numbering(split: &SplitArguments) -> Result<Option<Numbering>, CommandError> {
    let numbering = split
        .number
        .as_ref()
        .map(|prefix| Numbering::new(prefix, split.digits, 0));
    let numbering = numbering.transpose();
    numbering.map_err(|error| CommandError::Usage(error.to_string()))
}

fn name_of(gathered: &Gathered) -> impl Fn(DocumentId) -> Option<String> {
    |id| {
        let mut documents = gathered.documents.iter();
        let document = documents.find(|document| document.facts.document == id)?;
        Some(document.name.clone())
    }
}

/// Says which ranges name pages that are not there, and whether any does.
fn tell_beyond(gathered: &Gathered, rules: &Rules) -> bool {
    let documents = gathered.documents.iter();
    let said = documents
        .filter_map(|document| beyond(&rules.ranges, &document.name, document.facts.page_count()));
    let said: Vec<String> = said.collect();
    for problem in said.iter().take(NAMED) {
        complain!("pagesieve: {problem}");
    }
    if said.len() > NAMED {
        let more = counted(said.len() - NAMED, "more document", "more documents");
        complain!("pagesieve: so it is with {more}");
    }
    !said.is_empty()
}

fn rules(split: &SplitArguments) -> Result<Rules, CommandError> {
    if split.blank_ink.is_some() {
        return Err(CommandError::Usage(
            "--blank-ink is gone: pages are blank as they are everywhere else in the program. \
             Where the lines are drawn can be moved in the window, for the batch of these sources"
                .into(),
        ));
    }
    let ranges = split.ranges.as_deref().map(parse_ranges).transpose();
    let pattern = split.at_text.as_deref().map(LinePattern::parse).transpose();
    Ok(Rules {
        every: split.every,
        ranges: ranges.map_err(CommandError::Usage)?.unwrap_or_default(),
        at_blank: split.at_blank.then(|| Between::kept(split.keep_blank)),
        at_separator: split.at_separator,
        at_barcode: split.at_barcode.clone(),
        separators: Between::kept(split.keep_separators),
        at_bookmark: split.at_bookmark,
        at_size: split.at_size,
        at_orientation: split.at_orientation,
        at_page_numbers: split.at_page_numbers,
        in_reading_order: split.in_reading_order,
        upright: split.upright,
        as_decided: split.as_decided,
        at_top_line: pattern.map_err(|error| CommandError::Usage(format!("--at-text: {error}")))?,
        max_bytes: split.max_size.map(|size| size.as_u64()),
    })
}

/// Shows how far writing files is.
pub(super) fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
    bar.set_style(
        ProgressStyle::with_template("{bar:32} {pos} of {len} files  {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("█▌░"),
    );
    bar
}

/// Brings it up to date.
pub(super) fn show(bar: &ProgressBar, progress: ExportProgress) {
    bar.set_length(progress.files as u64);
    bar.set_position(progress.done as u64);
    bar.set_message(format::size(progress.bytes));
}

impl Bench {
    pub fn new(arguments: &Arguments, places: &Places) -> Result<Self, CommandError> {
        let options = arguments.options(places)?;
        let (scratch, _) = Scratch::open(options.scratch.clone())?;
        let pool = Pool::new(options.program.clone(), scratch, options.limits);
        let cancel = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&cancel);
        if let Err(error) = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)) {
            tracing::warn!(%error, "interruptions cannot be caught");
        }
        Ok(Self {
            options,
            pool,
            cancel,
            json: arguments.json,
            started: Instant::now(),
        })
    }

    pub fn gather(
        &self,
        paths: &[PathBuf],
        password_file: Option<&Path>,
        rules: &Rules,
        thresholds: &Thresholds,
    ) -> Result<Gathered, CommandError> {
        let passwords = read_passwords(password_file)?;
        let engines = self.options.engines();
        let gathered = gather(paths, &passwords, &engines, rules, thresholds, &self.pool)?;
        Ok(gathered)
    }

    /// Says what is not split.
    pub fn tell_not_split(&self, gathered: &Gathered) {
        match gathered.earlier.as_slice() {
            [] => {}
            [part] => complain!(
                "pagesieve: {part} is a part that an earlier run made of what is here; it is not \
                 split again"
            ),
            [first, rest @ ..] => complain!(
                "pagesieve: {first} and {} more are parts that an earlier run made of what is \
                 here; they are not split again",
                rest.len()
            ),
        }
        for refused in &gathered.refused {
            match &refused.left_out {
                Some(reason) => complain!("pagesieve: {}: left out: {reason}", refused.name),
                None => complain!("pagesieve: {}: {}", refused.name, refused.refusal),
            }
        }
        for sentence in gathered.not_taken.sentences(0) {
            complain!("pagesieve: {sentence}");
        }
    }

    /// Says which parts there would be.
    fn forecast(
        &self,
        export: &Export,
        gathered: &Gathered,
        rules: &Rules,
    ) -> Result<Ending, CommandError> {
        let sizes = export.forecast(&self.pool, &self.cancel)?;
        let mut total = 0;
        let mut failed = !gathered.is_complete();
        for ((part, file), size) in export.plan.parts.iter().zip(export.files()).zip(&sizes) {
            let pages = page_ranges(part.pages.iter().map(|planned| planned.page.number));
            total += size.as_ref().copied().unwrap_or(0);
            failed |= size.is_err();
            if let Ok(bytes) = size {
                failed |= tell_too_large(&file, *bytes, rules.max_bytes);
            }
            let problem = size
                .as_ref()
                .err()
                .map(|refusal| refusal.kind.explanation());
            if self.json {
                output::print_json(&json!({
                    "file": file,
                    "bytes": size.as_ref().ok(),
                    "pages": pages,
                    "begins": part.reason,
                    "failure": problem,
                }));
            } else {
                let size = size.as_ref().map_or_else(
                    |refusal| refusal.kind.explanation().to_owned(),
                    |bytes| format::size(*bytes),
                );
                say!("{file}  pages {pages}  {size}  ({})", part.reason.label());
            }
        }
        for left_out in left_out(export) {
            match self.json {
                true => output::print_json(&left_out.json()),
                false => say!("{}", left_out.words()),
            }
        }
        let layered = export.layer_forecast().layered;
        if !self.json && layered > 0 {
            let pages = counted(layered, "page gets", "pages get");
            say!("{pages} a text layer");
        }
        if !self.json {
            say!("{}", self.summary(sizes.len(), total, export.free()?));
        }
        Ok(if failed {
            Ending::SomeFailed
        } else {
            Ending::Done
        })
    }

    fn summary(&self, files: usize, bytes: u64, free: u64) -> String {
        let files = counted(files, "file", "files");
        format!(
            "{files}, {}, {} free",
            format::size(bytes),
            format::size(free)
        )
    }

    /// Writes the parts.
    fn export(
        &self,
        export: &Export,
        gathered: &Gathered,
        rules: &Rules,
    ) -> Result<Ending, CommandError> {
        let report = self.run(export)?;
        let mut all = report.failed() == 0 && gathered.is_complete();
        for part in &report.parts {
            if let Some(written) = part.written() {
                all &= !tell_too_large(&part.file, written.bytes, rules.max_bytes);
            }
        }
        self.report(export, &report);
        Ok(match &report.stopped {
            Some(_) => Ending::CanGoOn,
            None if all => Ending::Done,
            None => Ending::SomeFailed,
        })
    }

    /// Has the parts written, and says what could not be.
    pub fn run(&self, export: &Export) -> Result<ExportReport, CommandError> {
        let bar = bar();
        let show = |progress| show(&bar, progress);
        // Those that gathered have read documents that nobody needs any more.
        self.pool.dismiss_idle();
        let report = export.run(&self.pool, &show, &self.cancel)?;
        bar.finish_and_clear();
        for part in report.parts.iter().chain(&report.excluded) {
            if let Outcome::Failed(refusal) = &part.outcome {
                let advice = refusal.kind.advice();
                complain!("pagesieve: {}: {refusal} {advice}", part.file);
            }
            if let Some(source) = &part.kept_source {
                complain!(
                    "pagesieve: {source} is a source and stays as it is; the part is {}",
                    part.file
                );
            }
        }
        for part in report.not_proved() {
            let why = part.proof.problem().unwrap_or_default();
            complain!(
                "pagesieve: {}: it was written, and nothing can tell whether it shows what its \
                 source shows ({why})",
                part.file
            );
        }
        if report.removed > 0 {
            let files = counted(report.removed, "file", "files");
            complain!("pagesieve: {files} of earlier runs removed");
        }
        if !report.earlier.is_empty() {
            let files = counted(report.earlier.len(), "file", "files");
            let advice = match export.removes_earlier() {
                true => "",
                false => "; --remove-earlier removes them",
            };
            complain!(
                "pagesieve: {files} of earlier runs beside these, {} among them{advice}",
                report.earlier[0]
            );
        }
        if let Some(stopped) = &report.stopped {
            complain!("pagesieve: {stopped} {}", stopped.kind.advice());
        }
        Ok(report)
    }

    fn report(&self, export: &Export, report: &ExportReport) {
        let excluded = export.plan.excluded.len();
        let left_out = left_out(export);
        let excluded_file = report.excluded.as_ref().filter(|file| file.is_there());
        if self.json {
            output::print_json(&json!({
                "files": report.written(),
                "failed": report.failed(),
                "from_before": report.from_before,
                "of_earlier_runs": report.earlier,
                "removed": report.removed,
                "not_proved": report.not_proved().count(),
                "bytes": report.bytes(),
                "pages_left_out": excluded,
                "left_out": left_out.iter().map(LeftOut::json).collect::<Vec<_>>(),
                "excluded_file": excluded_file.map(|part| &part.file),
                "remarks": report.remarks(),
                "numbers": report.numbers,
                "text_layers": report.layered,
                "manifest": report.manifest.as_ref().map(|path| path.display().to_string()),
                "seconds": self.started.elapsed().as_secs_f64(),
            }));
            return;
        }
        for left_out in &left_out {
            say!("{}", left_out.words());
        }
        if let Some(part) = excluded_file {
            say!("what is left out is in {}", part.file);
        }
        let pages = match excluded {
            0 => String::new(),
            pages => format!(", {} left out", counted(pages, "page", "pages")),
        };
        let from_before = match report.from_before {
            0 => String::new(),
            files => format!("; {files} more are there from before and were not compared"),
        };
        if let Some((first, last)) = &report.numbers {
            say!("pages are numbered {first} to {last}");
        }
        if report.layered > 0 {
            let pages = counted(report.layered, "page has", "pages have");
            say!("{pages} a text layer");
        }
        say!(
            "{} of {} files, {}{pages}{from_before}, in {:.1} s{}",
            report.written(),
            report.parts.len(),
            format::size(report.bytes()),
            self.started.elapsed().as_secs_f64(),
            report
                .manifest
                .as_ref()
                .map_or_else(String::new, |manifest| format!(
                    "; {} says what is where",
                    manifest.display()
                )),
        );
        let remarks = report.remarks();
        if !remarks.is_empty() {
            say!("{remarks}");
        }
    }
}

/// Says that a part is larger than wanted, which a page can be by itself; whether it is.
fn tell_too_large(file: &str, bytes: u64, most: Option<u64>) -> bool {
    let Some(most) = most.filter(|most| bytes > *most) else {
        return false;
    };
    complain!(
        "pagesieve: {file} is one page of {}: larger than {}, and it cannot be cut",
        format::size(bytes),
        format::size(most)
    );
    true
}

/// Pages of a document that are left out for one reason.
struct LeftOut<'a> {
    document: &'a str,
    reason: crate::model::ExclusionReason,
    pages: Vec<u32>,
}

impl LeftOut<'_> {
    fn words(&self) -> String {
        let noun = if self.pages.len() == 1 {
            "page"
        } else {
            "pages"
        };
        format!(
            "left out of {}: {noun} {} ({})",
            self.document,
            page_ranges(self.pages.iter().copied()),
            self.reason.label()
        )
    }

    fn json(&self) -> Value {
        json!({
            "left_out_of": self.document,
            "pages": page_ranges(self.pages.iter().copied()),
            "reason": self.reason,
        })
    }
}

/// What is left out, by document and reason.
fn left_out(export: &Export) -> Vec<LeftOut<'_>> {
    let mut found: Vec<LeftOut<'_>> = Vec::new();
    for document in &export.documents {
        let of_document =
            |out: &&crate::model::ExcludedPage| out.page.document == document.facts.document;
        let first = found.len();
        for out in export.plan.excluded.iter().filter(of_document) {
            let mut known = found[first..].iter_mut();
            match known.find(|known| known.reason == out.reason) {
                Some(known) => known.pages.push(out.page.number),
                None => found.push(LeftOut {
                    document: &document.name,
                    reason: out.reason,
                    pages: vec![out.page.number],
                }),
            }
        }
    }
    found
}
