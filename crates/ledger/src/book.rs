//! The one rule set: what postings do to accounts that are held in memory.
//!
//! A book has the locked accounts, the earlier transfers that its postings are about, and the keys that are taken already.
//! Both entries fill one from the database, or from what a batcher remembers of it, apply their postings in order, and write down the outcome.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use chrono::{DateTime, Utc};
use types::{AccountId, Money, TenantId, TransferId};
use uuid::Uuid;

use crate::record::{After, Effect, Kind, Record};
use crate::transfer::{Action, KEY_RESERVED};
use crate::{Account, Error, Posted, Posting, Side, Transfer};

/// An earlier transfer.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub record: Record,
    /// What resolved or reversed it.
    pub settled: Option<Kind>,
}

/// The part of the books that some postings touch.
#[derive(Debug, Default)]
pub(crate) struct Book {
    accounts: HashMap<(TenantId, AccountId), Account>,
    subjects: HashMap<(TenantId, TransferId), Subject>,
    /// Pending transfers whose time is over and that nobody noted as expired yet, the longest overdue first.
    overdue: Vec<(TenantId, TransferId)>,
    stored: HashMap<(TenantId, String), Vec<Record>>,
    fresh: HashMap<(TenantId, String), Range<usize>>,
    effects: Vec<Effect>,
}

/// What postings came to: to be written, and to be remembered.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The transfers, in order.
    pub effects: Vec<Effect>,
    /// The accounts that they changed.
    pub changed: Vec<Changed>,
    /// The accounts that they did not change.
    pub unchanged: Vec<Account>,
}

/// An account that transfers changed.
#[derive(Debug)]
pub(crate) struct Changed {
    pub account: Account,
    /// How many transfers it had seen before them.
    pub version_before: i64,
}

/// A transfer whose two accounts and amount are known.
struct Step {
    kind: Kind,
    subject: Option<TransferId>,
    debit: AccountId,
    credit: AccountId,
    amount: Money,
    /// What it takes from or adds to what is reserved.
    reserved_minor: i64,
    expires_at: Option<DateTime<Utc>>,
}

impl Book {
    /// A book of locked accounts.
    pub(crate) fn of(accounts: impl IntoIterator<Item = Account>) -> Self {
        let accounts = accounts.into_iter().map(|account| ((account.tenant, account.id), account)).collect();
        Self { accounts, ..Self::default() }
    }

    /// Adds a transfer of a key that a posting uses.
    pub(crate) fn add_stored(&mut self, record: Record) {
        self.stored.entry((record.tenant, record.key.clone())).or_default().push(record);
    }

    /// Adds a transfer that postings are about.
    pub(crate) fn add_subject(&mut self, subject: Subject) {
        self.subjects.insert((subject.record.tenant, subject.record.id), subject);
    }

    /// Adds a pending transfer whose time is over; the longest overdue first. Only where both its accounts are locked.
    pub(crate) fn add_overdue(&mut self, subject: Subject) {
        if subject.record.accounts().iter().all(|id| self.accounts.contains_key(id)) {
            self.overdue.push((subject.record.tenant, subject.record.id));
            self.add_subject(subject);
        }
    }

    /// The accounts on which something is pending.
    pub(crate) fn with_pending(&self) -> Vec<Uuid> {
        let pending = self.accounts.values().filter(|account| account.has_pending());
        pending.map(|account| account.id.uuid()).collect()
    }

    /// What the postings came to.
    pub(crate) fn finish(mut self) -> Outcome {
        let mut seen: HashMap<(TenantId, AccountId), i64> = HashMap::new();
        for id in self.effects.iter().flat_map(|effect| effect.record.accounts()) {
            *seen.entry(id).or_default() += 1;
        }
        let before = |(id, seen)| {
            let account = self.accounts.remove(&id)?;
            Some(Changed { version_before: account.version - seen, account })
        };
        let changed = seen.into_iter().filter_map(before).collect();
        Outcome { effects: self.effects, changed, unchanged: self.accounts.into_values().collect() }
    }

    /// Applies a posting, all of it or nothing. `new_id` names the transfers it makes.
    ///
    /// # Errors
    /// Everything that [`Error`] lists, the database aside.
    pub(crate) fn post(
        &mut self,
        posting: &Posting,
        now: DateTime<Utc>,
        new_id: impl FnMut(DateTime<Utc>) -> TransferId,
    ) -> Result<Posted, Error> {
        posting.checked()?;
        let key = (posting.tenant, posting.key.clone());
        if let Some(posted) = self.answer_again(posting, &key) {
            return posted;
        }
        let touched = self.touched(posting);
        let overdue = self.overdue_on(&touched);
        let before = self.copies(&touched, &overdue);
        // Times never go back within an account's history, whatever the clock does.
        let at = before.iter().filter_map(|account| account.last_posted_at).fold(now, DateTime::max);
        let start = self.effects.len();
        match self.apply(posting, at, &overdue, new_id) {
            Ok(made) => {
                let posted = Posted {
                    at: self.effects[made.start].record.at,
                    transfers: self.effects[made.clone()].iter().map(|effect| effect.record.id).collect(),
                };
                self.fresh.insert(key, made);
                Ok(posted)
            }
            Err(error) => {
                self.undo(start, before);
                Err(error)
            }
        }
    }

