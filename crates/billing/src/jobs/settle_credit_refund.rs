//! Takes in what became of paid credit that goes back.

use payments::{TopUpRefundRefused, TopUpRefunded, TopUpTakenBack};
use platform::jobs::{Draft, Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::{Money, RefundId, TenantId, TopUpId};

use crate::{Credits, Error};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SettleCreditRefund {
    tenant: TenantId,
    refund: RefundId,
    news: News,
}

/// What happened.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum News {
    Made,
    Refused,
    /// Nobody here asked for it.
    TakenBack {
        top_up: TopUpId,
        amount: Money,
    },
}

impl Job for SettleCreditRefund {
    const KIND: &'static str = "settle-credit-refund";
    const PRIORITY: Priority = Priority::Interactive;
}

/// The job that follows when a top-up's refund was made.
pub fn top_up_refunded_draft(event: &TopUpRefunded) -> Draft {
    let TopUpRefunded { tenant, refund, .. } = *event;
    Draft::new(tenant, &SettleCreditRefund { tenant, refund, news: News::Made })
}

/// The job that follows when a top-up's refund was finally refused.
pub fn top_up_refund_refused_draft(event: &TopUpRefundRefused) -> Draft {
    let TopUpRefundRefused { tenant, refund, .. } = *event;
    Draft::new(tenant, &SettleCreditRefund { tenant, refund, news: News::Refused })
}

/// The job that follows when a top-up was given back at the gateway itself.
pub fn top_up_taken_back_draft(event: &TopUpTakenBack) -> Draft {
    let TopUpTakenBack { tenant, top_up, refund, amount } = *event;
    Draft::new(tenant, &SettleCreditRefund { tenant, refund, news: News::TakenBack { top_up, amount } })
}

pub(crate) async fn run(credits: Credits, job: SettleCreditRefund) -> Result<(), Failure> {
    let SettleCreditRefund { tenant, refund, news } = job;
    let done = match news {
        News::Made => credits.refund_made(tenant, refund).await,
        News::Refused => credits.refund_refused(tenant, refund).await,
        News::TakenBack { top_up, amount } => credits.taken_back(tenant, top_up, (refund, amount)).await,
    };
    match done {
        // News of a refund may come before the refund itself is noted here.
        Err(error @ (Error::NotFound | Error::NotCreditYet)) => Err(Failure::Retry(error.into())),
        done => Ok(done?),
    }
}
