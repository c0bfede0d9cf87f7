//! What an erasure does.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::table::NONE;
use super::{Fate, Subject, Table};

/// Deletes and overwrites the subject's rows of a table; gives their number. Again, it changes nothing more.
///
/// # Errors
/// Whatever the database says.
pub async fn erase(
    connection: &mut PgConnection,
    table: &Table,
    subject: &Subject,
) -> Result<u64, sqlx::Error> {
    let mut touched = 0;
    for link in table.links(subject).filter(|link| link.rows != NONE) {
        let head = match link.fate {
            Fate::Goes => format!("delete from {}", table.name),
            Fate::Set(columns) => format!("update {} set {columns}", table.name),
            Fate::Stays(_) => continue,
        };
        let ids = subject.ids();
        let mut transaction = connection.begin().await?;
        // A business's years of rows take longer than any request may.
        sqlx::query("set local statement_timeout = '5min'").execute(&mut *transaction).await?;
        // Not a checked query: the register's constants are all that it is made of. The connection keeps statements by their text, and a
        // context's own of the same text takes fewer values: the remark keeps them apart.
        let erased = sqlx::query(AssertSqlSafe(format!("{head} where {} /* erasure */", link.rows)))
            .bind(ids.person)
            .bind(ids.businesses)
            .bind(ids.stalls)
            .bind(ids.visits)
            .bind(ids.guests)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        touched += erased.rows_affected();
    }
    Ok(touched)
}
