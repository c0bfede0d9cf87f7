-- Where a vendor is paid out to: each account ever given is kept, the one that is not replaced counts.
create table payout_accounts (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null constraint payout_accounts_kind_known check (kind in ('bank', 'upi')),
    holder text not null,
    ifsc text,
    -- The account's number, sealed; its end is shown.
    number_sealed bytea,
    number_last4 text,
    upi_id text,
    -- What the provider calls it, once it knows it.
    provider text,
    provider_account_id text,
    -- Nothing is paid to a changed account before.
    payable_from timestamptz not null,
    created_by uuid not null,
    created_at timestamptz not null,
    replaced_at timestamptz,
    primary key (tenant_id, id),
    constraint payout_accounts_is_whole check (
        case kind
            when 'bank' then num_nonnulls(ifsc, number_sealed, number_last4) = 3 and upi_id is null
            else num_nonnulls(ifsc, number_sealed, number_last4) = 0 and upi_id is not null
        end
    ),
    constraint payout_accounts_provider_is_whole check ((provider is null) = (provider_account_id is null))
);

create unique index payout_accounts_one_counts on payout_accounts (tenant_id) where replaced_at is null;

-- How long a stall's money is held back, where it is not as long as everybody's: the newest row counts.
create table payout_terms (
    tenant_id uuid not null,
    id uuid not null,
    -- None: as everybody's again.
    hold_days smallint constraint payout_terms_hold_days_known check (hold_days between 0 and 90),
    reason text not null,
    created_by uuid not null,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);

-- One look at every vendor: who has money to come is paid.
create table payout_runs (
    id uuid primary key,
    -- The day in India of a run that came by itself.
    day date,
    asked_by uuid,
    reason text,
    state text not null constraint payout_runs_state_known check (state in ('asked', 'done')),
    payouts integer not null default 0,
    amount_minor bigint not null default 0,
    -- Who took the list for the bank: one line each.
    audit text,
    created_at timestamptz not null,
    finished_at timestamptz,
    constraint payout_runs_asker_is_whole check ((asked_by is null) = (reason is null)),
    constraint payout_runs_done_is_finished check ((state = 'done') = (finished_at is not null))
);

create unique index payout_runs_one_a_day on payout_runs (day) where day is not null;

-- Money on its way to a vendor's account.
create table payouts (
    tenant_id uuid not null,
    id uuid not null,
    run_id uuid not null,
    account_id uuid not null,
    -- The failed one that it makes good.
    retries_id uuid,
    amount_minor bigint not null constraint payouts_amount_positive check (amount_minor > 0),
    state text not null constraint payouts_state_known check (
        state in ('asked', 'pending', 'paid', 'failed', 'reversed', 'cancelled')
    ),
    -- Who makes it: none by hand.
    provider text,
    -- Since when it may exist at the provider: from then on it is looked for before it is called off.
    sent_at timestamptz,
    provider_payout_id text,
    -- What the bank calls it.
    utr text,
    note text,
    -- What operators did to it, and why: one line each.
    audit text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint payouts_account_known foreign key (tenant_id, account_id) references payout_accounts (tenant_id, id),
    constraint payouts_retried_once unique (tenant_id, retries_id),
    constraint payouts_paid_has_utr check (state not in ('paid', 'reversed') or provider is not null or utr is not null)
);

create unique index payouts_one_under_way on payouts (tenant_id) where state in ('asked', 'pending');
create unique index payouts_at_provider on payouts (provider, provider_payout_id) where provider_payout_id is not null;
create index payouts_by_id on payouts (id);
create unique index payouts_once_a_run on payouts (tenant_id, run_id) where retries_id is null;
create index payouts_of_run on payouts (run_id, id);
