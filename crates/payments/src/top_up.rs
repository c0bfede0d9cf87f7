//! Top-ups: credit that a vendor buys from the platform, paid through the gateway or not at all.
//!
//! What becomes of a paid one is its owner's business, who hears of it by [`crate::TopUpPaid`]: the money waits for them in the
//! account [`TOP_UPS`].

use chrono::{DateTime, Utc};
use platform::jobs::Draft;
use sqlx::PgConnection;
use types::{IntentId, Money, PaymentMethodId, TenantId, TopUpId};

use crate::db::methods;
use crate::intent::{Ask, Card};
use crate::jobs::expire_intent::ExpireIntent;
use crate::subject::Subject;
use crate::{Error, PaymentView, Payments};

/// The code of the account of paid top-ups in a vendor's books: a credit account in rupees that never gives more than it got.
pub const TOP_UPS: &str = "credits:received";

/// A top-up's amount to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTopUp {
    /// The vendor who pays.
    pub tenant: TenantId,
    /// What is to be paid.
    pub id: TopUpId,
    /// The top-up's number as people say it: `C-3F9A`.
    pub number: String,
    /// The name that the payer sees.
    pub payee: String,
    /// How much; no less than the gateway takes.
    pub amount: Money,
    /// Until when it can be paid. What comes later counts all the same.
    pub expires_at: DateTime<Utc>,
    /// Which gateway takes it, by its name; without it the first of those that are set up.
    pub gateway: Option<String>,
    /// A kept card or mandate that is charged without asking anybody; its gateway takes the top-up. Where it says no, or wants its owner,
    /// [`crate::TopUpFailed`] is published.
    pub method: Option<PaymentMethodId>,
    /// Whether the gateway is to keep how it is paid, where it keeps that.
    pub keep_method: bool,
}

impl From<&NewTopUp> for Ask {
    fn from(new: &NewTopUp) -> Self {
        let subject = Subject::TopUp { id: new.id, number: new.number.clone(), payee: new.payee.clone() };
        let card = Card { charged: new.method, is_kept: new.keep_method && new.method.is_none() };
        Self { tenant: new.tenant, subject, amount: new.amount, expires_at: new.expires_at, card }
    }
}

impl Payments {
    /// Asks the vendor for a top-up's money, in the caller's transaction, as [`Payments::open_intent`] asks for an order's. Its
    /// time ends by itself.
    ///
    /// # Errors
    /// [`Error::NoGateway`], [`Error::AmountTooSmall`], [`Error::AlreadyPaid`]; [`Error::NotFound`] for what is not kept,
    /// [`Error::NotChargeable`] for what is paused or for less at once;
    /// whatever the database says.
    pub async fn open_top_up(
        &self,
        connection: &mut PgConnection,
        new: &NewTopUp,
    ) -> Result<IntentId, Error> {
        let mut gateway = self.gateways.chosen(new.gateway.as_deref())?;
        if let Some(method) = new.method {
            let kept =
                methods::find(connection, &self.fields, new.tenant, method).await?.ok_or(Error::NotFound)?;
            if !kept.can_be_charged(new.amount) {
                return Err(Error::NotChargeable);
            }
            gateway = self.gateways.of(Some(&kept.gateway))?;
        }
        if new.amount.minor() < gateway.amount_min().minor() {
            return Err(Error::AmountTooSmall(gateway.amount_min()));
        }
        let intent = self.ask(connection, Some(gateway), new.into()).await?;
        let expire = ExpireIntent { tenant: new.tenant, intent };
        self.jobs.enqueue(connection, Draft::new(new.tenant, &expire).at(new.expires_at)).await?;
        Ok(intent)
    }

    /// What a top-up's money stands at. All ways to pay it are the gateway's.
    ///
    /// # Errors
    /// [`Error::NotFound`] where none was ever asked for.
    pub async fn payment_of_top_up(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        top_up: TopUpId,
    ) -> Result<PaymentView, Error> {
        self.view_of(connection, tenant, top_up.into()).await
    }
}
