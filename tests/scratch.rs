//! Scratch on real disks, with real other processes.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime};

use pagesieve::model::{BatchId, DocumentId, PageId};
use pagesieve::scratch::{
    CleanWhat, JournalEntry, LibraryBatch, Owner, PackError, Policy, Purpose, Scratch,
    ScratchError, ScratchSettings, ShortageCause, VolumeState, Why, WorkerSlot,
};

#[path = "support/disk.rs"]
#[allow(dead_code)]
mod disk;
#[path = "support/skip.rs"]
mod skip;

use disk::Disk;

const BATCH: BatchId = BatchId(1);
const MIB: u64 = 1024 * 1024;

fn page(document: i64, number: u32) -> PageId {
    PageId {
        document: DocumentId(document),
        number,
    }
}

/// Bytes that differ from page to page.
fn picture(document: i64, number: u32, length: usize) -> Vec<u8> {
    let seed = document as u32 * 1_000_003 + number * 7919;
    (0..length as u32)
        .map(|at| (seed.wrapping_add(at).wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

fn settings(dir: &Path, budget: u64) -> ScratchSettings {
    ScratchSettings {
        dir: dir.to_owned(),
        budget: Some(budget),
        floor: Some(0),
        offered: None,
    }
}

fn open(dir: &Path, budget: u64) -> Scratch {
    Scratch::open(settings(dir, budget)).unwrap().0
}

fn journal(dir: &Path) -> Vec<JournalEntry> {
    fs::read_to_string(dir.join("journal.jsonl"))
        .unwrap_or_default()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Makes a copy's directory whose owner is dead: nobody holds its locks.
fn dead_copy(dir: &Path, id: char) -> PathBuf {
    let copy = dir.join("copies").join(id.to_string().repeat(32));
    let slot = copy.join("slots/0");
    fs::create_dir_all(slot.join("work")).unwrap();
    fs::write(copy.join("owner.lock"), "").unwrap();
    fs::write(slot.join("slot.lock"), "").unwrap();
    copy
}

fn pack_file(dir: &Path, library: &str, batch: BatchId, document: i64) -> PathBuf {
    dir.join("thumbnails")
        .join(library)
        .join(batch.0.to_string())
        .join(format!("{document}.pack"))
}

/// Actual bytes of all packs on disk.
fn pack_bytes(dir: &Path, library: &str, batch: BatchId) -> u64 {
    fs::read_dir(
        dir.join("thumbnails")
            .join(library)
            .join(batch.0.to_string()),
    )
    .into_iter()
    .flatten()
    .flatten()
    // One may have been evicted since it was listed.
    .filter_map(|entry| Some(entry.metadata().ok()?.len().div_ceil(4096) * 4096))
    .sum()
}

/// A process that is ended with the test.
struct Helper(Child);

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process that holds a lock until it is killed; none where there is no tool.
fn hold_lock(path: &Path) -> Option<Helper> {
    // Without a fork the lock dies with the process we know.
    let child = Command::new("flock")
        .arg("--no-fork")
        .arg(path)
        .args(["sleep", "60"])
        .spawn();
    let Ok(child) = child else {
        skip::skip("flock", "there is no such program");
        return None;
    };
    let helper = Helper(child);
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(10) {
        let file = fs::File::open(path).unwrap();
        if file.try_lock().is_err() {
            return Some(helper);
        }
        drop(file);
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the helper did not take the lock");
}

#[test]
fn the_story_residue_fills_the_disk_and_the_next_run_works() {
    let Some(disk) = Disk::new("16m") else {
        return;
    };
    let dir = disk.0.join("scratch");
    drop(open(&dir, MIB));
    let dead = dead_copy(&dir, 'a');
    disk.fill(&dead.join("slots/0/work/left-behind"));
    // Without the sweep this is the original failure.
    assert!(fs::write(dir.join("probe"), [0; 8192]).is_err());
    fs::remove_file(dir.join("probe")).unwrap();

    // The defaults have to suit such a disk as well.
    let (scratch, report) = Scratch::open(ScratchSettings {
        dir: dir.clone(),
        budget: None,
        floor: None,
        offered: None,
    })
    .unwrap();
    assert!(!dead.exists());
    assert!(report.bytes() > 15 * MIB, "{report:?}");
    assert_eq!(report.removed[0].why, Why::Residue);
    assert!(
        journal(&dir)
            .iter()
            .any(|e| e.why == Why::Residue && e.bytes == report.bytes())
    );

    let packs = scratch.packs("main");
    for document in 0..10 {
        for number in 1..=50 {
            let bytes = picture(document, number, 6000);
            packs.append(BATCH, page(document, number), &bytes).unwrap();
        }
    }
    let meter = scratch.meter(Some(BATCH), "main");
    assert!(meter.ram_backed);
    assert!(
        meter.budget > 4 * MIB && meter.budget <= 8 * MIB,
        "{meter:?}"
    );
    assert_eq!(meter.this_batch, pack_bytes(&dir, "main", BATCH));
    assert_eq!(meter.residue, 0);
}

#[test]
fn nothing_is_reclaimed_while_an_orphaned_worker_lives() {
    let root = tempfile::tempdir().unwrap();
    drop(open(root.path(), MIB));
    let dead = dead_copy(root.path(), 'b');
    fs::write(dead.join("slots/0/work/file"), vec![1; 10_000]).unwrap();
    let Some(worker) = hold_lock(&dead.join("slots/0/slot.lock")) else {
        return;
    };
    let (scratch, report) = Scratch::open(settings(root.path(), MIB)).unwrap();
    assert!(report.removed.is_empty(), "{report:?}");
    assert!(
        report.left[0].reason.contains("worker is still running"),
        "{report:?}"
    );
    assert!(dead.join("slots/0/work/file").exists());
    assert_eq!(scratch.meter(None, "main").residue, 12_288);

    drop(worker);
    let dry = scratch.clean(true, &CleanWhat::Residue).unwrap();
    assert_eq!(dry.bytes(), 12_288);
    assert!(dead.join("slots/0/work/file").exists());
    let report = scratch.clean(false, &CleanWhat::Residue).unwrap();
    assert_eq!(report.bytes(), 12_288);
    assert!(!dead.exists());
    assert_eq!(scratch.meter(None, "main").residue, 0);
}

#[test]
fn a_running_copy_is_not_residue() {
    let root = tempfile::tempdir().unwrap();
    let first = open(root.path(), MIB);
    let slot = first.slot(0).unwrap();
    fs::write(slot.work_dir().join("file"), "x").unwrap();
    let (second, report) = Scratch::open(settings(root.path(), MIB)).unwrap();
    assert!(report.removed.is_empty());
    assert!(
        second
            .clean(false, &CleanWhat::AllThumbnails)
            .unwrap()
            .removed
            .is_empty()
    );
    assert!(slot.work_dir().join("file").exists());
}

#[cfg(unix)]
#[test]
fn links_in_residue_do_not_lead_outside() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("precious"), "kept").unwrap();
    let root = tempfile::tempdir().unwrap();
    drop(open(root.path(), MIB));
    let dead = dead_copy(root.path(), 'c');
    symlink(outside.path(), dead.join("slots/0/work/folder")).unwrap();
    symlink(
        outside.path().join("precious"),
        dead.join("slots/0/work/file"),
    )
    .unwrap();
    // A whole "copy" that is a link is a stranger.
    let link = root.path().join("copies").join("d".repeat(32));
    symlink(outside.path(), &link).unwrap();
    let (_scratch, report) = Scratch::open(settings(root.path(), MIB)).unwrap();
    assert_eq!(report.removed.len(), 1);
    assert!(!dead.exists());
    assert!(
        report
            .left
            .iter()
            .any(|left| left.reason == "not made by this program")
    );
    assert_eq!(
        fs::read_to_string(outside.path().join("precious")).unwrap(),
        "kept"
    );
}

#[cfg(unix)]
#[test]
fn thumbnails_behind_a_link_are_not_deleted() {
    let outside = tempfile::tempdir().unwrap();
    let root = tempfile::tempdir().unwrap();
    let scratch = open(root.path(), MIB);
    let packs = scratch.packs("main");
    packs.append(BATCH, page(1, 1), b"thumbnail").unwrap();
    // Somebody moves the batch's directory away and leaves a link.
    let batch_dir = pack_file(root.path(), "main", BATCH, 1)
        .parent()
        .unwrap()
        .to_owned();
    fs::create_dir(outside.path().join("1")).unwrap();
    let moved = outside.path().join("1/1.pack");
    fs::rename(batch_dir.join("1.pack"), &moved).unwrap();
    fs::remove_dir(&batch_dir).unwrap();
    std::os::unix::fs::symlink(outside.path().join("1"), &batch_dir).unwrap();
    let report = packs.remove_batch(BATCH);
    assert!(report.removed.is_empty());
    assert_eq!(report.left.len(), 1);
    assert!(moved.exists());
}

#[test]
fn a_foreign_directory_is_refused_and_untouched() {
    let root = tempfile::tempdir().unwrap();
    let foreign = root.path().join("photos");
    let inner = foreign.join("copies").join("e".repeat(32));
    fs::create_dir_all(&inner).unwrap();
    fs::write(inner.join("holiday.jpg"), "picture").unwrap();
    let answer = Scratch::open(settings(&foreign, MIB));
    assert!(matches!(answer, Err(ScratchError::NotOurs { .. })));
    assert_eq!(fs::read_dir(&foreign).unwrap().count(), 1);
    assert_eq!(
        fs::read_to_string(inner.join("holiday.jpg")).unwrap(),
        "picture"
    );
}

#[test]
fn a_thumbnail_that_was_made_anew_leaves_the_one_before() {
    let root = tempfile::tempdir().unwrap();
    let picture = |read: Option<Vec<u8>>| read.map(|bytes| String::from_utf8(bytes).unwrap());
    {
        let packs = open(root.path(), MIB).packs("main");
        packs.append(BATCH, page(1, 1), b"first").unwrap();
        assert_eq!(packs.read_earlier(BATCH, page(1, 1)).unwrap(), None);
        packs.append(BATCH, page(1, 1), b"second").unwrap();
        packs.append(BATCH, page(1, 1), b"third").unwrap();
        let earlier = picture(packs.read_earlier(BATCH, page(1, 1)).unwrap());
        assert_eq!(earlier.as_deref(), Some("second"));
    }
    let packs = open(root.path(), MIB).packs("main");
    let earlier = picture(packs.read_earlier(BATCH, page(1, 1)).unwrap());
    let now = picture(packs.read(BATCH, page(1, 1)).unwrap());
    assert_eq!(
        (earlier.as_deref(), now.as_deref()),
        (Some("second"), Some("third"))
    );
    packs.remove_batch(BATCH);
    assert_eq!(packs.read_earlier(BATCH, page(1, 1)).unwrap(), None);
}

#[test]
fn thumbnails_survive_a_restart_and_a_torn_tail_is_cut_off() {
    let root = tempfile::tempdir().unwrap();
    {
        let packs = open(root.path(), MIB).packs("main");
        for number in 1..=3 {
            packs
                .append(BATCH, page(1, number), &picture(1, number, 500))
                .unwrap();
        }
    }
    let path = pack_file(root.path(), "main", BATCH, 1);
    let whole = fs::metadata(&path).unwrap().len();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(whole - 100).unwrap();

    let scratch = open(root.path(), MIB);
    let packs = scratch.packs("main");
    for number in 1..=2 {
        let read = packs.read(BATCH, page(1, number)).unwrap();
        assert_eq!(read, Some(picture(1, number, 500)));
    }
    assert!(!packs.contains(BATCH, page(1, 3)));
    assert_eq!(packs.read(BATCH, page(1, 3)).unwrap(), None);
    packs
        .append(BATCH, page(1, 3), &picture(1, 3, 500))
        .unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), whole);
    assert_eq!(
        packs.read(BATCH, page(1, 3)).unwrap(),
        Some(picture(1, 3, 500))
    );
}

#[test]
fn a_long_torn_tail_takes_up_no_room() {
    let root = tempfile::tempdir().unwrap();
    open(root.path(), MIB)
        .packs("main")
        .append(BATCH, page(1, 1), b"first")
        .unwrap();
    let path = pack_file(root.path(), "main", BATCH, 1);
    let whole = fs::metadata(&path).unwrap().len();
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(&[7; 50_000]).unwrap();

    let scratch = open(root.path(), MIB);
    let packs = scratch.packs("main");
    assert_eq!(packs.read(BATCH, page(1, 1)).unwrap().unwrap(), b"first");
    assert_eq!(fs::metadata(&path).unwrap().len(), whole);
    assert_eq!(scratch.meter(Some(BATCH), "main").this_batch, 4096);
}

#[test]
fn a_damaged_picture_reads_as_none_and_is_replaced() {
    let root = tempfile::tempdir().unwrap();
    let scratch = open(root.path(), MIB);
    let packs = scratch.packs("main");
    packs
        .append(BATCH, page(1, 1), &picture(1, 1, 500))
        .unwrap();
    packs
        .append(BATCH, page(1, 2), &picture(1, 2, 500))
        .unwrap();
    let path = pack_file(root.path(), "main", BATCH, 1);
    let mut bytes = fs::read(&path).unwrap();
    bytes[200] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(packs.read(BATCH, page(1, 1)).unwrap(), None);
    assert!(!packs.contains(BATCH, page(1, 1)));
    assert_eq!(
        packs.read(BATCH, page(1, 2)).unwrap(),
        Some(picture(1, 2, 500))
    );
    packs
        .append(BATCH, page(1, 1), &picture(1, 1, 400))
        .unwrap();
    assert_eq!(
        packs.read(BATCH, page(1, 1)).unwrap(),
        Some(picture(1, 1, 400))
    );
}

#[test]
fn a_small_budget_evicts_old_packs_and_then_says_what_is_missing() {
    let root = tempfile::tempdir().unwrap();
    let budget = 400 * 1024;
    let scratch = open(root.path(), budget);
    let packs = scratch.packs("main");
    // 10 documents of about 80 kB: twice the budget.
    for document in 0..10 {
        for number in 1..=13 {
            let bytes = picture(document, number, 6000);
            packs.append(BATCH, page(document, number), &bytes).unwrap();
            assert!(pack_bytes(root.path(), "main", BATCH) <= budget);
        }
        // The first document is looked at all along.
        assert!(packs.contains(BATCH, page(0, 1)));
    }
    assert!(packs.contains(BATCH, page(9, 13)));
    assert!(
        !packs.contains(BATCH, page(1, 1)),
        "the least recently used goes first"
    );
    let evictions: Vec<_> = journal(root.path());
    assert!(!evictions.is_empty());
    assert!(
        evictions
            .iter()
            .all(|e| e.why == Why::Eviction && e.bytes > 0 && e.whose == "batch 1 of main")
    );
    let meter = scratch.meter(Some(BATCH), "main");
    assert_eq!(meter.this_batch, pack_bytes(root.path(), "main", BATCH));

    // With everything on screen nothing can give way.
    packs.protect((0..20).map(DocumentId));
    let shortage = loop {
        match packs.append(BATCH, page(9, 1), &picture(9, 1, 6000)) {
            Ok(()) => {}
            Err(PackError::Shortage(shortage)) => break shortage,
            Err(other) => panic!("{other}"),
        }
        assert!(pack_bytes(root.path(), "main", BATCH) <= budget);
    };
    assert_eq!(shortage.cause, ShortageCause::Budget);
    assert!(packs.contains(BATCH, page(0, 1)), "what is on screen stays");
    assert!(
        shortage.missing > 0 && shortage.missing <= 8192,
        "{shortage:?}"
    );
    assert!(
        shortage.to_string().contains("held by thumbnails"),
        "{shortage}"
    );
    assert_ne!(scratch.meter(None, "main").volume_state, VolumeState::Green);

    // A larger budget, and it goes on.
    let larger = Policy {
        budget: Some(2 * budget),
        ..Policy::default()
    };
    scratch.set_policy(larger).unwrap();
    packs
        .append(BATCH, page(9, 1), &picture(9, 1, 6000))
        .unwrap();
    // A lease makes thumbnails give way as well, once they are off the screen.
    packs.protect([]);
    let lease = scratch
        .lease(Owner::Worker(1), Purpose::WorkerSlot, 700 * 1024)
        .unwrap();
    assert_eq!(lease.granted(), 700 * 1024);
    assert!(pack_bytes(root.path(), "main", BATCH) <= 2 * budget - lease.granted());
    let answer = scratch.lease(Owner::Worker(2), Purpose::WorkerSlot, 700 * 1024);
    assert!(answer.unwrap_err().to_string().contains("worker 1"));
    drop(lease);
    assert!(
        scratch
            .lease(Owner::Worker(2), Purpose::WorkerSlot, 700 * 1024)
            .is_ok()
    );
}

#[test]
fn a_full_disk_is_a_shortage_and_spoils_no_pack() {
    let Some(disk) = Disk::new("4m") else {
        return;
    };
    let dir = disk.0.join("scratch");
    // Budget and floor allow everything: only the disk itself says no.
    let scratch = open(&dir, 64 * MIB);
    let packs = scratch.packs("main");
    packs
        .append(BATCH, page(1, 1), &picture(1, 1, 6000))
        .unwrap();
    disk.fill(&disk.0.join("somebody-elses"));
    let mut kept = 1;
    let shortage = loop {
        match packs.append(BATCH, page(1, kept + 1), &picture(1, kept + 1, 6000)) {
            Ok(()) => kept += 1,
            Err(PackError::Shortage(shortage)) => break shortage,
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(shortage.cause, ShortageCause::DiskFull);
    // A new pack fails likewise and leaves nothing.
    let answer = packs.append(BATCH, page(2, 1), &picture(2, 1, 6000));
    assert!(matches!(answer, Err(PackError::Shortage(_))), "{answer:?}");
    assert!(!pack_file(&dir, "main", BATCH, 2).exists());
    // What somebody else fills is no reason to delete thumbnails.
    assert!(journal(&dir).iter().all(|entry| entry.why != Why::Eviction));
    let meter = scratch.meter(Some(BATCH), "main");
    assert_eq!(meter.this_batch, pack_bytes(&dir, "main", BATCH));

    fs::remove_file(disk.0.join("somebody-elses")).unwrap();
    // A process that another test has just forked may hold the file for a moment.
    let until = Instant::now() + Duration::from_secs(5);
    while packs
        .append(BATCH, page(1, kept + 1), &picture(1, kept + 1, 6000))
        .is_err()
    {
        assert!(Instant::now() < until);
    }
    drop((packs, scratch));
    let scratch = open(&dir, 64 * MIB);
    for number in 1..=kept + 1 {
        let read = scratch.packs("main").read(BATCH, page(1, number)).unwrap();
        assert_eq!(read, Some(picture(1, number, 6000)));
    }
}

#[test]
fn the_floor_is_kept_whoever_fills_the_disk() {
    let Some(disk) = Disk::new("8m") else {
        return;
    };
    let floor = 2 * MIB;
    let (scratch, _) = Scratch::open(ScratchSettings {
        dir: disk.0.join("scratch"),
        budget: Some(64 * MIB),
        floor: Some(floor),
        offered: None,
    })
    .unwrap();
    let packs = scratch.packs("main");
    packs.append(BATCH, page(1, 1), b"small").unwrap();
    // All but what scratch was granted before, with its own small files.
    fs::write(disk.0.join("theirs"), vec![1; 5 * MIB as usize - 16_384]).unwrap();
    let mut number = 2;
    let shortage = loop {
        match packs.append(BATCH, page(number, 1), &picture(number, 1, 6000)) {
            Ok(()) => number += 1,
            Err(PackError::Shortage(shortage)) => break shortage,
            Err(other) => panic!("{other}"),
        }
        assert!(scratch.meter(None, "main").free >= floor);
    };
    assert_eq!(shortage.cause, ShortageCause::Floor);
    assert!(
        packs.contains(BATCH, page(1, 1)),
        "others filled the disk: nothing is purged"
    );
    fs::remove_file(disk.0.join("theirs")).unwrap();
    packs
        .append(BATCH, page(number, 1), &picture(number, 1, 6000))
        .unwrap();

    // Now scratch itself fills the disk: old thumbnails give way.
    for more in 0..2000 {
        let document = number + more;
        packs
            .append(BATCH, page(document, 1), &picture(document, 1, 6000))
            .unwrap();
        assert!(scratch.meter(None, "main").free >= floor);
    }
    assert!(!packs.contains(BATCH, page(1, 1)));
}

#[test]
fn two_copies_see_each_other() {
    let root = tempfile::tempdir().unwrap();
    let one = open(root.path(), MIB);
    let slot = one.slot(3).unwrap();
    fs::write(slot.work_dir().join("file"), vec![1; 8192]).unwrap();
    one.packs("first")
        .append(BATCH, page(1, 1), &picture(1, 1, 6000))
        .unwrap();

    let two = open(root.path(), MIB);
    let seen = two.meter(Some(BATCH), "second");
    // The last block says what the copy was promised.
    assert_eq!(seen.other_copies, 8192 + 8192 + 4096);
    assert_eq!(
        (seen.this_batch, seen.other_batches, seen.residue),
        (0, 0, 0)
    );
    assert_eq!(seen.used(), seen.other_copies + seen.journal);

    // One copy writes a library; the other may look, and sees what is new.
    let guest = two.packs("first");
    let answer = guest.append(BATCH, page(1, 2), b"x");
    assert!(matches!(answer, Err(PackError::OtherCopy)), "{answer:?}");
    assert_eq!(
        guest.read(BATCH, page(1, 1)).unwrap(),
        Some(picture(1, 1, 6000))
    );
    one.packs("first")
        .append(BATCH, page(1, 2), b"new")
        .unwrap();
    assert_eq!(guest.read(BATCH, page(1, 2)).unwrap().unwrap(), b"new");
    // Nor does a copy delete what another one uses.
    let report = two.clean(false, &CleanWhat::AllThumbnails).unwrap();
    assert!(report.removed.is_empty(), "{report:?}");

    // What the first holds counts against the budget of the second, and what it was
    // granted for thumbnails and has not written: a step.
    let lease = |bytes| two.lease(Owner::Batch(BATCH), Purpose::PageFile, bytes);
    assert!(lease(MIB - 36_864).is_ok());
    let shortage = lease(MIB - 36_863).unwrap_err();
    assert_eq!(shortage.missing, 1);
    assert!(shortage.to_string().contains("other copies"), "{shortage}");

    // The first ends: its slot goes, its thumbnails stay and belong to whoever
    // takes the library next.
    drop((slot, one));
    two.clean(true, &CleanWhat::Residue).unwrap();
    let seen = two.meter(Some(BATCH), "first");
    assert_eq!((seen.other_copies, seen.this_batch), (0, 8192));
    guest.append(BATCH, page(1, 3), b"mine now").unwrap();
    let seen = two.meter(Some(BATCH), "first");
    assert_eq!(seen.this_batch, pack_bytes(root.path(), "first", BATCH));
}

/// What two copies hold together never passes their one budget, however both hurry.
#[test]
fn two_copies_stay_within_one_budget() {
    const BUDGET: u64 = 2 << 20;
    let dir = tempfile::tempdir().unwrap();
    let copies = [open(dir.path(), BUDGET), open(dir.path(), BUDGET)];
    let most = std::sync::atomic::AtomicU64::new(0);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = copies
            .iter()
            .enumerate()
            .map(|(number, copy)| {
                scope.spawn(move || {
                    let packs = copy.packs(&format!("library-{number}"));
                    for document in 0..60 {
                        let lease = copy.lease(Owner::Worker(number), Purpose::WorkerSlot, 100_000);
                        for number in 1..=20 {
                            // A shortage is an answer as good as any.
                            let _ = packs.append(
                                BATCH,
                                page(document, number),
                                &picture(document, number, 8_000),
                            );
                        }
                        drop(lease);
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let held = ["library-0", "library-1"]
                    .map(|library| pack_bytes(dir.path(), library, BATCH));
                most.fetch_max(held.iter().sum(), std::sync::atomic::Ordering::Relaxed);
            }
        });
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    let most = most.load(std::sync::atomic::Ordering::Relaxed);
    assert!(most <= BUDGET, "{most} bytes");
    // Both were given something, and it was used to the full.
    assert!(most > BUDGET / 2, "{most} bytes");
}

#[test]
fn without_room_for_more_files_work_waits_and_goes_on() {
    let Some(disk) = Disk::new("16m,nr_inodes=60") else {
        return;
    };
    let scratch = open(&disk.0.join("scratch"), 8 << 20);
    let packs = scratch.packs("main");
    let theirs = disk.0.join("theirs");
    fs::create_dir(&theirs).unwrap();
    let mut number = 0;
    let full = loop {
        match scratch.lease(Owner::Worker(1), Purpose::WorkerSlot, 1000) {
            Ok(_) => fs::write(theirs.join(number.to_string()), "").unwrap(),
            Err(shortage) => break shortage,
        }
        number += 1;
    };
    assert_eq!(full.cause, ShortageCause::Files);
    assert!(full.to_string().contains("files"), "{full}");
    let meter = scratch.meter(None, "main");
    assert_eq!(meter.volume_state, VolumeState::Red);
    assert!(meter.files_free.unwrap() <= meter.files_floor);
    // Nothing of theirs was deleted, and a thumbnail waits as well.
    assert_eq!(fs::read_dir(&theirs).unwrap().count(), number);
    let picture = picture(1, 1, 100);
    let refused = packs.append(BATCH, page(1, 1), &picture).unwrap_err();
    assert!(
        matches!(refused, PackError::Shortage(shortage) if shortage.cause == ShortageCause::Files)
    );
    fs::remove_dir_all(&theirs).unwrap();
    packs.append(BATCH, page(1, 1), &picture).unwrap();
    assert_eq!(packs.read(BATCH, page(1, 1)).unwrap(), Some(picture));
}

#[test]
fn a_disk_that_became_read_only_is_said_and_spoils_nothing() {
    let Some(disk) = Disk::new("8m") else {
        return;
    };
    let place = disk.0.join("scratch");
    let scratch = open(&place, 4 << 20);
    let packs = scratch.packs("main");
    let first = picture(1, 1, 1000);
    packs.append(BATCH, page(1, 1), &first).unwrap();
    drop(scratch);
    drop(packs);
    disk.remount("ro");
    let refused = Scratch::open(settings(&place, 4 << 20)).unwrap_err();
    let ScratchError::Io { source, .. } = refused else {
        panic!("{refused}");
    };
    assert_eq!(source.kind(), std::io::ErrorKind::ReadOnlyFilesystem);
    disk.remount("rw");
    let packs = open(&place, 4 << 20).packs("main");
    assert_eq!(packs.read(BATCH, page(1, 1)).unwrap(), Some(first));
}

#[test]
fn the_clock_decides_nothing_about_what_lives() {
    const DECADE: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    let now = SystemTime::now();
    for then in [now - DECADE, now + DECADE] {
        let dir = tempfile::tempdir().unwrap();
        let one = open(dir.path(), 8 << 20);
        let packs = one.packs("main");
        packs
            .append(BATCH, page(1, 1), &picture(1, 1, 1000))
            .unwrap();
        let slot = one.slot(0).unwrap();
        fs::write(slot.work_dir().join("in use"), "x").unwrap();
        let pack = pack_file(dir.path(), "main", BATCH, 1);
        for path in files(dir.path()) {
            fs::File::open(&path).unwrap().set_modified(then).unwrap();
        }
        // As every start and each cleaning do.
        let two = open(dir.path(), 8 << 20);
        two.clean(false, &CleanWhat::Residue).unwrap();
        assert!(slot.work_dir().join("in use").exists() && pack.exists());
        drop(two);
        assert!(packs.contains(BATCH, page(1, 1)));
    }
}

#[test]
fn what_is_deleted_and_still_open_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let scratch = open(dir.path(), 8 << 20);
    let slot = scratch.slot(0).unwrap();
    let path = slot.work_dir().join("gone");
    let open_file = {
        fs::write(&path, vec![1; 1 << 20]).unwrap();
        fs::File::open(&path).unwrap()
    };
    fs::remove_file(&path).unwrap();
    let counted = || {
        // A survey is kept for some seconds.
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let found = scratch.meter(None, "main").unattributed;
            if found > 0 || Instant::now() > until {
                return found;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    };
    assert_eq!(counted(), 1 << 20);
    drop(open_file);
}

/// All files below a directory.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().flatten();
    entries
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => files(&path),
            path => vec![path],
        })
        .collect()
}

#[test]
fn a_slot_is_empty_at_its_start_and_gone_at_its_end() {
    let root = tempfile::tempdir().unwrap();
    let scratch = open(root.path(), MIB);
    let slot = scratch.slot(0).unwrap();
    assert!(matches!(
        scratch.slot(0),
        Err(ScratchError::SlotInUse { number: 0 })
    ));
    let held = WorkerSlot::hold(slot.path()).unwrap();
    assert!(
        WorkerSlot::hold(slot.path()).is_err(),
        "one worker at a time"
    );
    for name in ["a", "b", "c"] {
        fs::write(slot.work_dir().join(name), vec![1; 4096]).unwrap();
    }
    assert_eq!(slot.used(), 3 * 4096);
    // Between two jobs of a living worker.
    assert_eq!(slot.clear().unwrap().to_string(), "left 12.3 kB in 3 files");
    assert_eq!(fs::read_dir(slot.work_dir()).unwrap().count(), 0);
    fs::write(slot.work_dir().join("late"), "x").unwrap();

    // The worker outlives the slot: nothing is taken from under it.
    let dir = slot.path().to_owned();
    drop(slot);
    assert!(dir.join("work/late").exists());
    assert!(matches!(
        scratch.slot(0),
        Err(ScratchError::SlotInUse { number: 0 })
    ));
    drop(held);
    let slot = scratch.slot(0).unwrap();
    assert_eq!(slot.found().files, 1);
    assert!(!dir.join("work/late").exists());
    drop(slot);
    assert!(!dir.exists());
    assert!(WorkerSlot::hold(&dir).is_err());
    let leftovers = journal(root.path());
    assert_eq!(leftovers.len(), 2);
    assert!(leftovers.iter().all(|entry| entry.why == Why::Leftover));
    assert_eq!((leftovers[0].files, leftovers[0].bytes), (3, 3 * 4096));
}

#[test]
fn the_last_clone_removes_the_copy_unless_a_worker_lives() {
    let root = tempfile::tempdir().unwrap();
    let count = || fs::read_dir(root.path().join("copies")).unwrap().count();
    let scratch = open(root.path(), MIB);
    let clone = scratch.clone();
    drop(scratch);
    assert_eq!(count(), 1);
    drop(clone);
    assert_eq!(count(), 0);
    assert_eq!(journal(root.path()).last().unwrap().why, Why::Exit);

    let scratch = open(root.path(), MIB);
    let slot = scratch.slot(0).unwrap();
    let held = WorkerSlot::hold(slot.path()).unwrap();
    drop((slot, scratch));
    assert_eq!(count(), 1);
    let (_next, report) = Scratch::open(settings(root.path(), MIB)).unwrap();
    assert_eq!((report.removed.len(), report.left.len()), (0, 1));
    drop(held);
    let (_later, report) = Scratch::open(settings(root.path(), MIB)).unwrap();
    assert_eq!(report.removed.len(), 1);
}

#[test]
fn packs_removed_by_hand_are_empty_and_made_again() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("scratch");
    let scratch = open(&dir, MIB);
    let packs = scratch.packs("main");
    for way in 0..3 {
        packs.append(BATCH, page(1, 1), b"first").unwrap();
        match way {
            0 => fs::remove_file(pack_file(&dir, "main", BATCH, 1)).unwrap(),
            1 => fs::remove_dir_all(dir.join("thumbnails")).unwrap(),
            _ => fs::remove_dir_all(&dir).unwrap(),
        }
        assert!(!packs.contains(BATCH, page(1, 1)), "way {way}");
        assert_eq!(packs.read(BATCH, page(1, 1)).unwrap(), None);
        assert_eq!(scratch.meter(Some(BATCH), "main").this_batch, 0);
        packs.append(BATCH, page(1, 2), b"second").unwrap();
        assert_eq!(packs.read(BATCH, page(1, 2)).unwrap().unwrap(), b"second");
    }
    // The directory is ours again, and the next start takes it.
    drop((packs, scratch));
    let scratch = open(&dir, MIB);
    assert!(scratch.packs("main").contains(BATCH, page(1, 2)));
}

#[test]
fn cleaning_keeps_the_batch_that_was_named() {
    let root = tempfile::tempdir().unwrap();
    let scratch = open(root.path(), MIB);
    let packs = scratch.packs("main");
    for batch in 1..=3 {
        packs.append(BatchId(batch), page(batch, 1), b"x").unwrap();
    }
    let what = CleanWhat::OtherThumbnails {
        library_id: "main".to_owned(),
        keep: BatchId(2),
    };
    let dry = scratch.clean(true, &what).unwrap();
    assert_eq!((dry.files(), dry.bytes()), (2, 8192));
    assert!(packs.contains(BatchId(1), page(1, 1)));
    let real = scratch.clean(false, &what).unwrap();
    assert_eq!((real.files(), real.bytes()), (2, 8192));
    assert!(!packs.contains(BatchId(1), page(1, 1)));
    assert!(packs.contains(BatchId(2), page(2, 1)));
    assert_eq!(packs.remove_document(BatchId(2), DocumentId(2)).files(), 1);
    assert_eq!(scratch.meter(None, "main").other_batches, 0);
    assert!(!root.path().join("thumbnails/main/2").exists());
}

#[test]
fn many_threads_and_documents_lose_nothing_and_are_fast() {
    let root = tempfile::tempdir().unwrap();
    let scratch = open(root.path(), 256 * MIB);
    let begin = Instant::now();
    // 300 documents: more than stay open. Both threads write the same ones.
    std::thread::scope(|scope| {
        for half in 0..2 {
            let packs = scratch.packs("main");
            scope.spawn(move || {
                for number in 0..10 {
                    for document in 0..300 {
                        let number = number * 2 + half + 1;
                        let bytes = picture(document, number, 6000);
                        packs.append(BATCH, page(document, number), &bytes).unwrap();
                    }
                }
            });
        }
    });
    let elapsed = begin.elapsed();
    println!("6000 thumbnails in {elapsed:?}");
    assert!(elapsed < Duration::from_secs(6), "{elapsed:?}");
    let meter = scratch.meter(Some(BATCH), "main");
    assert_eq!(meter.this_batch, pack_bytes(root.path(), "main", BATCH));
    assert!(meter.reserved <= MIB, "{meter:?}");
    #[cfg(target_os = "linux")]
    {
        let ours = |entry: &fs::DirEntry| {
            fs::read_link(entry.path()).is_ok_and(|target| target.starts_with(root.path()))
        };
        let open = fs::read_dir("/proc/self/fd")
            .unwrap()
            .flatten()
            .filter(ours)
            .count();
        assert!(open < 80, "{open} files are open");
    }
    let check = |packs: &pagesieve::scratch::Packs| {
        for document in 0..300 {
            for number in 1..=20 {
                let read = packs.read(BATCH, page(document, number)).unwrap();
                assert_eq!(read, Some(picture(document, number, 6000)));
            }
        }
    };
    check(&scratch.packs("main"));
    drop(scratch);
    check(&open(root.path(), 256 * MIB).packs("main"));
}

#[test]
fn eviction_from_many_threads_stays_within_the_budget() {
    let root = tempfile::tempdir().unwrap();
    let budget = MIB;
    let scratch = open(root.path(), budget);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let packs = scratch.packs("main");
            scope.spawn(move || {
                for number in 1..=400 {
                    let document = i64::from((number * 7 + thread * 3) % 40);
                    let id = page(document, number);
                    match packs.append(BATCH, id, &picture(document, number, 6000)) {
                        Ok(()) | Err(PackError::Shortage(_)) => {}
                        Err(other) => panic!("{other}"),
                    }
                    if let Some(read) = packs.read(BATCH, id).unwrap() {
                        assert_eq!(read, picture(document, number, 6000));
                    }
                }
            });
        }
    });
    let meter = scratch.meter(Some(BATCH), "main");
    assert_eq!(meter.this_batch, pack_bytes(root.path(), "main", BATCH));
    assert!(meter.high_water <= budget, "{meter:?}");
    assert!(meter.this_batch + meter.reserved <= budget);
}

