-- Who the document of an order names as its buyer, where the buyer wants that or the law does. Written only under the lock of the
-- order, until its money has come: the document then says it.
create table order_recipients (
    tenant_id uuid not null,
    order_id uuid not null,
    gstin text constraint order_recipients_gstin_shape check (
        gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'
    ),
    legal_name text not null,
    address text not null,
    city text not null,
    pin text not null constraint order_recipients_pin_shape check (pin ~ '^[1-9][0-9]{5}$'),
    state_code text not null constraint order_recipients_state_code_shape check (state_code ~ '^[0-9]{2}$'),
    updated_at timestamptz not null,
    primary key (tenant_id, order_id),
    constraint order_recipients_gstin_of_state check (gstin is null or left(gstin, 2) = state_code)
);
