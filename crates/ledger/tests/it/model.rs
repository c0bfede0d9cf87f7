//! Books as a person would keep them: a few numbers an account, a list of transfers.

use std::collections::HashMap;

use ledger::{Error, Kind, Limit, Side};

use crate::books::ACCOUNTS;

/// An account that was never opened.
pub const NOWHERE: usize = ACCOUNTS.len();

/// A step of a posting; transfers are named by their place in [`Model::transfers`], and one past its end is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Move { debit: usize, credit: usize, amount: i64 },
    Reserve { debit: usize, credit: usize, amount: i64, timeout_s: Option<i64> },
    Post { transfer: usize, amount: Option<i64> },
    Void { transfer: usize },
    Reverse { transfer: usize },
}

/// What became of a posting, without its details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    KeyReused,
    NotPositive,
    SameAccount,
    BadTimeout,
    UnknownAccount,
    UnknownTransfer,
    Limit,
    Overflow,
    NotPending,
    Posted,
    Voided,
    Expired,
    ExceedsPending,
    Reversed,
    NotReversible,
}

#[derive(Debug, Clone, Copy)]
pub struct Transfer {
    pub kind: Kind,
    debit: usize,
    credit: usize,
    amount: i64,
    expires_s: Option<i64>,
    settled: Option<Kind>,
}

/// Posted and pending, debits and credits.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub debits: i128,
    pub credits: i128,
    pub debits_pending: i128,
    pub credits_pending: i128,
    pub seen: i64,
    pub last_s: i64,
}

#[derive(Default, Clone)]
pub struct Model {
    pub accounts: [Totals; ACCOUNTS.len()],
    pub transfers: Vec<Transfer>,
    keys: HashMap<u8, (Vec<Step>, Vec<usize>, i64)>,
}

impl Model {
    /// The places of the posting's transfers, and the second it was posted in.
    pub fn post(&mut self, key: u8, steps: &[Step], now_s: i64) -> Result<(Vec<usize>, i64), Refused> {
        steps.iter().try_for_each(Step::checked)?;
        if let Some((known, made, at_s)) = self.keys.get(&key) {
            let same = known.len() == steps.len() && known.iter().zip(steps).all(|(a, b)| self.same(a, b));
            return if same { Ok((made.clone(), *at_s)) } else { Err(Refused::KeyReused) };
        }
        let mut after = self.clone();
        let touched = after.touched(steps);
        let overdue: Vec<usize> = (0..after.transfers.len())
            .filter(|&n| {
                let t = after.transfers[n];
                t.is_overdue(now_s) && (touched.contains(&t.debit) || touched.contains(&t.credit))
            })
            .collect();
        let of_overdue = overdue.iter().flat_map(|&n| [after.transfers[n].debit, after.transfers[n].credit]);
        let at_s =
            touched.iter().copied().chain(of_overdue).fold(now_s, |at, a| at.max(after.accounts[a].last_s));
        for n in overdue {
            after.settle(n, Kind::Expire, None, at_s)?;
        }
        let made = steps.iter().map(|step| after.step(step, at_s)).collect::<Result<Vec<usize>, _>>()?;
        after.keys.insert(key, (steps.to_vec(), made.clone(), at_s));
        *self = after;
        Ok((made, at_s))
    }

    /// Ends all that is overdue.
    pub fn expire(&mut self, now_s: i64) -> usize {
        let overdue: Vec<_> =
            (0..self.transfers.len()).filter(|&n| self.transfers[n].is_overdue(now_s)).collect();
        for n in &overdue {
            let Transfer { debit, credit, .. } = self.transfers[*n];
            let at_s = now_s.max(self.accounts[debit].last_s).max(self.accounts[credit].last_s);
            self.settle(*n, Kind::Expire, None, at_s).unwrap();
        }
        overdue.len()
    }

