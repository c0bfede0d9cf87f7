//! One job a file.

pub(crate) mod purge_calls;
pub(crate) mod purge_speech;
