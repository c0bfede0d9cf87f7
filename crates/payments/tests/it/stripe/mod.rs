//! The same through Stripe: a page of its own, several attempts at one payment, payouts.

mod disputes;
mod faults;
mod methods;
mod paying;
mod reconciling;
mod refunds;
mod side_by_side;
mod webhooks;

use emulator::stripe::{Authentication, NewAccount, Paid, Payment};
use serde_json::Value;
use types::IntentId;

use crate::stall::Stall;

/// The key of the emulated account.
pub fn key() -> String {
    NewAccount::demo().secret_key
}

impl Stall {
    /// The page of an intent, by its id at the gateway.
    pub async fn page(&self, intent: IntentId) -> String {
        self.gateway_order(intent).await
    }

    /// A payer pays at a page with this card; what the news changes is changed.
    pub async fn pay_at(&self, page: &str, card: &str) -> Paid {
        let paid = self.stripe().pay(&Payment::of(page).by(card)).unwrap();
        self.work().await;
        paid
    }

    /// The payer answers their bank.
    pub async fn answer_bank(&self, paid: &Paid, approve: bool) {
        let payment_intent = paid.payment_intent["id"].as_str().unwrap().to_owned();
        self.stripe().authenticate(&Authentication { payment_intent, approve }).unwrap();
        self.work().await;
    }

    /// The books are sound and hold this: at Stripe, for the vendor, commission, for buyers.
    pub async fn stripe_holds(&self, gateway: i64, vendor: i64, commission: i64, buyers: i64) {
        self.books_hold(0, vendor, commission, buyers).await;
        assert_eq!(self.balance("gateway:stripe").await, gateway);
    }

    pub async fn at_stripe(&self, path: &str) -> Value {
        let client = platform::http::client(std::time::Duration::from_secs(5));
        let url = format!("{}{path}", self.emulator.as_ref().unwrap().stripe_url());
        client.get(url).bearer_auth(key()).send().await.unwrap().json().await.unwrap()
    }

    /// How many of a kind there are at Stripe.
    pub async fn count_at_stripe(&self, path: &str) -> usize {
        self.at_stripe(path).await["data"].as_array().unwrap().len()
    }
}
