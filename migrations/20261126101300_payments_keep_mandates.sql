-- Mandates beside cards: of a card or of a UPI id, for so much at once, and paused by their owner for a while.
alter table payment_methods
    alter column last4 drop not null,
    alter column expires_month drop not null,
    alter column expires_year drop not null,
    add column kind text not null default 'card' constraint payment_methods_kind_known check (kind in ('card', 'upi')),
    add column upi_id text,
    add column state text not null default 'active'
        constraint payment_methods_state_known check (state in ('pending', 'active', 'paused')),
    -- The most that is taken at once; none where nobody said.
    add column max_minor bigint constraint payment_methods_max_positive check (max_minor > 0),
    add constraint payment_methods_recognisable check (
        (kind = 'card' and last4 is not null) or (kind = 'upi' and upi_id is not null)
    );

alter table gateway_customers
    -- When the gateway was last asked what it keeps.
    add column looked_at timestamptz;

create index gateway_customers_to_look_at on gateway_customers (coalesce(looked_at, created_at));
