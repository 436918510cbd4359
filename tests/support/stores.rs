//! Object storage for tests: two servers of other people, and a proxy that does what networks
//! and busy stores do. Objects are put there without the program's own help.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::program::wait_for;
use super::tools::lacks;

/// What opens the stores of tests.
pub const KEY: &str = "AKIATESTTESTTESTTEST";
/// No other text of a test has it.
pub const SECRET: &str = "fJ0q-secret-of-the-tests-7Tz";

/// Moto wants to be told who asks, and does not look at the signature.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=TEST/20260101/us-east-1/s3/aws4_request, \
                      SignedHeaders=host, Signature=0";

/// How long a server may take to start.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// A server that ends with this value.
pub struct Store {
    child: Child,
    pub port: u16,
}

impl Store {
    /// Moto's S3, which asks for no credentials; none where it is not installed.
    pub fn moto() -> Option<Self> {
        if lacks("moto_server") {
            return None;
        }
        let port = free_port();
        let mut command = Command::new("moto_server");
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        Some(Self::start(command, port))
    }

    /// A folder on a disk as rclone serves it, each folder in it a bucket, to those who have
    /// the key; none where it is not installed.
    pub fn rclone(folder: &Path) -> Option<Self> {
        if lacks("rclone") {
            return None;
        }
        let port = free_port();
        let mut command = Command::new("rclone");
        command
            .args(["serve", "s3", "--addr", &format!("127.0.0.1:{port}")])
            .args(["--auth-key", &format!("{KEY},{SECRET}")])
            .args(["--config", "/dev/null", "--vfs-cache-mode", "off"])
            .arg(folder);
        Some(Self::start(command, port))
    }

    fn start(mut command: Command, port: u16) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.stderr(Stdio::null()).spawn().expect("a server");
        wait_for(STARTS_WITHIN, || {
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        Self { child, port }
    }

    /// Makes a bucket.
    pub fn bucket(&self, bucket: &str) {
        put(self.port, bucket, b"");
    }

    /// Stores an object.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        put(self.port, name, bytes);
    }

    /// Removes an object.
    pub fn remove(&self, name: &str) {
        ask(self.port, "DELETE", name, b"");
    }

    /// Reads an object; none where there is no such.
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        let answer = ask(self.port, "GET", name, b"");
        (answer.status == 200).then_some(answer.body)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tells a command where the store is and what opens it.
pub fn with_store(command: &mut Command, port: u16, secret: &str) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("AWS_") || name.to_ascii_lowercase().ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    command
        .env("AWS_ENDPOINT", format!("http://127.0.0.1:{port}"))
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", KEY)
        .env("AWS_SECRET_ACCESS_KEY", secret);
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its number").port()
}

/// What a server answered.
struct Answer {
    status: u16,
    /// With its empty line.
    head: Vec<u8>,
    body: Vec<u8>,
}

fn put(port: u16, name: &str, bytes: &[u8]) {
    let status = ask(port, "PUT", name, bytes).status;
    assert_eq!(status, 200, "{name}");
}

fn ask(port: u16, method: &str, name: &str, body: &[u8]) -> Answer {
    let name = name.replace(' ', "%20");
    let mut request = format!(
        "{method} /{name} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {}\r\n\
         Authorization: {SIGNED}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    forward(port, &request)
}

/// Sends a request, which asks for the connection to be closed then, and reads the answer.
fn forward(port: u16, request: &[u8]) -> Answer {
    let head = head_of(request).expect("a whole request");
    let text = String::from_utf8_lossy(&request[..head]).into_owned();
    let lines = text.trim_end().lines();
    let kept = lines.filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let mut sent = kept.collect::<Vec<_>>().join("\r\n").into_bytes();
    sent.extend_from_slice(b"\r\nConnection: close\r\n\r\n");
    sent.extend_from_slice(&request[head..]);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server");
    stream.write_all(&sent).expect("a request");
    let mut answer = Vec::new();
    // Some servers reset what they have closed.
    let _ = stream.read_to_end(&mut answer);
    let head = head_of(&answer).expect("an answer");
    let status = String::from_utf8_lossy(&answer[..head]);
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    Answer {
        status: status.expect("a status"),
        body: answer.split_off(head),
        head: answer,
    }
}

/// Where the head of a message ends, if it is there.
fn head_of(message: &[u8]) -> Option<usize> {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(end + 4)
}

/// What becomes of a request on its way.
pub enum Fate {
    /// It gets its answer.
    Passed,
    /// Of the answer's body so many bytes come through, and then the connection is cut.
    Cut(usize),
    /// The same, and meanwhile something else is stored under its name.
    Replaced(usize, Vec<u8>),
    /// The server says that it is too busy.
    TooBusy,
}

/// A request, as far as fates depend on it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// Bucket and key.
    pub name: String,
    /// How many like it came before.
    pub before: usize,
}

/// A proxy in front of a server. Ends with the test's process.
pub struct Proxy {
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Proxy {
    /// Begins to take requests for the server at a port.
    pub fn start(server: u16, fate: impl Fn(&Asked) -> Fate + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its number").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, fate) = (Arc::clone(&asked), Arc::new(fate));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, fate) = (Arc::clone(&log), Arc::clone(&fate));
                std::thread::spawn(move || serve(stream, server, &log, &*fate));
            }
        });
        Self { port, asked }
    }

    /// What was asked for, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the requests").clone()
    }
}

fn serve(
    mut stream: TcpStream,
    server: u16,
    log: &Mutex<Vec<Asked>>,
    fate: &(dyn Fn(&Asked) -> Fate + Send + Sync),
) {
    let Some(request) = request_of(&mut stream) else {
        return;
    };
    let text = String::from_utf8_lossy(&request);
    let mut words = text.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let name = words.next().unwrap_or_default().trim_start_matches('/');
    let name = name.split('?').next().unwrap_or_default().to_owned();
    let asked = {
        let mut log = log.lock().expect("the requests");
        let same = log.iter().filter(|a| a.method == method && a.name == name);
        let before = same.count();
        let asked = Asked {
            method,
            name,
            before,
        };
        log.push(asked.clone());
        asked
    };
    let (most, meanwhile) = match fate(&asked) {
        Fate::Passed => (usize::MAX, None),
        Fate::Cut(most) => (most, None),
        Fate::Replaced(most, bytes) => (most, Some(bytes)),
        Fate::TooBusy => {
            let body = "<Error><Code>SlowDown</Code></Error>";
            let _ = write!(
                stream,
                "HTTP/1.1 503 Slow Down\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            return;
        }
    };
    let answer = forward(server, &request);
    if let Some(bytes) = meanwhile {
        put(server, &asked.name, &bytes);
    }
    let body = &answer.body[..most.min(answer.body.len())];
    let _ = stream.write_all(&answer.head);
    let _ = stream.write_all(body);
    let _ = stream.shutdown(Shutdown::Both);
}

/// A request with its body.
fn request_of(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut buffer = [0; 16 << 10];
    loop {
        if let Some(head) = head_of(&request) {
            let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap_or(0));
            if request.len() >= head + length {
                return Some(request);
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(read) => request.extend_from_slice(&buffer[..read]),
        }
    }
}
