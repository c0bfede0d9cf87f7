//! Invoices of subscriptions: what is asked for a period, and whether it was paid.

use serde_json::{Value, json};

use super::desk::Desk;
use super::error::{Error, Result};
use super::listing::{Listed, Page, list};
use super::metadata::Metadata;
use super::params::Params;
use super::subscription::Item;
use crate::shelf::Kept;

/// Why an invoice was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Create,
    Cycle,
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Draft,
    Open,
    Paid,
    Void,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Invoice {
    pub(crate) id: String,
    pub(crate) number: Option<String>,
    pub(crate) created: i64,
    pub(crate) reason: Reason,
    pub(crate) status: Status,
    pub(crate) customer: String,
    pub(crate) customer_email: Option<String>,
    pub(crate) customer_name: Option<String>,
    pub(crate) account_name: String,
    pub(crate) subscription: String,
    pub(crate) metadata: Metadata,
    pub(crate) items: Vec<Item>,
    pub(crate) line_ids: Vec<String>,
    pub(crate) currency: &'static str,
    /// What is to be paid: nothing while a subscription is tried.
    pub(crate) total: i64,
    pub(crate) period: (i64, i64),
    pub(crate) attempts: usize,
    pub(crate) collects: bool,
    pub(crate) next_attempt: Option<i64>,
    pub(crate) finalized_at: Option<i64>,
    pub(crate) paid_at: Option<i64>,
    pub(crate) voided_at: Option<i64>,
    pub(crate) intent: Option<String>,
    pub(crate) payment_id: String,
}

impl Kept for Invoice {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Invoice {
    const KIND: &'static str = "invoice";

    fn created(&self) -> i64 {
        self.created
    }
}

impl Invoice {
    fn paid_amount(&self) -> i64 {
        if self.status == Status::Paid { self.total } else { 0 }
    }

    pub(crate) fn shown(&self) -> Value {
        let mut shown = self.amounts();
        if let (Some(shown), Value::Object(rest)) = (shown.as_object_mut(), self.circumstances()) {
            shown.extend(rest);
        }
        shown
    }

    fn amounts(&self) -> Value {
        let paid = self.paid_amount();
        json!({
            "id": self.id,
            "object": "invoice",
            "amount_due": self.total,
            "amount_overpaid": 0,
            "amount_paid": paid,
            "amount_remaining": self.total - paid,
            "amount_shipping": 0,
            "attempt_count": self.attempts,
            "attempted": self.attempts > 0,
            "currency": self.currency,
            "ending_balance": self.finalized_at.map(|_| 0),
            "lines": self.lines(),
            "next_payment_attempt": self.next_attempt,
            "period_end": self.period.0,
            "period_start": self.period.0,
            "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0,
            "shipping_cost": null,
            "starting_balance": 0,
            "status": self.status.as_str(),
            "status_transitions": {
                "finalized_at": self.finalized_at,
                "marked_uncollectible_at": null,
                "paid_at": self.paid_at,
                "voided_at": self.voided_at,
            },
            "subtotal": self.total,
            "subtotal_excluding_tax": self.total,
            "total": self.total,
            "total_discount_amounts": [],
            "total_excluding_tax": self.total,
            "total_pretax_credit_amounts": [],
            "total_taxes": [],
        })
    }

