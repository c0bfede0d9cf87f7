//! One job a file.

pub(crate) mod purge_expired;
pub(crate) mod send_letter;
pub(crate) mod send_text;
