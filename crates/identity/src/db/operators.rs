//! Who runs the installation.

use chrono::{DateTime, Utc};
use platform::fields::Fields;
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::PersonId;

use super::private::{Sealed, indexes};
use crate::Handle;
use crate::operators::Operator;
use crate::role::OperatorRole;

/// So many people run an installation at most.
const OPERATORS_MAX: i64 = 500;

/// Somebody who runs the installation, as the row has them.
struct Row {
    id: PersonId,
    name: Option<Vec<u8>>,
    phone: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
    role: Option<OperatorRole>,
    acts: Option<String>,
}

impl Row {
    fn open(self, fields: &Fields) -> Result<Operator, sqlx::Error> {
        let sealed = Sealed { name: self.name, phone: self.phone, email: self.email };
        let known = sealed.open(fields, self.id)?;
        Ok(Operator {
            id: self.id,
            name: known.name,
            phone: known.phone,
            email: known.email,
            role: self.role,
            acts: self.acts,
        })
    }
}

/// Locks everybody who runs the installation, in one order; gives who they are and what.
pub(crate) async fn lock(
    connection: &mut PgConnection,
) -> Result<Vec<(PersonId, OperatorRole)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: PersonId", operator_role as "role!: OperatorRole"
         from people
         where operator_role is not null
         order by id
         limit $1
         for no key update"#,
        OPERATORS_MAX,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.role)).collect())
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    fields: &Fields,
    handle: &Handle,
) -> Result<Option<PersonId>, sqlx::Error> {
    let (phone, email) = indexes(fields, handle);
    sqlx::query_scalar!(
        r#"select id as "id: PersonId" from people where phone_index = $1 or email_index = $2"#,
        phone,
        email,
    )
    .fetch_optional(connection)
    .await
}

/// Gives or takes the role, and keeps the act; none where there is no such person.
pub(crate) async fn set(
    connection: &mut PgConnection,
    fields: &Fields,
    person: PersonId,
    role: Option<OperatorRole>,
    act: &str,
    now: DateTime<Utc>,
) -> Result<Option<Operator>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"update people
         set operator_role = $2, operator = $2::text is not null, operator_acts = concat_ws(E'\n', operator_acts, $3::text),
             updated_at = $4
         where id = $1
         returning id as "id: PersonId", name_sealed as name, phone_sealed as phone, email_sealed as email,
             operator_role as "role: OperatorRole", operator_acts as acts"#,
        person.uuid(),
        role as Option<OperatorRole>,
        act,
        now,
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| row.open(fields)).transpose()
}

/// A page of the people who run the installation, the newest account first.
pub(crate) async fn page(
    connection: &mut PgConnection,
    fields: &Fields,
    query: PageQuery,
) -> Result<Vec<Operator>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: PersonId", name_sealed as name, phone_sealed as phone, email_sealed as email,
             operator_role as "role: OperatorRole", operator_acts as acts
         from people
         where operator_role is not null and id < $1
         order by id desc
         limit $2"#,
        query.before(),
        query.rows(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| row.open(fields)).collect()
}
