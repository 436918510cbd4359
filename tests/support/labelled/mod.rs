//! Pages whose every signal is known, made as client batches are: programs'
//! pages, scans at several resolutions, dirt, tinted paper, text layers, rescans,
//! forms of one template.

mod worn;

use rayon::prelude::*;

use zxingcpp::BarcodeFormat;

use crate::support::barcode::{
    code_39, code_39_width, linear_code, patch_sheet, separator_sheet, square_code,
};
use crate::support::pdf::{BLACK, Font, Page, PdfBuilder, Rgb, Style};
use crate::support::prng::Prng;
use crate::support::scan::{self, Look, Picture};

/// What is known of a page. `None`: not asked about.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    pub blank: Option<&'static str>,
    pub empty: bool,
    pub kind: Option<&'static str>,
    pub needs_ocr: Option<&'static str>,
    pub colour: Option<&'static str>,
    pub skew: Option<f64>,
    pub language: Option<&'static str>,
    pub barcodes: Vec<String>,
    pub separator: bool,
    pub divider: bool,
    pub garbled: bool,
    pub dpi: Option<f64>,
    /// Pages that paint the same.
    pub exact: Option<usize>,
    /// Pages that are the same page.
    pub near: Option<usize>,
    /// What it is, for reports.
    pub what: &'static str,
}

/// A file of one page.
pub struct Labelled {
    pub name: String,
    pub pdf: Vec<u8>,
    pub truth: Truth,
}

const BODY: Style = Style {
    font: Font::Helvetica,
    size: 10.5,
    leading: 15.0,
    colour: BLACK,
};

/// Sentences of a few languages that Windows' Latin letters can write.
const LANGUAGES: [(&str, [&str; 8]); 6] = [
    (
        "eng",
        [
            "The tenant shall keep the premises in good repair at his own expense.",
            "Payment is due within thirty days of the date of this invoice.",
            "We have looked into your complaint and found the cause of the delay.",
            "Neither party shall be liable for losses that could not be foreseen.",
            "The committee met on Tuesday and approved the budget for next year.",
            "Please return the signed copy together with proof of your identity.",
            "The goods were delivered in sound condition and counted on arrival.",
            "Any change to this agreement must be made in writing by both sides.",
        ],
    ),
    (
        "deu",
        [
            "Der Mieter hat die Räume auf eigene Kosten in gutem Zustand zu halten.",
            "Der Betrag ist innerhalb von dreißig Tagen ohne Abzug zu zahlen.",
            "Wir haben Ihre Beschwerde geprüft und die Ursache gefunden.",
            "Keine der Parteien haftet für Schäden, die nicht vorherzusehen waren.",
            "Der Ausschuss tagte am Dienstag und billigte den Haushalt.",
            "Bitte senden Sie die unterschriebene Kopie zusammen mit dem Nachweis zurück.",
            "Die Ware wurde in einwandfreiem Zustand geliefert und gezählt.",
            "Änderungen dieses Vertrages bedürfen der schriftlichen Form.",
        ],
    ),
    (
        "fra",
        [
            "Le locataire doit maintenir les lieux en bon état à ses propres frais.",
            "Le paiement est exigible dans les trente jours suivant la facture.",
            "Nous avons examiné votre réclamation et trouvé la cause du retard.",
            "Aucune des parties ne répond des pertes qui ne pouvaient être prévues.",
            "Le comité s'est réuni mardi et a approuvé le budget de l'année.",
            "Veuillez renvoyer la copie signée avec une preuve de votre identité.",
            "Les marchandises ont été livrées en bon état et comptées à l'arrivée.",
            "Toute modification du présent contrat doit être faite par écrit.",
        ],
    ),
    (
        "spa",
        [
            "El inquilino debe mantener el local en buen estado a su propio cargo.",
            "El pago vence a los treinta días de la fecha de esta factura.",
            "Hemos estudiado su reclamación y encontrado la causa del retraso.",
            "Ninguna de las partes responde de las pérdidas que no pudieran preverse.",
            "El comité se reunió el martes y aprobó el presupuesto del próximo año.",
            "Le rogamos que devuelva la copia firmada con una prueba de su identidad.",
            "La mercancía fue entregada en buen estado y contada a su llegada.",
            "Cualquier cambio de este contrato debe hacerse por escrito.",
        ],
    ),
    (
        "ita",
        [
            "Il conduttore deve mantenere i locali in buono stato a proprie spese.",
            "Il pagamento è dovuto entro trenta giorni dalla data della fattura.",
            "Abbiamo esaminato il suo reclamo e trovato la causa del ritardo.",
            "Nessuna delle parti risponde delle perdite che non si potevano prevedere.",
            "Il comitato si è riunito martedì e ha approvato il bilancio dell'anno.",
            "La preghiamo di restituire la copia firmata con un documento di identità.",
            "La merce è stata consegnata in buono stato e contata all'arrivo.",
            "Ogni modifica del presente contratto deve essere fatta per iscritto.",
        ],
    ),
    (
        "nld",
        [
            "De huurder houdt de ruimte op eigen kosten in goede staat.",
            "De betaling moet binnen dertig dagen na de datum van de factuur gebeuren.",
            "Wij hebben uw klacht onderzocht en de oorzaak van de vertraging gevonden.",
            "Geen van de partijen is aansprakelijk voor schade die niet te voorzien was.",
            "De commissie kwam dinsdag bijeen en keurde de begroting goed.",
            "Stuur het ondertekende exemplaar terug samen met een bewijs van identiteit.",
            "De goederen werden in goede staat geleverd en bij aankomst geteld.",
            "Wijzigingen van deze overeenkomst moeten schriftelijk worden vastgelegd.",
        ],
    ),
];

fn words(language: usize, seed: u64, sentences: usize) -> String {
    let mut chance = Prng::new(seed);
    let all = &LANGUAGES[language].1;
    let chosen: Vec<&str> = (0..sentences)
        .map(|_| all[chance.range(0, all.len() as i64) as usize])
        .collect();
    chosen.join(" ")
}

