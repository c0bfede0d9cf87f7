//! The vendor's JSON. Only what we use; what it adds later is ignored.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde::Deserialize;
use types::{IntentId, Money, TenantId};
use uuid::Uuid;

use crate::gateway;
use crate::method::{MethodKind, MethodState};
use crate::reconcile::line::{Line, LineKind};

/// What is written on everything we make, to find the intent again.
pub(super) const TENANT: &str = "tenant_id";
pub(super) const INTENT: &str = "intent_id";
/// What is written on refunds: under which key each was asked for.
pub(super) const REFUND_KEY: &str = "refund_key";

type Metadata = BTreeMap<String, String>;

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub data: Vec<T>,
    pub has_more: bool,
}

/// What stands in a list: the next page begins after the last one's id.
pub(super) trait Listed {
    fn id(&self) -> &str;
}

/// An object, or only its id where it was not asked for.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Expandable<T> {
    Id(#[expect(dead_code, reason = "an id says all that it says by being one")] String),
    Whole(Box<T>),
}

impl<T> Expandable<T> {
    fn whole(self) -> Option<T> {
        match self {
            Self::Id(_) => None,
            Self::Whole(whole) => Some(*whole),
        }
    }
}

/// A hosted page.
#[derive(Debug, Deserialize)]
pub(super) struct Session {
    pub id: String,
    /// While it can be paid.
    pub url: Option<String>,
    pub client_reference_id: Option<String>,
    /// From the first attempt on.
    pub payment_intent: Option<Expandable<PaymentIntent>>,
}

/// One payment, through as many attempts as it takes.
#[derive(Debug, Deserialize)]
pub(super) struct PaymentIntent {
    pub id: String,
    amount: i64,
    currency: String,
    status: Status,
    #[serde(default)]
    metadata: Metadata,
    last_payment_error: Option<serde::de::IgnoredAny>,
    latest_charge: Option<Expandable<Charge>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Canceled,
    Succeeded,
}

/// One attempt at a bank.
#[derive(Debug, Deserialize)]
struct Charge {
    /// Whether all of it went back.
    refunded: bool,
    payment_method_details: Option<MethodDetails>,
    /// A moment after the money is taken.
    balance_transaction: Option<Expandable<Movement>>,
}

#[derive(Debug, Deserialize)]
struct MethodDetails {
    #[serde(rename = "type")]
    kind: String,
    card: Option<CardDetails>,
}

#[derive(Debug, Deserialize)]
struct CardDetails {
    network_transaction_id: Option<String>,
}

/// A movement of our balance.
#[derive(Debug, Deserialize)]
pub(super) struct Movement {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    amount: i64,
    /// With the tax in it.
    fee: i64,
    net: i64,
    currency: String,
    created: i64,
    #[serde(default)]
    fee_details: Vec<FeePart>,
    source: Option<Expandable<Source>>,
}

#[derive(Debug, Deserialize)]
struct FeePart {
    #[serde(rename = "type")]
    kind: String,
    amount: i64,
}

/// What moved: a charge, a refund, a dispute, a payout …
#[derive(Debug, Deserialize)]
struct Source {
    id: String,
    payment_intent: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    id: String,
    amount: i64,
    currency: String,
    status: Option<String>,
    payment_intent: Option<String>,
    #[serde(default)]
    metadata: Option<Metadata>,
}

/// What is known by its id alone.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct PaymentMethod {
    id: String,
    card: Option<Card>,
}

#[derive(Debug, Deserialize)]
struct Card {
    fingerprint: Option<String>,
    brand: String,
    last4: String,
    exp_month: i16,
    exp_year: i16,
}

/// Money sent to our bank.
#[derive(Debug, Deserialize)]
pub(super) struct Payout {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub created: i64,
    /// When it is at the bank: midnight of the day.
    pub arrival_date: i64,
    /// Whether it can be asked what was in it.
    pub automatic: bool,
    trace_id: Option<Trace>,
}

