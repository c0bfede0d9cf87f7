//! `RazorpayX`: contacts, their fund accounts, and payouts to them.
//!
//! A payout is `processing` once the account holds enough for it, or `queued` until it does; then it comes to the end that the account's
//! settings say. Deliberately absent: approval workflows, schedules, cards, wallets.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::{Desk, wire};
use super::error::{Error, Result};
use super::fields::{Fields, Notes, missing};
use super::order::well_formed;
use super::task::Task;
use crate::shelf::Kept;

/// The number of every account that payouts are made from.
pub const ACCOUNT_NUMBER: &str = "7878780080316316";
/// What an account holds at first, in paise.
pub(crate) const FUNDS_PAISE: i64 = 10_00_000_00;
/// GST on fees, in per cent.
const GST_PER_CENT: i64 = 18;
/// The most that one command adds, in paise.
const ADDED_PAISE_MAX: i64 = 100_00_00_000_00;
const AMOUNT_PAISE_MAX: i64 = 50_00_00_000_00;
const KEY_CHARS: std::ops::RangeInclusive<usize> = 4..=36;

/// What becomes of a payout once the money is there for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum PayoutFate {
    /// The beneficiary has it.
    Processed {
        /// By the emulator's clock.
        after_s: u32,
    },
    /// It fails, and the money is back.
    Failed {
        /// By the emulator's clock.
        after_s: u32,
    },
    /// The beneficiary has it, and their bank sends it back.
    Reversed {
        /// By the emulator's clock.
        after_s: u32,
        /// How long after that.
        reversed_after_s: u32,
    },
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Contact {
    pub(crate) id: String,
    entity: &'static str,
    name: String,
    #[serde(rename = "contact")]
    phone: Option<String>,
    email: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    reference_id: Option<String>,
    batch_id: Option<String>,
    active: bool,
    notes: Notes,
    pub(crate) created_at: i64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct FundAccount {
    pub(crate) id: String,
    entity: &'static str,
    pub(crate) contact_id: String,
    account_type: &'static str,
    #[serde(flatten)]
    details: Value,
    active: bool,
    batch_id: Option<String>,
    pub(crate) created_at: i64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Payout {
    pub(crate) id: String,
    entity: &'static str,
    pub(crate) fund_account_id: String,
    amount: i64,
    currency: &'static str,
    notes: Notes,
    fees: i64,
    tax: i64,
    pub(crate) status: PayoutStatus,
    purpose: String,
    utr: Option<String>,
    mode: &'static str,
    pub(crate) reference_id: Option<String>,
    narration: Option<String>,
    batch_id: Option<String>,
    status_details: Option<Value>,
    pub(crate) created_at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayoutStatus {
    Queued,
    Processing,
    Processed,
    Failed,
    Reversed,
    Cancelled,
}

/// One use of `X-Payout-Idempotency`, with the answer of the first time.
#[derive(Debug)]
pub(crate) struct PayoutKey {
    key: String,
    fields: Fields,
    payout: Payout,
}

macro_rules! kept {
    ($($kind:ident by $id:ident),*) => {$(
        impl Kept for $kind {
            fn id(&self) -> &str {
                &self.$id
            }
        }
    )*};
}

kept!(Contact by id, FundAccount by id, Payout by id, PayoutKey by key);

impl PayoutStatus {
    pub(crate) fn named(name: &str) -> Option<Self> {
        let all =
            [Self::Queued, Self::Processing, Self::Processed, Self::Failed, Self::Reversed, Self::Cancelled];
        all.into_iter()
            .find(|status| status.event().strip_prefix("payout.") == Some(name))
            .or((name == "processing").then_some(Self::Processing))
    }

    const fn event(self) -> &'static str {
        match self {
            Self::Queued => "payout.queued",
            Self::Processing => "payout.initiated",
            Self::Processed => "payout.processed",
            Self::Failed => "payout.failed",
            Self::Reversed => "payout.reversed",
            Self::Cancelled => "payout.cancelled",
        }
    }

    fn details(self) -> Value {
        let (description, source, reason) = match self {
            Self::Queued => (
                "Payout is queued as there is insufficient balance in your business account to process the payout",
                "business",
                "low_balance",
            ),
            Self::Processing => (
                "Payout is being processed by our partner bank. Please check the final status after some time",
                "partner_bank",
                "payout_bank_processing",
            ),
            Self::Processed => (
                "Payout is processed and the money has been credited into the beneficiary's account.",
                "beneficiary_bank",
                "payout_processed",
            ),
            Self::Failed => (
                "Payout failed. Contact your beneficiary to check the account details.",
                "beneficiary_bank",
                "beneficiary_bank_failure",
            ),
            Self::Reversed => (
                "Payout was reversed as the beneficiary's bank could not credit it.",
                "beneficiary_bank",
                "beneficiary_bank_rejected",
            ),
            Self::Cancelled => ("Payout was cancelled by you.", "business", "payout_cancelled"),
        };
        json!({ "description": description, "source": source, "reason": reason })
    }
}

impl Desk<'_> {
    pub(crate) fn create_contact(&mut self, mut fields: Fields) -> Result<Contact> {
        let contact = Contact {
            id: String::new(),
            entity: "contact",
            name: fields.text("name", 50)?.ok_or_else(|| missing("name"))?,
            phone: fields.text("contact", 20)?,
            email: fields.text("email", 100)?,
            kind: fields.text("type", 40)?,
            reference_id: fields.text("reference_id", 40)?,
            batch_id: None,
            active: true,
            notes: fields.notes()?,
            created_at: self.now_s,
        };
        fields.finish()?;
        // The same person is the same contact.
        let facts = |c: &Contact| {
            (c.name.clone(), c.phone.clone(), c.email.clone(), c.kind.clone(), c.reference_id.clone())
        };
        let same = self.merchant.contacts.newest_first().find(|known| facts(known) == facts(&contact));
        if let Some(known) = same {
            return Ok(known.clone());
        }
        let contact = Contact { id: self.id("cont_"), ..contact };
        self.merchant.contacts.put(contact.clone());
        Ok(contact)
    }

    pub(crate) fn contact(&self, id: &str) -> Result<&Contact> {
        well_formed(id, "cont_")?;
        self.merchant.contacts.get(id).ok_or_else(Error::unknown_id)
    }

    pub(crate) fn create_fund_account(&mut self, mut fields: Fields) -> Result<FundAccount> {
        let contact_id = fields.text("contact_id", 64)?.ok_or_else(|| missing("contact_id"))?;
        self.contact(&contact_id)?;
        let kind = fields.choice("account_type", &["bank_account", "vpa"])?;
        let account_type = kind.ok_or_else(|| missing("account_type"))?;
        let inner = fields.nested(account_type)?.ok_or_else(|| missing(account_type))?;
        let details = if account_type == "vpa" { vpa(inner)? } else { bank_account(inner)? };
        fields.finish()?;
        let same = self
            .merchant
            .fund_accounts
            .newest_first()
            .find(|known| known.contact_id == contact_id && known.details == details);
        if let Some(known) = same {
            return Ok(known.clone());
        }
        let account = FundAccount {
            id: self.id("fa_"),
            entity: "fund_account",
            contact_id,
            account_type,
            details,
            active: true,
            batch_id: None,
            created_at: self.now_s,
        };
        self.merchant.fund_accounts.put(account.clone());
        Ok(account)
    }

    pub(crate) fn fund_account(&self, id: &str) -> Result<&FundAccount> {
        well_formed(id, "fa_")?;
        self.merchant.fund_accounts.get(id).ok_or_else(Error::unknown_id)
    }

    /// Makes a payout, or gives the one that was made under its key.
    pub(crate) fn create_payout(&mut self, key: Option<&str>, fields: Fields) -> Result<Payout> {
        let key = key.ok_or_else(|| {
            Error::invalid(
                "X-Payout-Idempotency",
                "Idempotency key is missing. Include idempotency header and key in the request.",
            )
        })?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b' ');
        if !KEY_CHARS.contains(&key.len()) || !key.bytes().all(allowed) {
            return Err(Error::invalid(
                "X-Payout-Idempotency",
                "The idempotency key must be 4 to 36 letters, digits, hyphens, underscores and spaces.",
            ));
        }
        match self.merchant.payout_keys.get(key) {
            Some(used) if used.fields != fields => return Err(Error::key_reused()),
            Some(used) => {
                // The answer tells how the payout stands by now.
                let now = self.merchant.payouts.get(&used.payout.id).unwrap_or(&used.payout);
                return Ok(now.clone());
            }
            None => {}
        }
        let payout = self.open_payout(fields.clone())?;
        self.merchant.payout_keys.put(PayoutKey { key: key.to_owned(), fields, payout: payout.clone() });
        Ok(payout)
    }

    fn open_payout(&mut self, mut fields: Fields) -> Result<Payout> {
        match fields.text("account_number", 40)?.as_deref() {
            None => return Err(missing("account_number")),
            Some(ACCOUNT_NUMBER) => {}
            Some(_) => return Err(Error::invalid("account_number", "The account number is invalid.")),
        }
        let fund_account_id =
            fields.text("fund_account_id", 64)?.ok_or_else(|| missing("fund_account_id"))?;
        let account_type = self.fund_account(&fund_account_id)?.account_type;
        let mode = fields.choice("mode", &["IMPS", "NEFT", "RTGS", "UPI"])?.ok_or_else(|| missing("mode"))?;
        if (mode == "UPI") != (account_type == "vpa") {
            return Err(Error::invalid("mode", "The mode is not supported by the fund account type."));
        }
        let waits = fields.flag("queue_if_low_balance")?.unwrap_or(false);
        let payout = Payout {
            id: self.id("pout_"),
            entity: "payout",
            fund_account_id,
            amount: fields.amount("amount", AMOUNT_PAISE_MAX)?.ok_or_else(|| missing("amount"))?,
            currency: fields.currency()?,
            notes: fields.notes()?,
            fees: 0,
            tax: 0,
            status: PayoutStatus::Queued,
            purpose: fields.text("purpose", 30)?.ok_or_else(|| missing("purpose"))?,
            utr: None,
            mode,
            reference_id: fields.text("reference_id", 40)?,
            narration: fields.text("narration", 30)?,
            batch_id: None,
            status_details: Some(PayoutStatus::Queued.details()),
            created_at: self.now_s,
        };
        fields.finish()?;
        let enough = self.merchant.funds_paise >= payout.amount;
        if !enough && !waits {
            return Err(Error::refused(
                "Your account does not have enough balance to carry out the payout operation.",
            ));
        }
        let id = payout.id.clone();
        self.merchant.payouts.put(payout);
        let next = if enough { PayoutStatus::Processing } else { PayoutStatus::Queued };
        self.move_payout(&id, next);
        self.payout(&id).cloned()
    }

    pub(crate) fn payout(&self, id: &str) -> Result<&Payout> {
        well_formed(id, "pout_")?;
        self.merchant.payouts.get(id).ok_or_else(Error::unknown_id)
    }

    pub(crate) fn cancel_payout(&mut self, id: &str) -> Result<Payout> {
        if self.payout(id)?.status != PayoutStatus::Queued {
            return Err(Error::refused("Payout cannot be cancelled as it is not in queued state"));
        }
        self.move_payout(id, PayoutStatus::Cancelled);
        self.payout(id).cloned()
    }

    /// Adds money to the account that payouts are made from; what waited for it goes out, the oldest first.
    pub(crate) fn add_funds(&mut self, paise: i64) -> Result<i64> {
        if !(-ADDED_PAISE_MAX..=ADDED_PAISE_MAX).contains(&paise) {
            return Err(Error::invalid("paise", "The paise are out of bounds."));
        }
        self.merchant.funds_paise = self.merchant.funds_paise.saturating_add(paise).max(0);
        let queued = self.merchant.payouts.newest_first().filter(|p| p.status == PayoutStatus::Queued);
        let mut queued: Vec<(String, i64)> = queued.map(|p| (p.id.clone(), p.amount)).collect();
        while let Some((id, amount)) = queued.pop() {
            if self.merchant.funds_paise >= amount {
                self.move_payout(&id, PayoutStatus::Processing);
            }
        }
        Ok(self.merchant.funds_paise)
    }

    /// Moves a payout on, with its money, its news and what follows from it.
    pub(crate) fn move_payout(&mut self, id: &str, status: PayoutStatus) {
        let fee_paise = self.merchant.settings.payout_fee_paise;
        let utr = format!("EMUL{}", self.bench.entropy.token(12).to_ascii_uppercase());
        let Some(payout) = self.merchant.payouts.get_mut(id) else { return };
        payout.status = status;
        payout.status_details = Some(status.details());
        if status == PayoutStatus::Processed {
            payout.utr = Some(utr);
        }
        match status {
            PayoutStatus::Processing => {
                payout.tax = fee_paise * GST_PER_CENT / 100;
                payout.fees = fee_paise + payout.tax;
            }
            PayoutStatus::Failed | PayoutStatus::Reversed => (payout.fees, payout.tax) = (0, 0),
            PayoutStatus::Queued | PayoutStatus::Processed | PayoutStatus::Cancelled => {}
        }
        let (amount, shown) = (payout.amount, wire(payout));
        match status {
            PayoutStatus::Processing => {
                self.merchant.funds_paise -= amount;
                let (after_s, next) = match self.merchant.settings.payouts {
                    PayoutFate::Processed { after_s } | PayoutFate::Reversed { after_s, .. } => {
                        (after_s, PayoutStatus::Processed)
                    }
                    PayoutFate::Failed { after_s } => (after_s, PayoutStatus::Failed),
                };
                self.schedule_payout(id, after_s, next);
            }
            PayoutStatus::Processed => {
                if let PayoutFate::Reversed { reversed_after_s, .. } = self.merchant.settings.payouts {
                    self.schedule_payout(id, reversed_after_s, PayoutStatus::Reversed);
                }
            }
            PayoutStatus::Failed | PayoutStatus::Reversed => self.merchant.funds_paise += amount,
            PayoutStatus::Queued | PayoutStatus::Cancelled => {}
        }
        // The vendor has no event for a payout that its owner cancelled.
        if status != PayoutStatus::Cancelled {
            self.announce(status.event(), &[("payout", shown)]);
        }
    }

    fn schedule_payout(&mut self, id: &str, after_s: u32, next: PayoutStatus) {
        self.schedule(self.now_s + i64::from(after_s), Task::MovePayout { id: id.to_owned(), next });
    }
}

