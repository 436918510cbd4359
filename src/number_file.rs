//! Numbers that are kept in a small file and overwritten in place, which works on a
//! disk that is full to its last byte. Not for anything of varying length.

use std::io::{self, Write};
use std::path::Path;

use crate::{private, regular_file};

/// Reads the number; none where there is no file, or something else in it.
pub fn read(path: &Path) -> Option<u64> {
    regular_file::read_to_string(path).ok()?.trim().parse().ok()
}

/// Writes the number over the one that is there.
pub fn write(path: &Path, number: u64) -> io::Result<()> {
    regular_file::allow_writing(path)?;
    let mut file = private::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    // Every number takes as many digits as the largest one.
    write!(file, "{number:020}")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_number_replaces_the_one_before_and_the_file_keeps_its_length() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("number");
        assert_eq!(read(&path), None);
        for number in [u64::MAX, 0, 7] {
            write(&path, number).unwrap();
            assert_eq!(read(&path), Some(number));
            assert_eq!(fs::metadata(&path).unwrap().len(), 20);
        }
        fs::write(&path, "torn").unwrap();
        assert_eq!(read(&path), None);
    }
}
