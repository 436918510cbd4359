//! The window as a screen reader has it: read from outside, through the accessibility bus.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::support::program::{Place, wait_for};
use super::support::{self, text_pdf};
use super::{Screen, is_there};

/// The system's Python, which has its packages.
const PYTHON: &str = "/usr/bin/python3";

/// A bus for this test alone, with the accessibility bus beside it.
struct Bus {
    address: String,
    daemon: Child,
    launcher: Child,
}

impl Bus {
    /// None, with a word on why, where the tools are missing.
    fn start() -> Option<Self> {
        let launcher = [
            "/usr/libexec/at-spi-bus-launcher",
            "/usr/lib/at-spi2-core/at-spi-bus-launcher",
        ];
        let launcher = launcher.into_iter().find(|path| Path::new(path).exists());
        let reads = Command::new(PYTHON)
            .args(["-c", "import pyatspi"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        let (Some(launcher), true) = (
            launcher,
            reads && is_there("dbus-daemon") && is_there("gdbus"),
        ) else {
            support::skip::skip("reader", "dbus, at-spi2-core or python3-pyatspi is missing");
            return None;
        };
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a bus");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().expect("its output"))
            .read_line(&mut address)
            .expect("its address");
        let address = address.trim().to_owned();
        let launcher = Command::new(launcher)
            .arg("--launch-immediately")
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the accessibility bus");
        let bus = Self {
            address,
            daemon,
            launcher,
        };
        // As a screen reader does when it starts.
        wait_for(Duration::from_secs(20), || {
            let told = Command::new("gdbus")
                .args(["call", "--session", "--dest", "org.a11y.Bus"])
                .args(["--object-path", "/org/a11y/bus"])
                .args(["--method", "org.freedesktop.DBus.Properties.Set"])
                .args(["org.a11y.Status", "ScreenReaderEnabled", "<true>"])
                .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            told.is_ok_and(|status| status.success()).then_some(())
        });
        Some(bus)
    }

    /// All that can be read of the window.
    fn read(&self, screen: &Screen) -> Vec<Value> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/desktop/what_is_read.py");
        let read = Command::new(PYTHON)
            .arg(script)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("DISPLAY", &screen.display)
            .output()
            .expect("Python runs");
        let lines = String::from_utf8_lossy(&read.stdout).into_owned();
        let things = lines
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        things.collect()
    }

    /// Waits until something of this role and name can be read; returns all.
    fn until(&self, screen: &Screen, role: &str, name: &str) -> Vec<Value> {
        wait_for(Duration::from_secs(60), || {
            let things = self.read(screen);
            let is_it = |thing: &Value| thing["role"] == role && thing["name"] == name;
            things.iter().any(is_it).then_some(things)
        })
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        for process in [&mut self.launcher, &mut self.daemon] {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn focused(things: &[Value]) -> Option<String> {
    let mut things = things.iter().filter(|thing| thing["role"] != "frame");
    let focused = things.find(|thing| thing["focused"] == true)?;
    Some(focused["name"].as_str()?.to_owned())
}

#[test]
fn a_screen_reader_finds_pages_with_what_is_said_of_them_and_the_focus() {
    let (Some(screen), Some(bus)) = (Screen::start(), Bus::start()) else {
        return;
    };
    let place = Place::new();
    let letter = place.source("letter.pdf", &text_pdf(3));
    let bus_of = [("DBUS_SESSION_BUS_ADDRESS", bus.address.as_str())];
    let mut window = screen.open_with(&place, &[&letter], &bus_of);
    let things = bus.until(&screen, "table cell", "letter.pdf, page 3");
    // Whatever can be pressed, typed into or chosen has a name.
    let mut nameless: BTreeMap<String, usize> = BTreeMap::new();
    for thing in &things {
        let role = thing["role"].as_str().unwrap_or_default();
        let acts = [
            "push button",
            "toggle button",
            "check box",
            "combo box",
            "entry",
            "link",
        ];
        if acts.contains(&role) && thing["name"] == "" {
            *nameless.entry(role.to_owned()).or_default() += 1;
        }
    }
    assert_eq!(nameless, BTreeMap::new());

    // By the keyboard: a page is decided, and that is read with it.
    screen.xdotool(&["key", "Right"]);
    std::thread::sleep(Duration::from_millis(700));
    screen.xdotool(&["key", "x"]);
    bus.until(&screen, "table cell", "letter.pdf, page 1, reject");
    bus.until(&screen, "push button", "1 of 3 decided");

    // The focus goes from one thing to the next, and can be followed.
    let mut visited = Vec::new();
    for _ in 0..4 {
        screen.xdotool(&["key", "Tab"]);
        let before = visited.last().cloned();
        visited.push(wait_for(Duration::from_secs(20), || {
            focused(&bus.read(&screen)).filter(|name| Some(name) != before.as_ref())
        }));
    }
    let distinct: std::collections::HashSet<&String> = visited.iter().collect();
    assert_eq!(distinct.len(), visited.len(), "{visited:?}");

    screen.xdotool(&["key", "Escape"]);
    screen.xdotool(&["key", "ctrl+q"]);
    assert!(window.wait().unwrap().success());
}
