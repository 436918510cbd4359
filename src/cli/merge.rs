//! `merge`: puts documents together in one file, or ends before anything is written.

use serde_json::json;

use super::arguments::{Arguments, MergeArguments};
use super::output::{self, complain, say};
use super::split::Bench;
use super::{CommandError, Ending};
use crate::format;
use crate::model::FailureKind;
use crate::triage::split::{
    Export, ExportOptions, Gathered, Interleave, MadeBy, MergeInput, Outcome, Rules, counted,
    merge as plan,
};
use crate::triage::{Places, Thresholds};

/// Puts documents together.
pub fn merge(
    arguments: &Arguments,
    places: &Places,
    merge: &MergeArguments,
) -> Result<Ending, CommandError> {
    let inputs = merge.inputs.iter().map(|input| MergeInput::parse(input));
    let inputs: Vec<MergeInput> = inputs
        .collect::<Result<_, _>>()
        .map_err(CommandError::Usage)?;
    if merge.out.file_name().is_none() || merge.out.is_dir() {
        return Err(CommandError::Usage(format!(
            "--out {} names no file",
            merge.out.display()
        )));
    }
    let bench = Bench::new(arguments, places)?;
    let paths: Vec<_> = inputs.iter().map(|input| input.path.clone()).collect();
    let passwords = merge.password_file.as_deref();
    let gathered = bench.gather(&paths, passwords, &Rules::default(), &Thresholds::default())?;
    bench.tell_not_split(&gathered);
    if !gathered.refused.is_empty() {
        tell_missing(&gathered);
        return Ok(Ending::SomeFailed);
    }
    let interleave = merge.interleave.then_some(Interleave {
        reverse_second: merge.reverse_second,
    });
    let merged = match plan(&inputs, &gathered, interleave) {
        Ok(merged) => merged,
        Err(problem) => {
            complain!("pagesieve: {problem}; nothing was written");
            return Ok(Ending::SomeFailed);
        }
    };
    let (pages, documents): (usize, usize) = (
        merged.plan.parts.iter().map(|part| part.pages.len()).sum(),
        merged.documents.len(),
    );
    let options = ExportOptions {
        overwrite: merge.overwrite,
        drop_signatures: merge.drop_signatures,
        prove: !merge.no_proof,
        workers: 1,
        manifest: merge.manifest.then_some(MadeBy::Merge),
        ..ExportOptions::default()
    };
    let export = Export::into_file(merged.plan, merged.documents, &merge.out, options);
    let export = export.ok_or_else(|| CommandError::Usage("--out names no file".into()))?;
    let export = export.keeping(merge.password_file.clone());
    if export.sources().include(&merge.out) {
        return Err(CommandError::Usage(format!(
            "{} is one of the inputs, and those are never written: name another file with --out",
            merge.out.display()
        )));
    }
    for problem in &merged.problems {
        complain!("pagesieve: {problem}");
    }
    let report = bench.run(&export)?;
    let written = report.parts.first().and_then(|part| part.written());
    let bytes = written.map(|written| written.bytes);
    if bench.json {
        output::print_json(&json!({
            "file": merge.out.display().to_string(),
            "files": report.written(),
            "failed": report.failed(),
            "not_proved": report.not_proved().count(),
            "bytes": report.bytes(),
            "remarks": report.remarks(),
            "pages": pages,
            "documents": documents,
            "manifest": report.manifest.as_ref().map(|path| path.display().to_string()),
            "seconds": bench.started.elapsed().as_secs_f64(),
        }));
    } else if let Some(bytes) = bytes {
        let was_there = report
            .parts
            .iter()
            .any(|part| matches!(part.outcome, Outcome::AlreadyThere(_)));
        say!(
            "{}: {} of {}, {}, {}",
            merge.out.display(),
            counted(pages, "page", "pages"),
            counted(documents, "document", "documents"),
            format::size(bytes),
            if was_there {
                "was there already"
            } else {
                "written"
            },
        );
        if let Some(manifest) = &report.manifest {
            say!("{} says where its pages come from", manifest.display());
        }
        let remarks = report.remarks();
        if !remarks.is_empty() {
            say!("{remarks}");
        }
    }
    Ok(match &report.stopped {
        Some(_) => Ending::CanGoOn,
        None if bytes.is_some() && merged.problems.is_empty() => Ending::Done,
        None => Ending::SomeFailed,
    })
}

/// Says why nothing is written where not all inputs can be read.
fn tell_missing(gathered: &Gathered) {
    let locked = |kind| kind == FailureKind::NeedsPassword;
    if gathered
        .refused
        .iter()
        .any(|refused| locked(refused.refusal.kind))
    {
        complain!("pagesieve: --password-file FILE names a file with passwords to try, one a line");
    }
    complain!("pagesieve: nothing was written, for not all inputs can be read");
}
