//! A payment as its two sides see it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use types::{IntentId, Money, OrderId, TopUpId};
use utoipa::ToSchema;

use crate::gateway::Gateway;
use crate::gateways::Gateways;
use crate::intent::{By, Intent, IntentState};
use crate::upi::{UpiId, picture};

/// What the money of an order or a top-up stands at, and the ways to pay it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Payment)]
pub struct PaymentView {
    /// The intent that counts: the one that was paid, else the one that waits, else the newest.
    #[serde(rename = "intent_id")]
    pub intent: IntentId,
    /// Where it stands.
    pub state: IntentState,
    /// The whole amount.
    pub amount: Money,
    /// `upi`, `cash`, `card` …, once it is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Whose word it is that it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<By>,
    /// What the payer's bank calls the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// When the money was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<DateTime<Utc>>,
    /// What has gone back to the payer, where something has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunded: Option<Money>,
    /// What is on its way back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunding: Option<Money>,
    /// What the payer's bank asks for, or took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disputed: Option<Money>,
    /// When the money is taken from what is kept, where its owner has notice first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub taken_at: Option<DateTime<Utc>>,
    /// How it can be paid now; none once it cannot.
    pub ways: Vec<Way>,
}

/// One way to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WayToPay)]
pub struct Way {
    /// What the buyer does.
    pub kind: WayKind,
    /// Who will say that the money came.
    pub by: By,
    /// The `upi://pay` link or the address of the gateway's page, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The code to scan, drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_svg: Option<String>,
    /// What the gateway's payment sheet is opened with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkout: Option<Checkout>,
    /// Until when this way works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}

/// What the buyer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WayKind {
    /// Opens a UPI app on their own phone.
    UpiLink,
    /// Scans a code.
    Qr,
    /// Pays at the gateway's sheet.
    Checkout,
    /// Goes to the gateway's page, and comes back.
    Page,
    /// Hands over cash.
    Cash,
}

/// What the gateway's payment sheet is opened with. Nothing of it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Checkout {
    /// The public half of the API key.
    pub key_id: String,
    /// The gateway's order.
    pub order_id: String,
    /// The script of the sheet.
    pub script_url: String,
    /// For whom a mandate is registered with the payment, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub customer_id: Option<String>,
}

/// The payment with its order, as the two sides hear of it.
#[derive(Debug, Serialize)]
pub(crate) struct PaymentNews<'a> {
    pub order_id: OrderId,
    #[serde(flatten)]
    pub payment: &'a PaymentView,
}

/// The payment with its top-up, as the vendor hears of it.
#[derive(Debug, Serialize)]
pub(crate) struct TopUpNews<'a> {
    pub top_up_id: TopUpId,
    pub payment: &'a PaymentView,
}

/// An intent with what its ways are made of: one row of one statement.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub intent: Intent,
    pub reference: Option<String>,
    pub paid_at: Option<DateTime<Utc>>,
    /// What has gone back; with it what is to go back; with that what is disputed.
    pub returned_minor: i64,
    pub asked_back_minor: i64,
    pub refunded_minor: i64,
    pub gateway_order: Option<String>,
    /// Who the vendor is there, where what pays is to be kept.
    pub customer: Option<String>,
    pub gateway_page: Option<String>,
    pub qr_content: Option<String>,
    pub qr_closes_at: Option<DateTime<Utc>>,
    pub upi_id: Option<UpiId>,
    pub cash: bool,
}

impl Shown {
    pub(crate) fn view(self, gateways: &Gateways, now: DateTime<Utc>) -> PaymentView {
        PaymentView {
            intent: self.intent.id,
            state: self.intent.state,
            amount: self.intent.amount(),
            refunded: some_money(self.returned_minor),
            refunding: some_money(self.asked_back_minor - self.returned_minor),
            disputed: some_money(self.refunded_minor - self.asked_back_minor),
            taken_at: self.taken_at(gateways.find(self.intent.gateway.as_deref())),
            ways: self.ways(gateways.find(self.intent.gateway.as_deref()), now),
            method: self.intent.method,
            confirmed_by: self.intent.confirmed_by,
            reference: self.reference,
            paid_at: self.paid_at,
        }
    }

    fn taken_at(&self, gateway: Option<&dyn Gateway>) -> Option<DateTime<Utc>> {
        let waits = self.intent.card.charged.is_some() && self.intent.state == IntentState::Checking;
        let mandate = gateway.filter(|_| waits)?.mandate()?;
        Some(self.intent.asked_at? + mandate.taken_after)
    }

    /// None while money may be under way: nobody is to pay twice.
    fn ways(&self, gateway: Option<&dyn Gateway>, now: DateTime<Utc>) -> Vec<Way> {
        let payable = matches!(self.intent.state, IntentState::Waiting | IntentState::Failed);
        if !payable || now >= self.intent.expires_at {
            return Vec::new();
        }
        let mut ways = self.ways_by_gateway(gateway);
        if !self.intent.subject.can_be_paid_to_vendor() {
            return ways;
        }
        if ways.is_empty() {
            ways = self.ways_by_vendor();
        }
        if self.cash || ways.is_empty() {
            ways.push(self.way(WayKind::Cash, By::Vendor));
        }
        ways
    }

    fn ways_by_gateway(&self, gateway: Option<&dyn Gateway>) -> Vec<Way> {
        let mut ways = Vec::new();
        if let Some(content) = &self.qr_content {
            let expires_at = self.qr_closes_at.map(|at| at.min(self.intent.expires_at));
            let link = self.way(WayKind::UpiLink, By::Gateway);
            ways.push(Way { uri: Some(content.clone()), expires_at, ..link });
            ways.push(Way { expires_at, ..self.scan(By::Gateway, content) });
        }
        if let Some(page) = self.gateway_page.clone().filter(|_| gateway.is_some()) {
            ways.push(Way { uri: Some(page), ..self.way(WayKind::Page, By::Gateway) });
        }
        let order = self.gateway_order.as_deref().zip(gateway);
        if let Some(checkout) =
            order.and_then(|(order, gateway)| gateway.checkout(order, self.customer.as_deref()))
        {
            ways.push(Way { checkout: Some(checkout), ..self.way(WayKind::Checkout, By::Gateway) });
        }
        ways
    }

    fn ways_by_vendor(&self) -> Vec<Way> {
        let Some(upi_id) = &self.upi_id else { return Vec::new() };
        let intent = &self.intent;
        let subject = &intent.subject;
        let uri = upi_id.link(subject.payee(), intent.amount(), intent.id.uuid(), &subject.purpose());
        let scan = self.scan(By::Vendor, &uri);
        vec![Way { uri: Some(uri), ..self.way(WayKind::UpiLink, By::Vendor) }, scan]
    }

    fn scan(&self, by: By, content: &str) -> Way {
        Way { uri: Some(content.to_owned()), image_svg: picture(content), ..self.way(WayKind::Qr, by) }
    }

    fn way(&self, kind: WayKind, by: By) -> Way {
        Way { kind, by, uri: None, image_svg: None, checkout: None, expires_at: Some(self.intent.expires_at) }
    }
}

fn some_money(minor: i64) -> Option<Money> {
    (minor > 0).then(|| Money::inr(minor))
}
