-- A provider's model may have a price of its own, which goes before the provider's; none: the price is for every other model.
alter table credit_prices add column model text;
alter table credit_usage add column model text;

-- What refused work wanted at least, by what it counts, since waiting work was set going last: below that none is tried again.
create table credit_wants (
    tenant_id uuid not null,
    measure text not null,
    wanted_minor bigint not null constraint credit_wants_wanted_positive check (wanted_minor > 0),
    since timestamptz not null,
    primary key (tenant_id, measure)
);
