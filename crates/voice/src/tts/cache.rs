//! Speech that was made before: the same words in the same voice are made once.
//!
//! Entries are blobs named by a hash of everything that shapes the sound, so that none is ever out of date: what is played, and the
//! sentences that a provider was paid for, without the loss of packing them. They are made room for by age and then by size, oldest first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use chrono::TimeDelta;
use platform::Clock;
use platform::blob::{BlobStore, Error};
use sha2::{Digest, Sha256};
use types::Language;

use super::Spoken;
use crate::audio::ogg_duration_ms;
use crate::capability::made_by;
use crate::config::SpeechCache;

/// The kind of blob.
const KIND: &str = "speech";

/// Raised when the way from an engine's sound to the file changes.
const EDITION: &str = "1";

/// Keeps speech, and lets one caller at a time make what is missing.
#[derive(Debug)]
pub(crate) struct Cache {
    blobs: BlobStore,
    clock: Clock,
    bounds: SpeechCache,
    being_made: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

/// What shapes the sound.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The words as the engine gets them.
    pub text: &'a str,
    /// Their language.
    pub language: Language,
    /// The engine that would speak.
    pub engine: &'static str,
    /// Its voice and settings.
    pub voice: &'a str,
}

impl Wanted<'_> {
    /// The name of the whole, as it is played.
    fn blob(self) -> String {
        format!("{}.ogg", self.hash())
    }

    /// The name of the same words as a piece of something longer.
    pub fn piece(self) -> String {
        format!("{}.wav", self.hash())
    }

    fn hash(self) -> String {
        let Self { text, language, engine, voice } = self;
        let mut hash = Sha256::new();
        for part in [EDITION, engine, voice, language.code(), text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hex::encode(hash.finalize())
    }
}

impl Cache {
    pub fn new(blobs: BlobStore, clock: Clock, bounds: SpeechCache) -> Self {
        Self { blobs, clock, bounds, being_made: Mutex::default() }
    }

    /// What was made before. A file that is damaged or cannot be read is as good as none.
    pub async fn find(&self, wanted: Wanted<'_>) -> Option<Spoken> {
        let ogg = match self.blobs.get(KIND, &wanted.blob()).await {
            Ok(ogg) => ogg,
            Err(Error::Missing) => return None,
            Err(error) => {
                tracing::warn!(%error, "kept speech cannot be read");
                return None;
            }
        };
        let duration_ms = ogg_duration_ms(&ogg)?;
        Some(Spoken { ogg, made_by: made_by(wanted.engine), duration_ms })
    }

    /// Keeps what was made. A full disk costs the next listener a moment and this one nothing.
    pub async fn keep(&self, wanted: Wanted<'_>, ogg: Bytes) {
        if let Err(error) = self.blobs.put(KIND, &wanted.blob(), ogg).await {
            tracing::warn!(%error, "speech cannot be kept");
        }
    }

    /// A piece that was made before, as a file with its samples.
    pub async fn find_piece(&self, wanted: Wanted<'_>) -> Option<Bytes> {
        match self.blobs.get(KIND, &wanted.piece()).await {
            Ok(file) => Some(file),
            Err(Error::Missing) => None,
            Err(error) => {
                tracing::warn!(%error, "kept speech cannot be read");
                None
            }
        }
    }

    /// Keeps a piece.
    pub async fn keep_piece(&self, wanted: Wanted<'_>, file: Bytes) {
        if let Err(error) = self.blobs.put(KIND, &wanted.piece(), file).await {
            tracing::warn!(%error, "speech cannot be kept");
        }
    }

    /// The turn to make the whole: whoever comes second waits, and then finds it made.
    pub fn turn_of(&self, wanted: Wanted<'_>) -> Arc<tokio::sync::Mutex<()>> {
        self.turn(wanted.blob())
    }

