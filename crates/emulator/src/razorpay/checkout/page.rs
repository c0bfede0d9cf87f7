//! The pages themselves.

use maud::{DOCTYPE, Markup, html};
use serde_json::{Value, json};

use super::Way;
use crate::razorpay::merchant::Merchant;
use crate::razorpay::order::OrderStatus;
use crate::razorpay::qr_code::QrStatus;
use crate::razorpay::{Callback, Played};

/// After how many seconds a late bank says yes.
pub(super) const LATE_S: u32 = 30;
const INDEX_ROWS: usize = 20;

/// What is to be paid.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) merchant: String,
    pub(super) id: String,
    /// None where the payer chooses, or where nothing is due.
    pub(super) amount_paise: Option<i64>,
    pub(super) note: Option<String>,
    pub(super) payable: bool,
    /// How much may be charged at once later, where the payment registers a mandate.
    pub(super) mandate_paise: Option<i64>,
    /// The QR picture's address, where there is one.
    pub(super) picture: Option<String>,
}

/// How an attempt ended.
#[derive(Debug)]
pub(super) enum Ending {
    Paid { payment: Value, callback: Option<Callback> },
    Failed { payment: Value },
    Cancelled,
    Refused(String),
}

impl Ending {
    pub(super) fn of(played: Played) -> Self {
        let Played { payment, callback } = played;
        if payment["status"] == "failed" {
            Self::Failed { payment }
        } else {
            Self::Paid { payment, callback }
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Paid { .. } => "Payment successful",
            Self::Failed { .. } => "Payment failed",
            Self::Cancelled => "Payment cancelled",
            Self::Refused(_) => "Payment not possible",
        }
    }

    /// What the page that embeds this one is told.
    fn message(&self) -> Option<Value> {
        match self {
            Self::Paid { callback: Some(callback), .. } => {
                Some(json!({ "type": "success", "response": callback }))
            }
            Self::Paid { .. } | Self::Refused(_) => None,
            Self::Failed { payment } => {
                Some(json!({ "type": "failed", "response": { "error": error(payment) } }))
            }
            Self::Cancelled => Some(json!({ "type": "dismiss" })),
        }
    }

    /// The fields posted to the merchant's page.
    fn form(&self) -> Option<Vec<(String, String)>> {
        match self {
            Self::Paid { callback: Some(callback), .. } => Some(vec![
                ("razorpay_payment_id".to_owned(), callback.razorpay_payment_id.clone()),
                ("razorpay_order_id".to_owned(), callback.razorpay_order_id.clone()),
                ("razorpay_signature".to_owned(), callback.razorpay_signature.clone()),
            ]),
            Self::Failed { payment } => Some(error_fields(payment)),
            _ => None,
        }
    }
}

fn error(payment: &Value) -> Value {
    json!({
        "code": payment["error_code"],
        "description": payment["error_description"],
        "source": payment["error_source"],
        "step": payment["error_step"],
        "reason": payment["error_reason"],
        "metadata": { "payment_id": payment["id"], "order_id": payment["order_id"] },
    })
}

fn error_fields(payment: &Value) -> Vec<(String, String)> {
    let error = error(payment);
    ["code", "description", "source", "step", "reason", "metadata"]
        .into_iter()
        .map(|name| {
            let value = &error[name];
            // The vendor posts the metadata as JSON in one field.
            (format!("error[{name}]"), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })
        .collect()
}

fn rupees(paise: i64) -> String {
    format!("₹{}.{:02}", paise / 100, paise % 100)
}

fn document(title: &str, root: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – payment emulator" }
                link rel="stylesheet" href={ (root) "pay/pay.css" };
                script src={ (root) "pay/pay.js" } defer {}
            }
            body {
                header.banner { "Emulated checkout: no money moves." }
                main { (content) }
            }
        }
    }
}

