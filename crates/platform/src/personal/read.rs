//! What an export reads.

use sqlx::{AssertSqlSafe, PgConnection};

use super::table::NONE;
use super::{Subject, Table};

/// Rows of a table, each as one line of JSON.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The rows.
    pub lines: Vec<String>,
    /// Whether there are more than were asked for.
    pub cut: bool,
}

/// The subject's rows of a table, in the order of its columns, at most `rows_max`; without what nobody is handed.
///
/// # Errors
/// Whatever the database says.
pub async fn read(
    connection: &mut PgConnection,
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
        "select (to_jsonb(kept) - $6::text[])::text from {} as kept where ({}) order by kept limit $7",
        table.name,
        wanted.join(") or ("),
    );
    let withheld: Vec<String> = table.withheld.iter().map(|column| (*column).to_owned()).collect();
    let mut lines: Vec<String> = sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(ids.person)
        .bind(ids.businesses)
        .bind(ids.stalls)
        .bind(ids.visits)
        .bind(ids.guests)
        .bind(withheld)
        .bind(i64::try_from(rows_max).unwrap_or(i64::MAX - 1) + 1)
        .fetch_all(connection)
        .await?;
    let cut = lines.len() > rows_max;
    lines.truncate(rows_max);
    Ok(Rows { lines, cut })
}
