//! The commission book: rules in versions, which operators write.

use chrono::{DateTime, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason};
use platform::sent::content_hash;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use types::{Money, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{CommissionPart, check, of_sale};
use crate::db::{Sent, commission};
use crate::ids::CommissionRuleId;
use crate::{Error, Payments};

/// A rule in the commission book. It is never changed: a later one takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CommissionRule {
    /// The rule.
    pub id: CommissionRuleId,
    /// Whose sales it is for; everybody's who has no rule of their own where absent.
    #[serde(rename = "tenant_id", skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    /// The name of that stall.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_name: Option<String>,
    /// What is kept of a sale; none where the stall pays as everybody does from then on.
    pub parts: Vec<CommissionPart>,
    /// From when on.
    pub effective_from: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// A rule to be written into the commission book.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewCommissionRule {
    /// The sender's own id for it: sent again it answers as the first time.
    pub client_id: Uuid,
    /// Whose sales it is for; everybody's where absent.
    #[serde(rename = "tenant_id", default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tenant: Option<TenantId>,
    /// One to five parts that are added; none, for one stall, gives it back to everybody's rule.
    pub parts: Vec<CommissionPart>,
    /// From when on: now where nothing is said, never earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub effective_from: Option<DateTime<Utc>>,
    /// Why: one line.
    #[schema(max_length = 200)]
    pub reason: String,
}

/// The commission book as the operator sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CommissionBook {
    /// What is kept where no rule is for a sale: per cent, as a decimal string.
    pub default_percent: String,
    /// Every rule, those that begin last first, at most 500.
    pub rules: Vec<CommissionRule>,
}

impl NewCommissionRule {
    fn checked(&self, id: CommissionRuleId, now: DateTime<Utc>) -> Result<CommissionRule, Error> {
        let effective_from = self.effective_from.unwrap_or(now);
        if effective_from < now {
            return Err(Error::RuleNotInFuture);
        }
        if self.tenant.is_none() || !self.parts.is_empty() {
            check(&self.parts)?;
        }
        let reason = OperatorReason { reason: self.reason.clone() }.line().map_err(Error::Reason)?;
        Ok(CommissionRule {
            id,
            tenant: self.tenant,
            stall_name: None,
            parts: self.parts.clone(),
            effective_from,
            reason,
            created_at: now,
        })
    }
}

impl Payments {
    /// The commission book, for the operator.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn commission_book(&self, caller: &Caller) -> Result<CommissionBook, Error> {
        caller.operator()?;
        let rules = commission::list(&mut *self.db.acquire().await?).await?;
        Ok(CommissionBook { default_percent: self.commission.to_string(), rules })
    }

    /// Writes a rule into the commission book: once for each `client_id`. Sales that were made keep what was taken of them.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::CommissionParts`], [`Error::RuleNotInFuture`], [`Error::Reason`],
    /// [`Error::ClientIdReused`].
    pub async fn add_commission_rule(
        &self,
        caller: &Caller,
        new: &NewCommissionRule,
    ) -> Result<CommissionRule, Error> {
        let person = caller.operator()?;
        let now = self.clock.now();
        let content_hash = content_hash(new).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let sent = Sent { client_id: new.client_id, content_hash, person };
        let mut connection = self.db.acquire().await?;
        if commission::sent_before(&mut connection, new.client_id).await?.is_none() {
            let rule = new.checked(self.entropy.id(now), now)?;
            let mut transaction = connection.begin().await?;
            if commission::insert(&mut transaction, &rule, &sent).await? {
                let act = Act::by(person, Area::Commission, Deed::Added, now).about(rule.id.uuid());
                audit::keep(&mut transaction, act.because(&rule.reason)).await?;
                transaction.commit().await?;
                tracing::info!(rule = %rule.id, %person, reason = rule.reason, "a commission rule was written");
            }
        }
        // This one, or what was sent before or at the same moment.
        let (id, hash) =
            commission::sent_before(&mut connection, new.client_id).await?.ok_or(Error::NotFound)?;
        if hash != sent.content_hash {
            return Err(Error::ClientIdReused);
        }
        commission::find(&mut connection, id).await?.ok_or(Error::NotFound)
    }

    /// The platform's share of a stall's sale now, and by which rule; none where it is the configured percentage.
    pub(crate) async fn commission_of(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        sale: Money,
    ) -> Result<(i64, Option<CommissionRuleId>), Error> {
        let rule = commission::in_force(connection, tenant, self.clock.now()).await?;
        Ok(match rule {
            Some((id, parts)) => (of_sale(&parts, sale.minor()), Some(id)),
            None => (of_sale(&self.default_parts(), sale.minor()), None),
        })
    }

    /// What is kept of a stall's sales now.
    pub(crate) async fn commission_parts(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Vec<CommissionPart>, Error> {
        let rule = commission::in_force(connection, tenant, self.clock.now()).await?;
        Ok(rule.map_or_else(|| self.default_parts(), |(_, parts)| parts))
    }

    fn default_parts(&self) -> Vec<CommissionPart> {
        vec![CommissionPart::Percent { percent: self.commission, min: None, max: None }]
    }
}
