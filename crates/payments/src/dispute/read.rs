//! Reading disputes: the vendor sees their own, the operator all.

use chrono::{DateTime, Utc};
use identity::Caller;
use identity::audit::{self, Area};
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Money, OrderId, PersonId, TenantId};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, Dispute, DisputeState};
use crate::db::disputes;
use crate::ids::DisputeId;
use crate::{Error, Payments};

/// A dispute as the vendor sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Dispute)]
pub struct DisputeView {
    /// The dispute.
    pub id: DisputeId,
    /// The order that was paid; absent where a top-up was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// The order's number at its stall, or the top-up's.
    pub order_number: String,
    /// What the bank asks for.
    pub amount: Money,
    /// What is on hold of it until it is decided.
    pub held: Money,
    /// What the gateway takes besides.
    pub fee: Money,
    /// Why, by the bank's code.
    pub reason: String,
    /// How far it has gone between the banks.
    pub phase: String,
    /// Where it stands.
    pub state: DisputeState,
    /// What was answered, once something was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The words that went with the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// What came of the answer at the gateway, where it refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Until when it can be answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respond_by: Option<DateTime<Utc>>,
    /// When it was heard of.
    pub created_at: DateTime<Utc>,
}

/// A dispute as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperatorDispute {
    /// As the vendor sees it.
    #[serde(flatten)]
    pub dispute: DisputeView,
    /// Whose stall.
    pub tenant_id: TenantId,
    /// What the stall is called; for a top-up whom the vendor paid.
    pub stall_name: String,
    /// The gateway, and what it calls the dispute.
    pub gateway: String,
    /// What the gateway calls it.
    pub gateway_dispute_id: String,
    /// Who answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<PersonId>,
}

/// Which disputes are asked for.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DisputeQuery {
    /// Only those that stand so.
    pub state: Option<DisputeState>,
}

/// A dispute with what its payment says of it.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub dispute: Dispute,
    pub number: String,
    pub payee: String,
}

impl From<Listed> for DisputeView {
    fn from(listed: Listed) -> Self {
        let Listed { dispute, number, .. } = listed;
        Self {
            id: dispute.id,
            order_id: dispute.order,
            order_number: number,
            amount: Money::inr(dispute.amount_minor),
            held: Money::inr(dispute.held_minor),
            fee: Money::inr(dispute.fee_minor),
            reason: dispute.reason,
            phase: dispute.phase,
            state: dispute.state,
            answer: dispute.answer,
            statement: dispute.statement,
            note: dispute.note,
            respond_by: dispute.respond_by,
            created_at: dispute.created_at,
        }
    }
}

impl From<Listed> for OperatorDispute {
    fn from(listed: Listed) -> Self {
        Self {
            tenant_id: listed.dispute.tenant,
            stall_name: listed.payee.clone(),
            gateway: listed.dispute.gateway.clone(),
            gateway_dispute_id: listed.dispute.at_gateway.clone(),
            answered_by: listed.dispute.answered_by,
            dispute: listed.into(),
        }
    }
}

impl Payments {
    /// A page of the vendor's disputes, newest first.
    ///
    /// # Errors
    /// The caller is no vendor; whatever the database says.
    pub async fn disputes(
        &self,
        caller: &Caller,
        state: Option<DisputeState>,
        query: PageQuery,
    ) -> Result<Page<DisputeView>, Error> {
        let tenant = caller.vendor()?.tenant;
        let listed = disputes::list(&mut *self.db.acquire().await?, Some(tenant), state, query).await?;
        Ok(query.page(listed.into_iter().map(DisputeView::from).collect(), |dispute| dispute.id.uuid()))
    }

    /// A page of all disputes, newest first, for the operator.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn all_disputes(
        &self,
        caller: &Caller,
        state: Option<DisputeState>,
        query: PageQuery,
    ) -> Result<Page<OperatorDispute>, Error> {
        let person = caller.operator()?;
        let mut connection = self.db.acquire().await?;
        let listed = disputes::list(&mut connection, None, state, query).await?;
        let listed = listed.into_iter().map(OperatorDispute::from).collect();
        let page = query.page(listed, |dispute: &OperatorDispute| dispute.dispute.id.uuid());
        let businesses = page.items.iter().map(|dispute| dispute.tenant_id);
        audit::looked(&mut connection, person, Area::Disputes, businesses, self.clock.now()).await?;
        Ok(page)
    }

    /// A dispute of a stall.
    ///
    /// # Errors
    /// [`Error::NotFound`]; whatever the database says.
    pub async fn dispute_of(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        id: DisputeId,
    ) -> Result<DisputeView, Error> {
        let listed = disputes::show(connection, tenant, id).await?.ok_or(Error::NotFound)?;
        Ok(listed.into())
    }

    /// A dispute as the operator sees it, by its id alone.
    ///
    /// # Errors
    /// [`Error::NotFound`]; whatever the database says.
    pub async fn operator_dispute(
        &self,
        connection: &mut PgConnection,
        id: DisputeId,
    ) -> Result<OperatorDispute, Error> {
        let tenant = disputes::tenant_of(connection, id).await?.ok_or(Error::NotFound)?;
        Ok(disputes::show(connection, tenant, id).await?.ok_or(Error::NotFound)?.into())
    }
}
