//! Where a document is within a file: the names that lead to it through archives, and
//! through documents that it is attached to, and which of several of one name it is. As
//! text it is what the library keeps: the plain name for an entry of a plain archive.

use std::fmt::Write as _;

/// Joins the names on the way (ASCII's separators of records and units, which stand in
/// no name that people give).
const INTO: char = '\u{1e}';
const NTH: char = '\u{1f}';

/// One step into an archive, or into what is attached to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Name of the entry, as the archive or the document spells it.
    pub name: String,
    /// Which of the entries of that name, from 1.
    pub nth: u32,
}

/// Names that could be taken for several steps.
pub fn is_confusing(name: &str) -> bool {
    name.contains([INTO, NTH])
}

/// The path of an entry of that name within what lies at `within`, which is empty for the
/// file itself.
pub fn join(within: &str, step: &Step) -> String {
    let mut path = match within {
        "" => step.name.clone(),
        within => format!("{within}{INTO}{}", step.name),
    };
    if step.nth > 1 {
        // Writing to memory cannot fail.
        let _ = write!(path, "{NTH}{}", step.nth);
    }
    path
}

/// The path of what an entry lies in; empty where that is the file itself.
pub fn around(path: &str) -> &str {
    path.rsplit_once(INTO).map_or("", |(around, _)| around)
}

/// The steps of a path, outermost first.
pub fn steps(path: &str) -> Vec<Step> {
    let step = |text: &str| {
        let (name, nth) = match text.split_once(NTH) {
            Some((name, nth)) => (name, nth.parse().unwrap_or(1)),
            None => (text, 1),
        };
        Step {
            name: name.to_owned(),
            nth,
        }
    };
    path.split(INTO).map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_back_to_its_steps() {
        let step = |name: &str, nth| Step {
            name: name.into(),
            nth,
        };
        let outer = join("", &step("all/inner.zip", 1));
        assert_eq!(outer, "all/inner.zip");
        let inner = join(&outer, &step("a.pdf", 3));
        assert_eq!(steps(&inner), [step("all/inner.zip", 1), step("a.pdf", 3)]);
        assert_eq!(steps("a/b.pdf"), [step("a/b.pdf", 1)]);
        assert_eq!(around(&inner), outer);
        assert_eq!(around(&outer), "");
    }
}
