//! One job a file.

pub(crate) mod purge_speech;
