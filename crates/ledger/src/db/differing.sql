-- Accounts that do not follow from their transfers, and in what; `check.rs` says how that is seen.
with made as (
    select transfer.tenant_id, transfer.debit_account_id, transfer.credit_account_id, transfer.currency,
        transfer.debit_version, transfer.credit_version, transfer.debit_balance_after_minor,
        transfer.credit_balance_after_minor, transfer.debit_account_debits_pending_minor,
        transfer.debit_account_credits_pending_minor, transfer.credit_account_debits_pending_minor,
        transfer.credit_account_credits_pending_minor,
        case when transfer.kind in ('immediate', 'post', 'reversal') then transfer.amount_minor else 0 end as posted,
        case when transfer.kind = 'pending' then transfer.amount_minor
            when transfer.kind in ('post', 'void', 'expire') then -coalesce(subject.amount_minor, 0)
            else 0 end as reserved
    from ledger_transfers transfer
    left join ledger_transfers subject on subject.kind = 'pending'
        and subject.tenant_id = transfer.tenant_id and subject.id = transfer.subject_id
), recomputed as (
    select made.tenant_id, side.account_id, sum(side.debit) as debits, sum(side.credit) as credits,
        sum(side.debit_reserved) as debits_pending, sum(side.credit_reserved) as credits_pending,
        count(*) as transfers, max(side.version) as last_version,
        count(*) filter (where made.currency <> account.currency) as foreign_ones,
        sum(hashtextextended(concat_ws(' ', side.version, side.balance, side.debits_pending, side.credits_pending), $2))
            - sum(hashtextextended(concat_ws(' ', side.version - 1,
                case account.side when 'debit' then side.balance - side.debit + side.credit
                    else side.balance + side.debit - side.credit end,
                side.debits_pending - side.debit_reserved, side.credits_pending - side.credit_reserved), $2))
            as history
    from made
    cross join (values (true), (false)) as part (debited)
    cross join lateral (
        select case when debited then debit_account_id else credit_account_id end as account_id,
            case when debited then posted else 0 end as debit, case when debited then 0 else posted end as credit,
            case when debited then reserved else 0 end as debit_reserved,
            case when debited then 0 else reserved end as credit_reserved,
            case when debited then debit_version else credit_version end as version,
            case when debited then debit_balance_after_minor else credit_balance_after_minor end as balance,
            case when debited then debit_account_debits_pending_minor
                else credit_account_debits_pending_minor end as debits_pending,
            case when debited then debit_account_credits_pending_minor
                else credit_account_credits_pending_minor end as credits_pending
    ) side
    left join ledger_accounts account on account.tenant_id = made.tenant_id and account.id = side.account_id
    group by made.tenant_id, side.account_id
), compared as (
    select coalesce(account.tenant_id, recomputed.tenant_id) as tenant_id,
        coalesce(account.id, recomputed.account_id) as account_id,
        coalesce(account.code, recomputed.account_id::text) as code, coalesce(debits, 0) as debits,
        coalesce(credits, 0) as credits, coalesce(debits_pending, 0) as debits_pending,
        coalesce(credits_pending, 0) as credits_pending, coalesce(transfers, 0) as transfers,
        coalesce(last_version, 0) as last_version, coalesce(debits_posted_minor, 0) as debits_posted_minor,
        coalesce(credits_posted_minor, 0) as credits_posted_minor,
        coalesce(debits_pending_minor, 0) as debits_pending_minor,
        coalesce(credits_pending_minor, 0) as credits_pending_minor, coalesce(version, 0) as version,
        coalesce(foreign_ones, 0) as foreign_ones, coalesce(history, 0) as history,
        case when account.id is null then 0
            else hashtextextended(concat_ws(' ', version,
                    case side when 'debit' then debits_posted_minor - credits_posted_minor
                        else credits_posted_minor - debits_posted_minor end,
                    debits_pending_minor, credits_pending_minor), $2)::numeric
                - hashtextextended('0 0 0 0', $2) end as history_wanted
    from ledger_accounts account
    full join recomputed on recomputed.tenant_id = account.tenant_id and recomputed.account_id = account.id
)
select tenant_id as "tenant!: TenantId", account_id as "account!: AccountId", kind as "kind: FaultKind",
    code as "place!", expected::text as "expected!", found::text as "found!"
from compared, lateral (values
    (null, history_wanted, history),
    (null, 0, foreign_ones),
    ('wrong_debits', debits, debits_posted_minor),
    ('wrong_credits', credits, credits_posted_minor),
    ('wrong_pending', debits_pending, debits_pending_minor),
    ('wrong_pending', credits_pending, credits_pending_minor),
    ('missing_transfers', transfers, version),
    ('missing_transfers', last_version, version)
) as fact (kind, expected, found)
where expected <> found
limit $1
