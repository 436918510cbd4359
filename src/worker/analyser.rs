//! Running an external analyser: the host starts it behind a fence, in a directory
//! of its own, waits under a deadline, measures what it writes, kills its whole
//! group and reads what it printed. Not for making its input (`child`) or for
//! choosing pages (`triage`).
//!
//! Between the host and the user's command stands this program itself, twice
//! ([`run_command`]). The first takes the slot's lock, which the command and all its
//! children inherit, stays outside of the fence and ends the whole group when the host
//! ends. The second raises the fence and becomes the command.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

use super::{fence, word_table};
use crate::model::{Analyser, AnalyserInput, AnalyserOutput, FieldValue, Found};
use crate::scratch::{Lease, WorkerSlot};

/// Most of what an analyser prints that is kept, bytes: more text than any page has.
const LONGEST_OUTPUT: usize = 4 << 20;

/// Most values that it may print: each becomes a column.
const MOST_VALUES: usize = 200;

/// Longest name of a value, bytes.
const LONGEST_NAME: usize = 100;

/// Longer values are cut, bytes.
const LONGEST_VALUE: usize = 10_000;

/// The column that says where something was cut.
const CUT: &str = "cut";

/// Most of what it says of its troubles that is kept, bytes.
const LAST_WORDS: usize = 2048;

/// Pipes are read in pieces of this size, bytes.
const PIECE: usize = 16 << 10;

/// What it writes is measured this often …
const MEASURE_AFTER: Duration = Duration::from_millis(20);
/// … or after so many times what measuring took.
const MEASURE_SHARE: u32 = 10;

/// Its end is looked for this often.
const LOOK_AFTER: Duration = Duration::from_millis(10);

/// How long pipes are read after its end: they close with the group.
const PIPES_CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// Why an analyser found nothing.
#[derive(Debug, Error)]
pub enum AnalyserProblem {
    /// The disk had too little room while it ran; it can be run again.
    #[error("the disk had too little room while it ran")]
    NoRoom,
    /// The program is about to end.
    #[error("the program is about to end")]
    Stopped,
    /// Its fault; it would fail again. In words.
    #[error("{0}")]
    Failed(String),
}

/// How an analyser is run.
pub struct AnalyserRun<'a> {
    /// This program's own executable.
    pub executable: &'a Path,
    /// The analyser.
    pub analyser: &'a Analyser,
    /// Its input: a file in the slot, or a document where it lies.
    pub input: &'a Path,
    /// The page's number, or 0.
    pub page: u32,
    /// Its directory.
    pub slot: &'a WorkerSlot,
    /// What it may write.
    pub lease: &'a Lease,
    /// Give up at once.
    pub stopped: &'a AtomicBool,
    /// Free bytes on the disk now; none where they cannot be read.
    pub free: &'a dyn Fn() -> Option<u64>,
    /// Free space that is never used, bytes.
    pub floor: u64,
}