#[test]
fn the_meter_speaks_json() {
    let root = tempfile::tempdir().unwrap();
    let scratch = open(root.path(), MIB);
    let json = serde_json::to_value(scratch.meter(None, "main")).unwrap();
    assert_eq!(json["budget"], MIB);
    assert_eq!(json["volume_state"], "green");
}

fn kept(batch: i64) -> LibraryBatch {
    LibraryBatch {
        library: "main".to_owned(),
        batch: BatchId(batch),
    }
}

#[test]
fn with_cleaning_off_residue_stays_even_where_room_is_needed() {
    let root = tempfile::tempdir().unwrap();
    let scratch = open(root.path(), MIB);
    let off = Policy {
        residue: false,
        ..Policy::default()
    };
    scratch.set_policy(off).unwrap();
    drop(scratch);
    let dead = dead_copy(root.path(), 'd');
    fs::write(dead.join("slots/0/work/left"), vec![1; 900_000]).unwrap();
    let (scratch, swept) = Scratch::open(settings(root.path(), MIB)).unwrap();
    assert_eq!(swept.bytes(), 0);
    let wanted = scratch.lease(Owner::Worker(1), Purpose::WorkerSlot, 500_000);
    assert_eq!(wanted.unwrap_err().cause, ShortageCause::Budget);
    assert!(dead.exists());
    // Switched on, it goes as soon as somebody needs the room.
    scratch.set_policy(Policy::default()).unwrap();
    let _second = open(root.path(), MIB);
    assert!(!dead.exists());
}

