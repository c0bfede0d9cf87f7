//! Amounts asked for and paid: intents, gateways, webhooks, refunds, commission, settlements.
//!
//! An order asks for its money with an *intent*. A gateway, where one is set up, makes the ways to pay it (a UPI link, a QR code,
//! a payment sheet, or a page of its own) and says when the money is there; without one, vendors are paid at their own UPI id or in cash and give
//! their word. Either way the books ([`ledger`]) are written and [`IntentPaid`] is published in the transaction that makes it final.
//! A *top-up* is the other thing that can be paid: credit that a vendor buys from the platform, through the gateway or not at all.
//! It has no visit and no buyer, pays no commission, ends by itself, and is published as [`TopUpPaid`]. Everything else about its
//! intents, from the order at the gateway to the surplus that goes back, is the same state machine. Whoever made credit of it may have
//! it given back.
//!
//! Several gateways may stand side by side. Buyers' orders go to the first, a vendor chooses for a top-up, and whatever exists
//! already is asked of the gateway that it names. A gateway may keep how a top-up was paid: a card, or a *mandate* of a card or a UPI
//! id with a most; a later top-up then charges it without asking anybody, a day after its owner had notice where the gateway gives
//! it, and [`TopUpFailed`] is published where it says no. What owners change at the gateway is heard of and asked for.
//!
//! What is owed to vendors is held for a while, then paid out ([`payout`]); what the platform keeps is in the commission book
//! ([`commission`]), and what it withholds for the state is [`tcs`].
//!
//! **Invariants.** An order or a top-up has at most one intent that can be paid and at most one that was. An intent only moves
//! forward, but a failed one may yet be paid, and late money pays an expired one: whoever asked decides what becomes of it. What
//! the gateway says through a webhook or a browser is a hint: the payment is fetched before money counts, and its amount and
//! currency must be the intent's. Each payment of the gateway is taken into the books once, whatever is sent again, out of order
//! or twice at once; one that is not wanted goes back by itself. The gateway's links are shown as they were given.
//!
//! A payer's bank may dispute a payment: its money is on hold until that is decided.
//! What was paid goes back whole or in parts, by the gateway that took it or by the vendor's hand, and never more than came; the
//! commission goes back with it, to the paisa, and so does the tax that was collected at source.
//!
//! **Deliberately absent**: card data (it goes from the buyer to the gateway), capturing by hand, partial payments.

mod books;
mod charge;
mod checkout;
mod commission;
mod config;
mod db;
mod dispute;
mod error;
mod events;
mod gateway;
mod gateways;
mod given_back;
mod http;
mod ids;
pub mod india;
mod intake;
mod intent;
mod jobs;
mod keeping;
mod lines;
mod method;
mod open;
mod oversight;
mod payout;
mod personal;
mod prepare;
mod profile;
mod received;
mod reconcile;
mod refund;
mod refunded;
mod returned;
mod settle;
mod subject;
mod table;
mod tcs;
mod top_up;
mod upi;
mod view;
mod wallet;
mod webhook;

use std::ops::Deref;
use std::sync::Arc;

use identity::Identity;
use ledger::Ledger;
use platform::fields::Fields;
use platform::jobs::{Handlers, Jobs};
use platform::outbox::Outbox;
use platform::retention::Retention;
use platform::scan::Scanner;
use platform::seal::Sealer;
use platform::{Clock, Db, Entropy};
use sync::Sync;
use utoipa_axum::router::OpenApiRouter;

pub use books::PAYABLE;
pub use checkout::CheckoutAnswer;
pub use commission::CommissionPart;
pub use commission::book::{CommissionBook, CommissionRule, NewCommissionRule};
pub use config::{Config, NotAPercent, PayoutConfig, Percent, RazorpayConfig, RazorpayXConfig, StripeConfig};
pub use db::refunds::RefundState;
pub use dispute::{
    Answer, DisputeState, DisputeView, EVIDENCE_BYTES_MAX, EVIDENCE_FILES_MAX, Evidence, EvidenceFile,
    EvidenceLimits, FileKind, OperatorDispute,
};
pub use error::{Error, PROBLEMS, REFUND_TOO_LARGE};
pub use events::{
    IntentPaid, PaymentRefunded, TopUpFailed, TopUpPaid, TopUpRefundRefused, TopUpRefunded, TopUpTakenBack,
};
pub use gateway::Error as GatewayError;
pub use given_back::RETURNED;
pub use ids::{CommissionRuleId, DisputeId, ExceptionId, RunId, TcsRateId};
pub use intent::{By, IntentState, NewIntent, Received};
pub use keeping::{KeepingPage, NewKeepingPage};
pub use lines::{FAULTS_MAX, LineFault, read_lines};
pub use method::{KeepingTerms, MethodKind, MethodState, PaymentMethod};
pub use oversight::OperatorRefund;
pub use payout::{
    AccountKind, HandMade, NewHold, NewPayoutAccount, OperatorPayout, PayoutAccount, PayoutAccountId,
    PayoutDue, PayoutFile, PayoutId, PayoutRun, PayoutRunId, PayoutRunState, PayoutState, PayoutsDue,
    Release, VendorPayout, WhyNot,
};
pub use profile::{PaymentProfile, PaymentProfileChange};
pub use received::MoneyReceived;
pub use reconcile::exception::{ExceptionKind, ExceptionState, ExceptionView, Repair};
pub use reconcile::file::SettlementFile;
pub use reconcile::run::{NewReconciliation, Reconciliation, ReconciliationState};
pub use reconcile::statement::{
    BankStatement, CREDITS as BANK_CREDITS, REFERENCES as BANK_REFERENCES, amount as bank_amount,
};
pub use refund::{PARTS_MAX, RefundPreview, RefundView};
pub use subject::SubjectKind;
pub use table::ArchiveFault;
pub use tcs::Supply;
pub use tcs::book::{NewTcsRate, TcsBook, TcsRate};
pub use tcs::month::{TcsLine, TcsMonth};
pub use tcs::pay::{NewTcsPayment, TcsMonthDue, TcsPayment};
pub use top_up::{NewTopUp, TOP_UPS};
pub use upi::{NotAUpiId, UpiId, UpiRequest};
pub use view::{Checkout, PaymentView, Way, WayKind};
pub use wallet::{Wallet, WalletEntry};
pub use webhook::{WebhookEvent, WebhookState};

