//! Customers, and their tokens: mandates that a payer gives once, with a payment, and that are charged later without the payer.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::{Desk, wire};
use super::error::{Error, Result};
use super::fields::{Fields, Notes, missing};
use super::order::{Order, OrderStatus, well_formed};
use super::payment::{Method, Payment, PaymentStatus};
use super::play::Play;
use super::task::Task;
use crate::shelf::Kept;

const TEXT_CHARS_MAX: usize = 256;
/// The most that a mandate may allow for one charge without another factor: fifteen thousand rupees.
const MAX_AMOUNT_PAISE: i64 = 15_000_00;
/// A mandate lasts ten years where nothing is said.
const LASTS_S: i64 = 3_652 * 86_400;
const FREQUENCIES: [&str; 8] =
    ["as_presented", "daily", "weekly", "fortnightly", "monthly", "bimonthly", "quarterly", "yearly"];

/// Somebody who pays more than once.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) entity: &'static str,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) contact: Option<String>,
    pub(crate) gstin: Option<String>,
    pub(crate) notes: Notes,
    pub(crate) created_at: i64,
}

/// What an order asks to be allowed, as its `token`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Terms {
    pub(crate) max_amount: i64,
    pub(crate) expire_at: i64,
    pub(crate) frequency: &'static str,
}

/// A mandate.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Token {
    pub(crate) id: String,
    pub(crate) entity: &'static str,
    #[serde(rename = "token")]
    pub(crate) secret: String,
    pub(crate) bank: Option<String>,
    pub(crate) wallet: Option<String>,
    pub(crate) method: Method,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) card: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vpa: Option<Value>,
    pub(crate) recurring: bool,
    pub(crate) recurring_details: Recurring,
    pub(crate) auth_type: Option<String>,
    pub(crate) mrn: Option<String>,
    pub(crate) used_at: i64,
    pub(crate) created_at: i64,
    pub(crate) expired_at: i64,
    pub(crate) max_amount: i64,
    pub(crate) dcc_enabled: bool,
    #[serde(skip)]
    pub(crate) customer_id: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Recurring {
    pub(crate) status: TokenStatus,
    pub(crate) failure_reason: Option<String>,
}

/// Where a mandate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenStatus {
    /// The payer has not answered.
    Initiated,
    /// It can be charged.
    Confirmed,
    /// The payer said no.
    Rejected,
    /// The payer lets nothing be charged for a while.
    Paused,
    /// It is over.
    Cancelled,
}

impl Kept for Customer {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Kept for Token {
    fn id(&self) -> &str {
        &self.id
    }
}

impl TokenStatus {
    const fn event(self) -> Option<&'static str> {
        match self {
            Self::Initiated => None,
            Self::Confirmed => Some("token.confirmed"),
            Self::Rejected => Some("token.rejected"),
            Self::Paused => Some("token.paused"),
            Self::Cancelled => Some("token.cancelled"),
        }
    }
}

impl Terms {
    /// Reads an order's `token`.
    pub(crate) fn read(fields: &mut Fields, now_s: i64) -> Result<Option<Self>> {
        let Some(mut token) = fields.nested("token")? else { return Ok(None) };
        let max_amount =
            token.amount("max_amount", MAX_AMOUNT_PAISE)?.ok_or_else(|| missing("max_amount"))?;
        let expire_at = token.integer("expire_at")?.unwrap_or(now_s + LASTS_S);
        if expire_at <= now_s {
            return Err(Error::invalid("expire_at", "The expire at must be in the future."));
        }
        let frequency = token.choice("frequency", &FREQUENCIES)?.unwrap_or("as_presented");
        token.finish()?;
        Ok(Some(Self { max_amount, expire_at, frequency }))
    }
}