impl AnalyserRun<'_> {
    /// Runs it to its end.
    pub fn run(&self) -> Result<Found, AnalyserProblem> {
        // With cleaning switched off, what was left before does not count.
        let before = self.slot.used();
        let mut group = Group(self.start()?);
        let output = read_in_background(group.0.stdout.take(), LONGEST_OUTPUT);
        let last_words = read_in_background(group.0.stderr.take(), LAST_WORDS);
        let until = Instant::now() + self.analyser.deadline;
        let mut measure_at = Instant::now() + MEASURE_AFTER;
        let mut had_room = true;
        let ended = loop {
            match group.0.try_wait() {
                Ok(Some(status)) => break Ok(status),
                Ok(None) => {}
                Err(error) => break Err(failed(format!("it cannot be waited for: {error}"))),
            }
            if self.stopped.load(Ordering::Relaxed) {
                break Err(AnalyserProblem::Stopped);
            }
            if Instant::now() >= until {
                let seconds = self.analyser.deadline.as_secs();
                break Err(failed(format!("it took longer than {seconds} s")));
            }
            let now = Instant::now();
            if now >= measure_at {
                had_room &= self.has_room();
                self.within_limits(before, group.0.id())?;
                measure_at = Instant::now() + MEASURE_AFTER.max(now.elapsed() * MEASURE_SHARE);
            }
            thread::sleep(LOOK_AFTER);
        };
        had_room &= self.has_room();
        let over = self.within_limits(before, group.0.id());
        drop(group);
        let status = ended?;
        over?;
        let output = output.wait();
        if !status.success() {
            // Whatever it says: without room it could not have done better.
            if !had_room {
                return Err(AnalyserProblem::NoRoom);
            }
            let words = last_words.wait().bytes;
            let words = String::from_utf8_lossy(&words);
            return Err(failed(format!("{status}: {}", words.trim())));
        }
        read_output(self.analyser.output, &output)
    }

    fn start(&self) -> Result<Child, AnalyserProblem> {
        let mut command = Command::new(self.executable);
        command
            .arg("analyser-command")
            .arg(self.slot.path())
            .arg("--memory")
            .arg(self.analyser.memory.to_string())
            .arg("--file-size")
            .arg(self.lease.granted().to_string())
            .arg("--")
            .args(self.arguments())
            .current_dir(self.slot.work_dir())
            // Open as long as the host lives.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for variable in ["TMPDIR", "TMP", "TEMP", "HOME"] {
            command.env(variable, self.slot.work_dir());
        }
        for variable in [
            "XDG_CACHE_HOME",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "XDG_RUNTIME_DIR",
        ] {
            command.env_remove(variable);
        }
        // One runs for each core already.
        command.env("OMP_THREAD_LIMIT", "1");
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
            .spawn()
            .map_err(|error| failed(format!("it could not be started: {error}")))
    }

    fn arguments(&self) -> Vec<OsString> {
        let dpi = match self.analyser.input {
            AnalyserInput::PagePng { dpi } => dpi,
            _ => 0,
        };
        let fill = |argument: &String| {
            let argument = argument
                .replace("{page}", &self.page.to_string())
                .replace("{dpi}", &dpi.to_string());
            // A path need not be text.
            let mut filled = OsString::new();
            for (index, part) in argument.split("{input}").enumerate() {
                if index > 0 {
                    filled.push(self.input);
                }
                filled.push(part);
            }
            filled
        };
        self.analyser.command.iter().map(fill).collect()
    }

    fn has_room(&self) -> bool {
        (self.free)().is_none_or(|free| free >= self.floor)
    }

    fn within_limits(&self, before: u64, group: u32) -> Result<(), AnalyserProblem> {
        let used = self.slot.used_by(group);
        if used == u64::MAX {
            return Err(failed(
                "it moved its folders about so that what it wrote could not be measured".into(),
            ));
        }
        self.lease.record_written(used);
        let written = used.saturating_sub(before);
        if written > self.lease.granted() {
            return Err(failed(format!(
                "it wrote {written} bytes and may write {}",
                self.analyser.scratch
            )));
        }
        Ok(())
    }
}

fn failed(words: String) -> AnalyserProblem {
    AnalyserProblem::Failed(words)
}

/// A process that leads a group. Dropping it kills the group whole, what has
/// outlived the leader as well.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.0.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        {
            // Fails where nobody is left.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What was read of a pipe.
#[derive(Debug, Default)]
struct Printed {
    bytes: Vec<u8>,
    /// There was more.
    cut: bool,
}

/// A pipe that is read by a thread of its own.
struct Reading {
    so_far: Arc<Mutex<Printed>>,
    /// Gives a mistake once the pipe has ended.
    ended: mpsc::Receiver<()>,
}

impl Reading {
    /// What was read. Of a pipe that somebody keeps open, what had come by then.
    fn wait(self) -> Printed {
        let _ = self.ended.recv_timeout(PIPES_CLOSE_WITHIN);
        let mut so_far = self.so_far.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut so_far)
    }
}

