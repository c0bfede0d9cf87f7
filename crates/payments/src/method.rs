//! What gateways keep for a vendor: cards, and mandates of cards and UPI ids. Card numbers never come here: only enough to
//! recognise each.
//!
//! What owners do at the gateway or at their bank is heard of by webhooks and asked for from time to time; either way all that is
//! kept for the vendor is listed and taken in by one function ([`crate::jobs::take_in_methods`]).

use chrono::{DateTime, Utc};
use identity::Caller;
use platform::db::repeat;
use platform::jobs::Draft;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use sync::{Event, Subscriber};
use types::{Money, PaymentMethodId, TenantId};
use utoipa::ToSchema;

use crate::db::methods;
use crate::jobs::forget_method::ForgetMethod;
use crate::{Error, Payments};

/// The most ways to pay of a vendor that are listed.
pub(crate) const METHODS_MAX: i64 = 20;

/// What is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentMethodKind)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum MethodKind {
    /// A card.
    Card,
    /// A UPI id.
    Upi,
}

/// Whether it can be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentMethodState)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum MethodState {
    /// Its owner's bank has not agreed yet.
    Pending,
    /// It can.
    Active,
    /// Its owner lets nothing be taken for a while.
    Paused,
}

/// A card or a mandate that a gateway keeps for a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaymentMethod {
    /// Ours.
    pub id: PaymentMethodId,
    /// Who keeps it.
    pub gateway: String,
    /// What is charged.
    pub kind: MethodKind,
    /// Whether it can be charged.
    pub state: MethodState,
    /// `visa`, `mastercard`, `rupay` … of a card; `upi`.
    pub brand: String,
    /// The last four digits of a card's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last4: Option<String>,
    /// Until the end of which month of the year a card is valid, 1 to 12.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_month: Option<i16>,
    /// The year.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_year: Option<i16>,
    /// The UPI id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub upi_id: Option<String>,
    /// The most that is taken at once, where its owner said one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub most: Option<Money>,
    /// Whether it is charged where none is named.
    pub is_default: bool,
    /// Since when it is kept.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    pub(crate) at_gateway: String,
}

/// What a vendor agrees to who has a gateway keep a way to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeepingTerms {
    /// Who keeps it.
    pub gateway: String,
    /// The most that is taken at once, where the gateway has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub most: Option<Money>,
    /// Whether a card is kept at a page of the gateway's without paying.
    pub at_page: bool,
    /// How many hours before money is taken its owner has notice, where the gateway gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub notice_hours: Option<i64>,
}

impl PaymentMethod {
    /// Whether so much can be taken now.
    pub fn can_be_charged(&self, amount: Money) -> bool {
        self.state == MethodState::Active && self.most.is_none_or(|most| amount.minor() <= most.minor())
    }

    /// How people recognise it: `visa 4242`, `meena@okbank`.
    pub fn label(&self) -> String {
        match (&self.upi_id, &self.last4) {
            (Some(upi_id), _) => upi_id.clone(),
            (None, Some(last4)) => format!("{} {last4}", self.brand),
            (None, None) => self.brand.clone(),
        }
    }
}

impl Payments {
    /// What is kept for a vendor, what is used first at the top.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn payment_methods(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Vec<PaymentMethod>, Error> {
        Ok(methods::list(connection, &self.fields, tenant).await?)
    }

    /// What is charged where the vendor is not asked: the first of what is kept that allows so much now.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn method_for(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        amount: Money,
    ) -> Result<Option<PaymentMethod>, Error> {
        let mut kept = methods::list(connection, &self.fields, tenant).await?;
        kept.retain(|method| {
            method.can_be_charged(amount) && self.gateways.of(Some(&method.gateway)).is_ok()
        });
        Ok(kept.into_iter().next())
    }

    /// Until when a charge of what is kept is waited for that begins now: where its owner has notice first, that takes days.
    pub fn charge_waits(&self, method: &PaymentMethod) -> Option<chrono::TimeDelta> {
        let mandate = self.gateways.find(Some(&method.gateway))?.mandate()?;
        // The bank is asked again for a while.
        Some(mandate.taken_after * 3)
    }

    /// What the caller would agree to at each gateway that keeps ways to pay.
    ///
    /// # Errors
    /// The caller is no vendor.
    pub fn keeping_terms(&self, caller: &Caller) -> Result<Vec<KeepingTerms>, Error> {
        caller.vendor()?;
        let keeping = self.gateways.all().filter(|gateway| gateway.keeps_methods());
        let terms = keeping.map(|gateway| {
            let mandate = gateway.mandate();
            KeepingTerms {
                gateway: gateway.name().to_owned(),
                at_page: gateway.keeps_at_pages(),
                most: mandate.map(|mandate| mandate.most),
                notice_hours: mandate.map(|mandate| mandate.taken_after.num_hours() - 1),
            }
        });
        Ok(terms.collect())
    }

    /// What is kept for the caller.
    ///
    /// # Errors
    /// The caller is no vendor; whatever the database says.
    pub async fn methods_for(&self, caller: &Caller) -> Result<Vec<PaymentMethod>, Error> {
        let tenant = caller.vendor()?.tenant;
        self.payment_methods(&mut *self.db.acquire().await?, tenant).await
    }

    /// Has one of the caller's cards or mandates used first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not the caller's.
    pub async fn use_method_first(
        &self,
        caller: &Caller,
        method: PaymentMethodId,
    ) -> Result<Vec<PaymentMethod>, Error> {
        let tenant = caller.vendor()?.tenant;
        repeat(|| self.make_default(tenant, method)).await
    }

    async fn make_default(
        &self,
        tenant: TenantId,
        method: PaymentMethodId,
    ) -> Result<Vec<PaymentMethod>, Error> {
        let mut transaction = self.db.begin().await?;
        if methods::find(&mut transaction, &self.fields, tenant, method).await?.is_none() {
            return Err(Error::NotFound);
        }
        methods::set_default(&mut transaction, tenant, method).await?;
        let listed = methods::list(&mut transaction, &self.fields, tenant).await?;
        transaction.commit().await?;
        Ok(listed)
    }

    /// Keeps one of the caller's cards or mandates no longer: it is charged no more from now on, and the gateway forgets it by a job.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not the caller's.
    pub async fn remove_method(
        &self,
        caller: &Caller,
        method: PaymentMethodId,
    ) -> Result<Vec<PaymentMethod>, Error> {
        let tenant = caller.vendor()?.tenant;
        repeat(|| self.remove(tenant, method)).await
    }

    async fn remove(&self, tenant: TenantId, method: PaymentMethodId) -> Result<Vec<PaymentMethod>, Error> {
        let mut transaction = self.db.begin().await?;
        if !methods::remove(&mut transaction, tenant, method, self.clock.now()).await? {
            return Err(Error::NotFound);
        }
        methods::choose_default(&mut transaction, tenant).await?;
        self.jobs.enqueue(&mut transaction, Draft::new(tenant, &ForgetMethod { tenant, method })).await?;
        let listed = methods::list(&mut transaction, &self.fields, tenant).await?;
        transaction.commit().await?;
        Ok(listed)
    }

    /// Tells the vendor that what is kept has changed, as the last thing of a transaction.
    pub(crate) async fn announce_methods(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<(), Error> {
        let event = Event { kind: "payment_methods", visit_id: None, data: json!({}) };
        Ok(self.sync.publish(connection, Subscriber::vendor(tenant), event).await?)
    }
}
