create table orders (
    tenant_id uuid not null,
    id uuid not null,
    number integer not null,
    visit_id uuid not null,
    guest_id uuid not null,
    buyer_number integer not null,
    buyer_language text not null,
    vendor_language text not null,
    state text not null constraint orders_state_known check (
        state in ('open', 'paid', 'handed_over', 'cancelled', 'expired', 'refunded')
    ),
    total_minor bigint not null constraint orders_total_positive check (total_minor > 0),
    -- Until when the stock is held for the buyer.
    hold_until timestamptz not null,
    -- The intent that asks for the whole total; a further agreement replaces it.
    intent_id uuid,
    -- When the money was turned into goods and a document. An order may be paid a moment before.
    settled_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint orders_number_once unique (tenant_id, number)
);

-- A further agreement of the same visit joins the unpaid order.
create unique index orders_one_open on orders (tenant_id, visit_id) where state = 'open';
create index orders_of_visit on orders (tenant_id, visit_id, id desc);
-- For whoever runs the installation: across stalls.
create index orders_newest on orders (id desc);
create index orders_newest_of_state on orders (state, id desc);

-- Orders are numbered without gaps: the counter's row is locked until the order stands or never was.
create table order_counters (
    tenant_id uuid primary key,
    orders integer not null
);

create table order_lines (
    tenant_id uuid not null,
    order_id uuid not null,
    line integer not null,
    offer_id uuid not null,
    product_id uuid not null,
    item text not null,
    product_name text not null,
    price_minor bigint not null,
    per_milli bigint not null,
    price_unit text not null,
    quantity_milli bigint not null,
    unit text not null,
    total_minor bigint not null constraint order_lines_total_positive check (total_minor > 0),
    hold_id uuid not null,
    -- What was said on the way to this price: the evidence in a dispute.
    transcript jsonb not null,
    primary key (tenant_id, order_id, line),
    constraint order_lines_offer_once unique (tenant_id, offer_id)
);

create table order_events (
    tenant_id uuid not null,
    order_id uuid not null,
    seq integer not null,
    state text not null constraint order_events_state_known check (
        state in ('open', 'paid', 'handed_over', 'cancelled', 'expired', 'refunded')
    ),
    -- Why, where the state does not say it.
    reason text constraint order_events_reason_known check (reason in ('by_buyer', 'by_vendor', 'out_of_stock')),
    at timestamptz not null,
    primary key (tenant_id, order_id, seq)
);
