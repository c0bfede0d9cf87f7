//! What proves that a sale was good: the agreement with everything that was said, the order and what became of it, the payment, the papers.
//!
//! All of it came down when the order opened or is the order's own, so that nothing has to be looked up where it may be gone. Each part
//! stands with its SHA-256; the whole is a sheet that a bank can read, in English, and the same as JSON.

use billing::{Document, EvidenceCell, EvidencePaper, EvidenceSection};
use chrono::{DateTime, SecondsFormat, Utc};
use payments::{DisputeView, PaymentView};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use types::TenantId;
use utoipa::ToSchema;

use crate::order::{Line, Order};
use crate::refund::{RefundView, shown};
use crate::view::TimelineStep;
use crate::{Error, Orders, db};

/// The longest text of a message that stands on the sheet, in characters; the JSON has all of it.
const TEXT_CHARS_MAX: usize = 600;

/// What is sent as evidence, part by part.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EvidencePack {
    /// The parts.
    pub parts: Vec<EvidencePart>,
    /// The SHA-256 over the parts' hashes, one a line, in hexadecimal digits.
    pub sha256: String,
}

/// A part of the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EvidencePart {
    /// `order`, `agreement`, `payment`, `delivery`, `refunds` or `documents`.
    pub name: String,
    /// The SHA-256 of `content` as it is written here without spaces, in hexadecimal digits.
    pub sha256: String,
    /// What it says.
    #[schema(value_type = Object)]
    pub content: Value,
}

/// All that the evidence is made of.
pub(crate) struct Facts {
    pub order: Order,
    pub stall_name: String,
    pub lines: Vec<Line>,
    /// What was said on the way to each line.
    pub transcripts: Vec<Value>,
    pub timeline: Vec<TimelineStep>,
    pub payment: PaymentView,
    pub refunds: Vec<RefundView>,
    pub documents: Vec<Document>,
}

impl Orders {
    /// What is known of a disputed order.
    pub(crate) async fn facts_of(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        dispute: &DisputeView,
    ) -> Result<Facts, Error> {
        let id = dispute.order_id.ok_or(Error::NotFound)?;
        let order = db::orders::of_stall(connection, tenant, id).await?.ok_or(Error::NotFound)?;
        let mut standing = self.payments.refunds_of(connection, tenant, id).await?;
        standing.extend(self.payments.lost_of(connection, tenant, id).await?);
        let kept = db::refunds::of_order(connection, tenant, id).await?;
        Ok(Facts {
            stall_name: self.stall_name(connection, tenant).await?,
            lines: db::lines::of_order(connection, tenant, id).await?,
            transcripts: db::lines::transcripts_of(connection, tenant, id).await?,
            timeline: db::events::of_order(connection, tenant, id).await?,
            payment: self.payments.payment_of(connection, tenant, id).await?,
            refunds: shown(&kept, &standing),
            documents: self.billing.documents_of(connection, tenant, &[id]).await?,
            order,
        })
    }
}

impl Facts {
    /// The parts with their hashes.
    pub(crate) fn pack(&self) -> EvidencePack {
        let lines = self.lines.iter().map(|line| {
            json!({
                "line": line.line, "product": line.product_name, "item": line.item, "quantity": line.quantity,
                "unit": line.unit, "price": line.price, "total": line.total, "offer": line.offer,
            })
        });
        let order = &self.order;
        let contents = [
            (
                "order",
                json!({
                    "id": order.id, "number": order.number, "stall": self.stall_name, "opened_at": order.created_at,
                    "buyer": order.guest, "total": order.total, "lines": lines.collect::<Vec<_>>(),
                }),
            ),
            ("agreement", json!(self.transcripts)),
            ("payment", json!(self.payment)),
            ("delivery", json!(self.timeline)),
            ("refunds", json!(self.refunds)),
            ("documents", json!(self.documents)),
        ];
        let parts: Vec<EvidencePart> = contents
            .into_iter()
            .map(|(name, content)| {
                let sha256 = hex::encode(Sha256::digest(content.to_string()));
                EvidencePart { name: name.to_owned(), sha256, content }
            })
            .collect();
        let hashes: Vec<&str> = parts.iter().map(|part| part.sha256.as_str()).collect();
        EvidencePack { sha256: hex::encode(Sha256::digest(hashes.join("\n"))), parts }
    }

