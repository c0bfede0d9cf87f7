//! The operator's view of every vendor's credit, and the stop of all spending.

use std::collections::HashMap;

use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason, Vendor, act_line};
use platform::db::repeat;
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Money, TenantId};
use utoipa::ToSchema;

use crate::Error;
use crate::credit::{Credits, Holding, reason};
use crate::db::credit::{lots, wallets};

/// A vendor's credit, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TenantCredit {
    /// The vendor's business.
    pub tenant_id: TenantId,
    /// The vendor.
    pub name: String,
    /// The vendor's telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub phone: Option<String>,
    /// The vendor's e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// What work can be paid with now.
    pub available: Money,
    /// Whether all spending is stopped.
    pub frozen: bool,
    /// How many works wait for credit.
    pub paused_jobs: i64,
}

/// Whether a vendor may spend credit.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Freeze {
    /// Whether all spending is stopped.
    pub frozen: bool,
    /// Why.
    #[serde(flatten)]
    pub why: OperatorReason,
}

impl Credits {
    /// A page of vendors with their credit, the newest vendor first.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn tenants(&self, caller: &Caller, query: PageQuery) -> Result<Page<TenantCredit>, Error> {
        let person = caller.operator()?;
        let mut connection = self.db.acquire().await?;
        let vendors = self.identity.vendors(&mut connection, query).await?;
        let businesses = vendors.items.iter().map(|vendor| vendor.tenant);
        audit::looked(&mut connection, person, Area::Credits, businesses, self.clock.now()).await?;
        let next = vendors.next;
        Ok(Page { items: self.credit_of(&mut connection, vendors.items).await?, next })
    }

    /// Stops a vendor's spending, or lets it go on. Work under way is finished; work that waits goes on.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::NotFound`] where there is no such vendor; [`Error::Field`].
    pub async fn freeze(
        &self,
        caller: &Caller,
        tenant: TenantId,
        freeze: &Freeze,
    ) -> Result<TenantCredit, Error> {
        let person = caller.operator()?;
        let reason = reason(&freeze.why.reason)?;
        let shown = repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let vendor = self.identity.vendors_of(&mut transaction, &[tenant]).await?.pop();
            let vendor = vendor.ok_or(Error::NotFound)?;
            let now = self.clock.now();
            wallets::lock(&mut transaction, tenant, now).await?;
            let (verb, deed) =
                if freeze.frozen { ("frozen", Deed::Stopped) } else { ("unfrozen", Deed::Allowed) };
            let line = act_line(verb, person, &reason, now);
            wallets::set_frozen(&mut transaction, tenant, freeze.frozen, &line, now).await?;
            if !freeze.frozen {
                self.resume(&mut transaction, tenant).await?;
            }
            let shown = self.credit_of(&mut transaction, vec![vendor]).await?.pop().ok_or(Error::NotFound)?;
            self.announce(&mut transaction, tenant).await?;
            let act = Act::by(person, Area::Credits, deed, now).in_business(tenant);
            audit::keep(&mut transaction, act.because(&reason)).await?;
            transaction.commit().await?;
            Ok::<_, Error>(shown)
        });
        let shown = shown.await?;
        tracing::info!(%tenant, %person, frozen = freeze.frozen, reason, "a vendor's spending was changed");
        Ok(shown)
    }

    /// Whether a vendor may spend nothing.
    pub(crate) async fn is_frozen(&self, tenant: TenantId) -> Result<bool, Error> {
        let mut connection = self.db.acquire().await?;
        Ok(wallets::frozen(&mut connection, &[tenant]).await?.contains(&tenant))
    }

    async fn credit_of(
        &self,
        connection: &mut PgConnection,
        vendors: Vec<Vendor>,
    ) -> Result<Vec<TenantCredit>, Error> {
        let tenants: Vec<TenantId> = vendors.iter().map(|vendor| vendor.tenant).collect();
        let open = lots::open(connection, &tenants).await?;
        let mut available: HashMap<TenantId, i64> = HashMap::new();
        for holding in self.holdings_of(connection, open).await? {
            *available.entry(holding.lot.tenant).or_default() += Holding::available_minor(&holding);
        }
        let frozen = wallets::frozen(connection, &tenants).await?;
        let paused: HashMap<TenantId, i64> =
            self.jobs.paused(connection, &tenants).await?.into_iter().collect();
        let shown = vendors.into_iter().map(|vendor| TenantCredit {
            tenant_id: vendor.tenant,
            name: vendor.name,
            phone: vendor.phone.map(|phone| phone.as_str().to_owned()),
            email: vendor.email.map(|email| email.as_str().to_owned()),
            available: Money::inr(available.get(&vendor.tenant).copied().unwrap_or_default()),
            frozen: frozen.contains(&vendor.tenant),
            paused_jobs: paused.get(&vendor.tenant).copied().unwrap_or_default(),
        });
        Ok(shown.collect())
    }
}
