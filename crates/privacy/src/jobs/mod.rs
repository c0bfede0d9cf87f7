//! One job a file.

pub(crate) mod erase_account;
pub(crate) mod erase_visits;
pub(crate) mod look_at_grievances;
pub(crate) mod make_export;
pub(crate) mod purge_exports;
