//! A stall's shelf: products put there, changed, hidden and looked up.

use identity::{Caller, VendorCaller};
use platform::db::repeat;
use platform::entitlement::Quota;
use platform::page::{Page, PageQuery};
use platform::sent::content_hash;
use serde::Serialize;
use sqlx::PgConnection;
use types::{ProductId, TenantId};
use utoipa::ToSchema;

use crate::db::products::{Opening, Sent};
use crate::product::described;
use crate::{Catalog, Error, NewProduct, Product, ProductChange, VendorProduct, db};

/// So many products a stall shows at most.
pub(crate) const PRODUCTS_MAX: i64 = 500;

/// How full a vendor's shelf is. Hidden products do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShelfRoom {
    /// So many products are on it.
    pub products: i64,
    /// So many may be: the vendor's plan says so.
    pub products_max: i64,
    /// Whether it is nearly full: four fifths of the room or more are taken.
    pub nearly_full: bool,
}

impl ShelfRoom {
    const fn of(products: i64, products_max: i64) -> Self {
        Self { products, products_max, nearly_full: products * 5 >= products_max * 4 }
    }
}

/// Why there is no room on a shelf of so many products.
const fn full(limit: i64) -> Error {
    if limit < PRODUCTS_MAX { Error::QuotaReached { allowed: limit } } else { Error::TooManyProducts }
}

impl Catalog {
    /// What a stall offers: what is not hidden, in the order it was put there; at most 500.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn products_on_sale(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Vec<Product>, Error> {
        Ok(db::products::on_sale(connection, tenant, PRODUCTS_MAX).await?)
    }

    /// These products of a stall, hidden ones too, in the order they were put there; at most 500.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn products(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        products: &[ProductId],
    ) -> Result<Vec<Product>, Error> {
        Ok(db::products::of_ids(connection, tenant, products, PRODUCTS_MAX).await?)
    }

    /// All of a vendor's products, newest first.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn list_products(
        &self,
        vendor: VendorCaller,
        query: PageQuery,
    ) -> Result<Page<VendorProduct>, Error> {
        let products = db::products::page(&mut *self.db.acquire().await?, vendor.tenant, query).await?;
        let products = products.into_iter().map(VendorProduct::from).collect();
        Ok(query.page(products, |product| product.id.uuid()))
    }

    /// One of a vendor's products.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Database`].
    pub async fn show_product(
        &self,
        vendor: VendorCaller,
        product: ProductId,
    ) -> Result<VendorProduct, Error> {
        self.vendor_product(&mut *self.db.acquire().await?, vendor.tenant, product).await
    }

    /// Puts a product on the shelf, with what there is of it: once for each `client_id`. A retry is answered with the product
    /// as it is by then.
    ///
    /// # Errors
    /// [`Error::Text`], [`Error::Field`], [`Error::TooManyProducts`], [`Error::ClientIdReused`], [`Error::Database`].
    pub async fn add_product(&self, vendor: VendorCaller, new: &NewProduct) -> Result<VendorProduct, Error> {
        let sent = Sent { client_id: new.client_id, content_hash: content_hash(new)? };
        repeat(|| self.add_product_once(vendor, new, &sent)).await
    }

    async fn add_product_once(
        &self,
        vendor: VendorCaller,
        new: &NewProduct,
        sent: &Sent,
    ) -> Result<VendorProduct, Error> {
        let mut transaction = self.db.begin().await?;
        let language = if let Some(language) = new.language {
            language
        } else {
            let stall = self.stall(&mut transaction, vendor.tenant).await?;
            stall.map_or(vendor.language, |stall| stall.language)
        };
        db::stalls::lock_shelf(&mut transaction, vendor.tenant).await?;
        let now = self.clock.now();
        let product = described(self.entropy.id(now), new, language)?;
        let limit = self.room(&mut transaction, vendor.tenant).await?;
        let opening = Opening { movement: self.entropy.id(now), at: now, limit };
        if !db::products::insert(&mut transaction, vendor.tenant, &product, sent, &opening).await? {
            return self.added_before(&mut transaction, vendor.tenant, sent, limit).await;
        }
        let product = self.tell_of(&mut transaction, vendor.tenant, product.id).await?;
        transaction.commit().await?;
        Ok(product)
    }

    /// The answer where nothing was added: this was sent before, or the stall is full.
    async fn added_before(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        sent: &Sent,
        limit: i64,
    ) -> Result<VendorProduct, Error> {
        match db::products::sent_before(connection, tenant, sent.client_id).await? {
            Some((product, before)) if before == *sent => {
                self.vendor_product(connection, tenant, product).await
            }
            Some(_) => Err(Error::ClientIdReused),
            None => Err(full(limit)),
        }
    }

    /// Changes a product; prices already agreed stay as agreed. A floor that stands is moved or taken away by whoever showed lately who they
    /// are: it is what a stranger at an open phone would lower first.
    ///
    /// # Errors
    /// As [`Caller::vendor`] and [`Caller::shown_again`]; [`Error::NotFound`], [`Error::Text`], [`Error::Field`],
    /// [`Error::TooManyProducts`], [`Error::Database`].
    pub async fn change_product(
        &self,
        caller: &Caller,
        product: ProductId,
        change: &ProductChange,
    ) -> Result<VendorProduct, Error> {
        let vendor = caller.vendor()?;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            if change.hidden == Some(false) {
                db::stalls::lock_shelf(&mut transaction, vendor.tenant).await?;
            }
            if !db::products::lock(&mut transaction, vendor.tenant, product).await? {
                return Err(Error::NotFound);
            }
            let found = self.products(&mut transaction, vendor.tenant, &[product]).await?.pop();
            let before = found.ok_or(Error::NotFound)?;
            let (was_hidden, floor) = (before.hidden, before.floor);
            let after = before.changed_by(change)?;
            if floor.is_some() && after.floor != floor {
                caller.shown_again()?;
            }
            let comes_back = was_hidden && !after.hidden;
            if comes_back {
                let limit = self.room(&mut transaction, vendor.tenant).await?;
                if db::products::count(&mut transaction, vendor.tenant).await? >= limit {
                    return Err(full(limit));
                }
            }
            db::products::update(&mut transaction, vendor.tenant, &after, self.clock.now()).await?;
            let told = self.tell_of(&mut transaction, vendor.tenant, product).await?;
            transaction.commit().await?;
            Ok(told)
        })
        .await
    }

    /// How full the caller's shelf is.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn shelf_room(&self, vendor: VendorCaller) -> Result<ShelfRoom, Error> {
        let mut connection = self.db.acquire().await?;
        let products = db::products::count(&mut connection, vendor.tenant).await?;
        Ok(ShelfRoom::of(products, self.room(&mut connection, vendor.tenant).await?))
    }

    /// So many products the shelf may show: what the vendor's plan allows, and never more than fit.
    async fn room(&self, connection: &mut PgConnection, tenant: TenantId) -> Result<i64, Error> {
        let allowed = self.allowed.allowed(connection, tenant, Quota::Products).await?;
        Ok(allowed.map_or(PRODUCTS_MAX, |allowed| allowed.min(PRODUCTS_MAX)))
    }

    pub(crate) async fn vendor_product(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        product: ProductId,
    ) -> Result<VendorProduct, Error> {
        let found = self.products(connection, tenant, &[product]).await?.pop();
        found.map(VendorProduct::from).ok_or(Error::NotFound)
    }
}