#[test]
fn a_policy_holds_for_all_copies_of_the_directory() {
    let root = tempfile::tempdir().unwrap();
    let given = |budget| ScratchSettings {
        budget,
        ..settings(root.path(), 0)
    };
    let (first, _) = Scratch::open(given(None)).unwrap();
    let (second, _) = Scratch::open(given(None)).unwrap();
    let policy = Policy {
        budget: Some(5 * MIB),
        ..Policy::default()
    };
    first.set_policy(policy.clone()).unwrap();
    assert_eq!(first.meter(None, "main").budget, 5 * MIB);
    // The other copy sees it when it looks around next.
    second.clean(true, &CleanWhat::Residue).unwrap();
    assert_eq!(second.policy(), policy);
    assert_eq!(second.meter(None, "main").budget, 5 * MIB);
    // One that is started with a budget of its own keeps it.
    let (third, _) = Scratch::open(given(Some(MIB))).unwrap();
    assert_eq!(third.meter(None, "main").budget, MIB);
}

#[test]
fn thumbnails_of_a_kept_batch_are_neither_evicted_nor_cleaned() {
    let root = tempfile::tempdir().unwrap();
    let scratch = open(root.path(), MIB);
    let keep = Policy {
        keep: [kept(1)].into(),
        thumbnails_at_exit: true,
        thumbnails_days: Some(1),
        ..Policy::default()
    };
    scratch.set_policy(keep).unwrap();
    // The policy's default budget took the place of the given one.
    let small = Policy {
        budget: Some(MIB),
        ..scratch.policy()
    };
    scratch.set_policy(small).unwrap();
    let packs = scratch.packs("main");
    packs
        .append(BatchId(1), page(1, 1), &picture(1, 1, 200_000))
        .unwrap();
    for document in 2..20 {
        let bytes = picture(document, 1, 100_000);
        packs.append(BatchId(2), page(document, 1), &bytes).unwrap();
    }
    assert!(packs.contains(BatchId(1), page(1, 1)));
    let report = scratch.clean(false, &CleanWhat::AllThumbnails).unwrap();
    assert!(
        report
            .removed
            .iter()
            .all(|removed| removed.whose == "batch 2 of main")
    );
    assert!(packs.contains(BatchId(1), page(1, 1)));
    packs.append(BatchId(2), page(30, 1), b"x").unwrap();
    drop((packs, scratch));
    assert!(pack_file(root.path(), "main", BatchId(1), 1).exists());
    assert!(!pack_file(root.path(), "main", BatchId(2), 30).exists());
}