    fn circumstances(&self) -> Value {
        json!({
            "account_country": "US",
            "account_name": self.account_name,
            "account_tax_ids": null,
            "application": null,
            "auto_advance": self.collects,
            "automatic_tax": {
                "disabled_reason": null,
                "enabled": false,
                "liability": null,
                "provider": null,
                "status": null,
            },
            "automatically_finalizes_at": null,
            "billing_reason": match self.reason {
                Reason::Create => "subscription_create",
                Reason::Cycle => "subscription_cycle",
            },
            "collection_method": "charge_automatically",
            "created": self.created,
            "custom_fields": null,
            "customer": self.customer,
            "customer_account": null,
            "customer_address": null,
            "customer_email": self.customer_email,
            "customer_name": self.customer_name,
            "customer_phone": null,
            "customer_shipping": null,
            "customer_tax_exempt": "none",
            "customer_tax_ids": [],
            "default_payment_method": null,
            "default_source": null,
            "default_tax_rates": [],
            "description": null,
            "discounts": [],
            "due_date": null,
            "effective_at": self.finalized_at,
            "footer": null,
            "from_invoice": null,
            "hosted_invoice_url": null,
            "invoice_pdf": null,
            "issuer": { "type": "self" },
            "last_finalization_error": null,
            "latest_revision": null,
            "livemode": false,
            "metadata": {},
            "number": self.number,
            "on_behalf_of": null,
            "parent": {
                "quote_details": null,
                "subscription_details": { "metadata": self.metadata, "subscription": self.subscription },
                "type": "subscription_details",
            },
            "payment_settings": {
                "default_mandate": null,
                "payment_method_options": null,
                "payment_method_types": null,
            },
            "receipt_number": null,
            "rendering": null,
            "shipping_details": null,
            "statement_descriptor": null,
            "test_clock": null,
            "webhooks_delivered_at": null,
        })
    }

    fn lines(&self) -> Value {
        let lines = self.items.iter().zip(&self.line_ids).map(|(item, id)| {
            let amount = if self.total == 0 { 0 } else { item.amount() };
            json!({
                "id": id,
                "object": "line_item",
                "amount": amount,
                "currency": self.currency,
                "description": format!("{} × {}", item.quantity, item.price.id),
                "discount_amounts": [],
                "discountable": true,
                "discounts": [],
                "invoice": self.id,
                "livemode": false,
                "metadata": {},
                "parent": {
                    "invoice_item_details": null,
                    "subscription_item_details": {
                        "invoice_item": null,
                        "proration": false,
                        "proration_details": { "credited_items": null },
                        "subscription": self.subscription,
                        "subscription_item": item.id,
                    },
                    "type": "subscription_item_details",
                },
                "period": { "end": self.period.1, "start": self.period.0 },
                "pretax_credit_amounts": [],
                "pricing": {
                    "price_details": { "price": item.price.id, "product": item.price.product },
                    "type": "price_details",
                    "unit_amount_decimal": item.price.unit_amount.to_string(),
                },
                "quantity": item.quantity,
                "quantity_decimal": item.quantity.to_string(),
                "subscription": self.subscription,
                "subtotal": amount,
                "taxes": [],
            })
        });
        let lines: Vec<Value> = lines.collect();
        list(&lines, false, &format!("/v1/invoices/{}/lines", self.id))
    }

    /// The payments that were made or tried for it, shown on request.
    pub(crate) fn shown_payments(&self) -> Value {
        let payment = self.intent.as_ref().map(|intent| {
            json!({
                "id": self.payment_id,
                "object": "invoice_payment",
                "amount_paid": (self.status == Status::Paid).then_some(self.total),
                "amount_requested": self.total,
                "created": self.created,
                "currency": self.currency,
                "invoice": self.id,
                "is_default": true,
                "livemode": false,
                "payment": { "payment_intent": intent, "type": "payment_intent" },
                "status": if self.status == Status::Paid { "paid" } else { "open" },
                "status_transitions": { "canceled_at": null, "paid_at": self.paid_at },
            })
        });
        let payments: Vec<Value> = payment.into_iter().collect();
        list(&payments, false, &format!("/v1/invoice_payments?invoice={}", self.id))
    }
}

impl Desk<'_> {
    pub(crate) fn invoice(&self, id: &str) -> Result<&Invoice> {
        self.account.invoices.get(id).ok_or_else(|| Error::no_such("invoice", id, "invoice"))
    }

    pub(crate) fn list_invoices(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let (customer, subscription) = (params.text("customer")?, params.text("subscription")?);
        let status = params.choice("status", &["draft", "open", "paid", "uncollectible", "void"])?;
        params.finish()?;
        let wanted = self.account.invoices.newest_first().filter(|invoice| {
            customer.as_ref().is_none_or(|customer| invoice.customer == *customer)
                && subscription.as_ref().is_none_or(|id| invoice.subscription == *id)
                && status.is_none_or(|status| invoice.status.as_str() == status)
        });
        page.of(wanted, "/v1/invoices", Invoice::shown)
    }
}
