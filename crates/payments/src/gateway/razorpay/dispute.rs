//! The vendor's disputes.

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use super::wire::rupees;
use crate::dispute::FileKind;
use crate::gateway::{self, Contest};

/// The longest summary that the vendor takes, in characters.
const SUMMARY_CHARS_MAX: usize = 1_000;

#[derive(Debug, Deserialize)]
pub(super) struct Dispute {
    id: String,
    payment_id: String,
    amount: i64,
    currency: String,
    #[serde(default)]
    reason_code: Option<String>,
    respond_by: Option<i64>,
    status: Status,
    #[serde(default)]
    phase: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Open,
    UnderReview,
    Won,
    Lost,
    Closed,
}

/// Evidence as the vendor takes it.
#[derive(Debug, Serialize)]
pub(super) struct Evidence<'a> {
    summary: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    billing_proof: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    proof_of_service: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    customer_communication: Vec<&'a str>,
    action: &'static str,
}

#[derive(Debug, Deserialize)]
pub(super) struct Document {
    pub id: String,
}

impl<'a> From<&'a Contest<'a>> for Evidence<'a> {
    fn from(contest: &'a Contest<'a>) -> Self {
        let of = |wanted: FileKind| {
            let files = contest.files.iter().filter(move |(kind, _)| *kind == wanted);
            files.map(|(_, document)| document.as_str()).collect()
        };
        Self {
            summary: contest.summary.chars().take(SUMMARY_CHARS_MAX).collect(),
            billing_proof: of(FileKind::Invoice),
            proof_of_service: of(FileKind::Photo),
            customer_communication: of(FileKind::Pack),
            action: "submit",
        }
    }
}

impl From<Dispute> for gateway::Dispute {
    fn from(dispute: Dispute) -> Self {
        Self {
            amount: rupees(dispute.amount, &dispute.currency),
            state: match dispute.status {
                Status::Open => gateway::DisputeState::NeedsAnswer,
                Status::UnderReview => gateway::DisputeState::UnderReview,
                Status::Won => gateway::DisputeState::Won,
                Status::Lost => gateway::DisputeState::Lost,
                Status::Closed => gateway::DisputeState::Closed,
            },
            reason: dispute.reason_code.unwrap_or_else(|| "other".to_owned()),
            phase: dispute.phase.unwrap_or_else(|| "chargeback".to_owned()),
            respond_by: dispute.respond_by.and_then(|at| DateTime::from_timestamp(at, 0)),
            fee_minor: None,
            movements: Vec::new(),
            id: dispute.id,
            payment: dispute.payment_id,
        }
    }
}
