//! Having a card kept without paying: at a page of the gateway's, to which the vendor is sent and from which they come back.
//!
//! A page is asked for by a job under its own id, so that a lost answer makes no second one. What comes of it is not looked up by the page:
//! all that is kept for the vendor is, when the gateway tells of it, when the vendor says that they are back, and from time to time.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use identity::Caller;
use platform::jobs::Draft;
use platform::limit::TooMany;
use serde::{Deserialize, Serialize};
use types::TenantId;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::keeping;
use crate::gateway::Gateway;
use crate::jobs::make_keeping_page::MakeKeepingPage;
use crate::jobs::take_in_methods::LookAtMethods;
use crate::{Error, Payments, WebhookState, db};

/// How long a page can be used; then another is asked for.
const LASTS: TimeDelta = TimeDelta::minutes(30);
/// How long somebody waits who asked for too many.
const WAITS: Duration = Duration::from_mins(5);
/// Pages that a vendor may ask for in that time.
const PAGES_MAX: i64 = 20;

/// A page to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewKeepingPage {
    /// The sender's own id for it: sent again it answers as the first time.
    pub client_id: Uuid,
    /// The gateway.
    pub gateway: String,
}

/// A page at a gateway on which a card is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeepingPage {
    /// As the sender named it.
    pub id: Uuid,
    /// Where it is, once the gateway has made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub url: Option<String>,
    /// Whether the gateway refused to.
    pub failed: bool,
    #[serde(skip)]
    pub(crate) gateway: String,
    #[serde(skip)]
    pub(crate) created_at: DateTime<Utc>,
}

impl Payments {
    /// Asks a gateway for a page on which the caller has a card kept.
    ///
    /// # Errors
    /// [`Error::NoGateway`] for one that makes none; [`Error::TooMany`]; the caller is no vendor.
    pub async fn open_keeping_page(
        &self,
        caller: &Caller,
        new: &NewKeepingPage,
    ) -> Result<KeepingPage, Error> {
        let tenant = caller.vendor()?.tenant;
        let gateway = self.gateways.of(Some(&new.gateway))?;
        if !gateway.keeps_at_pages() {
            return Err(Error::NoGateway);
        }
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        if keeping::count_since(&mut transaction, tenant, now - LASTS).await? >= PAGES_MAX {
            return Err(TooMany { retry_after: WAITS }.into());
        }
        if keeping::insert(&mut transaction, tenant, new.client_id, gateway.name(), now).await? {
            let make = MakeKeepingPage { tenant, page: new.client_id };
            self.jobs.enqueue(&mut transaction, Draft::new(tenant, &make)).await?;
        }
        let page = keeping::find(&mut transaction, tenant, new.client_id).await?.ok_or(Error::NotFound)?;
        transaction.commit().await?;
        Ok(page)
    }

    /// One of the caller's pages.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn keeping_page(&self, caller: &Caller, page: Uuid) -> Result<KeepingPage, Error> {
        let tenant = caller.vendor()?.tenant;
        keeping::find(&mut *self.db.acquire().await?, tenant, page).await?.ok_or(Error::NotFound)
    }

    /// The caller is back from a page: what is kept for them is looked at soon.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn returned_from_keeping(&self, caller: &Caller, page: Uuid) -> Result<KeepingPage, Error> {
        let tenant = caller.vendor()?.tenant;
        let mut connection = self.db.acquire().await?;
        let page = keeping::find(&mut connection, tenant, page).await?.ok_or(Error::NotFound)?;
        let look = LookAtMethods { tenant, gateway: page.gateway.clone() };
        let draft = Draft::new(tenant, &look).once(format!("{tenant}-{}", page.gateway));
        self.jobs.enqueue(&mut connection, draft).await?;
        Ok(page)
    }

    /// Has the gateway make a page, where there is none yet.
    pub(crate) async fn make_keeping_page(&self, tenant: TenantId, id: Uuid) -> Result<(), Error> {
        let page = keeping::find(&mut *self.db.acquire().await?, tenant, id).await?;
        let Some(page) = page.filter(|page| page.url.is_none() && !page.failed) else { return Ok(()) };
        let gateway = self.gateways.of(Some(&page.gateway))?;
        let now = self.clock.now();
        if now > page.created_at + LASTS {
            return self.fail_keeping_page(tenant, id).await;
        }
        let customer = self.customer_at(gateway, tenant).await?;
        match gateway.keeping_page(&customer, id).await {
            Err(error) if error.is_final() => {
                tracing::warn!(%tenant, error = %crate::gateway::chain(&error), "a gateway makes no page to keep a card");
                self.fail_keeping_page(tenant, id).await
            }
            made => {
                let url = made?;
                let mut transaction = self.db.begin().await?;
                keeping::set_made(&mut transaction, tenant, id, &url).await?;
                self.announce_methods(&mut transaction, tenant).await?;
                transaction.commit().await?;
                Ok(())
            }
        }
    }

    async fn fail_keeping_page(&self, tenant: TenantId, id: Uuid) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        keeping::set_failed(&mut transaction, tenant, id, self.clock.now()).await?;
        self.announce_methods(&mut transaction, tenant).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// News of somebody for whom a card was kept: all that is kept for them is looked at.
    pub(crate) async fn follow_customer(
        &self,
        gateway: &dyn Gateway,
        customer: &str,
    ) -> Result<(WebhookState, &'static str), Error> {
        let mut connection = self.db.acquire().await?;
        let owner = db::methods::tenant_of(&mut connection, gateway.name(), customer).await?;
        drop(connection);
        let Some(tenant) = owner else {
            return Ok((WebhookState::Ignored, "it is nobody who is known here"));
        };
        self.look_at_methods(gateway, tenant).await?;
        Ok((WebhookState::Done, "what is kept for its owner was looked at"))
    }
}
