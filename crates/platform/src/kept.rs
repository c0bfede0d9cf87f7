//! What is kept for businesses in files: how many bytes, told by the contexts that keep them.
//!
//! A context that keeps files knows when each came and when it went, so that it can say what was there at any moment of the last days,
//! whenever it is asked. `billing` charges what was kept over the end of a day; `app` connects the two.
//!
//! **Deliberately absent**: what belongs to nobody in particular, as speech that was made for one business and is played for another; and
//! rows, which cost next to nothing.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use types::TenantId;

/// What kind of thing is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What was said, as it was recorded, where its speaker keeps it.
    Recordings,
    /// Papers and photographs that answer disputes.
    Papers,
}

/// What a business has of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Whose it is.
    pub tenant: TenantId,
    /// How many bytes in all, more than none.
    pub bytes: i64,
}

/// A context that keeps files for businesses.
#[async_trait]
pub trait Keeper: Send + Sync + Debug {
    /// What it keeps.
    fn kind(&self) -> Kind;

    /// What was there at a moment, of at most `limit` businesses after this one, in the order of their ids. Asked again for the same
    /// moment it says the same, as long as that is no more than some days ago.
    ///
    /// # Errors
    /// Whatever the database says.
    async fn kept_at(
        &self,
        moment: DateTime<Utc>,
        after: Option<TenantId>,
        limit: i64,
    ) -> Result<Vec<Kept>, sqlx::Error>;
}
