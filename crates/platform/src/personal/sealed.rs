//! The sealed columns of the register: filled from the columns in the clear of a release before, and sealed again under another key.

use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::Table;
use super::table::SealedColumn;
use crate::Db;
use crate::fields::{Column, Fields};
use crate::keys::KeyId;
use crate::seal::{SealedAgain, named};

/// Values of one transaction.
const BATCH: i64 = 200;

/// Seals what stands in the clear in these tables, from before it was sealed, and empties the column; gives the number of values.
/// Broken off, it goes on when it is called again.
///
/// # Errors
/// Whatever the database says.
pub async fn seal_open(db: &Db, fields: &Fields, tables: &[Table]) -> Result<u64, sqlx::Error> {
    let mut sealed = 0;
    for (table, column) in columns(tables).filter(|(_, column)| column.was_open) {
        loop {
            let batch = seal_batch(db, fields, table, column).await?;
            if batch == 0 {
                break;
            }
            sealed += batch;
        }
    }
    Ok(sealed)
}

/// Seals every sealed value of these tables with the newest key, where it is not. Broken off, it goes on when it is called again.
///
/// # Errors
/// Whatever the database says.
pub async fn seal_again(db: &Db, fields: &Fields, tables: &[Table]) -> Result<SealedAgain, sqlx::Error> {
    let mut done = SealedAgain::default();
    for (table, column) in columns(tables) {
        let mut after = None;
        loop {
            let mut transaction = db.begin().await?;
            let batch = otherwise(&mut transaction, fields, (table, column), after.as_ref()).await?;
            let Some((last, _)) = batch.last() else { break };
            after = Some(last.clone());
            let update =
                format!("update {} set {}_sealed = $2 where {}", table.name, column.name, row_is(table));
            for (row, sealed) in &batch {
                let again = fields.seal_again(place(table, column), row.join("/"), sealed);
                if let Some(again) = done.count(again) {
                    // Not a checked query, here and below: the register's constants are all that the texts are made of.
                    let again = sqlx::query(AssertSqlSafe(update.as_str())).bind(row).bind(again);
                    again.execute(&mut *transaction).await?;
                }
            }
            transaction.commit().await?;
        }
    }
    Ok(done)
}

/// With which keys the values of these tables are sealed, and how many with each.
///
/// # Errors
/// Whatever the database says.
pub async fn sealed_with(
    connection: &mut PgConnection,
    tables: &[Table],
) -> Result<Vec<(Option<KeyId>, i64)>, sqlx::Error> {
    let mut counted = Vec::new();
    for (table, column) in columns(tables) {
        let sealed = format!("{}_sealed", column.name);
        let statement = format!(
            "select substring({sealed} from 1 for 5), count(*) from {} where {sealed} is not null group by 1 limit 100",
            table.name
        );
        let heads =
            sqlx::query_as::<_, (Vec<u8>, i64)>(AssertSqlSafe(statement)).fetch_all(&mut *connection).await?;
        counted.extend(heads.into_iter().map(|(head, count)| (named(&head), count)));
    }
    Ok(counted)
}

fn columns(tables: &[Table]) -> impl Iterator<Item = (&Table, &SealedColumn)> {
    tables.iter().flat_map(|table| table.sealed.iter().map(move |column| (table, column)))
}

const fn place(table: &Table, column: &SealedColumn) -> Column {
    Column::of(table.name, column.name)
}

/// The parts of a row's key as an array of texts.
pub(super) fn key(table: &Table) -> String {
    let parts: Vec<String> = table.key.iter().map(|(name, _)| format!("{name}::text")).collect();
    format!("array[{}]", parts.join(", "))
}

/// The row whose key is `$1`, an array of texts.
fn row_is(table: &Table) -> String {
    let parts = table.key.iter().enumerate();
    let parts: Vec<String> =
        parts.map(|(n, (name, kind))| format!("{name} = ($1)[{}]::{kind}", n + 1)).collect();
    parts.join(" and ")
}

/// Seals values in the clear, each under the lock of its row.
async fn seal_batch(
    db: &Db,
    fields: &Fields,
    table: &Table,
    column: &SealedColumn,
) -> Result<u64, sqlx::Error> {
    let name = column.name;
    let mut transaction = db.begin().await?;
    let value = if column.bytes { name.to_owned() } else { format!("convert_to({name}::text, 'utf8')") };
    let found = format!(
        "select {}, {value} from {} where {name} is not null limit {BATCH} for no key update",
        key(table),
        table.name
    );
    let rows = sqlx::query_as::<_, (Vec<String>, Vec<u8>)>(AssertSqlSafe(found))
        .fetch_all(&mut *transaction)
        .await?;
    let index = column.index.map(|_| format!(", {name}_index = $3")).unwrap_or_default();
    let update =
        format!("update {} set {name}_sealed = $2, {name} = null{index} where {}", table.name, row_is(table));
    for (row, plain) in &rows {
        let sealed = fields.seal(place(table, column), row.join("/"), plain);
        let update = sqlx::query(AssertSqlSafe(update.as_str())).bind(row).bind(sealed);
        let update = match column.index {
            Some(kind) => update.bind(fields.index(kind, plain)),
            None => update,
        };
        update.execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(u64::try_from(rows.len()).unwrap_or_default())
}

/// Values that are sealed with another key than the newest, after this row, locked.
async fn otherwise(
    connection: &mut PgConnection,
    fields: &Fields,
    (table, column): (&Table, &SealedColumn),
    after: Option<&Vec<String>>,
) -> Result<Vec<(Vec<String>, Vec<u8>)>, sqlx::Error> {
    let sealed = format!("{}_sealed", column.name);
    let names: Vec<&str> = table.key.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    let bounds = table.key.iter().enumerate();
    let bounds: Vec<String> = bounds.map(|(n, (_, kind))| format!("($2)[{}]::{kind}", n + 1)).collect();
    let statement = format!(
        "select {}, {sealed} from {}
         where substring({sealed} from 1 for 5) <> $1 and ($2::text[] is null or ({names}) > ({}))
         order by {names} limit {BATCH} for no key update",
        key(table),
        table.name,
        bounds.join(", "),
    );
    let found = sqlx::query(AssertSqlSafe(statement)).bind(fields.newest().to_vec()).bind(after);
    let rows = found.fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}
