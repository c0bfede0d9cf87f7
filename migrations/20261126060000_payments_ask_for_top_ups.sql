-- What is paid is an order, as all that is there, or a top-up of a vendor's prepaid credit: it has no visit and no buyer, its payer is
-- the vendor, and nobody's word counts for it but the gateway's.

alter table payment_intents
    alter column order_id drop not null,
    alter column order_number drop not null,
    alter column visit_id drop not null,
    alter column guest_id drop not null,
    alter column stall_name drop not null,
    add column top_up_id uuid,
    add column top_up_number text,
    -- Whom the payer sees, where it is no stall.
    add column payee text,
    add constraint payment_intents_one_subject check (
        case when top_up_id is null
            then num_nonnulls(order_id, order_number, visit_id, guest_id, stall_name) = 5
                and num_nonnulls(top_up_number, payee) = 0
            else num_nonnulls(order_id, order_number, visit_id, guest_id, stall_name) = 0
                and num_nonnulls(top_up_number, payee) = 2
        end
    ),
    add constraint payment_intents_top_up_by_gateway check (
        top_up_id is null or (gateway is not null and confirmed_by is distinct from 'vendor')
    );

create index payment_intents_of_top_up on payment_intents (tenant_id, top_up_id, id desc) where top_up_id is not null;
create unique index payment_intents_one_top_up_waiting on payment_intents (tenant_id, top_up_id)
    where state in ('preparing', 'waiting', 'checking', 'failed');
create unique index payment_intents_one_top_up_paid on payment_intents (tenant_id, top_up_id)
    where state in ('paid', 'refunded');

alter table payments
    alter column order_id drop not null,
    add column top_up_id uuid,
    add constraint payments_one_subject check (num_nonnulls(order_id, top_up_id) = 1),
    add constraint payments_top_up_by_gateway check (
        top_up_id is null or (gateway is not null and commission_minor = 0)
    );