    /// Notes that a pending transfer expired, where its time is over and nothing resolved it. Says whether it did.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`] where its accounts are not in this book.
    pub(crate) fn expire(
        &mut self,
        pending: (TenantId, TransferId),
        now: DateTime<Utc>,
        new_id: TransferId,
    ) -> Result<bool, Error> {
        let Some(Subject { record, settled: None }) = self.subjects.get(&pending) else { return Ok(false) };
        let last = record.accounts().iter().filter_map(|id| self.accounts.get(id)?.last_posted_at).max();
        let at = last.map_or(now, |last| last.max(now));
        if record.kind != Kind::Pending || record.expires_at.is_none_or(|expires| expires > at) {
            return Ok(false);
        }
        let posting = Posting {
            tenant: record.tenant,
            key: format!("{KEY_RESERVED}expire:{}", record.id),
            cause: record.cause.clone(),
            transfers: Vec::new(),
        };
        let (reason, step) = (record.reason.clone(), Step::resolving(record, Kind::Expire));
        self.make(&posting, reason, &step, (1, at, new_id))?;
        Ok(true)
    }

    /// The first answer, where the key is taken.
    fn answer_again(&self, posting: &Posting, key: &(TenantId, String)) -> Option<Result<Posted, Error>> {
        let records: Vec<&Record> = match (self.stored.get(key), self.fresh.get(key)) {
            (Some(stored), _) => stored.iter().collect(),
            (None, Some(made)) => self.effects[made.clone()].iter().map(|effect| &effect.record).collect(),
            (None, None) => return None,
        };
        let whole_of = |id| self.subjects.get(&(posting.tenant, id)).map(|subject| subject.record.amount);
        let same = records.len() == posting.transfers.len()
            && records
                .iter()
                .zip(&posting.transfers)
                .all(|(record, asked)| record.answers(asked, &posting.cause, whole_of));
        if !same {
            return Some(Err(Error::KeyReused(posting.key.clone())));
        }
        let at = records.first()?.at;
        Some(Ok(Posted { transfers: records.iter().map(|record| record.id).collect(), at }))
    }

