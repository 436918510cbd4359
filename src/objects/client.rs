//! Talking to stores: the thread and the connections for it, made when an address is first
//! asked about, and each question as a call that waits. Not for what is kept of the answers.

use std::collections::HashMap;
use std::error::Error as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use futures_util::StreamExt;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::path::Path as Key;
use object_store::{
    BackoffConfig, ClientConfigKey, GetOptions, GetRange, GetResult, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutPayload, RetryConfig, WriteMultipart,
};
use tokio::runtime::Runtime;

use super::{Object, ObjectError, Version, lock};
use crate::model::{Address, StoreKind};

/// How soon a task that waits for a store notices that the program ends.
const STOP_NOTICED_WITHIN: Duration = Duration::from_millis(50);

/// A store that sends nothing for so long is asked again.
const SILENT_FOR: &str = "30 seconds";
/// A connection is made within this time, or again.
const CONNECTED_WITHIN: &str = "10 seconds";
/// No limit on what takes long because it is large.
const LONGEST: &str = "7 days";

/// Where a store is busy or fails, it is asked again, at longer and longer intervals …
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// … so often …
const ASKED_AGAIN: usize = 8;
/// … and for so long.
const ASKED_AGAIN_FOR: Duration = Duration::from_secs(60);

/// Files up to so many bytes are stored by one request; larger ones in pieces of this size.
const PIECE: u64 = 16 << 20;
/// Pieces on their way at a time: their bytes are in memory.
const PIECES: usize = 2;

/// Where instances are told who they are. A machine that is none has no such place.
const OF_INSTANCES: [&str; 2] = ["169.254.169.254", "metadata.google.internal"];

/// What is made once.
struct Client {
    runtime: Runtime,
    stores: Mutex<HashMap<(StoreKind, String), Arc<dyn ObjectStore>>>,
}

fn client() -> Result<&'static Client, ObjectError> {
    static CLIENT: OnceLock<Result<Client, String>> = OnceLock::new();
    let made = CLIENT.get_or_init(|| {
        // Fails only where there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("object storage")
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Client {
            runtime,
            stores: Mutex::default(),
        })
    });
    made.as_ref()
        .map_err(|error| ObjectError::Unreachable(error.clone()))
}

impl Client {
    /// The store of an address, with what the environment says of it.
    fn store(&self, address: &Address) -> Result<Arc<dyn ObjectStore>, ObjectError> {
        let mut stores = lock(&self.stores);
        let name = (address.store, address.bucket.clone());
        if let Some(store) = stores.get(&name) {
            return Ok(Arc::clone(store));
        }
        let store = open(address).map_err(from_store)?;
        stores.insert(name, Arc::clone(&store));
        Ok(store)
    }

    /// Waits for an answer, unless the program ends before.
    fn wait<T>(
        &self,
        stopped: &AtomicBool,
        answer: impl Future<Output = Result<T, ObjectError>>,
    ) -> Result<T, ObjectError> {
        self.runtime.block_on(async {
            let mut answer = pin!(answer);
            loop {
                match tokio::time::timeout(STOP_NOTICED_WITHIN, &mut answer).await {
                    Ok(answer) => return answer,
                    Err(_) if stopped.load(Ordering::Relaxed) => return Err(ObjectError::Stopped),
                    Err(_) => {}
                }
            }
        })
    }
}

fn open(address: &Address) -> object_store::Result<Arc<dyn ObjectStore>> {
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: FIRST_PAUSE,
            max_backoff: LONGEST_PAUSE,
            base: 2.0,
        },
        max_retries: ASKED_AGAIN,
        retry_timeout: ASKED_AGAIN_FOR,
    };
    let times = [
        (ClientConfigKey::Timeout, LONGEST),
        (ClientConfigKey::ReadTimeout, SILENT_FOR),
        (ClientConfigKey::ConnectTimeout, CONNECTED_WITHIN),
    ];
    let bucket = address.bucket.as_str();
    Ok(match address.store {
        StoreKind::S3 => {
            let builder = AmazonS3Builder::from_env()
                .with_bucket_name(bucket)
                .with_retry(retry);
            let set = |builder: AmazonS3Builder, (key, value)| {
                builder.with_config(AmazonS3ConfigKey::Client(key), value)
            };
            Arc::new(times.into_iter().fold(builder, set).build()?)
        }
        StoreKind::Google => {
            let builder = GoogleCloudStorageBuilder::from_env()
                .with_bucket_name(bucket)
                .with_retry(retry);
            let set = |builder: GoogleCloudStorageBuilder, (key, value)| {
                builder.with_config(GoogleConfigKey::Client(key), value)
            };
            Arc::new(times.into_iter().fold(builder, set).build()?)
        }
        StoreKind::Azure => {
            let builder = MicrosoftAzureBuilder::from_env()
                .with_container_name(bucket)
                .with_retry(retry);
            let set = |builder: MicrosoftAzureBuilder, (key, value)| {
                builder.with_config(AzureConfigKey::Client(key), value)
            };
            Arc::new(times.into_iter().fold(builder, set).build()?)
        }
    })
}

