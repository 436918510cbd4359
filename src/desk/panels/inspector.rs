//! The panel at the right: the page under the cursor with zoom and pan, and
//! everything that was measured on it and its document.

use std::sync::Arc;

use eframe::egui::{Color32, Id, Label, RichText, ScrollArea, Sense, TextStyle, Ui, vec2};
use egui_material_icons::icons;

use super::details;
use super::looks;
use super::search;
use crate::bidi::{runs_leftwards, text_in_order};
use crate::desk::large::canvas::Canvas;
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::textures::Placed;
use crate::desk::theme::{self, Palette, section};
use crate::desk::words;
use crate::model::{Document, Failure, Page, PageId, PageState};
use crate::names;
use crate::triage::fields::PAGE;
use crate::triage::{Inspection, Scope, Sums};

/// Width of what facts are called, points.
const LABELS: f32 = 104.0;

/// Characters that a link beside that has room for.
const LINK: usize = 28;

/// Draws the inspector. The preview is left out where the page is large in the
/// middle of the window already.
pub fn ui(
    ui: &mut Ui,
    sheet: &Sheet,
    inspection: Option<&Inspection>,
    preview: Option<(&mut Canvas, Option<Placed>)>,
    overlays: bool,
    queue: &mut Queue,
) {
    let cursor = sheet.selection.cursor();
    let Some(page) = cursor.and_then(|cursor| sheet.page(cursor)).cloned() else {
        ui.add_space(24.0);
        ui.vertical_centered(|ui| {
            ui.weak("Click a page to see it large, with everything measured on it.");
        });
        return;
    };
    let Some(document) = sheet.document(page.id.document).cloned() else {
        return;
    };
    if let Some((canvas, thumbnail)) = preview {
        let shown = sheet.shown_over_pages(overlays);
        let height = (ui.available_height() * 0.5).clamp(160.0, 900.0);
        let size = vec2(ui.available_width(), height);
        ui.allocate_ui(size, |ui| {
            if canvas.ui(ui, &page, thumbnail, shown, queue).0.is_some() {
                queue.push(Request::DrawAnew);
            }
        });
        ui.separator();
    }
    // Both ways: a long line never widens the panel and takes a column from the grid.
    ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        ui.heading(format!("Page {} of {}", page.id.number, document.pages));
        ui.add(
            Label::new(RichText::new(names::whole(&document.name)).weak())
                .wrap()
                .selectable(true),
        );
        ui.add_space(8.0);
        let failure = sheet
            .failures
            .of(document.id, Some(page.id.number))
            .or_else(|| sheet.failures.of(document.id, None));
        if let Some(failure) = failure {
            failure_box(ui, sheet, &page, failure, queue);
        }
        let inspection = inspection.filter(|inspection| inspection.page == page.id);
        if let Some(text) = inspection.and_then(|inspection| inspection.text.as_deref()) {
            found(ui, page.id, text, sheet.question.texts());
        }
        if let Some(looks) = inspection.and_then(|inspection| inspection.looks.as_ref()) {
            looks::ui(ui, looks);
        }
        said(ui, sheet, &page, queue);
        measurements(ui, &page);
        ui.add_space(12.0);
        findings(ui, sheet, &page);
        about_document(ui, sheet, &document, queue);
        if let Some(found) = inspection.and_then(|inspection| inspection.details.as_ref()) {
            let attached: Vec<&Document> = sheet.collection.attached(document.id).collect();
            details::ui(ui, found, &attached, queue);
        }
        ui.add_space(12.0);
        text(ui, &page, inspection);
    });
}

