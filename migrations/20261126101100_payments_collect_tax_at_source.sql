-- The tax that an operator of a market collects at source from what registered vendors sell through its gateways (section 52 of the CGST
-- Act). Its rate in versions: a rate is never changed, a later one takes its place; nothing collects nothing. Half of it is the centre's
-- and half the state's, or all of it goes between states.
create table tcs_rates (
    id uuid primary key,
    client_id uuid not null,
    content_hash bytea not null,
    basis_points smallint not null,
    effective_from timestamptz not null,
    reason text not null,
    created_by uuid not null,
    created_at timestamptz not null,
    constraint tcs_rates_client_id_once unique (client_id),
    constraint tcs_rates_in_halves check (basis_points between 0 and 200 and basis_points % 2 = 0)
);

create index tcs_rates_by_begin on tcs_rates (effective_from desc, id desc);

-- What of an amount that is asked for is a registered vendor's taxable supply.
alter table payment_intents
    add column supply_gstin text,
    add column supply_place text,
    add column supply_to_registered boolean,
    add column supply_taxable_minor bigint,
    add constraint payment_intents_supply_is_whole check (
        num_nonnulls(supply_gstin, supply_place, supply_to_registered, supply_taxable_minor) in (0, 4)
    ),
    add constraint payment_intents_supply_within_amount check (supply_taxable_minor between 0 and amount_minor);

-- What was collected from a payment, of which supply and by which rate; what of it went back with refunds.
alter table payments
    add column tcs_rate_id uuid,
    add column tcs_gstin text,
    add column tcs_place text,
    add column tcs_to_registered boolean,
    add column tcs_inter_state boolean not null default false,
    add column tcs_taxable_minor bigint not null default 0,
    add column tcs_minor bigint not null default 0,
    add column tcs_back_minor bigint not null default 0,
    -- What refunds come to: what is disputed is in refunded_minor, too, and takes none of the tax along.
    add column returned_minor bigint not null default 0;

update payments
set returned_minor = least(payments.refunded_minor, made.minor)
from (
    select tenant_id, payment_id, sum(amount_minor)::bigint as minor
    from refunds
    where state <> 'withdrawn'
    group by tenant_id, payment_id
) as made
where made.tenant_id = payments.tenant_id and made.payment_id = payments.id;

alter table payments
    add constraint payments_tcs_is_of_a_supply check (
        num_nonnulls(tcs_rate_id, tcs_gstin, tcs_place, tcs_to_registered) in (0, 4)
        and (tcs_rate_id is not null or (tcs_minor = 0 and tcs_taxable_minor = 0))
    ),
    add constraint payments_tcs_through_gateway check (tcs_rate_id is null or gateway is not null),
    add constraint payments_tcs_within_amount check (tcs_minor between 0 and amount_minor - commission_minor),
    add constraint payments_tcs_in_halves check (tcs_inter_state or tcs_minor % 2 = 0),
    add constraint payments_tcs_back_within_tcs check (tcs_back_minor between 0 and tcs_minor),
    add constraint payments_returned_within_refunded check (returned_minor between 0 and refunded_minor);

create index payments_tcs on payments (created_at) where tcs_rate_id is not null;

alter table refunds
    add column tcs_minor bigint not null default 0,
    -- How much of the taxable supply came back.
    add column taxable_minor bigint not null default 0,
    add constraint refunds_tcs_not_negative check (tcs_minor >= 0 and taxable_minor >= 0);

create index refunds_taxable on refunds (created_at) where taxable_minor > 0;