#[test]
fn scratch_does_not_move_into_itself() {
    let dir = tempfile::tempdir().unwrap();
    let scratch = open(dir.path(), 8 * MIB);
    let inside = scratch.dir().join("deeper");
    let refused = scratch.move_to(Some(&inside)).unwrap_err();
    assert!(matches!(refused, ScratchError::Inside { .. }), "{refused}");
    assert!(!inside.exists());
}

#[test]
fn scratch_moves_with_the_budget_that_somebody_set() {
    let dir = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    let third = tempfile::tempdir().unwrap();
    // One that this copy was started with, and then one of the rules.
    let scratch = open(dir.path(), 8 * MIB);
    let moved = scratch.move_to(Some(other.path())).unwrap();
    assert_eq!(moved.meter(None, "main").budget, 8 * MIB);
    let rules = pagesieve::scratch::Policy {
        budget: Some(16 * MIB),
        ..moved.policy()
    };
    moved.set_policy(rules.clone()).unwrap();
    let moved = moved.move_to(Some(third.path())).unwrap();
    assert_eq!(moved.meter(None, "main").budget, 16 * MIB);
    // And back to a place that had other rules.
    let back = moved.move_to(None).unwrap();
    assert_eq!(back.meter(None, "main").budget, 16 * MIB);
    assert_eq!(back.policy(), rules);
}

