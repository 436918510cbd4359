//! The sample batch: what a fictional client, Harbour & Finch Ltd, sends its accountants.
//! Every name, address, amount and account in it is invented.

mod contract;
mod house;
mod invoices;
mod letter;
mod payroll;
mod plan;
mod report;
mod scans;
mod statement;

/// The password of `Confidential salaries.pdf`.
pub const SALARIES_PASSWORD: &str = "finch2025";

/// How exactly a sample can be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fidelity {
    /// Byte for byte, on any machine.
    Bytes,
    /// The same objects. Their compressed form may differ with the processor and the library.
    Objects,
    /// The same pages and pictures. Pixels may differ as well.
    Structure,
    /// A file that does not open; only that counts.
    Broken,
}

/// One file of the batch.
pub struct Sample {
    /// The path below the batch's folder, with forward slashes.
    pub path: &'static str,
    pub bytes: Vec<u8>,
    pub fidelity: Fidelity,
    /// How many pages can be read; `None` where the file does not open.
    pub pages: Option<usize>,
    pub password: Option<&'static str>,
}

/// Makes the whole batch.
pub fn batch() -> Vec<Sample> {
    let letter = letter::engagement();
    vec![
        document("01 Engagement letter.pdf", letter.clone(), 2),
        document("02 Invoices 2025-Q1.pdf", invoices::quarter(), 8),
        document("03 Bank statement March.pdf", statement::march(), 5),
        document("Contract (landscape annex).pdf", contract::lease(), 5),
        Sample {
            password: Some(SALARIES_PASSWORD),
            ..document(
                "Confidential salaries.pdf",
                payroll::salaries(SALARIES_PASSWORD),
                2,
            )
        },
        document("Copy of Engagement letter.pdf", letter, 2),
        unreadable("Damaged upload.pdf", damaged()),
        document("Monthly report.pdf", report::march(), 9),
        document("Payslips.pdf", payroll::payslips(), 4),
        document("Site plan A3.pdf", plan::warehouse(), 1),
        scanned("Scans/scan 0107.pdf", scans::post_tray(), 9),
        scanned("Scans/scan 0108 (separators).pdf", scans::separated(), 9),
        scanned("Scans/scan with text layer.pdf", scans::minutes(), 2),
        unreadable("photo.pdf", photo()),
        Sample {
            pages: None,
            fidelity: Fidelity::Bytes,
            ..document("README.txt", read_me().into_bytes(), 0)
        },
    ]
}

fn document(path: &'static str, bytes: Vec<u8>, pages: usize) -> Sample {
    Sample {
        path,
        bytes,
        fidelity: Fidelity::Objects,
        pages: Some(pages),
        password: None,
    }
}

fn scanned(path: &'static str, bytes: Vec<u8>, pages: usize) -> Sample {
    Sample {
        fidelity: Fidelity::Structure,
        ..document(path, bytes, pages)
    }
}

fn unreadable(path: &'static str, bytes: Vec<u8>) -> Sample {
    Sample {
        pages: None,
        fidelity: Fidelity::Broken,
        ..document(path, bytes, 0)
    }
}

/// The start of the bank statement, as an upload that broke off leaves it.
fn damaged() -> Vec<u8> {
    let mut bytes = statement::march();
    let stream = bytes
        .windows(6)
        .position(|window| window == b"stream")
        .expect("a stream");
    bytes.truncate(stream + 700);
    bytes
}

/// A small picture under the wrong name: dusk over water.
fn photo() -> Vec<u8> {
    const WIDTH: u32 = 240;
    const HEIGHT: u32 = 160;
    let mut pixels = Vec::new();
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (dx, dy) = (x as i32 - 168, y as i32 - 78);
            let colour = if y < 100 {
                if dx * dx + dy * dy < 260 {
                    [252, 214, 140]
                } else {
                    let t = y * 120 / 100;
                    [80 + t as u8, 92 + (t / 2) as u8, 150 - (t / 3) as u8]
                }
            } else if (y * 7 + x * x / 60) % 11 < 2 {
                [150, 130, 130]
            } else {
                [44, 60, 92 - ((y - 100) / 2) as u8]
            };
            pixels.extend(colour);
        }
    }
    let mut bytes = Vec::new();
    image::write_buffer_with_format(
        &mut std::io::Cursor::new(&mut bytes),
        &pixels,
        WIDTH,
        HEIGHT,
        image::ExtendedColorType::Rgb8,
        image::ImageFormat::Png,
    )
    .expect("encoding to memory");
    bytes
}

fn read_me() -> String {
    format!(
        "A sample batch for trying Pagesieve out: what a client might send in one go.\n\
         Harbour & Finch Ltd and everyone else in these files is invented.\n\
         \n\
         - \"Confidential salaries.pdf\" opens with the password {SALARIES_PASSWORD}\n\
         - \"Copy of Engagement letter.pdf\" repeats \"01 Engagement letter.pdf\"\n\
         - \"Damaged upload.pdf\" breaks off in the middle and cannot be opened\n\
         - \"photo.pdf\" is a PNG picture under the wrong name\n\
         - \"Scans\" holds skewed pages, a blank one, one with only a page number,\n  \
         and separator sheets\n\
         \n\
         The files are made by the test \"sample_batch\"; do not edit them by hand.\n"
    )
}
