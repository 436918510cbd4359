//! Verdicts on a document, from what inspecting it found. Pure; not for pages.

use crate::model::{DocumentDetails, SecurityName};

/// What is said of a document, and so of each of its pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DocumentVerdicts {
    /// It has a signature, which parts of it would lose.
    pub signed: Option<bool>,
    /// It has scripts, starts programs, sends data, or plays media.
    pub active: Option<bool>,
    /// It was repaired, readers disagree about it, or it hides something.
    pub unhealthy: Option<bool>,
}

/// Judges a document.
pub fn judge_document(details: &DocumentDetails) -> DocumentVerdicts {
    let structure = details.structure.as_ref();
    let doing = [
        SecurityName::Launch,
        SecurityName::SubmitForm,
        SecurityName::ImportData,
        SecurityName::RichMedia,
    ];
    let found = doing.map(|name| details.has(name));
    let active = if found.contains(&Some(true)) || details.has_javascript() == Some(true) {
        Some(true)
    } else if found.contains(&None) || details.has_javascript().is_none() {
        None
    } else {
        Some(false)
    };
    let odd = structure.is_some_and(|structure| structure.repaired)
        || details.problem.is_some()
        || details.counts_differ()
        || !details.hidden_names().is_empty()
        || details.raw.escaped_names > 0;
    DocumentVerdicts {
        signed: structure.map(|structure| structure.signatures > 0),
        active,
        unhealthy: Some(odd),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Structure;

    #[test]
    fn a_plain_document_is_neither_and_one_that_cannot_be_read_is_unhealthy() {
        let plain = DocumentDetails {
            structure: Some(Structure::default()),
            ..DocumentDetails::default()
        };
        let verdicts = judge_document(&plain);
        assert_eq!(verdicts.signed, Some(false));
        assert_eq!(verdicts.active, Some(false));
        assert_eq!(verdicts.unhealthy, Some(false));
        let unread = DocumentDetails {
            problem: Some("no trailer".into()),
            ..DocumentDetails::default()
        };
        let verdicts = judge_document(&unread);
        assert_eq!((verdicts.signed, verdicts.active), (None, None));
        assert_eq!(verdicts.unhealthy, Some(true));
    }

    #[test]
    fn scripts_and_launches_are_active() {
        let mut details = DocumentDetails {
            structure: Some(Structure::default()),
            ..DocumentDetails::default()
        };
        details.raw.names.insert(SecurityName::Launch, 1);
        assert_eq!(judge_document(&details).active, Some(true));
    }
}
