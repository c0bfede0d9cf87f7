-- Whoever puts a product on a vendor's shelf locks this row first, so that two at one moment never go past what the plan allows.
create table shelves (
    tenant_id uuid primary key
);
