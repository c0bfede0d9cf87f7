//! Refunds as the operator sees them, and what the operator can do about one that failed.

use chrono::{DateTime, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason, act_line};
use platform::jobs::Draft;
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use types::{Money, RefundId, TenantId};
use utoipa::{IntoParams, ToSchema};

use crate::db::refunds::{self, RefundState};
use crate::db::{oversight, payments};
use crate::jobs::refund_payment::RefundPayment;
use crate::subject::SubjectKind;
use crate::{Error, Payments};

/// A refund as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperatorRefund {
    /// The refund.
    pub id: RefundId,
    /// The business whose refund it is.
    #[serde(rename = "tenant_id")]
    pub tenant: TenantId,
    /// What was paid.
    pub paid_for: SubjectKind,
    /// The order's number at its stall, or the top-up's.
    pub order_number: String,
    /// Whom the payer paid: the stall, or for a top-up the platform.
    pub stall_name: String,
    /// What goes back.
    pub amount: Money,
    /// Where it stands.
    pub state: RefundState,
    /// How often the gateway was asked.
    pub attempts: i16,
    /// Why the money goes back.
    pub reason: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// What came of it, and who had it made again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Which refunds are asked for.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RefundQuery {
    /// Only those that stand so.
    pub state: Option<RefundState>,
}

impl Payments {
    /// A page of refunds, newest first, for the operator.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn refunds(
        &self,
        caller: &Caller,
        state: Option<RefundState>,
        query: PageQuery,
    ) -> Result<Page<OperatorRefund>, Error> {
        let person = caller.operator()?;
        let mut connection = self.db.acquire().await?;
        let refunds = oversight::list(&mut connection, state, query).await?;
        let page = query.page(refunds, |refund| refund.id.uuid());
        let businesses = page.items.iter().map(|refund| refund.tenant);
        audit::looked(&mut connection, person, Area::Refunds, businesses, self.clock.now()).await?;
        Ok(page)
    }

    /// Has the gateway asked again for a refund that failed. Who and why is written beside it.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Reason`], [`Error::NotFound`], [`Error::RefundNotFailed`], [`Error::NoGateway`].
    pub async fn retry_refund(
        &self,
        caller: &Caller,
        refund: RefundId,
        why: &OperatorReason,
    ) -> Result<OperatorRefund, Error> {
        let person = caller.operator()?;
        let reason = why.line().map_err(Error::Reason)?;
        let now = self.clock.now();
        let line = act_line("made again", person, &reason, now);
        let mut transaction = self.db.begin().await?;
        let tenant = oversight::tenant_of(&mut transaction, refund).await?.ok_or(Error::NotFound)?;
        let failed = refunds::lock(&mut transaction, tenant, refund).await?.ok_or(Error::NotFound)?;
        if failed.state != RefundState::Failed {
            return Err(Error::RefundNotFailed);
        }
        let payment =
            payments::find(&mut transaction, tenant, failed.payment).await?.ok_or(Error::NotFound)?;
        self.gateways.of(payment.gateway.as_deref())?;
        let asked = failed.asked_again();
        refunds::update(&mut transaction, &asked, Some("it is made again"), now).await?;
        let listed = oversight::note_retry(&mut transaction, &asked, &line).await?;
        self.jobs.enqueue(&mut transaction, Draft::new(tenant, &RefundPayment { tenant, refund })).await?;
        let act = Act::by(person, Area::Refunds, Deed::MadeAgain, now).in_business(tenant);
        audit::keep(&mut transaction, act.about(refund.uuid()).because(&reason)).await?;
        transaction.commit().await?;
        tracing::info!(%refund, %person, reason, "a failed refund is made again");
        Ok(listed)
    }
}
