//! The layout of a new file: streams as they are, all other objects packed in
//! object streams, and a cross-reference stream (ISO 32000-1, 7.5.7 and 7.5.8).
//! Everything is laid out before anything is written, so the size is known to
//! the byte. Not for what is in the file (`part`).

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, Write};

use flate2::{Compress, Compression, FlushCompress};
use lopdf::{Dictionary, Object, dictionary};

use super::serialise::serialised;

/// Objects that are packed together; a reader unpacks all to get at one.
const PACKED_TOGETHER: usize = 200;

/// Measured on 2,415 single pages: the usual level 6 makes files 1 % smaller and
/// takes a third longer in all.
const LEVEL: Compression = Compression::new(1);

/// An object of a new file; its number is its place plus one.
pub enum Entry<'a> {
    /// Any object but a stream, serialised.
    Plain(Vec<u8>),
    /// A stream: its dictionary, serialised, and its content as it is.
    Stream(Vec<u8>, Cow<'a, [u8]>),
}

/// A new file, laid out and not yet written.
pub struct Layout<'a> {
    pieces: Vec<Piece<'a>>,
    length: u64,
}

enum Piece<'a> {
    Own(Vec<u8>),
    Borrowed(&'a [u8]),
}

/// Where an object is.
#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    At(u64),
    Packed { stream: u32, index: u32 },
}

impl<'a> Layout<'a> {
    /// Lays out a file. `trailer` has the root and what else belongs there.
    pub fn new(version: &str, entries: Vec<Entry<'a>>, trailer: Dictionary) -> Self {
        let mut layout = Self {
            pieces: Vec::new(),
            length: 0,
        };
        // Four bytes beyond ASCII tell other programs that this is no text.
        layout.own(format!("%PDF-{version}\n%").into_bytes());
        layout.own(b"\xe2\xe3\xcf\xd3\n".to_vec());
        let mut places = vec![Place::Nowhere; entries.len() + 1];
        let mut plain = Vec::new();
        for (number, entry) in (1u32..).zip(entries) {
            match entry {
                Entry::Plain(bytes) => plain.push((number, bytes)),
                Entry::Stream(dictionary, content) => {
                    places[number as usize] = Place::At(layout.length);
                    let content = match content {
                        Cow::Borrowed(content) => Piece::Borrowed(content),
                        Cow::Owned(content) => Piece::Own(content),
                    };
                    layout.stream(number, &dictionary, content);
                }
            }
        }
        for packed in plain.chunks(PACKED_TOGETHER) {
            let stream = number(places.len());
            for (index, (number, _)) in (0u32..).zip(packed) {
                places[*number as usize] = Place::Packed { stream, index };
            }
            places.push(Place::At(layout.length));
            layout.object_stream(stream, packed);
        }
        layout.cross_references(places, trailer);
        layout
    }

    /// The size of the file in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Writes the file.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        for piece in &self.pieces {
            to.write_all(piece.bytes())?;
        }
        Ok(())
    }

    fn push(&mut self, piece: Piece<'a>) {
        self.length += piece.bytes().len() as u64;
        match (self.pieces.last_mut(), piece) {
            (Some(Piece::Own(last)), Piece::Own(more)) => last.extend(more),
            (_, piece) => self.pieces.push(piece),
        }
    }

    fn own(&mut self, bytes: Vec<u8>) {
        self.push(Piece::Own(bytes));
    }

    fn stream(&mut self, number: u32, dictionary: &[u8], content: Piece<'a>) {
        let mut head = format!("{number} 0 obj\n").into_bytes();
        head.extend_from_slice(dictionary);
        head.extend_from_slice(b"stream\n");
        self.own(head);
        self.push(content);
        self.own(b"\nendstream\nendobj\n".to_vec());
    }

    fn packed_stream(&mut self, number: u32, mut dictionary: Dictionary, plain: &[u8]) {
        let content = deflated(plain);
        dictionary.set("Filter", "FlateDecode");
        dictionary.set("Length", integer(content.len()));
        let dictionary = serialised(&Object::Dictionary(dictionary), &[]);
        self.stream(number, &dictionary, Piece::Own(content));
    }

    fn object_stream(&mut self, number: u32, objects: &[(u32, Vec<u8>)]) {
        let mut head = Vec::new();
        let mut bodies = Vec::new();
        for (number, body) in objects {
            head.extend(format!("{number} {} ", bodies.len()).bytes());
            bodies.extend_from_slice(body);
            bodies.push(b'\n');
        }
        let dictionary = dictionary! {
            "Type" => "ObjStm",
            "N" => integer(objects.len()),
            "First" => integer(head.len()),
        };
        head.extend(bodies);
        self.packed_stream(number, dictionary, &head);
    }

    fn cross_references(&mut self, mut places: Vec<Place>, trailer: Dictionary) {
        let own = number(places.len());
        let start = self.length;
        places.push(Place::At(start));
        let width = (1..8).find(|width| start >> (8 * width) == 0).unwrap_or(8);
        let mut table = Vec::with_capacity(places.len() * (width + 5));
        let mut before = vec![0; width + 3];
        for place in &places {
            let (kind, field, index) = match *place {
                Place::Nowhere => (0, 0, 0),
                Place::At(offset) => (1, offset, 0),
                Place::Packed { stream, index } => (2, u64::from(stream), index),
            };
            let mut row = vec![kind];
            row.extend_from_slice(&field.to_be_bytes()[8 - width..]);
            row.extend_from_slice(&index.to_be_bytes()[2..]);
            // The PNG filter "up": rows that differ little pack well.
            table.push(2);
            table.extend(row.iter().zip(&before).map(|(a, b)| a.wrapping_sub(*b)));
            before = row;
        }
        let mut dictionary = trailer;
        dictionary.set("Type", "XRef");
        dictionary.set("Size", integer(places.len()));
        dictionary.set("W", vec![1.into(), integer(width), 2.into()]);
        dictionary.set(
            "DecodeParms",
            dictionary! { "Predictor" => 12, "Columns" => integer(width + 3) },
        );
        self.packed_stream(own, dictionary, &table);
        self.own(format!("startxref\n{start}\n%%EOF\n").into_bytes());
    }
}

impl Piece<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Borrowed(bytes) => bytes,
        }
    }
}

thread_local! {
    /// Kept, for making one takes longer than packing what a page has.
    static PACKER: RefCell<Compress> = RefCell::new(Compress::new(LEVEL, true));
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    PACKER.with_borrow_mut(|packer| {
        packer.reset();
        // Deflate grows what it cannot pack by 5 bytes in 16 KiB, and a frame.
        let mut packed = Vec::with_capacity(bytes.len() + bytes.len() / 1000 + 64);
        // All input and enough room: it cannot fail, and ends at once.
        let _ = packer.compress_vec(bytes, &mut packed, FlushCompress::Finish);
        packed
    })
}

fn integer(value: usize) -> Object {
    Object::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
