//! Names of files and batches in one line: beginnings and endings tell them apart, so they
//! are cut in the middle.

use std::sync::Arc;

use eframe::egui::{Color32, FontId, Galley, Painter};

use crate::bidi::name_in_order;
use crate::format::visible;

/// Names are not cut to fewer letters: nothing could be told from them.
const SHORTEST_CUT: usize = 5;

/// The folder in a document's name, which has the path below what was added; empty
/// where it has none.
pub fn folder(document: &str) -> &str {
    document.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A document's name without its folder.
pub fn file(document: &str) -> &str {
    document.rsplit('/').next().unwrap_or(document)
}

/// Every word that was typed is in the name, in any order and letter case.
pub fn has_words(name: &str, typed: &str) -> bool {
    let name = name.to_lowercase();
    typed
        .to_lowercase()
        .split_whitespace()
        .all(|word| name.contains(word))
}

/// A whole name as it can be shown.
pub fn whole(name: &str) -> String {
    name_in_order(&visible(name)).into_owned()
}

/// A name as it can be shown, cut in the middle to so many characters: beginnings and
/// endings tell names apart.
pub fn cut_middle(name: &str, most: usize) -> String {
    let name = visible(name);
    let count = name.chars().count();
    if count <= most || most < SHORTEST_CUT {
        return whole(&name);
    }
    let tail = (most - 1) / 2;
    let head = most - 1 - tail;
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(count - tail).collect();
    whole(&format!("{start}…{end}"))
}

/// A name in a line that is so wide, cut in the middle where it does not fit.
pub fn fitted(
    painter: &Painter,
    name: &str,
    font: FontId,
    colour: Color32,
    width: f32,
) -> Arc<Galley> {
    let lay_out = |name: String| painter.layout_no_wrap(name, font.clone(), colour);
    fitted_by(name, width, lay_out)
}

/// The same, laid out by anything.
pub fn fitted_by(
    name: &str,
    width: f32,
    mut lay_out: impl FnMut(String) -> Arc<Galley>,
) -> Arc<Galley> {
    let whole = lay_out(whole(name));
    if whole.size().x <= width {
        return whole;
    }
    let (mut fits, mut too_long) = (SHORTEST_CUT, name.chars().count());
    while too_long > fits + 1 {
        let most = (fits + too_long) / 2;
        if lay_out(cut_middle(name, most)).size().x <= width {
            fits = most;
        } else {
            too_long = most;
        }
    }
    lay_out(cut_middle(name, fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(cut_middle("short.pdf", 20), "short.pdf");
        assert_eq!(cut_middle("a very long name 2025.pdf", 11), "a ver…5.pdf");
        assert_eq!(
            cut_middle("\u{202e}fdp\n.exe", 20),
            "\u{fffd}fdp\u{fffd}.exe"
        );
    }

    #[test]
    fn words_match_in_any_order() {
        assert!(has_words("Try failures again", "again fail"));
        assert!(has_words("Grid", ""));
        assert!(!has_words("Grid", "table"));
    }

    #[test]
    fn names_have_a_folder_or_none() {
        assert_eq!((folder("a/b/c.pdf"), file("a/b/c.pdf")), ("a/b", "c.pdf"));
        assert_eq!((folder("c.pdf"), file("c.pdf")), ("", "c.pdf"));
    }
}
