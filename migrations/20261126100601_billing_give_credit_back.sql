-- Paid credit that goes back to where it was paid from. The refund itself is payments'; here is which credit it was.
create table credit_refunds (
    tenant_id uuid not null,
    -- Payments' id of it.
    refund_id uuid not null,
    top_up_id uuid not null,
    amount_minor bigint not null constraint credit_refunds_amount_positive check (amount_minor > 0),
    -- What of it was credit and is none any more; the rest had been spent, and is owed.
    taken_minor bigint not null constraint credit_refunds_taken_within_amount check (taken_minor between 0 and amount_minor),
    state text not null constraint credit_refunds_state_known check (state in ('asked', 'made', 'refused')),
    -- Who asked for it here, and under which id; none where it was made at the gateway.
    client_id uuid,
    asked_by uuid,
    asked_minor bigint,
    created_at timestamptz not null,
    settled_at timestamptz,
    primary key (tenant_id, refund_id),
    constraint credit_refunds_client_id_once unique (tenant_id, client_id, top_up_id),
    constraint credit_refunds_asked_is_whole check (num_nonnulls(client_id, asked_by, asked_minor) in (0, 3)),
    constraint credit_refunds_settled_has_time check ((state = 'asked') = (settled_at is null))
);

-- A top-up first fills what is owed; where that is all of it, nothing becomes credit.
alter table credit_top_ups
    drop constraint credit_top_ups_paid_is_whole,
    add column owed_minor bigint not null default 0
        constraint credit_top_ups_owed_within_amount check (owed_minor between 0 and amount_minor),
    add constraint credit_top_ups_paid_is_whole check (
        case when paid_at is null then lot_id is null and owed_minor = 0 else (lot_id is null) = (owed_minor = amount_minor) end
    );

create index credit_top_ups_of_lot on credit_top_ups (tenant_id, lot_id) where lot_id is not null;

-- A top-up that is no longer to go back, because the gateway would not give it back, is credit again.
alter table refunds
    drop constraint refunds_state_known,
    add constraint refunds_state_known
        check (state in ('asked', 'pending', 'processed', 'failed', 'by_vendor', 'withdrawn'));
