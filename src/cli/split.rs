//! `split` and `merge`: gathers documents, proposes a plan by rules, and writes
//! its parts, or only says what they would be.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::arguments::{Arguments, SplitArguments, read_passwords};
use super::output::{self, complain, say};
use super::{CommandError, Ending};
use crate::format;
use crate::model::{CutReason, DocumentId, PlannedPart, SplitPlan};
use crate::triage::split::{
    Between, Export, ExportOptions, ExportProgress, ExportReport, Gathered, Outcome, Rules,
    Template, gather, limit_bytes, names, page_ranges, parse_ranges, propose,
};
use crate::triage::{Options, Places, Pool, Scratch, batch_name};

/// What `merge` was asked for.
pub struct Merge<'a> {
    pub paths: &'a [PathBuf],
    pub out: &'a Path,
    pub overwrite: bool,
    pub drop_signatures: bool,
    pub password_file: Option<&'a Path>,
}

/// What both commands work with.
struct Bench {
    options: Options,
    pool: Pool,
    cancel: Arc<AtomicBool>,
    json: bool,
    started: Instant,
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
    let password_file = split.password_file.as_deref();
    let gathered = bench.gather(&split.paths, password_file, &rules, false)?;
    let options = ExportOptions {
        destination: split.out.clone(),
        overwrite: split.overwrite,
        drop_signatures: split.drop_signatures,
        workers: bench.options.workers,
        manifest: true,
    };
    let mut plan = SplitPlan::default();
    for document in &gathered.documents {
        plan.extend(propose(&document.facts, &rules));
    }
    if let Some(most) = rules.max_bytes {
        let documents = &gathered.documents;
        plan = limit_bytes(plan, documents, most, &options, &bench.pool, &bench.cancel)?;
    }
    let client = batch_name(&split.paths);
    let names = names(&plan, name_of(&gathered), template.as_ref(), &client)
        .map_err(CommandError::Usage)?;
    let export = Export::new(plan, gathered.documents.clone(), names, options)
        .with_refused(gathered.refused.clone());
    if split.dry_run {
        bench.forecast(&export, &gathered)
    } else {
        bench.export(&export, &gathered)
    }
}

/// Puts documents together.
pub fn merge(
    arguments: &Arguments,
    places: &Places,
    merge: &Merge<'_>,
) -> Result<Ending, CommandError> {
    let Some(name) = merge.out.file_stem() else {
        return Err(CommandError::Usage("--out names no file".into()));
    };
    let bench = Bench::new(arguments, places)?;
    let gathered = bench.gather(merge.paths, merge.password_file, &Rules::default(), true)?;
    let pages = gathered.documents.iter().flat_map(|document| {
        let facts = &document.facts;
        (1..=facts.page_count()).map(|number| facts.page(number).into())
    });
    let plan = SplitPlan {
        parts: vec![PlannedPart {
            name: Some(name.to_string_lossy().into_owned()),
            ..PlannedPart::new(CutReason::Hand, pages.collect())
        }],
        excluded: vec![],
    };
    if plan.page_count() == 0 {
        bench.tell_refused(&gathered);
        return Ok(Ending::SomeFailed);
    }
    let folder = match merge.out.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let options = ExportOptions {
        destination: folder.to_owned(),
        overwrite: merge.overwrite,
        drop_signatures: merge.drop_signatures,
        workers: 1,
        manifest: false,
    };
    let names = names(&plan, name_of(&gathered), None, "").map_err(CommandError::Usage)?;
    let export = Export::new(plan, gathered.documents.clone(), names, options);
    bench.export(&export, &gathered)
}

fn name_of(gathered: &Gathered) -> impl Fn(DocumentId) -> Option<String> {
    |id| {
        let mut documents = gathered.documents.iter();
        let document = documents.find(|document| document.facts.document == id)?;
        Some(document.name.clone())
    }
}

fn rules(split: &SplitArguments) -> Result<Rules, CommandError> {
    let ranges = split.ranges.as_deref().map(parse_ranges).transpose();
    let pattern = split.at_text.as_deref().map(regex::Regex::new).transpose();
    Ok(Rules {
        every: split.every,
        ranges: ranges.map_err(CommandError::Usage)?.unwrap_or_default(),
        at_blank: split.at_blank.then_some(if split.keep_blank {
            Between::Kept
        } else {
            Between::Dropped
        }),
        blank_ink: split.blank_ink,
        at_barcode: split.at_barcode.clone().map(|text| {
            let kept = split.keep_separators;
            (
                text,
                if kept {
                    Between::Kept
                } else {
                    Between::Dropped
                },
            )
        }),
        at_bookmark: split.at_bookmark,
        at_size: split.at_size,
        at_orientation: split.at_orientation,
        at_page_numbers: split.at_page_numbers,
        at_first_line: pattern
            .map_err(|error| CommandError::Usage(format!("--at-text: {error}")))?,
        max_bytes: split.max_size.map(|size| size.as_u64()),
    })
}

