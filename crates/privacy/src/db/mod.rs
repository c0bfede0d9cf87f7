//! Every SQL statement of this context.
//!
//! Lock order: an erasure before everything that identity locks. Copies are written by themselves.

pub(crate) mod erasures;
pub(crate) mod exports;
pub(crate) mod grievances;
pub(crate) mod personal;
