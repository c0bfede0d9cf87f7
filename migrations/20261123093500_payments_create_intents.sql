-- How a vendor is paid without a gateway. No row: in cash.
create table payment_profiles (
    tenant_id uuid primary key,
    upi_id text,
    cash boolean not null,
    updated_at timestamptz not null
);

-- An amount asked for an order. Which state may follow which is written in the code.
create table payment_intents (
    tenant_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    order_number text not null,
    visit_id uuid not null,
    guest_id uuid not null,
    stall_name text not null,
    amount_minor bigint not null constraint payment_intents_amount_positive check (amount_minor > 0),
    state text not null constraint payment_intents_state_known check (
        state in ('preparing', 'waiting', 'checking', 'paid', 'failed', 'replaced', 'expired', 'refunded')
    ),
    -- Which gateway is asked; none where there is none or the amount is below what it takes.
    gateway text,
    -- Since when an order may exist at the gateway: from then on it is looked for before another is made.
    asked_at timestamptz,
    -- Why the gateway offers less than it could.
    gateway_note text,
    -- The gateway's payment that is authorised and not yet captured.
    pending_payment text,
    method text,
    confirmed_by text constraint payment_intents_confirmed_by_known check (confirmed_by in ('gateway', 'vendor')),
    reference text,
    received_client_id uuid,
    paid_at timestamptz,
    expires_at timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint payment_intents_paid_is_whole check (
        (state in ('paid', 'refunded')) = (paid_at is not null and method is not null and confirmed_by is not null)
    )
);

create index payment_intents_of_order on payment_intents (tenant_id, order_id, id desc);
create unique index payment_intents_one_waiting on payment_intents (tenant_id, order_id)
    where state in ('preparing', 'waiting', 'checking', 'failed');
create unique index payment_intents_one_paid on payment_intents (tenant_id, order_id)
    where state in ('paid', 'refunded');

-- Under the gateway's own ids: its news name nothing else.
create table gateway_orders (
    gateway_order_id text primary key,
    tenant_id uuid not null,
    intent_id uuid not null,
    created_at timestamptz not null,
    constraint gateway_orders_one_an_intent unique (tenant_id, intent_id)
);

create table gateway_qr_codes (
    gateway_qr_id text primary key,
    tenant_id uuid not null,
    intent_id uuid not null,
    -- What a UPI app reads, exactly as the gateway wrote it.
    image_content text not null,
    closes_at timestamptz not null,
    closed_at timestamptz,
    created_at timestamptz not null,
    constraint gateway_qr_codes_one_an_intent unique (tenant_id, intent_id)
);

-- Money that came: captured by a gateway, or seen by the vendor.
create table payments (
    tenant_id uuid not null,
    id uuid not null,
    intent_id uuid not null,
    order_id uuid not null,
    gateway text,
    gateway_payment_id text,
    -- What it does: pays the order, or goes back because the order wants no more.
    role text not null constraint payments_role_known check (role in ('settles', 'surplus')),
    amount_minor bigint not null constraint payments_amount_positive check (amount_minor > 0),
    commission_minor bigint not null,
    method text not null,
    reference text,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint payments_commission_within_amount check (commission_minor between 0 and amount_minor),
    constraint payments_gateway_is_whole check ((gateway is null) = (gateway_payment_id is null)),
    constraint payments_gateway_payment_once unique (tenant_id, gateway_payment_id)
);

create unique index payments_one_settles on payments (tenant_id, intent_id) where role = 'settles';

-- Money on its way back.
create table refunds (
    tenant_id uuid not null,
    id uuid not null,
    payment_id uuid not null,
    amount_minor bigint not null constraint refunds_amount_positive check (amount_minor > 0),
    reason text not null,
    state text not null constraint refunds_state_known check (
        state in ('asked', 'pending', 'processed', 'failed', 'by_vendor')
    ),
    -- Counts the requests at the gateway: one that failed there is made again under another key.
    attempt smallint not null default 1,
    gateway_refund_id text,
    note text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint refunds_one_a_payment unique (tenant_id, payment_id)
);

-- What gateways told us, byte for byte as it was signed.
create table webhook_events (
    id uuid primary key,
    gateway text not null,
    event_id text not null,
    event text not null,
    body bytea not null,
    signature text not null,
    state text not null constraint webhook_events_state_known check (
        state in ('received', 'done', 'ignored', 'failed')
    ),
    -- What came of it.
    note text,
    -- Who had it worked on again, and why: one line each.
    replays text,
    received_at timestamptz not null,
    updated_at timestamptz not null,
    constraint webhook_events_once unique (gateway, event_id)
);

create index webhook_events_by_age on webhook_events (received_at);
