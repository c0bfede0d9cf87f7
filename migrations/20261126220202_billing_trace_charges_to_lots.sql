-- Which lots a charge was taken from, in the order in which they were spent: work at a provider, a day of what was kept, or a plan's invoice.
create table credit_charged_lots (
    tenant_id uuid not null,
    -- The usage or the plan's invoice.
    charge_id uuid not null,
    position smallint not null,
    lot_id uuid not null,
    amount_minor bigint not null constraint credit_charged_lots_amount_positive check (amount_minor > 0),
    primary key (tenant_id, charge_id, position)
);

-- What was charged in time was taken out of what was set aside, in its order. What was charged late, and what plans cost, the books alone tell.
insert into credit_charged_lots (tenant_id, charge_id, position, lot_id, amount_minor)
select tenant_id, usage_id, position, lot_id, taken
from (
    select held.tenant_id, held.usage_id, held.position, held.lot_id,
        least(
            held.amount_minor,
            used.charged_minor - coalesce(
                sum(held.amount_minor) over (
                    partition by held.tenant_id, held.usage_id
                    order by held.position
                    rows between unbounded preceding and 1 preceding
                ),
                0
            )
        )::bigint as taken
    from credit_holds as held
    join credit_usage as used on used.tenant_id = held.tenant_id and used.id = held.usage_id
    where used.state = 'captured' and used.settled_at < used.expires_at
) as parts
where taken > 0;
