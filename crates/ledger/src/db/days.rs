//! What accounts of one code saw, over all tenants, day by day.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use crate::{DayTurnover, Error};

/// More days than years have, of more codes than are asked for.
const ROWS_MAX: i64 = 20_000;

pub(crate) async fn turnover_by_day(
    connection: &mut PgConnection,
    codes: &[&str],
    during: Range<DateTime<Utc>>,
) -> Result<Vec<DayTurnover>, Error> {
    let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
    let rows = sqlx::query!(
        r#"select (posted_at at time zone 'Asia/Kolkata')::date as "day!: NaiveDate", code as "code!",
             sum(debit)::text as "debits!", sum(credit)::text as "credits!"
         from (
             select code, posted_at, amount_minor as debit, 0 as credit
             from ledger_accounts account
             join ledger_transfers transfer
               on transfer.tenant_id = account.tenant_id and transfer.debit_account_id = account.id
             where code = any($1) and posted_at >= $2 and posted_at < $3 and kind in ('immediate', 'post', 'reversal')
             union all
             select code, posted_at, 0, amount_minor
             from ledger_accounts account
             join ledger_transfers transfer
               on transfer.tenant_id = account.tenant_id and transfer.credit_account_id = account.id
             where code = any($1) and posted_at >= $2 and posted_at < $3 and kind in ('immediate', 'post', 'reversal')
         ) moved
         group by 1, 2
         order by 1 desc, 2
         limit $4"#,
        &codes,
        during.start,
        during.end,
        ROWS_MAX,
    );
    let fits = |sum: &str| sum.parse().map_err(|_| Error::Overflow);
    let rows = rows.fetch_all(connection).await?.into_iter().map(|row| {
        let (debits_minor, credits_minor) = (fits(&row.debits)?, fits(&row.credits)?);
        Ok(DayTurnover { day: row.day, code: row.code, debits_minor, credits_minor })
    });
    rows.collect()
}
