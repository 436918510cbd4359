//! Finding PDFium's library on this machine. Looks at names only; not for
//! loading it, which workers do.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use super::wheel::PDFIUM_VERSION;

/// The environment variable that names the library.
pub const VARIABLE: &str = "PAGESIEVE_PDFIUM";

/// Why a library is the one that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// A setting or an argument names it.
    Setting,
    /// The environment variable names it.
    Variable,
    /// It lies beside the program.
    BesideProgram,
    /// The program has installed it.
    Installed,
    /// It lies where the system keeps libraries.
    System,
}

impl FoundBy {
    /// The word for other programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Setting => "setting",
            Self::Variable => "variable",
            Self::BesideProgram => "beside_program",
            Self::Installed => "installed",
            Self::System => "system",
        }
    }
}

impl fmt::Display for FoundBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting => f.write_str("named by a setting"),
            Self::Variable => write!(f, "named by {VARIABLE}"),
            Self::BesideProgram => f.write_str("beside the program"),
            Self::Installed => f.write_str("installed by Pagesieve"),
            Self::System => f.write_str("on the system"),
        }
    }
}

/// PDFium's library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its absolute path.
    pub path: PathBuf,
    /// Why this one.
    pub by: FoundBy,
}

impl Found {
    /// PDFium's version where it is known: the library itself does not tell.
    pub fn version(&self) -> Option<&'static str> {
        (self.by == FoundBy::Installed).then_some(PDFIUM_VERSION)
    }
}

/// Name of the library's file on this system.
pub fn file_name() -> String {
    format!(
        "{}pdfium{}",
        env::consts::DLL_PREFIX,
        env::consts::DLL_SUFFIX
    )
}

/// Where the program installs the library, below `engines`. The version is in
/// the path, so that another version is another file: one that is in use is
/// never written over.
pub fn installed_path(engines: &Path) -> PathBuf {
    engines
        .join(format!("pdfium-{PDFIUM_VERSION}"))
        .join(file_name())
}

/// Looks for the library: what `setting` names, what the environment variable
/// names, beside the program, below `engines`, on the system. What is named
/// explicitly is used whether it is there or not, so that a wrong name is
/// noticed and not passed over.
pub fn find(setting: Option<&Path>, engines: &Path) -> Option<Found> {
    let named = |path: &Path, by| Found {
        path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
        by,
    };
    if let Some(path) = setting {
        return Some(named(path, FoundBy::Setting));
    }
    if let Some(path) = env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        return Some(named(Path::new(&path), FoundBy::Variable));
    }
    let beside = env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.join(file_name())));
    beside
        .map(|path| (path, FoundBy::BesideProgram))
        .into_iter()
        .chain([(installed_path(engines), FoundBy::Installed)])
        .chain(
            system_folders().map(|folder| (Path::new(folder).join(file_name()), FoundBy::System)),
        )
        .find(|(path, _)| path.is_file())
        .map(|(path, by)| Found { path, by })
}

/// Folders in which systems keep libraries (Debian's and Fedora's on Linux,
/// Homebrew's on macOS; Windows has none for a program's libraries).
fn system_folders() -> impl Iterator<Item = &'static str> {
    const FOLDERS: &[&str] = if cfg!(all(target_os = "linux", target_arch = "aarch64")) {
        &[
            "/usr/local/lib",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
        ]
    } else if cfg!(target_os = "linux") {
        &[
            "/usr/local/lib",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
        ]
    } else if cfg!(target_os = "macos") {
        &["/usr/local/lib", "/opt/homebrew/lib"]
    } else {
        &[]
    };
    FOLDERS.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_names_wins_even_where_it_is_missing() {
        let engines = tempfile::tempdir().unwrap();
        let installed = installed_path(engines.path());
        std::fs::create_dir_all(installed.parent().unwrap()).unwrap();
        std::fs::write(&installed, "").unwrap();
        let found = find(Some(Path::new("/no/such.so")), engines.path()).unwrap();
        assert_eq!(found.path, Path::new("/no/such.so"));
        assert_eq!(found.by, FoundBy::Setting);
    }

    #[test]
    fn an_installed_library_is_found_with_its_version() {
        let engines = tempfile::tempdir().unwrap();
        let installed = installed_path(engines.path());
        std::fs::create_dir_all(installed.parent().unwrap()).unwrap();
        std::fs::write(&installed, "").unwrap();
        let found = find(None, engines.path()).unwrap();
        // Another one may be named by this machine's environment.
        if found.by == FoundBy::Installed {
            assert_eq!(found.path, installed);
            assert_eq!(found.version(), Some(PDFIUM_VERSION));
        }
    }
}