/// A letter: two to five paragraphs, different for each seed.
fn letter(language: usize, seed: u64) -> Page {
    let mut page = Page::a4();
    let mut chance = Prng::new(seed ^ 0x5eed);
    let (reference, day) = (chance.range(1000, 99_999), chance.range(1, 29));
    page.text(
        Font::HelveticaBold,
        15.0,
        72.0,
        96.0,
        BLACK,
        "Alder & Wharf Ltd",
    );
    page.text(
        Font::Helvetica,
        9.0,
        72.0,
        112.0,
        BLACK,
        "12 Custom House Lane, Port Alder",
    );
    let line = format!("Ref. {reference} - {day}.3.2025");
    page.text(Font::Helvetica, 10.5, 72.0, 150.0, BLACK, &line);
    let mut y = 190.0;
    for paragraph in 0..chance.range(2, 6) {
        let sentences = chance.range(3, 7) as usize;
        let text = words(language, seed * 31 + paragraph as u64, sentences);
        y = page.paragraph(BODY, 72.0, y, 450.0, &text) + 12.0;
    }
    page.text(Font::HelveticaBold, 20.0, 72.0, y + 40.0, BLACK, "J. Finch");
    page
}

/// A form with the values of one person filled in.
fn form(template: u64, person: u64) -> Page {
    let mut page = Page::a4();
    let title = [
        "Application for cover",
        "Tax declaration",
        "Notice of claim",
    ][template as usize % 3];
    page.text(Font::HelveticaBold, 17.0, 72.0, 90.0, BLACK, title);
    let mut y = page.paragraph(BODY, 72.0, 116.0, 450.0, &words(0, template * 7 + 1, 4)) + 14.0;
    let labels = [
        "Name",
        "Street",
        "Town",
        "Date of birth",
        "Policy number",
        "Sum insured",
        "Occupation",
        "Telephone",
    ];
    let names = [
        "Anna Brightwell",
        "Peter Hobb",
        "Maria Santos",
        "Jonas Keller",
        "Ruth Adeyemi",
        "Li Wen",
    ];
    let streets = [
        "4 Mill Road",
        "117 Quay Street",
        "23 High Lane",
        "9 Saw Pit Row",
        "61 Foundry Hill",
        "2 Chapel Walk",
    ];
    let towns = [
        "Wexcombe",
        "Port Alder",
        "Sandling",
        "Northcombe",
        "Beacon Hill",
        "Easterly",
    ];
    let jobs = [
        "Carpenter",
        "Accountant",
        "Teacher",
        "Sail maker",
        "Surveyor",
        "Nurse",
    ];
    let mut chance = Prng::new(template * 1_000_003 + person);
    let mut pick = |all: [&str; 6]| all[chance.range(0, 6) as usize].to_owned();
    let (name, street, town, job) = (pick(names), pick(streets), pick(towns), pick(jobs));
    let mut number = |low, high| chance.range(low, high);
    let values = [
        name,
        street,
        town,
        format!(
            "{:02}.{:02}.19{}",
            number(1, 29),
            number(1, 13),
            number(40, 99)
        ),
        format!("{}-{}", number(100, 999), number(10_000, 99_999)),
        format!("{},{:03}.00", number(1, 99), number(0, 999)),
        job,
        format!("0{} {}", number(100, 999), number(100_000, 999_999)),
    ];
    for (label, value) in labels.iter().zip(values) {
        page.text(Font::Helvetica, 9.0, 72.0, y, BLACK, label);
        page.stroke_rect(190.0, y - 13.0, 320.0, 19.0, 0.7, BLACK);
        page.text(Font::Courier, 11.0, 196.0, y, BLACK, &value);
        y += 30.0;
    }
    page.paragraph(BODY, 72.0, y + 20.0, 450.0, &words(0, template * 7 + 2, 5));
    page
}

/// A table with rules and numbers.
fn table(seed: u64) -> Page {
    let mut page = Page::a4();
    let mut chance = Prng::new(seed);
    page.text(
        Font::HelveticaBold,
        14.0,
        60.0,
        80.0,
        BLACK,
        "Statement of account",
    );
    for row in 0..24 {
        let y = 110.0 + f64::from(row) * 22.0;
        page.line((60.0, y), (535.0, y), 0.6, BLACK);
        let cells = [
            format!("{:02}.03.2025", chance.range(1, 29)),
            format!("Delivery note {}", chance.range(1000, 9999)),
            format!("{}.{:02}", chance.range(1, 999), chance.range(0, 99)),
        ];
        for (x, cell) in [64.0, 150.0, 430.0].into_iter().zip(cells) {
            page.text(Font::Helvetica, 9.5, x, y + 15.0, BLACK, &cell);
        }
    }
    for x in [60.0, 145.0, 420.0, 535.0] {
        page.line((x, 110.0), (x, 616.0), 0.6, BLACK);
    }
    page
}

/// A table of contents: dots lead from each heading to its page, and there are more of
/// them than letters.
fn contents(seed: u64) -> Page {
    let mut page = Page::a4();
    let mut chance = Prng::new(seed);
    page.text(Font::HelveticaBold, 14.0, 72.0, 80.0, BLACK, "Contents");
    for line in 0..28 {
        let y = 110.0 + f64::from(line) * 22.0;
        let heading: String = words(0, seed * 31 + line as u64, 1)
            .chars()
            .take(14)
            .collect();
        let leader = match seed % 2 {
            0 => ".".repeat(chance.range(70, 90) as usize),
            _ => ". ".repeat(chance.range(45, 60) as usize),
        };
        let number = chance.range(1, 90);
        let text = format!("{} {leader} {number}", heading.trim());
        page.text(Font::Helvetica, 9.5, 72.0, y, BLACK, &text);
    }
    page
}

/// A short note by hand: curved strokes and nothing else.
fn handwriting(seed: u64) -> Page {
    let mut page = Page::a4();
    let mut chance = Prng::new(seed);
    for line in 0..3 {
        let y = 200.0 + f64::from(line) * 40.0;
        let mut points = Vec::new();
        for step in 0..120 {
            let x = 90.0 + f64::from(step) * 3.0;
            points.push((x, y + chance.between(-9.0, 9.0)));
        }
        page.polyline(&points, 1.2, BLACK);
    }
    page
}

