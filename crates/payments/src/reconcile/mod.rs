//! Reconciliation: our rows and books, what the gateway lists, and what it settled, a day in India at a time.
//!
//! Every payment, refund and settlement line of a day matches on all sides or is an *exception* with a suggested repair. Settled money
//! that matches is written into the books of whoever the payment was for.
//!
//! **Invariants.** The same day again finds the same things, adds no doubles and closes what has become right by itself. A settlement
//! line is booked once, and only when record, gateway and settlement agree on it or an operator takes the fee as it is. A repair goes
//! the same way as the news that was lost would have gone; who had it done and why is kept.
//!
//! The platform's own bank is one more side ([`bank`]): its files say whether what was settled came in and what was paid out went out.
//!
//! **Deliberately absent**: instant settlements and Route transfers, which are not used; repairs of amounts that differ, which people
//! have to sort out with the gateway or the bank.

pub(crate) mod bank;
mod book;
pub(crate) mod compare;
pub(crate) mod csv;
pub(crate) mod exception;
pub(crate) mod file;
mod gather;
pub(crate) mod line;
mod repair;
pub(crate) mod run;
mod settled;
pub(crate) mod statement;
