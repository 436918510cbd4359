//! Which external analysers there are: those that come with the program and those
//! that a user declared in a file. Not for running them (`worker::analyser`).

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytesize::ByteSize;
use serde::Deserialize;
use thiserror::Error;

use crate::model::{Analyser, AnalyserInput, AnalyserOutput, AnalyserPages};
use crate::regular_file;

/// Declarations that come with the program.
const BUILT_IN: &str = include_str!("../../assets/analysers.toml");

/// Resolution of pictures where none is declared: what text recognition is made
/// for.
const USUAL_DPI: u16 = 300;

/// Bounds for the resolution of pictures.
const DPI: std::ops::RangeInclusive<u16> = 36..=1200;

/// Why declarations cannot be read.
#[derive(Debug, Error)]
enum DeclarationError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The file is not as it should be.
    #[error("{}: {problem}", path.display())]
    Wrong { path: PathBuf, problem: String },
}

/// Analysers by name.
#[derive(Clone, Debug, Default)]
pub struct Analysers {
    by_name: BTreeMap<String, Arc<Analyser>>,
    problem: Option<String>,
}

impl Analysers {
    /// Those that come with the program and those of a file, where there is one. Of a
    /// file that cannot be used none are taken; see [`Self::problem`].
    pub fn read(file: &Path) -> Self {
        let mut analysers = Self::built_in();
        match declared_in(file) {
            Ok(declared) => analysers.by_name.extend(declared),
            Err(error) => analysers.problem = Some(error.to_string()),
        }
        analysers
    }

    /// Those that come with the program.
    pub fn built_in() -> Self {
        Self {
            // A test reads them; they cannot be wrong.
            by_name: parse(BUILT_IN).unwrap_or_default(),
            problem: None,
        }
    }

    /// What is wrong with the user's file and where; none where it is well or not there.
    /// Its analysers are not known then, though they may be meant to stay.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// The analyser of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Analyser>> {
        self.by_name.get(name)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Analyser>> {
        self.by_name.values()
    }
}

fn declared_in(file: &Path) -> Result<BTreeMap<String, Arc<Analyser>>, DeclarationError> {
    let text = match regular_file::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(source) => {
            return Err(DeclarationError::Io {
                path: file.to_owned(),
                source,
            });
        }
    };
    parse(&text).map_err(|problem| DeclarationError::Wrong {
        path: file.to_owned(),
        problem,
    })
}