fn bank_account(mut fields: Fields) -> Result<Value> {
    let name = fields.text("name", 120)?.ok_or_else(|| missing("name"))?;
    let ifsc = fields.text("ifsc", 20)?.ok_or_else(|| missing("ifsc"))?;
    let number = fields.text("account_number", 35)?.ok_or_else(|| missing("account_number"))?;
    fields.finish()?;
    let code = ifsc.as_bytes();
    if code.len() != 11 || code[4] != b'0' || !ifsc.is_ascii() {
        return Err(Error::invalid("ifsc", "Invalid IFSC Code"));
    }
    if number.len() < 5 || !number.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(Error::invalid(
            "account_number",
            "The account number must be between 5 and 35 characters.",
        ));
    }
    let details = json!({ "ifsc": ifsc, "bank_name": "Emulated Bank", "name": name, "notes": [], "account_number": number });
    Ok(json!({ "bank_account": details }))
}

fn vpa(mut fields: Fields) -> Result<Value> {
    let address = fields.text("address", 100)?.ok_or_else(|| missing("address"))?;
    fields.finish()?;
    let (username, handle) = address
        .split_once('@')
        .ok_or_else(|| Error::invalid("address", "Invalid VPA. Please enter a valid VPA"))?;
    Ok(json!({ "vpa": { "username": username, "handle": handle, "address": address } }))
}