    /// The accounts without what is overdue, noted or not.
    pub fn seen_at(&self, now_s: i64) -> [Totals; ACCOUNTS.len()] {
        let mut accounts = self.accounts;
        for overdue in self.transfers.iter().filter(|transfer| transfer.is_overdue(now_s)) {
            accounts[overdue.debit].debits_pending -= i128::from(overdue.amount);
            accounts[overdue.credit].credits_pending -= i128::from(overdue.amount);
        }
        accounts
    }

    fn same(&self, one: &Step, other: &Step) -> bool {
        let whole = |step: &Step| match *step {
            Step::Post { transfer, amount: None } => {
                let amount = self.transfers.get(transfer).map(|t| t.amount);
                Step::Post { transfer, amount }
            }
            ref step => step.clone(),
        };
        whole(one) == whole(other)
    }

    fn touched(&self, steps: &[Step]) -> Vec<usize> {
        let accounts = steps.iter().flat_map(|step| match *step {
            Step::Move { debit, credit, .. } | Step::Reserve { debit, credit, .. } => vec![debit, credit],
            Step::Post { transfer, .. } | Step::Void { transfer } | Step::Reverse { transfer } => {
                self.transfers.get(transfer).map_or(vec![], |t| vec![t.debit, t.credit])
            }
        });
        accounts.filter(|&account| account != NOWHERE).collect()
    }

    fn step(&mut self, step: &Step, at_s: i64) -> Result<usize, Refused> {
        match *step {
            Step::Move { debit, credit, amount } => {
                self.make(Kind::Immediate, (debit, credit), (amount, amount, 0), at_s, None)
            }
            Step::Reserve { debit, credit, amount, timeout_s } => {
                let expires_s = timeout_s.map(|timeout_s| at_s + timeout_s);
                self.make(Kind::Pending, (debit, credit), (amount, 0, amount), at_s, expires_s)
            }
            Step::Post { transfer, amount } => self.settle(transfer, Kind::Post, amount, at_s),
            Step::Void { transfer } => self.settle(transfer, Kind::Void, None, at_s),
            Step::Reverse { transfer } => self.reverse(transfer, at_s),
        }
    }

    fn settle(&mut self, n: usize, kind: Kind, amount: Option<i64>, at_s: i64) -> Result<usize, Refused> {
        let pending = *self.transfers.get(n).ok_or(Refused::UnknownTransfer)?;
        let over = kind != Kind::Expire && pending.expires_s.is_some_and(|expires_s| expires_s <= at_s);
        match pending.settled {
            _ if pending.kind != Kind::Pending => return Err(Refused::NotPending),
            Some(Kind::Post) => return Err(Refused::Posted),
            Some(Kind::Void) => return Err(Refused::Voided),
            Some(_) => return Err(Refused::Expired),
            None if over => return Err(Refused::Expired),
            None => {}
        }
        let amount = amount.unwrap_or(pending.amount);
        if amount > pending.amount {
            return Err(Refused::ExceedsPending);
        }
        let posted = if kind == Kind::Post { amount } else { 0 };
        self.transfers[n].settled = Some(kind);
        self.make(kind, (pending.debit, pending.credit), (amount, posted, -pending.amount), at_s, None)
    }

    fn reverse(&mut self, n: usize, at_s: i64) -> Result<usize, Refused> {
        let moved = *self.transfers.get(n).ok_or(Refused::UnknownTransfer)?;
        if !matches!(moved.kind, Kind::Immediate | Kind::Post) {
            return Err(Refused::NotReversible);
        }
        if moved.settled.is_some() {
            return Err(Refused::Reversed);
        }
        self.transfers[n].settled = Some(Kind::Reversal);
        let amounts = (moved.amount, moved.amount, 0);
        self.make(Kind::Reversal, (moved.credit, moved.debit), amounts, at_s, None)
    }

