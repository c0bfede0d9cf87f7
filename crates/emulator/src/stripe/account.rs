//! A merchant's account at the gateway: keys, settings and what it owns.

use serde::{Deserialize, Serialize};

use super::balance::Transaction;
use super::charge::Charge;
use super::customer::Customer;
use super::dispute::Dispute;
use super::event::Event;
use super::file::File;
use super::idempotency::Used;
use super::intent::Intent;
use super::invoice::Invoice;
use super::payment_method::PaymentMethod;
use super::payout::Payout;
use super::payout_fault::PayoutFault;
use super::price::Price;
use super::product::Product;
use super::refund::Refund;
use super::session::Session;
use super::setup_intent::SetupIntent;
use super::subscription::Subscription;
use crate::delivery::{Endpoint, WebhookFault};
use crate::shelf::Shelf;

/// The most accounts one emulator serves.
pub const ACCOUNTS_MAX: usize = 64;

const DAY_S: u32 = 86_400;

/// An account to open.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// The API key, `sk_test_…`.
    pub secret_key: String,
    /// The name a payer sees.
    pub name: String,
    /// How the account behaves.
    #[serde(default)]
    pub settings: Settings,
}

impl NewAccount {
    /// The account every emulator opens by itself. Its key guards nothing: no money is real here.
    pub fn demo() -> Self {
        Self {
            secret_key: "sk_test_emulator0000000000001".to_owned(),
            name: "VyaparMitra Demo".to_owned(),
            settings: Settings::default(),
        }
    }

    pub(crate) fn invalid(&self) -> Option<&'static str> {
        let fits = |text: &str| (1..=128).contains(&text.chars().count());
        match self {
            account if !fits(&account.secret_key) || !account.secret_key.starts_with("sk_test_") => {
                Some("secret_key must start with sk_test_ and have at most 128 characters")
            }
            account if !fits(&account.name) => Some("name must have 1 to 128 characters"),
            account => account.settings.invalid(),
        }
    }
}

/// How an account behaves. Times are by the emulator's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The fee on a captured charge, in hundredths of a per cent.
    pub fee_basis_points: i64,
    /// What comes on top of it, in the currency's minor unit.
    pub fee_fixed_minor: i64,
    /// The fee on a dispute, in the currency's minor unit.
    pub dispute_fee_minor: i64,
    /// Whether the fee is kept although the dispute is won, as of accounts since June 2025; older ones have it back.
    pub dispute_fee_kept: bool,
    /// How long after an asynchronous capture its balance transaction is there.
    pub async_capture_takes_s: u32,
    /// How long a charge's money waits until it is available.
    pub funds_pend_s: u32,
    /// How long a bank keeps an authorised amount that nobody captures.
    pub authorization_lasts_s: u32,
    /// How long a dispute waits for evidence before it is lost.
    pub dispute_due_after_s: u32,
    /// How long a bank takes to decide once evidence is there.
    pub dispute_decided_after_s: u32,
    /// How long a refund takes that does not end at once.
    pub refund_settles_after_s: u32,
    /// What becomes of refunds.
    pub refunds: RefundFate,
    /// Whether what is available is paid out by itself each midnight (UTC).
    pub automatic_payouts: bool,
    /// How long a payout takes to arrive.
    pub payout_arrives_after_s: u32,
    /// Whether payouts fail where they would arrive.
    pub payouts_fail: bool,
    /// How long a request with an idempotency key is worked on before it is answered.
    pub keyed_request_takes_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            fee_basis_points: 290,
            fee_fixed_minor: 30,
            dispute_fee_minor: 15_00,
            dispute_fee_kept: true,
            async_capture_takes_s: 1,
            funds_pend_s: 2 * DAY_S,
            authorization_lasts_s: 7 * DAY_S,
            dispute_due_after_s: 9 * DAY_S,
            dispute_decided_after_s: 60,
            refund_settles_after_s: 60,
            refunds: RefundFate::ByCard,
            automatic_payouts: false,
            payout_arrives_after_s: 2 * DAY_S,
            payouts_fail: false,
            keyed_request_takes_ms: 0,
        }
    }
}

