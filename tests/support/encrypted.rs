//! One document under every way of encryption that viewers know, and under some that none
//! knows.

use std::sync::Arc;

use lopdf::encryption::crypt_filters::{
    Aes128CryptFilter, Aes256CryptFilter, CryptFilter, Rc4CryptFilter,
};
use lopdf::{Dictionary, EncryptionState, EncryptionVersion, Object, Permissions, dictionary};

use super::pdf::{BLACK, Font, Handler, Page, PdfBuilder};

/// A document and a password that opens it.
pub struct Encrypted {
    pub how: String,
    pub bytes: Vec<u8>,
    pub password: String,
}

fn plain() -> PdfBuilder {
    let mut pdf = PdfBuilder::new("Sealed");
    let mut page = Page::a4();
    page.text(
        Font::Helvetica,
        20.0,
        60.0,
        100.0,
        BLACK,
        "Sealed and opened",
    );
    page.fill_rect(60.0, 200.0, 100.0, 50.0, [0.8, 0.1, 0.1]);
    pdf.add(page);
    pdf
}

/// The document as it was before it was encrypted.
pub fn opened_pdf() -> Vec<u8> {
    plain().finish()
}

/// What to do with the dictionary that says how the file is encrypted, once it is.
type Change = fn(&mut PdfBuilder, &mut Dictionary);

fn under(streams: &str, strings: &str, metadata: bool, change: Change) -> Vec<u8> {
    let mut pdf = plain();
    pdf.close();
    let filters: [(Vec<u8>, Arc<dyn CryptFilter>); 2] = [
        (b"StdCF".to_vec(), Arc::new(Aes128CryptFilter)),
        (b"Old".to_vec(), Arc::new(Rc4CryptFilter)),
    ];
    let state = EncryptionState::try_from(EncryptionVersion::V4 {
        document: &pdf.document,
        encrypt_metadata: metadata,
        crypt_filters: filters.into(),
        stream_filter: streams.into(),
        string_filter: strings.into(),
        owner_password: "owner",
        user_password: "user",
        permissions: Permissions::PRINTABLE,
    });
    pdf.document.encrypt(&state.unwrap()).unwrap();
    let id = pdf.document.trailer.get(b"Encrypt").unwrap();
    let id = id.as_reference().unwrap();
    let mut entries = pdf.document.get_dictionary(id).unwrap().clone();
    change(&mut pdf, &mut entries);
    pdf.document.objects.insert(id, entries.into());
    pdf.save()
}

/// Under every way, opened by the user and by the owner.
pub fn encrypted_pdfs() -> Vec<Encrypted> {
    let elsewhere: Change = |pdf, entries| {
        let filters = entries.get(b"CF").unwrap().clone();
        entries.set("CF", pdf.document.add_object(filters));
    };
    let members_elsewhere: Change = |pdf, entries| {
        let Ok(Object::Dictionary(filters)) = entries.get_mut(b"CF") else {
            panic!("no filters");
        };
        for (_, filter) in filters.iter_mut() {
            *filter = pdf.document.add_object(filter.clone()).into();
        }
    };
    let mut made: Vec<(String, Vec<u8>)> = [
        ("as usual", "StdCF", "StdCF", true, (|_, _| {}) as Change),
        ("filters elsewhere", "StdCF", "StdCF", true, elsewhere),
        (
            "members elsewhere",
            "StdCF",
            "StdCF",
            true,
            members_elsewhere,
        ),
        ("clear strings", "StdCF", "Identity", true, |_, _| {}),
        ("clear streams", "Identity", "StdCF", true, |_, _| {}),
        ("all clear", "Identity", "Identity", true, |_, _| {}),
        (
            "no word of streams",
            "Identity",
            "StdCF",
            true,
            |_, entries| {
                entries.remove(b"StmF");
            },
        ),
        ("RC4 strings", "StdCF", "Old", true, |_, _| {}),
        ("RC4 streams", "Old", "StdCF", true, |_, _| {}),
        ("clear metadata", "StdCF", "StdCF", false, |_, _| {}),
    ]
    .into_iter()
    .map(|(how, streams, strings, metadata, change)| {
        (how.to_owned(), under(streams, strings, metadata, change))
    })
    .collect();
    for handler in Handler::ALL {
        let bytes = plain().finish_encrypted(handler, "user", "owner");
        made.push((format!("{handler:?}"), bytes));
    }
    let by_both = made.into_iter().flat_map(|(how, bytes)| {
        ["user", "owner"].map(|password| Encrypted {
            how: how.clone(),
            bytes: bytes.clone(),
            password: password.to_owned(),
        })
    });
    let by_letters = ["  spaces  ", "geheim\u{20ac}", "пароль", "\u{2168}\u{ad}a"];
    let by_letters = by_letters.into_iter().map(|password| Encrypted {
        how: format!("password {password:?}"),
        bytes: sealed_by(password),
        password: password.to_owned(),
    });
    by_both.chain(by_letters).collect()
}

/// Under AES-256, with a password that writers prepare as the standard says.
fn sealed_by(password: &str) -> Vec<u8> {
    // Roman numeral nine and a soft hyphen, the examples of RFC 4013.
    let prepared = password.replace('\u{2168}', "IX").replace('\u{ad}', "");
    let mut pdf = plain();
    pdf.close();
    let filter: Arc<dyn CryptFilter> = Arc::new(Aes256CryptFilter);
    let state = EncryptionState::try_from(EncryptionVersion::V5 {
        encrypt_metadata: true,
        crypt_filters: [(b"StdCF".to_vec(), filter)].into(),
        file_encryption_key: &[0x5a; 32],
        stream_filter: b"StdCF".to_vec(),
        string_filter: b"StdCF".to_vec(),
        owner_password: "owner",
        user_password: &prepared,
        permissions: Permissions::PRINTABLE,
    });
    pdf.document.encrypt(&state.unwrap()).unwrap();
    pdf.save()
}

/// Under ways that nobody knows.
pub fn strangely_encrypted_pdfs() -> Vec<(&'static str, Vec<u8>)> {
    let method: Change = |_, entries| {
        let Ok(Object::Dictionary(filters)) = entries.get_mut(b"CF") else {
            panic!("no filters");
        };
        filters.set("StdCF", dictionary! { "CFM" => "AESV9" });
    };
    [
        ("unknown method", method),
        ("no such filter", |_, entries| entries.set("StmF", "Other")),
        ("unknown handler", |_, entries| {
            entries.set("Filter", "Other")
        }),
        ("unknown version", |_, entries| entries.set("V", 9)),
        ("no version", |_, entries| {
            entries.remove(b"V");
        }),
    ]
    .map(|(how, change): (_, Change)| (how, under("StdCF", "StdCF", true, change)))
    .into()
}
