//! A stall's own top-ups: asked for as billing asks for them.

use chrono::TimeDelta;
use payments::{Error, NewTopUp};
use serde_json::Value;
use types::{IntentId, Money};

use crate::stall::Stall;

impl Stall {
    /// A top-up by whatever there is, payable for half an hour; nothing is kept.
    pub fn new_top_up(&self, amount_minor: i64) -> NewTopUp {
        NewTopUp {
            tenant: self.tenant,
            id: self.test.entropy.id(self.now()),
            number: "C-3F9A".to_owned(),
            payee: "VyaparMitra".to_owned(),
            amount: Money::inr(amount_minor),
            expires_at: self.now() + TimeDelta::minutes(30),
            gateway: None,
            method: None,
            keep_method: false,
        }
    }

    pub async fn open_top_up(&self, new: &NewTopUp) -> Result<IntentId, Error> {
        let mut transaction = self.test.db.begin().await.unwrap();
        let intent = self.payments.open_top_up(&mut transaction, new).await?;
        transaction.commit().await.unwrap();
        Ok(intent)
    }

    /// Its payment, as the vendor sees it.
    pub async fn top_up(&self, new: &NewTopUp) -> Value {
        let mut connection = self.test.db.acquire().await.unwrap();
        let payment = self.payments.payment_of_top_up(&mut connection, self.tenant, new.id).await.unwrap();
        serde_json::to_value(payment).unwrap()
    }
}
