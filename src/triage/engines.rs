//! The render engines as the faces see them: which there are, why, and
//! installing PDFium. Installing is the only thing in the program that leads to
//! a network connection, and `pip` makes it. Not for drawing, which workers do.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::background::Broken;
pub use crate::pdf::pdfium::find::{Found, FoundBy, VARIABLE, find};
use crate::pdf::pdfium::find::{file_name, installed_path};
pub use crate::pdf::pdfium::wheel::PDFIUM_VERSION;
use crate::pdf::pdfium::wheel::{PACKAGE, PACKAGE_VERSION, Wheel};
use crate::private;
use crate::scratch::{Owner, Purpose, Scratch, ScratchError, Shortage};
pub use crate::worker::fence::Rule;
use crate::worker::{Pool, WorkerError, WorkerLimits, WorkerProgram};

/// The slot for `pip`: far above those of workers, which count from 0.
const INSTALL_SLOT: usize = 1_000_000;

/// How long a worker may take to say what it has.
const ASK_DEADLINE: Duration = Duration::from_secs(20);

/// `pip` is given up after this time; the wheel has 4 MB.
const DOWNLOAD_DEADLINE: Duration = Duration::from_secs(300);

/// Room for the wheel and what `pip` keeps beside it, in bytes.
const DOWNLOAD_BYTES: u64 = 32 << 20;

/// The largest library that is unpacked: ten times today's.
const LARGEST_LIBRARY: u64 = 80 << 20;

/// How `pip` may be called on a system, most likely first.
const PIPS: &[&[&str]] = &[
    &["python3", "-m", "pip"],
    &["pip3"],
    &["pip"],
    &["python", "-m", "pip"],
    &["py", "-m", "pip"],
];

/// Which engines there are.
#[derive(Clone, Debug, Serialize)]
pub struct EngineStatus {
    /// hayro's version.
    pub hayro: &'static str,
    /// PDFium, where a library was found.
    pub pdfium: Option<PdfiumStatus>,
    /// The fence around workers.
    pub fence: Vec<Rule>,
}

/// PDFium as it was found.
#[derive(Clone, Debug, Serialize)]
pub struct PdfiumStatus {
    /// The library.
    pub path: PathBuf,
    /// Why this one.
    pub found: &'static str,
    /// Its version, where it is known.
    pub version: Option<&'static str>,
    /// What a worker said when it bound the library; none: it works.
    pub problem: Option<String>,
}

/// Finds out which engines there are: a worker is started and asked.
pub fn status(
    program: &WorkerProgram,
    found: Option<&Found>,
    scratch: &Scratch,
) -> Result<EngineStatus, WorkerError> {
    let pool = Pool::new(program.clone(), scratch.clone(), WorkerLimits::default());
    status_in(&pool, found)
}

/// The same from a pool that has other work as well.
pub(super) fn status_in(pool: &Pool, found: Option<&Found>) -> Result<EngineStatus, WorkerError> {
    let described = pool.lease_fresh()?.describe(ASK_DEADLINE)?;
    Ok(EngineStatus {
        hayro: HAYRO_VERSION,
        pdfium: found.map(|found| PdfiumStatus {
            path: found.path.clone(),
            found: found.by.as_str(),
            version: found.version(),
            problem: described.pdfium_problem,
        }),
        fence: described.fence,
    })
}

/// The version of hayro that is compiled in; a test compares it with the lock
/// file.
pub const HAYRO_VERSION: &str = "0.9.0";