impl Bench {
    fn new(arguments: &Arguments, places: &Places) -> Result<Self, CommandError> {
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

    fn gather(
        &self,
        paths: &[PathBuf],
        password_file: Option<&Path>,
        rules: &Rules,
        repeated: bool,
    ) -> Result<Gathered, CommandError> {
        let passwords = password_file.map(read_passwords).transpose()?;
        let engines = self.options.engines();
        let gathered = gather(
            paths,
            &passwords.unwrap_or_default(),
            &engines,
            rules,
            repeated,
            &self.pool,
        )?;
        Ok(gathered)
    }

    /// Says what is not split.
    fn tell_refused(&self, gathered: &Gathered) {
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
            complain!("pagesieve: {}: {}", refused.name, refused.refusal);
        }
        for sentence in gathered.not_taken.sentences(0) {
            complain!("pagesieve: {sentence}");
        }
    }

    /// Says which parts there would be.
    fn forecast(&self, export: &Export, gathered: &Gathered) -> Result<Ending, CommandError> {
        let sizes = export.forecast(&self.pool, &self.cancel)?;
        let mut total = 0;
        let mut failed = !gathered.is_complete();
        for ((part, file), size) in export.plan.parts.iter().zip(export.files()).zip(&sizes) {
            let pages = page_ranges(part.pages.iter().map(|planned| planned.page.number));
            total += size.as_ref().copied().unwrap_or(0);
            failed |= size.is_err();
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
        if !self.json {
            for excluded in &export.plan.excluded {
                say!(
                    "page {} left out: {}",
                    excluded.page.number,
                    excluded.reason.label()
                );
            }
            say!("{}", self.summary(sizes.len(), total, export.free()?));
        }
        self.tell_refused(gathered);
        Ok(if failed {
            Ending::SomeFailed
        } else {
            Ending::Done
        })
    }

    fn summary(&self, files: usize, bytes: u64, free: u64) -> String {
        let noun = if files == 1 { "file" } else { "files" };
        format!(
            "{files} {noun}, {}, {} free",
            format::size(bytes),
            format::size(free)
        )
    }

    /// Writes the parts.
    fn export(&self, export: &Export, gathered: &Gathered) -> Result<Ending, CommandError> {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
        bar.set_style(
            ProgressStyle::with_template("{bar:32} {pos} of {len} files  {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("█▌░"),
        );
        let show = |progress: ExportProgress| {
            bar.set_length(progress.parts as u64);
            bar.set_position(progress.done as u64);
            bar.set_message(format::size(progress.bytes));
        };
        // Those that gathered have read documents that nobody needs any more.
        self.pool.dismiss_idle();
        let report = export.run(&self.pool, show, &self.cancel)?;
        bar.finish_and_clear();
        self.tell_refused(gathered);
        self.report(export, &report);
        let all = report.failed() == 0 && gathered.is_complete();
        Ok(match &report.stopped {
            Some(_) => Ending::CanGoOn,
            None if all => Ending::Done,
            None => Ending::SomeFailed,
        })
    }

    fn report(&self, export: &Export, report: &ExportReport) {
        for part in &report.parts {
            if let Outcome::Failed(refusal) = &part.outcome {
                complain!("pagesieve: {}: {refusal}", part.file);
            }
            if let Some(source) = &part.kept_source {
                complain!(
                    "pagesieve: {source} is a source and stays as it is; the part is {}",
                    part.file
                );
            }
        }
        if let Some(stopped) = &report.stopped {
            complain!("pagesieve: {stopped} {}", stopped.kind.advice());
        }
        let excluded = export.plan.excluded.len();
        if self.json {
            output::print_json(&json!({
                "files": report.written(),
                "failed": report.failed(),
                "bytes": report.bytes(),
                "pages_left_out": excluded,
                "remarks": report.remarks(),
                "manifest": report.manifest,
                "seconds": self.started.elapsed().as_secs_f64(),
            }));
            return;
        }
        let left_out = match excluded {
            0 => String::new(),
            1 => ", 1 page left out".into(),
            many => format!(", {many} pages left out"),
        };
        say!(
            "{} of {} files, {}{left_out}, in {:.1} s{}",
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