#[test]
fn thumbnails_of_one_batch_may_go_at_the_end_and_others_stay() {
    let dir = tempfile::tempdir().unwrap();
    let scratch = open(dir.path(), 8 * MIB);
    let packs = scratch.packs("main");
    for batch in [1, 2] {
        let picture = picture(batch, 1, 1000);
        packs
            .append(BatchId(batch), page(batch, 1), &picture)
            .unwrap();
    }
    let policy = Policy {
        discard: [kept(2)].into(),
        ..Policy::default()
    };
    scratch.set_policy(policy).unwrap();
    drop((packs, scratch));
    let packs = open(dir.path(), 8 * MIB).packs("main");
    assert_eq!(packs.documents(), [(BatchId(1), DocumentId(1))]);
}

#[test]
fn old_thumbnails_and_too_many_go_as_the_policy_says() {
    let root = tempfile::tempdir().unwrap();
    let scratch = open(root.path(), 100 * MIB);
    let packs = scratch.packs("main");
    for document in 1..=3 {
        packs
            .append(BATCH, page(document, 1), &picture(document, 1, 50_000))
            .unwrap();
    }
    drop((packs, scratch));
    let day = Duration::from_secs(24 * 60 * 60);
    let age = |document, age: Duration| {
        let file = fs::File::options()
            .write(true)
            .open(pack_file(root.path(), "main", BATCH, document))
            .unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    };
    age(1, 91 * day);
    age(2, 89 * day);
    // A clock that was ahead makes nothing old.
    let ahead = fs::File::options()
        .write(true)
        .open(pack_file(root.path(), "main", BATCH, 3))
        .unwrap();
    ahead.set_modified(SystemTime::now() + 3650 * day).unwrap();
    let (scratch, swept) = Scratch::open(settings(root.path(), 100 * MIB)).unwrap();
    assert_eq!(swept.files(), 1);
    assert_eq!(journal(root.path()).last().unwrap().why, Why::Age);
    let packs = scratch.packs("main");
    assert!(!packs.contains(BATCH, page(1, 1)));
    assert!(packs.contains(BATCH, page(2, 1)) && packs.contains(BATCH, page(3, 1)));
    let few = Policy {
        thumbnails_most: Some(300_000),
        ..Policy::default()
    };
    scratch.set_policy(few).unwrap();
    for document in 4..20 {
        packs
            .append(BATCH, page(document, 1), &picture(document, 1, 50_000))
            .unwrap();
    }
    let held = scratch.meter(Some(BATCH), "main").this_batch;
    assert!(held <= 360_000, "{held}");
    assert!(packs.contains(BATCH, page(19, 1)));
}

