//! Making payouts through the provider, and taking in what it says of them.

use chrono::TimeDelta;
use platform::db::repeat;
use platform::jobs::Draft;
use sqlx::PgConnection;
use types::TenantId;

use super::account::Account;
use super::provider::{self, Asked, Payee, Provider};
use super::{Payout, PayoutId, PayoutState};
use crate::db::paying_out::{accounts, payouts};
use crate::gateway::chain;
use crate::jobs::watch_payout::WatchPayout;
use crate::{Error, GatewayError, Payments};

/// When a payout that was paid is looked at once more: banks send back within days, and the news of it may be lost.
const LOOK_BACK_AFTER: TimeDelta = TimeDelta::days(3);

impl Payments {
    /// Has the provider make a payout that is asked for.
    pub(crate) async fn make_payout(&self, tenant: TenantId, id: PayoutId) -> Result<(), Error> {
        let provider = self.provider.as_deref().ok_or(Error::NoGateway)?;
        let mut connection = self.db.acquire().await?;
        let found = payouts::find(&mut connection, tenant, id).await?;
        let Some(payout) = found.filter(|payout| payout.state == PayoutState::Asked) else { return Ok(()) };
        if payout.provider.as_deref() != Some(provider.name()) {
            return Err(Error::NoGateway);
        }
        let account = accounts::find(&mut connection, &self.fields, tenant, payout.account)
            .await?
            .ok_or(Error::NotFound)?;
        drop(connection);
        match self.send(provider, &payout, &account).await {
            Err(Error::Gateway(error)) if error.is_final() => {
                self.payout_refused(provider, &payout, error).await
            }
            other => other,
        }
    }

    async fn send(&self, provider: &dyn Provider, payout: &Payout, account: &Account) -> Result<(), Error> {
        let at_provider = self.registered(provider, account).await?;
        let sent = payouts::set_sent(&mut *self.db.acquire().await?, payout, self.clock.now()).await?;
        if !sent {
            return Ok(());
        }
        let asked =
            Asked { payout: payout.id, account: &at_provider, kind: account.kind, amount: payout.amount() };
        let seen = provider.pay(&asked).await?;
        self.look_at_payout(payout.tenant, payout.id, &seen).await
    }

    async fn registered(&self, provider: &dyn Provider, account: &Account) -> Result<String, Error> {
        if let Some((_, id)) = account.at_provider.as_ref().filter(|(name, _)| name == provider.name()) {
            return Ok(id.clone());
        }
        let number = self.open_number(account)?;
        let payee = Payee {
            tenant: account.tenant,
            holder: &account.holder,
            ifsc: account.ifsc.as_deref(),
            number: number.as_deref(),
            upi_id: account.upi_id.as_deref(),
        };
        let id = provider.register(&payee).await?;
        accounts::set_at_provider(&mut *self.db.acquire().await?, account, provider.name(), &id).await?;
        Ok(id)
    }

    /// The provider will not: perhaps it did before. Otherwise the money is the vendor's to come again.
    async fn payout_refused(
        &self,
        provider: &dyn Provider,
        payout: &Payout,
        error: GatewayError,
    ) -> Result<(), Error> {
        if let Some(seen) = provider.find(payout.id).await? {
            return self.look_at_payout(payout.tenant, payout.id, &seen).await;
        }
        let why = format!("{}: {}", provider.name(), chain(&error));
        repeat(|| self.end_payout(payout.tenant, payout.id, PayoutState::Failed, &why)).await?;
        Ok(())
    }

