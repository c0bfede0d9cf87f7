//! What a test, a demo or a person at the terminal may do to the gateway: as methods, and over HTTP in [`http`].

mod http;
mod settlements;

use serde::Serialize;
use serde_json::Value;

use super::desk::wire;
use super::error::Error;
use super::merchant::{Merchant, NewMerchant, Settings};
use super::webhook::{self, ENDPOINTS_MAX, EVENTS};
use super::world::World;
use super::{Play, Razorpay, furnished};
use crate::delivery::{self, Delivery, DeliveryState, Endpoint, WebhookFault};
use crate::fault::{ApiFault, Call};

pub use crate::control::Refusal;
pub(crate) use http::router;

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

/// What a payer's attempt came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Played {
    /// The payment as the vendor shows it.
    pub payment: Value,
    /// What the checkout hands to the merchant's page: for an order's payment that succeeded.
    pub callback: Option<Callback>,
}

/// The three fields of a successful checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Callback {
    /// The payment.
    pub razorpay_payment_id: String,
    /// The order it pays.
    pub razorpay_order_id: String,
    /// Hex HMAC-SHA256 of `order|payment` with the key's secret.
    pub razorpay_signature: String,
}

impl Razorpay {
    /// Opens another account.
    ///
    /// # Errors
    /// A taken key, or values out of bounds.
    pub fn open_account(&self, opened: NewMerchant) -> Result<(), Refusal> {
        self.with_world(|world| world.open_account(opened)).map(drop).map_err(Refusal::from)
    }

    /// Sets how an account behaves from now on.
    ///
    /// # Errors
    /// An unknown key, or values out of bounds.
    pub fn set_settings(&self, key_id: &str, settings: Settings) -> Result<(), Refusal> {
        if let Some(problem) = settings.invalid() {
            return Err(problem.into());
        }
        self.with_merchant(key_id, |merchant| merchant.settings = settings)
    }

    /// How an account behaves.
    ///
    /// # Errors
    /// An unknown key.
    pub fn settings(&self, key_id: &str) -> Result<Settings, Refusal> {
        self.with_merchant(key_id, |merchant| merchant.settings.clone())
    }

    /// Replaces an account's webhooks. Events that happened before are not sent to them.
    ///
    /// # Errors
    /// An unknown key, too many webhooks, or one that points away from this machine.
    pub fn set_webhooks(&self, key_id: &str, endpoints: Vec<Endpoint>) -> Result<(), Refusal> {
        if endpoints.len() > ENDPOINTS_MAX {
            return Err("an account has at most 30 webhooks".into());
        }
        if let Some(problem) = endpoints.iter().find_map(|endpoint| endpoint.invalid(&EVENTS)) {
            return Err(problem.into());
        }
        self.with_merchant(key_id, |merchant| merchant.endpoints = endpoints)
    }

    /// An account's webhooks.
    ///
    /// # Errors
    /// An unknown key.
    pub fn webhooks(&self, key_id: &str) -> Result<Vec<Endpoint>, Refusal> {
        self.with_merchant(key_id, |merchant| merchant.endpoints.clone())
    }

    /// Adds a rule of what goes wrong with an account's deliveries, of events from now on.
    ///
    /// # Errors
    /// An unknown key, too many rules, or values out of bounds.
    pub fn add_webhook_fault(&self, key_id: &str, fault: WebhookFault) -> Result<(), Refusal> {
        if let Some(problem) = fault.invalid() {
            return Err(problem.into());
        }
        self.with_merchant(key_id, |merchant| {
            if merchant.webhook_faults.len() >= delivery::FAULTS_MAX {
                return Err(Refusal::from("too many fault rules: delete them first"));
            }
            merchant.webhook_faults.push(fault);
            Ok(())
        })?
    }

    /// An account's rules that are not used up.
    ///
    /// # Errors
    /// An unknown key.
    pub fn webhook_faults(&self, key_id: &str) -> Result<Vec<WebhookFault>, Refusal> {
        self.with_merchant(key_id, |merchant| merchant.webhook_faults.clone())
    }

    /// Lets an account's deliveries go right again.
    ///
    /// # Errors
    /// An unknown key.
    pub fn clear_webhook_faults(&self, key_id: &str) -> Result<(), Refusal> {
        self.with_merchant(key_id, |merchant| merchant.webhook_faults.clear())
    }

