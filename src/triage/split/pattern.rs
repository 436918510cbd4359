//! Patterns for lines of text, found whatever the case and the accents: `Übergabe` is
//! found by `ubergabe`. Pure.

use regex::{Regex, RegexBuilder};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::analysis::folded;

/// A regular expression for a line.
#[derive(Clone, Debug)]
pub struct LinePattern {
    /// As it is written.
    exact: Regex,
    /// For lines without accents and compatibility forms.
    folded: Regex,
}

impl LinePattern {
    /// Understands a regular expression, or says what is wrong with it.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let read = |pattern: &str| {
            let mut builder = RegexBuilder::new(pattern);
            builder.case_insensitive(true).build()
        };
        let exact = read(pattern).map_err(|error| error.to_string())?;
        // Its own letters only: a class such as \S must stay what it is.
        let plain: String = pattern
            .nfd()
            .filter(|letter| !is_combining_mark(*letter))
            .collect();
        Ok(Self {
            folded: read(&plain).unwrap_or_else(|_| exact.clone()),
            exact,
        })
    }

    /// Whether the pattern is found in a line.
    pub fn matches(&self, line: &str) -> bool {
        self.exact.is_match(line) || self.folded.is_match(&folded(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_forms_of_letters_make_no_difference() {
        for (pattern, line) in [
            ("^invoice", "INVOICE 12"),
            ("^Ubergabe", "Übergabeprotokoll"),
            ("übergabe", "UBERGABE"),
            ("^facture n[oº]", "Facture nº 3"),
            ("^e\u{301}tat", "État des lieux"),
            ("invoice", "ＩＮＶＯＩＣＥ"),
            ("office", "oﬃce"),
            (r"^\S+ \d{4}$", "Miete 2024"),
            ("[ä-ü]", "für"),
        ] {
            assert!(
                LinePattern::parse(pattern).unwrap().matches(line),
                "{pattern} {line}"
            );
        }
        assert!(!LinePattern::parse(r"^\D+$").unwrap().matches("Miete 2024"));
        assert!(LinePattern::parse("(").is_err());
    }
}
