-- What went back of an order, refund by refund. The refund itself is payments'; here is what it is of.
create table order_refunds (
    tenant_id uuid not null,
    order_id uuid not null,
    refund_id uuid not null,
    amount_minor bigint not null constraint order_refunds_amount_positive check (amount_minor > 0),
    -- Whose decision it was.
    by text not null constraint order_refunds_by_known check (by in ('vendor', 'operator', 'gateway')),
    person_id uuid,
    -- What the person asked for under this id: the same again is the same refund.
    client_id uuid,
    request jsonb,
    reason text not null,
    created_at timestamptz not null,
    primary key (tenant_id, order_id, refund_id),
    constraint order_refunds_client_id_once unique (tenant_id, client_id),
    constraint order_refunds_request_is_whole check (num_nonnulls(person_id, client_id, request) in (0, 3))
);

-- Which part of each line's worth went back, and how much of the goods with it. The parts of a line lie end to end: the next begins
-- where the one before ended, so that all of them together are the line.
create table order_refund_lines (
    tenant_id uuid not null,
    order_id uuid not null,
    refund_id uuid not null,
    line integer not null,
    before_minor bigint not null constraint order_refund_lines_before_not_negative check (before_minor >= 0),
    amount_minor bigint not null constraint order_refund_lines_amount_positive check (amount_minor > 0),
    -- None for money alone.
    quantity_milli bigint not null constraint order_refund_lines_quantity_not_negative check (quantity_milli >= 0),
    restocked boolean not null,
    primary key (tenant_id, order_id, refund_id, line),
    constraint order_refund_lines_end_to_end unique (tenant_id, order_id, line, before_minor),
    constraint order_refund_lines_restocks_goods check (not restocked or quantity_milli > 0)
);
