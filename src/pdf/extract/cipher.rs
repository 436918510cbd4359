//! Decrypting the objects of a document (ISO 32000-2, 7.6). A way of encryption that is
//! not wholly understood is refused, so that nothing scrambled is ever taken for content.
//! Keys and passwords are lopdf's work. Not for asking for passwords.

use std::collections::HashMap;

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use lopdf::encryption::crypt_filters::{Aes128CryptFilter, CryptFilter, Rc4CryptFilter};
use lopdf::encryption::{DecryptionError, PasswordAlgorithm};
use lopdf::{Dictionary, Document, EncryptionState, Object};

use super::ExtractError;

/// Bytes of a block of AES, and of what the first block is mixed with.
const BLOCK: usize = 16;

/// Bits of a key where a dictionary does not say.
const USUAL_BITS: i64 = 40;

/// How strings or streams are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    /// Not at all.
    Identity,
    Rc4,
    Aes128,
    Aes256,
}

/// What decrypts a document.
#[derive(Debug)]
pub(super) struct Cipher {
    /// None where nothing but attached files is encrypted, and no password was needed.
    key: Option<Vec<u8>>,
    strings: Method,
    streams: Method,
    /// Of attached files.
    files: Method,
    /// Methods that streams can ask for by name.
    named: HashMap<Vec<u8>, Method>,
    /// Metadata is encrypted like everything else.
    metadata: bool,
}

impl Cipher {
    /// What the encryption dictionary says, without references in it. `id` is the first of
    /// the file's identifiers.
    pub(super) fn new(
        encrypt: &Dictionary,
        id: &[u8],
        password: Option<&str>,
    ) -> Result<Self, ExtractError> {
        let version = integer(encrypt, b"V").unwrap_or(0);
        let filters = encrypt.get(b"CF").and_then(Object::as_dict).ok();
        let mut named = HashMap::new();
        let (strings, streams, files) = match version {
            1 | 2 => (Method::Rc4, Method::Rc4, Method::Rc4),
            4 | 5 => {
                for (name, filter) in filters.into_iter().flatten() {
                    let method = filter.as_dict().ok().and_then(method);
                    named.extend(method.map(|method| (name.clone(), method)));
                }
                let of = |key: &[u8]| match encrypt.get(key).and_then(Object::as_name) {
                    Err(_) | Ok(b"Identity") => Ok(Method::Identity),
                    Ok(name) => named.get(name).copied().ok_or_else(not_understood),
                };
                let streams = of(b"StmF")?;
                let files = if encrypt.has(b"EFF") {
                    of(b"EFF")?
                } else {
                    streams
                };
                (of(b"StrF")?, streams, files)
            }
            _ => return Err(not_understood()),
        };
        let is_open = strings == Method::Identity && streams == Method::Identity;
        Ok(Self {
            key: match key(encrypt, version, id, password) {
                Err(ExtractError::Locked) if is_open => None,
                key => Some(key?),
            },
            strings,
            streams,
            files,
            named,
            metadata: encrypt
                .get(b"EncryptMetadata")
                .and_then(Object::as_bool)
                .unwrap_or(true),
        })
    }

    /// An object as it was before it was encrypted; none where that is impossible.
    pub(super) fn decrypt(&self, id: (u32, u16), object: Object) -> Option<Object> {
        Some(match object {
            Object::String(text, format) => {
                Object::String(self.bytes(self.strings, id, &text)?, format)
            }
            Object::Array(items) => {
                let items = items.into_iter().map(|item| self.decrypt(id, item));
                Object::Array(items.collect::<Option<_>>()?)
            }
            Object::Dictionary(entries) => Object::Dictionary(self.entries(id, entries)?),
            Object::Stream(stream) if stream.dict.has_type(b"XRef") => Object::Stream(stream),
            Object::Stream(mut stream) => {
                let method = self.method_of(&mut stream.dict)?;
                stream.dict = self.entries(id, std::mem::take(&mut stream.dict))?;
                if method != Method::Identity {
                    stream.content = self.bytes(method, id, &stream.content)?;
                }
                Object::Stream(stream)
            }
            other => other,
        })
    }

    fn entries(&self, id: (u32, u16), entries: Dictionary) -> Option<Dictionary> {
        let is_signature = entries.has_type(b"Sig")
            || entries.has_type(b"DocTimeStamp")
            || entries.has(b"ByteRange") && entries.has(b"Contents");
        let mut own = Dictionary::new();
        for (key, value) in entries {
            let is_clear = is_signature && key == b"Contents";
            let value = if is_clear {
                value
            } else {
                self.decrypt(id, value)?
            };
            own.set(key, value);
        }
        Some(own)
    }

    /// How a stream is encrypted. What says so goes from its filters: it is not any more.
    fn method_of(&self, entries: &mut Dictionary) -> Option<Method> {
        if let Some(parameters) = take_crypt(entries) {
            let name = parameters.get(b"Name").and_then(Object::as_name);
            return match name.unwrap_or(b"Identity") {
                b"Identity" => Some(Method::Identity),
                name => self.named.get(name).copied(),
            };
        }
        Some(if entries.has_type(b"Metadata") && !self.metadata {
            Method::Identity
        } else if entries.has_type(b"EmbeddedFile") {
            self.files
        } else {
            self.streams
        })
    }

    fn bytes(&self, method: Method, id: (u32, u16), bytes: &[u8]) -> Option<Vec<u8>> {
        let key = self.key.as_ref();
        match method {
            Method::Identity => Some(bytes.to_vec()),
            Method::Rc4 => {
                let key = Rc4CryptFilter.compute_key(key?, id).ok()?;
                Rc4CryptFilter.decrypt(&key, bytes).ok()
            }
            Method::Aes128 => {
                let key = Aes128CryptFilter.compute_key(key?, id).ok()?;
                without_cbc::<cbc::Decryptor<aes::Aes128>>(&key, bytes)
            }
            Method::Aes256 => without_cbc::<cbc::Decryptor<aes::Aes256>>(key?, bytes),
        }
    }
}

