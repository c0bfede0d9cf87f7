//! Recomputes the chains.

use std::fmt;

use platform::Db;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::chain::{self, Entry};
use super::heads::Head;
use crate::db;

/// Entries that are read at a time.
const ROWS: i64 = 1_000;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Chains that were recomputed.
    pub chains: usize,
    /// Entries that were recomputed.
    pub entries: i64,
    /// The first thing wrong in each chain that has one.
    pub faults: Vec<Fault>,
}

/// The first thing that is wrong in a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The chain: a business, or the installation's.
    pub chain: Uuid,
    /// The place in the chain, from 1.
    pub number: i64,
    /// What is wrong there.
    pub kind: FaultKind,
}

/// What is wrong at a place of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// No entry has this place.
    Missing,
    /// The entry is not the one that was written.
    Altered,
    /// The entry does not follow from the one before.
    OutOfPlace,
    /// The chain's own row says that it ends elsewhere, or otherwise.
    EndDiffers,
    /// An exported head says that the chain was longer.
    CutSinceExport,
    /// An exported head says that another entry was here.
    RewrittenSinceExport,
}

impl Verdict {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            FaultKind::Missing => "is missing",
            FaultKind::Altered => "was altered",
            FaultKind::OutOfPlace => "does not follow from the one before",
            FaultKind::EndDiffers => "is not where the chain should end",
            FaultKind::CutSinceExport => "was there when the heads were exported and is gone",
            FaultKind::RewrittenSinceExport => "is another than when the heads were exported",
        };
        write!(f, "chain {}: entry {} {what}", name(self.chain), self.number)
    }
}

/// What a chain is called where people read it.
pub(super) fn name(chain: Uuid) -> String {
    if chain == chain::INSTALLATION { "installation".to_owned() } else { chain.to_string() }
}

/// Recomputes every chain as it stands at one moment, and compares it with heads that were exported before.
///
/// # Errors
/// Whatever the database says.
pub async fn verify(db: &Db, exported: &[Head]) -> Result<Verdict, sqlx::Error> {
    let mut connection = db.acquire().await?;
    let mut transaction = connection.begin().await?;
    db::audit::at_one_moment(&mut transaction).await?;
    let mut verdict = Verdict::default();
    let mut known = Vec::new();
    let mut after = None;
    loop {
        let heads = db::audit::heads(&mut transaction, after, ROWS).await?;
        let Some(last) = heads.last() else { break };
        after = Some(last.chain);
        for head in &heads {
            let before = exported.iter().find(|old| old.chain == head.chain);
            verdict.chains += 1;
            verdict.entries += head.length;
            verdict.faults.extend(walk(&mut transaction, head, before).await?);
        }
        known.extend(heads.into_iter().map(|head| head.chain));
    }
    let gone = exported.iter().filter(|old| old.length > 0 && !known.contains(&old.chain));
    verdict.faults.extend(gone.map(|old| fault(old.chain, 1, FaultKind::CutSinceExport)));
    Ok(verdict)
}

const fn fault(chain: Uuid, number: i64, kind: FaultKind) -> Fault {
    Fault { chain, number, kind }
}

/// The first thing wrong in one chain.
async fn walk(
    connection: &mut PgConnection,
    head: &Head,
    exported: Option<&Head>,
) -> Result<Option<Fault>, sqlx::Error> {
    let (mut number, mut last) = (0, chain::NOTHING);
    loop {
        let rows = db::audit::entries_after(connection, head.chain, number, ROWS).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            number += 1;
            if let Some(kind) = step(&row, number, &last) {
                return Ok(Some(fault(head.chain, number, kind)));
            }
            last = row.hash;
            let was = exported.filter(|old| old.length == number);
            if was.is_some_and(|old| old.head != last) {
                return Ok(Some(fault(head.chain, number, FaultKind::RewrittenSinceExport)));
            }
        }
    }
    if exported.is_some_and(|old| old.length > number) {
        return Ok(Some(fault(head.chain, number + 1, FaultKind::CutSinceExport)));
    }
    let ends = (head.length, head.head) == (number, last);
    Ok((!ends).then(|| fault(head.chain, number.min(head.length) + 1, FaultKind::EndDiffers)))
}

/// An entry as it is stored.
pub(crate) struct Stored {
    pub entry: Entry,
    pub id: Uuid,
    pub previous: [u8; 32],
    pub hash: [u8; 32],
}

fn step(row: &Stored, number: i64, last: &[u8; 32]) -> Option<FaultKind> {
    if row.entry.number != number {
        return Some(FaultKind::Missing);
    }
    let hash = row.entry.hash(&row.previous);
    if hash != row.hash || row.entry.id(&hash) != row.id {
        return Some(FaultKind::Altered);
    }
    (row.previous != *last).then_some(FaultKind::OutOfPlace)
}