/// The lines of the page that have what was searched for.
fn found(ui: &mut Ui, page: PageId, text: &str, typed: &str) {
    if typed.is_empty() {
        return;
    }
    /// What was found last, and for what.
    type Known = ((PageId, String), Arc<(Vec<String>, bool)>);
    let id = Id::unique("lines around what was found");
    let key = (page, typed.to_owned());
    let known = ui.data(|data| data.get_temp::<Known>(id));
    let lines = match known.filter(|(of, _)| *of == key) {
        Some((_, lines)) => lines,
        None => {
            let lines = Arc::new(search::lines(text, typed));
            ui.data_mut(|data| data.insert_temp(id, (key, Arc::clone(&lines))));
            lines
        }
    };
    let (lines, more) = &*lines;
    if lines.is_empty() {
        return;
    }
    section(ui, "Found");
    for line in lines {
        ui.add(Label::new(names::whole(line)).wrap().selectable(true));
    }
    if *more {
        ui.weak("and more lines of this page");
    }
    ui.add_space(12.0);
}

fn failure_box(ui: &mut Ui, sheet: &Sheet, page: &Page, failure: &Failure, queue: &mut Queue) {
    let palette = Palette::of(ui);
    ui.horizontal_wrapped(|ui| {
        let icon = icons::ICON_ERROR.codepoint;
        ui.label(RichText::new(icon).color(palette.bad).size(16.0));
        ui.label(RichText::new(failure.kind.explanation()).color(palette.bad));
    });
    ui.label(failure.kind.advice());
    if !failure.detail.is_empty() {
        ui.collapsing("Details", |ui| {
            let detail = RichText::new(&failure.detail).monospace();
            ui.add(Label::new(detail).wrap().selectable(true));
        });
    }
    ui.horizontal(|ui| {
        if failure.kind == crate::model::FailureKind::NeedsPassword {
            if ui.button("Type the password…").clicked() {
                queue.push(Request::AskForPasswords(Some(page.id.document)));
            }
        } else if ui.button("Try again").clicked() {
            queue.push(sheet.again(Scope::Pages(vec![page.id])));
        }
    });
    ui.add_space(12.0);
}

/// What each field says of the page, with its evidence.
fn said(ui: &mut Ui, sheet: &Sheet, page: &Page, queue: &mut Queue) {
    if page.measurements.is_none() {
        return;
    }
    let subject = sheet.subject(page);
    let said = PAGE.iter().filter_map(|field| {
        let evidence = field.evidence?;
        Some((field, evidence(&subject)?))
    });
    section(ui, "Verdicts");
    theme::facts("verdicts").show(ui, |ui| {
        for (field, sentence) in said {
            let copy = match field.name {
                "exact_dup_group" => sheet.copy_of(page.id, true),
                "near_dup_group" => sheet.copy_of(page.id, false),
                _ => None,
            };
            let Some(copy) = copy else {
                fact(ui, field.label, Some(sentence));
                continue;
            };
            label(ui, field.label);
            let name = sheet.name_of(copy);
            let link = ui.link(names::cut_middle(&name, LINK));
            if link
                .on_hover_text(format!("{sentence}. Go to {}", names::whole(&name)))
                .clicked()
            {
                queue.push(Request::GoTo(copy));
            }
            ui.end_row();
        }
    });
    ui.add_space(12.0);
}

fn measurements(ui: &mut Ui, page: &Page) {
    section(ui, "Measured");
    theme::facts("measurements").show(ui, |ui| {
        fact(ui, "Size", Some(words::paper(page.shape)));
        fact(ui, "Rotation", Some(format!("{}°", page.shape.rotation)));
        let measured = page.measurements.as_ref();
        let ink = measured.and_then(|m| m.ink);
        fact(ui, "Ink", ink.map(|ink| format!("{:.2} %", ink * 100.0)));
        fact(
            ui,
            "Characters",
            measured.map(|m| words::grouped(m.characters.into())),
        );
        fact(
            ui,
            "Words",
            measured.map(|m| words::grouped(m.words.into())),
        );
        fact(
            ui,
            "Drawn by",
            measured.map(|m| {
                format!(
                    "{} in {:.1} ms",
                    m.engine.label(),
                    f64::from(m.micros) / 1000.0
                )
            }),
        );
        if let Some(disagreement) = measured.and_then(|m| m.disagreement) {
            fact(ui, "Engines differ", Some(disagreement.label().to_owned()));
        }
    });
}

