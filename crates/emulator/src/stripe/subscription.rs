//! Subscriptions: prices that a customer pays period after period.

use serde_json::{Value, json};

use super::desk::Desk;
use super::error::{Error, Result};
use super::listing::{Listed, Page, list};
use super::metadata::Metadata;
use super::params::Params;
use super::price::{Price, Recurring};
use crate::shelf::Kept;

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Incomplete,
    IncompleteExpired,
    Trialing,
    Active,
    PastDue,
    Canceled,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Canceled => "canceled",
        }
    }

    pub(crate) fn has_ended(self) -> bool {
        matches!(self, Self::IncompleteExpired | Self::Canceled)
    }
}

/// A price in a subscription.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) price: Price,
    pub(crate) quantity: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) customer: String,
    pub(crate) items: Vec<Item>,
    pub(crate) recurring: Recurring,
    pub(crate) status: Status,
    /// Where periods are counted from, and how many have begun since.
    pub(crate) anchor: i64,
    pub(crate) periods: i64,
    pub(crate) period: (i64, i64),
    pub(crate) trial: Option<(i64, i64)>,
    pub(crate) cancel_at_period_end: bool,
    pub(crate) canceled_at: Option<i64>,
    pub(crate) ended_at: Option<i64>,
    pub(crate) cancellation_reason: Option<&'static str>,
    pub(crate) default_payment_method: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) latest_invoice: Option<String>,
}

impl Kept for Subscription {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Subscription {
    const KIND: &'static str = "subscription";

    fn created(&self) -> i64 {
        self.created
    }
}

impl Item {
    pub(crate) fn amount(&self) -> i64 {
        self.price.unit_amount * self.quantity
    }
}

impl Subscription {
    pub(crate) fn currency(&self) -> &'static str {
        self.items.first().map_or("usd", |item| item.price.currency)
    }

    pub(crate) fn shown(&self) -> Value {
        let cancel_at = self.cancel_at_period_end.then_some(self.period.1);
        json!({
            "id": self.id,
            "object": "subscription",
            "application": null,
            "application_fee_percent": null,
            "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
            "billing_cycle_anchor": self.anchor,
            "billing_cycle_anchor_config": null,
            "billing_mode": { "flexible": { "proration_discounts": "included" }, "type": "flexible" },
            "billing_schedules": [],
            "billing_thresholds": null,
            "cancel_at": cancel_at,
            "cancel_at_period_end": self.cancel_at_period_end,
            "canceled_at": self.canceled_at,
            "cancellation_details": {
                "comment": null,
                "feedback": null,
                "feedback_option": null,
                "reason": self.cancellation_reason,
            },
            "collection_method": "charge_automatically",
            "created": self.created,
            "currency": self.currency(),
            "customer": self.customer,
            "customer_account": null,
            "days_until_due": null,
            "default_payment_method": self.default_payment_method,
            "default_source": null,
            "default_tax_rates": [],
            "description": self.description,
            "discounts": [],
            "ended_at": self.ended_at,
            "invoice_settings": {
                "account_tax_ids": null,
                "custom_fields": null,
                "description": null,
                "footer": null,
                "issuer": { "type": "self" },
            },
            "items": self.shown_items(),
            "latest_invoice": self.latest_invoice,
            "livemode": false,
            "managed_payments": null,
            "metadata": self.metadata,
            "next_pending_invoice_item_invoice": null,
            "on_behalf_of": null,
            "pause_collection": null,
            "payment_settings": {
                "payment_method_options": null,
                "payment_method_types": null,
                "save_default_payment_method": "off",
            },
            "pending_invoice_item_interval": null,
            "pending_setup_intent": null,
            "pending_update": null,
            "schedule": null,
            "start_date": self.created,
            "status": self.status.as_str(),
            "test_clock": null,
            "transfer_data": null,
            "trial_end": self.trial.map(|trial| trial.1),
            "trial_settings": {
                "end_behavior": { "billing_cycle_anchor": null, "missing_payment_method": "create_invoice" },
            },
            "trial_start": self.trial.map(|trial| trial.0),
        })
    }

    fn shown_items(&self) -> Value {
        let shown = |item: &Item| {
            json!({
                "id": item.id,
                "object": "subscription_item",
                "billing_thresholds": null,
                "created": self.created,
                "current_period_end": self.period.1,
                "current_period_start": self.period.0,
                "current_trial": null,
                "discounts": [],
                "metadata": {},
                "plan": item.price.plan(),
                "price": item.price.shown(),
                "quantity": item.quantity,
                "subscription": self.id,
                "tax_rates": [],
            })
        };
        let items: Vec<Value> = self.items.iter().map(shown).collect();
        list(&items, false, &format!("/v1/subscription_items?subscription={}", self.id))
    }
}

impl Desk<'_> {
    pub(crate) fn subscription(&self, id: &str) -> Result<&Subscription> {
        self.account.subscriptions.get(id).ok_or_else(|| Error::no_such("subscription", id, "id"))
    }

    pub(crate) fn list_subscriptions(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let (customer, price) = (params.text("customer")?, params.text("price")?);
        let status = params.text("status")?;
        params.finish()?;
        let wanted = self.account.subscriptions.newest_first().filter(|kept| {
            customer.as_ref().is_none_or(|customer| kept.customer == *customer)
                && price.as_ref().is_none_or(|price| kept.items.iter().any(|item| item.price.id == *price))
                && match status.as_deref() {
                    // The canceled ones are listed only where they are asked for.
                    None => kept.status != Status::Canceled,
                    Some("all") => true,
                    Some("ended") => kept.status.has_ended(),
                    Some(status) => kept.status.as_str() == status,
                }
        });
        page.of(wanted, "/v1/subscriptions", Subscription::shown)
    }
}
