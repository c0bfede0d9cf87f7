//! Reconciliation: runs, what was settled, what does not match, and our side of it.

pub(crate) mod bank;
pub(crate) mod exceptions;
pub(crate) mod files;
pub(crate) mod lines;
pub(crate) mod ours;
pub(crate) mod runs;