/// Reads a pipe to its end and keeps at most `most` bytes.
fn read_in_background(pipe: Option<impl Read + Send + 'static>, most: usize) -> Reading {
    let so_far = Arc::new(Mutex::new(Printed::default()));
    let (open, ended) = mpsc::channel();
    if let Some(mut pipe) = pipe {
        let so_far = Arc::clone(&so_far);
        let read = move || {
            // Goes with the thread, however that ends.
            let _open: mpsc::Sender<()> = open;
            let mut piece = vec![0; PIECE];
            // What cannot be read is as if it had not been printed.
            while let Ok(read @ 1..) = pipe.read(&mut piece) {
                let mut printed = so_far.lock().unwrap_or_else(PoisonError::into_inner);
                let kept = read.min(most.saturating_sub(printed.bytes.len()));
                printed.bytes.extend_from_slice(&piece[..kept]);
                printed.cut |= kept < read;
            }
        };
        // Without a thread nothing was printed.
        let _ = thread::Builder::new()
            .name("analyser output".into())
            .spawn(read);
    }
    Reading { so_far, ended }
}

fn read_output(output: AnalyserOutput, printed: &Printed) -> Result<Found, AnalyserProblem> {
    let text = match std::str::from_utf8(&printed.bytes) {
        Ok(text) => text,
        // Cut within a character.
        Err(error) if printed.cut && error.error_len().is_none() => {
            std::str::from_utf8(&printed.bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return Err(failed("what it printed is not UTF-8 text".into())),
    };
    match output {
        AnalyserOutput::Text => {
            let mut found = Found {
                // Some programs end pages with a form feed.
                text: Some(text.trim_end_matches(['\u{c}', '\n']).to_owned()),
                ..Found::default()
            };
            if printed.cut {
                let words = format!("text, after {LONGEST_OUTPUT} bytes");
                found.fields.insert(CUT.into(), FieldValue::Text(words));
            }
            Ok(found)
        }
        AnalyserOutput::Words => {
            let read = word_table::read(text, printed.cut).map_err(failed)?;
            let mut found = Found {
                text: Some(read.text),
                words: read.words,
                ..Found::default()
            };
            if let Some(after) = read.cut_after {
                let words = format!("words, after {after}");
                found.fields.insert(CUT.into(), FieldValue::Text(words));
            }
            Ok(found)
        }
        AnalyserOutput::Json if printed.cut => Err(failed(format!(
            "it printed more than {LONGEST_OUTPUT} bytes"
        ))),
        AnalyserOutput::Json => read_json(text),
    }
}

fn read_json(text: &str) -> Result<Found, AnalyserProblem> {
    use serde_json::value::RawValue;

    // Members are read one by one: all at once they could take a hundred times the room.
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(text)
        .map_err(|error| failed(format!("what it printed is no JSON object: {error}")))?;
    if members.len() > MOST_VALUES {
        let count = members.len();
        return Err(failed(format!(
            "it printed {count} values, more than {MOST_VALUES}"
        )));
    }
    let mut found = Found::default();
    let mut cut = Vec::new();
    for (name, value) in members {
        if name.len() > LONGEST_NAME {
            return Err(failed(format!(
                "it printed a value whose name has {} bytes, more than {LONGEST_NAME}",
                name.len()
            )));
        }
        let Some(value) = read_value(value.get()) else {
            continue;
        };
        match value {
            FieldValue::Text(text) if name == "text" => found.text = Some(text),
            FieldValue::Text(text) if text.len() > LONGEST_VALUE => {
                let end = text.floor_char_boundary(LONGEST_VALUE);
                let text = text[..end].to_owned();
                cut.push(name.clone());
                found.fields.insert(name, FieldValue::Text(text));
            }
            value => {
                found.fields.insert(name, value);
            }
        }
    }
    if !cut.is_empty() {
        let words = format!("{}, after {LONGEST_VALUE} bytes", cut.join(", "));
        found.fields.insert(CUT.into(), FieldValue::Text(words));
    }
    Ok(found)
}

/// A value as it is printed; none for `null`. What has an inside stays readable for
/// programs.
fn read_value(printed: &str) -> Option<FieldValue> {
    use serde_json::Value;

    let has_inside = printed.starts_with(['[', '{']);
    if has_inside && printed.len() > LONGEST_VALUE {
        return Some(FieldValue::Text(printed.to_owned()));
    }
    match serde_json::from_str(printed).ok()? {
        Value::Null => None,
        Value::Bool(yes) => Some(FieldValue::Flag(yes)),
        Value::Number(number) => number.as_f64().map(FieldValue::Number),
        Value::String(text) => Some(FieldValue::Text(text)),
        other @ (Value::Array(_) | Value::Object(_)) => Some(FieldValue::Text(other.to_string())),
    }
}

/// What [`run_command`] is given.
#[derive(Clone, Debug)]
pub struct CommandPlace {
    /// The slot, whose lock is taken and handed on.
    pub slot: PathBuf,
    /// Most address space, bytes.
    pub memory: u64,
    /// Largest file, bytes.
    pub file_size: u64,
}

/// Runs an analyser's command: holds its slot, and sees to it that the command does not
/// outlive the host.
pub fn run_command(place: &CommandPlace, command: &[OsString]) -> ExitCode {
    fence::close_inherited();
    let held = match WorkerSlot::hold(&place.slot) {
        Ok(held) => held,
        Err(error) => {
            eprintln!("its directory cannot be held: {error}");
            return ExitCode::FAILURE;
        }
    };
    match supervise(place, command, held.file()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("it cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Has the command run behind the fence, and ends its whole group with the host.
#[cfg(unix)]
fn supervise(
    place: &CommandPlace,
    command: &[OsString],
    held: &std::fs::File,
) -> io::Result<ExitCode> {
    use std::os::unix::process::ExitStatusExt;

    use rustix::process::{Signal, getpgrp, getpid, kill_process, kill_process_group};

    // The lock lives as long as any process of the command.
    rustix::io::fcntl_setfd(held, rustix::io::FdFlags::empty())?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg("analyser-command")
        .arg(&place.slot)
        .arg("--memory")
        .arg(place.memory.to_string())
        .arg("--file-size")
        .arg(place.file_size.to_string())
        .arg("--fenced")
        .arg("--")
        .args(command)
        .stdin(Stdio::null())
        .spawn()?;
    let watching = thread::Builder::new().name("host".into()).spawn(|| {
        // Ends with the host, which never writes.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = kill_process_group(getpgrp(), Signal::KILL);
    });
    if let Err(error) = watching {
        let _ = child.kill();
        let _ = child.wait();
        return Err(error);
    }
    let status = child.wait()?;
    // Ends in the same way.
    if let Some(signal) = status.signal().and_then(Signal::from_named_raw) {
        let _ = kill_process(getpid(), signal);
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

#[cfg(not(unix))]
fn supervise(_: &CommandPlace, command: &[OsString], _: &std::fs::File) -> io::Result<ExitCode> {
    let (program, arguments) = split(command)?;
    let status = Command::new(program).args(arguments).status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Becomes an analyser's command, behind the fence. Returns only where that fails.
#[cfg(unix)]
pub fn become_command(place: &CommandPlace, command: &[OsString]) -> ExitCode {
    let become_it = || -> io::Result<io::Error> {
        let (program, arguments) = split(command)?;
        // Should the one that watches over it be killed.
        #[cfg(target_os = "linux")]
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
        let slot = WorkerSlot::work_dir_of(&place.slot);
        for gap in fence::raise_around_command(&slot, place.memory, place.file_size) {
            eprintln!("the fence has a gap: {gap}");
        }
        let mut command = Command::new(program);
        Ok(std::os::unix::process::CommandExt::exec(
            command.args(arguments),
        ))
    };
    let error = become_it().unwrap_or_else(|error| error);
    let program = command.first().map(OsString::as_os_str).unwrap_or_default();
    eprintln!("{} cannot be run: {error}", program.display());
    ExitCode::FAILURE
}

/// There is no fence to stand behind.
#[cfg(not(unix))]
pub fn become_command(place: &CommandPlace, command: &[OsString]) -> ExitCode {
    run_command(place, command)
}

fn split(command: &[OsString]) -> io::Result<(&OsStr, &[OsString])> {
    let (program, arguments) = command
        .split_first()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no command"))?;
    Ok((program, arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_an_object_are_fields_and_text_is_the_text() {
        let found = read_json(
            r#"{"text":"abc","score":0.5,"stamp":true,"kind":"invoice","none":null,"list":[1,2]}"#,
        )
        .unwrap();
        assert_eq!(found.text.as_deref(), Some("abc"));
        let fields: Vec<(String, String)> = found
            .fields
            .iter()
            .map(|(name, value)| (name.clone(), value.to_string()))
            .collect();
        let expected = [
            ("kind", "invoice"),
            ("list", "[1,2]"),
            ("score", "0.5"),
            ("stamp", "yes"),
        ];
        assert_eq!(
            fields,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn other_output_than_an_object_is_a_problem() {
        for text in ["", "[]", "3", "{"] {
            assert!(read_json(text).is_err(), "{text}");
        }
        let printed = Printed {
            bytes: vec![0xff],
            cut: false,
        };
        assert!(read_output(AnalyserOutput::Text, &printed).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn what_was_printed_counts_although_somebody_keeps_the_pipe_open() {
        let (pipe, mut other) = std::os::unix::net::UnixStream::pair().unwrap();
        let reading = read_in_background(Some(pipe), 4);
        io::Write::write_all(&mut other, b"{}").unwrap();
        let printed = reading.wait();
        assert_eq!((printed.bytes.as_slice(), printed.cut), (&b"{}"[..], false));
        let (pipe, mut other) = std::os::unix::net::UnixStream::pair().unwrap();
        let reading = read_in_background(Some(pipe), 4);
        io::Write::write_all(&mut other, b"12345").unwrap();
        drop(other);
        let printed = reading.wait();
        assert_eq!(
            (printed.bytes.as_slice(), printed.cut),
            (&b"1234"[..], true)
        );
    }

    #[test]
    fn what_is_cut_says_so() {
        let printed = Printed {
            // Cut within its last character.
            bytes: [b"abc", "é".as_bytes()].concat()[..4].to_vec(),
            cut: true,
        };
        let found = read_output(AnalyserOutput::Text, &printed).unwrap();
        assert_eq!(found.text.as_deref(), Some("abc"));
        let told = found.fields[CUT].to_string();
        assert!(told.starts_with("text, after"), "{told}");
        assert!(read_output(AnalyserOutput::Json, &printed).is_err());

        let long = "x".repeat(LONGEST_VALUE + 1);
        let found = read_json(&format!(r#"{{"note":"{long}","list":["{long}"]}}"#)).unwrap();
        assert_eq!(found.fields["note"].to_string().len(), LONGEST_VALUE);
        let told = found.fields[CUT].to_string();
        assert!(told.starts_with("list, note, after"), "{told}");
    }

    #[test]
    fn too_many_values_are_a_problem() {
        let members: Vec<String> = (0..=MOST_VALUES).map(|n| format!("\"n{n}\":1")).collect();
        let many = format!("{{{}}}", members.join(","));
        assert!(read_json(&many).is_err());
        let name = "n".repeat(LONGEST_NAME + 1);
        assert!(read_json(&format!(r#"{{"{name}":1}}"#)).is_err());
    }
}