    /// Makes a transfer of an amount, with what it posts and reserves.
    fn make(
        &mut self,
        kind: Kind,
        (debit, credit): (usize, usize),
        (amount, posted, reserved): (i64, i64, i64),
        at_s: i64,
        expires_s: Option<i64>,
    ) -> Result<usize, Refused> {
        for (account, is_debit) in [(debit, true), (credit, false)] {
            let totals = self.accounts.get_mut(account).ok_or(Refused::UnknownAccount)?;
            let (on, pending) = if is_debit {
                (&mut totals.debits, &mut totals.debits_pending)
            } else {
                (&mut totals.credits, &mut totals.credits_pending)
            };
            *on += i128::from(posted);
            *pending += i128::from(reserved);
            if *on + *pending > i128::from(i64::MAX) {
                return Err(Refused::Overflow);
            }
            totals.seen += 1;
            totals.last_s = at_s;
            let overdrawn = match ACCOUNTS[account].limit {
                Limit::None => false,
                Limit::DebitsMustNotExceedCredits => totals.debits + totals.debits_pending > totals.credits,
                Limit::CreditsMustNotExceedDebits => totals.credits + totals.credits_pending > totals.debits,
            };
            if overdrawn {
                return Err(Refused::Limit);
            }
        }
        self.transfers.push(Transfer { kind, debit, credit, amount, expires_s, settled: None });
        Ok(self.transfers.len() - 1)
    }
}

impl Totals {
    /// The balance, what is pending, and the number of transfers, as the books tell them.
    pub fn told(&self, side: Side) -> (i128, i128, i128, i64) {
        let posted = match side {
            Side::Debit => self.debits - self.credits,
            Side::Credit => self.credits - self.debits,
        };
        (posted, self.debits_pending, self.credits_pending, self.seen)
    }
}

impl Transfer {
    fn is_overdue(&self, now_s: i64) -> bool {
        let over = self.expires_s.is_some_and(|expires_s| expires_s <= now_s);
        self.kind == Kind::Pending && self.settled.is_none() && over
    }
}

impl Step {
    fn checked(&self) -> Result<(), Refused> {
        let (amount, between, timeout_s) = match *self {
            Self::Move { debit, credit, amount } => (Some(amount), Some((debit, credit)), None),
            Self::Reserve { debit, credit, amount, timeout_s } => {
                (Some(amount), Some((debit, credit)), timeout_s)
            }
            Self::Post { amount, .. } => (amount, None, None),
            Self::Void { .. } | Self::Reverse { .. } => (None, None, None),
        };
        if amount.is_some_and(|amount| amount <= 0) {
            return Err(Refused::NotPositive);
        }
        if between.is_some_and(|(debit, credit)| debit == credit) {
            return Err(Refused::SameAccount);
        }
        if timeout_s.is_some_and(|timeout_s| timeout_s <= 0) { Err(Refused::BadTimeout) } else { Ok(()) }
    }
}

/// The model's word for an error of the books.
pub fn refused(error: &Error) -> Refused {
    match error {
        Error::KeyReused(_) => Refused::KeyReused,
        Error::NotPositive => Refused::NotPositive,
        Error::SameAccount => Refused::SameAccount,
        Error::BadTimeout => Refused::BadTimeout,
        Error::UnknownAccount(_) => Refused::UnknownAccount,
        Error::UnknownTransfer(_) => Refused::UnknownTransfer,
        Error::LimitReached { .. } => Refused::Limit,
        Error::Overflow => Refused::Overflow,
        Error::NotPending(_) => Refused::NotPending,
        Error::AlreadyPosted(_) => Refused::Posted,
        Error::AlreadyVoided(_) => Refused::Voided,
        Error::Expired(_) => Refused::Expired,
        Error::ExceedsPending(_) => Refused::ExceedsPending,
        Error::AlreadyReversed(_) => Refused::Reversed,
        Error::NotReversible(_) => Refused::NotReversible,
        other => panic!("not an outcome of this test: {other}"),
    }
}
