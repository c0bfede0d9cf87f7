//! Disputes opened by banks, answered by merchants and decided.

use serde_json::{Map, Value};

use super::balance::{Booking, Movement};
use super::charge::Standing;
use super::desk::Desk;
use super::dispute::{Dispute, EVIDENCE, EVIDENCE_FILES, Status};
use super::error::{Error, Result};
use super::listing::Page;
use super::metadata::Metadata;
use super::params::{Params, cut};
use super::task::Task;

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
        let settings = &self.account.settings;
        let is_kept = sign > 0 && settings.dispute_fee_kept;
        let fee = if is_kept { 0 } else { settings.dispute_fee_minor };
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
                return Err(Error::unknown_params(&[format!("evidence[{}]", cut(&field))]));
            }
            if EVIDENCE_FILES.contains(&field.as_str())
                && !text.is_empty()
                && self.account.files.get(&text).is_none()
            {
                return Err(Error::no_such_param("file upload", &text, &format!("evidence[{field}]")));
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