    /// Adds a rule of what goes wrong with API calls.
    ///
    /// # Errors
    /// Too many rules, or values out of bounds.
    pub fn add_fault(&self, fault: ApiFault) -> Result<(), Refusal> {
        self.gate().add(fault).map_err(Refusal::from)
    }

    /// The rules that are not used up.
    pub fn faults(&self) -> Vec<ApiFault> {
        self.gate().rules()
    }

    /// Lets API calls go right again.
    pub fn clear_faults(&self) {
        self.gate().clear();
    }

    /// The latest API calls, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.gate().calls()
    }

    /// Lets a payer try to pay.
    ///
    /// # Errors
    /// The vendor's sentence where the order or QR code cannot be paid so.
    pub fn play(&self, play: &Play) -> Result<Played, Refusal> {
        self.with_world(|world| {
            let by_order = play.order_id.as_deref().map(|id| world.owner_of_order(id));
            let owner = by_order.or_else(|| play.qr_id.as_deref().map(|id| world.owner_of_qr(id)));
            let number = owner.flatten().ok_or_else(Error::unknown_id)?;
            let mut desk = world.desk(number);
            let payment = desk.play(play)?;
            let callback =
                payment.order_id.as_deref().filter(|_| payment.captured || payment.is_authorized());
            let callback = callback.map(|order_id| Callback {
                razorpay_signature: webhook::sign(
                    format!("{order_id}|{}", payment.id).as_bytes(),
                    &desk.merchant.key_secret,
                ),
                razorpay_payment_id: payment.id.clone(),
                razorpay_order_id: order_id.to_owned(),
            });
            Ok(Played { payment: wire(&payment), callback })
        })
    }

    /// An account's webhook deliveries, oldest first.
    ///
    /// # Errors
    /// An unknown key.
    pub fn deliveries(&self, key_id: &str) -> Result<Vec<Delivery>, Refusal> {
        self.with_world(|world| {
            let number = number_of(world, key_id)?;
            Ok(world.bench.post_room.of_account(number).cloned().collect())
        })
    }

    /// Sends a delivery again at once, sound and signed with the endpoint's present secret.
    ///
    /// # Errors
    /// An unknown delivery, or one that is being sent.
    pub fn resend(&self, delivery: u64) -> Result<(), Refusal> {
        self.with_world(|world| {
            let now_ms = world.now_ms();
            let kept = world.bench.post_room.get(delivery).ok_or("no such delivery")?;
            if kept.state == DeliveryState::Sending {
                return Err("the delivery is being sent".into());
            }
            let mut endpoints = world.merchants[kept.account].endpoints.iter();
            let secret =
                endpoints.find(|endpoint| endpoint.url == kept.url).map(|found| found.secret.clone());
            world.bench.post_room.resend(delivery, secret.as_deref(), now_ms);
            Ok(())
        })
    }

    /// Returns once every delivery that is due has been attempted. Retries and delayed deliveries wait for the clock.
    ///
    /// Without [`Razorpay::deliver`] being polled this never returns where a delivery is due.
    pub async fn settle(&self) {
        let mut progress = self.shared.progress.subscribe();
        loop {
            progress.mark_unchanged();
            if self.with_world(|world| world.bench.post_room.is_idle()) {
                return;
            }
            if progress.changed().await.is_err() {
                return;
            }
        }
    }

    /// Forgets everything but the accounts the gateway was made with, and starts the ids over.
    pub fn reset(&self) {
        self.gate().reset();
        let shared = &self.shared;
        self.with_world(|world| {
            let fresh = furnished(shared.seed, &shared.public_url, &shared.merchants);
            world.replace_with(fresh);
        });
    }

    fn with_merchant<R>(&self, key_id: &str, work: impl FnOnce(&mut Merchant) -> R) -> Result<R, Refusal> {
        self.with_world(|world| {
            let number = number_of(world, key_id)?;
            Ok(work(&mut world.merchants[number]))
        })
    }
}

fn number_of(world: &World, key_id: &str) -> Result<usize, Refusal> {
    world.number_of(key_id).ok_or_else(|| Refusal::from("no account has this key_id"))
}
