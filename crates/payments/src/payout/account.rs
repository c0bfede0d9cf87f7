//! Where a vendor is paid out to: a bank account, or a UPI id.
//!
//! The number of a bank account is sealed as it comes in; only its last four digits are shown, also to the operator. It is opened for the
//! provider and for the operator's list for the bank. An account is never changed but replaced, and the one before is kept with its payouts.
//! Nothing is paid to one that replaced another for a day: time for the vendor to notice somebody else at work.

use chrono::{DateTime, TimeDelta, Utc};
use identity::Caller;
use identity::audit::{self, Act, Area, Deed};
use platform::text;
use serde::{Deserialize, Serialize};
use types::TenantId;
use utoipa::ToSchema;

use super::PayoutAccountId;
use crate::db::paying_out::accounts;
use crate::{Error, Payments, UpiId};

/// How long nothing is paid to an account that replaced another.
const CHANGE_RESTS: TimeDelta = TimeDelta::hours(24);
/// The most that one payment carries by UPI, a lakh of rupees, and that one payout is to a bank account, a crore: in paise.
const UPI_MINOR_MAX: i64 = 1_00_000_00;
const BANK_MINOR_MAX: i64 = 1_00_00_000_00;
/// The longest name of a holder, in characters: what payment files of banks hold.
const HOLDER_CHARS_MAX: usize = 70;

/// What kind of account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[schema(as = PayoutAccountKind)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum AccountKind {
    /// A bank account.
    Bank,
    /// A UPI id.
    Upi,
}

/// Where the vendor is paid out to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PayoutAccount {
    /// What kind of account it is.
    pub kind: AccountKind,
    /// Whose it is, as the bank knows them.
    pub holder: String,
    /// The bank's branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ifsc: Option<String>,
    /// The end of the account's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last4: Option<String>,
    /// The UPI id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upi_id: Option<String>,
    /// Nothing is paid to it before.
    pub payable_from: DateTime<Utc>,
}

/// Where the vendor wants to be paid out to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NewPayoutAccount {
    /// A bank account.
    Bank {
        /// Whose it is, as the bank knows them.
        #[schema(max_length = 70)]
        holder: String,
        /// The branch: four letters, a zero, six letters or digits.
        #[schema(min_length = 11, max_length = 11)]
        ifsc: String,
        /// 9 to 18 digits.
        #[schema(min_length = 9, max_length = 18)]
        number: String,
    },
    /// A UPI id.
    Upi {
        /// Whose it is, as the bank knows them.
        #[schema(max_length = 70)]
        holder: String,
        /// `name@handle`.
        upi_id: String,
    },
}

/// A stored account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub tenant: TenantId,
    pub id: PayoutAccountId,
    pub kind: AccountKind,
    pub holder: String,
    pub ifsc: Option<String>,
    pub number: Option<Sealed>,
    pub upi_id: Option<String>,
    /// A provider and what it calls the account.
    pub at_provider: Option<(String, String)>,
    pub payable_from: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

/// A bank account's number, sealed, and its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub sealed: Vec<u8>,
    pub last4: String,
}

impl Account {
    /// The most that one payout carries there, in paise; the rest comes by the next.
    pub(super) const fn payout_minor_max(&self) -> i64 {
        match self.kind {
            AccountKind::Bank => BANK_MINOR_MAX,
            AccountKind::Upi => UPI_MINOR_MAX,
        }
    }

    fn view(&self) -> PayoutAccount {
        PayoutAccount {
            kind: self.kind,
            holder: self.holder.clone(),
            ifsc: self.ifsc.clone(),
            last4: self.number.as_ref().map(|number| number.last4.clone()),
            upi_id: self.upi_id.clone(),
            payable_from: self.payable_from,
        }
    }
}

/// To what a sealed number belongs.
pub(super) fn place(tenant: TenantId, id: PayoutAccountId) -> String {
    format!("payout_accounts/{tenant}/{id}/number")
}

/// The branch's code, in capitals.
fn ifsc(text: &str) -> Result<String, Error> {
    let code = text.trim().to_ascii_uppercase();
    let bytes = code.as_bytes();
    let fits = bytes.len() == 11
        && bytes[..4].iter().all(u8::is_ascii_uppercase)
        && bytes[4] == b'0'
        && bytes[5..].iter().all(u8::is_ascii_alphanumeric);
    if fits { Ok(code) } else { Err(Error::AccountField("ifsc")) }
}