/// What external analysers found on the page, and on its document.
fn findings(ui: &mut Ui, sheet: &Sheet, page: &Page) {
    let of_document = PageId {
        number: 0,
        ..page.id
    };
    let findings = sheet.findings(page.id).iter();
    for finding in findings.chain(sheet.findings(of_document)) {
        section(ui, &format!("Analyser: {}", finding.id.analyser));
        theme::facts(&finding.id.analyser).show(ui, |ui| {
            match &finding.result {
                Ok(found) => {
                    for (name, value) in &found.fields {
                        fact(ui, name, Some(value.to_string()));
                    }
                }
                Err(problem) => fact(ui, "Failed", Some(problem.clone())),
            }
            if let Some(problem) = &finding.failed_again {
                fact(ui, "Failed when looked at again", Some(problem.clone()));
            }
            if let Some(left) = finding.left {
                let files = words::counted(left.files, "file", "files");
                let left = format!("{} in {files}, deleted", words::size(left.bytes));
                fact(ui, "Left behind", Some(left));
            }
            let seconds = f64::from(finding.ms) / 1000.0;
            fact(ui, "Took", Some(format!("{seconds:.1} s")));
        });
        ui.add_space(12.0);
    }
}

fn about_document(ui: &mut Ui, sheet: &Sheet, document: &Document, queue: &mut Queue) {
    section(ui, "Document");
    theme::facts("document").show(ui, |ui| {
        fact(ui, "State", Some(document.status.label().to_owned()));
        fact(ui, "Size", Some(words::size(document.bytes)));
        fact(
            ui,
            "Encrypted",
            Some(if document.encrypted { "Yes" } else { "No" }.to_owned()),
        );
        if let Some(original) = document.duplicate_of.and_then(|id| sheet.document(id)) {
            fact(ui, "Same as", Some(original.name.clone()));
        }
        if let Some(holder) = sheet.collection.holder(document.id) {
            label(ui, "Attached to");
            details::link_to(ui, holder, queue);
            ui.end_row();
        }
        for (name, value) in summed_up(&sheet.sums(document.id)) {
            fact(ui, name, Some(value));
        }
        if let Some(hash) = document.hash {
            let hash = hash.to_string();
            label(ui, "BLAKE3");
            let short = format!("{}…", &hash[..12]);
            let label = Label::new(RichText::new(short).monospace()).sense(Sense::click());
            if ui
                .add(label)
                .on_hover_text(format!("{hash}\nClick to copy"))
                .clicked()
            {
                ui.ctx().copy_text(hash);
            }
            ui.end_row();
        }
    });
}

/// What is said of a document's pages, in words; what is said of none is left out.
fn summed_up(sums: &Sums) -> Vec<(&'static str, String)> {
    let counts = [
        ("Blank", sums.blank),
        ("Almost blank", sums.almost_blank),
        ("Scans", sums.scans),
        ("Need OCR", sums.needs_ocr),
        ("Need OCR in part", sums.needs_ocr_in_part),
        ("Garbled", sums.garbled),
        ("In colour", sums.coloured),
        ("Skewed", sums.skewed),
        ("Turned", sums.turned),
        ("Low resolution", sums.low_resolution),
        ("Separators", sums.separators),
        ("With barcodes", sums.with_barcodes),
        ("Numbers break", sums.sequence_breaks),
        ("Separators missed", sums.missed_separators),
    ];
    let mut said: Vec<(&str, String)> = counts
        .into_iter()
        .filter(|(_, pages)| *pages > 0)
        .map(|(name, pages)| (name, words::counted(pages.into(), "page", "pages")))
        .collect();
    let languages = sums.languages();
    if !languages.is_empty() {
        let listed: Vec<String> = languages
            .into_iter()
            .map(|(language, pages)| format!("{language} {pages}"))
            .collect();
        said.push(("Languages", listed.join(", ")));
    }
    said
}

