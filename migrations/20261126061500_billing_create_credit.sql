-- Vendors' prepaid credit: prices of provider work, lots of credit, and what was used. Amounts of money are in the books; `_micros` are
-- millionths of a rupee.

-- What a provider's work costs. A row is never changed: a new price is a new row with a later beginning.
create table credit_prices (
    id uuid primary key,
    client_id uuid not null,
    content_hash bytea not null,
    provider text not null,
    measure text not null constraint credit_prices_measure_known
        check (measure in ('audio_ms', 'speech_characters', 'translation_characters')),
    -- So many of the measure's unit cost so much.
    per bigint not null constraint credit_prices_per_positive check (per > 0),
    price_micros bigint not null constraint credit_prices_not_negative check (price_micros >= 0),
    effective_from timestamptz not null,
    reason text not null,
    created_by uuid not null,
    created_at timestamptz not null,
    constraint credit_prices_client_id_once unique (client_id)
);

create index credit_prices_in_force on credit_prices (provider, measure, effective_from desc, id desc);

create table credit_wallets (
    tenant_id uuid primary key,
    -- What was used and is not charged yet, below a paisa.
    carry_micros bigint not null default 0 constraint credit_wallets_carry_below_a_paisa
        check (carry_micros between 0 and 9999),
    frozen boolean not null default false,
    -- Who froze or unfroze it, and why: one line each.
    acts text,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

-- Credit that came in at once. What is left of it is the balance of its account in the books.
create table credit_lots (
    tenant_id uuid not null,
    id uuid not null,
    account_id uuid not null,
    kind text not null constraint credit_lots_kind_known check (kind in ('paid', 'granted')),
    given_minor bigint not null constraint credit_lots_given_positive check (given_minor > 0),
    -- Lower ones are spent first.
    priority smallint not null,
    -- The one measure it pays for; none: every one.
    scope text,
    expires_at timestamptz,
    -- Since when nothing is left of it.
    closed_at timestamptz,
    client_id uuid,
    content_hash bytea,
    reason text,
    created_by uuid,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint credit_lots_client_id_once unique (tenant_id, client_id),
    constraint credit_lots_granted_by_somebody check (
        (kind = 'granted') = (reason is not null and created_by is not null and client_id is not null and content_hash is not null)
    )
);

create index credit_lots_open on credit_lots (tenant_id, id) where closed_at is null;
create index credit_lots_expiring on credit_lots (expires_at) where closed_at is null and expires_at is not null;

-- Work at a provider: reserved before it starts, captured or released afterwards.
create table credit_usage (
    tenant_id uuid not null,
    id uuid not null,
    provider text not null,
    measure text not null,
    state text not null constraint credit_usage_state_known check (state in ('reserved', 'captured', 'released', 'expired')),
    amount_max bigint not null constraint credit_usage_amount_not_negative check (amount_max >= 0),
    quantity bigint,
    -- None: nobody had put a price on it, and it was given away.
    price_id uuid references credit_prices (id),
    exact_micros bigint,
    charged_minor bigint,
    cause_kind text not null,
    cause_id uuid not null,
    visit_id uuid,
    expires_at timestamptz not null,
    created_at timestamptz not null,
    settled_at timestamptz,
    primary key (tenant_id, id),
    constraint credit_usage_captured_is_whole check (
        (state = 'captured') = (quantity is not null and exact_micros is not null and charged_minor is not null)
    ),
    constraint credit_usage_settled_has_time check ((state = 'reserved') = (settled_at is null))
);

create index credit_usage_captured on credit_usage (tenant_id, id desc) where state = 'captured';
create index credit_usage_by_day on credit_usage (tenant_id, settled_at) where state = 'captured';
create index credit_usage_overdue on credit_usage (expires_at) where state = 'reserved';

-- Which lots a reservation holds, in the order in which they are spent. The amounts are pending transfers in the books.
create table credit_holds (
    tenant_id uuid not null,
    usage_id uuid not null,
    position smallint not null,
    lot_id uuid not null,
    transfer_id uuid not null,
    amount_minor bigint not null constraint credit_holds_amount_positive check (amount_minor > 0),
    primary key (tenant_id, usage_id, position)
);

create table credit_top_ups (
    tenant_id uuid not null,
    id uuid not null,
    client_id uuid not null,
    -- What people call it.
    number text not null,
    amount_minor bigint not null constraint credit_top_ups_amount_positive check (amount_minor > 0),
    -- What it became, once it was paid.
    lot_id uuid,
    created_at timestamptz not null,
    paid_at timestamptz,
    primary key (tenant_id, id),
    constraint credit_top_ups_client_id_once unique (tenant_id, client_id),
    constraint credit_top_ups_paid_is_whole check ((lot_id is null) = (paid_at is null))
);
