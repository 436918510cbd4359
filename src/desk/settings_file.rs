//! The file that settings are kept in. Each setting is read by itself; what this program
//! cannot read, as of a newer one, stays in the file as it is. Written are only the
//! settings that changed, over what the file holds by then: another window may have
//! written it. Not for what the settings mean (`settings`).

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::settings::Settings;
use crate::{private, regular_file};

/// Settings and the file they are kept in.
pub struct Kept {
    /// As they are now.
    pub settings: Settings,
    written: Settings,
    file: PathBuf,
    /// Something is there that may be neither read nor replaced.
    in_the_way: bool,
    /// What a person has to be told about the file.
    trouble: Option<String>,
}

/// What a file of settings holds.
enum Content {
    Missing,
    Object(Map<String, Value>),
    /// Something else, as half a file after a power cut.
    Broken,
}

impl Kept {
    /// Reads the file. One that is broken is moved aside.
    pub fn read(file: &Path) -> Self {
        let mut kept = Self {
            settings: Settings::default(),
            written: Settings::default(),
            file: file.to_owned(),
            in_the_way: false,
            trouble: None,
        };
        match content(file) {
            Ok(Content::Missing) => {}
            Ok(Content::Object(object)) => kept.settings = adopted(object),
            Ok(Content::Broken) => kept.put_aside(),
            Err(error) => {
                kept.in_the_way = true;
                kept.trouble = Some(format!(
                    "The settings in {} cannot be read ({error}). They are as at first, and \
                     changes are not kept.",
                    file.display()
                ));
            }
        }
        kept.written = kept.settings.clone();
        kept
    }

    /// The settings as far as they can be read, for a look before the window is there.
    pub fn peek(file: &Path) -> Settings {
        match content(file) {
            Ok(Content::Object(object)) => adopted(object),
            _ => Settings::default(),
        }
    }

    fn put_aside(&mut self) {
        let aside = free_name(&self.file);
        self.trouble = Some(match fs::rename(&self.file, &aside) {
            Ok(()) => format!(
                "The settings could not be read and are as at first. The file is kept as {}.",
                aside.display()
            ),
            Err(error) => {
                self.in_the_way = true;
                format!(
                    "The settings in {} are damaged and cannot be put aside ({error}). They are \
                     as at first, and changes are not kept.",
                    self.file.display()
                )
            }
        });
    }

    /// What a person has to be told about the file, once.
    pub fn take_trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// Writes the file if anything changed.
    pub fn keep(&mut self) {
        if self.settings == self.written || self.in_the_way {
            return;
        }
        if let Err(error) = self.write() {
            tracing::warn!(%error, "settings could not be written");
            self.trouble = Some(format!(
                "The settings cannot be kept in {}: {error}.",
                self.file.display()
            ));
        }
        // Also after an error: it would only fail again in each frame.
        self.written = self.settings.clone();
    }

    fn write(&self) -> io::Result<()> {
        // The file may be a link to where a person keeps all their settings.
        let file = fs::canonicalize(&self.file).unwrap_or_else(|_| self.file.clone());
        let folder = file.parent().ok_or(ErrorKind::NotFound)?;
        private::create_dir_all(folder)?;
        let mut object = match content(&file)? {
            Content::Object(object) => object,
            Content::Missing | Content::Broken => Map::new(),
        };
        let (before, now) = (as_object(&self.written), as_object(&self.settings));
        patch(&mut object, &before, &now);
        let version = now.get("version").cloned();
        object.entry("version").or_insert(version.into());
        private::replace(&file, &serde_json::to_vec_pretty(&object)?)
    }
}

fn content(file: &Path) -> io::Result<Content> {
    match regular_file::read(file) {
        Ok(bytes) => Ok(match serde_json::from_slice(&bytes) {
            Ok(Value::Object(object)) => Content::Object(object),
            _ => Content::Broken,
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Content::Missing),
        Err(error) => Err(error),
    }
}

/// A name beside the file that nothing has.
fn free_name(file: &Path) -> PathBuf {
    let named = |number: u32| {
        let mut name = file.as_os_str().to_owned();
        name.push(".broken");
        if number > 1 {
            name.push(format!("-{number}"));
        }
        PathBuf::from(name)
    };
    let mut names = (1..).map(named);
    let free = names.find(|name| fs::symlink_metadata(name).is_err());
    free.unwrap_or_else(|| named(1))
}

fn as_object(settings: &Settings) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(object)) => object,
        Ok(_) => Map::new(),
        Err(error) => {
            tracing::error!(%error, "settings cannot be told");
            Map::new()
        }
    }
}