#[derive(Debug, Deserialize)]
struct Trace {
    value: Option<String>,
}

/// The envelope of every webhook.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub data: EventData,
}

#[derive(Debug, Deserialize)]
pub(super) struct EventData {
    pub object: Object,
}

/// What an event is about.
#[derive(Debug, Deserialize)]
#[serde(tag = "object", rename_all = "snake_case")]
pub(super) enum Object {
    PaymentIntent {
        id: String,
    },
    #[serde(rename = "checkout.session")]
    Session {
        payment_intent: Option<String>,
        #[serde(default)]
        setup_intent: Option<String>,
        #[serde(default)]
        customer: Option<String>,
    },
    Charge {
        payment_intent: Option<String>,
    },
    Dispute {
        id: String,
        payment_intent: Option<String>,
    },
    Refund {
        id: String,
        payment_intent: Option<String>,
    },
    #[serde(other)]
    Other,
}

/// The body of a refusal.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    pub error: RefusalError,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct RefusalError {
    pub code: Option<String>,
    pub decline_code: Option<String>,
    #[serde(default)]
    pub message: String,
}

impl Listed for Session {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for PaymentIntent {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Refund {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for PaymentMethod {
    fn id(&self) -> &str {
        &self.id
    }
}

impl PaymentMethod {
    /// The card as we know it; none of what is no card.
    pub fn kept(self) -> Option<gateway::Method> {
        let card = self.card?;
        Some(gateway::Method {
            fingerprint: card.fingerprint.unwrap_or_else(|| self.id.clone()),
            id: self.id,
            kind: MethodKind::Card,
            state: Some(MethodState::Active),
            brand: card.brand,
            last4: Some(card.last4),
            expires: Some((card.exp_month, card.exp_year)),
            upi_id: None,
            max_minor: None,
        })
    }
}

impl Listed for Payout {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Movement {
    fn id(&self) -> &str {
        &self.id
    }
}

pub(super) fn rupees(amount: i64, currency: &str) -> Option<Money> {
    currency.eq_ignore_ascii_case("inr").then(|| Money::inr(amount))
}

fn intent_on(metadata: &Metadata) -> Option<(TenantId, IntentId)> {
    let id = |name: &str| metadata.get(name).and_then(|text| Uuid::parse_str(text).ok());
    let (tenant, intent) = id(TENANT).zip(id(INTENT))?;
    Some((tenant.into(), intent.into()))
}

impl Session {
    /// The order as we know it; none where it can be paid no longer.
    pub fn order(self) -> gateway::Order {
        gateway::Order { id: self.id, page: self.url }
    }

    /// What was tried to pay it.
    pub fn payment(self) -> Option<PaymentIntent> {
        self.payment_intent?.whole()
    }
}

impl From<PaymentIntent> for gateway::Payment {
    fn from(intent: PaymentIntent) -> Self {
        let charge = intent.latest_charge.and_then(Expandable::whole);
        let succeeded = intent.status == Status::Succeeded;
        let state = match intent.status {
            Status::Succeeded if charge.as_ref().is_some_and(|charge| charge.refunded) => {
                gateway::PaymentState::Refunded
            }
            Status::Succeeded => gateway::PaymentState::Captured,
            Status::Processing | Status::RequiresCapture => gateway::PaymentState::Authorized,
            Status::Canceled => gateway::PaymentState::Failed,
            Status::RequiresPaymentMethod if intent.last_payment_error.is_some() => {
                gateway::PaymentState::Failed
            }
            Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::RequiresAction => {
                gateway::PaymentState::Created
            }
        };
        let (details, movement) =
            charge.map_or((None, None), |charge| (charge.payment_method_details, charge.balance_transaction));
        let movement = movement.and_then(Expandable::whole);
        let (method, card) = details.map_or((None, None), |details| (Some(details.kind), details.card));
        Self {
            amount: rupees(intent.amount, &intent.currency),
            state,
            order: None,
            intent: intent_on(&intent.metadata),
            method: method.unwrap_or_else(|| "other".to_owned()),
            reference: card.and_then(|card| card.network_transaction_id),
            captured: succeeded,
            fee_minor: movement.map(|movement| movement.fee),
            id: intent.id,
        }
    }
}

impl Refund {
    pub fn was_asked_under(&self, key: &str) -> bool {
        self.metadata.as_ref().and_then(|metadata| metadata.get(REFUND_KEY)).is_some_and(|own| own == key)
    }