use crate::gateway::Gateway;
use crate::gateway::razorpay::Razorpay;
use crate::gateway::stripe::Stripe;
use crate::gateways::Gateways;
use crate::intake::Intake;
use crate::payout::provider::Provider;
use crate::payout::razorpayx::RazorpayX;
use crate::webhook::Refusals;

/// The context. Cheap to clone: every call does so several times.
#[derive(Debug, Clone)]
pub struct Payments(Arc<Inner>);

/// What the context is made of.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Inner {
    db: Db,
    clock: Clock,
    entropy: Entropy,
    jobs: Jobs,
    outbox: Outbox,
    sync: Sync,
    ledger: Ledger,
    identity: Identity,
    gateways: Gateways,
    commission: Percent,
    payouts: PayoutConfig,
    provider: Option<Arc<dyn Provider>>,
    sealer: Sealer,
    fields: Fields,
    refusals: Arc<Refusals>,
    intake: Arc<Intake>,
    retention: Retention,
    scanner: Scanner,
}

/// What payments stand on.
#[derive(Debug, Clone)]
pub struct Foundations {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Ids.
    pub entropy: Entropy,
    /// The queue.
    pub jobs: Jobs,
    /// News for other contexts.
    pub outbox: Outbox,
    /// News for the two sides.
    pub sync: Sync,
    /// The books.
    pub ledger: Ledger,
    /// Who vendors are: gateways that keep mandates want a phone number.
    pub identity: Identity,
    /// Seals the numbers of vendors' bank accounts.
    pub sealer: Sealer,
    /// Seals what else tells who somebody is.
    pub fields: Fields,
}

impl Payments {
    /// The context on these foundations.
    pub fn new(on: Foundations, config: Config) -> Self {
        let provider = config.razorpayx.map(|account| Arc::new(RazorpayX::new(account)) as Arc<dyn Provider>);
        let razorpay = config.razorpay.map(|account| Arc::new(Razorpay::new(account)) as Arc<dyn Gateway>);
        let stripe = config.stripe.map(|account| Stripe::new(account, &config.public_url));
        let stripe = stripe.map(|stripe| Arc::new(stripe) as Arc<dyn Gateway>);
        Self(Arc::new(Inner {
            db: on.db,
            clock: on.clock,
            entropy: on.entropy,
            jobs: on.jobs,
            outbox: on.outbox,
            sync: on.sync,
            ledger: on.ledger,
            identity: on.identity,
            gateways: Gateways::new(razorpay.into_iter().chain(stripe).collect()),
            commission: config.commission_percent,
            payouts: config.payouts,
            provider,
            sealer: on.sealer,
            fields: on.fields,
            refusals: Arc::default(),
            intake: Arc::default(),
            retention: config.retention,
            scanner: Scanner::default(),
        }))
    }

    /// The same, with files that are brought looked through by this scanner.
    #[must_use]
    pub fn scanned_by(mut self, scanner: Scanner) -> Self {
        Arc::make_mut(&mut self.0).scanner = scanner;
        self
    }

    /// The endpoints, with their state bound. They need identity's middleware.
    pub fn routes(&self) -> OpenApiRouter {
        http::routes().with_state(self.clone())
    }

    /// The jobs, and which come round.
    pub fn handlers(&self) -> Handlers {
        jobs::handlers(self)
    }

    /// The names of the gateways that keep cards.
    pub fn gateways_that_keep(&self) -> Vec<&'static str> {
        self.gateways.all().filter(|gateway| gateway.keeps_methods()).map(Gateway::name).collect()
    }

    /// The names of the gateways that are set up, the one that takes new money first.
    pub fn gateway_names(&self) -> Vec<&'static str> {
        self.gateways.all().map(Gateway::name).collect()
    }
}

impl Deref for Payments {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
