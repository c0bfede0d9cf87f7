//! Disputes: a bank takes money back, or asks first; the merchant answers with evidence or gives in.

use serde_json::{Map, Value, json};

use super::listing::Listed;
use super::metadata::Metadata;
use crate::shelf::Kept;

/// The vendor's fields of evidence, all texts or files.
pub(crate) const EVIDENCE: [&str; 27] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

/// Those of them that name an uploaded file.
pub(crate) const EVIDENCE_FILES: [&str; 9] = [
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
];

#[derive(Debug, Clone)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: &'static str,
    pub(crate) charge: String,
    pub(crate) intent: String,
    pub(crate) brand: &'static str,
    pub(crate) reason: String,
    pub(crate) status: Status,
    pub(crate) metadata: Metadata,
    pub(crate) evidence: Map<String, Value>,
    pub(crate) submissions: u32,
    pub(crate) due_by: i64,
    pub(crate) transactions: Vec<String>,
}

/// Where a dispute stands; the first three are an inquiry's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    WarningNeedsResponse,
    WarningUnderReview,
    WarningClosed,
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::WarningNeedsResponse => "warning_needs_response",
            Self::WarningUnderReview => "warning_under_review",
            Self::WarningClosed => "warning_closed",
            Self::NeedsResponse => "needs_response",
            Self::UnderReview => "under_review",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    pub(crate) fn is_inquiry(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::WarningUnderReview | Self::WarningClosed)
    }

    pub(crate) fn needs_response(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::NeedsResponse)
    }

    pub(crate) fn is_closed(self) -> bool {
        matches!(self, Self::WarningClosed | Self::Won | Self::Lost)
    }
}

impl Kept for Dispute {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Dispute {
    const KIND: &'static str = "dispute";

    fn created(&self) -> i64 {
        self.created
    }
}

impl Dispute {
    pub(crate) fn shown(&self, transactions: &[Value], now_s: i64) -> Value {
        let mut evidence: Map<String, Value> = EVIDENCE
            .iter()
            .map(|field| ((*field).to_owned(), self.evidence.get(*field).cloned().unwrap_or(Value::Null)))
            .collect();
        evidence.insert("enhanced_evidence".to_owned(), json!({}));
        json!({
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": transactions,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "enhanced_eligibility_types": [],
            "evidence": evidence,
            "evidence_details": {
                "due_by": self.due_by,
                "enhanced_eligibility": {},
                "has_evidence": !self.evidence.is_empty(),
                "past_due": self.submissions == 0 && now_s > self.due_by,
                "submission_count": self.submissions,
                "submission_method": if self.submissions == 0 { "not_submitted" } else { "manual" },
            },
            "intended_submission_method": null,
            "is_charge_refundable": self.status.is_inquiry(),
            "livemode": false,
            "metadata": self.metadata,
            "payment_intent": self.intent,
            "payment_method_details": {
                "card": {
                    "brand": self.brand,
                    "case_type": if self.status.is_inquiry() { "inquiry" } else { "chargeback" },
                    "network": self.brand,
                    "network_reason_code": network_reason(&self.reason),
                },
                "type": "card",
            },
            "reason": self.reason,
            "status": self.status.as_str(),
        })
    }
}

fn network_reason(reason: &str) -> Option<&'static str> {
    match reason {
        "fraudulent" => Some("10.4"),
        "product_not_received" => Some("13.1"),
        _ => None,
    }
}