/// The usual settings with all of `given` that can be read.
fn adopted(given: Map<String, Value>) -> Settings {
    let mut whole = Value::Object(as_object(&Settings::default()));
    adopt(&mut whole, "", &Value::Object(given));
    serde_json::from_value(whole).unwrap_or_default()
}

/// Puts a value in a place of the settings; where that makes them unreadable, each of its
/// members that does not.
fn adopt(whole: &mut Value, place: &str, given: &Value) {
    let Some(here) = whole.pointer_mut(place) else {
        return;
    };
    let before = std::mem::replace(here, given.clone());
    if is_readable(whole) {
        return;
    }
    let Some(here) = whole.pointer_mut(place) else {
        return;
    };
    match given {
        Value::Object(members) => {
            *here = before;
            for (name, member) in members {
                let Some(Value::Object(object)) = whole.pointer_mut(place) else {
                    return;
                };
                let is_new = !object.contains_key(name);
                object.entry(name).or_insert(Value::Null);
                adopt(whole, &below(place, name), member);
                if is_new
                    && !is_readable(whole)
                    && let Some(Value::Object(object)) = whole.pointer_mut(place)
                {
                    object.remove(name);
                }
            }
        }
        Value::Array(items) => {
            *here = Value::Array(vec![]);
            if !is_readable(whole) {
                put(whole, place, before);
                return;
            }
            for item in items {
                if let Some(Value::Array(list)) = whole.pointer_mut(place) {
                    list.push(item.clone());
                }
                if !is_readable(whole)
                    && let Some(Value::Array(list)) = whole.pointer_mut(place)
                {
                    list.pop();
                }
            }
        }
        _ => *here = before,
    }
}

fn put(whole: &mut Value, place: &str, value: Value) {
    if let Some(here) = whole.pointer_mut(place) {
        *here = value;
    }
}

fn is_readable(whole: &Value) -> bool {
    serde_json::from_value::<Settings>(whole.clone()).is_ok()
}