/// Only a page number, or a running header with a rule.
fn furniture(which: u64) -> Page {
    let mut page = Page::a4();
    if which.is_multiple_of(2) {
        let number = format!("{}", which + 3);
        page.text_centre(Font::Helvetica, 10.0, 297.6, 806.0, BLACK, &number);
    } else {
        page.text(
            Font::Helvetica,
            9.0,
            72.0,
            48.0,
            BLACK,
            "Annual report 2025 - Alder & Wharf Ltd",
        );
        page.line((72.0, 54.0), (523.0, 54.0), 0.5, BLACK);
    }
    page
}

/// Text that a program reads as nonsense: letters moved to a private area, or
/// without any meaning.
fn garbled(seed: u64, sentences: usize) -> Vec<u8> {
    let mut builder = PdfBuilder::new("garbled");
    let mut page = Page::a4();
    let text = words(0, seed, sentences);
    let mut y = 90.0;
    for line in Font::Helvetica.wrap(&text, 10.5, 450.0) {
        let bytes: String = line.bytes().map(|byte| format!("{byte:02x}")).collect();
        page.raw(format!(
            "BT /Odd 10.5 Tf 72 {} Td <{bytes}> Tj ET",
            842.0 - y
        ));
        y += 15.0;
    }
    builder.misnamed_font("Odd", [0xe020, 0x2200, 0xe200][seed as usize % 3]);
    builder.add(page);
    builder.finish()
}

/// Text whose letters are others than it shows: moved on in the alphabet, as in fonts that
/// were cut down, without its vowels, of another script read by the wrong code page, mixed
/// up, which also a short page shows, or one for all.
fn ciphered(seed: u64) -> Vec<u8> {
    let plain = words(0, seed, if seed % 5 == 3 { 3 } else { 8 });
    let nth = |letter: char, times: u32, and: u32| {
        let moved = (u32::from(letter as u8 - b'a') * times + and) % 26;
        char::from(b'a' + moved as u8)
    };
    let changed = |letter: char| match (seed % 5, letter) {
        (0, 'a'..='z') => Some(nth(letter, 1, 3)),
        (1, 'a' | 'e' | 'i' | 'o' | 'u' | 'y') => None,
        (2, 'a'..='z') => char::from_u32(0xe0 + u32::from(letter as u8 - b'a')),
        (3, 'a'..='z') => Some(nth(letter, 11, 3)),
        (4, 'a'..='z') => Some('a'),
        (_, letter) => Some(letter),
    };
    let text: String = plain.to_lowercase().chars().filter_map(changed).collect();
    set_in_lines("ciphered", &text)
}

/// A page of one paragraph.
fn set_in_lines(title: &str, text: &str) -> Vec<u8> {
    let mut page = Page::a4();
    let mut y = 90.0;
    for line in Font::Helvetica.wrap(text, 10.5, 450.0) {
        page.text(Font::Helvetica, 10.5, 72.0, y, BLACK, &line);
        y += 15.0;
    }
    let mut builder = PdfBuilder::new(title);
    builder.add(page);
    builder.finish()
}

/// Words that look like no language, and can be read: names, what parts are called for short,
/// what they are numbered, and what programs say.
const LISTS: [&str; 4] = [
    "Kowalczyk Zbigniew; Szczepanski Krzysztof; Grzegorz Brzozowski; Strzyzewska Malgorzata; \
     Llwyd Rhys; Ng Kwok Wing; Vlk Hrdlicka; Schwartz Kjartan; Wyszynska Grazyna; Pryce Gwyn",
    "QTY UOM DESC HEX CAP SCR BRKT ASSY FRT BLK WHT GRN PLTD STL ALUM MTG PLT WSHR FLT LCK \
     NUT BLT FLG GSKT SEAL RNG BRG HSG SHFT SPRKT CHN DRV MTR PMP VLV CTRL PNL RLY FUSE CBL",
    "BX204-Q17 KZ118-R20 NT993-W41 AY550-T08 GR731-Z66 LS402-Q12 HX877-W90 MT265-R33 CZ014-T57 \
     DY628-Z05 EX349-Q78 FR950-W21 KS183-T44 BT706-R69 NZ521-Q36 AR447-Z82 GX390-W15 LY264-T93",
    "for (i = 0; i < n; i++) if (strcmp(a[i].k, key) == 0) return a[i].v; #define XSTR(s) #s \
     static int cmp(const void *p, const void *q) { return strncmp(p, q, sizeof(hdr)); }",
];

/// How a page is scanned.
#[derive(Clone)]
struct Scanned {
    dpi: f32,
    look: Look,
    /// Colour of the paper, and whether the scan has colour at all.
    tint: Option<[f64; 3]>,
    bilevel: bool,
    quality: u8,
    /// What stands on the other side, and how much of it shows.
    back: Option<(u64, f64)>,
    /// The scanner's lid beside a sheet that lies askew.
    dark_edge: bool,
    /// A stamp in this colour.
    stamp: Option<[f64; 3]>,
    /// A photograph in shades of gray or in colours.
    photograph: Option<bool>,
    /// The colour of all ink.
    pen: Option<[f64; 3]>,
    /// Of so many pixels, as one of so many, ink is paper and paper ink.
    specks: Option<u64>,
    /// All that stands on it has soft edges, as what carbon paper leaves.
    soft: bool,
}

impl Scanned {
    fn at(dpi: f32, seed: u64) -> Self {
        Self {
            dpi,
            look: Look {
                seed,
                ..Look::default()
            },
            tint: None,
            bilevel: false,
            quality: 60,
            back: None,
            dark_edge: false,
            stamp: None,
            photograph: None,
            pen: None,
            specks: None,
            soft: false,
        }
    }
}

fn file(page: Page) -> Vec<u8> {
    let mut builder = PdfBuilder::new("page");
    builder.add(page);
    builder.finish()
}