    /// The refund as we know it; none of what is no payment of ours.
    pub fn known(self) -> Option<gateway::Refund> {
        Some(gateway::Refund {
            amount: rupees(self.amount, &self.currency),
            state: match self.status.as_deref() {
                Some("succeeded") => gateway::RefundState::Processed,
                Some("failed" | "canceled") => gateway::RefundState::Failed,
                _ => gateway::RefundState::Pending,
            },
            receipt: self.metadata.and_then(|mut metadata| metadata.remove(REFUND_KEY)),
            id: self.id,
            payment: self.payment_intent?,
        })
    }
}

impl Payout {
    /// What the bank calls it.
    pub fn utr(&self) -> Option<String> {
        self.trace_id.as_ref()?.value.clone()
    }

    /// The whole of it as one line, to be looked at: what was in it cannot be asked.
    pub fn line(&self) -> Option<Line> {
        let movement = Movement {
            id: self.id.clone(),
            kind: "payout".to_owned(),
            amount: self.amount,
            fee: 0,
            net: self.amount,
            currency: self.currency.clone(),
            created: self.created,
            fee_details: Vec::new(),
            source: None,
        };
        movement.adjustment(self)
    }
}

impl Movement {
    /// The line that it is in the settlement of a payout; none of the payout itself.
    pub fn settled(self, payout: &Payout) -> Option<Line> {
        let kind = match self.kind.as_str() {
            "payout" => return None,
            "charge" | "payment" => LineKind::Payment,
            "refund" | "payment_refund" => LineKind::Refund,
            _ => return self.adjustment(payout),
        };
        let known = match &self.source {
            Some(Expandable::Whole(source)) => {
                source.payment_intent.clone().map(|intent| (source.id.clone(), intent))
            }
            _ => None,
        };
        let Some((source, intent)) = known else { return self.adjustment(payout) };
        let (entity, credit_minor, debit_minor) = match kind {
            LineKind::Payment => (intent.clone(), self.net, 0),
            _ => (source, 0, -self.net),
        };
        Some(Line { entity, kind, credit_minor, debit_minor, payment: Some(intent), ..self.base(payout)? })
    }

    /// What is no payment and no refund: disputes, which say themselves what they moved; fees of its own and what came back, which
    /// somebody looks at.
    fn adjustment(self, payout: &Payout) -> Option<Line> {
        let payment = match &self.source {
            Some(Expandable::Whole(source)) => source.payment_intent.clone(),
            _ => None,
        };
        let net = self.net;
        Some(Line {
            payment,
            credit_minor: net.max(0),
            debit_minor: (-net).max(0),
            amount_minor: net.abs(),
            fee_minor: 0,
            tax_minor: 0,
            ..self.base(payout)?
        })
    }

    fn base(self, payout: &Payout) -> Option<Line> {
        let time = |at_s: i64| DateTime::from_timestamp(at_s, 0);
        let taxes = self.fee_details.iter().filter(|part| part.kind == "tax");
        Some(Line {
            tax_minor: taxes.map(|part| part.amount).sum(),
            entity: self.id,
            kind: LineKind::Adjustment,
            settlement: payout.id.clone(),
            utr: payout.utr(),
            debit_minor: 0,
            credit_minor: 0,
            amount_minor: self.amount.abs(),
            fee_minor: self.fee,
            currency: self.currency.to_uppercase(),
            payment: None,
            created_at: time(self.created)?,
            settled_at: time(payout.arrival_date)?,
        })
    }
}
