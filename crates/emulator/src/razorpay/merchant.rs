//! A merchant's account at the gateway: keys, settings and what it owns.

use serde::{Deserialize, Serialize};

use super::dispute::Dispute;
use super::document::Document;
use super::fields::Fields;
use super::mandate::{Customer, Token};
use super::order::Order;
use super::payment::Payment;
use super::payout::{Contact, FUNDS_PAISE, FundAccount, Payout, PayoutFate, PayoutKey};
use super::qr_code::QrCode;
use super::refund::Refund;
use super::settlement::{Line, Settlement, SettlementFault};
use crate::delivery::{Endpoint, WebhookFault};
use crate::shelf::{Kept, Shelf};

/// The most merchants one emulator serves.
pub const MERCHANTS_MAX: usize = 64;

/// An account to open.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMerchant {
    /// The public half of the API key, `rzp_test_…`.
    pub key_id: String,
    /// The secret half of the API key.
    pub key_secret: String,
    /// The name a payer sees.
    pub name: String,
    /// How the account behaves.
    #[serde(default)]
    pub settings: Settings,
}

impl NewMerchant {
    /// The account every emulator opens by itself. Its secret guards nothing: no money is real here.
    pub fn demo() -> Self {
        Self {
            key_id: "rzp_test_emulator00001".to_owned(),
            key_secret: "emulator-secret-0001".to_owned(),
            name: "VyaparMitra Demo".to_owned(),
            settings: Settings::default(),
        }
    }

    pub(crate) fn invalid(&self) -> Option<&'static str> {
        let fits = |text: &str| (1..=128).contains(&text.chars().count()) && !text.contains(':');
        match self {
            merchant if !fits(&merchant.key_id) => Some("key_id must have 1 to 128 characters and no colon"),
            merchant if !fits(&merchant.key_secret) => {
                Some("key_secret must have 1 to 128 characters and no colon")
            }
            merchant if !fits(&merchant.name) => Some("name must have 1 to 128 characters and no colon"),
            merchant => merchant.settings.invalid(),
        }
    }
}

/// What the vendor's dashboard would set for an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether authorised payments are captured at once where the order does not say.
    pub auto_capture: bool,
    /// The largest order, in paise.
    pub amount_paise_max: i64,
    /// The fee on an order's payment before GST, in hundredths of a per cent.
    pub fee_basis_points: i64,
    /// The fee on a QR code's payment before GST, in hundredths of a per cent.
    pub qr_fee_basis_points: i64,
    /// What becomes of refunds.
    pub refunds: RefundFate,
    /// How long a refund request is worked on before it is answered, by the emulator's clock.
    pub refund_takes_ms: u64,
    /// What becomes of payouts.
    pub payouts: PayoutFate,
    /// The fee on a payout before GST, in paise; what fails or comes back has it back.
    pub payout_fee_paise: i64,
    /// How many days after a payment or refund it is settled.
    pub settles_after_days: u32,
    /// How long a payer has notice before a mandate is charged: 25 hours at the vendor. Without notice it is charged at once.
    pub mandate_notice_s: u32,
    /// Why banks refuse to debit mandates; they do not where absent.
    pub mandate_debits_fail: Option<String>,
    /// Whether a single-use QR code that is paid fires `qr_code.closed`. The documents say that only closing by hand does.
    pub paid_qr_fires_closed: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            auto_capture: true,
            amount_paise_max: 500_000_00,
            fee_basis_points: 200,
            qr_fee_basis_points: 0,
            refunds: RefundFate::Processed,
            refund_takes_ms: 0,
            payouts: PayoutFate::Processed { after_s: 2 },
            payout_fee_paise: 0,
            settles_after_days: 2,
            mandate_notice_s: 25 * 3_600,
            mandate_debits_fail: None,
            paid_qr_fires_closed: false,
        }
    }
}