/// The digits of an account's number; spaces between them are as people write them.
fn digits(text: &str) -> Result<String, Error> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).take(32).collect();
    let fits = (9..=18).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if fits { Ok(digits) } else { Err(Error::AccountField("number")) }
}

impl Payments {
    /// Where the caller is paid out to.
    ///
    /// # Errors
    /// The caller is no vendor; [`Error::NotFound`] where they never said.
    pub async fn payout_account(&self, caller: &Caller) -> Result<PayoutAccount, Error> {
        let tenant = caller.vendor()?.tenant;
        let account = accounts::of_tenant(&mut *self.db.acquire().await?, &self.fields, tenant).await?;
        account.map(|account| account.view()).ok_or(Error::NotFound)
    }

    /// Says where the caller is paid out to from now on. What is under way goes where it was sent.
    ///
    /// # Errors
    /// The caller is no vendor; [`Error::AccountField`], [`Error::UpiId`].
    pub async fn change_payout_account(
        &self,
        caller: &Caller,
        new: &NewPayoutAccount,
    ) -> Result<PayoutAccount, Error> {
        let vendor = caller.vendor()?;
        let now = self.clock.now();
        let mut account = self.checked_account(vendor.tenant, new)?;
        let mut transaction = self.db.begin().await?;
        if accounts::replace(&mut transaction, vendor.tenant, now).await? {
            account.payable_from = now + CHANGE_RESTS;
        }
        accounts::insert(&mut transaction, &self.fields, &account, vendor.person).await?;
        self.announce_payout(&mut transaction, vendor.tenant, None).await?;
        let act = Act::by(vendor.person, Area::PayoutAccount, Deed::Changed, now).in_business(vendor.tenant);
        audit::keep(&mut transaction, act.about(account.id.uuid())).await?;
        transaction.commit().await?;
        tracing::info!(tenant = %vendor.tenant, person = %vendor.person, account = %account.id, "a payout account was given");
        Ok(account.view())
    }

    fn checked_account(&self, tenant: TenantId, new: &NewPayoutAccount) -> Result<Account, Error> {
        let now = self.clock.now();
        let id: PayoutAccountId = self.entropy.id(now);
        let (NewPayoutAccount::Bank { holder, .. } | NewPayoutAccount::Upi { holder, .. }) = new;
        let holder = text::line(holder, HOLDER_CHARS_MAX).map_err(|_| Error::AccountField("holder"))?;
        let empty = Account {
            tenant,
            id,
            kind: AccountKind::Upi,
            holder,
            ifsc: None,
            number: None,
            upi_id: None,
            at_provider: None,
            payable_from: now,
            created_at: now,
        };
        match new {
            NewPayoutAccount::Bank { ifsc: code, number, .. } => {
                let number = digits(number)?;
                let sealed = self.sealer.seal(&place(tenant, id), number.as_bytes());
                let last4 = number[number.len() - 4..].to_owned();
                let number = Some(Sealed { sealed, last4 });
                Ok(Account { kind: AccountKind::Bank, ifsc: Some(ifsc(code)?), number, ..empty })
            }
            NewPayoutAccount::Upi { upi_id, .. } => {
                let upi_id: UpiId = upi_id.parse()?;
                Ok(Account { upi_id: Some(upi_id.to_string()), ..empty })
            }
        }
    }

    /// The number of a bank account, for whoever pays to it.
    pub(super) fn open_number(&self, account: &Account) -> Result<Option<String>, Error> {
        let Some(number) = &account.number else { return Ok(None) };
        let opened = self.sealer.open(&place(account.tenant, account.id), &number.sealed);
        let opened = opened.map_err(|_| Error::Unopenable)?;
        Ok(Some(String::from_utf8(opened).map_err(|_| Error::Unopenable)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_has_four_letters_a_zero_and_six_more() {
        assert_eq!(ifsc(" hdfc0000053 ").unwrap(), "HDFC0000053");
        for bad in
            ["", "HDFC1000053", "HDFC000005", "HDFC00000533", "HDF00000053", "HDFC0-00053", "எHDFC00000"]
        {
            assert!(matches!(ifsc(bad), Err(Error::AccountField("ifsc"))), "{bad}");
        }
    }

    #[test]
    fn a_number_has_nine_to_eighteen_digits() {
        assert_eq!(digits("7654 3210 1234").unwrap(), "765432101234");
        for bad in ["", "12345678", "1234567890123456789", "12345678a", "१२३४५६७८९"] {
            assert!(matches!(digits(bad), Err(Error::AccountField("number"))), "{bad}");
        }
    }
}
