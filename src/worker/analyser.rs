//! Running an external analyser: the host starts it behind a fence, in a directory
//! of its own, waits under a deadline, measures what it writes, kills its whole
//! group and reads what it printed. Not for making its input (`child`) or for
//! choosing pages (`triage`).
//!
//! Between the host and the user's command stands this program itself
//! ([`run_command`]): it takes the slot's lock, which the command and all its
//! children inherit, raises the fence and becomes the command.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use thiserror::Error;

#[cfg(unix)]
use super::fence;
use crate::model::{Analyser, AnalyserInput, AnalyserOutput, FieldValue, Found};
use crate::scratch::{Lease, WorkerSlot};

/// Most of what an analyser prints that is read, bytes.
const LONGEST_OUTPUT: u64 = 16 << 20;

/// Most of what it says of its troubles that is kept, bytes.
const LAST_WORDS: u64 = 2048;

/// What it writes is measured this often.
const MEASURE_AFTER: Duration = Duration::from_millis(100);

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
        let mut measured = Instant::now();
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
            if measured.elapsed() >= MEASURE_AFTER {
                measured = Instant::now();
                had_room &= self.has_room();
                self.within_limits(before)?;
            }
            thread::sleep(LOOK_AFTER);
        };
        had_room &= self.has_room();
        let over = self.within_limits(before);
        drop(group);
        let status = ended?;
        over?;
        let output = output.wait();
        if !status.success() {
            // Whatever it says: without room it could not have done better.
            if !had_room {
                return Err(AnalyserProblem::NoRoom);
            }
            let words = last_words.wait();
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
            .stdin(Stdio::null())
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

    fn arguments(&self) -> Vec<String> {
        let dpi = match self.analyser.input {
            AnalyserInput::PagePng { dpi } => dpi,
            _ => 0,
        };
        let input = self.input.to_string_lossy();
        let fill = |argument: &String| {
            argument
                .replace("{page}", &self.page.to_string())
                .replace("{dpi}", &dpi.to_string())
                .replace("{input}", &input)
        };
        self.analyser.command.iter().map(fill).collect()
    }

    fn has_room(&self) -> bool {
        (self.free)().is_none_or(|free| free >= self.floor)
    }

    fn within_limits(&self, before: u64) -> Result<(), AnalyserProblem> {
        let used = self.slot.used();
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

/// A pipe that is read by a thread of its own.
struct Reading {
    thread: Option<JoinHandle<Vec<u8>>>,
    done: Arc<AtomicBool>,
}

impl Reading {
    /// What was read. A pipe that somebody keeps open is given up.
    fn wait(mut self) -> Vec<u8> {
        let until = Instant::now() + PIPES_CLOSE_WITHIN;
        while !self.done.load(Ordering::Relaxed) && Instant::now() < until {
            thread::sleep(LOOK_AFTER);
        }
        match self.thread.take() {
            Some(thread) if thread.is_finished() => thread.join().unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}

/// Reads a pipe to its end and keeps at most `most` bytes.
fn read_in_background(pipe: Option<impl Read + Send + 'static>, most: u64) -> Reading {
    let done = Arc::new(AtomicBool::new(false));
    let thread = pipe.and_then(|mut pipe| {
        let done = Arc::clone(&done);
        thread::Builder::new()
            .name("analyser output".into())
            .spawn(move || {
                let mut kept = Vec::new();
                // What cannot be read is as if it had not been printed.
                let _ = pipe.by_ref().take(most).read_to_end(&mut kept);
                let _ = io::copy(&mut pipe, &mut io::sink());
                done.store(true, Ordering::Relaxed);
                kept
            })
            .ok()
    });
    Reading { thread, done }
}

fn read_output(output: AnalyserOutput, bytes: &[u8]) -> Result<Found, AnalyserProblem> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| failed("what it printed is not UTF-8 text".into()))?;
    match output {
        AnalyserOutput::Text => Ok(Found {
            // Some programs end pages with a form feed.
            text: Some(text.trim_end_matches(['\u{c}', '\n']).to_owned()),
            fields: BTreeMap::new(),
        }),
        AnalyserOutput::Json => read_json(text),
    }
}

fn read_json(text: &str) -> Result<Found, AnalyserProblem> {
    use serde_json::Value;

    let members: serde_json::Map<String, Value> = serde_json::from_str(text)
        .map_err(|error| failed(format!("what it printed is no JSON object: {error}")))?;
    let mut found = Found::default();
    for (name, value) in members {
        let value = match value {
            Value::Null => continue,
            Value::Bool(yes) => FieldValue::Flag(yes),
            Value::Number(number) => FieldValue::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) if name == "text" => {
                found.text = Some(text);
                continue;
            }
            Value::String(text) => FieldValue::Text(text),
            // What has an inside stays readable for programs.
            other @ (Value::Array(_) | Value::Object(_)) => FieldValue::Text(other.to_string()),
        };
        found.fields.insert(name, value);
    }
    Ok(found)
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

/// Becomes an analyser's command, behind the fence. Returns only where that
/// fails.
pub fn run_command(place: &CommandPlace, command: &[String]) -> ExitCode {
    let Some((program, arguments)) = command.split_first() else {
        eprintln!("no command");
        return ExitCode::FAILURE;
    };
    let held = match WorkerSlot::hold(&place.slot) {
        Ok(held) => held,
        Err(error) => {
            eprintln!("its directory cannot be held: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut command = Command::new(program);
    command.args(arguments);
    let error = become_command(&mut command, held.file(), place);
    eprintln!("{program} cannot be run: {error}");
    ExitCode::FAILURE
}

#[cfg(unix)]
fn become_command(command: &mut Command, held: &std::fs::File, place: &CommandPlace) -> io::Error {
    // The lock lives as long as any process of the command.
    if let Err(error) = rustix::io::fcntl_setfd(held, rustix::io::FdFlags::empty()) {
        return error.into();
    }
    fence::raise_around_command(&place.slot, place.memory, place.file_size);
    std::os::unix::process::CommandExt::exec(command)
}

#[cfg(not(unix))]
fn become_command(command: &mut Command, _: &std::fs::File, _: &CommandPlace) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
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
        assert!(read_output(AnalyserOutput::Text, &[0xff]).is_err());
    }
}