/// A page as its scan, over a text layer where there is one.
fn scanned(page: Page, how: &Scanned, layer: Option<Page>) -> Vec<u8> {
    let mut clean = scan::render(&file(page), 0, how.dpi);
    let (width, height) = (clean.width, clean.height);
    if how.soft {
        let soft = softened(&clean, f64::from(how.dpi));
        for (pixel, ink) in clean.pixels.iter_mut().zip(soft) {
            *pixel = (255.0 * (1.0 - ink)) as u8;
        }
    }
    let mut aged = scan::age(&clean, &how.look);
    let mut chance = Prng::new(how.look.seed ^ 0xabcd);
    if let Some((seed, share)) = how.back {
        let back = scan::render(&file(letter(0, seed)), 0, how.dpi);
        let soft = softened(&back, f64::from(how.dpi));
        for (row, soft) in aged
            .pixels
            .chunks_exact_mut(width)
            .zip(soft.chunks_exact(width))
        {
            for (pixel, ink) in row.iter_mut().zip(soft.iter().rev()) {
                *pixel = (f64::from(*pixel) * (1.0 - ink * share)) as u8;
            }
        }
    }
    if how.dark_edge {
        for y in 0..height {
            let wide = (height - y) as f64 / height as f64 * width as f64 * 0.025;
            for x in 0..wide as usize {
                aged.pixels[y * width + x] = chance.between(20.0, 60.0) as u8;
            }
        }
    }
    if let Some(one_of) = how.specks {
        for pixel in &mut aged.pixels {
            if chance.next_u64().is_multiple_of(one_of) {
                *pixel = 255 - *pixel;
            }
        }
    }
    let mut builder = PdfBuilder::new("scan");
    if how.bilevel {
        scan::add_bilevel_page(&mut builder, &aged, f64::from(how.dpi));
        return builder.finish();
    }
    let coloured = how.tint.is_some()
        || how.pen.is_some()
        || how.stamp.is_some()
        || how.photograph == Some(true);
    if !coloured {
        if how.photograph.is_some() {
            photograph(&mut aged, None, how.look.seed);
        }
        scan::add_page(&mut builder, &aged, f64::from(how.dpi), how.quality, layer);
        return builder.finish();
    }
    let tint = how.tint.unwrap_or([1.0, 1.0, 1.0]);
    let mut rgb: Vec<u8> = aged
        .pixels
        .iter()
        .flat_map(|gray| {
            let paper = f64::from(how.look.paper);
            let ink = (paper - f64::from(*gray)).max(0.0);
            let pen = how.pen.unwrap_or([0.0; 3]);
            std::array::from_fn::<_, 3, _>(|at| {
                let kept = f64::from(*gray) + ink * pen[at];
                (kept * tint[at]).min(255.0) as u8
            })
        })
        .collect();
    if let Some(colour) = how.stamp {
        let (cx, cy) = (width as f64 * 0.7, height as f64 * 0.8);
        let radius = f64::from(how.dpi) * 0.5;
        for y in 0..height {
            for x in 0..width {
                let away = (x as f64 - cx).hypot(y as f64 - cy);
                let ring = (away - radius).abs() < f64::from(how.dpi) * 0.02;
                let bar = (y as f64 - cy).abs() < f64::from(how.dpi) * 0.04 && away < radius;
                if ring || bar {
                    for (channel, c) in colour.iter().enumerate() {
                        let pixel = &mut rgb[(y * width + x) * 3 + channel];
                        *pixel = (f64::from(*pixel) * (0.2 + 0.8 * c)) as u8;
                    }
                }
            }
        }
    }
    if how.photograph == Some(true) {
        photograph(&mut aged, Some(&mut rgb), how.look.seed);
    }
    scan::add_rgb_page(
        &mut builder,
        &rgb,
        (width, height),
        f64::from(how.dpi),
        how.quality,
        layer,
    );
    builder.finish()
}

/// The ink of a page as it shows through paper, 0 to 1, which scatters light by a quarter of a
/// millimetre, and as carbon paper leaves it.
fn softened(picture: &Picture, dpi: f64) -> Vec<f64> {
    let (width, height) = (picture.width, picture.height);
    let reach = (0.25 * dpi / 25.4).round().max(1.0) as usize;
    let mut ink: Vec<f64> = picture
        .pixels
        .iter()
        .map(|pixel| 1.0 - f64::from(*pixel) / 255.0)
        .collect();
    // Twice a mean in each direction is near to a bell.
    for _ in 0..2 {
        for (step, length, lines) in [(1, width, height), (width, height, width)] {
            for line in 0..lines {
                let start = line * if step == 1 { width } else { 1 };
                let along: Vec<f64> = (0..length).map(|at| ink[start + at * step]).collect();
                for at in 0..length {
                    let near = &along[at.saturating_sub(reach)..(at + reach + 1).min(length)];
                    ink[start + at * step] = near.iter().sum::<f64>() / near.len() as f64;
                }
            }
        }
    }
    ink
}

/// A sheet of half the size, scanned, in a corner of an A4 page.
fn small_sheet(seed: u64, how: &Scanned) -> Vec<u8> {
    let mut page = Page::new(298.0, 420.0);
    page.text(Font::HelveticaBold, 14.0, 40.0, 60.0, BLACK, "Receipt");
    page.paragraph(BODY, 40.0, 90.0, 220.0, &words(0, seed, 6));
    let aged = scan::age(&scan::render(&file(page), 0, how.dpi), &how.look);
    let (width, height) = (aged.width as u32, aged.height as u32);
    let mut builder = PdfBuilder::new("receipt");
    let image = builder.jpeg(scan::jpeg(&aged, how.quality), width, height, 1);
    let mut page = Page::a4();
    page.image(image, 0.0, 0.0, 298.0, 420.0);
    builder.add(page);
    builder.finish()
}

/// Paints smooth hills over the lower half.
fn photograph(picture: &mut Picture, rgb: Option<&mut Vec<u8>>, seed: u64) {
    let (width, height) = (picture.width, picture.height);
    let phase = seed as f64;
    let mut rgb = rgb;
    for y in height * 55 / 100..height * 85 / 100 {
        for x in width / 5..width * 4 / 5 {
            let (u, v) = (x as f64 / width as f64, y as f64 / height as f64);
            let level = 128.0
                + 70.0 * (u * 9.0 + phase).sin() * (v * 7.0 + phase * 0.7).cos()
                + 30.0 * (u * 31.0 + v * 17.0).sin();
            let at = y * width + x;
            picture.pixels[at] = level as u8;
            if let Some(rgb) = rgb.as_deref_mut() {
                let colours = [level * 1.15, level * 0.85, level * 0.45 + 20.0];
                for (channel, value) in colours.iter().enumerate() {
                    rgb[at * 3 + channel] = value.clamp(0.0, 255.0) as u8;
                }
            }
        }
    }
}

