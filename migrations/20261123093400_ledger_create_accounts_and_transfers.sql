-- The books. Each tenant has books of its own: no transfer crosses tenants.
create table ledger_accounts (
    tenant_id uuid not null,
    id uuid not null,
    code text not null,
    side text not null constraint ledger_accounts_side_known check (side in ('debit', 'credit')),
    balance_limit text not null constraint ledger_accounts_limit_known
        check (balance_limit in ('none', 'debits_must_not_exceed_credits', 'credits_must_not_exceed_debits')),
    currency text not null,
    debits_posted_minor bigint not null default 0,
    credits_posted_minor bigint not null default 0,
    -- How many transfers the account has seen: each carries the number it had in its account's history.
    version bigint not null default 0,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint ledger_accounts_code_unique unique (tenant_id, code),
    constraint ledger_accounts_totals_not_negative check (debits_posted_minor >= 0 and credits_posted_minor >= 0),
    constraint ledger_accounts_debits_within_credits
        check (balance_limit <> 'debits_must_not_exceed_credits' or debits_posted_minor <= credits_posted_minor),
    constraint ledger_accounts_credits_within_debits
        check (balance_limit <> 'credits_must_not_exceed_debits' or credits_posted_minor <= debits_posted_minor)
);

-- Written once, never changed. The transfers of one posting share its key and stand in its order.
create table ledger_transfers (
    tenant_id uuid not null,
    id uuid not null,
    key text not null,
    position smallint not null,
    debit_account_id uuid not null,
    credit_account_id uuid not null,
    amount_minor bigint not null constraint ledger_transfers_amount_positive check (amount_minor > 0),
    currency text not null,
    reason text not null,
    cause_kind text not null,
    cause_id uuid not null,
    debit_version bigint not null,
    credit_version bigint not null,
    -- The two balances, each on its account's own side, once this transfer was posted.
    debit_balance_after_minor bigint not null,
    credit_balance_after_minor bigint not null,
    posted_at timestamptz not null,
    primary key (tenant_id, id),
    constraint ledger_transfers_key_unique unique (tenant_id, key, position),
    constraint ledger_transfers_debit_version_unique unique (tenant_id, debit_account_id, debit_version),
    constraint ledger_transfers_credit_version_unique unique (tenant_id, credit_account_id, credit_version),
    constraint ledger_transfers_between_two_accounts check (debit_account_id <> credit_account_id),
    constraint ledger_transfers_debit_account_known
        foreign key (tenant_id, debit_account_id) references ledger_accounts (tenant_id, id),
    constraint ledger_transfers_credit_account_known
        foreign key (tenant_id, credit_account_id) references ledger_accounts (tenant_id, id)
);

create index ledger_transfers_cause on ledger_transfers (tenant_id, cause_id);
