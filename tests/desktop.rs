//! The real window on a real (virtual) screen, from start to end: driven by keys
//! and mouse, looked at through screenshots. Needs Xvfb, openbox, xdotool, scrot and
//! xclip, which the README names; says so where they are missing.

mod support;

#[path = "desktop/screen_reader.rs"]
mod screen_reader;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use support::program::{Place, signal, wait_for};
use support::tools::is_there;
use support::{encrypted_pdf, text_pdf};

/// One screen at a time: what is measured on it is not for a busy machine.
static ONE_SCREEN: Mutex<()> = Mutex::new(());

/// A screen of its own with a window manager.
struct Screen {
    _alone: MutexGuard<'static, ()>,
    display: String,
    server: Child,
    manager: Child,
}

impl Screen {
    /// None, with a word on why, where the tools are missing.
    fn start() -> Option<Self> {
        let tools = ["Xvfb", "openbox", "xdotool", "scrot", "xclip"];
        let missing: Vec<_> = tools.into_iter().filter(|tool| !is_there(tool)).collect();
        if !missing.is_empty() {
            support::skip::skip("screen", &format!("{} missing", missing.join(", ")));
            return None;
        }
        let alone = ONE_SCREEN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut server = Command::new("Xvfb")
            // It would begin anew each time its last client leaves, and throw out who has
            // just come: the window, while another only asks for it.
            .arg("-noreset")
            .args(["-displayfd", "1", "-screen", "0", "1400x900x24"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb starts");
        let mut number = String::new();
        BufReader::new(server.stdout.take().expect("its output"))
            .read_line(&mut number)
            .expect("the display's number");
        let display = format!(":{}", number.trim());
        let manager = Command::new("openbox")
            .env("DISPLAY", &display)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("openbox starts");
        Some(Self {
            _alone: alone,
            display,
            server,
            manager,
        })
    }

    /// Opens the window and waits until it is there; fails with its word where it ends.
    fn open(&self, place: &Place, paths: &[&Path]) -> Child {
        self.open_with(place, paths, &[])
    }

    /// The same with more in its environment.
    fn open_with(&self, place: &Place, paths: &[&Path], variables: &[(&str, &str)]) -> Child {
        let errors = place.path().join("errors");
        let mut window = place
            .command(paths)
            .env("DISPLAY", &self.display)
            .env_remove("WAYLAND_DISPLAY")
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&errors).expect("a file"))
            .spawn()
            .expect("the program starts");
        wait_for(Duration::from_secs(60), || {
            if let Some(status) = window.try_wait().expect("its status") {
                let errors = std::fs::read_to_string(&errors).unwrap_or_default();
                panic!("no window, {status}: {errors}");
            }
            self.xdotool(&["search", "--onlyvisible", "--name", "Pagesieve$"])
        });
        window
    }

    fn xdotool(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.display)
            .output()
            .expect("xdotool runs");
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn xclip(&self, option: &str) -> Command {
        let mut command = Command::new("xclip");
        let clipboard = ["-selection", "clipboard", option];
        command.args(clipboard).env("DISPLAY", &self.display);
        command
    }

    /// Another program copies this: it holds the clipboard from a process of its own.
    fn copy_elsewhere(&self, text: &str) {
        let mut copying = self
            .xclip("-in")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("xclip starts");
        let mut input = copying.stdin.take().expect("its input");
        input.write_all(text.as_bytes()).expect("it reads");
        drop(input);
        assert!(copying.wait().expect("its status").success());
    }

    /// What another program would paste.
    fn paste_elsewhere(&self) -> String {
        let pasted = self.xclip("-out").output().expect("xclip runs");
        String::from_utf8_lossy(&pasted.stdout).into_owned()
    }

    fn photograph(&self, place: &Place) -> image::GrayImage {
        let file = place.path().join("screen.png");
        let taken = Command::new("scrot")
            .arg("--overwrite")
            .arg(&file)
            .env("DISPLAY", &self.display)
            .status()
            .expect("scrot runs");
        assert!(taken.success());
        image::open(&file).expect("a screenshot").into_luma8()
    }

    /// Share of the screen's pixels that are bright: pages, on a dark window.
    fn bright(&self, place: &Place) -> f64 {
        let picture = self.photograph(place);
        let bright = picture.pixels().filter(|pixel| pixel[0] >= 200).count();
        bright as f64 / picture.pixels().len() as f64
    }

