-- A payment goes back in parts. What its refunds come to is kept beside it, so that however many are asked for at once, they never
-- give back more than came.

alter table payments
    -- What goes back or went, and how much of the commission with it.
    add column refunded_minor bigint not null default 0,
    add column commission_back_minor bigint not null default 0;

alter table refunds
    drop constraint refunds_one_a_payment,
    -- The commission that goes back with it.
    add column commission_minor bigint not null default 0,
    -- Under which id the books have it: one that is older than this column went by its payment's.
    add column booked_as uuid,
    add constraint refunds_commission_within_amount check (commission_minor between 0 and amount_minor);

update payments
set refunded_minor = refunds.amount_minor, commission_back_minor = payments.commission_minor
from refunds
where refunds.tenant_id = payments.tenant_id and refunds.payment_id = payments.id;

update refunds
set commission_minor = payments.commission_minor, booked_as = payments.id
from payments
where payments.tenant_id = refunds.tenant_id and payments.id = refunds.payment_id;

alter table payments
    add constraint payments_refunded_within_amount check (refunded_minor between 0 and amount_minor),
    add constraint payments_commission_back_within_commission check (commission_back_minor between 0 and commission_minor);

create index refunds_of_payment on refunds (tenant_id, payment_id, id);
