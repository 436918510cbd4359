//! The manual: its chapters, in order. What is known of fields, views, keys and failures is
//! taken from their lists; the rest is written in `assets/manual`, a file a chapter. The
//! window shows them (`window`), and one file of HTML holds them all (`html`). Not for what
//! single buttons do, which their tooltips say, nor for what this program is (`about`).

mod html;
mod keys;
mod reader;
mod window;

use std::fmt::Write;

pub use html::html;
pub use keys::{Keys, PAGES};
pub use window::ManualWindow;

use super::actions::Action;
use super::views::View;
use super::words;
use crate::model::FailureKind;
use crate::triage::fields::{Field, Kind, PAGE};
use crate::triage::query::example;

/// The chapter to begin with.
pub const START: &str = "start";

/// The chapter about a page that is shown large.
pub const LARGE: &str = "page";

/// A chapter.
pub struct Chapter {
    /// Its name in links: `keys.md`.
    id: &'static str,
    title: String,
    /// Without the title.
    markdown: String,
}

/// What the key of an action is called; empty where it has none.
pub type KeyText<'a> = &'a dyn Fn(Action) -> String;

macro_rules! written {
    ($id:literal) => {
        include_str!(concat!("../../../assets/manual/", $id, ".md"))
    };
}

/// Pictures, by their files.
const PICTURES: &[(&str, &[u8])] = &[
    (
        "grid.png",
        include_bytes!("../../../assets/manual/grid.png"),
    ),
    (
        "table.png",
        include_bytes!("../../../assets/manual/table.png"),
    ),
    (
        "documents.png",
        include_bytes!("../../../assets/manual/documents.png"),
    ),
    (
        "failures.png",
        include_bytes!("../../../assets/manual/failures.png"),
    ),
    (
        "split.png",
        include_bytes!("../../../assets/manual/split.png"),
    ),
    (
        "duplicates.png",
        include_bytes!("../../../assets/manual/duplicates.png"),
    ),
    (
        "page.png",
        include_bytes!("../../../assets/manual/page.png"),
    ),
    (
        "scratch.png",
        include_bytes!("../../../assets/manual/scratch.png"),
    ),
];

/// The file of a picture (PNG).
fn picture(name: &str) -> Option<&'static [u8]> {
    let mut pictures = PICTURES.iter();
    pictures
        .find(|(of, _)| *of == name)
        .map(|(_, bytes)| *bytes)
}

impl Chapter {
    /// Text that begins with its title.
    fn new(id: &'static str, text: &str) -> Self {
        let (title, markdown) = text.split_once('\n').unwrap_or((text, ""));
        Self {
            id,
            title: title.trim_start_matches('#').trim().to_owned(),
            markdown: markdown.to_owned(),
        }
    }
}

/// The chapter of a view.
pub fn of_view(view: View) -> &'static str {
    view.about().chapter.0
}

/// All of it.
pub fn chapters(key: KeyText<'_>) -> Vec<Chapter> {
    let mut all = vec![Chapter::new(START, written!("start"))];
    for view in View::ALL {
        let about = view.about();
        let (id, text) = about.chapter;
        all.push(Chapter::new(
            id,
            &(text.to_owned() + &keys::section(about.keys)),
        ));
    }
    let of_page = written!("page").to_owned() + &keys::section(keys::LARGE);
    all.push(Chapter::new(LARGE, &of_page));
    all.push(Chapter::new("verdicts", &verdicts()));
    all.push(Chapter::new("deciding", written!("deciding")));
    all.push(Chapter::new("queries", &queries()));
    all.push(Chapter::new("keys", &keys::chapter(key)));
    for (id, text) in [
        ("splitting", written!("splitting")),
        ("scratch", written!("scratch")),
        ("again", written!("again")),
        ("handing-over", written!("handing-over")),
        ("command-line", written!("command-line")),
        ("analysers", written!("analysers")),
        ("engines", written!("engines")),
        ("privacy", written!("privacy")),
    ] {
        all.push(Chapter::new(id, text));
    }
    all.push(Chapter::new("troubleshooting", &troubleshooting()));
    all
}

/// What is said of pages, what that means and where it fails.
fn verdicts() -> String {
    let mut text = written!("verdicts").to_owned();
    for (field, fails) in PAGE.iter().filter_map(|field| Some((field, field.fails?))) {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n## {}\n\n{}\n\n",
            field.label,
            words::sentence(field.help)
        );
        text += &choices(field);
        if let Some(line) = &field.line {
            let _ = write!(
                text,
                "{} The line can be moved.\n\n",
                words::sentence(line.help)
            );
        }
        let _ = write!(
            text,
            "*Where it fails:* {fails}\n\nTo find such pages: `{}`\n",
            example(field)
        );
    }
    text
}

/// When each of its words is said.
fn choices(field: &Field) -> String {
    let Kind::Word(choices) = field.kind else {
        return String::new();
    };
    let mut text = String::new();
    for choice in choices.iter().filter(|choice| !choice.help.is_empty()) {
        let _ = writeln!(text, "- `{}`: {}", choice.word, choice.help);
    }
    text + "\n"
}

/// What can be asked for.
fn queries() -> String {
    let mut text = written!("queries").to_owned();
    for field in &PAGE {
        let _ = writeln!(text, "- `{}`: {}", example(field), field.help);
    }
    text
}

/// What fails and what to do, by what is seen.
fn troubleshooting() -> String {
    let mut text = written!("troubleshooting").to_owned();
    for kind in FailureKind::ALL {
        let _ = writeln!(text, "- *{}* {}", kind.explanation(), kind.advice());
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::reader::{Block, read};
    use super::*;
    use crate::triage::fields::lines;

    fn all() -> Vec<Chapter> {
        chapters(&keys::usual)
    }

    #[test]
    fn every_link_leads_to_a_chapter_and_every_picture_is_there() {
        let all = all();
        let mut shown = BTreeSet::new();
        for chapter in &all {
            assert!(!chapter.title.is_empty(), "{}", chapter.id);
            for block in read(&chapter.markdown) {
                match block {
                    Block::Picture { name, about } => {
                        assert!(picture(&name).is_some(), "{name}");
                        assert!(!about.is_empty(), "{name}");
                        shown.insert(name);
                    }
                    Block::Heading(pieces) | Block::Paragraph(pieces) | Block::Item(pieces) => {
                        for link in pieces.into_iter().filter_map(|piece| piece.link) {
                            let led = |to: &Chapter| link == format!("{}.md", to.id);
                            assert!(all.iter().any(led), "{link} in {}", chapter.id);
                        }
                    }
                    Block::Code(_) => {}
                }
            }
        }
        assert_eq!(shown.len(), PICTURES.len());
        let bytes: usize = PICTURES.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(bytes < 1_500_000, "{bytes} bytes of pictures");
    }

    #[test]
    fn every_line_that_can_be_moved_is_explained() {
        let text = verdicts();
        for line in lines() {
            assert!(text.contains(line.help), "{}", line.name);
        }
    }

    #[test]
    fn the_file_holds_every_chapter_and_needs_nothing_beside_it() {
        let file = html();
        for chapter in all() {
            assert!(
                file.contains(&format!("id=\"{}\"", chapter.id)),
                "{}",
                chapter.id
            );
        }
        assert!(!file.contains(".md\""));
        assert!(!file.contains(".png\""));
        assert!(!file.contains("{{"));
    }
}
