-- A payer's bank asks for money back. While it is not decided, the amount is on hold: it counts with the payment as if it went back, so
-- that it cannot go back twice.
create table disputes (
    tenant_id uuid not null,
    id uuid not null,
    payment_id uuid not null,
    -- Absent where a top-up was paid.
    order_id uuid,
    gateway text not null,
    gateway_dispute_id text not null,
    amount_minor bigint not null constraint disputes_amount_positive check (amount_minor > 0),
    -- What is on hold of it, and the commission in that.
    held_minor bigint not null,
    commission_minor bigint not null,
    -- What the gateway takes besides, where it says so.
    fee_minor bigint not null default 0,
    -- The bank's code.
    reason text not null,
    -- How far it has gone between the banks, in the gateway's words.
    phase text not null,
    state text not null constraint disputes_state_known check (
        state in ('open', 'evidence_sent', 'under_review', 'won', 'lost', 'accepted', 'expired', 'closed')
    ),
    -- What was answered, by whom and why.
    answer text constraint disputes_answer_known check (answer in ('accept', 'contest')),
    answered_by uuid,
    statement text,
    -- What came of it at the gateway.
    note text,
    respond_by timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint disputes_once unique (gateway, gateway_dispute_id),
    constraint disputes_held_within_amount check (held_minor between 0 and amount_minor),
    constraint disputes_commission_within_held check (commission_minor between 0 and held_minor),
    constraint disputes_answer_is_whole check ((answer is null) = (answered_by is null))
);

create index disputes_of_payment on disputes (tenant_id, payment_id);
create index disputes_newest on disputes (id desc);
create index disputes_not_over on disputes (updated_at) where state in ('open', 'evidence_sent', 'under_review');

-- What is given to the gateway as evidence, as it was given.
create table dispute_files (
    tenant_id uuid not null,
    dispute_id uuid not null,
    place smallint not null,
    kind text not null constraint dispute_files_kind_known check (kind in ('pack', 'invoice', 'photo')),
    name text not null,
    media_type text not null,
    content bytea not null,
    sha256 text not null,
    -- What the gateway calls it, once it has it.
    gateway_document_id text,
    created_at timestamptz not null,
    primary key (tenant_id, dispute_id, place)
);
