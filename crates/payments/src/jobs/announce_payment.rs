//! Tells whom it concerns what the money of an order or a top-up stands at.

use platform::db::repeat;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::TenantId;

use crate::subject::SubjectId;
use crate::{Error, Payments};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AnnouncePayment {
    pub tenant: TenantId,
    #[serde(flatten)]
    pub subject: SubjectId,
}

impl Job for AnnouncePayment {
    const KIND: &'static str = "announce-payment";
    const PRIORITY: Priority = Priority::Interactive;
}

pub(crate) async fn run(payments: Payments, job: AnnouncePayment) -> Result<(), Failure> {
    let announced = repeat(|| async {
        let mut transaction = payments.db.begin().await?;
        payments.announce(&mut transaction, job.tenant, job.subject).await?;
        transaction.commit().await?;
        Ok::<(), Error>(())
    });
    Ok(announced.await?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_job_names_an_order_as_it_always_did_or_a_top_up() {
        let [tenant, id] = [1, 2].map(Uuid::from_u128);
        for (name, subject) in
            [("order", SubjectId::Order(id.into())), ("top_up", SubjectId::TopUp(id.into()))]
        {
            let payload = json!({"tenant": tenant, name: id});
            let job: AnnouncePayment = serde_json::from_value(payload.clone()).unwrap();
            assert_eq!(job.subject, subject);
            assert_eq!(serde_json::to_value(job).unwrap(), payload);
        }
    }
}
