//! Payouts that an operator makes at the platform's bank: the list for the bank, and the word that the bank did it.

use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason, act_line};
use platform::csv::quoted;
use serde::Deserialize;
use utoipa::ToSchema;

use super::account::Account;
use super::{OperatorPayout, Payout, PayoutId, PayoutRunId, PayoutState};
use crate::db::paying_out::{accounts, payouts, runs};
use crate::{Error, Payments};

/// Lines that a list for the bank has at most: as many as banks take in one file.
const LINES_MAX: i64 = 5_000;

/// The word of an operator that the bank made a payout.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct HandMade {
    /// What the bank calls it (UTR): 6 to 22 letters and digits.
    #[schema(min_length = 6, max_length = 22)]
    pub utr: String,
    /// One line of 1 to 200 characters.
    pub reason: String,
}

/// A list for the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutFile {
    /// Comma-separated values, with a first line that names the columns.
    pub csv: String,
}

const COLUMNS: &str = "reference,beneficiary,ifsc,account_number,upi_id,amount\r\n";

fn line(payout: &Payout, account: &Account, number: Option<&str>) -> String {
    let paise = payout.amount_minor;
    let [beneficiary, ifsc, number, upi] =
        [Some(account.holder.as_str()), account.ifsc.as_deref(), number, account.upi_id.as_deref()]
            .map(|value| quoted(value.unwrap_or_default()));
    format!("{},{beneficiary},{ifsc},{number},{upi},{}.{:02}\r\n", payout.id, paise / 100, paise % 100)
}

fn utr(text: &str) -> Result<String, Error> {
    let utr = text.trim().to_ascii_uppercase();
    let fits = (6..=22).contains(&utr.len()) && utr.bytes().all(|b| b.is_ascii_alphanumeric());
    if fits { Ok(utr) } else { Err(Error::Utr) }
}

impl Payments {
    /// The payouts of a run that are to be made by hand, with the whole numbers of their accounts. Who took the list is kept with the run.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::NotFound`].
    pub async fn payout_file(&self, caller: &Caller, run: PayoutRunId) -> Result<PayoutFile, Error> {
        let person = caller.operator()?;
        let mut transaction = self.db.begin().await?;
        runs::find(&mut transaction, run).await?.ok_or(Error::NotFound)?;
        let mut csv = COLUMNS.to_owned();
        let mut businesses = Vec::new();
        for payout in payouts::to_make_by_hand(&mut transaction, run, LINES_MAX).await? {
            let account =
                accounts::find(&mut transaction, &self.fields, payout.tenant, payout.account).await?;
            businesses.push(payout.tenant);
            let account = account.ok_or(Error::NotFound)?;
            csv.push_str(&line(&payout, &account, self.open_number(&account)?.as_deref()));
        }
        let now = self.clock.now();
        let note = act_line("list taken", person, "for the bank", now);
        runs::note(&mut transaction, run, &note).await?;
        let act = Act::by(person, Area::Payouts, Deed::FileTaken, now);
        audit::keep(&mut transaction, act.about(run.uuid())).await?;
        if !businesses.is_empty() {
            audit::looked(&mut transaction, person, Area::PayoutAccount, businesses, now).await?;
        }
        transaction.commit().await?;
        tracing::info!(%run, %person, "a list of payouts was taken for the bank");
        Ok(PayoutFile { csv })
    }

    /// Takes an operator's word that the bank made a payout.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Utr`], [`Error::Reason`], [`Error::NotFound`]; [`Error::PayoutMoved`] where the provider is
    /// at it, or it is over.
    pub async fn payout_made(
        &self,
        caller: &Caller,
        id: PayoutId,
        made: &HandMade,
    ) -> Result<OperatorPayout, Error> {
        let why = OperatorReason { reason: made.reason.clone() };
        let utr = utr(&made.utr)?;
        self.act(caller, id, (PayoutState::Paid, "marked paid", Deed::MarkedPaid), Some(&utr), &why).await
    }

    /// Takes an operator's word that the bank sent a payout back that was made by hand.
    ///
    /// # Errors
    /// As [`Payments::payout_made`].
    pub async fn payout_came_back(
        &self,
        caller: &Caller,
        id: PayoutId,
        why: &OperatorReason,
    ) -> Result<OperatorPayout, Error> {
        self.act(caller, id, (PayoutState::Reversed, "marked as come back", Deed::CameBack), None, why).await
    }

    async fn act(
        &self,
        caller: &Caller,
        id: PayoutId,
        (state, what, deed): (PayoutState, &str, Deed),
        utr: Option<&str>,
        why: &OperatorReason,
    ) -> Result<OperatorPayout, Error> {
        let person = caller.operator()?;
        let reason = why.line().map_err(Error::Reason)?;
        let line = act_line(what, person, &reason, self.clock.now());
        let act = Act::by(person, Area::Payouts, deed, self.clock.now()).because(&reason);
        self.act_on_payout(id, state, utr, (&line, act)).await?;
        tracing::info!(payout = %id, %person, reason, what, "an operator moved a payout on");
        let mut connection = self.db.acquire().await?;
        let tenant = payouts::tenant_of(&mut connection, id).await?.ok_or(Error::NotFound)?;
        Ok(payouts::shown(&mut connection, &self.fields, tenant, id).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bank_calls_a_payout_by_letters_and_digits() {
        assert_eq!(utr(" sbin426330123456 ").unwrap(), "SBIN426330123456");
        for bad in ["", "12345", "12345 678", "12345678901234567890123", "१२३४५६"] {
            assert!(matches!(utr(bad), Err(Error::Utr)), "{bad}");
        }
    }
}
