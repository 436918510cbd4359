//! ZIP archives, honest and otherwise.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// An archive with the given entries, all dated 1980-01-01.
pub fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in entries {
        zip.start_file(*name, options()).expect("a new entry");
        zip.write_all(data).expect("writing to memory");
    }
    zip.finish().expect("closing the archive").into_inner()
}

/// An archive of about 200 KB whose only entry, a "PDF", unpacks to 200 MB of zeros.
pub fn zip_bomb() -> Vec<u8> {
    const CHUNK: usize = 1 << 20;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("invoice.pdf", options().compression_level(Some(9)))
        .expect("a new entry");
    zip.write_all(b"%PDF-1.7\n").expect("writing to memory");
    let zeros = vec![0; CHUNK];
    for _ in 0..200 {
        zip.write_all(&zeros).expect("writing to memory");
    }
    zip.finish().expect("closing the archive").into_inner()
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
}
