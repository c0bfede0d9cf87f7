//! The trail as people read it: the whole of it for whoever runs the installation, a business's own for those who run that.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use types::{PersonId, TenantId};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Area, Deed, looked};
use crate::role::Permission;
use crate::{Caller, Error, Identity, db};

/// Something that was done, as it was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditEntry {
    /// The entry.
    pub id: Uuid,
    /// The business that it was done to; absent for what concerns the installation.
    #[serde(rename = "tenant_id", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tenant: Option<TenantId>,
    /// What its members call the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub business: Option<String>,
    /// Its place among the acts of the business or of the installation, from 1, without a gap.
    pub number: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What it was about.
    pub area: Area,
    /// What was done.
    pub deed: Deed,
    /// Who did it; absent where nobody was signed in, and for the command line.
    #[serde(rename = "person_id", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub person: Option<PersonId>,
    /// What that person is called now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// The person or thing that it was done to.
    #[serde(rename = "about_id", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub about: Option<Uuid>,
    /// What that person is called now, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub about_name: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<String>,
    /// The SHA-256 of the entry behind the one before, in hexadecimal digits.
    pub hash: String,
}

/// Which acts are asked for.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only those about this.
    pub area: Option<Area>,
    /// Only those of this person.
    pub person: Option<PersonId>,
    /// Only from this moment on.
    pub since: Option<DateTime<Utc>>,
    /// Only before this moment.
    pub until: Option<DateTime<Utc>>,
    /// The `next` of the page before; nothing for the first page.
    pub before: Option<Uuid>,
    /// Items a page, 1–100; 50 where nothing is said.
    pub limit: Option<i64>,
}

/// Which acts whoever runs the installation asks for.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OperatorAuditQuery {
    /// Only those done to this business.
    pub tenant: Option<TenantId>,
    /// Only those about this.
    pub area: Option<Area>,
    /// Only those of this person.
    pub person: Option<PersonId>,
    /// Only from this moment on.
    pub since: Option<DateTime<Utc>>,
    /// Only before this moment.
    pub until: Option<DateTime<Utc>>,
    /// The `next` of the page before; nothing for the first page.
    pub before: Option<Uuid>,
    /// Items a page, 1–100; 50 where nothing is said.
    pub limit: Option<i64>,
}

impl OperatorAuditQuery {
    const fn of_all(self) -> AuditQuery {
        let Self { area, person, since, until, before, limit, .. } = self;
        AuditQuery { area, person, since, until, before, limit }
    }
}

impl Identity {
    /// A page of what was done, newest first, for whoever runs the installation. That they looked is kept.
    ///
    /// # Errors
    /// As [`Caller::operate`].
    pub async fn audit(&self, caller: &Caller, query: OperatorAuditQuery) -> Result<Page<AuditEntry>, Error> {
        let person = caller.operate(Permission::ManageOperators)?;
        looked(&mut *self.db.acquire().await?, person, Area::Audit, query.tenant, self.clock.now()).await?;
        self.trail(query.tenant.map(TenantId::uuid), query.of_all()).await
    }

    /// A page of what was done to the caller's business, and who looked at its data, newest first.
    ///
    /// # Errors
    /// As [`Caller::member`].
    pub async fn audit_of_business(
        &self,
        caller: &Caller,
        query: AuditQuery,
    ) -> Result<Page<AuditEntry>, Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        self.trail(Some(vendor.tenant.uuid()), query).await
    }

    async fn trail(&self, chain: Option<Uuid>, query: AuditQuery) -> Result<Page<AuditEntry>, Error> {
        let paged = PageQuery { before: query.before, limit: query.limit };
        let mut connection = self.db.acquire().await?;
        let found = db::audit::page(&mut connection, chain, &query, paged).await?;
        let mut page = paged.page(found, |entry| entry.id);
        let people = page.items.iter().flat_map(|entry| entry.person.into_iter().chain(entry.someone()));
        let people: Vec<PersonId> = people.collect();
        let names: HashMap<PersonId, String> =
            db::people::names(&mut connection, &self.fields, &people).await?.into_iter().collect();
        let tenants: Vec<TenantId> = page.items.iter().filter_map(|entry| entry.tenant).collect();
        let businesses: HashMap<TenantId, String> =
            db::audit::businesses(&mut connection, &self.fields, &tenants).await?.into_iter().collect();
        for entry in &mut page.items {
            entry.name = entry.person.and_then(|person| names.get(&person).cloned());
            entry.about_name = entry.someone().and_then(|person| names.get(&person).cloned());
            entry.business = entry.tenant.and_then(|tenant| businesses.get(&tenant).cloned());
        }
        Ok(page)
    }
}

impl AuditEntry {
    /// The person that it was done to, where it is about people.
    fn someone(&self) -> Option<PersonId> {
        let is_person = matches!(self.area, Area::SignIns | Area::Team | Area::People | Area::PersonalData);
        self.about.filter(|_| is_person).map(PersonId::from_uuid)
    }
}
