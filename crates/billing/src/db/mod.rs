//! Every SQL statement of this context.
//!
//! Lock order: a seller's `document_series` row, then the new `documents` row. Both come after the order's and the ledger's
//! rows and before the sync logs. A tax profile is written by itself. What is locked for a plan comes before the wallet.

pub(crate) mod credit;
pub(crate) mod documents;
pub(crate) mod personal;
pub(crate) mod subscribing;
pub(crate) mod tax_profiles;
