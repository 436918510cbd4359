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

/// An archive with two entries of one name, as its writer would never make it.
pub fn zip_of_twins(name: &str, first: &[u8], second: &[u8]) -> Vec<u8> {
    let other = "\u{7f}".repeat(name.len());
    let mut bytes = zip_of(&[(name, first), (&other, second)]);
    // The name stands before the entry and in the list at the end.
    let places: Vec<usize> = bytes
        .windows(other.len())
        .enumerate()
        .filter_map(|(at, window)| (window == other.as_bytes()).then_some(at))
        .collect();
    assert_eq!(places.len(), 2, "the name by chance");
    for at in places {
        bytes[at..at + name.len()].copy_from_slice(name.as_bytes());
    }
    bytes
}

/// A TAR archive (POSIX ustar) with the given entries.
pub fn tar_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    const BLOCK: usize = 512;
    let mut bytes = Vec::new();
    for (name, data) in entries {
        let mut header = [0; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", data.len()).as_bytes());
        header[136..148].copy_from_slice(b"00000000000\0");
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        bytes.extend(header);
        bytes.extend(*data);
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    }
    bytes.resize(bytes.len() + 2 * BLOCK, 0);
    bytes
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
}