fn text(ui: &mut Ui, page: &Page, inspection: Option<&Inspection>) {
    section(ui, "Text");
    let found = inspection.and_then(|inspection| inspection.text.as_deref());
    let findings = inspection.map_or(&[][..], |inspection| &inspection.findings);
    let recognised: Vec<(&str, &str)> = findings
        .iter()
        .filter_map(|finding| {
            let text = finding.result.as_ref().ok()?.text.as_deref()?;
            Some((finding.id.analyser.as_str(), text))
        })
        .collect();
    match (page.state, found.filter(|_| page.measurements.is_some())) {
        (_, Some("")) if recognised.is_empty() => {
            ui.weak("No text layer.");
        }
        (_, Some("")) => {}
        (_, Some(text)) => {
            let measured = page.measurements.as_ref();
            shown_text(ui, text);
            if measured.is_some_and(|measured| measured.signals.text.cut) {
                ui.weak("The page has more text than is kept of one page; this is its beginning.");
            }
        }
        (PageState::Waiting, _) => {
            ui.weak("Not analysed yet.");
        }
        _ if inspection.is_none() => {
            ui.weak("Loading…");
        }
        _ => {
            ui.weak("None.");
        }
    }
    for (analyser, text) in recognised {
        ui.add_space(4.0);
        ui.weak(format!("As {analyser} reads it:"));
        shown_text(ui, text);
    }
}

/// A text as far as a person reads it here: laying out a megabyte holds up the window.
fn shown_text(ui: &mut Ui, text: &str) {
    /// Bytes; more than any page of print.
    const MOST: usize = 40_000;
    let beginning = &text[..text.floor_char_boundary(MOST)];
    if runs_leftwards(beginning) {
        // Broken into lines first: its lines stand one below the other, each from right to left.
        let lines = broken(ui, beginning);
        ui.add(Label::new(text_in_order(&lines)).selectable(false));
    } else {
        ui.add(Label::new(beginning).wrap().selectable(true));
    }
    if ui
        .small_button("Copy")
        .on_hover_text("Copy the text of the page")
        .clicked()
    {
        ui.ctx().copy_text(text.to_owned());
    }
    if beginning.len() < text.len() {
        let size = words::size(text.len() as u64);
        ui.weak(format!("The beginning of {size} of text."));
    }
}

/// A text with line breaks so that it fits the width there is.
fn broken(ui: &Ui, text: &str) -> String {
    let font = TextStyle::Body.resolve(ui.style());
    let width_of = |piece: &str| {
        let galley = ui
            .painter()
            .layout_no_wrap(piece.to_owned(), font.clone(), Color32::WHITE);
        galley.size().x
    };
    let (room, space) = (ui.available_width(), width_of(" "));
    let mut lines = String::with_capacity(text.len() + 64);
    for line in text.lines() {
        let mut used = 0.0;
        for word in line.split_whitespace() {
            let width = width_of(word);
            if used > 0.0 && used + space + width > room {
                lines.push('\n');
                used = 0.0;
            } else if used > 0.0 {
                lines.push(' ');
                used += space;
            }
            lines.push_str(word);
            used += width;
        }
        lines.push('\n');
    }
    lines
}

/// What a fact is called, as wide in all lists; what is longer is cut and whole in its tip.
fn label(ui: &mut Ui, name: &str) {
    ui.scope(|ui| {
        ui.set_width(LABELS);
        ui.add(Label::new(RichText::new(name).weak()).truncate());
    });
}

fn fact(ui: &mut Ui, name: &str, value: Option<String>) {
    label(ui, name);
    match value {
        Some(value) => ui.add(Label::new(value).wrap().selectable(true)),
        None => ui.weak("–"),
    };
    ui.end_row();
}
