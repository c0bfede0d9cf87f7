//! The chains of the audit trail and their entries. A chain's row is the last lock of any transaction.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{PersonId, TenantId};
use uuid::Uuid;

use crate::audit::chain::{self, Entry};
use crate::audit::heads::Head;
use crate::audit::verify::Stored;
use crate::audit::{Area, AuditEntry, AuditQuery, Deed};

/// A hash as the database gives it back; the schema keeps its length.
fn hash(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().unwrap_or(chain::NOTHING)
}

/// Locks the ends of chains, in the order of their ids; one that was not there begins.
pub(crate) async fn lock(connection: &mut PgConnection, chains: &[Uuid]) -> Result<Vec<Head>, sqlx::Error> {
    let rows = sqlx::query!(
        "insert into audit_chains as chains (id, length, head)
         select id, 0, $2 from unnest($1::uuid[]) as id order by id
         on conflict (id) do update set length = chains.length
         returning id, length, head",
        chains,
        chain::NOTHING.as_slice(),
    )
    .fetch_all(connection)
    .await?;
    let heads = rows.into_iter().map(|row| Head { chain: row.id, length: row.length, head: hash(&row.head) });
    Ok(heads.collect())
}

/// Writes the next entry of each of these locked chains; but for chain and place they are alike.
pub(crate) async fn append(
    connection: &mut PgConnection,
    entries: &[(Entry, [u8; 32])],
) -> Result<(), sqlx::Error> {
    let Some((first, _)) = entries.first() else { return Ok(()) };
    let hashes: Vec<[u8; 32]> = entries.iter().map(|(entry, previous)| entry.hash(previous)).collect();
    let ids: Vec<Uuid> = entries.iter().zip(&hashes).map(|((entry, _), hash)| entry.id(hash)).collect();
    let chains: Vec<Uuid> = entries.iter().map(|(entry, _)| entry.chain).collect();
    let numbers: Vec<i64> = entries.iter().map(|(entry, _)| entry.number).collect();
    let previous: Vec<Vec<u8>> = entries.iter().map(|(_, previous)| previous.to_vec()).collect();
    let hashes: Vec<Vec<u8>> = hashes.iter().map(|hash| hash.to_vec()).collect();
    sqlx::query!(
        "with appended as (
             insert into audit_acts
                 (chain_id, number, id, at, area, deed, person_id, about_id, reason, previous, hash)
             select chain_id, number, id, $6, $7, $8, $9, $10, $11, previous, hash
             from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bytea[], $5::bytea[])
                 as given (chain_id, number, id, previous, hash)
             returning chain_id, number, hash
         )
         update audit_chains
         set length = appended.number, head = appended.hash
         from appended
         where audit_chains.id = appended.chain_id",
        &chains,
        &numbers,
        &ids,
        &previous,
        &hashes,
        first.at,
        first.area,
        first.deed,
        first.person.map(PersonId::uuid),
        first.about,
        first.reason,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// In which of these chains it is kept that a person looked, since then.
pub(crate) async fn looked_since(
    connection: &mut PgConnection,
    person: PersonId,
    area: Area,
    chains: &[Uuid],
    since: DateTime<Utc>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let oldest = uuid::Builder::from_unix_timestamp_millis(
        u64::try_from(since.timestamp_millis()).unwrap_or_default(),
        &[0; 10],
    );
    sqlx::query_scalar!(
        "select distinct chain_id
         from audit_acts
         where person_id = $1 and id >= $2 and area = $3 and deed = 'looked' and chain_id = any($4)
         limit 1000",
        person.uuid(),
        oldest.into_uuid(),
        area as Area,
        chains,
    )
    .fetch_all(connection)
    .await
}

/// Has everything that the transaction reads be of one moment.
pub(crate) async fn at_one_moment(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("set transaction isolation level repeatable read, read only").execute(connection).await?;
    Ok(())
}

/// The ends of the chains after this one, by id.
pub(crate) async fn heads(
    connection: &mut PgConnection,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Head>, sqlx::Error> {
    let rows = sqlx::query!(
        "select id, length, head
         from audit_chains
         where $1::uuid is null or id > $1
         order by id
         limit $2",
        after,
        limit,
    )
    .fetch_all(connection)
    .await?;
    let head = |row: &[u8]| hash(row);
    Ok(rows
        .into_iter()
        .map(|row| Head { chain: row.id, length: row.length, head: head(&row.head) })
        .collect())
}

/// The entries of a chain after this place, in order.
pub(crate) async fn entries_after(
    connection: &mut PgConnection,
    chain: Uuid,
    number: i64,
    limit: i64,
) -> Result<Vec<Stored>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select number, id, at, area, deed, person_id as "person: PersonId", about_id, reason, previous, hash
         from audit_acts
         where chain_id = $1 and number > $2
         order by number
         limit $3"#,
        chain,
        number,
        limit,
    )
    .fetch_all(connection)
    .await?;
    let stored = rows.into_iter().map(|row| Stored {
        id: row.id,
        previous: hash(&row.previous),
        hash: hash(&row.hash),
        entry: Entry {
            chain,
            number: row.number,
            at: row.at,
            area: row.area,
            deed: row.deed,
            person: row.person,
            about: row.about_id,
            reason: row.reason,
        },
    });
    Ok(stored.collect())
}

/// A page of a chain or of all, newest first.
pub(crate) async fn page(
    connection: &mut PgConnection,
    chain: Option<Uuid>,
    query: &AuditQuery,
    page: PageQuery,
) -> Result<Vec<AuditEntry>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select chain_id, number, id, at, area as "area: Area", deed as "deed: Deed",
             person_id as "person: PersonId", about_id, reason, hash
         from audit_acts
         where id < $1 and ($2::uuid is null or chain_id = $2) and ($3::text is null or area = $3)
             and ($4::uuid is null or person_id = $4) and ($5::timestamptz is null or at >= $5)
             and ($6::timestamptz is null or at < $6)
         order by id desc
         limit $7"#,
        page.before(),
        chain,
        query.area as Option<Area>,
        query.person.map(PersonId::uuid),
        query.since,
        query.until,
        page.rows(),
    )
    .fetch_all(connection)
    .await?;
    let entry = rows.into_iter().map(|row| AuditEntry {
        id: row.id,
        tenant: (row.chain_id != chain::INSTALLATION).then(|| TenantId::from_uuid(row.chain_id)),
        business: None,
        number: row.number,
        at: row.at,
        area: row.area,
        deed: row.deed,
        person: row.person,
        name: None,
        about: row.about_id,
        about_name: None,
        reason: row.reason,
        hash: hex::encode(row.hash),
    });
    Ok(entry.collect())
}

/// The business that a person works for.
pub(crate) async fn business_of(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<Option<TenantId>, sqlx::Error> {
    sqlx::query_scalar!(r#"select tenant_id as "tenant: TenantId" from people where id = $1"#, person.uuid())
        .fetch_optional(connection)
        .await
        .map(Option::flatten)
}

/// What these businesses are called by their members.
pub(crate) async fn businesses(
    connection: &mut PgConnection,
    tenants: &[TenantId],
) -> Result<Vec<(TenantId, String)>, sqlx::Error> {
    let ids: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    let rows = sqlx::query!(
        r#"select id as "id: TenantId", name from tenants where id = any($1) limit 1000"#,
        &ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
