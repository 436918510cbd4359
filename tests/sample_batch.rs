//! The sample batch on disk is what the generator makes, and each fixture is what it claims.
//!
//! `UPDATE_SAMPLES=1 cargo test --test sample_batch` writes the batch anew.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hayro_syntax::object::{Dict, Stream};
use hayro_syntax::page::Rotation;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use support::sample::{self, Fidelity, Sample};

const LARGEST_BATCH: usize = 3_000_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample-batch")
}

fn open(bytes: &[u8], password: Option<&str>) -> Result<Pdf, LoadPdfError> {
    Pdf::new_with_password(bytes.to_vec(), password.unwrap_or_default())
}

/// Size of each page and pixel dimensions of each image on it.
fn structure(bytes: &[u8]) -> Vec<String> {
    let pdf = open(bytes, None).expect("a sound PDF");
    pdf.pages()
        .iter()
        .map(|page| {
            let mut line = format!("{:?}", page.render_dimensions());
            let images: &Dict<'_> = &page.resources().x_objects;
            for name in images.keys() {
                let image = images.get::<Stream<'_>>(name.as_ref()).expect("an image");
                let side = |key: &[u8]| image.dict().get::<u32>(key);
                line += &format!(" {:?}x{:?}", side(b"Width"), side(b"Height"));
            }
            line
        })
        .collect()
}

/// The document's objects, decrypted and inflated.
fn objects(bytes: &[u8], password: Option<&str>) -> String {
    let mut document = lopdf::Document::load_mem(bytes).expect("a sound PDF");
    if let Some(password) = password
        && document.is_encrypted()
    {
        document.decrypt(password).expect("the right password");
    }
    document.decompress();
    // Only the content of a stream: its length and filter depend on the compression.
    document
        .objects
        .iter()
        .map(|(id, object)| match object {
            lopdf::Object::Stream(stream) => format!("{id:?} {:?}\n", stream.content),
            other => format!("{id:?} {other:?}\n"),
        })
        .collect()
}

fn check(sample: &Sample) {
    let path = folder().join(sample.path);
    let stored = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let same = match sample.fidelity {
        _ if stored == sample.bytes => true,
        Fidelity::Bytes => false,
        Fidelity::Objects => {
            objects(&stored, sample.password) == objects(&sample.bytes, sample.password)
        }
        // The renderer and the JPEG encoder use the vector instructions that the processor has,
        // and those may round differently: pixels are not comparable between machines.
        Fidelity::Structure => structure(&stored) == structure(&sample.bytes),
        Fidelity::Broken => true,
    };
    assert!(
        same,
        "{} is out of date; run with UPDATE_SAMPLES=1",
        sample.path
    );
    match sample.pages {
        Some(pages) => {
            let pdf = open(&stored, sample.password).expect(sample.path);
            assert_eq!(pdf.pages().len(), pages, "{}", sample.path);
        }
        None => assert!(open(&stored, None).is_err(), "{} opens", sample.path),
    }
    if sample.password.is_some() {
        let refused = open(&stored, None).err();
        let expected = LoadPdfError::Decryption(DecryptionError::PasswordProtected);
        assert_eq!(refused, Some(expected), "{}", sample.path);
    }
}

fn stored_paths(folder: &Path, prefix: &str, paths: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the sample folder") {
        let entry = entry.expect("an entry");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            stored_paths(&entry.path(), &format!("{name}/"), paths);
        } else {
            paths.insert(name);
        }
    }
}

#[test]
fn the_stored_batch_is_what_the_generator_makes() {
    let batch = sample::batch();
    if std::env::var_os("UPDATE_SAMPLES").is_some() {
        for sample in &batch {
            let path = folder().join(sample.path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("making the folder");
            fs::write(path, &sample.bytes).expect("writing a sample");
        }
    }
    batch.iter().for_each(check);

    let mut stored = BTreeSet::new();
    stored_paths(&folder(), "", &mut stored);
    let made = batch.iter().map(|sample| sample.path.to_owned()).collect();
    assert_eq!(stored, made);

    let size: usize = batch.iter().map(|sample| sample.bytes.len()).sum();
    assert!(size < LARGEST_BATCH, "{size} bytes");
}

#[test]
fn encrypted_files_want_their_password() {
    for bytes in [
        support::encrypted_pdf("user", "owner"),
        support::encrypted_pdf_rc4("user", "owner"),
    ] {
        assert!(matches!(
            open(&bytes, None),
            Err(LoadPdfError::Decryption(_))
        ));
        assert!(matches!(
            open(&bytes, Some("wrong")),
            Err(LoadPdfError::Decryption(_))
        ));
        assert_eq!(open(&bytes, Some("user")).expect("opens").pages().len(), 3);
    }
}

#[test]
fn fixtures_come_out_the_same_each_time() {
    assert!(support::text_pdf(5) == support::text_pdf(5));
    assert!(support::encrypted_pdf_rc4("a", "b") == support::encrypted_pdf_rc4("a", "b"));
    assert!(support::scanned_pdf() == support::scanned_pdf());
    let entries: [(&str, &[u8]); 1] = [("a.pdf", b"x")];
    assert!(support::zip_of(&entries) == support::zip_of(&entries));
}

#[test]
fn broken_files_do_not_open_but_the_repairable_one_does() {
    for bytes in [
        support::truncated_pdf(),
        support::not_a_pdf_png(),
        support::zero_bytes(),
    ] {
        assert_eq!(open(&bytes, None).err(), Some(LoadPdfError::Invalid));
    }
    let repaired = open(&support::repairable_pdf(), None).expect("repaired");
    assert_eq!(repaired.pages().len(), 4);
}

#[test]
fn ordinary_files_have_the_pages_they_promise() {
    for (bytes, pages) in [
        (support::text_pdf(12), 12),
        (support::blank_pdf(), 3),
        (support::coloured_pdf(), 3),
        (support::vector_pdf(), 1),
        (support::extreme_aspect_pdf(), 2),
        (support::scanned_pdf(), 2),
        (support::ocr_layer_pdf(), 1),
        (support::separator_pdf(3, 2), 9),
        (support::hanging_pdf(), 3),
        (support::crashing_pdf(), 3),
    ] {
        assert_eq!(open(&bytes, None).expect("opens").pages().len(), pages);
    }
}

#[test]
fn boxes_and_turns_survive_writing() {
    let pdf = open(&support::boxes_pdf(), None).expect("opens");
    let pages = pdf.pages();
    assert!(matches!(pages[1].rotation(), Rotation::Horizontal));
    let cropped = pages[4].crop_box();
    assert!((cropped.width() - 495.0).abs() < 0.1 && (cropped.height() - 401.0).abs() < 0.1);
    assert_eq!(pages[5].raw().get::<f32>(b"UserUnit".as_slice()), Some(2.0));
}

#[test]
fn the_bomb_is_small_and_unpacks_to_much() {
    let bytes = support::zip_bomb();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).expect("an archive");
    let entry = archive.by_index(0).expect("its entry");
    assert!(entry.size() > 1000 * entry.compressed_size());
    assert!(bytes.len() < 300_000);
}

#[test]
fn awkward_names_can_be_written_and_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = support::write_awkward_names(folder.path()).expect("writing");
    assert_eq!(paths.len(), support::names::AWKWARD.len());
    for path in paths {
        assert!(open(&fs::read(path).expect("reading"), None).is_ok());
    }
}
