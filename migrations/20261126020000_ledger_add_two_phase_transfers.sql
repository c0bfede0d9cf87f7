-- Two-phase transfers, reversals, and balances at past times.

-- What pending transfers reserve is kept apart from what was posted, and counts on the side that a limit restricts.
alter table ledger_accounts
    add column debits_pending_minor bigint not null default 0,
    add column credits_pending_minor bigint not null default 0,
    -- Times never go back within an account's history, whatever the clock does.
    add column last_posted_at timestamptz,
    add constraint ledger_accounts_pending_not_negative
        check (debits_pending_minor >= 0 and credits_pending_minor >= 0),
    add constraint ledger_accounts_debits_reserved_within_credits
        check (balance_limit <> 'debits_must_not_exceed_credits'
            or debits_pending_minor + debits_posted_minor <= credits_posted_minor),
    add constraint ledger_accounts_credits_reserved_within_debits
        check (balance_limit <> 'credits_must_not_exceed_debits'
            or credits_pending_minor + credits_posted_minor <= debits_posted_minor);

-- Every posting updates its accounts in place: room on the page spares the indexes.
alter table ledger_accounts set (fillfactor = 50);

alter table ledger_transfers
    add column kind text not null default 'immediate' constraint ledger_transfers_kind_known
        check (kind in ('immediate', 'pending', 'post', 'void', 'expire', 'reversal')),
    -- The pending transfer that this one resolves, or the transfer that it reverses.
    add column subject_id uuid,
    add column expires_at timestamptz,
    -- What was reserved on the two sides of the two accounts, once this transfer was made.
    add column debit_account_debits_pending_minor bigint not null default 0,
    add column debit_account_credits_pending_minor bigint not null default 0,
    add column credit_account_debits_pending_minor bigint not null default 0,
    add column credit_account_credits_pending_minor bigint not null default 0,
    add constraint ledger_transfers_subject_where_needed
        check ((kind in ('post', 'void', 'expire', 'reversal')) = (subject_id is not null)),
    add constraint ledger_transfers_only_pending_expires
        check (expires_at is null or (kind = 'pending' and expires_at > posted_at)),
    add constraint ledger_transfers_subject_known
        foreign key (tenant_id, subject_id) references ledger_transfers (tenant_id, id);

-- A pending transfer is resolved once, another reversed once.
create unique index ledger_transfers_subject_unique on ledger_transfers (tenant_id, subject_id)
    where subject_id is not null;

-- The last transfer of an account up to a moment.
create index ledger_transfers_debit_time on ledger_transfers (tenant_id, debit_account_id, posted_at, debit_version);
create index ledger_transfers_credit_time on ledger_transfers (tenant_id, credit_account_id, posted_at, credit_version);

update ledger_accounts account
set last_posted_at = (
    select max(posted_at)
    from ledger_transfers transfer
    where transfer.tenant_id = account.tenant_id
      and account.id in (transfer.debit_account_id, transfer.credit_account_id)
);

-- The pending transfers that time out and are not resolved yet; a row goes when its transfer is resolved.
create table ledger_timeouts (
    tenant_id uuid not null,
    pending_id uuid not null,
    debit_account_id uuid not null,
    credit_account_id uuid not null,
    amount_minor bigint not null constraint ledger_timeouts_amount_positive check (amount_minor > 0),
    expires_at timestamptz not null,
    primary key (tenant_id, pending_id),
    constraint ledger_timeouts_pending_known
        foreign key (tenant_id, pending_id) references ledger_transfers (tenant_id, id)
);

create index ledger_timeouts_due on ledger_timeouts (expires_at);