    /// The turn to make what has this name. Who makes a whole may wait for pieces, and nobody who makes a piece waits for anything.
    pub fn turn(&self, name: String) -> Arc<tokio::sync::Mutex<()>> {
        let mut being_made = self.being_made.lock().unwrap_or_else(PoisonError::into_inner);
        being_made.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = being_made.get(&name).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::default();
        being_made.insert(name, Arc::downgrade(&turn));
        turn
    }

    /// Deletes what is too old, and the oldest of what is too much; gives how many files went.
    pub async fn purge(&self) -> Result<usize, Error> {
        let mut files = self.blobs.list(KIND).await?;
        files.sort_unstable_by_key(|(_, _, made_at)| std::cmp::Reverse(*made_at));
        let oldest = self.clock.now() - TimeDelta::days(i64::from(self.bounds.age_days_max));
        let room = u64::from(self.bounds.size_mb_max) * 1024 * 1024;
        let (mut kept_bytes, mut deleted) = (0, 0);
        for (name, bytes, made_at) in files {
            kept_bytes += bytes;
            if made_at < oldest || kept_bytes > room {
                self.blobs.delete(KIND, &name).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    fn cache(dir: &std::path::Path, bounds: SpeechCache, clock: Clock) -> Cache {
        Cache::new(BlobStore::local(dir).unwrap(), clock, bounds)
    }

    fn wanted(text: &str) -> Wanted<'_> {
        Wanted { text, language: Language::Tamil, engine: "local", voice: "espeak-ng ta 150" }
    }

    #[test]
    fn every_part_of_the_sound_is_part_of_the_name() {
        let one = wanted("ab");
        let names = [
            one.blob(),
            wanted("ba").blob(),
            Wanted { language: Language::Hindi, ..one }.blob(),
            Wanted { engine: "bhashini", ..one }.blob(),
            Wanted { voice: "espeak-ng ta 160", ..one }.blob(),
            Wanted { voice: "espeak-ng ta 150ta", text: "ab", ..one }.blob(),
        ];
        let mut once = names.to_vec();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len());
    }

    #[tokio::test]
    async fn a_damaged_file_is_as_good_as_none() {
        let dir = tempfile::tempdir().unwrap();
        let cache = cache(dir.path(), SpeechCache::default(), Clock::system());
        assert_eq!(cache.find(wanted("x")).await, None);
        cache.keep(wanted("x"), Bytes::from_static(b"OggS cut short")).await;
        assert_eq!(cache.find(wanted("x")).await, None);
    }

    #[tokio::test]
    async fn old_files_go_and_then_what_does_not_fit() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual(chrono::DateTime::<Utc>::from(
            std::fs::metadata(dir.path()).unwrap().modified().unwrap(),
        ));
        let bounds = SpeechCache { size_mb_max: 1, age_days_max: 1 };
        let cache = cache(dir.path(), bounds, clock.clone());
        let half_and_more = Bytes::from(vec![0; 600 * 1024]);
        cache.keep(wanted("one"), half_and_more.clone()).await;
        cache.keep(wanted("two"), half_and_more).await;
        assert_eq!(cache.purge().await.unwrap(), 1);
        assert_eq!(cache.purge().await.unwrap(), 0);
        clock.advance(TimeDelta::days(2));
        assert_eq!(cache.purge().await.unwrap(), 1);
    }

    #[tokio::test]
    async fn one_at_a_time_makes_a_sentence_and_others_are_not_held_up() {
        let dir = tempfile::tempdir().unwrap();
        let cache = cache(dir.path(), SpeechCache::default(), Clock::system());
        let turn = cache.turn_of(wanted("x"));
        let held = turn.lock().await;
        assert!(cache.turn_of(wanted("x")).try_lock().is_err());
        assert!(cache.turn_of(wanted("y")).try_lock().is_ok());
        drop(held);
        drop(turn);
        assert!(cache.turn_of(wanted("x")).try_lock().is_ok());
    }
}
