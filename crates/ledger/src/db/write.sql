-- Writes what postings came to, all or nothing; `write.rs` says when nothing.
with wanted as (
    select *
    from unnest((select $1::uuid[]), $2::uuid[], $3::bigint[], $4::bigint[],
            $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
            $9::timestamptz[])
        as wanted (tenant_id, id, version_before, version, debits, credits, debits_pending, credits_pending, at)
    order by id
), held as materialized (
    select wanted.*
    from wanted
    cross join lateral (
        select from ledger_accounts
        where tenant_id = wanted.tenant_id and id = wanted.id and version = wanted.version_before
        for no key update
    ) account
), whole as materialized (
    select count(*) = cardinality($1) and (cardinality($11::uuid[]) = 0 or not exists (
        select from (
            select debit_account_id, credit_account_id
            from ledger_timeouts
            where expires_at <= $10
            order by expires_at, pending_id
            limit $12
        ) due
        where debit_account_id = any($11) or credit_account_id = any($11)
    )) as stands
    from held
), changed as (
    update ledger_accounts as account
    set debits_posted_minor = held.debits, credits_posted_minor = held.credits,
        debits_pending_minor = held.debits_pending, credits_pending_minor = held.credits_pending,
        version = held.version, last_posted_at = held.at
    from held
    where (select stands from whole) and account.tenant_id = held.tenant_id and account.id = held.id
), written as (
    insert into ledger_transfers
        (tenant_id, id, key, position, kind, subject_id, debit_account_id, credit_account_id, amount_minor,
         currency, reason, cause_kind, cause_id, posted_at, expires_at, debit_version, credit_version,
         debit_balance_after_minor, credit_balance_after_minor, debit_account_debits_pending_minor,
         debit_account_credits_pending_minor, credit_account_debits_pending_minor,
         credit_account_credits_pending_minor)
    select *
    from unnest((select $13::uuid[]), $14::uuid[], $15::text[], $16::smallint[],
        $17::text[], $18::uuid[], $19::uuid[], $20::uuid[],
        $21::bigint[], $22::text[], $23::text[], $24::text[],
        $25::uuid[], $26::timestamptz[], $27::timestamptz[], $28::bigint[],
        $29::bigint[], $30::bigint[], $31::bigint[], $32::bigint[],
        $33::bigint[], $34::bigint[], $35::bigint[])
    where (select stands from whole)
    returning tenant_id, id, subject_id, debit_account_id, credit_account_id, amount_minor, expires_at
), timed as (
    insert into ledger_timeouts
        (tenant_id, pending_id, debit_account_id, credit_account_id, amount_minor, expires_at)
    select tenant_id, id, debit_account_id, credit_account_id, amount_minor, expires_at
    from written
    where expires_at is not null
), ended as (
    delete from ledger_timeouts timeout
    using written
    where timeout.tenant_id = written.tenant_id and timeout.pending_id = written.subject_id
)
select stands as "stands!" from whole