    /// The sheet that a bank reads, with so many messages of each line at most: the last before the deal.
    pub(crate) fn sheet(
        &self,
        dispute: &DisputeView,
        statement: Option<&str>,
        messages_max: usize,
    ) -> EvidencePaper {
        let pack = self.pack();
        let mut sections = vec![self.summary(dispute)];
        sections.extend(
            statement.map(|words| facts("In the seller's words", vec![("Statement", words.to_owned())])),
        );
        sections.push(self.sold());
        sections.extend(self.said(messages_max));
        sections.push(self.became());
        let hashes =
            pack.parts.iter().map(|part| vec![part.name.as_str().into(), part.sha256.as_str().into()]);
        sections.push(EvidenceSection {
            title: "Hashes (SHA-256) of the records that this sheet is made of".to_owned(),
            widths: vec![1, 5],
            head: Vec::new(),
            rows: hashes.collect(),
        });
        EvidencePaper {
            title: format!("Evidence for order {} of {}", self.order.number, self.stall_name),
            footer: format!("Dispute {} · {}", dispute.id, pack.sha256),
            sections,
        }
    }

    fn summary(&self, dispute: &DisputeView) -> EvidenceSection {
        let payment = &self.payment;
        let mut rows = vec![
            ("Disputed", format!("{} ({}, {})", dispute.amount, dispute.reason, dispute.phase)),
            ("Paid", payment.amount.to_string()),
            ("Method", payment.method.clone().unwrap_or_default()),
            ("Reference", payment.reference.clone().unwrap_or_default()),
            ("Paid at", payment.paid_at.map(moment).unwrap_or_default()),
            ("Agreed at", moment(self.order.created_at)),
        ];
        rows.extend(payment.refunded.map(|refunded| ("Given back", refunded.to_string())));
        rows.extend(self.documents.last().map(|document| ("Invoice", document.number.clone())));
        facts("The sale", rows)
    }

    fn sold(&self) -> EvidenceSection {
        let row = |line: &Line| {
            vec![
                line.product_name.as_str().into(),
                format!("{} {}", line.quantity, line.unit).into(),
                line.price.amount().to_string().into(),
                line.total.to_string().into(),
            ]
        };
        EvidenceSection {
            title: "What was sold".to_owned(),
            widths: vec![4, 2, 2, 2],
            head: ["Goods", "Quantity", "Price", "Total"].map(str::to_owned).to_vec(),
            rows: self.lines.iter().map(row).collect(),
        }
    }

    fn said(&self, messages_max: usize) -> impl Iterator<Item = EvidenceSection> {
        let told = self.lines.iter().zip(&self.transcripts).filter(move |_| messages_max > 0);
        told.map(move |(line, transcript)| {
            let said = transcript.as_array().map(Vec::as_slice).unwrap_or_default();
            let from = said.len().saturating_sub(messages_max);
            EvidenceSection {
                title: format!("What was said before the deal on {}", line.product_name),
                widths: vec![3, 2, 9],
                head: ["When", "Who", "What, in both languages, and the recording's SHA-256"]
                    .map(str::to_owned)
                    .to_vec(),
                rows: said[from..].iter().map(message).collect(),
            }
        })
    }

    fn became(&self) -> EvidenceSection {
        let steps = self.timeline.iter().map(|step| {
            let state = serde_json::to_value(step.state).ok();
            let state = state.as_ref().and_then(Value::as_str).unwrap_or_default().replace('_', " ");
            vec![moment(step.at).into(), state.into()]
        });
        let refunds = self.refunds.iter().map(|refund| {
            let why = refund.reason.as_deref().unwrap_or("at the gateway");
            vec![moment(refund.created_at).into(), format!("{} given back: {why}", refund.amount).into()]
        });
        EvidenceSection {
            title: "What became of it".to_owned(),
            widths: vec![1, 3],
            head: Vec::new(),
            rows: steps.chain(refunds).collect(),
        }
    }
}

/// A message, or a question that was answered with yes, as the sheet shows it.
fn message(said: &Value) -> Vec<EvidenceCell> {
    let text =
        |value: &Value| value.as_str().map(|text| text.chars().take(TEXT_CHARS_MAX).collect::<String>());
    let mut lines: Vec<String> = text(&said["text"]).into_iter().collect();
    if !said["confirmed"].is_null() {
        lines.push(
            format!("Read back and confirmed: {}", said["confirmed"]).chars().take(TEXT_CHARS_MAX).collect(),
        );
    }
    for read in said["read_as"].as_array().into_iter().flatten() {
        lines.extend(text(&read["text"]).filter(|told| !lines.contains(told)));
    }
    lines.extend(
        text(&said["in_english"]).filter(|told| !told.is_empty()).map(|acts| format!("Understood: {acts}")),
    );
    lines.extend(text(&said["recording_sha256"]).map(|hash| format!("Recording {hash}")));
    let at = said["at"].as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    vec![
        at.map(moment).unwrap_or_default().into(),
        said["by"].as_str().unwrap_or_default().into(),
        EvidenceCell(lines),
    ]
}

fn facts(title: &str, rows: Vec<(&str, String)>) -> EvidenceSection {
    let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
    EvidenceSection {
        title: title.to_owned(),
        widths: vec![1, 3],
        head: Vec::new(),
        rows: rows.map(|(label, value)| vec![label.into(), value.into()]).collect(),
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