/// Asks for an object's size, time and tag.
pub fn look_at(address: &Address, stopped: &AtomicBool) -> Result<Version, ObjectError> {
    let (client, store, key) = of(address)?;
    client.wait(stopped, async {
        let meta = store.head(&key).await.map_err(from_store)?;
        Ok(version(&meta))
    })
}

/// Lists the objects below a name.
pub fn below(address: &Address, stopped: &AtomicBool) -> Result<Vec<Object>, ObjectError> {
    let (client, store, key) = of(address)?;
    let prefix = (!address.key.is_empty()).then_some(&key);
    client.wait(stopped, async {
        let mut found = Vec::new();
        let mut listed = store.list(prefix);
        while let Some(meta) = listed.next().await {
            let meta = meta.map_err(from_store)?;
            found.push(Object {
                address: address.with_key(meta.location.as_ref()),
                version: version(&meta),
            });
        }
        Ok(found)
    })
}

/// Reads the first bytes of an object, at most so many.
pub fn start_of(
    address: &Address,
    most: u64,
    stopped: &AtomicBool,
) -> Result<Vec<u8>, ObjectError> {
    let (client, store, key) = of(address)?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    client.wait(stopped, async {
        let options = GetOptions {
            range: Some(GetRange::Bounded(0..most as u64)),
            ..GetOptions::default()
        };
        let (got, _) = get(&*store, &key, options).await?;
        let mut start = Vec::new();
        let mut pieces = got.into_stream();
        while start.len() < most
            && let Some(piece) = pieces.next().await
        {
            start.extend_from_slice(&piece.map_err(from_store)?);
        }
        start.truncate(most);
        Ok(start)
    })
}

/// Reads an object from a byte on and gives it piece by piece to `into`; fails where it is
/// not this version any more. It may end too soon.
pub fn read(
    address: &Address,
    wanted: &Version,
    from: u64,
    stopped: &AtomicBool,
    into: &mut dyn FnMut(&[u8]) -> Result<(), ObjectError>,
) -> Result<(), ObjectError> {
    let (client, store, key) = of(address)?;
    let options = GetOptions {
        if_match: wanted.tag.clone(),
        range: (from > 0).then_some(GetRange::Offset(from)),
        ..GetOptions::default()
    };
    client.wait(stopped, async {
        let (got, is_part) = get(&*store, &key, options).await?;
        // Not every store minds what it is asked to match.
        if version(&got.meta) != *wanted {
            return Err(ObjectError::Replaced);
        }
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let mut to_skip = if is_part { 0 } else { from };
        let mut pieces = got.into_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(from_store)?;
            let (known, new) = piece.split_at(to_skip.min(piece.len()));
            to_skip -= known.len();
            if !new.is_empty() {
                into(new)?;
            }
        }
        Ok(())
    })
}

/// Asks for an object or a part of it. A store that knows no parts sends the whole; whether
/// it is the part that was asked for.
async fn get(
    store: &dyn ObjectStore,
    key: &Key,
    options: GetOptions,
) -> Result<(GetResult, bool), ObjectError> {
    let is_part = options.range.is_some();
    let whole = GetOptions {
        range: None,
        ..options.clone()
    };
    match store.get_opts(key, options).await {
        // The library has no other name for that.
        Err(error) if is_part && error.to_string().contains("non-partial response") => {
            let got = store.get_opts(key, whole).await;
            Ok((got.map_err(from_store)?, false))
        }
        got => Ok((got.map_err(from_store)?, is_part)),
    }
}

/// Stores a file.
pub fn put(file: &Path, address: &Address, stopped: &AtomicBool) -> Result<(), ObjectError> {
    let (client, store, key) = of(address)?;
    let mut file = File::open(file).map_err(ObjectError::Local)?;
    let length = file.metadata().map_err(ObjectError::Local)?.len();
    let mut next = || {
        let mut piece = Vec::new();
        let read = file.by_ref().take(PIECE).read_to_end(&mut piece);
        read.map(|_| piece).map_err(ObjectError::Local)
    };
    client.wait(stopped, async {
        if length <= PIECE {
            let payload = PutPayload::from(next()?);
            store.put(&key, payload).await.map_err(from_store)?;
            return Ok(());
        }
        let upload = store.put_multipart(&key).await.map_err(from_store)?;
        let piece = usize::try_from(PIECE).unwrap_or(usize::MAX);
        let mut upload = WriteMultipart::new_with_chunk_size(upload, piece);
        loop {
            let piece = next()?;
            if piece.is_empty() {
                break;
            }
            let room = upload.wait_for_capacity(PIECES).await;
            room.map_err(from_store)?;
            upload.put(piece.into());
        }
        upload.finish().await.map_err(from_store)?;
        Ok(())
    })
}

