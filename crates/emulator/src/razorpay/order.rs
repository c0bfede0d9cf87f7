//! Orders: what is to be paid, by any number of attempts.

use serde::Serialize;

use super::desk::Desk;
use super::error::{Error, Result};
use super::fields::{Fields, Notes, missing};
use super::mandate::Terms;
use crate::shelf::Kept;

const RECEIPT_CHARS_MAX: usize = 40;
/// How long an authorised payment waits for its capture before it is given back, in minutes: the vendor's maximum.
const MANUAL_EXPIRY_MINUTES_MAX: i64 = 7_200;
const AUTOMATIC_EXPIRY_MINUTES_MIN: i64 = 12;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) entity: &'static str,
    pub(crate) amount: i64,
    pub(crate) amount_paid: i64,
    pub(crate) amount_due: i64,
    pub(crate) currency: &'static str,
    pub(crate) receipt: Option<String>,
    pub(crate) offer_id: Option<String>,
    pub(crate) status: OrderStatus,
    pub(crate) attempts: u32,
    pub(crate) notes: Notes,
    pub(crate) created_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) customer_id: Option<String>,
    /// The mandate that its payment registers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<Terms>,
    #[serde(skip)]
    pub(crate) capture: CaptureRule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderStatus {
    Created,
    Attempted,
    Paid,
}

/// When an authorised payment of an order is captured by itself, and when it is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CaptureRule {
    pub(crate) automatic: bool,
    /// A payment authorised later than this after it was made is not captured by itself.
    pub(crate) automatic_minutes: Option<i64>,
    /// A payment not captured by then is given back.
    pub(crate) manual_minutes: i64,
}

impl Kept for Order {
    fn id(&self) -> &str {
        &self.id
    }
}

impl CaptureRule {
    pub(crate) fn of_account(automatic: bool) -> Self {
        Self { automatic, automatic_minutes: None, manual_minutes: MANUAL_EXPIRY_MINUTES_MAX }
    }

    /// Reads `payment_capture` and the newer `payment: {capture, capture_options}`, which takes precedence.
    fn read(fields: &mut Fields, account: bool) -> Result<Self> {
        let flag = fields.flag("payment_capture")?;
        let mut rule = Self::of_account(flag.unwrap_or(account));
        let Some(mut payment) = fields.nested("payment")? else { return Ok(rule) };
        let capture =
            payment.choice("capture", &["automatic", "manual"])?.ok_or_else(|| missing("capture"))?;
        rule.automatic = capture == "automatic";
        if let Some(mut options) = payment.nested("capture_options")? {
            rule.read_options(&mut options)?;
            options.finish()?;
        }
        payment.finish()?;
        Ok(rule)
    }

    fn read_options(&mut self, options: &mut Fields) -> Result<()> {
        self.automatic_minutes = options.integer("automatic_expiry_period")?;
        if self.automatic
            && self.automatic_minutes.is_none_or(|minutes| minutes < AUTOMATIC_EXPIRY_MINUTES_MIN)
        {
            return Err(Error::invalid(
                "automatic_expiry_period",
                "The automatic expiry period must be at least 12.",
            ));
        }
        self.manual_minutes = options.integer("manual_expiry_period")?.unwrap_or(MANUAL_EXPIRY_MINUTES_MAX);
        let least = self.automatic_minutes.unwrap_or(1);
        if !(least..=MANUAL_EXPIRY_MINUTES_MAX).contains(&self.manual_minutes) {
            return Err(Error::invalid(
                "manual_expiry_period",
                format!("The manual expiry period must be between {least} and {MANUAL_EXPIRY_MINUTES_MAX}."),
            ));
        }
        options.choice("refund_speed", &["normal", "optimum"])?;
        Ok(())
    }

    /// Whether a payment made at `created_s` and authorised at `now_s` is captured by itself.
    pub(crate) fn captures(self, created_s: i64, now_s: i64) -> bool {
        self.automatic && self.automatic_minutes.is_none_or(|minutes| now_s - created_s <= minutes * 60)
    }
}

