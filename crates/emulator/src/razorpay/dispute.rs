//! Disputes: a bank asks for a payment back; the merchant accepts, or contests with documents, and the bank decides.
//!
//! The money is taken off the merchant's settlement when the dispute is lost, or at its onset where the bank wants it so, and then it
//! comes back when it is won. A dispute that nobody answered in time is lost.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::desk::{Desk, wire};
use super::error::{Error, Result};
use super::fields::Fields;
use super::order::well_formed;
use super::task::Task;
use crate::shelf::Kept;

/// Kinds of evidence that name documents.
const PROOFS: [&str; 10] = [
    "shipping_proof",
    "billing_proof",
    "cancellation_proof",
    "customer_communication",
    "proof_of_service",
    "explanation_letter",
    "refund_confirmation",
    "access_activity_log",
    "refund_cancellation_policy",
    "term_and_conditions",
];
const SUMMARY_CHARS_MAX: usize = 1_000;
const OTHERS_MAX: usize = 10;
const RESPOND_WITHIN_S_MAX: u32 = 90 * 86_400;

/// How far a dispute has gone between the banks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The payer says it was not them.
    Fraud,
    /// The bank asks for papers; no money moves yet.
    Retrieval,
    /// The bank takes the money back.
    Chargeback,
    /// The bank contests the merchant's evidence.
    PreArbitration,
    /// The card network decides.
    Arbitration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Open,
    UnderReview,
    Won,
    Lost,
    Closed,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) entity: &'static str,
    pub(crate) payment_id: String,
    pub(crate) amount: i64,
    pub(crate) currency: &'static str,
    pub(crate) amount_deducted: i64,
    pub(crate) reason_code: String,
    pub(crate) respond_by: i64,
    pub(crate) status: Status,
    pub(crate) phase: Phase,
    pub(crate) created_at: i64,
    pub(crate) evidence: Value,
    #[serde(skip)]
    deducted_at_onset: bool,
}

impl Kept for Dispute {
    fn id(&self) -> &str {
        &self.id
    }
}

/// A dispute to be opened by a payer's bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDispute {
    /// The payment, which was captured.
    pub payment_id: String,
    /// In paise; the whole payment where absent.
    #[serde(default)]
    pub amount: Option<i64>,
    /// How far it has gone.
    #[serde(default = "chargeback")]
    pub phase: Phase,
    /// Why, in the bank's words.
    #[serde(default = "not_received")]
    pub reason_code: String,
    /// By the emulator's clock; a week where absent.
    #[serde(default = "week_s")]
    pub respond_within_s: u32,
    /// Whether the money is taken at once.
    #[serde(default)]
    pub deduct_at_onset: bool,
}

const fn chargeback() -> Phase {
    Phase::Chargeback
}

fn not_received() -> String {
    "goods_or_services_not_received_or_partially_received".to_owned()
}

const fn week_s() -> u32 {
    7 * 86_400
}

impl NewDispute {
    /// A chargeback of a whole payment, to be answered within a week.
    pub fn of(payment_id: &str) -> Self {
        Self {
            payment_id: payment_id.to_owned(),
            amount: None,
            phase: chargeback(),
            reason_code: not_received(),
            respond_within_s: week_s(),
            deduct_at_onset: false,
        }
    }
}

/// What a bank does about a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The evidence convinces.
    Won,
    /// It does not.
    Lost,
    /// Neither: it is over, as an inquiry ends.
    Closed,
    /// More evidence is wanted, within another week.
    ActionRequired,
}