/// The page with the buttons.
pub(super) fn pay(subject: &Subject, can_cancel: bool) -> Markup {
    let content = html! {
        h1 { "Pay " (subject.merchant) }
        @if let Some(paise) = subject.amount_paise { p.amount { (rupees(paise)) } }
        @if let Some(note) = &subject.note { p { (note) } }
        p.reference { (subject.id) }
        @if let Some(picture) = &subject.picture {
            img src=(picture) alt="QR code with the UPI payment address" width="240" height="240";
        }
        @if subject.payable { (buttons(subject, can_cancel)) } @else { (closed(subject)) }
    };
    document(&format!("Pay {}", subject.merchant), "../../", &content)
}

fn buttons(subject: &Subject, can_cancel: bool) -> Markup {
    html! {
        form method="post" {
            @if subject.amount_paise.is_none() {
                label for="rupees" { "Amount in rupees" }
                input id="rupees" name="rupees" inputmode="decimal" autocomplete="off" required;
            }
            @if let Some(paise) = subject.mandate_paise {
                p.hint { "Autopay: up to " (rupees(paise)) " each time." }
                label for="method" { "Pay by" }
                select id="method" name="method" {
                    option value="upi" { "UPI" }
                    option value="card" { "Test card" }
                }
            }
            button.primary name="action" value="pay" { "Pay" }
            button name="action" value="fail" { "Fail" }
            button name="action" value="late" { "Pay late" }
            @if can_cancel || subject.picture.is_none() {
                button name="action" value="cancel" formnovalidate { "Cancel" }
            }
        }
        p.hint { "“Pay late” fails now; the bank then says yes after " (LATE_S) " seconds." }
    }
}

fn closed(subject: &Subject) -> Markup {
    let sentence =
        if subject.picture.is_some() { "This QR code is closed." } else { "This order is already paid." };
    html! { p role="status" { (sentence) } }
}

/// The page after an attempt: it hands the result to the merchant's page, by itself where scripts run.
pub(super) fn ended(subject: &Subject, ending: &Ending, way: &Way) -> Markup {
    let message = way.origin.as_ref().and_then(|origin| Some((origin, ending.message()?)));
    let form = way.callback_url.as_ref().and_then(|url| Some((url, ending.form()?)));
    let content = html! {
        h1 { (ending.title()) }
        p role="status" { (sentence(ending)) }
        @if let Some((url, fields)) = &form {
            form method="post" action=(url) data-submit="now" {
                @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
                button.primary { "Return to " (subject.merchant) }
            }
        } @else if matches!(ending, Ending::Failed { .. } | Ending::Cancelled) {
            (buttons(subject, way.cancel_url.is_some()))
        }
        @if let Some((origin, message)) = &message {
            p hidden data-origin=(origin) data-message=(message.to_string()) {}
        }
    };
    document(ending.title(), "../../", &content)
}

fn sentence(ending: &Ending) -> String {
    match ending {
        Ending::Paid { payment, .. } => {
            format!("{} was paid: {}.", rupees(payment["amount"].as_i64().unwrap_or(0)), text(&payment["id"]))
        }
        Ending::Failed { payment } => text(&payment["error_description"]).to_owned(),
        Ending::Cancelled => "Nothing was paid.".to_owned(),
        Ending::Refused(sentence) => sentence.clone(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn not_found() -> Markup {
    let content = html! {
        h1 { "Nothing to pay here" }
        p { "There is no such order or QR code, or it belongs to another key." }
    };
    document("Nothing to pay here", "/", &content)
}

/// What can be paid now, newest first.
pub(super) fn index(merchants: &[Merchant]) -> Markup {
    let content = html! {
        h1 { "What can be paid" }
        @for merchant in merchants {
            h2 { (merchant.name) }
            ul {
                @let codes = merchant.qr_codes.newest_first().filter(|qr| qr.status == QrStatus::Active);
                @for qr in codes.take(INDEX_ROWS) {
                    li { a href={ "pay/qr/" (qr.id) } {
                        "QR code " (qr.id) " – " (qr.payment_amount.map_or_else(|| "any amount".to_owned(), rupees))
                    } }
                }
                @let orders = merchant.orders.newest_first().filter(|order| order.status != OrderStatus::Paid);
                @for order in orders.take(INDEX_ROWS) {
                    li { a href={ "pay/order/" (order.id) } { "Order " (order.id) " – " (rupees(order.amount_due)) } }
                }
            }
        }
    };
    document("What can be paid", "", &content)
}
