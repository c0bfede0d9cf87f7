//! Files that do not belong in rows: sealed recordings, synthesised speech, documents.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

/// Where blobs are kept: a local directory, or any `object_store` back end. Cheap to clone.
///
/// Keys are `<kind>/<name>`; a name is either a random token (nobody guesses it) or a content hash.
#[derive(Debug, Clone)]
pub struct BlobStore {
    store: Arc<dyn ObjectStore>,
}

/// Why a blob could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none of that name.
    #[error("there is no such file")]
    Missing,
    /// The kind or name has characters that a key may not have.
    #[error("{0:?} is no name for a file")]
    BadName(String),
    /// The store failed.
    #[error("the file store failed")]
    Store(#[source] object_store::Error),
}

impl BlobStore {
    /// Blobs in a local directory, which is made where it is missing.
    ///
    /// # Errors
    /// [`Error::Store`] where the directory cannot be made.
    pub fn local(dir: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Store(object_store::Error::Generic { store: "local", source });
        std::fs::create_dir_all(dir).map_err(|e| failed(Box::new(e)))?;
        let store = LocalFileSystem::new_with_prefix(dir).map_err(Error::Store)?;
        Ok(Self { store: Arc::new(store) })
    }

    /// Writes a blob; overwrites one of the same name.
    ///
    /// # Errors
    /// [`Error::BadName`], [`Error::Store`].
    pub async fn put(&self, kind: &str, name: &str, bytes: Bytes) -> Result<(), Error> {
        self.store.put(&key(kind, name)?, PutPayload::from_bytes(bytes)).await.map_err(Error::Store)?;
        Ok(())
    }

    /// Reads a blob.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::BadName`], [`Error::Store`].
    pub async fn get(&self, kind: &str, name: &str) -> Result<Bytes, Error> {
        match self.store.get(&key(kind, name)?).await {
            Ok(found) => found.bytes().await.map_err(Error::Store),
            Err(object_store::Error::NotFound { .. }) => Err(Error::Missing),
            Err(other) => Err(Error::Store(other)),
        }
    }

    /// Deletes a blob; none of that name is as good as deleted.
    ///
    /// # Errors
    /// [`Error::BadName`], [`Error::Store`].
    pub async fn delete(&self, kind: &str, name: &str) -> Result<(), Error> {
        match self.store.delete(&key(kind, name)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(other) => Err(Error::Store(other)),
        }
    }

    /// Every blob of a kind with its size and age: `(name, bytes, last modified)`.
    ///
    /// # Errors
    /// [`Error::BadName`], [`Error::Store`].
    pub async fn list(&self, kind: &str) -> Result<Vec<(String, u64, chrono::DateTime<chrono::Utc>)>, Error> {
        let listing =
            self.store.list_with_delimiter(Some(&Key::from(plain(kind)?))).await.map_err(Error::Store)?;
        let entries = listing.objects.into_iter();
        Ok(entries
            .filter_map(|o| Some((o.location.filename()?.to_owned(), o.size, o.last_modified)))
            .collect())
    }
}

fn key(kind: &str, name: &str) -> Result<Key, Error> {
    Ok(Key::from_iter([plain(kind)?, plain(name)?]))
}

/// Names are ours, never a user's text; anything else is a mistake that must not reach the file system.
fn plain(name: &str) -> Result<&str, Error> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let ok = (1..=128).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(fits);
    if ok { Ok(name) } else { Err(Error::BadName(name.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_put_is_read_listed_and_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = BlobStore::local(dir.path()).unwrap();
        blobs.put("speech", "abc.ogg", Bytes::from_static(b"OggS")).await.unwrap();
        assert_eq!(blobs.get("speech", "abc.ogg").await.unwrap(), "OggS");
        let listed = blobs.list("speech").await.unwrap();
        assert_eq!(
            listed.iter().map(|(name, bytes, _)| (name.as_str(), *bytes)).collect::<Vec<_>>(),
            [("abc.ogg", 4)]
        );
        blobs.delete("speech", "abc.ogg").await.unwrap();
        assert!(matches!(blobs.get("speech", "abc.ogg").await, Err(Error::Missing)));
        blobs.delete("speech", "abc.ogg").await.unwrap();
    }

    #[tokio::test]
    async fn a_name_that_climbs_out_of_the_store_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = BlobStore::local(dir.path()).unwrap();
        for name in ["../master.key", "a/b", "", ".hidden", "a\0b"] {
            assert!(matches!(blobs.get("speech", name).await, Err(Error::BadName(_))), "{name:?}");
        }
    }
}
