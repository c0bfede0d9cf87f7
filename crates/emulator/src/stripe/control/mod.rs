//! What a test, a demo or a person at the terminal may do to the gateway: as methods, and over HTTP in [`http`].

mod acts;
mod http;
mod payouts;

use super::account::{Account, NewAccount, Settings};
use super::error::Error;
use super::event::EVENTS;
use super::world::World;
use super::{ENDPOINTS_MAX, Stripe, furnished};
use crate::delivery::{self, Delivery, DeliveryState, Endpoint, WebhookFault};
use crate::fault::{ApiFault, Call};

pub use crate::control::Refusal;
pub use acts::{Authentication, NewDispute, Paid, Payment, Verdict};

pub(crate) use http::router;

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

impl Stripe {
    /// Opens another account.
    ///
    /// # Errors
    /// A taken key, or values out of bounds.
    pub fn open_account(&self, opened: NewAccount) -> Result<(), Refusal> {
        self.with_world(|world| world.open_account(opened)).map_err(Refusal::from)
    }

    /// Sets how an account behaves from now on.
    ///
    /// # Errors
    /// An unknown key, or values out of bounds.
    pub fn set_settings(&self, secret_key: &str, settings: Settings) -> Result<(), Refusal> {
        if let Some(problem) = settings.invalid() {
            return Err(problem.into());
        }
        self.with_account(secret_key, |account| account.settings = settings)
    }

    /// How an account behaves.
    ///
    /// # Errors
    /// An unknown key.
    pub fn settings(&self, secret_key: &str) -> Result<Settings, Refusal> {
        self.with_account(secret_key, |account| account.settings.clone())
    }

    /// Replaces an account's webhooks. Events that happened before are not sent to them.
    ///
    /// # Errors
    /// An unknown key, too many webhooks, or one that points away from this machine.
    pub fn set_webhooks(&self, secret_key: &str, endpoints: Vec<Endpoint>) -> Result<(), Refusal> {
        if endpoints.len() > ENDPOINTS_MAX {
            return Err("an account has at most 16 webhooks".into());
        }
        if let Some(problem) = endpoints.iter().find_map(|endpoint| endpoint.invalid(&EVENTS)) {
            return Err(problem.into());
        }
        self.with_account(secret_key, |account| account.endpoints = endpoints)
    }

    /// An account's webhooks.
    ///
    /// # Errors
    /// An unknown key.
    pub fn webhooks(&self, secret_key: &str) -> Result<Vec<Endpoint>, Refusal> {
        self.with_account(secret_key, |account| account.endpoints.clone())
    }

    /// Adds a rule of what goes wrong with an account's deliveries, of events from now on.
    ///
    /// # Errors
    /// An unknown key, too many rules, or values out of bounds.
    pub fn add_webhook_fault(&self, secret_key: &str, fault: WebhookFault) -> Result<(), Refusal> {
        if let Some(problem) = fault.invalid() {
            return Err(problem.into());
        }
        self.with_account(secret_key, |account| {
            if account.webhook_faults.len() >= delivery::FAULTS_MAX {
                return Err(Refusal::from("too many fault rules: delete them first"));
            }
            account.webhook_faults.push(fault);
            Ok(())
        })?
    }

    /// An account's rules that are not used up.
    ///
    /// # Errors
    /// An unknown key.
    pub fn webhook_faults(&self, secret_key: &str) -> Result<Vec<WebhookFault>, Refusal> {
        self.with_account(secret_key, |account| account.webhook_faults.clone())
    }

    /// Lets an account's deliveries go right again.
    ///
    /// # Errors
    /// An unknown key.
    pub fn clear_webhook_faults(&self, secret_key: &str) -> Result<(), Refusal> {
        self.with_account(secret_key, |account| account.webhook_faults.clear())
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

    /// An account's webhook deliveries, oldest first.
    ///
    /// # Errors
    /// An unknown key.
    pub fn deliveries(&self, secret_key: &str) -> Result<Vec<Delivery>, Refusal> {
        self.with_world(|world| {
            let number = number_of(world, secret_key)?;
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
            let mut endpoints = world.accounts[kept.account].endpoints.iter();
            let secret =
                endpoints.find(|endpoint| endpoint.url == kept.url).map(|found| found.secret.clone());
            world.bench.post_room.resend(delivery, secret.as_deref(), now_ms);
            Ok(())
        })
    }

    /// Returns once every delivery that is due has been attempted. Retries and delayed deliveries wait for the clock.
    ///
    /// Without [`Stripe::deliver`] being polled this never returns where a delivery is due.
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
            let fresh = furnished(shared.seed, &shared.public_url, &shared.accounts);
            world.replace_with(fresh);
        });
    }

    fn with_account<R>(&self, secret_key: &str, work: impl FnOnce(&mut Account) -> R) -> Result<R, Refusal> {
        self.with_world(|world| {
            let number = number_of(world, secret_key)?;
            Ok(work(&mut world.accounts[number]))
        })
    }
}

fn number_of(world: &World, secret_key: &str) -> Result<usize, Refusal> {
    world.number_of(secret_key).ok_or_else(|| Refusal::from("no account has this secret_key"))
}