/// The same text as an invisible layer.
fn layer(language: usize, seed: u64) -> Page {
    let mut page = Page::a4();
    let mut y = 190.0;
    // As long as the longest letter.
    for line in Font::Helvetica.wrap(&words(language, seed, 34), 10.5, 450.0) {
        page.invisible_text(Font::Helvetica, 10.5, 72.0, y, &line);
        y += 15.0;
    }
    page
}

/// The text of another page in small print, in one corner of the sheet's body.
fn layer_elsewhere(language: usize, seed: u64) -> Page {
    let mut page = Page::a4();
    let mut y = 660.0;
    for line in Font::Helvetica.wrap(&words(language, seed, 12), 3.0, 100.0) {
        page.invisible_text(Font::Helvetica, 3.0, 380.0, y, &line);
        y += 3.2;
    }
    page
}

const DPIS: [f32; 3] = [150.0, 200.0, 300.0];

/// Makes a file.
type Maker = Box<dyn Fn() -> Vec<u8> + Send + Sync>;

/// Pages to be made, each in a file of its own.
#[derive(Default)]
struct Set {
    jobs: Vec<(String, Truth, Maker)>,
}

impl Set {
    fn add(
        &mut self,
        name: String,
        truth: Truth,
        make: impl Fn() -> Vec<u8> + Send + Sync + 'static,
    ) {
        self.jobs
            .push((format!("{name}.pdf"), truth, Box::new(make)));
    }
}

/// All pages.
pub fn pages() -> Vec<Labelled> {
    some(&|_| true)
}

/// Pages whose name is wanted.
pub fn some(is_wanted: &dyn Fn(&str) -> bool) -> Vec<Labelled> {
    let mut set = Set::default();
    drawn(&mut set);
    scans(&mut set);
    codes(&mut set);
    families(&mut set);
    twins(&mut set);
    worn::add(&mut set);
    set.jobs.retain(|(name, ..)| is_wanted(name));
    set.jobs
        .into_par_iter()
        .map(|(name, truth, make)| Labelled {
            name,
            pdf: make(),
            truth,
        })
        .collect()
}

fn of_text() -> Truth {
    Truth {
        blank: Some("no"),
        kind: Some("digital"),
        needs_ocr: Some("no"),
        colour: Some("mono"),
        skew: Some(0.0),
        ..Truth::default()
    }
}

fn of_scan(how: &Scanned, what: &'static str) -> Truth {
    Truth {
        kind: Some("scan"),
        needs_ocr: Some("yes"),
        skew: Some(how.look.skew_degrees),
        dpi: Some(how.dpi.into()),
        what,
        ..of_text()
    }
}

/// Programs' pages.
fn drawn(set: &mut Set) {
    for seed in 0..24u64 {
        let language = seed as usize % LANGUAGES.len();
        let truth = Truth {
            language: Some(LANGUAGES[language].0),
            what: "letter",
            ..of_text()
        };
        set.add(format!("letter-{seed}"), truth, move || {
            file(letter(language, seed + 100))
        });
    }
    for seed in 0..6u64 {
        let what = |what| Truth { what, ..of_text() };
        set.add(format!("table-{seed}"), what("table"), move || {
            file(table(seed))
        });
        let contents_too = what("table of contents");
        set.add(format!("contents-{seed}"), contents_too, move || {
            file(contents(seed))
        });
        let truth = Truth {
            kind: Some("vector"),
            skew: None,
            ..what("drawing")
        };
        set.add(format!("drawing-{seed}"), truth, move || {
            file(handwriting(seed))
        });
        let truth = Truth {
            blank: Some("almost"),
            exact: (seed % 2 == 1).then_some(901),
            ..what("furniture")
        };
        set.add(format!("furniture-{seed}"), truth, move || {
            file(furniture(seed))
        });
        let truth = Truth {
            garbled: true,
            needs_ocr: None,
            ..what("garbled")
        };
        set.add(format!("garbled-{seed}"), truth, move || {
            garbled(seed, [1, 3, 8][seed as usize % 3])
        });
        let truth = Truth {
            garbled: true,
            needs_ocr: None,
            ..what("ciphered")
        };
        set.add(format!("ciphered-{seed}"), truth, move || ciphered(seed));
        if let Some(list) = LISTS.get(seed as usize) {
            let truth = what("list that is no language");
            set.add(format!("list-{seed}"), truth, move || {
                set_in_lines("List", list)
            });
        }
        let truth = Truth {
            kind: Some("mixed"),
            needs_ocr: Some("partial"),
            colour: None,
            dpi: Some(150.0),
            ..what("mixed")
        };
        set.add(format!("mixed-{seed}"), truth, move || mixed(seed));
        let truth = Truth {
            skew: Some([1.5, -2.5, 4.0, -0.7, 8.0, -12.0][seed as usize]),
            ..what("tilted by its program")
        };
        let tilt = truth.skew.unwrap_or_default();
        set.add(format!("tilted-{seed}"), truth, move || {
            let mut page = Page::a4();
            let (sin, cos) = (-tilt).to_radians().sin_cos();
            page.raw(format!("{cos} {sin} {} {cos} 0 0 cm", -sin));
            page.paragraph(BODY, 140.0, 200.0, 320.0, &words(0, seed, 12));
            file(page)
        });
    }
    let colours: [Rgb; 3] = [[0.8, 0.1, 0.1], [0.1, 0.2, 0.8], [0.1, 0.5, 0.2]];
    for (index, colour) in colours.into_iter().enumerate() {
        let truth = Truth {
            colour: Some("colour"),
            what: "coloured heading",
            ..of_text()
        };
        set.add(format!("heading-{index}"), truth, move || {
            let mut page = letter(0, 300 + index as u64);
            page.text(
                Font::HelveticaBold,
                12.0,
                72.0,
                60.0,
                colour,
                "Second notice",
            );
            file(page)
        });
        let truth = Truth {
            colour: Some("gray"),
            what: "gray shading",
            ..of_text()
        };
        set.add(format!("shading-{index}"), truth, move || {
            let mut page = letter(0, 330 + index as u64);
            page.fill_rect(72.0, 700.0, 450.0, 40.0, [0.7, 0.7, 0.7]);
            file(page)
        });
    }
    for index in 0..4 {
        let truth = Truth {
            blank: Some("yes"),
            empty: true,
            kind: Some("empty"),
            skew: None,
            what: "nothing",
            ..of_text()
        };
        set.add(format!("nothing-{index}"), truth, || file(Page::a4()));
    }
}

