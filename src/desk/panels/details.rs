//! What inspecting a document found, for the panel at the right: what is special
//! about it first, in words for people. Not for judging pages.

use eframe::egui::{CollapsingHeader, Label, RichText, Ui};

use crate::desk::requests::{Queue, Request};
use crate::desk::theme::{self, Palette};
use crate::desk::words;
use crate::model::{Document, DocumentDetails, Encryption, PageShape, SecurityName, Structure};
use crate::names;

/// Characters that the name of another document has room for.
const NAME: usize = 40;

/// Shows the details of a document, and leads to those that are attached to it.
pub fn ui(ui: &mut Ui, details: &DocumentDetails, attached: &[&Document], queue: &mut Queue) {
    let colour = Palette::of(ui).bad;
    for (sentence, help) in warnings(details) {
        let label = Label::new(RichText::new(sentence).color(colour)).wrap();
        ui.add(label).on_hover_text(help);
    }
    for left_out in &details.left_out {
        let name = names::file(&left_out.name);
        let sentence = format!("{name} within was left out: {}.", left_out.reason);
        let sentence = RichText::new(sentence).color(Palette::of(ui).warning);
        let label = ui.add(Label::new(sentence).wrap());
        label.on_hover_text(names::whole(&left_out.name));
    }
    let Some(structure) = &details.structure else {
        let reason = details.problem.as_deref().unwrap_or_default();
        ui.weak("Its structure could not be read.")
            .on_hover_text(reason);
        return;
    };
    for sentence in remarks(details, structure) {
        ui.add(Label::new(sentence).wrap());
    }
    files_within(ui, structure, attached, queue);
    CollapsingHeader::new(format!(
        "Inside ({})",
        words::counted(structure.fonts.len() as u64, "font", "fonts")
    ))
    .id_salt("inside")
    .show(ui, |ui| inside(ui, details, structure));
}

/// What may be dangerous or is odd, with the PDF's own words for it.
fn warnings(details: &DocumentDetails) -> Vec<(String, String)> {
    let mut said = Vec::new();
    let mut say = |is: bool, sentence: &str, help: &str| {
        if is {
            said.push((sentence.to_owned(), help.to_owned()));
        }
    };
    let has = |name| details.has(name) == Some(true);
    say(
        details.has_javascript() == Some(true),
        "Contains scripts. They are never run here.",
        "/JavaScript, /JS",
    );
    say(
        has(SecurityName::Launch),
        "Wants to start other programs.",
        "/Launch",
    );
    say(
        has(SecurityName::SubmitForm) || has(SecurityName::ImportData),
        "Wants to send or fetch form data.",
        "/SubmitForm, /ImportData",
    );
    say(
        has(SecurityName::RichMedia),
        "Contains media that viewers may run.",
        "/RichMedia",
    );
    let hidden = details.hidden_names();
    let names: Vec<_> = hidden
        .iter()
        .map(|name| format!("/{}", name.as_str()))
        .collect();
    say(
        !hidden.is_empty(),
        "Hides something from ordinary readers.",
        &format!(
            "In the bytes, but not among the parsed objects: {}",
            names.join(", ")
        ),
    );
    say(
        details.raw.escaped_names > 0,
        "Spells names in a way that evades scanners.",
        "Names with needless escapes, such as /J#61vaScript",
    );
    say(
        details.raw.bytes_after_end > 0,
        &format!(
            "{} follow its end.",
            words::size(details.raw.bytes_after_end)
        ),
        "Bytes after the last %%EOF",
    );
    if details.counts_differ() {
        let counts: Vec<_> = details
            .page_counts
            .iter()
            .map(|(reader, pages)| format!("{reader} {pages}"))
            .collect();
        let sentence = format!("Readers count different pages: {}.", counts.join(", "));
        said.push((sentence, "Some pages may be hidden or lost".to_owned()));
    }
    said
}

/// What is worth knowing.
fn remarks(details: &DocumentDetails, structure: &Structure) -> Vec<String> {
    let mut said = Vec::new();
    if structure.signatures > 0 {
        let by = match structure.signers.as_slice() {
            [] => String::new(),
            signers => format!(" by {}", signers.join(", ")),
        };
        said.push(format!("Signed{by}."));
    }
    if let Some(Encryption { allowed, .. }) = &structure.encryption {
        said.push(match allowed.as_slice() {
            [] => "Encrypted; readers may do nothing but show it.".to_owned(),
            allowed => format!("Encrypted; allowed: {}.", allowed.join(", ")),
        });
    }
    if details.has(SecurityName::XFA) == Some(true) {
        said.push("Its form is an XFA form: most viewers do not show it.".to_owned());
    } else if structure.form_fields > 0 {
        said.push(format!("A form of {} fields.", structure.form_fields));
    }
    if details.revisions() > 1 {
        said.push(format!("Saved {} times.", details.revisions()));
    }
    if structure.repaired {
        said.push("Its table of contents for readers was broken and rebuilt.".to_owned());
    }
    said
}

/// Files within a document; those that were taken in lead to their pages.
fn files_within(ui: &mut Ui, structure: &Structure, attached: &[&Document], queue: &mut Queue) {
    let is_taken_in = |name: &str| attached.iter().any(|of| names::file(&of.name) == name);
    let listed = structure.attachments.iter();
    let others = listed.map(|attachment| attachment.name.as_str());
    let others: Vec<&str> = others.filter(|name| !is_taken_in(name)).collect();
    if attached.is_empty() && others.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.label("Files within:");
        for document in attached {
            link_to(ui, document, queue);
        }
        for name in others {
            ui.label(name);
        }
    });
}

/// The name of a document, which leads to its pages.
pub fn link_to(ui: &mut Ui, document: &Document, queue: &mut Queue) {
    let name = names::cut_middle(names::file(&document.name), NAME);
    let link = ui.link(name).on_hover_text(names::whole(&document.name));
    if link.clicked() {
        queue.push(Request::ShowDocument(document.id));
    }
}

fn inside(ui: &mut Ui, details: &DocumentDetails, structure: &Structure) {
    let row = |ui: &mut Ui, name: &str, value: String| {
        ui.weak(name);
        ui.add(Label::new(value).wrap().selectable(true));
        ui.end_row();
    };
    let missing = structure.fonts.iter().filter(|font| !font.embedded).count();
    theme::facts("inside").show(ui, |ui| {
        if let Some(version) = &details.raw.version {
            row(ui, "PDF version", version.clone());
        }
        for (name, value) in [
            ("Title", &structure.title),
            ("Made with", &structure.creator),
            ("Written by", &structure.producer),
        ] {
            if let Some(value) = value {
                row(ui, name, value.clone());
            }
        }
        for (name, count) in [
            ("Bookmarks", structure.outline),
            ("Layers", structure.layers),
            ("Annotations", structure.annotations),
            ("Links", structure.links),
        ] {
            if count > 0 {
                row(ui, name, words::grouped(count.into()));
            }
        }
        for boxes in &structure.boxes {
            let size = words::paper(PageShape {
                width: boxes.width,
                height: boxes.height,
                rotation: 0,
            });
            let pages = words::counted(boxes.pages.into(), "page", "pages");
            row(ui, boxes.kind.key(), format!("{size}, {pages}"));
        }
        if missing > 0 {
            row(ui, "Fonts not embedded", missing.to_string());
        }
        for font in &structure.fonts {
            let place = if font.embedded { "" } else { ", not embedded" };
            row(ui, &font.kind, format!("{}{place}", font.name));
        }
    });
}
