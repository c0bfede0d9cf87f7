//! The vendor's disputes.

use chrono::DateTime;
use serde::Deserialize;

use super::wire::{Listed, rupees};
use crate::dispute::FileKind;
use crate::gateway::{self, Contest};

#[derive(Debug, Deserialize)]
pub(super) struct Dispute {
    id: String,
    amount: i64,
    currency: String,
    payment_intent: Option<String>,
    reason: String,
    status: String,
    evidence_details: Option<Details>,
    #[serde(default)]
    balance_transactions: Vec<Movement>,
}

#[derive(Debug, Deserialize)]
struct Details {
    due_by: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Movement {
    id: String,
    fee: i64,
    net: i64,
}

/// A file that the vendor has taken.
#[derive(Debug, Deserialize)]
pub(super) struct File {
    pub id: String,
}

/// An answer as the vendor's form: the words, and each file under what it proves.
pub(super) fn evidence(contest: &Contest<'_>) -> Vec<(String, String)> {
    let field = |kind| match kind {
        FileKind::Pack => "customer_communication",
        FileKind::Invoice => "receipt",
        FileKind::Photo => "uncategorized_file",
    };
    let files = contest.files.iter().map(|(kind, id)| (format!("evidence[{}]", field(*kind)), id.clone()));
    let words = ("evidence[uncategorized_text]".to_owned(), contest.summary.to_owned());
    [words].into_iter().chain(files).chain([("submit".to_owned(), "true".to_owned())]).collect()
}

impl Listed for Dispute {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Dispute {
    /// The dispute as we know it; none of what is no payment of ours, or in a state that the vendor added since.
    pub fn known(self) -> Option<gateway::Dispute> {
        let state = match self.status.as_str() {
            "needs_response" | "warning_needs_response" => gateway::DisputeState::NeedsAnswer,
            "under_review" | "warning_under_review" => gateway::DisputeState::UnderReview,
            "won" => gateway::DisputeState::Won,
            "lost" => gateway::DisputeState::Lost,
            "warning_closed" | "prevented" => gateway::DisputeState::Closed,
            _ => return None,
        };
        let is_inquiry = self.status.starts_with("warning_");
        Some(gateway::Dispute {
            amount: rupees(self.amount, &self.currency),
            state,
            phase: if is_inquiry { "inquiry" } else { "chargeback" }.to_owned(),
            respond_by: self
                .evidence_details
                .and_then(|details| details.due_by)
                .and_then(|at| DateTime::from_timestamp(at, 0)),
            // What came back with the money is below zero.
            fee_minor: Some(self.balance_transactions.iter().map(|moved| moved.fee).sum::<i64>().max(0)),
            movements: self.balance_transactions.into_iter().map(|moved| (moved.id, moved.net)).collect(),
            reason: self.reason,
            id: self.id,
            payment: self.payment_intent?,
        })
    }
}
