//! A worker that lies: the test program itself, started by a script that keeps its messages
//! apart from what the test program prints.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use pagesieve::model::{ContentHash, Difference, PageProof};
use pagesieve::worker::protocol::{
    Extracted, Extraction, Refusal, Reply, Request, VERSION, read_frame, write_frame,
};

/// More than any message here takes, in bytes.
const LONGEST: usize = 1 << 20;

/// What it does otherwise than it should.
pub const MANNERS: [&str; 9] = [
    "honest",
    "one part too many",
    "one part too few",
    "dies at the end",
    "goes on after the end",
    "tells of another file",
    "leaves a link",
    "finds a difference",
    "dies while it proves",
];

/// A program that is such a worker. `test` names an ignored test that calls [`serve`].
pub fn program(folder: &Path, test: &str, manner: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let script = format!(
        "#!/bin/sh\n\
         while [ $# -gt 0 ]; do [ \"$1\" = --output ] && OUTPUT=$2; shift; done\n\
         export OUTPUT MANNER='{manner}'\n\
         exec 3>&1 >/dev/null\n\
         exec '{}' --exact {test} --ignored --nocapture\n",
        own.display()
    );
    let path = folder.join(format!("worker {manner}"));
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Answers the host, if this process was started as such a worker.
pub fn serve() {
    let Ok(manner) = std::env::var("MANNER") else {
        return;
    };
    let mut replies = File::options().write(true).open("/proc/self/fd/3").unwrap();
    let mut requests = io::stdin().lock();
    let version = match manner.as_str() {
        "is of another version" => VERSION ^ 1,
        _ => VERSION,
    };
    replies.write_all(&version.to_le_bytes()).unwrap();
    while let Ok(Some(request)) = read_frame::<Request>(&mut requests, || LONGEST) {
        if let Request::Extract(extraction) = request {
            // The files that come with it are of no use to this one.
            for _ in &extraction.originals {
                let _ = read_frame::<Result<(), Refusal>>(&mut requests, || LONGEST);
            }
            extract(&manner, &extraction, &mut |reply| {
                write_frame(&mut replies, &reply, LONGEST).unwrap();
            });
        }
    }
    std::process::exit(0);
}

fn extract(manner: &str, extraction: &Extraction, reply: &mut dyn FnMut(Reply)) {
    let finished = || Reply::Finished { memory: 0 };
    let spare = || {
        Reply::Part(Ok(Extracted {
            bytes: 1,
            hash: Some(ContentHash([1; 32])),
            remarks: vec![],
        }))
    };
    let output = PathBuf::from(std::env::var_os("OUTPUT").unwrap());
    let last = extraction.parts.len() - 1;
    for (index, part) in extraction.parts.iter().enumerate() {
        if manner == "one part too few" && index == last {
            break;
        }
        let path = output.join(part.file.as_ref().unwrap());
        let content = format!("part of {} pages", part.pages.len());
        let told = match manner {
            "tells of another file" => content.replace("part", "trap"),
            _ => content.clone(),
        };
        if manner == "leaves a link" {
            let elsewhere = output.join("../../elsewhere");
            std::fs::write(&elsewhere, &content).unwrap();
            std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        } else {
            File::create_new(&path)
                .unwrap()
                .write_all(content.as_bytes())
                .unwrap();
        }
        reply(Reply::Part(Ok(Extracted {
            bytes: told.len() as u64,
            hash: Some(ContentHash(*blake3::hash(told.as_bytes()).as_bytes())),
            remarks: vec![],
        })));
        if manner == "dies while it proves" {
            std::process::exit(1);
        }
        for _ in part.pages.iter().filter(|_| extraction.prove) {
            reply(Reply::PageProof(match manner {
                "finds a difference" => PageProof::Differs(Difference::Picture),
                _ => PageProof::Same,
            }));
        }
    }
    if manner == "dies at the end" {
        std::process::exit(1);
    }
    if manner == "one part too many" {
        reply(spare());
    }
    reply(finished());
    if manner == "goes on after the end" {
        reply(spare());
    }
}
