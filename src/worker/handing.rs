//! Handing requests to a worker, and with them the files that they are about: the host
//! opens a document, fetched before where it lies in object storage, and the worker reads it.
//! So a worker needs no leave to open files of the user's, and no network. Not for what is
//! asked (`protocol`).
//!
//! On Unix, a worker's standard input is a socket. A request is a frame; after it comes,
//! for each file that it names, a frame with an open file attached, or the reason why
//! there is none. On other systems workers open files themselves.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::WorkerError;
use super::bounds::LONGEST_REQUEST;
use super::file::open_regular;
use super::protocol::{Refusal, Request, read_frame};
use crate::model::{Address, FailureKind};
use crate::objects::{ObjectError, Objects};
use crate::scratch::ShortageCause;

#[cfg(not(unix))]
use other as system;
#[cfg(unix)]
use unix as system;

pub use system::Asking;

/// A file that was opened, or why it was not.
pub type Handed = Result<File, Refusal>;

/// Files that wait in a worker until they are read.
const WAITING_FILES: usize = 8;

/// Bytes of the frame that comes with a file, or says why there is none.
#[cfg(unix)]
const LONGEST_FILE: usize = 16 << 10;

/// How soon a task that waits for a file notices that the program ends.
const STOP_NOTICED_WITHIN: Duration = Duration::from_millis(50);

/// Opens a file, and gives up when the file system does not answer in time, as that of a
/// network may not.
pub fn open_within(path: &Path, patience: Duration, stopped: &AtomicBool) -> Handed {
    let (sender, opened) = channel();
    let owned = path.to_owned();
    let opening = thread::Builder::new()
        .name("opening".into())
        .spawn(move || sender.send(open_regular(&owned)));
    if opening.is_err() {
        return open_regular(path);
    }
    let until = Instant::now() + patience;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match opened.recv_timeout(left.min(STOP_NOTICED_WITHIN)) {
            Ok(handed) => return handed,
            Err(RecvTimeoutError::Timeout)
                if !left.is_zero() && !stopped.load(Ordering::Relaxed) => {}
            Err(_) => {
                let words = format!("it could not be opened within {} s", patience.as_secs());
                return Err(Refusal::new(FailureKind::DeadlinePassed, words));
            }
        }
    }
}

/// What a request is about and does not lie on this machine's disks.
#[derive(Debug, Default)]
pub struct Brought {
    /// For each file of the request, in order; none for one on a disk.
    files: VecDeque<Option<Handed>>,
    /// Bytes of all files of the request; those that cannot be told left out.
    pub bytes: u64,
}

impl Brought {
    /// Fetches what lies in object storage, however long that takes as long as bytes come in.
    /// Fails where there is no room for it now, or the program ends.
    pub fn of(
        request: &Request,
        objects: &Objects,
        stopped: &AtomicBool,
    ) -> Result<Self, WorkerError> {
        let mut brought = Self::default();
        for path in request.files() {
            let handed = match Address::of(path) {
                Some(address) => Some(fetched(objects.open(&address, stopped))?),
                None => None,
            };
            let metadata = match &handed {
                Some(Ok(file)) => file.metadata().ok(),
                Some(Err(_)) => None,
                None => std::fs::metadata(path).ok(),
            };
            brought.bytes += metadata.map_or(0, |metadata| metadata.len());
            brought.files.push_back(handed);
        }
        Ok(brought)
    }

    /// Why a file of the request could not be fetched.
    pub fn refusal(&self) -> Option<Refusal> {
        let refused = |file: &Option<Handed>| file.as_ref()?.as_ref().err().cloned();
        self.files.iter().find_map(refused)
    }

    /// The next file of the request: as it was fetched, or opened now.
    #[cfg(unix)]
    fn next(&mut self, path: &Path, patience: Duration, stopped: &AtomicBool) -> Handed {
        let fetched = self.files.pop_front().flatten();
        fetched.unwrap_or_else(|| open_within(path, patience, stopped))
    }
}

