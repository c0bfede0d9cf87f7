//! The canonical form of an entry, and its hash.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use types::{PersonId, TenantId};
use uuid::Uuid;

/// The installation's own chain.
pub const INSTALLATION: Uuid = Uuid::nil();
/// What comes before the first entry of a chain.
pub const NOTHING: [u8; 32] = [0; 32];
/// The first bytes that are hashed: another form would have another.
const FORM: &[u8] = b"vyapar audit entry 1";

/// An entry of a chain, without its hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The chain: a business, or [`INSTALLATION`].
    pub chain: Uuid,
    /// Its place in the chain, from 1.
    pub number: i64,
    /// When, in whole microseconds.
    pub at: DateTime<Utc>,
    /// What it was about: the word of an [`super::Area`].
    pub area: String,
    /// What was done: the word of a [`super::Deed`].
    pub deed: String,
    /// Who; none for whoever was not signed in, and for the command line.
    pub person: Option<PersonId>,
    /// What or whom it was about.
    pub about: Option<Uuid>,
    /// Why.
    pub reason: Option<String>,
}

/// Which chain the acts of a business are in.
pub fn of(business: Option<TenantId>) -> Uuid {
    business.map_or(INSTALLATION, TenantId::uuid)
}

impl Entry {
    /// The SHA-256 of the entry behind the one before.
    ///
    /// Every part is written as its length (4 bytes, most significant first) and its bytes, one that is absent as a length of
    /// 2³² − 1: no two entries are written alike.
    pub fn hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        let (number, at) = (self.number.to_be_bytes(), self.at.timestamp_micros().to_be_bytes());
        let person = self.person.map(PersonId::uuid);
        let parts: [Option<&[u8]>; 10] = [
            Some(FORM),
            Some(previous),
            Some(self.chain.as_bytes()),
            Some(&number),
            Some(&at),
            Some(self.area.as_bytes()),
            Some(self.deed.as_bytes()),
            person.as_ref().map(|id| id.as_bytes().as_slice()),
            self.about.as_ref().map(|id| id.as_bytes().as_slice()),
            self.reason.as_deref().map(str::as_bytes),
        ];
        let mut hasher = Sha256::new();
        for part in parts {
            let length = part.map_or(u32::MAX, |part| u32::try_from(part.len()).unwrap_or(u32::MAX - 1));
            hasher.update(length.to_be_bytes());
            hasher.update(part.unwrap_or_default());
        }
        hasher.finalize().into()
    }

    /// What names the entry in lists across chains: it sorts by time, then by place in the chain.
    pub fn id(&self, hash: &[u8; 32]) -> Uuid {
        let [.., a, b, c, d] = self.number.to_be_bytes();
        let tail = [0, 0, 0, a, b, c, d, hash[0], hash[1], hash[2]];
        let millis = u64::try_from(self.at.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}

/// The word under which an area or a deed is stored.
pub(super) fn word(of: impl serde::Serialize) -> String {
    let named = serde_json::to_value(of).ok();
    named.and_then(|name| name.as_str().map(str::to_owned)).expect("an area and a deed are written as words")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Area, Deed};

    fn entry() -> Entry {
        Entry {
            chain: Uuid::from_u128(7),
            number: 1,
            at: DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap(),
            area: word(Area::Refunds),
            deed: word(Deed::MadeAgain),
            person: Some(PersonId::from_uuid(Uuid::from_u128(1))),
            about: None,
            reason: Some("the bank was closed".to_owned()),
        }
    }

    #[test]
    fn whatever_is_changed_changes_the_hash() {
        let whole = entry().hash(&NOTHING);
        let about = Some(Uuid::from_u128(1));
        let changed = [
            Entry { chain: Uuid::from_u128(8), ..entry() },
            Entry { number: 2, ..entry() },
            Entry { at: entry().at + chrono::TimeDelta::microseconds(1), ..entry() },
            Entry { area: word(Area::Payouts), ..entry() },
            Entry { deed: word(Deed::Looked), ..entry() },
            Entry { person: None, ..entry() },
            Entry { about, ..entry() },
            Entry { person: None, about, ..entry() },
            Entry { reason: None, ..entry() },
            Entry { reason: Some(String::new()), ..entry() },
        ];
        let mut hashes: Vec<[u8; 32]> = changed.iter().map(|entry| entry.hash(&NOTHING)).collect();
        hashes.extend([whole, entry().hash(&[1; 32])]);
        let all = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), all);
        assert_eq!(entry().hash(&NOTHING), whole);
    }

    #[test]
    fn ids_sort_by_time_and_then_by_place() {
        let id = |entry: Entry| entry.id(&entry.hash(&NOTHING));
        let second = Entry { number: 2, ..entry() };
        let later = Entry { at: entry().at + chrono::TimeDelta::milliseconds(1), ..entry() };
        assert!(id(entry()) < id(second.clone()) && id(second) < id(later));
    }
}
