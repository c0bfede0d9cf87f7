//! `RazorpayX`: contacts, fund accounts, payouts, webhooks.
//!
//! Deliberately absent: approval workflows (a payout that waits for an approval is under way like any other), payout links, cards and wallets,
//! the balance (a payout waits at the vendor where it is too low), validation of accounts before they are paid.

mod wire;

use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Client, Method, RequestBuilder};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;

use super::PayoutId;
use super::account::AccountKind;
use super::provider::{Asked, News, Payee, Payout, Provider};
use crate::config::RazorpayXConfig;
use crate::gateway::Error;
use crate::gateway::razorpay::{answer, plain, verifies};

/// The longest a whole call may take.
const TIMEOUT: Duration = Duration::from_secs(8);
/// The most that IMPS carries, in paise; more goes by NEFT.
const IMPS_MINOR_MAX: i64 = 5_00_000_00;
/// The longest name of a contact, in characters.
const NAME_CHARS_MAX: usize = 50;
/// What the vendor's bank statement says of where the money comes from: at most 30 letters, digits and spaces.
const NARRATION: &str = "VyaparMitra payout";

/// The provider under one account.
#[derive(Debug)]
pub(crate) struct RazorpayX {
    client: Client,
    config: RazorpayXConfig,
}

impl RazorpayX {
    pub(crate) fn new(config: RazorpayXConfig) -> Self {
        Self { client: platform::http::client(TIMEOUT), config }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/v1{path}", self.config.base_url.trim_end_matches('/'));
        let secret = self.config.key_secret.expose_secret();
        self.client.request(method, url).basic_auth(&self.config.key_id, Some(secret))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        answer(self.request(Method::GET, path)).await
    }
}

#[async_trait]
impl Provider for RazorpayX {
    fn name(&self) -> &'static str {
        "razorpayx"
    }

    async fn register(&self, payee: &Payee<'_>) -> Result<String, Error> {
        let name: String = payee.holder.chars().take(NAME_CHARS_MAX).collect();
        let contact = wire::NewContact { name, kind: "vendor", reference_id: payee.tenant.to_string() };
        let contact: wire::Named = answer(self.request(Method::POST, "/contacts").json(&contact)).await?;
        let account = wire::NewFundAccount::of(&contact.id, payee);
        let account: wire::Named =
            answer(self.request(Method::POST, "/fund_accounts").json(&account)).await?;
        Ok(account.id)
    }

    async fn pay(&self, asked: &Asked<'_>) -> Result<Payout, Error> {
        let paise = asked.amount.minor();
        let mode = match asked.kind {
            AccountKind::Upi => "UPI",
            AccountKind::Bank if paise <= IMPS_MINOR_MAX => "IMPS",
            AccountKind::Bank => "NEFT",
        };
        let key = asked.payout.to_string();
        let payout = wire::NewPayout {
            account_number: &self.config.account_number,
            fund_account_id: asked.account,
            amount: paise,
            currency: "INR",
            mode,
            purpose: "payout",
            queue_if_low_balance: true,
            reference_id: &key,
            narration: NARRATION,
        };
        let request = self.request(Method::POST, "/payouts").header("X-Payout-Idempotency", &key);
        let payout: wire::Payout = answer(request.json(&payout)).await?;
        Ok(payout.into())
    }

    async fn payout(&self, id: &str) -> Result<Payout, Error> {
        let payout: wire::Payout = self.get(&format!("/payouts/{}", plain(id)?)).await?;
        Ok(payout.into())
    }

    async fn find(&self, payout: PayoutId) -> Result<Option<Payout>, Error> {
        let from = plain(&self.config.account_number)?;
        let list: wire::List =
            self.get(&format!("/payouts?account_number={from}&reference_id={payout}")).await?;
        Ok(list.items.into_iter().next().map(Payout::from))
    }

    async fn cancel(&self, id: &str) -> Result<Payout, Error> {
        let path = format!("/payouts/{}/cancel", plain(id)?);
        let payout: wire::Payout = answer(self.request(Method::POST, &path)).await?;
        Ok(payout.into())
    }

    fn signed_webhook(&self, body: &[u8], signature: &str) -> bool {
        verifies(&self.config.webhook_secret, body, signature)
    }

    fn read_webhook(&self, body: &[u8]) -> Option<News> {
        let webhook: wire::Webhook = serde_json::from_slice(body).ok()?;
        Some(News { event: webhook.event, payout: webhook.payload.payout.map(|payout| payout.entity.id) })
    }
}