#[test]
fn one_large_document_gets_by_with_a_small_budget_unless_it_is_on_screen() {
    let root = tempfile::tempdir().unwrap();
    let budget = 200_000;
    let scratch = open(root.path(), budget);
    let packs = scratch.packs("main");
    for number in 1..=200 {
        packs
            .append(BATCH, page(1, number), &picture(1, number, 6000))
            .unwrap();
        assert!(pack_bytes(root.path(), "main", BATCH) <= budget);
    }
    assert!(packs.contains(BATCH, page(1, 200)) && !packs.contains(BATCH, page(1, 1)));
    packs.protect([DocumentId(1)]);
    let shortage = (201..300)
        .find_map(|number| {
            packs
                .append(BATCH, page(1, number), &picture(1, number, 6000))
                .err()
        })
        .expect("what is on screen stays");
    assert!(matches!(shortage, PackError::Shortage(_)), "{shortage}");
    assert!(packs.contains(BATCH, page(1, 200)));
}

#[test]
fn who_only_looks_deletes_nothing() {
    let root = tempfile::tempdir().unwrap();
    drop(open(root.path(), MIB));
    let dead = dead_copy(root.path(), 'd');
    fs::write(dead.join("slots/0/left"), vec![1; 100_000]).unwrap();
    let scratch = Scratch::look(settings(root.path(), MIB)).unwrap();
    scratch
        .set_policy(Policy {
            thumbnails_at_exit: true,
            thumbnails_days: Some(0),
            ..scratch.policy()
        })
        .unwrap();
    drop(scratch);
    let scratch = Scratch::look(settings(root.path(), MIB)).unwrap();
    assert!(scratch.meter(None, "").residue >= 100_000);
    let doomed = scratch.clean(true, &CleanWhat::AllThumbnails).unwrap();
    assert_eq!(doomed.removed.len(), 1, "{doomed:?}");
    assert!(doomed.bytes() >= 100_000);
    drop(scratch);
    assert!(dead.join("slots/0/left").exists());
    // Nothing of its own stays either.
    let copies = fs::read_dir(root.path().join("copies")).unwrap();
    assert_eq!(copies.count(), 1);
}

#[test]
fn a_full_disk_can_be_looked_at() {
    let Some(disk) = Disk::new("1m") else { return };
    let dir = disk.0.join("scratch");
    fs::create_dir(&dir).unwrap();
    drop(open(&dir, MIB));
    let dead = dead_copy(&dir, 'd');
    disk.fill(&dead.join("slots/0/left"));
    let scratch = Scratch::look(settings(&dir, MIB)).unwrap();
    assert!(scratch.meter(None, "").residue > 500_000);
    drop(scratch);
    assert!(dead.exists());
}

#[test]
fn pipes_in_the_place_of_its_files_hold_nobody_up() {
    let root = tempfile::tempdir().unwrap();
    drop(open(root.path(), MIB));
    for name in ["policy.json", "elsewhere.json", "journal.jsonl"] {
        let path = root.path().join(name);
        let _ = fs::remove_file(&path);
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
    }
    let dead = dead_copy(root.path(), 'd');
    let scratch = open(root.path(), MIB);
    assert!(!dead.exists(), "swept as the usual policy says");
    assert!(scratch.deletions(10).is_empty());
}
