//! Settlements: what was captured reaches the merchant's bank some days later, less the fee, and what was given back is taken off.
//!
//! One settlement a day in India, with a line for each payment, refund and adjustment.

use serde::{Deserialize, Serialize};

use super::desk::{Desk, wire};
use super::dispute::Dispute;
use super::payment::{Method, Payment};
use super::refund::Refund;
use super::task::Task;
use crate::shelf::Kept;

pub(crate) const DAY_S: i64 = 86_400;
/// India is five and a half hours ahead: its days are the vendor's.
const INDIA_AHEAD_S: i64 = 5 * 3_600 + 1_800;
/// The most rules a merchant may have.
pub(crate) const RULES_MAX: usize = 100;
const LATE_DAYS_MAX: u32 = 60;
const PAISE_MAX: i64 = 1_000_000_00;

/// One line of the settlement report.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Line {
    pub(crate) entity_id: String,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) debit: i64,
    pub(crate) credit: i64,
    pub(crate) amount: i64,
    pub(crate) currency: &'static str,
    /// With the tax in it.
    pub(crate) fee: i64,
    pub(crate) tax: i64,
    pub(crate) on_hold: bool,
    pub(crate) settled: bool,
    pub(crate) created_at: i64,
    pub(crate) settled_at: i64,
    pub(crate) settlement_id: String,
    pub(crate) posted_at: Option<i64>,
    pub(crate) credit_type: &'static str,
    pub(crate) description: Option<String>,
    /// JSON in a string, as the documents show it.
    pub(crate) notes: Option<String>,
    pub(crate) payment_id: Option<String>,
    pub(crate) settlement_utr: String,
    pub(crate) order_id: Option<String>,
    pub(crate) order_receipt: Option<String>,
    pub(crate) method: Option<Method>,
    pub(crate) card_network: Option<&'static str>,
    pub(crate) card_issuer: Option<&'static str>,
    pub(crate) card_type: Option<&'static str>,
    pub(crate) dispute_id: Option<String>,
}

impl Kept for Line {
    fn id(&self) -> &str {
        &self.entity_id
    }
}

/// The settlement of one day.
#[derive(Debug, Clone)]
pub(crate) struct Settlement {
    day: i64,
    id: String,
    utr: String,
}

/// One rule: which lines of settlements suffer, how many and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementFault {
    /// The payment or refund to match; any where absent.
    #[serde(default)]
    pub entity_id: Option<String>,
    /// How many lines: 1 where absent, all from now on where `null`.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// What happens to them.
    #[serde(flatten)]
    pub fault: SettlementFaultKind,
}

/// What happens to a line when its day has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SettlementFaultKind {
    /// It is never settled.
    Missing,
    /// It is settled later.
    Late {
        /// At most 60.
        days: u32,
    },
    /// More is kept than the payment says.
    WrongFee {
        /// At most a million rupees.
        more_paise: i64,
    },
    /// It is settled as if less had been paid.
    WrongAmount {
        /// At most a million rupees.
        less_paise: i64,
    },
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's own type")]
fn once() -> Option<u32> {
    Some(1)
}

impl SettlementFault {
    /// A rule for the line of one payment or refund.
    pub fn of(entity_id: &str, fault: SettlementFaultKind) -> Self {
        Self { entity_id: Some(entity_id.to_owned()), times: once(), fault }
    }

    pub(crate) fn invalid(&self) -> Option<&'static str> {
        match (self.fault, self.times) {
            (_, Some(0)) => Some("times must be at least 1"),
            (SettlementFaultKind::Late { days }, _) if !(1..=LATE_DAYS_MAX).contains(&days) => {
                Some("days must be from 1 to 60")
            }
            (
                SettlementFaultKind::WrongFee { more_paise: paise }
                | SettlementFaultKind::WrongAmount { less_paise: paise },
                _,
            ) if !(1..=PAISE_MAX).contains(&paise) => Some("paise must be from 1 to 100000000"),
            _ => None,
        }
    }
}

/// The number of the day in India that a moment is in, counted from 1970.
pub(crate) fn day_in_india(at_s: i64) -> i64 {
    (at_s + INDIA_AHEAD_S).div_euclid(DAY_S)
}

impl Line {
    fn of_payment(payment: &Payment, receipt: Option<String>) -> Self {
        let (fee, tax) = (payment.fee.unwrap_or(0), payment.tax.unwrap_or(0));
        let card = payment.method == Method::Card;
        Self {
            credit: payment.amount - fee,
            fee,
            tax,
            description: payment.description.clone(),
            notes: Some(wire(&payment.notes).to_string()),
            order_id: payment.order_id.clone(),
            order_receipt: receipt,
            method: Some(payment.method),
            card_network: card.then_some("Visa"),
            card_type: card.then_some("debit"),
            ..Self::blank(&payment.id, "payment", payment.amount, payment.created_at)
        }
    }

    fn of_refund(refund: &Refund, payment: Option<&Payment>) -> Self {
        Self {
            debit: refund.amount,
            notes: Some(wire(&refund.notes).to_string()),
            payment_id: Some(refund.payment_id.clone()),
            order_id: payment.and_then(|payment| payment.order_id.clone()),
            method: payment.map(|payment| payment.method),
            ..Self::blank(&refund.id, "refund", refund.amount, refund.created_at)
        }
    }