/// Waits before something is tried again that was tried so often in vain; not at all before
/// it was.
pub fn pause(in_vain: u32, stopped: &AtomicBool) -> Result<(), ObjectError> {
    if in_vain == 0 {
        return Ok(());
    }
    let pause = FIRST_PAUSE.saturating_mul(1 << in_vain.min(8));
    client()?.wait(stopped, async {
        tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
        Ok(())
    })
}

fn of(address: &Address) -> Result<(&'static Client, Arc<dyn ObjectStore>, Key), ObjectError> {
    if !cfg!(unix) {
        return Err(ObjectError::NotHere);
    }
    let client = client()?;
    let name = |error: object_store::path::Error| ObjectError::Name(error.to_string());
    let key = Key::parse(&address.key).map_err(name)?;
    Ok((client, client.store(address)?, key))
}

fn version(meta: &ObjectMeta) -> Version {
    const SECOND: i64 = 1_000_000_000;
    // Some stores tell more of the time when they list than when they are asked for one.
    let seconds = meta.last_modified.timestamp();
    let tag = meta.e_tag.as_deref().unwrap_or_default();
    let below = blake3::hash(tag.as_bytes());
    let below = below.as_bytes().iter().take(8);
    let below = below.fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let below = i64::try_from(below % SECOND.unsigned_abs()).unwrap_or(0);
    Version {
        bytes: meta.size,
        modified: seconds.saturating_mul(SECOND).saturating_add(below),
        tag: meta.e_tag.clone(),
    }
}

fn from_store(error: object_store::Error) -> ObjectError {
    use object_store::Error;
    let said = words(&error);
    match error {
        Error::NotFound { .. } => ObjectError::NotThere(said),
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            ObjectError::NotAllowed(said)
        }
        Error::Precondition { .. } | Error::NotModified { .. } => ObjectError::Replaced,
        Error::InvalidPath { .. } => ObjectError::Name(said),
        _ if said == NO_CREDENTIALS => ObjectError::NotAllowed(said),
        // Listing, and reading that was taken up again, have no errors of their own.
        error => match status(&error.to_string()) {
            Some(404) => ObjectError::NotThere(said),
            Some(401 | 403) => ObjectError::NotAllowed(said),
            Some(412) => ObjectError::Replaced,
            _ => ObjectError::Unreachable(said),
        },
    }
}

/// The status that a store has answered with.
fn status(said: &str) -> Option<u16> {
    let (_, rest) = said.split_once("status code: ")?;
    rest.get(..3)?.parse().ok()
}

const NO_CREDENTIALS: &str = "there are no credentials";

/// The store's own word for an error, or the last cause: what stands between may quote
/// addresses that are signed, and keys.
fn words(error: &object_store::Error) -> String {
    let all = error.to_string();
    if let Some(code) = code(&all) {
        return code.to_owned();
    }
    if OF_INSTANCES.iter().any(|place| all.contains(place)) {
        return NO_CREDENTIALS.to_owned();
    }
    let mut last = error.source();
    while let Some(next) = last.and_then(|cause| cause.source()) {
        last = Some(next);
    }
    let last = last.map_or_else(String::new, ToString::to_string);
    match last.is_empty()
        || last.len() > 120
        || last.contains(['?', '<', '\n'])
        || last.contains("://")
    {
        true => String::new(),
        false => last,
    }
}

/// What stands between `<Code>` and `</Code>`, as S3 and Azure have it.
fn code(answer: &str) -> Option<&str> {
    let (_, rest) = answer.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let is_word = code.len() <= 60 && code.chars().all(|letter| letter.is_ascii_alphanumeric());
    (is_word && !code.is_empty()).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_answer_only_its_word_is_repeated() {
        let answer = "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>AWS4</StringToSign>\
                      <AWSAccessKeyId>KEY</AWSAccessKeyId></Error>";
        let refused = |answer: &str| object_store::Error::PermissionDenied {
            path: "in/a.pdf".into(),
            source: answer.to_owned().into(),
        };
        let said = from_store(refused(answer)).to_string();
        assert!(said.ends_with("(SignatureDoesNotMatch)"), "{said}");
        for answer in [
            "<Code>a b</Code>",
            "GET https://host/a?sig=SECRET",
            "https://host/a",
        ] {
            let said = from_store(refused(answer)).to_string();
            assert!(said.ends_with("environment holds"), "{said}");
        }
    }

    #[test]
    fn versions_of_one_second_differ() {
        let meta = |tag: &str| ObjectMeta {
            location: Key::from("a.pdf"),
            last_modified: Default::default(),
            size: 1,
            e_tag: Some(tag.to_owned()),
            version: None,
        };
        assert_ne!(version(&meta("a")).modified, version(&meta("b")).modified);
        assert_eq!(version(&meta("a")), version(&meta("a")));
    }
}
