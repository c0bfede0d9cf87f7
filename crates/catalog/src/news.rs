//! What the vendor's phones are told.

use sqlx::PgConnection;
use sync::{Event, Subscriber};
use types::{ProductId, TenantId};

use crate::{Catalog, Error, VendorProduct};

impl Catalog {
    /// Tells the vendor how one product stands now.
    pub(crate) async fn tell_of(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        product: ProductId,
    ) -> Result<VendorProduct, Error> {
        let product = self.vendor_product(connection, tenant, product).await?;
        self.sync.publish(connection, Subscriber::vendor(tenant), event(&product)?).await?;
        Ok(product)
    }

    /// Tells the vendor how these products stand now.
    pub(crate) async fn tell(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        products: &[ProductId],
    ) -> Result<(), Error> {
        if products.is_empty() {
            return Ok(());
        }
        let products = self.products(connection, tenant, products).await?;
        let subscriber = Subscriber::vendor(tenant);
        let events = products.into_iter().map(|product| Ok((subscriber, event(&product.into())?)));
        let events = events.collect::<Result<Vec<_>, Error>>()?;
        Ok(self.sync.publish_all(connection, events).await?)
    }
}

fn event(product: &VendorProduct) -> Result<Event, Error> {
    Ok(Event { kind: "product", visit_id: None, data: serde_json::to_value(product)? })
}
