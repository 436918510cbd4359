//! An analyser that tells where words stand, without recognising any.

use std::path::PathBuf;

use super::program::Place;

/// Declares an analyser `read` that prints these words on each page, each with left, top,
/// width and height in thousandths of the page; returns the file that does. Words of one top
/// are in one line.
pub fn declare(place: &Place, words: &[(&str, [u32; 4])]) -> PathBuf {
    let mut table = String::from(
        "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\t\
         conf\ttext\n1\t1\t0\t0\t0\t0\t0\t0\t1000\t1000\t-1\t\n",
    );
    for (text, [left, top, width, height]) in words {
        let place = format!("{left}\t{top}\t{width}\t{height}");
        table.push_str(&format!("5\t1\t1\t1\t{top}\t1\t{place}\t90\t{text}\n"));
    }
    let declared = format!(
        "[[analyser]]\nname = \"read\"\ncommand = [\"/bin/sh\", \"-c\", '''printf %s \"$1\"''', \
         \"sh\", '''{table}''']\ninput = \"page-png\"\ndpi = 72\noutput = \"words\"\n\
         pages = \"need-ocr\"\nscratch = \"2 MB\"\nmemory = \"1 GB\"\nseconds = 20\n"
    );
    let file = place.path().join("analysers.toml");
    std::fs::write(&file, declared).unwrap();
    file
}
