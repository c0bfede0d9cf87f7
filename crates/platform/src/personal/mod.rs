//! What is kept of people, and whose it is: the one register that an export reads and an erasure goes through.
//!
//! Every context says of each of its tables whose rows are in it, which columns nobody is handed, and what an erasure does to it. A
//! table that no context names fails a test, and so does a column that names a person, a business or a guest in a table that has
//! no line for it. Which of its columns are sealed it says, too: they are sealed, sealed again and opened for a copy by these lines.
//!
//! **Invariants.** A context names its own tables alone. What stays behind after an erasure has a reason beside it. The statements are
//! put together from these constants and from nothing that anybody sent.
//!
//! **Deliberately absent**: who may ask for either, and when (`privacy`).

mod erase;
mod platform_tables;
mod read;
mod sealed;
mod table;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{GuestId, PersonId, TenantId, VisitId};
use utoipa::ToSchema;
use uuid::Uuid;

pub use erase::erase;
pub use platform_tables::PlatformTables;
pub use read::{Rows, read};
pub use sealed::{seal_again, seal_open, sealed_with};
pub use table::{BUSINESS, Fate, GUEST, Link, NONE, PERSON, SealedColumn, Table, VISIT};

/// Whose data: a person with the businesses that are theirs alone, or a phone with its visits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The person.
    pub person: Option<PersonId>,
    /// The businesses that nobody else belongs to.
    pub businesses: Vec<TenantId>,
    /// The visits of a phone.
    pub visits: Vec<(TenantId, VisitId, GuestId)>,
}

/// Why somebody's data cannot be erased yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// A business has others who belong to it and no other owner.
    OtherMembers,
    /// The person is the installation's only admin.
    LastAdmin,
    /// Orders are neither handed over nor called off.
    OpenOrders,
    /// Money is on its way back to a payer.
    RefundsUnderWay,
    /// A payer's bank disputes a payment.
    OpenDisputes,
    /// Sales were paid and are not paid out.
    MoneyToPayOut,
    /// The business owes the platform.
    MoneyOwed,
    /// A plan goes on.
    PlanRuns,
}

/// Files of somebody, for an export.
#[derive(Debug, Default)]
pub struct Files {
    /// Each with its name, which may have folders.
    pub files: Vec<(String, Bytes)>,
    /// How many were left out because they did not fit or could not be read.
    pub left_out: usize,
}

impl Files {
    /// Bytes of all of them.
    pub fn bytes(&self) -> usize {
        self.files.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// Takes a file along where all of them stay within `bytes_max`.
    pub fn push(&mut self, name: String, bytes: Bytes, bytes_max: usize) {
        if self.bytes() + bytes.len() > bytes_max {
            self.left_out += 1;
        } else {
            self.files.push((name, bytes));
        }
    }
}

/// A context that keeps something of people.
#[async_trait]
pub trait Holder: Send + Sync {
    /// What the context is called: the folder of its files in an export.
    fn context(&self) -> &'static str;

    /// Every table of the context, in the order in which rows can go.
    fn tables(&self) -> &'static [Table];

    /// What must be settled before the subject's rows may go.
    ///
    /// # Errors
    /// Whatever the database says.
    async fn obstacles(
        &self,
        _connection: &mut PgConnection,
        _subject: &Subject,
    ) -> Result<Vec<Obstacle>, sqlx::Error> {
        Ok(Vec::new())
    }

    /// The subject's files: recordings, papers; together at most `bytes_max`.
    ///
    /// # Errors
    /// What is worth another try.
    async fn files(&self, _subject: &Subject, _bytes_max: usize) -> anyhow::Result<Files> {
        Ok(Files::default())
    }

    /// Deletes the subject's files, before the rows go that know of them. Again, it finds none.
    ///
    /// # Errors
    /// What is worth another try.
    async fn delete_files(&self, _subject: &Subject) -> anyhow::Result<()> {
        Ok(())
    }
}

impl Subject {
    /// Whether there is nobody.
    pub const fn is_nobody(&self) -> bool {
        self.person.is_none() && self.businesses.is_empty() && self.visits.is_empty()
    }

    fn ids(&self) -> Ids {
        Ids {
            person: self.person.map(PersonId::uuid),
            businesses: self.businesses.iter().map(|tenant| tenant.uuid()).collect(),
            stalls: self.visits.iter().map(|(tenant, ..)| tenant.uuid()).collect(),
            visits: self.visits.iter().map(|(_, visit, _)| visit.uuid()).collect(),
            guests: self.visits.iter().map(|(.., guest)| guest.uuid()).collect(),
        }
    }
}

/// The parameters that the lines of the register speak of, `$1` to `$5`.
struct Ids {
    person: Option<Uuid>,
    businesses: Vec<Uuid>,
    stalls: Vec<Uuid>,
    visits: Vec<Uuid>,
    guests: Vec<Uuid>,
}
