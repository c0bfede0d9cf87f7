//! One job a file.

pub(crate) mod purge_log;
pub(crate) mod send_push;
