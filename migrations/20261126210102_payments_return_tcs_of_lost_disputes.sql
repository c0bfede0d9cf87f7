-- What a bank takes for good comes back to its buyer as a refund does, and takes its part of the tax collected at source along: in the month
-- in which it was lost. Disputes that were lost before took none, and their months stay as they were handed in.
alter table disputes
    add column lost_at timestamptz,
    add column tcs_minor bigint not null default 0,
    -- How much of the taxable supply came back.
    add column taxable_minor bigint not null default 0,
    add constraint disputes_tcs_not_negative check (tcs_minor >= 0 and taxable_minor >= 0),
    add constraint disputes_tcs_of_what_is_lost check (lost_at is not null or (tcs_minor = 0 and taxable_minor = 0));

create index disputes_taxable on disputes (lost_at) where taxable_minor > 0;