/// The program that an analyser runs, if it is on this machine.
pub fn program_of(analyser: &Analyser) -> Option<PathBuf> {
    let program = Path::new(analyser.command.first()?);
    if program.components().count() > 1 {
        return program.is_file().then(|| program.to_owned());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declarations {
    #[serde(default)]
    analyser: Vec<Declaration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration {
    name: String,
    #[serde(default)]
    about: String,
    command: Vec<String>,
    input: Input,
    dpi: Option<u16>,
    output: Output,
    #[serde(default)]
    pages: Pages,
    scratch: ByteSize,
    memory: ByteSize,
    seconds: u64,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Input {
    PagePng,
    PagePdf,
    PageText,
    Document,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Output {
    Text,
    Words,
    Json,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Pages {
    #[default]
    All,
    NeedOcr,
}

fn parse(text: &str) -> Result<BTreeMap<String, Arc<Analyser>>, String> {
    let declarations: Declarations = toml::from_str(text).map_err(|error| in_one_line(&error))?;
    let mut analysers = BTreeMap::new();
    for declaration in declarations.analyser {
        let analyser = check(declaration)?;
        let name = analyser.name.clone();
        if analysers.insert(name.clone(), Arc::new(analyser)).is_some() {
            return Err(format!("{name} is declared twice"));
        }
    }
    Ok(analysers)
}

/// Where in the file an error is, and which: the lines between show the file itself.
fn in_one_line(error: &toml::de::Error) -> String {
    let whole = error.to_string();
    let place = whole.lines().next().unwrap_or_default();
    format!("{place}: {}", error.message())
}

fn check(declared: Declaration) -> Result<Analyser, String> {
    let name = declared.name;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        return Err(format!(
            "{name:?} is no name: lower-case letters, digits, - and _"
        ));
    }
    if declared.command.first().is_none_or(String::is_empty) {
        return Err(format!("{name} has no command"));
    }
    if declared.seconds == 0 {
        return Err(format!("{name} has no time"));
    }
    if declared.dpi.is_some() && declared.input != Input::PagePng {
        return Err(format!("{name}: dpi is for page-png only"));
    }
    let dpi = declared.dpi.unwrap_or(USUAL_DPI);
    if !DPI.contains(&dpi) {
        let (least, most) = (DPI.start(), DPI.end());
        return Err(format!("{name}: dpi is from {least} to {most}"));
    }
    Ok(Analyser {
        about: declared.about,
        command: declared.command,
        input: match declared.input {
            Input::PagePng => AnalyserInput::PagePng { dpi },
            Input::PagePdf => AnalyserInput::PagePdf,
            Input::PageText => AnalyserInput::PageText,
            Input::Document => AnalyserInput::Document,
        },
        output: match declared.output {
            Output::Text => AnalyserOutput::Text,
            Output::Words => AnalyserOutput::Words,
            Output::Json => AnalyserOutput::Json,
        },
        pages: match declared.pages {
            Pages::All => AnalyserPages::All,
            Pages::NeedOcr => AnalyserPages::NeedOcr,
        },
        scratch: declared.scratch.as_u64(),
        memory: declared.memory.as_u64(),
        deadline: Duration::from_secs(declared.seconds),
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [[analyser]]
        name = "stamp"
        command = ["/opt/stamp", "{input}"]
        input = "page-png"
        dpi = 100
        output = "json"
        scratch = "1 MB"
        memory = "100 MB"
        seconds = 5
    "#;

    #[test]
    fn what_comes_with_the_program_is_sound() {
        let built_in = parse(BUILT_IN).unwrap();
        assert_eq!(built_in["ocr"].pages, AnalyserPages::NeedOcr);
        assert_eq!(built_in["ocr"].output, AnalyserOutput::Words);
        assert_eq!(Analysers::built_in().iter().count(), built_in.len());
    }

    #[test]
    fn a_file_adds_analysers_and_none_is_no_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("analysers.toml");
        assert!(Analysers::read(&file).get("stamp").is_none());
        std::fs::write(&file, GOOD).unwrap();
        let analysers = Analysers::read(&file);
        assert_eq!(analysers.problem(), None);
        let stamp = analysers.get("stamp").unwrap();
        assert_eq!(stamp.input, AnalyserInput::PagePng { dpi: 100 });
        assert_eq!(stamp.scratch, 1_000_000);
        assert!(analysers.get("ocr").is_some());
    }

    #[test]
    fn of_a_file_that_is_wrong_the_place_is_told_and_the_others_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("analysers.toml");
        std::fs::write(&file, "[[analyser]]\nname = ").unwrap();
        let analysers = Analysers::read(&file);
        let problem = analysers.problem().unwrap();
        assert!(
            problem.contains("analysers.toml") && problem.contains("line 2"),
            "{problem}"
        );
        assert!(analysers.get("ocr").is_some());
    }

    #[test]
    fn a_declaration_that_is_wrong_says_what_is() {
        for (from, to, said) in [
            ("\"stamp\"", "\"A stamp\"", "no name"),
            ("[\"/opt/stamp\", \"{input}\"]", "[]", "no command"),
            ("dpi = 100", "dpi = 3", "dpi is from"),
            ("page-png", "page-pdf", "for page-png only"),
            ("seconds = 5", "seconds = 0", "no time"),
            ("seconds = 5", "hours = 5", "hours"),
            ("page-png", "page-jpeg", "page-jpeg"),
        ] {
            let problem = parse(&GOOD.replace(from, to)).unwrap_err();
            assert!(problem.contains(said), "{problem}");
        }
        let twice = parse(&format!("{GOOD}{GOOD}")).unwrap_err();
        assert!(twice.contains("twice"), "{twice}");
    }
}
