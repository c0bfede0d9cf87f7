//! Keys by which providers elsewhere are called: those that operators add, sealed in the database, and that of the settings.
//!
//! **Invariants.** A key is never shown again, nor written anywhere but sealed: people know it by its last four characters, its name,
//! and who added it when. The keys are tried in their order, that of the settings after them; one that is off, was ended or works
//! outside of the allowed regions is not asked. Every node takes a change within seconds. What is told of a key's health was measured
//! at its calls, of all nodes.
//!
//! **Deliberately absent**: addresses that an operator types; those are settings. Keys of businesses.

mod calls;
mod change;
mod credentials;
mod error;
mod kept;
mod list;

use sqlx::PgConnection;

use crate::db::provider_keys;

pub(crate) use calls::{Calls, Minute};
pub(crate) use change::Probing;
pub use change::{NewProviderKey, ProviderChange, ProviderOrder, Tried};
pub use credentials::NotAKey;
pub(crate) use credentials::tail;
pub use error::{Error, PROBLEMS};
pub(crate) use kept::Kept;
pub use kept::LOOKED_EVERY;
pub use list::{Provider, ProviderName, ProviderState, Providers};

/// How many keys are kept here, without those that were ended, and how many of them are on.
///
/// # Errors
/// Whatever the database says.
pub async fn count(connection: &mut PgConnection) -> Result<(i64, i64), sqlx::Error> {
    provider_keys::count(connection).await
}

/// So many keys there are at most, without those that were ended.
pub(crate) const KEYS_MAX: i64 = 16;