/// Why PDFium could not be installed.
#[derive(Debug, Error)]
pub enum InstallError {
    /// Installing did not come to its own end.
    #[error("{0}")]
    Broken(Broken),
    /// There is no build for this system.
    #[error("there is no PDFium build for {0}; --pdfium takes a library of your own")]
    NoBuild(String),
    /// Nothing that could download it.
    #[error(
        "pip, Python's package installer, is needed to download PDFium, and it is not there \
         (Debian: apt install python3-pip)"
    )]
    NoPip,
    /// `pip` failed.
    #[error("pip could not download {PACKAGE} {PACKAGE_VERSION}; is there a network? It said: {0}")]
    Download(String),
    /// What came is not what is pinned.
    #[error(
        "what was downloaded is not the {PACKAGE} {PACKAGE_VERSION} that is expected (SHA-256 {0})"
    )]
    WrongHash(String),
    /// The wheel cannot be unpacked.
    #[error("the downloaded archive cannot be unpacked: {0}")]
    Unpack(#[from] zip::result::ZipError),
    /// No room, or scratch cannot be used.
    #[error("scratch cannot be used: {0}")]
    Scratch(#[from] ScratchError),
    /// No room in scratch.
    #[error(transparent)]
    Shortage(#[from] Shortage),
    /// Writing failed.
    #[error("the library cannot be written to {path}: {source}")]
    Write {
        /// Where to.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The person does not want it any more.
    #[error("cancelled")]
    Cancelled,
}

/// Installs PDFium below `engines`, unless it is there already, and returns the
/// library's path. The library appears whole or not at all.
pub fn install(
    engines: &Path,
    scratch: &Scratch,
    stop: &AtomicBool,
) -> Result<PathBuf, InstallError> {
    let library = installed_path(engines);
    if library.is_file() {
        return Ok(library);
    }
    let wheel = Wheel::for_this_platform().ok_or_else(|| {
        InstallError::NoBuild(format!(
            "{} {}",
            std::env::consts::OS,
            std::env::consts::ARCH
        ))
    })?;
    let slot = scratch.slot(INSTALL_SLOT)?;
    let _lease = scratch.lease(Owner::Worker(INSTALL_SLOT), Purpose::Engine, DOWNLOAD_BYTES)?;
    let archive = download(&wheel, &slot.work_dir(), stop)?;
    unpack(&archive, &wheel, &library)?;
    tracing::info!("PDFium {PDFIUM_VERSION} installed");
    Ok(library)
}

/// Removes what [`install`] made. Returns whether there was anything.
pub fn remove(engines: &Path) -> io::Result<bool> {
    let library = installed_path(engines);
    if !library.is_file() {
        return Ok(false);
    }
    fs::remove_file(&library)?;
    if let Some(folder) = library.parent() {
        // Stays where a person has put something else into it.
        let _ = fs::remove_dir(folder);
    }
    Ok(true)
}

/// Lets `pip` download the wheel into `folder`, and checks it.
fn download(wheel: &Wheel, folder: &Path, stop: &AtomicBool) -> Result<PathBuf, InstallError> {
    let package = format!("{PACKAGE}=={PACKAGE_VERSION}");
    let said = folder.join("pip.txt");
    let write = |source| InstallError::Write {
        path: folder.to_owned(),
        source,
    };
    for pip in PIPS {
        let output = private::create(&said).map_err(write)?;
        let mut command = Command::new(pip[0]);
        command
            .args(&pip[1..])
            .args(["download", "--no-deps", "--only-binary", ":all:"])
            .args(["--platform", wheel.platform])
            .args([
                "--disable-pip-version-check",
                "--no-input",
                "--no-cache-dir",
            ])
            .args(["--retries", "1", "--timeout", "20", "--quiet", "--dest"])
            .arg(folder)
            .arg(&package)
            .current_dir(folder)
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(write(error)),
        };
        let until = Instant::now() + DOWNLOAD_DEADLINE;
        let status = loop {
            if let Some(status) = child.try_wait().map_err(write)? {
                break Some(status);
            }
            if stop.load(Ordering::Relaxed) || Instant::now() > until {
                // Fails only where it has ended by itself.
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        if stop.load(Ordering::Relaxed) {
            return Err(InstallError::Cancelled);
        }
        if status.is_some_and(|status| status.success()) {
            return checked(wheel, folder);
        }
        let words = fs::read_to_string(&said).unwrap_or_default();
        // A Python without pip: another one may have it.
        if words.contains("No module named pip") {
            continue;
        }
        let last = words.lines().rfind(|line| !line.trim().is_empty());
        return Err(InstallError::Download(
            last.unwrap_or("nothing, until its time was up").to_owned(),
        ));
    }
    Err(InstallError::NoPip)
}

/// The one wheel in `folder`, if it is the one that is pinned.
fn checked(wheel: &Wheel, folder: &Path) -> Result<PathBuf, InstallError> {
    let write = |source| InstallError::Write {
        path: folder.to_owned(),
        source,
    };
    let archive = fs::read_dir(folder)
        .map_err(write)?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|ending| ending == "whl"))
        .ok_or_else(|| InstallError::Download("nothing".into()))?;
    let mut hash = Sha256::new();
    let mut file = File::open(&archive).map_err(write)?;
    io::copy(&mut file, &mut io::BufWriter::new(HashWriter(&mut hash))).map_err(write)?;
    let found: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if found != wheel.sha256 {
        return Err(InstallError::WrongHash(found));
    }
    Ok(archive)
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Unpacks the library beside its final place, then renames it.
fn unpack(archive: &Path, wheel: &Wheel, library: &Path) -> Result<(), InstallError> {
    let write = |source| InstallError::Write {
        path: library.to_owned(),
        source,
    };
    let folder = library.parent().unwrap_or(Path::new("."));
    private::create_dir_all(folder).map_err(write)?;
    let temporary = folder.join(format!(".{}.{}", file_name(), std::process::id()));
    let unpacked = (|| {
        let mut archive = zip::ZipArchive::new(File::open(archive).map_err(write)?)?;
        let mut entry = io::Read::take(archive.by_name(wheel.library)?, LARGEST_LIBRARY);
        let mut file = private::create(&temporary).map_err(write)?;
        io::copy(&mut entry, &mut file).map_err(write)?;
        file.sync_all().map_err(write)?;
        fs::rename(&temporary, library).map_err(write)
    })();
    if unpacked.is_err() {
        // Nothing of ours may stay; it may not even have been made.
        let _ = fs::remove_file(&temporary);
    }
    unpacked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_lock_file() {
        let lock = include_str!("../../Cargo.lock");
        let package = format!("name = \"hayro\"\nversion = \"{HAYRO_VERSION}\"\n");
        assert!(lock.contains(&package), "{package}");
    }

    #[test]
    fn a_foreign_wheel_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("evil.whl"), "not a wheel").unwrap();
        let Some(wheel) = Wheel::for_this_platform() else {
            return;
        };
        let refused = checked(&wheel, folder.path());
        assert!(
            matches!(refused, Err(InstallError::WrongHash(_))),
            "{refused:?}"
        );
    }

    #[test]
    fn a_library_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("a.whl");
        let wheel = Wheel {
            platform: "any",
            sha256: "",
            library: "raw/lib.so",
        };
        let mut zip = zip::ZipWriter::new(File::create(&archive).unwrap());
        zip.start_file("raw/lib.so", zip::write::SimpleFileOptions::default())
            .unwrap();
        io::Write::write_all(&mut zip, b"library").unwrap();
        zip.finish().unwrap();
        let library = folder.path().join("engines/v1/lib.so");
        unpack(&archive, &wheel, &library).unwrap();
        assert_eq!(fs::read(&library).unwrap(), b"library");

        let wheel = Wheel {
            library: "raw/other.so",
            ..wheel
        };
        let missing = folder.path().join("engines/v2/lib.so");
        assert!(unpack(&archive, &wheel, &missing).is_err());
        let left = fs::read_dir(missing.parent().unwrap()).unwrap().count();
        assert_eq!(left, 0);
    }
}
