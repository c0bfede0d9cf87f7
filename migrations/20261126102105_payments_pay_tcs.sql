-- The tax collected at source of a month in India, as it was paid to the state: once.
create table tcs_payments (
    -- `2026-11`.
    month text primary key,
    id uuid not null,
    -- The number on the receipt of the state's bank.
    challan text not null,
    paid_on date not null,
    amount_minor bigint not null constraint tcs_payments_amount_positive check (amount_minor > 0),
    reason text not null,
    paid_by uuid not null,
    created_at timestamptz not null,
    -- Since when it is in every vendor's books.
    booked_at timestamptz,
    constraint tcs_payments_challan_once unique (challan)
);
