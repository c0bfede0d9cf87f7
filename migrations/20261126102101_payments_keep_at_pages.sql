-- Pages at a gateway on which a vendor has a card kept without paying.
create table keeping_pages (
    tenant_id uuid not null,
    id uuid not null,
    gateway text not null,
    -- Once the gateway has made it.
    page_url text,
    -- When the gateway refused to.
    failed_at timestamptz,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint keeping_pages_made_or_failed check (page_url is null or failed_at is null)
);

create index gateway_customers_by_id on gateway_customers (gateway, gateway_customer_id);
