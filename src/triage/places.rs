//! Where the program keeps its things on this system, and where what came with it is. Not for
//! reading or writing them.

use std::path::PathBuf;

use directories::ProjectDirs;

/// Directories of the program, as the system's conventions name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The library: batches, pages, measurements.
    pub library: PathBuf,
    /// Engines that the program has installed.
    pub engines: PathBuf,
    /// Scratch: the only place for temporary bytes.
    pub scratch: PathBuf,
    /// The window's settings.
    pub settings: PathBuf,
    /// The user's own external analysers.
    pub analysers: PathBuf,
    /// Rotating logs, without any client's text.
    pub logs: PathBuf,
    /// Reports of panics, without any client's text.
    pub crashes: PathBuf,
}

impl Places {
    /// The system's places; none for a user without a home directory.
    pub fn of_system() -> Option<Self> {
        let project = ProjectDirs::from("", "", "pagesieve")?;
        Some(Self {
            library: project.data_dir().join("library"),
            engines: project.data_dir().join("engines"),
            scratch: project.cache_dir().join("scratch"),
            settings: project.config_dir().join("settings.json"),
            analysers: project.config_dir().join("analysers.toml"),
            logs: project.data_dir().join("logs"),
            crashes: project.data_dir().join("crashes"),
        })
    }
}

/// The sample batch that came with the program; none where it did not.
pub fn sample_batch() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let folder = program.parent()?;
    // Of packages, of the installer for Windows, and of a build within its sources.
    let places = [
        "../share/pagesieve/sample-batch",
        "sample-batch",
        "../../assets/sample-batch",
        "../../../assets/sample-batch",
    ];
    let mut places = places.iter().map(|place| folder.join(place));
    places.find(|place| place.is_dir())?.canonicalize().ok()
}