impl Desk<'_> {
    pub(crate) fn create_order(&mut self, mut fields: Fields) -> Result<Order> {
        let max = self.merchant.settings.amount_paise_max;
        let amount = fields.amount("amount", max)?.ok_or_else(|| missing("amount"))?;
        let currency = fields.currency()?;
        let receipt = fields.text("receipt", RECEIPT_CHARS_MAX)?;
        let notes = fields.notes()?;
        let capture = CaptureRule::read(&mut fields, self.merchant.settings.auto_capture)?;
        let customer_id = fields.text("customer_id", RECEIPT_CHARS_MAX)?;
        if let Some(customer) = &customer_id {
            self.customer(customer)?;
        }
        fields.choice("method", &["card", "upi"])?;
        let token = Terms::read(&mut fields, self.now_s)?;
        if token.is_some() && customer_id.is_none() {
            return Err(missing("customer_id"));
        }
        if fields.flag("partial_payment")? == Some(true) {
            return Err(Error::invalid("partial_payment", "Partial payment is not enabled for this account"));
        }
        fields.finish()?;
        let order = Order {
            id: self.id("order_"),
            entity: "order",
            amount,
            amount_paid: 0,
            amount_due: amount,
            currency,
            receipt,
            offer_id: None,
            status: OrderStatus::Created,
            attempts: 0,
            notes,
            created_at: self.now_s,
            customer_id,
            token,
            capture,
        };
        self.merchant.orders.put(order.clone());
        Ok(order)
    }

    pub(crate) fn order(&self, id: &str) -> Result<&Order> {
        well_formed(id, "order_")?;
        self.merchant.orders.get(id).ok_or_else(Error::unknown_id)
    }

    pub(crate) fn edit_order(&mut self, id: &str, mut fields: Fields) -> Result<Order> {
        self.order(id)?;
        let notes = fields.notes()?;
        fields.finish()?;
        let order = self.merchant.orders.get_mut(id).ok_or_else(Error::unknown_id)?;
        order.notes = notes;
        Ok(order.clone())
    }
}

/// Refuses what cannot be an id of this kind: the prefix and 14 letters or digits.
pub(crate) fn well_formed(id: &str, prefix: &str) -> Result<()> {
    let token = id.strip_prefix(prefix).unwrap_or_default();
    let fits = token.len() == 14 && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if fits { Ok(()) } else { Err(Error::malformed_id(id)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> Result<CaptureRule> {
        CaptureRule::read(&mut Fields::parse(json.as_bytes()).unwrap(), true)
    }

    #[test]
    fn the_order_decides_over_the_account_about_capture() {
        assert!(rule("{}").unwrap().automatic);
        assert!(!rule(r#"{"payment_capture": 0}"#).unwrap().automatic);
        assert!(!rule(r#"{"payment_capture": 1, "payment": {"capture": "manual"}}"#).unwrap().automatic);
    }

    #[test]
    fn a_late_payment_is_not_captured_past_the_automatic_period() {
        let rule = rule(
            r#"{"payment": {"capture": "automatic", "capture_options": {"automatic_expiry_period": 12}}}"#,
        )
        .unwrap();
        assert!(rule.captures(1_000, 1_000 + 12 * 60));
        assert!(!rule.captures(1_000, 1_000 + 12 * 60 + 1));
    }

    #[test]
    fn capture_periods_outside_the_documented_range_are_refused() {
        for options in [
            r#"{"automatic_expiry_period": 11}"#,
            r#"{"automatic_expiry_period": 60, "manual_expiry_period": 59}"#,
            r#"{"automatic_expiry_period": 60, "manual_expiry_period": 7201}"#,
        ] {
            let body = format!(r#"{{"payment": {{"capture": "automatic", "capture_options": {options}}}}}"#);
            assert!(rule(&body).is_err(), "{options}");
        }
    }
}
