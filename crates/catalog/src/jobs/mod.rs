//! One job a file.

pub(crate) mod release_forgotten_holds;
