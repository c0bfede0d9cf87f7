//! Who runs the installation, and what each of them may do.
//!
//! **Invariants.** Who changes it gives a reason, which is kept. Requests never leave an installation without an admin; the
//! command line may, because whoever holds the machine can make another.

use platform::db::repeat;
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use types::PersonId;
use utoipa::ToSchema;

use crate::audit::{Area, looked};
use crate::role::{OperatorRole, Permission};
use crate::{Caller, EmailAddress, Error, Handle, Identity, OperatorReason, PhoneNumber, act_line, db};

/// Somebody who runs the installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Operator {
    /// The person.
    pub id: PersonId,
    /// What the person is called.
    pub name: String,
    /// The number the person signs in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub phone: Option<PhoneNumber>,
    /// The address the person signs in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<EmailAddress>,
    /// What the person may do; absent where the person no longer runs anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub role: Option<OperatorRole>,
    /// Who gave and changed it, when and why: one line each.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub acts: Option<String>,
}

/// Who is to run the installation from now on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewOperator {
    /// The number of an account; or `email`.
    #[schema(nullable = false)]
    phone: Option<PhoneNumber>,
    /// The address of an account.
    #[schema(nullable = false)]
    email: Option<EmailAddress>,
    /// What the person may do.
    role: OperatorRole,
    /// Why.
    #[serde(flatten)]
    why: OperatorReason,
}

/// What somebody who runs the installation may do from now on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct OperatorChange {
    /// What the person may do; absent: nothing any more.
    role: Option<OperatorRole>,
    /// Why.
    #[serde(flatten)]
    why: OperatorReason,
}

impl Identity {
    /// A page of the people who run the installation, the newest account first.
    ///
    /// # Errors
    /// As [`Caller::operate`].
    pub async fn operators(&self, caller: &Caller, query: PageQuery) -> Result<Page<Operator>, Error> {
        let by = caller.operate(Permission::ManageOperators)?;
        let mut connection = self.db.acquire().await?;
        looked(&mut connection, by, Area::People, None, self.clock.now()).await?;
        let operators = db::operators::page(&mut connection, &self.fields, query).await?;
        Ok(query.page(operators, |operator| operator.id.uuid()))
    }

    /// Has somebody with an account run the installation.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::NoHandle`], [`Error::NoSuchPerson`], [`Error::Reason`], [`Error::LastAdmin`].
    pub async fn add_operator(&self, caller: &Caller, new: &NewOperator) -> Result<Operator, Error> {
        caller.operate(Permission::ManageOperators)?;
        let handle = Handle::given(new.phone.as_ref(), new.email.as_ref())?;
        let person = db::operators::find(&mut *self.db.acquire().await?, &self.fields, &handle).await?;
        let change = OperatorChange { role: Some(new.role), why: new.why.clone() };
        self.change_operator(caller, person.ok_or(Error::NoSuchPerson)?, &change).await
    }

    /// Changes what somebody who runs the installation may do.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::NoSuchPerson`], [`Error::Reason`], [`Error::LastAdmin`].
    pub async fn change_operator(
        &self,
        caller: &Caller,
        person: PersonId,
        change: &OperatorChange,
    ) -> Result<Operator, Error> {
        let by = caller.operate(Permission::ManageOperators)?;
        let reason = change.why.line().map_err(Error::Reason)?;
        let changed = repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let operators = db::operators::lock(&mut transaction).await?;
            let is_admin = |id: PersonId| operators.contains(&(id, OperatorRole::Admin));
            if !is_admin(by) {
                return Err(Error::Forbidden);
            }
            let admins = operators.iter().filter(|(_, role)| *role == OperatorRole::Admin).count();
            if is_admin(person) && change.role != Some(OperatorRole::Admin) && admins == 1 {
                return Err(Error::LastAdmin);
            }
            let now = self.clock.now();
            let act = act_line(what(change.role), by, &reason, now);
            let changed =
                db::operators::set(&mut transaction, &self.fields, person, change.role, &act, now).await?;
            let changed = changed.ok_or(Error::NoSuchPerson)?;
            let why = format!("{}: {reason}", what(change.role));
            self.keep_operator_act(&mut transaction, Some(by), person, &why).await?;
            transaction.commit().await?;
            Ok(changed)
        })
        .await?;
        tracing::info!(%person, %by, role = ?change.role, "an operator's role changed");
        Ok(changed)
    }

    /// Gives somebody who has an account a role among those who run the installation, or takes it. For the command line
    /// alone: no request leads here.
    ///
    /// # Errors
    /// [`Error::NoSuchPerson`].
    pub async fn set_operator(
        &self,
        connection: &mut PgConnection,
        handle: &Handle,
        role: Option<OperatorRole>,
    ) -> Result<PersonId, Error> {
        let person =
            db::operators::find(connection, &self.fields, handle).await?.ok_or(Error::NoSuchPerson)?;
        let now = self.clock.now();
        let act = format!("{} {} on the command line", what(role), now.format("%Y-%m-%dT%H:%M:%SZ"));
        let mut transaction = connection.begin().await?;
        db::operators::set(&mut transaction, &self.fields, person, role, &act, now).await?;
        self.keep_operator_act(&mut transaction, None, person, what(role)).await?;
        transaction.commit().await?;
        tracing::info!(%person, ?role, "an operator's role was set on the command line");
        Ok(person)
    }
}

/// What was made of somebody, in the record.
fn what(role: Option<OperatorRole>) -> &'static str {
    match role {
        Some(OperatorRole::Support) => "made support",
        Some(OperatorRole::Finance) => "made finance",
        Some(OperatorRole::Moderator) => "made moderator",
        Some(OperatorRole::Admin) => "made admin",
        None => "made nothing",
    }
}
