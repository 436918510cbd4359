//! The only way to standard output and standard error. A reader of a pipe that has gone
//! has what it wanted and ends nothing; a disk that is full under the output is told once,
//! at the end. What the program prints commands no terminal, whatever names it holds. Not
//! for what is printed.

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::format::{is_unprintable, visible};

/// Why standard output cannot be written, once that has happened.
static FAILURE: Mutex<Option<io::Error>> = Mutex::new(None);

/// Prints a line for people, as `println!` does.
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::output::print_line(&format!($($text)*)) };
}

/// Prints a line about something that went wrong, as `eprintln!` does.
macro_rules! complain {
    ($($text:tt)*) => { $crate::cli::output::error_line(&format!($($text)*)) };
}

pub(super) use {complain, say};

/// Prints a line for people.
pub fn print_line(text: &str) {
    write_out(|out| writeln!(out, "{}", visible(text)));
}

/// Prints an object for programs, in one line.
pub fn print_json(value: &impl Serialize) {
    write_out(|out| {
        let line = serde_json::to_value(value)?.to_string();
        writeln!(out, "{}", for_this_output(&line))
    });
}

/// Prints JSON for programs that is text already.
pub fn print_json_text(json: &str) {
    write_out(|out| writeln!(out, "{}", for_this_output(json)));
}

/// Prints a line about something that went wrong. It is lost where standard error is
/// closed or full: there is nobody left to tell.
pub fn error_line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", visible(text));
}

/// Writes to standard output, unless that has failed before. Whoever writes much stops at
/// the first error.
pub fn write_out(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let mut failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
    if failure.is_none() {
        let mut out = io::BufWriter::new(io::stdout().lock());
        *failure = write(&mut out).and_then(|()| out.flush()).err();
        // What could not be written is not tried once more.
        if failure.is_some() {
            let _ = out.into_parts();
        }
    }
}

/// Whether a person reads standard output as it is written.
pub fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Tells whether all that was printed has been written.
pub fn finish() -> io::Result<()> {
    write_out(|_| Ok(()));
    let failure = FAILURE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match failure {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// JSON that commands no terminal; just as it is for programs. Both mean the same.
pub fn for_this_output(json: &str) -> Cow<'_, str> {
    if is_terminal() {
        escaped(json).into()
    } else {
        json.into()
    }
}

/// Serialised JSON has such characters in texts only, where they may be escaped; line
/// breaks stand between its tokens only.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unprintable(c) && c != '\n' {
            // All of them lie below U+10000, so that one escape is enough.
            text.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_json_means_the_same() {
        let name = serde_json::json!({ "name": "\u{202e}fdp\u{9b}31m\u{1b}.exe" });
        let escaped = escaped(&name.to_string());
        assert!(!escaped.chars().any(is_unprintable), "{escaped}");
        let read: serde_json::Value = serde_json::from_str(&escaped).unwrap();
        assert_eq!(read, name);
    }
}