impl Settings {
    pub(crate) fn invalid(&self) -> Option<&'static str> {
        match self {
            set if !(0..=5_000).contains(&set.fee_basis_points) => {
                Some("fee_basis_points must be from 0 to 5000")
            }
            set if !(0..=100_000).contains(&set.fee_fixed_minor) => {
                Some("fee_fixed_minor must be from 0 to 100000")
            }
            set if !(0..=1_000_000).contains(&set.dispute_fee_minor) => {
                Some("dispute_fee_minor must be from 0 to 1000000")
            }
            set if set.keyed_request_takes_ms > 3_600_000 => {
                Some("keyed_request_takes_ms must be at most 3600000")
            }
            _ => None,
        }
    }

    /// The vendor's fee on a captured amount, rounded to the minor unit.
    pub(crate) fn fee(&self, amount: i64) -> i64 {
        (amount * self.fee_basis_points + 5_000).div_euclid(10_000) + self.fee_fixed_minor
    }
}

/// What becomes of a refund once it is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundFate {
    /// As the test card that paid has it: at once for most.
    ByCard,
    /// It is `succeeded` at once.
    Succeeds,
    /// It is `pending`, then succeeds.
    PendsThenSucceeds,
    /// It is `succeeded`, and fails later.
    SucceedsThenFails,
    /// It is `pending`, then fails.
    PendsThenFails,
}

#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) secret_key: String,
    pub(crate) name: String,
    pub(crate) settings: Settings,
    pub(crate) customers: Shelf<Customer>,
    pub(crate) payment_methods: Shelf<PaymentMethod>,
    pub(crate) intents: Shelf<Intent>,
    pub(crate) charges: Shelf<Charge>,
    pub(crate) refunds: Shelf<Refund>,
    pub(crate) disputes: Shelf<Dispute>,
    pub(crate) files: Shelf<File>,
    pub(crate) setup_intents: Shelf<SetupIntent>,
    pub(crate) sessions: Shelf<Session>,
    pub(crate) transactions: Shelf<Transaction>,
    pub(crate) payouts: Shelf<Payout>,
    pub(crate) products: Shelf<Product>,
    pub(crate) prices: Shelf<Price>,
    pub(crate) subscriptions: Shelf<Subscription>,
    pub(crate) invoices: Shelf<Invoice>,
    pub(crate) events: Shelf<Event>,
    pub(crate) keys: Shelf<Used>,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) webhook_faults: Vec<WebhookFault>,
    pub(crate) payout_faults: Vec<PayoutFault>,
}

impl Account {
    pub(crate) fn new(id: String, opened: NewAccount) -> Self {
        Self {
            id,
            secret_key: opened.secret_key,
            name: opened.name,
            settings: opened.settings,
            customers: Shelf::default(),
            payment_methods: Shelf::default(),
            intents: Shelf::default(),
            charges: Shelf::default(),
            refunds: Shelf::default(),
            disputes: Shelf::default(),
            files: Shelf::default(),
            setup_intents: Shelf::default(),
            sessions: Shelf::default(),
            transactions: Shelf::default(),
            payouts: Shelf::default(),
            products: Shelf::default(),
            prices: Shelf::default(),
            subscriptions: Shelf::default(),
            invoices: Shelf::default(),
            events: Shelf::default(),
            keys: Shelf::default(),
            endpoints: Vec::new(),
            webhook_faults: Vec::new(),
            payout_faults: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_are_2_9_per_cent_and_thirty_cents() {
        let fees = [50, 1_000, 1_099, 20_000].map(|amount| Settings::default().fee(amount));
        assert_eq!(fees, [31, 59, 62, 610]);
    }
}
