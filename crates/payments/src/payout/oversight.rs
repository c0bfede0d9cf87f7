//! Payouts as the operator sees them, and what the operator can do about one.

use chrono::{DateTime, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason, act_line};
use platform::db::repeat;
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use types::{Money, TenantId};
use utoipa::{IntoParams, ToSchema};

use super::account::AccountKind;
use super::provider::Provider;
use super::{Payout, PayoutId, PayoutRunId, PayoutState};
use crate::db::paying_out::payouts;
use crate::{Error, Payments};

/// A payout as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperatorPayout {
    /// The payout.
    pub id: PayoutId,
    /// The run that asked for it.
    #[serde(rename = "run_id")]
    pub run: PayoutRunId,
    /// The vendor.
    #[serde(rename = "tenant_id")]
    pub tenant: TenantId,
    /// The name of their stall.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_name: Option<String>,
    /// Whose account it goes to.
    pub holder: String,
    /// How much.
    pub amount: Money,
    /// What the provider took for it, with the tax in it: the platform's expense; absent where it took nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<Money>,
    /// Where it stands.
    pub state: PayoutState,
    /// Whether an operator makes it at the platform's bank, rather than the provider.
    pub by_hand: bool,
    /// What kind of account it goes to.
    pub account_kind: AccountKind,
    /// The end of the account's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_last4: Option<String>,
    /// The UPI id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upi_id: Option<String>,
    /// What the bank calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utr: Option<String>,
    /// What came of it, and what operators did about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether another one makes it good.
    pub retried: bool,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// Which payouts are asked for.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PayoutQuery {
    /// Only those that stand so.
    pub state: Option<PayoutState>,
}

/// How long a stall's money is held back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewHold {
    /// Days, 0 to 90; as long as everybody's where absent.
    #[serde(default)]
    #[schema(nullable = false, minimum = 0, maximum = 90)]
    pub hold_days: Option<i16>,
    /// Why: one line of 1 to 200 characters.
    pub reason: String,
}

impl NewHold {
    pub(super) fn why(&self) -> OperatorReason {
        OperatorReason { reason: self.reason.clone() }
    }
}

