-- What a plan's period costs beyond the credit is charged to what a gateway keeps for the vendor, after notice.
alter table credit_top_ups
    -- Until when it is waited for; half an hour where nothing stands here.
    add column expires_at timestamptz,
    -- The invoice of a plan that it is charged for.
    add column invoice_id uuid,
    -- What is charged, as its owner recognises it.
    add column charged text,
    add constraint credit_top_ups_invoice_by_itself check (invoice_id is null or by_itself);

drop index credit_top_ups_one_by_itself;
create unique index credit_top_ups_one_by_itself on credit_top_ups (tenant_id)
    where by_itself and invoice_id is null and paid_at is null and failed_at is null;
create unique index credit_top_ups_one_an_invoice on credit_top_ups (tenant_id, invoice_id)
    where invoice_id is not null and paid_at is null and failed_at is null;
create index credit_top_ups_of_invoice on credit_top_ups (tenant_id, invoice_id, id desc) where invoice_id is not null;

alter table subscriptions
    -- The beginning of the period of whose charge the vendor had notice, and when.
    add column noticed_for timestamptz,
    add column noticed_at timestamptz,
    add constraint subscriptions_notice_whole check ((noticed_for is null) = (noticed_at is null));

create index subscriptions_to_notice on subscriptions (period_end, tenant_id) where state in ('trialing', 'active') and not cancels_at_end;