impl Desk<'_> {
    /// A payer's bank opens a dispute.
    pub(crate) fn open_dispute(&mut self, new: &NewDispute) -> Result<Dispute> {
        let payment = self.payment(&new.payment_id)?;
        let left = payment.amount - payment.amount_refunded;
        let amount = new.amount.unwrap_or(left);
        if !payment.captured || !(1..=left).contains(&amount) {
            return Err(Error::refused("Only what was captured and is not refunded is disputed"));
        }
        if !(1..=RESPOND_WITHIN_S_MAX).contains(&new.respond_within_s) || new.reason_code.len() > 128 {
            return Err(Error::refused("The dispute is out of bounds"));
        }
        let dispute = Dispute {
            id: self.id("disp_"),
            entity: "dispute",
            payment_id: new.payment_id.clone(),
            amount,
            currency: "INR",
            amount_deducted: 0,
            reason_code: new.reason_code.clone(),
            respond_by: self.now_s + i64::from(new.respond_within_s),
            status: Status::Open,
            phase: new.phase,
            created_at: self.now_s,
            evidence: no_evidence(amount),
            deducted_at_onset: new.deduct_at_onset,
        };
        self.merchant.disputes.put(dispute.clone());
        self.schedule(dispute.respond_by, Task::LapseDispute(dispute.id.clone()));
        if dispute.deducted_at_onset {
            self.move_disputed(&dispute, -dispute.amount);
        }
        self.announce_dispute("payment.dispute.created", &dispute);
        Ok(dispute)
    }

    /// What the bank does about a dispute that is not over.
    pub(crate) fn decide_dispute(&mut self, id: &str, decision: Decision) -> Result<Dispute> {
        let dispute = self.dispute(id)?;
        if !matches!(dispute.status, Status::Open | Status::UnderReview) {
            return Err(Error::refused("The dispute is over"));
        }
        match decision {
            Decision::Won => self.end_dispute(id, Status::Won, "payment.dispute.won"),
            Decision::Lost => self.end_dispute(id, Status::Lost, "payment.dispute.lost"),
            Decision::Closed => self.end_dispute(id, Status::Closed, "payment.dispute.closed"),
            Decision::ActionRequired => {
                let respond_by = self.now_s + i64::from(week_s());
                let dispute = self.change_dispute(id, |dispute| {
                    dispute.status = Status::Open;
                    dispute.respond_by = respond_by;
                    dispute.evidence["submitted_at"] = Value::Null;
                })?;
                self.schedule(respond_by, Task::LapseDispute(id.to_owned()));
                self.announce_dispute("payment.dispute.action_required", &dispute);
                Ok(dispute)
            }
        }
    }

    /// Nobody answered in time. One that was given more time is not over yet.
    pub(crate) fn lapse_dispute(&mut self, id: &str) {
        let is_due = |dispute: &Dispute| dispute.status == Status::Open && dispute.respond_by <= self.now_s;
        if self.merchant.disputes.get(id).is_some_and(is_due) {
            let _ = self.end_dispute(id, Status::Lost, "payment.dispute.lost");
        }
    }

    /// The merchant gives in.
    pub(crate) fn accept_dispute(&mut self, id: &str) -> Result<Dispute> {
        if self.dispute(id)?.status != Status::Open {
            return Err(Error::refused("Only a dispute in the open status can be accepted."));
        }
        self.end_dispute(id, Status::Lost, "payment.dispute.lost")
    }

    /// The merchant contests, as a draft or for good.
    pub(crate) fn contest_dispute(&mut self, id: &str, mut fields: Fields) -> Result<Dispute> {
        let dispute = self.dispute(id)?.clone();
        if dispute.status != Status::Open {
            return Err(Error::refused("Only a dispute in the open status can be contested."));
        }
        let action = fields.choice("action", &["draft", "submit"])?.unwrap_or("draft");
        let mut evidence = dispute.evidence.as_object().cloned().unwrap_or_default();
        if let Some(amount) = fields.amount("amount", dispute.amount)? {
            evidence.insert("amount".to_owned(), amount.into());
        }
        if let Some(summary) = fields.text("summary", SUMMARY_CHARS_MAX)? {
            evidence.insert("summary".to_owned(), summary.into());
        }
        for proof in PROOFS {
            if let Some(documents) = fields.texts(proof)? {
                self.check_documents(proof, &documents)?;
                evidence.insert(proof.to_owned(), documents.into());
            }
        }
        if let Some(others) = self.others(&mut fields)? {
            evidence.insert("others".to_owned(), others);
        }
        fields.finish()?;
        if action == "submit" {
            if !has_document(&evidence) {
                return Err(Error::refused("At least one document is required to contest a dispute."));
            }
            evidence.insert("submitted_at".to_owned(), self.now_s.into());
        }
        let changed = self.change_dispute(id, |dispute| {
            dispute.evidence = Value::Object(evidence);
            if action == "submit" {
                dispute.status = Status::UnderReview;
            }
        })?;
        if action == "submit" {
            self.announce_dispute("payment.dispute.under_review", &changed);
        }
        Ok(changed)
    }

    fn others(&self, fields: &mut Fields) -> Result<Option<Value>> {
        let Some(others) = fields.objects("others", OTHERS_MAX)? else { return Ok(None) };
        let mut kept = Vec::new();
        for mut other in others {
            let kind = other.text("type", 64)?.unwrap_or_default();
            let documents = other.texts("document_ids")?.unwrap_or_default();
            self.check_documents("others", &documents)?;
            other.finish()?;
            kept.push(json!({ "type": kind, "document_ids": documents }));
        }
        Ok(Some(kept.into()))
    }

    fn check_documents(&self, field: &'static str, documents: &[String]) -> Result<()> {
        let known = |id: &String| self.merchant.documents.get(id).is_some();
        if documents.iter().all(known) {
            return Ok(());
        }
        Err(Error::invalid(field, "The id provided does not exist"))
    }

    pub(crate) fn dispute(&self, id: &str) -> Result<&Dispute> {
        well_formed(id, "disp_")?;
        self.merchant.disputes.get(id).ok_or_else(Error::unknown_id)
    }

    fn change_dispute(&mut self, id: &str, change: impl FnOnce(&mut Dispute)) -> Result<Dispute> {
        let dispute = self.merchant.disputes.get_mut(id).ok_or_else(Error::unknown_id)?;
        change(dispute);
        Ok(dispute.clone())
    }

    fn end_dispute(&mut self, id: &str, status: Status, event: &'static str) -> Result<Dispute> {
        let dispute = self.change_dispute(id, |dispute| {
            dispute.status = status;
            dispute.amount_deducted = if status == Status::Lost { dispute.amount } else { 0 };
        })?;
        match (status, dispute.deducted_at_onset) {
            (Status::Lost, false) => self.move_disputed(&dispute, -dispute.amount),
            (Status::Won | Status::Closed, true) => self.move_disputed(&dispute, dispute.amount),
            _ => {}
        }
        self.announce_dispute(event, &dispute);
        Ok(dispute)
    }

    fn announce_dispute(&mut self, event: &'static str, dispute: &Dispute) {
        match self.merchant.payments.get(&dispute.payment_id).map(wire) {
            Some(payment) => self.announce(event, &[("payment", payment), ("dispute", wire(dispute))]),
            None => self.announce(event, &[("dispute", wire(dispute))]),
        }
    }
}

fn no_evidence(amount: i64) -> Value {
    let mut evidence: Map<String, Value> =
        PROOFS.iter().map(|proof| ((*proof).to_owned(), Value::Null)).collect();
    evidence.insert("amount".to_owned(), amount.into());
    for empty in ["summary", "others", "submitted_at"] {
        evidence.insert(empty.to_owned(), Value::Null);
    }
    Value::Object(evidence)
}

fn has_document(evidence: &Map<String, Value>) -> bool {
    let any = |value: &Value| value.as_array().is_some_and(|documents| !documents.is_empty());
    PROOFS.iter().chain(&["others"]).any(|proof| evidence.get(*proof).is_some_and(any))
}
