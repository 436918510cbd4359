//! What may be reached by a path, and from which processes: Landlock. Not for system
//! calls that it does not know (`seccomp`).

use std::fs;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, make_bitflags,
};

/// The newest Landlock that the rules below know; older kernels get what they
/// have.
const NEWEST: ABI = ABI::V10;

/// Reading files and listing folders.
const READ: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | ReadDir});

/// Making, filling, reading and deleting regular files.
const KEEP_FILES: BitFlags<AccessFs> =
    make_bitflags!(AccessFs::{ReadFile | WriteFile | ReadDir | MakeReg | RemoveFile | Truncate});

/// What a command may do in its own directory: all but making devices and sockets, which
/// would lead out of it.
const OWN_DIRECTORY: BitFlags<AccessFs> = make_bitflags!(AccessFs::{
    Execute | ReadFile | WriteFile | ReadDir | RemoveDir | RemoveFile | MakeDir | MakeReg
        | MakeFifo | MakeSym | Refer | Truncate
});

/// Where systems keep fonts. PDFium draws with them what a document does not bring along.
const FONTS: &[&str] = &[
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/X11/fonts",
];

/// Devices that hold nothing and lead nowhere.
const DEVICES: &[&str] = &[
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
];

/// How far Landlock went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landlock {
    /// Raised, at least with what this kernel has.
    Raised,
    /// It is not there, in words.
    Missing(String),
}

/// Shuts the calling thread, and all that it starts, into `kept` (its own directories). It
/// may also read fonts and what the system says of this process itself.
pub fn shut_in(kept: &[&Path]) -> Landlock {
    let fonts = FONTS.iter().map(|place| (PathBuf::from(place), READ));
    let itself = [(PathBuf::from("/proc/self"), READ)];
    let kept = kept.iter().map(|place| (place.to_path_buf(), KEEP_FILES));
    result(allow_only(fonts.chain(itself).chain(kept)))
}

/// As [`shut_in`], for a command of the user's: it may read and run everything but devices,
/// and do as it likes in `slot`.
pub fn shut_in_command(slot: &Path) -> Landlock {
    let everything = fs::read_dir("/").into_iter().flatten().flatten();
    let everything = everything
        .map(|entry| entry.path())
        .filter(|path| path != Path::new("/dev"))
        .map(|path| (path, READ | AccessFs::Execute));
    let devices = DEVICES.iter().map(|place| {
        (
            PathBuf::from(place),
            AccessFs::ReadFile | AccessFs::WriteFile,
        )
    });
    let own = [(slot.to_owned(), OWN_DIRECTORY)];
    result(allow_only(everything.chain(devices).chain(own)))
}

fn result(raised: Result<RulesetStatus, RulesetError>) -> Landlock {
    match raised {
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => Landlock::Raised,
        Ok(_) => Landlock::Missing("this kernel has no Landlock".into()),
        Err(error) => Landlock::Missing(error.to_string()),
    }
}

/// Allows what is named, below each place, and nothing else of what Landlock knows.
/// Signals and abstract sockets reach only what stands behind the same fence. Places that
/// are not there are passed over.
fn allow_only(
    places: impl Iterator<Item = (PathBuf, BitFlags<AccessFs>)>,
) -> Result<RulesetStatus, RulesetError> {
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    for (path, access) in places {
        if let Ok(file) = PathFd::new(&path) {
            let access = match path.is_dir() {
                true => access,
                false => access & AccessFs::from_file(NEWEST),
            };
            ruleset = ruleset.add_rule(PathBeneath::new(file, access))?;
        }
    }
    Ok(ruleset.restrict_self()?.ruleset)
}
