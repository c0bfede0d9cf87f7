//! Every SQL statement of this context. Living keys are locked together, in the order of their ids, before the chain of the audit trail.

pub(crate) mod personal;
pub(crate) mod provider_keys;
pub(crate) mod provider_minutes;
