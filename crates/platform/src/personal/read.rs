//! What an export reads.

use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, PgConnection};

use super::sealed::key;
use super::table::NONE;
use super::{Subject, Table};
use crate::fields::{Column, Fields};

/// Rows of a table, each as one line of JSON.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The rows.
    pub lines: Vec<String>,
    /// Whether there are more than were asked for.
    pub cut: bool,
}

/// The subject's rows of a table, in the order of its columns, at most `rows_max`; without what nobody is handed, and with what is
/// sealed open.
///
/// # Errors
/// Whatever the database says; [`sqlx::Error::Decode`] where something does not open.
pub async fn read(
    connection: &mut PgConnection,
    fields: &Fields,
    table: &Table,
    subject: &Subject,
    rows_max: usize,
) -> Result<Rows, sqlx::Error> {
    let links = table.links(subject).filter(|link| link.rows != NONE);
    let wanted: Vec<String> = links
        .map(|link| {
            link.shown.map_or_else(|| link.rows.to_owned(), |shown| format!("{} and ({shown})", link.rows))
        })
        .collect();
    if wanted.is_empty() || table.secret {
        return Ok(Rows::default());
    }
    let ids = subject.ids();
    // Not a checked query: the register's constants are all that it is made of.
    let statement = format!(
        "select {}, (to_jsonb(kept) - $6::text[])::text from {} as kept where ({}) order by kept limit $7",
        if table.sealed.is_empty() { "array[]::text[]".to_owned() } else { key(table) },
        table.name,
        wanted.join(") or ("),
    );
    let withheld: Vec<String> = table.withheld.iter().map(|column| (*column).to_owned()).collect();
    let rows: Vec<(Vec<String>, String)> = sqlx::query_as(AssertSqlSafe(statement))
        .bind(ids.person)
        .bind(ids.businesses)
        .bind(ids.stalls)
        .bind(ids.visits)
        .bind(ids.guests)
        .bind(withheld)
        .bind(i64::try_from(rows_max).unwrap_or(i64::MAX - 1) + 1)
        .fetch_all(connection)
        .await?;
    let cut = rows.len() > rows_max;
    let kept = rows.into_iter().take(rows_max);
    let lines = kept.map(
        |(row, line)| if table.sealed.is_empty() { Ok(line) } else { opened(fields, table, &row, &line) },
    );
    Ok(Rows { lines: lines.collect::<Result<_, _>>()?, cut })
}

/// A row with its sealed values open, each under the name that its column had in the clear, and without what it is found by.
fn opened(fields: &Fields, table: &Table, row: &[String], line: &str) -> Result<String, sqlx::Error> {
    let decode = |error: serde_json::Error| sqlx::Error::Decode(error.into());
    let mut members: Map<String, Value> = serde_json::from_str(line).map_err(decode)?;
    for column in table.sealed {
        members.remove(&format!("{}_index", column.name));
        let Some(sealed) = members.remove(&format!("{}_sealed", column.name)) else { continue };
        let Some(sealed) = sealed.as_str().and_then(|text| text.strip_prefix("\\x")) else { continue };
        let sealed = hex::decode(sealed).map_err(|error| sqlx::Error::Decode(error.into()))?;
        let place = Column::of(table.name, column.name);
        let plain = fields.open(place, row.join("/"), &sealed);
        let plain = plain.map_err(|error| sqlx::Error::Decode(error.into()))?;
        members.insert(column.name.to_owned(), Value::String(plain));
    }
    serde_json::to_string(&members).map_err(decode)
}