/// A JSON pointer (RFC 6901) to a member.
fn below(place: &str, name: &str) -> String {
    format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Carries over to `file` what differs between `before` and `now`, and nothing else.
fn patch(file: &mut Map<String, Value>, before: &Map<String, Value>, now: &Map<String, Value>) {
    for (name, value) in now {
        let earlier = before.get(name);
        if earlier == Some(value) {
            continue;
        }
        match (file.get_mut(name), earlier, value) {
            (Some(Value::Object(kept)), Some(Value::Object(earlier)), Value::Object(value)) => {
                patch(kept, earlier, value);
            }
            (Some(Value::Array(kept)), Some(Value::Array(earlier)), Value::Array(value))
                if is_set(earlier) && is_set(value) =>
            {
                kept.retain(|word| value.contains(word) || !earlier.contains(word));
                for word in value {
                    if !kept.contains(word) {
                        kept.push(word.clone());
                    }
                }
            }
            _ => {
                file.insert(name.clone(), value.clone());
            }
        }
    }
    for name in before.keys().filter(|name| !now.contains_key(*name)) {
        file.remove(name);
    }
}

/// Lists of words are sets; other lists are replaced as a whole.
fn is_set(list: &[Value]) -> bool {
    list.iter().all(Value::is_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::settings::ThemeChoice;
    use crate::desk::views::View;
    use crate::triage::fields::Field;

    /// A folder for settings, and the path of the file in it.
    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/settings.json");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        (folder, file)
    }

    fn ink() -> &'static Field {
        Field::named("ink").unwrap()
    }

    fn object(file: &Path) -> Value {
        serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
    }

    #[test]
    fn settings_last() {
        let (_folder, file) = place();
        fs::remove_dir(file.parent().unwrap()).unwrap();
        let mut kept = Kept::read(&file);
        assert_eq!(kept.settings, Settings::default());
        kept.settings.cell = 224.0;
        kept.settings.theme = ThemeChoice::Light;
        kept.keep();
        assert_eq!(kept.take_trouble(), None);
        assert_eq!(Kept::read(&file).settings, kept.settings);
        // Nothing else is left beside the file.
        let beside = fs::read_dir(file.parent().unwrap()).unwrap();
        assert_eq!(beside.count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_whose_name_is_no_unicode_is_kept_and_ends_nothing() {
        use std::os::unix::ffi::OsStrExt;

        let (_folder, file) = place();
        let mut kept = Kept::read(&file);
        let name = std::ffi::OsStr::from_bytes(b"/clients/caf\xe9");
        kept.settings.set_tables_folder(Some(Path::new(name)));
        kept.keep();
        kept.settings.cell = 224.0;
        kept.keep();
        let again = Kept::read(&file).settings;
        assert_eq!(again.tables_folder(), Some(Path::new(name)));
        assert_eq!(again.cell, 224.0);
    }

    #[test]
    fn one_unknown_word_costs_one_setting_and_stays_in_the_file() {
        let (_folder, file) = place();
        let text = r#"{
            "version": 7,
            "theme": "sepia",
            "cell": 128.0,
            "view": "table",
            "workers": "many",
            "columns": {"added": ["ink", "stamp_of_tomorrow"]},
            "profiles": {"mine": {"blank_marks": 9}, "odd": {"blank_marks": "nine"}},
            "split": {"every": 3, "at_blank": "sometimes"},
            "of_tomorrow": {"a": [1, 2]}
        }"#;
        fs::write(&file, text).unwrap();
        let mut kept = Kept::read(&file);
        let settings = &kept.settings;
        assert_eq!(settings.theme, ThemeChoice::System);
        assert_eq!(settings.cell, 128.0);
        assert_eq!(settings.view, View::Table);
        assert_eq!(settings.workers, None);
        assert!(settings.columns.shows(ink()));
        assert_eq!(settings.profiles.len(), 1);
        assert_eq!(settings.profiles["mine"].blank_marks, 9);
        assert_eq!(settings.split.every, Some(3));
        assert!(!settings.split.at_blank);

        kept.settings.cell = 96.0;
        kept.settings.columns.show(ink(), false);
        kept.keep();
        let mut expected: Value = serde_json::from_str(text).unwrap();
        expected["cell"] = 96.0.into();
        expected["columns"]["added"] = serde_json::json!(["stamp_of_tomorrow"]);
        assert_eq!(object(&file), expected);

        // What a person chooses takes the place of what could not be read.
        kept.settings.theme = ThemeChoice::Dark;
        kept.keep();
        assert_eq!(object(&file)["theme"], "dark");
    }

    #[test]
    fn a_broken_file_is_put_aside_and_said() {
        let (_folder, file) = place();
        for (content, aside) in [
            ("{", "settings.json.broken"),
            ("", "settings.json.broken-2"),
            ("[1]", "settings.json.broken-3"),
        ] {
            fs::write(&file, content).unwrap();
            let mut kept = Kept::read(&file);
            assert_eq!(kept.settings, Settings::default());
            let told = kept.take_trouble().unwrap();
            assert!(told.contains(aside), "{told}");
            assert_eq!(
                fs::read_to_string(file.with_file_name(aside)).unwrap(),
                content
            );
            assert!(!file.exists());
        }
    }

    #[test]
    fn two_windows_each_keep_what_they_changed() {
        let (_folder, file) = place();
        let (mut first, mut second) = (Kept::read(&file), Kept::read(&file));
        first.settings.cell = 224.0;
        first.settings.columns.show(ink(), true);
        first.keep();
        second.settings.theme = ThemeChoice::Dark;
        second.keep();
        let both = Kept::read(&file).settings;
        assert_eq!(both.cell, 224.0);
        assert_eq!(both.theme, ThemeChoice::Dark);
        assert!(both.columns.shows(ink()));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_neither_waited_for_nor_replaced() {
        let (_folder, file) = place();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &file,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        let mut kept = Kept::read(&file);
        assert!(kept.take_trouble().is_some());
        kept.settings.cell = 224.0;
        kept.keep();
        assert!(!fs::metadata(&file).unwrap().is_file());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_a_link_stays_one() {
        let (folder, file) = place();
        let target = folder.path().join("dotfiles.json");
        fs::write(&target, r#"{"version":1}"#).unwrap();
        std::os::unix::fs::symlink(&target, &file).unwrap();
        let mut kept = Kept::read(&file);
        kept.settings.cell = 224.0;
        kept.keep();
        assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
        assert_eq!(object(&target)["cell"], 224.0);
    }

    #[test]
    fn a_setting_that_cannot_be_kept_is_said_once() {
        let (_folder, file) = place();
        let mut kept = Kept::read(&file);
        let folder = file.parent().unwrap();
        fs::remove_dir(folder).unwrap();
        fs::write(folder, "in the way").unwrap();
        kept.settings.cell = 224.0;
        kept.keep();
        assert!(kept.take_trouble().is_some());
        kept.keep();
        assert_eq!(kept.take_trouble(), None);
    }
}
