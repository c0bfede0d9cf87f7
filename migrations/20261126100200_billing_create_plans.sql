-- Plans, subscriptions to them, what they were invoiced with, and coupons. Amounts are in paise, tax included.

-- One version of a plan. Its terms are never changed: a new version is a new row, and subscribers keep theirs.
create table plans (
    id uuid primary key,
    -- What all versions of a plan share.
    code text not null constraint plans_code_shape check (code ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
    version integer not null constraint plans_version_positive check (version > 0),
    name text not null,
    month_minor bigint not null constraint plans_month_not_negative check (month_minor >= 0),
    year_minor bigint not null constraint plans_year_not_negative check (year_minor >= 0),
    trial_days smallint not null constraint plans_trial_within_a_quarter check (trial_days between 0 and 90),
    -- So many products may be on the shelf.
    products_max integer not null constraint plans_products_not_negative check (products_max >= 0),
    -- Credit that comes with each month.
    included_minor bigint not null constraint plans_included_not_negative check (included_minor >= 0),
    -- Whether it can be chosen, while it is the newest version.
    offered boolean not null default true,
    client_id uuid not null,
    content_hash bytea not null,
    reason text not null,
    -- None: built in.
    created_by uuid,
    created_at timestamptz not null,
    -- Who took it off the list or put it back, and why: one line each.
    acts text,
    constraint plans_version_once unique (code, version),
    constraint plans_client_id_once unique (client_id),
    constraint plans_only_free_costs_nothing
        check ((code = 'free') = (month_minor = 0) and (code = 'free') = (year_minor = 0)),
    constraint plans_free_is_always_there check (code <> 'free' or (offered and trial_days = 0 and included_minor = 0))
);

insert into plans
    (id, code, version, name, month_minor, year_minor, trial_days, products_max, included_minor, client_id, content_hash, reason, created_at)
values
    ('01932f5e-0000-7000-8000-000000000001', 'free', 1, 'Free', 0, 0, 0, 100, 0, '01932f5e-0000-7000-8000-000000000001', '', 'built in',
        '2026-11-26T00:00:00Z');

-- One row for each vendor who ever chose a plan.
create table subscriptions (
    tenant_id uuid primary key,
    state text not null constraint subscriptions_state_known check (state in ('free', 'trialing', 'active', 'past_due')),
    plan_id uuid references plans (id),
    term text constraint subscriptions_term_known check (term in ('month', 'year')),
    -- The periods are counted from here, so that the 31st comes back after a short month.
    anchor_at timestamptz,
    period integer,
    period_start timestamptz,
    period_end timestamptz,
    -- What was paid for the time from `paid_from` to the period's end.
    paid_minor bigint not null default 0 constraint subscriptions_paid_not_negative check (paid_minor >= 0),
    paid_from timestamptz,
    -- What begins with the next period.
    next_plan_id uuid references plans (id),
    next_term text constraint subscriptions_next_term_known check (next_term in ('month', 'year')),
    cancels_at_end boolean not null default false,
    coupon_id uuid,
    -- For how many periods the coupon counts, this one among them; none: for ever.
    coupon_left integer constraint subscriptions_coupon_left_positive check (coupon_left > 0),
    -- How often the money of this period was asked for in vain after the first time.
    attempts smallint not null default 0,
    retry_at timestamptz,
    -- When time changes something next.
    due_at timestamptz,
    -- A trial is given once.
    trialed boolean not null default false,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint subscriptions_whole_unless_free check (
        (state = 'free' and num_nonnulls(plan_id, term, anchor_at, period, period_start, period_end, paid_from) = 0)
        or (state <> 'free' and num_nulls(plan_id, term, anchor_at, period, period_start, period_end, paid_from, due_at) = 0)
    ),
    constraint subscriptions_period_forward check (period_end > period_start),
    constraint subscriptions_next_whole check ((next_plan_id is null) = (next_term is null)),
    constraint subscriptions_past_due_tries_again check ((state = 'past_due') = (retry_at is not null))
);

create index subscriptions_due on subscriptions (due_at, tenant_id) where due_at is not null;
create index subscriptions_running on subscriptions (state, plan_id) where state <> 'free';

-- What was asked for a subscription. Once it is paid it has a number and is never changed.
create table plan_invoices (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null constraint plan_invoices_kind_known check (kind in ('start', 'renewal', 'change')),
    state text not null constraint plan_invoices_state_known check (state in ('open', 'paid', 'void')),
    plan_id uuid not null references plans (id),
    term text not null constraint plan_invoices_term_known check (term in ('month', 'year')),
    period_start timestamptz not null,
    period_end timestamptz not null,
    price_minor bigint not null constraint plan_invoices_price_not_negative check (price_minor >= 0),
    discount_minor bigint not null constraint plan_invoices_discount_not_negative check (discount_minor >= 0),
    -- What was paid before for time that is not used.
    unused_minor bigint not null constraint plan_invoices_unused_not_negative check (unused_minor >= 0),
    total_minor bigint not null constraint plan_invoices_total_not_negative check (total_minor >= 0),
    coupon_id uuid,
    -- Until when it waits for the money: a renewal as long as the subscription does.
    expires_at timestamptz,
    -- Of the platform's series; none where nothing was to be paid.
    financial_year integer,
    number text constraint plan_invoices_number_shape check (number ~ '^[A-Za-z0-9/-]{1,16}$'),
    -- Everything that the paper says, as it was on the day.
    snapshot jsonb,
    created_at timestamptz not null,
    settled_at timestamptz,
    primary key (tenant_id, id),
    constraint plan_invoices_sum check (total_minor = price_minor - discount_minor - unused_minor),
    constraint plan_invoices_settled_has_time check ((state = 'open') = (settled_at is null)),
    constraint plan_invoices_number_where_paid check (
        (state = 'paid' and total_minor > 0) = (number is not null)
        and (number is null) = (financial_year is null) and (number is null) = (snapshot is null)
    ),
    constraint plan_invoices_number_once unique (financial_year, number)
);

create unique index plan_invoices_one_open on plan_invoices (tenant_id) where state = 'open';
create unique index plan_invoices_period_once on plan_invoices (tenant_id, period_start) where kind = 'renewal' and state <> 'void';

create table coupons (
    id uuid primary key,
    code text not null constraint coupons_code_shape check (code ~ '^[A-Z0-9]{3,20}$'),
    -- Thousandths of a per cent, or paise off each period's price.
    percent_milli integer constraint coupons_percent_within_whole check (percent_milli between 1 and 100000),
    fixed_minor bigint constraint coupons_fixed_positive check (fixed_minor > 0),
    -- For so many periods; none: for ever.
    periods integer constraint coupons_periods_positive check (periods > 0),
    redeem_by timestamptz,
    redemptions_max integer constraint coupons_redemptions_max_positive check (redemptions_max > 0),
    redeemed integer not null default 0,
    ended boolean not null default false,
    client_id uuid not null,
    content_hash bytea not null,
    reason text not null,
    created_by uuid not null,
    created_at timestamptz not null,
    acts text,
    constraint coupons_code_once unique (code),
    constraint coupons_client_id_once unique (client_id),
    constraint coupons_percent_or_fixed check ((percent_milli is null) <> (fixed_minor is null)),
    constraint coupons_redeemed_within_max check (redeemed >= 0 and (redemptions_max is null or redeemed <= redemptions_max))
);

create table coupon_redemptions (
    tenant_id uuid not null,
    coupon_id uuid not null references coupons (id),
    redeemed_at timestamptz not null,
    primary key (tenant_id, coupon_id)
);

alter table subscriptions
    add constraint subscriptions_coupon_known foreign key (coupon_id) references coupons (id);
alter table plan_invoices
    add constraint plan_invoices_coupon_known foreign key (coupon_id) references coupons (id);

-- Credit that came with a plan lasts as long as the period.
alter table credit_lots
    drop constraint credit_lots_kind_known,
    add constraint credit_lots_kind_known check (kind in ('paid', 'granted', 'included'));

-- What all tenants' accounts of one code saw, for the platform's own income.
create index ledger_accounts_of_code on ledger_accounts (code);
