//! The real program with a library and a scratch directory of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A place to run the program in; removed when dropped.
pub struct Place {
    folder: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn library(&self) -> PathBuf {
        self.path().join("library")
    }

    pub fn scratch(&self) -> PathBuf {
        self.path().join("scratch")
    }

    /// A folder for sources.
    pub fn sources(&self) -> PathBuf {
        let folder = self.path().join("sources");
        std::fs::create_dir_all(&folder).expect("a folder for sources");
        folder
    }

    /// Writes a source and returns its path.
    pub fn source(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.sources().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
        std::fs::write(&path, bytes).expect("a source");
        path
    }

    /// The program with these arguments, its things below this place.
    pub fn command<A: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pagesieve"));
        command
            .args(arguments)
            .arg("--library")
            .arg(self.library())
            .arg("--scratch")
            .arg(self.scratch())
            // What else is on the disk of this machine changes nothing.
            .args(["--scratch-floor", "1MB"])
            .env("NO_COLOR", "1")
            // Engines of this machine change nothing, unless a test names them.
            .env_remove("PAGESIEVE_PDFIUM")
            .env("XDG_DATA_HOME", self.path().join("data"))
            .env("XDG_CACHE_HOME", self.path().join("cache"))
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run<A: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        Ran(self.command(arguments).output().expect("the program runs"))
    }

    /// Starts the program and does not wait.
    pub fn start<A: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Child {
        self.command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts")
    }

    /// Starts to process the folder of sources with one worker. A page that hangs holds it for
    /// 8 s, and at the end once more: time to do something to a run that surely goes on.
    pub fn start_and_hang(&self) -> Child {
        let options = ["--workers", "1", "--page-deadline", "8"].map(Path::new);
        self.start(
            [Path::new("process"), &self.sources()]
                .into_iter()
                .chain(options),
        )
    }

    /// Processes the folder of sources.
    pub fn process(&self) -> Ran {
        self.run([Path::new("process"), &self.sources()])
    }

    /// A list as JSON Lines.
    pub fn list(&self, what: &str) -> Vec<Value> {
        let ran = self.run([what, "--format", "jsonl"]);
        assert_eq!(ran.code(), 0, "{what}: {}", ran.errors());
        ran.output()
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }

    /// The newest batch's documents by name.
    pub fn documents(&self) -> BTreeMap<String, Value> {
        self.list("documents")
            .into_iter()
            .map(|row| (row["document"].as_str().expect("a name").to_owned(), row))
            .collect()
    }

    /// Status of each page of a document.
    pub fn statuses(&self, document: &str) -> Vec<String> {
        self.list("pages")
            .into_iter()
            .filter(|row| row["document"] == document)
            .map(|row| row["status"].as_str().expect("a status").to_owned())
            .collect()
    }

    /// Waits until the newest batch has so many pages done, or fails.
    pub fn wait_for_pages(&self, pages: u64) {
        self.wait(|| {
            let ran = self.run(["batches", "--json"]);
            let newest: Value = serde_json::from_str(ran.output().lines().next()?).ok()?;
            (newest["pages_done"].as_u64()? >= pages).then_some(())
        });
    }

    /// Asks again and again until there is an answer; fails after a minute.
    pub fn wait<T>(&self, ask: impl Fn() -> Option<T>) -> T {
        wait_for(Duration::from_secs(60), ask)
    }

    /// What is left in scratch of running copies: nothing, after a good end.
    pub fn left_by_copies(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.scratch().join("copies"))
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default()
    }
}

/// Asks again and again until there is an answer.
pub fn wait_for<T>(patience: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + patience;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < until, "waited for nothing");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A run that has ended.
pub struct Ran(pub Output);

impl Ran {
    pub fn code(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    pub fn output(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }
}

/// Processes whose parent is `parent` and whose command line is a worker's.
#[cfg(target_os = "linux")]
pub fn workers_of(parent: u32) -> Vec<u32> {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return vec![];
    };
    processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|id| {
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            status.contains(&format!("PPid:\t{parent}\n"))
                && line.split(|byte| *byte == 0).nth(1) == Some(b"worker")
        })
        .collect()
}

/// Sends a signal by name, as `kill` does.
pub fn signal(name: &str, process: u32) {
    let _ = Command::new("kill")
        .args([&format!("-{name}"), &process.to_string()])
        .status();
}
