//! What a screen reader is told: icons are letters of a font and no part of any name, and
//! the window has a name. Not for names of single controls, which they give themselves.

use eframe::egui::{Context, FullOutput, Plugin};

/// The letters that fonts of icons use (Unicode's private use area).
const ICONS: std::ops::RangeInclusive<char> = '\u{e000}'..='\u{f8ff}';

/// Takes icons out of names, and names the window.
pub struct Spoken {
    /// The name of the window.
    pub window: &'static str,
}

impl Plugin for Spoken {
    fn debug_name(&self) -> &'static str {
        "spoken"
    }

    fn output_hook(&mut self, _: &Context, output: &mut FullOutput) {
        // None where nobody listens.
        let Some(update) = &mut output.platform_output.accesskit_update else {
            return;
        };
        let root = update.tree.as_ref().map(|tree| tree.root);
        for (id, node) in &mut update.nodes {
            if let Some(spoken) = node.label().and_then(without_icons) {
                node.set_label(spoken);
            }
            if let Some(spoken) = node.value().and_then(without_icons) {
                node.set_value(spoken);
            }
            if Some(*id) == root {
                node.set_label(self.window);
            }
        }
    }
}

/// A name without its icons; none where it has none.
fn without_icons(name: &str) -> Option<String> {
    let has = name.contains(|letter| ICONS.contains(&letter));
    has.then(|| {
        let plain = name.replace(|letter| ICONS.contains(&letter), "");
        plain.trim().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icons_are_no_part_of_a_name() {
        let named = |name| without_icons(name);
        assert_eq!(named("\u{e145}  Add").as_deref(), Some("Add"));
        assert_eq!(named("Blank \u{e5d8}").as_deref(), Some("Blank"));
        assert_eq!(named("\u{e145}").as_deref(), Some(""));
        assert_eq!(named("Übersicht"), None);
    }
}
