//! One job a file.

pub(crate) mod announce_payment;
pub(crate) mod expire_offer;
pub(crate) mod hear_recording;
pub(crate) mod purge;
pub(crate) mod translate_message;