    fn blank(entity_id: &str, kind: &'static str, amount: i64, created_at: i64) -> Self {
        Self {
            entity_id: entity_id.to_owned(),
            kind,
            debit: 0,
            credit: 0,
            amount,
            currency: "INR",
            fee: 0,
            tax: 0,
            on_hold: false,
            settled: true,
            created_at,
            settled_at: 0,
            settlement_id: String::new(),
            posted_at: None,
            credit_type: "default",
            description: None,
            notes: None,
            payment_id: None,
            settlement_utr: String::new(),
            order_id: None,
            order_receipt: None,
            method: None,
            card_network: None,
            card_issuer: None,
            card_type: None,
            dispute_id: None,
        }
    }

    fn suffer(&mut self, fault: SettlementFaultKind) {
        match fault {
            SettlementFaultKind::WrongFee { more_paise } => {
                self.fee += more_paise;
                self.credit -= more_paise;
            }
            SettlementFaultKind::WrongAmount { less_paise } => {
                self.amount -= less_paise;
                if self.credit > 0 {
                    self.credit -= less_paise;
                } else {
                    self.debit -= less_paise;
                }
            }
            SettlementFaultKind::Missing | SettlementFaultKind::Late { .. } => {}
        }
    }
}

impl Desk<'_> {
    /// Has a payment or refund settled when its time has come.
    pub(crate) fn settle_in_time(&mut self, entity_id: &str) {
        let after_s = i64::from(self.merchant.settings.settles_after_days) * DAY_S;
        self.schedule(self.now_s + after_s, Task::Settle(entity_id.to_owned()));
    }

    /// Puts a payment or refund into the settlement of today, unless something is to go wrong with it.
    pub(crate) fn settle_line(&mut self, entity_id: &str) {
        let Some(mut line) = self.line_of(entity_id) else { return };
        match self.take_settlement_fault(entity_id) {
            Some(SettlementFaultKind::Missing) => return,
            Some(SettlementFaultKind::Late { days }) => {
                let at_s = self.now_s + i64::from(days) * DAY_S;
                return self.schedule(at_s, Task::Settle(entity_id.to_owned()));
            }
            Some(fault) => line.suffer(fault),
            None => {}
        }
        self.put_in_settlement(line);
    }

    /// The vendor adds to what it settles today, or takes off where the amount is below zero; gives the adjustment's id.
    pub(crate) fn adjust_settlement(&mut self, paise: i64) -> String {
        let id = self.id("adj_");
        let line = Line {
            credit: paise.max(0),
            debit: (-paise).max(0),
            description: Some("adjustment".to_owned()),
            ..Line::blank(&id, "adjustment", paise.abs(), self.now_s)
        };
        self.put_in_settlement(line);
        id
    }

    /// Takes disputed money off what is settled today, or gives it back where the amount is above zero.
    pub(crate) fn move_disputed(&mut self, dispute: &Dispute, paise: i64) {
        let id = self.id("adj_");
        let line = Line {
            credit: paise.max(0),
            debit: (-paise).max(0),
            description: Some("dispute".to_owned()),
            payment_id: Some(dispute.payment_id.clone()),
            dispute_id: Some(dispute.id.clone()),
            ..Line::blank(&id, "adjustment", paise.abs(), self.now_s)
        };
        self.put_in_settlement(line);
    }

    fn line_of(&self, entity_id: &str) -> Option<Line> {
        if let Some(payment) = self.merchant.payments.get(entity_id) {
            let order = payment.order_id.as_deref().and_then(|id| self.merchant.orders.get(id));
            return Some(Line::of_payment(payment, order.and_then(|order| order.receipt.clone())));
        }
        let refund = self.merchant.refunds.get(entity_id)?;
        Some(Line::of_refund(refund, self.merchant.payments.get(&refund.payment_id)))
    }

    fn put_in_settlement(&mut self, line: Line) {
        let day = day_in_india(self.now_s);
        let settlement = match &self.merchant.settlement {
            Some(settlement) if settlement.day == day => settlement.clone(),
            _ => Settlement { day, id: self.id("setl_"), utr: self.bench.entropy.digits(16) },
        };
        self.merchant.settlement = Some(settlement.clone());
        let (settlement_id, settlement_utr) = (settlement.id, settlement.utr);
        self.merchant.lines.put(Line { settled_at: self.now_s, settlement_id, settlement_utr, ..line });
    }

    fn take_settlement_fault(&mut self, entity_id: &str) -> Option<SettlementFaultKind> {
        let rules = &mut self.merchant.settlement_faults;
        let matches =
            |rule: &SettlementFault| rule.entity_id.as_deref().is_none_or(|wanted| wanted == entity_id);
        let at = rules.iter().position(matches)?;
        let fault = rules[at].fault;
        match &mut rules[at].times {
            Some(1) => drop(rules.remove(at)),
            Some(times) => *times -= 1,
            None => {}
        }
        Some(fault)
    }
}
