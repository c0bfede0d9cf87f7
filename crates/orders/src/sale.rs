//! A paid order as billing needs it for the document.

use billing::{Paid, PaidBy, Sale, SaleLine};
use catalog::{Product, Tax, Treatment};
use payments::{By, PaymentView};
use sqlx::PgConnection;
use types::{ProductId, TenantId};

use crate::order::{Line, Order};
use crate::{Error, Orders, db};

impl Orders {
    /// What was sold, under which tax, and how the money came.
    pub(crate) async fn sale(
        &self,
        connection: &mut PgConnection,
        order: &Order,
        lines: Vec<Line>,
    ) -> Result<Sale, Error> {
        let ids: Vec<ProductId> = lines.iter().map(|line| line.product).collect();
        let products = self.catalog.products(connection, order.tenant, &ids).await?;
        let payment = self.payments.payment_of(connection, order.tenant, order.id).await?;
        Ok(Sale {
            tenant: order.tenant,
            order: order.id,
            order_number: order.number.to_string(),
            visit: order.visit,
            guest: order.guest,
            buyer_language: order.buyer_language,
            vendor_language: order.vendor_language,
            seller_name: self.stall_name(connection, order.tenant).await?,
            lines: lines.into_iter().map(|line| sale_line(line, &products)).collect(),
            total: order.total,
            paid: paid(payment, order),
            place_of_supply: order.place_of_supply,
            recipient: db::recipients::of_order(connection, &self.fields, order.tenant, order.id).await?,
        })
    }

    /// What the stall is called.
    pub(crate) async fn stall_name(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<String, Error> {
        let stall = self.catalog.stall(connection, tenant).await?;
        Ok(stall.ok_or(Error::NotFound)?.name)
    }
}

/// A line as it was agreed. Only one that is older than the record of its tax is taxed as the product is now.
pub(crate) fn sale_line(line: Line, products: &[Product]) -> SaleLine {
    let product = products.iter().find(|product| product.id == line.product);
    let tax: Option<Tax> = line.tax.or_else(|| product.map(|product| product.tax.clone()));
    SaleLine {
        name: line.product_name,
        names: product.map(|p| p.names.clone()).unwrap_or_default(),
        item: line.item,
        quantity: line.quantity,
        unit: line.unit,
        price: line.price,
        total: line.total,
        taxable: tax.as_ref().is_some_and(|tax| tax.treatment == Treatment::Taxable),
        rate_percent: tax.as_ref().and_then(|tax| tax.rate_percent).map(|rate| rate.to_string()),
        hsn: tax.and_then(|tax| tax.hsn),
    }
}

fn paid(payment: PaymentView, order: &Order) -> Paid {
    Paid {
        method: payment.method.unwrap_or_default(),
        by: match payment.confirmed_by {
            Some(By::Gateway) => PaidBy::Gateway,
            Some(By::Vendor) | None => PaidBy::Vendor,
        },
        reference: payment.reference,
        at: payment.paid_at.unwrap_or(order.created_at),
    }
}
