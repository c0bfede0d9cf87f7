//! A vendor's stall: what buyers see above the products.

use identity::VendorCaller;
use platform::text;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Language, TenantId};
use utoipa::ToSchema;

use crate::{Catalog, Error, db};

const NAME_CHARS_MAX: usize = 80;
const ABOUT_CHARS_MAX: usize = 500;

/// A stall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stall {
    /// Whose it is.
    pub tenant_id: TenantId,
    /// What is written above it.
    pub name: String,
    /// What its vendor reads.
    pub language: Language,
    /// What the vendor says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

/// What a stall is called from now on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct StallChange {
    /// What is written above it: 1 to 80 characters.
    pub name: String,
    /// What its vendor reads.
    pub language: Language,
    /// What the vendor says of it: at most 500 characters; empty is nothing.
    pub about: Option<String>,
}

impl Catalog {
    /// The stall of a vendor, where it has a name.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn stall(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Option<Stall>, Error> {
        Ok(self.stalls(connection, &[tenant]).await?.pop())
    }

    /// The stalls of several vendors, in no order; those without a name are left out.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn stalls(
        &self,
        connection: &mut PgConnection,
        tenants: &[TenantId],
    ) -> Result<Vec<Stall>, Error> {
        Ok(db::stalls::of_tenants(connection, tenants).await?)
    }

    /// The vendor's own stall.
    ///
    /// # Errors
    /// [`Error::NoStall`], [`Error::Database`].
    pub async fn own_stall(&self, vendor: VendorCaller) -> Result<Stall, Error> {
        self.stall(&mut *self.db.acquire().await?, vendor.tenant).await?.ok_or(Error::NoStall)
    }

    /// Names the vendor's stall, or changes what it is called.
    ///
    /// # Errors
    /// [`Error::Text`], [`Error::Database`].
    pub async fn change_stall(&self, vendor: VendorCaller, change: &StallChange) -> Result<Stall, Error> {
        let about = change.about.as_deref().filter(|about| !about.trim().is_empty());
        let stall = Stall {
            tenant_id: vendor.tenant,
            name: text::line(&change.name, NAME_CHARS_MAX).map_err(Error::text("name"))?,
            language: change.language,
            about: about
                .map(|about| text::paragraphs(about, ABOUT_CHARS_MAX))
                .transpose()
                .map_err(Error::text("about"))?,
        };
        db::stalls::put(&mut *self.db.acquire().await?, &stall, self.clock.now()).await?;
        Ok(stall)
    }
}
