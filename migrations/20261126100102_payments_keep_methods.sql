-- Cards that vendors let a gateway keep: who each vendor is there, and enough to recognise a card by, never enough to pay with elsewhere.

create table gateway_customers (
    tenant_id uuid not null,
    gateway text not null,
    gateway_customer_id text not null,
    created_at timestamptz not null,
    primary key (tenant_id, gateway)
);

create table payment_methods (
    tenant_id uuid not null,
    id uuid not null,
    gateway text not null,
    gateway_method_id text not null,
    -- The same for every use of one card.
    fingerprint text not null,
    brand text not null,
    last4 text not null,
    expires_month smallint not null,
    expires_year smallint not null,
    is_default boolean not null,
    created_at timestamptz not null,
    -- Since when the vendor wants it kept no more.
    removed_at timestamptz,
    primary key (tenant_id, id),
    constraint payment_methods_once unique (tenant_id, gateway, gateway_method_id),
    constraint payment_methods_removed_is_no_default check (removed_at is null or not is_default)
);

create unique index payment_methods_one_a_card on payment_methods (tenant_id, gateway, fingerprint) where removed_at is null;
create unique index payment_methods_one_default on payment_methods (tenant_id) where is_default;

alter table payment_intents
    -- The card that is charged, where the vendor is not asked.
    add column method_id uuid,
    -- Whether the gateway is to keep the card that pays it.
    add column keep_method boolean not null default false,
    add constraint payment_intents_method_of_top_up check (
        (method_id is null and not keep_method) or top_up_id is not null
    );
