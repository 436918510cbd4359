//! The address of an object, or of all objects below a name, in an object store. It stands
//! where else a path stands: in what is named to be taken in, and as the file of a
//! [`Source`](super::Source). Not for reading what is there (`objects`).

use std::fmt;
use std::path::{Path, PathBuf};

/// The kinds of stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreKind {
    /// Amazon S3, and whatever speaks as it does.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

impl StoreKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::S3, Self::Google, Self::Azure];

    /// What addresses in it begin with, before `://`.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Google => "gs",
            Self::Azure => "az",
        }
    }
}

/// `s3://bucket/key`. Keys are written as they are: nothing in them is encoded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The kind of store.
    pub store: StoreKind,
    /// The bucket, or on Azure the container.
    pub bucket: String,
    /// The object's name in it, or the beginning of several names up to a `/`; empty: all of
    /// the bucket. Without a `/` at its ends.
    pub key: String,
}

impl Address {
    /// The address that stands in place of a path; none where it is the path of a file. A
    /// file below a folder that is called `s3:` is one: its path has a single `/` there.
    pub fn of(path: &Path) -> Option<Self> {
        let (scheme, place) = path.to_str()?.split_once("://")?;
        let is_named = |kind: &StoreKind| kind.scheme().eq_ignore_ascii_case(scheme);
        let store = StoreKind::ALL.into_iter().find(is_named)?;
        let (bucket, key) = place.split_once('/').unwrap_or((place, ""));
        (!bucket.is_empty()).then(|| Self {
            store,
            bucket: bucket.to_owned(),
            key: key.trim_matches('/').to_owned(),
        })
    }

    /// Whether a path is an address.
    pub fn is(path: &Path) -> bool {
        Self::of(path).is_some()
    }

    /// As it stands in place of a path, in its one spelling.
    pub fn path(&self) -> PathBuf {
        self.to_string().into()
    }

    /// Another object of the same bucket.
    pub fn with_key(&self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..self.clone()
        }
    }

    /// All of the bucket.
    pub fn of_bucket(&self) -> Self {
        self.with_key("")
    }

    /// An object below this name.
    pub fn join(&self, below: &str) -> Self {
        match self.key.as_str() {
            "" => self.with_key(below),
            key => self.with_key(&format!("{key}/{below}")),
        }
    }

    /// What is below this name of an object's key; none for one that is elsewhere.
    pub fn below<'a>(&self, object: &'a Self) -> Option<&'a str> {
        if (self.store, &self.bucket) != (object.store, &object.bucket) {
            return None;
        }
        match self.key.as_str() {
            "" => Some(&object.key),
            key => object.key.strip_prefix(key)?.strip_prefix('/'),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.store.scheme(), self.bucket)?;
        match self.key.as_str() {
            "" => Ok(()),
            key => write!(f, "/{key}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<String> {
        Address::of(Path::new(text)).map(|address| address.to_string())
    }

    #[test]
    fn an_address_has_one_spelling_and_no_path_is_one() {
        let plain = Some("s3://bucket/a/b c%20.pdf".to_owned());
        assert_eq!(address("s3://bucket/a/b c%20.pdf"), plain);
        assert_eq!(address("S3://bucket/a/b c%20.pdf/"), plain);
        assert_eq!(address("gs://bucket/"), Some("gs://bucket".to_owned()));
        assert_eq!(address("az://box/in"), Some("az://box/in".to_owned()));
        for path in [
            "s3:/bucket/a.pdf",
            "/home/s3://bucket/a.pdf",
            "s3://",
            "s3:///a.pdf",
            "file:///a.pdf",
            "https://host/a.pdf",
            "a.pdf",
            "",
        ] {
            assert_eq!(address(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_below_is_told_by_whole_names() {
        let folder = Address::of(Path::new("s3://bucket/in")).unwrap();
        let object = folder.join("a/b.pdf");
        assert_eq!(object.to_string(), "s3://bucket/in/a/b.pdf");
        assert_eq!(folder.below(&object), Some("a/b.pdf"));
        assert_eq!(folder.below(&folder.with_key("inner/b.pdf")), None);
        assert_eq!(folder.of_bucket().below(&object), Some("in/a/b.pdf"));
        // What paths do with it keeps it what it is.
        assert_eq!(
            folder.path().join("a/b.pdf").as_os_str(),
            object.path().as_os_str()
        );
        let parent = object.path().parent().map(Path::to_owned);
        assert_eq!(
            parent.unwrap().as_os_str(),
            folder.join("a").path().as_os_str()
        );
    }
}
