//! What payouts ask of a provider that makes them. A vendor's own types and words stay in its folder.

use std::fmt::Debug;

use async_trait::async_trait;
use types::{Money, TenantId};

use super::account::AccountKind;
use super::{PayoutId, PayoutState};
use crate::gateway::Error;

/// Somebody who pays vendors out for the platform.
#[async_trait]
pub(crate) trait Provider: Send + Sync + Debug {
    /// Its name in our rows.
    fn name(&self) -> &'static str;

    /// Makes an account known; gives what the provider calls it. The same account again is the same.
    async fn register(&self, account: &Payee<'_>) -> Result<String, Error>;

    /// Makes a payout; the same key gives the same payout.
    async fn pay(&self, asked: &Asked<'_>) -> Result<Payout, Error>;

    /// One payout as the provider sees it now.
    async fn payout(&self, id: &str) -> Result<Payout, Error>;

    /// The payout that was made for one of ours.
    async fn find(&self, payout: PayoutId) -> Result<Option<Payout>, Error>;

    /// Calls off a payout that waits for money; what is at the bank is refused.
    async fn cancel(&self, id: &str) -> Result<Payout, Error>;

    /// Whether a webhook's body bears the provider's signature; in constant time.
    fn signed_webhook(&self, body: &[u8], signature: &str) -> bool;

    /// What a signed webhook is about; none where it cannot be read.
    fn read_webhook(&self, body: &[u8]) -> Option<News>;
}

/// An account to be made known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payee<'a> {
    pub tenant: TenantId,
    pub holder: &'a str,
    pub ifsc: Option<&'a str>,
    pub number: Option<&'a str>,
    pub upi_id: Option<&'a str>,
}

/// A payout to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Ours: its key and its reference.
    pub payout: PayoutId,
    /// What the provider calls the account.
    pub account: &'a str,
    pub kind: AccountKind,
    pub amount: Money,
}

/// A payout as the provider sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payout {
    pub id: String,
    /// Our id of it, where it says one.
    pub reference: Option<PayoutId>,
    /// `None` for a currency that is not traded.
    pub amount: Option<Money>,
    pub state: PayoutState,
    pub utr: Option<String>,
    /// Why it stands where it does, in the provider's words.
    pub why: Option<String>,
    /// What the provider takes for it, where it says so.
    pub fee: Option<Fee>,
}

/// What a provider takes for a payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fee {
    /// With the tax in it, in paise.
    pub minor: i64,
    pub tax_minor: i64,
}

/// What a webhook is about. It is a hint where to look, not proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    pub event: String,
    pub payout: Option<String>,
}
