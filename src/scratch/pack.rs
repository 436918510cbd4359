//! The format of one thumbnail pack: the pictures of one document, appended to one
//! file that describes itself. Not for room, eviction, or which packs exist.
//!
//! ```text
//! header   8 bytes magic, 4 bytes version, 4 bytes zero
//! record   4 bytes page, 4 bytes length, 8 bytes checksum of page, length and
//!          picture, 4 bytes checksum of the 16 bytes before; then the picture
//! ```
//!
//! Numbers are little-endian, checksums the first bytes of BLAKE3. A later record
//! for the same page wins; the one before it tells what the page looked like. The second checksum lets a scan trust a length without
//! reading the picture; what follows the first record that cannot be trusted is
//! cut off, for thumbnails can be made again.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

const MAGIC: [u8; 8] = *b"PgSvPack";
const VERSION: u32 = 1;
/// Length of the file header, bytes.
pub(super) const HEADER: u64 = 16;
const RECORD_HEADER: usize = 20;
/// The largest picture a pack takes: far above any thumbnail, far below what
/// would hurt when read into memory.
pub(super) const LARGEST_PICTURE: u32 = 16 * 1024 * 1024;

/// Where a picture lies in its pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Offset of the record's header from the file's start.
    offset: u64,
    /// Bytes of the picture.
    length: u32,
}

/// What a scan found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    /// The last trustworthy record of each page.
    pub index: HashMap<u32, Record>,
    /// The one before it, of pages that have several.
    pub earlier: HashMap<u32, Record>,
    /// Bytes up to the end of the last trustworthy record; 0 where the file has
    /// no valid header.
    pub length: u64,
}

/// The 16 bytes that begin a pack.
pub(super) fn header() -> [u8; HEADER as usize] {
    let mut bytes = [0; HEADER as usize];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
    bytes
}

/// Bytes that a picture of this length adds to a pack.
pub(super) fn record_length(picture: usize) -> u64 {
    RECORD_HEADER as u64 + picture as u64
}

/// Appends a record to `out`. Returns none for a picture above
/// [`LARGEST_PICTURE`], or page 0.
pub(super) fn encode(page: u32, picture: &[u8], offset: u64, out: &mut Vec<u8>) -> Option<Record> {
    let length = u32::try_from(picture.len())
        .ok()
        .filter(|length| *length <= LARGEST_PICTURE && page > 0)?;
    let mut head = [0; RECORD_HEADER];
    head[..4].copy_from_slice(&page.to_le_bytes());
    head[4..8].copy_from_slice(&length.to_le_bytes());
    let sum = picture_checksum(page, picture);
    head[8..16].copy_from_slice(&sum);
    let sum = header_checksum(&head);
    head[16..].copy_from_slice(&sum);
    out.extend_from_slice(&head);
    out.extend_from_slice(picture);
    Some(Record { offset, length })
}

/// Reads all record headers of a pack.
pub(super) fn scan(file: &mut File) -> io::Result<Scan> {
    let end = file.metadata()?.len();
    let mut found = Scan::default();
    if end < HEADER {
        return Ok(found);
    }
    let mut start = [0; HEADER as usize];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut start)?;
    if start != header() {
        return Ok(found);
    }
    found.length = HEADER;
    let mut head = [0; RECORD_HEADER];
    while found.length + RECORD_HEADER as u64 <= end {
        file.seek(SeekFrom::Start(found.length))?;
        file.read_exact(&mut head)?;
        let Some((page, length)) = decode(&head) else {
            break;
        };
        let next = found.length + RECORD_HEADER as u64 + u64::from(length);
        if next > end {
            break;
        }
        let offset = found.length;
        if let Some(earlier) = found.index.insert(page, Record { offset, length }) {
            found.earlier.insert(page, earlier);
        }
        found.length = next;
    }
    Ok(found)
}