    /// Ends a payout that is under way, with what is told of it.
    pub(super) async fn end_payout(
        &self,
        tenant: TenantId,
        id: PayoutId,
        end: PayoutState,
        why: &str,
    ) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let payout = payouts::lock(&mut transaction, tenant, id).await?.ok_or(Error::NotFound)?;
        if !payout.state.may_become(end) {
            return Ok(());
        }
        self.move_payout(&mut transaction, payout, end, Some(why)).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Moves a locked payout on: its row, the books and the vendor's news together.
    pub(super) async fn move_payout(
        &self,
        connection: &mut PgConnection,
        payout: Payout,
        state: PayoutState,
        note: Option<&str>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        if matches!(state, PayoutState::Failed | PayoutState::Reversed) {
            tracing::warn!(payout = %payout.id, ?state, note, "a payout did not reach its vendor; the operator has to look");
        }
        let (tenant, moved) = (payout.tenant, Payout { state, ..payout.clone() });
        payouts::update(connection, &moved, note, now).await?;
        self.book_payout_end(connection, &payout, state).await?;
        if moved.provider.is_some() {
            let watch = WatchPayout { tenant, payout: moved.id, look: 0 };
            match state {
                PayoutState::Pending => {
                    self.jobs.enqueue(connection, watch.draft(now)).await?;
                }
                PayoutState::Paid => {
                    let back = Draft::new(tenant, &watch).at(now + LOOK_BACK_AFTER);
                    self.jobs.enqueue(connection, back).await?;
                }
                _ => {}
            }
        }
        self.announce_payout(connection, tenant, Some(state)).await
    }

    /// Takes in what the provider says of a payout now. Whatever was taken in before has no further effect.
    pub(crate) async fn look_at_payout(
        &self,
        tenant: TenantId,
        id: PayoutId,
        seen: &provider::Payout,
    ) -> Result<(), Error> {
        repeat(|| self.apply_payout(tenant, id, seen)).await
    }

    async fn apply_payout(
        &self,
        tenant: TenantId,
        id: PayoutId,
        seen: &provider::Payout,
    ) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let payout = payouts::lock(&mut transaction, tenant, id).await?.ok_or(Error::NotFound)?;
        let of_another = payout.at_provider.as_ref().is_some_and(|known| *known != seen.id);
        if of_another || seen.amount != Some(payout.amount()) {
            tracing::error!(payout = %id, seen = seen.id, "the provider tells of a payout that is not this one");
            return Ok(());
        }
        let told_utr = seen.utr.clone().or_else(|| payout.utr.clone());
        let news = told_utr != payout.utr || payout.at_provider.is_none();
        let payout = Payout { at_provider: Some(seen.id.clone()), utr: told_utr, ..payout };
        let booked = (payout.fee_minor, payout.fee_tax_minor);
        let payout = match seen.fee {
            Some(fee) => self.book_payout_fee(&mut transaction, payout, fee).await?,
            None => payout,
        };
        let news = news || booked != (payout.fee_minor, payout.fee_tax_minor);
        let why = seen.why.as_deref();
        if payout.state.may_become(seen.state) {
            self.move_payout(&mut transaction, payout, seen.state, why).await?;
        } else if news {
            payouts::update(&mut transaction, &payout, why, self.clock.now()).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Looks where a webhook of the provider points: what came of it, in words.
    pub(crate) async fn follow_payout(
        &self,
        provider: &dyn Provider,
        news: &provider::News,
    ) -> Result<(crate::WebhookState, &'static str), Error> {
        use crate::WebhookState::{Done, Ignored};
        let Some(id) = news.payout.as_deref() else { return Ok((Ignored, "it is about no payout")) };
        let seen = match provider.payout(id).await {
            Err(error) if error.is_final() => return Ok((Ignored, "the provider knows no such payout")),
            other => other?,
        };
        let mut connection = self.db.acquire().await?;
        let mut ours = payouts::of_provider(&mut connection, provider.name(), id)
            .await?
            .map(|payout| (payout.tenant, payout.id));
        // Its news may be here before its answer.
        if let (None, Some(reference)) = (ours, seen.reference) {
            let tenant = payouts::tenant_of(&mut connection, reference).await?;
            ours = tenant.map(|tenant| (tenant, reference));
        }
        drop(connection);
        let Some((tenant, payout)) = ours else { return Ok((Ignored, "the payout was not asked for here")) };
        self.look_at_payout(tenant, payout, &seen).await?;
        Ok((Done, "the payout was looked at"))
    }
}
