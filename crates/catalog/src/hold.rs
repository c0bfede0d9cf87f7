//! Stock that is set aside for an order: held, then sold or released, and put back where the money goes back.
//!
//! Each of these may be asked again: what is sold already is not sold twice. They run in the caller's transaction and tell the
//! vendor how the products stand; whoever needs ledger accounts in the same transaction locks them before.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{OrderId, ProductId, Quantity, StockHoldId, TenantId, Unit};
use uuid::Uuid;

use crate::db::holds::{HoldState, NewHold};
use crate::{Catalog, Error, db};

/// Goods that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returned {
    /// The product.
    pub product: ProductId,
    /// How much of it.
    pub quantity: Quantity,
    /// The unit of `quantity`.
    pub unit: Unit,
}

impl Catalog {
    /// Locks the stock of these products until the caller's transaction ends. For a transaction that both frees and holds stock:
    /// each of these tells the vendor, and nobody waits for stock who has told anybody anything.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn lock_stock(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        products: &[ProductId],
    ) -> Result<(), Error> {
        Ok(db::stock::lock_all(connection, tenant, products).await?)
    }

    /// Sets stock aside until `until`, where so much is free: one conditional statement, so that of many who want the last piece
    /// one gets it.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Field`] for nothing, or an amount that the stock's unit cannot count;
    /// [`Error::OutOfStock`]; [`Error::Database`].
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a different thing, and a struct would be built in one place"
    )]
    pub async fn hold_stock(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        product: ProductId,
        quantity: Quantity,
        unit: Unit,
        until: DateTime<Utc>,
        cause: OrderId,
    ) -> Result<StockHoldId, Error> {
        let counted_in = db::stock::unit_of(connection, tenant, product).await?.ok_or(Error::NotFound)?;
        let wanted = unit.convert(quantity, counted_in).filter(|wanted| !wanted.is_zero());
        let wanted = wanted.ok_or_else(|| {
            Error::field("quantity", format!("{quantity} {unit} cannot be counted in {counted_in}"))
        })?;
        let now = self.clock.now();
        let hold = NewHold { id: self.entropy.id(now), product, order: cause, quantity: wanted, until };
        if !db::holds::hold(connection, tenant, &hold, now).await? {
            let stock = db::stock::show(connection, tenant, product).await?.ok_or(Error::NotFound)?;
            return Err(Error::OutOfStock { available: stock.available, unit: stock.unit });
        }
        self.tell_of(connection, tenant, product).await?;
        Ok(hold.id)
    }

    /// Keeps holds for longer; never for shorter.
    ///
    /// # Errors
    /// [`Error::HoldGone`] where one of them is no longer held; [`Error::Database`].
    pub async fn extend_holds(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        holds: &[StockHoldId],
        until: DateTime<Utc>,
    ) -> Result<(), Error> {
        let holds = distinct(holds);
        let extended = db::holds::extend(connection, tenant, &holds, until, self.clock.now()).await?;
        if usize::try_from(extended) == Ok(holds.len()) { Ok(()) } else { Err(Error::HoldGone) }
    }

    /// Gives stock free again; what was sold or released already stays so.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn release_holds(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        holds: &[StockHoldId],
    ) -> Result<(), Error> {
        let holds = distinct(holds);
        db::holds::lock(connection, tenant, &holds).await?;
        let products = db::holds::release(connection, tenant, &holds, self.clock.now()).await?;
        self.tell(connection, tenant, &products).await
    }

    /// Takes what was held off the stock: it belongs to the buyer now. All of it or nothing.
    ///
    /// # Errors
    /// [`Error::HoldGone`] where one of them was released or put back; [`Error::Database`].
    pub async fn sell_held(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        holds: &[StockHoldId],
    ) -> Result<(), Error> {
        let holds = distinct(holds);
        let states = db::holds::lock(connection, tenant, &holds).await?;
        let may_be_sold = |state: &HoldState| matches!(state, HoldState::Held | HoldState::Sold);
        if states.len() != holds.len() || !states.iter().all(may_be_sold) {
            return Err(Error::HoldGone);
        }
        let movements = self.movement_ids(&holds);
        let products = db::holds::sell(connection, tenant, &holds, &movements, self.clock.now()).await?;
        self.tell(connection, tenant, &products).await
    }

    /// Puts what was sold back on the shelf, as the money goes back. What was not sold is left as it is.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn put_back(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        holds: &[StockHoldId],
    ) -> Result<(), Error> {
        let holds = distinct(holds);
        db::holds::lock(connection, tenant, &holds).await?;
        let movements = self.movement_ids(&holds);
        let products = db::holds::put_back(connection, tenant, &holds, &movements, self.clock.now()).await?;
        self.tell(connection, tenant, &products).await
    }

    /// Puts a part of what was sold back on the shelf. Unlike the others this adds up: the caller says it once.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a product that there never was; [`Error::Field`] for an amount that the stock's unit cannot count;
    /// [`Error::Database`].
    pub async fn restock(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        goods: &[Returned],
    ) -> Result<(), Error> {
        let products: Vec<ProductId> = goods.iter().map(|goods| goods.product).collect();
        db::stock::lock_all(connection, tenant, &products).await?;
        let now = self.clock.now();
        for Returned { product, quantity, unit } in goods.iter().copied() {
            let counted_in = db::stock::unit_of(connection, tenant, product).await?.ok_or(Error::NotFound)?;
            let counted = unit.convert(quantity, counted_in).ok_or_else(|| {
                Error::field("quantity", format!("{quantity} {unit} cannot be counted in {counted_in}"))
            })?;
            db::stock::put_back(connection, tenant, (product, counted), self.entropy.id(now), now).await?;
        }
        self.tell(connection, tenant, &products).await
    }

    fn movement_ids(&self, holds: &[StockHoldId]) -> Vec<Uuid> {
        let now = self.clock.now();
        holds.iter().map(|_| self.entropy.id(now)).collect()
    }
}

fn distinct(holds: &[StockHoldId]) -> Vec<StockHoldId> {
    let mut holds = holds.to_vec();
    holds.sort_unstable();
    holds.dedup();
    holds
}
