//! The manual as one file of HTML that needs nothing beside it: pictures are in it, and links
//! lead to its own chapters. Not for the window.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pulldown_cmark::{CowStr, Event, Parser, Tag};

use super::{Chapter, chapters, keys, picture};
use crate::system;

/// The page, with places for what is in it.
const PAGE: &str = include_str!("../../../assets/manual.html");

/// The whole file, with the usual keys.
pub fn html() -> String {
    let chapters = chapters(&keys::usual);
    let contents: String = chapters.iter().map(line).collect();
    let text: String = chapters.iter().map(section).collect();
    PAGE.replace("{{version}}", system::VERSION)
        .replace("{{contents}}", &contents)
        .replace("{{chapters}}", &text)
}

/// A line of the contents.
fn line(chapter: &Chapter) -> String {
    let (id, title) = (chapter.id, &chapter.title);
    format!("<li><a href=\"#{id}\">{title}</a></li>\n")
}

fn section(chapter: &Chapter) -> String {
    let (id, title) = (chapter.id, &chapter.title);
    let mut text = format!("<section id=\"{id}\">\n<h1>{title}</h1>\n");
    let events = Parser::new(&chapter.markdown).map(within_one_file);
    pulldown_cmark::html::push_html(&mut text, events);
    text + "</section>\n"
}

/// What leads to other files leads into this one.
fn within_one_file(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Link {
            link_type,
            dest_url: match dest_url.strip_suffix(".md") {
                Some(chapter) => format!("#{chapter}").into(),
                None => dest_url,
            },
            title,
            id,
        }),
        Event::Start(Tag::Image {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Image {
            link_type,
            dest_url: data_url(&dest_url),
            title,
            id,
        }),
        other => other,
    }
}

fn data_url(name: &str) -> CowStr<'static> {
    let bytes = picture(name).unwrap_or_default();
    format!("data:image/png;base64,{}", STANDARD.encode(bytes)).into()
}
