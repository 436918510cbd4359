//! A pack: the thumbnails of one document in one file that only grows. It
//! describes itself: the index is made from the records, a torn end is cut off,
//! and of two records of a page the later one counts. Not for leases.
//!
//! A record is the page's number, the picture's length and the first 4 bytes of
//! its BLAKE3 (each 4 bytes, little endian), then the picture.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

const MAGIC: &[u8; 8] = b"PSPACK\x00\x01";
const HEAD: u64 = 12;

/// A longer picture is a corrupt record: thumbnails have at most 256 × 256
/// pixels.
const LONGEST: u32 = 1 << 20;

/// An open pack.
pub(super) struct Pack {
    file: File,
    index: HashMap<u32, Record>,
    end: u64,
}

#[derive(Clone, Copy)]
struct Record {
    at: u64,
    length: u32,
    check: [u8; 4],
}

impl Pack {
    /// Opens a pack, or makes an empty one.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let mut pack = Self {
            file,
            index: HashMap::new(),
            end: 0,
        };
        pack.scan()?;
        Ok(pack)
    }

    fn scan(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        let mut reader = BufReader::new(&self.file);
        let mut magic = [0; MAGIC.len()];
        if length < MAGIC.len() as u64 || reader.read_exact(&mut magic).is_err() || magic != *MAGIC
        {
            drop(reader);
            self.file.set_len(0)?;
            self.file.rewind()?;
            self.file.write_all(MAGIC)?;
            self.end = MAGIC.len() as u64;
            return Ok(());
        }
        let mut end = MAGIC.len() as u64;
        let mut head = [0; HEAD as usize];
        while end + HEAD <= length && reader.read_exact(&mut head).is_ok() {
            let (number, picture, check) = parse(&head);
            let next = end + HEAD + u64::from(picture);
            if picture > LONGEST || next > length {
                break;
            }
            let record = Record {
                at: end + HEAD,
                length: picture,
                check,
            };
            self.index.insert(number, record);
            reader.seek_relative(i64::from(picture))?;
            end = next;
        }
        if end < length {
            self.file.set_len(end)?;
        }
        self.end = end;
        Ok(())
    }

    /// Length of the file in bytes.
    pub fn length(&self) -> u64 {
        self.end
    }

    /// Bytes that a picture adds to the file.
    pub fn cost(picture: &[u8]) -> u64 {
        HEAD + picture.len() as u64
    }

    /// The file was deleted by somebody else.
    pub fn is_gone(&self) -> bool {
        self.file
            .metadata()
            .is_ok_and(|metadata| super::tree::identity(&metadata).2 == 0)
    }

    /// Adds a picture with one write; after an error the pack is as before.
    pub fn append(&mut self, number: u32, picture: &[u8]) -> io::Result<()> {
        let length = u32::try_from(picture.len())
            .ok()
            .filter(|length| *length <= LONGEST)
            .ok_or(io::ErrorKind::InvalidInput)?;
        let check = check(picture);
        let mut record = Vec::with_capacity(HEAD as usize + picture.len());
        record.extend(number.to_le_bytes());
        record.extend(length.to_le_bytes());
        record.extend(check);
        record.extend(picture);
        self.file.seek(SeekFrom::Start(self.end))?;
        if let Err(error) = self.file.write_all(&record) {
            self.file.set_len(self.end)?;
            return Err(error);
        }
        let at = self.end + HEAD;
        self.index.insert(number, Record { at, length, check });
        self.end += record.len() as u64;
        Ok(())
    }

    /// A page's picture; none where there is none or it is corrupt.
    pub fn read(&mut self, number: u32) -> io::Result<Option<Vec<u8>>> {
        let Some(record) = self.index.get(&number).copied() else {
            return Ok(None);
        };
        let mut picture = vec![0; record.length as usize];
        self.file.seek(SeekFrom::Start(record.at))?;
        match self.file.read_exact(&mut picture) {
            Ok(()) if check(&picture) == record.check => Ok(Some(picture)),
            Ok(()) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn parse(head: &[u8; HEAD as usize]) -> (u32, u32, [u8; 4]) {
    let part = |at: usize| [head[at], head[at + 1], head[at + 2], head[at + 3]];
    (
        u32::from_le_bytes(part(0)),
        u32::from_le_bytes(part(4)),
        part(8),
    )
}

fn check(picture: &[u8]) -> [u8; 4] {
    let hash = blake3::hash(picture);
    let bytes = hash.as_bytes();
    [bytes[0], bytes[1], bytes[2], bytes[3]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/1.pack");
        (folder, path)
    }

    #[test]
    fn pictures_are_found_again_and_the_later_one_counts() {
        let (_folder, path) = file();
        let mut pack = Pack::open(&path).unwrap();
        pack.append(1, b"one").unwrap();
        pack.append(2, b"two").unwrap();
        pack.append(1, b"uno").unwrap();
        for mut pack in [pack, Pack::open(&path).unwrap()] {
            assert_eq!(pack.read(1).unwrap().unwrap(), b"uno");
            assert_eq!(pack.read(2).unwrap().unwrap(), b"two");
            assert_eq!(pack.read(3).unwrap(), None);
        }
    }

    #[test]
    fn a_torn_end_is_cut_off_wherever_it_was_torn() {
        let (_folder, path) = file();
        let mut pack = Pack::open(&path).unwrap();
        pack.append(1, b"one").unwrap();
        let whole = pack.length();
        pack.append(2, b"two").unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for length in whole as usize..bytes.len() {
            std::fs::write(&path, &bytes[..length]).unwrap();
            let mut pack = Pack::open(&path).unwrap();
            assert_eq!(pack.read(1).unwrap().unwrap(), b"one");
            assert_eq!(pack.read(2).unwrap(), None);
            assert_eq!(pack.length(), whole);
            pack.append(3, b"three").unwrap();
            assert_eq!(pack.read(3).unwrap().unwrap(), b"three");
        }
    }

    #[test]
    fn a_flipped_bit_is_no_picture() {
        let (_folder, path) = file();
        Pack::open(&path).unwrap().append(1, b"one").unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(Pack::open(&path).unwrap().read(1).unwrap(), None);
    }

    #[test]
    fn a_foreign_file_becomes_an_empty_pack() {
        let (_folder, path) = file();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "something else entirely").unwrap();
        let mut pack = Pack::open(&path).unwrap();
        assert_eq!(pack.read(1).unwrap(), None);
        pack.append(1, b"one").unwrap();
        assert_eq!(Pack::open(&path).unwrap().read(1).unwrap().unwrap(), b"one");
    }
}
