//! Books what was paid to the state for a month, in every vendor's books.

use platform::jobs::{Failure, Job};
use serde::{Deserialize, Serialize};

use crate::Payments;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BookTcsPayment {
    pub month: String,
}

impl Job for BookTcsPayment {
    const KIND: &'static str = "book-tcs-payment";
}

pub(crate) async fn run(payments: Payments, job: BookTcsPayment) -> Result<(), Failure> {
    Ok(payments.book_tcs_payment(&job.month).await?)
}
