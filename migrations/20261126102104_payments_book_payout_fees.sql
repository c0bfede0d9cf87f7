-- What the provider took for a payout, with the tax in it, as it is in the books.
alter table payouts
    add column fee_minor bigint not null default 0,
    add column fee_tax_minor bigint not null default 0,
    add constraint payouts_fee_holds_its_tax check (fee_tax_minor between 0 and fee_minor);