/// A page of text with the picture of half a page.
fn mixed(seed: u64) -> Vec<u8> {
    let mut builder = PdfBuilder::new("mixed");
    let clean = scan::render(&file(table(seed)), 0, 150.0 * 375.0 / 595.28);
    let aged = scan::age(&clean, &Look::default());
    let (width, height) = (aged.width as u32, aged.height as u32);
    let image = builder.jpeg(scan::jpeg(&aged, 60), width, height, 1);
    let mut page = Page::a4();
    page.paragraph(BODY, 72.0, 70.0, 450.0, &words(0, seed, 10));
    let side = |pixels: u32| f64::from(pixels) * 72.0 / 150.0;
    page.image(image, 100.0, 230.0, side(width), side(height));
    builder.add(page);
    builder.finish()
}

/// How a scanned page of the set with this number comes out: every resolution,
/// tilt, paper and dirt in turn.
fn how(number: u64) -> Scanned {
    let mut chance = Prng::new(number * 7919 + 13);
    let mut how = Scanned::at(DPIS[number as usize % 3], number);
    how.look.skew_degrees = match number % 4 {
        0 => 0.0,
        1 => chance.between(-2.5, 2.5),
        2 => chance.between(-0.9, 0.9),
        _ => chance.between(-6.5, 6.5),
    };
    how.look.noise = [3, 6, 10, 14][number as usize / 3 % 4];
    how.look.paper = [250, 240, 228, 215][number as usize / 2 % 4];
    how.look.black = [38, 12, 62, 74][number as usize / 7 % 4];
    how.look.stains = (number as usize / 5) % 4;
    how.look.punch_holes = number % 3 == 1;
    how.dark_edge = number % 7 == 3;
    how.quality = [40, 60, 85][number as usize / 4 % 3];
    how.bilevel = number % 6 == 5;
    if number % 5 == 2 && !how.bilevel {
        how.tint = Some([[1.0, 0.96, 0.82], [1.0, 0.9, 0.9], [0.9, 1.0, 0.9]][number as usize % 3]);
    }
    if number % 4 == 2 {
        how.back = Some((number + 5000, chance.between(0.06, 0.18)));
    }
    how
}

fn scans(set: &mut Set) {
    for number in 0..60u64 {
        let how = how(number);
        let truth = of_scan(&how, "scanned letter");
        set.add(format!("scan-letter-{number}"), truth, move || {
            let page = if number % 5 == 4 {
                table(number + 40)
            } else {
                letter(number as usize % 6, number + 900)
            };
            scanned(page, &how, None)
        });
    }
    for number in 0..30u64 {
        let how = how(number + 200);
        let truth = Truth {
            blank: Some("yes"),
            needs_ocr: Some("no"),
            skew: None,
            ..of_scan(&how, "scanned blank")
        };
        set.add(format!("scan-blank-{number}"), truth, move || {
            scanned(Page::a4(), &how, None)
        });
    }
    for number in 0..18u64 {
        let mut how = how(number + 300);
        how.look.skew_degrees = how.look.skew_degrees.clamp(-1.0, 1.0);
        let truth = Truth {
            blank: Some("almost"),
            needs_ocr: None,
            skew: None,
            ..of_scan(&how, "scanned furniture")
        };
        set.add(format!("scan-furniture-{number}"), truth, move || {
            scanned(furniture(number), &how, None)
        });
    }
    for number in 0..6u64 {
        let mut how = how(number + 350);
        how.look.paper = [190, 205, 225][number as usize % 3];
        how.look.skew_degrees = how.look.skew_degrees.clamp(-2.0, 2.0);
        how.dark_edge = false;
        let truth = Truth {
            skew: None,
            ..of_scan(&how, "small sheet on a large page")
        };
        set.add(format!("small-sheet-{number}"), truth, move || {
            small_sheet(number, &how)
        });
    }
    // Little on a page is still something.
    for number in 0..12u64 {
        let how = how(number + 400);
        let truth = Truth {
            skew: None,
            ..of_scan(&how, "scanned scrap")
        };
        set.add(format!("scan-scrap-{number}"), truth, move || {
            let mut page = Page::a4();
            match number % 3 {
                0 => page.text(Font::Helvetica, 11.0, 260.0, 420.0, BLACK, "See over"),
                1 => page = handwriting(number),
                _ => page.text(
                    Font::Helvetica,
                    10.0,
                    250.0,
                    300.0,
                    [0.55; 3],
                    "left blank on purpose",
                ),
            }
            scanned(page, &how, None)
        });
    }
    for number in 0..18u64 {
        let mut how = how(number + 500);
        how.bilevel = false;
        let language = number as usize % 6;
        let truth = Truth {
            kind: Some("scan_ocr"),
            needs_ocr: Some("no"),
            language: Some(LANGUAGES[language].0),
            ..of_scan(&how, "scan with a text layer")
        };
        set.add(format!("scan-ocr-{number}"), truth, move || {
            let page = letter(language, number + 1300);
            scanned(page, &how, Some(layer(language, number)))
        });
    }
    for number in 0..4u64 {
        let mut how = how(number + 560);
        how.bilevel = false;
        let language = number as usize % 6;
        let truth = Truth {
            kind: Some("scan_ocr"),
            needs_ocr: Some("partial"),
            ..of_scan(&how, "scan whose text layer stands elsewhere")
        };
        set.add(format!("scan-elsewhere-{number}"), truth, move || {
            let page = letter(language, number + 1350);
            scanned(page, &how, Some(layer_elsewhere(language, number)))
        });
    }
    for number in 0..12u64 {
        let mut how = how(number + 600);
        how.bilevel = false;
        let is_stamp = number % 2 == 0;
        if is_stamp {
            how.stamp =
                Some([[0.1, 0.1, 0.8], [0.85, 0.1, 0.15], [0.5, 0.1, 0.7]][number as usize % 3]);
        } else {
            how.photograph = Some(true);
        }
        let truth = Truth {
            colour: Some("colour"),
            ..of_scan(&how, "scan in colour")
        };
        set.add(format!("scan-colour-{number}"), truth, move || {
            scanned(letter(0, number + 1500), &how, None)
        });
        let mut how = self::how(number + 650);
        how.bilevel = false;
        how.tint = None;
        how.photograph = Some(false);
        let truth = Truth {
            colour: Some("gray"),
            ..of_scan(&how, "scan of a photograph")
        };
        set.add(format!("scan-gray-{number}"), truth, move || {
            scanned(letter(0, number + 1600), &how, None)
        });
    }
}