    /// The accounts that a posting changes, by itself or by what it is about.
    fn touched(&self, posting: &Posting) -> Vec<(TenantId, AccountId)> {
        let tenant = posting.tenant;
        let mut touched = Vec::with_capacity(posting.transfers.len() * 2);
        for Transfer { action, .. } in &posting.transfers {
            touched.extend(action.accounts().into_iter().flatten().map(|id| (tenant, id)));
            if let Some(subject) = action.subject().and_then(|id| self.subjects.get(&(tenant, id))) {
                touched.extend(subject.record.accounts());
            }
        }
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    /// These accounts, and those of these pending transfers, as they are now.
    fn copies(&self, touched: &[(TenantId, AccountId)], overdue: &[(TenantId, TransferId)]) -> Vec<Account> {
        let of_overdue = overdue.iter().filter_map(|id| Some(self.subjects.get(id)?.record.accounts()));
        let ids = touched.iter().copied().chain(of_overdue.flatten());
        ids.filter_map(|id| self.accounts.get(&id).cloned()).collect()
    }

    fn overdue_on(&self, touched: &[(TenantId, AccountId)]) -> Vec<(TenantId, TransferId)> {
        let on = |id: &(TenantId, TransferId)| {
            self.subjects.get(id).is_some_and(|subject| {
                subject.settled.is_none() && subject.record.accounts().iter().any(|id| touched.contains(id))
            })
        };
        self.overdue.iter().copied().filter(on).collect()
    }

    fn apply(
        &mut self,
        posting: &Posting,
        at: DateTime<Utc>,
        overdue: &[(TenantId, TransferId)],
        mut new_id: impl FnMut(DateTime<Utc>) -> TransferId,
    ) -> Result<Range<usize>, Error> {
        for pending in overdue {
            self.expire(*pending, at, new_id(at))?;
        }
        let start = self.effects.len();
        for (transfer, position) in posting.transfers.iter().zip(1..) {
            let step = self.step(posting.tenant, &transfer.action, at)?;
            self.make(posting, transfer.reason.clone(), &step, (position, at, new_id(at)))?;
        }
        Ok(start..self.effects.len())
    }

    fn step(&self, tenant: TenantId, action: &Action, at: DateTime<Utc>) -> Result<Step, Error> {
        match *action {
            Action::Immediate { debit, credit, amount } => {
                Ok(Step::between(Kind::Immediate, debit, credit, amount))
            }
            Action::Pending { debit, credit, amount, timeout } => Ok(Step {
                reserved_minor: amount.minor(),
                expires_at: timeout.map(|timeout| at + timeout),
                ..Step::between(Kind::Pending, debit, credit, amount)
            }),
            Action::Post { pending, amount } => {
                let record = self.open_pending(tenant, pending, at)?;
                let amount = amount.unwrap_or(record.amount);
                if amount.currency() != record.amount.currency() {
                    return Err(Error::CurrencyMismatch);
                }
                if amount.minor() > record.amount.minor() {
                    return Err(Error::ExceedsPending(pending));
                }
                Ok(Step { amount, ..Step::resolving(record, Kind::Post) })
            }
            Action::Void { pending } => {
                Ok(Step::resolving(self.open_pending(tenant, pending, at)?, Kind::Void))
            }
            Action::Reverse { transfer } => self.reversing(tenant, transfer),
        }
    }

    fn open_pending(&self, tenant: TenantId, id: TransferId, at: DateTime<Utc>) -> Result<&Record, Error> {
        let subject = self.subjects.get(&(tenant, id)).ok_or(Error::UnknownTransfer(id))?;
        if subject.record.kind != Kind::Pending {
            return Err(Error::NotPending(id));
        }
        match subject.settled {
            Some(Kind::Post) => Err(Error::AlreadyPosted(id)),
            Some(Kind::Void) => Err(Error::AlreadyVoided(id)),
            Some(_) => Err(Error::Expired(id)),
            None if subject.record.expires_at.is_some_and(|expires| expires <= at) => Err(Error::Expired(id)),
            None => Ok(&subject.record),
        }
    }

    fn reversing(&self, tenant: TenantId, id: TransferId) -> Result<Step, Error> {
        let Subject { record, settled } =
            self.subjects.get(&(tenant, id)).ok_or(Error::UnknownTransfer(id))?;
        match (record.kind, settled) {
            (Kind::Immediate | Kind::Post, None) => Ok(Step {
                subject: Some(id),
                ..Step::between(Kind::Reversal, record.credit, record.debit, record.amount)
            }),
            (Kind::Immediate | Kind::Post, Some(_)) => Err(Error::AlreadyReversed(id)),
            _ => Err(Error::NotReversible(id)),
        }
    }

    /// Makes one transfer: the debit side first.
    fn make(
        &mut self,
        posting: &Posting,
        reason: Cow<'static, str>,
        step: &Step,
        (position, at, id): (i16, DateTime<Utc>, TransferId),
    ) -> Result<(), Error> {
        let tenant = posting.tenant;
        let debit_after = self.change((tenant, step.debit), Side::Debit, step, at)?;
        let credit_after = self.change((tenant, step.credit), Side::Credit, step, at)?;
        if let Some(subject) = step.subject.and_then(|id| self.subjects.get_mut(&(tenant, id))) {
            subject.settled = Some(step.kind);
        }
        let record = Record {
            tenant,
            id,
            key: posting.key.clone(),
            kind: step.kind,
            subject: step.subject,
            debit: step.debit,
            credit: step.credit,
            amount: step.amount,
            reason,
            cause: posting.cause.clone(),
            at,
            expires_at: step.expires_at,
        };
        self.effects.push(Effect { record, position, debit_after, credit_after });
        Ok(())
    }

    fn change(
        &mut self,
        id: (TenantId, AccountId),
        side: Side,
        step: &Step,
        at: DateTime<Utc>,
    ) -> Result<After, Error> {
        let account = self.accounts.get_mut(&id).ok_or(Error::UnknownAccount(id.1))?;
        if account.currency != step.amount.currency() {
            return Err(Error::CurrencyMismatch);
        }
        let posted = if step.kind.moves_money() { step.amount.minor() } else { 0 };
        let after = account.change(side, posted, step.reserved_minor)?;
        account.last_posted_at = Some(at);
        Ok(after)
    }

    fn undo(&mut self, start: usize, before: Vec<Account>) {
        for effect in self.effects.drain(start..) {
            let subject = effect.record.subject.map(|id| (effect.record.tenant, id));
            if let Some(subject) = subject.and_then(|id| self.subjects.get_mut(&id)) {
                subject.settled = None;
            }
        }
        self.accounts.extend(before.into_iter().map(|account| ((account.tenant, account.id), account)));
    }
}

impl Step {
    fn between(kind: Kind, debit: AccountId, credit: AccountId, amount: Money) -> Self {
        Self { kind, subject: None, debit, credit, amount, reserved_minor: 0, expires_at: None }
    }

    /// Ends what is pending: all that it reserved is released.
    fn resolving(pending: &Record, kind: Kind) -> Self {
        Self {
            subject: Some(pending.id),
            reserved_minor: -pending.amount.minor(),
            ..Self::between(kind, pending.debit, pending.credit, pending.amount)
        }
    }
}