impl Settings {
    pub(crate) fn invalid(&self) -> Option<&'static str> {
        let basis_points = 0..=5_000;
        match self {
            set if !(100..=1_000_000_000_00).contains(&set.amount_paise_max) => {
                Some("amount_paise_max must be from 100 to 100000000000")
            }
            set if !basis_points.contains(&set.fee_basis_points) => {
                Some("fee_basis_points must be from 0 to 5000")
            }
            set if !basis_points.contains(&set.qr_fee_basis_points) => {
                Some("qr_fee_basis_points must be from 0 to 5000")
            }
            set if !(0..=100_000).contains(&set.payout_fee_paise) => {
                Some("payout_fee_paise must be from 0 to 100000")
            }
            set if set.refund_takes_ms > 3_600_000 => Some("refund_takes_ms must be at most 3600000"),
            set if set.mandate_notice_s > 30 * 86_400 => Some("mandate_notice_s must be at most 2592000"),
            set if set.mandate_debits_fail.as_ref().is_some_and(|reason| reason.len() > 64) => {
                Some("mandate_debits_fail must have at most 64 bytes")
            }
            set if set.settles_after_days > 30 => Some("settles_after_days must be at most 30"),
            _ => None,
        }
    }
}

/// What becomes of a refund once it is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum RefundFate {
    /// It is processed at once.
    Processed,
    /// It is `pending`, then processed.
    ProcessedLater {
        /// By the emulator's clock.
        after_s: u32,
    },
    /// It is `pending`, then fails, and the payment counts as not refunded again.
    FailedLater {
        /// By the emulator's clock.
        after_s: u32,
    },
}

#[derive(Debug)]
pub(crate) struct Merchant {
    pub(crate) account_id: String,
    pub(crate) key_id: String,
    pub(crate) key_secret: String,
    pub(crate) name: String,
    pub(crate) settings: Settings,
    pub(crate) orders: Shelf<Order>,
    pub(crate) payments: Shelf<Payment>,
    pub(crate) qr_codes: Shelf<QrCode>,
    pub(crate) refunds: Shelf<Refund>,
    pub(crate) refund_keys: Shelf<RefundKey>,
    pub(crate) customers: Shelf<Customer>,
    pub(crate) tokens: Shelf<Token>,
    pub(crate) contacts: Shelf<Contact>,
    pub(crate) fund_accounts: Shelf<FundAccount>,
    pub(crate) payouts: Shelf<Payout>,
    pub(crate) payout_keys: Shelf<PayoutKey>,
    /// What the account holds that payouts are made from, in paise.
    pub(crate) funds_paise: i64,
    pub(crate) disputes: Shelf<Dispute>,
    pub(crate) documents: Shelf<Document>,
    /// What was settled.
    pub(crate) lines: Shelf<Line>,
    /// The latest settlement.
    pub(crate) settlement: Option<Settlement>,
    pub(crate) settlement_faults: Vec<SettlementFault>,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) webhook_faults: Vec<WebhookFault>,
}

/// One use of `X-Refund-Idempotency`.
#[derive(Debug)]
pub(crate) struct RefundKey {
    pub(crate) key: String,
    pub(crate) payment_id: String,
    pub(crate) fields: Fields,
    /// The answer, once there is one.
    pub(crate) refund: Option<Refund>,
}

impl Kept for RefundKey {
    fn id(&self) -> &str {
        &self.key
    }
}

impl Merchant {
    pub(crate) fn new(account_id: String, opened: NewMerchant) -> Self {
        Self {
            account_id,
            key_id: opened.key_id,
            key_secret: opened.key_secret,
            name: opened.name,
            settings: opened.settings,
            orders: Shelf::default(),
            payments: Shelf::default(),
            qr_codes: Shelf::default(),
            refunds: Shelf::default(),
            refund_keys: Shelf::default(),
            customers: Shelf::default(),
            tokens: Shelf::default(),
            contacts: Shelf::default(),
            fund_accounts: Shelf::default(),
            payouts: Shelf::default(),
            payout_keys: Shelf::default(),
            funds_paise: FUNDS_PAISE,
            disputes: Shelf::default(),
            documents: Shelf::default(),
            lines: Shelf::default(),
            settlement: None,
            settlement_faults: Vec::new(),
            endpoints: Vec::new(),
            webhook_faults: Vec::new(),
        }
    }
}