/// Separator sheets, and stickers that are none.
fn codes(set: &mut Set) {
    for number in 0..18u64 {
        let mut how = how(number + 700);
        how.dpi = [200.0, 300.0, 200.0][number as usize % 3];
        how.look.skew_degrees = how.look.skew_degrees.clamp(-3.0, 3.0);
        let truth = Truth {
            barcodes: vec!["PATCHT".into()],
            separator: true,
            ..of_scan(&how, "separator")
        };
        set.add(format!("separator-{number}"), truth, move || {
            scanned(separator_sheet(), &how, None)
        });
        let mut how = self::how(number + 750);
        how.dpi = [200.0, 300.0, 200.0][number as usize % 3];
        let text = if number % 3 == 0 {
            "PATCHT".to_owned()
        } else {
            format!("ASN{:05}", number * 37)
        };
        let truth = Truth {
            barcodes: vec![text.clone()],
            ..of_scan(&how, "letter with a sticker")
        };
        set.add(format!("sticker-{number}"), truth, move || {
            let mut page = letter(number as usize % 6, number + 1700);
            let narrow = 1.05;
            let x = 530.0 - code_39_width(narrow, &text);
            code_39(&mut page, x, 60.0, narrow, 34.0, &text);
            scanned(page, &how, None)
        });
    }
    for number in 0..8u64 {
        let mut how = how(number + 840);
        how.dpi = [300.0, 200.0][number as usize % 2];
        how.look.skew_degrees = how.look.skew_degrees.clamp(-3.0, 3.0);
        // Of one bit a module of two pixels says nothing any more.
        how.bilevel = false;
        let (kind, text) = match number % 4 {
            0 => (BarcodeFormat::EAN13, "4026857942856".to_owned()),
            1 => (BarcodeFormat::Code128, format!("INV-{:06}", number * 7919)),
            2 => (BarcodeFormat::ITF, "16688356".to_owned()),
            _ => (BarcodeFormat::EAN13, "4006381333931".to_owned()),
        };
        let truth = Truth {
            barcodes: vec![text.clone()],
            ..of_scan(&how, "letter with a narrow code")
        };
        set.add(format!("narrow-{number}"), truth, move || {
            let mut page = letter(number as usize % 6, number + 2300);
            linear_code(&mut page, (330.0, 60.0), 0.9, 34.0, (kind, &text));
            scanned(page, &how, None)
        });
    }
    for number in 0..6u64 {
        let mut how = how(number + 780);
        how.dpi = [200.0, 300.0][number as usize % 2];
        let truth = Truth {
            barcodes: vec!["PATCHT".into()],
            separator: true,
            ..of_scan(&how, "separator that explains itself")
        };
        set.add(format!("separator-wordy-{number}"), truth, move || {
            let mut page = letter(number as usize % 6, number + 1900);
            for y in [30.0, 770.0] {
                let x = (page.width - code_39_width(1.3, "PATCHT")) / 2.0;
                code_39(&mut page, x, y, 1.3, 34.0, "PATCHT");
            }
            scanned(page, &how, None)
        });
    }
    small_codes(set);
    patches(set);
    for number in 0..6u64 {
        let truth = Truth {
            barcodes: vec!["PATCHT".into()],
            separator: true,
            colour: None,
            exact: Some(902),
            what: "drawn separator",
            ..of_text()
        };
        set.add(format!("separator-drawn-{number}"), truth, || {
            file(separator_sheet())
        });
        let text = format!("BOX{number}7");
        let truth = Truth {
            barcodes: vec![text.clone()],
            what: "drawn letter with a code",
            ..of_text()
        };
        set.add(format!("sticker-drawn-{number}"), truth, move || {
            let mut page = letter(0, number + 1800);
            code_39(&mut page, 330.0, 60.0, 0.9, 30.0, &text);
            file(page)
        });
    }
}

/// Stickers of 7 mm in a column, whose numbers follow each other, and codes in white on black.
fn small_codes(set: &mut Set) {
    for number in 0..6u64 {
        let how = Scanned::at([200.0, 300.0][number as usize % 2], number + 860);
        let texts = (0..10).map(|at| format!("ASN{:05}", 200 * number + at));
        let texts: Vec<String> = texts.collect();
        let truth = Truth {
            barcodes: texts.clone(),
            ..of_scan(&how, "letter with stickers in a column")
        };
        set.add(format!("stickers-{number}"), truth, move || {
            let mut page = letter(number as usize % 6, number + 2500);
            for (at, text) in texts.iter().enumerate() {
                let place = (545.0, 60.0 + 70.0 * at as f64);
                let code = (BarcodeFormat::QRCode, text.as_str());
                square_code(&mut page, place, 19.9, code, true);
            }
            scanned(page, &how, None)
        });
        let how = Scanned::at([200.0, 300.0][number as usize % 2], number + 870);
        let kind = [BarcodeFormat::QRCode, BarcodeFormat::DataMatrix][number as usize / 2 % 2];
        let text = format!("LOT {}-B", 4711 * number);
        let truth = Truth {
            barcodes: vec![text.clone()],
            ..of_scan(&how, "letter with a code in white on black")
        };
        set.add(format!("inverted-{number}"), truth, move || {
            let mut page = letter(number as usize % 6, number + 2600);
            square_code(&mut page, (450.0, 40.0), 60.0, (kind, &text), false);
            scanned(page, &how, None)
        });
    }
}

