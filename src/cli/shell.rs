//! `completions` and `manual`: what shells and the system's manual have to know of the
//! command line, made from its definition, and the manual for people. Not for installing
//! them, which packages do.

use std::fs;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_complete::Shell;

use super::arguments::Arguments;
use super::output::{self, say};
use super::{CommandError, Ending};
use crate::desk;

/// Prints the completions for a shell.
pub fn completions(shell: Shell) -> Ending {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), NAME, &mut script);
    output::write_out(|out| out.write_all(&script));
    Ending::Done
}

/// Writes pages for `man` into a folder, and the manual for people as a file of HTML, as far
/// as these are named.
pub fn manual(folder: Option<&Path>, html: Option<&Path>) -> Result<Ending, CommandError> {
    if let Some(folder) = folder {
        pages(folder)?;
    }
    if let Some(file) = html {
        fs::write(file, desk::manual()).map_err(|error| {
            CommandError::Configuration(format!(
                "the manual cannot be written to {}: {error}",
                file.display()
            ))
        })?;
    }
    Ok(Ending::Done)
}

/// Writes a page for the program and one for each command into a folder.
fn pages(folder: &Path) -> Result<(), CommandError> {
    let write = || {
        fs::create_dir_all(folder)?;
        clap_mangen::generate_to(command(), folder)
    };
    write().map_err(|error| {
        CommandError::Configuration(format!(
            "the pages cannot be written to {}: {error}",
            folder.display()
        ))
    })?;
    say!(
        "man -l {} shows the first",
        folder.join("pagesieve.1").display()
    );
    Ok(())
}

const NAME: &str = "pagesieve";

/// The command line. What the program tells itself is hidden in it, and is neither completed
/// nor described.
fn command() -> Command {
    Arguments::command().name(NAME)
}
