//! What the manual is written in, taken apart into what the window draws: headings,
//! paragraphs, lists, code and pictures of Markdown. Not for tables and lists within lists,
//! which the manual has none of, nor for drawing (`window`).

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// A block of a chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// The title of a section.
    Heading(Vec<Piece>),
    Paragraph(Vec<Piece>),
    /// An entry of a list.
    Item(Vec<Piece>),
    /// Lines to be typed or copied.
    Code(String),
    Picture {
        /// Its file.
        name: String,
        /// What it shows.
        about: String,
    },
}

/// Words that look the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub strong: bool,
    pub emphasised: bool,
    pub code: bool,
    /// Where it leads.
    pub link: Option<String>,
}

impl Block {
    /// Its words, without how they look.
    pub fn words(&self) -> String {
        match self {
            Self::Heading(pieces) | Self::Paragraph(pieces) | Self::Item(pieces) => {
                pieces.iter().map(|piece| piece.text.as_str()).collect()
            }
            Self::Code(text) => text.clone(),
            Self::Picture { about, .. } => about.clone(),
        }
    }
}

/// Takes a chapter apart.
pub fn read(markdown: &str) -> Vec<Block> {
    let mut reading = Reading::default();
    for event in Parser::new(markdown) {
        reading.take(event);
    }
    reading.blocks
}

#[derive(Default)]
struct Reading {
    blocks: Vec<Block>,
    /// Of the block that has begun.
    pieces: Vec<Piece>,
    /// How what comes next looks.
    look: Piece,
    is_item: bool,
    picture: Option<String>,
}

impl Reading {
    fn take(&mut self, event: Event) {
        match event {
            Event::Start(tag) => self.begin(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.push(&text, false),
            Event::Code(text) => self.push(&text, true),
            Event::SoftBreak | Event::HardBreak => self.push(" ", false),
            _ => {}
        }
    }

    fn push(&mut self, text: &str, code: bool) {
        let look = Piece {
            text: text.to_owned(),
            code,
            ..self.look.clone()
        };
        match self.pieces.last_mut() {
            Some(last) if looks_like(last, &look) => last.text += text,
            _ => self.pieces.push(look),
        }
    }

    fn begin(&mut self, tag: Tag) {
        match tag {
            Tag::Item => self.is_item = true,
            Tag::Strong => self.look.strong = true,
            Tag::Emphasis => self.look.emphasised = true,
            Tag::Link { dest_url, .. } => self.look.link = Some(dest_url.to_string()),
            Tag::Image { dest_url, .. } => self.picture = Some(dest_url.to_string()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => self.finish(Block::Heading),
            TagEnd::Paragraph if self.is_item => {}
            TagEnd::Paragraph => self.finish(Block::Paragraph),
            TagEnd::Item => {
                self.is_item = false;
                self.finish(Block::Item);
            }
            TagEnd::CodeBlock => {
                self.finish(|pieces| {
                    let text: String = pieces.into_iter().map(|piece| piece.text).collect();
                    Block::Code(text.trim_end().to_owned())
                });
            }
            TagEnd::Strong => self.look.strong = false,
            TagEnd::Emphasis => self.look.emphasised = false,
            TagEnd::Link => self.look.link = None,
            TagEnd::Image => {
                if let Some(name) = self.picture.take() {
                    let about = self.pieces.drain(..).map(|piece| piece.text).collect();
                    self.blocks.push(Block::Picture { name, about });
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, block: impl FnOnce(Vec<Piece>) -> Block) {
        let pieces = std::mem::take(&mut self.pieces);
        if !pieces.is_empty() {
            self.blocks.push(block(pieces));
        }
    }
}

/// Both can be drawn as one.
fn looks_like(a: &Piece, b: &Piece) -> bool {
    let look = |piece: &Piece| (piece.strong, piece.emphasised, piece.code);
    look(a) == look(b) && a.link == b.link
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Piece {
        Piece {
            text: text.to_owned(),
            ..Piece::default()
        }
    }

    #[test]
    fn a_chapter_is_taken_apart() {
        let blocks = read(
            "## Two\nwords, and\n*more* in [another](keys.md).\n\n- `a:b` one\n- two\n\n\
             ```sh\npagesieve split\n```\n\n![A page](page.png)\n",
        );
        let link = Piece {
            link: Some("keys.md".into()),
            ..plain("another")
        };
        let more = Piece {
            emphasised: true,
            ..plain("more")
        };
        let code = Piece {
            code: true,
            ..plain("a:b")
        };
        let expected = [
            Block::Heading(vec![plain("Two")]),
            Block::Paragraph(vec![
                plain("words, and "),
                more,
                plain(" in "),
                link,
                plain("."),
            ]),
            Block::Item(vec![code, plain(" one")]),
            Block::Item(vec![plain("two")]),
            Block::Code("pagesieve split".into()),
            Block::Picture {
                name: "page.png".into(),
                about: "A page".into(),
            },
        ];
        assert_eq!(blocks, expected);
    }
}
