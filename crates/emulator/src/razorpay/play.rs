//! What a payer may do, as a command.

use serde::{Deserialize, Serialize};

use super::payment::Method;

/// One attempt of a payer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Play {
    /// The order to pay; this or `qr_id`.
    #[serde(default)]
    pub order_id: Option<String>,
    /// The QR code to pay; this or `order_id`.
    #[serde(default)]
    pub qr_id: Option<String>,
    /// UPI where absent. QR codes take nothing else.
    #[serde(default)]
    pub method: Method,
    /// In paise, for a QR code that fixes none.
    #[serde(default)]
    pub amount: Option<i64>,
    /// The payer's UPI id.
    #[serde(default)]
    pub vpa: Option<String>,
    /// Whether the checkout was opened for a mandate, with `recurring`: without it an order's `token` registers nothing.
    #[serde(default)]
    pub recurring: bool,
    /// How it goes; success where absent.
    #[serde(default)]
    pub outcome: Outcome,
}

/// How an attempt goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// The bank says yes at once.
    #[default]
    Success,
    /// The bank says no at once.
    Failure {
        /// A documented reason, `payment_declined` for example.
        #[serde(default = "declined")]
        reason: String,
    },
    /// The bank does not answer in time, and perhaps says yes later.
    Late {
        /// When the gateway gives up waiting; 0 is at once. The vendor waits 600 s.
        #[serde(default)]
        fails_after_s: u32,
        /// When the bank says yes, counted from the attempt; never where `null`.
        #[serde(default = "soon")]
        authorizes_after_s: Option<u32>,
    },
}

fn declined() -> String {
    "payment_declined".to_owned()
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's own type")]
fn soon() -> Option<u32> {
    Some(30)
}

impl Play {
    /// A payer pays this order.
    pub fn order(order_id: &str) -> Self {
        Self { order_id: Some(order_id.to_owned()), ..Self::nothing() }
    }

    /// A payer scans and pays this QR code.
    pub fn qr(qr_id: &str) -> Self {
        Self { qr_id: Some(qr_id.to_owned()), ..Self::nothing() }
    }

    fn nothing() -> Self {
        let outcome = Outcome::Success;
        let (order_id, qr_id, recurring) = (None, None, false);
        Self { order_id, qr_id, method: Method::Upi, amount: None, vpa: None, recurring, outcome }
    }

    /// The same attempt, registering the order's mandate, by this method.
    #[must_use]
    pub fn registering(self, method: Method) -> Self {
        Self { recurring: true, method, ..self }
    }

    /// The same attempt with another end.
    #[must_use]
    pub fn with(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }
}
