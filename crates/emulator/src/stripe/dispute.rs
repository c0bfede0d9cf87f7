//! Disputes: a bank takes money back, or asks first; the merchant answers with evidence or gives in.

use serde_json::{Map, Value, json};

use super::balance::{Booking, Movement};
use super::charge::Standing;
use super::desk::Desk;
use super::error::{Error, Result};
use super::listing::{Listed, Page};
use super::metadata::Metadata;
use super::params::Params;
use super::task::Task;
use crate::shelf::Kept;

/// The vendor's fields of evidence, all texts or files.
const EVIDENCE: [&str; 27] = [
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

#[derive(Debug, Clone)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    created: i64,
    amount: i64,
    currency: &'static str,
    charge: String,
    intent: String,
    brand: &'static str,
    reason: String,
    status: Status,
    metadata: Metadata,
    evidence: Map<String, Value>,
    submissions: u32,
    due_by: i64,
    transactions: Vec<String>,
}

/// Where a dispute stands; the first three are an inquiry's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
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

    fn is_inquiry(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::WarningUnderReview | Self::WarningClosed)
    }

    fn needs_response(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::NeedsResponse)
    }

    fn is_closed(self) -> bool {
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
    fn shown(&self, transactions: &[Value], now_s: i64) -> Value {
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

/// What a text of evidence is documented to do to a test dispute.
fn forced(evidence: &Map<String, Value>) -> Option<&str> {
    evidence.get("uncategorized_text").and_then(Value::as_str)
}

impl Desk<'_> {
    pub(crate) fn shown_dispute(&self, dispute: &Dispute) -> Value {
        let kept = dispute.transactions.iter().filter_map(|id| self.account.transactions.get(id));
        let shown: Vec<Value> = kept.map(|transaction| transaction.shown(self.now_s)).collect();
        dispute.shown(&shown, self.now_s)
    }

    /// A bank disputes a captured charge, or asks about it. Gives the dispute's id.
    pub(crate) fn open_dispute(
        &mut self,
        charge: &str,
        reason: &str,
        amount: Option<i64>,
        inquiry: bool,
    ) -> Option<String> {
        let charge = self
            .account
            .charges
            .get_mut(charge)
            .filter(|charge| charge.captured && charge.standing == Standing::Undisputed)?;
        charge.standing = Standing::Disputed;
        let charge = charge.clone();
        let due_s = self.account.settings.dispute_due_after_s;
        let dispute = Dispute {
            id: self.id("du_"),
            created: self.now_s,
            amount: amount.unwrap_or(charge.amount_captured).clamp(1, charge.amount_captured),
            currency: charge.currency,
            charge: charge.id,
            intent: charge.intent,
            brand: charge.card.brand,
            reason: reason.to_owned(),
            status: if inquiry { Status::WarningNeedsResponse } else { Status::NeedsResponse },
            metadata: Metadata::default(),
            evidence: Map::new(),
            submissions: 0,
            due_by: self.now_s + i64::from(due_s),
            transactions: Vec::new(),
        };
        let id = dispute.id.clone();
        self.schedule(due_s, Task::LoseDispute(id.clone()));
        self.account.disputes.put(dispute);
        if !inquiry {
            self.withdraw(&id);
        }
        self.announce_dispute("charge.dispute.created", &id);
        if !inquiry {
            self.announce_dispute("charge.dispute.funds_withdrawn", &id);
        }
        Some(id)
    }

    /// Takes the disputed money and the fee.
    fn withdraw(&mut self, id: &str) {
        self.move_disputed(id, Movement::Dispute, -1, "Chargeback withdrawal for");
    }

    fn move_disputed(&mut self, id: &str, movement: Movement, sign: i64, words: &str) {
        let Some(dispute) = self.account.disputes.get(id) else { return };
        let (amount, currency, charge) = (dispute.amount, dispute.currency, dispute.charge.clone());
        let fee = self.account.settings.dispute_fee_minor;
        let transaction = self.book(Booking {
            movement,
            amount: sign * amount,
            fee: -sign * fee,
            currency,
            description: Some(format!("{words} {charge}")),
            source: id,
            pends_s: 0,
        });
        if let Some(dispute) = self.account.disputes.get_mut(id) {
            dispute.transactions.push(transaction);
        }
        if let Some(charge) = self.account.charges.get_mut(&charge) {
            charge.standing = if sign < 0 { Standing::ChargedBack } else { Standing::Disputed };
        }
    }

    fn announce_dispute(&mut self, kind: &'static str, id: &str) {
        if let Some(shown) = self.account.disputes.get(id).map(|dispute| self.shown_dispute(dispute)) {
            self.announce(kind, shown);
        }
    }

    pub(crate) fn dispute(&self, id: &str) -> Result<&Dispute> {
        self.account.disputes.get(id).ok_or_else(|| Error::no_such("dispute", id, "id"))
    }

    pub(crate) fn update_dispute(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let mut dispute = self.dispute(id)?.clone();
        let before = self.shown_dispute(&dispute);
        dispute.metadata.change(&mut params)?;
        let submit = params.flag("submit")?.unwrap_or(true);
        let given = params.group("evidence")?;
        params.finish()?;
        let answers = given.is_some();
        for (field, text) in given.map_or_else(|| Ok(Vec::new()), Params::texts)? {
            if !EVIDENCE.contains(&field.as_str()) {
                return Err(Error::unknown_params(&[format!("evidence[{}]", super::params::cut(&field))]));
            }
            if text.is_empty() {
                dispute.evidence.remove(&field);
            } else {
                dispute.evidence.insert(field, text.into());
            }
        }
        if answers && !dispute.status.needs_response() {
            return Err(Error::refused("This dispute is already closed or has been submitted."));
        }
        let submits = answers && submit && !dispute.evidence.is_empty();
        if submits {
            dispute.submissions += 1;
            let inquiry = dispute.status.is_inquiry();
            dispute.status = if inquiry { Status::WarningUnderReview } else { Status::UnderReview };
        }
        let verdict = forced(&dispute.evidence).map(str::to_owned).filter(|_| submits);
        let shown = self.shown_dispute(&dispute);
        self.account.disputes.put(dispute);
        self.announce_change("charge.dispute.updated", &before, shown.clone());
        let after_s = self.account.settings.dispute_decided_after_s;
        let id = id.to_owned();
        match verdict.as_deref() {
            Some("winning_evidence") => self.schedule(after_s, Task::DecideDispute { id, won: true }),
            Some("losing_evidence") => self.schedule(after_s, Task::DecideDispute { id, won: false }),
            Some("escalate_inquiry_evidence") => self.schedule(after_s, Task::EscalateDispute(id)),
            _ => {}
        }
        Ok(shown)
    }

    /// Gives in: the dispute is lost.
    pub(crate) fn close_dispute(&mut self, id: &str, params: Params) -> Result<Value> {
        let status = self.dispute(id)?.status;
        params.finish()?;
        if !status.needs_response() {
            return Err(Error::refused("This dispute is already closed."));
        }
        self.decide_dispute(id, false);
        self.dispute(id).map(|dispute| self.shown_dispute(dispute))
    }

    /// Ends a dispute, for the merchant or for the buyer.
    pub(crate) fn decide_dispute(&mut self, id: &str, won: bool) {
        let Some(dispute) = self.account.disputes.get_mut(id).filter(|dispute| !dispute.status.is_closed())
        else {
            return;
        };
        let inquiry = dispute.status.is_inquiry();
        dispute.status = match (inquiry, won) {
            (true, _) => Status::WarningClosed,
            (false, true) => Status::Won,
            (false, false) => Status::Lost,
        };
        let reinstated = won && !inquiry;
        if reinstated {
            self.move_disputed(id, Movement::DisputeReversal, 1, "Chargeback reversal for");
        }
        self.announce_dispute("charge.dispute.closed", id);
        if reinstated {
            self.announce_dispute("charge.dispute.funds_reinstated", id);
        }
    }

    /// Turns an inquiry into a chargeback.
    pub(crate) fn escalate_dispute(&mut self, id: &str) {
        let Some(dispute) = self.account.disputes.get_mut(id) else { return };
        if !dispute.status.is_inquiry() || dispute.status.is_closed() {
            return;
        }
        dispute.status = Status::NeedsResponse;
        self.withdraw(id);
        self.announce_dispute("charge.dispute.updated", id);
        self.announce_dispute("charge.dispute.funds_withdrawn", id);
    }

    /// Decides against a merchant who sent no evidence in time.
    pub(crate) fn lose_unanswered(&mut self, id: &str) {
        if self.account.disputes.get(id).is_some_and(|dispute| dispute.status.needs_response()) {
            self.decide_dispute(id, false);
        }
    }

    pub(crate) fn list_disputes(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let (charge, intent) = (params.text("charge")?, params.text("payment_intent")?);
        params.finish()?;
        let wanted = self.account.disputes.newest_first().filter(|dispute| {
            charge.as_ref().is_none_or(|charge| dispute.charge == *charge)
                && intent.as_ref().is_none_or(|intent| dispute.intent == *intent)
        });
        page.of(wanted, "/v1/disputes", |dispute| self.shown_dispute(dispute))
    }
}
