//! What payers and their banks do: pay, fail, answer late; and what the gateway does with the answer.

use serde_json::{Map, Value, json};

use super::desk::{Desk, wire};
use super::error::{Error, Result};
use super::fields::Notes;
use super::order::{CaptureRule, OrderStatus, well_formed};
use super::payment::{Method, Payment, PaymentStatus};
use super::play::{Outcome, Play};
use super::qr_code::QrStatus;
use super::task::Task;

pub(super) const ORDER_PAID: &str = "Your payment has been declined as the order is already paid. Please initiate the payment with a new order.";

impl Desk<'_> {
    /// Lets a payer try.
    pub(crate) fn play(&mut self, play: &Play) -> Result<Payment> {
        let id = match (&play.order_id, &play.qr_id) {
            (Some(order_id), None) => self.attempt_order(order_id, play)?,
            (None, Some(qr_id)) => self.attempt_qr(qr_id, play)?,
            _ => return Err(Error::refused("Exactly one of order_id and qr_id is required")),
        };
        match &play.outcome {
            Outcome::Success => self.authorize(&id),
            Outcome::Failure { reason } => self.fail(&id, reason),
            Outcome::Late { fails_after_s, authorizes_after_s } => {
                if *fails_after_s == 0 {
                    self.fail(&id, "payment_timed_out");
                } else {
                    self.schedule(self.now_s + i64::from(*fails_after_s), Task::TimeOut(id.clone()));
                }
                if let Some(after_s) = authorizes_after_s {
                    self.schedule(self.now_s + i64::from(*after_s), Task::Authorize(id.clone()));
                }
            }
        }
        self.payment(&id).cloned()
    }

    fn attempt_order(&mut self, order_id: &str, play: &Play) -> Result<String> {
        let order = self.order(order_id)?;
        if order.status == OrderStatus::Paid {
            return Err(Error::refused(ORDER_PAID));
        }
        let amount = order.amount_due;
        if play.amount.is_some_and(|wanted| wanted != amount) {
            return Err(Error::invalid("amount", "Payment amount is different from your order amount"));
        }
        let id = self.start_payment(amount, play, None, Notes::default());
        if let Some(order) = self.merchant.orders.get_mut(order_id) {
            order.attempts += 1;
            order.status = OrderStatus::Attempted;
        }
        Ok(id)
    }

    fn attempt_qr(&mut self, qr_id: &str, play: &Play) -> Result<String> {
        let max = self.merchant.settings.amount_paise_max;
        let qr = self.qr_code(qr_id)?;
        if qr.status == QrStatus::Closed {
            return Err(Error::refused("QR Code is closed"));
        }
        if play.method != Method::Upi {
            return Err(Error::invalid("method", "The selected method is invalid."));
        }
        let amount = match (qr.payment_amount, play.amount) {
            (Some(fixed), None) => fixed,
            (Some(fixed), Some(offered)) if offered == fixed => fixed,
            (None, Some(offered)) if (1..=max).contains(&offered) => offered,
            _ => return Err(Error::invalid("amount", "The amount is not the one the QR code asks for")),
        };
        let notes = qr.notes.clone();
        Ok(self.start_payment(amount, play, Some(qr_id.to_owned()), notes))
    }

    pub(super) fn start_payment(
        &mut self,
        amount: i64,
        play: &Play,
        qr_id: Option<String>,
        notes: Notes,
    ) -> String {
        let id = self.id("pay_");
        let upi = play.method == Method::Upi;
        let vpa = upi.then(|| play.vpa.clone().unwrap_or_else(|| "success@razorpay".to_owned()));
        let order = play.order_id.as_deref().and_then(|id| self.merchant.orders.get(id));
        let customer_id = order.and_then(|order| order.customer_id.clone());
        let card_id = (!upi).then(|| self.id("card_"));
        let payment = Payment {
            id: id.clone(),
            entity: "payment",
            amount,
            currency: "INR",
            status: PaymentStatus::Created,
            order_id: play.order_id.clone(),
            invoice_id: None,
            international: false,
            method: play.method,
            amount_refunded: 0,
            refund_status: None,
            captured: false,
            description: qr_id.as_ref().map(|_| "QRv2 Payment".to_owned()),
            card_id,
            bank: None,
            wallet: None,
            upi: vpa.as_ref().map(|vpa| json!({ "payer_account_type": "bank_account", "vpa": vpa })),
            vpa,
            email: "void@razorpay.com",
            contact: "+919000090000",
            notes,
            fee: None,
            tax: None,
            error_code: None,
            error_description: None,
            error_source: None,
            error_step: None,
            error_reason: None,
            acquirer_data: Map::from_iter([(if upi { "rrn" } else { "auth_code" }.to_owned(), Value::Null)]),
            created_at: self.now_s,
            customer_id,
            token_id: None,
            registers: play.recurring,
            qr_id,
        };
        self.merchant.payments.put(payment);
        id
    }

    pub(crate) fn payment(&self, id: &str) -> Result<&Payment> {
        well_formed(id, "pay_")?;
        self.merchant.payments.get(id).ok_or_else(Error::unknown_id)
    }

    /// Marks a payment failed that has no answer yet.
    pub(crate) fn fail(&mut self, id: &str, reason: &str) {
        let Some(payment) = self.merchant.payments.get_mut(id) else { return };
        if payment.status == PaymentStatus::Created {
            payment.status = PaymentStatus::Failed;
            payment.set_error(reason);
            let payment = wire(payment);
            self.announce("payment.failed", &[("payment", payment)]);
        }
    }

    fn register_authorized(&mut self, id: &str) {
        let payment = self.merchant.payments.get(id);
        let answered = payment
            .is_some_and(|payment| matches!(payment.status, PaymentStatus::Created | PaymentStatus::Failed));
        if answered {
            self.register_token(id);
        }
    }

    /// The bank says yes: also to a payment that counts as failed.
    pub(crate) fn authorize(&mut self, id: &str) {
        self.register_authorized(id);
        let (rrn, transaction) = (self.bench.entropy.digits(12), self.bench.entropy.token(32).to_uppercase());
        let Some(payment) = self.merchant.payments.get_mut(id) else { return };
        if !matches!(payment.status, PaymentStatus::Created | PaymentStatus::Failed) {
            return;
        }
        payment.status = PaymentStatus::Authorized;
        payment.clear_error();
        if payment.method == Method::Upi {
            payment.acquirer_data.insert("rrn".to_owned(), rrn.into());
            payment.acquirer_data.insert("upi_transaction_id".to_owned(), transaction.into());
        } else {
            payment.acquirer_data.insert("auth_code".to_owned(), rrn[..6].into());
        }
        let payment = payment.clone();
        self.announce("payment.authorized", &[("payment", wire(&payment))]);
        self.settle_authorized(&payment);
    }

    /// Captures an authorised payment, gives it back, or waits for the merchant.
    fn settle_authorized(&mut self, payment: &Payment) {
        let order = payment.order_id.as_deref().and_then(|id| self.merchant.orders.get(id));
        let rule = order.map_or(CaptureRule::of_account(true), |order| order.capture);
        let qr = payment.qr_id.as_deref().and_then(|id| self.merchant.qr_codes.get(id));
        let spent = qr.is_some_and(|qr| qr.usage == "single_use" && qr.payments_count_received > 0);
        if spent || order.is_some_and(|order| order.status == OrderStatus::Paid) {
            self.return_uncaptured(&payment.id);
        } else if rule.captures(payment.created_at, self.now_s) {
            self.mark_captured(&payment.id);
        } else {
            let at_s = self.now_s.max(payment.created_at + rule.manual_minutes * 60);
            self.schedule(at_s, Task::ReturnUncaptured(payment.id.clone()));
        }
    }

    /// Captures on the merchant's request.
    pub(crate) fn capture(&mut self, id: &str, amount: i64) -> Result<Payment> {
        let payment = self.payment(id)?;
        let order = payment.order_id.as_deref().and_then(|id| self.merchant.orders.get(id));
        if payment.captured {
            return Err(Error::refused("This payment has already been captured"));
        }
        if payment.status != PaymentStatus::Authorized {
            return Err(Error::refused(
                "Only payments which have been authorized and not yet captured can be captured",
            ));
        }
        if payment.amount != amount {
            return Err(Error::invalid("amount", "Capture amount must be equal to the amount authorized"));
        }
        if order.is_some_and(|order| order.status == OrderStatus::Paid) {
            return Err(Error::refused(ORDER_PAID));
        }
        self.mark_captured(id);
        self.payment(id).cloned()
    }

    fn mark_captured(&mut self, id: &str) {
        let (order_points, qr_points) =
            (self.merchant.settings.fee_basis_points, self.merchant.settings.qr_fee_basis_points);
        let Some(payment) = self.merchant.payments.get_mut(id) else { return };
        payment.status = PaymentStatus::Captured;
        payment.captured = true;
        let points = if payment.qr_id.is_some() { qr_points } else { order_points };
        let (fee, tax) = payment.charges(points);
        (payment.fee, payment.tax) = (Some(fee), Some(tax));
        let payment = payment.clone();
        self.announce("payment.captured", &[("payment", wire(&payment))]);
        self.credit_order(&payment);
        self.credit_qr(&payment);
        self.settle_in_time(id);
    }

    fn credit_order(&mut self, payment: &Payment) {
        let Some(order) = payment.order_id.as_deref().and_then(|id| self.merchant.orders.get_mut(id)) else {
            return;
        };
        order.amount_paid += payment.amount;
        order.amount_due = (order.amount - order.amount_paid).max(0);
        order.status = OrderStatus::Paid;
        let order = wire(order);
        self.announce("order.paid", &[("payment", wire(payment)), ("order", order)]);
    }

    fn credit_qr(&mut self, payment: &Payment) {
        let now_s = self.now_s;
        let Some(qr) = payment.qr_id.as_deref().and_then(|id| self.merchant.qr_codes.get_mut(id)) else {
            return;
        };
        qr.payments_amount_received += payment.amount;
        qr.payments_count_received += 1;
        let closes = qr.usage == "single_use" && qr.status == QrStatus::Active;
        if closes {
            qr.close(now_s, Some("paid"));
        }
        let qr = wire(qr);
        self.announce("qr_code.credited", &[("payment", wire(payment)), ("qr_code", qr.clone())]);
        if closes && self.merchant.settings.paid_qr_fires_closed {
            self.announce("qr_code.closed", &[("qr_code", qr)]);
        }
    }

    pub(crate) fn edit_payment(&mut self, id: &str, mut fields: super::fields::Fields) -> Result<Payment> {
        self.payment(id)?;
        let notes = fields.notes()?;
        fields.finish()?;
        let payment = self.merchant.payments.get_mut(id).ok_or_else(Error::unknown_id)?;
        payment.notes = notes;
        Ok(payment.clone())
    }
}
