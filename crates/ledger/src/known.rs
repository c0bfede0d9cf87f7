//! What a batcher remembers of the books between its batches.
//!
//! Nothing in here is relied on. An account's version counts every transfer that ever touched it, so what was worked out from memory is
//! written only where the accounts are still at the versions remembered; else the memory is corrected under locks.
//!
//! **Invariant**: a pending transfer is known only while both its accounts are, at the versions at which it was still open.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use types::{AccountId, TenantId, TransferId};

use crate::book::{Book, Outcome, Subject};
use crate::record::Kind;
use crate::{Account, Posting};

/// How many accounts are remembered, and how many pending transfers: some megabytes. Beyond it all is forgotten and learnt anew.
const KNOWN_MAX: usize = 1 << 15;

/// An account, or the hash of a key: where two keys have the same, one waits for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Claim {
    Account(TenantId, AccountId),
    Key(TenantId, u64),
}

/// Accounts, and transfers that are still pending.
#[derive(Debug, Default)]
pub(crate) struct Known {
    hasher: RandomState,
    accounts: HashMap<(TenantId, AccountId), Account>,
    pending: HashMap<(TenantId, TransferId), Subject>,
}

impl Known {
    /// What a posting must not share with another that is posted at the same time: its key and its accounts. None where it is about a transfer
    /// that is not known, whose accounts could be any.
    pub(crate) fn claims(&self, posting: &Posting) -> Option<Vec<Claim>> {
        let mut claims = Vec::with_capacity(1 + 2 * posting.transfers.len());
        claims.push(Claim::Key(posting.tenant, self.hasher.hash_one(&posting.key)));
        for action in posting.transfers.iter().map(|transfer| &transfer.action) {
            let subject = match action.subject() {
                Some(id) => Some(self.pending.get(&(posting.tenant, id))?),
                None => None,
            };
            let named = action.accounts().map(|ids| ids.map(|id| (posting.tenant, id)));
            let touched = named.or_else(|| Some(subject?.record.accounts()));
            claims.extend(touched.into_iter().flatten().map(|(tenant, id)| Claim::Account(tenant, id)));
        }
        Some(claims)
    }

    /// Whether all the accounts are remembered.
    pub(crate) fn has_all(&self, claims: &[Claim]) -> bool {
        claims.iter().all(|claim| match claim {
            Claim::Account(tenant, id) => self.accounts.contains_key(&(*tenant, *id)),
            Claim::Key(..) => true,
        })
    }

    /// What these postings touch, if all of it is known.
    pub(crate) fn book(&self, postings: &[Posting]) -> Option<Book> {
        let (mut accounts, mut subjects) = (HashMap::new(), Vec::new());
        for Posting { tenant, transfers, .. } in postings {
            for action in transfers.iter().map(|transfer| &transfer.action) {
                let named = action.accounts().map(|ids| ids.map(|id| (*tenant, id)));
                let subject = match action.subject() {
                    Some(id) => Some(self.pending.get(&(*tenant, id))?),
                    None => None,
                };
                for id in named.or_else(|| Some(subject?.record.accounts())).into_iter().flatten() {
                    if let Entry::Vacant(entry) = accounts.entry(id) {
                        entry.insert(self.accounts.get(&id)?.clone());
                    }
                }
                subjects.extend(subject.cloned());
            }
        }
        let mut book = Book::of(accounts.into_values());
        for subject in subjects {
            book.add_subject(subject);
        }
        Some(book)
    }

    /// Takes in what was written from memory.
    pub(crate) fn advance(&mut self, outcome: Outcome) {
        let Outcome { effects, changed, unchanged } = outcome;
        let accounts = changed.into_iter().map(|changed| changed.account).chain(unchanged);
        self.accounts.extend(accounts.map(|account| ((account.tenant, account.id), account)));
        for record in effects.into_iter().map(|effect| effect.record) {
            if let Some(subject) = record.subject {
                self.pending.remove(&(record.tenant, subject));
            }
            if record.kind == Kind::Pending {
                self.pending.insert((record.tenant, record.id), Subject { record, settled: None });
            }
        }
        if self.accounts.len() > KNOWN_MAX || self.pending.len() > KNOWN_MAX {
            *self = Self::default();
        }
    }

    /// Takes in what was written under locks: nothing that was known of its accounts counts any more.
    pub(crate) fn correct(&mut self, outcome: Outcome) {
        let changed = outcome.changed.iter().map(|changed| &changed.account);
        let seen: HashSet<_> = changed.chain(&outcome.unchanged).map(|a| (a.tenant, a.id)).collect();
        self.pending.retain(|_, subject| !subject.record.accounts().iter().any(|id| seen.contains(id)));
        self.advance(outcome);
    }
}