    /// Share of the screen's pixels that are quite other than they were.
    fn changed(&self, place: &Place, before: &image::GrayImage) -> f64 {
        let now = self.photograph(place);
        let others = now.pixels().zip(before.pixels());
        let changed = others.filter(|(now, before)| now[0].abs_diff(before[0]) > 80);
        changed.count() as f64 / now.pixels().len() as f64
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        for process in [&mut self.manager, &mut self.server] {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn dark(place: &Place) {
    let folder = place.path().join("config/pagesieve");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("settings.json"),
        r#"{"version":1,"theme":"dark"}"#,
    )
    .unwrap();
}

/// Time that a process has used, in ticks of the system's clock.
fn ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let after_name = stat.rsplit(')').next().unwrap();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn a_batch_is_shown_used_killed_and_goes_on() {
    let Some(screen) = Screen::start() else {
        return;
    };
    let place = Place::new();
    dark(&place);

    let mut window = screen.open(&place, &[]);
    std::thread::sleep(Duration::from_secs(2));
    let empty = screen.bright(&place);
    assert!(empty < 0.05, "a dark window without pages: {empty}");

    // By the keyboard alone: add a folder by its path.
    place.source("long.pdf", &text_pdf(4000));
    screen.xdotool(&["key", "ctrl+shift+p"]);
    std::thread::sleep(Duration::from_millis(700));
    let sources = place.sources();
    screen.xdotool(&["type", "--delay", "5", sources.to_str().unwrap()]);
    std::thread::sleep(Duration::from_millis(300));
    screen.xdotool(&["key", "Return"]);
    place.wait_for_pages(100);
    wait_for(Duration::from_secs(20), || {
        (screen.bright(&place) > empty + 0.1).then_some(())
    });

    signal("KILL", window.id());
    window.wait().unwrap();
    let mut window = screen.open(&place, &[]);
    place.wait_for_pages(4000);
    let pages = place.list("pages");
    assert_eq!(pages.len(), 4000);
    assert!(pages.iter().all(|page| page["status"] == "done"));

    // A page large, and back.
    let grid = screen.photograph(&place);
    screen.xdotool(&["key", "Right"]);
    screen.xdotool(&["key", "Return"]);
    wait_for(Duration::from_secs(20), || {
        (screen.changed(&place, &grid) > 0.1).then_some(())
    });
    screen.xdotool(&["key", "Escape"]);

    // Nothing happens now, and nothing is used for it.
    std::thread::sleep(Duration::from_secs(4));
    let before = ticks(window.id());
    std::thread::sleep(Duration::from_secs(4));
    let used = ticks(window.id()) - before;
    assert!(used <= 4, "an idle window used {used} ticks in 4 s");

    // Closed by its manager, it ends by itself and leaves nothing.
    screen.xdotool(&["key", "alt+F4"]);
    let status = wait_for(Duration::from_secs(20), || window.try_wait().unwrap());
    assert!(status.success(), "{status}");
    assert_eq!(place.left_by_copies(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn what_is_copied_goes_to_and_comes_from_other_programs() {
    let Some(screen) = Screen::start() else {
        return;
    };
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    place.source("locked.pdf", &encrypted_pdf("pass wörd", "owner"));
    let mut window = screen.open(&place, &[]);
    let press = |key: &str| {
        screen.xdotool(&["key", key]);
        std::thread::sleep(Duration::from_millis(700));
    };

    // A path that a file manager copied.
    screen.copy_elsewhere(place.sources().to_str().unwrap());
    press("ctrl+shift+p");
    press("ctrl+v");
    press("Return");
    place.wait_for_pages(2);

    // A password from a mail.
    screen.copy_elsewhere("pass wörd");
    press("ctrl+l");
    press("ctrl+v");
    press("ctrl+Return");
    place.wait_for_pages(5);

    // What is typed here, and a name that goes into that mail.
    press("ctrl+f");
    screen.xdotool(&["type", "--delay", "20", "invoice 7"]);
    press("ctrl+a");
    press("ctrl+c");
    assert_eq!(screen.paste_elsewhere(), "invoice 7");
    press("ctrl+x");
    screen.copy_elsewhere("Müller & Söhne");
    press("ctrl+v");
    press("ctrl+a");
    screen.copy_elsewhere("");
    press("ctrl+c");
    assert_eq!(screen.paste_elsewhere(), "Müller & Söhne");

    press("Escape");
    press("ctrl+q");
    assert!(window.wait().unwrap().success());
}

#[test]
fn a_second_start_hands_its_files_to_the_window_that_is_open() {
    let Some(screen) = Screen::start() else {
        return;
    };
    let place = Place::new();
    let mut window = screen.open(&place, &[]);
    let letter = place.source("letter.pdf", &text_pdf(3));
    // It needs no screen for that.
    let second = place.run([&letter]);
    assert_eq!(second.code(), 0, "{}", second.errors());
    let said = second.output();
    assert!(said.contains("takes in what was named"), "{said}");
    place.wait_for_pages(3);
    assert!(window.try_wait().unwrap().is_none());
    screen.xdotool(&["key", "ctrl+q"]);
    assert!(window.wait().unwrap().success());
}

#[test]
fn a_window_that_cannot_start_says_why_on_the_terminal_as_well() {
    let Some(screen) = Screen::start() else {
        return;
    };
    let place = Place::new();
    let in_use = pagesieve::library::Library::open(&place.library()).unwrap();
    let window = place
        .command(Vec::<&Path>::new())
        .env("DISPLAY", &screen.display)
        .env_remove("WAYLAND_DISPLAY")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for(Duration::from_secs(60), || {
        screen.xdotool(&["search", "--onlyvisible", "--name", "Pagesieve"])
    });
    std::thread::sleep(Duration::from_secs(2));
    screen.xdotool(&["key", "alt+F4"]);
    let ended = window.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(75), "{errors}");
    assert!(
        errors.contains("is in use by another Pagesieve"),
        "{errors}"
    );
    assert!(errors.contains("--library"), "{errors}");
    drop(in_use);
}

#[test]
fn without_a_screen_it_points_to_the_command_line() {
    let place = Place::new();
    let output = place
        .command(Vec::<&str>::new())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(78));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("pagesieve process"), "{errors}");
}
