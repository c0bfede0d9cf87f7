-- Reconciliation: what the gateway lists and settles beside our rows and books, a day in India at a time.

-- One comparison of a day, asked for by an operator or due by itself.
create table reconciliation_runs (
    id uuid primary key,
    gateway text not null,
    day date not null,
    state text not null constraint reconciliation_runs_state_known check (state in ('asked', 'done')),
    asked_by uuid,
    reason text,
    compared integer not null default 0,
    matched integer not null default 0,
    booked integer not null default 0,
    opened integer not null default 0,
    closed integer not null default 0,
    -- Why it did not succeed the last time.
    note text,
    asked_at timestamptz not null,
    finished_at timestamptz,
    constraint reconciliation_runs_asker_is_whole check ((asked_by is null) = (reason is null)),
    constraint reconciliation_runs_done_is_finished check ((state = 'done') = (finished_at is not null))
);

create index reconciliation_runs_of_day on reconciliation_runs (gateway, day, asked_at desc);

-- What the gateway settled, under its own ids: a payment, refund, transfer or adjustment in one settlement.
create table settlement_lines (
    gateway text not null,
    entity_id text not null,
    settlement_id text not null,
    kind text not null constraint settlement_lines_kind_known check (
        kind in ('payment', 'refund', 'transfer', 'adjustment')
    ),
    debit_minor bigint not null,
    credit_minor bigint not null,
    amount_minor bigint not null,
    -- With the tax in it.
    fee_minor bigint not null,
    tax_minor bigint not null,
    currency text not null,
    -- The gateway's payment that it is about.
    gateway_payment_id text,
    utr text,
    created_at timestamptz not null,
    settled_at timestamptz not null,
    day date not null,
    source text not null constraint settlement_lines_source_known check (source in ('gateway', 'file')),
    -- The operator takes the fee as it is.
    fee_accepted boolean not null default false,
    -- In whose books it is, and for which payment.
    tenant_id uuid,
    payment_id uuid,
    booked_at timestamptz,
    received_at timestamptz not null,
    primary key (gateway, entity_id, settlement_id),
    -- The gateway's report is kept as it is; what makes no sense is looked at, and never booked.
    constraint settlement_lines_booked_not_negative check (
        booked_at is null or least(debit_minor, credit_minor, amount_minor, fee_minor, tax_minor) >= 0
    ),
    constraint settlement_lines_booked_is_whole check (
        num_nonnulls(tenant_id, payment_id, booked_at) in (0, 3)
    )
);

create index settlement_lines_of_day on settlement_lines (gateway, day);
create unique index settlement_lines_booked_once on settlement_lines (gateway, entity_id) where booked_at is not null;

-- Files of settlement lines that operators gave.
create table settlement_files (
    id uuid primary key,
    gateway text not null,
    sha256 text not null,
    lines integer not null,
    added integer not null,
    person_id uuid not null,
    reason text not null,
    received_at timestamptz not null,
    constraint settlement_files_once unique (gateway, sha256)
);

-- What does not match, or did not.
create table reconciliation_exceptions (
    id uuid primary key,
    gateway text not null,
    day date not null,
    kind text not null constraint reconciliation_exceptions_kind_known check (
        kind in (
            'missing-here', 'missing-at-gateway', 'amount-differs', 'captured-twice', 'fee-differs',
            'refunded-at-gateway', 'not-settled', 'unknown-settlement-line', 'books-differ'
        )
    ),
    -- What the gateway calls the payment, refund, transfer or adjustment.
    subject text not null,
    gateway_payment_id text,
    settlement_id text,
    tenant_id uuid,
    payment_id uuid,
    amount_minor bigint not null,
    expected_minor bigint,
    found_minor bigint,
    detail text not null,
    repair text not null constraint reconciliation_exceptions_repair_known check (
        repair in ('take_in_payment', 'send_back', 'take_in_refund', 'accept_fee', 'post_again', 'look')
    ),
    state text not null constraint reconciliation_exceptions_state_known check (
        state in ('open', 'repaired', 'dismissed')
    ),
    -- Who closed it, and why: one line each.
    audit text,
    run_id uuid not null,
    found_at timestamptz not null,
    updated_at timestamptz not null,
    constraint reconciliation_exceptions_once unique (gateway, day, kind, subject)
);

create index reconciliation_exceptions_by_state on reconciliation_exceptions (state, id desc);

-- A day's comparison asks for rows of every stall by time and by the gateway's ids.
create index payments_at_gateway_by_time on payments (created_at) where gateway is not null;
create index payments_by_gateway_payment on payments (gateway_payment_id) where gateway_payment_id is not null;
create index refunds_by_gateway_refund on refunds (gateway_refund_id) where gateway_refund_id is not null;
create index refunds_by_change on refunds (updated_at);
