-- Writes what postings came to, all or nothing; `write.rs` says when nothing. Parameters of which the planner could make a constant are
-- selected, or it would plan anew each time, which takes longer than the statement.
with wanted as materialized (
    select *
    from unnest((select $1::uuid[]), $2::uuid[], $3::bigint[], $4::bigint[],
            $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
            $9::timestamptz[])
        as wanted (tenant_id, id, version_before, version, debits, credits, debits_pending, credits_pending, at)
    order by id
), changed as (
    update ledger_accounts as account
    set debits_posted_minor = wanted.debits, credits_posted_minor = wanted.credits,
        debits_pending_minor = wanted.debits_pending, credits_pending_minor = wanted.credits_pending,
        version = wanted.version, last_posted_at = wanted.at
    from wanted
    where account.tenant_id = wanted.tenant_id and account.id = wanted.id and account.version = wanted.version_before
    returning account.id
), whole as materialized (
    select ledger_stands(count(*) = cardinality((select $1)) and (cardinality((select $11::uuid[])) = 0 or not exists (
        select from (
            select debit_account_id, credit_account_id
            from ledger_timeouts
            where expires_at <= (select $10::timestamptz)
            order by expires_at, pending_id
            limit (select $12::bigint)
        ) due
        where debit_account_id = any(coalesce((select $11::uuid[]), '{}')) or credit_account_id = any(coalesce((select $11::uuid[]), '{}'))
    ))) as stands
    from changed
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