impl Payments {
    /// A page of payouts, newest first, for the operator.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn payouts(
        &self,
        caller: &Caller,
        state: Option<PayoutState>,
        query: PageQuery,
    ) -> Result<Page<OperatorPayout>, Error> {
        let person = caller.operator()?;
        let mut connection = self.db.acquire().await?;
        let rows = payouts::list(&mut connection, &self.fields, state, query).await?;
        let page = query.page(rows, |payout| payout.id.uuid());
        let businesses = page.items.iter().map(|payout| payout.tenant);
        audit::looked(&mut connection, person, Area::Payouts, businesses, self.clock.now()).await?;
        Ok(page)
    }

    /// Pays a vendor whose payout failed or came back: all that is available now, by another payout. Who and why is written beside
    /// the failed one.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Reason`], [`Error::NotFound`], [`Error::PayoutMoved`], [`Error::NothingToPay`].
    pub async fn retry_payout(
        &self,
        caller: &Caller,
        id: PayoutId,
        why: &OperatorReason,
    ) -> Result<OperatorPayout, Error> {
        let person = caller.operator()?;
        let reason = why.line().map_err(Error::Reason)?;
        let mut connection = self.db.acquire().await?;
        let tenant = payouts::tenant_of(&mut connection, id).await?.ok_or(Error::NotFound)?;
        let failed = payouts::shown(&mut connection, &self.fields, tenant, id).await?;
        if !matches!(failed.state, PayoutState::Failed | PayoutState::Reversed) || failed.retried {
            return Err(Error::PayoutMoved);
        }
        let line = act_line("made again", person, &reason, self.clock.now());
        let act = Act::by(person, Area::Payouts, Deed::MadeAgain, self.clock.now()).in_business(tenant);
        let act = act.about(id.uuid()).because(&reason);
        let again = repeat(|| self.ask_for_payout(failed.run, tenant, Some((id, &line, act)))).await?;
        let again = again.ok_or(Error::NothingToPay)?;
        tracing::info!(payout = %id, %again, %person, reason, "a failed payout is made again");
        Ok(payouts::shown(&mut connection, &self.fields, tenant, id).await?)
    }

    /// Calls off a payout that was not made: the money is the vendor's to come again. Who and why is written beside it.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Reason`], [`Error::NotFound`]; [`Error::PayoutMoved`] where it may have been made.
    pub async fn cancel_payout(
        &self,
        caller: &Caller,
        id: PayoutId,
        why: &OperatorReason,
    ) -> Result<OperatorPayout, Error> {
        let person = caller.operator()?;
        let reason = why.line().map_err(Error::Reason)?;
        let line = act_line("called off", person, &reason, self.clock.now());
        let act = Act::by(person, Area::Payouts, Deed::CalledOff, self.clock.now()).because(&reason);
        let mut connection = self.db.acquire().await?;
        let tenant = payouts::tenant_of(&mut connection, id).await?.ok_or(Error::NotFound)?;
        let payout = payouts::find(&mut connection, tenant, id).await?.ok_or(Error::NotFound)?;
        if payout.sent_at.is_some() {
            let provider = self.provider.as_deref().ok_or(Error::NoGateway)?;
            // Kept first: whether the provider heeds it or not, it was asked.
            let mut transaction = connection.begin().await?;
            payouts::note_act(&mut transaction, tenant, id, &line).await?;
            audit::keep(&mut transaction, act.in_business(tenant).about(id.uuid())).await?;
            transaction.commit().await?;
            self.cancel_at_provider(provider, &payout).await?;
        } else {
            self.act_on_payout(id, PayoutState::Cancelled, None, (&line, act)).await?;
        }
        tracing::info!(payout = %id, %person, reason, "a payout was cancelled");
        Ok(payouts::shown(&mut connection, &self.fields, tenant, id).await?)
    }

    /// What the provider may have is the provider's to call off; what it does not know yet may still reach it.
    async fn cancel_at_provider(&self, provider: &dyn Provider, payout: &Payout) -> Result<(), Error> {
        if !payout.state.is_under_way() {
            return Err(Error::PayoutMoved);
        }
        let seen = provider.find(payout.id).await?.ok_or(Error::PayoutMoved)?;
        let seen = match provider.cancel(&seen.id).await {
            Err(error) if error.is_final() => return Err(Error::PayoutMoved),
            other => other?,
        };
        self.look_at_payout(payout.tenant, payout.id, &seen).await
    }

    /// Moves a payout as an operator says, and notes it.
    pub(super) async fn act_on_payout(
        &self,
        id: PayoutId,
        state: PayoutState,
        utr: Option<&str>,
        (line, act): (&str, Act<'_>),
    ) -> Result<(), Error> {
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let tenant = self.act_once(&mut transaction, id, state, utr, line).await?;
            audit::keep(&mut transaction, act.in_business(tenant).about(id.uuid())).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    async fn act_once(
        &self,
        connection: &mut PgConnection,
        id: PayoutId,
        state: PayoutState,
        utr: Option<&str>,
        line: &str,
    ) -> Result<TenantId, Error> {
        let tenant = payouts::tenant_of(connection, id).await?.ok_or(Error::NotFound)?;
        let payout = payouts::lock(connection, tenant, id).await?.ok_or(Error::NotFound)?;
        // What the provider may be at is not for people to say.
        let came_back_unpaid = state == PayoutState::Reversed && payout.state != PayoutState::Paid;
        if payout.sent_at.is_some() || came_back_unpaid || !payout.state.may_become(state) {
            return Err(Error::PayoutMoved);
        }
        let utr = utr.map(str::to_owned).or_else(|| payout.utr.clone());
        payouts::note_act(connection, tenant, id, line).await?;
        self.move_payout(connection, Payout { utr, ..payout }, state, None).await?;
        Ok(tenant)
    }
}