/// Reads one picture; none where its bytes are not those that were written.
pub(super) fn read(file: &mut File, page: u32, record: Record) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = vec![0; RECORD_HEADER + record.length as usize];
    file.seek(SeekFrom::Start(record.offset))?;
    match file.read_exact(&mut bytes) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let picture = bytes.split_off(RECORD_HEADER);
    let sound = bytes
        .first_chunk()
        .is_some_and(|head| decode(head) == Some((page, record.length)))
        && bytes.get(8..16) == Some(&picture_checksum(page, &picture)[..]);
    Ok(sound.then_some(picture))
}

/// Page and picture length, where the header is sound.
fn decode(head: &[u8; RECORD_HEADER]) -> Option<(u32, u32)> {
    let number = |at: usize| {
        let bytes = head.get(at..at + 4)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    };
    let (page, length) = (number(0)?, number(4)?);
    let sound = head[16..] == header_checksum(head) && page > 0 && length <= LARGEST_PICTURE;
    sound.then_some((page, length))
}

fn header_checksum(head: &[u8; RECORD_HEADER]) -> [u8; 4] {
    let hash = *blake3::hash(&head[..16]).as_bytes();
    [hash[0], hash[1], hash[2], hash[3]]
}

fn picture_checksum(page: u32, picture: &[u8]) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&page.to_le_bytes());
    hasher.update(&(picture.len() as u64).to_le_bytes());
    hasher.update(picture);
    let mut sum = [0; 8];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;

    fn pack(records: &[(u32, &[u8])]) -> Vec<u8> {
        let mut bytes = header().to_vec();
        for (page, picture) in records {
            let offset = bytes.len() as u64;
            encode(*page, picture, offset, &mut bytes).unwrap();
        }
        bytes
    }

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn the_later_record_of_a_page_wins() {
        let mut file = file(&pack(&[(1, b"one"), (2, b"two"), (1, b"new")]));
        let found = scan(&mut file).unwrap();
        assert_eq!((found.index.len(), found.earlier.len()), (2, 1));
        let mut picture = |page, record| read(&mut file, page, record).unwrap().unwrap();
        assert_eq!(picture(1, found.index[&1]), b"new");
        assert_eq!(picture(2, found.index[&2]), b"two");
        assert_eq!(picture(1, found.earlier[&1]), b"one");
    }

    #[test]
    fn every_cut_keeps_the_whole_records_before_it() {
        let whole = pack(&[(1, b"first"), (2, b"second")]);
        let first_end = pack(&[(1, b"first")]).len();
        for cut in 0..whole.len() {
            let found = scan(&mut file(&whole[..cut])).unwrap();
            let expected = match cut {
                _ if cut < HEADER as usize => 0,
                _ if cut < first_end => HEADER as usize,
                _ => first_end,
            };
            assert_eq!(found.length, expected as u64, "cut at {cut}");
            assert_eq!(
                found.index.len(),
                usize::from(cut >= first_end),
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn no_flipped_bit_brings_a_wrong_picture() {
        let whole = pack(&[(1, b"first"), (2, b"second")]);
        let pictures: [&[u8]; 2] = [b"first", b"second"];
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let mut file = file(&bytes);
            let found = scan(&mut file).unwrap();
            let mut intact = 0;
            for (page, record) in &found.index {
                if let Some(picture) = read(&mut file, *page, *record).unwrap() {
                    assert_eq!(picture, pictures[*page as usize - 1], "bit {bit}");
                    intact += 1;
                }
            }
            assert!(intact < 2, "bit {bit} was not noticed");
        }
    }

    #[test]
    fn a_foreign_file_has_no_records() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        fs::write(&path, vec![7; 1000]).unwrap();
        assert_eq!(
            scan(&mut File::open(&path).unwrap()).unwrap(),
            Scan::default()
        );
    }

    #[test]
    fn page_zero_and_giant_pictures_are_refused() {
        let mut out = Vec::new();
        assert!(encode(0, b"x", 0, &mut out).is_none());
        let giant = vec![0; LARGEST_PICTURE as usize + 1];
        assert!(encode(1, &giant, 0, &mut out).is_none());
        assert!(out.is_empty());
    }
}
