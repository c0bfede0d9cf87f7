-- Credit that is topped up by itself from a kept card when little is left.
create table credit_recharges (
    tenant_id uuid primary key,
    is_on boolean not null,
    -- When less is available …
    below_minor bigint not null constraint credit_recharges_below_positive check (below_minor > 0),
    -- … so much is put in …
    amount_minor bigint not null constraint credit_recharges_amount_positive check (amount_minor > 0),
    -- … but no more in a month, India's.
    month_most_minor bigint not null constraint credit_recharges_amount_within_month check (month_most_minor >= amount_minor),
    -- How often in a row the card said no.
    failures smallint not null default 0,
    -- Why it was switched off by itself.
    stopped text constraint credit_recharges_stopped_known check (stopped in ('refused', 'no_card')),
    -- When it is looked at again without a charge.
    look_at timestamptz,
    -- Who switched what, one line each.
    acts text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint credit_recharges_stopped_is_off check (stopped is null or not is_on)
);

create index credit_recharges_to_look_at on credit_recharges (look_at) where is_on and look_at is not null;

alter table credit_top_ups
    -- Whether nobody asked for it.
    add column by_itself boolean not null default false,
    -- When its card said no.
    add column failed_at timestamptz;

-- One at a time.
create unique index credit_top_ups_one_by_itself on credit_top_ups (tenant_id)
    where by_itself and paid_at is null and failed_at is null;
create index credit_top_ups_by_itself on credit_top_ups (tenant_id, created_at) where by_itself;
