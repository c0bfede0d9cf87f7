-- What a vendor owed the platform and paid from their credit.
create table credit_settlements (
    tenant_id uuid not null,
    id uuid not null,
    -- The sender's own id for it.
    client_id uuid not null,
    amount_minor bigint not null constraint credit_settlements_amount_positive check (amount_minor > 0),
    settled_by uuid not null,
    settled_at timestamptz not null,
    primary key (tenant_id, id),
    constraint credit_settlements_client_id_once unique (tenant_id, client_id)
);

alter table credit_settlements enable row level security;
create policy rows_of_one_business on credit_settlements using (
    current_user <> 'vyapar_tenant' or tenant_id = (select nullif(current_setting('vyapar.business', true), '')::uuid));