/// What will never fit is refused; what does not fit now is no fault of the file's.
fn fetched(opened: Result<File, ObjectError>) -> Result<Handed, WorkerError> {
    match opened {
        Ok(file) => Ok(Ok(file)),
        Err(ObjectError::Stopped) => Err(WorkerError::Stopped),
        Err(ObjectError::NoRoom(shortage)) if shortage.cause != ShortageCause::TooLarge => {
            Err(WorkerError::NoRoom(shortage.to_string()))
        }
        Err(ObjectError::Scratch(cause)) if is_full(&cause) => {
            Err(WorkerError::NoRoom(ObjectError::Scratch(cause).to_string()))
        }
        Err(error) => Ok(Err(error.into())),
    }
}

impl From<ObjectError> for Refusal {
    fn from(error: ObjectError) -> Self {
        let kind = match &error {
            ObjectError::NoRoom(_) => FailureKind::TooLarge,
            ObjectError::NotThere(_) => FailureKind::Vanished,
            ObjectError::NotAllowed(_) => FailureKind::PermissionDenied,
            ObjectError::Replaced => FailureKind::Changed,
            _ => FailureKind::Unreadable,
        };
        Self::new(kind, error)
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// What a worker is asked, as it arrives.
pub struct Inbox {
    requests: Receiver<Request>,
    files: Receiver<Handed>,
}

impl Inbox {
    /// Reads standard input in a thread of its own, and ends the process when the host is
    /// gone or wants no more: nobody waits for what is being drawn then.
    pub fn open() -> io::Result<Self> {
        let (sender, requests) = channel();
        let (file_sender, files) = sync_channel(WAITING_FILES);
        thread::Builder::new()
            .name("requests".into())
            .spawn(move || {
                let Ok(mut input) = system::Input::open() else {
                    std::process::exit(1)
                };
                while let Ok(Some(request)) = read_frame::<Request>(&mut input, || LONGEST_REQUEST)
                {
                    let files: Vec<PathBuf> = request.files().map(Path::to_owned).collect();
                    if sender.send(request).is_err() || !pass_on(&mut input, files, &file_sender) {
                        break;
                    }
                }
                std::process::exit(0);
            })?;
        Ok(Self { requests, files })
    }

    /// Waits for the next request; none when there will be no more.
    pub fn next(&self) -> Option<Request> {
        self.requests.recv().ok()
    }

    /// The next file of the last request. Each has to be taken, in order.
    pub fn file(&self) -> Handed {
        self.files.recv().unwrap_or_else(|_| {
            Err(Refusal::new(
                FailureKind::Unreadable,
                "it was not handed over",
            ))
        })
    }
}

/// Passes on the files of one request; false when that is no longer possible.
fn pass_on(input: &mut system::Input, files: Vec<PathBuf>, to: &SyncSender<Handed>) -> bool {
    files.into_iter().all(|path| match input.file(&path) {
        Ok(handed) => to.send(handed).is_ok(),
        Err(_) => false,
    })
}

#[cfg(unix)]
mod unix {
    //! A socket, over which open files travel as `SCM_RIGHTS` messages.

    use std::collections::VecDeque;
    use std::io::{self, IoSlice, IoSliceMut, Read, Write};
    use std::mem::MaybeUninit;
    use std::os::fd::{AsFd, OwnedFd};
    use std::os::unix::net::UnixStream;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use rustix::net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
    };

    use super::{Brought, Handed, LONGEST_FILE, LONGEST_REQUEST};
    use crate::worker::protocol::{Refusal, Request, frame, read_frame, write_frame};

    /// A worker that takes nothing for so long is broken.
    const TAKES_WITHIN: Duration = Duration::from_secs(60);

    /// Files in one message: there is never more than one.
    const FILES: usize = 1;

    /// The host's end.
    pub struct Asking(UnixStream);

    impl Asking {
        /// Gives a command its standard input.
        pub fn of(command: &mut Command) -> io::Result<Self> {
            let (ours, theirs) = UnixStream::pair()?;
            ours.set_write_timeout(Some(TAKES_WITHIN))?;
            command.stdin(Stdio::from(OwnedFd::from(theirs)));
            Ok(Self(ours))
        }

        /// Nothing is to be taken from the child: it has its end.
        pub fn started(self, _: &mut Child) -> io::Result<Self> {
            Ok(self)
        }

        /// Sends a request and the files that it is about; each that was not brought may take
        /// `patience`.
        pub fn ask(
            &mut self,
            request: &Request,
            mut brought: Brought,
            patience: Duration,
            stopped: &AtomicBool,
        ) -> io::Result<()> {
            write_frame(&mut self.0, request, LONGEST_REQUEST)?;
            for path in request.files() {
                match brought.next(path, patience, stopped) {
                    Ok(file) => self.hand_over(file.into())?,
                    Err(refusal) => {
                        write_frame(&mut self.0, &Err::<(), Refusal>(refusal), LONGEST_FILE)?
                    }
                }
            }
            Ok(())
        }

        /// Sends a frame with the file attached to its first byte.
        fn hand_over(&mut self, file: OwnedFd) -> io::Result<()> {
            let frame = frame(&Ok::<(), Refusal>(()), LONGEST_FILE)?;
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            let files = [file.as_fd()];
            if !control.push(SendAncillaryMessage::ScmRights(&files)) {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            let sent = loop {
                let flags = SendFlags::NOSIGNAL;
                match sendmsg(&self.0, &[IoSlice::new(&frame)], &mut control, flags) {
                    Err(rustix::io::Errno::INTR) => {}
                    sent => break sent?,
                }
            };
            self.0.write_all(&frame[sent..])
        }
    }

    /// The worker's end.
    pub struct Input {
        socket: UnixStream,
        /// Files that have arrived and were not taken yet.
        arrived: VecDeque<OwnedFd>,
    }

    impl Input {
        pub fn open() -> io::Result<Self> {
            let socket = io::stdin().as_fd().try_clone_to_owned()?.into();
            Ok(Self {
                socket,
                arrived: VecDeque::new(),
            })
        }

        /// The file that follows a request.
        pub fn file(&mut self, _: &Path) -> io::Result<Handed> {
            match read_frame::<Result<(), Refusal>>(self, || LONGEST_FILE)? {
                Some(Ok(())) => match self.arrived.pop_front() {
                    Some(file) => Ok(Ok(file.into())),
                    None => Err(io::ErrorKind::InvalidData.into()),
                },
                Some(Err(refusal)) => Ok(Err(refusal)),
                None => Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    }

    impl Read for Input {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES))];
            let mut control = RecvAncillaryBuffer::new(&mut space);
            let flags = RecvFlags::CMSG_CLOEXEC;
            let received = loop {
                let mut into = [IoSliceMut::new(buffer)];
                match recvmsg(&self.socket, &mut into, &mut control, flags) {
                    Err(rustix::io::Errno::INTR) => {}
                    received => break received?.bytes,
                }
            };
            for message in control.drain() {
                if let RecvAncillaryMessage::ScmRights(files) = message {
                    self.arrived.extend(files);
                }
            }
            Ok(received)
        }
    }
}

