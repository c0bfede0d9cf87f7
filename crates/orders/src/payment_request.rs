//! An unpaid order on paper: what is to be paid, with the code that a UPI app scans.

use billing::PaymentRequest;
use identity::{Acting, Caller};
use payments::{By, PaymentView, WayKind};
use types::{Language, OrderId};

use crate::order::{NotNow, Order, OrderState};
use crate::{Error, Orders, db};

/// A request as PDF.
pub(crate) struct RequestPdf {
    /// The order's number at the stall.
    pub order_number: i32,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Orders {
    /// The payment request of an order that waits for its money, in a language (the buyer's own where none is named) and English.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NotNow`] once the order cannot be paid, or while money may be under way: nobody is to pay twice.
    pub(crate) async fn payment_request(
        &self,
        caller: &Caller,
        id: OrderId,
        language: Option<Language>,
    ) -> Result<RequestPdf, Error> {
        let acting = caller.acting()?;
        let mut connection = self.db.acquire().await?;
        let order = self.find(&mut connection, &acting, id).await?;
        let payment = self.payments.payment_of(&mut connection, order.tenant, order.id).await?;
        if order.state != OrderState::Open || payment.ways.is_empty() {
            return Err(NotNow(order.state).into());
        }
        let lines = db::lines::of_order(&mut connection, order.tenant, order.id).await?;
        let sale = self.sale(&mut connection, &order, lines).await?;
        drop(connection);
        let payer = match acting {
            Acting::Vendor(vendor) => vendor.tenant.uuid(),
            Acting::Buyer(_) => order.id.uuid(),
        };
        let language = language.unwrap_or(order.buyer_language);
        let request = request(sale, &order, &payment);
        let bytes = self.billing.print_request(payer, request, language).await?;
        Ok(RequestPdf { order_number: order.number, bytes })
    }
}

fn request(sale: billing::Sale, order: &Order, payment: &PaymentView) -> PaymentRequest {
    let qr = payment.ways.iter().find(|way| way.kind == WayKind::Qr);
    PaymentRequest {
        sale,
        until: qr.and_then(|way| way.expires_at).unwrap_or(order.hold_until),
        qr_svg: qr.and_then(|way| way.image_svg.clone()),
        upi_id: qr.filter(|way| way.by == By::Vendor).and_then(|way| payee(way.uri.as_deref()?)),
    }
}

/// The address that a UPI link of our own making pays to: it stands first and needs no decoding.
fn payee(uri: &str) -> Option<String> {
    let address = uri.strip_prefix("upi://pay?pa=")?.split('&').next()?;
    Some(address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_link_is_found() {
        let link = "upi://pay?pa=meena@okbank&pn=Meena&am=150.00&cu=INR";
        assert_eq!(payee(link).as_deref(), Some("meena@okbank"));
        assert_eq!(payee("https://example.com/qr"), None);
    }
}