fn not_understood() -> ExtractError {
    ExtractError::Unreadable("how it is encrypted is not understood".into())
}

fn integer(entries: &Dictionary, key: &[u8]) -> Option<i64> {
    entries.get(key).ok()?.as_i64().ok()
}

/// The method of a crypt filter (ISO 32000-2, table 25); none that is not known.
fn method(filter: &Dictionary) -> Option<Method> {
    match filter.get(b"CFM").and_then(Object::as_name).ok()? {
        b"V2" => Some(Method::Rc4),
        b"AESV2" => Some(Method::Aes128),
        b"AESV3" => Some(Method::Aes256),
        _ => None,
    }
}

/// The key of the file. lopdf takes only dictionaries that say everything as the standard
/// wants it, so it gets one that does.
fn key(
    encrypt: &Dictionary,
    version: i64,
    id: &[u8],
    password: Option<&str>,
) -> Result<Vec<u8>, ExtractError> {
    let revision = integer(encrypt, b"R").unwrap_or(0);
    let mut plain = encrypt.clone();
    plain.remove(b"CF");
    let length = if revision >= 5 { 48 } else { 32 };
    for key in [b"O", b"U"] {
        let mut text = match encrypt.get(key) {
            Ok(Object::String(text, _)) => text.clone(),
            _ => return Err(not_understood()),
        };
        text.resize(length, 0);
        plain.set(*key, Object::string_literal(text));
    }
    match version {
        5 => plain.set("Length", 256),
        _ => {
            // lopdf knows keys of any length under version 2 alone.
            plain.set("V", 2);
            plain.set("Length", bits(encrypt, version));
        }
    }
    let mut document = Document::new();
    document.objects.insert((1, 0), Object::Dictionary(plain));
    document.trailer.set("Encrypt", Object::Reference((1, 0)));
    let id = Object::string_literal(id.to_vec());
    document.trailer.set("ID", vec![id.clone(), id]);

    let algorithm = PasswordAlgorithm::try_from(&document).map_err(|_| not_understood())?;
    for candidate in candidates(&algorithm, password.unwrap_or_default()) {
        match EncryptionState::decode(&document, candidate) {
            Ok(state) => return Ok(state.file_encryption_key().to_vec()),
            Err(lopdf::Error::Decryption(DecryptionError::IncorrectPassword)) => {}
            Err(_) => return Err(not_understood()),
        }
    }
    Err(ExtractError::Locked)
}

/// Bits of the key.
fn bits(encrypt: &Dictionary, version: i64) -> i64 {
    let bits = match version {
        1 => USUAL_BITS,
        2 => integer(encrypt, b"Length").unwrap_or(USUAL_BITS),
        _ => 128,
    };
    if (40..=128).contains(&bits) {
        bits / 8 * 8
    } else {
        128
    }
}

/// A password as different writers of PDFs turn it into bytes: as the standard says, and
/// as the system had it.
fn candidates(algorithm: &PasswordAlgorithm, password: &str) -> Vec<Vec<u8>> {
    let mut candidates: Vec<Vec<u8>> = algorithm
        .sanitize_password(password)
        .into_iter()
        .chain([password.as_bytes().to_vec()])
        .collect();
    let latin = password.chars().map(|c| u8::try_from(u32::from(c)).ok());
    candidates.extend(latin.collect::<Option<Vec<u8>>>());
    candidates.dedup();
    candidates
}

/// Decrypts by a block cipher in CBC mode. Blocks that are cut off are left out and
/// padding that makes no sense stays, as in viewers.
fn without_cbc<C: BlockModeDecrypt + KeyIvInit>(key: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let Some((start, rest)) = bytes.split_at_checked(BLOCK) else {
        return Some(Vec::new());
    };
    let mut text = rest[..rest.len() / BLOCK * BLOCK].to_vec();
    let cipher = C::new_from_slices(key, start).ok()?;
    cipher.decrypt_padded::<NoPadding>(&mut text).ok()?;
    let padding = text.last().map_or(0, |byte| usize::from(*byte));
    if (1..=BLOCK).contains(&padding) {
        text.truncate(text.len() - padding);
    }
    Some(text)
}

/// Takes the filter that says how a stream is encrypted from its filters, and returns what
/// it says; none where there is no such filter.
fn take_crypt(entries: &mut Dictionary) -> Option<Dictionary> {
    let is_crypt = |name: &Object| matches!(name, Object::Name(name) if name == b"Crypt");
    let parameters = entries.get(b"DecodeParms").ok().cloned();
    let own = |parameters: Option<Object>| match parameters {
        Some(Object::Dictionary(entries)) => entries,
        _ => Dictionary::new(),
    };
    match entries.get(b"Filter").ok()?.clone() {
        name if is_crypt(&name) => {
            entries.remove(b"Filter");
            entries.remove(b"DecodeParms");
            let first = match parameters {
                Some(Object::Array(items)) => items.into_iter().next(),
                other => other,
            };
            Some(own(first))
        }
        Object::Array(mut filters) => {
            let at = filters.iter().position(is_crypt)?;
            filters.remove(at);
            entries.set("Filter", filters);
            Some(match parameters {
                Some(Object::Array(mut items)) if at < items.len() => {
                    let taken = items.remove(at);
                    entries.set("DecodeParms", items);
                    own(Some(taken))
                }
                other => own(other),
            })
        }
        _ => None,
    }
}
