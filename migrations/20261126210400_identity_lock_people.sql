-- Whoever is locked out signs in nowhere; an account that was erased has been left behind without name and number.
alter table people add column locked_at timestamptz;
alter table people add column erased_at timestamptz;
alter table people add constraint people_erased_are_locked check (erased_at is null or locked_at is not null);

-- Logs of accounts are kept for a time, not for ever.
create index account_acts_old on account_acts (at);

-- Operators look for people by the beginning of a name.
create index people_by_name on people (lower(name) text_pattern_ops);
