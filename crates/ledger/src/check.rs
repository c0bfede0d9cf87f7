//! What a check of the books found.

use std::fmt;

use types::TenantId;

/// The most faults of one kind that a check lists.
pub const FAULTS_MAX: i64 = 100;

/// The result of recomputing the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many accounts there are.
    pub accounts: i64,
    /// How many transfers there are.
    pub transfers: i64,
    /// The sum of all accounts' debits, in minor units.
    pub debits_minor: i128,
    /// The sum of all accounts' credits, in minor units.
    pub credits_minor: i128,
    /// The sum of what pending transfers reserve on debit sides, in minor units.
    pub debits_pending_minor: i128,
    /// The sum of what pending transfers reserve on credit sides, in minor units.
    pub credits_pending_minor: i128,
    /// What is wrong; empty where the books are sound.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Whose books.
    pub tenant: TenantId,
    /// What is wrong.
    pub kind: FaultKind,
    /// The account's code, the transfer's id, or the currency of an unbalanced book.
    pub place: String,
    /// What follows from the transfers.
    pub expected: String,
    /// What stands in the books.
    pub found: String,
}

/// What can be wrong with books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum FaultKind {
    /// A tenant's debits of a currency do not equal its credits.
    Unbalanced,
    /// An account's total of debits is not the sum of its transfers.
    WrongDebits,
    /// An account's total of credits is not the sum of its transfers.
    WrongCredits,
    /// What is pending on a side of an account is not the sum of its unresolved transfers.
    WrongPending,
    /// An account has seen another number of transfers than there are: some are missing.
    MissingTransfers,
    /// A transfer says a balance that the transfers up to it do not give.
    WrongBalanceAfter,
    /// A transfer says that something else was pending than the transfers up to it give.
    WrongPendingAfter,
    /// A transfer is in another currency than its account.
    WrongCurrency,
    /// A transfer does not fit the one that it resolves or reverses.
    WrongSubject,
    /// A time-out that nothing waits for, or an unresolved transfer that would never time out though it should.
    WrongTimeout,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
            && self.debits_minor == self.credits_minor
            && self.debits_pending_minor == self.credits_pending_minor
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            FaultKind::Unbalanced => "debits do not equal credits",
            FaultKind::WrongDebits => "the debits are not the sum of the transfers",
            FaultKind::WrongCredits => "the credits are not the sum of the transfers",
            FaultKind::WrongPending => "what is pending is not the sum of the unresolved transfers",
            FaultKind::MissingTransfers => "the number of transfers is not the one the account has seen",
            FaultKind::WrongBalanceAfter => {
                "a transfer says a balance that does not follow from those before"
            }
            FaultKind::WrongPendingAfter => {
                "a transfer says that something else was pending than follows from those before"
            }
            FaultKind::WrongCurrency => "a transfer is in another currency than the account",
            FaultKind::WrongSubject => "a transfer does not fit the one it is about",
            FaultKind::WrongTimeout => "a time-out is not that of the pending transfer",
        };
        let Self { tenant, place, expected, found, .. } = self;
        write!(f, "tenant {tenant}, {place}: {what}: expected {expected}, found {found}")
    }
}