#[cfg(not(unix))]
mod other {
    //! A pipe; the worker opens files by their names.

    use std::io::{self, Read};
    use std::path::Path;
    use std::process::{Child, ChildStdin, Command, Stdio};
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use super::{Brought, Handed, LONGEST_REQUEST, open_regular};
    use crate::worker::protocol::{Request, write_frame};

    /// The host's end.
    pub struct Asking(Option<ChildStdin>);

    impl Asking {
        pub fn of(command: &mut Command) -> io::Result<Self> {
            command.stdin(Stdio::piped());
            Ok(Self(None))
        }

        pub fn started(self, child: &mut Child) -> io::Result<Self> {
            Ok(Self(child.stdin.take()))
        }

        pub fn ask(
            &mut self,
            request: &Request,
            _: Brought,
            _: Duration,
            _: &AtomicBool,
        ) -> io::Result<()> {
            let pipe = self.0.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
            write_frame(pipe, request, LONGEST_REQUEST)
        }
    }

    /// The worker's end.
    pub struct Input(io::StdinLock<'static>);

    impl Input {
        pub fn open() -> io::Result<Self> {
            Ok(Self(io::stdin().lock()))
        }

        pub fn file(&mut self, path: &Path) -> io::Result<Handed> {
            Ok(open_regular(path))
        }
    }

    impl Read for Input {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }
}
