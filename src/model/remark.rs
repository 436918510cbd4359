//! What a person should know of a part besides its pages: mostly what of its
//! documents did not come along. Plain data and the words for it; what is kept is
//! decided in `pdf::extract`.

use serde::{Deserialize, Serialize};

/// Something to know of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// A document was signed; the part is not.
    Signature,
    /// Readers gave a document more rights than others (ISO 32000-1, 12.8.2.3); they
    /// do not have these for the part.
    UsageRights,
    /// A document opens with a password only; the part without.
    Password,
    /// The owner of a document allows some things only; of the part all is allowed.
    Restrictions,
    /// The structure of a document, which screen readers follow.
    Tags,
    /// A document says that it is PDF/A, which the part is not.
    PdfA,
    /// A document says that it is PDF/UA, which the part is not.
    PdfUa,
    /// A document says that it is PDF/X, PDF/VT or PDF/E, which the part is not.
    PrintStandard,
    /// A document says that it is an electronic invoice, which the part is not.
    Invoice,
    /// So many files that are attached to a document as a whole.
    Attachments(u32),
    /// So many files of a portfolio, of which the part has the cover only.
    Portfolio(u32),
    /// The part is a portfolio of so many files, which nobody looked into.
    WholePortfolio(u32),
    /// A form of a document in Adobe's XML; its ordinary fields came along.
    Xfa,
    /// Scripts of a document or its fields; scripts are never taken over.
    Scripts,
    /// Links that would start programs or open other files.
    Links,
    /// Films, sounds and models that play in a page, of which the picture came along.
    Players,
}

impl Remark {
    /// Both in one, where they are of one kind.
    pub fn plus(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Attachments(a), Self::Attachments(b)) => {
                Some(Self::Attachments(a.saturating_add(b)))
            }
            (Self::Portfolio(a), Self::Portfolio(b)) => Some(Self::Portfolio(a.saturating_add(b))),
            (Self::WholePortfolio(a), Self::WholePortfolio(b)) => {
                Some(Self::WholePortfolio(a.saturating_add(b)))
            }
            _ => (self == other).then_some(self),
        }
    }

    /// What did not come along, within a sentence; none where nothing is missing.
    fn missing(self) -> Option<String> {
        Some(match self {
            Self::Signature => "the signature of a signed document".into(),
            Self::UsageRights => "the rights to fill it in and save it with Adobe Reader".into(),
            Self::Password => "the password that locked it".into(),
            Self::Restrictions => "the restrictions that its owner set".into(),
            Self::Tags => "the tags for screen readers".into(),
            Self::PdfA => "the PDF/A claim".into(),
            Self::PdfUa => "the PDF/UA claim".into(),
            Self::PrintStandard => "the PDF/X, PDF/VT or PDF/E claim".into(),
            Self::Invoice => "the claim to be an electronic invoice".into(),
            Self::Attachments(1) => "1 attachment".into(),
            Self::Attachments(count) => format!("{count} attachments"),
            Self::Portfolio(1) => "1 file of a portfolio".into(),
            Self::Portfolio(count) => format!("{count} files of a portfolio"),
            Self::WholePortfolio(_) => return None,
            Self::Xfa => "the XFA form (its ordinary fields did)".into(),
            Self::Scripts => "scripts".into(),
            Self::Links => "links to programs or other files".into(),
            Self::Players => "films, sounds or 3D models (their pictures did)".into(),
        })
    }
}

/// The remarks on parts in sentences, each with the number of parts that it is made
/// on where there are several; empty where there are none.
pub fn in_words<'a>(parts: impl IntoIterator<Item = &'a [Remark]>) -> String {
    let mut several = 0;
    let mut all: Vec<(Remark, usize)> = Vec::new();
    for remarks in parts {
        several += 1;
        for &remark in remarks {
            let mut known = all.iter_mut();
            match known.find_map(|it| Some((it.0.plus(remark)?, it))) {
                Some((sum, it)) => *it = (sum, it.1 + 1),
                None => all.push((remark, 1)),
            }
        }
    }
    all.sort();
    let missing: Vec<String> = all
        .iter()
        .filter_map(|(remark, parts)| {
            let missing = remark.missing()?;
            Some(match parts {
                _ if several == 1 => missing,
                1 => format!("{missing} (1 file)"),
                parts => format!("{missing} ({parts} files)"),
            })
        })
        .collect();
    let mut said = match missing.as_slice() {
        [] => String::new(),
        [only] => format!("Did not come along: {only}."),
        [before @ .., last] => format!("Did not come along: {} and {last}.", before.join(", ")),
    };
    for (remark, _) in &all {
        if let Remark::WholePortfolio(files) = remark {
            let files = match files {
                1 => "1 file of a portfolio is".to_owned(),
                files => format!("{files} files of a portfolio are"),
            };
            if !said.is_empty() {
                said.push(' ');
            }
            said.push_str(&files);
            said.push_str(" attached as before, and not split.");
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_said_for_one_part_and_for_several() {
        let first = [Remark::Tags, Remark::PdfA, Remark::Attachments(1)];
        let second = [Remark::Attachments(2), Remark::WholePortfolio(3)];
        assert_eq!(
            in_words([&first[..]]),
            "Did not come along: the tags for screen readers, the PDF/A claim and 1 attachment."
        );
        assert_eq!(
            in_words([&first[..], &second, &[]]),
            "Did not come along: the tags for screen readers (1 file), the PDF/A claim (1 file) and 3 attachments \
             (2 files). 3 files of a portfolio are attached as before, and not split."
        );
        assert_eq!(in_words([]), "");
    }
}