impl Desk<'_> {
    pub(crate) fn create_customer(&mut self, mut fields: Fields) -> Result<Customer> {
        let text = |fields: &mut Fields, name| fields.text(name, TEXT_CHARS_MAX);
        let (name, email) = (text(&mut fields, "name")?, text(&mut fields, "email")?);
        let (contact, gstin) = (text(&mut fields, "contact")?, text(&mut fields, "gstin")?);
        let fails = fields.flag("fail_existing")?.unwrap_or(true);
        let notes = fields.notes()?;
        fields.finish()?;
        let known = self.merchant.customers.newest_first();
        let known = known
            .filter(|_| email.is_some() || contact.is_some())
            .find(|customer| customer.email == email && customer.contact == contact);
        match known {
            Some(_) if fails => return Err(Error::refused("Customer already exists for the merchant")),
            Some(known) => return Ok(known.clone()),
            None => {}
        }
        let id = self.id("cust_");
        let customer =
            Customer { id, entity: "customer", name, email, contact, gstin, notes, created_at: self.now_s };
        self.merchant.customers.put(customer.clone());
        Ok(customer)
    }

    pub(crate) fn customer(&self, id: &str) -> Result<&Customer> {
        well_formed(id, "cust_")?;
        self.merchant.customers.get(id).ok_or_else(Error::unknown_id)
    }

    pub(crate) fn token(&self, customer_id: &str, id: &str) -> Result<&Token> {
        self.customer(customer_id)?;
        well_formed(id, "token_")?;
        let token = self.merchant.tokens.get(id).filter(|token| token.customer_id == customer_id);
        token.ok_or_else(Error::unknown_id)
    }

    /// The merchant forgets a mandate; what waits for it fails.
    pub(crate) fn delete_token(&mut self, customer_id: &str, id: &str) -> Result<()> {
        self.token(customer_id, id)?;
        self.fail_debits_of(id);
        self.merchant.tokens.remove(id);
        Ok(())
    }

    /// The payer changes a mandate at their bank or in their UPI app.
    pub(crate) fn turn_token(&mut self, id: &str, status: TokenStatus) -> Result<String> {
        let token = self.merchant.tokens.get_mut(id).ok_or_else(Error::unknown_id)?;
        if token.recurring_details.status == TokenStatus::Cancelled {
            return Err(Error::refused("The token is cancelled"));
        }
        token.recurring_details.status = status;
        let token = wire(token);
        if let Some(event) = status.event() {
            self.announce(event, &[("token", token)]);
        }
        if status == TokenStatus::Cancelled {
            self.fail_debits_of(id);
        }
        Ok(id.to_owned())
    }

    /// A payment of an order that asks for a mandate was authorised: the mandate is there.
    pub(crate) fn register_token(&mut self, payment_id: &str) {
        let Some(payment) = self.merchant.payments.get(payment_id) else { return };
        let order = payment.order_id.as_deref().and_then(|id| self.merchant.orders.get(id));
        let asked = order.and_then(|order| order.token.clone().zip(order.customer_id.clone()));
        let wanted = payment.registers && payment.token_id.is_none();
        let Some((terms, customer_id)) = asked.filter(|_| wanted) else { return };
        let token = Token {
            id: String::new(),
            entity: "token",
            secret: String::new(),
            bank: None,
            wallet: None,
            method: payment.method,
            card: payment.card().map(recurring_card),
            vpa: payment.vpa.as_deref().map(parts_of_vpa),
            recurring: true,
            recurring_details: Recurring { status: TokenStatus::Confirmed, failure_reason: None },
            auth_type: None,
            mrn: None,
            used_at: self.now_s,
            created_at: self.now_s,
            expired_at: terms.expire_at,
            max_amount: terms.max_amount,
            dcc_enabled: false,
            customer_id,
        };
        let token = Token { id: self.id("token_"), secret: self.id(""), ..token };
        if let Some(payment) = self.merchant.payments.get_mut(payment_id) {
            payment.token_id = Some(token.id.clone());
        }
        let told = wire(&token);
        self.merchant.tokens.put(token);
        self.announce("token.confirmed", &[("token", told)]);
    }

    /// Charges a mandate: the payer is given notice first, and the bank asked when that is over.
    pub(crate) fn charge_token(&mut self, mut fields: Fields) -> Result<Payment> {
        let required = |text: Option<String>, name| text.ok_or_else(|| missing(name));
        for name in ["email", "contact"] {
            required(fields.text(name, TEXT_CHARS_MAX)?, name)?;
        }
        let amount = fields.amount("amount", i64::MAX)?.ok_or_else(|| missing("amount"))?;
        fields.currency()?;
        let order_id = required(fields.text("order_id", TEXT_CHARS_MAX)?, "order_id")?;
        let customer_id = required(fields.text("customer_id", TEXT_CHARS_MAX)?, "customer_id")?;
        let token_id = required(fields.text("token", TEXT_CHARS_MAX)?, "token")?;
        if fields.flag("recurring")? != Some(true) {
            return Err(Error::invalid("recurring", "The recurring field must be true or false."));
        }
        let description = fields.text("description", TEXT_CHARS_MAX)?;
        let notes = fields.notes()?;
        fields.finish()?;
        let method = self.chargeable(&order_id, amount, &customer_id, &token_id)?;
        let play = Play { method, order_id: Some(order_id.clone()), ..Play::order(&order_id) };
        let id = self.start_payment(amount, &play, None, notes);
        if let Some(payment) = self.merchant.payments.get_mut(&id) {
            (payment.description, payment.token_id, payment.customer_id) =
                (description, Some(token_id), Some(customer_id));
        }
        if let Some(order) = self.merchant.orders.get_mut(&order_id) {
            order.attempts += 1;
            order.status = OrderStatus::Attempted;
        }
        match self.merchant.settings.mandate_notice_s {
            0 => self.debit(&id),
            notice_s => self.schedule(self.now_s + i64::from(notice_s), Task::Debit(id.clone())),
        }
        self.payment(&id).cloned()
    }

    fn chargeable(&self, order_id: &str, amount: i64, customer_id: &str, token_id: &str) -> Result<Method> {
        let order: &Order = self.order(order_id)?;
        if order.status == OrderStatus::Paid {
            return Err(Error::refused(super::bank::ORDER_PAID));
        }
        if order.amount_due != amount {
            return Err(Error::invalid("amount", "Payment amount is different from your order amount"));
        }
        let token = self.token(customer_id, token_id)?;
        if token.recurring_details.status != TokenStatus::Confirmed || token.expired_at <= self.now_s {
            return Err(Error::refused("Token is not confirmed for recurring payments"));
        }
        if amount > token.max_amount {
            return Err(Error::invalid("amount", "The amount exceeds the maximum amount of the token"));
        }
        Ok(token.method)
    }

    /// The notice is over: the payer's bank is asked.
    pub(crate) fn debit(&mut self, payment_id: &str) {
        let Some(payment) = self.merchant.payments.get(payment_id) else { return };
        let token = payment.token_id.as_deref().and_then(|id| self.merchant.tokens.get(id));
        let stands = token.is_some_and(|token| token.recurring_details.status == TokenStatus::Confirmed);
        let refuses = self.merchant.settings.mandate_debits_fail.clone();
        match refuses {
            _ if !stands => self.fail(payment_id, "payment_mandate_not_active"),
            Some(reason) => self.fail(payment_id, &reason),
            None => self.authorize(payment_id),
        }
    }

    fn fail_debits_of(&mut self, token_id: &str) {
        let pending = self.merchant.payments.newest_first().filter(|payment| {
            payment.status == PaymentStatus::Created && payment.token_id.as_deref() == Some(token_id)
        });
        for id in pending.map(|payment| payment.id.clone()).collect::<Vec<_>>() {
            self.fail(&id, "payment_mandate_not_active");
        }
    }
}

fn recurring_card(mut card: Value) -> Value {
    card["expiry_month"] = 12.into();
    card["expiry_year"] = 2034.into();
    card["flows"] = json!({ "recurring": true, "otp": true });
    card
}

fn parts_of_vpa(vpa: &str) -> Value {
    let (username, handle) = vpa.split_once('@').unwrap_or((vpa, ""));
    json!({ "username": username, "handle": handle, "name": null })
}
