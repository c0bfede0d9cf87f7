//! One job a file.

pub(crate) mod expire_order;
pub(crate) mod refund_order;
pub(crate) mod settle_order;

use platform::jobs::Failure;

use crate::Error;

/// An order that is not there will not come; everything else may pass.
fn failure(error: Error) -> Failure {
    match error {
        Error::NotFound => Failure::Dead(error.into()),
        other => Failure::Retry(other.into()),
    }
}