/// Sheets with the bars of each patch code, also upside down.
fn patches(set: &mut Set) {
    const NARROW: bool = false;
    const WIDE: bool = true;
    let kinds = [
        ("PATCH1", [WIDE, WIDE, NARROW, NARROW]),
        ("PATCH2", [WIDE, NARROW, NARROW, WIDE]),
        ("PATCH3", [WIDE, NARROW, WIDE, NARROW]),
        ("PATCH4", [NARROW, WIDE, WIDE, NARROW]),
        ("PATCH6", [NARROW, NARROW, WIDE, WIDE]),
        ("PATCHT", [NARROW, WIDE, NARROW, WIDE]),
    ];
    for (at, (name, wide)) in kinds.into_iter().enumerate() {
        for upside_down in [false, true] {
            let how = Scanned::at([200.0, 300.0][at % 2], at as u64 + 880);
            let truth = Truth {
                barcodes: vec![name.into()],
                separator: ["PATCH2", "PATCH3", "PATCHT"].contains(&name),
                what: "patch code",
                ..Truth::default()
            };
            let turned = if upside_down { "-upside-down" } else { "" };
            set.add(format!("patch-{name}{turned}"), truth, move || {
                scanned(patch_sheet(wide, upside_down), &how, None)
            });
        }
    }
}

/// Scans of letters that differ in one small thing, each beside a second scan of the first.
fn twins(set: &mut Set) {
    /// What is on the first, and what is on the second.
    type Both = (&'static str, fn(&mut Page, bool));
    let kinds: [Both; 5] = [
        ("another digit", |page, other| {
            let text = if other {
                "Invoice 2024-0417 of 12.08.2024, total due EUR 1,180.00"
            } else {
                "Invoice 2024-0417 of 12.03.2024, total due EUR 1,180.00"
            };
            page.text(Font::Helvetica, 10.0, 70.0, 130.0, BLACK, text);
        }),
        ("another box ticked", |page, other| {
            for (x, name) in [(70.0, "yes"), (140.0, "no")] {
                page.stroke_rect(x, 126.0, 10.0, 10.0, 0.8, BLACK);
                page.text(Font::Helvetica, 10.0, x + 16.0, 127.0, BLACK, name);
            }
            let x = if other { 140.0 } else { 70.0 };
            let tick = [(x + 2.0, 131.0), (x + 4.5, 128.0), (x + 9.0, 135.0)];
            page.polyline(&tick, 1.2, BLACK);
        }),
        ("signed", |page, other| {
            page.line((70.0, 120.0), (230.0, 120.0), 0.6, BLACK);
            if other {
                let stroke: Vec<(f64, f64)> = (0..40)
                    .map(|at| {
                        let at = f64::from(at);
                        (80.0 + at * 3.2, 128.0 + 9.0 * (at * 0.9).sin())
                    })
                    .collect();
                page.polyline(&stroke, 1.1, BLACK);
            }
        }),
        ("a line struck out", |page, other| {
            let text = "The tenant pays the costs of heating and of water.";
            page.text(Font::Helvetica, 10.0, 70.0, 130.0, BLACK, text);
            if other {
                page.line((68.0, 133.5), (300.0, 133.5), 1.0, BLACK);
            }
        }),
        ("a name blacked out", |page, other| {
            let text = "Account holder: Hortensia Blackwood";
            page.text(Font::Helvetica, 10.0, 70.0, 130.0, BLACK, text);
            if other {
                page.fill_rect(145.0, 127.0, 95.0, 11.0, BLACK);
            }
        }),
    ];
    for (kind, (what, draw)) in kinds.into_iter().enumerate() {
        for number in 0..2u64 {
            let seed = 5000 + 10 * kind as u64 + number;
            let page = move |other| {
                let mut page = letter(number as usize, seed);
                draw(&mut page, other);
                page
            };
            for (scan, other) in [(0, false), (1, false), (2, true)] {
                let how = how(seed * 3 + scan);
                let truth = Truth {
                    near: (!other).then_some(2000 + seed as usize),
                    ..of_scan(&how, what)
                };
                let name = format!("twin-{kind}-{number}-{scan}");
                set.add(name, truth, move || scanned(page(other), &how, None));
            }
        }
    }
}

/// Pages that are the same, nearly the same, and only of one template.
fn families(set: &mut Set) {
    for group in 0..14u64 {
        let near = Some(1000 + group as usize);
        let page = move || match group % 3 {
            0 => form(group, 3),
            1 => letter(group as usize % 6, group + 2000),
            _ => table(group + 2000),
        };
        for copy in 0..2 {
            let truth = Truth {
                exact: (group % 2 == 0).then_some(group as usize),
                near,
                what: "original",
                ..of_text()
            };
            if copy == 0 || group % 2 == 0 {
                set.add(
                    format!("family-{group}-original-{copy}"),
                    truth,
                    move || file(page()),
                );
            }
        }
        for rescan in 0..2u64 {
            let how = how(group * 5 + rescan * 3 + 800);
            let truth = Truth {
                near,
                ..of_scan(&how, "rescan")
            };
            set.add(format!("family-{group}-scan-{rescan}"), truth, move || {
                scanned(page(), &how, None)
            });
        }
    }
    for template in 0..3u64 {
        for person in 0..8u64 {
            let truth = Truth {
                what: "filled form",
                ..of_text()
            };
            set.add(format!("form-{template}-{person}"), truth, move || {
                file(form(template + 50, person + 100))
            });
            let how = how(template * 31 + person * 7 + 900);
            let truth = of_scan(&how, "scanned form");
            set.add(format!("form-scan-{template}-{person}"), truth, move || {
                scanned(form(template + 60, person + 200), &how, None)
            });
        }
    }
}
