//! A long history, made in SQL: every number in it follows from its place, so that `ledger check` finds it sound or wrong.
//!
//! First every wallet is funded; then, round after round, each does the same as the others, one after the other. In seven rounds of ten
//! it pays another wallet; in the eighth all pay one account; in the ninth each reserves for that account, and in the tenth a part of that is
//! posted. Amounts are 2, 5, 5 and 3.

use std::time::Instant;

use sqlx::{AssertSqlSafe, PgConnection};
use types::{AccountId, TenantId};
use uuid::Uuid;

use crate::clients::Books;

/// Transfers of each wallet, its funding counted.
const ROUNDS: u64 = 100;
/// How many rounds one statement makes.
const ROUNDS_A_STATEMENT: u64 = 3;
/// How many of the wallets are posted to, as many as the empty books have.
const POSTED_TO: usize = 10_000;

/// What the statements share. `wallets` stands for how many there are.
const FUNCTIONS: &str = "
create function account_at(n bigint) returns uuid language sql immutable
    return ('01930000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid;
create function time_at(round bigint, n bigint) returns timestamptz language sql immutable
    return '2025-01-01 00:00:00Z'::timestamptz + make_interval(hours => round::int) + n * interval '5 ms';
create function transfer_at(round bigint, n bigint) returns uuid language sql immutable
    return (lpad(to_hex((1735689600000 + round * 3600000 + n * 5)), 12, '0') || '7000a' || lpad(to_hex(round * wallets + n), 15, '0'))::uuid;
-- How many of the rounds before this one were of a kind; the funding is round -1.
create function paid_among(round bigint) returns bigint language sql immutable
    return 7 * (round / 10) + least(round % 10, 7);
create function paid_to_one(round bigint) returns bigint language sql immutable
    return round / 10 + (round % 10 > 7)::int;
create function reserved(round bigint) returns bigint language sql immutable
    return round / 10 + (round % 10 > 8)::int;
create function captured(round bigint) returns bigint language sql immutable return round / 10;
-- What a wallet and the one account came to by the rounds before this one.
create function wallet_version(round bigint) returns bigint language sql immutable return 1 + round + paid_among(round);
create function wallet_balance(round bigint) returns bigint language sql immutable
    return 100000000 - 5 * paid_to_one(round) - 3 * captured(round);
create function one_version(round bigint) returns bigint language sql immutable
    return wallets * (paid_to_one(round) + reserved(round) + captured(round));
create function one_balance(round bigint) returns bigint language sql immutable
    return wallets * (5 * paid_to_one(round) + 3 * captured(round));
";

/// The accounts as they are after all rounds; `rounds` stands for how many there are after the funding.
const ACCOUNTS: &str = "
insert into ledger_accounts (tenant_id, id, code, side, balance_limit, currency, created_at, debits_posted_minor,
    credits_posted_minor, debits_pending_minor, credits_pending_minor, version, last_posted_at)
select 'tenant', account_at(n), 'wallet:' || n, 'credit', 'debits_must_not_exceed_credits', 'INR', time_at(-2, 0),
    2 * paid_among(rounds) + 100000000 - wallet_balance(rounds), 100000000 + 2 * paid_among(rounds),
    5 * (reserved(rounds) - captured(rounds)), 0, wallet_version(rounds), time_at(rounds - 1, wallets - 1)
from generate_series(0, wallets - 1) n
union all
select 'tenant', account_at(wallets), 'gateway', 'debit', 'none', 'INR', time_at(-2, 0), 100000000::bigint * wallets, 0, 0, 0,
    wallets, time_at(-1, wallets - 1)
union all
select 'tenant', account_at(wallets + 1), 'revenue', 'credit', 'none', 'INR', time_at(-2, 0), 0, one_balance(rounds), 0,
    5 * wallets * (reserved(rounds) - captured(rounds)), one_version(rounds), time_at(rounds - 1, wallets - 1)
";

/// The transfers of the rounds `first` to `last`.
const TRANSFERS: &str = "
insert into ledger_transfers (tenant_id, id, key, position, kind, subject_id, debit_account_id, credit_account_id, amount_minor,
    currency, reason, cause_kind, cause_id, posted_at, expires_at, debit_version, credit_version,
    debit_balance_after_minor, credit_balance_after_minor, debit_account_debits_pending_minor,
    debit_account_credits_pending_minor, credit_account_debits_pending_minor, credit_account_credits_pending_minor)
select 'tenant', transfer_at(round, n), 'usage:' || transfer_at(round, n), 1, did.*
from generate_series(first, last) round
cross join generate_series(0::bigint, wallets - 1) n
cross join lateral (select 1 + round * 7919 % (wallets - 1) as step, wallet_version(round) as seen, wallet_balance(round) as held) before
cross join lateral (
    select 'immediate', null::uuid, account_at(wallets), account_at(n), 100000000, 'INR', 'top-up', 'top-up', transfer_at(round, n),
        time_at(round, n), null::timestamptz, n + 1, 1, 100000000 * (n + 1), 100000000, 0, 0, 0, 0
    where round = -1
    union all
    -- Whoever is paid later than it pays, or earlier, has one transfer less, or more, behind it.
    select 'immediate', null, account_at(n), account_at((n + step) % wallets), 2, 'INR', 'call', 'usage', transfer_at(round, n),
        time_at(round, n), null, seen + 1 + (n >= step)::int, seen + 1 + (n + step >= wallets)::int,
        held - case when n >= step then 0 else 2 end, held + case when n + step >= wallets then 0 else 2 end, 0, 0, 0, 0
    where round >= 0 and round % 10 < 7
    union all
    select 'immediate', null, account_at(n), account_at(wallets + 1), 5, 'INR', 'call', 'usage', transfer_at(round, n),
        time_at(round, n), null, seen + 1, one_version(round) + n + 1, held - 5, one_balance(round) + 5 * (n + 1), 0, 0, 0, 0
    where round % 10 = 7
    union all
    select 'pending', null, account_at(n), account_at(wallets + 1), 5, 'INR', 'call', 'usage', transfer_at(round, n),
        time_at(round, n), time_at(round, n) + interval '3000 days', seen + 1, one_version(round) + n + 1, held, one_balance(round),
        5, 0, 0, 5 * (n + 1)
    where round % 10 = 8
    union all
    select 'post', transfer_at(round - 1, n), account_at(n), account_at(wallets + 1), 3, 'INR', 'call', 'usage', transfer_at(round, n),
        time_at(round, n), null, seen + 1, one_version(round) + n + 1, held - 3, one_balance(round) + 3 * (n + 1), 0, 0,
        0, 5 * (wallets - n - 1)
    where round % 10 = 9
) did
";

/// The time-outs of what is still pending.
const TIMEOUTS: &str = "
insert into ledger_timeouts (tenant_id, pending_id, debit_account_id, credit_account_id, amount_minor, expires_at)
select tenant_id, id, debit_account_id, credit_account_id, amount_minor, expires_at
from ledger_transfers
where kind = 'pending' and posted_at >= time_at(rounds - 1, 0)
";

/// What takes the keys and indexes of the transfers off, and what puts them back, in order.
const KEYS: &str = "
select 'alter table ' || conrelid::regclass || ' drop constraint ' || conname,
    'alter table ' || conrelid::regclass || ' add constraint ' || conname || ' ' || pg_get_constraintdef(oid)
from (select * from pg_constraint
    where contype in ('f', 'u', 'p') and (conrelid = 'ledger_transfers'::regclass or confrelid = 'ledger_transfers'::regclass)
    order by contype) keys
union all
select 'drop index ' || indexrelid::regclass, pg_get_indexdef(indexrelid)
from pg_index
where indrelid = 'ledger_transfers'::regclass and not exists (select from pg_constraint where conindid = indexrelid)
";

/// Loads so many million transfers into the books of a tenant of their own.
pub async fn load(books: &Books, millions: u64) -> Books {
    let start = Instant::now();
    let wallets = millions * 1_000_000 / ROUNDS;
    let tenant = TenantId::from(Uuid::from_u128(0x0193_0000_0000_7000_8000_ffff_ffff_ffff));
    let filled = |sql: &str| {
        sql.replace("'tenant'", &format!("'{}'::uuid", tenant.uuid()))
            .replace("wallets", &wallets.to_string())
            .replace("rounds", &format!("{}::bigint", ROUNDS - 1))
    };
    let mut connection = books.db.pool().acquire().await.unwrap();
    run(&mut connection, "set statement_timeout = 0").await;
    run(&mut connection, &filled(FUNCTIONS)).await;
    let keys: Vec<(String, String)> = sqlx::query_as(KEYS).fetch_all(&mut *connection).await.unwrap();
    for (off, _) in &keys {
        run(&mut connection, off).await;
    }
    run(&mut connection, &filled(ACCOUNTS)).await;
    let mut first = -1;
    while first < i64::try_from(ROUNDS).unwrap() - 1 {
        let last =
            (first + i64::try_from(ROUNDS_A_STATEMENT).unwrap()).min(i64::try_from(ROUNDS).unwrap() - 1) - 1;
        let some = filled(TRANSFERS).replace("first, last", &format!("{first}::bigint, {last}::bigint"));
        run(&mut connection, &some).await;
        first = last + 1;
    }
    run(&mut connection, &filled(TIMEOUTS)).await;
    eprintln!("{:.0} s: rows", start.elapsed().as_secs_f64());
    // Keys that others refer to come before those.
    for (_, on) in keys.iter().rev() {
        run(&mut connection, on).await;
    }
    run(&mut connection, "vacuum analyze ledger_transfers, ledger_accounts, ledger_timeouts").await;
    run(&mut connection, "checkpoint").await;
    eprintln!("{:.0} s: indexes and statistics", start.elapsed().as_secs_f64());
    let account = |n: u64| {
        AccountId::from_uuid(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0000 + u128::from(n)))
    };
    let wallets_posted_to =
        (0..wallets).step_by((usize::try_from(wallets).unwrap() / POSTED_TO).max(1)).map(account);
    books.of(tenant, wallets_posted_to.collect(), account(wallets + 1))
}

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}
